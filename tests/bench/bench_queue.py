"""`make bench-queue`: what the queue costs and keeps. The last line is one JSON object. No test.

queue_overhead   one idle Celery worker, a sleeping engine: (QUEUED until it left RENDERING - slept) / slept,
                 by the machine's steady clock at both arrows, median. overhead_s: where it went, run by run
                 (before the engine began, at its steps, on files after its last frame: the last is not in it)
                 Idle: a first job waited already when the worker started, and what it warms up afterwards
                 is over. (Asked as soon as it gave a sign of life, the first job came now before the
                 warm-up, now within it, by how full the tables were; the figures went with that.)
dispatch_ms      p95 of taking a job with 20 people and 200 jobs waiting
dispatch_cpu_ms  of that, this process's own processor time: what a loaded machine does not stretch
slowdown_jain    Jain's index over 20 people's mean wait / service while all have work, one of them with 100
newcomer_jobs    jobs that somebody new waited for: the most of any one person (the running one not counted)
kills            random SIGKILLs of workers, web process and broker stand-in, and ended database connections
                 (PostgreSQL), while jobs are made; some are asked for over HTTP, each with a key that is
                 sent again until it is answered
lost, doubled    jobs that ended nowhere, or with two clips, or keys with no or two requests
credits_off      people whose books do not fit
orphans          what `generation.orphans` finds after one sweep
cancel_steps     steps done after a cancel
model_loads      engines loaded after the first job of a worker
eta_error        median |promised - real| / real wait over a mixed hour, replayed in events
families_verbs   share of the table of diffusers families that renders

The database is one of the bench's own (a file, or on PostgreSQL one that is dropped at the end), so that
several may run; each part begins with an empty queue and what the parts before made in the tables.

Flags: --kills N --workers N --engine-s S --skip-families --only PART ...
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from tests.bench import sleeper
from tests.bench.victims import Broker, Host

PARTS = ("fairness", "newcomer", "dispatch", "promises", "cancelling", "overhead", "killing", "families")
TURNS = 4
BROKER: Any = None  # the stand-in, for as long as the bench runs
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--kills", type=int, default=200)
    asked.add_argument("--workers", type=int, default=8)
    asked.add_argument("--engine-s", type=float, default=10.0)
    asked.add_argument("--skip-families", action="store_true")
    asked.add_argument("--only", nargs="*", default=[], choices=PARTS, help="only these parts")
    how = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="understudy-queue-") as folder, place(folder):
        found: dict[str, Any] = {"load_1m": round(os.getloadavg()[0], 1)}
        parts: dict[str, Callable[[], dict[str, Any]]] = {
            "fairness": fairness,
            "newcomer": newcomer,
            "dispatch": dispatch,
            "promises": promises,
            "cancelling": cancelling,
            "overhead": lambda: overhead(how.engine_s),
            "killing": lambda: killing(how.kills, how.workers),
            "families": lambda: {"families_verbs": families_share(Path(folder))},
        }
        for name in how.only or PARTS:
            if name == "families" and how.skip_families:
                continue
            found |= parts[name]()
            print(json.dumps(found), file=sys.stderr)
    print(json.dumps(found))


@contextmanager
def place(folder: str) -> Iterator[None]:
    """Django on a broker and a database of this process's own, gone afterwards."""
    global BROKER
    BROKER = Broker()
    os.environ["REDIS_URL"] = BROKER.url
    os.environ["DATA_DIR"] = folder
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.queue_settings"
    import django

    django.setup()
    try:
        with tables():
            yield
    finally:
        BROKER.end()


@contextmanager
def tables() -> Iterator[None]:
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    if connection.vendor == "sqlite":
        call_command("migrate", verbosity=0)
        yield
        return
    connection.settings_dict["TEST"]["NAME"] = f"understudy_queue_{os.getpid()}"
    before = setup_databases(verbosity=0, interactive=False)
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"]
    try:
        yield
    finally:
        teardown_databases(before, verbosity=0)


