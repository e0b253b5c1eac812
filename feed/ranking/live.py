"""The live path into ranking: this file, `learning.py` and `versions.py` read the database, no other here.

What everybody may see is read once for all (the pool) and kept for a minute in this process; of one viewer
only their own rows are read. So a slate costs milliseconds, and what the viewer just did counts in it.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import (
    Count,
    F,
    FloatField,
    IntegerField,
    Max,
    Min,
    QuerySet,
    Subquery,
    Sum,
    TextField,
    Value,
)
from django.db.models.functions import Cast, Least

from accounts import compiled, social
from feed import steering
from feed.models import Experiment, Like, NotInterested, Post, RankerVersion, Report, Steering, Watch
from feed.ranking import faults, slate
from feed.ranking.ranker import BUILT_IN, Weights
from feed.ranking.rows import Array, Catalogue, Event, Item, Onward, Viewer
from generation.models import Clip

log = logging.getLogger(__name__)

NEWEST = 400
MOST_LIKED = 200
# Of all others, anew with each pool: a 1,400th of the house, so that over a day most clips get their chance.
LEAST_DRAWN, MOST_DRAWN, SHARE_DRAWN = 200, 700, 1400
HISTORY = 300
ABOUT = ("post__creator_id", "post__topics")
LOG = 4000
LOG_DAYS = 30
POOL_LASTS = timedelta(seconds=60)
SMALL_HOUSE = 200  # clips: below this, a new clip is in the pool at once

Fraction = Least(
    Cast(F("watch_ms"), FloatField()) / Cast(F("post__clip__duration_ms"), FloatField()),
    1.0,
    output_field=FloatField(),
)


@dataclass(frozen=True)
class Ordered:
    """A slate, and the version of the weights that made it; `popularity` when ranking failed."""

    places: list[slate.Place]
    version: str


def for_you(viewer: social.Viewer, now: datetime, limit: int, shown: Sequence[int] = ()) -> Ordered:
    """The next places of this viewer's feed. A ranker that fails costs the order, never the page, and the
    operator is told."""
    from feed.ranking import experiments  # it makes slates stale, and so knows the way here

    house, edges = _house(viewer), social.edges(viewer)
    steered = Steering.of(viewer) if house.is_steered else None
    kept = _kept(now, house)
    catalogue, at = kept.catalogue, kept.at.timestamp()  # one moment for all who come while it lasts
    mine = load_viewer(viewer, steered, edges)
    hidden = _unwanted(viewer, mine, steered, catalogue, edges)
    try:
        weights = experiments.weights_of(viewer, house.serving(), house.running())
        return Ordered(slate.build(mine, catalogue, at, limit, shown, weights, hidden), weights.version)
    except Exception as error:
        log.exception("Ranking failed; this page is by popularity.")
        faults.tell(error, now)
        return Ordered(slate.by_popularity(catalogue, at, limit, shown, hidden), "popularity")


def serving() -> Weights:
    """The weights that serve: those learnt here that won last, else the built-in ones."""
    return _house().serving()


@dataclass(frozen=True)
class _House:
    """What every slate asks of the host at this very moment, in one statement: the last post, the weights
    that serve, the experiments that run, and whether its viewer steers. Rows of (kind, id, name, share,
    weights as text)."""

    rows: list[tuple[int, int, str, int, str]]

    @property
    def is_steered(self) -> bool:
        return any(kind == 3 for kind, *_ in self.rows)

    @property
    def last_post(self) -> int | None:
        return next((pk for kind, pk, *_ in self.rows if kind == 0), None)

    def serving(self) -> Weights:
        served = [Weights(name, json.loads(weights)) for kind, _, name, _, weights in self.rows if kind == 1]
        return served[0] if served else BUILT_IN

    def running(self) -> list[Experiment]:
        """The oldest first; only what draws people and weighs clips is read."""
        return [
            Experiment(pk=pk, name=name, share=share, weights=json.loads(weights))
            for kind, pk, name, share, weights in sorted(self.rows)
            if kind == 2
        ]


def _house(viewer: social.Viewer | None = None) -> _House:
    who = viewer.pk if viewer is not None and viewer.pk is not None else 0  # nobody's id
    return _House(compiled.run("house", _of_house, compiled.Values(who)))


def _of_house() -> QuerySet[Any, Any]:
    def part(kind: int, rows: QuerySet[Any, Any], name: Any, share: Any, weights: Any) -> QuerySet[Any, Any]:
        named = rows.annotate(kind=Value(kind, IntegerField()), its_name=name, its_share=share, its=weights)
        return named.order_by().values_list("kind", "pk", "its_name", "its_share", "its")

    text, share = Cast("weights", TextField()), Cast("share", IntegerField())
    nothing, none = Value("", TextField()), Value(0, IntegerField())
    last = Post.objects.filter(pk=Subquery(Post.objects.order_by("-pk").values("pk")[:1]))
    served = RankerVersion.objects.filter(state=RankerVersion.State.SERVING)
    running = Experiment.objects.filter(ended_at=None)
    steered = Steering.objects.filter(person=compiled.VIEWER.pk)
    return part(0, last, nothing, none, nothing).union(
        part(1, served, Cast("version", TextField()), none, text),
        part(2, running, Cast("name", TextField()), share, text),
        part(3, steered, nothing, none, nothing),
        all=True,
    )


# --- The pool ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Pool:
    catalogue: Catalogue
    at: datetime
    stamp: tuple[Any, ...]


_pool: _Pool | None = None
_lock = threading.Lock()


def pool(now: datetime) -> Catalogue:
    """What may be shown to everybody, at most a minute old; in a small house a new clip is in it at once."""
    return _kept(now, _house()).catalogue


def _kept(now: datetime, house: _House) -> _Pool:
    global _pool
    kept, stamp = _pool, (connection.settings_dict["NAME"], house.last_post)
    if kept is not None and _lasts(kept, stamp, now):
        return kept
    with _lock:
        if _pool is None or _pool is kept:
            _pool = _Pool(load_catalogue(now), now, stamp)
        return _pool


def forget_pool() -> None:
    """Read it anew at the next slate."""
    global _pool
    _pool = None


def _lasts(kept: _Pool, stamp: tuple[Any, ...], now: datetime) -> bool:
    if kept.stamp[0] != stamp[0] or not timedelta(0) <= now - kept.at < POOL_LASTS:
        return False
    return kept.stamp == stamp or len(kept.catalogue.items) >= SMALL_HOUSE


def load_catalogue(now: datetime) -> Catalogue:
    """The newest and the most liked of what everybody may see, with everybody's watching."""
    visible = Post.objects.visible_to(AnonymousUser(), now)
    newest = list(visible.newest_first().values_list("pk", flat=True)[:NEWEST])
    liked = list(visible.order_by("-like_count", "-pk").values_list("pk", flat=True)[:MOST_LIKED])
    ids = sorted({*newest, *liked, *_drawn(now)})
    return Catalogue(load_items(ids), _log(ids, now), _onward(now))


