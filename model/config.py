"""Frozen configurations of the network. `PRESETS["tiny"]` runs the whole chain in a test."""

from __future__ import annotations

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

    def to_dict(self) -> dict:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict) -> Config:
        """Raises TypeError or KeyError for anything that is not a config."""
        return cls(**{**data, "kinds": tuple(TokenKind(**k) for k in data["kinds"])})


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
PRESETS = {
    "scene": _scene,
    "tiny": replace(_scene, width=32, depth=2, heads=2, mlp_ratio=2),
}
