"""Trains the network, in segments: `python -m model.train --minutes 75`.

    --preset scene                                 clips of the simulator (the default)
    --preset patches --footage DIR --part code     the autoencoder, on any folder of videos
    --preset patches --footage DIR                 the network on what it codes

Goes on from its own running checkpoint (optimiser and all) or, without one, from the shipped weights
(fresh optimiser, warm-up), or from nothing with --fresh. On a CPU one thread: two processes on two cores
beat two threads. On cards: `torchrun --nproc-per-node N -m -- model.train --device cuda …` (docs/gpu.md).
Logs JSON lines and a plot; may be killed at any moment."""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from model import autoencoder, checkpoint
from model.config import PRESETS, Config
from model.flops import flops_of
from model.footage import Footage, NoFootage
from model.patch_training import CodeLessons, PatchLessons
from model.ranks import Ranks
from model.scene_training import POOL, SceneLessons
from model.trainer import SHIPPED, WEIGHTS, Describe, Lessons, Trainer
from model.transformer import Transformer

PARTS = ("network", "code")
HELD_OUT_EVERY = 50  # steps between looks at what was kept back, a tenth as many after the first thousand


@dataclass
class Course:
    """What a segment teaches: a network, its lessons, what it may begin from, and its folder."""

    net: nn.Module
    lessons: Lessons
    run: Path
    shipped: Path | None
    describe: Describe


