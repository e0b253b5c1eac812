"""The moderators' inbox. Nobody else can tell that it is there."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts import access, cases, pagination
from accounts.forms import DecisionForm
from accounts.models import Case, CaseEvent
from accounts.views.edge import me

NOTE = "note"  # the button that decides nothing


@require_GET
@login_required
def inbox(request: HttpRequest) -> HttpResponse:
    state = Case.State.DECIDED if request.GET.get("state") == "decided" else Case.State.OPEN
    rows = access.cases_for(me(request)).filter(state=state)
    page = pagination.newest_first(rows, before=request.GET.get("before"))
    context = {"cases": [cases.in_words(case) for case in page.items], "older": page.older, "state": state}
    return render(request, "accounts/cases.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def case(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found, form = access.case_for(me(request), public_id), DecisionForm(request.POST or None)
    try:
        if form.is_valid():
            return _decided(request, found, **form.cleaned_data)
    except cases.NoteMissing as missing:
        form.add_error("note", str(missing.message))
    handler = cases.handler_of(found.kind)
    events = found.events.select_related("by").order_by("pk")
    context = {
        **cases.in_words(found),
        "handler": handler,
        "evidence": dict(handler.evidence(found)) if handler else {},
        "events": [(event, _done(event, handler), _said(event, handler)) for event in events],
        "form": form,
    }
    return render(request, "accounts/case.html", context, status=400 if form.errors else 200)


def _decided(request: HttpRequest, found: Case, decision: str, note: str) -> HttpResponse:
    """Carried out, or only noted down. Raises `cases.NoteMissing`."""
    if decision == NOTE:
        cases.add_note(case=found, moderator=me(request), note=note, now=timezone.now())
        return redirect("accounts:case", found.public_id)
    cases.decide(case=found, moderator=me(request), decision=decision, note=note, now=timezone.now())
    messages.success(request, _("Decided."))
    return redirect("accounts:cases")


def _done(event: CaseEvent, handler: cases.Handler | None) -> str:
    """What happened in an event, as a moderator reads it."""
    decided, _colon, code = event.action.partition(":")
    chosen = handler.decision(code) if handler and decided == "decided" else None
    said = {"filed": _("filed"), "note": _("note")}
    said |= {action: str(words) for action, words in (handler.happened.items() if handler else ())}
    return str(chosen.label) if chosen else said.get(event.action, event.action)


def _said(event: CaseEvent, handler: cases.Handler | None) -> str:
    """The note of an event; what a case was filed for is said as in the case's head."""
    return handler.says(event.note) if handler and event.action == "filed" else event.note
