"""How well prompts in free wording are followed: the 300 of `free_prompts` and `fresh_prompts`."""

from __future__ import annotations

from random import Random

import numpy as np

from model.batches import plans_for, windows_for
from model.free_prompts import FREE, UNKNOWN
from model.fresh_prompts import FRESH, FRESH_UNKNOWN
from model.generate import Native
from model.judge import ActionJudge
from model.scene import tracks as T
from model.scene import words
from model.scene.steady import steady

ASKS = dict((*FREE, *FRESH))
WORLD = ("place", "time", "weather", "camera", "style")


def asked(prompt: str) -> dict[str, str]:
    """section -> name of what a free prompt asks for, by hand."""
    return dict(w.split(":") for w in ASKS[prompt].split())


def fits(scene: T.Scene, asks: dict[str, str], judge: ActionJudge) -> dict[str, bool]:
    """What is asked, and whether this scene shows it; the action is judged from the motion."""
    plan, ok = scene.plan, {}
    for section, name in asks.items():
        if section in WORLD:
            ok[section] = getattr(plan.world, section) == name
        elif section == "kind":
            ok[section] = any(p.kind == name for p in plan.people)
        elif section == "top":
            ok[section] = any(p.top == name for p in plan.people)
        elif section == "people":
            ok[section] = len(plan.people) == int(name)
        elif section == "act":
            ok[section] = any(judge.judge(scene, i) == name for i in range(len(plan.people)))
        elif section == "prop":
            ok[section] = any(q.kind == name for q in plan.props)
        elif section == "prop_colour":
            ok[section] = any(q.colour == name for q in plan.props)
    return ok


def free_prompts(native: Native, judge: ActionJudge, seed: int, steps: int, n: int | None = None) -> dict:
    """Share of what unseen prompts ask for that their clips show, and the four-way test: does the judge
    pick the prompt a clip was made from among four? `n`: only so many prompts, evenly drawn."""
    prompts = list(ASKS)[:: max(1, len(ASKS) // n) if n else 1]
    plans = plans_for(native, prompts, [seed + i for i in range(len(prompts))])
    scenes = [steady(s) for s in windows_for(native, plans, range(seed, seed + len(prompts)), steps)]
    shown = [fits(s, asked(p), judge) for s, p in zip(scenes, prompts, strict=True)]
    shares = {p: float(np.mean(list(ok.values()))) for p, ok in zip(prompts, shown, strict=True)}
    r, picks = Random(seed), []  # seeded, no secret  # nosec B311
    for scene, prompt in zip(scenes, prompts, strict=True):
        others = r.sample([p for p in prompts if asked(p) != asked(prompt)], 3)
        rivals = [np.mean(list(fits(scene, asked(p), judge).values())) for p in others]
        picks.append(shares[prompt] > max(rivals))
    mean = lambda some: float(np.mean(some)) if some else None  # noqa: E731
    fresh = {p for p, _ in FRESH}
    told = [any(w in u for u in words.unknown_words(p)) for p, w in (*UNKNOWN, *FRESH_UNKNOWN)]
    by: dict[str, list[bool]] = {}
    for ok in shown:
        for section, right in ok.items():
            by.setdefault(section, []).append(right)
    return {
        "free_prompt_accuracy": mean(list(shares.values())),
        "free_english": mean([s for p, s in shares.items() if not words.is_chinese(p)]),
        "free_chinese": mean([s for p, s in shares.items() if words.is_chinese(p)]),
        "free_fresh": mean([s for p, s in shares.items() if p in fresh]),
        "free_prompts": len(prompts),
        "free_by_section": {s: round(float(np.mean(oks)), 3) for s, oks in sorted(by.items())},
        "four_way": f"{sum(picks)}/{len(picks)}",
        "unknown_told": mean(told),
        "unknown_prompts": len(told),
    }
