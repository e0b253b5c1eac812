"""Any log from files, ranked by the code that ranks the house: `manage.py rank_offline`.

Reads `user,item,ts,watch,like`, people and items with any attributes; writes `user,rank,item`, or scores of
given pairs. In memory, without a database, the same for the same seed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from feed.ranking import blend
from feed.ranking.expected import Expected
from feed.ranking.log import Floats, Log, Rows, clean
from feed.ranking.tables import Table, attributes, read, read_about, seconds

Say = Callable[[str], None]


def load(events: Path, users: Path | None, items: Path | None) -> tuple[Log, int]:
    """The cleaned log, and how many of its items the catalogue lists (all of them without one)."""
    table = read(events, ("user", "item"))
    people, about_people = attributes(read_about(users, "user") if users else None, "user")
    catalogue, about_items = attributes(read_about(items, "item") if items else None, "item")
    who, what = table.words("user"), table.words("item")
    whole = np.array([row for row in range(table.length) if who[row] and what[row]], np.int64)
    log = clean(
        person=[who[row] for row in whole],
        item=[what[row] for row in whole],
        at=seconds(table.numbers("ts"))[whole],
        watch=table.numbers("watch")[whole],
        like=table.numbers("like")[whole],
        people=people,
        items=catalogue,
        about_people=about_people,
        about_items=about_items,
    )
    return log, len(catalogue) or log.shape[1]


def recommend(log: Log, offered: int, k: int, seed: int, say: Say) -> Iterator[tuple[str, int, str]]:
    """(person, rank from 1, item): the `k` best of the catalogue that each has not met."""
    learnt = blend.learn(log, seed, say=say)
    say(f"cross-check on held-out events: {learnt.report}")
    allowed = np.arange(log.shape[1]) < offered
    for start in range(0, len(log.people), 1024):
        people = np.arange(start, min(start + 1024, len(log.people)), dtype=np.int32)
        items, scores = learnt.top(log, people, k, allowed)
        for person, row, values in zip(people, items, scores, strict=True):
            kept = row[np.isfinite(values)]
            for rank, item in enumerate(kept, start=1):
                yield log.people[person], rank, log.items[item]


def judge(log: Log, slate: Table, seed: int, say: Say) -> Iterator[tuple[str, str, float]]:
    """(person, item, score) for each line of the slate, in its order."""
    pairs = list(zip(slate.words("user"), slate.words("item"), strict=True))
    person = _rows(log.people, [one for one, _ in pairs])
    item = _rows(log.items, [one for _, one in pairs])
    scores = pair_scores(log, person, item, seed, say)
    for (one, what), score in zip(pairs, scores, strict=True):
        yield one, what, float(score)


def pair_scores(log: Log, person: Rows, item: Rows, seed: int, say: Say) -> Floats:
    """Expected welcome where the log says how welcome things were; else the blend's score."""
    if log.has_watch or log.has_likes:
        return Expected().fit(log, seed, say).scores(person, item)
    learnt = blend.learn(log, seed, say=say, asked=item)
    say(f"cross-check on held-out events: {learnt.report}")
    return learnt.pairs(log, person, item)


def _rows(names: list[str], wanted: Sequence[str]) -> NDArray[np.int32]:
    number_of = {name: row for row, name in enumerate(names)}
    return np.fromiter((number_of[name] for name in wanted), np.int32, len(wanted))


def with_strangers(log: Log, slate: Table) -> Log:
    """The log with the people and items that only the slate names."""
    return clean(
        person=[log.people[row] for row in log.person],
        item=[log.items[row] for row in log.item],
        at=log.at if log.has_times else np.full(log.size, np.nan),
        watch=log.watch.astype(np.float64),
        like=log.like.astype(np.float64),
        people=[*log.people, *slate.words("user")],
        items=[*log.items, *slate.words("item")],
        about_people=log.about_people,
        about_items=log.about_items,
    )
