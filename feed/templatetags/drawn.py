"""Cards and their reasons on pages of Django's templates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.safestring import SafeString

from feed import drawing
from feed.cards import Card

register = template.Library()


@register.simple_tag(takes_context=True)
def clip_cards(context: template.Context, cards: Sequence[Card], starts: bool) -> SafeString:
    """All cards of a page's first look; the first plays by itself where it `starts`."""
    return drawing.page(context["request"], cards, starts=starts)


@register.simple_tag(takes_context=True)
def why(context: template.Context, reasons: dict[str, Any]) -> SafeString:
    return drawing.why(context["request"], reasons)
