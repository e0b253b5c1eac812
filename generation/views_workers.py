"""The operator's page of workers on other machines. For everybody else it is not there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import stepup
from accounts.edge import SignedInRequest
from accounts.refusals import Refused
from generation import access
from generation.forms import WorkerForm
from generation.workers import tokens

FRESH = timedelta(minutes=1)


@require_http_methods(["GET", "POST"])
@login_required
def workers(request: SignedInRequest) -> HttpResponse:
    rows = access.remote_workers(request.user)
    form = WorkerForm(request.POST if request.method == "POST" else None)
    secret, refusal = "", None
    if request.method == "POST":
        stepup.require(request)
        if form.is_valid():
            try:
                name, now = form.cleaned_data["name"], timezone.now()
                _worker, secret = tokens.register(name=name, by=request.user, now=now)
                form = WorkerForm()
            except Refused as said:
                refusal = said
    now = timezone.now()
    listed: list[dict[str, Any]] = [
        {"worker": row, "is_up": row.seen_at is not None and now - row.seen_at < FRESH} for row in rows
    ]
    context = {"listed": listed, "form": form, "secret": secret, "refusal": refusal}
    status = refusal.status if refusal else 422 if form.is_bound and not form.is_valid() else 200
    answer = render(request, "generation/workers.html", context, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
@login_required
def revoke_worker(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    worker = access.remote_workers(request.user).filter(public_id=public_id).first()
    if worker is None:
        raise Http404
    tokens.revoke(worker=worker, now=timezone.now())
    messages.success(request, _("Revoked. Its jobs went back into the queue."))
    return redirect("generation:workers")