def person(name: str) -> Any:
    from accounts.models import User

    made, _ = User.objects.get_or_create(
        username=name, defaults={"email": f"{name}@example.test", "birth_date": "1990-05-17"}
    )
    return made


def ask(
    maker: Any,
    now: datetime,
    *,
    seconds: int = 1,
    steps: int = 1,
    verb: str = "text",
    is_preview: bool = False,
    live: bool = False,
) -> Any:
    """A request that was judged already: into the queue, its credits set aside. `live`: queued at the moment
    when it is, and not at `now`."""
    from generation import actions, credits, estimate, queue
    from generation.models import Generation
    from generation.states import State

    row = Generation.objects.create(
        maker=maker, prompt="a kite", seed=steps, seconds=seconds, engine="sleeper", credits=seconds,
        verb=verb, is_preview=is_preview,
        state=State.SCREENING, state_since=now, created_at=now,
    )  # fmt: skip
    credits.reserve(row, now)
    promised = estimate.left(row, now)
    actions.enqueue(row, queue.clock() if live else now)
    row.promised = promised
    return row


def clear() -> None:
    """End what waits, so that each figure begins with an empty queue."""
    from generation import actions
    from generation.models import Generation, Turn

    for row in Generation.objects.still_open().select_related("maker"):
        actions.end_cancelled(row, NOW)
    Turn.objects.all().delete()


def take(now: datetime, service_s: float) -> Any:
    """One worker takes the next job and finishes it `service_s` later, as a failure: no clip is needed."""
    from generation import actions, queue
    from generation.models import Generation

    held = queue.claim("w", now)
    if held is None:
        return None
    row = Generation.objects.select_related("maker").get(pk=held.generation_id)
    actions.end_failed(row, now + timedelta(seconds=service_s), error="engine_error")
    return row


def fairness() -> dict[str, Any]:
    """19 people ask again as soon as they are served; one has asked for 100 at once. Each turn's wait counts
    from the moment when the person's job became the first of theirs in line."""
    clear()
    people = [person(f"p{n}") for n in range(20)]
    now, service = NOW, 10.0
    first_since = dict.fromkeys((p.pk for p in people), now)
    for index, who in enumerate(people):
        for _job in range(100 if index == 0 else 1):
            ask(who, now)
    waits: dict[int, list[float]] = {p.pk: [] for p in people}
    for _turn in range(20 * 8):
        row = take(now, service)
        waits[row.maker_id].append((now - first_since[row.maker_id]).total_seconds() / service)
        now += timedelta(seconds=service)
        first_since[row.maker_id] = now
        if row.maker_id != people[0].pk:
            ask(row.maker, now)
    means = [statistics.mean(w) for w in waits.values()]
    jain = sum(means) ** 2 / (len(means) * sum(m * m for m in means))
    return {"slowdown_jain": round(jain, 4)}


def newcomer() -> dict[str, Any]:
    clear()
    people = [person(f"p{n}") for n in range(10)]
    for who in people:
        for _job in range(20):
            ask(who, NOW)
    now = NOW
    for _turn in range(13):
        take(now, 1.0)
    new = person("nina")
    ask(new, now)
    before: Counter[int] = Counter()
    while (row := take(now, 1.0)).maker_id != new.pk:
        before[row.maker_id] += 1
    return {"newcomer_jobs": max(before.values(), default=0)}


def dispatch() -> dict[str, Any]:
    from generation import queue

    clear()
    for n in range(20):
        for _job in range(10):
            ask(person(f"p{n}"), NOW)
    took, cpu = [], []
    for _turn in range(200):
        started, worked = time.monotonic(), time.thread_time()
        assert queue.claim("w", NOW) is not None
        took.append(1000 * (time.monotonic() - started))
        cpu.append(1000 * (time.thread_time() - worked))
    clear()
    p95, cpu95 = (round(statistics.quantiles(times, n=20)[-1], 1) for times in (took, cpu))
    return {"dispatch_ms": p95, "dispatch_cpu_ms": cpu95}


