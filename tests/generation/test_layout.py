"""A clip that begins from a drawn layout: what is read, what is refused, and where everybody then stands."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from generation import hand, layout, verbs
from generation.models import Generation
from generation.refusals import CannotMake
from generation.states import Verb
from model import generate
from model.config import PRESETS
from model.directing import Director
from model.scene import layouts
from model.scene import tracks as T
from model.scene.layouts import Mark
from model.scene.tracks import H, Q
from model.transformer import Transformer


@pytest.fixture(scope="module")
def director() -> Director:
    return Director(generate.Native(Transformer(PRESETS["tiny"]), {}), 3)


PERSON = {"what": "person", "x": 40, "depth": 0, "facing": "left"}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("a drawing", "layout_unreadable"),
        ([{"what": "elephant", "x": 0}], "layout_unreadable"),
        ([{"what": "person", "x": "left"}], "layout_unreadable"),
        ([{"what": "person", "x": float("nan")}], "layout_unreadable"),
        ([{"what": "person", "x": True}], "layout_unreadable"),
        ([{"what": "person", "facing": "up"}], "layout_unreadable"),
        ([7], "layout_unreadable"),
        ([PERSON] * 4, "layout_too_full"),
        ([{"what": "ball"}] * 4, "layout_too_full"),
        ([PERSON] * 25, "layout_unreadable"),
    ],
)
def test_a_layout_without_sense_is_refused_by_name(given: Any, code: str) -> None:
    with pytest.raises(CannotMake) as refused:
        verbs.settle(Verb.TEXT, prompt="a walk", sources=[], how={"layout": given}, seconds=5, cast_count=0)
    assert refused.value.code == code


def test_places_beyond_the_picture_are_brought_into_it() -> None:
    assert layout.read([{"what": "dog", "x": -5000, "depth": 300}]) == [
        {"what": "dog", "x": -100, "depth": 100, "facing": ""}
    ]
    settled = verbs.settle(
        Verb.TEXT, prompt="a walk", sources=[], how={"layout": []}, seconds=5, cast_count=0
    )
    assert settled.how == {}


def test_everything_that_can_be_placed_is_in_the_world() -> None:
    assert set(layout.THINGS) <= set(T.PROPS)


def test_the_first_slot_is_the_layout(director: Director) -> None:
    marks = [Mark("person", -0.7, 0.0, 1), Mark("person", 0.7, 0.5, -1), Mark("dog", 0.0, 0.0)]
    reel = director.layout("two women talk in the park", 5.0, marks, 720 / 1280)
    scene = reel.shots[0].scene
    start = layouts.drawn(scene.plan, marks, 720 / 1280, 3)
    assert np.allclose(scene.people[:, : T.S], start.people[:, : T.S])
    left, right = scene.people[:, : T.S, H["x"]].mean(1)
    assert left < -0.25 and right > 0.25
    deep = scene.people[:, : T.S, H["z"]].mean(1)
    assert deep[1] - deep[0] == pytest.approx(0.5 * layouts.DEEP, abs=0.02)
    [dog] = [j for j, q in enumerate(scene.plan.props) if q.kind == "dog"]
    assert abs(scene.props[dog, : T.S, Q["x"]].mean()) < 0.1
    assert [p.facing for p in scene.plan.people] == [1, -1]


def test_two_who_hug_are_moved_together(director: Director) -> None:
    plan = layouts.peopled(director.native.cast("two friends hug", 1), [])
    for person in plan.people:
        person.action = "hug"
    plan = layouts.peopled(plan, [Mark("person", -0.8), Mark("person", 0.2)])
    assert len(plan.people) == 2
    here, there = (
        layouts.drawn(plan, marks, 1.0, 5) for marks in ([], [Mark("person", -0.8), Mark("person", 0.2)])
    )
    shift = there.people[..., H["x"]] - here.people[..., H["x"]]
    assert np.ptp(shift) < 1e-9


def test_the_form_asks_for_a_clip_that_begins_so(client: Client, bob: User, vectors: str) -> None:
    client.force_login(bob)
    address = reverse("generation:from-words", args=["layout"])
    page = client.get(address)
    assert page.status_code == 200 and b"layout-stage" in page.content
    sent = {
        "prompt": "a woman waves in the park", "seconds": 5, "aspect": "9:16",
        "what_1": "person", "x_1": "60", "depth_1": "20", "facing_1": "left", "what_4": "dog", "x_4": "-50",
    }  # fmt: skip
    answer = client.post(address, sent)
    assert answer.status_code == 302
    made = Generation.objects.get()
    assert made.verb == Verb.TEXT
    assert made.how == {
        "layout": [
            {"what": "person", "x": 60, "depth": 20, "facing": "left"},
            {"what": "dog", "x": -50, "depth": 0, "facing": ""},
        ]
    }
    hand.drain()
    made.refresh_from_db()
    assert made.clip is not None, (made.state, made.error)
