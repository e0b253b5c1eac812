"""Starter packs: people whom somebody recommends, followed with one press."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from accounts import actions as people
from accounts import social
from accounts.models import User
from accounts.refusals import Refused
from accounts.social import Viewer
from feed import text
from feed.models import StarterPack
from feed.refusals import BadPack, TooManyPeople

MOST = 50


@transaction.atomic
def make(*, owner: User, title: str, handles: Sequence[str], now: datetime) -> StarterPack:
    """A pack of the people with these handles; whom the owner may not see is not in it."""
    title = text.clean(title[:400])[:80]
    if len(handles) > 4 * MOST:
        raise TooManyPeople()
    named = {handle.lstrip("@") for handle in map(text.clean, handles) if handle}
    found = User.objects.filter(username__in=named, is_active=True, erased_at=None)
    members = list(found.exclude(pk__in=social.blocked_ids(owner)).exclude(pk=owner.pk))
    if not title or not members:
        raise BadPack()
    if len(members) > MOST:
        raise TooManyPeople()
    made = StarterPack.objects.create(owner=owner, title=title, created_at=now)
    made.people.set(members)
    return made


def pack_for(viewer: Viewer, public_id: UUID) -> StarterPack:
    packs = StarterPack.objects.filter(owner__is_active=True).exclude(owner__in=social.blocked_ids(viewer))
    return get_object_or_404(packs.select_related("owner"), public_id=public_id)


def people_in(pack: StarterPack, viewer: Viewer) -> QuerySet[User]:
    """Those whom the viewer may see."""
    members = pack.people.filter(is_active=True, erased_at=None)
    return members.exclude(pk__in=social.blocked_ids(viewer)).order_by("username")


def follow_all(*, pack: StarterPack, person: User, now: datetime) -> int:
    """Follow everybody in it but oneself; who can't be followed is passed over. Returns how many are new."""
    already, new = social.followed_ids(person), 0
    for other in people_in(pack, person):
        if other.pk == person.pk or other.pk in already:
            continue
        try:
            people.follow(follower=person, followee=other, now=now)
        except Refused:
            break  # the budget for follows is spent
        new += 1
    return new


def step_out(*, pack: StarterPack, person: User) -> None:
    """Nobody has to stand in somebody else's pack."""
    pack.people.remove(person)


def delete(*, pack: StarterPack, by: User) -> None:
    StarterPack.objects.filter(pk=pack.pk, owner=by).delete()