LENGTHS, TOLD = (1, 2, 5, 10), {"text": 1.0, "still": 0.3, "storyboard": 1.4}


def promises() -> dict[str, Any]:
    """An hour of mixed requests at two workers, in events instead of seconds: arrivals by chance, three
    verbs, four lengths, previews, work that varies by a third. The first ten minutes teach and are not
    counted."""
    from generation import actions, queue
    from generation.models import Clip, Generation, Worker

    clear()
    chance = random.Random(5)
    now, end = NOW, NOW + timedelta(hours=1)
    workers = ["one", "two"]
    for name in workers:
        Worker.objects.update_or_create(name=name, defaults={"seen_at": NOW + timedelta(hours=3)})
    busy: dict[str, tuple[datetime, Any]] = {}
    arrivals = sorted(NOW + timedelta(seconds=chance.uniform(0, 3600)) for _ in range(260))
    errors: list[float] = []
    inside: list[bool] = []
    work_errors: list[float] = []
    asked: dict[int, tuple[datetime, Any]] = {}
    while now < end + timedelta(hours=1) and (arrivals or busy):
        while arrivals and arrivals[0] <= now:
            arrivals.pop(0)
            verb = chance.choices(list(TOLD), (6, 2, 2))[0]
            row = ask(
                person(f"p{chance.randrange(12)}"),
                now,
                seconds=chance.choice(LENGTHS),
                verb=verb,
                is_preview=chance.random() < 0.15,
            )
            asked[row.pk] = (now, row.promised)
        for name in workers:
            if name in busy and busy[name][0] <= now:
                _, row = busy.pop(name)
                row.refresh_from_db()
                clip = Clip.objects.create(
                    maker=row.maker, engine="sleeper", duration_ms=1000, width=2, height=2, sealed_at=now
                )
                for state in ("INSPECTING", "SEALING"):
                    Generation.objects.filter(pk=row.pk).update(state=state)
                row.refresh_from_db()
                actions.end_ready(row, clip, now, stage_seconds={})
                since, promised = asked[row.pk]
                if since > NOW + timedelta(minutes=10) and since < end:
                    real = (now - since).total_seconds()
                    errors.append(abs(promised.wait_s - real) / real)
                    inside.append(promised.wait_s_low <= real <= promised.wait_s_high)
                    took = (now - row.started_at).total_seconds()
                    work_errors.append(abs(promised.compute_s - took) / took)
            if name not in busy and (held := queue.claim(name, now)) is not None:
                row = Generation.objects.select_related("maker").get(pk=held.generation_id)
                work = (4 + 4.5 * row.seconds) * TOLD[row.verb] * (0.3 if row.is_preview else 1.0)
                busy[name] = (now + timedelta(seconds=work * chance.uniform(0.75, 1.33)), row)
        now = min([*arrivals[:1], *(at for at, _ in busy.values())], default=end + timedelta(hours=1))
    Worker.objects.all().delete()
    clear()
    return {
        "eta_error": round(statistics.median(errors), 3),
        "eta_in_range": round(statistics.mean(inside), 3),
        "eta_work_error": round(statistics.median(work_errors), 3),
        "eta_jobs": len(errors),
    }


def cancelling() -> dict[str, Any]:
    from generation import actions, pipeline, queue

    clear()
    most = 0
    for at in range(1, 6):
        row = ask(person("p0"), queue.clock(), steps=12)
        held = queue.claim("w", queue.clock())
        assert held is not None
        done: list[int] = []

        def pulse(row: Any = row, done: list[int] = done, at: int = at) -> None:
            done.append(1)
            if len(done) == at:
                actions.cancel(generation=row, by=row.maker, now=queue.clock())

        pipeline.run(held, pulse=pulse)
        row.refresh_from_db()
        assert row.state == "CANCELLED", row.state
        most = max(most, len(done) - at)
    return {"cancel_steps": most}


