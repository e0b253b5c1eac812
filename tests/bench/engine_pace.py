"""Prompt to mp4 as a worker makes it: prompt_seconds_per_second, sample_ms and peak_rss_mb."""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from model import generate
from model.scene import draw_parallel, sound
from model.video import write_mp4

PROMPTS = (
    "a woman in a red coat juggles at the beach at sunset",
    "两个机器人在雪地里击掌",
    "a panda dances through the city in the rain at night",
)
SECONDS, SIZE, FPS, CORES = 5, (720, 1280), 24, 2


def main() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    begun = time.perf_counter()
    native = generate.load()
    loading = time.perf_counter() - begun
    native.motion(native.cast("a man waves", 9), SECONDS, 9)  # as a worker that has rendered before
    whole, sampled = [], []
    with Memory() as memory, tempfile.TemporaryDirectory() as folder:
        for seed, prompt in enumerate(PROMPTS, 1):
            begun = time.perf_counter()
            plan = native.cast(prompt, seed)
            planned = time.perf_counter()
            scene = native.motion(plan, SECONDS, seed)
            sampled.append(time.perf_counter() - planned)
            frames: Iterator[np.ndarray] = draw_parallel.render(scene, workers=CORES, size=SIZE, fps=FPS)
            write_mp4(Path(folder) / "clip.mp4", frames, FPS, sound.track(scene))
            whole.append(time.perf_counter() - begun)
    print(
        json.dumps(
            {
                "prompt_seconds_per_second": round(statistics.median(whole) / SECONDS, 3),
                "prompt_seconds_each": [round(s, 2) for s in whole],
                "sample_ms": round(1000 * statistics.median(sampled)),
                "load_weights_s": round(loading, 2),
                "peak_rss_mb": round(memory.peak / 1024),
            }
        )
    )


class Memory:
    """The most memory that this process and its children held at once, looked at ten times a second.
    Shared pages are counted once (Pss), for the drawers are forked and share the painted set."""

    def __enter__(self) -> Memory:
        self.peak, self.over = 0, threading.Event()
        self.watch = threading.Thread(target=self._look, daemon=True)
        self.watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.watch.join()

    def _look(self) -> None:
        while not self.over.wait(0.1):
            self.peak = max(self.peak, sum(_held(pid) for pid in _family(os.getpid())))


def _family(pid: int) -> list[int]:
    children = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            children += [int(child) for child in (task / "children").read_text().split()]
        except OSError:
            continue
    return [pid, *children]


def _held(pid: int) -> int:
    """kB, or 0 for a process that has just gone."""
    try:
        rows = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(row.split()[1]) for row in rows if row.startswith("Pss:")), 0)


if __name__ == "__main__":
    main()
