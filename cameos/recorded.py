"""Who is recorded: the owner of an account, or somebody without one (the never-me registry)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from cameos.models import CameoCapture, Challenge, NeverMe, Upload

Recorded = User | NeverMe


def challenges_of(who: Recorded) -> QuerySet[Challenge]:
    return Challenge.objects.filter(**owned(who, "user"))


def uploads_of(who: Recorded) -> QuerySet[Upload]:
    return Upload.objects.filter(**owned(who, "owner"))


def captures_of(who: Recorded) -> QuerySet[CameoCapture]:
    return CameoCapture.objects.filter(**owned(who, "cameo__owner"))


def owned(who: Recorded, by_account: str) -> dict[str, Any]:
    """The field that says whose a row is, and its value: `by_account`, or `never_me`."""
    return {"never_me" if isinstance(who, NeverMe) else by_account: who}