def overhead(engine_s: float) -> dict[str, Any]:
    """A Celery worker as `manage.py run` starts it, woken by the broker; a first job to load, and four."""
    from generation import queue

    clear()
    notes = Path(os.environ["DATA_DIR"]) / "notes.jsonl"
    os.environ["BENCH_NOTES"] = str(notes)
    sleeper.note_arrows()
    row = ask(person("p0"), queue.clock(), live=True)
    worker = start_worker()
    rates, with_files, where = [], [], []
    try:
        for turn in range(1 + TURNS):
            if turn:
                steps = round(engine_s / sleeper.Sleeper.STEP_S)
                row = ask(person("p0"), queue.clock(), steps=steps, live=True)
            while row.state not in ("READY", "FAILED"):
                assert worker.poll() is None, "the worker ended"
                time.sleep(0.2)
                row.refresh_from_db()
            assert row.state == "READY", row.error
            lines = [json.loads(line) for line in notes.read_text().splitlines()]
            queued, left = (
                next(line["at"] for line in lines if line.get("arrow") == arrow and line["row"] == row.pk)
                for arrow in ("QUEUED", "INSPECTING")
            )
            if not turn:
                until_idle(worker.pid)
                continue
            slept = [line["slept"] for line in lines if "slept" in line][-1]
            began = [line["at"] for line in lines if "began" in line][-1]
            files = row.stage_seconds["render"] - (left - began)
            rates.append((left - queued - slept) / slept)
            with_files.append((left - queued - slept + files) / slept)
            parts = {"before": began - queued, "steps": left - began - slept, "files": files}
            where.append({part: round(seconds, 3) for part, seconds in parts.items()})
    finally:
        worker.kill()
        worker.wait()
        del os.environ["BENCH_NOTES"]
    return {
        "queue_overhead": round(statistics.median(rates), 4),
        "queue_overhead_with_files": round(statistics.median(with_files), 4),
        "model_loads": sum("loaded" in line for line in lines) - 1,
        "engine_s": engine_s,
        "overhead_load_1m": round(os.getloadavg()[0], 1),
        "overhead_s": where,
    }


