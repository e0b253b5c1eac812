"""One segment of training, whatever the alphabet: network, its average, two optimisers, checkpoints."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from model import checkpoint
from model.config import PRESETS
from model.muon import Muon
from model.transformer import Transformer

WEIGHTS = Path(__file__).parent / "weights"
SHIPPED = WEIGHTS / "scene.safetensors"
MUON_LR, ADAM_LR, WARM_UP = 4e-3, 3e-3, 80

Lesson = Callable[[Transformer, torch.Generator], dict[str, Tensor]]


class Lessons(Protocol):
    """What an alphabet brings: the names of its losses, and batches without end, round by round. A
    lesson is one batch; called with the network it returns a loss by name, and their sum is learned."""

    names: tuple[str, ...]

    def round(self, seed: int, rng: np.random.Generator) -> Iterator[Lesson]: ...


class Trainer:
    """Goes on from the run's own checkpoint, else from the shipped weights, else from nothing."""

    def __init__(self, run: Path, preset: str, fresh: bool, seed: int) -> None:
        torch.manual_seed(seed)
        self.run, self.seed, self.step, self.start = run, seed, 0, "nothing"
        self.net = Transformer(PRESETS[preset])
        running = run / "running.safetensors"
        state: dict[str, Tensor] = {}
        if not fresh and running.is_file():
            state, about = checkpoint.load(running)
            self.step, self.start = int(about["step"]), "running checkpoint"
            self.net.load_state_dict({k[4:]: v for k, v in state.items() if k.startswith("net.")})
        elif not fresh and SHIPPED.is_file() and preset == "scene":
            shipped, about = checkpoint.load_network(SHIPPED)
            self.net.load_state_dict(shipped.state_dict())
            self.step, self.start = int(about.get("step", 0)), "shipped weights"
        self.average = copy.deepcopy(self.net).requires_grad_(False)
        matrices = [
            p for p in self.net.blocks.parameters() if p.ndim == 2 and p.shape[0] > 6
        ]  # not the modulations
        inside = {id(m) for m in matrices}
        self.rest = [p for p in self.net.parameters() if id(p) not in inside]
        self.muon = Muon(matrices, MUON_LR)
        self.adam = torch.optim.AdamW(self.rest, lr=ADAM_LR, betas=(0.9, 0.98), weight_decay=0)
        if state:
            self.average.load_state_dict({k[4:]: v for k, v in state.items() if k.startswith("ema.")})
            self.muon.load_state_dict({k[5:]: v for k, v in state.items() if k.startswith("muon.")})
            self._load_adam(state)
        self.since = 0  # steps in this segment, for the warm-up

    def compile(self) -> None:
        """Fuses what lies between the products of matrices, for any number of tokens."""
        for block in self.net.blocks:
            block.compile(dynamic=True)

    def _load_adam(self, state: dict[str, Tensor]) -> None:
        for i, p in enumerate(self.rest):
            if f"adam.{i}.m" in state:
                self.adam.state[p] = {
                    "step": state[f"adam.{i}.s"],
                    "exp_avg": state[f"adam.{i}.m"],
                    "exp_avg_sq": state[f"adam.{i}.v"],
                }

    def save(self, figures: dict) -> None:
        """The running checkpoint (to go on from) and the average (to ship)."""
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
        about = checkpoint.describe(self.net, **{"step": self.step, **figures})
        checkpoint.save(self.run / "running.safetensors", tensors, about)
        checkpoint.save(self.run / "average.safetensors", self.average.state_dict(), about)

    def rate(self, progress: float, peak: float = 1.0) -> None:
        """Warm-up, then a cosine from `peak` of the full rates to 2 % of it."""
        warm = min(1.0, (self.since + 1) / WARM_UP)
        factor = peak * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, progress))))
        self.muon.param_groups[0]["lr"] = MUON_LR * factor
        self.adam.param_groups[0]["lr"] = ADAM_LR * factor

    def update(self, lesson: Lesson, generator: torch.Generator) -> dict[str, float]:
        """One step; returns its losses by name."""
        self.muon.zero_grad()
        self.adam.zero_grad()
        losses = lesson(self.net, generator)
        torch.stack(list(losses.values())).sum().backward()
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
