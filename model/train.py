"""Trains the network, in segments: `python -m model.train --minutes 75`.

Goes on from its own running checkpoint (optimiser and all) or, without one, from the shipped weights
(fresh optimiser, warm-up), or from nothing with --fresh. One thread: two processes on two cores beat
two threads. Logs JSON lines and a plot; may be killed at any moment."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch

from model import checkpoint
from model.config import PRESETS
from model.scene_training import POOL, SceneLessons
from model.trainer import SHIPPED, Lessons, Trainer


def train(
    minutes: float,
    run: Path,
    preset: str = "scene",
    fresh: bool = False,
    seed: int = 1,
    save_s: float = 180,
    steps: int | None = None,
    peak: float = 1.0,
    compiled: bool = False,
) -> dict:
    """One segment of `minutes` (cosine to its end), or of `steps` if given. Returns its last figures.
    `compiled`: a fifth faster after two minutes; needs a C++ compiler."""
    torch.set_num_threads(1)
    run.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(run, preset, fresh, seed)
    if compiled:
        trainer.compile()
    lessons: Lessons = SceneLessons(POOL if steps is None else 96)
    rng = np.random.default_rng([seed, trainer.step])
    generator = torch.Generator().manual_seed(seed * 1_000_003 + trainer.step)
    begun = time.monotonic()
    saved, smooth, figures = begun, dict.fromkeys(lessons.names, 0.0), {}
    size = sum(p.numel() for p in trainer.net.parameters())
    print(f"starts from {trainer.start}, step {trainer.step}, {size:,} parameters", flush=True)

    def progress() -> float:
        return (time.monotonic() - begun) / (60 * minutes) if steps is None else trainer.since / steps

    pool_seed = 1_000_000 * seed + trainer.step
    while progress() < 1:
        pool_seed += 1
        for lesson in lessons.round(pool_seed, rng):
            trainer.rate(progress(), peak)
            losses = trainer.update(lesson, generator)
            keep = 0.98 if trainer.since > 40 else 0.8
            for name, value in losses.items():
                smooth[name] = keep * smooth[name] + (1 - keep) * value if smooth[name] else value
            now = time.monotonic()
            figures = {
                "step": trainer.step,
                "seconds": round(now - begun, 1),
                **{name: round(value, 4) for name, value in smooth.items()},
                "steps_per_second": round(trainer.since / (now - begun), 3),
                "start": trainer.start,
                "seed": seed,
            }
            if trainer.since % 25 == 0:
                with open(run / "log.jsonl", "a") as log:
                    log.write(json.dumps(figures) + "\n")
            if now - saved > save_s:
                trainer.save(figures)
                saved = now
            if progress() >= 1:
                break
    trainer.save(figures)
    plot(run)
    return figures


def ship(run: Path, target: Path = SHIPPED, **figures: object) -> Path:
    """Puts the averaged weights of a run where the engine finds them, as half precision (they are
    computed with in single): half the size, and no figure of `evaluate.py` moves by it."""
    tensors, about = checkpoint.load(run / "average.safetensors")
    halves = {name: value.half() for name, value in tensors.items()}
    checkpoint.save(target, halves, {**about, **figures})
    return target


def plot(run: Path) -> None:
    """The curves of every segment so far, as run/curves.png."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    log = run / "log.jsonl"
    rows = [json.loads(line) for line in log.read_text().splitlines()] if log.is_file() else []
    figure, axis = pyplot.subplots(figsize=(7, 4))
    about = {"step", "seconds", "steps_per_second", "start", "seed"}
    for name in dict.fromkeys(k for r in rows for k in r if k not in about):
        drawn = [r for r in rows if name in r]
        axis.plot([r["step"] for r in drawn], [r[name] for r in drawn], label=name)
    axis.set(yscale="log", xlabel="step", ylabel="loss")
    axis.legend()
    figure.savefig(run / "curves.png", dpi=110, bbox_inches="tight")
    pyplot.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=75)
    parser.add_argument("--run", type=Path, default=Path("var/train"))
    parser.add_argument("--preset", default="scene", choices=sorted(PRESETS))
    parser.add_argument("--fresh", action="store_true", help="begin from nothing")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, help="so many steps instead of minutes")
    parser.add_argument("--peak", type=float, default=1.0, help="share of the full learning rates")
    parser.add_argument("--compile", action="store_true", help="a fifth faster; needs a C++ compiler")
    parser.add_argument("--ship", action="store_true", help="only copy the run's average to model/weights")
    args = parser.parse_args()
    if args.ship:
        print(ship(args.run))
        return
    print(
        json.dumps(
            train(
                args.minutes,
                args.run,
                args.preset,
                args.fresh,
                args.seed,
                steps=args.steps,
                peak=args.peak,
                compiled=args.compile,
            )
        )
    )


if __name__ == "__main__":
    main()
