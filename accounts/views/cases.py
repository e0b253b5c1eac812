"""The moderators' inbox. Nobody else can tell that it is there."""

from __future__ import annotations

from typing import Any
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
from accounts.models import Case
from accounts.views.edge import me


@require_GET
@login_required
def inbox(request: HttpRequest) -> HttpResponse:
    state = Case.State.DECIDED if request.GET.get("state") == "decided" else Case.State.OPEN
    rows = access.cases_for(me(request)).filter(state=state)
    page = pagination.newest_first(rows, before=request.GET.get("before"))
    context = {"cases": [_titled(case) for case in page.items], "older": page.older, "state": state}
    return render(request, "accounts/cases.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def case(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found, form = access.case_for(me(request), public_id), DecisionForm(request.POST or None)
    if request.method == "POST" and request.POST.get("decision") == "note":
        note = request.POST.get("note", "")
        cases.add_note(case=found, moderator=me(request), note=note, now=timezone.now())
        return redirect("accounts:case", public_id)
    if form.is_valid():
        cases.decide(case=found, moderator=me(request), **form.cleaned_data, now=timezone.now())
        messages.success(request, _("Decided."))
        return redirect("accounts:cases")
    handler = cases.handler_of(found.kind)
    context = {
        **_titled(found),
        "handler": handler,
        "evidence": dict(handler.evidence(found)) if handler else {},
        "events": found.events.select_related("by").order_by("pk"),
        "form": form,
    }
    return render(request, "accounts/case.html", context, status=400 if form.errors else 200)


def _titled(case: Case) -> dict[str, Any]:
    handler = cases.handler_of(case.kind)
    return {"case": case, "title": handler.title if handler else case.kind}