def _onward(now: datetime) -> Onward | None:
    """Which clip leads on to which, as the version that serves keeps it. One that can't be read costs this
    source alone, and the operator is told."""
    served = RankerVersion.objects.filter(state=RankerVersion.State.SERVING)
    neighbours = served.values_list("neighbours", flat=True).first()
    try:
        return Onward.read(neighbours or {})
    except Exception as error:
        log.exception("The ways on of the ranker that serves can't be read; it goes on without.")
        faults.tell(error, now)
        return None


def _drawn(now: datetime) -> list[int]:
    """Some of all posts that everybody may see, others with each minute; none in a house that the newest and
    the most liked fill already."""
    ends = Post.objects.aggregate(first=Min("pk"), last=Max("pk"))
    first, last = ends["first"], ends["last"]
    if first is None or last - first < NEWEST + MOST_LIKED:
        return []
    count = min(max(LEAST_DRAWN, (last - first) // SHARE_DRAWN), MOST_DRAWN)
    draw = np.random.default_rng(int(now.timestamp() // POOL_LASTS.total_seconds()))
    wanted = draw.integers(first, last + 1, 2 * count).tolist()
    visible = Post.objects.visible_to(AnonymousUser(), now).filter(pk__in=wanted)
    return list(visible.values_list("pk", flat=True)[:count])


def load_items(ids: list[int]) -> list[Item]:
    """These posts as ranking takes them, in the order of their ids."""
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
    return [
        _item(row, *seen.get(row[0], (0, 0.0)))
        for row in Post.objects.filter(pk__in=ids).order_by("pk").values_list(*fields)
    ]


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


# --- One viewer --------------------------------------------------------------------------------------------


def load_viewer(viewer: social.Viewer, steered: Steering | None, edges: social.Edges) -> Viewer:
    """The viewer's own history and edges, true at this read: an action changes the very next page."""
    if viewer.pk is None:
        return Viewer()
    return Viewer(
        id=viewer.pk,
        followed=edges.followed,
        circle=edges.circle,
        history=_history(viewer.pk),
        rules=tuple(steering.read(steered.rules)) if steered else (),
        ai_share=steered.ai_share / 100 if steered and steered.ai_share is not None else None,
    )


def _history(person: int) -> tuple[Event, ...]:
    """The best that was said of each post; refusing it says more than anything else."""
    events: dict[int, Event] = {}
    for kind, post, at, fraction, creator, topics in _met(person):
        if kind == WATCHED and post in events:
            fraction = max(fraction, events[post].watched)
        moment = at.timestamp()
        events[post] = Event(
            person, post, moment, fraction, kind == LIKED, kind == REFUSED, creator, tuple(topics)
        )
    return tuple(sorted(events.values(), key=lambda event: (event.at, event.item)))


WATCHED, LIKED, REFUSED = 0, 1, 2
PARTS = 4  # of what `_all_met` gathers


def _met(person: int) -> list[tuple[Any, ...]]:
    """(kind, post, when, watched fraction, creator, topics): what was watched from the oldest on, then what
    was liked, then what was refused. One statement, where the database limits parts of a union."""
    values = compiled.Values(person)
    if connection.features.supports_slicing_ordering_in_compound:
        rows = compiled.run("history", lambda: _all_met()[0].union(*_all_met()[1:], all=True), values)
    else:
        rows = [
            row
            for n in range(PARTS)
            for row in compiled.run(("history", n), lambda n=n: _all_met()[n], values)  # type: ignore[misc]
        ]
    return sorted(rows, key=lambda row: (row[0], row[2]))


def _all_met() -> list[QuerySet[Any, Any]]:
    me = compiled.VIEWER.pk

    def part(kind: int, rows: QuerySet[Any, Any], at: str, fraction: Any) -> QuerySet[Any, Any]:
        named = rows.annotate(kind=Value(kind, IntegerField()), fraction=fraction)
        return named.order_by(f"-{at}").values_list("kind", "post_id", at, "fraction", *ABOUT)[:HISTORY]

    whole, none = Value(1.0, FloatField()), Value(0.0, FloatField())
    return [
        part(WATCHED, Watch.objects.filter(viewer=me), "at", Fraction),
        part(LIKED, Like.objects.filter(person=me), "created_at", whole),
        part(REFUSED, NotInterested.objects.filter(person=me), "created_at", none),
        part(REFUSED, Report.objects.filter(reporter=me), "created_at", none),
    ]


def _unwanted(
    viewer: social.Viewer,
    mine: Viewer,
    steered: Steering | None,
    catalogue: Catalogue,
    edges: social.Edges,
) -> set[int]:
    """Rows that are not for this viewer: by people they muted or with a block between them, reported by
    them, with a muted word, or AI-made for whoever hides them."""
    if viewer.pk is None:
        return set()
    creators = np.array(list(edges.kept_apart), np.int64)
    found = set(np.flatnonzero(np.isin(catalogue.creators, creators)).tolist()) if creators.size else set()
    refused = [event.item for event in mine.history if event.refused]
    if refused:
        reported = Report.objects.filter(reporter=viewer.pk, post__in=refused)
        ids = reported.values_list("post_id", flat=True)
        found |= {catalogue.index[item] for item in ids if item in catalogue.index}
    if steered is not None and (steered.hide_ai or steered.muted_words):
        found |= {
            row
            for row, item in enumerate(catalogue.items)
            if (steered.hide_ai and item.is_ai) or any(word in item.words for word in steered.muted_words)
        }
    return found
