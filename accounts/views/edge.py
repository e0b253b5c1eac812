"""Small pieces of every page's edge: a safe way back, JSON in, a refusal shown in the form it belongs to."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.parsing import check_text
from accounts.refusals import Refused


class BadJson(Refused):
    code = "invalid"
    message = _("The request is not what this address expects.")


def me(request: HttpRequest) -> User:
    """The signed-in person of a view behind `login_required`."""
    assert isinstance(request.user, User)
    return request.user


def next_of(request: HttpRequest, default: str = "/") -> str:
    """Where to go on: an address of this host that was asked for, else the default."""
    return safe(request.POST.get("next") or request.GET.get("next") or "", request, default)


def safe(url: str, request: HttpRequest, default: str = "/") -> str:
    """`url` when it leads to this host; never elsewhere."""
    is_path = url.startswith("/") and not url.startswith(("//", "/\\"))
    is_ours = is_path and url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return url if is_ours else default


def json_of(request: HttpRequest) -> dict[str, Any]:
    try:
        body = json.loads(request.body)
        check_text(body)
    except (ValueError, RecursionError):
        raise BadJson() from None
    if not isinstance(body, dict):
        raise BadJson()
    return body


def show_in(form: forms.Form, refusal: Refused, field: str | None = None) -> forms.Form:
    """The refusal as an error of the form, so that what was typed stays."""
    text = f"{refusal.message} {refusal.hint}".strip()
    form.add_error(field if field in form.fields else None, text)
    return form


def speak(response: HttpResponse, language: str) -> HttpResponse:
    """From the next page on, this browser reads in the person's language."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=365 * 24 * 3600,
        samesite="Lax",
        httponly=True,
        secure=settings.LANGUAGE_COOKIE_SECURE,
    )
    return response


def host_context(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the address passkeys are bound to, whether mail stays on the demo's page, and the
    theme that this browser chose.
    """
    theme = request.COOKIES.get(f"{settings.COOKIE_PREFIX}theme", "")
    return {
        "site_url": settings.SITE_URL,
        "demo_mail": bool(settings.DEMO and not settings.EMAIL_HOST),
        "theme": theme if theme in {"dark", "light"} else "",
    }
