"""What is trending, and the boards: counted so that nobody can push themselves up.

A like counts only from an account that was three days old, once for each creator, never one's own. People who
came by the same invite speak with one voice that grows by the square root: a hundred accounts of one host
count as ten people. Nobody without an account is counted. Boards leave out whoever does not want to be on
them. Made by the beat; a page that finds the boards old makes them itself.
"""

from __future__ import annotations

import logging
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, F, OuterRef, Q

from accounts import social
from accounts.models import User
from accounts.social import Viewer
from cameos.models import LikenessUse
from feed import cards
from feed.cards import Card
from feed.models import Hashtag, Like, Post, Trend

log = logging.getLogger(__name__)
WINDOW = timedelta(hours=48)
HALF_LIFE_H = 12.0
GROWN_UP = timedelta(days=3)
BOARD_WINDOW = timedelta(days=30)
MOST_LIKES = 20_000
LASTS = timedelta(minutes=15)
CLIPS, TAGS, PEOPLE = 60, 20, 20
NEWEST = 2000  # clips whose tags are counted for a quiet day
EVERYDAY = "everyday-tags"
NOBODY = AnonymousUser()


@dataclass(frozen=True)
class Voice:
    """One like: by whom, of which group (who invited them, else themselves), on what, how old."""

    person: int
    group: int
    post: int
    creator: int
    age_h: float


def loudness(voices: Iterable[Voice]) -> dict[int, float]:
    """The score of each post: for each group of people the root of what they say, each person once a
    creator (their newest), halved every twelve hours."""
    once: dict[tuple[int, int], Voice] = {}
    for voice in voices:
        key = (voice.person, voice.creator)
        if key not in once or voice.age_h < once[key].age_h:
            once[key] = voice
    said: dict[tuple[int, int], float] = defaultdict(float)
    for voice in once.values():
        said[voice.post, voice.group] += 0.5 ** (voice.age_h / HALF_LIFE_H)
    score: dict[int, float] = defaultdict(float)
    for (post, _group), total in said.items():
        score[post] += math.sqrt(total) if total > 1 else total
    return dict(score)


def _voices(now: datetime) -> list[Voice]:
    likes = (
        Like.objects.filter(created_at__gt=now - WINDOW, created_at__lte=now)
        .filter(person__date_joined__lte=F("created_at") - GROWN_UP, person__is_active=True)
        .exclude(person=F("post__creator"))
        .order_by("-created_at")
        .values_list("person", "person__invited_by", "post", "post__creator", "created_at")[:MOST_LIKES]
    )
    return [
        Voice(person, inviter or person, post, creator, (now - at).total_seconds() / 3600)
        for person, inviter, post, creator, at in likes
    ]


def refresh(now: datetime) -> None:
    """Make every board anew. Of two who do so at the same moment the first one's boards stand."""
    rows = _made(now)
    try:
        with transaction.atomic():
            Trend.objects.all().delete()
            Trend.objects.bulk_create(rows)
    except IntegrityError:
        log.info("Somebody else made the boards at this moment.")


def _made(now: datetime) -> list[Trend]:
    """All places of all boards."""
    score = loudness(_voices(now))
    visible = Post.objects.visible_to(NOBODY, now)
    shown = set(visible.filter(pk__in=score).values_list("pk", flat=True))
    clips = sorted(((value, pk) for pk, value in score.items() if pk in shown), reverse=True)
    rows = [Trend(board=Trend.Board.CLIPS, score=value, post_id=pk) for value, pk in clips[:CLIPS]]
    rows += _tags({pk: value for value, pk in clips})
    rows += _remixed(now)
    rows += _cast(now)
    rank: dict[str, int] = defaultdict(int)
    for row in rows:
        rank[row.board] += 1
        row.rank, row.made_at = rank[row.board], now
    return rows


def _tags(score: dict[int, float]) -> list[Trend]:
    """A tag's score is the sum of its clips', each creator's best alone."""
    best: dict[tuple[int, int], float] = {}
    links = Post.hashtags.through.objects.filter(post__in=score)
    for post, tag, creator in links.values_list("post_id", "hashtag_id", "post__creator_id"):
        key = (tag, creator)
        best[key] = max(best.get(key, 0.0), score[post])
    total: dict[int, float] = defaultdict(float)
    for (tag, _creator), value in best.items():
        total[tag] += value
    ranked = sorted(((value, tag) for tag, value in total.items()), reverse=True)[:TAGS]
    return [Trend(board=Trend.Board.TAGS, score=value, hashtag_id=tag) for value, tag in ranked]


