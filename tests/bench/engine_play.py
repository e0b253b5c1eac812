"""How live play feels: frames a second, latency, and whether what is pressed is what is seen.

    python -m tests.bench.engine_play [runs]      one JSON object

`play_fps`: key frames sampled and turned into display lists a second, one thread, as they are played.
`play_latency_ms`: from a press to the first new frame's being ready, 95th percentile.
`play_switch`: share of presses after which the movement, from one slot after the switch on, is judged to be
the new action; `play_switch_ceiling` is the same of simulated clips, `play_switch_guess` that of a guess.
"""

from __future__ import annotations

import json
import sys
import time
from random import Random
from typing import Any

import numpy as np
import torch

from model import generate
from model.judge import ActionJudge
from model.play import PLAYABLE, Run, Settings
from model.scene import tracks as T
from model.scene.plans import invent
from model.scene.stage import Memory, Stage
from model.scene.world import simulate

JUDGED = ("walk", "run", "jump", "wave", "dance", "spin", "squat", "clap", "bow", "cheer", "stand", "box")


def measure(native: generate.Native | None = None, runs: int = 40, seed: int = 5) -> dict[str, Any]:
    """The figures of play as a dict (for `make bench-engine`)."""
    native = native or generate.load()
    return switches(native, runs, seed) | pace(native, seed)


def alone(action: str, r: Random) -> T.Plan:
    """One person in some place who does one thing, as play frees it."""
    plan = invent(r)
    person = plan.people[0]
    person.action, person.then, person.switch = action, T.NO_ACTION, T.N
    plan.world.camera = "follow" if action in T.TRAVELLING else "static"
    return T.Plan(plan.world, [person], [])


def judge_of(seed: int, clips: int = 480) -> ActionJudge:
    r = Random(seed)
    return ActionJudge.learn(
        [simulate(r.randrange(10**9), alone(JUDGED[i % len(JUDGED)], r))[0] for i in range(clips)]
    )


def switches(
    native: generate.Native, runs: int, seed: int, settings: Settings | None = None
) -> dict[str, Any]:
    judge, r = judge_of(seed + 1), Random(seed)
    right, ceiling = 0, 0
    for n in range(runs):
        before, after = r.sample(JUDGED, 2)
        plan = alone(before, r)
        run = Run(native, simulate(r.randrange(10**9), plan)[0], seed=n, settings=settings)
        run.more()
        at = run.steer(after, at=run.frames - r.randrange(1, 2 * T.S))
        while run.frames < at + T.S + T.N:
            run.more()
        right += judge.judge(_cut(run.made, at + T.S)) == after
        ceiling += judge.judge(simulate(r.randrange(10**9), alone(after, r))[0]) == after
    return {
        "play_switch": round(right / runs, 3),
        "play_switch_ceiling": round(ceiling / runs, 3),
        "play_switch_guess": round(1 / len(JUDGED), 3),
        "play_switches_tried": runs,
    }


def _cut(scene: T.Scene, at: int) -> T.Scene:
    stop = at + T.N
    return T.Scene(
        scene.plan, scene.world[at:stop], scene.people[:, at:stop], scene.props[:, at:stop], scene.seed
    )


def pace(native: generate.Native, seed: int, seconds: float = 12.0) -> dict[str, Any]:
    """Plays by the clock of this machine: a press every second or so, display lists as they are sent."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    r = Random(seed)
    run = Run(native, simulate(3, alone("walk", r))[0], seed=1)
    stage, memory = Stage(run.made), Memory(run.plan)
    for _ in range(2):
        run.more()
    latencies, drawn, busy, cpu = [], 0, time.perf_counter(), time.process_time()
    while run.frames < seconds * T.FPS:
        at = run.frames - 2 * T.S
        pressed = time.perf_counter()
        run.steer(r.choice(PLAYABLE), at=at)
        at, made = run.more()
        for k in range(at, made.frames):
            now = memory.next(made.world[k], made.people[:, k], made.props[:, k])
            json.dumps(
                stage.moment(made.world[k], made.people[:, k], made.props[:, k], made.blink[:, k], now)
            )
            drawn += 1
            if k == at:
                latencies.append(1000 * (time.perf_counter() - pressed))
        run.more()
    spent, used = time.perf_counter() - busy, time.process_time() - cpu
    torch.set_num_threads(threads)
    return {
        "play_fps": round(drawn / spent, 1),
        "play_fps_cpu": round(drawn / used, 1),
        "play_latency_ms": round(float(np.percentile(latencies, 95))),
        "play_latency_ms_median": round(float(np.median(latencies))),
    }


if __name__ == "__main__":
    print(json.dumps(measure(runs=int(sys.argv[1]) if len(sys.argv) > 1 else 40)))
