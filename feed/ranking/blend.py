"""Which recommender counts how much: learnt on the last welcome event of each person, held out of the log.

For each held-out event the members score all items; a conditional logit (the softmax of a weighted sum)
over the best candidates of each member learns the weights, apart for people of whom we know nothing, little
and much. Histories are also cut short at random, so that newcomers have weights of their own in a log
without any. Where the blend does not beat popularity in its own cross-check, popularity serves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import rankdata

from feed.ranking.log import Floats, Log, Rows
from feed.ranking.recommenders import attention, content, counts, factors, linear, walks
from feed.ranking.recommenders.base import Recommender, best, standard

MOST_HELD = 2000  # people whose last event is held out
EACH = 60  # candidates of each member
ASKED = (60, 40)  # candidates where pairs are asked for: drawn from what is asked, and from what was met
KNOWN = (0, 1, 5, 20)  # history lengths at which the weights change
CUTS = (0, 1, 2, 3, 6, 12)
RIDGE = 3.0
CHUNK = 128
CELLS = 6_000_000  # people by items of one member that stand in memory at once

Weights = NDArray[np.float64]


def members(log: Log) -> list[Recommender]:
    """Who may speak on this log. What needs an order speaks only where the log tells moments."""
    found: list[Recommender] = [counts.Popular(), walks.Walk(), linear.Ease(), factors.Factors()]
    if log.has_times:
        found += [counts.Recent(), linear.Onward(100.0), linear.Onward(100.0, 0.6, 8)]
        if log.size >= attention.LEAST_EVENTS and log.shape[1] <= attention.MOST_ITEMS:
            found.append(attention.Attention())
    if log.about_items.words:
        found.append(content.Content())
    if log.about_people.words or log.about_people.numbers:
        found.append(content.Alike())
    return found


@dataclass
class Held:
    """The last welcome event of some people, and the log without it and what came after."""

    log: Log
    people: Rows
    wanted: Rows


@dataclass
class Blend:
    """Members with their weights. `weights` is (len(KNOWN), features); features are two a member: its score
    and, for the best of a catalogue, its place, or, for given pairs, its score damped.
    """

    members: Sequence[Recommender]
    weights: Weights
    report: dict[str, float] = field(default_factory=dict)

    def top(
        self, log: Log, people: Rows, k: int, allowed: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int64], Floats]:
        """The `k` best items that each has not met, with their scores; shape (people, at most k)."""
        items, scores = [], []
        step = chunk(log)
        for start in range(0, len(people), step):
            some = people[start : start + step]
            table = self._standard(log, some)
            hidden = _hidden(log, some, allowed)
            rough = self._weighed(log, some, table, None)
            rough[hidden] = -np.inf
            candidates = best(rough, max(300, 2 * k))
            fine = self._weighed(log, some, table, candidates)
            fine[np.take_along_axis(hidden, candidates, 1)] = -np.inf
            order = best(fine, k)
            items.append(np.take_along_axis(candidates, order, 1))
            scores.append(np.take_along_axis(fine, order, 1))
        return np.concatenate(items), np.concatenate(scores)

    def pairs(self, log: Log, person: Rows, item: Rows) -> Floats:
        """The score of given pairs, by weights that were learnt for pairs; shape (pairs,)."""
        found = np.zeros(len(person), np.float32)
        order = np.argsort(person, kind="stable")
        people, first = np.unique(person[order], return_index=True)
        ends = np.r_[first[1:], len(order)]
        weights = self.weights[bucket(np.diff(log.starts))]
        step = chunk(log)
        for start in range(0, len(people), step):
            some = people[start : start + step]
            rows = order[first[start] : ends[start + len(some) - 1]]
            place = np.searchsorted(some, person[rows]), item[rows]
            scores = [member[place] for member in self._standard(log, some)]
            features = np.stack([*scores, *map(damped, scores)], axis=1)
            found[rows] = np.einsum("nf,nf->n", features, weights[person[rows]])
        return found

    def _standard(self, log: Log, people: Rows) -> list[Floats]:
        return [standard(member.scores(log, people)) for member in self.members]

    def _weighed(
        self, log: Log, people: Rows, table: list[Floats], candidates: NDArray[np.int64] | None
    ) -> Floats:
        weights = self.weights[bucket(np.diff(log.starts)[people])]  # people, 2 members
        if candidates is None:
            candidates_of = table
            ranks: list[Floats] = []
        else:
            candidates_of = [np.take_along_axis(scores, candidates, 1) for scores in table]
            ranks = [rank_of(scores) for scores in candidates_of]
        total = np.zeros_like(candidates_of[0])
        for at, scores in enumerate(candidates_of):
            total += weights[:, at, None].astype(np.float32) * scores
        for at, scores in enumerate(ranks):
            total += weights[:, len(table) + at, None].astype(np.float32) * scores
        return total


def bucket(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.searchsorted(KNOWN, lengths, side="right") - 1


def chunk(log: Log) -> int:
    """How many people are scored at once."""
    return max(1, min(CHUNK, CELLS // max(log.shape[1], 1)))


def damped(scores: Floats) -> Floats:
    """The score where its tail is pulled in: what stands ten deviations above is not ten times as sure."""
    return np.sign(scores) * np.log1p(np.abs(scores))


def rank_of(scores: Floats) -> Floats:
    """1 for the best of the row, falling by the logarithm of the place; what a member scores flat says
    nothing.
    """
    place = rankdata(-scores, axis=1)  # equals share the middle place: none may win by where it stands
    told = np.ptp(scores, axis=1, keepdims=True) > 1e-6
    return (told / np.log2(place + 1.0)).astype(np.float32)


def hold_out(log: Log, seed: int) -> Held:
    """Of at most MOST_HELD people with three events or more: the last welcome one, and without times a
    drawn one.
    """
    draw = np.random.default_rng([seed, 1])
    starts, welcome = log.starts, log.welcome() > 0
    able = np.flatnonzero(np.diff(starts) >= 3).astype(np.int32)
    people = np.sort(draw.permutation(able)[:MOST_HELD])
    kept = np.ones(log.size, bool)
    held, wanted = [], []
    for one in people:
        begin, end = starts[one], starts[one + 1]
        rows = np.flatnonzero(welcome[begin:end]) + begin
        if not len(rows):
            continue
        row = rows[-1] if log.has_times else rows[int(draw.integers(len(rows)))]
        if np.any(log.item[begin:row] == log.item[row]):
            continue  # met before: never recommended again
        kept[row : end if log.has_times else row + 1] = False
        held.append(one)
        wanted.append(log.item[row])
    return Held(log.only(kept), np.array(held, np.int32), np.array(wanted, np.int32))


def learn(
    log: Log,
    seed: int,
    found: Sequence[Recommender] | None = None,
    say: Callable[[str], None] = lambda line: None,
    asked: Rows | None = None,
) -> Blend:
    """Fit the members without the held-out events, weigh them, and let them see everything. With `asked`,
    the items of the pairs that `Blend.pairs` will be asked for, the weights are those for pairs.
    """
    found = list(members(log) if found is None else found)
    held = hold_out(log, seed)
    for member in found:
        member.fit(held.log, seed)
        say(f"learnt {member.name}")
    blend = Blend(found, plain_weights(found))
    if len(held.people) >= 20:
        weigh(blend, held, seed, asked)
    for member in found:
        member.again(log, seed)
    return blend


def plain_weights(found: Sequence[Recommender]) -> Weights:
    """Where there is too little to learn from: popularity for newcomers, all alike for others."""
    weights = np.zeros((len(KNOWN), 2 * len(found)))
    weights[1:, : len(found)] = 1.0
    weights[:, [member.name == "popular" for member in found] + [False] * len(found)] = 1.0
    return weights


def weigh(blend: Blend, held: Held, seed: int, asked: Rows | None = None) -> None:
    """Learn the weights in place, with a report of hits among ten in the cross-check."""
    draw = np.random.default_rng([seed, 4])
    logs = [(held.log, held.people, held.wanted), _cut_short(held, seed)]
    tables, lengths = [], []
    for log, people, wanted in logs:
        tables.append(np.concatenate(_examples(blend, log, people, wanted, asked, draw)))
        lengths.append(np.diff(log.starts)[people])
    table, known = np.concatenate(tables), bucket(np.concatenate(lengths))
    fold = np.tile(np.random.default_rng([seed, 3]).permutation(len(held.people)) % 2, 2)
    scores = np.zeros(table.shape[:2])
    for half in (0, 1):
        weights = _fit_buckets(table[fold != half], known[fold != half])
        chosen = fold == half
        scores[chosen] = np.einsum("pcf,pf->pc", table[chosen], weights[known[chosen]])
    whole = np.arange(len(held.people))  # the uncut copies
    popular = table[:, :, [member.name for member in blend.members].index("popular")]
    ours, theirs = gain(scores), gain(popular.astype(np.float64))
    blend.report = {
        "held": len(whole),
        "ndcg10": float(ours[whole].mean()),
        "popular_ndcg10": float(theirs[whole].mean()),
        "below_popularity": below(ours[whole], theirs[whole], np.concatenate(lengths)[whole]),
    }
    blend.weights = _fit_buckets(table, known)
    for row in range(len(KNOWN)):
        chosen = known == row
        silent = not blend.weights[row].any()
        if silent or (chosen.any() and ours[chosen].mean() < theirs[chosen].mean()):
            blend.weights[row] = plain_weights(blend.members)[0]


def below(ours: Weights, theirs: Weights, lengths: NDArray[np.int64]) -> int:
    """In how many tenths of the people, by how much they met, popularity does better."""
    order = np.argsort(lengths, kind="stable")
    return sum(
        float(ours[part].mean()) < float(theirs[part].mean())
        for part in np.array_split(order, 10)
        if len(part)
    )


def gain(scores: Weights) -> Weights:
    """NDCG at ten of each example; the wanted item stands at place 0. Ties count half against us."""
    ahead = (scores[:, 1:] > scores[:, :1]).sum(axis=1) + 0.5 * (scores[:, 1:] == scores[:, :1]).sum(axis=1)
    return np.where(ahead < 10, 1.0 / np.log2(ahead + 2.0), 0.0)


def _cut_short(held: Held, seed: int) -> tuple[Log, Rows, Rows]:
    """The same people with only their latest few events. Who has none left is still asked when they were:
    newcomers of a test come when its log ends, and what is popular around then must count as much here.
    """
    draw = np.random.default_rng([seed, 2])
    log = held.log
    starts = log.starts
    kept = np.ones(log.size, bool)
    for one in held.people:
        begin, end = starts[one], starts[one + 1]
        kept[begin : max(begin, end - int(draw.choice(CUTS)))] = False
    asked = np.full(log.shape[0], np.inf)
    asked[log.person] = log.at  # events stand by moment: the last one stays
    return replace(log.only(kept), asked=asked), held.people, held.wanted


def _examples(
    blend: Blend, log: Log, people: Rows, wanted: Rows, asked: Rows | None, draw: np.random.Generator
) -> list[Floats]:
    """Features of the wanted item and of the members' best candidates, or of items such as are asked for;
    shapes (people, candidates, features).
    """
    parts = []
    allowed = np.ones(log.shape[1], bool)
    width = 1 + min(EACH, log.shape[1]) * len(blend.members)
    step = chunk(log)
    for start in range(0, len(people), step):
        some, own = people[start : start + step], wanted[start : start + step]
        table = blend._standard(log, some)
        hidden = _hidden(log, some, allowed)
        hidden[np.arange(len(some)), own] = True
        candidates = (
            _union(table, hidden, own, width) if asked is None else _drawn(log, hidden, own, asked, draw)
        )
        real = candidates >= 0
        columns = []
        for scores in table:
            mine = np.take_along_axis(scores, np.maximum(candidates, 0), 1)
            columns.append(np.where(real, mine, mine.min(axis=1, keepdims=True)))
        columns += [(rank_of if asked is None else damped)(scores) for scores in columns]
        stacked = np.stack(columns, axis=2)
        stacked[~real] = np.nan
        parts.append(stacked)
    return parts


def _union(table: list[Floats], hidden: NDArray[np.bool_], wanted: Rows, width: int) -> NDArray[np.int64]:
    """The wanted item first, then each member's best; -1 where a row has fewer."""
    found = np.full((len(wanted), width), -1, np.int64)
    tops = [best(np.where(hidden, -np.inf, scores), EACH) for scores in table]
    for row, own in enumerate(wanted):
        union = np.unique(np.concatenate([top[row] for top in tops]))
        union = union[~hidden[row, union]]
        found[row, 0] = own
        found[row, 1 : 1 + len(union)] = union
    return found


