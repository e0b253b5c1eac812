"""`python -m tests.bench.training`: what a second and a resumption of training are worth. No test.

flop_share      arithmetic of the matrix products and attention of training steps (forwards and backwards;
                flop_share_with_optimiser also counts what Muon multiplies) against the best rate at which
                this thread multiplied two square matrices between those steps (_under_load: the median
                rate, where neighbours share the caches and the core); over `seconds` of processor time
resume          loss on kept-back clips, with the same noise: of the shipped weights, and after `steps` more
                from the running checkpoint and from the shipped weights alone (fresh optimiser, warm-up)
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from itertools import chain, count
from pathlib import Path

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from model import checkpoint
from model.config import PRESETS
from model.scene_training import POOL, SceneLessons
from model.train import train
from model.trainer import SHIPPED, Lesson, Trainer
from model.transformer import Transformer


def matmul_rate(a: torch.Tensor) -> float:
    """Operations a second of this thread in one product of two square matrices."""
    begun = time.process_time()
    a @ a
    return 2 * len(a) ** 3 / (time.process_time() - begun)


def endless(lessons: SceneLessons) -> Iterator[Lesson]:
    """Round after round: a fast machine is through one of them before the time is up."""
    rng = np.random.default_rng(1)
    return chain.from_iterable(lessons.round(seed, rng) for seed in count(1))


def flop_share(seconds: float = 30.0, compiled: bool = False) -> dict:
    """Of the scene network, as `make train` trains it."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as run:
        trainer = Trainer(Path(run), Transformer(PRESETS["scene"]), shipped=SHIPPED)
        if compiled:
            trainer.compile()
        lessons = endless(SceneLessons(POOL))
        generator = torch.Generator().manual_seed(1)
        trainer.rate(0.5)
        for _ in range(24 if compiled else 2):
            trainer.update(next(lessons), generator)
        done, spent, square = [], 0.0, torch.randn(1024, 1024)
        rates = [matmul_rate(square) for _ in range(12)]
        while spent < seconds:
            done.append(next(lessons))
            rates.append(matmul_rate(square))
            begun = time.process_time()
            trainer.update(done[-1], generator)
            spent += time.process_time() - begun
        peak, beside = max(rates), float(np.median(rates))
        sample = done[:: max(1, len(done) // 24)]  # counting is slow; every so-many-th step stands for all
        flops = []
        trainer.net = checkpoint.load_network(SHIPPED)[
            0
        ].train()  # uncompiled: compiled products are not seen
        for lesson in sample:
            with FlopCounterMode(display=False) as counter:
                torch.stack(list(lesson(trainer.net, generator).values())).sum().backward()
            flops.append(counter.get_total_flops())
        with FlopCounterMode(display=False) as counter:
            trainer.muon.step()
        each, muon = float(np.mean(flops)), counter.get_total_flops()
    rate = each * len(done) / spent
    return {
        "flop_share": rate / peak,
        "flop_share_under_load": rate / beside,
        "flop_share_with_optimiser": rate * (1 + muon / each) / peak,
        "flop_share_with_optimiser_under_load": rate * (1 + muon / each) / beside,
        "gflop_a_step": each / 1e9,
        "matmul_peak_gflops": peak / 1e9,
        "matmul_median_gflops": beside / 1e9,
        "steps": len(done),
        "seconds": spent,
        "compiled": compiled,
    }


def kept_back_loss(net: Transformer, rounds: int = 6) -> dict[str, float]:
    """Mean losses on clips that no segment draws, with always the same noise."""
    generator = torch.Generator().manual_seed(7)
    lessons = SceneLessons(256).round(987_654_321, np.random.default_rng(7))
    sums: dict[str, list[float]] = {}
    with torch.no_grad():
        for _ in range(rounds):
            for name, value in next(lessons)(net, generator).items():
                sums.setdefault(name, []).append(float(value))
    return {name: round(float(np.mean(values)), 4) for name, values in sums.items()}


def resume_cost(run: Path, steps: int = 60) -> dict:
    """`run` is the folder of the segment whose average was shipped."""
    out = {"shipped": kept_back_loss(checkpoint.load_network(SHIPPED)[0])}
    with tempfile.TemporaryDirectory() as folder:
        for name, start in (("from_running_checkpoint", run), ("from_shipped_weights", None)):
            place = Path(folder) / name
            if start is not None:
                shutil.copytree(start, place)
            train(1, place, seed=77, steps=steps, peak=0.6)
            out[name] = kept_back_loss(checkpoint.load_network(place / "average.safetensors")[0])
    return {"resume": out, "resume_steps": steps}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--run", type=Path, help="also measure resuming, of this run")
    args = parser.parse_args()
    out = flop_share(args.seconds, args.compile)
    if args.run:
        out |= resume_cost(args.run)
    print(json.dumps(out))


if __name__ == "__main__":
    main()
