"""What the feed costs and shows in a simulated town (`make town-db`), for `make bench-feed`.

Runs on DATABASE_URL, prints one JSON object. App CPU is this process's, database CPU that of its backend.

page_cpu_ratio, page_total_ratio, cold_page_ratio   as in bench_feed.py, with the database's CPU in the second
flatness_*        a page against the same of the small town, and deep pages against the first (goal 1.2)
worst_case_ratio  the dearest of ten thousand blocks, dormant follows, a rare filter and nobody followed,
                  against the same page of an ordinary person (goal 2); app and database CPU
beacon_events_per_s   five a request, kept by PostgreSQL, app CPU (goal 2,000)
fresh_share       places among the first ten of slates younger than a day (goal 0.1)
coverage          share of the catalogue that a day would show if everybody saw one slate: of MINUTES minutes
                  of it, with the people who come in one, how many of the clips that the minute's pool drew
                  from the whole catalogue were shown; drawn on to 1,440 minutes (goal 0.5)
below_popularity  tenths of viewers, by what they watched, whose first ten are worse than popularity's by
                  their true taste (goal 0)
oracle_share      true taste of the first ten, between chance (0) and the best ten of the same pool (1)
search_ms         95th of a hundred of 200 questions by words (goal 50; the vector process is away)
search_recall     of the best 50 by words over all clips, how many the newest 400 of each word bring
"""

from __future__ import annotations

import json
import math
import os
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.pace import fewer

SLATES = fewer(200)
MINUTES = fewer(6)
FIRST = 10


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from django.test.utils import setup_test_environment

    from feed.town import fill

    setup_test_environment()

    town = fill.found()
    if town is None:
        raise SystemExit("There is no town in this database: make town-db")
    if town["schema"] != fill.schema():
        raise SystemExit("This town was built for other tables: make town-db")
    small = os.environ.get("TOWN_SMALL") == "1"
    now = datetime.fromisoformat(town["until"])
    found = (
        costs(town, now) if small else {**costs(town, now), **worst(now), **shown(town, now), **searched(now)}
    )
    print(json.dumps({"town": town, **found}))


class Spent:
    """CPU of this process and of its database's backend, in milliseconds: the middle of several runs."""

    def __init__(self) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            self.backend = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")

    def of(self, run: Callable[[], object], times: int) -> tuple[float, float]:
        run()
        run()
        rows = []
        for _ in range(times):
            app, database = time.process_time(), self._database()
            run()
            rows.append((1000 * (time.process_time() - app), self._database() - database))
        return tuple(float(np.median(column)) for column in zip(*rows, strict=True))  # type: ignore[return-value]

    def _database(self) -> float:
        return int(self.backend.read_text().split()[0]) / 1e6


def somebody() -> Any:
    """A person with an ordinary history, the same each time."""
    from accounts.models import User

    return User.objects.get(username="town7")


