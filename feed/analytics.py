"""What a creator may know of their clips: numbers and curves, nobody's name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from django.db.models import Count, Exists, OuterRef, Sum
from numpy.typing import NDArray

from accounts.models import Follow, User
from feed.models import Post, Watch

DAYS = 28
STEPS = 20  # points of the completion curve
MOST_EVENTS = 50_000
FEW = 5  # below so many impressions no curve: it would be somebody's own


@dataclass(frozen=True)
class OfPost:
    """One clip. `curve` is the percent of impressions still watching at each twentieth; empty while few."""

    post: Post
    impressions: int
    minutes: float
    mean_percent: int
    curve: list[int]
    by_day: list[tuple[date, int]]
    likes: int
    comments: int
    reposts: int
    remixes: int
    follows: int


@dataclass(frozen=True)
class OfCreator:
    days: list[tuple[date, int]]  # impressions
    follows: list[tuple[date, int]]
    impressions: int
    minutes: float
    posts: list[tuple[Post, int, float]]  # newest first: the post, impressions, minutes


def of_post(post: Post, now: datetime) -> OfPost:
    rows = list(Watch.objects.filter(post=post).order_by("-at").values_list("at", "watch_ms")[:MOST_EVENTS])
    fractions = np.array([min(ms / max(post.clip.duration_ms, 1), 1.0) for _at, ms in rows])
    return OfPost(
        post=post,
        impressions=len(rows),
        minutes=round(sum(ms for _at, ms in rows) / 60_000, 1),
        mean_percent=round(100 * float(fractions.mean())) if rows else 0,
        curve=curve(fractions),
        by_day=_by_day([at for at, _ms in rows], now),
        likes=post.like_count,
        comments=post.comment_count,
        reposts=post.repost_count,
        remixes=post.remix_count,
        follows=_follows_after(post),
    )


def curve(fractions: NDArray[np.float64]) -> list[int]:
    """The percent of impressions that reached each of STEPS + 1 points; empty for fewer than FEW."""
    if len(fractions) < FEW:
        return []
    points = np.linspace(0.0, 1.0, STEPS + 1)
    return [round(100 * float((fractions >= point - 1e-9).mean())) for point in points]


def _follows_after(post: Post) -> int:
    """People who began to follow the creator within an hour after watching this clip."""
    watched = Watch.objects.filter(
        post=post,
        viewer=OuterRef("follower"),
        at__lte=OuterRef("created_at"),
        at__gt=OuterRef("created_at") - timedelta(hours=1),
    )
    return Follow.objects.filter(Exists(watched), followee=post.creator_id).count()


def of_creator(creator: User, now: datetime) -> OfCreator:
    """Four weeks, and the newest fifty clips."""
    since = now - timedelta(days=DAYS)
    mine = Post.objects.filter(creator=creator, state__in=[Post.State.LIVE, Post.State.HIDDEN])
    watched = Watch.objects.filter(post__creator=creator, at__gt=since).order_by("-at")
    seen = list(watched.values_list("at", "watch_ms")[:MOST_EVENTS])
    followed = Follow.objects.filter(followee=creator, created_at__gt=since)
    posts = mine.select_related("clip").annotate(seen=Count("watches"), ms=Sum("watches__watch_ms"))
    return OfCreator(
        days=_by_day([at for at, _ms in seen], now),
        follows=_by_day(list(followed.values_list("created_at", flat=True)), now),
        impressions=len(seen),
        minutes=round(sum(ms for _at, ms in seen) / 60_000, 1),
        posts=[
            (post, post.seen, round((post.ms or 0) / 60_000, 1))  # type: ignore[attr-defined]
            for post in posts.order_by("-pk")[:50]
        ],
    )


def _by_day(moments: list[datetime], now: datetime) -> list[tuple[date, int]]:
    """How many on each of the last DAYS days, oldest first."""
    counts = dict.fromkeys((now.date() - timedelta(days=back) for back in reversed(range(DAYS))), 0)
    for at in moments:
        if at.date() in counts:
            counts[at.date()] += 1
    return list(counts.items())
