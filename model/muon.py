"""Muon in fp32: momentum whose update is orthogonalised (Jordan et al. 2024).

torch.optim.Muon works in bf16, which a CPU without bf16 units runs a hundred times slower."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


class Muon:
    """For matrices inside the network; everything else belongs to AdamW."""

    def __init__(
        self, params: Sequence[Tensor], lr: float, momentum: float = 0.95, weight_decay: float = 0.01
    ) -> None:
        self.params, self.momentum, self.weight_decay = list(params), momentum, weight_decay
        self.buffers = [torch.zeros_like(p) for p in params]
        self.param_groups = [{"lr": lr}]

    def zero_grad(self) -> None:
        for p in self.params:
            p.grad = None

    @torch.no_grad()
    def step(self) -> None:
        lr = self.param_groups[0]["lr"]
        by_shape: dict[tuple[int, ...], list[tuple[Tensor, Tensor]]] = {}
        for p, m in zip(self.params, self.buffers, strict=False):
            if p.grad is None:
                continue
            m.lerp_(p.grad, 1 - self.momentum)
            update = p.grad.lerp(m, self.momentum)
            wide = update if update.shape[0] <= update.shape[1] else update.T
            by_shape.setdefault(tuple(wide.shape), []).append((p, wide))
        for pairs in by_shape.values():
            x = orthogonalise(torch.stack([u for _, u in pairs]))
            for (p, _), u in zip(pairs, x, strict=False):
                scale = 0.2 * max(p.shape) ** 0.5
                p.mul_(1 - lr * self.weight_decay).add_(u if p.shape == u.shape else u.T, alpha=-lr * scale)

    def state_dict(self) -> dict[str, Tensor]:
        return {str(i): m for i, m in enumerate(self.buffers)}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        for i, m in enumerate(self.buffers):
            m.copy_(state[str(i)])


A, B, C = 3.4445, -4.775, 2.0315  # a quintic that drives every singular value towards 1


def orthogonalise(x: Tensor, steps: int = 5) -> Tensor:
    """Nearest semi-orthogonal matrices to x [n, rows <= cols], by a quintic Newton-Schulz iteration.

    Every step multiplies x from the left by a polynomial of x x': those commute, so the steps are taken on
    the small square x x' alone, and x is multiplied once, by their product: a third less arithmetic where x
    is three times as wide as it is high."""
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    gram = x @ x.mT
    product = None
    for left in reversed(range(steps)):
        p = torch.baddbmm(B * gram, gram, gram, alpha=C)
        p.diagonal(dim1=1, dim2=2).add_(A)
        product = p if product is None else p @ product
        if left:
            gram = p @ gram @ p
    return x if product is None else product @ x
