"""Tuning the encoder of `sense.py` to tell kinds of texts apart: a linear head on its unit vectors, both by
cross-entropy. A GPU takes three minutes for twelve thousand texts; two cores, most of a day.

Some texts are strung together with others of the last kind ("none of these"): one of another kind among many
must not drown. The mean of the weights over the last third of the steps is kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel

from model.sense import Encoder, batch

Lines = Sequence[Sequence[int]]
PREFIXED = 3  # begin, "query", ":"


@dataclass(frozen=True)
class Recipe:
    """How it is tuned. `strung`: the share of texts made of several. `faster_head`: its rate over the
    encoder's. `averaged_from`: the part of the steps after which weights are averaged."""

    epochs: int = 14
    size: int = 64
    rate: float = 3.5e-4
    faster_head: float = 20.0
    warm_up: float = 0.1
    decay: float = 0.01
    smoothing: float = 0.05
    dropout: float = 0.15
    lost_words: float = 0.08
    strung: float = 0.2
    averaged_from: float = 0.66
    longest: int = 200
    layer_decay: float = 0.9


class Judge(nn.Module):
    """Scores B x kinds, of ids and which of them are there."""

    def __init__(self, encoder: Encoder, kinds: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = nn.Linear(encoder.size.width, kinds)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, ids: Tensor, there: Tensor, dropout: float = 0.0) -> Tensor:
        vectors = self.encoder(ids, there, dropout)
        return self.head(functional.dropout(vectors, dropout, self.training))


def tune(
    judge: Judge,
    lines: Lines,
    kinds: Sequence[int],
    *,
    recipe: Recipe = Recipe(),  # noqa: B008  (it is frozen)
    padding: int,
    unknown: int,
    seed: int = 0,
    say: Callable[[str], object] = print,
) -> None:
    """Tune `judge` in place on texts given as `lines` of ids (begin … end) of one of `kinds` each."""
    torch.manual_seed(seed)
    device = next(judge.parameters()).device
    steps = recipe.epochs * -(-len(lines) // recipe.size)
    optimiser = torch.optim.AdamW(
        _groups(judge, recipe), weight_decay=recipe.decay, fused=device.type == "cuda"
    )
    rising = max(1, int(steps * recipe.warm_up))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda at: min((at + 1) / rising, max(0.0, (steps - at) / max(1, steps - rising)))
    )
    mean = AveragedModel(judge)
    started = time.monotonic()
    judge.train()
    for at, (texts, wanted) in enumerate(_batches(lines, kinds, recipe, seed)):
        ids, there = batch([line[: recipe.longest] for line in texts], padding)
        lost = (torch.rand(ids.shape) < recipe.lost_words) & there
        lost[:, :4] = False
        ids = torch.where(lost, unknown, ids).to(device)
        with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
            scores = judge(ids, there.to(device), recipe.dropout)
        loss = functional.cross_entropy(
            scores.float(), torch.as_tensor(wanted, device=device), label_smoothing=recipe.smoothing
        )
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(judge.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        if at >= int((steps - 1) * recipe.averaged_from):  # the last step at least
            mean.update_parameters(judge)
    judge.load_state_dict(mean.module.state_dict())
    judge.eval()
    say(f"{steps} steps, {time.monotonic() - started:.0f} s")


def _groups(judge: Judge, recipe: Recipe) -> list[dict[str, object]]:
    """Layers near the words move least: they hold what all texts have in common."""
    layers = judge.encoder.size.layers
    groups: list[dict[str, object]] = [
        {"params": list(judge.head.parameters()), "lr": recipe.rate * recipe.faster_head}
    ]
    for name, value in judge.encoder.named().items():
        depth = int(name.split(".")[0][1:]) + 1 if name.startswith("l") else 0
        groups.append({"params": [value], "lr": recipe.rate * recipe.layer_decay ** (layers - depth)})
    return groups


def _batches(
    lines: Lines, kinds: Sequence[int], recipe: Recipe, seed: int
) -> Iterator[tuple[list[list[int]], list[int]]]:
    rng = np.random.default_rng(seed)
    none = max(kinds)
    harmless = [at for at, kind in enumerate(kinds) if kind == none]
    for _ in range(recipe.epochs):
        order = rng.permutation(len(lines))
        for start in range(0, len(order), recipe.size):
            chosen = order[start : start + recipe.size]
            texts = [
                _strung(lines, int(at), harmless, rng) if rng.random() < recipe.strung else list(lines[at])
                for at in chosen
            ]
            yield texts, [kinds[at] for at in chosen]


def _strung(lines: Lines, at: int, harmless: Sequence[int], rng: np.random.Generator) -> list[int]:
    """This text between one to four harmless ones, with one prefix before them all."""
    own = lines[at]
    others = [lines[harmless[int(one)]] for one in rng.integers(len(harmless), size=rng.integers(1, 5))]
    parts = [own, *others]
    order = rng.permutation(len(parts))
    body = [token for place in order for token in parts[place][PREFIXED:-1]]
    return [*own[:PREFIXED], *body, own[-1]]


@torch.no_grad()
def scores(judge: Judge, lines: Lines, padding: int, at_a_time: int = 256) -> np.ndarray:
    """Scores n x kinds."""
    device = next(judge.parameters()).device
    order = sorted(range(len(lines)), key=lambda at: len(lines[at]))
    out = np.zeros((len(lines), judge.head.out_features), np.float32)
    for start in range(0, len(order), at_a_time):
        chosen = order[start : start + at_a_time]
        ids, there = batch([lines[at] for at in chosen], padding)
        out[chosen] = judge(ids.to(device), there.to(device)).float().cpu().numpy()
    return out
