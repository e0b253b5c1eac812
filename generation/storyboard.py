"""Shots of a storyboard: their words, lengths, people, cameras and lines, and one of them again (retake)."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from generation import explaining, script, speakers
from generation.asked import LONGEST_S, Settled, as_list, check_lines, number, too_long
from generation.asked import speakers as names_of
from generation.engines import cloning
from generation.models import Clip
from generation.refusals import CannotMake

MOST_SHOTS, SHOT_S = 12, (2, 20)
# How a shot is filmed and how it begins; "" is as the words say, and going on from the last pictures.
CAMERAS = ("", "static", "pan", "zoom_in", "zoom_out", "follow", "orbit", "handheld", "crane")
BEGINNINGS = ("", "cut", "fade")
NAME = 40  # of who speaks, and of their key


def told(shots: list[dict[str, Any]], more: dict[str, Any]) -> Settled:
    seconds = sum(shot["seconds"] for shot in shots)
    if seconds > LONGEST_S:
        raise too_long(seconds, LONGEST_S)
    words = " ".join(f"{n}. {_words(shot)}" for n, shot in enumerate(shots, 1))
    words += names_of(line.get("name", "") for shot in shots for line in shot.get("lines", ()))
    drawn = " ".join(f"{n}. {shot['prompt']}" for n, shot in enumerate(shots, 1))
    lines = [line["text"] for shot in shots for line in shot.get("lines", ())]
    unsaid = bool(lines) and not _is_spoken_here(lines)
    more = more | ({"voice": "none", "silent": "language"} if unsaid else {})
    return Settled(words, seconds, {"shots": shots} | more, drawn)


def _is_spoken_here(lines: Sequence[str]) -> bool:
    """Whether a voice of this host speaks the language of these lines."""
    if explaining.is_read_as_english(lines):
        return True
    voice = cloning.installed()
    return voice is not None and explaining.language(" ".join(lines)) in voice.can.languages


def retake(clip: Clip, how: Mapping[str, Any]) -> Settled:
    """One shot of a storyboard again: with another seed, and where they are given, other words, length,
    cast, camera and beginning. Whose storyboard it is, is asked by `actions`."""
    made_by: Any = getattr(clip, "generation", None)
    shots = [dict(shot) for shot in made_by.how.get("shots", [])] if made_by and made_by.is_board else []
    index = int(number(how.get("shot", 0), "shot"))
    if not 0 <= index < len(shots):
        raise CannotMake(_("This clip has no such shot."), code="shot_unknown")
    asked_before = as_list(how.get("shots"))  # a retake that is tried again says what it was
    given = how.get("take") or (asked_before[index] if index < len(asked_before) else None)
    old = shots[index]
    new = _shot(old | dict(given)) if isinstance(given, Mapping) else dict(old)
    new["seed"] = int(number(how.get("seed") or _seed_after(old), "seed"))
    for turn, shot in enumerate(shots):
        shot.setdefault("seed", made_by.seed + turn)
    shots[index] = new
    new_words = any(new.get(name) != old.get(name) for name in ("prompt", "cast"))
    new_cast = {"new_cast": True} if (new.get("cast") or []) != (old.get("cast") or []) else {}
    return told(shots, {"shot": index, "new_words": new_words} | new_cast | voices(made_by.how))


def voices(how: Mapping[str, Any]) -> dict[str, str]:
    """In whose voices the lines of a storyboard are said; what was silent for its language is asked anew."""
    voice = "" if how.get("silent") else str(how.get("voice") or "")
    if voice not in speakers.WISHES:
        raise CannotMake(_("There is no such voice."), code="voice_unknown")
    return {"voice": voice} if voice else {}


def _seed_after(shot: Mapping[str, Any]) -> int:
    return random.Random(str(shot.get("seed", shot["prompt"]))).randint(1, 2**31 - 1)  # seeded, no secret  # nosec B311


def shots_of(given: Any) -> list[dict[str, Any]]:
    rows = [shot if isinstance(shot, Mapping) else {"prompt": str(shot)} for shot in as_list(given)]
    shots = [_shot(row) for row in rows if str(row.get("prompt", "")).strip()]
    if len(shots) < 2:
        raise CannotMake(
            _("A storyboard has at least two shots."),
            _("Write one sentence a line; each line is a shot."),
            code="shots_missing",
        )
    check_count(shots)
    return shots


def check_count(shots: Sequence[Any]) -> None:
    """Raises `CannotMake` for more shots than a storyboard has."""
    if len(shots) > MOST_SHOTS:
        raise CannotMake(
            _("A storyboard has at most %(most)d shots.") % {"most": MOST_SHOTS}, code="shots_too_many"
        )


def _shot(row: Mapping[str, Any]) -> dict[str, Any]:
    """One shot as it stands in `how`; what says nothing is left out."""
    low, high = SHOT_S
    seconds = number(row.get("seconds", 5), "seconds")
    if not low <= seconds <= high:
        raise CannotMake(
            _("A shot lasts %(low)d to %(high)d seconds.") % {"low": low, "high": high}, code="shot_length"
        )
    shot: dict[str, Any] = {"prompt": str(row.get("prompt", "")).strip(), "seconds": int(seconds)}
    camera, begin = str(row.get("camera") or ""), str(row.get("begin") or "")
    if camera not in CAMERAS or begin not in BEGINNINGS:
        raise CannotMake(_("This engine does not know that camera or transition."), code="shot_unknown")
    cast = [str(key)[:40] for key in as_list(row.get("cast"))][:8]
    lines = _lines(row.get("lines"), shot["seconds"])
    said = {"camera": camera, "begin": begin, "cast": cast, "seed": row.get("seed"), "lines": lines}
    return shot | {name: value for name, value in said.items() if value}


def _lines(given: Any, seconds: int) -> list[dict[str, str]]:
    """What is said in a shot. Raises `CannotMake` for more than can be said in it."""
    rows = [
        {name: str(line.get(name) or "").strip() for name in ("who", "name", "text")}
        for line in as_list(given)
        if isinstance(line, Mapping)
    ]
    lines = [
        line | {name: line[name][:NAME].strip() for name in ("who", "name")} for line in rows if line["text"]
    ]
    check_lines([line["text"] for line in lines], script.MOST_LETTERS)
    if len(lines) > script.MOST_LINES or script.needs_s(lines) > seconds:
        raise CannotMake(
            _("That is more than can be said in a shot of %(n)d seconds.") % {"n": seconds},
            _("Make the shot longer, or the lines shorter: at most %(most)d in a shot.")
            % {"most": script.MOST_LINES},
            code="lines_too_long",
        )
    return lines


def _words(shot: Mapping[str, Any]) -> str:
    """Everything that a shot says, for those who judge it."""
    return " ".join([shot["prompt"], *(f"“{line['text']}”" for line in shot.get("lines", ()))])
