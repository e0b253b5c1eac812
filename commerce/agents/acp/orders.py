"""An order as the schemas want it."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from commerce.agents.acp.words import Json, session_id
from commerce.catalog.exports import address as product_address
from commerce.models import Dispute, Order, OrderLine


def order_body(order: Order) -> Json:
    """A whole `Order`, as answers and webhooks carry it."""
    goods = [line for line in order.lines.order_by("pk") if line.kind == "goods"]
    is_sent = order.sent_at is not None
    state = "canceled" if order.state == Order.State.REFUNDED else "shipped" if is_sent else "confirmed"
    if order.arrived_at is not None:
        state = "delivered"
    body: Json = {
        "type": "order",
        "id": str(order.public_id),
        "checkout_session_id": session_id(order),
        "order_number": str(order.public_id)[:8].upper(),
        "permalink_url": permalink(order),
        "status": state,
        "line_items": [_order_line(line, is_sent) for line in goods],
        "totals": _order_totals(order, goods),
        "adjustments": _adjustments(order),
    }
    if is_sent:
        body["fulfillments"] = [_fulfillment(order, goods)]
    return body


def permalink(order: Order) -> str:
    """The buyer's page of an order, with the secret that lets them in from any browser."""
    page = settings.SITE_URL + reverse("commerce:order", args=[order.public_id])
    return f"{page}?key={order.visitor}" if order.visitor else page


def total_row(kind: str, text: str, amount: int) -> Json:
    return {"type": kind, "display_text": text, "amount": amount}


def _order_line(line: OrderLine, is_sent: bool) -> Json:
    body: Json = {
        "id": f"line_{line.pk}",
        "title": line.title,
        "quantity": {
            "ordered": line.quantity,
            "current": line.quantity,
            "fulfilled": line.quantity if is_sent else 0,
        },
        "unit_price": line.unit_price,
        "subtotal": line.unit_price * line.quantity - line.discount,
        "status": "fulfilled" if is_sent else "processing",
    }
    if line.variant is not None:
        body["product_id"] = str(line.variant.product.public_id)
        body["url"] = product_address(line.variant.product)
    return body


def _order_totals(order: Order, goods: list[OrderLine]) -> list[Json]:
    rows = [total_row("subtotal", _("Subtotal"), sum(net(line) for line in goods))]
    for line in order.lines.order_by("pk"):
        if line.kind == "shipping":
            rows.append(total_row("fulfillment", line.title, line.unit_price))
        elif line.kind == "tax":
            rows.append(total_row("tax", line.title, line.unit_price))
    rows.append(total_row("total", _("Total"), order.total))
    if order.refunded:
        rows.append(total_row("amount_refunded", _("Given back"), order.refunded))
    return rows


def net(line: OrderLine) -> int:
    return line.unit_price * line.quantity - line.discount


def _adjustments(order: Order) -> list[Json]:
    code = order.currency.lower()
    rows: list[Json] = []
    if order.refunded:
        rows.append(
            {
                "id": f"refund_{order.public_id}",
                "type": "refund",
                "occurred_at": (order.paid_at or order.created_at).isoformat(),
                "status": "completed",
                "amount": order.refunded,
                "currency": code,
            }
        )
    for dispute in order.disputes.order_by("pk"):
        state = "pending" if dispute.state == Dispute.State.OPEN else "completed"
        rows.append(
            {
                "id": f"dispute_{dispute.pk}",
                "type": "dispute",
                "occurred_at": dispute.opened_at.isoformat(),
                "status": state,
                "amount": dispute.amount,
                "currency": code,
            }
        )
    return rows


def _fulfillment(order: Order, goods: list[OrderLine]) -> Json:
    body: Json = {
        "id": f"parcel_{order.public_id}",
        "type": "shipping",
        "status": "delivered" if order.arrived_at else "shipped",
        "line_items": [{"id": f"line_{line.pk}", "quantity": line.quantity} for line in goods],
    }
    if order.carrier:
        body["carrier"] = order.carrier
    if order.tracking:
        body["tracking_number"] = order.tracking
    return body
