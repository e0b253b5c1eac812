"""One segment of training, whatever the alphabet: network, its average, two optimisers, checkpoints."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from model import checkpoint
from model.muon import Muon
from model.ranks import Ranks

WEIGHTS = Path(__file__).parent / "weights"
SHIPPED = WEIGHTS / "scene.safetensors"
Describe = Callable[..., dict]
MUON_LR, ADAM_LR, WARM_UP = 4e-3, 3e-3, 80

Lesson = Callable[[Any, torch.Generator], dict[str, Tensor]]  # the network, and where its noise is from


class Lessons(Protocol):
    """What an alphabet brings: the names of its losses, and batches without end, round by round. A
    lesson is one batch; called with the network it returns a loss by name, and their sum is learned."""

    @property
    def names(self) -> tuple[str, ...]: ...

    # and, where something is kept back to measure on: held_out(network) -> dict[str, float]

    def round(self, seed: int, rng: np.random.Generator) -> Iterator[Lesson]: ...


class Trainer:
    """Goes on from the run's own checkpoint, else from the shipped weights, else from nothing."""

    def __init__(
        self,
        run: Path,
        net: nn.Module,
        *,
        shipped: Path | None = None,
        fresh: bool = False,
        describe: Describe = checkpoint.describe,
        ranks: Ranks | None = None,
    ) -> None:
        self.run, self.step, self.start, self.describe = run, 0, "nothing", describe
        self.ranks = ranks or Ranks()
        self.net = net.to(self.ranks.device)
        running = run / "running.safetensors"
        state: dict[str, Tensor] = {}
        if not fresh and running.is_file():
            state, about = checkpoint.load(running)
            self._take(_under("net.", state), running)
            self.step, self.start = int(about["step"]), "running checkpoint"
        elif not fresh and shipped is not None and shipped.is_file():
            tensors, about = checkpoint.load(shipped)
            self._take(tensors, shipped)
            self.step, self.start = int(about.get("step", 0)), "shipped weights"
        self.ranks.share(self.net.state_dict().values())
        self.average = copy.deepcopy(self.net).requires_grad_(False)
        matrices = [p for n, p in self.net.named_parameters() if "blocks." in n and _is_matrix(p)]
        inside = {id(m) for m in matrices}
        self.rest = [p for p in self.net.parameters() if id(p) not in inside]
        self.muon = Muon(matrices, MUON_LR)
        self.adam = torch.optim.AdamW(self.rest, lr=ADAM_LR, betas=(0.9, 0.98), weight_decay=0)
        if state:
            self.average.load_state_dict(_under("ema.", state))
            self.muon.load_state_dict(_under("muon.", state))
            self._load_adam(state)
        self.since = 0  # steps in this segment, for the warm-up

    def compile(self) -> None:
        """Fuses what lies between the products of matrices, for any number of tokens."""
        for block in getattr(self.net, "blocks", ()):
            block.compile(dynamic=True)

    def _take(self, tensors: dict[str, Tensor], path: Path) -> None:
        try:
            self.net.load_state_dict(tensors)
        except RuntimeError as error:
            raise checkpoint.BadCheckpoint(checkpoint.OTHER_CONFIG, f"{path}: {error}") from error

    def _load_adam(self, state: dict[str, Tensor]) -> None:
        for i, p in enumerate(self.rest):
            if f"adam.{i}.m" in state:
                self.adam.state[p] = {
                    "step": state[f"adam.{i}.s"],
                    "exp_avg": state[f"adam.{i}.m"].to(p.device),
                    "exp_avg_sq": state[f"adam.{i}.v"].to(p.device),
                }

    def save(self, figures: dict) -> None:
        """The running checkpoint (to go on from) and the average (to ship); by the first rank alone."""
        if not self.ranks.is_first:
            return
        tensors = {f"net.{k}": v for k, v in self.net.state_dict().items()}
        tensors |= {f"ema.{k}": v for k, v in self.average.state_dict().items()}
        tensors |= {f"muon.{k}": v for k, v in self.muon.state_dict().items()}
        for i, p in enumerate(self.rest):
            if s := self.adam.state.get(p):
                tensors |= {
                    f"adam.{i}.m": s["exp_avg"],
                    f"adam.{i}.v": s["exp_avg_sq"],
                    f"adam.{i}.s": s["step"],
                }
        figures = {"step": self.step, **figures}
        checkpoint.save(self.run / "running.safetensors", tensors, self.describe(self.net, **figures))
        average = self.describe(self.average, **figures)
        checkpoint.save(self.run / "average.safetensors", self.average.state_dict(), average)

    def rate(self, progress: float, peak: float = 1.0) -> None:
        """Warm-up, then a cosine from `peak` of the full rates to 2 % of it."""
        warm = min(1.0, (self.since + 1) / WARM_UP)
        factor = peak * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, progress))))
        self.muon.param_groups[0]["lr"] = MUON_LR * factor
        self.adam.param_groups[0]["lr"] = ADAM_LR * factor

    def backward(self, lesson: Lesson, generator: torch.Generator) -> dict[str, Tensor]:
        """Fresh gradients of one lesson; returns its losses by name."""
        self.muon.zero_grad()
        self.adam.zero_grad()
        with self.ranks.autocast():
            losses = lesson(self.net, generator)
        torch.stack(list(losses.values())).sum().backward()
        return losses

    def update(self, lesson: Lesson, generator: torch.Generator) -> dict[str, float]:
        """One step; returns its losses by name."""
        losses = self.backward(lesson, generator)
        self.ranks.mean_gradients(self.net.parameters())
        norm = torch.nn.utils.clip_grad_norm_(self.net.parameters(), 2.0)
        if bool(torch.isfinite(norm)):
            self.muon.step()
            self.adam.step()
        self.step += 1
        self.since += 1
        decay = min(0.998, (self.since + 1) / (self.since + 15))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.average.parameters()), list(self.net.parameters()), 1 - decay)
        return {name: value.item() for name, value in losses.items()}


def _under(prefix: str, state: dict[str, Tensor]) -> dict[str, Tensor]:
    return {k[len(prefix) :]: v for k, v in state.items() if k.startswith(prefix)}


def _is_matrix(p: Tensor) -> bool:
    return p.ndim == 2 and p.shape[0] > 6  # a block's modulation has six rows
