"""Why this: the numbers that made the order, with words.

They are kept with the card, not made up afterwards.
"""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
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
    "little_seen": _("Few people have seen it yet"),
    "seen": _("You have seen it already"),
}
SMALLEST = 0.005


def words_of(name: str) -> str:
    """A feature in words; any other term is one of the viewer's own rules, shown as it is kept."""
    return str(WORDS[name] if name in WORDS else _("Your rule: %(rule)s") % {"rule": name})


def why(place: Place) -> dict[str, Any]:
    """Everything that moved this card, largest first; `terms` add up to `score`, `deduction` was taken for
    variety.
    """
    terms = [
        {"name": name, "words": words_of(name), "value": round(value, 3)}
        for name, value in sorted(place.contributions.items(), key=lambda pair: -abs(pair[1]))
        if abs(value) >= SMALLEST
    ]
    return {
        "score": round(place.score, 3),
        "terms": terms,
        "deduction": round(place.deduction, 3),
        "chance": place.is_chance,
        "sources": list(place.sources),
        "version": ranker.VERSION,
    }
