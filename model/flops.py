"""How much arithmetic a piece of work is, and how much of it this machine could do at best."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch
from torch.utils.flop_counter import FlopCounterMode


def flops_of(work: Callable[[], object]) -> int:
    """Floating point operations in the matrix products, convolutions and attention of `work`."""
    with FlopCounterMode(display=False) as counter:
        work()
    return int(counter.get_total_flops())


def matmul_peak(size: int = 768, seconds: float = 1.0) -> float:
    """The best rate at which this machine multiplied two square matrices in single precision with as
    many threads as torch has now, in operations a second."""
    a, b = torch.randn(size, size), torch.randn(size, size)
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        begun = time.perf_counter()
        torch.mm(a, b)
        best = min(best, time.perf_counter() - begun)
    return 2 * size**3 / best
