"""The host learns its own weights from its own log, and serves them only where they win.

What people met in the last 30 days stands in order of time. Of the first three fifths become the counts, the
walks and the ways on (`Onward`, as for logs from files); the welcome events of the next fifth teach the
weights (the conditional logit of `blend.py`, held near the weights that serve); those of the last fifth, from
counts as of their beginning, decide: the new weights serve when they put what people welcomed at least as
high as the weights that serve, higher than popularity, and in no more tenths of the people below it.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.contrib.auth.models import AnonymousUser
from numpy.typing import NDArray

from accounts.models import CircleMember, Follow
from feed.models import Like, Post, RankerVersion, RankingNote, Watch
from feed.ranking import features, live, versions
from feed.ranking.blend import below, fit, gain
from feed.ranking.log import clean
from feed.ranking.ranker import BUILT_IN, STRONGEST, Weights
from feed.ranking.recommenders.linear import Onward as Learner
from feed.ranking.rows import Array, Catalogue, Event, Item, Onward, Viewer

log = logging.getLogger(__name__)

LEAST_WELCOME = 200  # events: below this, nothing is learnt
LEAST_PEOPLE = 10
LEAST_HELD = 40
MOST_EVENTS = 100_000
MOST_ITEMS = 2000
MOST_EXAMPLES = 1500
BESIDE = 100  # other clips that could have stood there, for each event
WELCOME = 0.4  # signal: watched seven tenths, or liked
WAYS_ON = 40  # kept of each clip
RIDGE = 8.0
FIXED = ("seen",)  # never met again among the examples, so nothing about it can be learnt


@dataclass(frozen=True)
class Edges:
    """Whom people follow and list as close, with the moment it began."""

    follows: dict[int, list[tuple[int, float]]]
    circles: dict[int, list[tuple[int, float]]]

    def of(self, person: int, at: float) -> tuple[frozenset[int], frozenset[int]]:
        return _before(self.follows.get(person, ()), at), _before(self.circles.get(person, ()), at)


def _before(edges: Sequence[tuple[int, float]], at: float) -> frozenset[int]:
    return frozenset(other for other, since in edges if since <= at)


# --- The task ----------------------------------------------------------------------------------------------


def learn(now: datetime, seed: int = 0) -> RankerVersion | None:
    """Learn from the log, compare, and serve what won. None where there is too little to learn from."""
    items, events, edges = _read(now)
    served = live.serving()
    made = train(items, events, edges, served, seed)
    if made is None:
        versions.note(RankingNote.Kind.TOO_LITTLE, "", f"{len(events)} events", now)
        return None
    weights, neighbours, figures = made
    version = f"learnt-{now:%Y-%m-%d-%H%M%S}"
    row = RankerVersion.objects.create(
        version=version,
        weights=weights,
        neighbours=neighbours,
        figures={**figures, "against": served.version},
        trained_at=now,
        state=RankerVersion.State.CANDIDATE,
    )
    if wins(figures):
        versions.serve(row, now)
    else:
        row.state = RankerVersion.State.REFUSED
        row.save(update_fields=["state"])
        versions.note(RankingNote.Kind.REFUSED, version, versions.sentence(figures), now)
    return row


def wins(figures: dict[str, Any]) -> bool:
    """Not below the weights that serve, above popularity, and no more tenths of people below popularity."""
    return (
        figures["held"] >= LEAST_HELD
        and figures["ndcg10"] >= figures["current_ndcg10"]
        and figures["ndcg10"] > figures["popular_ndcg10"]
        and figures["tenths_below_popularity"] <= figures["current_tenths_below_popularity"]
    )


# --- Reading -----------------------------------------------------------------------------------------------


def _read(now: datetime) -> tuple[list[Item], list[Event], Edges]:
    """The latest events on what everybody may see, oldest first."""
    since = now - timedelta(days=live.LOG_DAYS)
    visible = Post.objects.visible_to(AnonymousUser(), now).newest_first()
    ids = sorted(visible.values_list("pk", flat=True)[:MOST_ITEMS])
    watched = (
        Watch.objects.filter(post__in=ids, at__gte=since, viewer__isnull=False)
        .annotate(fraction=live.Fraction)
        .order_by("-at")
        .values_list("viewer_id", "post_id", "at", "fraction")[:MOST_EVENTS]
    )
    events: dict[tuple[int, int], Event] = {}
    for viewer, post, at, fraction in watched:
        met = events.get((viewer, post))
        best = max(fraction, met.watched) if met else fraction
        events[viewer, post] = Event(viewer, post, at.timestamp(), best)
    liked = Like.objects.filter(post__in=ids, created_at__gte=since).order_by("-created_at")
    for person, post, at in liked.values_list("person_id", "post_id", "created_at")[:MOST_EVENTS]:
        events[person, post] = Event(person, post, at.timestamp(), 1.0, liked=True)
    ordered = sorted(events.values(), key=lambda event: (event.at, event.viewer, event.item))
    return live.load_items(ids), ordered, _edges({event.viewer for event in ordered})


def _edges(people: set[int]) -> Edges:
    follows: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for a, b, at in Follow.objects.values_list("follower_id", "followee_id", "created_at").iterator():
        if a in people:
            follows[a].append((b, at.timestamp()))
    circles: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for a, b, at in CircleMember.objects.values_list("owner_id", "member_id", "created_at").iterator():
        if a in people:
            circles[a].append((b, at.timestamp()))
    return Edges(follows, circles)


# --- Learning, on rows alone -------------------------------------------------------------------------------


def train(
    items: list[Item], events: list[Event], edges: Edges, served: Weights, seed: int = 0
) -> tuple[dict[str, float], dict[str, Any], dict[str, Any]] | None:
    """(weights, ways on, figures) from events oldest first, or None where there are too few."""
    welcome = [event for event in events if event.signal > WELCOME]
    if len(welcome) < LEAST_WELCOME or len({event.viewer for event in welcome}) < LEAST_PEOPLE:
        return None
    first, second = events[int(0.6 * len(events))].at, events[int(0.8 * len(events))].at
    teach = _examples(items, events, edges, first, second, seed)
    held = _examples(items, events, edges, second, np.inf, seed + 1)
    if len(teach.table) < LEAST_HELD or len(held.table) < LEAST_HELD:
        return None
    prior = served.vector
    learnt = np.clip(fit(teach.table, prior, RIDGE), -STRONGEST, STRONGEST)
    for name in FIXED:
        learnt[features.NAMES.index(name)] = BUILT_IN.values[name]
    ours, current = gain(held.table @ learnt), gain(held.table @ prior)
    popular = gain(held.table[:, :, features.NAMES.index("popular")].astype(np.float64))
    figures = {
        "events": len(events),
        "taught": len(teach.table),
        "held": len(held.table),
        "ndcg10": round(float(ours.mean()), 4),
        "current_ndcg10": round(float(current.mean()), 4),
        "popular_ndcg10": round(float(popular.mean()), 4),
        "tenths_below_popularity": below(ours, popular, held.known),
        "current_tenths_below_popularity": below(current, popular, held.known),
    }
    weights = {name: round(float(value), 4) for name, value in zip(features.NAMES, learnt, strict=True)}
    return weights, ways_on(events), figures


@dataclass(frozen=True)
class Examples:
    """`table` is (examples, 1 + BESIDE, features), what was welcomed at place 0; `known` the length of the
    history before each."""

    table: NDArray[np.float32]
    known: NDArray[np.int64]


def _examples(
    items: list[Item], events: list[Event], edges: Edges, begin: float, end: float, seed: int
) -> Examples:
    catalogue = as_of(items, events, begin)
    draw = np.random.default_rng([seed, 5])
    history: dict[int, list[Event]] = defaultdict(list)
    wanted: list[tuple[Event, tuple[Event, ...]]] = []
    for event in events:
        before = history[event.viewer]
        if begin <= event.at < end and event.signal > WELCOME and event.item in catalogue.index:
            wanted.append((event, tuple(before[-live.HISTORY :])))
        before.append(event)
    picked = [wanted[place] for place in np.sort(draw.permutation(len(wanted))[:MOST_EXAMPLES])]
    found = [_example(catalogue, edges, event, before, draw) for event, before in picked]
    known = np.array([len(before) for _event, before in picked], np.int64)
    width = min((len(one) for one in found), default=0)
    return Examples(np.array([one[:width] for one in found], np.float32), known)


def _example(
    catalogue: Catalogue, edges: Edges, event: Event, history: tuple[Event, ...], draw: np.random.Generator
) -> Array:
    follows, circle = edges.of(event.viewer, event.at)
    table = features.matrix(Viewer(event.viewer, follows, circle, history), catalogue, event.at)
    own = catalogue.index[event.item]
    free = catalogue.column("published") <= event.at
    free[[catalogue.index[met.item] for met in history if met.item in catalogue.index]] = False
    free[own] = False
    others = draw.permutation(np.flatnonzero(free))[:BESIDE]
    return table[np.r_[own, others]]


def as_of(items: list[Item], events: list[Event], moment: float) -> Catalogue:
    """The catalogue as it was known at a moment: counts, log and ways on from the events before it."""
    before = [event for event in events if event.at < moment]
    likes: dict[int, int] = defaultdict(int)
    impressions: dict[int, int] = defaultdict(int)
    watched: dict[int, float] = defaultdict(float)
    for event in before:
        impressions[event.item] += 1
        watched[event.item] += event.watched
        likes[event.item] += event.liked
    then = [
        replace(
            item,
            likes=likes[item.id],
            impressions=impressions[item.id],
            watched=watched[item.id],
            comments=0,
            remixes=0,
        )
        for item in items
    ]
    return Catalogue(then, before[-live.LOG :], Onward.read(ways_on(before)))


def ways_on(events: list[Event]) -> dict[str, Any]:
    """Which clip leads on to which: `{"id": [[id, weight], …]}`, the best WAYS_ON of each."""
    if len(events) < LEAST_WELCOME // 2:
        return {}
    told = clean(
        person=[str(event.viewer) for event in events],
        item=[str(event.item) for event in events],
        at=np.array([event.at for event in events]),
        watch=np.array([event.watched for event in events]),
        like=np.array([float(event.liked) for event in events]),
    )
    learner = Learner(100.0, most=MOST_ITEMS)
    learner.fit(told, 0)
    ids = [int(told.items[column]) for column in learner.columns]
    found: dict[str, Any] = {}
    for source, row in zip(ids, learner.weights, strict=True):
        best = np.argsort(-row, kind="stable")[:WAYS_ON]
        found[str(source)] = [[ids[to], round(float(row[to]), 5)] for to in best if row[to] > 1e-4]
    return {source: row for source, row in found.items() if row}
