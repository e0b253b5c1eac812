"""Signing in and out. The session gets a new key each time, and its person can see and end it."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth import login, logout
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import stepup
from accounts.models import SignIn, User
from accounts.refusals import Refused

BACKEND = "accounts.session_store.Backend"

BROWSERS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


class AccountClosed(Refused):
    code = "account_closed"
    message = _("This account is closed.")
    hint = _("Write to the operator of this host if you think that is a mistake.")
    status = 403


def sign_in(request: HttpRequest, *, user: User, method: str, now: datetime) -> None:
    """A fresh session for a person who has just proved who they are; that proof also counts as step-up."""
    if not user.is_active:
        raise AccountClosed()
    login(request, user, backend=BACKEND)
    stepup.mark(request.session, now)
    SignIn.objects.create(
        user=user,
        session_key=str(request.session.session_key),
        device=device_of(request.headers.get("User-Agent", "")),
        method=method,
        created_at=now,
    )


def sign_out(request: HttpRequest) -> None:
    SignIn.objects.filter(session_key=request.session.session_key).delete()
    logout(request)


def end_others(request: HttpRequest, *, user: User) -> int:
    """End every session of the person but this one; returns how many."""
    others = list(SignIn.objects.filter(user=user).exclude(session_key=request.session.session_key))
    for sign_in_ in others:
        sign_in_.end()
    return len(others)


def device_of(user_agent: str) -> str:
    """E.g. "Chrome · Android": what a person recognises, and no more of a fingerprint than that."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return f"{browser} · {system}" if browser and system else browser or system
