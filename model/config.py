"""Frozen configurations of the network. `PRESETS["tiny"]` runs the whole chain in a test."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace

from model.scene import codes, words
from model.scene import tracks as T


@dataclass(frozen=True)
class TokenKind:
    """One kind of token: numbers in it, clean numbers that condition it, weight in the loss."""

    name: str
    channels: int
    condition: int = 0
    weight: float = 1.0


@dataclass(frozen=True)
class Pixels:
    """How footage becomes tokens: clips of `frames` pictures are coded cell by cell (`autoencoder.py`),
    and a token is a block of cells (`patches.py`). Sizes are frames, rows, columns."""

    width: int = 96
    height: int = 160
    frames: int = 16
    fps: int = 8
    cell: tuple[int, int, int] = (2, 8, 8)
    latent: int = 48
    patch: tuple[int, int, int] = (1, 2, 2)
    code_width: int = 192

    def __post_init__(self) -> None:
        """Raises ValueError for a clip that does not divide into whole tokens."""
        for side, size, block in zip(("frames", "height", "width"), self.clip, self._block, strict=True):
            if size % block:
                raise ValueError(f"{side} {size} is no multiple of {block}")

    @property
    def clip(self) -> tuple[int, int, int]:
        return self.frames, self.height, self.width

    @property
    def _block(self) -> tuple[int, ...]:
        return tuple(c * p for c, p in zip(self.cell, self.patch, strict=True))

    @property
    def cells(self) -> tuple[int, ...]:
        """Cells of a clip along time, rows, columns."""
        return tuple(n // c for n, c in zip(self.clip, self.cell, strict=True))

    @property
    def grid(self) -> tuple[int, ...]:
        """Tokens of a clip along time, rows, columns."""
        return tuple(n // b for n, b in zip(self.clip, self._block, strict=True))

    @property
    def channels(self) -> int:
        """Numbers in a token."""
        return self.latent * math.prod(self.patch)

    @classmethod
    def from_dict(cls, data: dict) -> Pixels:
        return cls(**{**data, "cell": tuple(data["cell"]), "patch": tuple(data["patch"])})


@dataclass(frozen=True)
class Config:
    """A network: its size and its alphabet. Saved beside the weights and compared at loading."""

    alphabet: str
    width: int
    depth: int
    heads: int
    mlp_ratio: int
    tracks: int
    positions: int
    vocabulary: int
    words: int
    kinds: tuple[TokenKind, ...]
    pixels: Pixels | None = None

    def to_dict(self) -> dict:
        data = asdict(self)
        return data if self.pixels else {k: v for k, v in data.items() if k != "pixels"}

    @classmethod
    def from_dict(cls, data: dict) -> Config:
        """Raises TypeError or KeyError for anything that is not a config."""
        kinds = tuple(TokenKind(**k) for k in data["kinds"])
        pixels = Pixels.from_dict(data["pixels"]) if data.get("pixels") else None
        return cls(**{**data, "kinds": kinds, "pixels": pixels})


SCENE_KINDS = (
    TokenKind("world_static", codes.WS),
    TokenKind("person_static", codes.HS),
    TokenKind("prop_static", codes.QS, weight=0.8),
    TokenKind("world_slot", T.WD * T.S, codes.WS, weight=0.5),
    TokenKind("person_slot", T.HD * T.S, codes.HS + codes.ACTION_BITS),
    TokenKind("prop_slot", T.QD * T.S, codes.QS, weight=0.8),
)
_scene = Config(
    alphabet="scene", width=160, depth=6, heads=5, mlp_ratio=3, tracks=1 + T.MAX_PEOPLE + T.MAX_PROPS,
    positions=T.K + 1, vocabulary=len(words.CONCEPTS), words=words.MAX_TOKENS, kinds=SCENE_KINDS,
)  # fmt: skip


def patches(width: int, depth: int, heads: int, pixels: Pixels, mlp_ratio: int = 3) -> Config:
    """A network over patches of pixels: one kind of token, a track for every place in the picture."""
    slots, rows, columns = pixels.grid
    return Config(
        alphabet="patches", width=width, depth=depth, heads=heads, mlp_ratio=mlp_ratio, tracks=rows * columns,
        positions=slots, vocabulary=len(words.CONCEPTS), words=words.MAX_TOKENS,
        kinds=(TokenKind("patch", pixels.channels),), pixels=pixels,
    )  # fmt: skip


_pixels = Pixels()
_few = Pixels(width=16, height=16, frames=4, fps=4, latent=4, code_width=16)
_large = Pixels(width=256, height=448, frames=48, fps=16, cell=(4, 8, 8), latent=64, code_width=384)
PRESETS = {
    "scene": _scene,
    "tiny": replace(_scene, width=32, depth=2, heads=2, mlp_ratio=2),
    "patches-s": patches(96, 5, 3, _pixels),
    "patches-m": patches(160, 6, 5, _pixels),
    "patches": patches(256, 6, 8, _pixels),
    "patches-gpu": patches(1024, 20, 16, _large, mlp_ratio=4),
    "patches-tiny": patches(32, 2, 2, _few, mlp_ratio=2),
}


def patches_of(preset: str) -> Pixels:
    """How a preset of the patches alphabet sees footage. Raises ValueError for a preset that sees none."""
    config = PRESETS.get(preset)
    if config is None or config.pixels is None:
        raise ValueError(f"{preset} is no preset over pixels")
    return config.pixels
