"""The block: attention and a two-layer perceptron, both modulated by t (Peebles & Xie 2023)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from model.ops import modulate, rotate


class Block(nn.Module):
    """A fresh block returns its input: both output projections start at zero.

    Letters: B batch, N tokens, D width, H heads, E = D / H."""

    unit: Tensor

    def __init__(self, width: int, heads: int, mlp_ratio: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)
        self.up = nn.Linear(width, mlp_ratio * width, bias=False)
        self.down = nn.Linear(mlp_ratio * width, width, bias=False)
        self.modulation = nn.Parameter(torch.zeros(6, width))  # this block's own offset
        unit = torch.tensor([0.0, 1.0, 1.0, 0.0, 1.0, 1.0])[:, None]  # added to few rows, not to every token
        self.register_buffer("unit", unit, persistent=False)
        self.q_scale = nn.Parameter(torch.ones(width // heads))
        self.k_scale = nn.Parameter(torch.ones(width // heads))
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.down.weight)

    def forward(
        self, x: Tensor, modulation: tuple[Tensor, Tensor], rope: tuple[Tensor, Tensor], mask: Tensor | None
    ) -> Tensor:
        b, n, d = x.shape
        table, where = modulation
        own = F.embedding(where, table + (self.modulation + self.unit).flatten()).view(b, n, 6, d)
        shift1, scale1, gate1, shift2, scale2, gate2 = own.unbind(2)  # each B N D; scales and gates around 1
        qkv = self.qkv(modulate(x, shift1, scale1)).view(b, n, 3, self.heads, d // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # each B H N E
        q = rotate(F.rms_norm(q, q.shape[-1:]) * self.q_scale, rope)
        k = rotate(F.rms_norm(k, k.shape[-1:]) * self.k_scale, rope)
        attended = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)  # B H N E
        x = torch.addcmul(x, gate1, self.out(attended.transpose(1, 2).reshape(b, n, d)))  # B N D
        hidden = F.gelu(self.up(modulate(x, shift2, scale2)), approximate="tanh")  # B N mD
        return torch.addcmul(x, gate2, self.down(hidden))  # B N D
