"""Every verb, with a tiny untrained network: what is known stays, who plays whom, and how shots meet."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from model import directing, flow, generate
from model.config import PRESETS
from model.directing import Director, Picture, Role
from model.scene import draw_reel, material, showing, wishes
from model.scene import tracks as T
from model.scene.reel import Reel, Shot, one
from model.storyboard import CUT, Asked, OtherShots, retake, shoot
from model.transformer import Transformer

ALICE, PIP = Role("alice"), Role("pip", {"kind": "robot", "top": "teal"})


class Quick(generate.Native):
    """Two steps, whatever is asked."""

    def casts(self, prompts, seeds, *args, **kwargs):
        return super().casts(
            prompts, seeds, *args[:2], 2, 1.0, **{k: kwargs[k] for k in kwargs if k == "heed"}
        )

    def samples(self, tasks, seeds, steps=2, *args, **kwargs):
        return super().samples(tasks, seeds, 2, *args, **kwargs)


@pytest.fixture(scope="module")
def tiny():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # a network this small only waits for its helpers
    yield quick()
    torch.set_num_threads(threads)


def quick():
    torch.manual_seed(0)
    net = Transformer(PRESETS["tiny"])
    for head in net.write.values():
        torch.nn.init.normal_(head.weight, std=0.05)
    return Quick(net, {})


@pytest.fixture(scope="module")
def clip(tiny):
    """Five seconds of Alice, who walks on the beach with a dog."""
    plan = T.Plan(
        T.WorldPlan(place="beach"), [T.PersonPlan(action="walk")], [T.PropPlan("dog", placement="beside")]
    )
    return one(tiny.motion(plan, 5, 1, steps=2), ["alice"])


@pytest.fixture(scope="module")
def other(tiny):
    """Two robots in the city, Pip among them."""
    people = [T.PersonPlan(kind="robot", action="stand"), T.PersonPlan(kind="robot", action="stand")]
    return one(tiny.motion(T.Plan(T.WorldPlan(place="city"), people), 5, 2, steps=2), ["", "pip"])


def director(tiny, *roles):
    return Director(tiny, 3, roles)


def test_somebody_cast_takes_the_first_place_that_is_only_drawn(tiny):
    reel = director(tiny, ALICE, PIP).text("a woman waves", 2)
    plan, who = reel.shots[0].scene.plan, reel.shots[0].who
    assert who[:2] == ["alice", "pip"] and plan.people[1].kind == "robot" and plan.people[1].top == "teal"


def test_a_picture_begins_or_ends_a_clip_untouched(tiny, clip):
    picture = Picture(clip.shots[0], 20)
    begins = director(tiny, ALICE).image(picture, "", 5).shots[0]
    assert begins.who == ["alice"] and begins.scene.frames == 60
    assert begins.scene.seed == clip.shots[0].scene.seed, "palms and clouds would stand elsewhere"
    assert np.allclose(begins.scene.people[0, : T.S], clip.shots[0].scene.people[0, 20 : 20 + T.S])
    ends = director(tiny, ALICE).last(picture, "", 7).shots[0]
    assert ends.scene.frames == 84 and ends.scene.seed == clip.shots[0].scene.seed
    assert np.allclose(ends.scene.people[0, -T.S :], clip.shots[0].scene.people[0, 20 : 20 + T.S], atol=0.2)


def test_a_picture_with_another_action_brings_its_thing(tiny, clip):
    begins = director(tiny, ALICE).image(Picture(clip.shots[0], 0), "she plays the guitar at night", 5)
    plan = begins.shots[0].scene.plan
    assert plan.world.time == "night" and plan.world.place == "beach"
    assert {"guitar", "dog"} <= {thing.kind for thing in plan.props} or plan.people[0].action != "guitar"
    assert len(begins.shots[0].scene.props) == len(plan.props)


def test_keyframes_are_passed_where_they_were_asked(tiny, clip):
    shot = clip.shots[0]
    pictures = [Picture(shot, 0, 0.0), Picture(shot, 30, 4.0), Picture(shot, 50, 9.0)]
    scene = director(tiny, ALICE).keyframes(pictures, "", 9.0).shots[0].scene
    assert scene.frames == 108 and scene.seed == shot.scene.seed
    for at, frame in ((0, 0), (round(4.0 * 12 / 5) * 5, 30), (21 * 5, 50)):
        n = min(T.S, scene.frames - at)
        assert np.allclose(scene.world[at : at + n], shot.scene.world[frame : frame + n])


@pytest.mark.parametrize("backwards", [False, True])
def test_a_longer_clip_keeps_what_it_had(tiny, clip, backwards):
    longer = director(tiny).extend(clip, 3, backwards)
    scene = longer.shots[0].scene
    kept = scene.people[:, -60:] if backwards else scene.people[:, :60]
    assert scene.frames == 96 and np.array_equal(kept, clip.shots[0].scene.people)
    assert longer.shots[0].who == ["alice"]


def test_a_thing_that_appears_while_extending_comes_with_a_new_shot(tiny, clip):
    longer = director(tiny).extend(clip, 3, False, "she plays the guitar")
    assert longer.seconds == pytest.approx(8, abs=0.1)
    if len(longer.shots) == 2:
        first, then = longer.shots
        assert np.array_equal(first.scene.people, clip.shots[0].scene.people) and then.fade == 0


def test_a_loop_leads_back_and_keeps_the_clip(tiny, clip, other):
    looped = director(tiny).loop(clip)
    assert len(looped.shots) == 1 and looped.seconds == pytest.approx(7.5)
    both = Reel([*one(clip.shots[0].scene, ["alice"]).shots, *one(other.shots[0].scene).shots])
    looped = director(tiny).loop(both)
    assert len(looped.shots) == 3 and looped.shots[2].scene.plan.world.place == "beach"
    assert looped.shots[2].fade == directing.FADE


def test_two_clips_with_the_same_number_of_people_share_one_movement(tiny, clip):
    plan = T.Plan(
        T.WorldPlan(place="city"), [T.PersonPlan(kind="man")], [T.PropPlan("cat", placement="beside")]
    )
    there = one(tiny.motion(plan, 5, 9, steps=2), ["bob"])
    joined = director(tiny).connect(clip, there)
    first, then = joined.shots
    assert (first.who, then.who, then.fade) == (["alice"], ["bob"], directing.FADE)
    assert joined.seconds == pytest.approx(12.5)
    over = directing.FADE
    assert np.array_equal(first.scene.people[:, -over:], then.scene.people[:, :over])
    assert (first.scene.plan.world.place, then.scene.plan.world.place) == ("beach", "city")


def test_two_clips_with_other_casts_meet_all_the_same(tiny, clip, other):
    joined = director(tiny).connect(clip, other)
    assert [len(shot.who) for shot in joined.shots] == [1, 2] and joined.shots[1].who == ["", "pip"]
    assert joined.seconds == pytest.approx(12.5)
    assert np.array_equal(joined.shots[1].scene.people[:, -60:], other.shots[0].scene.people)


def test_an_edit_changes_what_it_names_and_nothing_else(tiny, clip):
    edited = director(tiny, ALICE).remix(clip, "the same at night, in a green coat").shots[0].scene
    before = clip.shots[0].scene
    assert (edited.plan.world.time, edited.plan.world.place) == ("night", "beach")
    assert (edited.plan.people[0].outfit, edited.plan.people[0].top) == ("coat", "green")
    assert np.array_equal(edited.people, before.people) and np.array_equal(edited.props, before.props)


def test_a_remix_of_several_shots_changes_each_of_them(tiny, clip, other):
    both = director(tiny).connect(clip, other)
    night = director(tiny).remix(both, "at night")
    assert [shot.scene.plan.world.time for shot in night.shots] == ["night", "night"]
    assert [shot.scene.plan.world.place for shot in night.shots] == ["beach", "city"]


def test_pip_takes_alices_place_in_her_movement(tiny, clip):
    recast = director(tiny, ALICE, PIP).recast(clip, 0, "somebody else does the same").shots[0]
    assert recast.who == ["pip"] and recast.scene.plan.people[0].kind == "robot"
    assert np.array_equal(recast.scene.people[..., 3:], clip.shots[0].scene.people[..., 3:])
    named = director(tiny, ALICE).recast(clip, 5, "a panda").shots[0]
    assert named.who == [""]


def test_a_storyboard_keeps_its_people_and_style(tiny):
    reel = shoot(
        director(tiny, PIP),
        [Asked("a robot waves in the park", 3), Asked("a robot jumps", 2), Asked("in the city at night", 2)],
    )
    assert [shot.who[0] for shot in reel.shots] == ["pip"] * 3
    assert {shot.scene.plan.people[0].top for shot in reel.shots} == {"teal"}
    assert len({shot.scene.plan.world.style for shot in reel.shots}) == 1
    assert reel.shots[2].scene.plan.world.place == "city" and reel.shots[2].fade > 0
    assert reel.seconds == pytest.approx(7, abs=0.1)
    assert reel.shots[1].scene.seed == reel.shots[0].scene.seed, "it goes on in the same place"


def test_a_shot_shows_those_who_are_cast_in_it(tiny):
    reel = shoot(
        director(tiny, ALICE, PIP),
        [Asked("two people wave in the park", 2), Asked("they jump", 2, who=("pip",)), Asked("they bow", 2)],
    )
    assert set(reel.shots[0].who) == {"alice", "pip"} and reel.shots[1].who == ["pip"]
    assert set(reel.shots[2].who) == {"alice", "pip"}
    looks = {k: reel.shots[0].scene.plan.people[reel.shots[0].who.index(k)].top for k in ("alice", "pip")}
    assert reel.shots[1].scene.plan.people[0].top == looks["pip"]


def test_a_shot_without_anybody_cast_shows_somebody_drawn(tiny):
    shots = [
        Asked("a box on a table", 2, who=()),
        Asked("a person opens it", 2, who=("alice",)),
        Asked("a box", 2, who=()),
    ]
    assert ["alice" in shot.who for shot in shoot(director(tiny, ALICE), shots).shots] == [False, True, False]


def test_a_shot_is_cut_to_or_filmed_as_asked(tiny):
    reel = shoot(
        director(tiny, PIP),
        [Asked("a robot waves", 2), Asked("it jumps", 2, begin=CUT, camera="orbit"), Asked("it bows", 2)],
    )
    assert [shot.fade for shot in reel.shots] == [0, 0, 0]
    assert reel.shots[1].scene.plan.world.camera == "orbit"
    assert reel.seconds == pytest.approx(6, abs=0.1)


def test_a_retake_changes_its_shot_and_what_goes_on_from_it_alone(tiny):
    asked = [
        Asked("a robot waves", 2),
        Asked("it jumps", 2),
        Asked("it bows", 2),
        Asked("it spins", 2, begin=CUT),
    ]
    who = director(tiny, PIP)
    reel = shoot(who, asked)
    again = retake(who, reel, [asked[0], replace(asked[1], seed=99), *asked[2:]], 1, new_words=False)
    pairs = list(zip(reel.shots, again.shots, strict=True))
    assert [np.array_equal(a.scene.people, b.scene.people) for a, b in pairs] == [True, False, False, True]
    assert all(a.scene.plan.people == b.scene.plan.people for a, b in pairs)
    dance = replace(asked[0], prompt="a robot dances", seed=5)
    words = retake(who, reel, [dance, *asked[1:]], 0, new_words=True)
    assert words.shots[0].scene.plan.people[0].top == "teal"
    with pytest.raises(OtherShots):
        retake(who, reel, asked[:2], 1, new_words=False)


@pytest.mark.parametrize("new_cast", [False, True])
def test_a_retake_of_a_shot_that_named_nobody_keeps_who_is_shown_in_it(tiny, new_cast):
    who = director(tiny, ALICE)
    reel = shoot(who, [Asked("a woman waves", 2), Asked("she jumps", 2)])  # before shots said who is in them
    asked = [Asked("a woman waves", 2, who=("alice",)), Asked("she bows", 2, who=(), seed=9)]
    again = retake(who, reel, asked, 1, new_words=True, new_cast=new_cast)
    assert "alice" in reel.shots[1].who and ("alice" in again.shots[1].who) is not new_cast


def test_a_still_is_one_picture(tiny):
    assert director(tiny).still("a woman waves").frames == 1


def test_stopping_stops_any_verb_within_a_step(tiny, clip, other):
    steps = []
    watched = directing.Watched(tiny, lambda step, of: steps.append(step), lambda: len(steps) >= 3)
    with pytest.raises(flow.Stopped):
        Director(watched, 1).connect(clip, other)
    assert len(steps) == 3


def test_a_reel_survives_as_bytes(tiny, clip, other):
    reel = director(tiny).connect(clip, other)
    again = material.unpack_reel(material.pack_reel(reel))
    assert [(s.who, s.fade, s.scene.plan) for s in again.shots] == [
        (s.who, s.fade, s.scene.plan) for s in reel.shots
    ]
    old = material.unpack_reel(material.pack(clip.shots[0].scene))
    assert old.shots[0].scene.plan == clip.shots[0].scene.plan and old.shots[0].who == [""]
    for bad in (material.pack_reel(reel)[:-30], b"", b"PK\x03\x04"):
        with pytest.raises(material.BadMaterial):
            material.unpack_reel(bad)


def test_a_story_that_switches_late_in_a_long_clip_can_be_read_again(tiny):
    plan = T.Plan(people=[T.PersonPlan(action="walk", then="jump", switch=30)])
    scene = tiny.motion(plan, 20, 1, steps=1)
    assert scene.plan.people[0].switch > T.N
    assert material.unpack(material.pack(scene)).plan == scene.plan


def test_a_fade_shows_the_old_shot_first_and_the_new_one_last(tiny):
    def scene(place):
        return tiny.motion(T.Plan(T.WorldPlan(place=place)), 1, 1, steps=1)

    reel = Reel([Shot(scene("beach")), Shot(scene("snowfield"), fade=6)])
    frames = list(draw_reel.render(reel, size=(72, 128), fps=12, workers=1))
    assert len(frames) == draw_reel.frame_count(reel, 12) == 18
    beach, snow = (
        list(draw_reel.render(one(s.scene), size=(72, 128), fps=12, workers=1)) for s in reel.shots
    )
    assert np.array_equal(frames[5], beach[5]) and np.array_equal(frames[12], snow[6])
    assert not np.array_equal(frames[9], beach[9]) and not np.array_equal(frames[9], snow[3])
    sound = draw_reel.track(reel)
    assert sound.shape == (72_000, 2) and np.isfinite(sound).all() and np.abs(sound).max() <= 1


def test_moments_outside_a_reel_are_its_ends(clip):
    assert clip.at(-3)[1] == 0 and clip.at(99)[1] == 59 and clip.at(2.5)[1] == 30


@pytest.mark.parametrize(
    ("prompt", "field", "value"),
    [
        ("in a red dress", "outfit", "dress"),
        ("with glasses", "accessory", "glasses"),
        ("blue", "top", "blue"),
        ("戴眼镜", "accessory", "glasses"),
    ],
)
def test_words_about_looks_change_the_person_they_mean(prompt, field, value):
    plan = T.Plan(people=[T.PersonPlan(accessory="none"), T.PersonPlan(kind="robot")])
    changed = wishes.dressed(plan, prompt)
    assert getattr(changed.people[0], field) == value and changed.people[1] == plan.people[1]
    robot = wishes.dressed(plan, f"the robot {prompt}")
    assert getattr(robot.people[1], field) == value and robot.people[0] == plan.people[0]


def test_a_things_colour_is_the_things(clip):
    plan = replace(clip.shots[0].scene.plan, props=[T.PropPlan("ball", "red")])
    changed = wishes.dressed(plan, "a green ball")
    assert changed.props[0].colour == "green" and changed.people == plan.people


# ---- a product that has to be shown


@pytest.mark.parametrize("way", showing.WAYS)
@pytest.mark.parametrize("action", ["stand", "dance", "show", "give", "guitar", "walk"])
def test_a_product_is_placed_as_asked_and_its_plan_can_be_played(way, action):
    two = [T.PersonPlan(action=action), T.PersonPlan(action=action, facing=-1)]
    props = [T.PropPlan("dog", placement="beside"), T.PropPlan("ball"), T.PropPlan("cat", placement="beside")]
    plan = showing.placed(T.Plan(people=two if action == "give" else two[:1], props=props), way)
    assert [q.kind for q in plan.props].count("product") == 1 and len(plan.props) <= T.MAX_PROPS
    [thing] = [q for q in plan.props if q.kind == "product"]
    where = {"show": "held", "give": "held", "stand": "carried"}.get(action, "stand")
    if action == "give":
        assert thing.placement == "held"
    elif action == "walk":
        assert thing.placement == ("stand" if way == "worn" else "carried"), "no stand glides beside a walker"
    else:
        assert thing.placement == (where if way == "held" else "stand")
    assert showing.placed(plan, way) == plan, "once is enough"


def test_words_that_name_no_product_get_one_in_every_shot(tiny):
    watched = directing.Watched(tiny, None, None, "held")
    board = [Asked("a woman walks", 2), Asked("she sits in the park", 2, begin=CUT)]
    for reel in (Director(watched, 3).text("a woman walks", 2), shoot(Director(watched, 3), board)):
        assert all("product" in [q.kind for q in s.scene.plan.props] for s in reel.shots)
        assert all(len(s.scene.props) == len(s.scene.plan.props) for s in reel.shots)


def test_nobody_stands_before_a_stand(tiny):
    watched = directing.Watched(tiny, None, None, "stand")
    sampled = Director(watched, 3).text("two women talk in a cafe", 2)
    reel = showing.arranged(sampled, "stand")
    [scene] = [shot.scene for shot in reel.shots]
    at = [q.kind for q in scene.plan.props].index("product")
    assert (scene.props[at, :, T.Q["z"]] < scene.people[..., T.H["z"]].min(0)).all()
    other = [c for name, c in T.Q.items() if name != "z"]
    assert np.array_equal(scene.props[..., other], sampled.shots[0].scene.props[..., other])
    again = showing.arranged(reel, "stand")
    assert np.array_equal(again.shots[0].scene.props, scene.props), "once is enough"


def test_a_worn_product_is_a_print_and_stays_one_when_the_clip_goes_on(tiny):
    watched = directing.Watched(tiny, None, None, "worn")
    reel = showing.arranged(Director(watched, 3).text("a woman walks", 2), "worn")
    longer = Director(watched, 4).extend(reel, 2, False, "now she waves")
    for shot in (*reel.shots, *longer.shots):
        [thing] = [q for q in shot.scene.plan.props if q.kind == "product"]
        assert (thing.placement, thing.owner) == ("worn", 0)
    assert material.unpack_reel(material.pack_reel(reel)).shots[0].scene.plan == reel.shots[0].scene.plan
