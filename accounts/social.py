"""Who knows whom. Every question is answered from the rows, so that it is true at this very read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import BooleanField, F, Func, IntegerField, Q, QuerySet, Value

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


class _NoneBetween(Func):
    """No row about two people in one of our tables, in either direction or in one.

    Counted in a CASE, and no NOT EXISTS: PostgreSQL makes a join of that, and for somebody with ten thousand
    blocks reads all of them for each page. So each person is one look into the unique index.
    """

    output_field = BooleanField()

    def __init__(self, person: str, viewer: Any, table: str, pairs: tuple[tuple[str, str], ...]) -> None:
        super().__init__(F(person), Value(viewer))
        self.table, self.pairs = table, pairs

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> tuple[str, Any]:
        (person, of_person), (viewer, of_viewer) = map(compiler.compile, self.get_source_expressions())
        counts, params = [], list[Any]()
        for mine, theirs in self.pairs:
            # Names of our own tables and columns; values are bound by the compiler.
            counts.append(
                f"(SELECT COUNT(*) FROM {self.table} its"  # nosec B608
                f" WHERE its.{mine} = {viewer} AND its.{theirs} = {person})"
            )
            params += [*of_viewer, *of_person]
        return f"CASE WHEN {' + '.join(counts)} > 0 THEN FALSE ELSE TRUE END", params


def unblocked(viewer: Any, person: str) -> Q:
    """Neither blocked the other; `person` is the column that holds whose row it is."""
    pairs = (("blocker_id", "blocked_id"), ("blocked_id", "blocker_id"))
    return Q(_NoneBetween(person, viewer.pk, Block._meta.db_table, pairs))


def unmuted(viewer: Any, person: str) -> Q:
    """The viewer did not mute whose row it is."""
    return Q(_NoneBetween(person, viewer.pk, Mute._meta.db_table, (("muter_id", "muted_id"),)))


def blocked_ids(user: Viewer) -> set[int]:
    """Everybody whom `user` blocked or who blocked `user`, in one query."""
    if user.pk is None:
        return set()
    edges = compiled.run("blocked", _blocked, compiled.Values(user.pk))
    return {person for edge in edges for person in edge} - {user.pk}


def _blocked() -> QuerySet[Block, Any]:
    mine = Q(blocker=compiled.VIEWER.pk) | Q(blocked=compiled.VIEWER.pk)
    return Block.objects.filter(mine).values_list("blocker_id", "blocked_id")


def followed_ids(user: Viewer) -> set[int]:
    """Everybody whom `user` follows."""
    if user.pk is None:
        return set()
    return {pk for (pk,) in compiled.run("followed", _followed, compiled.Values(user.pk))}


def _followed() -> QuerySet[Follow, Any]:
    return Follow.objects.filter(follower=compiled.VIEWER.pk).values_list("followee_id")


FEW = 100


def known(user: Viewer) -> int:
    """How many people `user` follows, and one more where they list somebody as close; beyond `FEW` nobody
    counts on."""
    if user.pk is None:
        return 0
    mine = compiled.Values(user.pk)
    followed = len(compiled.run("follows few", _few_followed, mine))
    return followed + len(compiled.run("close any", _one_close, mine))


def _few_followed() -> QuerySet[Follow, Any]:
    return _followed()[: FEW + 1]


def _one_close() -> QuerySet[CircleMember, Any]:
    return _circle()[:1]


def _circle() -> QuerySet[CircleMember, Any]:
    return CircleMember.objects.filter(owner=compiled.VIEWER.pk).values_list("member_id")


@dataclass(frozen=True)
class Edges:
    """Everybody whom a person has to do with, as ids; `kept_apart` are blocked on either side, and muted."""

    followed: frozenset[int] = frozenset()
    circle: frozenset[int] = frozenset()
    kept_apart: frozenset[int] = frozenset()


def edges(user: Viewer) -> Edges:
    """All of a person's edges in one query."""
    if user.pk is None:
        return Edges()
    sets: tuple[list[int], list[int], list[int]] = [], [], []
    for kind, person in compiled.run("edges", _edges, compiled.Values(user.pk)):
        sets[kind].append(person)
    return Edges(*map(frozenset, sets))


def _edges() -> QuerySet[Any, Any]:
    def of(kind: int, rows: QuerySet[Any, Any], person: str) -> QuerySet[Any, Any]:
        return rows.annotate(kind=Value(kind, IntegerField())).values_list("kind", person)

    me = compiled.VIEWER.pk
    return of(0, Follow.objects.filter(follower=me), "followee_id").union(
        of(1, CircleMember.objects.filter(owner=me), "member_id"),
        of(2, Block.objects.filter(blocker=me), "blocked_id"),
        of(2, Block.objects.filter(blocked=me), "blocker_id"),
        of(2, Mute.objects.filter(muter=me), "muted_id"),
        all=True,
    )
