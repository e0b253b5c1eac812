"""What the scene alphabet brings to training: simulated clips and the losses of its two stages.

cast    words -> static tokens          motion    clean static tokens -> slots"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, fields, replace
from functools import partial
from random import Random
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from model import flow
from model.conditioning import Statics, cast_groups, motion_groups, to_slots
from model.scene import codes, words, world
from model.scene import tracks as T
from model.scene.bridges import ENDS, bridges
from model.scene.captions import tell
from model.trainer import Lesson
from model.transformer import SMALLEST_T, Transformer

POOL, MOTION_BATCH, CAST_BATCH = 2048, 48, 72
CAST_EVERY = 1  # 2 while motion is young: it learns more slowly than the cast
STEADY_1, STEADY_2, FEET = 0.5, 0.5, 0.3  # weights of first and second differences, and of the feet
BORDER = 4.0  # differences across the border of a known slot weigh as much more
BRIDGES = 0.12  # further clips that lead from one clip into another, as a share of the others
HARD_SHARE = 0.3  # of the clips, on top of chance: bounces, flights, gaits, stories (plans.HARD)


class SceneLessons:
    """Freshly simulated clips, never the same twice; every lesson is one batch of either stage."""

    names = ("cast", "motion")

    def __init__(
        self,
        pool: int = POOL,
        *,
        device: torch.device | None = None,
        feeders: int = 0,
        motion_batch: int = MOTION_BATCH,
        cast_batch: int = CAST_BATCH,
    ) -> None:
        self.pool, self.given = pool, 0
        self.device = device or torch.device("cpu")
        self.motion_batch, self.cast_batch = motion_batch, cast_batch
        self.feeders = Feeders(feeders, pool) if feeders else None

    def round(self, seed: int, rng: np.random.Generator) -> Iterator[Lesson]:
        """One pool of clips, each once."""
        made = self.feeders.take(seed) if self.feeders else Pool.simulate(seed, self.pool)
        pool = made.to(self.device)
        casts = pool.cast_batches(rng, self.cast_batch)
        for rows in pool.motion_batches(rng, self.motion_batch):
            cast = next(casts) if self.given % CAST_EVERY == 0 else None
            self.given += 1
            yield partial(_losses, pool, rows, cast)

    def close(self) -> None:
        """Ends the feeders; what they simulated ahead is given up."""
        if self.feeders:
            self.feeders.workers.shutdown(cancel_futures=True)


def _losses(
    pool: Pool, rows: np.ndarray, cast: np.ndarray | None, net: Transformer, generator: torch.Generator
) -> dict[str, Tensor]:
    losses = {"motion": motion_loss(net, pool, rows, generator)}
    if cast is not None:
        losses["cast"] = cast_loss(net, pool, cast, generator)
    return losses


class Feeders:
    """Processes that simulate the pools of the coming rounds (seed, seed + 1 …) ahead of a card."""

    def __init__(self, processes: int, pool: int) -> None:
        spawn = multiprocessing.get_context("spawn")
        self.pool, self.ahead = pool, 2 * processes
        self.workers = ProcessPoolExecutor(processes, spawn, torch.set_num_threads, (1,))
        self.coming: dict[int, Future[dict[str, Any]]] = {}

    def take(self, seed: int) -> Pool:
        """The pool of `seed`; waits for it."""
        for coming in range(seed, seed + self.ahead):
            if coming not in self.coming:
                self.coming[coming] = self.workers.submit(_as_arrays, coming, self.pool)
        made = self.coming.pop(seed).result()
        found: dict[str, Any] = {k: torch.from_numpy(v) if k in POOL_TENSORS else v for k, v in made.items()}
        return Pool(**found)


def _as_arrays(seed: int, n: int) -> dict[str, Any]:
    """A pool as plain arrays: tensors would travel through shared memory, of which containers have little."""
    return {k: v.numpy() if isinstance(v, Tensor) else v for k, v in vars(Pool.simulate(seed, n)).items()}


@dataclass
class Pool:
    """Simulated clips as tensors, grouped by how many people and props they have."""

    world: Tensor
    people: Tensor
    props: Tensor
    actions: Tensor
    world_slots: Tensor
    people_slots: Tensor
    props_slots: Tensor
    scales: Tensor
    words: Tensor
    begins: Tensor
    shapes: np.ndarray
    told: int  # clips with captions; those after them are bridges

    def to(self, device: torch.device) -> Pool:
        """The same clips on a card."""
        return replace(self, **{k: getattr(self, k).to(device) for k in POOL_TENSORS})

    @classmethod
    def simulate(cls, seed: int, n: int = POOL) -> Pool:
        b = world.batch(seed, n, hard=HARD_SHARE)
        r = Random(seed + 1)  # seeded, no secret  # nosec B311
        said = words.tokenize([tell(p, r, detail=r.choice((0.7, 1.2, 1.8, 2.5)))[0] for p in b.plans])
        b = world.together(b, bridges(seed + 2, round(BRIDGES * n)))
        encoded = [codes.encode(p) for p in b.plans]
        told, n = n, len(b.plans)
        actions = np.zeros((n, T.MAX_PEOPLE, T.K, codes.ACTION_BITS))
        scales = np.ones((n, T.MAX_PEOPLE))
        for i, plan in enumerate(b.plans):
            actions[i, : len(plan.people)] = codes.actions_by_slot(plan)
            scales[i, : len(plan.people)] = [p.scale for p in plan.people]
        parts = [np.stack([e[k] for e in encoded]) for k in range(3)]
        slots = [to_slots(b.world, "world"), to_slots(b.people, "person"), to_slots(b.props, "prop")]
        w, h, q, a, ws, hs, qs, sizes = (
            torch.from_numpy(np.ascontiguousarray(x)).float() for x in (*parts, actions, *slots, scales)
        )
        shapes = np.array([(len(p.people), len(p.props)) for p in b.plans])
        said_, begins = torch.from_numpy(said), torch.from_numpy(b.begins)
        return cls(w, h, q, a, ws, hs, qs, sizes, said_, begins, shapes, told)

    def motion_batches(self, rng: np.random.Generator, size: int) -> Iterator[np.ndarray]:
        """Every clip once, in batches of one shape each."""
        batches = []
        for shape in {tuple(s) for s in self.shapes}:
            rows = rng.permutation(np.flatnonzero((self.shapes == shape).all(1)))
            batches += [
                rows[i : i + size] for i in range(0, len(rows), size) if len(rows[i : i + size]) > size // 4
            ]
        for i in rng.permutation(len(batches)):
            yield batches[i]

    def cast_batches(self, rng: np.random.Generator, size: int) -> Iterator[np.ndarray]:
        """Clips whose captions are about equally long, for ever: little padding."""
        length = (self.words > 0).sum(1).cpu().numpy() + rng.uniform(-1, 1, len(self.words))
        order = np.argsort(length)
        while True:
            start = int(rng.integers(0, len(order) - size + 1))
            yield order[start : start + size]


POOL_TENSORS = tuple(f.name for f in fields(Pool) if f.type == "Tensor")


def known_slots(begins: Tensor, generator: torch.Generator) -> Tensor:
    """Which slots are given [B, K], as the verbs will give them: none, the first few (extend), the
    last few, both ends (connect, loop), the first alone (image), or any. A window from the middle of
    a clip always knows its beginning."""
    b, k, where = len(begins), T.K, begins.device
    slot = torch.arange(k, device=where)[None]
    kind = torch.rand(b, 1, generator=generator, device=where)
    first = torch.randint(1, k - 2, (b, 1), generator=generator, device=where)
    last = torch.randint(1, k - 3, (b, 1), generator=generator, device=where)
    ends = (slot < (first + 3) // 4 + 1) | (slot >= k - (last + 3) // 4 - 1)
    some = torch.rand(b, k, generator=generator, device=where) < 0.25
    mask = torch.zeros(b, k, dtype=torch.bool, device=where)
    for low, high, chosen in (
        (0.45, 0.68, slot < first),
        (0.68, 0.76, slot >= k - last),
        (0.76, 0.87, ends),
        (0.87, 0.94, (slot < 1).expand(b, k)),
        (0.94, 1.01, some),
    ):
        mask |= chosen & (kind >= low) & (kind < high)
    return mask | (~begins[:, None] & (slot < torch.clamp(first, max=7)))


def at_both_ends() -> Tensor:
    """What a bridge between two clips knows [K]."""
    slot = torch.arange(T.K)
    return (slot < ENDS // T.S) | (slot >= T.K - ENDS // T.S)


def cast_loss(net: Transformer, pool: Pool, rows: np.ndarray, generator: torch.Generator) -> Tensor:
    """Words -> static tokens; now and then a track is given, as when a plan is edited."""
    b, where = len(rows), pool.words.device
    said = pool.words[rows]
    said = said[:, : int((said > 0).sum(1).max())]
    data = [pool.world[rows, None], pool.people[rows], pool.props[rows]]
    t = flow.draw_t(b, generator)
    tokens, times, targets, counted = [], [], [], []
    for x in data:
        noise = torch.randn(x.shape, generator=generator, device=where)
        given = (torch.rand(b, x.shape[1], generator=generator, device=where) < 0.10).float()
        own = t * (1 - given)
        tokens.append(flow.interpolate(x, noise, own))
        times.append(own)
        targets.append(flow.velocity(x, noise))
        counted.append(1 - given)
    drop = torch.rand(b, generator=generator, device=where) < 0.12
    out = net(cast_groups(tokens, times), said, drop)
    weight = _path_weight(t)
    total = sum(
        (((o - v) ** 2).mean(-1) * c * weight).sum() * w
        for o, v, c, w in zip(out, targets, counted, (2.0, 1.0, 1.0), strict=False)
    )
    return total / sum(c.sum() * w for c, w in zip(counted, (2.0, 1.0, 1.0), strict=False))


def _path_weight(t: Tensor) -> Tensor:
    """A velocity is an error of the clean token divided by t: near the data that would count
    without bound, so it counts as if t were 0.15 there."""
    return (t.clamp_min(SMALLEST_T) / 0.15).clamp(max=1.0) ** 2


def motion_loss(net: Transformer, pool: Pool, rows: np.ndarray, generator: torch.Generator) -> Tensor:
    """Clean statics -> slots: velocity, its differences along time, and the feet's place."""
    b, (p, q), k, where = len(rows), pool.shapes[rows[0]], T.K, pool.world.device
    statics = Statics(
        pool.world[rows, None], pool.people[rows, :p], pool.props[rows, :q], pool.actions[rows, :p]
    )
    data = [
        pool.world_slots[rows],
        pool.people_slots[rows, :p].flatten(1, 2),
        pool.props_slots[rows, :q].flatten(1, 2),
    ]
    t = flow.draw_t(b, generator)
    slots = known_slots(pool.begins[rows], generator)
    slots[torch.from_numpy(rows >= pool.told).to(where)] = at_both_ends().to(where)
    tracks = torch.rand(b, 7, generator=generator, device=where) < 0.08
    noisy, times, targets, counted = [], [], [], []
    for x, many, start in zip(data, (1, p, q), (0, 1, 4), strict=False):
        noise = torch.randn(x.shape, generator=generator, device=where)
        given = slots[:, None] | tracks[:, start : start + many, None]  # B n K
        given = given.flatten(1).float()
        own = t * (1 - given)
        noisy.append(flow.interpolate(x, noise, own))
        times.append(own)
        targets.append(flow.velocity(x, noise))
        counted.append(1 - given)
    groups = motion_groups(statics, noisy, times)
    velocities = net(groups)[-(1 + bool(p) + bool(q)) :]
    weight = _path_weight(t)[..., None]
    losses, total = torch.zeros((), device=where), torch.zeros((), device=where)
    parts = ((1, 0.5, _WORLD), (p, 1.0, _PERSON), (q, 0.8, _PROP))
    for o, v, c, (many, w, channels) in zip(velocities, targets, counted, parts, strict=False):
        error = (o - v) * c[..., None] * weight**0.5
        error = error.view(b, many, k * T.S, len(channels)) * channels.to(where) ** 0.5
        border = _borders(c.view(b, many, k))
        square = (error**2).sum()
        square = square + STEADY_1 * (error.diff(dim=2) ** 2 * border[..., 1:, :]).sum()
        square = square + STEADY_2 * (error.diff(n=2, dim=2) ** 2 * border[..., 1:-1, :]).sum()
        losses = losses + w * square / len(channels)
        total = total + w * c.sum() * T.S
    feet = _feet_loss(velocities[1], targets[1], noisy[1], times[1], pool.scales[rows, :p], weight, int(p))
    return losses / total.clamp_min(1.0) + FEET * feet


