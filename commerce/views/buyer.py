"""The buyer's side: ordering, paying, cancelling, and the receipt that names who earned what."""

from __future__ import annotations

import csv
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import stepup, throttle
from accounts.edge import SignedInRequest
from commerce import access, actions, queries, visitor
from commerce.actions.fulfilment import may_call_off, may_return
from commerce.agents import sessions
from commerce.catalog.rows import neutral
from commerce.forms import AddressForm, OrderForm, RefundForm, ReturnForm, SentForm
from commerce.models import Order, Payee, Variant
from commerce.offers import pledging, standing

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
        code=form.cleaned_data["code"],
        seen_total=form.cleaned_data["seen_total"],
        seen_promise=form.cleaned_data["seen_promise"],
        now=now,
    )
    return visitor.keep(redirect(payment_address(request, order)), who)


def variant_for(pk: int) -> Variant:
    """One that may be asked for; a closed account's and an absent one are the same."""
    open_ = Variant.objects.filter(product__merchant__owner__is_active=True)
    return get_object_or_404(open_.select_related("product__merchant__owner"), pk=pk)


def buyer_of(request: HttpRequest, who: str) -> actions.Buyer:
    if request.user.is_authenticated:
        return actions.Buyer(visitor=who, account=request.user, email=request.user.email)
    return actions.Buyer(visitor=who)


def payment_address(request: HttpRequest, order: Order) -> str:
    page = request.build_absolute_uri(reverse("commerce:order", args=[order.public_id]))
    return actions.open_payment(order=order, success_url=page, cancel_url=page, now=timezone.now())


