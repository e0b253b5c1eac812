"""Ways from one clip into another, as the simulator teaches them."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
import torch

from model.judge import seam
from model.scene import bridges as b
from model.scene import tracks as T
from model.scene import world
from model.scene.plans import fits, invent
from model.scene.tracks import H, W
from model.scene_training import POOL_TENSORS, Feeders, Pool, at_both_ends


@pytest.fixture(scope="module")
def ways() -> world.Batch:
    return b.bridges(5, 120)


def test_a_way_neither_jumps_nor_hurries(ways):
    borders = [
        seam(world.scene_of(ways, i, i), at) for i in range(len(ways.plans)) for at in (b.ENDS, T.N - b.ENDS)
    ]
    assert float(np.mean(borders)) < 1.2
    clips = world.batch(6, 120, middle=1.0)
    typical = np.abs(np.diff(clips.people / T.SCALE["person"], 2, axis=2)).mean()
    inside = np.abs(np.diff(ways.people / T.SCALE["person"], 2, axis=2))[:, :, b.ENDS : T.N - b.ENDS].mean()
    assert inside < 1.5 * typical


def test_whoever_stands_is_not_dragged_over_the_ground():
    """Somebody stands left in one clip and right in the other: the camera moves, not their feet."""
    stand = T.Plan(T.WorldPlan("park"), [T.PersonPlan(action="stand")])
    first, second = (world.animate([stand], seed, 1.0) for seed in (1, 2))
    first.people[..., H["x"]] -= 0.3
    second.people[..., H["x"]] += 0.3
    way = b._between([b.turning(stand, stand)], first, second, np.random.default_rng(1))
    across = way.people[0, 0, :, H["x"]]
    assert across[-1] - across[0] > 0.5
    ground = across + np.cumsum(way.world[0, :, W["travel"]])
    assert np.ptp(ground) < 0.06


def test_both_ends_are_those_of_the_clips():
    plans = [invent(Random(i)) for i in range(6)]
    first, second = (world.animate(plans, seed, 1.0) for seed in (1, 2))
    way = b._between(plans, first, second, np.random.default_rng(1))
    assert np.array_equal(way.people[:, :, : b.ENDS], first.people[:, :, : b.ENDS])
    assert np.allclose(way.people[:, :, T.N - b.ENDS :], second.people[:, :, T.N - b.ENDS :])
    assert np.allclose(way.world[:, T.N - b.ENDS :], second.world[:, T.N - b.ENDS :])


def test_the_second_clip_can_be_played_by_the_same_people():
    r = Random(3)
    for _ in range(200):
        plan = invent(r)
        other = b.otherwise(plan, r)
        assert [p.kind for p in other.people] == [p.kind for p in plan.people]
        assert other.props == plan.props
        for old, new in zip(plan.people, other.people, strict=True):
            assert new.action == old.action or fits(plan.world.place, new.action)
            assert new.action == old.action or old.action in b.FREE


def test_training_knows_both_ends_of_a_bridge_and_captions_none():
    pool = Pool.simulate(1, 40)
    assert pool.told == 40 and len(pool.shapes) > 40 and len(pool.words) == 40
    assert torch.equal(at_both_ends().nonzero()[:, 0], torch.tensor([0, 1, 2, T.K - 3, T.K - 2, T.K - 1]))


def test_processes_that_simulate_ahead_bring_the_same_clips():
    feeders = Feeders(1, 24)
    for seed in (8, 9):
        here, there = Pool.simulate(seed, 24), feeders.take(seed)
        assert all(torch.equal(getattr(here, name), getattr(there, name)) for name in POOL_TENSORS)
        assert (here.shapes == there.shapes).all() and here.told == there.told
    feeders.workers.shutdown(cancel_futures=True)
