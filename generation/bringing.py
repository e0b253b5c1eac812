"""What people bring and what is written or said over it: films, photos, adverts, texts that are explained."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from generation import explaining, script
from generation.asked import LONGEST_S, Settled, as_list, check_lines, speakers, too_long
from generation.refusals import CannotMake
from generation.states import Verb

MOST_FILMS, MOST_PHOTOS = 12, 12
PROMO_S = (4, 60)
PROMO_WORDS = (("name", 60), ("call", 40))
MOST_PROMO_LINES, PROMO_LINE = 6, 80
EXPLAIN_S = (10, LONGEST_S)
TITLE = 80
VOICES = ("", "none")
MUSIC = ("", "calm", "lively")
MOVES = ("closer", "away", "left", "right", "up")  # of a camera over a picture
MAX_WORDS = settings.MAX_PROMPT_LENGTH - 20


def footage(verb: str, how: Mapping[str, Any]) -> dict[str, Any]:
    """Which films of one's own, in their order, and how they are put together. Whose they are is asked by
    `footage`."""
    try:
        films = [str(UUID(str(name))) for name in as_list(how.get("footage"))]
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
    said = {"music": music_of(how), "fade": bool(how.get("fade")), "steady": bool(how.get("steady"))}
    return {"footage": films} | {name: value for name, value in said.items() if value}


def promo(prompt: str, how: Mapping[str, Any], seconds: int, wordless: str) -> Settled:
    """Photos, and the words that are written over them: all of those are judged with the prompt."""
    said: dict[str, Any] = {"footage": photos_of(how)}
    said |= {name: str(how.get(name) or "")[:limit].strip() for name, limit in PROMO_WORDS}
    lines = [str(line).strip() for line in as_list(how.get("lines"))]
    said["lines"] = [line for line in lines if line]
    if len(said["lines"]) > MOST_PROMO_LINES:
        raise CannotMake(
            _("At most %(most)d lines are written over pictures.") % {"most": MOST_PROMO_LINES},
            _("Leave out what matters least."),
            code="too_many_lines",
        )
    check_lines(said["lines"], PROMO_LINE)
    said["music"] = music_of(how)
    low, high = PROMO_S
    words = [prompt.strip(), said["name"], *said["lines"], said["call"]]
    told = _sentences(dict.fromkeys(word for word in words if word)).removesuffix(".")
    kept = {name: value for name, value in said.items() if value}
    return Settled(told or wordless, min(high, max(low, int(seconds))), kept)


def explain(prompt: str, how: Mapping[str, Any], seconds: int) -> Settled:
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
    again = explaining.sentences_of(as_list(how.get("shots"))) if not said else []
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
    photos = photos_of(how, least=0)
    shown = "" if explaining.says(kept[0].text, title) else title
    shots = explaining.shots(kept, shown, len(photos))
    for shot in shots:
        shot["prompt"] = shot["prompt"] or _seen(shot)
    wishes = {"footage": photos, "music": music_of(how), "draw": bool(how.get("draw")), "title": title}
    wishes["voice"], wishes["silent"] = _voice(how, kept)
    words = _sentences([title], *(s.text for s in kept)) + speakers(s.who for s in kept)
    length = math.ceil(round(sum(shot["seconds"] for shot in shots), 2))
    if length > LONGEST_S:
        raise too_long(length, LONGEST_S)
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


def photos_of(how: Mapping[str, Any], least: int = 1, most: int = MOST_PHOTOS) -> list[str]:
    try:
        photos = [str(UUID(str(name))) for name in as_list(how.get("footage"))]
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


def move_of(how: Mapping[str, Any]) -> str:
    move = str(how.get("move") or MOVES[0])
    if move not in MOVES:
        raise CannotMake(_("There is no such camera move."), ", ".join(MOVES), code="move_unknown")
    return move


def music_of(how: Mapping[str, Any]) -> str:
    music = str(how.get("music") or "")
    if music not in MUSIC:
        raise CannotMake(_("There is no such music."), ", ".join(filter(None, MUSIC)), code="music_unknown")
    return music


def _sentences(titles: Iterable[str], *said: str) -> str:
    """Titles, each as a sentence of its own, and what is said after them; Chinese has no blanks between."""
    words = " ".join(filter(None, [*map(_ended, titles), *said]))
    return re.sub(r"(?<=[。！？]) ", "", words)


def _ended(title: str) -> str:
    """A title as a sentence of its own before others: it does not run into the first."""
    if not title or title[-1] in ".!?…。！？":
        return title
    return title + ("。" if script.CHINESE.search(title[-1]) else ".")
