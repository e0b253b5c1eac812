"""`make bench-feed`: what the feed costs on this machine. The last line is one JSON object. No test.

database, posts, people  what it was measured on: the test database of DATABASE_URL (SQLite without one)
bare_json_ms       app CPU of a bare Django JSON view in the same process: the unit of the ratios
page_cpu_ratio     app CPU of a for-you page of ten as JSON from a kept slate, over the bare view (goal 2.5)
page_total_ratio   the same with the database's CPU (SQLite's runs in this process; null on PostgreSQL)
cold_page_ratio    app CPU of that page with the slate made in the request (goal 6)
latest_cpu_ratio   the same for a page of the chronological stream
page_queries       statements of that for-you page
rank_ms            one slate of ten among 500 candidates, rows in, places out (goal 1.0)
event_to_feed_s    from a like to a page that knows it (goal 2)
beacon_events_per_s   new beacons kept, five a request, one process (goal 2,000)
script_gzip_kb     every script of the feed's pages, compressed (goal 60)
log_*              the blend on a made log of 400 people: NDCG at ten of the last event, and popularity's
flatness and the figures of feed_town.py, from the towns of `make town-db`: its page_cpu_ratio and the like
                   take the place of those of the small test database
cold_frame_ms …    the figures of feed_browser.py
null               not measured, for the reason under its part's `…_missing`; `missing` names those

QUICK=1 takes a fifth of the repetitions, to see that everything runs: its figures say nothing.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import path

from tests.bench.pace import fewer

POSTS, PEOPLE = 600, 60
NAMED = (  # every figure that has a goal, or is to be printed
    *("page_cpu_ratio", "page_total_ratio", "cold_page_ratio", "flatness", "worst_case_ratio", "rank_ms"),
    *("event_to_feed_s", "beacon_events_per_s", "cold_frame_ms", "warm_frame_ms", "lcp_ms", "script_gzip_kb"),
    *("videos_live", "heap_growth_mb", "wasted_bytes", "axe_violations", "search_ms", "search_recall"),
    *("fresh_share", "coverage", "below_popularity", "oracle_share"),
)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    started, before = time.monotonic(), os.getloadavg()[0]
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection
    from django.test.utils import setup_databases, setup_test_environment, teardown_databases

    settings.DATABASES["default"].setdefault("TEST", {})["MIGRATE"] = False
    setup_test_environment()
    made = setup_databases(0, False)
    try:
        found = {"database": connection.vendor, "posts": POSTS, "people": PEOPLE, **measure()}
    finally:
        teardown_databases(made, 0)
    found |= log_figures() | town_figures() | part("feed_browser", dict(os.environ))
    print(json.dumps(whole(found, before, time.monotonic() - started)))


def whole(found: dict[str, Any], load: float, took_s: float) -> dict[str, Any]:
    """The object that is printed: every named figure, null and named again where it was not measured."""
    told = dict.fromkeys(NAMED) | found
    return {
        **told,
        "missing": [name for name in NAMED if told[name] is None],
        "quick": os.environ.get("QUICK") == "1",
        "load_before": round(load, 1),
        "load_after": round(os.getloadavg()[0], 1),
        "took_s": round(took_s),
    }


def town_figures() -> dict[str, Any]:
    """Measured in the towns of `make town-db`; null and the reason without them."""
    from tests.bench.feed_town_db import environment

    large = part("feed_town", environment())
    small = part("feed_town", {**environment(small=True), "TOWN_SMALL": "1"})
    found = dict(large)
    if "pages_ms" in large and "pages_ms" in small:
        found["flatness"] = flatness(large["pages_ms"], small["pages_ms"])
        found["small_town_pages_ms"] = small["pages_ms"]
    return found


def flatness(large: dict[str, Any], small: dict[str, Any]) -> dict[str, float]:
    """What a page costs in the large town over the small one, and deep pages over the first; app and
    database."""
    ratios = {f"{name}_by_size": sum(large[name]) / sum(small[name]) for name in large}
    for first, deep in (
        ("for_you", "for_you_50"),
        ("latest", "latest_deep"),
        ("following", "following_deep"),
    ):
        ratios[deep] = sum(large[deep]) / sum(large[first])
    return {
        **{name: round(ratio, 2) for name, ratio in ratios.items()},
        "worst": round(max(ratios.values()), 2),
    }


def part(name: str, environment: dict[str, str]) -> dict[str, Any]:
    """The object that another part prints last; why there is none, where it fails."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.bench.{name}"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        return {f"{name}_missing": (done.stderr.strip().splitlines() or ["it failed"])[-1][:200]}
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def measure() -> dict[str, Any]:
    from django.utils import timezone

    now = timezone.now()
    people, posts = fill(now)
    return {
        **page_figures(people[0], now),
        "rank_ms": round(rank_ms(), 2),
        "event_to_feed_s": round(event_to_feed(people[1], posts[-1], now), 3),
        "beacon_events_per_s": round(beacons_per_s(people[2], posts, now)),
        "script_gzip_kb": round(script_kb(), 1),
    }


