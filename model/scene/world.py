"""The simulator: plans in, numbers per key frame out, with the physics right. It is the teacher.

`simulate(seed)` gives one (scene, caption); `batch(seed, n)` gives n of them as arrays for training,
a third of them as windows from the middle of a longer clip (`begins` False) so that the network
also learns how things go on.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from random import Random

import numpy as np

from model.scene import tracks as T
from model.scene.actions import perform
from model.scene.bodies import TAU, Context, Pose, blend, ease
from model.scene.pairs import PAIRS
from model.scene.plans import HARD, TRAVELS, invent
from model.scene.things import CARRIED, WITH_PROP, Thing, ambient, carry
from model.scene.tracks import H, Q, W

SMILE = dict(zip(T.MOODS, (0.05, 0.75, -0.7, 0.1, -0.5, -0.1), strict=False))
AGAPE = dict(zip(T.MOODS, (0.0, 0.03, 0.0, 0.35, 0.05, 0.0), strict=False))
LIGHT = dict(zip(T.TIMES, (1.0, 0.62, 0.15, 0.82), strict=False))
WET = dict(zip(T.WEATHERS, (0.0, 0.7, 0.65, 0.0, 0.7, 0.95), strict=False))
WIND = dict(zip(T.WEATHERS, (0.05, 0.15, 0.1, 0.9, 0.0, 0.7), strict=False))
FRAMING = {  # actions that need more room than their number of people: (zoom, camera rise)
    "kite": (0.86, 0.10),
    "balloon": (0.84, 0.12),
    "fly": (0.95, 0.06),
    "boat": (0.80, 0.0),
    "bicycle": (0.92, 0.0),
    "cartwheel": (0.92, 0.0),
    "chase": (0.80, 0.0),
    "swim": (0.95, 0.0),
    "backflip": (0.92, 0.03),
    "sleep": (0.95, 0.0),
}
SEATS = {1: (0.0,), 2: (-0.29, 0.29), 3: (-0.42, 0.0, 0.42)}
LEADS = {"chase": -0.24, "kite": -0.15, "bounce": -0.14, "toss": -0.08, "drum": -0.1, "boat": 0.0}


@dataclass
class Batch:
    """n simulated clips. world [n, N, WD], people [n, 3, N, HD], props [n, 3, N, QD]; absent tracks
    are zero. Values in physical units."""

    plans: list[T.Plan]
    world: np.ndarray
    people: np.ndarray
    props: np.ndarray
    begins: np.ndarray


def _contexts(owners: list[tuple[int, int]], plans: list[T.Plan], t: np.ndarray, luck: np.ndarray) -> Context:
    scale = np.array([[plans[b].people[i].scale] for b, i in owners])
    gravity = np.array([[T.MOON_GRAVITY if plans[b].world.place == "moon" else T.GRAVITY] for b, _ in owners])
    energy = np.array([[plans[b].people[i].energy] for b, i in owners])
    rows = [b for b, _ in owners]
    u = np.stack([luck[b, i] for b, i in owners])
    lead = np.array([[plans[b].people[0].scale] for b in rows])
    group = np.array([[i > 0 and plans[b].people[0].action in TRAVELS for b, i in owners]]).T
    # companions of a traveller keep pace with the first: same speed over the ground, own stride
    u[:, 7] = np.where(group[:, 0], luck[rows, 0, 7], u[:, 7])
    tempo = (1 + 0.25 * energy) * np.where(group, lead / scale, 1.0)
    return Context(t[rows], u, gravity / scale, tempo, scale)


def _place(p: Pose, scale: np.ndarray, facing: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Pose in body units, facing right -> [n, N, HD] in u, at x, facing where it should."""
    a = np.stack([np.broadcast_to(p[name], p["x"].shape) for name in H], -1).copy()
    a[..., : H["z"] + 1] *= scale[..., None]
    a = np.where(facing[:, None, None] < 0, T.mirror_people(a), a)
    a[..., H["x"]] += x[:, None]
    return a


