"""Scripted judges of motion: which action is this, is gravity right, do feet slide, is it smooth?

Numpy only. Each is first tried on the simulator's own clips (`evaluate.py` prints both), where the
truth is known. Letters: N key frames, HD numbers per person and key frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from model.scene import tracks as T
from model.scene.tracks import H, Q, W

GOING = ("walk", "run", "sneak", "march", "skip")


def features(scene: T.Scene, person: int) -> np.ndarray:
    """What a movement looks like from its numbers alone (no plan): levels, spreads, speeds, rhythm,
    of the person, of the nearest thing and of the others."""
    p = scene.people[person]
    if p[:, H["turn"]].mean() < 0:
        p = T.mirror_people(p)
    columns = [p]
    if len(scene.props):
        away = np.abs(scene.props[:, :, Q["x"]] - scene.people[person][None, :, H["x"]]).mean(1)
        thing = scene.props[int(away.argmin())]
        side = 1.0 if scene.people[person][:, H["turn"]].mean() >= 0 else -1.0
        rel = np.stack(
            [
                side * (thing[:, Q["x"]] - scene.people[person][:, H["x"]]),
                thing[:, Q["y"]],
                thing[:, Q["phase_sin"]],
                side * thing[:, Q["rot_sin"]],
            ],
            1,
        )
    else:
        rel = np.full((len(p), 4), -1.0)
    columns.append(rel)
    others = [i for i in range(len(scene.people)) if i != person]
    if others:
        gaps = [np.abs(scene.people[i][:, H["x"]] - scene.people[person][:, H["x"]]) for i in others]
        gap = np.stack([gaps[int(np.argmin([g.mean() for g in gaps]))], np.ones(len(p))], 1)
    else:
        gap = np.stack([np.full(len(p), 2.0), np.zeros(len(p))], 1)
    columns.append(gap)
    columns.append(np.abs(scene.world[:, [W["travel"]]]) * 12)
    a = np.concatenate(columns, 1)
    third = len(a) // 3
    turns = np.abs(np.diff(np.sign(np.diff(a, axis=0)), axis=0)).mean(0)
    parts = (
        a.mean(0),
        a.std(0),
        np.abs(np.diff(a, axis=0)).mean(0) * 4,
        a[-third:].mean(0) - a[:third].mean(0),
        turns * 0.3,
        np.ptp(a, axis=0) * 0.5,
    )
    return np.concatenate(parts)


@dataclass
class ActionJudge:
    """Nearest neighbours among simulated clips."""

    points: np.ndarray
    labels: np.ndarray
    spread: np.ndarray

    @classmethod
    def learn(cls, scenes: list[T.Scene]) -> ActionJudge:
        rows, labels = [], []
        for scene in scenes:
            for i, person in enumerate(scene.plan.people):
                if person.then == T.NO_ACTION:
                    rows.append(features(scene, i))
                    labels.append(T.ACTIONS.index(person.action))
        points = np.array(rows)
        spread = points.std(0) + 0.05
        return cls(points / spread, np.array(labels), spread)

    def judge(self, scene: T.Scene, person: int = 0, neighbours: int = 5) -> str:
        """The action that this person's movement shows."""
        distance = np.abs(self.points - features(scene, person) / self.spread).sum(1)
        near = np.argpartition(distance, neighbours)[:neighbours]
        votes = np.bincount(self.labels[near], 1 / (distance[near] + 1e-6), len(T.ACTIONS))
        return T.ACTIONS[int(votes.argmax())]


def _parabola(y: np.ndarray, gravity: float) -> tuple[float, float, float]:
    """(residual / height, fitted g / true g, height) of a flight."""
    t = np.arange(len(y)) / T.FPS
    fit = np.polyfit(t, y, 2)
    height = max(float(np.ptp(y)), 1e-3)
    return (
        float(np.sqrt(np.mean((np.polyval(fit, t) - y) ** 2))) / height,
        float(-2 * fit[0] / gravity),
        height,
    )


def _runs(mask: np.ndarray, least: int) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(int), [0]])))
    return [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=False) if b - a >= least]


