"""The walls around the process that decodes strangers' files.

The child is a fresh interpreter (no key, no connection of the parent is in its memory). It loads
what it needs, then raises the walls, and only then reads the first byte of the file:

1. resource limits: processor time, memory, no file may be written, no core is dumped;
2. its own empty network namespace, where the kernel lets us have one;
3. a seccomp list of the calls that decoding needs: no open, no socket, no new process;
4. a Python audit hook that refuses the same, for systems without the two above.

`raise_walls` returns the names of the walls that stand; the parent decides whether they suffice.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import struct
import sys
from typing import Any

_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_SECCOMP = 22
_PR_SET_PDEATHSIG = 1
_SECCOMP_MODE_FILTER = 2
_CLONE_NEWUSER_NET_IPC_UTS = 0x10000000 | 0x40000000 | 0x08000000 | 0x04000000
_SIGKILL = 9

_ALLOW = 0x7FFF0000
_EPERM = 0x00050000 | 1
_KILL = 0x80000000

# name -> (x86_64, aarch64); None where the machine has no such call.
_CALLS: dict[str, tuple[int | None, int | None]] = {
    "read": (0, 63), "write": (1, 64), "close": (3, 57), "fstat": (5, 80), "poll": (7, None),
    "ppoll": (271, 73), "lseek": (8, 62), "mmap": (9, 222), "mprotect": (10, 226),
    "munmap": (11, 215), "brk": (12, 214), "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139), "ioctl": (16, 29), "pread64": (17, 67), "readv": (19, 65),
    "writev": (20, 66), "sched_yield": (24, 124), "mremap": (25, 216), "madvise": (28, 233),
    "nanosleep": (35, 101), "getpid": (39, 172), "exit": (60, 93), "fcntl": (72, 25),
    "gettimeofday": (96, 169), "getrusage": (98, 165), "sysinfo": (99, 179), "times": (100, 153),
    "sigaltstack": (131, 132), "prctl": (157, 167), "gettid": (186, 178), "futex": (202, 98),
    "sched_getaffinity": (204, 123), "restart_syscall": (219, 128), "clock_gettime": (228, 113),
    "clock_nanosleep": (230, 115), "exit_group": (231, 94), "tgkill": (234, 131),
    "set_robust_list": (273, 99), "getcpu": (309, 168), "getrandom": (318, 278),
    "membarrier": (324, 283), "rseq": (334, 293), "newfstatat": (262, 79),
}  # fmt: skip
_ARCHES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}

_REFUSED_EVENTS = ("open", "socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system")


def raise_walls(*, cpu_s: int, memory_bytes: int) -> list[str]:
    """Raise every wall this machine offers and name those that stand. There is no way back."""
    walls = [_limit_resources(cpu_s, memory_bytes)]
    libc = ctypes.CDLL(None, use_errno=True)
    if sys.platform == "linux":
        libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
        if libc.unshare(_CLONE_NEWUSER_NET_IPC_UTS) == 0:
            walls.append("namespace")
    sys.addaudithook(_refuse)
    walls.append("audit")
    if sys.platform == "linux" and _filter_calls(libc):
        walls.append("seccomp")
    return walls


def _limit_resources(cpu_s: int, memory_bytes: int) -> str:
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))
    if sys.platform == "linux":  # macOS refuses a limit on its address space.
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
    if os.getuid() != 0:  # The limit counts the user's processes on the whole machine; root has none.
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    return "limits"


def _refuse(event: str, _args: tuple[Any, ...]) -> None:
    if event.startswith(_REFUSED_EVENTS):
        raise PermissionError(f"{event} is not for the decoder")


def _filter_calls(libc: ctypes.CDLL) -> bool:
    """Install the seccomp list; False where the machine is unknown or the kernel will not."""
    if platform.machine() not in _ARCHES:
        return False
    program = _program(*_ARCHES[platform.machine()])
    code = ctypes.create_string_buffer(program, len(program))

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_void_p)]

    holder = Program(len(program) // 8, ctypes.cast(code, ctypes.c_void_p))
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(holder), 0, 0) == 0


def _program(arch: int, column: int) -> bytes:
    """Classic BPF: another machine's call dies, a listed call passes, the rest gets EPERM."""
    numbers = [number for pair in _CALLS.values() if (number := pair[column]) is not None]
    load, equal, answer = 0x20, 0x15, 0x06
    lines = [(load, 0, 0, 4), (equal, 1, 0, arch), (answer, 0, 0, _KILL), (load, 0, 0, 0)]
    for left, number in zip(range(len(numbers), 0, -1), numbers, strict=True):
        lines.append((equal, left, 0, number))
    lines += [(answer, 0, 0, _EPERM), (answer, 0, 0, _ALLOW)]
    return b"".join(struct.pack("HBBI", *line) for line in lines)
