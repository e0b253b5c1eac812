"""Signing in and out. The session gets a new key each time, and its person can see and end it.

A session ends after two weeks in which nobody used it, and after 30 days in any case
(docs/security/accounts.md).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import auth
from django.contrib.auth import login, logout
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import events, stepup
from accounts.models import SignIn, User
from accounts.refusals import Refused

BACKEND = "accounts.session_store.Backend"
# `SESSION_COOKIE_AGE` in settings is how long an unused one lasts.
LONGEST = timedelta(days=30)
NOTED_AGAIN_AFTER = timedelta(hours=1)
BEGAN, SEEN = "began", "seen"

BROWSERS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


class OnlyPasskeys(Refused):
    code = "only_passkeys"
    message = _("This account opens with a passkey only.")
    hint = _("Use one of your passkeys. If all are lost, write to the operator of this host.")
    status = 403


class AccountClosed(Refused):
    code = "account_closed"
    message = _("This account is closed.")
    hint = _("Write to the operator of this host if you think that is a mistake.")
    status = 403


class Limits:
    """Ends a session that is too old, and notes once an hour that it was used."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and auth.SESSION_KEY in request.session:
            _look_at(request, timezone.now())
        return self.get_response(request)


def _look_at(request: HttpRequest, now: datetime) -> None:
    session = request.session
    began, seen = (datetime.fromisoformat(session.get(name, now.isoformat())) for name in (BEGAN, SEEN))
    if now - began >= LONGEST or now - seen >= timedelta(seconds=settings.SESSION_COOKIE_AGE):
        events.told("session_over", user=request.user if isinstance(request.user, User) else None)
        sign_out(request)
    elif BEGAN not in session or now - seen >= NOTED_AGAIN_AFTER:
        session[BEGAN], session[SEEN] = began.isoformat(), now.isoformat()


def _begin(request: HttpRequest, **_: object) -> None:
    request.session[BEGAN] = request.session[SEEN] = timezone.now().isoformat()


def connect() -> None:
    user_logged_in.connect(_begin, dispatch_uid="sessions begin")


def sign_in(request: HttpRequest, *, user: User, method: str, now: datetime) -> None:
    """A fresh session for a person who has just proved who they are; that proof also counts as step-up."""
    if not user.is_active:
        raise AccountClosed()
    if user.only_passkeys and method != "passkey":
        raise OnlyPasskeys()
    login(request, user, backend=BACKEND)
    stepup.mark(request.session, now)
    SignIn.objects.create(
        user=user,
        session_key=str(request.session.session_key),
        device=device_of(request.headers.get("User-Agent", "")),
        method=method,
        created_at=now,
    )
    events.told("signed_in", user=user, method=method)


def renew(request: HttpRequest) -> None:
    """The same session under a new key, after its person proved again who they are."""
    old = request.session.session_key
    request.session.cycle_key()
    SignIn.objects.filter(session_key=old).update(session_key=str(request.session.session_key))


def sign_out(request: HttpRequest) -> None:
    SignIn.objects.filter(session_key=request.session.session_key).delete()
    logout(request)


def end_all(user: User) -> int:
    """End every session of a person, as the operator may; returns how many."""
    rows = list(SignIn.objects.filter(user=user))
    for row in rows:
        row.end()
    events.told("sessions_ended", user=user, count=len(rows))
    return len(rows)


def end_others(request: HttpRequest, *, user: User) -> int:
    """End every session of the person but this one; returns how many."""
    others = list(SignIn.objects.filter(user=user).exclude(session_key=request.session.session_key))
    for sign_in_ in others:
        sign_in_.end()
    events.told("sessions_ended", user=user, count=len(others))
    return len(others)


def device_of(user_agent: str) -> str:
    """E.g. "Chrome · Android": what a person recognises, and no more of a fingerprint than that."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return f"{browser} · {system}" if browser and system else browser or system
