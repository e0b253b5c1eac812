"""Step-up: a fresh proof of the person, by passkey or e-mail code, before what can't be taken back. It
lasts ten minutes.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib import auth
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.refusals import Refused, redirect_with_next

FRESH_FOR = timedelta(minutes=10)
PROVED = "stepped_up"


class StepUpRequired(Refused):
    code = "step_up_required"
    message = _("Please confirm that it is you.")
    hint = _(
        "Confirm with your passkey or a code by e-mail at /step-up, then try again. A token can't do this."
    )
    status = 403

    def page(self, request: HttpRequest) -> HttpResponse:
        return redirect_with_next("/step-up", request)


def require(request: HttpRequest) -> None:
    """Raise `StepUpRequired` unless this session proved its person within ten minutes. A token never has."""
    if not is_fresh(request, timezone.now()):
        raise StepUpRequired()


def is_fresh(request: HttpRequest, now: datetime, within: timedelta = FRESH_FOR) -> bool:
    """True within ten minutes of the proof (or `within`), for the person who gave it, in the session it was
    given in.
    """
    if getattr(request, "auth", None) is not None or not request.user.is_authenticated:
        return False
    proof = request.session.get(PROVED)
    if not proof or proof.get("user") != request.session.get(auth.SESSION_KEY):
        return False
    age = now - datetime.fromisoformat(proof["at"])
    return timedelta(seconds=-5) <= age < within


def mark(session: SessionBase, now: datetime) -> None:
    """Remember that whoever this session belongs to just proved it. Signing in counts; so does `/step-up`."""
    session[PROVED] = {"user": session[auth.SESSION_KEY], "at": now.isoformat()}
