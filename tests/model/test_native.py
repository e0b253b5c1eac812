"""The engine end to end, tiny and untrained where training does not matter, shipped where it does."""

import json
import pickle
from dataclasses import replace

import numpy as np
import pytest
import torch

from model import checkpoint, flow, generate, train, verbs
from model.config import PRESETS
from model.scene import material
from model.scene import tracks as T
from model.transformer import Transformer


@pytest.fixture(scope="module")
def tiny():
    torch.manual_seed(0)
    net = Transformer(PRESETS["tiny"])
    for head in net.write.values():
        torch.nn.init.normal_(head.weight, std=0.05)
    return generate.Native(net, {})


@pytest.fixture(scope="module")
def shipped():
    return generate.load()


@pytest.fixture()
def weights(tmp_path):
    net = Transformer(PRESETS["tiny"])
    path = tmp_path / "w.safetensors"
    checkpoint.save(path, net.state_dict(), checkpoint.describe(net, step=3))
    return path


def test_the_tiny_preset_trains_saves_resumes_and_makes_a_clip(tmp_path):
    figures = train.train(1, tmp_path, "tiny", True, seed=3, steps=4)
    assert figures["start"] == "nothing" and figures["step"] == 4
    figures = train.train(1, tmp_path, "tiny", False, seed=3, steps=2)
    assert figures["start"] == "running checkpoint" and figures["step"] == 6
    assert (tmp_path / "curves.png").stat().st_size > 1000 or not (tmp_path / "log.jsonl").read_text()
    native = generate.load(tmp_path / "average.safetensors")
    scene = native.motion(native.cast("a woman walks", 1), 2.0, 1, steps=2)
    assert scene.frames == 24 and np.isfinite(scene.people).all()


def test_the_same_seed_gives_the_same_clip_whatever_is_beside_it_in_the_batch(tiny):
    one, two = tiny.casts(["a man runs", "a girl sings in the rain"], [5, 6], steps=3)
    assert tiny.casts(["a girl sings in the rain"], [6], steps=3)[0].people[0].kind == two.people[0].kind
    plan = T.Plan()
    a, b = tiny.motion(plan, 5, 9, steps=3), tiny.motion(plan, 5, 9, steps=3)
    assert np.array_equal(a.people, b.people) and np.array_equal(a.blink, b.blink)
    assert not np.array_equal(a.people, tiny.motion(plan, 5, 10, steps=3).people)


@pytest.mark.parametrize("verb", ["first", "last", "keyframes", "forwards", "backwards", "bridge"])
def test_known_key_frames_come_back_untouched_and_the_others_do_not(tiny, verb):
    plan = T.Plan(props=[T.PropPlan()])
    source = tiny.motion(plan, 5, 1, steps=2)
    task = {
        "first": lambda: verbs.first(plan, source, 20),
        "last": lambda: verbs.last(plan, source, 20),
        "keyframes": lambda: verbs.keyframes(plan, {2: (source, 0), 7: (source, 30)}),
        "forwards": lambda: verbs.forwards(plan, source),
        "backwards": lambda: verbs.backwards(plan, source),
        "bridge": lambda: verbs.bridge(plan, source, source),
    }[verb]()
    out = tiny.sample(task, 4, steps=3)
    frames = np.repeat(task.known, T.S)
    assert frames.any() and not frames.all()
    for made, given in (
        (out.world, task.given.world),
        (out.people[0], task.given.people[0]),
        (out.props[0], task.given.props[0]),
    ):
        assert np.array_equal(made[frames], given[frames])
        assert not np.allclose(made[~frames], given[~frames])


def test_longer_clips_keep_what_they_had(tiny):
    scene = tiny.motion(T.Plan(), 5, 1, steps=2)
    longer = tiny.extend(scene, 4, 1, steps=2)
    assert longer.frames == scene.frames + 48 and np.array_equal(longer.people[:, :60], scene.people)
    earlier = tiny.extend(scene, 2, 1, backwards=True, steps=2)
    assert earlier.frames == 84 and np.array_equal(earlier.people[:, -60:], scene.people)
    looped = tiny.loop(scene, 1, steps=2)
    assert np.array_equal(looped.people[:, :60], scene.people) and looped.frames > 60
    joined = tiny.connect(scene, tiny.motion(T.Plan(), 5, 2, steps=2), 1, steps=2)
    assert joined.frames == 120 + (T.K - 2 * verbs.ENDS) * T.S


def test_an_edit_changes_the_world_and_keeps_the_people(tiny):
    scene = tiny.motion(T.Plan(props=[T.PropPlan()]), 5, 1, steps=2)
    night = tiny.edit(scene, "at night in the rain", 1, steps=2)
    assert (night.plan.world.time, night.plan.world.weather) == ("night", "rain")
    assert night.plan.world.place == scene.plan.world.place
    assert np.array_equal(night.people, scene.people) and np.array_equal(night.props, scene.props)
    assert not np.allclose(night.world, scene.world)


def test_remix_keeps_the_cast_and_recast_keeps_the_movement(tiny):
    scene = tiny.motion(T.Plan(people=[T.PersonPlan(kind="robot", top="teal")]), 5, 1, steps=2)
    remixed = tiny.remix(scene, "a man dances", 2, steps=2)
    assert (remixed.plan.people[0].kind, remixed.plan.people[0].top) == ("robot", "teal")
    assert remixed.plan.world.place == scene.plan.world.place
    other = tiny.recast(scene, 0, T.PersonPlan(kind="bear"))
    assert other.plan.people[0].kind == "bear" and other.plan.people[0].action == scene.plan.people[0].action
    assert np.array_equal(other.people[..., 3:], scene.people[..., 3:])


