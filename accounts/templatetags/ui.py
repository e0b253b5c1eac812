"""Small pieces that every page draws: icons and the paper letter that stands for a person."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.timesince import timesince
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import User

register = template.Library()

HUES = 8
JUST_NOW = timedelta(minutes=1)


@register.simple_tag
def icon(name: str) -> SafeString:
    """One symbol of the sprite; decoration only, the control beside it carries the words."""
    return _drawn(name, settings.STATIC_URL)


@lru_cache(maxsize=500)
def _drawn(name: str, static_url: str) -> SafeString:
    """A page of the feed shows 160 of them: made each time they were a fifth of its price."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("icons/sprite.svg"),
        name,
    )


@register.simple_tag(takes_context=True)
def styles(context: template.Context, *names: str) -> SafeString:
    """These style sheets of ours: linked, and inside the page for who comes without any cookie. Nothing of a
    first visit is in the browser's cache yet, so a link would cost it a round trip before the first frame;
    `app.js` fetches the linked ones afterwards, for the next page."""
    request = context.get("request")
    addresses = [static(name) for name in names]
    if request is None or request.COOKIES or not hasattr(request, "csp_nonce"):
        return format_html_join("\n", '<link rel="stylesheet" href="{}">', [(one,) for one in addresses])
    told = mark_safe("".join([sheet(name) for name in names]))  # a join of safe strings is not one  # nosec B308 B703
    return format_html(
        '<style nonce="{}" data-sheets="{}">{}</style>', request.csp_nonce, " ".join(addresses), told
    )


def sheet(name: str) -> SafeString:
    """A style sheet of ours as text that may stand in a page."""
    path = Path(settings.BASE_DIR) / "static" / name
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=50)
def _read(path: Path, _changed: int) -> SafeString:
    return mark_safe(path.read_text())  # a file of ours, not of anybody's making  # nosec B308 B703


@register.simple_tag
def avatar(person: User, size: str = "") -> SafeString:
    """The first letter of a person's name on cut paper; `size` is "", "s" or "l"."""
    return format_html(
        '<span class="avatar{}" data-hue="{}" aria-hidden="true">{}</span>',
        f" avatar--{size}" if size else "",
        hue_of(person.username),
        initial_of(person.name),
    )


@register.filter
def ago(moment: datetime) -> str:
    """How long ago something happened, as people say it: "just now", "3 minutes ago"."""
    if timezone.now() - moment < JUST_NOW:
        return _("just now")
    return _("%(ago)s ago") % {"ago": timesince(moment)}


@register.filter
def ticks(text: str) -> SafeString:
    """A sentence with `commands` in it: what stands between ticks is set as code."""
    parts = [(part, number % 2) for number, part in enumerate(str(text).split("`"))]
    return format_html_join(
        "", "{}", [(format_html("<code>{}</code>", p) if code else p,) for p, code in parts]
    )


@register.filter
def commas(words: Iterable[str]) -> str:
    """Several words in a row, as the reader's language sets them apart."""
    return ("、" if (get_language() or "").startswith("zh") else ", ").join(map(str, words))


def hue_of(handle: str) -> int:
    """A steady colour for a handle, the same in templates and in the cards the player builds."""
    return sum(ord(letter) for letter in handle) % HUES


def initial_of(name: str) -> str:
    return name.strip()[:1] or "?"
