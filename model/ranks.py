"""One process or many: `torchrun --nproc-per-node 8 -m model.train …` trains on every card of a machine.

Each rank sees batches of its own; gradients are averaged, so that all ranks take the same step. Sums are
made by hand instead of by DistributedDataParallel, because Muon wants whole gradients in fp32 anyway."""

from __future__ import annotations

import os
from collections.abc import Iterable

import torch
import torch.distributed as dist
from torch import Tensor


class Ranks:
    """Where this process computes and who computes beside it."""

    def __init__(self, device: str = "cpu") -> None:
        self.world = int(os.environ.get("WORLD_SIZE", "1"))
        self.rank = int(os.environ.get("RANK", "0"))
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        if device == "cuda":
            device = f"cuda:{int(os.environ.get('LOCAL_RANK', '0'))}"
            torch.cuda.set_device(device)
            torch.backends.cuda.matmul.allow_tf32 = True  # for Muon's products, which stay in fp32
        self.device = torch.device(device)
        if self.world > 1 and not dist.is_initialized():
            dist.init_process_group("nccl" if self.device.type == "cuda" else "gloo")

    @property
    def is_first(self) -> bool:
        """Only this one logs and writes."""
        return self.rank == 0

    def autocast(self) -> torch.autocast:
        """bf16 where the card has units for it (compute capability 8 and later), single precision
        elsewhere: a CPU without such units is a hundred times slower in bf16."""
        has = self.device.type == "cuda" and torch.cuda.get_device_capability(self.device)[0] >= 8
        return torch.autocast(self.device.type, torch.bfloat16, enabled=has)

    def peak_gib(self) -> float:
        """The most that tensors took of the card so far; 0 on a CPU."""
        return torch.cuda.max_memory_allocated(self.device) / 2**30 if self.device.type == "cuda" else 0.0

    @torch.no_grad()
    def share(self, tensors: Iterable[Tensor]) -> None:
        """Everybody begins with the first rank's values."""
        if self.world > 1:
            for tensor in tensors:
                dist.broadcast(tensor, 0)

    @torch.no_grad()
    def mean_gradients(self, parameters: Iterable[Tensor]) -> None:
        """Replaces each gradient by its mean over the ranks, in one message."""
        if self.world == 1:
            return
        held = [p for p in parameters if p.requires_grad]
        flat = torch.cat([(p.grad if p.grad is not None else torch.zeros_like(p)).flatten() for p in held])
        dist.all_reduce(flat)
        flat /= self.world
        start = 0
        for p in held:
            p.grad = flat[start : start + p.numel()].view_as(p).clone()
            start += p.numel()

    def agree(self, value: float) -> float:
        """The first rank's number: clocks differ, and all must stop at the same step."""
        if self.world == 1:
            return value
        told = torch.tensor([value], dtype=torch.float32, device=self.device)
        dist.broadcast(told, 0)
        return float(told)

    def close(self) -> None:
        if self.world > 1 and dist.is_initialized():
            dist.destroy_process_group()
