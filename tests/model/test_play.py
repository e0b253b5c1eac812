"""Playing: what was shown stays, what is pressed comes next, and the process takes no nonsense."""

import base64

import numpy as np
import pytest
import torch

from model import generate, play, playing
from model.config import PRESETS
from model.scene import material
from model.scene import tracks as T
from model.scene.reel import one
from model.transformer import Transformer


@pytest.fixture(scope="module")
def tiny():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    net = Transformer(PRESETS["tiny"])
    for head in net.write.values():
        torch.nn.init.normal_(head.weight, std=0.05)
    yield generate.Native(net, {})
    torch.set_num_threads(threads)


@pytest.fixture()
def scene(tiny):
    return tiny.motion(T.Plan(people=[T.PersonPlan(action="walk")]), 3, 1, steps=1)


def test_a_run_begins_with_the_clip_and_goes_on(tiny, scene):
    run = play.Run(tiny, scene)
    began = run.frames
    assert np.array_equal(run.made.people, scene.people[:, :began])
    at, made = run.more()
    assert at == began and made.frames == began + play.FRESH * T.S
    assert np.array_equal(made.people[:, :began], scene.people[:, :began]) and np.isfinite(made.people).all()


def test_what_is_pressed_forgets_what_was_not_shown(tiny, scene):
    run = play.Run(tiny, scene)
    run.more()
    before = run.made.people.copy()
    at = run.steer("jump", at=run.frames - 6)
    assert run.frames == at == before.shape[1] - 6
    run.more()
    assert np.array_equal(run.made.people[:, :at], before[:, :at])
    assert run.plan.people[0].action == "jump"
    assert not np.allclose(run.made.people[:, at : at + 6], before[:, at : at + 6])


def test_turning_round_and_hurrying_are_clamped(tiny, scene):
    run = play.Run(tiny, scene)
    run.steer(facing=-1, energy=99.0, at=10**6)
    assert (run.plan.people[0].facing, run.plan.people[0].energy) == (-1, 1.0)
    run.steer(facing=7, energy=float("nan"), at=-5)
    assert run.plan.people[0].facing == -1 and run.frames == play.KNOWN * T.S


@pytest.mark.parametrize("action", ["fly to the moon", "hug", "guitar", "sleep"])
def test_what_nobody_here_can_do_is_refused(tiny, scene, action):
    with pytest.raises(play.CannotPlay) as refused:
        play.Run(tiny, scene).steer(action)
    assert refused.value.code == "no_such_action"


def test_whoever_was_busy_with_a_thing_or_a_partner_stands(tiny):
    people = [T.PersonPlan(action="hug"), T.PersonPlan(action="hug", facing=-1)]
    run = play.Run(tiny, tiny.motion(T.Plan(people=people), 2, 1, steps=1))
    assert [p.action for p in run.plan.people] == ["stand", "stand"]


def test_a_guitar_is_put_down_and_a_dog_comes_along(tiny):
    plan = T.Plan(
        people=[T.PersonPlan(action="guitar")],
        props=[T.PropPlan("guitar"), T.PropPlan("dog", placement="beside")],
    )
    scene = tiny.motion(plan, 2, 1, steps=1)
    run = play.Run(tiny, scene)
    assert [thing.kind for thing in run.plan.props] == ["dog"] and run.plan.people[0].action == "stand"
    dog = [thing.kind for thing in scene.plan.props].index("dog")
    assert np.array_equal(run.made.props[0, : T.S], scene.props[dog, : T.S])


def test_every_playable_action_is_a_word_of_the_world():
    assert set(play.PLAYABLE) <= set(T.ACTIONS) and not set(play.PLAYABLE) & T.PAIRED


def opening(scene, **more):
    packed = base64.b64encode(material.pack_reel(one(scene, ["alice"]))).decode()
    return {"material": packed, "person": 0, "seed": 2} | more


@pytest.fixture()
def player(tiny, scene, monkeypatch):
    from model.scene import stage

    monkeypatch.setattr(stage.Stage.__init__, "__defaults__", (None, (72, 128)))
    return playing.Player(tiny, opening(scene))


def test_a_player_gets_the_set_and_moments_in_order(player):
    about, slot = player.first()
    assert about["fps"] == 12 and "jump" in about["actions"] and slot["from"] == 0 and slot["images"]
    count = len(slot["frames"])
    more = player.onwards() or player.onwards()
    if more is None:
        player.shown = count - 1
        more = player.onwards()
    assert more["from"] == count and more["frames"] and more["images"] == {}


def test_a_press_replaces_moments_that_were_not_shown(player):
    player.first()
    player.shown = 3
    slot = player.steer({"action": "jump", "shown": 5})
    assert slot["from"] == 5 + 1 + playing.LEAD and len(slot["frames"]) == play.FRESH * T.S
    assert len(player.memories) == player.run.frames + 1


def test_a_kept_run_is_what_was_shown(player):
    player.first()
    for shown in range(10, 60, 10):
        player.shown = shown
        player.onwards()
    kept = player.keep()
    reel = material.unpack_reel(base64.b64decode(kept["material"]))
    assert reel.frames == 51 and reel.shots[0].who == ["alice"]
    assert kept["seconds"] == pytest.approx(51 / 12)


def test_a_run_ends_after_a_minute(player):
    player.first()
    player.run.made = play._held(player.run.made, play.LONGEST_S * T.FPS)
    assert player.run.is_full and player.onwards() is None


def test_pictures_and_moments_of_no_sense_open_nothing(tiny, scene):
    for bad in ({}, opening(scene) | {"material": "AAAA"}, opening(scene) | {"heads": {"0": {}}}):
        with pytest.raises((KeyError, ValueError, TypeError)):
            playing.Player(tiny, bad)
