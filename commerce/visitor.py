"""The random value by which this browser's taps and guest orders are known to this host alone."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from commerce.actions.checkout import new_visitor

COOKIE = f"{settings.COOKIE_PREFIX}visitor"
# As long as an order may be looked at without an account; taps are forgotten after the window.
LIFE = timedelta(days=90)
LONGEST = 43


def of(request: HttpRequest) -> str:
    """This browser's value, or an empty string."""
    value = request.COOKIES.get(COOKIE, "")
    return value if len(value) == LONGEST else ""


def of_or_new(request: HttpRequest) -> str:
    return of(request) or new_visitor()


def keep(response: HttpResponse, visitor: str) -> HttpResponse:
    """Ask the browser to keep the value. First-party, unread by scripts."""
    response.set_cookie(
        COOKIE,
        visitor,
        max_age=int(LIFE.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response