def _remixed(now: datetime) -> list[Trend]:
    """Whose clips of the last thirty days were remixed most, by others."""
    others = Q(
        clip__used_in__relationship="parent",
        clip__used_in__clip__post__state=Post.State.LIVE,
    ) & ~Q(clip__used_in__clip__maker=F("creator"))
    visible = Post.objects.visible_to(NOBODY, now).filter(published_at__gt=now - BOARD_WINDOW)
    rows = (
        visible.filter(creator__in=_willing())
        .values("creator")
        .annotate(remixers=Count("clip__used_in__clip__maker", filter=others, distinct=True))
        .filter(remixers__gt=0)
        .order_by("-remixers", "creator")[:PEOPLE]
    )
    return [Trend(board=Trend.Board.REMIXED, score=row["remixers"], person_id=row["creator"]) for row in rows]


def _cast(now: datetime) -> list[Trend]:
    """Who was cast by the most other people in the last thirty days."""
    visible = Post.objects.visible_to(NOBODY, now).filter(published_at__gt=now - BOARD_WINDOW)
    rows = (
        LikenessUse.objects.filter(state=LikenessUse.State.LIVE, clip__post__in=visible)
        .exclude(cameo__owner=F("clip__maker"))
        .filter(cameo__owner__in=_willing())
        .values("cameo__owner")
        .annotate(makers=Count("clip__maker", distinct=True))
        .order_by("-makers", "cameo__owner")[:PEOPLE]
    )
    return [Trend(board=Trend.Board.CAST, score=row["makers"], person_id=row["cameo__owner"]) for row in rows]


def _willing() -> Any:
    people = User.objects.filter(is_active=True, erased_at=None)
    return people.exclude(feed_preferences__on_boards=False).values("pk")


# --- Reading -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    name: str
    url: str
    count: int


@dataclass(frozen=True)
class Boards:
    clips: list[Card]
    tags: list[Place]
    remixed: list[Place]
    cast: list[Place]


def boards(viewer: Viewer, now: datetime) -> Boards:
    """What the explore page shows to this viewer."""
    made_at = Trend.objects.order_by("-made_at").values_list("made_at", flat=True).first()
    if made_at is None or not timedelta(0) <= now - made_at < LASTS:
        refresh(now)
    rows = list(Trend.objects.select_related("person").order_by("board", "rank"))
    ids = [row.post_id for row in rows if row.post_id is not None]
    standing = _standing([row.hashtag_id for row in rows if row.hashtag_id is not None], now)
    return Boards(
        clips=[card for _pk, card in cards.some(viewer, ids, now, muted=False)][:24],
        tags=[
            Place(tag.name, f"/t/{tag.name}", round(row.score))
            for row in rows
            if (tag := standing.get(row.hashtag_id or 0)) is not None
        ],
        remixed=_people(rows, Trend.Board.REMIXED, viewer),
        cast=_people(rows, Trend.Board.CAST, viewer),
    )


def _people(rows: list[Trend], board: str, viewer: Viewer) -> list[Place]:
    hidden = social.blocked_ids(viewer)
    return [
        Place(row.person.name, f"/u/{row.person.username}", round(row.score))
        for row in rows
        if row.board == board and row.person is not None and row.person_id not in hidden
    ]


def everyday_tags(now: datetime) -> list[Hashtag]:
    """Tags with most of the newest clips that everybody may see: what explore offers on a quiet day.

    Which they are is kept as long as the boards; that there still is such a clip is asked each time.
    """
    ids = cache.get(EVERYDAY)
    if ids is None:
        ids = _most_used(now)
        if len(ids) == TAGS:  # a young house sees a new tag at once
            cache.set(EVERYDAY, ids, LASTS.total_seconds())
    standing = _standing(ids, now)
    return [standing[pk] for pk in ids if pk in standing]


def _standing(ids: list[int], now: datetime) -> dict[int, Hashtag]:
    """Those of these tags under which there is a clip that everybody may see: a tag may name somebody."""
    here = Post.objects.visible_to(NOBODY, now).filter(hashtags=OuterRef("pk")).order_by()
    return {tag.pk: tag for tag in Hashtag.objects.filter(Exists(here), pk__in=ids)}


def _most_used(now: datetime) -> list[int]:
    newest = Post.objects.visible_to(NOBODY, now).newest_first().values_list("pk", flat=True)[:NEWEST]
    links = Post.hashtags.through.objects.filter(post__in=list(newest)).values("hashtag")
    ranked = links.annotate(n=Count("pk")).order_by("-n", "hashtag__name")[:TAGS]
    return list(ranked.values_list("hashtag", flat=True))
