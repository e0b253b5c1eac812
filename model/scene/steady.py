"""A clean-up after sampling: standing feet are pinned, flights and bounces obey the true gravity.

The network draws them nearly right; eyes forgive none. Nothing else is touched: a foot moves by the
little it slid, a flight keeps its moments of take-off and landing, a dropped ball its moment and
height. `evaluate.py` prints the figures before and after, docs/algorithms/native.md says so, and
`motion(steadied=False)` leaves it out."""

from __future__ import annotations

import numpy as np

from model.scene import tracks as T
from model.scene.things import BALL_RADIUS, drop_height
from model.scene.tracks import H, Q, W

LOW = 0.035  # a foot lower than this (u at scale 1) may stand
SLOW = 0.030  # ... if it moves no faster over the ground than this, u a key frame
EDGE = 0.010  # ... and lower than this in the key frame in which it lands or leaves
FAR = 0.14  # no foot is moved further along the ground (u at scale 1)
CLEAR = 0.034  # the lower foot, where it travels over the ground, is at least so high (u at scale 1)
WALKS = frozenset({"walk", "sneak", "march"})  # one foot always stands
GOING = WALKS | {"run", "skip", "chase", "race"}
DROPS = np.arange(0.0, 1.3, 1 / 96)  # moments at which a ball may be let go, s
HEIGHTS = np.arange(0.40, 0.86, 0.02)  # ... from so high (u at scale 1)
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
                _pin(people[i, start:stop], ground[start:stop], person.scale, start > 0, action)
    first = scene.plan.people[0]
    if len(props) and scene.plan.props[0].kind == "ball" and first.action == "bounce":
        _rebound(props[0, :, Q["y"]], first.scale, scene.gravity, since)
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


def _rebound(y: np.ndarray, scale: float, gravity: float, since: int) -> None:
    """The bounces of a dropped ball, in place from `since` on: of all drops from every height at every
    moment, the one that comes nearest to this one's fall and first bounces. The heights after the
    second bounce say little: sampled ones lose their beat."""
    t = np.arange(len(y)) / T.FPS
    starts, heights = (a.ravel() for a in np.meshgrid(DROPS, HEIGHTS * scale))
    after = t[None] - starts[:, None]
    drops = drop_height(after, np.full((len(starts), 1), gravity), (heights - BALL_RADIUS * scale)[:, None])
    drops += BALL_RADIUS * scale
    lands = np.sqrt(2 * heights / gravity)[:, None]
    weight = np.where(after < 2.2 * lands, 1.0, 0.1)
    off = (weight * np.abs(drops - y)).sum(1) / weight.sum(1)
    best = drops[int(off.argmin())]
    if off.min() < 0.08 * scale:  # else it is no drop: somebody holds it, or it was never let go
        gap = y[since - 1] - best[since - 1] if since else 0.0
        fade = np.clip(1 - np.arange(1, len(y) - since + 1) / T.S, 0, 1) ** 2
        y[since:] = np.maximum(best[since:] + gap * fade, 0.0)


def _standing(p: np.ndarray, ground: np.ndarray, scale: float, walks: bool) -> tuple[np.ndarray, np.ndarray]:
    """Which key frames the left and the right foot of one person [n, HD] stand in. Of those who `walk` one
    foot always stands: the lower one, where both seem to slide."""
    upright = p[:, H["spin_cos"]] > 0.95
    lx, ly, rx, ry = T.feet(p, scale)
    found = []
    for x, y, other in ((lx, ly, ry), (rx, ry, ly)):
        slower, faster = _speeds(x + ground)
        still = (faster < SLOW) | ((slower < SLOW) & (y < EDGE * scale))  # lower as it lands and leaves
        found.append(still & (y < LOW * scale) & (y <= other + 0.02) & upright)
    if walks:
        neither = ~found[0] & ~found[1] & upright
        found[0] = found[0] | (neither & (ly < LOW * scale) & (ly <= ry))
        found[1] = found[1] | (neither & (ry < LOW * scale) & (ry < ly))
    return found[0], found[1]


def _speeds(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of the slower and the faster of the two steps beside each key frame."""
    step = np.abs(np.diff(x))
    later, sooner = np.append(step, step[-1]), np.append(step[:1], step)
    return np.minimum(later, sooner), np.maximum(later, sooner)


def _pin(p: np.ndarray, ground: np.ndarray, scale: float, begins_known: bool, action: str) -> None:
    """Standing feet of one person [n, HD] stay where they first stood, in place; the legs follow.
    Of those who are GOING, the lower foot is lifted clear of the ground if it moves over it."""
    upright = p[:, H["spin_cos"]] > 0.95
    lx, ly, rx, ry = T.feet(p, scale)
    left, right = _standing(p, ground, scale, action in WALKS)
    half = T.HIP_HALF * (1 - 0.7 * np.abs(p[:, H["turn"]]))
    for side, x, y, other, stands, sign in (("l", lx, ly, ry, left, -1), ("r", rx, ry, ly, right, 1)):
        over = x + ground  # place over the ground
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
        dx = np.clip(np.interp(every, at, dx[at]), -FAR * scale, FAR * scale)
        if action in GOING:
            moves = ~fixed & upright & (_speeds(over)[1] > SLOW) & (y <= other + 0.005)  # and none is lower
            dy = np.where(fixed, dy, np.where(moves, np.maximum(CLEAR * scale - y, 0.0), np.maximum(-y, 0.0)))
        else:
            dy = np.interp(every, at, dy[at])
        hip_x = p[:, H["x"]] + scale * sign * half
        across = (x + dx - hip_x) / scale
        down = (p[:, H["y"]] + T.LEG * scale - (y + dy)) / scale
        reach = np.clip(np.hypot(across, down), 0.05, 1.998 * T.THIGH)
        fold = 2 * np.arccos(reach / (2 * T.THIGH))
        knee = np.sign(p[:, H["knee_" + side]] + 1e-9)
        angle = np.arctan2(across, down)
        p[upright, H["hip_" + side]] = (angle + knee * fold / 2)[upright]
        p[upright, H["knee_" + side]] = (knee * fold)[upright]
