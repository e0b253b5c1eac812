"""Who knows whom. Every question is answered from the rows, so that it is true at this very read."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from accounts import compiled
from accounts.models import Block, CircleMember, Follow, Mute, User

Viewer = User | AnonymousUser


def follows(a: Viewer, b: User) -> bool:
    """True when `a` follows `b`."""
    return a.pk is not None and Follow.objects.filter(follower=a.pk, followee=b.pk).exists()


def are_mutuals(a: Viewer, b: User) -> bool:
    """True when both follow each other."""
    if a.pk is None:
        return False
    edges = Q(follower=a.pk, followee=b.pk) | Q(follower=b.pk, followee=a.pk)
    return Follow.objects.filter(edges).count() == 2


def in_circle(owner: User, member: Viewer) -> bool:
    """True when `owner` lists `member` as close."""
    return member.pk is not None and CircleMember.objects.filter(owner=owner.pk, member=member.pk).exists()


def is_blocked_between(a: Viewer, b: Viewer) -> bool:
    """True when either blocked the other."""
    if a.pk is None or b.pk is None:
        return False
    either = Q(blocker=a.pk, blocked=b.pk) | Q(blocker=b.pk, blocked=a.pk)
    return Block.objects.filter(either).exists()


def blocked_ids(user: Viewer) -> set[int]:
    """Everybody whom `user` blocked or who blocked `user`, in one query."""
    if user.pk is None:
        return set()
    edges = compiled.run("blocked", _blocked, compiled.Values(user.pk))
    return {person for edge in edges for person in edge} - {user.pk}


def _blocked() -> QuerySet[Block, Any]:
    mine = Q(blocker=compiled.VIEWER.pk) | Q(blocked=compiled.VIEWER.pk)
    return Block.objects.filter(mine).values_list("blocker_id", "blocked_id")


def muted_ids(user: Viewer) -> set[int]:
    """Everybody whom `user` does not want to hear of; they are not told."""
    if user.pk is None:
        return set()
    return {pk for (pk,) in compiled.run("muted", _muted, compiled.Values(user.pk))}


def _muted() -> QuerySet[Mute, Any]:
    return Mute.objects.filter(muter=compiled.VIEWER.pk).values_list("muted_id")


def followed_ids(user: Viewer) -> set[int]:
    """Everybody whom `user` follows."""
    if user.pk is None:
        return set()
    return {pk for (pk,) in compiled.run("followed", _followed, compiled.Values(user.pk))}


def _followed() -> QuerySet[Follow, Any]:
    return Follow.objects.filter(follower=compiled.VIEWER.pk).values_list("followee_id")


def knows_somebody(user: Viewer) -> bool:
    """True when `user` follows somebody or lists somebody as close."""
    if user.pk is None:
        return False
    mine = compiled.Values(user.pk)
    return bool(
        compiled.run("follows any", _one_followed, mine) or compiled.run("close any", _one_close, mine)
    )


def _one_followed() -> QuerySet[Follow, Any]:
    return _followed()[:1]


def _one_close() -> QuerySet[CircleMember, Any]:
    return _circle()[:1]


def circle_ids(user: Viewer) -> set[int]:
    """Everybody whom `user` lists as close."""
    if user.pk is None:
        return set()
    return {pk for (pk,) in compiled.run("circle", _circle, compiled.Values(user.pk))}


def _circle() -> QuerySet[CircleMember, Any]:
    return CircleMember.objects.filter(owner=compiled.VIEWER.pk).values_list("member_id")
