"""The engines of this host: what they can do, what their licences ask, how they measured here. The operator
states where the host is."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import stepup
from accounts.access import is_operator, operator_only
from accounts.edge import SignedInRequest
from generation import actions, catalogue, showing_engines
from generation.forms import StatementForm


@require_GET
@login_required
def engines(request: SignedInRequest) -> HttpResponse:
    return render(request, "generation/engines.html", _page(request, StatementForm.of(catalogue.stated())))


@require_POST
@login_required
def state_host(request: SignedInRequest) -> HttpResponse:
    operator_only(request.user)
    stepup.require(request)
    form = StatementForm(request.POST)
    if not form.is_valid():
        return render(request, "generation/engines.html", _page(request, form), status=422)
    actions.state_host(**form.cleaned_data, now=timezone.now())
    messages.success(request, _("Stated. Licences are asked by it from now on."))
    return redirect("generation:engines")


def _page(request: SignedInRequest, form: StatementForm) -> dict[str, object]:
    return showing_engines.page() | {"form": form if is_operator(request.user) else None}
