"""Short ways to the rows that the tests of permission are about. Everything goes through the product's own
doors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from accounts.models import Block, CircleMember, Follow, User
from cameos import actions, consent, uses
from cameos.consent import Brief, Permit
from cameos.models import Audience, Cameo, LikenessGrant, LikenessUse, Purpose
from cameos.terms import Terms
from generation.models import Clip, Generation, GenerationCast, Ingredient, Rendition
from generation.states import State, Verb

OPEN = Terms(
    audience=Audience.EVERYONE,
    purposes=frozenset({Purpose.GENERATE, Purpose.REMIX}),
    show_me_first=False,
)


def likeness_of(owner: User, now: datetime) -> Cameo:
    cameo = Cameo.objects.create(owner=owner, name=owner.name, created_at=now)
    return actions.verified(cameo=cameo, assurance=Cameo.Assurance.BASIC, now=now)


def grant(cameo: Cameo, now: datetime, *, base: Terms = OPEN, **terms: Any) -> LikenessGrant:
    """A grant in force at `now`: widening was asked for two days ago, so that its wait is over."""
    people = frozenset(person.pk for person in terms.pop("people", ()))
    return actions.save_grant(
        cameo=cameo,
        owner=cameo.owner,
        terms=replace(base, people=people, **terms),
        stepped_up=True,
        now=now - timedelta(days=2),
    )


def generation_by(
    maker: User,
    now: datetime,
    *,
    cast: Sequence[Cameo] = (),
    prompt: str = "a walk on the beach",
    parent: Clip | None = None,
) -> Generation:
    row = Generation.objects.create(
        maker=maker,
        prompt=prompt,
        verb=Verb.REMIX if parent else Verb.TEXT,
        parent=parent,
        seed=1,
        credits=1,
        state=State.SCREENING,
        state_since=now,
        created_at=now,
    )
    GenerationCast.objects.bulk_create(
        GenerationCast(generation=row, cameo=cameo, position=position) for position, cameo in enumerate(cast)
    )
    return row


def ask(
    cameo: Cameo,
    requester: User,
    now: datetime,
    *,
    purpose: str = Purpose.GENERATE,
    prompt: str = "a walk on the beach",
    companions: Sequence[Cameo] = (),
    commercial: bool = False,
    voice: bool = False,
    generation: Generation | None = None,
) -> Permit:
    generation = generation or generation_by(requester, now, cast=[cameo, *companions], prompt=prompt)
    return consent.permit(
        cameo=cameo,
        requester=requester,
        purpose=purpose,
        brief=Brief(prompt, tuple(companions), commercial, voice),
        generation=generation,
        now=now,
    )


def sealed(
    maker: User,
    cast: Sequence[Cameo],
    now: datetime,
    *,
    parent: Clip | None = None,
    prompt: str = "a walk on the beach",
) -> Clip:
    """A clip sealed with a permit of everybody in it, as the pipeline does it, but for its files."""
    generation = generation_by(maker, now, cast=cast, prompt=prompt, parent=parent)
    purpose = Purpose.REMIX if parent else Purpose.GENERATE
    permits = [
        ask(
            cameo,
            maker,
            now,
            purpose=purpose,
            prompt=prompt,
            companions=[other for other in cast if other != cameo],
            generation=generation,
        )
        for cameo in cast
    ]
    clip = Clip.objects.create(
        maker=maker,
        prompt=prompt,
        seed=1,
        engine="native",
        cast_count=len(cast),
        duration_ms=5000,
        width=720,
        height=1280,
        sealed_at=now,
    )
    if parent is not None:
        Ingredient.objects.create(clip=clip, source=parent, relationship=Ingredient.Relationship.PARENT)
    Rendition.objects.create(
        clip=clip,
        kind=Rendition.Kind.POSTER,
        path=f"clips/{clip.public_id}/poster.jpg",
        sha256="0" * 64,
        bytes=1,
        width=720,
        height=1280,
    )
    uses.write_uses(clip=clip, permits=permits, inherited_from=parent, now=now)
    Generation.objects.filter(pk=generation.pk).update(state=State.READY, clip=clip)
    consent.settle(generation, now)
    return clip


def use_in(clip: Clip, cameo: Cameo) -> LikenessUse:
    return LikenessUse.objects.get(clip=clip, cameo=cameo)


def befriend(one: User, other: User, now: datetime) -> None:
    Follow.objects.get_or_create(follower=one, followee=other, defaults={"created_at": now})
    Follow.objects.get_or_create(follower=other, followee=one, defaults={"created_at": now})


def take_close(owner: User, member: User, now: datetime) -> None:
    CircleMember.objects.get_or_create(owner=owner, member=member, defaults={"created_at": now})


def block(blocker: User, blocked: User, now: datetime) -> None:
    Block.objects.get_or_create(blocker=blocker, blocked=blocked, defaults={"created_at": now})
