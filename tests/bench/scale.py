"""`python -m tests.bench.scale`: what larger hosts need, computed on from what one was measured at, and two
simulations that back it (docs/scale.md). Prints one JSON object. Seeds are fixed: the same numbers each time.

MEASURED is what this repository's benches say of one core, row or file, or an estimate where it says so;
ASSUMED is how people behave and what hardware costs, which nobody measured here. Change either and the table
changes.

queue     renders arrive at random, more in the evening; the next free of k workers takes the oldest. How many
          workers keep 95 of 100 waits under a minute?
beacons   beacons arrive at random at k processes that each take one after the other. How full may they be
          before one in a hundred waits longer than 50 ms?
"""

from __future__ import annotations

import heapq
import json
import math
import random
from dataclasses import dataclass

MEASURED = {
    "page_app_ms": 14.0,  # a further page as HTML with its slate, a whole request, eight at once
    "page_database_ms": 3.0,
    "beacon_app_ms": 3.9,  # one a request, eight at once
    "beacon_database_ms": 0.65,
    "watch_row_bytes": 203,  # with its indexes, PostgreSQL 15 (`manage.py town`)
    "post_row_bytes": 3_100,  # post, clip, renditions, words and indexes
    "native_s_a_second": 0.63,  # two cores (docs/algorithms/native.md)
    # `python -m tests.bench.gpu_clip`: Wan 2.1 1.3B, 480x832, 81 frames, 50 steps on an NVIDIA H200
    "gpu_s_a_clip": 70.2,
    "finish_s": 2.5,  # an estimate: marks, two encodings, manifest, fingerprints of 5 s
    "clip_bytes": 1_400_000,  # all files of a 5 s clip: an estimate
    "view_bytes": 450_000,  # what a player fetches of one: an estimate
    "vector_bytes": 1_600,  # an estimate: of a post in the vector process, with its share of the graph
}
ASSUMED = {
    "active_share": 0.2,  # of all people, on a day
    "minutes": 30.0,  # that an active person watches
    "swipe_s": 8.0,
    "peak": 3.0,  # the busiest hour against the mean
    "clips_an_active_person": 0.02,  # a day
    "clip_s": 5.0,
    "core_hour_usd": 0.03,
    "gpu_hour_usd": 2.5,
    "storage_gb_month_usd": 0.02,
    "egress_gb_usd": 0.01,  # a CDN by contract; a cloud's own list price is nine times that
    "beacon_days": 90,
}
SIZES = (10_000, 1_000_000, 100_000_000)
DAY = 86_400.0


@dataclass(frozen=True)
class Size:
    """What so many people do, and what that takes. Rates are of the busiest hour."""

    people: int
    watching_at_once: int
    swipes_per_s: float
    pages_per_s: float
    clips_a_day: int
    app_cores: int
    database_cores: int
    beacon_rows: int
    beacon_gb: int
    new_media_gb_a_day: float
    egress_gb_a_day: float
    vector_gb: float
    render_workers: int
    render_wait_p95_s: float
    usd_per_1000_clips_native: float
    usd_per_1000_clips_gpu: float
    usd_per_1000_views: float


def size_of(people: int) -> Size:
    m, a = MEASURED, ASSUMED
    active = people * a["active_share"]
    watching = active * a["minutes"] / 1440 * a["peak"]
    swipes = watching / a["swipe_s"]
    pages = swipes / 10
    a_day = active * a["minutes"] * 60 / a["swipe_s"]
    clips = active * a["clips_an_active_person"]
    render_s = a["clip_s"] * m["native_s_a_second"] + m["finish_s"]
    workers, wait = workers_for(clips / DAY, render_s)
    app_ms = swipes * m["beacon_app_ms"] + pages * m["page_app_ms"]
    database_ms = swipes * m["beacon_database_ms"] + pages * m["page_database_ms"]
    view_core_s = (m["beacon_app_ms"] + m["beacon_database_ms"]) / 1000
    view_core_s += (m["page_app_ms"] + m["page_database_ms"]) / 10_000
    view_usd = view_core_s / 3600 * a["core_hour_usd"] + m["view_bytes"] / 1e9 * a["egress_gb_usd"]
    kept = m["clip_bytes"] / 1e9 * a["storage_gb_month_usd"] * 12  # a year of storage
    return Size(
        people=people,
        watching_at_once=round(watching),
        swipes_per_s=round(swipes, 1),
        pages_per_s=round(pages, 2),
        clips_a_day=round(clips),
        app_cores=math.ceil(app_ms / 1000 / FULL),
        database_cores=math.ceil(database_ms / 1000 / FULL),
        beacon_rows=round(a_day * a["beacon_days"]),
        beacon_gb=round(a_day * a["beacon_days"] * m["watch_row_bytes"] / 1e9),
        new_media_gb_a_day=round(clips * m["clip_bytes"] / 1e9, 2),
        egress_gb_a_day=round(a_day * m["view_bytes"] / 1e9, 1),
        vector_gb=round(clips * 365 * m["vector_bytes"] / 1e9, 2),
        render_workers=workers,
        render_wait_p95_s=round(wait, 1),
        usd_per_1000_clips_native=round(1000 * (2 * render_s / 3600 * a["core_hour_usd"] + kept), 2),
        usd_per_1000_clips_gpu=round(
            1000
            * (
                m["gpu_s_a_clip"] / 3600 * a["gpu_hour_usd"]
                + m["finish_s"] / 3600 * a["core_hour_usd"]
                + kept
            ),
            2,
        ),
        usd_per_1000_views=round(1000 * view_usd, 4),
    )


