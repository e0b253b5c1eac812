"""The buyer's side: ordering, paying, cancelling, and the receipt that names who earned what."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import throttle
from accounts.edge import SignedInRequest
from commerce import access, actions, queries, visitor
from commerce.forms import OrderForm, RefundForm
from commerce.models import Order, Variant

PAGE = 24


@require_POST
def checkout(request: HttpRequest) -> HttpResponse:
    """Order what the sheet shows and go to the payment page."""
    form = OrderForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest(_("This order cannot be read. Open the product again."))
    now, who = timezone.now(), visitor.of_or_new(request)
    throttle.checkout(throttle.client_address(request), now)
    order = actions.start_checkout(
        buyer=buyer_of(request, who),
        variant=variant_for(form.cleaned_data["variant"]),
        quantity=form.cleaned_data["quantity"],
        seen=form.seen(),
        tag=access.tag_for(request.user, form.cleaned_data["tag"], now) if form.cleaned_data["tag"] else None,
        now=now,
    )
    return visitor.keep(redirect(payment_address(request, order)), who)


def variant_for(pk: int) -> Variant:
    return get_object_or_404(Variant.objects.select_related("product__merchant"), pk=pk)


def buyer_of(request: HttpRequest, who: str) -> actions.Buyer:
    if request.user.is_authenticated:
        return actions.Buyer(visitor=who, account=request.user, email=request.user.email)
    return actions.Buyer(visitor=who)


def payment_address(request: HttpRequest, order: Order) -> str:
    page = request.build_absolute_uri(reverse("commerce:order", args=[order.public_id]))
    return actions.open_payment(order=order, success_url=page, cancel_url=page)


@require_GET
def order(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """An order for its buyer or its merchant: where it stands, the lines, and who earned what."""
    who, now = visitor.of(request), timezone.now()
    found = actions.sync(order=access.order_for(request.user, who, public_id), now=now)
    context = {
        "order": found,
        "lines": queries.receipt(found),
        "is_buyer": access.is_buyer(found, request.user, who),
        "refund_form": RefundForm(currency=found.currency),
        "left": queries.left(found),
        "hold_ends_at": queries.hold_ends_at(found),
    }
    return render(request, "commerce/order.html", context)


@require_POST
def pay(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Back to the payment page of an order that is still open."""
    found = access.own_order_for(request.user, visitor.of(request), public_id)
    return redirect(payment_address(request, found))


@require_POST
def cancel(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = access.own_order_for(request.user, visitor.of(request), public_id)
    cancelled = actions.cancel_order(order=found, now=timezone.now())
    if cancelled.state == Order.State.EXPIRED:
        messages.success(request, _("Cancelled. Nothing was charged."))
    return redirect("commerce:order", public_id)


@login_required
@require_GET
def orders(request: SignedInRequest) -> HttpResponse:
    mine = Order.objects.filter(buyer=request.user).select_related("merchant").prefetch_related("lines")
    page = Paginator(mine.order_by("-created_at", "-pk"), PAGE).get_page(request.GET.get("page"))
    return render(request, "commerce/orders.html", {"page": page})


@login_required
@require_GET
def earnings(request: SignedInRequest) -> HttpResponse:
    """What the viewer earned, from which clip, by which rule, and when it can be paid out."""
    page = Paginator(queries.earnings(request.user), PAGE).get_page(request.GET.get("page"))
    return render(request, "commerce/earnings.html", {"page": page, "sums": queries.earned(request.user)})
