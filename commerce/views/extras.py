"""Tips, licences and credits: what is paid without a shop."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts import throttle
from accounts.edge import SignedInRequest
from commerce import access, actions, queries
from commerce.forms import TipForm
from commerce.models import Plan
from commerce.money import Money
from commerce.refusals import BadTip, NothingToPayFor
from commerce.views.buyer import payment_address
from feed import rights
from generation import credits as balance_of


@login_required
@require_http_methods(["GET", "POST"])
def tip(request: SignedInRequest, handle: str) -> HttpResponse:
    """Something for somebody whose clips are liked, and who gave most of late."""
    creator, now = access.creator_for(request.user, handle), timezone.now()
    post = access.tipped_post(request.user, creator, request.GET.get("for", ""), now)
    form = TipForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        throttle.checkout(throttle.client_address(request), now)
        money = form.money()
        if money is None:
            raise BadTip
        hidden = form.cleaned_data["hidden"]
        order = actions.tip(
            buyer=request.user, creator=creator, money=money, is_hidden=hidden, post=post, now=now
        )
        return redirect(payment_address(request, order))
    context = {
        "creator": creator,
        "form": form,
        "post": post,
        "owes": rights.named(dict(rights.owed(post.pk))) if post else [],
        "supporters": queries.supporters(creator, now),
        "platform_rate": queries.platform_percent(),
    }
    return render(request, "commerce/tip.html", context, status=400 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def licence(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """A licence that its owner accepted: what it costs, and the way to the payment page."""
    found = access.licence_to_pay(request.user, public_id)
    if request.method == "GET":
        context = {"licence": found, "total": Money(found.total, found.currency)}
        return render(request, "commerce/licence.html", context)
    order = actions.pay_licence(licence=found, buyer=request.user, now=timezone.now())
    return redirect(payment_address(request, order))


@login_required
@require_http_methods(["GET", "POST"])
def credits(request: SignedInRequest) -> HttpResponse:
    """Packs of credits, where the host sells them."""
    if request.method == "POST":
        now, count = timezone.now(), request.POST.get("count", "")
        throttle.checkout(throttle.client_address(request), now)
        if not count.isdecimal() or len(count) > 9:
            raise NothingToPayFor
        order = actions.buy_credits(buyer=request.user, count=int(count), now=now)
        return redirect(payment_address(request, order))
    plans = Plan.objects.filter(creator=None, closed_at=None).order_by("price")
    context = {
        "packs": actions.packs(),
        "plans": plans,
        "mine": queries.plans_had_by(request.user, None),
        "balance": balance_of.balance(request.user),
    }
    return render(request, "commerce/credits.html", context)