# --- Renders ------------------------------------------------------------------------------------------------

WAIT_S = 60.0
MOST_SIMULATED = (
    60_000  # clips of one simulated day; larger days are thinned, which changes no wait per worker
)


def workers_for(per_s: float, render_s: float) -> tuple[int, float]:
    """The fewest workers whose 95th wait of a whole day is under `WAIT_S`, and that wait. Where a day is too
    long to simulate, a part of it with its share of workers is, which waits longer: a bound from above."""
    part = min(1.0, MOST_SIMULATED / max(1.0, per_s * DAY))
    rate = per_s * part
    k = max(1, math.floor(rate * render_s))
    while (wait := day_of_renders(rate, render_s, k)) > WAIT_S:
        k = max(k + 1, math.ceil(k * 1.05))
    return math.ceil(k / part), wait


def day_of_renders(per_s: float, render_s: float, workers: int, seed: int = 7) -> float:
    """The 95th wait of a day; twice the mean comes at the evening's peak, none at the morning's."""
    dice = random.Random(seed)
    free = [0.0] * workers
    waits, now = [], 0.0
    while now < DAY:
        now += dice.expovariate(2 * per_s)
        if dice.random() > (1 + math.sin(2 * math.pi * (now / DAY - 0.25))) / 2:
            continue  # thinned to the hour's rate
        start = max(now, heapq.heappop(free))
        waits.append(start - now)
        heapq.heappush(free, start + render_s * dice.lognormvariate(-0.18, 0.6))
    return sorted(waits)[int(0.95 * (len(waits) - 1))] if waits else 0.0


# --- Beacons ------------------------------------------------------------------------------------------------

BEACON_WAIT_S = 0.05


def fullest(processes: int, beacons: int = 40_000) -> float:
    """How full so many processes may be (of 1) before one beacon in a hundred waits `BEACON_WAIT_S`."""
    low, high = 0.3, 0.999
    for _step in range(9):
        middle = (low + high) / 2
        low, high = (
            (middle, high) if wait_of_beacons(processes, middle, beacons) <= BEACON_WAIT_S else (low, middle)
        )
    return round(low, 3)


def wait_of_beacons(processes: int, full: float, beacons: int, seed: int = 11) -> float:
    """The 99th wait where work fills `full` of the processes; one in eleven is a page, six times as long."""
    dice = random.Random(seed)
    beacon_s = (MEASURED["beacon_app_ms"] + MEASURED["beacon_database_ms"]) / 1000
    page_s = (MEASURED["page_app_ms"] + MEASURED["page_database_ms"]) / 1000
    mean = (10 * beacon_s + page_s) / 11
    free, now, waits = [0.0] * processes, 0.0, []
    for number in range(beacons):
        now += dice.expovariate(processes * full / mean)
        start = max(now, heapq.heappop(free))
        waits.append(start - now)
        heapq.heappush(free, start + (page_s if number % 11 == 0 else beacon_s) * dice.expovariate(1))
    return sorted(waits)[int(0.99 * (len(waits) - 1))]


FULL = 0.6  # how full cores are planned; `fullest` says what two bear


def main() -> None:
    told = {
        "fullest": {str(k): fullest(k) for k in (1, 2, 8, 64)},
        "sizes": [size_of(people).__dict__ for people in SIZES],
        "measured": MEASURED,
        "assumed": ASSUMED,
    }
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
