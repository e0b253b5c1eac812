"""Verdicts on what a person asks for: ALLOW, REVIEW (a person looks first) or REFUSE, with stage, rule,
evidence and a suggestion. Nothing is spent on a refusal.

Two judges read a prompt. The lists (`words.py`, `names.py`) read the letters and need nothing but this
process. The vectors (`meaning.py`) read the sense and need the vector process; when that is down a prompt
that the lists let through is *not judged yet*, which is never "allowed": `Unjudged` is raised and the
generation waits in SCREENING. How strict they are is the operator's (`levels.py`), how good is measured
(`redteam/`).
"""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings

from generation.refusals import PromptEmpty, PromptTooLong
from generation.screening import levels, meaning, words
from generation.screening.verdict import Outcome, Unjudged, Verdict

__all__ = ["MAX_PROMPT", "Outcome", "Unjudged", "Verdict", "check_shape", "judge_prompt", "pre_check"]

MAX_PROMPT = settings.MAX_PROMPT_LENGTH


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
    strictness = levels.current()
    verdict = words.judge(prompt, allowed_names, strictness, levels.added_names())
    if verdict.outcome is Outcome.REFUSE:
        return verdict  # The letters suffice; no reason to wait for the vectors.
    return max(verdict, meaning.judge(prompt, strictness), key=lambda v: v.outcome.strictness)


def pre_check(prompt: str, allowed_names: Iterable[str] = ()) -> Verdict | None:
    """The same while somebody types: None says "not checked yet"."""
    if not prompt.strip():
        return None
    try:
        return judge_prompt(prompt[:MAX_PROMPT], allowed_names)
    except Unjudged:
        return None
