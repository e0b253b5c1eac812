"""Clips that are paid for: unlocking an episode, licensing B-roll, and what one's own cost."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import throttle
from accounts.edge import SignedInRequest
from accounts.models import User
from accounts.refusals import Refused
from commerce import access, actions, queries
from commerce.actions.extras import TIP_CURRENCIES
from commerce.forms import PostPriceForm
from commerce.models import PostPrice
from commerce.money import Money
from commerce.refusals import PriceChanged
from commerce.views.buyer import payment_address
from feed import broll, rights
from feed.models import Episode, Post

SEE, BROLL = PostPrice.Use.SEE, PostPrice.Use.BROLL


@login_required
@require_http_methods(["GET", "POST"])
def unlock(request: SignedInRequest, post_id: UUID) -> HttpResponse:
    """A paid episode: what it costs, who gets it, and the way to the payment page."""
    now = timezone.now()
    post = access.offered_post(request.user, post_id, now)
    if request.method == "POST":
        throttle.checkout(throttle.client_address(request), now)
        order = actions.unlock(buyer=request.user, post=post, seen=_seen(request), now=now)
        return redirect(payment_address(request, order))
    episode = Episode.objects.select_related("series").filter(post=post).first()
    return render(request, "commerce/unlock.html", _offered(post, SEE) | {"episode": episode})


@login_required
@require_http_methods(["GET", "POST"])
def license_broll(request: SignedInRequest, post_id: UUID) -> HttpResponse:
    """A licence to use a clip in one's own: what it costs, and the way to the payment page."""
    now = timezone.now()
    post = access.broll_post(request.user, post_id, now)
    if request.method == "POST":
        throttle.checkout(throttle.client_address(request), now)
        order = actions.license_broll(buyer=request.user, post=post, seen=_seen(request), now=now)
        if order is not None:
            return redirect(payment_address(request, order))
        messages.success(request, _("You may use it now."))
        return redirect("commerce:broll-licence", post_id=post_id)
    mine = post.creator_id == request.user.pk
    context = _offered(post, BROLL) | {"holds": mine or broll.holds(post, request.user), "is_mine": mine}
    return render(request, "commerce/broll.html", context)


def _offered(post: Post, use: str) -> dict[str, Any]:
    return {
        "post": post,
        "price": actions.price_of(post, use),
        "platform_rate": queries.platform_percent(),
        "owes": rights.named(dict(rights.owed(post.pk))),
    }


def _seen(request: HttpRequest) -> Money:
    """The price that the buyer was shown; a form without one saw none."""
    amount, currency = request.POST.get("seen_amount", ""), request.POST.get("seen_currency", "")
    if not (amount.isdecimal() and len(amount) < 12) or currency not in TIP_CURRENCIES:
        raise PriceChanged
    return Money(int(amount), currency)


@login_required
@require_http_methods(["GET", "POST"])
def prices(request: SignedInRequest, post_id: UUID) -> HttpResponse:
    """What a clip of one's own costs: as an episode, and as B-roll."""
    now, refusal = timezone.now(), None
    post = access.priced_post(request.user, post_id, now)
    do = request.POST.get("do", "")
    forms = {str(use): _form(request, post, use, do) for use in (SEE, BROLL)}
    form = forms.get(do)
    if form is not None and form.is_valid():
        try:
            _price(post, request.user, do, form.cleaned_data["money"])
            messages.success(request, _("Kept."))
            return redirect("commerce:post-prices", post_id=post_id)
        except Refused as said:
            refusal = said
    context = {
        "post": post,
        "episode": Episode.objects.select_related("series").filter(post=post).first(),
        "see_form": forms["see"],
        "broll_form": forms["broll"],
        "refusal": refusal,
    }
    status = refusal.status if refusal else 422 if form is not None and form.errors else 200
    return render(request, "commerce/post_prices.html", context, status=status)


def _form(request: HttpRequest, post: Post, use: PostPrice.Use, do: str) -> PostPriceForm:
    money = actions.price_of(post, use)
    first = {"amount": f"{money.decimal():f}", "currency": money.currency} if money else {}
    return PostPriceForm(request.POST if do == use else None, initial=first, prefix=use)


def _price(post: Post, by: User, use: str, money: Money | None) -> None:
    price = actions.price_episode if use == SEE else actions.price_broll
    price(post=post, by=by, money=money, now=timezone.now())
