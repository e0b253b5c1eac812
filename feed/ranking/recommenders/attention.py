"""The next item by self-attention over the last ones: SASRec (Kang & McAuley 2018) with a softmax over the
items in the place of one drawn negative (Klenitskiy & Vasilev 2023; Petrov & Macdonald 2023).

Learnt on the CPU in a bounded number of steps, the same for a seed. Torch loads only where a log is learnt.

N people of a batch, L places, D dimensions, V items, M items that the softmax looks at.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from feed.ranking.log import Floats, Log, Rows

if TYPE_CHECKING:
    import torch

DIMENSIONS = 64
LAYERS = 2
HEADS = 2
LONGEST = 50  # places that attention looks back
DROPOUT = 0.35
BATCH = (256, 4096)  # events of one step: a fortieth of the log within these
MOST_EVENTS = 3_000_000  # shown in all turns together: about two minutes on two cores
TURNS = (2, 60)
DRAWN = 2000  # items of one step's softmax besides those wanted in it; all of them in a smaller catalogue
RATE = 4e-3
LEAST_EVENTS = 3000  # below this a transformer has nothing to learn from
MOST_ITEMS = 100_000


class Attention:
    """What follows the last LONGEST items of a person, by a transformer of two layers."""

    name = "attention"

    def fit(self, log: Log, seed: int) -> None:
        import torch

        torch.manual_seed(seed)
        self.seed, self.count = seed, log.shape[1]
        self.network = _network(self.count)
        windows = _windows(log)
        events = max(int((windows[1] > 0).sum()), 1)
        self._turns(windows, int(np.clip(MOST_EVENTS // events, *TURNS)), RATE)

    def again(self, log: Log, seed: int) -> None:
        """One gentle turn over everything, from where the first fit ended."""
        self._turns(_windows(log), 1, 0.1 * RATE)

    def scores(self, log: Log, people: Rows) -> Floats:
        import torch

        ends = log.starts[people + 1]
        lengths = np.minimum(ends - log.starts[people], LONGEST)
        place = ends[:, None] - np.arange(LONGEST, 0, -1)[None, :]
        there = np.arange(LONGEST, 0, -1)[None, :] <= lengths[:, None]
        items = np.where(there, log.item[np.maximum(place, 0)] + 1, 0) if log.size else np.zeros_like(place)
        self.network.eval()
        with torch.inference_mode():
            last = self.network(torch.from_numpy(items.astype(np.int64)))[:, -1]  # N D
            found = (last @ self.network.vectors()[1:].T).numpy()  # N V
        found[lengths == 0] = 0.0
        return np.asarray(found, np.float32)

    def _turns(self, windows: tuple[NDArray[np.int64], NDArray[np.int64]], turns: int, rate: float) -> None:
        import torch

        network = self.network.train()
        draw = np.random.default_rng([self.seed, 29, turns])
        batch = int(np.clip((windows[1] > 0).sum() // 40, *BATCH))
        steps = turns * len(_cuts(windows[0], batch, draw))
        adam = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=1e-4, betas=(0.9, 0.98))
        pace = torch.optim.lr_scheduler.LambdaLR(
            adam, lambda step: min(1.0, (step + 1) / (0.05 * steps + 1)) * (1.0 - step / (steps + 1))
        )
        for _ in range(turns):
            for items, wanted in _batches(windows, batch, draw):
                loss = self._loss(torch.from_numpy(items), torch.from_numpy(wanted), draw)
                adam.zero_grad(set_to_none=True)
                loss.backward()
                torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
                adam.step()
                pace.step()

    def _loss(self, items: torch.Tensor, wanted: torch.Tensor, draw: np.random.Generator) -> torch.Tensor:
        """Cross entropy of what came next among the wanted and the drawn items (all, where they are few)."""
        import torch
        from torch.nn import functional

        seen = self.network(items)[wanted > 0]  # M D
        target = wanted[wanted > 0] - 1
        if self.count <= DRAWN:
            return functional.cross_entropy(seen @ self.network.vectors()[1:].T, target)
        drawn = torch.from_numpy(draw.integers(0, self.count, DRAWN))
        known, place = torch.unique(torch.cat([target, drawn]), return_inverse=True)
        logits = seen @ self.network.vectors(known + 1).T
        # A wanted item is always in; a drawn one by chance: it counts for all those that were not drawn.
        often = torch.full((len(known),), math.log(self.count / DRAWN))
        often[place[: len(target)]] = 0.0
        return functional.cross_entropy(logits + often, place[: len(target)])


def _windows(log: Log) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(items so far, item that came next), both from 1 and 0 where there is none; shape (windows, LONGEST).

    A long history is cut from its end into windows, so that every welcome event is wanted once.
    """
    starts, welcome = log.starts, log.welcome() > 0
    items, wanted = [], []
    for begin, end in zip(starts[:-1], starts[1:], strict=True):
        at = int(end) - 1
        while at > begin:
            first = max(int(begin), at - LONGEST)
            size = at - first
            row, goal = np.zeros(LONGEST, np.int64), np.zeros(LONGEST, np.int64)
            row[LONGEST - size :] = log.item[first:at] + 1
            goal[LONGEST - size :] = (log.item[first + 1 : at + 1] + 1) * welcome[first + 1 : at + 1]
            items.append(row)
            wanted.append(goal)
            at = first
    if not items:
        return np.zeros((0, LONGEST), np.int64), np.zeros((0, LONGEST), np.int64)
    return np.stack(items), np.stack(wanted)


