"""Plans and memberships: a creator's or the host's, and what somebody has of them."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import throttle
from accounts.access import is_operator
from accounts.edge import SignedInRequest
from commerce import access, queries
from commerce.actions import memberships
from commerce.forms import PlanForm
from commerce.models import Plan
from commerce.refusals import NotAMember


@login_required
@require_GET
def mine(request: SignedInRequest) -> HttpResponse:
    """What the viewer pays for by the month or year; one that waits is asked about."""
    now = timezone.now()
    for row in request.user.memberships.filter(state="waiting").exclude(checkout_session_id=""):
        memberships.sync(membership=row, now=now)
    rows = queries.memberships_of(request.user)
    return render(request, "commerce/memberships.html", {"rows": rows})


@login_required
@require_GET
def of(request: SignedInRequest, handle: str) -> HttpResponse:
    """What a creator offers, and who supports them most."""
    creator = access.creator_for(request.user, handle)
    context = {
        "creator": creator,
        "plans": creator.plans.filter(closed_at=None).order_by("price"),
        "mine": queries.plans_had_by(request.user, creator),
        "supporters": queries.supporters(creator, timezone.now()),
        "platform_rate": queries.platform_percent(),
    }
    return render(request, "commerce/plans_of.html", context)


@login_required
@require_POST
def join(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    plan, now = access.plan_for(request.user, public_id), timezone.now()
    throttle.checkout(throttle.client_address(request), now)
    made = memberships.join(
        plan=plan, member=request.user, is_hidden=bool(request.POST.get("hidden")), now=now
    )
    page = request.build_absolute_uri(reverse("commerce:memberships"))
    return redirect(memberships.page(membership=made, success_url=page, cancel_url=page))


@login_required
@require_POST
def move(request: SignedInRequest, public_id: UUID, what: str) -> HttpResponse:
    """A button of one's own membership: cancel, stay, another card, go on paying, or another plan."""
    found, now = access.own_membership(request.user, public_id), timezone.now()
    page = request.build_absolute_uri(reverse("commerce:memberships"))
    if what == "cancel":
        ended = memberships.cancel(membership=found, now=now)
        said = _("Cancelled.") if ended.state == "ended" else _("It lasts until what you paid for is over.")
        messages.success(request, said)
    elif what == "stay":
        memberships.stay(membership=found, now=now)
        messages.success(request, _("It renews after all."))
    elif what == "card":
        return redirect(memberships.card_page(membership=found, return_url=page))
    elif what == "pay":
        return redirect(memberships.page(membership=found, success_url=page, cancel_url=page))
    elif what == "change":
        plan = access.plan_for(request.user, _uuid(request.POST.get("plan", "")))
        memberships.change(membership=found, plan=plan, now=now)
        messages.success(request, _("Changed. The difference of this period is on your bill."))
    else:
        raise NotAMember
    return redirect("commerce:memberships")


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotAMember from error


@login_required
@require_http_methods(["GET", "POST"])
def plans(request: SignedInRequest) -> HttpResponse:
    """The plans that the viewer offers; for the operator, the host's beside them."""
    runs_host = is_operator(request.user)
    form = PlanForm(request.POST or None, runs_host=runs_host)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        of_host = runs_host and data.get("of_host")
        memberships.add_plan(
            creator=None if of_host else request.user,
            title=data["title"],
            words=data["words"],
            money=data["price"],
            every=data["every"],
            credits_each=data.get("credits") or 0 if of_host else 0,
            now=timezone.now(),
        )
        messages.success(request, _("Kept."))
        return redirect("commerce:plans")
    rows = Plan.objects.filter(creator=request.user) | Plan.objects.filter(
        creator=None, pk__gt=0 if runs_host else 2**60
    )
    context = {"form": form, "rows": queries.plans_counted(rows)}
    return render(request, "commerce/plans.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def close(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    memberships.close_plan(plan=access.own_plan(request.user, public_id), now=timezone.now())
    messages.success(request, _("Nobody new can have it. Who has it keeps it."))
    return redirect("commerce:plans")
