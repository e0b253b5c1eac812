"""Many plans and windows at once, for whoever measures the engine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from model import verbs
from model.generate import Native
from model.scene import tracks as T


def plans_for(native: Native, prompts: list[str], seeds: list[int], heed: bool = True) -> list[T.Plan]:
    """A plan a prompt, in the order of the prompts."""
    plans: list[T.Plan] = []
    for i in range(0, len(prompts), 64):
        plans += native.casts(prompts[i : i + 64], seeds[i : i + 64], heed=heed)
    return plans


def windows_for(native: Native, plans: list[T.Plan], seeds: Iterable[int], steps: int) -> list[T.Scene]:
    """A window a plan, batched by how many people and things they have; no clean-up of feet and flights."""
    out: list[T.Scene | None] = [None] * len(plans)
    seeds = list(seeds)
    groups: dict[tuple[int, int], list[int]] = defaultdict(list)
    for i, plan in enumerate(plans):
        groups[len(plan.people), len(plan.props)].append(i)
    for rows in groups.values():
        for k in range(0, len(rows), 32):
            part = rows[k : k + 32]
            made = native.samples([verbs.text(plans[i]) for i in part], [seeds[i] for i in part], steps)
            for i, scene in zip(part, made, strict=True):
                out[i] = scene
    return [scene for scene in out if scene is not None]