def fill(now: datetime) -> tuple[list[Any], list[Any]]:
    """People who made, follow, watched and liked: rows alone, no files."""
    import numpy as np

    from accounts.models import Block, Follow, User
    from feed.models import Like, Post, Watch
    from generation.models import Clip, Rendition

    draw = np.random.default_rng(1)
    people = User.objects.bulk_create(
        [User(username=f"p{n}", birth_date="1990-01-01") for n in range(PEOPLE)]
    )
    clips = Clip.objects.bulk_create(
        [
            Clip(
                maker=people[n % PEOPLE],
                prompt=f"a cat walks number {n}",
                seed=n,
                engine="native",
                cast_count=0,
                duration_ms=5000,
                width=720,
                height=1280,
                sealed_at=now,
            )
            for n in range(POSTS)
        ]
    )
    Rendition.objects.bulk_create(
        Rendition(
            clip=clip, kind=kind, path=f"{clip.pk}-{kind}", sha256="0" * 64, bytes=1, width=720, height=1280
        )
        for clip in clips
        for kind in Rendition.Kind.values
    )
    posts = Post.objects.bulk_create(
        Post(
            clip=clip,
            creator=clip.maker,
            caption=f"clip {n}",
            topics=[f"t{n % 12}"],
            like_count=n % 9,
            published_at=now - timedelta(minutes=n),
        )
        for n, clip in enumerate(clips)
    )
    Follow.objects.bulk_create(
        Follow(follower=people[a], followee=people[(a + b) % PEOPLE], created_at=now)
        for a in range(PEOPLE)
        for b in (1, 5, 9)
    )
    Block.objects.bulk_create(
        Block(blocker=people[a], blocked=people[(a + 30) % PEOPLE], created_at=now) for a in range(PEOPLE)
    )
    met = zip(draw.integers(0, PEOPLE, 4000), draw.integers(0, POSTS, 4000), strict=True)
    pairs = {(int(a), int(b)) for a, b in met}
    Watch.objects.bulk_create(
        Watch(post=posts[b], viewer=people[a], visit=uuid.uuid4(), watch_ms=int(draw.integers(5000)), at=now)
        for a, b in sorted(pairs)
    )
    Like.objects.bulk_create(
        Like(post=posts[b], person=people[a], created_at=now) for a, b in sorted(pairs)[::8]
    )
    return list(people), list(posts)


def bare(request: HttpRequest) -> JsonResponse:
    """What the ratios are over: ten small rows as JSON, nothing read."""
    return JsonResponse({"posts": [{"id": n, "caption": "a clip"} for n in range(10)], "next": None})


urlpatterns = [path("bare", bare)]


def page_figures(viewer: Any, now: datetime) -> dict[str, Any]:
    """The bare view and the API's pages, through the same middleware for the same signed-in person."""
    from django.db import connection
    from django.test import Client, override_settings
    from django.test.utils import CaptureQueriesContext

    from feed import streams
    from feed.models import Slate

    client = Client()
    client.force_login(viewer)
    with override_settings(ROOT_URLCONF="tests.bench.bench_feed"):
        unit = cpu_ms(lambda: client.get("/bare"), fewer(200))
    streams.for_you(viewer, "", now)
    with CaptureQueriesContext(connection) as statements:
        assert len(streams.for_you(viewer, "", now).cards) == 10
    queries = len(statements)
    page = cpu_ms(lambda: client.get("/api/v1/feed/for-you"), fewer(60)) / unit

    def cold() -> None:
        Slate.objects.filter(person=viewer).delete()
        client.get("/api/v1/feed/for-you")

    return {
        "bare_json_ms": round(unit, 2),
        "page_cpu_ratio": round(page, 1),
        "page_total_ratio": round(page, 1) if connection.vendor == "sqlite" else None,
        "cold_page_ratio": round(cpu_ms(cold, fewer(20)) / unit, 1),
        "latest_cpu_ratio": round(cpu_ms(lambda: client.get("/api/v1/feed/latest"), fewer(20)) / unit, 1),
        "page_queries": queries,
    }