def start_worker() -> subprocess.Popen[bytes]:
    """A rendering worker of its own on this database, ready (its sign of life is there)."""
    from django.db import connection

    from generation.models import Worker

    environment = dict(os.environ)
    if connection.vendor == "postgresql":
        url = urlparse(environment["DATABASE_URL"])
        environment["DATABASE_URL"] = url._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    Worker.objects.all().delete()
    command = [sys.executable, "-m", "celery", "-A", "config"]
    flags = ["--pool", "solo", "--loglevel", "WARNING", "--without-gossip", "--without-mingle"]
    child = subprocess.Popen(
        [*command, "worker", *flags, "--without-heartbeat", "-Q", "render"],
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 180
    while not Worker.objects.exists():
        assert child.poll() is None and time.monotonic() < deadline, "the worker did not start"
        time.sleep(0.2)
    return child


def until_idle(pid: int) -> None:
    """Waits until a process does next to nothing for three seconds on end: a tenth of one processor."""
    quiet, before, deadline = 0, cpu_s(pid), time.monotonic() + 180
    while quiet < 3:
        assert time.monotonic() < deadline, "the worker is never idle"
        time.sleep(1)
        now = cpu_s(pid)
        quiet, before = (quiet + 1 if now - before < 0.1 else 0), now


def cpu_s(pid: int) -> float:
    """Processor time of a process so far (proc(5): fields 14 and 15 of its stat)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def killing(kills: int, workers: int) -> dict[str, Any]:
    """Jobs for everybody, some asked for over HTTP, while workers, web, broker and connections die at random;
    then what is left is finished, and counted."""
    from django.db import connection

    from accounts import books, tokens
    from generation import credits, orphans, queue
    from generation.models import Clip, Generation
    from generation.states import OVER

    clear()
    started = time.monotonic()
    chance = random.Random(7)
    people = [person(f"k{n}") for n in range(8)]
    secrets = [
        tokens.make(user=who, name="bench", scopes=["clips:write"], days=1, now=queue.clock())[1]
        for who in people
    ]

    def more(count: int) -> list[Any]:
        return [ask(chance.choice(people), queue.clock(), steps=chance.randint(3, 15)) for _ in range(count)]

    put = len(more(workers * 3))
    vectors = start_vectors()
    host = Host(workers, BROKER, chance)
    asker = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("asker.py")), str(host.web_port), "7", *secrets],
        stdout=subprocess.PIPE,
        text=True,
    )
    of: Counter[str] = Counter()
    for _kill in range(kills):
        time.sleep(chance.uniform(0.1, 1.2))
        of[host.kill_one()] += 1
        print(f"{sum(of.values())} of {kills}: {dict(of)}", file=sys.stderr)
        if Generation.objects.still_open().count() < workers * 2:
            put += len(more(workers))
    asker.terminate()
    told = json.loads(asker.communicate()[0])
    deadline = time.monotonic() + 300
    while Generation.objects.still_open().exists() and time.monotonic() < deadline:
        time.sleep(0.5)
        connection.close()
    host.end()
    vectors.kill()
    rows = list(Generation.objects.filter(maker__in=people).values_list("state", "credits", "maker"))
    made = sum(state == "READY" for state, *_ in rows)
    off = 0
    for who in people:
        spent = sum(paid for state, paid, maker in rows if state == "READY" and maker == who.pk)
        has = credits.balance(who)
        aside = books.balance(f"credits:user:{who.pk}:reserved", "CRD")
        off += has != 100_000 - spent or aside != 0
    left = [*orphans.find(queue.clock())]
    orphans.clear(queue.clock(), with_clips=True)
    states = Counter(state for state, *_ in rows)
    asked = len(rows) - put
    return {
        "kills": sum(of.values()),
        "kills_of": dict(of),
        "killing_s": round(time.monotonic() - started),
        "workers": workers,
        "jobs": len(rows),
        "over_http": told,
        "ends": dict(states),
        "lost": sum(count for state, count in states.items() if state not in OVER)
        + max(0, told["accepted"] - asked),
        "doubled": Clip.objects.filter(maker__in=people).count() - made + max(0, asked - told["accepted"]),
        "credits_off": off + len(books.unbalanced()),
        "left_for_the_sweep": dict(Counter(found.kind for found in left)),
        "orphans": len(orphans.find(queue.clock())),
    }


def start_vectors() -> subprocess.Popen[bytes]:
    """The process that judges words; nobody kills it here."""
    from django.conf import settings

    from model import text

    child = subprocess.Popen([sys.executable, "-m", "model.text", "--listen", settings.VECTORS_ADDRESS])
    deadline = time.monotonic() + 120
    while not text.is_up(settings.VECTORS_ADDRESS):
        assert child.poll() is None and time.monotonic() < deadline, "the vector process did not start"
        time.sleep(0.1)
    return child


def families_share(folder: Path) -> float:
    import torch

    from generation.engines.diffusers import DiffusersEngine
    from tests.generation import tiny
    from tests.generation.cells import CELLS

    torch.set_num_threads(1)
    engines: dict[str, Any] = {}
    passing = 0
    for cell in CELLS:
        try:
            if cell.tiny not in engines:
                engines[cell.tiny] = DiffusersEngine(tiny.save(cell.tiny, folder / cell.tiny))
            made = engines[cell.tiny].render(cell.job((64, 96)), lambda *_: None, lambda: False)
            passing += len(list(made.frames)) >= cell.least
        except Exception as error:
            print(f"{cell}: {error}", file=sys.stderr)
    return round(passing / len(CELLS), 3)


if __name__ == "__main__":
    main()
