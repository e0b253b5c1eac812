"""The network: tokens of any kind in one sequence, each with its own t, velocity out.

It predicts the clean token and hands on the velocity (x_t - clean) / t that leads there: motion lies
on a thin sheet in a wide space, and a network that must also carry the noise through draws it shakily
(measured on this alphabet; see docs/algorithms/native.md)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from model.config import Config
from model.layers import Block
from model.ops import modulate, rope_angles, time_features

SMALLEST_T = 0.05  # velocities are divided by no less


@dataclass
class Group:
    """Tokens of one kind. x [B, n, C], t [B, n] (0 = data, 1 = noise), track [n], position [n] along
    time (or [n, 3]: along time, rows and columns), condition [B, n, C'] or None."""

    kind: str
    x: Tensor
    t: Tensor
    track: Tensor
    position: Tensor
    condition: Tensor | None = None


class Transformer(nn.Module):
    """Letters: B batch, L words, N tokens in all, D width."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        d = config.width
        self.read = nn.ModuleDict({k.name: nn.Linear(k.channels, d) for k in config.kinds})
        self.given = nn.ModuleDict(
            {k.name: nn.Linear(k.condition, d, bias=False) for k in config.kinds if k.condition}
        )
        self.write = nn.ModuleDict({k.name: nn.Linear(d, k.channels) for k in config.kinds})
        self.word = nn.Embedding(config.vocabulary, d)
        self.word_position = nn.Parameter(torch.randn(config.words, d) * 0.3)
        self.null = nn.Parameter(torch.randn(d) * 0.02)
        self.track = nn.Embedding(config.tracks, d)
        self.slot = nn.Embedding(config.positions, d)
        self.time_in = nn.Linear(64, d)
        self.time_out = nn.Linear(d, 6 * d)
        self.blocks = nn.ModuleList(Block(d, config.heads, config.mlp_ratio) for _ in range(config.depth))
        self.final = nn.Parameter(torch.zeros(2, d))
        self._begin()

    def _begin(self) -> None:
        for table, spread in ((self.word, 0.5), (self.track, 0.3), (self.slot, 0.1)):
            nn.init.normal_(table.weight, std=spread)
        nn.init.zeros_(self.time_out.weight)
        nn.init.zeros_(self.time_out.bias)
        for head in self.write.values():
            for parameter in head.parameters():
                nn.init.zeros_(parameter)

    def _modulation(self, t: Tensor) -> tuple[Tensor, Tensor]:
        """A table [T, 6 D] for the few different t (one per clip, and 0), and each token's row in it."""
        values, where = torch.unique(t, return_inverse=True)
        return self.time_out(F.silu(self.time_in(time_features(values)))), where  # T 6D, B N

    def forward(
        self, groups: list[Group], words: Tensor | None = None, drop: Tensor | None = None
    ) -> list[Tensor]:
        """Velocity of every group. words [B, L] concept ids (0 = padding), drop [B] True where the
        words are to be ignored (guidance's null)."""
        b, axes = groups[0].x.shape[0], groups[0].position.shape[1:]
        tokens, times, places, mask = [], [], [], None
        if words is not None:
            said = self.word(words) + self.word_position[: words.shape[1]]  # B L D
            if drop is not None:
                silent = self.null + self.word_position[: words.shape[1]]
                said = torch.where(drop[:, None, None], silent, said)
            tokens.append(said)
            times.append(torch.zeros(words.shape, device=words.device))
            places.append(torch.zeros_like(groups[0].position[:1]).expand(words.shape[1], *axes))
        for g in groups:
            slot = g.position if g.position.ndim == 1 else g.position[:, 0]
            token = self.read[g.kind](g.x) + self.track(g.track) + self.slot(slot)  # B n D
            tokens.append(token if g.condition is None else token + self.given[g.kind](g.condition))
            times.append(g.t)
            places.append(g.position)
        x = torch.cat(tokens, 1)  # B N D
        if words is not None:
            here = torch.ones(b, x.shape[1] - words.shape[1], dtype=torch.bool, device=x.device)
            mask = torch.cat([words > 0, here], 1)[:, None, None, :]  # B 1 1 N
        modulation = self._modulation(torch.cat(times, 1))  # T 6D, B N
        rope = rope_angles(torch.cat(places), self.config.width // self.config.heads)
        for block in self.blocks:
            x = block(x, modulation, rope, mask)  # B N D
        x = modulate(x, self.final[0], 1 + self.final[1])
        start, out = 0 if words is None else words.shape[1], []
        for g in groups:
            clean = self.write[g.kind](x[:, start : start + g.x.shape[1]])  # B n C
            out.append((g.x - clean) / g.t.clamp_min(SMALLEST_T)[..., None])
            start += g.x.shape[1]
        return out
