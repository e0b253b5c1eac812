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

`settle` is the only way in to what people send (shots are read by `storyboard`, what people bring by
`bringing`): it clamps moments into the clip, and refuses by name what has no sense. Whether an engine can do
a verb is the engine's to say (`engines.base.check`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from generation import bringing, layout, storyboard
from generation.asked import LONGEST_S, SHORTEST_S, Settled, as_list, number, too_long
from generation.models import Clip
from generation.refusals import CannotMake
from generation.states import FROM_FILMS, Verb

LED_S = 60  # of what leads to a picture: it is drawn in one piece
BRIDGE_S = 2.5  # between two ends (connect, loop)
MOST_KEYFRAMES = 4
MOST_PIECES = 6


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


def settle(
    verb: str, *, prompt: str, sources: Sequence[Clip], how: Mapping[str, Any], seconds: int, cast_count: int
) -> Settled:
    """Read what was asked. Raises `CannotMake` with a code that names what is missing."""
    rule = RULES.get(verb)
    if rule is None:
        raise CannotMake(_("There is no such way to make a clip."), ", ".join(RULES), code="verb_unknown")
    _count(verb, rule, sources)
    if verb == Verb.STORYBOARD:
        return storyboard.told(storyboard.shots_of(how.get("shots")), storyboard.voices(how))
    if verb == Verb.RETAKE:
        return storyboard.retake(sources[0], how)
    if verb == Verb.PROMO:
        return bringing.promo(prompt, how, seconds, rule.wordless)
    if verb == Verb.EXPLAIN:
        return bringing.explain(prompt, how, seconds)
    words = prompt.strip()
    if not words and (verb != Verb.RECAST or cast_count):
        prompt = rule.wordless or prompt
    said = {name: value for name, value in _besides(verb, sources, how, seconds).items() if value is not None}
    return Settled(prompt, length(verb, sources, said, seconds), said)


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
        more = number(how.get("more_s", seconds), "more_s")
        return {"more_s": int(min(60, max(1, more))), "backwards": bool(how.get("backwards"))}
    if verb == Verb.PAN:
        return {"footage": bringing.photos_of(how, most=1), "move": bringing.move_of(how)}
    if verb in FROM_FILMS:
        pieces = [str(clip.public_id) for clip in sources]  # only a reel has some
        return bringing.footage(verb, how) | ({"pieces": pieces} if pieces else {})
    if verb == Verb.OWN:
        return {"footage": bringing.photos_of(how, most=1)}
    if verb == Verb.POSE:
        return {"footage": bringing.photos_of(how, most=1)}
    if verb == Verb.RECAST:
        return {"person": int(min(2, max(0, number(how.get("person", 0), "person"))))}
    return {}


def _moments(sources: Sequence[Clip], how: Mapping[str, Any]) -> list[int]:
    """One moment a clip, clamped into it; its beginning where nothing is said."""
    given = as_list(how.get("at_ms"))
    given += [0] * (len(sources) - len(given))
    return [
        int(min(max(0, number(at, "at_ms")), clip.duration_ms))
        for at, clip in zip(given, sources, strict=False)
    ]


def _passed(sources: Sequence[Clip], how: Mapping[str, Any], seconds: int) -> list[float]:
    """When each picture is passed: as said, or evenly from beginning to end. They have to be apart."""
    given = as_list(how.get("second"))
    if not given:
        last = max(1, len(sources) - 1)
        given = [round(seconds * k / last, 2) for k in range(len(sources))]
    if len(given) != len(sources):
        raise CannotMake(_("Say for each picture when it is passed."), code="moments_missing")
    times = [round(float(min(max(0.0, number(at, "second")), seconds)), 2) for at in given]
    if any(b - a < 1.0 for a, b in zip(times, times[1:], strict=False)):
        raise CannotMake(
            _("Two pictures have to be at least one second apart, in their order."), code="moments_too_close"
        )
    return times


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
        raise too_long(made, longest)
    return made


def has_length_of_its_own(verb: str) -> bool:
    """Whether the length follows from clips and shots, so that an engine's list of lengths is not asked."""
    return verb not in (Verb.TEXT, Verb.IMAGE, Verb.OWN, Verb.LAST, Verb.KEYFRAMES, Verb.REMIX)