def _batches(
    windows: tuple[NDArray[np.int64], NDArray[np.int64]], batch: int, draw: np.random.Generator
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Every window once, in a drawn order, cut to the longest of its batch."""
    cuts = _cuts(windows[0], batch, draw)
    for which in draw.permutation(len(cuts)):
        chosen = cuts[which]
        width = max(int((windows[0][chosen] > 0).sum(axis=1).max()), 1)
        if (windows[1][chosen] > 0).any():
            yield windows[0][chosen][:, -width:], windows[1][chosen][:, -width:]


def _cuts(items: NDArray[np.int64], batch: int, draw: np.random.Generator) -> list[NDArray[np.int64]]:
    """Rows of like length together, as many as make a batch."""
    lengths = (items > 0).sum(axis=1)
    order = np.argsort(lengths + 4 * draw.random(len(lengths)), kind="stable")
    cuts, at = [], 0
    while at < len(order):
        size = max(1, batch // max(int(lengths[order[min(at + batch // LONGEST, len(order) - 1)]]), 1))
        cuts.append(order[at : at + size])
        at += size
    return cuts


def _network(count: int) -> Any:
    """Made here, so that torch loads only with it."""
    import torch
    from torch import nn
    from torch.nn import functional

    size = DIMENSIONS

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.before, self.between = nn.LayerNorm(size), nn.LayerNorm(size)
            self.asked, self.said = nn.Linear(size, 3 * size), nn.Linear(size, size)
            self.wide, self.back = nn.Linear(size, 2 * size), nn.Linear(2 * size, size)
            self.drop = nn.Dropout(DROPOUT)

        def forward(self, x: torch.Tensor, hidden: torch.Tensor) -> torch.Tensor:
            count, length, _ = x.shape
            split = self.asked(self.before(x)).view(count, length, 3, HEADS, size // HEADS)
            q, k, v = split.permute(2, 0, 3, 1, 4)  # N H L D/H each
            heard = functional.scaled_dot_product_attention(q, k, v, attn_mask=hidden)
            x = x + self.drop(self.said(heard.transpose(1, 2).reshape(count, length, size)))
            return x + self.drop(self.back(functional.gelu(self.wide(self.between(x)))))

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.items = nn.Embedding(count + 1, size)
            self.places = nn.Embedding(LONGEST, size)
            self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
            self.last, self.drop = nn.LayerNorm(size), nn.Dropout(DROPOUT)
            nn.init.normal_(self.items.weight, std=0.1)
            nn.init.normal_(self.places.weight, std=0.02)

        def vectors(self, which: torch.Tensor | None = None) -> torch.Tensor:
            return self.items.weight if which is None else self.items(which)

        def forward(self, items: torch.Tensor) -> torch.Tensor:
            """Shape (N, L) -> (N, L, D). Places count from the end; nothing sees what came later."""
            length = items.shape[1]
            place = torch.arange(length - 1, -1, -1)
            x = self.drop(self.items(items) * size**0.5 + self.places(place))
            earlier = torch.ones(length, length, dtype=torch.bool).tril()
            mask = earlier[None, None] & (items > 0)[:, None, None, :]
            mask = mask | torch.eye(length, dtype=torch.bool)[None, None]
            bias = torch.zeros(mask.shape).masked_fill(~mask, -1e9)
            for block in self.blocks:
                x = block(x, bias)
            return self.last(x)

    return Network()
