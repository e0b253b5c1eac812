"""Verdicts on what a person asks for: ALLOW, REVIEW (a person looks first) or REFUSE, with stage, rule,
evidence and a suggestion. Nothing is spent on a refusal.

Two judges read a prompt. The lists (`words.py`, `names.py`) read the letters and need nothing but this
process. The tuned encoders (`meaning.py`) read the sense and need the vector process; when that is down a
prompt that the lists let through is *not judged yet*, which is never "allowed": `Unjudged` is raised and
the generation waits in SCREENING. How strict they are is the operator's (`levels.py`), how good is measured
(`redteam/`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from django.conf import settings

from generation.refusals import PromptEmpty, PromptTooLong
from generation.screening import levels, meaning, words
from generation.screening.verdict import Outcome, Unjudged, Verdict

__all__ = [
    "MAX_PROMPT",
    "Outcome",
    "Unjudged",
    "Verdict",
    "begin_check",
    "check_shape",
    "judge_prompt",
]

MAX_PROMPT = settings.MAX_PROMPT_LENGTH
PATIENCE_S = 10.0  # others may be before it
_asking = ThreadPoolExecutor(8, "sense")  # waits for the vector process, and touches no database


def check_shape(prompt: str) -> str:
    """The prompt without outer blanks. Raises `PromptEmpty` or `PromptTooLong`, before anything is stored."""
    trimmed = "".join(c for c in prompt if c in "\n\t" or ord(c) >= 32).strip()
    if not any(c.isalnum() for c in trimmed):
        raise PromptEmpty()
    if len(trimmed) > MAX_PROMPT:
        raise PromptTooLong(len(trimmed), MAX_PROMPT)
    return trimmed


def judge_prompt(prompt: str, allowed_names: Iterable[str] = ()) -> Verdict:
    """The verdict of all judges at the operator's levels, the strictest one counting. `allowed_names`: names
    of the people who are cast (and of the maker), whom the name guard lets through. Raises `Unjudged` while
    the vectors are down."""
    verdict, sense = _read(prompt, allowed_names)
    return sense() if verdict is None else verdict


def begin_check(prompt: str, allowed_names: Iterable[str] = ()) -> Callable[[], Verdict | None]:
    """The same while somebody types, begun now: whoever calls what is returned waits for it. None says "not
    checked yet". Sense is asked of another process, and its answer is not waited for here."""
    prompt = prompt[:MAX_PROMPT]
    if not prompt.strip():
        return lambda: None
    verdict, sense = _read(prompt, allowed_names)
    if verdict is not None:
        return lambda: verdict
    asked = _asking.submit(sense)

    def found() -> Verdict | None:
        try:
            return asked.result(timeout=PATIENCE_S)
        except (Unjudged, TimeoutError):
            return None

    return found


def _read(prompt: str, allowed_names: Iterable[str]) -> tuple[Verdict | None, Callable[[], Verdict]]:
    """What the lists stop, if they do, and how to ask for the sense. Where they stop anything the letters
    suffice: sense holds at most, and there is no reason to wait for it."""
    strictness, allowed_names = levels.current(), list(allowed_names)
    verdict = words.judge(prompt, allowed_names, strictness, levels.added_names())
    sense = partial(meaning.judge, prompt, strictness, allowed_names=allowed_names)
    return None if verdict.outcome is Outcome.ALLOW else verdict, sense
