"""Cutting and joining scenes, and their plans with them. Nothing here samples."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from model.scene import tracks as T


class CastDiffers(ValueError):
    """Two scenes can only be joined, or one remade, with the same number of people and things."""


def stretched(plan: T.Plan, frames: int) -> T.Plan:
    """A switch at the same share of a longer or shorter clip."""
    if frames == T.N:
        return plan
    people = [
        replace(p, switch=max(T.S, round(p.switch * frames / T.N / T.S) * T.S))
        if p.then != T.NO_ACTION
        else p
        for p in plan.people
    ]
    return replace(plan, people=people)


def at_end(plan: T.Plan) -> T.Plan:
    people = [
        replace(p, action=p.then if p.then != T.NO_ACTION else p.action, then=T.NO_ACTION, switch=T.N)
        for p in plan.people
    ]
    return replace(plan, people=people)


def same_cast(plan: T.Plan, scene: T.Scene) -> T.Plan:
    if (len(plan.people), len(plan.props)) != (len(scene.people), len(scene.props)):
        asked, there = (len(plan.people), len(plan.props)), (len(scene.people), len(scene.props))
        raise CastDiffers(f"{asked} people and things against {there}")
    return plan


def span(scene: T.Scene, start: int, stop: int) -> T.Scene:
    return T.Scene(
        scene.plan,
        scene.world[start:stop],
        scene.people[:, start:stop],
        scene.props[:, start:stop],
        scene.seed,
    )


def cut(scene: T.Scene, frames: int) -> T.Scene:
    return scene if scene.frames == frames else span(scene, 0, frames)


def joined(plan: T.Plan, seed: int, *scenes: T.Scene) -> T.Scene:
    return T.Scene(
        plan,
        np.concatenate([s.world for s in scenes]),
        np.concatenate([s.people for s in scenes], 1),
        np.concatenate([s.props for s in scenes], 1),
        seed,
    )


def padded(scene: T.Scene) -> T.Scene:
    """Held on its last key frame up to whole windows."""
    missing = -scene.frames % T.N
    if not missing:
        return scene
    world, people, props = (
        np.repeat(a[..., -1:, :], missing, -2) for a in (scene.world, scene.people, scene.props)
    )
    return joined(scene.plan, scene.seed, scene, T.Scene(scene.plan, world, people, props, scene.seed))
