"""Merkle trees as RFC 6962 (section 2.1) draws them, over SHA-256. Hashes travel as hex."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256


def root(leaves: Sequence[bytes]) -> str:
    """The root over the leaves' data; of no leaves, the hash of nothing."""
    return _root(leaves).hex()


def path(leaves: Sequence[bytes], index: int) -> list[str]:
    """The audit path of the leaf at `index`, from the bottom up."""
    return [step.hex() for step in _path(leaves, index)]


def _root(leaves: Sequence[bytes]) -> bytes:
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    middle = _split(len(leaves))
    return sha256(b"\x01" + _root(leaves[:middle]) + _root(leaves[middle:])).digest()


def _path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    if len(leaves) <= 1:
        return []
    middle = _split(len(leaves))
    if index < middle:
        return [*_path(leaves[:middle], index), _root(leaves[middle:])]
    return [*_path(leaves[middle:], index - middle), _root(leaves[:middle])]


def _split(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << (count - 1).bit_length() - 1
