"""The encoder behind the text vectors as a network of torch that can be tuned for one question.

    texts -> Tokeniser -> ids -> Encoder -> mean over tokens, as long as one: B x 384

What it was tuned to ships as the base's file would hold it (`packed_encoder.py`), matrices in four bits: the
largest number of each 32 is kept, the others are whole eighths of it. `sense_serving.py` runs that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from model.packed_encoder import BLOCK, Size

MATRICES = ("q.w", "k.w", "v.w", "ao.w", "fi.w", "fo.w")


def packed(numbers: Tensor) -> bytes:
    """The inverse of `unpacked`, each block scaled so that its largest number is kept exactly."""
    scale, whole = _quantised(numbers.detach().float().cpu().reshape(-1, BLOCK))
    codes = whole.numpy().astype(np.uint8)
    halves = codes[:, : BLOCK // 2] | codes[:, BLOCK // 2 :] << 4
    return np.concatenate([scale.half().numpy().view(np.uint8), halves], axis=1).tobytes()


def _quantised(blocks: Tensor) -> tuple[Tensor, Tensor]:
    """(scale n x 1, whole numbers 0 to 15) of n x 32."""
    largest = blocks.gather(1, blocks.abs().argmax(1, keepdim=True))
    scale = (largest / -8).half().float()
    inverse = torch.where(scale == 0, torch.zeros_like(scale), 1 / scale)
    return scale, torch.clamp(torch.round(blocks * inverse) + 8, 0, 15)


def in_four_bits(weight: Tensor) -> Tensor:
    """`weight` as four bits would hold it; the gradient goes through as if nothing had been rounded."""
    scale, whole = _quantised(weight.detach().reshape(-1, BLOCK))
    return weight + (((whole - 8) * scale).reshape(weight.shape) - weight).detach()


class Encoder(nn.Module):
    """The network of the file: post-norm layers, GELU, mean over tokens. `words` n x width: the table, or the
    rows of it that are asked for, never tuned. `four_bits` rounds the matrices in each pass, so that tuning
    feels what packing will do."""

    def __init__(self, size: Size, tensors: Mapping[str, NDArray[np.float32]], words: Tensor) -> None:
        super().__init__()
        self.size = size
        self.words: Tensor
        self.register_buffer("words", words)
        self.tensors = nn.ParameterDict(
            {
                name.replace(".", "_"): nn.Parameter(torch.tensor(value).reshape(shape_of(name, size)))
                for name, value in tensors.items()
            }
        )
        self.four_bits = True
        self._matrices: dict[str, Tensor] = {}

    def named(self) -> dict[str, Tensor]:
        """Tensors by the file's names."""
        return {name.replace("_", "."): value for name, value in self.tensors.items()}

    def changed(self) -> dict[str, bytes]:
        """All tensors as the file holds them, for `Packed.fitted`."""
        return {
            name: packed(value) if _is_matrix(name) else value.detach().float().cpu().numpy().tobytes()
            for name, value in self.named().items()
        }

    def forward(self, ids: Tensor, there: Tensor, dropout: float = 0.0) -> Tensor:
        """Unit vectors B x width of ids B x L, `there` (B x L, bool) telling tokens from padding."""
        mine = self._at
        self._use(self._rounded() if self.four_bits else {})
        x = self.words[ids].float() + mine("emb.pos")[: ids.shape[1]] + mine("emb.type")[0]
        x = self._normed(x, "emb.ln")
        for layer in range(self.size.layers):
            x = self._layer(x, there, f"l{layer}", dropout)
        x = x * there.unsqueeze(-1)
        return functional.normalize(x.sum(1) / there.sum(1, keepdim=True), dim=-1)

    def _layer(self, x: Tensor, there: Tensor, name: str, dropout: float) -> Tensor:
        batch, length, width = x.shape

        def heads(part: str) -> Tensor:
            whole = self._linear(x, f"{name}.{part}")
            return whole.reshape(batch, length, self.size.heads, -1).transpose(1, 2)

        attended = functional.scaled_dot_product_attention(
            heads("q"), heads("k"), heads("v"), attn_mask=there[:, None, None, :]
        )
        told = self._linear(attended.transpose(1, 2).reshape(batch, length, width), f"{name}.ao")
        x = self._normed(x + functional.dropout(told, dropout, self.training), f"{name}.aln")
        inner = self._linear(functional.gelu(self._linear(x, f"{name}.fi")), f"{name}.fo")
        return self._normed(x + functional.dropout(inner, dropout, self.training), f"{name}.oln")

    def _linear(self, x: Tensor, name: str) -> Tensor:
        weight = self._matrices.get(f"{name}.w", self._at(f"{name}.w"))
        return functional.linear(x, weight, self._at(f"{name}.b"))

    def _rounded(self) -> dict[str, Tensor]:
        """All matrices in four bits; in one go, for a rounding each would be most of a pass's work."""
        mine = {name: value for name, value in self.named().items() if _is_matrix(name)}
        whole = in_four_bits(torch.cat([value.reshape(-1) for value in mine.values()]))
        parts = whole.split([value.numel() for value in mine.values()])
        return {
            name: part.reshape(value.shape) for (name, value), part in zip(mine.items(), parts, strict=True)
        }

    def _use(self, matrices: dict[str, Tensor]) -> None:
        self._matrices = matrices

    def _normed(self, x: Tensor, name: str) -> Tensor:
        return functional.layer_norm(
            x, (self.size.width,), self._at(f"{name}.w"), self._at(f"{name}.b"), 1e-12
        )

    def _at(self, name: str) -> Tensor:
        return self.tensors[name.replace(".", "_")]


def _is_matrix(name: str) -> bool:
    return name.startswith("l") and name.endswith(MATRICES)


def shape_of(name: str, size: Size) -> tuple[int, ...]:
    """Of a tensor of the file, which keeps them flat."""
    if name == "emb.pos":
        return size.longest, size.width
    if name == "emb.type":
        return -1, size.width
    if name.endswith("fi.w"):
        return size.inner, size.width
    if name.endswith("fo.w"):
        return size.width, size.inner
    return (size.width, size.width) if _is_matrix(name) else (-1,)


def batch(lines: Sequence[Sequence[int]], padding: int) -> tuple[Tensor, Tensor]:
    """(ids, there) of token lists, filled up to the longest."""
    length = max(map(len, lines))
    ids = torch.full((len(lines), length), padding)
    for row, line in zip(ids, lines, strict=True):
        row[: len(line)] = torch.as_tensor(line)
    lengths = torch.as_tensor([len(line) for line in lines])
    return ids, torch.arange(length)[None] < lengths[:, None]
