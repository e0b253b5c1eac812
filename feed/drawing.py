"""Cards as HTML. By Jinja2: ten cards were three quarters of a page's price in Django's own templates, which
draw everything else (docs/decisions/0805). What is said is the same catalogue's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.template.backends.utils import csrf_input
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from jinja2.ext import Extension
from markupsafe import Markup

from accounts.templatetags.ui import icon
from feed.cards import Card
from feed.templatetags.captions import caption

HUNDREDTH = Decimal("0.01")


def cards(
    request: HttpRequest, shown: Sequence[Card], *, is_page: bool = False, starts: bool = False
) -> list[SafeString]:
    """Each card as the player takes it. On a whole page (`is_page`) they also play without a script, and the
    first one by itself where it `starts`."""
    known = {**_known(request), "is_page": is_page, "starts": starts}
    draw = _template("card.html").render
    return [
        _html(draw(known, card=card, words=card.words, is_first=is_page and not number))
        for number, card in enumerate(shown)
    ]


def page(request: HttpRequest, shown: Sequence[Card], *, starts: bool) -> SafeString:
    """The cards of a whole page in one piece."""
    return _html("".join(cards(request, shown, is_page=True, starts=starts)))


def why(request: HttpRequest, reasons: dict[str, Any]) -> SafeString:
    """The reasons that put a clip there (`explain.of_kept`) as a person reads them."""
    return _html(_template("why.html").render(_known(request), why=reasons))


def _known(request: HttpRequest) -> dict[str, Any]:
    """What every card of one answer is told."""
    return {
        "csrf_input": csrf_input(request),
        "is_signed_in": request.user.is_authenticated,
    }


def _html(drawn: str) -> SafeString:
    return mark_safe(drawn)  # values were escaped where they were put in  # nosec B308 B703


@cache
def _template_in(language: str | None, name: str) -> Template:
    with translation.override(language):
        return _environment(language).get_template(name)


def _template(name: str) -> Template:
    return _template_in(translation.get_language(), name)


class _Constants(Extension):
    """Sentences and icons become filters of constants, which Jinja2 works out once, when it compiles: a card
    has fifty of them. So there is an environment for each language."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return CALLED.sub(r"(\2|\1)", source)


CALLED = re.compile(r"""\b(_|icon)\(("[^"]*"|'[^']*')\)""")


@cache
def _environment(language: str | None) -> Environment:
    made = Environment(
        loader=FileSystemLoader(settings.BASE_DIR / "templates" / "drawn"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        auto_reload=False,
        extensions=[_Constants],
    )
    # Markup in our own sentences is ours, as in Django's templates.
    made.filters["_"] = lambda sentence: Markup(translation.gettext(sentence))  # noqa: S704  # nosec B704
    made.filters["icon"] = lambda name: Markup(icon(name))  # noqa: S704  # nosec B704
    made.filters |= {"caption": caption, "short": _short, "points": _points}
    return made


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else Truncator(text).chars(most)


def _points(value: float) -> str:
    """Two places, halves up, and no "-0.00"."""
    return str(Decimal(repr(value)).quantize(HUNDREDTH, ROUND_HALF_UP) + 0)
