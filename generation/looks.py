"""How a drawn character may look: the words of the native engine's alphabet, as a form or the API says them,
and a picture of them.

A look is {"kind": "cat", "outfit": "hoodie", ...}: what `Cameo.character` keeps and every scene draws.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.refusals import Refused

Text = str | Promise

ANIMALS: dict[str, Text] = {
    "cat": gettext_lazy("Cat"),
    "bear": gettext_lazy("Bear"),
    "rabbit": gettext_lazy("Rabbit"),
    "panda": gettext_lazy("Panda"),
}
MACHINES: dict[str, Text] = {"robot": gettext_lazy("Robot"), "astronaut": gettext_lazy("Astronaut")}
PEOPLE: dict[str, Text] = {
    "woman": gettext_lazy("Woman"),
    "man": gettext_lazy("Man"),
    "girl": gettext_lazy("Girl"),
    "boy": gettext_lazy("Boy"),
    "grandmother": gettext_lazy("Grandmother"),
    "grandfather": gettext_lazy("Grandfather"),
}
COLOURS: dict[str, Text] = {
    "red": gettext_lazy("Red"),
    "orange": gettext_lazy("Orange"),
    "yellow": gettext_lazy("Yellow"),
    "green": gettext_lazy("Green"),
    "blue": gettext_lazy("Blue"),
    "purple": gettext_lazy("Purple"),
    "pink": gettext_lazy("Pink"),
    "white": gettext_lazy("White"),
    "black": gettext_lazy("Black"),
    "brown": gettext_lazy("Brown"),
    "grey": gettext_lazy("Grey"),
    "teal": gettext_lazy("Teal"),
}
# In the order in which a form asks; the first word of each is its first value.
WORDS: dict[str, dict[str, Text]] = {
    "kind": ANIMALS | MACHINES | PEOPLE,
    "hair_colour": {
        "brown": gettext_lazy("Brown"),
        "black": gettext_lazy("Black"),
        "blond": gettext_lazy("Blond"),
        "ginger": gettext_lazy("Ginger"),
        "grey": gettext_lazy("Grey"),
        "white": gettext_lazy("White"),
        "pink": gettext_lazy("Pink"),
        "blue": gettext_lazy("Blue"),
    },
    "hair": {
        "short": gettext_lazy("Short"),
        "long": gettext_lazy("Long"),
        "bob": gettext_lazy("A bob"),
        "curly": gettext_lazy("Curly"),
        "afro": gettext_lazy("An afro"),
        "ponytail": gettext_lazy("A ponytail"),
        "bun": gettext_lazy("A bun"),
        "braids": gettext_lazy("Braids"),
        "spiky": gettext_lazy("Spiky"),
        "bald": gettext_lazy("None: bald"),
    },
    "skin": {
        "light": gettext_lazy("Light beige"),
        "porcelain": gettext_lazy("Porcelain"),
        "fair": gettext_lazy("Fair"),
        "olive": gettext_lazy("Olive"),
        "tan": gettext_lazy("Tan"),
        "brown": gettext_lazy("Brown"),
        "dark": gettext_lazy("Dark"),
        "deep": gettext_lazy("Deep"),
    },
    "outfit": {
        "tshirt": gettext_lazy("T-shirt"),
        "hoodie": gettext_lazy("Hoodie"),
        "coat": gettext_lazy("Coat"),
        "dress": gettext_lazy("Dress"),
        "suit": gettext_lazy("Suit"),
        "overalls": gettext_lazy("Overalls"),
        "sportswear": gettext_lazy("Sportswear"),
        "robe": gettext_lazy("Robe"),
    },
    "top": COLOURS,
    "bottom": {"blue": COLOURS["blue"]} | COLOURS,
    "accessory": {
        "none": gettext_lazy("Nothing"),
        "glasses": gettext_lazy("Glasses"),
        "sunglasses": gettext_lazy("Sunglasses"),
        "cap": gettext_lazy("A cap"),
        "hat": gettext_lazy("A hat"),
        "scarf": gettext_lazy("A scarf"),
        "headphones": gettext_lazy("Headphones"),
        "backpack": gettext_lazy("A backpack"),
        "crown": gettext_lazy("A crown"),
        "bow": gettext_lazy("A bow"),
        "beard": gettext_lazy("A beard"),
        "helmet": gettext_lazy("A helmet"),
    },
}
FIRST = {field: next(iter(words)) for field, words in WORDS.items()}

AT_ONCE, PATIENCE_S, KEPT_S = 2, 20, 86_400
_drawing = threading.BoundedSemaphore(AT_ONCE)


class LookUnknown(Refused):
    """`field` names what was said in a word that this host has no drawing for."""

    def __init__(self, field: str) -> None:
        words = ", ".join(WORDS[field])
        super().__init__(
            code="look_unknown",
            message=_("This host cannot draw that."),
            hint=_("For “%(field)s” it knows: %(words)s.") % {"field": field, "words": words},
            status=422,
        )
        self.field = field


class NotDrawn(Refused):
    code = "picture_not_drawn"
    message = gettext_lazy("The picture could not be drawn now.")
    hint = gettext_lazy("Try again in a moment. The character itself needs no picture.")
    status = 503


def read(given: Mapping[str, Any]) -> dict[str, str]:
    """A whole look; a field that is missing has its first value. Raises `LookUnknown`."""
    look = {field: given.get(field) or FIRST[field] for field in WORDS}
    for field, word in look.items():
        if not isinstance(word, str) or word not in WORDS[field]:
            raise LookUnknown(field)
    return look


def kept_picture(look: Mapping[str, Any]) -> bytes | None:
    """The picture of a look, where somebody saw it within a day."""
    found: bytes | None = cache.get(_key(look))
    return found


def picture(look: Mapping[str, Any]) -> bytes:
    """WebP, drawn by a process of its own: a second or two of one core, and then kept for a day. Raises
    `NotDrawn`, also while `AT_ONCE` others are drawn."""
    if (found := kept_picture(look)) is not None:
        return found
    if not _drawing.acquire(timeout=PATIENCE_S):
        raise NotDrawn()
    try:
        drawn = _drawn(look)
    finally:
        _drawing.release()
    cache.set(_key(look), drawn, KEPT_S)
    return drawn


def _drawn(look: Mapping[str, Any]) -> bytes:
    try:
        done = subprocess.run(  # argv, no shell; words of our own on its input  # nosec B603
            [sys.executable, "-m", "model.portrait"],
            input=json.dumps(dict(look)).encode(),
            capture_output=True,
            cwd=settings.BASE_DIR,
            timeout=PATIENCE_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise NotDrawn() from error
    return done.stdout


def _key(look: Mapping[str, Any]) -> str:
    said = json.dumps(dict(look), sort_keys=True)
    return f"look:{hashlib.sha256(said.encode()).hexdigest()[:32]}"