def _place_thing(q: Thing, scale: np.ndarray, facing: np.ndarray, x: np.ndarray) -> np.ndarray:
    a = np.stack([np.broadcast_to(q[name], q["x"].shape) for name in Q], -1).copy()
    a[..., : Q["z"] + 1] *= scale[..., None]
    a[..., Q["size"]] *= scale
    a = np.where(facing[:, None, None] < 0, a * T.MIRROR["prop"], a)
    a[..., Q["x"]] += x[:, None]
    return a


def animate(plans: list[T.Plan], seed: int, middle: float = 0.0, frames: int = T.N) -> Batch:
    """Plays plans. `middle`: share of windows that start up to 5 s into the clip."""
    rng = np.random.default_rng(seed)
    n = len(plans)
    luck = rng.random((n, 3, 8))
    begins = rng.random(n) >= middle
    start = np.where(begins, 0.0, 0.5 + 4.5 * rng.random(n))
    t = start[:, None] + np.arange(frames)[None] / T.FPS
    out = Batch(
        plans,
        np.zeros((n, frames, T.WD)),
        np.zeros((n, 3, frames, T.HD)),
        np.zeros((n, 3, frames, T.QD)),
        begins,
    )
    pace = np.zeros((n, frames))  # u a second, towards where the first person faces
    seats = np.zeros((n, 3))
    for b, plan in enumerate(plans):
        many = SEATS[len(plan.people)]
        seats[b, : len(many)] = many
        lead = LEADS.get(plan.people[0].action, 0.0) * plan.people[0].facing if len(many) == 1 else 0.0
        seats[b, 0] += lead + (0.04 * rng.standard_normal() if len(many) == 1 else 0.0)
    _pairs(plans, out, t, luck, pace)
    _singles(plans, out, t, luck, pace, seats)
    _surroundings(plans, out, t, luck, seats, rng)
    _moods(plans, out)
    _camera(plans, out, t, pace, rng)
    return out


def _facing(plans: list[T.Plan], owners: list[tuple[int, int]]) -> np.ndarray:
    return np.array([plans[b].people[i].facing for b, i in owners])


def _pairs(plans: list[T.Plan], out: Batch, t: np.ndarray, luck: np.ndarray, pace: np.ndarray) -> None:
    groups = defaultdict(list)
    for b, plan in enumerate(plans):
        if plan.people[0].action in T.PAIRED and len(plan.people) > 1:
            groups[plan.people[0].action].append(b)
    for action, rows in groups.items():
        owners = [(b, 0) for b in rows]
        c = _contexts(owners, plans, t, luck)
        second = np.array([[plans[b].people[1].scale] for b in rows])
        common = (c.scale + second) / 2
        first, other, between, speed = PAIRS[action](c)
        facing = _facing(plans, owners)
        zero = np.zeros(len(rows))
        for i, (pose, scale) in enumerate(((first, c.scale), (other, second))):
            placed = _place(pose, scale, facing, zero)
            placed[..., H["x"]] *= common / scale
            out.people[rows, i] = placed
        if between is not None:
            out.props[rows, 0] = _place_thing(between, common, facing, zero)
        pace[rows] = facing[:, None] * speed * c.scale