def flights(scene: T.Scene) -> list[tuple[float, float, float]]:
    """Every whole flight in a scene: jumps and backflips of people, tosses, kicks, catches and
    bounces of balls."""
    out = []
    for i, person in enumerate(scene.plan.people):
        if person.action in ("jump", "backflip") and person.then == T.NO_ACTION:
            y = scene.people[i, :, H["y"]]
            for a, b in _runs(y > 0.015, 4):
                if a > 0 and b < scene.frames:
                    out.append(_parabola(y[a:b], scene.gravity))
    for q, thing in enumerate(scene.plan.props[:1]):
        action = scene.plan.people[0].action
        if thing.kind != "ball" or action not in ("toss", "kick", "catch", "bounce"):
            continue
        y = scene.props[q, :, Q["y"]]
        if action == "bounce":
            out += [_parabola(y[a:b], scene.gravity) for a, b, _ in bounces(scene, q)]
            continue
        low = {"toss": 0.66, "kick": 0.30, "catch": 0.70}[action] * scene.plan.people[0].scale
        for a, b in _runs(y > low, 5):
            if a > 0 and b < scene.frames:
                out.append(_parabola(y[a:b], scene.gravity))
    return out


def bounces(scene: T.Scene, q: int) -> list[tuple[int, int, float]]:
    """(first, last key frame, peak over its rest) between two contacts of a bouncing ball."""
    y = scene.props[q, :, Q["y"]]
    low = [k for k in range(2, len(y) - 2) if y[k] <= y[k - 1] and y[k] < y[k + 1] and y[k] < 0.30]
    out = []
    for a, b in zip(low, low[1:], strict=False):
        if b - a >= 5:
            t = np.arange(a + 1, b) / T.FPS
            fit = np.polyfit(t, y[a + 1 : b], 2)
            if fit[0] < 0:
                out.append((a + 1, b, float(np.polyval(fit, -fit[1] / 2 / fit[0])) - T.PROP_SIZE["ball"] / 2))
    return out


def restitutions(scene: T.Scene) -> list[float]:
    """sqrt of the ratio of neighbouring peaks of every bounced ball."""
    if not scene.plan.props or scene.plan.people[0].action != "bounce" or scene.plan.props[0].kind != "ball":
        return []
    peaks = [p for _, _, p in bounces(scene, 0)]
    return [float(np.sqrt(b / a)) for a, b in zip(peaks, peaks[1:], strict=False) if a > 0.08 and b > 0]


def foot_slide(scene: T.Scene) -> tuple[float, float] | None:
    """(mean speed of standing feet over the ground, mean speed of travel), u per key frame, of the
    people in a scene who walk, run, ..."""
    slides, speeds = [], []
    for i, person in enumerate(scene.plan.people):
        if person.action not in GOING or person.then != T.NO_ACTION:
            continue
        lx, ly, rx, ry = T.feet(scene.people[i], person.scale)
        travel = scene.world[1:, W["travel"]]
        for x, y, other in ((lx, ly, ry), (rx, ry, ly)):  # the lower foot is the one that stands
            stands = (y < 0.03 * person.scale) & (y <= other + 1e-4)
            slides.append(np.abs(np.diff(x) + travel)[stands[1:] & stands[:-1]])
        speeds.append(np.abs(travel))
    if not speeds:
        return None
    flat = np.concatenate(slides)
    return (float(flat.mean()) if len(flat) else float(np.mean(speeds)), float(np.mean(speeds)))


def jerk(scene: T.Scene) -> float:
    """Root mean square of the third difference of all people, in units of their scales."""
    tokens = scene.people / T.SCALE["person"]
    return float(np.sqrt((np.diff(tokens, 3, axis=1) ** 2).mean()))


def seam(scene: T.Scene, border: int, wraps: bool = False) -> float:
    """Acceleration across a border (people, things and camera) against the typical one inside."""
    rows = [scene.people / T.SCALE["person"], (scene.world / T.SCALE["world"])[None]]
    if len(scene.props):
        rows.append(scene.props / T.SCALE["prop"])
    at, all_ = [], []
    for a in rows:
        if wraps:
            a = np.concatenate([a, a[:, :4]], 1)
        acceleration = np.abs(np.diff(a, 2, axis=1)).mean((0, 2))
        at.append(acceleration[border - 2 : border].mean() * a.shape[0] * a.shape[2])
        all_.append(acceleration.mean() * a.shape[0] * a.shape[2])
    return float(sum(at) / max(sum(all_), 1e-9))
