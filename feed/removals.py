"""The 48-hour clock: whoever is shown without having agreed asks for a clip to go, and it goes in time.

A moderator decides; nobody has to for the clip to go: an hour before the time is over the clock takes it down
by itself, and a moderator may bring it back. What is the same or nearly so goes with it. Each step is a line
of an append-only log, which the person and the operator can download. Written down in docs/law.md.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import cases
from accounts.models import Case, User
from accounts.refusals import Refused
from feed import moderation
from feed.models import Post, RemovalEvent, RemovalRequest

log = logging.getLogger(__name__)

TIME = timedelta(hours=48)
SPARE = timedelta(hours=1)  # the clock acts before the law's time is over, not after
EMAIL_KEPT = timedelta(days=180)
Outcome, What = RemovalRequest.Outcome, RemovalEvent.What


class AlreadyAsked(Refused):
    code = "removal_already_asked"
    message = gettext_lazy("You asked for this already, and the clock runs.")
    hint = gettext_lazy("The link to it is in the mail that you got then.")
    status = 409


def ask(*, post: Post, email: str, statement: str, now: datetime) -> RemovalRequest:
    """Start the clock. Raises `AlreadyAsked`."""
    try:
        with transaction.atomic():
            made = RemovalRequest.objects.create(
                post=post, email=email.strip().lower(), statement=statement, filed_at=now, due_at=now + TIME
            )
            made.note(What.FILED, now)
            cases.file(kind="removal", subject=moderation.subject_of(post), reason="removal", now=now)
    except IntegrityError:
        raise AlreadyAsked() from None
    _tell(made, _("Your request has arrived. The clip goes within 48 hours unless it shows somebody else."))
    return made


def decide(*, case: Case, decision: str, moderator: User, note: str, now: datetime) -> None:
    """`hide` takes the clip and its copies down, `keep` leaves it or brings it back where nothing else holds
    it off stage. Ends its clocks. Raises `cases.OwnCase`."""
    moderation.decide(case=case, decision=decision, moderator=moderator, note=note, now=now)
    post = moderation.post_of(case)
    if post is None:
        return
    for request in RemovalRequest.objects.filter(post=post).exclude(outcome=Outcome.KEPT):
        if decision == "hide" and request.is_open:
            _end(request, Outcome.REMOVED, What.HIDDEN, now)
        elif decision == "keep":
            _end(request, Outcome.KEPT, What.KEPT, now)


def take_back(requests: Iterable[RemovalRequest], now: datetime) -> None:
    """End them as kept, since an appeal against them was granted; who asked is told."""
    for request in requests:
        _end(request, Outcome.KEPT, What.KEPT, now)


def evidence(case: Case) -> dict[str, Any]:
    """What moderators see of any case of a clip, and what those who asked say, with their clocks."""
    asked = RemovalRequest.objects.filter(post=moderation.post_of(case))
    return {**moderation.evidence(case), "asked": list(asked.order_by("-filed_at")[:20])}


def sweep(now: datetime) -> int:
    """In a worker: what is due goes down, copies follow, addresses of old requests are emptied."""
    due = RemovalRequest.objects.filter(outcome=Outcome.OPEN, due_at__lte=now + SPARE).select_related("post")
    count = 0
    for request in due:
        with transaction.atomic():
            request.note(What.LATE, now)
            moderation.hide(request.post, now)
            _end(request, Outcome.OVERDUE, What.HIDDEN, now)
        count += 1
    for request in _without_copies():
        follow(request, now)
    old = RemovalRequest.objects.exclude(outcome=Outcome.OPEN).filter(ended_at__lt=now - EMAIL_KEPT)
    old.exclude(email="").update(email="")
    return count


def follow(request: RemovalRequest, now: datetime) -> None:
    """Take down what is the same as what went, and write down that it was looked for."""
    from generation.provenance import fingerprint  # all fingerprints: only in a worker

    ids = [match.clip_id for match in fingerprint.copies_of(request.post.clip)]
    for copy in Post.objects.filter(clip__in=ids, state=Post.State.LIVE).exclude(pk=request.post_id):
        with transaction.atomic():
            case = cases.file(
                kind="report", subject=moderation.subject_of(copy), reason="copy of a removed clip", now=now
            )
            moderation.hide_until_looked(copy, case, now)
            request.note(What.COPY, now, copy)
    request.note(What.TOLD, now)


def _without_copies() -> Any:
    """Requests whose clip went and whose copies nobody has looked for."""
    gone = RemovalRequest.objects.filter(outcome__in=moderation.GONE)
    return gone.exclude(events__what=What.TOLD).select_related("post__clip")


def proof(request: RemovalRequest) -> dict[str, Any]:
    """Everything that was done, in order, with its moments."""
    return {
        "request": str(request.public_id),
        "clip": f"{settings.SITE_URL}/p/{request.post.public_id}",
        "filed_at": request.filed_at.isoformat(),
        "due_at": request.due_at.isoformat(),
        "ended_at": request.ended_at.isoformat() if request.ended_at else None,
        "outcome": request.outcome,
        "events": [
            {
                "what": event.what,
                "at": event.at.isoformat(),
                "clip": f"{settings.SITE_URL}/p/{event.post.public_id}" if event.post else None,
            }
            for event in request.events.select_related("post").order_by("pk")
        ],
    }


def _end(request: RemovalRequest, outcome: str, what: str, now: datetime) -> None:
    request.outcome, request.ended_at = outcome, now
    request.save(update_fields=["outcome", "ended_at"])
    request.note(what, now, request.post)
    words = _("The clip was looked at and stays.") if outcome == Outcome.KEPT else _("The clip is gone.")
    transaction.on_commit(lambda: _tell(request, words))


def _tell(request: RemovalRequest, words: str) -> None:
    """By mail, where mail works: the page of the request says the same."""
    if not request.email:
        return
    body = f"{words}\n\n{settings.SITE_URL}/removal/{request.public_id}\n"
    try:
        EmailMessage(subject=_("Your request to remove a clip"), body=body, to=[request.email]).send()
    except OSError as error:
        log.warning("a removal could not be told by mail: %s", type(error).__name__)


def connect() -> None:
    cases.register(
        "removal",
        cases.Handler(
            title=gettext_lazy("Request to remove, 48 hours"),
            template="feed/_report_case.html",
            decisions=(
                cases.Decision(
                    "hide", gettext_lazy("Take it down, with its copies"), is_severe=True, needs_note=True
                ),
                cases.Decision("keep", gettext_lazy("It shows somebody else: keep it"), needs_note=True),
            ),
            apply=decide,
            evidence=evidence,
        ),
    )
