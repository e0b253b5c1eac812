"""Red packets, flash prices, plans for creators, and the way out to a shop's own site."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import throttle
from accounts.edge import SignedInRequest
from commerce import access, actions, linking, queries, visitor
from commerce.actions import promotions
from commerce.forms import AffiliateForm, FlashForm, PacketForm, PinForm
from commerce.models import FlashPrice
from commerce.views.clip import account_of


@login_required
@require_http_methods(["GET", "POST"])
def packets(request: SignedInRequest) -> HttpResponse:
    """A shop's red packets, and a new one."""
    merchant, now = access.merchant_of(request.user), timezone.now()
    form = PacketForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        promotions.give_packets(merchant=merchant, now=now, **form.words())
        messages.success(request, _("Kept. Share its address: first come, first served."))
        return redirect("commerce:packets")
    context = {"form": form, "rows": merchant.red_packets.order_by("-pk")[:50], "now": now}
    return render(request, "commerce/packets.html", context, status=400 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def packet(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """One red packet: open it, and see the code that is yours."""
    found, now = access.packet_for(request.user, public_id), timezone.now()
    if request.method == "POST":
        throttle.checkout(throttle.client_address(request), now)
        promotions.take_packet(packet=found, person=request.user, now=now)
        return redirect("commerce:packet", public_id)
    mine = found.taken.filter(person=request.user).select_related("coupon").first()
    context = {"packet": found, "mine": mine, "is_over": found.until <= now or not found.left}
    return render(request, "commerce/packet.html", context)


@login_required
@require_POST
def flash(request: SignedInRequest, pk: int) -> HttpResponse:
    """A lower price for a while, for one variant of the shop."""
    variant, form = access.own_variant(request.user, pk), FlashForm(request.POST)
    form.currency = variant.currency
    if form.is_valid():
        promotions.set_flash(variant=variant, now=timezone.now(), **form.words(timezone.now()))
        messages.success(request, _("Kept."))
    else:
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    return redirect("commerce:product", variant.product.public_id)


@login_required
@require_POST
def flash_end(request: SignedInRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(FlashPrice, pk=pk, variant__product__merchant__owner_id=request.user.pk)
    promotions.end_flash(flash=found, now=timezone.now())
    messages.success(request, _("Ended. The former price is back."))
    return redirect("commerce:product", found.variant.product.public_id)


@login_required
@require_http_methods(["GET", "POST"])
def affiliate_plans(request: SignedInRequest) -> HttpResponse:
    """What the shop offers every creator."""
    merchant = access.merchant_of(request.user)
    form = AffiliateForm(request.POST or None, merchant=merchant)
    if request.method == "POST" and form.is_valid():
        promotions.add_plan(merchant=merchant, now=timezone.now(), **form.words())
        messages.success(request, _("Kept. Creators find it under “Earn”."))
        return redirect("commerce:affiliate-plans")
    rows = merchant.affiliate_plans.prefetch_related("products", "agreements").order_by("-pk")
    context = {"form": form, "rows": rows, "platform_rate": queries.platform_percent()}
    return render(request, "commerce/affiliate_plans.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def affiliate_close(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    promotions.close_plan(plan=access.own_affiliate_plan(request.user, public_id), now=timezone.now())
    messages.success(request, _("Closed. What was agreed under it stays."))
    return redirect("commerce:affiliate-plans")


@login_required
@require_http_methods(["GET", "POST"])
def earn(request: SignedInRequest) -> HttpResponse:
    """For creators: plans of shops, and pinning one of their products to an own clip."""
    form = PinForm(
        request.POST if request.method == "POST" else None,
        creator=request.user,
        plans=access.affiliate_plans(request.user),
    )
    if request.method == "POST" and form.is_valid():
        plan, product, post = form.chosen()
        tag = actions.pin_by_plan(
            plan=plan,
            product=product,
            post=post,
            place=form.place(post.clip.duration_ms),
            creator=request.user,
            now=timezone.now(),
        )
        messages.success(request, _("Pinned. These rates stay as they are today."))
        return redirect(f"/p/{tag.post.public_id}")
    context = {"form": form, "rows": access.affiliate_plans(request.user)[:100]}
    return render(request, "commerce/earn.html", context, status=400 if form.errors else 200)


@require_GET
def out(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """From a tag to the shop's own site; the tap is kept, and its number goes along."""
    now, who = timezone.now(), visitor.of_or_new(request)
    tag = access.tag_for(request.user, public_id, now)
    address = linking.address_of(tag.product)
    if address is None:
        raise Http404
    throttle.checkout(throttle.client_address(request), now)
    kept = actions.touch(tag=tag, visitor=who, buyer=account_of(request), now=now, led_out=True)
    return visitor.keep(redirect(linking.tracked(address, kept)), who)