def course_of(
    preset: str, run: Path, *, part: str, footage: Path | None, batch: int | None, short: bool, ranks: Ranks,
    feeders: int = 0,
) -> Course:  # fmt: skip
    """Raises NoFootage, or BadCheckpoint where the network is to learn before the autoencoder."""
    config = PRESETS[preset]
    if config.pixels is None:
        many = {} if batch is None else {"motion_batch": batch, "cast_batch": batch * 3 // 2}
        lessons = SceneLessons(96 if short else POOL, device=ranks.device, feeders=feeders, **many)
        shipped = SHIPPED if preset == "scene" else None
        return Course(Transformer(config), lessons, run, shipped, checkpoint.describe)
    if footage is None:
        raise NoFootage("the patches alphabet learns from a folder of videos: name one with --footage")
    read = Footage.read(footage, config.pixels, run / "frames")
    for name, why in read.skipped:
        print(f"left out {name}: {why}", flush=True)
    many = {} if batch is None else {"batch": batch}
    if part == "code":
        shipped = WEIGHTS / "autoencoder.safetensors" if preset == "patches" else None
        code = autoencoder.Autoencoder(config.pixels).to(ranks.device)
        crops = CodeLessons(read, config.pixels, ranks.device, **many)
        crops.begin(code)  # whatever it goes on from overwrites this
        return Course(code, crops, run / "code", shipped, autoencoder.describe)
    code = _code_for(config, run).to(ranks.device)
    windows = PatchLessons(read, code, run / "latents", ranks.device, **many)
    describe = partial(checkpoint.describe, code=autoencoder.mark(code))
    shipped = WEIGHTS / "patches.safetensors" if preset == "patches" else None
    return Course(Transformer(config), windows, run / preset, shipped, describe)


def _code_for(config: Config, run: Path) -> autoencoder.Autoencoder:
    """The autoencoder that this run trained, else the shipped one, if it codes the same pixels."""
    own, shipped = run / "code" / "average.safetensors", WEIGHTS / "autoencoder.safetensors"
    for path in (own, shipped):
        if path.is_file():
            code, _ = autoencoder.load(path)
            if code.config == config.pixels:
                return code
    raise checkpoint.BadCheckpoint(
        checkpoint.MISSING, f"no autoencoder for these pixels in {run}: train it first, with --part code"
    )


def train(
    minutes: float,
    run: Path,
    preset: str = "scene",
    fresh: bool = False,
    seed: int = 1,
    save_s: float = 180,
    steps: int | None = None,
    peak: float = 1.0,
    *,
    part: str = "network",
    footage: Path | None = None,
    batch: int | None = None,
    device: str = "cpu",
    compiled: bool = False,
    feeders: int = 0,
) -> dict:
    """One segment of `minutes` (cosine to its end), or of `steps` if given. Returns its last figures.
    `compiled`: a fifth faster after two minutes; needs a C++ compiler. `feeders`: processes that simulate
    scenes ahead of a card."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    ranks = Ranks(device)
    course = course_of(
        preset, run, part=part, footage=footage, batch=batch, short=steps is not None,
        ranks=ranks, feeders=feeders,
    )  # fmt: skip
    course.run.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(
        course.run, course.net, shipped=course.shipped, fresh=fresh, describe=course.describe, ranks=ranks
    )
    try:
        return _segment(trainer, course, minutes, seed, save_s, steps, peak, compiled)
    finally:
        ranks.close()
        if close := getattr(course.lessons, "close", None):
            close()


def _segment(
    trainer: Trainer,
    course: Course,
    minutes: float,
    seed: int,
    save_s: float,
    steps: int | None,
    peak: float,
    compiled: bool,
) -> dict:
    ranks, lessons = trainer.ranks, course.lessons
    rng = np.random.default_rng([seed, trainer.step, ranks.rank])
    generator = torch.Generator(ranks.device).manual_seed(
        seed * 1_000_003 + trainer.step + 7_919 * ranks.rank
    )
    begun = time.monotonic()
    saved, smooth, figures = begun, dict.fromkeys(lessons.names, 0.0), {}
    size = sum(p.numel() for p in trainer.net.parameters())
    if ranks.is_first:
        print(f"starts from {trainer.start}, step {trainer.step}, {size:,} parameters", flush=True)
    work = 0

    def progress() -> float:
        if steps is not None:
            return trainer.since / steps
        return ranks.agree((time.monotonic() - begun) / (60 * minutes))

    pool_seed, done = 1_000_000 * seed + trainer.step + 104_729 * ranks.rank, 0.0
    while done < 1:
        pool_seed += 1
        for lesson in lessons.round(pool_seed, rng):
            if not work:
                work = flops_of(partial(trainer.backward, lesson, generator))
                if compiled:
                    trainer.compile()  # afterwards: compiled products are not counted
            trainer.rate(done, peak)
            losses = trainer.update(lesson, generator)
            done = progress()
            keep = 0.98 if trainer.since > 40 else 0.8
            for name, value in losses.items():
                smooth[name] = keep * smooth[name] + (1 - keep) * value if smooth[name] else value
            now = time.monotonic()
            figures = {
                "step": trainer.step,
                "seconds": round(now - begun, 1),
                **{name: round(value, 4) for name, value in smooth.items()},
                "teraflop": round(trainer.since * work / 1e12, 6),
                "steps_per_second": round(trainer.since / (now - begun), 3),
                "start": trainer.start,
                "seed": seed,
            }
            if gib := ranks.peak_gib():
                figures["peak_gib"] = round(gib, 2)
            if trainer.since % (HELD_OUT_EVERY * (1 if trainer.since <= 1000 else 10)) == 0 or done >= 1:
                figures |= _held_out(lessons, trainer)
            if (trainer.since % 25 == 0 or done >= 1) and ranks.is_first:
                _log(course.run, figures)
            if now - saved > save_s:
                trainer.save(figures)
                saved = now
            if done >= 1:
                break
    if settle := getattr(lessons, "settle", None):
        settle(trainer.average)
    trainer.save(figures)
    if ranks.is_first:
        plot(course.run)
    return figures


def _held_out(lessons: Any, trainer: Trainer) -> dict[str, float]:
    measure = getattr(lessons, "held_out", None)
    return measure(trainer.average) if measure else {}


def _log(run: Path, figures: dict) -> None:
    with open(run / "log.jsonl", "a") as log:
        log.write(json.dumps(figures) + "\n")


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
    about = {"step", "seconds", "steps_per_second", "start", "seed", "teraflop", "psnr", "peak_gib"}
    for name in dict.fromkeys(k for r in rows for k in r if k not in about):
        drawn = [r for r in rows if name in r]
        axis.plot([r["step"] for r in drawn], [r[name] for r in drawn], label=name)
    axis.set(yscale="log", xlabel="step", ylabel="loss")
    axis.legend()
    figure.savefig(run / "curves.png", dpi=110, bbox_inches="tight")
    pyplot.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--minutes", type=float, default=75)
    parser.add_argument("--run", type=Path, default=Path("var/train"))
    parser.add_argument("--preset", default="scene", choices=sorted(PRESETS))
    parser.add_argument("--part", default="network", choices=PARTS, help="patches: which half to train")
    parser.add_argument("--footage", type=Path, help="patches: a folder of videos")
    parser.add_argument("--batch", type=int, help="clips a step (and a card)")
    parser.add_argument(
        "--feeders", type=int, default=0, help="scene: processes that simulate ahead of a card"
    )
    parser.add_argument("--device", default="cpu", help="cpu, cuda, or auto")
    parser.add_argument("--fresh", action="store_true", help="begin from nothing")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, help="so many steps instead of minutes")
    parser.add_argument("--save-s", type=float, default=180, help="seconds between checkpoints")
    parser.add_argument("--peak", type=float, default=1.0, help="share of the full learning rates")
    parser.add_argument("--compile", action="store_true", help="a fifth faster; needs a C++ compiler")
    parser.add_argument("--ship", action="store_true", help="only copy the run's average to model/weights")
    args = parser.parse_args()
    if args.ship:
        print(ship(*shipping(args.preset, args.part, args.run)))
        return
    how = {
        "part": args.part, "footage": args.footage, "batch": args.batch,
        "device": args.device, "compiled": args.compile, "feeders": args.feeders,
    }  # fmt: skip
    try:
        figures = train(
            args.minutes,
            args.run,
            args.preset,
            args.fresh,
            args.seed,
            args.save_s,
            steps=args.steps,
            peak=args.peak,
            **how,
        )
    except (NoFootage, checkpoint.BadCheckpoint) as error:
        raise SystemExit(f"{error}") from error
    print(json.dumps(figures))


def shipping(preset: str, part: str, run: Path) -> tuple[Path, Path]:
    """Whose average goes where."""
    if PRESETS[preset].pixels is None:
        return run, SHIPPED
    if part == "code":
        return run / "code", WEIGHTS / "autoencoder.safetensors"
    return run / preset, WEIGHTS / "patches.safetensors"


if __name__ == "__main__":
    main()
