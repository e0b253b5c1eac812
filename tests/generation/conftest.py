"""What the tests of making lean on: the vector process, a small engine, and ways to ask for a clip."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache

from accounts.models import User
from cameos.models import Cameo, GrantedPerson, LikenessGrant
from generation import actions
from generation.models import Generation
from generation.screening import meaning
from tests.generation import swatch

Ask = Callable[..., Generation]


@pytest.fixture(autouse=True)
def small_engine(settings: Any, tmp_path: Path) -> None:
    cache.clear()
    meaning.forget()
    settings.EXTRA_ENGINES = swatch.ENGINES
    settings.DATA_DIR = tmp_path  # what people bring
    settings.MEDIA_ROOT = media = tmp_path / "media"
    files = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": media}}
    settings.STORAGES = settings.STORAGES | {"default": files}


@pytest.fixture
def now() -> datetime:
    """Yesterday at noon: workers ask the database what time it is, and a permit lasts five days. With a day
    that is written down, every test that casts somebody failed from the fifth day on."""
    return datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)


@pytest.fixture
def ask(now: datetime, vectors: str) -> Ask:
    """`ask(bob)`: one second of cloth for Bob."""

    def request(maker: User, prompt: str = "a red kite over the sea", **wishes: Any) -> Generation:
        given = {"verb": "text", "cast": [], "seed": 7, "seconds": 1, "engine": "swatch", "now": now} | wishes
        return actions.request_generation(maker=maker, prompt=prompt, **given)

    return request


@pytest.fixture
def likeness(alice: User, now: datetime) -> Cameo:
    """Alice's verified likeness; nobody is allowed to cast it yet."""
    return Cameo.objects.create(
        owner=alice,
        name="Alice",
        state=Cameo.State.VERIFIED,
        assurance="basic",
        verified_at=now,
        created_at=now,
    )


@pytest.fixture
def character(alice: User, now: datetime) -> Cameo:
    """A drawn character of Alice's that depicts nobody."""
    return Cameo.objects.create(
        owner=alice,
        kind=Cameo.Kind.CHARACTER,
        name="Pip",
        character={"kind": "robot"},
        state=Cameo.State.VERIFIED,
        created_at=now,
    )


def allow(cameo: Cameo, person: User, now: datetime, **terms: Any) -> LikenessGrant:
    """The owner names one person in a grant."""
    version = cameo.grants.count() + 1
    given = {"audience": "named", "purposes": ["generate", "remix"], "show_me_first": False} | terms
    grant = LikenessGrant.objects.create(
        cameo=cameo, version=version, created_at=now, effective_at=now, **given
    )
    GrantedPerson.objects.create(grant=grant, person=person)
    return grant
