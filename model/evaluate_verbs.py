"""How well the verbs keep what they should keep: borders, edits, and the spread over seeds."""

from __future__ import annotations

from collections import defaultdict
from random import Random

import numpy as np

from model import verbs
from model.batches import windows_for
from model.generate import WORLD_SECTIONS, Native
from model.judge import seam
from model.scene import tracks as T
from model.scene import world
from model.scene.bridges import ENDS, bridges
from model.scene.plans import invent
from model.scene.tracks import W
from model.scene.world import LIGHT, WET

EDITS = {  # what people ask for afterwards: said so -> (field of the world, its value)
    "the same, but at night": ("time", "night"), "at sunset please": ("time", "sunset"),
    "in the rain": ("weather", "rain"), "let it snow": ("weather", "snow"),
    "in thick fog": ("weather", "fog"), "on the moon": ("place", "moon"),
    "in a library": ("place", "library"), "as an ink drawing": ("style", "ink"),
    "zoom in": ("camera", "zoom_in"), "zoom out": ("camera", "zoom_out"), "crane shot": ("camera", "crane"),
    "改成晚上": ("time", "night"), "换成下雪": ("weather", "snow"), "放到森林里": ("place", "forest"),
    "像素风": ("style", "pixel"), "拉远": ("camera", "zoom_out"),
}  # fmt: skip


def seams(native: Native, n: int, seed: int, steps: int) -> dict:
    """Acceleration at the border of extend, connect and loop (camera included) against inside the clips,
    after the clean-up and, as raw_, before; `seam_after` is that of the ten key frames after the border,
    which must not pay for it."""
    out: dict = {}
    for prefix, engine in (("", native), ("raw_", Native(native.network, native.about, mended=False))):
        ends: dict[str, list[float]] = defaultdict(list)
        after: list[float] = []
        r = Random(seed)  # seeded, no secret  # nosec B311
        for k in range(n):
            plan = invent(r)
            scene = engine.motion(plan, 5.0, k, steps)
            longer = engine.extend(scene, 3.0, k, steps=steps)
            ends["extend"].append(seam(longer, scene.frames))
            after += [seam(longer, scene.frames + 2 * i) for i in range(1, 6)]
            earlier = engine.extend(scene, 2.0, k, backwards=True, steps=steps)
            ends["extend_back"].append(seam(earlier, earlier.frames - scene.frames))
            looped = engine.loop(scene, k, steps=steps)
            ends["loop"].append((seam(looped, scene.frames) + seam(looped, looped.frames, True)) / 2)
            other = engine.motion(plan, 5.0, k + 1000, steps)
            joined = engine.connect(scene, other, k, steps=steps)
            borders = (scene.frames, joined.frames - other.frames)
            ends["connect"].append(sum(seam(joined, b) for b in borders) / 2)
        each = {f"{prefix}seam_{k}": float(np.mean(v)) for k, v in ends.items()}
        out |= {f"{prefix}seam": float(np.mean(list(each.values()))), **each}
        out[f"{prefix}seam_after"] = float(np.mean(after))
    clips = world.batch(seed, 60, middle=0.0)
    out["sim_seam"] = float(np.mean([seam(world.scene_of(clips, i, i), 30) for i in range(60)]))
    return out


def ways(native: Native, n: int, seed: int, steps: int) -> dict:
    """Bridges between two different simulated clips: acceleration at both borders against inside
    (`bridge_seam`), and how shaky and how hasty the way is against the simulator's own ways
    (`bridge_jerk`, `bridge_speed`; third and first differences of everybody)."""
    b = bridges(seed, n)
    true = [world.scene_of(b, i, i) for i in range(n)]
    low, high = ENDS, T.N - ENDS
    begins = np.arange(T.K) * T.S
    known = (begins < low) | (begins >= high)
    by: dict[tuple[int, int], list[int]] = defaultdict(list)
    for i, plan in enumerate(b.plans):
        by[len(plan.people), len(plan.props)].append(i)
    out: dict = {}
    for prefix, engine in (("raw_", Native(native.network, native.about, mended=False)), ("", native)):
        made: list[T.Scene] = []
        for rows in by.values():
            tasks = [verbs.Task(b.plans[i], known.copy(), true[i]) for i in rows]
            made += engine.samples(tasks, rows, steps)
        out[f"{prefix}bridge_seam"] = float(np.mean([(seam(s, low) + seam(s, high)) / 2 for s in made]))
        for name, order in (("jerk", 3), ("speed", 1)):
            out[f"{prefix}bridge_{name}"] = _shake(made, order, low, high) / _shake(true, order, low, high)
    out["sim_bridge_seam"] = float(np.mean([(seam(s, low) + seam(s, high)) / 2 for s in true]))
    return out