def _singles(
    plans: list[T.Plan], out: Batch, t: np.ndarray, luck: np.ndarray, pace: np.ndarray, seats: np.ndarray
) -> None:
    groups = defaultdict(list)
    for b, plan in enumerate(plans):
        if plan.people[0].action in T.PAIRED and len(plan.people) > 1:
            continue
        for i, person in enumerate(plan.people):
            held = next(
                (q for q, prop in enumerate(plan.props) if prop.placement == "carried" and prop.owner == i),
                None,
            )
            groups[(person.action, person.then, plan.props[held].kind if held is not None else None)].append(
                (b, i, held)
            )
    for (action, then, carried), members in groups.items():
        owners = [(b, i) for b, i, _ in members]
        rows, who = [b for b, _ in owners], [i for _, i in owners]
        c = _contexts(owners, plans, t, luck)
        facing, x = _facing(plans, owners), seats[rows, who]
        q: Thing | None = None
        if action in WITH_PROP:
            p, q, speed = WITH_PROP[action](c)
        else:
            p, speed = perform("stand" if action in PAIRS else action, c)
        speed = speed * c.scale
        if then != T.NO_ACTION:
            at = np.array([[plans[b].people[i].switch] for b, i in owners])
            over = ease(at - 3, at + 3, np.arange(t.shape[1])[None] + 0.0)
            p2, speed2 = perform(then, c)
            p = blend(p, p2, over)
            speed = speed * (1 - over) + speed2 * c.scale * over
        slots = [h for _, _, h in members]
        if carried in CARRIED:
            q = carry(c, p, carried)
        out.people[rows, who] = _place(p, c.scale, facing, x)
        if q is not None:
            placed = _place_thing(q, c.scale, facing, x)
            for k, (b, i) in enumerate(owners):
                slot = slots[k] if slots[k] is not None else 0
                if i == 0 or slots[k] is not None:
                    out.props[b, slot] = placed[k]
        first = [k for k, i in enumerate(who) if i == 0]
        pace[[rows[k] for k in first]] = (facing[:, None] * np.broadcast_to(speed, p["x"].shape))[first]


def _surroundings(
    plans: list[T.Plan],
    out: Batch,
    t: np.ndarray,
    luck: np.ndarray,
    seats: np.ndarray,
    rng: np.random.Generator,
) -> None:
    """Things that belong to no one, and goods on a stand."""
    groups = defaultdict(list)
    for b, plan in enumerate(plans):
        for q, prop in enumerate(plan.props):
            if prop.placement == "stand" or prop.owner == T.NOBODY:
                groups[prop.kind].append((b, q))
    for kind, members in groups.items():
        rows, slots = [b for b, _ in members], [q for _, q in members]
        c = _contexts([(b, 0) for b in rows], plans, t, luck)
        c.scale = np.ones_like(c.scale)
        side = np.array(
            [
                0.36
                * (1 if plans[b].people[0].facing > 0 else -1)
                * (1 if q % 2 == 0 or plans[b].props[q].placement == "stand" else -1)
                for b, q in members
            ]
        )
        crowd = np.array([0.12 * (len(plans[b].people) - 1) for b in rows])
        x = side + np.sign(side) * crowd + 0.03 * rng.standard_normal(len(rows))
        going = np.array(
            [[bool({plans[b].people[0].action, plans[b].people[0].then} & TRAVELS)] for b in rows]
        )
        alive = ambient(c, kind, x[:, None] * np.ones_like(c.t), going)
        alive["z"] = alive["z"] + 0.03
        placed = _place_thing(alive, np.ones((len(rows), 1)), np.ones(len(rows)), np.zeros(len(rows)))
        faces = _facing(plans, [(b, 0) for b in rows])
        if kind in ("dog", "cat"):  # they look where their person goes
            placed[..., Q["rot_sin"]] *= faces[:, None]
        out.props[rows, slots] = placed


def _moods(plans: list[T.Plan], out: Batch) -> None:
    for b, plan in enumerate(plans):
        for i, person in enumerate(plan.people):
            p = out.people[b, i]
            p[:, H["smile"]] = np.clip(p[:, H["smile"]] - 0.3 + SMILE[person.mood], -1, 1)
            p[:, H["mouth"]] = np.clip(p[:, H["mouth"]] + AGAPE[person.mood], 0, 1)


