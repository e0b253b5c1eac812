"""Pages offer what can be done here and no more: by which engine, from which clip."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from generation import actions, credits, hand
from generation.models import Clip, Generation
from generation.refusals import CannotMake
from generation.states import State
from tests.generation.conftest import Ask


@pytest.fixture
def clip(ask: Ask, bob: User, now: datetime) -> Clip:
    """Three clips of Bob's; this one kept its scene."""
    row = ask(bob)
    hand.drain()
    row.refresh_from_db()
    assert row.clip is not None
    return row.clip


@pytest.fixture
def vace(tmp_path: Path, settings: Any) -> None:
    """A host with Wan VACE in a folder beside the native engine, and without the small one of the tests."""
    place = tmp_path / "wan-vace"
    place.mkdir()
    (place / "model_index.json").write_text(json.dumps({"_class_name": "WanVACEPipeline"}))
    settings.DIFFUSERS_FOLDER, settings.EXTRA_ENGINES = str(place), {}


def page(user: User, path: str, **sent: Any) -> Any:
    client = Client()
    client.force_login(user)
    return client.post(path, sent) if sent else client.get(path)


def test_each_way_of_going_on_lets_one_choose_among_the_engines_that_do_it(
    clip: Clip, bob: User, vace: None
) -> None:
    for verb, many in (("image", True), ("extend", True), ("edit", True), ("recast", False)):
        told = page(bob, f"/clips/{clip.public_id}/ways/{verb}").content.decode()
        assert ("Wan VACE" in told and 'name="engine"' in told) == many, verb
    sent = {"at": "0.5", "seconds": "5", "aspect": "9:16", "engine": "diffusers", "prompt": "a red kite"}
    answer = page(bob, f"/clips/{clip.public_id}/ways/image", **sent)
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    row = Generation.objects.order_by("-pk").first()
    assert row is not None and (row.engine, row.verb, row.state) == ("diffusers", "image", State.QUEUED)


def test_a_clip_without_a_scene_is_offered_to_engines_that_read_pictures_alone(
    clip: Clip, bob: User, vace: None, now: datetime
) -> None:
    Clip.objects.filter(pk=clip.pk).update(material_path="")
    ways = page(bob, f"/clips/{clip.public_id}/ways").content.decode()
    assert "/ways/image" in ways and "/ways/recast" not in ways, "only the native engine recasts"
    told = page(bob, f"/clips/{clip.public_id}/ways/image").content.decode()
    assert 'name="engine"' not in told, "there is one to take, and nothing to choose"
    remix = page(bob, f"/create?remix={clip.public_id}").content.decode()
    assert 'value="diffusers"' in remix and 'value="native"' not in remix
    before = credits.balance(bob)
    clip.refresh_from_db()
    with pytest.raises(CannotMake) as refused:
        actions.request_generation(
            maker=bob, prompt="it dances", verb="remix", cast=[], parent=clip, engine="native", now=now
        )
    assert refused.value.code == "no_scene" and credits.balance(bob) == before


def test_a_clip_that_nobody_here_can_go_on_from_says_so(clip: Clip, bob: User, settings: Any) -> None:
    settings.EXTRA_ENGINES = {}
    Clip.objects.filter(pk=clip.pk).update(material_path="")
    told = page(bob, f"/clips/{clip.public_id}/ways").content.decode()
    assert "No engine of this host can go on from this clip." in told and "/ways/image" not in told


def test_what_was_stopped_says_by_what(ask: Ask, bob: User, clip: Clip, now: datetime) -> None:
    remix = ask(bob, verb="remix", parent=clip)
    actions.delete_clip(clip=clip, by=bob, now=now)
    remix.refresh_from_db()
    assert remix.state == State.CANCELLED and remix.cancel_reason == "deleted"
    told = page(bob, f"/generations/{remix.public_id}").content.decode()
    assert "the clip that it goes on from was deleted." in told and "All credits are back" in told
    assert "ended their permission" not in told
