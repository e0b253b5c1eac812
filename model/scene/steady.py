"""A clean-up after sampling: standing feet are pinned, flights fall with the true gravity.

The network draws both nearly right; eyes forgive neither. Nothing else is touched: a foot moves by
the little it slid, a flight keeps its moments of take-off and landing. `evaluate.py` prints the
figures before and after, docs/algorithms/native.md says so, and `motion(steady=False)` leaves it out."""

from __future__ import annotations

import numpy as np

from model.scene import tracks as T
from model.scene.tracks import H, Q, W

LOW = 0.035  # a foot lower than this (u at scale 1) may stand
SLOW = 0.030  # ... if it moves no faster over the ground than this, u a key frame
LEAPS = frozenset({"jump", "backflip", "cheer", "jumping_jacks"})
BALLS = {"toss": 0.60, "kick": 0.24, "catch": 0.66}  # height (u at scale 1) above which a ball flies
BESIDE_LEGS = frozenset(
    {"boat", "bicycle", "skateboard", "sit", "sleep", "swim", "fly", "balloon", "cartwheel", "waltz"}
)


def steady(scene: T.Scene, since: int = 0) -> T.Scene:
    """The scene with feet pinned and flights refitted from key frame `since` on."""
    people, props = scene.people.copy(), scene.props.copy()
    ground = np.cumsum(scene.world[:, W["travel"]])
    for i, person in enumerate(scene.plan.people):
        for action, start, stop in _stretches(person, scene.frames):
            start = max(start, since)
            if stop - start < T.S:
                continue
            if action in LEAPS:
                _refit(people[i, start:stop, H["y"]], 0.015, scene.gravity)
            if action not in BESIDE_LEGS and action not in LEAPS:
                _pin(people[i, start:stop], ground[start:stop], person.scale, bool(start > 0))
    first = scene.plan.people[0]
    if len(props) and scene.plan.props[0].kind == "ball" and first.action in BALLS:
        _refit(props[0, since:, Q["y"]], BALLS[first.action] * first.scale, scene.gravity)
    return T.Scene(scene.plan, scene.world, people, props, scene.seed, scene.blink)


def _stretches(person: T.PersonPlan, frames: int) -> list[tuple[str, int, int]]:
    if person.then == T.NO_ACTION or person.switch >= frames:
        return [(person.action, 0, frames)]
    return [(person.action, 0, person.switch - 3), (person.then, person.switch + 3, frames)]


def _runs(mask: np.ndarray, least: int) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=False) if b - a >= least]


def _refit(y: np.ndarray, low: float, gravity: float) -> None:
    """Every whole flight above `low`, in place: a parabola of the true gravity that leaves and lands
    where this one did."""
    for a, b in _runs(y > low, 3):
        if a == 0 or b == len(y):
            continue
        begin = a - (y[a] - low) / max(y[a] - y[a - 1], 1e-6)  # between key frames
        end = b - 1 + (y[b - 1] - low) / max(y[b - 1] - y[b], 1e-6)
        t = (np.arange(a, b) - begin) / T.FPS
        whole = (end - begin) / T.FPS
        if 0.1 < whole < 2.5:
            y[a:b] = low + 0.5 * gravity * t * (whole - t)


def _pin(p: np.ndarray, ground: np.ndarray, scale: float, begins_known: bool) -> None:
    """Standing feet of one person [n, HD] stay where they first stood, in place; the legs follow."""
    upright = p[:, H["spin_cos"]] > 0.95
    lx, ly, rx, ry = T.feet(p, scale)
    half = T.HIP_HALF * (1 - 0.7 * np.abs(p[:, H["turn"]]))
    for side, x, y, other, sign in (("l", lx, ly, ry, -1), ("r", rx, ry, ly, 1)):
        over = x + ground  # place over the ground
        speed = np.abs(np.gradient(over))
        stands = (y < LOW * scale) & (speed < SLOW) & (y <= other + 0.02) & upright
        dx, dy = np.zeros(len(p)), np.zeros(len(p))
        fixed = np.zeros(len(p), bool)
        for a, b in _runs(stands, 2):
            dx[a:b], dy[a:b], fixed[a:b] = np.median(over[a:b]) - over[a:b], -y[a:b], True
        if begins_known:
            dx[0], dy[0], fixed[0] = 0.0, 0.0, True
        if not fixed.any():
            continue
        at = np.flatnonzero(fixed)
        every = np.arange(len(p))
        dx, dy = np.interp(every, at, dx[at]), np.interp(every, at, dy[at])
        hip_x = p[:, H["x"]] + scale * sign * half
        across = (x + dx - hip_x) / scale
        down = (p[:, H["y"]] + T.LEG * scale - (y + dy)) / scale
        reach = np.clip(np.hypot(across, down), 0.05, 1.998 * T.THIGH)
        fold = 2 * np.arccos(reach / (2 * T.THIGH))
        knee = np.sign(p[:, H["knee_" + side]] + 1e-9)
        angle = np.arctan2(across, down)
        near = upright & (np.hypot(dx, dy) < 0.12 * scale)  # a foot that is far off was no slide
        p[near, H["hip_" + side]] = (angle + knee * fold / 2)[near]
        p[near, H["knee_" + side]] = (knee * fold)[near]
