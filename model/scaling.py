"""Loss against compute of the patches network at three sizes, on the same clips in the same order.

    python -m model.scaling --footage DIR --run DIR --commit HASH     measures what was trained
    python -m model.scaling                                           fits what is kept in docs/scaling/

The law is loss = a C^-b, C in floating point operations, over one point of each size: the last step at which
all of them were looked at, so that they saw equal data. Its interval comes from drawing the held-out clips
anew (bootstrap): what other clips could have said. Clip by clip only the weights at a run's end can be
measured; where a run went on beyond the common step, its clips are brought to the mean of that step. The
interval does not cover other seeds of training, of which there was one, nor longer training: `over_time`
says how the exponent moved while they trained."""

from __future__ import annotations

import argparse
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

KEPT = Path(__file__).parent.parent / "docs" / "scaling"
SIZES = ("patches-s", "patches-m", "patches")
DRAWS, SEED = 4000, 1


@dataclass(frozen=True)
class Fit:
    """loss = a C^-b: b and the loss ratio of largest to smallest size, each with its 90 % interval."""

    a: float
    b: float
    b_interval: tuple[float, float]
    ratio: float
    ratio_interval: tuple[float, float]
    steps: int

    def to_dict(self) -> dict[str, Any]:
        return {k: _rounded(v) for k, v in vars(self).items()}


def _rounded(value: Any) -> Any:
    return [round(x, 4) for x in value] if isinstance(value, tuple) else round(value, 4)


def law(compute: np.ndarray, loss: np.ndarray) -> tuple[float, float]:
    """(a, b) of loss = a C^-b by least squares of the logarithms."""
    slope, intercept = np.polyfit(np.log(compute), np.log(loss), 1)
    return float(np.exp(intercept)), float(-slope)


def fit(measured: dict) -> Fit:
    """From a measurement: sizes from small to large, each with its compute and its mean loss after equal
    data (`equal`), and its loss on every clip at its end."""
    sizes = list(measured["sizes"].values())
    compute = np.array([s["equal"]["teraflop"] for s in sizes])
    each = np.array([s["losses"] for s in sizes])  # size, clip
    each *= np.array([[s["equal"]["held_out"]] for s in sizes]) / each.mean(1, keepdims=True)
    rng = np.random.default_rng(SEED)
    drawn = each[:, rng.integers(each.shape[1], size=(DRAWS, each.shape[1]))].mean(-1)  # size, draw
    slopes = [law(compute, losses)[1] for losses in drawn.T]
    a, b = law(compute, each.mean(1))
    return Fit(
        a,
        b,
        _interval(slopes),
        float(each[-1].mean() / each[0].mean()),
        _interval(drawn[-1] / drawn[0]),
        sizes[0]["equal"]["steps"],
    )


Looks = dict[int, tuple[float, float]]  # step -> compute, loss on what was kept back


def looks(log: Path) -> Looks:
    """When a run was looked at."""
    rows = [json.loads(line) for line in log.read_text().splitlines()]
    return {r["step"]: (r["teraflop"], r["held_out"]) for r in rows if "held_out" in r}


def over_time(logs: list[Looks]) -> dict[int, float]:
    """The exponent by step, wherever all sizes were looked at."""
    common = sorted(set.intersection(*(set(log) for log in logs)))
    return {
        step: law(np.array([log[step][0] for log in logs]), np.array([log[step][1] for log in logs]))[1]
        for step in common
    }


def _interval(values: Any) -> tuple[float, float]:
    low, high = np.quantile(values, (0.05, 0.95))
    return float(low), float(high)


def kept(folder: Path = KEPT) -> dict:
    """The committed measurement, its curves, and the fit: what the bench prints."""
    measured = json.loads((folder / "measured.json").read_text())
    return {
        "patches_loss_ratio": round(fit(measured).ratio, 4),
        "patches_commit": measured["commit"],
        "patches_fit": fit(measured).to_dict(),
    }


def measure(run: Path, footage: Path, commit: str, folder: Path = KEPT, device: str = "cpu") -> dict:
    """Held-out loss, clip by clip, of the sizes that `run` trained; copies their logs beside it."""
    import torch

    from model import autoencoder, checkpoint
    from model.config import PRESETS
    from model.footage import Footage
    from model.patch_training import PatchLessons

    code, _ = autoencoder.load(run / "code" / "average.safetensors")
    assert PRESETS["patches"].pixels is not None
    read = Footage.read(footage, PRESETS["patches"].pixels, run / "frames")
    lessons = PatchLessons(read, code.to(device), run / "latents", torch.device(device))
    folder.mkdir(parents=True, exist_ok=True)
    sizes = {}
    logs = {name: looks(run / name / "log.jsonl") for name in SIZES}
    step = max(set.intersection(*(set(log) for log in logs.values())))
    for name in SIZES:
        net, about = checkpoint.load_network(run / name / "average.safetensors")
        last = json.loads((run / name / "log.jsonl").read_text().splitlines()[-1])
        sizes[name] = {
            "parameters": sum(p.numel() for p in net.parameters()),
            "steps": about["step"],
            "teraflop": last["teraflop"],
            "equal": dict(zip(("steps", "teraflop", "held_out"), (step, *logs[name][step]), strict=True)),
            "losses": [round(float(x), 5) for x in lessons.held_out_each(net.to(device))],
        }
        shutil.copy(run / name / "log.jsonl", folder / f"{name}.jsonl")
    measured = {"commit": commit, "device": device, "clips": len(read.shots), "sizes": sizes}
    (folder / "measured.json").write_text(json.dumps(measured) + "\n")
    return measured


def plot(path: Path, folder: Path = KEPT) -> None:
    """Every size's curve, its last point, and the law."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    measured, found = json.loads((folder / "measured.json").read_text()), fit_of(folder)
    figure, axis = pyplot.subplots(figsize=(6, 4))
    for name in measured["sizes"]:
        seen = looks(folder / f"{name}.jsonl").values()
        size = measured["sizes"][name]["parameters"]
        axis.plot(*zip(*seen, strict=True), "o-", label=f"{name}, {size / 1e6:.2f} M parameters")
    compute = np.array([s["equal"]["teraflop"] for s in measured["sizes"].values()])
    axis.plot(compute, [s["equal"]["held_out"] for s in measured["sizes"].values()], "ko", ms=4)
    line = np.geomspace(compute.min() / 1.5, compute.max() * 1.5, 20)
    low, high = found.b_interval
    law_text = f"{found.a:.2f} C^-{found.b:.3f} (90 %: {low:.3f} to {high:.3f})"
    axis.plot(line, found.a * line**-found.b, "k--", lw=1, label=law_text)
    axis.set(xscale="log", yscale="log", xlabel="compute C, 10^12 operations", ylabel="loss, held-out clips")
    axis.legend(fontsize=8)
    figure.savefig(path, dpi=110, bbox_inches="tight")
    pyplot.close(figure)


def fit_of(folder: Path = KEPT) -> Fit:
    return fit(json.loads((folder / "measured.json").read_text()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--run", type=Path)
    parser.add_argument("--footage", type=Path)
    parser.add_argument("--commit", default="", help="of the code that trained")
    parser.add_argument("--device", default="cpu")
    args = parser.parse_args()
    if args.run:
        measure(args.run, args.footage, args.commit, device=args.device)
    plot(KEPT.parent / "pictures" / "scaling.png")
    print(json.dumps(kept()))


if __name__ == "__main__":
    main()
