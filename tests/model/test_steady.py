"""What the clean-up mends, and what it leaves alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from model.judge import foot_slide, restitutions, seam
from model.scene import tracks as T
from model.scene import world
from model.scene.borders import between
from model.scene.steady import steady
from model.scene.tracks import H, Q


def _scene(action: str, seed: int = 3, seconds: float = 5.0, camera: str = "static") -> T.Scene:
    ball = [T.PropPlan("ball", "red", "ground", 0)] if action == "bounce" else []
    plan = T.Plan(T.WorldPlan("park", camera=camera), [T.PersonPlan(action=action)], ball)
    return world.simulate(seed, plan, seconds)[0]


def test_a_jump_at_a_border_is_spread_over_the_new_side_and_the_known_side_stays() -> None:
    scene = _scene("dance")
    torn = replace(scene, people=scene.people.copy())
    torn.people[:, 30:] += 0.1 * T.SCALE["person"]
    known = np.arange(60) < 30
    mended = replace(torn, people=np.stack([between(p, known) for p in torn.people]))
    assert np.array_equal(mended.people[:, :30], torn.people[:, :30])
    assert np.array_equal(mended.people[:, 40:], torn.people[:, 40:])
    assert seam(torn, 30) > 1.5 and seam(mended, 30) < 1.2
    earlier = replace(torn, people=np.stack([between(p, ~known) for p in torn.people]))
    assert np.array_equal(earlier.people[:, 30:], torn.people[:, 30:]) and seam(earlier, 30) < 1.2


def test_a_bridge_is_mended_at_both_of_its_ends() -> None:
    scene = _scene("dance")
    torn = replace(scene, people=scene.people.copy())
    torn.people[:, 15:45] -= 0.15 * T.SCALE["person"]
    known = (np.arange(60) < 15) | (np.arange(60) >= 45)
    mended = replace(torn, people=np.stack([between(p, known) for p in torn.people]))
    assert np.array_equal(mended.people[:, known], torn.people[:, known])
    for border in (15, 45):
        assert seam(mended, border) < 1.2 < seam(torn, border)


@pytest.mark.parametrize("known", [[0], [59], []])
def test_a_border_without_room_on_both_sides_changes_nothing(known: list[int]) -> None:
    track = _scene("wave").people[0]
    assert np.array_equal(between(track, np.isin(np.arange(60), known)), track)


def test_a_ball_that_lost_its_beat_bounces_with_the_true_restitution() -> None:
    scene = _scene("bounce")
    tired = replace(scene, props=scene.props.copy())
    y = tired.props[0, :, Q["y"]]
    y[22:] = 0.5 * y[22:] + 0.5 * np.convolve(np.pad(y, 4, mode="edge"), np.ones(9) / 9, "valid")[22:]
    mended = steady(tired)
    assert np.abs(mended.props[0, :, Q["y"]] - scene.props[0, :, Q["y"]]).max() < 0.05
    assert abs(np.median(restitutions(mended)) - T.RESTITUTION) < 0.02


def test_a_ball_that_nobody_drops_is_left_where_it_is() -> None:
    scene = _scene("bounce")
    held = replace(scene, props=scene.props.copy())
    held.props[0, :, Q["y"]] = 1.1
    assert np.array_equal(steady(held).props, held.props)


@pytest.mark.parametrize("action", ["walk", "run", "skip"])
def test_a_foot_that_slides_stands_still_and_one_that_travels_is_lifted(action: str) -> None:
    scene = _scene(action, camera="follow")
    sliding = replace(scene, people=scene.people.copy())
    sliding.people[..., H["hip_r"]] += 0.05 * np.sin(np.arange(60) * 1.1)
    sliding.people[..., H["hip_l"]] -= 0.05 * np.sin(np.arange(60) * 0.9)
    before, after = foot_slide(sliding), foot_slide(steady(sliding))
    assert before is not None and after is not None
    assert after[0] < 0.5 * before[0]


def test_a_simulated_walk_is_already_steady() -> None:
    scene = _scene("walk", camera="follow")
    feet, mended = (np.stack(T.feet(s.people[0], 1.0)) for s in (scene, steady(scene)))
    assert np.abs(mended - feet).max() < 0.03 and np.median(np.abs(mended - feet)) < 0.003
