"""One inbox for moderators, fed by every app.

    OPEN --decide--> DECIDED        (no other arrow; an appeal is a new case)

An app registers a kind with its title, how its evidence is shown, and the decisions a moderator can take.
Filing and deciding are written to `CaseEvent`, which is never changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.db import IntegrityError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Case, CaseEvent, User
from accounts.refusals import Refused


class Apply(Protocol):
    def __call__(self, *, case: Case, decision: str, moderator: User, note: str, now: datetime) -> None:
        """Carry the decision out. Runs in the transaction of `decide`; raising undoes both."""


@dataclass(frozen=True)
class Decision:
    """One button of the inbox."""

    code: str
    label: str | Promise
    needs_note: bool = False
    is_severe: bool = False


@dataclass(frozen=True)
class Template:
    """Words that a moderator can begin a note with."""

    code: str
    words: str | Promise


@dataclass(frozen=True)
class Handler:
    """What an app says about a kind of case."""

    title: str | Promise
    template: str  # the evidence partial; it gets `case`, and what `evidence` returns as `evidence`
    decisions: tuple[Decision, ...]
    apply: Apply
    evidence: Callable[[Case], Mapping[str, Any]] = field(default=lambda case: {})
    templates: tuple[Template, ...] = ()
    # What a case was filed for, as a person reads it.
    says: Callable[[str], str] = field(default=lambda reason: reason)
    # What the app did to a case by itself, as a person reads it.
    happened: Mapping[str, str | Promise] = field(default_factory=dict)

    def decision(self, code: str) -> Decision | None:
        return next((decision for decision in self.decisions if decision.code == code), None)


class AlreadyDecided(Refused):
    code = "case_decided"
    message = _("Somebody decided this case already.")
    hint = _("Reload the inbox to see the decision.")
    status = 409


class NoSuchDecision(Refused):
    code = "no_such_decision"
    message = _("This kind of case can't be decided in that way.")
    status = 400


class NoteMissing(Refused):
    code = "note_missing"
    message = _("This decision needs a note that says why.")
    hint = _("The note is kept with the case.")
    status = 400


class OwnCase(Refused):
    """Raised by handlers whose decision would open something for the one who decides."""

    code = "own_case"
    message = _("This case is about yourself: another moderator has to decide it.")
    hint = _("You can leave it in the inbox, or refuse it.")
    status = 403


class NotAModerator(Refused):
    code = "not_found"
    message = _("There is nothing here for you.")
    status = 404


_handlers: dict[str, Handler] = {}


def register(kind: str, handler: Handler) -> None:
    """One app owns a kind: two that took the same name would decide each other's cases."""
    if kind in _handlers and _handlers[kind] != handler:
        raise LookupError(f"Cases of kind {kind!r} have an owner already.")
    _handlers[kind] = handler


def in_words(case: Case) -> dict[str, Any]:
    """The case with its kind, what it was filed for and what was decided, as a moderator reads them."""
    handler = handler_of(case.kind)
    chosen = handler.decision(case.decision) if handler else None
    decided = chosen.label if chosen else case.decision
    reason = handler.says(case.reason) if handler else case.reason
    title = handler.title if handler else case.kind
    return {"case": case, "title": title, "reason": reason, "decided": decided}


def handler_of(kind: str) -> Handler | None:
    """None for a kind whose app is gone: the case is still listed, and can't be decided."""
    return _handlers.get(kind)


def file(*, kind: str, subject: str, reason: str, filed_by: User | None = None, now: datetime) -> Case:
    """Open a case, or return the open one about the same subject: ten reports of one thing are one item,
    with ten events.
    """
    if kind not in _handlers:
        raise LookupError(f"No app registered cases of kind {kind!r}.")
    reason = reason[:280]
    try:
        with transaction.atomic():
            case = Case.objects.create(
                kind=kind, subject=subject, reason=reason, filed_by=filed_by, created_at=now
            )
    except IntegrityError:
        case = Case.objects.get(kind=kind, subject=subject, state=Case.State.OPEN)
    CaseEvent.objects.create(case=case, by=filed_by, action="filed", note=reason, at=now)
    return case


def add_note(*, case: Case, moderator: User, note: str, now: datetime) -> CaseEvent:
    """A word to other moderators, kept with the case, decided or not. Raises `NotAModerator`,
    `NoteMissing`.
    """
    if not (moderator.is_moderator or moderator.is_superuser):
        raise NotAModerator()
    if not note.strip():
        raise NoteMissing()
    return CaseEvent.objects.create(case=case, by=moderator, action="note", note=note.strip()[:4000], at=now)


@transaction.atomic
def decide(*, case: Case, moderator: User, decision: str, note: str = "", now: datetime) -> Case:
    """Take one of the kind's decisions and carry it out, once. Raises `NotAModerator`, `NoSuchDecision`,
    `NoteMissing`, `AlreadyDecided`.
    """
    if not (moderator.is_moderator or moderator.is_superuser):
        raise NotAModerator()
    handler = handler_of(case.kind)
    chosen = handler.decision(decision) if handler else None
    if handler is None or chosen is None:
        raise NoSuchDecision()
    if chosen.needs_note and not note.strip():
        raise NoteMissing()
    held = Case.objects.select_for_update().get(pk=case.pk)
    if held.state != Case.State.OPEN:
        raise AlreadyDecided()
    _write(held, moderator, decision, note.strip(), now)
    handler.apply(case=held, decision=decision, moderator=moderator, note=note.strip(), now=now)
    return held


def _write(case: Case, moderator: User, decision: str, note: str, now: datetime) -> None:
    case.state, case.decision, case.note = Case.State.DECIDED, decision, note
    case.decided_by, case.decided_at = moderator, now
    case.save(update_fields=["state", "decision", "note", "decided_by", "decided_at"])
    CaseEvent.objects.create(case=case, by=moderator, action=f"decided:{decision}", note=note, at=now)
