"""The path, whole: rectified flow with one t per token. t = 0 is data, t = 1 is noise.

    x_t = (1 - t) x + t noise        velocity = noise - x        x = x_t - t velocity

Liu et al. 2022 (rectified flow), Esser et al. 2024 (shifted schedule), Ho & Salimans 2022 (guidance).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Velocity = Callable[[list[Tensor], list[Tensor]], list[Tensor]]
Step = Callable[[int, int], None]


def interpolate(x: Tensor, noise: Tensor, t: Tensor) -> Tensor:
    """x_t of tokens [..., n, C] at t [..., n]."""
    return x + (noise - x) * t[..., None]


def velocity(x: Tensor, noise: Tensor) -> Tensor:
    return noise - x


def euler_step(x: Tensor, v: Tensor, dt: Tensor | float) -> Tensor:
    """One step towards the data: x - dt v."""
    return x - (dt[..., None] if isinstance(dt, Tensor) else dt) * v


def schedule(steps: int, shift: float = 1.0, start: float = 1.0) -> Tensor:
    """steps + 1 values of t from `start` down to 0; shift > 1 spends more steps near the noise."""
    t = torch.linspace(1, 0, steps + 1) * start
    return shift * t / (1 + (shift - 1) * t)


def guide(v_null: Tensor, v_cond: Tensor, scale: float) -> Tensor:
    """v_null + scale (v_cond - v_null); scale 1 is no guidance."""
    return v_null + scale * (v_cond - v_null)


def draw_t(n: int, generator: torch.Generator | None = None) -> Tensor:
    """Training times [n, 1]: mostly logit-normal towards the noise, where the scene is decided, some
    uniform."""
    where = generator.device if generator is not None else None
    normal = torch.sigmoid(torch.randn(n, 1, generator=generator, device=where) + 0.4)
    flat = torch.rand(n, 1, generator=generator, device=where)
    return torch.where(torch.rand(n, 1, generator=generator, device=where) < 0.25, flat, normal)


class Stopped(Exception):
    """Sampling was asked to stop."""


@torch.no_grad()
def sample(
    net: Velocity,
    noise: list[Tensor],
    known: list[Tensor],
    values: list[Tensor],
    times: Tensor,
    on_step: Step | None = None,
    should_stop: Callable[[], bool] | None = None,
    heun: bool = False,
) -> list[Tensor]:
    """Integrates from noise (or from partly noised tokens, if times[0] < 1) to data by Euler, or by
    `heun`: each step but the last again with the mean of the velocities at both its ends.

    known [B, n] True where values [B, n, C] are given: those tokens enter clean (t = 0) at every step
    and are returned untouched. Raises Stopped between steps when should_stop() says so."""
    x = [
        torch.where(k[..., None], v, interpolate(v, e, times[0].expand(k.shape)))
        for e, k, v in zip(noise, known, values, strict=False)
    ]
    steps = len(times) - 1
    for i in range(steps):
        if should_stop is not None and should_stop():
            raise Stopped(f"stopped before step {i + 1} of {steps}")
        t = [torch.where(k, torch.zeros_like(times[i]), times[i]) for k in known]
        v = net(x, t)
        dt = times[i] - times[i + 1]
        after = _stepped(x, v, dt, known, values)
        if heun and i + 1 < steps:
            v2 = net(after, [torch.where(k, torch.zeros_like(dt), times[i + 1]) for k in known])
            after = _stepped(x, [(a + b) / 2 for a, b in zip(v, v2, strict=True)], dt, known, values)
        x = after
        if on_step is not None:
            on_step(i + 1, steps)
    return x


def _stepped(
    x: list[Tensor], v: list[Tensor], dt: Tensor, known: list[Tensor], values: list[Tensor]
) -> list[Tensor]:
    return [
        torch.where(k[..., None], given, euler_step(a, b, dt))
        for a, b, k, given in zip(x, v, known, values, strict=False)
    ]