def _drawn(
    log: Log, hidden: NDArray[np.bool_], wanted: Rows, asked: Rows, draw: np.random.Generator
) -> NDArray[np.int64]:
    """The wanted item first, then some that are asked for and some that were met; -1 for what is hidden."""
    pools = [pool for pool in (asked, np.unique(log.item)) if len(pool)]
    found = np.concatenate(
        [
            pool[draw.integers(0, len(pool), (len(wanted), count))]
            for pool, count in zip(pools, ASKED, strict=False)
        ],
        axis=1,
    ).astype(np.int64)
    found[np.take_along_axis(hidden, found, 1)] = -1
    return np.concatenate([wanted[:, None].astype(np.int64), found], axis=1)


def _fit_buckets(table: Floats, known: NDArray[np.int64]) -> Weights:
    """Weights of everybody, then of each bucket, held near everybody's."""
    pooled = fit(table[known > 0] if (known > 0).any() else table, np.zeros(table.shape[2]), RIDGE)
    weights = np.tile(pooled, (len(KNOWN), 1))
    for row in range(len(KNOWN)):
        chosen = known == row
        if chosen.sum() >= 20:
            weights[row] = fit(table[chosen], pooled if row else np.zeros_like(pooled), RIDGE)
    return weights


def fit(table: Floats, prior: Weights, ridge: float) -> Weights:
    """The conditional logit: maximise the log chance of place 0 among the candidates, near the prior."""
    real = np.isfinite(table[:, :, 0])
    features = np.nan_to_num(table).astype(np.float64)

    def loss(weights: Weights) -> tuple[float, Weights]:
        logits = np.where(real, features @ weights, -np.inf)
        logits -= logits.max(axis=1, keepdims=True)
        chances = np.exp(logits)
        chances /= chances.sum(axis=1, keepdims=True)
        pull = weights - prior
        slope = np.einsum("pc,pcf->f", chances, features) - features[:, 0].sum(axis=0) + 2 * ridge * pull
        return float(-np.log(np.maximum(chances[:, 0], 1e-300)).sum() + ridge * pull @ pull), slope

    found = minimize(loss, prior, jac=True, method="L-BFGS-B", options={"maxiter": 60})
    return np.asarray(found.x)


def _hidden(log: Log, people: Rows, allowed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    hidden = np.tile(~allowed, (len(people), 1))
    met = log.met()[people].tocoo()
    hidden[met.row, met.col] = True
    return hidden
