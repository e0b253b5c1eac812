"""Plans, words and key frames -> groups of tokens, in the two stages of one network.

cast    words -> static tokens                 motion    clean static tokens -> slots
Letters: B batch, P people, Q props, K slots."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from model.scene import codes
from model.scene import tracks as T
from model.transformer import Group

CAST_KINDS = ("world_static", "person_static", "prop_static")
MOTION_KINDS = ("world_slot", "person_slot", "prop_slot")


def to_slots(key_frames: np.ndarray, track: str) -> np.ndarray:
    """Key frames [..., N, C] in physical units -> normalised slot tokens [..., K, S * C]."""
    tokens = (key_frames - T.SHIFT[track]) / T.SCALE[track]
    *front, n, c = tokens.shape
    return tokens.reshape(*front, n // T.S, T.S * c)


def from_slots(tokens: np.ndarray, track: str) -> np.ndarray:
    """The way back: [..., K, S * C] -> [..., N, C] in physical units."""
    c = len(T.SCALE[track])
    *front, k, _ = tokens.shape
    return tokens.reshape(*front, k * T.S, c) * T.SCALE[track] + T.SHIFT[track]


@dataclass
class Statics:
    """Static tokens of B plans: world [B, 1, WS], people [B, P, HS], props [B, Q, QS], and what each
    person does in each slot, actions [B, P, K, ACTION_BITS]."""

    world: Tensor
    people: Tensor
    props: Tensor
    actions: Tensor

    @classmethod
    def of(cls, plan: T.Plan, slots: int = T.K) -> Statics:
        world, people, props = (torch.from_numpy(a).float() for a in codes.encode(plan))
        p, q = len(plan.people), len(plan.props)
        actions = torch.from_numpy(codes.actions_by_slot(plan, slots)).float()
        return cls(world[None, None], people[None, :p], props[None, :q], actions[None])


def _at(indices: list[int]) -> Tensor:
    return torch.tensor(indices, dtype=torch.long)


def cast_groups(x: list[Tensor], t: list[Tensor]) -> list[Group]:
    """Static tokens x = [world [B, 1, WS], people [B, 3, HS], props [B, 3, QS]] at times t [B, n]."""
    first = (0, 1, 1 + T.MAX_PEOPLE)
    out = []
    for kind, tokens, times, start in zip(CAST_KINDS, x, t, first, strict=False):
        n = tokens.shape[1]
        out.append(Group(kind, tokens, times, _at(list(range(start, start + n))), _at([0] * n)))
    return out


def motion_groups(statics: Statics, x: list[Tensor], t: list[Tensor]) -> list[Group]:
    """Slots x = [world [B, K, .], people [B, P K, .], props [B, Q K, .]] at times t, after the clean
    static tokens. Groups 0 to 2 are the statics, the rest the slots; absent kinds are left out."""
    b, k = x[0].shape[:2]
    fixed = [statics.world, statics.people, statics.props]
    out = []
    for kind, tokens, start in zip(CAST_KINDS, fixed, (0, 1, 1 + T.MAX_PEOPLE), strict=False):
        n = tokens.shape[1]
        if n:
            out.append(
                Group(kind, tokens, torch.zeros(b, n), _at(list(range(start, start + n))), _at([0] * n))
            )
    for kind, own, tokens, times, start in zip(
        MOTION_KINDS, fixed, x, t, (0, 1, 1 + T.MAX_PEOPLE), strict=False
    ):
        n = own.shape[1]
        if not n:
            continue
        condition = own[:, :, None].expand(b, n, k, own.shape[2])
        if kind == "person_slot":
            condition = torch.cat([condition, statics.actions], -1)
        track = _at([start + i for i in range(n) for _ in range(k)])
        position = _at([1 + s for _ in range(n) for s in range(k)])
        out.append(Group(kind, tokens, times, track, position, condition.reshape(b, n * k, -1)))
    return out
