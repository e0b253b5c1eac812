"""Prices of a likeness, and requests for licences: those to answer and those of one's own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import stepup
from accounts.edge import SignedInRequest
from cameos import access, consent, licence_answers, licences, queries
from cameos.forms import LicenceForm, PriceForm
from cameos.models import Cameo
from cameos.refusals import ConsentDenied


@require_http_methods(["GET", "POST"])
@login_required
def price(request: SignedInRequest) -> HttpResponse:
    """The price card: what a clip with me costs, and what of its sales is mine."""
    now, cameo = timezone.now(), access.cameo_of(request.user, request.GET.get("of"))
    form = PriceForm(request.POST or None, initial=PriceForm.initial_of(licences.card_of(cameo, now)))
    if request.method == "POST" and form.is_valid():
        card = licences.set_card(
            cameo=cameo,
            owner=request.user,
            stepped_up=stepup.is_fresh(request, now),
            now=now,
            **form.prices(),
        )
        messages.success(request, _saved(card.effective_at > now))
        return _back(cameo)
    shown = {"form": form, "cameo": cameo}
    return render(request, "cameos/price.html", shown, status=400 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@login_required
def ask(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Ask somebody for a licence at the price of today."""
    now, cameo = timezone.now(), access.castable_for(request.user, public_id)
    card = licences.costs(cameo, request.user, now)
    form = LicenceForm(request.POST or None, initial={"clip_count": 1})
    if request.method == "POST" and form.is_valid():
        licences.ask(cameo=cameo, requester=request.user, now=now, **form.cleaned_data)
        messages.success(request, _("Asked. You are told when %(name)s answers.") % {"name": cameo.name})
        return redirect("cameos:licences")
    reason = None if card else consent.may_cast(cameo=cameo, requester=request.user, now=now)
    denied = ConsentDenied(reason, name=cameo.name) if reason else None
    shown = {"form": form, "cameo": cameo, "card": card, "denied": denied}
    return render(request, "cameos/licence_ask.html", shown, status=400 if form.errors else 200)


@require_GET
@login_required
def licences_page(request: SignedInRequest) -> HttpResponse:
    """What others ask of me, and what I asked of others."""
    shown: dict[str, Any] = {**queries.licences_of(request.user)}
    shown["mine_to_pay"] = [(row, licences.pay_at(row, request.user)) for row in shown["mine"]]
    return render(request, "cameos/licences.html", shown)


@require_POST
@login_required
def accept(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    licence, now = access.licence_of(request.user, public_id), timezone.now()
    licence_answers.accept(
        licence=licence, owner=request.user, stepped_up=stepup.is_fresh(request, now), now=now
    )
    messages.success(request, _("Accepted. It counts once it is paid; until then nothing is permitted."))
    return redirect("cameos:licences")


@require_POST
@login_required
def decline(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    licences.decline(
        licence=access.licence_of(request.user, public_id), owner=request.user, now=timezone.now()
    )
    messages.success(request, _("Declined. They are told, without a reason."))
    return redirect("cameos:licences")


def _back(cameo: Cameo) -> HttpResponse:
    return redirect(f"/likeness?of={cameo.public_id}#price")


def _saved(waits: bool) -> str:
    if waits:
        return _("Saved. What got cheaper counts in 24 hours. You got a mail.")
    return _("Saved. These prices count now.")
