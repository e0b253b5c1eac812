"""The hand that takes jobs from the table: one thread in each rendering worker, woken by Celery or by its own
clock each second. It renders one job at a time with one resident model.

A worker renders when it consumes the queue `render` (or with RENDERS=1); others only pass wake-ups on.
"""

from __future__ import annotations

import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Callable

from django.conf import settings
from django.db import close_old_connections, connection

from generation import pipeline, progress, queue, scores
from generation.engines import base as engines
from generation.models import Generation, RemoteResult
from generation.progress import Aside
from generation.queue import Claim
from generation.screening import meaning
from generation.sweep import bring_back, sweep
from generation.workers import results

log = logging.getLogger(__name__)
IDLE_S = 1.0
SWEEP_EVERY_S = 5.0
MOST_BETWEEN = 3  # previews at one step border

_woken = threading.Event()
_over = threading.Event()
_thread: threading.Thread | None = None


def worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"[:80]


def wake() -> None:
    _woken.set()


def stop() -> None:
    """No new job is taken; a job in work goes on until its process ends, and is swept if that was too
    early."""
    _over.set()
    _woken.set()


def start_in_worker() -> None:
    """Start the hand in this Celery process, if it is one that renders."""
    if _renders():
        start()


def _renders() -> bool:
    if "RENDERS" in os.environ:
        return os.environ["RENDERS"] == "1"
    for flag, value in zip(sys.argv, [*sys.argv[1:], ""], strict=True):
        if flag in ("-Q", "--queues"):
            return "render" in value.split(",")
        if flag.startswith("--queues="):
            return "render" in flag.removeprefix("--queues=").split(",")
    return True


def start() -> threading.Thread:
    global _thread
    if _thread is None or not _thread.is_alive():
        _over.clear()
        _thread = threading.Thread(target=_work, name="hand", daemon=True)
        _thread.start()
    return _thread


def _work() -> None:
    """Take, render, sweep, wait. Whatever is away for a while is waited for: this thread is the only one that
    renders here, and an error that ended it would end that for good."""
    last_sweep = -SWEEP_EVERY_S
    cold: list[Callable[[], object]] = [meaning.warm_up, _warm_engine, scores.judge]
    while not _over.is_set():
        try:
            while not _over.is_set() and run_one(worker_name(), _aside):
                pass
            if cold:
                _warm_up(cold.pop(0))
                wake()
            if time.monotonic() - last_sweep >= SWEEP_EVERY_S:
                last_sweep, now = time.monotonic(), queue.clock()
                queue.seen(worker_name(), now)
                sweep(now)
        except Exception:
            log.exception("the queue could not be worked on; trying again")
            connection.close()
        close_old_connections()
        _woken.wait(IDLE_S)
        _woken.clear()
    connection.close()


def _warm_up(part: Callable[[], object]) -> None:
    """One part of what is loaded before somebody waits for it; whoever waits already comes first."""
    try:
        part()
    except Exception:
        log.exception("not warmed up; the first job tells what is missing")


def _warm_engine() -> None:
    """The usual engine, unless a job that came first loaded the one that it needs."""
    if settings.RENDER_HERE and engines.in_hand() is None:
        engines.get(next(iter(engines.entries())))


def run_one(worker: str, reporter: progress.Make = progress.Inline) -> bool:
    """Render the job whose turn it is; what a vanished worker held has its turn, too. False when there is
    none."""
    bring_back(queue.clock())
    claim = _brought(worker)
    if claim is None and settings.RENDER_HERE:
        claim = queue.claim(worker, queue.clock())
    if claim is None:
        return False
    with queue.renewing(claim) as pulse:
        pipeline.run(
            claim,
            pulse=pulse,
            between=lambda: serve_previews(worker, pulse, reporter, claim.engine),
            reporter=reporter,
        )
    return True


def _aside(generation: Generation, held: Claim) -> Aside:
    return Aside(generation, held, look=lambda: _somebody_waits(held.engine))


def _somebody_waits(running: str) -> bool:
    """Whether there is something to be done between two steps of a whole clip."""
    return RemoteResult.objects.exists() or queue.preview_waits(engines.at_hand(running))


def _brought(worker: str) -> Claim | None:
    """A job that a remote worker rendered, to be finished here: it had its turn."""
    if not RemoteResult.objects.exists():
        return None
    return queue.claim(worker, queue.clock(), where=results.BROUGHT, goes_on=True)


def serve_previews(
    worker: str, pulse: Callable[[], None], reporter: progress.Make = progress.Inline, running: str = ""
) -> None:
    """At a step border of a whole clip (of the engine `running`): finish what remote workers brought, render
    the previews for which no model has to be loaded, and go on. A preview is not interrupted by another."""
    for _preview in range(MOST_BETWEEN):
        claim, able = _brought(worker), engines.at_hand(running)
        if claim is None and queue.preview_waits(able):
            claim = queue.claim(worker, queue.clock(), engines=able, previews=True)
        if claim is None:
            return
        with queue.renewing(claim) as own_pulse:

            def both(own: Callable[[], None] = own_pulse) -> None:
                own()
                pulse()

            pipeline.run(claim, pulse=both, reporter=reporter)


def drain(worker: str = "drain") -> int:
    """Render everything that waits, here and now, one after another (tests, and `manage.py render
    --drain`)."""
    done = 0
    while (claim := _brought(worker) or queue.claim(worker, queue.clock())) is not None:
        pipeline.run(claim)
        done += 1
    return done