def test_scenes_with_other_casts_cannot_be_joined(tiny):
    one = tiny.motion(T.Plan(), 5, 1, steps=1)
    two = tiny.motion(T.Plan(people=[T.PersonPlan(), T.PersonPlan()]), 5, 1, steps=1)
    with pytest.raises(generate.CastDiffers):
        tiny.connect(one, two)


@pytest.mark.parametrize(("seconds", "frames"), [(0, 12), (1, 12), (5, 60), (7.5, 90), (1e9, 720)])
def test_lengths_are_clamped(tiny, seconds, frames):
    assert tiny.motion(T.Plan(), seconds, 1, steps=1).frames == frames


def test_a_length_that_is_no_number_is_refused(tiny):
    with pytest.raises(ValueError, match="number of seconds"):
        tiny.motion(T.Plan(), float("nan"), 1, steps=1)


def test_progress_is_told_and_stopping_stops_within_a_step(tiny):
    told = []
    tiny.motion(T.Plan(), 10, 1, steps=2, on_step=lambda i, n: told.append((i, n)))
    assert told == [(i, len(told)) for i in range(1, len(told) + 1)] and len(told) >= 4
    with pytest.raises(flow.Stopped):
        tiny.motion(T.Plan(), 10, 1, steps=2, should_stop=lambda: True)


def test_an_empty_prompt_is_refused(tiny):
    with pytest.raises(generate.EmptyPrompt):
        tiny.cast("  ")


@pytest.mark.parametrize("seed", [-1, 0, 2**63, 2**200])
def test_any_seed_will_do(tiny, seed):
    assert tiny.cast("a cat", seed, steps=1).people


def test_a_scene_survives_as_bytes_and_damaged_bytes_are_refused(tiny):
    scene = tiny.motion(T.Plan(props=[T.PropPlan()]), 2, 7, steps=1)
    data = material.pack(scene)
    again = material.unpack(data)
    assert again.plan == scene.plan and np.allclose(again.people, scene.people, atol=1e-5) and again.seed == 7
    for bad in (b"", b"x" * 100, data[:-40], pickle.dumps(scene)):
        with pytest.raises(material.BadMaterial):
            material.unpack(bad)


def _spoil(path, how):
    tensors, about = checkpoint.load(path)
    if how == "truncated":
        path.write_bytes(path.read_bytes()[:-1000])
    elif how == "not_finite":
        tensors["null"][0] = float("nan")
        checkpoint.save(path, tensors, about)
    elif how == "other_config":
        checkpoint.save(path, tensors, {**about, "config": {**about["config"], "width": 64}})
    elif how == "greedy":  # would take all memory if it were built
        greedy = {"depth": 10**9, "width": 10**9, "vocabulary": 10**9}
        checkpoint.save(path, tensors, {**about, "config": {**about["config"], **greedy}})
    elif how == "other_concepts":
        checkpoint.save(path, tensors, {**about, "concepts": ["pad", "ufo"]})
    elif how == "pickle":
        path.write_bytes(pickle.dumps({"a": 1}))
    elif how == "torch":
        torch.save({"a": torch.zeros(2)}, path)
    elif how == "missing":
        path.unlink()
    elif how == "no_json":
        path.with_suffix(".json").write_text("{")


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("truncated", "truncated"),
        ("not_finite", "not_finite"),
        ("other_config", "other_config"),
        ("greedy", "other_config"),
        ("other_concepts", "other_config"),
        ("pickle", "not_safetensors"),
        ("torch", "not_safetensors"),
        ("missing", "missing"),
        ("no_json", "truncated"),
    ],
)
def test_bad_weights_are_refused_by_name(weights, how, reason):
    assert checkpoint.load_network(weights)[1]["step"] == 3
    _spoil(weights, how)
    with pytest.raises(checkpoint.BadCheckpoint) as refused:
        checkpoint.load_network(weights)
    assert refused.value.reason == reason


def test_a_killed_save_leaves_the_old_pair(weights, monkeypatch):
    before = weights.read_bytes()
    monkeypatch.setattr("os.replace", lambda *a: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        checkpoint.save(weights, {"a": torch.zeros(3)}, {"step": 4})
    monkeypatch.undo()
    assert weights.read_bytes() == before and checkpoint.load_network(weights)[1]["step"] == 3


def test_the_shipped_weights_follow_a_prompt(shipped):
    plan = shipped.cast("a girl in a red coat walks in the city at night in the snow, tracking shot", 1)
    assert (plan.world.place, plan.world.time, plan.world.weather) == ("city", "night", "snow")
    assert len(plan.people) == 1 and plan.people[0].action == "walk"
    plan = shipped.cast("机器人在舞台上跳舞，雨", 1)
    assert plan.people[0].kind == "robot" and plan.world.place == "stage" and plan.world.weather == "rain"


def test_the_shipped_weights_walk_with_their_feet_on_the_ground(shipped):
    plan = T.Plan(T.WorldPlan(camera="follow"), [T.PersonPlan(action="walk")])
    scene = shipped.motion(plan, 5, 1)
    assert scene.world[:, 0].mean() > 0.015  # the camera goes where they go
    _, left, _, right = T.feet(scene.people[0], plan.people[0].scale)
    assert np.abs(np.minimum(left, right)).mean() < 0.05


def test_what_is_beside_the_shipped_weights_describes_them(shipped):
    about = json.loads(generate.WEIGHTS.with_suffix(".json").read_text())
    assert about["config"]["width"] == shipped.network.config.width and generate.WEIGHTS.stat().st_size < 30e6
    assert replace(shipped.network.config) == PRESETS["scene"]
