"""The random value by which this browser's taps and guest orders are known to this host alone."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from commerce.actions.checkout import new_visitor

COOKIE = f"{settings.COOKIE_PREFIX}visitor"
# As long as an order may be looked at without an account; taps are forgotten after the window.
LIFE = timedelta(days=90)
VALUE = re.compile(r"[!-~]{43}")  # as long as `new_visitor` makes them; PostgreSQL takes no zero byte


def of(request: HttpRequest) -> str:
    """This browser's value, or an empty string."""
    value = request.COOKIES.get(COOKIE, "")
    return value if VALUE.fullmatch(value) else ""


def of_order(request: HttpRequest, order: UUID) -> str:
    """The value that opens this guest order here: of the address that its buyer was written, else this
    browser's."""
    return str(request.session.get(f"order {order}", "")) or of(request)


def let_in(request: HttpRequest, response: HttpResponse, order: UUID, key: str) -> HttpResponse:
    """The key of a letter opens its order in this browser: a browser that has no value yet takes it as its
    own, any other remembers it for this order alone and keeps what it had."""
    if not of(request):
        return keep(response, key)
    request.session[f"order {order}"] = key
    return response


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
