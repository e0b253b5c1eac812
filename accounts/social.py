"""Who knows whom. Every question is answered from the rows, so that it is true at this very read."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

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
    edges = Block.objects.filter(Q(blocker=user.pk) | Q(blocked=user.pk)).values_list(
        "blocker_id", "blocked_id"
    )
    return {person for edge in edges for person in edge} - {user.pk}


def muted_ids(user: Viewer) -> set[int]:
    """Everybody whom `user` does not want to hear of; they are not told."""
    if user.pk is None:
        return set()
    return set(Mute.objects.filter(muter=user.pk).values_list("muted_id", flat=True))


def followed_ids(user: Viewer) -> set[int]:
    """Everybody whom `user` follows."""
    if user.pk is None:
        return set()
    return set(Follow.objects.filter(follower=user.pk).values_list("followee_id", flat=True))