def cpu_ms(run: Callable[[], object], times: int) -> float:
    """The middle of `times` runs, in milliseconds of this process's CPU."""
    run()
    spent = []
    for _ in range(times):
        started = time.process_time()
        run()
        spent.append(time.process_time() - started)
    return 1000 * sorted(spent)[len(spent) // 2]


def rank_ms() -> float:
    import numpy as np

    from feed.ranking import slate
    from feed.ranking.rows import Catalogue, Event, Item, Viewer

    now, draw = 1_800_000_000.0, np.random.default_rng(2)
    items = [
        Item(n, n % 90, now - 900.0 * n, (f"t{n % 12}",), draw.standard_normal(384), n % 9, 0, 0, 30, 12.0)
        for n in range(500)
    ]
    log = [
        Event(int(draw.integers(200)), int(draw.integers(500)), now, float(draw.random()))
        for _ in range(4000)
    ]
    viewer = Viewer(7, frozenset({1, 2, 3}), frozenset(), tuple(event for event in log if event.viewer == 7))
    catalogue = Catalogue(items, log)
    return cpu_ms(lambda: slate.build(viewer, catalogue, now, 10), 15)


def event_to_feed(viewer: Any, post: Any, now: datetime) -> float:
    """Wall seconds from the like until the next page was built, and that the page knows it."""
    from feed import actions, streams

    def liked(card: Any) -> bool:
        return any(term["name"] == "creator" and term["value"] > 0 for term in (card.why or {})["terms"])

    started = time.perf_counter()
    actions.like(post=post, person=viewer, now=now)
    page = streams.for_you(viewer, "", now)
    took = time.perf_counter() - started
    assert any(liked(card) for card in page.cards)
    return took


def beacons_per_s(viewer: Any, posts: list[Any], now: datetime) -> float:
    from feed import watch

    rounds = 150
    sent = [
        [watch.Beacon(posts[(5 * n + m) % POSTS].public_id, uuid.uuid4(), 900) for m in range(5)]
        for n in range(rounds)
    ]
    started = time.process_time()
    kept = sum(watch.take(beacons=five, viewer=viewer, now=now) for five in sent)
    return kept / (time.process_time() - started)


def script_kb() -> float:
    folder = Path(__file__).parents[2] / "static/js"
    names = ["app.js", "http.js", "toast.js", "kept.js", "elements/clip-feed.js", "elements/comment-sheet.js"]
    names += ["elements/product-tags.js", "player/pool.js", "player/reel.js", "player/watching.js"]
    names += ["player/captions.js", "player/usage.js", "elements/live-news.js", "elements/session-budget.js"]
    return (
        sum(len(gzip.compress((folder / name).read_bytes())) for name in names if (folder / name).exists())
        / 1024
    )


def log_figures() -> dict[str, Any]:
    """A made log: forty clusters, people of three, who go on within one for a while."""
    import numpy as np

    from feed.ranking import blend
    from feed.ranking.log import clean

    draw = np.random.default_rng(3)
    person, item, at = [], [], []
    for who in range(400):
        mine, now = draw.integers(0, 40, 3), int(draw.integers(0, 10**6))
        for step in range(30):
            cluster = mine[step // 10] if draw.random() < 0.8 else draw.integers(0, 40)
            person.append(f"u{who}")
            item.append(f"i{cluster * 12 + int(12 * draw.random() ** 2)}")
            at.append(now + step)
    silent = np.full(len(item), np.nan)
    started = time.process_time()
    report = blend.learn(
        clean(person=person, item=item, at=np.array(at, float), watch=silent, like=silent), 0
    ).report
    return {
        "log_ndcg10": round(report["ndcg10"], 4),
        "log_popular_ndcg10": round(report["popular_ndcg10"], 4),
        "log_tenths_below_popularity": report["below_popularity"],
        "log_cpu_s": round(time.process_time() - started, 1),
    }


if __name__ == "__main__":
    main()