def _borders(unknown: Tensor) -> Tensor:
    """Weight of each key frame's differences [B, n, N, 1]: more beside the border of a known slot,
    where a jump is what eyes see first. unknown [B, n, K] of 0 and 1."""
    key = unknown.repeat_interleave(T.S, -1)
    step = key.diff(dim=-1).abs()
    near = F.pad(step, (1, 0)) + F.pad(step, (0, 1))  # the key frames on both sides
    return (1 + (BORDER - 1) * near.clamp(max=1.0))[..., None]


def _channel_weights(names: dict[str, int], heavier: dict[str, float]) -> Tensor:
    """Weights of the numbers in a key frame, 1 on average: height first, for gravity is seen in it."""
    weights = torch.tensor([heavier.get(name, 1.0) for name in names])
    return weights / weights.mean()


_WORLD = _channel_weights(T.W, {"travel": 2.0, "zoom": 1.5, "roll": 0.7})
_PERSON = _channel_weights(
    T.H,
    {"x": 1.5, "y": 3.0, "z": 0.5, "spin_sin": 1.3, "spin_cos": 1.3, "mouth": 0.7, "smile": 0.6, "gaze": 0.4},
)
_PROP = _channel_weights(T.Q, {"x": 1.5, "y": 5.0, "z": 0.4, "size": 0.6})
_SCALE = torch.from_numpy(T.SCALE["person"]).float()
_SHIFT = torch.from_numpy(T.SHIFT["person"]).float()