def _shake(scenes: list[T.Scene], order: int, low: int, high: int) -> float:
    """Root mean square of a difference of everybody between two key frames."""
    parts = [np.diff(s.people / T.SCALE["person"], order, axis=1)[:, low - order : high] for s in scenes]
    return float(np.sqrt(np.mean([np.mean(p**2) for p in parts])))


def edits(native: Native, n: int, seed: int, steps: int) -> dict:
    """edit_does: the change that was asked for stands in the plan and, where numbers carry it (light,
    wetness, camera), in the key frames. edit_keeps: tracks and fields that nobody named are as they were."""
    r, kept, does = Random(seed), [], defaultdict(list)  # seeded, no secret  # nosec B311
    asks = list(EDITS.items())
    for k in range(n):
        plan = invent(r)
        prompt, (section, value) = asks[k % len(asks)]
        if section == "camera":
            plan.world.camera = "static"
        scene = native.motion(plan, 5.0, k, steps)
        made = native.edit(scene, prompt, k + 1, steps=steps)
        kept += [np.array_equal(a, b) for a, b in zip(made.people, scene.people, strict=True)]
        kept += [np.array_equal(a, b) for a, b in zip(made.props, scene.props, strict=True)]
        kept += [
            getattr(made.plan.world, s) == getattr(scene.plan.world, s)
            for s in WORLD_SECTIONS
            if s != section
        ]
        kept.append(made.plan.people == scene.plan.people and made.plan.props == scene.plan.props)
        does[section].append(getattr(made.plan.world, section) == value and seen(made, section, value))
    by = {k: round(float(np.mean(v)), 3) for k, v in does.items()}
    every = [ok for oks in does.values() for ok in oks]
    return {"edit_keeps": float(np.mean(kept)), "edit_does": float(np.mean(every)), "edit_does_by": by}


def seen(scene: T.Scene, section: str, value: str) -> bool:
    """Do the key frames of the world show it? Of all values, this one's level must be the nearest; places
    and styles are drawn from the plan and need no numbers."""
    w = scene.world
    if section == "time":
        return min(LIGHT, key=lambda t: abs(LIGHT[t] - w[:, W["light"]].mean())) == value
    if section == "weather":
        level = float(w[:, W["wet"]].mean())
        return abs(level - WET[value]) <= min(abs(level - v) for v in WET.values()) + 0.05
    if section == "camera":
        growth = float(w[-5:, W["zoom"]].mean() / w[:5, W["zoom"]].mean())
        sunk = float(w[:5, W["rise"]].mean() - w[-5:, W["rise"]].mean())
        return {"zoom_in": growth > 1.15, "zoom_out": growth < 0.87, "crane": sunk > 0.2}[value]
    return True


def diversity(native: Native, n: int, steps: int, plans: int = 8) -> dict:
    """Spread over seeds of one plan's motion, against the simulator's spread for the same plan."""
    r, ratios = Random(5), []  # seeded, no secret  # nosec B311
    for _ in range(plans):
        plan = invent(r)
        for person in plan.people:
            person.then, person.switch = T.NO_ACTION, T.N
        made = np.stack(
            [s.people / T.SCALE["person"] for s in windows_for(native, [plan] * n, range(n), steps)]
        )
        real = world.animate([plan] * n, 3)
        true = real.people[:, : len(plan.people)] / T.SCALE["person"]
        ratios.append(made.std(0).mean() / max(true.std(0).mean(), 1e-6))
    return {"diversity": float(np.mean(ratios))}
