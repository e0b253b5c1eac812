"""Measures the native engine: `python -m model.evaluate`. The last line is one JSON object.

Every figure stands beside the simulator's own (the ceiling) and, for words, the majority's guess.
Plans and captions are of held-out combinations of place and action, which training never saw."""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import torch

from model import generate
from model.free_prompts import FREE, UNKNOWN
from model.judge import ActionJudge, flights, foot_slide, jerk, restitutions, seam
from model.scene import tracks as T
from model.scene import words, world
from model.scene.captions import SKIN_WORD, tell
from model.scene.plans import held_out, invent
from model.scene.steady import steady


def said_of(plan: T.Plan, key: str) -> str | None:
    """The value of a field as `captions.tell` names it: "place", "kind0", "prop1", ..."""
    if key == "people":
        return str(len(plan.people))
    if hasattr(plan.world, key):
        return str(getattr(plan.world, key))
    name, i = key[:-1], int(key[-1])
    if name in ("prop", "prop_colour", "placement"):
        if i >= len(plan.props):
            return None
        return str(getattr(plan.props[i], {"prop": "kind", "prop_colour": "colour"}.get(name, name)))
    if i >= len(plan.people):
        return None
    value = getattr(plan.people[i], name)
    if name == "skin":
        return SKIN_WORD.get(value, value)
    if name == "energy":
        return {1.0: "fast", -1.0: "slow"}.get(value, "usual")
    return str(value)


def _in_batches(native: generate.Native, prompts: list[str], seeds: list[int], **how: object) -> list[T.Plan]:
    plans: list[T.Plan] = []
    for i in range(0, len(prompts), 64):
        plans += native.casts(prompts[i : i + 64], seeds[i : i + 64], **how)  # type: ignore[arg-type]
    return plans


def attributes(native: generate.Native, n: int, seed: int) -> dict:
    """Share of the fields named in captions of held-out combinations that the plan gets right."""
    r = Random(seed)
    plans: list[T.Plan] = []
    while len(plans) < n:
        plan = invent(r, True)
        if held_out(plan.world.place, plan.people[0].action):
            plans.append(plan)
    told = [tell(plan, r, chinese=i % 2 == 1) for i, plan in enumerate(plans)]
    prompts = [text for text, _ in told]
    right: dict[str, list[bool]] = defaultdict(list)
    by_language: dict[int, list[bool]] = defaultdict(list)
    majority = _majorities(told, plans)
    guess: list[bool] = []
    heeded: list[bool] = []
    alone = _in_batches(native, prompts, list(range(n)), heed=False)
    minded = _in_batches(native, prompts, list(range(n)))
    for i, ((_, said), got, mended) in enumerate(zip(told, alone, minded, strict=False)):
        for key, value in said.items():
            ok = said_of(got, key) == value
            right[key.rstrip("012")].append(ok)
            by_language[i % 2].append(ok)
            guess.append(majority[key] == value)
            heeded.append(said_of(mended, key) == value)
    every = [ok for oks in right.values() for ok in oks]
    core = ("place", "time", "weather", "camera", "action", "top", "people", "prop")
    return {
        "attr_accuracy": float(np.mean([np.mean(right[k]) for k in core])),
        "attr_all_fields": float(np.mean(every)),
        "attr_with_heeded_words": float(np.mean(heeded)),
        "attr_english": float(np.mean(by_language[0])),
        "attr_chinese": float(np.mean(by_language[1])),
        "attr_majority_guess": float(np.mean(guess)),
        "attr_by_field": {k: round(float(np.mean(v)), 3) for k, v in sorted(right.items())},
    }


def _majorities(told: list[tuple[str, dict[str, str]]], plans: list[T.Plan]) -> dict[str, str]:
    counts: dict[str, Counter] = defaultdict(Counter)
    for _, said in told:
        for key, value in said.items():
            counts[key][value] += 1
    return {key: counter.most_common(1)[0][0] for key, counter in counts.items()}


def _scenes(native: generate.Native, plans: list[T.Plan], seeds: Iterable[int], steps: int) -> list[T.Scene]:
    """Windows for many plans, batched by how many people and things they have."""
    out: list[T.Scene | None] = [None] * len(plans)
    seeds = list(seeds)
    groups: dict[tuple[int, int], list[int]] = defaultdict(list)
    for i, plan in enumerate(plans):
        groups[len(plan.people), len(plan.props)].append(i)
    for rows in groups.values():
        for k in range(0, len(rows), 32):
            part = rows[k : k + 32]
            made = native.samples(
                [generate.verbs.text(plans[i]) for i in part], [seeds[i] for i in part], steps
            )
            for i, scene in zip(part, made, strict=False):
                out[i] = scene
    return [scene for scene in out if scene is not None]


