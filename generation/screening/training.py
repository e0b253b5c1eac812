"""Fitting the judge of sense and measuring it. Only `manage.py train_screening` and its test read this.

It is fitted on the examples and on the open part of the red-team set, so what it does to that part says
little. Three figures say more: each example judged by a head that has not seen it, by sense alone; each
prompt of the open part judged by lists and a head that has seen neither it nor its translation; and each lot
of the open part (a half that was sealed once) judged by lists and a head that was fitted without that lot.
The last one is nearest to what a stranger finds, and still too kind: whoever wrote lists and examples has
read all lots.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from generation.screening import head as heads
from generation.screening import meaning, normalise, redteam, words
from generation.screening.head import Array, Head
from generation.screening.words import CATEGORIES

EXAMPLES = Path(__file__).with_name("examples.txt")
FOLDS = 5
Embed = Callable[[Sequence[str]], Array]


def examples() -> tuple[list[str], list[int]]:
    """(sentences, what each is about: an index into `CATEGORIES`, or -1 for harmless)."""
    from cameos.topic_training import EXAMPLES as TOPICS
    from model.free_prompts import FREE
    from model.fresh_prompts import FRESH

    said: dict[str, int] = {}
    about = -1
    for line in EXAMPLES.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            about = -1 if line == "[harmless]" else CATEGORIES.index(line.strip("[]"))
        elif line and not line.startswith("#"):
            said.setdefault(normalise.as_read(line), about)
    everyday = json.loads(TOPICS.read_text())["none"]
    for prompt in (*everyday, *(prompt for prompt, _ in (*FREE, *FRESH))):
        said.setdefault(normalise.as_read(prompt), -1)
    return list(said), list(said.values())


def opened() -> tuple[list[redteam.Prompt], list[int]]:
    """The prompts of the open red-team set that sense can tell, and what each is about."""
    prompts = [prompt for prompt in redteam.read(redteam.OPEN) if prompt.category not in words.GUARDS]
    return prompts, [CATEGORIES.index(p.category) if p.expect == "block" else -1 for p in prompts]


def cross_validated(embed: Embed) -> dict[str, Any]:
    """Block and over-block of the open red-team set, each thought (in both languages) by a head that was
    fitted without it; and of each lot by a head that was fitted without that lot."""
    everyone = redteam.read(redteam.OPEN)
    fold = _folds(everyone)
    by_thought = _held_out(embed, [fold[_thought(prompt)] for prompt in everyone])
    by_lot = [redteam.figures(rows) for rows in _held_out(embed, lots(everyone))]
    found = redteam.figures(row for rows in by_thought for row in rows)
    told: dict[str, Any] = {name: value for name, value in found.items() if name != "rows"}
    return told | {"lots": [{name: lot[name] for name in ("block_rate", "over_block")} for lot in by_lot]}


def lots(prompts: Sequence[redteam.Prompt]) -> list[int]:
    """The number of the lot that each prompt came in: 0 was open from the start, 1 was sealed in round 1."""
    sizes = [sum(row.count for row in redteam.rows_of(kept)) for kept in redteam.rounds()]
    return np.repeat(range(len(sizes) + 1), [len(prompts) - sum(sizes), *sizes]).tolist()


def _held_out(embed: Embed, part: Sequence[int]) -> list[list[redteam.Row]]:
    """What lists and a head that has not seen it find in each part of the open set."""
    said, about = examples()
    everyone = redteam.read(redteam.OPEN)
    part_of = {prompt.id: number for prompt, number in zip(everyone, part, strict=True)}
    prompts, of = opened()
    rows = np.asarray(embed(said), np.float32)
    theirs = np.asarray(embed([meaning.parts_of(prompt.prompt)[0] for prompt in prompts]), np.float32)
    strictness = dict.fromkeys((*CATEGORIES, *words.GUARDS), "refuse")
    found = []
    for number in sorted(set(part)):
        seen = np.array([part_of[prompt.id] != number for prompt in prompts])
        head = heads.fit(np.concatenate([rows, theirs[seen]]), [*about, *np.asarray(of)[seen].tolist()])
        held_out = [prompt for prompt in everyone if part_of[prompt.id] == number]
        found.append(redteam.score(held_out, strictness, by=head))
    return found


def _thought(prompt: redteam.Prompt) -> str:
    """The same in both languages."""
    return prompt.id.partition("-")[2]


def _folds(prompts: Sequence[redteam.Prompt]) -> dict[str, int]:
    thoughts = sorted({_thought(prompt) for prompt in prompts})
    order = np.random.default_rng(0).permutation(len(thoughts))
    return {thought: int(place) % FOLDS for thought, place in zip(thoughts, order, strict=True)}


def measure(rows: Array, about: Sequence[int]) -> dict[str, Any]:
    """Cross-validated over the examples: of the harmful, those held; of the harmless, those held."""
    wanted = np.asarray(about)
    fold = np.random.default_rng(0).permutation(len(wanted)) % FOLDS
    scores = np.zeros(len(wanted))
    for number in range(FOLDS):
        fitted = heads.fit(rows[fold != number], wanted[fold != number].tolist())
        scores[fold == number] = fitted.scores(rows[fold == number])[0]
    held = scores >= heads.HOLD
    return {
        "examples": len(wanted),
        "harmful_held": round(float(held[wanted >= 0].mean()), 3),
        "harmless_held": round(float(held[wanted < 0].mean()), 3),
    }


def train(embed: Embed) -> tuple[Head, dict[str, Any]]:
    said, about = examples()
    prompts, of = opened()
    asked = [meaning.parts_of(prompt.prompt)[0] for prompt in prompts]
    rows = np.asarray(embed([*said, *asked]), np.float32)
    return heads.fit(rows, [*about, *of]), measure(rows[: len(said)], about)
