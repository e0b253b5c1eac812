"""Clips and posts as the feed's tests need them: sealed rows with their renditions, made without an engine.
Clips and posts as the feed's tests need them: sealed rows with their renditions, made without an engine.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from accounts.models import User
from cameos.models import Cameo, LikenessUse
from feed import actions
from feed.models import Post
from feed.ranking import live
from generation.models import Clip, Ingredient, Rendition

MakeClip = Callable[..., Clip]
MakePost = Callable[..., Post]


@pytest.fixture
def make_clip(now: datetime) -> MakeClip:
    """A sealed clip of `maker`; `cast` are likenesses in it, `use` the state of their uses, `parent` its
    source,
    `missing` how many people in it have no row."""

    def make(
        maker: User,
        prompt: str = "a woman juggles at the beach at sunset",
        cast: tuple[Cameo, ...] = (),
        use: str = LikenessUse.State.LIVE,
        parent: Clip | None = None,
        missing: int = 0,
        origin: str = Clip.Origin.GENERATED,
    ) -> Clip:
        clip = Clip.objects.create(
            maker=maker,
            origin=origin,
            prompt=prompt,
            seed=7,
            engine="native",
            cast_count=len(cast) + missing,
            duration_ms=5000,
            width=720,
            height=1280,
            sealed_at=now,
        )
        for kind in Rendition.Kind.values:
            Rendition.objects.create(
                clip=clip,
                kind=kind,
                path=f"{clip.public_id}-{kind}",
                sha256=hashlib.sha256(kind.encode()).hexdigest(),
                bytes=1,
                width=720,
                height=1280,
            )
        for cameo in cast:
            LikenessUse.objects.create(
                clip=clip, cameo=cameo, state=use, approval="not_needed", created_at=now
            )
        if parent is not None:
            Ingredient.objects.create(clip=clip, source=parent, relationship="parent")
        return clip

    return make


@pytest.fixture
def make_post(make_clip: MakeClip, now: datetime) -> MakePost:
    """A published clip; `minutes_ago` before now."""

    def make(maker: User, caption: str = "", minutes_ago: int = 0, **clip_fields: object) -> Post:
        clip = make_clip(maker, **clip_fields)
        return actions.publish(
            clip=clip, creator=maker, caption=caption, now=now - timedelta(minutes=minutes_ago)
        )

    return make


@pytest.fixture
def likeness(alice: User, now: datetime) -> Cameo:
    """Alice's."""
    return Cameo.objects.create(
        owner=alice, name="Alice", state="verified", assurance="basic", verified_at=now, created_at=now
    )


@pytest.fixture(autouse=True)
def own_pool() -> None:
    """What everybody may see is kept in the process between pages, but not between tests."""
    live.forget_pool()
