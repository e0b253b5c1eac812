"""What a verification recording is asked to contain, and how long each part of it takes.

Drawn by the server from the system's randomness, used once. The numbers of `Asked` are stored in the
`Challenge` row; the steps are computed from them, so that page, recorder and check read one list.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from random import Random
from typing import TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

T = TypeVar("T")

START_WITHIN = timedelta(seconds=60)
UPLOAD_WITHIN = timedelta(hours=24)

MOVEMENTS_ASKED = (2, 4)
# Three different digits each: fewer say too little about a voice, and about whose lips said it.
NUMBERS_ASKED, NUMBERS = 3, tuple(n for n in range(100, 1000) if len(set(str(n))) == 3)
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
# The check looks at nothing in the first and last second: shutter clicks and a hand at the mouse.
IGNORED_S = 1.0


class Movement(StrEnum):
    """Seen from the person: LEFT is their own left."""

    LEFT = "left"
    RIGHT = "right"
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True)
class Asked:
    """The drawn part of a challenge."""

    movements: tuple[Movement, ...]
    numbers: tuple[int, ...]

    @classmethod
    def of(cls, movements: Sequence[str], numbers: Sequence[int]) -> Asked:
        """What a `Challenge` row keeps."""
        return cls(tuple(Movement(m) for m in movements), tuple(int(n) for n in numbers))

    @property
    def digits(self) -> str:
        """The numbers as they are spoken: digit by digit, without pauses that matter."""
        return "".join(str(number) for number in self.numbers)


@dataclass(frozen=True)
class Step:
    """One thing to do while recording: what kind, for how long, and the number to say if it is one."""

    kind: str
    seconds: float
    number: int | None = None

    @property
    def sentence(self) -> str:
        """What to do, for eye and ear, in the reader's language."""
        return str(SENTENCES[self.kind]) % {"number": "" if self.number is None else _aloud(self.number)}


SENTENCES: dict[str, Promise | str] = {
    "rest": _("Look straight into the camera and keep still."),
    Movement.LEFT: _("Turn your head to your left, then back to the middle."),
    Movement.RIGHT: _("Turn your head to your right, then back to the middle."),
    Movement.UP: _("Lift your chin and look up, then back to the middle."),
    Movement.DOWN: _("Lower your chin and look down, then back to the middle."),
    "blink": _("Close both eyes for a moment, then open them."),
    "say": _("Say this number aloud, in English, digit by digit: %(number)s"),
    "end": _("Look straight into the camera. Almost done."),
}

_SECONDS = {"rest": 2.0, "blink": 2.0, "end": 2.0}
_MOVEMENT_S = 2.5
DIGIT_S = 1.2
_NUMBER_EXTRA_S = 0.5


def draw(rng: Random | None = None) -> Asked:
    """A fresh challenge. Neighbouring movements and numbers differ, so that each can be told apart."""
    rng = rng or secrets.SystemRandom()
    count = rng.randint(*MOVEMENTS_ASKED)
    return Asked(
        movements=tuple(_without_repeats(rng, list(Movement), count)),
        numbers=tuple(_without_repeats(rng, list(NUMBERS), NUMBERS_ASKED)),
    )


def steps(asked: Asked) -> list[Step]:
    """The recording from start to end, in order."""
    return [
        _still("rest"),
        *(Step(movement.value, _MOVEMENT_S) for movement in asked.movements),
        _still("blink"),
        *(Step("say", DIGIT_S * len(str(n)) + _NUMBER_EXTRA_S, n) for n in asked.numbers),
        _still("end"),
    ]


def seconds(asked: Asked) -> float:
    """How long the recording takes."""
    return sum(step.seconds for step in steps(asked))


def _aloud(number: int) -> str:
    """As it is to be said: "4 1 7 (four one seven)"."""
    digits = str(number)
    return f"{' '.join(digits)} ({' '.join(WORDS[int(digit)] for digit in digits)})"


def _still(kind: str) -> Step:
    return Step(kind, _SECONDS[kind])


def _without_repeats(rng: Random, choices: Sequence[T], count: int) -> list[T]:
    drawn: list[T] = []
    while len(drawn) < count:
        drawn.append(rng.choice([c for c in choices if not drawn or c != drawn[-1]]))
    return drawn
