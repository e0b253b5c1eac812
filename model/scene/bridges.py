"""Ways from one clip into another: what connecting two clips has to learn.

Two windows are simulated. The beginning of the first and the end of the second stay as they are; between
them poses turn over within a second, while camera, light and places take all the time there is. The camera
takes upon itself how far apart the two casts stand, so that nobody is dragged over the ground."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np

from model.scene import tracks as T
from model.scene import world
from model.scene.bodies import ease
from model.scene.plans import GOING, GROUP_STILL, HANDS_FREE, STILL_NAMES, fits, invent
from model.scene.tracks import H, Q, W

ENDS = 3 * T.S  # key frames that stay on either side
TURN = T.N // 2 // T.S * T.S  # where one action becomes the other
FREE = frozenset(STILL_NAMES + GOING)
SAME_CAST = 0.6  # share of bridges between two clips of the same people


def bridges(seed: int, n: int) -> world.Batch:
    """n bridges. Their plans are the first clips', as `directing` asks for them: everybody turns to what they
    do in the second clip."""
    r = Random(seed)  # seeded, no secret  # nosec B311
    before = [invent(r) for _ in range(n)]
    for plan in before:
        for person in plan.people:
            person.then, person.switch = T.NO_ACTION, T.N
    after = [otherwise(plan, r) if r.random() < SAME_CAST else None for plan in before]
    _strangers(before, after)
    plans = [turning(a, b) for a, b in zip(before, after, strict=True) if b is not None]
    first, second = (
        world.animate(plans_, seed + i, 1.0)
        for i, plans_ in enumerate((before, [b for b in after if b is not None]))
    )
    return _between(plans, first, second, np.random.default_rng(seed))


def otherwise(plan: T.Plan, r: Random) -> T.Plan:
    """The same people and things in another clip: another deed where no thing or partner binds them, another
    camera, sometimes another hour or weather."""
    first = plan.people[0]
    free = [p.action in FREE for p in plan.people]
    people = []
    for i, person in enumerate(plan.people):
        carries = any(q.owner == i for q in plan.props)
        choice = [a for a in (GROUP_STILL if i or len(free) > 1 else FREE) if fits(plan.world.place, a)]
        choice = sorted(a for a in choice if not carries or a in HANDS_FREE)
        same = not all(free) or r.random() < 0.25 or not choice
        action = person.action if same else r.choice(choice)
        facing = person.facing if first.action in T.PAIRED else r.choice((-1, 1))
        people.append(replace(person, action=action, facing=facing, energy=float(r.choice((-1, 0, 0, 1)))))
    scene = replace(plan.world, camera=r.choice(T.CAMERAS))
    if r.random() < 0.4:
        scene = replace(scene, time=r.choice(T.TIMES), weather=r.choice(T.WEATHERS))
    return replace(plan, world=scene, people=people)


def turning(before: T.Plan, after: T.Plan) -> T.Plan:
    """The first plan, with everybody turning to what they do in the second."""
    people = [
        replace(old, then=new.action, switch=TURN) if new.action != old.action else old
        for old, new in zip(before.people, after.people, strict=True)
    ]
    return replace(before, people=people)


def _strangers(before: list[T.Plan], after: list[T.Plan | None]) -> None:
    """Fills what is None in `after` with other clips' plans of as many people and things."""
    open_ = [i for i, plan in enumerate(after) if plan is None]
    shapes = {i: (len(before[i].people), len(before[i].props)) for i in open_}
    for i in open_:
        same = [k for k in open_ if shapes[k] == shapes[i]]
        after[i] = before[same[(same.index(i) + 1) % len(same)]]


def _smooth(share: np.ndarray) -> np.ndarray:
    """From 0 to 1, starting and stopping without a push: a camera has weight."""
    w = np.clip(share, 0, 1)
    return w**3 * (6 * w**2 - 15 * w + 10)


def _between(plans: list[T.Plan], a: world.Batch, b: world.Batch, rng: np.random.Generator) -> world.Batch:
    n = len(plans)
    key = np.arange(T.N)[None] + 0.0
    middle = TURN + rng.uniform(-3, 3, (n, 1))
    half = rng.uniform(4, 9, (n, 1))
    fast = ease(middle - half, middle + half, key)  # n N
    slow = _smooth((key - ENDS + 1) / (T.N - 2 * ENDS))
    there = np.zeros((n, T.MAX_PEOPLE, 1))
    for i, plan in enumerate(plans):
        there[i, : len(plan.people)] = 1
    many = there.sum((1, 2))
    x_a, x_b = (
        (c.people[..., part, H["x"]] * there).sum((1, 2)) / many / ENDS
        for c, part in ((a, slice(0, ENDS)), (b, slice(T.N - ENDS, T.N)))
    )
    shift = (x_b - x_a)[:, None] * slow  # n N: how far everybody moves across the picture
    people = a.people * (1 - fast)[:, None, :, None] + b.people * fast[:, None, :, None]
    props = a.props * (1 - fast)[:, None, :, None] + b.props * fast[:, None, :, None]
    follow = shift - (x_b - x_a)[:, None] * fast
    people[..., H["x"]] += follow[:, None] * there
    for i, plan in enumerate(plans):
        props[i, : len(plan.props), :, Q["x"]] += follow[i]
    scene = a.world * (1 - slow)[..., None] + b.world * slow[..., None]
    scene[..., W["travel"]] -= np.diff(shift, axis=1, prepend=shift[:, :1])
    return world.Batch(plans, scene, people, props, np.ones(n, bool))
