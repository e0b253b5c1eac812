"""Keeps the product's processes running until told to stop.

waiting -> running -> (died) -> waiting, longer each time, at most 30 s
any -> stopped: SIGTERM to all, what is left after 8 s is killed (a worker's lease brings its work back)
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO

PATIENCE_S = 8
LONGEST_PAUSE_S = 30
LARGEST_LOG = 5 * 1024 * 1024
PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """One process: how to start it, and how it has been doing."""

    name: str
    arguments: list[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    once: bool = False  # it ends by itself, and that is fine
    nice: int = 0  # how far it steps back where others want the cores: people wait for pages, not for films
    process: subprocess.Popen[bytes] | None = None
    died: int = 0
    started_at: float = 0.0
    start_again_at: float = 0.0

    @property
    def is_over(self) -> bool:
        return self.once and self.process is not None and self.process.poll() is not None


class Supervisor:
    def __init__(self, logs: Path, say: Callable[[str], None]) -> None:
        self.logs = logs
        self.say = say
        self.children: list[Child] = []
        self.stopping = False
        logs.mkdir(parents=True, exist_ok=True)

    def start(self, child: Child) -> None:
        self.children.append(child)
        self._start(child)

    def tend(self) -> None:
        """One look at everybody: whoever died is started again when its pause is over."""
        now = time.monotonic()
        for child in self.children:
            if child.process is None:
                if now >= child.start_again_at:
                    self._start(child)
            elif child.process.poll() is not None and not child.is_over:
                self._mourn(child, now)

    def run(self, seconds: float = float("inf")) -> None:
        """Tends until a signal or until the time is up."""
        until = time.monotonic() + seconds
        while not self.stopping and time.monotonic() < until:
            self.tend()
            time.sleep(0.2)

    def stop(self) -> None:
        """Asks everybody to end, the latest first, and ends whoever does not."""
        self.stopping = True
        alive = [c.process for c in reversed(self.children) if c.process and c.process.poll() is None]
        for process in alive:
            process.terminate()
        until = time.monotonic() + PATIENCE_S
        for process in alive:
            try:
                process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def listen(self) -> None:
        """Ctrl-C and SIGTERM end `run`; a second one ends the process."""

        def leave(number: int, frame: object) -> None:
            if self.stopping:
                sys.exit(128 + number)
            self.stopping = True

        signal.signal(signal.SIGINT, leave)
        signal.signal(signal.SIGTERM, leave)

    def _start(self, child: Child) -> None:
        with self._log(child.name) as log:
            child.process = subprocess.Popen(  # argv, no shell  # nosec B603
                child.arguments,
                env={**os.environ, **child.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C reaches the supervisor alone, which then stops them in order
                preexec_fn=partial(_die_with_parent, child.nice),
            )
        child.started_at = time.monotonic()

    def _mourn(self, child: Child, now: float) -> None:
        assert child.process is not None
        if now - child.started_at > 60:
            child.died = 0
        pause = min(LONGEST_PAUSE_S, 2**child.died)
        child.died += 1
        self.say(
            f"{child.name} ended with {child.process.returncode}; again in {pause} s "
            f"(see {self.logs / child.name}.log)"
        )
        child.process = None
        child.start_again_at = now + pause

    def _log(self, name: str) -> IO[bytes]:
        path = self.logs / f"{name}.log"
        too_large = path.exists() and path.stat().st_size > LARGEST_LOG
        # For the host's own eyes: a log tells who proved themselves when, if not by name.
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if too_large else os.O_APPEND), 0o600)
        return os.fdopen(opened, "wb" if too_large else "ab")


def _die_with_parent(nice: int) -> None:
    """Linux ends the child when its parent is gone, however that went; elsewhere the child is left alone."""
    os.nice(nice)
    # A kernel that shares the cores out by session weighs this session by a number of its own.
    with suppress(OSError), open("/proc/self/autogroup", "w") as group:
        group.write(str(max(nice, 0)))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
