"""Whose numbers measures are, and what was held while they were taken. Asked without a database, too."""

from __future__ import annotations

import os
import platform
import resource
import sys
from typing import Any


def name() -> str:
    """Processor, cores, GPU."""
    gpu = ""
    if (torch := _torch()) is not None and torch.cuda.is_available():
        gpu = f", {torch.cuda.get_device_name()}"
    return f"{platform.machine()}, {os.cpu_count()} cores{gpu}"[:120]


def memory_mb() -> int:
    """The most that was held: on the GPU by an engine that used one, else by this process."""
    if (torch := _torch()) is not None and (held := torch.cuda.max_memory_allocated()):
        return round(held / 2**20)
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def forget_peak() -> None:
    """What an engine before this one held on the GPU is not this one's."""
    if (torch := _torch()) is not None and torch.cuda.is_initialized():
        torch.cuda.reset_peak_memory_stats()


def _torch() -> Any:
    return sys.modules.get("torch")  # an engine without it has no GPU to tell of
