"""The live path into ranking: the one file of this folder that reads the database."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db.models import Count, F, FloatField, Q, Sum
from django.db.models.functions import Cast, Least

from accounts import social
from accounts.models import CircleMember
from feed import steering
from feed.models import Like, Post, Steering, Watch
from feed.ranking import slate
from feed.ranking.rows import Array, Catalogue, Event, Item, Viewer
from generation.models import Clip

log = logging.getLogger(__name__)

NEWEST = 400
MOST_LIKED = 200
HISTORY = 300
LOG = 4000
LOG_DAYS = 30

Fraction = Least(
    Cast(F("watch_ms"), FloatField()) / Cast(F("post__clip__duration_ms"), FloatField()),
    1.0,
    output_field=FloatField(),
)


def for_you(viewer: social.Viewer, now: datetime, limit: int, shown: Sequence[int] = ()) -> list[slate.Place]:
    """The next places of this viewer's feed. A ranker that fails costs the order, never the page."""
    steered = Steering.of(viewer)
    catalogue = load_catalogue(viewer, steered, now)
    at = now.timestamp()
    try:
        return slate.build(load_viewer(viewer, steered, now), catalogue, at, limit, shown)
    except Exception:
        log.exception("Ranking failed; this page is by popularity.")
        return slate.by_popularity(catalogue, at, limit, shown)


def load_catalogue(viewer: social.Viewer, steered: Steering | None, now: datetime) -> Catalogue:
    """What may be shown to the viewer: the newest and the most liked, with everybody's watching."""
    visible = Post.objects.visible_to(viewer, now).not_muted_by(viewer).not_steered_away(steered)
    if viewer.pk is not None:
        visible = visible.exclude(reports__reporter=viewer.pk)
    newest = list(visible.newest_first().values_list("pk", flat=True)[:NEWEST])
    liked = list(visible.order_by("-like_count", "-pk").values_list("pk", flat=True)[:MOST_LIKED])
    ids = sorted({*newest, *liked})
    seen = {
        row["post"]: (row["impressions"], row["watched"])
        for row in Watch.objects.filter(post__in=ids)
        .values("post")
        .annotate(impressions=Count("pk"), watched=Sum(Fraction))
    }
    fields = (
        "pk",
        "creator_id",
        "published_at",
        "topics",
        "vector",
        "like_count",
        "comment_count",
        "remix_count",
        "caption",
        "clip__prompt",
        "clip__origin",
    )
    items = [
        _item(row, *seen.get(row[0], (0, 0.0)))
        for row in Post.objects.filter(pk__in=ids).order_by("pk").values_list(*fields)
    ]
    return Catalogue(items, _log(ids, now))


def _item(row: tuple[Any, ...], impressions: int, watched: float) -> Item:
    pk, creator, published_at, topics, vector, likes, comments, remixes, caption, prompt, origin = row
    return Item(
        id=pk,
        creator=creator,
        published=published_at.timestamp(),
        topics=tuple(topics),
        vector=_vector(vector),
        likes=likes,
        comments=comments,
        remixes=remixes,
        impressions=impressions,
        watched=watched or 0.0,
        words=f"{caption} {prompt}".lower(),
        is_ai=origin == Clip.Origin.GENERATED,
    )


def _vector(stored: bytes | memoryview | None) -> Array | None:
    return None if not stored else np.frombuffer(stored, dtype="<f4").astype(np.float64)


def _log(ids: list[int], now: datetime) -> list[Event]:
    """Lately: who watched and who liked, newest first up to a bound."""
    since = now - timedelta(days=LOG_DAYS)
    watched = (
        Watch.objects.filter(post__in=ids, at__gte=since)
        .exclude(viewer=None)
        .annotate(fraction=Fraction)
        .order_by("-at")
        .values_list("viewer_id", "post_id", "at", "fraction")[:LOG]
    )
    liked = (
        Like.objects.filter(post__in=ids, created_at__gte=since)
        .order_by("-created_at")
        .values_list("person_id", "post_id", "created_at")[:LOG]
    )
    events = {
        (viewer, post): Event(viewer, post, at.timestamp(), fraction)
        for viewer, post, at, fraction in watched
    }
    for person, post, at in liked:
        events[person, post] = Event(person, post, at.timestamp(), 1.0, liked=True)
    return list(events.values())


def load_viewer(viewer: social.Viewer, steered: Steering | None, now: datetime) -> Viewer:
    """The viewer's own history and edges, true at this read: an action changes the very next page."""
    if viewer.pk is None:
        return Viewer()
    return Viewer(
        id=viewer.pk,
        followed=frozenset(social.followed_ids(viewer)),
        circle=frozenset(CircleMember.objects.filter(owner=viewer.pk).values_list("member_id", flat=True)),
        history=_history(viewer.pk),
        rules=tuple(steering.read(steered.rules)) if steered else (),
        ai_share=steered.ai_share / 100 if steered and steered.ai_share is not None else None,
    )


def _history(person: int) -> tuple[Event, ...]:
    watched = (
        Watch.objects.filter(viewer=person)
        .annotate(fraction=Fraction)
        .order_by("-at")
        .values_list("post_id", "at", "fraction")[:HISTORY]
    )
    events: dict[int, Event] = {}
    for post, at, fraction in reversed(list(watched)):
        best = max(fraction, events[post].watched) if post in events else fraction
        events[post] = Event(person, post, at.timestamp(), best)
    for post, at in (
        Like.objects.filter(person=person)
        .order_by("-created_at")
        .values_list("post_id", "created_at")[:HISTORY]
    ):
        events[post] = Event(person, post, at.timestamp(), 1.0, liked=True)
    refused = Q(not_interested__person=person) | Q(reports__reporter=person)
    for post in Post.objects.filter(refused).values_list("pk", flat=True)[:HISTORY]:
        events[post] = Event(person, post, events[post].at if post in events else 0.0, 0.0, refused=True)
    return tuple(sorted(events.values(), key=lambda event: event.at))
