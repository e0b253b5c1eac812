"""One set of drawing rules: a display list, sent as JSON and drawn again, is the picture that skia drew."""

import json

import numpy as np
import pytest
import skia

from model.scene import strokes
from model.scene import tracks as T
from model.scene.draw_paint import canvas_of, fill, glow, line, ramp
from model.scene.plans import mend
from model.scene.stage import AbsentHead, Memory, Now, Stage, cell_of, poses
from model.scene.world import simulate

SIZE = (144, 256)


def stage_of(kinds, things=(), place="city", weather="rain", time="night", action="walk"):
    people = [T.PersonPlan(kind=kind, action=action, outfit="dress", accessory="scarf") for kind in kinds]
    props = [T.PropPlan(thing, placement="carried", owner=0) for thing in things]
    plan = mend(T.Plan(T.WorldPlan(place, time, weather, "follow"), people, props))
    scene, _ = simulate(3, plan)
    return scene, Stage(scene, size=SIZE)


def moment(scene, stage, k):
    now = Now(1.3, k / 12, np.zeros(len(scene.people)), np.ones(len(scene.props)))
    return (scene.world[k], scene.people[:, k], scene.props[:, k], scene.blink[:, k], now)


@pytest.mark.parametrize(
    ("kinds", "things", "place", "weather", "action"),
    [
        (["woman", "robot"], ["umbrella"], "city", "rain", "walk"),
        (["cat", "astronaut", "grandfather"], [], "meadow", "wind", "dance"),
        (["panda"], [], "stage", "clear", "guitar"),
        (["girl"], ["balloon"], "park", "fog", "wave"),
        (["boy"], [], "snowfield", "snow", "bicycle"),
    ],
)
def test_a_display_list_drawn_again_is_the_same_picture(kinds, things, place, weather, action):
    scene, stage = stage_of(kinds, things, place, weather, action=action)
    at = moment(scene, stage, 17)
    sent = json.loads(json.dumps(stage.moment(*at)))
    paints = json.loads(json.dumps(stage.paints.rows))
    direct, again = canvas_of(*SIZE), canvas_of(*SIZE)
    stage.draw(direct[0].getCanvas(), *at)
    view = stage.view_at(at[-1])
    canvas = again[0].getCanvas()
    strokes.replay(
        sent, canvas, paints, stage.image, lambda entry, draw: stage.cast.lay_group(canvas, view, entry, draw)
    )
    away = np.abs(direct[1].astype(int) - again[1])
    assert away.mean() < 0.12 and (away.max(2) > 24).mean() < 0.004
    assert any(entry[0] == "g" for entry in sent) and direct[1].std() > 10


def test_what_was_told_once_is_not_told_again():
    scene, stage = stage_of(["woman"])
    first = stage.moment(*moment(scene, stage, 5))
    images, paints = stage.fresh_images(), stage.paints.fresh()
    assert images and paints and all(data[:4] == b"RIFF" for data in images.values())
    assert len(json.dumps(first)) < 60_000
    stage.moment(*moment(scene, stage, 5))
    assert stage.fresh_images() == {} and stage.paints.fresh() == []


def test_the_set_goes_round_and_round():
    scene, stage = stage_of(["woman"], weather="clear")
    for far in (0.0, 7.0, -300.0, 900.0):
        tape = strokes.Tape(stage.paints, stage.name_of)
        stage.set.draw_layers(tape, stage.view_at(Now(far, 0.0, np.zeros(1), np.ones(0))), front=False)
        names = {entry[1] for entry in tape.entries}
        assert len(names) >= 3, f"a layer ended at {far}"


def test_a_real_head_is_a_name_and_a_pose_and_no_pixels():
    scene, _ = simulate(3, T.Plan(people=[T.PersonPlan(action="talk")]))
    stage = Stage(scene, {0: AbsentHead("f0", np.array([0.8, 0.6, 0.5]))}, SIZE)
    entries = stage.moment(*moment(scene, stage, 9))
    inside = next(entry for entry in entries if entry[0] == "g")[4]
    shown = [entry[1] for entry in inside if entry[0] == "I"]
    assert len(shown) == 1 and shown[0].startswith("f0:") and int(shown[0][3:]) < len(poses()) == 40


def test_the_pose_follows_the_face():
    person, _ = stage_of(["woman"])
    from model.scene.draw_looks import Face

    def pose(turn, mouth, blink):
        return poses()[cell_of(Face(turn, mouth, 0.0, 0.0, blink, "calm", 0.0))]

    assert pose(0.0, 0.0, 0.0) == (0, 0, 0) and pose(1.0, 1.0, 1.0) == (10, 6, 2)
    assert pose(-0.45, 0.33, 0.0) == (3, -3, 0)


@pytest.mark.parametrize(
    "paint",
    [
        fill(np.array([0.2, 0.4, 0.6]), 0.5),
        line(np.array([1, 0, 0]), 3, 0.7),
        ramp((0, 0), (20, 0), np.array([1, 0, 0]), np.array([0, 0, 1]), alphas=(1.0, 0.3)),
        glow(10, 10, 9, np.array([1, 1, 0]), 0.8),
    ],
)
def test_a_paint_comes_back(paint):
    tape = strokes.Tape(strokes.Table(), lambda image: "")
    tape.drawCircle(10, 10, 8, paint)
    sent = json.loads(json.dumps([tape.entries, tape.paints.rows]))
    one, two = canvas_of(20, 20), canvas_of(20, 20)
    one[0].getCanvas().drawCircle(10, 10, 8, paint)
    strokes.replay(sent[0], two[0].getCanvas(), sent[1], lambda name: None)
    assert np.abs(one[1].astype(int) - two[1]).max() <= 2 and two[1].any()


def test_a_path_comes_back():
    path = skia.Path()
    path.addOval(skia.Rect(2, 3, 17, 12))
    path.addCircle(9, 9, 4)
    path.moveTo(1, 1)
    path.cubicTo(4, 9, 12, -3, 15.5, 15.25)
    path.quadTo(2, 2, 3, 3)
    path.close()
    again = strokes.unsvg(strokes.svg(path))
    box, other = path.computeTightBounds(), again.computeTightBounds()
    assert abs(box.left() - other.left()) < 0.05 and abs(box.bottom() - other.bottom()) < 0.05


def test_a_stroke_that_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="no stroke"):
        strokes.replay(
            [["x", 0]], canvas_of(4, 4)[0].getCanvas(), [[[0, 0, 0, 1], None, None, 0]], lambda n: None
        )


def test_memory_adds_up_the_way_and_turns_what_turned():
    plan = T.Plan(people=[T.PersonPlan()], props=[T.PropPlan("bird", placement="air")])
    memory, world = Memory(plan), np.zeros(T.WD)
    world[T.W["travel"]] = 0.05
    people, props = np.zeros((1, T.HD)), np.zeros((1, T.QD))
    first = memory.next(world, people, props)
    back = memory.copy()
    props = props.copy()
    props[0, T.Q["x"]] = -0.2
    second = memory.next(world, people, props)
    assert second.scroll == pytest.approx(0.1) and second.heading[0] == -1 and first.heading[0] == 1
    assert back.next(world, people, props * 0).heading[0] == 1
