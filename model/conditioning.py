"""Plans, words and key frames -> groups of tokens, in the two stages of one network.

cast    words -> static tokens                 motion    clean static tokens -> slots
Letters: B batch, P people, Q props, K slots."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from model import verbs
from model.scene import codes
from model.scene import tracks as T
from model.scene.borders import between
from model.transformer import Group

CAST_KINDS = ("world_static", "person_static", "prop_static")
MOTION_KINDS = ("world_slot", "person_slot", "prop_slot")
SEEDS = 2**63


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


def _at(indices: list[int], beside: Tensor) -> Tensor:
    return torch.tensor(indices, dtype=torch.long, device=beside.device)


def cast_groups(x: list[Tensor], t: list[Tensor]) -> list[Group]:
    """Static tokens x = [world [B, 1, WS], people [B, 3, HS], props [B, 3, QS]] at times t [B, n]."""
    first = (0, 1, 1 + T.MAX_PEOPLE)
    out = []
    for kind, tokens, times, start in zip(CAST_KINDS, x, t, first, strict=False):
        n = tokens.shape[1]
        out.append(
            Group(kind, tokens, times, _at(list(range(start, start + n)), tokens), _at([0] * n, tokens))
        )
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
                Group(
                    kind,
                    tokens,
                    tokens.new_zeros(b, n),
                    _at(list(range(start, start + n)), tokens),
                    _at([0] * n, tokens),
                )
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
        track = _at([start + i for i in range(n) for _ in range(k)], tokens)
        position = _at([1 + s for _ in range(n) for s in range(k)], tokens)
        out.append(Group(kind, tokens, times, track, position, condition.reshape(b, n * k, -1)))
    return out


def noise_for(seeds: list[int], shapes: tuple[tuple[int, int], ...]) -> list[Tensor]:
    """Each clip's noise from its own seed, whatever the batch."""
    rows = []
    for seed in seeds:
        generator = torch.Generator().manual_seed(abs(int(seed)) % SEEDS)
        rows.append([torch.randn(shape, generator=generator) for shape in shapes])
    return [torch.stack(column) for column in zip(*rows, strict=False)]


def give(task: verbs.Task, row: int, given: list[Tensor], known: list[Tensor]) -> None:
    """Writes a task's known tokens into row `row` of the batch."""
    if task.given is None:
        return
    tokens = (
        to_slots(task.given.world, "world"),
        to_slots(task.given.people, "person"),
        to_slots(task.given.props, "prop"),
    )
    mask = torch.from_numpy(task.known)
    for x, k, value, name in zip(given, known, tokens, ("world", "person", "prop"), strict=False):
        if x.shape[1] == 0:
            continue
        x[row] = torch.from_numpy(value.reshape(-1, value.shape[-1])).float()
        for i in range(x.shape[1] // T.K):
            track = name if name == "world" else f"{name} {i}"
            if track not in task.loose:
                k[row, i * T.K : (i + 1) * T.K] = mask | (track in task.fixed)


def scene_of(task: verbs.Task, seed: int, tokens: list[np.ndarray], mended: bool) -> T.Scene:
    """Sampled tokens of one window as a scene; `mended`: with the borders of what was known smoothed."""
    world = from_slots(tokens[0], "world")
    people = from_slots(tokens[1].reshape(-1, T.K, T.HD * T.S), "person")
    props = from_slots(tokens[2].reshape(-1, T.K, T.QD * T.S), "prop")
    scene = T.Scene(task.plan, world, people, props, seed)
    if task.given is not None:  # known key frames are returned untouched, not merely close
        frames = np.repeat(task.known, T.S)
        for out, given, name in (
            (world[None], task.given.world[None], "world"),
            (people, task.given.people, "person"),
            (props, task.given.props, "prop"),
        ):
            for i in range(len(out)):
                track = name if name == "world" else f"{name} {i}"
                if track not in task.loose:
                    known = frames | (track in task.fixed)
                    out[i][known] = given[i][known]
                    if mended:
                        out[i] = between(out[i], known)
    return scene
