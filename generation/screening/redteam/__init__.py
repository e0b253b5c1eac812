"""How well the judges do on the red-team set, in English and Chinese: a part that whoever tunes may read, and
a sealed one that nobody read who tuned.

    open.jsonl           what may be read: whatever was scored before
    sealed.sha256        the hash of the half that nobody who tunes has seen, committed before it is scored
    sealed.jsonl         that half, added when it was scored
    sealed_result.json   the result of that one scoring, with the hash of the set and the commit
    round-N.json         results of halves that were scored before, and are in `open.jsonl` since

    seal(file) -> tune -> break_seal(file) -> open_up() -> the next round

*Block* is a refusal or a hold of what should be blocked, *over-block* either of what should pass.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generation.screening import meaning, words
from generation.screening.names import Name
from generation.screening.verdict import Outcome, Verdict

HERE = Path(__file__).parent
OPEN, SEALED = HERE / "open.jsonl", HERE / "sealed.jsonl"
SEAL, RESULT = HERE / "sealed.sha256", HERE / "sealed_result.json"


class Broken(Exception):
    """The seal does not fit, or was broken before."""


@dataclass(frozen=True)
class Prompt:
    """`expect`: block or pass; `category`: the harm, real_person or character; empty for what should pass."""

    id: str
    language: str
    kind: str
    category: str
    expect: str
    prompt: str


@dataclass(frozen=True)
class Row:
    """One line of the result: a category (or kind, of what should pass) in one language."""

    language: str
    name: str
    expect: str
    count: int
    refused: int
    held: int

    @property
    def stopped(self) -> float:
        return (self.refused + self.held) / self.count


def read(path: Path) -> list[Prompt]:
    lines = path.read_text(encoding="utf-8").split("\n")
    return [Prompt(**json.loads(line)) for line in lines if line.strip()]


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def sealed_hash() -> str:
    """Of the half that waits, or was scored last; empty between rounds."""
    return SEAL.read_text().split()[0] if SEAL.exists() else ""


def stored_result() -> dict[str, Any]:
    """What the sealed half got, or nothing while its seal is whole."""
    return dict(json.loads(RESULT.read_text())) if RESULT.exists() else {}


def rounds() -> list[dict[str, Any]]:
    """What earlier halves got, the first round first."""
    return [dict(json.loads(path.read_text())) for path in sorted(HERE.glob("round-*.json"))]


def judge(
    prompt: str, strictness: Mapping[str, str], more: Iterable[Name] = (), by: meaning.Scorer | None = None
) -> Verdict:
    """What a maker who casts nobody would be told; `by` another judge of sense than the shipped one. Raises
    `Unjudged` while the vectors are down."""
    verdict = words.judge(prompt, (), strictness, list(more))
    if verdict.outcome is Outcome.REFUSE:
        return verdict
    return max(verdict, meaning.judge(prompt, strictness, by), key=lambda v: v.outcome.strictness)


def score(
    prompts: Iterable[Prompt],
    strictness: Mapping[str, str],
    more: Iterable[Name] = (),
    by: meaning.Scorer | None = None,
) -> list[Row]:
    counts: dict[tuple[str, str, str], list[int]] = {}
    names = list(more)
    for prompt in prompts:
        key = (prompt.language, prompt.category or prompt.kind, prompt.expect)
        count = counts.setdefault(key, [0, 0, 0])
        outcome = judge(prompt.prompt, strictness, names, by).outcome
        count[0] += 1
        count[1] += outcome is Outcome.REFUSE
        count[2] += outcome is Outcome.REVIEW
    return [Row(*key, *count) for key, count in sorted(counts.items())]


def figures(rows: Iterable[Row]) -> dict[str, Any]:
    """The rates, overall and by language, and the rows that they are of."""
    rows = list(rows)
    found: dict[str, Any] = {}
    for language in ("", "en", "zh"):
        mine = [row for row in rows if not language or row.language == language]
        end = f"_{language}" if language else ""
        found[f"block_rate{end}"] = _rate(row for row in mine if row.expect == "block")
        found[f"over_block{end}"] = _rate(row for row in mine if row.expect == "pass")
    return found | {"rows": [vars(row) for row in rows]}


def rows_of(kept: Mapping[str, Any]) -> list[Row]:
    return [Row(**row) for row in kept.get("rows", [])]


def lines(kept: Mapping[str, Any]) -> Iterator[str]:
    """The figures as a table to print."""
    yield f"{'':12} {'':10} {'':6} {'of':>4} {'refused':>8} {'held':>5} {'stopped':>8}"
    for row in rows_of(kept):
        yield (
            f"{row.name:12} {row.language:10} {row.expect:6} {row.count:4d} {row.refused:8d} {row.held:5d}"
            f" {row.stopped:8.3f}"
        )
    for name, value in kept.items():
        if name.startswith(("block_rate", "over_block")):
            yield f"{name} {value:.4f}"


def seal(file: Path) -> str:
    """Write down the hash of a half that nobody who tunes has seen. Raises `Broken` where another one waits
    or was not opened up yet, or where it repeats what is open."""
    if SEAL.exists():
        raise Broken("There is a sealed half already: score it, then open it up.")
    known = {prompt.prompt for prompt in read(OPEN)}
    if not (found := read(file)) or any(prompt.prompt in known for prompt in found):
        raise Broken("This half is empty, or repeats prompts that are open.")
    SEAL.write_text(f"{sha256(file)}  {SEALED.name}\n")
    return sealed_hash()


def open_up() -> None:
    """A half that was scored may be read from now on: it joins the open part, and its result stays. Raises
    `Broken` before it was scored."""
    if not (RESULT.exists() and SEALED.exists()):
        raise Broken("This half was not scored yet.")
    with OPEN.open("ab") as file:
        file.write(SEALED.read_bytes())
    RESULT.rename(HERE / f"round-{len(rounds()) + 1}.json")
    SEALED.unlink()
    SEAL.unlink()


def break_seal(file: Path, *, commit: str, on: str) -> dict[str, Any]:
    """Score the sealed half, once: at the shipped levels, written to `RESULT`, the half laid beside it.
    Raises `Broken` where the file is another one or a score is there already."""
    if RESULT.exists():
        raise Broken("This half was scored already. A new score needs a new sealed half.")
    if sha256(file) != sealed_hash():
        raise Broken("This is not the file that was sealed.")
    strictness = dict.fromkeys((*words.CATEGORIES, *words.GUARDS), "refuse")
    kept = figures(score(read(file), strictness))
    kept = {"set_sha256": sealed_hash(), "commit": commit, "on": on, "levels": "as shipped"} | kept
    SEALED.write_bytes(file.read_bytes())
    RESULT.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return kept


def _rate(rows: Iterable[Row]) -> float:
    count = stopped = 0
    for row in rows:
        count, stopped = count + row.count, stopped + row.refused + row.held
    return round(stopped / count, 4) if count else 0.0
