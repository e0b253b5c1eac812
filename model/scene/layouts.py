"""A drawn layout: who and what stands where when a clip begins.

    plan = peopled(plan, marks)                     # as many people as were placed, and every thing
    start = drawn(plan, marks, aspect, seed)        # the simulator's first key frames, moved to the marks

Marks of people are taken in their order. What somebody holds or rides goes with them, and two who do
something together (a hug, a race) keep their distance: their marks count as one in the middle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from model.scene import tracks as T
from model.scene.plans import AMBIENT_PLACED, mend
from model.scene.tracks import H, Q, W
from model.scene.world import simulate

PERSON = "person"
DEEP = 0.8  # u between the nearest and the furthest place
COLOURS = {
    "dog": "brown",
    "cat": "orange",
    "bird": "blue",
    "butterfly": "purple",
    "chair": "brown",
}  # others: red
EDGE = 0.86  # of the way from the middle to the picture's edge: nobody is cut in half


@dataclass(frozen=True)
class Mark:
    """`what` is PERSON or a thing's kind; x -1 (left) to 1, depth 0 (near) to 1 (far), facing -1, 1, or 0
    (as it comes)."""

    what: str
    x: float
    depth: float = 0.0
    facing: int = 0


def peopled(plan: T.Plan, marks: Sequence[Mark]) -> T.Plan:
    """The plan with as many people as were placed (if any were) and with every thing that was."""
    placed = [mark for mark in marks if mark.what == PERSON][: T.MAX_PEOPLE]
    people = [replace(person) for person in plan.people]
    if placed:
        while len(people) < len(placed):
            people.append(_another(people[-1], len(people)))
        people = people[: len(placed)]
    for person, mark in zip(people, placed, strict=False):
        person.facing = mark.facing or person.facing
    props, wanted = [replace(q) for q in plan.props], [m.what for m in marks if m.what != PERSON]
    missing = list(wanted)
    for thing in props:
        if thing.kind in missing:
            missing.remove(thing.kind)
    kept = [q for q in props if q.kind in wanted] + [q for q in props if q.kind not in wanted]
    kept = kept[: max(0, T.MAX_PROPS - len(missing))]
    new = [
        T.PropPlan(kind, COLOURS.get(kind, "red"), AMBIENT_PLACED.get(kind, "ground"), T.NOBODY)
        for kind in missing
    ]
    return mend(T.Plan(plan.world, people, [*kept, *new]))


def _another(like: T.PersonPlan, number: int) -> T.PersonPlan:
    """Somebody further: of another kind and in other colours, doing the same."""
    kinds = [k for k in T.KINDS[:4] if k != like.kind]
    return replace(
        like, kind=kinds[number % len(kinds)], top=T.COLOURS[(2 * number + 1) % 8], hair=T.HAIRS[number],
        facing=-like.facing,
    )  # fmt: skip


def drawn(plan: T.Plan, marks: Sequence[Mark], aspect: float, seed: int) -> T.Scene:
    """The first key frames of the plan (a clip of the simulator) with everybody at their mark."""
    scene, _ = simulate(seed, plan)
    half = EDGE * aspect / float(np.clip(scene.world[: T.S, W["zoom"]].mean(), 0.45, 2.5))
    people, props = scene.people.copy(), scene.props.copy()
    placed = [mark for mark in marks if mark.what == PERSON][: len(people)]
    together = len(people) > 1 and plan.people[0].action in T.PAIRED
    shift = [mark.x * half - people[i, : T.S, H["x"]].mean() for i, mark in enumerate(placed)]
    if together and shift:
        middle = float(np.mean([mark.x for mark in placed])) * half
        shift = [middle - people[:2, : T.S, H["x"]].mean()] * len(people)
    for i, by in enumerate(shift):
        people[i, :, H["x"]] += by
        if not together:
            people[i, :, H["z"]] += DEEP * placed[i].depth
    left = [mark for mark in marks if mark.what != PERSON]
    for j, thing in enumerate(plan.props):
        mark = next((m for m in left if m.what == thing.kind), None)
        if mark is not None:
            left.remove(mark)
        if thing.owner < len(shift):
            props[j, :, Q["x"]] += shift[thing.owner]
            props[j, :, Q["z"]] += people[thing.owner, :, H["z"]] - scene.people[thing.owner, :, H["z"]]
        elif mark is not None:
            props[j, :, Q["x"]] += mark.x * half - props[j, : T.S, Q["x"]].mean()
            props[j, :, Q["z"]] += DEEP * mark.depth
    return T.Scene(plan, scene.world, people, props, seed)
