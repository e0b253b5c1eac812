"""Why this: the numbers that made the order, with words.

They are kept with the card, not made up afterwards.
"""

from __future__ import annotations

import json
from operator import itemgetter
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from feed.ranking import ranker
from feed.ranking.slate import Place

WORDS: dict[str, str | Promise] = {
    "popular": _("Many people answered to it lately"),
    "finished": _("How much of it people watch"),
    "liked_rate": _("How many of those who saw it liked it"),
    "fresh": _("It is new"),
    "followed": _("You follow its creator"),
    "circle": _("Its creator is in your circle"),
    "creator": _("What you watched and liked of this creator"),
    "topics": _("What you watched and liked of these topics"),
    "similar": _("Its words are near to what you liked"),
    "co_watched": _("People who liked what you liked went on to this"),
    "onward": _("People went on to this after what you saw last"),
    "little_seen": _("Few people have seen it yet"),
    "seen": _("You have seen it already"),
}
SMALLEST = 0.005


_said: dict[str | None, dict[str, str]] = {}


def words_of(name: str) -> str:
    """A feature in words; any other term is one of the viewer's own rules, shown as it is kept."""
    return _dictionary().get(name) or str(_("Your rule: %(rule)s") % {"rule": name})


def _dictionary() -> dict[str, str]:
    """Every feature in the reader's language; put into words once for each language."""
    language = get_language()
    if language not in _said:
        _said[language] = {name: str(words) for name, words in WORDS.items()}
    return _said[language]


def kept(place: Place) -> list[Any]:
    """A place as it is kept: [item, score, [[name, value], … largest first], sources, deduction, chance,
    inputs of its place]. The score is kept whole, so that the order can be made again from it."""
    counted = [(-abs(value), name, value) for name, value in place.contributions.items()]
    counted.sort(key=itemgetter(0))
    terms = [[name, round(value, 3)] for size, name, value in counted if -size >= SMALLEST]
    return [
        place.item,
        place.score,
        terms,
        list(place.sources),
        round(place.deduction, 3),
        place.is_chance,
        list(place.inputs),
    ]


def read(line: list[Any]) -> Place:
    """A place as `kept` wrote it."""
    item, score, terms, brought, deduction, is_chance, (creator, topics, few, is_ai) = line
    inputs = (creator, tuple(topics), few, is_ai)
    return Place(item, score, dict(terms), tuple(brought), deduction, is_chance, inputs)


def why(place: Place, version: str = ranker.VERSION) -> dict[str, Any]:
    """Everything that moved this card, largest first; `terms` add up to `score`, `deduction` was taken for
    variety.
    """
    return of_kept(kept(place), version)


def of_kept(place: list[Any], version: str) -> dict[str, Any]:
    """The same of a kept place, in the words of the reader's language."""
    _item, score, terms, sources, deduction, is_chance = place[:6]
    words = _dictionary()
    return {
        "score": round(score, 3),
        "terms": [
            {"name": name, "words": words.get(name) or words_of(name), "value": value}
            for name, value in terms
        ],
        "deduction": deduction,
        "chance": is_chance,
        "sources": sources,
        "version": version,
    }


def as_texts(places: list[list[Any]], version: str) -> list[str]:
    """The JSON of `of_kept` of each place, put together from words that are JSON already."""
    opened, ends = _openings(), f'"version":{json.dumps(version)}}}'
    texts = []
    for _item, score, terms, sources, deduction, is_chance, _inputs in places:
        said = ",".join(
            [f"{opened.get(name) or _opening(name, words_of(name))}{value}}}" for name, value in terms]
        )
        brought = '","'.join(sources)  # names of our own functions
        texts.append(
            f'{{"score":{round(score, 3)},"terms":[{said}],"deduction":{deduction},'
            f'"chance":{"true" if is_chance else "false"},"sources":["{brought}"],{ends}'
        )
    return texts


_opened: dict[str | None, dict[str, str]] = {}


def _openings() -> dict[str, str]:
    """Each feature's term as JSON up to its value, once for each language."""
    language = get_language()
    if language not in _opened:
        _opened[language] = {name: _opening(name, words) for name, words in _dictionary().items()}
    return _opened[language]


def _opening(name: str, words: str) -> str:
    return f'{{"name":{json.dumps(name)},"words":{json.dumps(words)},"value":'