@require_GET
def order(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """An order for its buyer or its merchant: where it stands, the lines, and who earned what."""
    who, now = visitor.of_order(request, public_id), timezone.now()
    key = request.GET.get("key", "")
    if key != who and visitor.VALUE.fullmatch(key):
        access.order_for(request.user, key, public_id)
        return visitor.let_in(request, redirect("commerce:order", public_id), public_id, key)
    found = actions.sync(order=access.order_for(request.user, who, public_id), now=now)
    pledge = standing.pledge_of(found)
    if pledge is not None:
        pledge = pledging.sync(pledge=pledge, now=now)
    context = {
        "order": found,
        "lines": queries.receipt(found),
        "is_buyer": access.is_buyer(found, request.user, who),
        "is_seller": access.is_seller(found, request.user),
        "may_call_off": may_call_off(found),
        "may_return": may_return(found, now),
        "sent_form": SentForm(initial={"carrier": found.carrier, "tracking": found.tracking}),
        "address_form": AddressForm(initial=found.address),
        "needs_parcel": queries.needs_parcel(found),
        "return_form": ReturnForm(),
        "refund_form": RefundForm(currency=found.currency),
        "left": queries.left(found),
        "hold_ends_at": queries.hold_ends_at(found),
        "pledge": pledge,
        "standing": queries.offer_standing(pledge.offer) if pledge is not None else None,
        "may_leave": pledge is not None and standing.may_leave(pledge),
    }
    return render(request, "commerce/order.html", context)


@require_http_methods(["GET", "POST"])
def handover(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Where an agent sends its buyer: what was chosen, and the way to the payment page."""
    session, now = access.handed_over(public_id), timezone.now()
    if request.method == "POST":
        throttle.checkout(throttle.client_address(request), now)
        order = sessions.hand_over(session=session, now=now)
        # From here on the order is this browser's.
        order = actions.adopt(order=order, visitor=visitor.of(request))
        return visitor.keep(redirect(payment_address(request, order)), order.visitor)
    if session.order is not None and session.order.state in {Order.State.PAID, Order.State.REFUNDED}:
        return render(request, "commerce/handover.html", {"is_over": True})
    seen = sessions.look(session, now)
    is_over = seen.status in {sessions.Status.CANCELED, sessions.Status.EXPIRED, sessions.Status.COMPLETED}
    gone = [note for note in seen.notes if note.code in {"out_of_stock", "not_found"}]
    context = {"quote": seen.quote, "is_over": is_over, "gone": gone}
    return render(request, "commerce/handover.html", context)


@require_POST
def pay(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Back to the payment page of an order that is still open."""
    found = access.own_order_for(request.user, visitor.of_order(request, public_id), public_id)
    return redirect(payment_address(request, found))


@require_POST
def cancel(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = access.own_order_for(request.user, visitor.of_order(request, public_id), public_id)
    now = timezone.now()
    if found.state == Order.State.PAID:
        actions.call_off(order=found, now=now)
        messages.success(request, _("Cancelled. All of it goes back to you."))
        return redirect("commerce:order", public_id)
    cancelled = actions.cancel_order(order=found, now=now)
    if cancelled.state == Order.State.EXPIRED:
        messages.success(request, _("Cancelled. Nothing was charged."))
    return redirect("commerce:order", public_id)


@require_GET
def file(request: HttpRequest, public_id: UUID, line: int) -> FileResponse:
    """Digital goods: for whoever paid, as long as it was not given back."""
    found = access.file_of(request.user, visitor.of_order(request, public_id), public_id, line)
    assert found.variant is not None
    product = found.variant.product
    return FileResponse(
        default_storage.open(product.digital_path), as_attachment=True, filename=product.digital_name
    )


@require_POST
def address(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Where the parcel goes."""
    found = access.own_order_for(request.user, visitor.of_order(request, public_id), public_id)
    form = AddressForm(request.POST)
    if form.is_valid():
        actions.set_address(order=found, address=form.cleaned_data)
        messages.success(request, _("Kept. The shop sees where it goes."))
    else:
        messages.error(request, _("Name, street, town and country are needed."))
    return redirect("commerce:order", public_id)


@require_POST
def arrived(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = access.own_order_for(request.user, visitor.of_order(request, public_id), public_id)
    actions.arrived(order=found, now=timezone.now())
    messages.success(request, _("Noted. You have 14 days to ask for a return."))
    return redirect("commerce:order", public_id)


@require_POST
def ask_return(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = access.own_order_for(request.user, visitor.of_order(request, public_id), public_id)
    form = ReturnForm(request.POST)
    words = form.cleaned_data["words"] if form.is_valid() else ""
    actions.ask_return(order=found, words=words, now=timezone.now())
    messages.success(request, _("The shop was told."))
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
    payee = Payee.objects.filter(user=request.user).first()
    if payee is not None and not payee.is_ready:
        payee = actions.check_payee(payee=payee, now=timezone.now())
    context = {
        "page": page,
        "rows": [(row, queries.payable_on(row)) for row in page],
        "accounts": queries.accounts_of(request.user),
        "plot": queries.earned_by_day(request.user, timezone.now()),
        "clips": queries.earned_by_clip(request.user),
        "coming": queries.coming(request.user),
        "payee": payee,
    }
    return render(request, "commerce/earnings.html", context)


@login_required
@require_POST
def onboard(request: SignedInRequest) -> HttpResponse:
    """To the payment provider's own pages, where the person says who they are and where money goes."""
    stepup.require(request)
    page = request.build_absolute_uri(reverse("commerce:earnings"))
    return redirect(actions.onboard(user=request.user, return_url=page, refresh_url=page, now=timezone.now()))


@login_required
@require_GET
def statement(request: SignedInRequest) -> HttpResponseBase:
    """Everything that the viewer earned and was paid, for a spreadsheet. Sums stay numbers."""
    buffer = Lines()
    writer = csv.writer(buffer)
    rows = (
        writer.writerow([*map(neutral, words), amount, currency])
        for *words, amount, currency in queries.statement(request.user)
    )
    answer = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="statement.csv"'
    return answer


class Lines:
    """What `csv` writes to, handed on a line at a time."""

    def write(self, line: str) -> str:
        return line