def _feet(tokens: Tensor, scale: Tensor, people: int) -> Tensor:
    """Places of both feet [B, P, N, 4] of person slots [B, P K, S HD]; the twin of `tracks.feet`."""
    value = tokens.view(tokens.shape[0], people, -1, T.HD) * _SCALE.to(tokens.device) + _SHIFT.to(
        tokens.device
    )
    out = []
    half = T.HIP_HALF * (1 - 0.7 * value[..., T.H["turn"]].abs())
    for side, sign in (("l", -1), ("r", 1)):
        hip, knee = value[..., T.H["hip_" + side]], value[..., T.H["knee_" + side]]
        dx = T.THIGH * hip.sin() + T.SHIN * (hip - knee).sin() + sign * half
        dy = T.LEG - T.THIGH * hip.cos() - T.SHIN * (hip - knee).cos()
        out += [value[..., T.H["x"]] + scale[..., None] * dx, value[..., T.H["y"]] + scale[..., None] * dy]
    return torch.stack(out, -1)


def _feet_loss(
    v: Tensor, target: Tensor, x_t: Tensor, t: Tensor, scale: Tensor, weight: Tensor, people: int
) -> Tensor:
    clean = x_t - t[..., None] * v
    with torch.no_grad():
        right = _feet(x_t - t[..., None] * target, scale, people)
    error = (_feet(clean, scale, people) - right) / 0.15
    own = (t.view(t.shape[0], people, -1).repeat_interleave(T.S, -1)[..., None]).clamp_min(0.15)
    error = error / own
    return ((error**2).mean() + 2 * (error.diff(dim=2) ** 2).mean()).clamp(max=50.0)
