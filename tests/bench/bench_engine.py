"""`make bench-engine`: the native engine on this machine, in under ten minutes. No test.

Every part runs in a process of its own: what is judged runs two at a time, what is timed runs alone. The
last line is one JSON object with every figure; one that no part measured is null and stands in `missing`,
a part that failed or took too long stands in `failed`. Parts are `tests/bench/engine_*.py`, each of which
prints a JSON object last (what it measures stands in its first lines); T names single parts.

attr_accuracy               place, time, weather, camera, action, top, people, things on held-out combinations
free_prompt_accuracy        300 prompts in free wording; free_english and free_chinese beside it
unknown_told                share of prompts with words outside the world that are told
gravity_error gravity_ratio restitution_error     fitted parabolas and bounces, jump and ball
foot_slide jerk_ratio       against the simulator's own        seam     borders of extend, connect, loop
cast_top1                   right face by the inspection's embedding on drawn frames, among 100
edit_keeps edit_does        untouched tracks; asked changes    diversity     spread over seeds / simulator's
prompt_seconds_per_second   prompt to mp4, 720x1280 at 24 frames a second, 2 cores      sample_ms  for 5 s
play_fps play_latency_ms play_switch     live play
peak_rss_mb                 the worker and its drawers, shared pages counted once
flop_share                  of the machine's own matmul peak while training, 30 s       weights_mb  shipped
patches_loss_ratio          largest against smallest size, from the committed log; patches_commit, patches_fit
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
WITHIN_S = 560  # for all; a part that is not done by then is stopped and named
TIMED = ("engine_pace", "engine_play", "engine_training")  # each alone on the machine
FIGURES = (
    "attr_accuracy", "free_prompt_accuracy", "unknown_told", "gravity_error", "gravity_ratio",
    "restitution_error", "foot_slide", "jerk_ratio", "seam", "cast_top1", "edit_keeps", "edit_does",
    "diversity", "prompt_seconds_per_second", "sample_ms", "play_fps", "play_latency_ms", "play_switch",
    "peak_rss_mb", "flop_share", "weights_mb", "patches_loss_ratio", "patches_commit", "patches_fit",
)  # fmt: skip


def main() -> None:
    """All parts, or those named on the command line."""
    named = sys.argv[1:] or sorted(p.stem for p in HERE.glob("engine_*.py"))
    end = time.monotonic() + WITHIN_S
    found: dict[str, Any] = dict.fromkeys(FIGURES)
    failed = []
    timed = [name for name in named if name in TIMED]
    judged = [name for name in named if name not in TIMED]
    results = [(name, run(name, end, 2)) for name in timed]
    with ThreadPoolExecutor(2) as pair:
        results += zip(judged, pair.map(lambda name: run(name, end, 1), judged), strict=True)
    for name, figures in results:
        if figures is None:
            failed.append(name)
        else:
            found |= figures
    found["missing"] = [name for name in FIGURES if found[name] is None]
    found["failed"] = failed
    found["bench_seconds"] = round(time.monotonic() - end + WITHIN_S)
    found["load_before"] = LOAD
    print(json.dumps(found, ensure_ascii=False))


LOAD = round(
    os.getloadavg()[0], 2
)  # above 0.5 somebody else works here, and timings are not the engine's own


def rounded(figures: dict[str, Any]) -> dict[str, Any]:
    """For parts: four digits are more than any of these measurements carries."""
    return {k: round(v, 4) if isinstance(v, float) else v for k, v in figures.items()}


def run(name: str, end: float, threads: int) -> dict[str, Any] | None:
    """A part's figures, or None with its last words on stderr."""
    begun = time.monotonic()
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    command = [sys.executable, "-m", f"tests.bench.{name}"]
    try:
        done = subprocess.run(
            command,
            env=environment,
            capture_output=True,
            text=True,
            timeout=max(1.0, end - begun),
            check=True,
        )
        figures: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    except subprocess.TimeoutExpired:
        print(f"{name}: not done in time", file=sys.stderr, flush=True)
        return None
    except (subprocess.CalledProcessError, ValueError, IndexError) as error:
        words = getattr(error, "stderr", "") or str(error)
        print(f"{name}: {words[-2000:]}", file=sys.stderr, flush=True)
        return None
    print(f"{name} {time.monotonic() - begun:.0f} s {json.dumps(figures, ensure_ascii=False)}", flush=True)
    return figures


if __name__ == "__main__":
    main()
