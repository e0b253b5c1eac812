"""The simulator is the teacher: its physics is measured, not believed."""

from random import Random

import numpy as np
import pytest

from model import judge
from model.scene import tracks as T
from model.scene import world
from model.scene.plans import invent, mend
from model.scene.tracks import H, Q, W


def _alone(action, place="park", **fields):
    plan = T.Plan(
        T.WorldPlan(place=place, camera="follow" if action in T.TRAVELLING else "static"),
        [T.PersonPlan(action=action, **fields)],
    )
    return mend(plan)


@pytest.fixture(scope="module")
def many():
    return world.batch(7, 400, middle=0.3)


@pytest.mark.parametrize("action", ["jump", "backflip", "toss", "kick"])
@pytest.mark.parametrize("place", ["park", "moon"])
@pytest.mark.parametrize("kind", ["woman", "boy"])
def test_everything_thrown_or_jumping_falls_with_the_gravity_of_its_place(action, place, kind):
    found = [
        f
        for seed in range(4)
        for f in judge.flights(world.simulate(seed, _alone(action, place, kind=kind))[0])
    ]
    assert found
    assert max(residual for residual, _, _ in found) < 0.01
    assert all(abs(ratio - 1) < 0.02 for _, ratio, _ in found)


def test_a_dropped_ball_bounces_with_the_restitution_of_the_world():
    scenes = [world.simulate(seed, _alone("bounce"))[0] for seed in range(6)]
    measured = [e for s in scenes for e in judge.restitutions(s)]
    assert len(measured) > 6
    assert abs(np.median(measured) - T.RESTITUTION) < 0.04
    assert min(s.props[0, :, Q["y"]].min() for s in scenes) > 0.08  # never through the floor


@pytest.mark.parametrize("action", ["walk", "run", "sneak", "march", "skip"])
def test_standing_feet_do_not_slide_over_the_ground(action):
    for facing in (-1, 1):
        scene, _ = world.simulate(3, _alone(action, facing=facing))
        slide, speed = judge.foot_slide(scene)
        assert speed > 0.01
        assert slide < 0.12 * speed
        assert np.sign(scene.world[:, W["travel"]].mean()) == facing


def test_feet_stay_above_the_ground_while_the_body_is_upright(many):
    for k, plan in enumerate(many.plans):
        for i, person in enumerate(plan.people):
            if person.action == "boat":  # sits in a hull that lies in the water
                continue
            p = many.people[k, i]
            limit = (
                0.03 if person.then == T.NO_ACTION and person.action not in T.PAIRED else 0.10
            )  # blends dip
            upright = p[:, H["spin_cos"]] > 0.999
            _, ly, _, ry = T.feet(p, person.scale)
            assert min(ly[upright].min(initial=0), ry[upright].min(initial=0)) > -limit, (
                person.action,
                person.then,
            )


def test_every_action_place_prop_and_camera_is_played(many):
    r = Random(1)
    plans = [invent(r) for _ in range(6000)]
    assert {p.action for plan in plans for p in plan.people} == set(T.ACTIONS)
    assert {q.kind for plan in plans for q in plan.props} == set(T.PROPS)
    assert {plan.world.place for plan in plans} == set(T.PLACES)
    assert {plan.world.camera for plan in plans} == set(T.CAMERAS)
    assert {len(plan.people) for plan in plans} == {1, 2, 3}
    assert np.isfinite(many.people).all() and np.isfinite(many.props).all() and np.isfinite(many.world).all()


def test_the_cast_stays_in_a_portrait_picture(many):
    begins = [k for k in range(len(many.plans)) if many.begins[k]]
    outside = 0
    for k in begins:
        n = len(many.plans[k].people)
        half = 0.5625 / many.world[k, :, W["zoom"]]
        outside += bool((np.abs(many.people[k, :n, :, H["x"]]) > half * 1.15).mean() > 0.02)
    assert outside / len(begins) < 0.05


def test_the_same_seed_gives_the_same_clip_and_another_another():
    one, caption = world.simulate(5)
    two, again = world.simulate(5)
    other, _ = world.simulate(6)
    assert (
        caption == again and np.array_equal(one.people, two.people) and np.array_equal(one.world, two.world)
    )
    assert other.plan != one.plan


def test_a_mirrored_movement_is_the_same_movement_in_a_mirror():
    right, _ = world.simulate(2, _alone("walk", facing=1))
    back = T.mirror_people(T.mirror_people(right.people))
    assert np.allclose(back, right.people)
    assert np.allclose(T.mirror_people(right.people)[..., H["x"]], -right.people[..., H["x"]])


def test_the_judge_of_actions_knows_the_simulators_own():
    b = world.batch(1, 1500, middle=0.0)
    learnt = judge.ActionJudge.learn([world.scene_of(b, i, i) for i in range(len(b.plans))])
    test = world.batch(2, 150, middle=0.0)
    scenes = [world.scene_of(test, i, i) for i in range(150) if test.plans[i].people[0].then == T.NO_ACTION]
    right = np.mean([learnt.judge(s) == s.plan.people[0].action for s in scenes])
    assert right > 0.9