def physics(scenes: list[T.Scene]) -> dict:
    """Flights, bounces, feet and jerk of many scenes."""
    flown = [f for s in scenes for f in flights(s)]
    sprung = [e for s in scenes for e in restitutions(s)]
    slid = [v for s in scenes if (v := foot_slide(s)) is not None]
    return {
        "gravity_error": float(np.median([f[0] for f in flown])) if flown else None,
        "gravity_ratio": float(np.median([f[1] for f in flown])) if flown else None,
        "flights": len(flown),
        "restitution": float(np.median(sprung)) if sprung else None,
        "foot_slide_share": float(np.sum([a for a, _ in slid]) / np.sum([b for _, b in slid]))
        if slid
        else None,
        "jerk": float(np.mean([jerk(s) for s in scenes])),
    }


def motions(native: generate.Native, judge: ActionJudge, n: int, seed: int, steps: int) -> dict:
    """Action seen in the motion, and physics, of true held-out plans; the simulator's beside it."""
    r = Random(seed)
    plans: list[T.Plan] = []
    while len(plans) < n:
        plan = invent(r, True)
        if held_out(plan.world.place, plan.people[0].action):
            for person in plan.people:
                person.then, person.switch = T.NO_ACTION, T.N
            plans.append(plan)
    for action in (
        "jump",
        "toss",
        "kick",
        "bounce",
        "walk",
        "run",
        "march",
        "sneak",
        "skip",
    ):  # physics needs enough of these
        for _ in range(max(4, n // 25)):
            plan = invent(r)
            plan.people = plan.people[:1]
            plan.people[0] = replace(plan.people[0], action=action, then=T.NO_ACTION, switch=T.N)
            plan.props = (
                [T.PropPlan("ball", "red", "ground" if action == "bounce" else "held", 0)]
                if action in ("toss", "kick", "bounce")
                else []
            )
            plan.world.camera = "follow" if action in T.TRAVELLING else "static"
            plan.world.place = "moon" if plan.world.place == "moon" else "park"
            plans.append(plan)
    real = world.animate(plans, seed + 1)
    true = [world.scene_of(real, i, i) for i in range(len(plans))]
    made = _scenes(native, plans, range(len(plans)), steps)
    out: dict = {}
    after = [steady(s) for s in made]
    for name, scenes in (("sim", true), ("raw", made), ("", after)):
        seen = [judge.judge(s, 0) == s.plan.people[0].action for s in scenes[:n]]
        figures = {"action_in_motion": float(np.mean(seen)), **physics(scenes)}
        out |= {f"{name}_{k}".strip("_"): v for k, v in figures.items()}
    if out["foot_slide_share"] is not None:
        out["foot_slide"] = out["foot_slide_share"] / max(out["sim_foot_slide_share"], 0.01)
        out["raw_foot_slide"] = out["raw_foot_slide_share"] / max(out["sim_foot_slide_share"], 0.01)
    out["jerk_ratio"] = out["jerk"] / out["sim_jerk"]
    if out["restitution"] is not None:
        out["restitution_error"] = abs(out["restitution"] - T.RESTITUTION) / T.RESTITUTION
    wrong = Counter((s.plan.people[0].action, judge.judge(s, 0)) for s in made[:n])
    out["confused"] = [f"{a}>{b} {c}" for (a, b), c in wrong.most_common() if a != b][:12]
    return out


def seams(native: generate.Native, n: int, seed: int, steps: int) -> dict:
    """Acceleration at the border of extend, connect and loop against inside the clips."""
    r = Random(seed)
    ends: dict[str, list[float]] = defaultdict(list)
    for k in range(n):
        plan = invent(r)
        scene = native.motion(plan, 5.0, k, steps)
        longer = native.extend(scene, 3.0, k, steps=steps)
        ends["extend"].append(seam(longer, scene.frames))
        earlier = native.extend(scene, 2.0, k, backwards=True, steps=steps)
        ends["extend_back"].append(seam(earlier, earlier.frames - scene.frames))
        looped = native.loop(scene, k, steps=steps)
        ends["loop"].append((seam(looped, scene.frames) + seam(looped, looped.frames, True)) / 2)
        other = native.motion(plan, 5.0, k + 1000, steps)
        joined = native.connect(scene, other, k, steps=steps)
        ends["connect"].append((seam(joined, scene.frames) + seam(joined, joined.frames - other.frames)) / 2)
    each = {f"seam_{k}": float(np.mean(v)) for k, v in ends.items()}
    return {"seam": float(np.mean(list(each.values()))), **each}


def _asked(prompt: str) -> dict[str, str]:
    """section -> name of what a free prompt asks for, by hand."""
    wanted = dict(FREE)[prompt]
    return dict(w.split(":") for w in wanted.split())


def _fits(scene: T.Scene, asked: dict[str, str], judge: ActionJudge) -> float:
    """Share of what is asked that this scene shows; the action is judged from the motion."""
    plan, ok = scene.plan, []
    for section, name in asked.items():
        if section in ("place", "time", "weather", "camera", "style"):
            ok.append(getattr(plan.world, section) == name)
        elif section == "kind":
            ok.append(any(p.kind == name for p in plan.people))
        elif section == "top":
            ok.append(any(p.top == name for p in plan.people))
        elif section == "act":
            ok.append(any(judge.judge(scene, i) == name for i in range(len(plan.people))))
        elif section == "prop":
            ok.append(any(q.kind == name for q in plan.props))
        elif section == "prop_colour":
            ok.append(any(q.colour == name for q in plan.props))
    return float(np.mean(ok))


def free_prompts(native: generate.Native, judge: ActionJudge, seed: int, steps: int) -> dict:
    """Unseen prompts in free wording: share of what they ask for, and the four-way test: does the
    judge pick the prompt a clip was made from among four?"""
    prompts = [p for p, _ in FREE]
    plans = _in_batches(native, prompts, [seed + i for i in range(len(prompts))])
    scenes = _scenes(native, plans, range(seed, seed + len(prompts)), steps)
    shares = [_fits(s, _asked(p), judge) for s, p in zip(scenes, prompts, strict=False)]
    r = Random(seed)
    picks = []
    for i, scene in enumerate(scenes[:50] if len(scenes) >= 50 else scenes):
        own = _asked(prompts[i])
        others = r.sample([p for p in prompts if _asked(p) != own], 3)
        scores = [_fits(scene, own, judge), *(_fits(scene, _asked(p), judge) for p in others)]
        picks.append(scores[0] > max(scores[1:]))
    english = [s for s, p in zip(shares, prompts, strict=False) if not words.is_chinese(p)]
    chinese = [s for s, p in zip(shares, prompts, strict=False) if words.is_chinese(p)]
    told = [any(w in u for u in words.unknown_words(p)) for p, w in UNKNOWN]
    return {
        "free_prompt_accuracy": float(np.mean(shares)),
        "free_english": float(np.mean(english)),
        "free_chinese": float(np.mean(chinese)),
        "four_way": f"{sum(picks)}/{len(picks)}",
        "unknown_told": float(np.mean(told)),
    }


def diversity(native: generate.Native, n: int, steps: int) -> dict:
    """Spread over seeds of one plan's motion, against the simulator's spread for the same plan."""
    r = Random(5)
    ratios = []
    for _ in range(8):
        plan = invent(r)
        for person in plan.people:
            person.then, person.switch = T.NO_ACTION, T.N
        made = np.stack([s.people / T.SCALE["person"] for s in _scenes(native, [plan] * n, range(n), steps)])
        real = world.animate([plan] * n, 3)
        true = real.people[:, : len(plan.people)] / T.SCALE["person"]
        ratios.append(made.std(0).mean() / max(true.std(0).mean(), 1e-6))
    return {"diversity": float(np.mean(ratios))}


def evaluate(path: Path, n: int = 300, seed: int = 900, steps: int = generate.MOTION_STEPS) -> dict:
    """All figures of a weights file."""
    torch.set_num_threads(1)
    native = generate.load(path)
    b = world.batch(4242, 3000, middle=0.0)
    judge = ActionJudge.learn([world.scene_of(b, i, i) for i in range(len(b.plans))])
    out: dict = {"weights_mb": round(path.stat().st_size / 1e6, 2), "step": native.about.get("step")}
    begun = time.perf_counter()
    for name, part in (
        ("attributes", lambda: attributes(native, n, seed)),
        ("motions", lambda: motions(native, judge, n, seed + 1, steps)),
        ("free", lambda: free_prompts(native, judge, seed, steps)),
        ("seams", lambda: seams(native, max(4, n // 20), seed + 2, steps)),
        ("diversity", lambda: diversity(native, 12, steps)),
    ):
        figures = part()
        print(
            name, json.dumps(figures, ensure_ascii=False), f"{time.perf_counter() - begun:.0f} s", flush=True
        )
        out |= figures
    begun = time.perf_counter()
    native.motion(T.Plan(), 5.0, 1, steps)
    out["sample_ms"] = round(1000 * (time.perf_counter() - begun))
    return {k: round(v, 4) if isinstance(v, float) else v for k, v in out.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, default=generate.WEIGHTS)
    parser.add_argument("-n", type=int, default=300, help="held-out prompts")
    parser.add_argument("--seed", type=int, default=900)
    args = parser.parse_args()
    print(json.dumps(evaluate(args.weights, args.n, args.seed), ensure_ascii=False))


if __name__ == "__main__":
    main()