def costs(town: dict[str, Any], now: datetime) -> dict[str, Any]:
    from django.contrib.sessions.models import Session
    from django.test import Client, override_settings

    from feed import pagination, slates, streams, watch
    from feed.models import Post, Slate, Watch

    viewer, spent = somebody(), Spent()
    Slate.objects.all().delete()
    client = Client()
    client.force_login(viewer)
    with override_settings(ROOT_URLCONF="tests.bench.bench_feed"):
        assert client.get("/bare").status_code == 200
        unit, _ = spent.of(lambda: client.get("/bare"), fewer(200))
    slates.make(viewer, now)

    def page(stream: str, cursor: str = "") -> tuple[float, float]:
        return spent.of(lambda: streams.STREAMS[stream](viewer, cursor, now), fewer(40))

    def request() -> None:
        assert client.get("/api/v1/feed/for-you").status_code == 200

    # The clock of a request is the town's: its last moment is long ago for a view.
    with frozen(now):
        hot = spent.of(request, fewer(60))

    def cold() -> None:
        Slate.objects.filter(person=viewer).delete()
        request()

    before = spent.of(lambda: Slate.objects.filter(person=viewer).delete(), fewer(20))
    with frozen(now):
        cold_app, cold_database = spent.of(cold, fewer(20))
    slates.make(viewer, now)
    total = Post.objects.count()
    deep = Post.objects.newest_first().values_list("published_at", "pk")[min(50_000, total // 2)]
    key = [deep[0].isoformat(), deep[1]]
    shown = list(Post.objects.order_by("-pk").values_list("pk", flat=True)[:490])
    pages = {
        "for_you": page("for-you"),
        "for_you_50": page("for-you", pagination.write("for-you", shown)),
        "latest": page("latest"),
        "latest_deep": page("latest", pagination.write("latest", key)),
        "following": page("following"),
        "following_deep": page("following", pagination.write("following", key)),
    }
    posts = list(Post.objects.order_by("-pk").values_list("public_id", flat=True)[:500])
    sent = [[watch.Beacon(posts[(5 * n + m) % 500], uuid.uuid4(), 900) for m in range(5)] for n in range(200)]
    started, database = time.process_time(), spent._database()
    kept = sum(watch.take(beacons=five, viewer=viewer, now=now) for five in sent)
    took, took_database = time.process_time() - started, (spent._database() - database) / 1000
    Watch.objects.filter(visit__in=[one.visit for five in sent for one in five]).delete()
    Session.objects.all().delete()
    return {
        "bare_json_ms": round(unit, 3),
        "page_cpu_ratio": round(hot[0] / unit, 2),
        "page_total_ratio": round(sum(hot) / unit, 2),
        "cold_page_ratio": round((cold_app - before[0]) / unit, 2),
        "cold_database_ms": round(cold_database - before[1], 2),
        "beacon_events_per_s": round(kept / took),
        "beacon_database_s": round(took_database, 2),
        "pages_ms": {name: [round(app, 2), round(base, 2)] for name, (app, base) in pages.items()},
    }


class frozen:
    """Django's clock stands at one moment: a town that was built yesterday is as fresh as it was."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __enter__(self) -> None:
        from unittest.mock import patch

        self.patches = [patch(f"{where}.timezone.now", lambda: self.now) for where in ("feed.api",)]
        for one in self.patches:
            one.start()

    def __exit__(self, *_: object) -> None:
        for one in self.patches:
            one.stop()


def worst(now: datetime) -> dict[str, Any]:
    from accounts.models import User
    from feed import slates, streams

    spent, ratios = Spent(), {}
    plain = somebody()
    for name, handle, stream in (
        ("blocks", "town_blocks", "for-you"),
        ("blocks_latest", "town_blocks", "latest"),
        ("dormant", "town_dormant", "following"),
        ("filter", "town_filter", "latest"),
        ("nobody", "town_alone", "following"),
    ):
        viewer = User.objects.get(username=handle)
        if stream == "for-you":
            slates.make(plain, now)
            slates.make(viewer, now)
        ours = sum(spent.of(lambda v=viewer, s=stream: streams.STREAMS[s](v, "", now), fewer(20)))  # type: ignore[misc]
        usual = sum(spent.of(lambda s=stream: streams.STREAMS[s](plain, "", now), fewer(20)))  # type: ignore[misc]
        ratios[name] = round(ours / usual, 2)
    return {"worst_cases": ratios, "worst_case_ratio": max(ratios.values())}


def shown(town: dict[str, Any], now: datetime) -> dict[str, Any]:
    from accounts.models import User
    from feed.models import Watch
    from feed.ranking import live, slate
    from feed.town import people as who

    truth = who.settle(town["people"], town["clips"], town["days"], town["seed"])
    draw = np.random.default_rng(9)
    picked = np.sort(draw.choice(town["people"] - 4, SLATES, replace=False))
    fresh, ours, popular, best, chance, known = [], [], [], [], [], []
    live.forget_pool()
    for number in picked.tolist():
        viewer = User.objects.get(pk=number + 1)
        made = live.for_you(viewer, now, 2 * FIRST)
        pool = live.pool(now)
        rows = np.array([item.id - 1 for item in pool.items])
        wanted = truth.wanted(np.full(len(rows), number), rows)
        of = dict(zip((rows + 1).tolist(), wanted.tolist(), strict=True))
        first = [place.item for place in made.places[:FIRST]]
        born = {item.id: item.published for item in pool.items}
        fresh.append(np.mean([now.timestamp() - born[item] < 86_400 for item in first]))
        ours.append(np.mean([of[item] for item in first]))
        seen = set(Watch.objects.filter(viewer=viewer).values_list("post_id", flat=True))
        known.append(len(seen))
        met = {row for row, item in enumerate(pool.items) if item.id in seen}
        likely = [place.item for place in slate.by_popularity(pool, now.timestamp(), FIRST, (), met)]
        popular.append(np.mean([of[item] for item in likely]))
        unseen = np.array([item.id not in seen for item in pool.items])
        best.append(np.sort(wanted[unseen])[-FIRST:].mean())
        chance.append(wanted[unseen].mean())
    order = np.argsort(known, kind="stable")
    below = sum(np.mean(np.array(ours)[p]) < np.mean(np.array(popular)[p]) for p in np.array_split(order, 10))
    return {
        "fresh_share": round(float(np.mean(fresh)), 3),
        "coverage": round(1.0 - math.exp(-1440 * _new_in_a_minute(town, now) / town["clips"]), 3),
        "below_popularity": int(below),
        "oracle_share": round(
            float((np.mean(ours) - np.mean(chance)) / (np.mean(best) - np.mean(chance))), 3
        ),
        "popular_oracle_share": round(
            float((np.mean(popular) - np.mean(chance)) / (np.mean(best) - np.mean(chance))), 3
        ),
    }


def _new_in_a_minute(town: dict[str, Any], now: datetime) -> float:
    """How many of the clips that a minute's pool drew from all were on the slates of its people; the mean."""
    from accounts.models import User
    from feed import slates
    from feed.ranking import live

    draw, found = np.random.default_rng(10), []
    for turn in range(MINUTES):
        at = now - timedelta(minutes=131 * turn)
        live.forget_pool()
        drawn, on_slates = set(live._drawn(at)), set[int]()
        for number in draw.choice(town["people"] - 4, max(1, town["people"] // 1440), replace=False):
            viewer = User.objects.get(pk=int(number) + 1)
            on_slates |= {place.item for place in live.for_you(viewer, at, slates.LENGTH).places}
        found.append(len(drawn & on_slates))
    live.forget_pool()
    return float(np.mean(found))


def searched(now: datetime) -> dict[str, Any]:
    from collections import defaultdict

    from feed import search
    from feed.models import SearchWord
    from feed.town import people as who

    viewer, draw, took, recalls = somebody(), np.random.default_rng(4), [], []
    for n in range(fewer(200)):
        caption, prompt = who.text_of(int(draw.integers(who.MOST_TEXTS)))
        words = (caption if n % 2 else prompt).replace("#", "").replace(",", "").split()
        begin = int(draw.integers(max(len(words) - 2, 1)))
        asked = " ".join(words[begin : begin + 1 + n % 3])
        started = time.perf_counter()
        search.find(viewer, asked, now)
        took.append(1000 * (time.perf_counter() - started))
        parts = search.words_of(asked, asked=True)
        if n < 40 and parts:
            counts = {word: min(SearchWord.objects.filter(word=word).count(), search.EACH) for word in parts}
            score: dict[int, float] = defaultdict(float)
            for word in parts:
                for pk in SearchWord.objects.filter(word=word).values_list("post_id", flat=True):
                    score[pk] += 1.0 / math.log(3.0 + counts[word])
            exact = sorted(score, key=lambda pk: (-round(score[pk], 6), -pk))[:50]
            ours = set(search.by_words(parts)[:50])
            if exact:
                recalls.append(len(ours & set(exact)) / len(exact))
    return {
        "search_ms": round(float(np.percentile(took, 95)), 1),
        "search_recall": round(float(np.mean(recalls)), 3),
    }


if __name__ == "__main__":
    main()
