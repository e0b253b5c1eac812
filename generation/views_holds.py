"""A moderator asks that a clip be kept for the law."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import moderator_only
from accounts.edge import SignedInRequest
from accounts.refusals import Refused
from generation import holds
from generation.forms import HoldForm
from generation.models import Clip


@require_http_methods(["GET", "POST"])
@login_required
def hold(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Why, and for how long; nothing of the clip is shown here."""
    moderator = moderator_only(request.user)
    clip = get_object_or_404(Clip, public_id=public_id)
    form, refusal = HoldForm(request.POST if request.method == "POST" else None), None
    if request.method == "POST" and form.is_valid():
        try:
            said = form.cleaned_data
            holds.ask(
                clip=clip, moderator=moderator, reason=said["reason"], days=said["days"], now=timezone.now()
            )
            messages.success(request, _("Sealed. Another moderator has to agree within 72 hours."))
            return redirect("/cases")
        except Refused as refused:
            refusal = refused
    status = refusal.status if refusal else 422 if form.is_bound else 200
    context = {"form": form, "clip": clip, "refusal": refusal}
    return render(request, "generation/hold.html", context, status=status)
