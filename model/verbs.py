"""Every verb is a mask: which slots are known, and from which scene they come.

A `Task` is one window of K slots. Known slots enter clean and come back untouched; the rest is
sampled. Letters: K slots in the window, S key frames a slot."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from model.scene import tracks as T

MEMORY = 4  # slots of the past that an extension knows
ENDS = 3  # slots known on either side of a bridge


@dataclass
class Task:
    """One window to sample: its plan (as seen from this window), known key frames and noise.

    known [K] True where `given` holds the slot; `given` has N key frames (others ignored). Tracks in
    `fixed` ("world", "person 0", "prop 1") are known throughout, those in `loose` nowhere (somebody or
    something that joins). `start` below 1 begins from partly
    noised tokens of `given` instead of noise (edit)."""

    plan: T.Plan
    known: np.ndarray = field(default_factory=lambda: np.zeros(T.K, bool))
    given: T.Scene | None = None
    fixed: frozenset[str] = frozenset()
    start: float = 1.0
    loose: frozenset[str] = frozenset()


def later(plan: T.Plan, slots: int) -> T.Plan:
    """The plan as seen from `slots` slots later: a switch that has happened is simply the action."""
    people = []
    for p in plan.people:
        switch = p.switch - slots * T.S
        if p.then == T.NO_ACTION:
            people.append(replace(p))
        elif switch <= 0:
            people.append(replace(p, action=p.then, then=T.NO_ACTION, switch=T.N))
        elif switch >= T.N:
            people.append(replace(p, then=T.NO_ACTION, switch=T.N))
        else:
            people.append(replace(p, switch=switch))
    return replace(plan, people=people)


def part(scene: T.Scene, start: int, stop: int, at: int = 0, into: T.Scene | None = None) -> T.Scene:
    """Key frames [start, stop) of a scene, laid into a window of N key frames at `at`."""
    world = np.zeros((T.N, T.WD)) if into is None else into.world
    people = np.zeros((scene.people.shape[0], T.N, T.HD)) if into is None else into.people
    props = np.zeros((scene.props.shape[0], T.N, T.QD)) if into is None else into.props
    end = at + stop - start
    world[at:end] = scene.world[start:stop]
    people[:, at:end] = scene.people[:, start:stop]
    props[:, at:end] = scene.props[:, start:stop]
    return T.Scene(scene.plan, world, people, props, scene.seed)


def _slots(*ranges: tuple[int, int]) -> np.ndarray:
    known = np.zeros(T.K, bool)
    for start, stop in ranges:
        known[start:stop] = True
    return known


def text(plan: T.Plan) -> Task:
    """Nothing is known."""
    return Task(plan)


def first(plan: T.Plan, scene: T.Scene, frame: int = 0) -> Task:
    """Begins like `scene` at `frame` (one slot known)."""
    start = int(np.clip(frame, 0, max(scene.frames - T.S, 0)))
    return Task(plan, _slots((0, 1)), part(scene, start, start + T.S))


def last(plan: T.Plan, scene: T.Scene, frame: int = 0) -> Task:
    """Ends like `scene` at `frame`."""
    start = int(np.clip(frame, 0, max(scene.frames - T.S, 0)))
    return Task(plan, _slots((T.K - 1, T.K)), part(scene, start, start + T.S, T.N - T.S))


def keyframes(plan: T.Plan, scenes: dict[int, tuple[T.Scene, int]]) -> Task:
    """Passes through given moments: slot -> (scene, its frame)."""
    window: T.Scene | None = None
    known = np.zeros(T.K, bool)
    for slot, (scene, frame) in scenes.items():
        start = int(np.clip(frame, 0, max(scene.frames - T.S, 0)))
        window = part(scene, start, start + T.S, slot * T.S, window)
        known[slot] = True
    return Task(plan, known, window)


def forwards(plan: T.Plan, scene: T.Scene) -> Task:
    """Goes on after the last MEMORY slots of `scene`; `plan` is as seen from the window's start."""
    tail = scene.frames - MEMORY * T.S
    return Task(plan, _slots((0, MEMORY)), part(scene, tail, scene.frames))


def backwards(plan: T.Plan, scene: T.Scene) -> Task:
    """Comes before the first MEMORY slots of `scene`."""
    size = MEMORY * T.S
    return Task(plan, _slots((T.K - MEMORY, T.K)), part(scene, 0, size, T.N - size))


def bridge(plan: T.Plan, before: T.Scene, after: T.Scene) -> Task:
    """From the end of one scene to the beginning of another with the same cast (connect; with the
    same scene twice: loop)."""
    size = ENDS * T.S
    window = part(before, before.frames - size, before.frames)
    window = part(after, 0, size, T.N - size, window)
    return Task(plan, _slots((0, ENDS), (T.K - ENDS, T.K)), window)


def edit(plan: T.Plan, scene: T.Scene, changed: frozenset[str], strength: float) -> Task:
    """The same, but: tracks in `changed` start again from tokens noised to `strength`, the others stay."""
    every = {
        "world",
        *(f"person {i}" for i in range(len(plan.people))),
        *(f"prop {i}" for i in range(len(plan.props))),
    }
    return Task(plan, np.zeros(T.K, bool), part(scene, 0, T.N), frozenset(every - changed), strength)
