"""Measures the native engine: `python -m model.evaluate`. The last line is one JSON object.

Every figure stands beside the simulator's own (the ceiling) and, for words, the majority's guess.
Plans and captions are of held-out combinations of place and action, which training never saw."""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import torch

from model import generate
from model.batches import plans_for, windows_for
from model.evaluate_prompts import free_prompts
from model.evaluate_verbs import diversity, edits, seams, ways
from model.judge import ActionJudge, flights, foot_slide, jerk, restitutions
from model.scene import tracks as T
from model.scene import world
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


def shows(plan: T.Plan, key: str, value: str, said: dict[str, str]) -> bool:
    """Does a plan have what a caption named? Things have no order: a ball may stand in any place."""
    if key[:-1] == "prop":
        return any(q.kind == value for q in plan.props)
    if key[:-1] == "prop_colour" and f"prop{key[-1]}" in said:
        kind = said[f"prop{key[-1]}"]
        return any(q.kind == kind and q.colour == value for q in plan.props)
    return said_of(plan, key) == value


CORE = ("place", "time", "weather", "camera", "action", "top", "people", "prop")


def attributes(native: generate.Native, judge: ActionJudge, n: int, seed: int, steps: int) -> dict:
    """Share of the fields named in captions of held-out combinations that clips get right: of the
    engine as it ships, and (alone_) of the network's first draw without any help. An action counts only
    if the judge sees it in the motion (of people who do one thing all along)."""
    r = Random(seed)  # seeded, no secret  # nosec B311
    plans = _held_out_plans(r, n)
    told = [tell(plan, r, chinese=i % 2 == 1) for i, plan in enumerate(plans)]
    prompts = [text for text, _ in told]
    majority = _majorities(told, plans)
    guess = [majority[key] == value for _, said in told for key, value in said.items()]
    out: dict = {"attr_majority_guess": float(np.mean(guess))}
    for prefix, heed in (("", True), ("alone_", False)):
        got = plans_for(native, prompts, list(range(n)), heed)
        made = [steady(s) for s in windows_for(native, got, range(n), steps)] if heed else []
        right: dict[str, list[bool]] = defaultdict(list)
        by_language: dict[int, list[bool]] = defaultdict(list)
        for i, (_, said) in enumerate(told):
            for key, value in said.items():
                ok = shows(got[i], key, value, said)
                if made and ok and key[:-1] == "action":
                    ok = _moves_so(made[i], int(key[-1]), value, judge)
                right[key.rstrip("012")].append(ok)
                by_language[i % 2].append(ok)
        every = [ok for oks in right.values() for ok in oks]
        out |= {
            f"{prefix}attr_accuracy": float(np.mean([np.mean(right[k]) for k in CORE])),
            f"{prefix}attr_all_fields": float(np.mean(every)),
            f"{prefix}attr_english": float(np.mean(by_language[0])),
            f"{prefix}attr_chinese": float(np.mean(by_language[1])),
            f"{prefix}attr_by_field": {k: round(float(np.mean(v)), 3) for k, v in sorted(right.items())},
        }
    return out


def _held_out_plans(r: Random, n: int) -> list[T.Plan]:
    plans: list[T.Plan] = []
    while len(plans) < n:
        plan = invent(r, True)
        if held_out(plan.world.place, plan.people[0].action):
            plans.append(plan)
    return plans


def _moves_so(scene: T.Scene, person: int, action: str, judge: ActionJudge) -> bool:
    if scene.plan.people[person].then != T.NO_ACTION:
        return True  # the plan has the action; the judge knows only clips of one
    return judge.judge(scene, person) == action


def _majorities(told: list[tuple[str, dict[str, str]]], plans: list[T.Plan]) -> dict[str, str]:
    counts: dict[str, Counter] = defaultdict(Counter)
    for _, said in told:
        for key, value in said.items():
            counts[key][value] += 1
    return {key: counter.most_common(1)[0][0] for key, counter in counts.items()}


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
    r = Random(seed)  # seeded, no secret  # nosec B311
    plans = _held_out_plans(r, n)
    for plan in plans:
        for person in plan.people:
            person.then, person.switch = T.NO_ACTION, T.N
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
    made = windows_for(native, plans, range(len(plans)), steps)
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
    out["raw_jerk_ratio"] = out["raw_jerk"] / out["sim_jerk"]
    if out["restitution"] is not None:
        out["restitution_error"] = abs(out["restitution"] - T.RESTITUTION) / T.RESTITUTION
    wrong = Counter((s.plan.people[0].action, judge.judge(s, 0)) for s in made[:n])
    out["confused"] = [f"{a}>{b} {c}" for (a, b), c in wrong.most_common() if a != b][:12]
    return out


def learned_judge(clips: int = 3000) -> ActionJudge:
    """A judge of actions who has seen so many simulated clips."""
    b = world.batch(4242, clips, middle=0.0)
    return ActionJudge.learn([world.scene_of(b, i, i) for i in range(len(b.plans))])


def evaluate(path: Path, n: int = 300, seed: int = 900, steps: int = generate.MOTION_STEPS) -> dict:
    """All figures of a weights file."""
    torch.set_num_threads(1)
    native = generate.load(path)
    judge = learned_judge()
    out: dict = {"weights_mb": round(path.stat().st_size / 1e6, 2), "step": native.about.get("step")}
    begun = time.perf_counter()
    for name, part in (
        ("attributes", lambda: attributes(native, judge, n, seed, steps)),
        ("motions", lambda: motions(native, judge, n, seed + 1, steps)),
        ("free", lambda: free_prompts(native, judge, seed, steps, None if n >= 150 else n)),
        ("seams", lambda: seams(native, max(4, n // 20), seed + 2, steps)),
        ("bridges", lambda: ways(native, n, seed + 4, steps)),
        ("edits", lambda: edits(native, max(16, n // 5), seed + 3, steps)),
        ("diversity", lambda: diversity(native, 12, steps)),
    ):
        figures = part()
        took = f"{time.perf_counter() - begun:.0f} s"
        print(name, json.dumps(figures, ensure_ascii=False), took, flush=True)
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
