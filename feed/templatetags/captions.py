"""Captions as people read them: their #tags lead to the tag's page."""

from __future__ import annotations

from urllib.parse import quote

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from feed.outside import video_object
from feed.text import HASHTAG

register = template.Library()
register.filter("video_object", video_object)


@register.filter
def duration(ms: int) -> str:
    """A length as people read it: "42 s"."""
    return _("%(n)d s") % {"n": round(ms / 1000)}


@register.filter
def caption(words: str) -> SafeString:
    """Escaped, with line breaks and links of tags."""
    parts: list[str] = []
    end = 0
    for match in HASHTAG.finditer(words):
        name = match.group(1).lower()
        parts.append(escape(words[end : match.start()]))
        parts.append(
            escape(match.group())
            if name.isdigit()
            else format_html('<a href="/t/{}">{}</a>', quote(name), match.group())
        )
        end = match.end()
    parts.append(escape(words[end:]))
    html = "".join(parts).replace("\n", "<br>")
    return mark_safe(html)  # every part is escaped above  # nosec B308 B703
