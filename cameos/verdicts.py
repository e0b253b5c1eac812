"""The words of a check: outcomes, reasons, and the verdict with its numbers. Light: web reads it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # Both load what looks at pictures.
    from cameos.likenesses import Likeness
    from cameos.spoofs import Fingerprint


class Outcome(StrEnum):
    VERIFIED = "verified"
    RETRY = "retry"
    REVIEW = "review"


class Reason(StrEnum):
    """Why not; the sentences stand in `capture_words.py`."""

    TOO_SHORT = "too_short"
    CHOPPY = "choppy"
    NO_FACE = "no_face"
    TWO_FACES = "two_faces"
    FACE_TOO_SMALL = "face_too_small"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    BLURRED = "blurred"
    CUT = "cut"
    OTHER_PERSON = "other_person"
    WRONG_MOVEMENTS = "wrong_movements"
    NO_BLINK = "no_blink"
    NO_SOUND = "no_sound"
    SILENT = "silent"
    CLIPPED = "clipped"
    LIPS_UNSEEN = "lips_unseen"
    LIPS_STILL = "lips_still"
    LIPS_FAINT = "lips_faint"
    LIPS_APART = "lips_apart"
    WRONG_NUMBERS = "wrong_numbers"
    VOICE_CHANGES = "voice_changes"
    SEEN_BEFORE = "seen_before"
    NEVER_ME = "never_me"
    LIKE_ANOTHER = "like_another"
    LOOKS_FLAT = "looks_flat"
    LOOKS_LIKE_A_SCREEN = "looks_like_a_screen"
    FRAMED = "framed"


# Signals too weak to refuse anybody: they only ask for a human. Twins look like another.
WEAK = frozenset(
    {
        Reason.LOOKS_FLAT,
        Reason.LOOKS_LIKE_A_SCREEN,
        Reason.FRAMED,
        Reason.LIKE_ANOTHER,
        Reason.VOICE_CHANGES,
        Reason.LIPS_FAINT,
        Reason.LIPS_APART,
    }
)


@dataclass(frozen=True)
class Check:
    """One check's number, the threshold it was held against, and whether it held."""

    reason: Reason
    value: float | str
    threshold: float | str
    ok: bool


@dataclass(frozen=True)
class CaptureVerdict:
    outcome: Outcome
    reasons: tuple[Reason, ...]
    checks: tuple[Check, ...]
    fingerprint: Fingerprint | None = field(default=None, repr=False)
    likeness: Likeness | None = field(default=None, repr=False)

    @property
    def numbers(self) -> dict[str, dict[str, float | str | bool]]:
        """Every check's number and threshold, as they are kept."""
        return {c.reason.value: {"value": c.value, "threshold": c.threshold, "ok": c.ok} for c in self.checks}
