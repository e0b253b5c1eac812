"""A photo moves as somebody moves in a clip, where an engine can; whoever is on it was asked."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client

from accounts.models import User
from cameos import faces, references
from cameos.models import Cameo, Reference
from generation import actions, credits
from generation.engines.families import FAMILIES
from generation.models import Clip, Footage, Generation
from generation.refusals import CannotMake
from generation.states import State, Verb
from tests.generation import films, goods
from tests.generation.conftest import Ask, allow
from tests.generation.test_promos import bring, drained, finished

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
def dance(ask: Ask, bob: User) -> Clip:
    return finished(ask(bob, seconds=1))


@pytest.fixture
def portrait(bob: User, now: datetime, tmp_path: Path) -> Footage:
    face = np.ascontiguousarray(films.face().repeat(2, axis=0).repeat(2, axis=1))
    return bring(bob, goods.saved(tmp_path / "portrait.png", face), now)


def posed(maker: User, clip: Clip, photo: Footage, now: datetime, **wishes: Any) -> Generation:
    given: dict[str, Any] = {"cast": [], "engine": "swatch"} | wishes
    return actions.request_generation(
        maker=maker, prompt="", verb=Verb.POSE, parent=clip, how={"footage": [str(photo.public_id)]},
        now=now, **given,
    )  # fmt: skip


def enrolled(likeness: Cameo, now: datetime) -> None:
    picture = films.face()
    vector = faces.embed(picture, faces.find(picture)[0]).astype(references.VECTOR)
    references.store(likeness, Reference.Kind.FACE_VECTOR, vector.tobytes(), now)


def test_a_figure_that_is_nobody_moves_like_the_clip(
    bob: User, dance: Clip, now: datetime, tmp_path: Path
) -> None:
    photo = bring(bob, goods.saved(tmp_path / "mug.jpg", goods.photo(2)), now)
    clip = finished(posed(bob, dance, photo, now))
    assert clip.origin == Clip.Origin.GENERATED and clip.ingredients.get().source == dance


def test_somebody_on_a_photo_who_is_not_cast_is_not_moved(
    bob: User, likeness: Cameo, dance: Clip, portrait: Footage, now: datetime
) -> None:
    before = credits.balance(bob)
    row = drained(posed(bob, dance, portrait, now))
    assert (row.state, row.refusal_rule) == (State.REFUSED, "face_without_grant")
    enrolled(likeness, now)
    row = drained(posed(bob, dance, portrait, now))
    assert (row.state, row.refusal_rule) == (State.REFUSED, "face_without_grant")
    assert credits.balance(bob) == before and not dance.used_in.exists()


def test_somebody_who_is_cast_moves_and_has_a_say(
    bob: User, likeness: Cameo, dance: Clip, portrait: Footage, now: datetime
) -> None:
    allow(likeness, bob, now)
    enrolled(likeness, now)
    clip = finished(posed(bob, dance, portrait, now, cast=[likeness]))
    assert clip.cast_count == 1 and clip.uses.get().cameo == likeness


def test_an_engine_that_cannot_says_so_and_the_one_that_can_declares_it(
    bob: User, dance: Clip, portrait: Footage, now: datetime
) -> None:
    with pytest.raises(CannotMake) as refused:
        posed(bob, dance, portrait, now, engine="native")
    assert refused.value.code == "engine_cannot" and not Generation.objects.filter(verb=Verb.POSE).exists()
    assert Verb.POSE in FAMILIES["WanAnimatePipeline"].ways


def test_the_page_offers_it_with_the_makers_own_photos(
    bob: User, alice: User, client: Client, dance: Clip, portrait: Footage, now: datetime, settings: Any
) -> None:
    client.force_login(bob)
    assert b"Move a photo like it" in client.get(f"/clips/{dance.public_id}/ways").content
    here = f"/clips/{dance.public_id}/ways/pose"
    assert str(portrait.public_id) in client.get(here).content.decode()
    sent = client.post(here, {"photo": str(portrait.public_id), "aspect": "9:16"})
    assert sent.status_code == 302 and Generation.objects.filter(verb=Verb.POSE).count() == 1
    settings.EXTRA_ENGINES = {}
    assert b"Move a photo like it" not in client.get(f"/clips/{dance.public_id}/ways").content