def _camera(
    plans: list[T.Plan], out: Batch, t: np.ndarray, pace: np.ndarray, rng: np.random.Generator
) -> None:
    n = len(plans)
    luck = rng.random((n, 6))
    wave = lambda hz, k: np.sin(TAU * (hz * t + luck[:, k : k + 1]))  # noqa: E731
    through = ease(0.2 + 0.3 * luck[:, :1], 4.4 + 0.4 * luck[:, 1:2], t)
    is_ = {name: np.array([[p.world.camera == name] for p in plans]) for name in T.CAMERAS}
    base = np.array([_framing(p) for p in plans])
    zoom = base[:, :1] * np.exp(
        0.34 * (is_["zoom_in"] * (through - 0.35) - is_["zoom_out"] * (through - 0.5))
    )
    rise = base[:, 1:] + is_["crane"] * 0.32 * (1 - through)
    shake = is_["handheld"]
    aside = is_["pan"] * 0.34 * (0.5 - through)  # the cast enters from one side of the picture
    direction = np.array([[p.people[0].facing] for p in plans])
    aside = aside * direction + shake * 0.012 * (wave(0.9, 2) + wave(1.7, 3))
    orbit = is_["orbit"] * 0.9 * wave(0.16, 4)
    travel = pace / T.FPS
    travel[:, 1:] -= np.diff(aside, axis=1)
    travel[:, 0] -= aside[:, 1] - aside[:, 0]
    travel += np.gradient(orbit, axis=1) * 0.5
    exists = np.zeros((n, 3, 1))
    things = np.zeros((n, 3, 1))
    for b, plan in enumerate(plans):
        exists[b, : len(plan.people)] = 1
        things[b, : len(plan.props)] = 1
    out.people[..., H["x"]] += aside[:, None] * exists
    out.props[..., Q["x"]] += aside[:, None] * things
    light = np.array([[LIGHT[p.world.time]] for p in plans])
    wet = np.array([[WET[p.world.weather]] for p in plans])
    wind = np.array([[WIND[p.world.weather]] for p in plans])
    columns = {
        "travel": travel,
        "rise": rise + shake * 0.012 * wave(1.1, 5),
        "zoom": zoom * (1 + is_["orbit"] * 0.05 * wave(0.16, 4)),
        "roll": shake * 0.02 * wave(0.7, 1),
        "light": light + 0.015 * wave(0.1, 0),
        "wet": wet * (1 + 0.08 * wave(0.15, 1)),
        "wind": wind * (1 + 0.15 * wave(0.25, 2)),
    }
    for name, value in columns.items():
        out.world[..., W[name]] = value


def _framing(plan: T.Plan) -> tuple[float, float]:
    zoom, rise = {1: 1.06, 2: 0.90, 3: 0.74}[len(plan.people)], 0.0
    for person in plan.people:
        for action in (person.action, person.then):
            if action in FRAMING:
                zoom, rise = min(zoom, FRAMING[action][0]), max(rise, FRAMING[action][1])
    if any(prop.owner == T.NOBODY or prop.placement == "stand" for prop in plan.props):
        zoom = min(zoom, 0.9 if len(plan.people) == 1 else 0.76)
    return zoom, rise


def scene_of(batch: Batch, k: int, seed: int) -> T.Scene:
    """One clip of a batch as a Scene."""
    plan = batch.plans[k]
    return T.Scene(
        plan, batch.world[k], batch.people[k, : len(plan.people)], batch.props[k, : len(plan.props)], seed
    )


def batch(seed: int, n: int, wanted_held_out: bool = False, middle: float = 0.33, hard: float = 0.0) -> Batch:
    """n clips of invented plans, a share `hard` of them of what is difficult to learn."""
    r = Random(seed)  # seeded, no secret  # nosec B311
    plans = [
        invent(r, wanted_held_out, r.choice(HARD) if hard and r.random() < hard else None) for _ in range(n)
    ]
    return animate(plans, seed, middle)


def together(a: Batch, b: Batch) -> Batch:
    """Two batches as one."""
    arrays = (np.concatenate([getattr(a, k), getattr(b, k)]) for k in ("world", "people", "props", "begins"))
    return Batch(a.plans + b.plans, *arrays)


def simulate(seed: int, plan: T.Plan | None = None, seconds: float = T.N / T.FPS) -> tuple[T.Scene, str]:
    """One clip and a caption for it; the same seed gives the same clip."""
    from model.scene.captions import caption

    plan = plan or invent(Random(seed))  # seeded, no secret  # nosec B311
    made = animate([plan], seed, 0.0, round(seconds * T.FPS))
    return scene_of(made, 0, seed), caption(plan, Random(seed + 1))  # seeded, no secret  # nosec B311
