"""What can be done with words and clips: one rule a verb, and what a request has to say besides words.

| verb       | clips | words    | besides (`how`)                                   | length            |
|------------|-------|----------|---------------------------------------------------|-------------------|
| text       | 0     | yes      | layout: [{what, x, depth, facing}] or nothing     | as asked          |
| storyboard | 0     | per shot | shots: [{prompt, seconds, cast, camera, begin}]   | sum of the shots  |
| retake     | 1     | per shot | shots as above, shot: which one, its new words    | sum of the shots  |
| still      | 0     | yes      |                                                   | one frame         |
| image      | 1     | maybe    | at_ms: [moment]                                   | as asked          |
| last       | 1     | maybe    | at_ms: [moment]                                   | as asked          |
| keyframes  | 1-4   | maybe    | at_ms: [moment a clip], second: [when it is passed] | as asked        |
| extend     | 1     | maybe    | more_s, backwards                                 | clip + more_s     |
| loop       | 1     | no       |                                                   | clip + a bridge   |
| connect    | 2     | no       |                                                   | both + a bridge   |
| edit       | 1     | yes      |                                                   | the clip's        |
| remix      | 1     | yes      |                                                   | as asked          |
| recast     | 1     | or cast  | person                                            | the clip's        |
| pose       | 1     | no       | footage: [one photo]                              | the clip's        |
| play       | 1     | no       | (recorded while playing)                          | as played         |
| film       | 0     | maybe    | footage: [one film], steady                       | the film's        |
| photo      | 0     | maybe    | footage: [one picture]                            | one frame         |
| pan        | 0     | maybe    | footage: [one picture], move                      | as asked          |
| own        | 0     | maybe    | footage: [one picture]                            | as asked          |
| reel       | 0-6   | maybe    | footage: [films], music, fade, steady             | as asked          |
| explain    | 0     | text     | text, title, footage: [photos], draw, music, voice | what it says     |
| promo      | 0     | maybe    | footage: [photos], name, lines, call, music         | as asked          |

`settle` is the only reader of what people send: it clamps moments into the clip, and refuses by name what
has no sense. Whether an engine can do a verb is the engine's to say (`engines.base.check`).
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from generation import explaining, layout, script
from generation.models import Clip
from generation.refusals import CannotMake
from generation.states import FROM_FILMS, Verb

SHORTEST_S, LONGEST_S = 1, 120  # of a finished clip; what an engine makes from words may be less
LED_S = 60  # of what leads to a picture: it is drawn in one piece
BRIDGE_S = 2.5  # between two ends (connect, loop)
MOST_SHOTS, SHOT_S = 12, (2, 20)
MOST_KEYFRAMES = 4
MOST_FILMS = 12
MOST_PIECES = 6
MOST_PHOTOS = 12
PROMO_S = (4, 60)
PROMO_WORDS = (("name", 60), ("call", 40))
MOST_PROMO_LINES, PROMO_LINE = 6, 80
EXPLAIN_S = (10, LONGEST_S)
TITLE = 80
VOICES = ("", "none")
MUSIC = ("", "calm", "lively")
MOVES = ("closer", "away", "left", "right", "up")  # of a camera over a picture
# How a shot is filmed and how it begins; "" is as the words say, and going on from the last pictures.
CAMERAS = ("", "static", "pan", "zoom_in", "zoom_out", "follow", "orbit", "handheld", "crane")
BEGINNINGS = ("", "cut", "fade")
MAX_WORDS = settings.MAX_PROMPT_LENGTH - 20
NAME = 40  # of who speaks, and of their key


@dataclass(frozen=True)
class Rule:
    """How many clips a verb goes on from, and the line that stands for words where none are needed."""

    least: int = 0
    most: int = 0
    wordless: str = ""


RULES: dict[str, Rule] = {
    Verb.TEXT: Rule(),
    Verb.STORYBOARD: Rule(),
    Verb.STILL: Rule(),
    Verb.IMAGE: Rule(1, 1, "it goes on from this picture"),
    Verb.LAST: Rule(1, 1, "it leads to this picture"),
    Verb.KEYFRAMES: Rule(1, MOST_KEYFRAMES, "it leads through these pictures"),
    Verb.EXTEND: Rule(1, 1, "it goes on"),
    Verb.LOOP: Rule(1, 1, "a seamless loop"),
    Verb.CONNECT: Rule(2, 2, "one leads to the other"),
    Verb.EDIT: Rule(1, 1),
    Verb.REMIX: Rule(1, 1),
    Verb.RETAKE: Rule(1, 1),
    Verb.RECAST: Rule(1, 1, "somebody else does the same"),
    Verb.POSE: Rule(1, 1, "a photo moves like this clip"),
    Verb.PLAY: Rule(1, 1, "played by hand"),
    Verb.FILM: Rule(0, 0, "filmed"),
    Verb.REEL: Rule(0, MOST_PIECES, "cut from films"),
    Verb.PHOTO: Rule(0, 0, "a picture"),
    Verb.PAN: Rule(0, 0, "a camera over a picture"),
    Verb.OWN: Rule(0, 0, "it goes on from this picture"),
    Verb.PROMO: Rule(0, 0, "photos of a product"),
    Verb.EXPLAIN: Rule(),
}
WORDLESS = frozenset(rule.wordless for rule in RULES.values() if rule.wordless)


@dataclass(frozen=True)
class Settled:
    """A request that has a shape: words, length of the finished clip, and what stands in `how`."""

    prompt: str
    seconds: int
    how: dict[str, Any]
    drawn: str | None = None  # of the words, those that are to be seen; None: all of them


def settle(
    verb: str, *, prompt: str, sources: Sequence[Clip], how: Mapping[str, Any], seconds: int, cast_count: int
) -> Settled:
    """Read what was asked. Raises `CannotMake` with a code that names what is missing."""
    rule = RULES.get(verb)
    if rule is None:
        raise CannotMake(_("There is no such way to make a clip."), ", ".join(RULES), code="verb_unknown")
    _count(verb, rule, sources)
    if verb == Verb.STORYBOARD:
        return _told(_shots(how.get("shots")), {})
    if verb == Verb.RETAKE:
        return _retake(sources[0], how)
    if verb == Verb.PROMO:
        return _promo(prompt, how, seconds)
    if verb == Verb.EXPLAIN:
        return _explain(prompt, how, seconds)
    words = prompt.strip()
    if not words and (verb != Verb.RECAST or cast_count):
        prompt = rule.wordless or prompt
    said = {name: value for name, value in _besides(verb, sources, how, seconds).items() if value is not None}
    return Settled(prompt, length(verb, sources, said, seconds), said)


def _told(shots: list[dict[str, Any]], more: dict[str, Any]) -> Settled:
    seconds = sum(shot["seconds"] for shot in shots)
    if seconds > LONGEST_S:
        raise _too_long(seconds, LONGEST_S)
    words = " ".join(f"{n}. {_words(shot)}" for n, shot in enumerate(shots, 1))
    words += _speakers(line.get("name", "") for shot in shots for line in shot.get("lines", ()))
    drawn = " ".join(f"{n}. {shot['prompt']}" for n, shot in enumerate(shots, 1))
    lines = [line["text"] for shot in shots for line in shot.get("lines", ())]
    unsaid = bool(lines) and not explaining.is_read_as_english(lines)
    more = more | ({"voice": "none", "silent": "language"} if unsaid else {})
    return Settled(words, seconds, {"shots": shots} | more, drawn)


def _retake(clip: Clip, how: Mapping[str, Any]) -> Settled:
    """One shot of a storyboard again: with another seed, and where they are given, other words, length,
    cast, camera and beginning. Whose storyboard it is, is asked by `actions`."""
    made_by: Any = getattr(clip, "generation", None)
    shots = [dict(shot) for shot in made_by.how.get("shots", [])] if made_by and made_by.is_board else []
    index = int(_number(how.get("shot", 0), "shot"))
    if not 0 <= index < len(shots):
        raise CannotMake(_("This clip has no such shot."), code="shot_unknown")
    asked_before = _list(how.get("shots"))  # a retake that is tried again says what it was
    given = how.get("take") or (asked_before[index] if index < len(asked_before) else None)
    old = shots[index]
    new = _shot(old | dict(given)) if isinstance(given, Mapping) else dict(old)
    new["seed"] = int(_number(how.get("seed") or _seed_after(old), "seed"))
    for turn, shot in enumerate(shots):
        shot.setdefault("seed", made_by.seed + turn)
    shots[index] = new
    new_words = any(new.get(name) != old.get(name) for name in ("prompt", "cast"))
    new_cast = {"new_cast": True} if (new.get("cast") or []) != (old.get("cast") or []) else {}
    return _told(shots, {"shot": index, "new_words": new_words} | new_cast)


def _seed_after(shot: Mapping[str, Any]) -> int:
    return random.Random(str(shot.get("seed", shot["prompt"]))).randint(1, 2**31 - 1)  # seeded, no secret  # nosec B311


def _count(verb: str, rule: Rule, sources: Sequence[Clip]) -> None:
    if rule.most == 0 and sources:
        raise CannotMake(_("This starts from words alone, without a clip."), code="parent_without_remix")
    if len(sources) < rule.least:
        raise CannotMake(
            _("This needs two clips.") if rule.least == 2 else _("This needs a clip to go on from."),
            code="clips_missing",
        )
    if len(sources) > rule.most:
        raise CannotMake(
            _("At most %(most)d clips can be taken here.") % {"most": rule.most}, code="clips_too_many"
        )
    if verb in (Verb.CONNECT,) and sources[0].pk == sources[1].pk:
        raise CannotMake(
            _("These are the same clip."), _("A clip that leads back to itself is a loop."), code="same_clip"
        )


def _besides(verb: str, sources: Sequence[Clip], how: Mapping[str, Any], seconds: int) -> dict[str, Any]:
    if verb == Verb.TEXT:
        return {"layout": layout.read(how.get("layout"))}
    if verb in (Verb.IMAGE, Verb.LAST):
        return {"at_ms": _moments(sources, how)}
    if verb == Verb.KEYFRAMES:
        return {"at_ms": _moments(sources, how), "second": _passed(sources, how, seconds)}
    if verb == Verb.EXTEND:
        more = _number(how.get("more_s", seconds), "more_s")
        return {"more_s": int(min(60, max(1, more))), "backwards": bool(how.get("backwards"))}
    if verb == Verb.PAN:
        return {"footage": _photos(how, most=1), "move": _move(how)}
    if verb in FROM_FILMS:
        pieces = [str(clip.public_id) for clip in sources]  # only a reel has some
        return _footage(verb, how) | ({"pieces": pieces} if pieces else {})
    if verb == Verb.OWN:
        return {"footage": _photos(how, most=1)}
    if verb == Verb.POSE:
        return {"footage": _photos(how, most=1)}
    if verb == Verb.RECAST:
        return {"person": int(min(2, max(0, _number(how.get("person", 0), "person"))))}
    return {}


def _footage(verb: str, how: Mapping[str, Any]) -> dict[str, Any]:
    """Which films of one's own, in their order, and how they are put together. Whose they are is asked by
    `footage`."""
    try:
        films = [str(UUID(str(name))) for name in _list(how.get("footage"))]
    except ValueError:
        films = []
    most = MOST_FILMS if verb == Verb.REEL else 1
    if not films:
        raise CannotMake(
            _("Choose at least one film."),
            _("Upload one first, or choose one of yours."),
            code="footage_missing",
        )
    if len(films) > most or len(set(films)) != len(films):
        raise CannotMake(
            _("At most %(most)d different films can be put together.") % {"most": most},
            code="footage_too_much",
        )
    said = {"music": _music(how), "fade": bool(how.get("fade")), "steady": bool(how.get("steady"))}
    return {"footage": films} | {name: value for name, value in said.items() if value}


def _promo(prompt: str, how: Mapping[str, Any], seconds: int) -> Settled:
    """Photos, and the words that are written over them: all of those are judged with the prompt."""
    said: dict[str, Any] = {"footage": _photos(how)}
    said |= {name: str(how.get(name) or "")[:limit].strip() for name, limit in PROMO_WORDS}
    lines = [str(line).strip() for line in _list(how.get("lines"))]
    said["lines"] = [line for line in lines if line]
    if len(said["lines"]) > MOST_PROMO_LINES:
        raise CannotMake(
            _("At most %(most)d lines are written over pictures.") % {"most": MOST_PROMO_LINES},
            _("Leave out what matters least."),
            code="too_many_lines",
        )
    _check_lines(said["lines"], PROMO_LINE)
    said["music"] = _music(how)
    low, high = PROMO_S
    words = [prompt.strip(), said["name"], *said["lines"], said["call"]]
    told = ". ".join(word.rstrip(".") for word in dict.fromkeys(words) if word)
    kept = {name: value for name, value in said.items() if value}
    return Settled(told or RULES[Verb.PROMO].wordless, min(high, max(low, int(seconds))), kept)


def _explain(prompt: str, how: Mapping[str, Any], seconds: int) -> Settled:
    """A text as a script with pictures. What of it is said is judged; the rest is not kept."""
    text = str(how.get("text") or prompt or "")
    if len(text) > explaining.MOST_TEXT:
        raise CannotMake(
            _("The text has %(n)d characters; at most %(most)d are read.")
            % {"n": len(text), "most": explaining.MOST_TEXT},
            _("Take the part that matters."),
            code="text_too_long",
        )
    title = str(how.get("title") or "")[:TITLE].strip()
    said = explaining.sentences(text)
    again = explaining.sentences_of(_list(how.get("shots"))) if not said else []
    if not said and not again:
        raise CannotMake(
            _("There is no text to explain."),
            _("Paste a few sentences, or a transcript."),
            code="text_missing",
        )
    low, high = EXPLAIN_S
    room = min(high, max(low, int(seconds))) - 1 - (explaining.TITLE_S if title else 0)
    kept = again or explaining.chosen(said, room, MAX_WORDS - len(title))
    if not kept:
        raise CannotMake(
            _("Its first sentence alone is longer than the clip."),
            _("Ask for a longer clip."),
            code="length_too_short",
        )
    photos = _photos(how, least=0)
    shown = "" if explaining.says(kept[0].text, title) else title
    shots = explaining.shots(kept, shown, len(photos))
    for shot in shots:
        shot["prompt"] = shot["prompt"] or _seen(shot)
    wishes = {"footage": photos, "music": _music(how), "draw": bool(how.get("draw")), "title": title}
    wishes["voice"], wishes["silent"] = _voice(how, kept)
    words = " ".join(filter(None, [_ended(title), *(s.text for s in kept)])) + _speakers(s.who for s in kept)
    words = re.sub(r"(?<=[。！？]) ", "", words)
    length = math.ceil(round(sum(shot["seconds"] for shot in shots), 2))
    if length > LONGEST_S:
        raise _too_long(length, LONGEST_S)
    return Settled(words, length, {"shots": shots} | {name: v for name, v in wishes.items() if v})


def _voice(how: Mapping[str, Any], said: Sequence[explaining.Sentence]) -> tuple[str, str]:
    """Whether it is read aloud ("" or "none"), and why not where it was wished: no stock voice speaks the
    language. The words are captions in any case."""
    voice = str(how.get("voice") or "")
    if voice not in VOICES:
        raise CannotMake(_("There is no such voice."), code="voice_unknown")
    if voice == "none" and how.get("silent") != "language":
        return voice, ""
    is_english = explaining.language(" ".join(sentence.text for sentence in said)) == "en"
    return ("", "") if is_english else ("none", "language")


def _seen(shot: Mapping[str, Any]) -> str:
    """What a shot shows, for who cannot see it."""
    if shot["picture"] < 0:
        return _("A card with the words.")
    return _("Photo %(n)d.") % {"n": shot["picture"] + 1}


def _photos(how: Mapping[str, Any], least: int = 1, most: int = MOST_PHOTOS) -> list[str]:
    try:
        photos = [str(UUID(str(name))) for name in _list(how.get("footage"))]
    except ValueError:
        photos = []
    if len(photos) < least:
        raise CannotMake(
            _("Choose at least one photo."),
            _("Upload one first, or choose one of yours."),
            code="photos_missing",
        )
    if len(photos) > most or len(set(photos)) != len(photos):
        raise CannotMake(
            _("At most %(most)d different photos can be taken here.") % {"most": most},
            code="photos_too_many",
        )
    return photos


def _move(how: Mapping[str, Any]) -> str:
    move = str(how.get("move") or MOVES[0])
    if move not in MOVES:
        raise CannotMake(_("There is no such camera move."), ", ".join(MOVES), code="move_unknown")
    return move


def _music(how: Mapping[str, Any]) -> str:
    music = str(how.get("music") or "")
    if music not in MUSIC:
        raise CannotMake(_("There is no such music."), ", ".join(filter(None, MUSIC)), code="music_unknown")
    return music


def _moments(sources: Sequence[Clip], how: Mapping[str, Any]) -> list[int]:
    """One moment a clip, clamped into it; its beginning where nothing is said."""
    given = _list(how.get("at_ms"))
    given += [0] * (len(sources) - len(given))
    return [
        int(min(max(0, _number(at, "at_ms")), clip.duration_ms))
        for at, clip in zip(given, sources, strict=False)
    ]


def _passed(sources: Sequence[Clip], how: Mapping[str, Any], seconds: int) -> list[float]:
    """When each picture is passed: as said, or evenly from beginning to end. They have to be apart."""
    given = _list(how.get("second"))
    if not given:
        last = max(1, len(sources) - 1)
        given = [round(seconds * k / last, 2) for k in range(len(sources))]
    if len(given) != len(sources):
        raise CannotMake(_("Say for each picture when it is passed."), code="moments_missing")
    times = [round(float(min(max(0.0, _number(at, "second")), seconds)), 2) for at in given]
    if any(b - a < 1.0 for a, b in zip(times, times[1:], strict=False)):
        raise CannotMake(
            _("Two pictures have to be at least one second apart, in their order."), code="moments_too_close"
        )
    return times


def _shots(given: Any) -> list[dict[str, Any]]:
    rows = [shot if isinstance(shot, Mapping) else {"prompt": str(shot)} for shot in _list(given)]
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
    seconds = _number(row.get("seconds", 5), "seconds")
    if not low <= seconds <= high:
        raise CannotMake(
            _("A shot lasts %(low)d to %(high)d seconds.") % {"low": low, "high": high}, code="shot_length"
        )
    shot: dict[str, Any] = {"prompt": str(row.get("prompt", "")).strip(), "seconds": int(seconds)}
    camera, begin = str(row.get("camera") or ""), str(row.get("begin") or "")
    if camera not in CAMERAS or begin not in BEGINNINGS:
        raise CannotMake(_("This engine does not know that camera or transition."), code="shot_unknown")
    cast = [str(key)[:40] for key in _list(row.get("cast"))][:8]
    lines = _lines(row.get("lines"), shot["seconds"])
    said = {"camera": camera, "begin": begin, "cast": cast, "seed": row.get("seed"), "lines": lines}
    return shot | {name: value for name, value in said.items() if value}


def _lines(given: Any, seconds: int) -> list[dict[str, str]]:
    """What is said in a shot. Raises `CannotMake` for more than can be said in it."""
    rows = [
        {name: str(line.get(name) or "").strip() for name in ("who", "name", "text")}
        for line in _list(given)
        if isinstance(line, Mapping)
    ]
    lines = [
        line | {name: line[name][:NAME].strip() for name in ("who", "name")} for line in rows if line["text"]
    ]
    _check_lines([line["text"] for line in lines], script.MOST_LETTERS)
    if len(lines) > script.MOST_LINES or script.needs_s(lines) > seconds:
        raise CannotMake(
            _("That is more than can be said in a shot of %(n)d seconds.") % {"n": seconds},
            _("Make the shot longer, or the lines shorter: at most %(most)d in a shot.")
            % {"most": script.MOST_LINES},
            code="lines_too_long",
        )
    return lines


def _check_lines(lines: Sequence[str], most: int) -> None:
    """Nothing that somebody is to say or read is cut off in the middle."""
    longest = max(map(len, lines), default=0)
    if longest > most:
        raise CannotMake(
            _("A line has %(n)d characters; at most %(most)d fit.") % {"n": longest, "most": most},
            _("Say it shorter, or in two lines."),
            code="line_too_long",
        )


def _ended(title: str) -> str:
    """A title as a sentence of its own before others: it does not run into the first."""
    if not title or title[-1] in ".!?…。！？":
        return title
    return title + ("。" if script.CHINESE.search(title[-1]) else ".")


def _speakers(names: Iterable[str]) -> str:
    """Names stand in captions: they are judged with what is said, each once."""
    told = ", ".join(dict.fromkeys(filter(None, names)))
    return f" ({told})" if told else ""


def _words(shot: Mapping[str, Any]) -> str:
    """Everything that a shot says, for those who judge it."""
    return " ".join([shot["prompt"], *(f"“{line['text']}”" for line in shot.get("lines", ()))])


def _too_long(asked: int, most: int) -> CannotMake:
    return CannotMake(
        _("That would be %(length)d seconds; a clip has at most %(most)d.") % {"length": asked, "most": most},
        _("Start from a shorter clip."),
        code="too_long",
    )


def length(verb: str, sources: Sequence[Clip], how: Mapping[str, Any], seconds: int) -> int:
    """Seconds of the finished clip, which is what it costs. A storyboard's are summed by who asks. Raises
    `CannotMake("too_long")`."""
    there = sum(clip.duration_ms for clip in sources) / 1000
    whole = {
        Verb.STILL: 1,
        Verb.PHOTO: 1,
        Verb.EXTEND: there + how.get("more_s", 0),
        Verb.LOOP: there + BRIDGE_S,
        Verb.CONNECT: there + BRIDGE_S,
        Verb.EDIT: there,
        Verb.RECAST: there,
        Verb.POSE: there,
    }.get(Verb(verb), seconds)
    made = max(SHORTEST_S, math.ceil(round(whole, 2)))
    longest = LED_S if verb in (Verb.LAST, Verb.KEYFRAMES) else LONGEST_S
    if made > longest:
        raise _too_long(made, longest)
    return made


def has_length_of_its_own(verb: str) -> bool:
    """Whether the length follows from clips and shots, so that an engine's list of lengths is not asked."""
    return verb not in (Verb.TEXT, Verb.IMAGE, Verb.OWN, Verb.LAST, Verb.KEYFRAMES, Verb.REMIX)


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [] if value is None else [value]


def _number(value: Any, name: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number) or isinstance(value, bool):
        raise CannotMake(_("“%(name)s” has to be a number.") % {"name": name}, code="not_a_number")
    return number
