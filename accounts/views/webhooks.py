"""The page of webhooks: which addresses hear one's news."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import events, hooks, stepup, throttle
from accounts.forms import HookForm
from accounts.models import Hook
from accounts.refusals import Refused
from accounts.views.edge import me


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """The list, and the form. A secret is shown on the page that answers the form."""
    user, form, secret = me(request), HookForm(request.POST or None), ""
    if request.method == "POST":
        stepup.require(request)
    if form.is_valid():
        throttle.outbound(str(user.pk), timezone.now())
        try:
            _hook, secret = hooks.make(owner=user, now=timezone.now(), **form.cleaned_data)
        except Refused as refused:
            form.add_error("address", str(refused.message))
        else:
            events.told("webhook_made", user=user)
            form = HookForm()
    rows = Hook.objects.filter(owner=user).order_by("pk")
    context = {
        "form": form,
        "secret": secret,
        "hooks": [(hook, hooks.state_of(hook)) for hook in rows],
    }
    return render(request, "accounts/webhooks.html", context, status=400 if form.errors else 200)


@require_POST
@login_required
def remove(request: HttpRequest, public_id: UUID) -> HttpResponse:
    if not hooks.remove(owner=me(request), public_id=public_id):
        raise Http404
    events.told("webhook_removed", user=me(request))
    messages.success(request, _("The webhook is gone."))
    return redirect("accounts:webhooks")


@require_POST
@login_required
def try_out(request: HttpRequest, public_id: UUID) -> HttpResponse:
    throttle.outbound(str(me(request).pk), timezone.now())
    if not hooks.try_out(owner=me(request), public_id=public_id, now=timezone.now()):
        raise Http404
    messages.success(request, _("A trial is on its way."))
    return redirect("accounts:webhooks")
