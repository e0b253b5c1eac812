"""Cards as HTML. By Jinja2: ten cards were three quarters of a page's price in Django's own templates, which
draw everything else (docs/decisions/0805). What is said is the same catalogue's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.template.backends.utils import csrf_input
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import get_language, gettext
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
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
        "_": _said(get_language()).__getitem__,
        "csrf_input": csrf_input(request),
        "is_signed_in": request.user.is_authenticated,
    }


def _html(drawn: str) -> SafeString:
    return mark_safe(drawn)  # values were escaped where they were put in  # nosec B308 B703


class _Said(dict[str, Markup]):
    """Our own sentences in one language, looked up once. Markup in them is ours, as in Django's templates."""

    def __missing__(self, sentence: str) -> Markup:
        self[sentence] = said = Markup(gettext(sentence))  # noqa: S704  # nosec B704
        return said


@cache
def _said(language: str | None) -> _Said:
    return _Said()


@cache
def _template(name: str) -> Template:
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(settings.BASE_DIR / "templates" / "drawn"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        auto_reload=False,
    )
    filters: dict[str, Callable[..., Any]] = {"caption": caption, "short": _short, "points": _points}
    made.filters |= filters
    made.globals["icon"] = icon
    return made


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else Truncator(text).chars(most)


def _points(value: float) -> str:
    """Two places, halves up, and no "-0.00"."""
    return str(Decimal(repr(value)).quantize(HUNDREDTH, ROUND_HALF_UP) + 0)
