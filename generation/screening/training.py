"""Fitting the judge of sense and measuring it. Only `manage.py train_screening` and its test read this.

It is tuned on the examples, on the open part of the red-team set, and on `redteam/lots/`: prompts by authors
who saw neither rules nor examples nor one another, a file each. What it does to those says nothing. The
figures that are kept with it are of prompts whose whole lots (all that their authors wrote) another judge of
the same recipe was tuned without. `redteam/unseen/` holds lots that nothing which ships was tuned on; a test
scores them. Only the lists were widened by somebody who had read them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from generation.screening import head as heads
from generation.screening import meaning, normalise, redteam
from generation.screening.head import KINDS, Array, Head
from generation.screening.verdict import Outcome

if TYPE_CHECKING:
    from model.packed_encoder import Packed
    from model.sense_training import Judge, Recipe

EXAMPLES = Path(__file__).with_name("examples.txt")
LOTS, UNSEEN = redteam.HERE / "lots", redteam.HERE / "unseen"
HARMLESS = len(KINDS)


@dataclass(frozen=True)
class Told:
    """A text, what it is about (an index into `KINDS`, or `HARMLESS`), and the lot it came in ("" for the
    examples)."""

    text: str
    kind: int
    lot: str


def examples() -> tuple[list[str], list[int]]:
    """(sentences, what each is about)."""
    from cameos.topic_training import EXAMPLES as TOPICS
    from model.free_prompts import FREE
    from model.fresh_prompts import FRESH

    said: dict[str, int] = {}
    about = HARMLESS
    for line in EXAMPLES.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            about = HARMLESS if line == "[harmless]" else KINDS.index(line.strip("[]"))
        elif line and not line.startswith("#"):
            said.setdefault(normalise.as_read(line), about)
    everyday = json.loads(TOPICS.read_text())["none"]
    for prompt in (*everyday, *(prompt for prompt, _ in (*FREE, *FRESH))):
        said.setdefault(normalise.as_read(prompt), HARMLESS)
    return list(said), list(said.values())


def lots() -> dict[str, list[redteam.Prompt]]:
    """Prompts by lot: those of the open part by the round they were sealed in ("0" was open from the start),
    and each author's."""
    opened = redteam.read(redteam.OPEN)
    sizes = [sum(row.count for row in redteam.rows_of(kept)) for kept in redteam.rounds()]
    borders = np.cumsum([len(opened) - sum(sizes), *sizes]).tolist()
    found = {
        str(number): opened[start:end]
        for number, (start, end) in enumerate(zip([0, *borders], borders, strict=False))
    }
    return found | {path.stem: redteam.read(path) for path in sorted(LOTS.glob("*.jsonl"))}


def unseen() -> list[redteam.Prompt]:
    """The lots that nothing which ships was tuned on."""
    return [prompt for path in sorted(UNSEEN.glob("*.jsonl")) for prompt in redteam.read(path)]


def told() -> Iterator[Told]:
    """Everything that it is tuned on, each text once."""
    known: set[str] = set()
    for lot, prompts in lots().items():
        for prompt in prompts:
            text = meaning.parts_of(prompt.prompt)[0]
            if text not in known:
                known.add(text)
                blocked = prompt.expect == "block"
                yield Told(text, KINDS.index(prompt.category) if blocked else HARMLESS, lot)
    for text, kind in zip(*examples(), strict=True):
        if text not in known:
            yield Told(text, kind, "")


@dataclass(frozen=True)
class Bench:
    """What tuning needs: the packed encoder to begin from, how, where, a seed for each encoder, and whom to
    tell."""

    base: Packed
    recipe: Recipe
    device: str
    seeds: Sequence[int]
    say: Callable[[str], object]


def tuned(on: Bench, without: Sequence[str] = ()) -> list[Judge]:
    """A judge for each seed, tuned on all but the lots `without`."""
    import torch

    from model import sense
    from model.packed_encoder import Tokeniser
    from model.sense_training import Judge, tune

    texts = [one for one in told() if one.lot not in without]
    tokenise, size = Tokeniser(on.base), on.base.size
    lines, kinds = [tokenise(one.text) for one in texts], [one.kind for one in texts]
    words = torch.tensor(on.base.tensor("emb.word").reshape(size.words, -1), dtype=torch.float16)
    _, _, padding, unknown = on.base.specials
    judges = []
    for seed in on.seeds:
        judge = Judge(sense.Encoder(size, on.base.layers(), words), len(KINDS) + 1).to(on.device)
        tune(
            judge, lines, kinds, recipe=on.recipe, padding=padding, unknown=unknown, seed=seed, say=on.say
        )  # fmt: skip
        judges.append(judge)
    return judges


def scorer(base: Packed, judges: Sequence[Judge]) -> meaning.Scorer:
    """What several judges make of texts, in the mean."""
    from model.packed_encoder import Tokeniser
    from model.sense_training import scores

    tokenise = Tokeniser(base)

    def judged(texts: list[str]) -> Array:
        lines = [tokenise(text) for text in texts]
        return np.mean([scores(judge, lines, base.specials[2]) for judge in judges], axis=0)

    return judged


def held_out(on: Bench, apart: Sequence[str]) -> list[tuple[redteam.Prompt, bool]]:
    """Each prompt of the lots `apart`, and whether lists and judges that were tuned without them stop it."""
    by = scorer(on.base, tuned(on, apart))
    strictness = dict.fromkeys(KINDS, "refuse")
    return [
        (prompt, redteam.judge(prompt.prompt, strictness, by=by).outcome is not Outcome.ALLOW)
        for lot, prompts in lots().items()
        if lot in apart
        for prompt in prompts
    ]


def ship(on: Bench, figures: dict[str, Any]) -> None:
    """Tune on everything, and write what ships."""
    judges = tuned(on)
    heads.save(together(judges), [judge.encoder.changed() for judge in judges], figures, on.base.raw)


def together(judges: Sequence[Judge]) -> Head:
    """The heads of several judges."""
    return Head(
        np.stack([judge.head.weight.detach().float().cpu().numpy().T for judge in judges]),
        np.stack([judge.head.bias.detach().float().cpu().numpy() for judge in judges]),
    )


def measured(found: Sequence[tuple[redteam.Prompt, bool]]) -> dict[str, Any]:
    """The figures to keep, of held-out prompts and whether each was stopped."""
    rows = [
        redteam.Row(prompt.language, prompt.category or prompt.kind, prompt.expect, 1, 0, int(stopped))
        for prompt, stopped in found
    ]
    figures = {name: value for name, value in redteam.figures(rows).items() if name != "rows"}
    return figures | {"held_out": len(rows), "lots": list(lots()), "kept_with": heads.HOLD}
