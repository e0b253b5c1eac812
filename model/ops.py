"""Small tensor functions of the transformer. B batch, H heads, N tokens, D width, E head width."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def time_features(t: Tensor, width: int = 64) -> Tensor:
    """Sines and cosines of t in [0, 1] at `width` / 2 frequencies: [...] -> [..., width]."""
    half = width // 2
    rates = 100 * torch.exp(-math.log(1000.0) * torch.arange(half, device=t.device) / half)
    angle = t[..., None] * rates
    return torch.cat([angle.cos(), angle.sin()], -1)


def rope_angles(position: Tensor, width: int) -> tuple[Tensor, Tensor]:
    """(cos, sin) [N, width / 2] of rotary embeddings for positions [N], or [N, A] along A axes that
    share the width; a few dozen steps each."""
    position = position.view(len(position), -1).float()
    half, axes = width // 2, position.shape[1]
    angles = []
    for axis in range(axes):
        size = half // axes + (axis < half % axes)
        rates = torch.exp(-math.log(64.0) * torch.arange(size, device=position.device) / size)
        angles.append(position[:, axis, None] * rates)
    angle = torch.cat(angles, -1)
    return angle.cos(), angle.sin()


def rotate(x: Tensor, rope: tuple[Tensor, Tensor]) -> Tensor:
    """Turns pairs of x [B, H, N, E] by its token's angle (Su et al. 2021)."""
    cos, sin = (angle.to(x.dtype) for angle in rope)
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], -1)


def modulate(x: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
    """Layer norm without its own parameters, then scale x + shift."""
    return torch.addcmul(shift, F.layer_norm(x, x.shape[-1:]), scale)
