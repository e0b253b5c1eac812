"""What is measured of a finished clip: each number moves with what it is named after, and says None where
nobody can judge."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from django.test import Client

from accounts.models import User
from generation import hand, scores
from generation.models import Clip, ClipScores
from generation.scores import Looker, Scores
from model.scene import material, world
from model.scene import tracks as T
from model.scene.reel import Reel, Shot, one
from tests.generation.conftest import Ask

SIDE, FPS = 128, 8.0


def seen(frames: list[Any]) -> Looker:
    looker = Looker(FPS)
    assert sum(1 for _ in looker.passing(iter(frames))) == len(frames), "every frame goes on"
    return looker


def cloth(shift: int = 0, light: float = 1.0) -> Any:
    import cv2

    rough = np.random.default_rng(1).integers(40, 200, (16, 16, 3), np.uint8)
    big = cv2.resize(rough, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    return np.clip(np.roll(big, shift, axis=1) * light, 0, 255).astype(np.uint8)


def film(step: int = 0, jump: float = 0.0) -> list[Any]:
    return [cloth(step * k, 1 + jump * (k % 2)) for k in range(16)]


def test_a_light_that_jumps_is_flicker_and_a_slow_pan_is_motion() -> None:
    still, moving, jumping = (
        scores.measure(prompt="", looker=seen(film(step=s, jump=j))) for s, j in ((0, 0), (2, 0), (0, 0.2))
    )
    assert still.flicker == still.motion == 0.0
    assert moving.motion == pytest.approx(2 * FPS / SIDE, rel=0.2), "two pixels a frame, in heights a second"
    assert jumping.flicker is not None and moving.flicker is not None
    assert jumping.flicker > 0.08 > 4 * moving.flicker
    assert jumping.overall < still.overall


def test_a_blurred_picture_is_less_sharp_whatever_its_contrast() -> None:
    import cv2

    crisp = np.random.default_rng(2).integers(0, 255, (SIDE, SIDE), np.uint8)
    soft = cv2.GaussianBlur(crisp, (0, 0), 2)
    pale = (crisp // 4 + 90).astype(np.uint8)
    assert scores.sharpness_of(crisp) > 0.8 > 0.7 > scores.sharpness_of(soft)
    assert scores.sharpness_of(pale) == pytest.approx(scores.sharpness_of(crisp), abs=0.05)
    assert scores.sharpness_of(np.full((SIDE, SIDE), 9, np.uint8)) == 0.0


@pytest.fixture
def jumping() -> T.Scene:
    """The simulator's own jump in a park."""
    plan = T.Plan(T.WorldPlan(place="park"), [T.PersonPlan(action="jump")])
    return world.scene_of(world.animate([plan], 3), 0, 0)


def test_the_words_are_looked_for_in_the_scene_and_the_action_in_its_motion(jumping: T.Scene) -> None:
    found = scores.shows("a woman jumps in the desert", one(jumping))
    assert found == {"kind:woman": True, "verb:jump": True, "place:desert": False}
    elsewhere = world.scene_of(
        world.animate([T.Plan(T.WorldPlan(place="desert"), [T.PersonPlan(action="walk")])], 4), 0, 0
    )
    both = Reel([Shot(jumping), Shot(elsewhere)])
    assert scores.shows("a woman jumps in the park. Then she walks in the desert", both) == {
        "kind:woman": True, "verb:jump": True, "place:park": True, "verb:walk": True, "place:desert": True,
    }  # fmt: skip
    jumping.plan.people[0].action = "sleep"  # what the plan says is no proof of what it shows
    told = scores.measure(prompt="a woman sleeps", looker=None, material=material.pack_reel(one(jumping)))
    assert told.prompt_match == 0.5 and list(told.missing) == ["verb:sleep"]


def test_the_simulators_own_jump_passes_the_probes_and_one_in_slow_air_does_not(jumping: T.Scene) -> None:
    fair = scores.measure(prompt="", looker=None, material=material.pack_reel(one(jumping)))
    held, of = fair.probes["flight"]
    assert fair.physics == 1.0 and held == of > 0
    jumping.people[..., T.H["y"]] *= 0.4
    slow = scores.measure(prompt="", looker=None, material=material.pack_reel(one(jumping)))
    assert slow.physics == 0.0 and slow.probes["flight"][1] > 0


def test_what_cannot_be_judged_is_said_to_be_unknown() -> None:
    unknown = scores.measure(prompt="a red kite", looker=None, material=b"somebody else's")
    assert unknown == Scores() and unknown.overall == 0.0
    half = scores.measure(prompt="a red kite", looker=None, material=b"PK\x03\x04 torn")
    assert half == Scores()
    assert scores.measure(prompt="", looker=None, identity=[0.5, 0.7]).identity_match == 0.6


def test_a_clip_keeps_its_scores_and_shows_them_to_its_maker_alone(ask: Ask, bob: User, carol: User) -> None:
    row = ask(bob)
    hand.drain()
    row.refresh_from_db()
    clip = row.clip
    assert clip is not None
    kept = scores.of(clip)
    assert kept is not None and kept.flicker is not None and kept.sharpness is not None
    assert kept.prompt_match is None and kept.physics is None, "cloth is no scene"
    assert "score" in row.stage_seconds
    client = Client()
    client.force_login(bob)
    page = client.get(f"/clips/{clip.public_id}").content.decode()
    assert "Sharpness" in page and "Flicker" in page and "Prompt match" not in page
    told = client.get(f"/api/v1/clips/{clip.public_id}").json()["scores"]
    assert told["sharpness"] == kept.sharpness and told["physics"] is None
    client.force_login(carol)
    assert client.get(f"/clips/{clip.public_id}").status_code == 404


def test_the_best_of_several_is_the_one_that_keeps_the_face_and_the_words(bob: User, now: Any) -> None:
    def clip(**values: float) -> Clip:
        made = Clip.objects.create(maker=bob, engine="x", duration_ms=1000, width=2, height=2, sealed_at=now)
        if values:
            scores.keep(made, Scores(**values))
        return made

    sharp = clip(sharpness=0.9, prompt_match=0.5, identity_match=0.3)
    like = clip(sharpness=0.6, prompt_match=0.5, identity_match=0.6)
    bare = clip()
    assert scores.best([sharp, like, bare]) == like
    assert scores.best([bare, clip()]) == bare, "the first of equals"
    assert scores.best([]) is None
    scores.keep(sharp, Scores(identity_match=1.0))
    assert ClipScores.objects.get(clip=sharp).identity_match == 0.3, "measured once"
