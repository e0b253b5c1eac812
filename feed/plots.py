"""Small plots as SVG: bars over days, and a curve. The numbers stand beside them in a table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT = 560, 160


def bars(days: Sequence[tuple[date, float]], label: str) -> SafeString:
    """One bar a day; the highest fills the plot."""
    best = max((value for _day, value in days), default=0) or 1
    step = WIDTH / max(len(days), 1)
    drawn = format_html_join(
        "",
        '<rect x="{}" y="{}" width="{}" height="{}" rx="2"><title>{} {}</title></rect>',
        (
            (
                round(step * place + 1, 1),
                round(HEIGHT - HEIGHT * value / best, 1),
                round(max(step - 2, 1), 1),
                round(HEIGHT * value / best, 1),
                day.isoformat(),
                f"{value:g}",
            )
            for place, (day, value) in enumerate(days)
        ),
    )
    return _framed(drawn, label)


def curve(percents: Sequence[int], label: str) -> SafeString:
    """From left to right through the clip; 100 percent is the top."""
    step = WIDTH / max(len(percents) - 1, 1)
    points = " ".join(
        f"{step * place:.1f},{HEIGHT - HEIGHT * value / 100:.1f}" for place, value in enumerate(percents)
    )
    return _framed(format_html('<polyline points="{}"/>', points), label)


def _framed(drawn: SafeString, label: str) -> SafeString:
    return format_html(
        '<svg class="plot" viewBox="0 0 {} {}" role="img" aria-label="{}"'
        ' preserveAspectRatio="none">{}</svg>',
        WIDTH,
        HEIGHT,
        label,
        drawn,
    )
