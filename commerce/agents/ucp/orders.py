"""An order as the schemas want it."""

from __future__ import annotations

from commerce.agents import acp
from commerce.agents.ucp.words import CAPABILITIES, ORDER, PLACES, Json, Spoken, total_row
from commerce.agents.ucp.writing import envelope
from commerce.catalog.exports import item_id
from commerce.models import Dispute, Order, OrderLine


def order_body(order: Order, spoken: Spoken = CAPABILITIES) -> Json:
    """A whole order, as answers and news carry it."""
    goods = [line for line in order.lines.order_by("pk") if line.kind == "goods"]
    body: Json = {
        "ucp": envelope(ORDER, spoken),
        "id": str(order.public_id),
        "checkout_id": acp.session_id(order),
        "permalink_url": acp.permalink(order),
        "line_items": [_order_line(order, line) for line in goods],
        "fulfillment": {"expectations": _expected(order, goods), "events": _events(order, goods)},
        "currency": order.currency,
        "totals": _order_totals(order, goods),
    }
    if order.refunded or order.disputes.exists():
        body["adjustments"] = _adjustments(order)
    return body


def _order_line(order: Order, line: OrderLine) -> Json:
    is_sent = order.sent_at is not None
    is_back = order.state == Order.State.REFUNDED
    name = item_id(line.variant) if line.variant else line.reference
    item = {"id": name, "title": line.title, "price": line.unit_price}
    left = 0 if is_back else line.quantity
    return {
        "id": f"line_{line.pk}",
        "item": item,
        "quantity": {"original": line.quantity, "total": left, "fulfilled": left if is_sent else 0},
        "totals": [total_row("subtotal", acp.net(line)), total_row("total", acp.net(line))],
        "status": "removed" if is_back else "fulfilled" if is_sent else "processing",
    }


def _order_totals(order: Order, goods: list[OrderLine]) -> list[Json]:
    rows = [total_row("subtotal", sum(acp.net(line) for line in goods))]
    for line in order.lines.order_by("pk"):
        if line.kind == "shipping":
            rows.append(total_row("fulfillment", line.unit_price, line.title))
        elif line.kind == "tax":
            rows.append(total_row("tax", line.unit_price, line.title))
    return [*rows, total_row("total", order.total)]


def _expected(order: Order, goods: list[OrderLine]) -> list[Json]:
    """The parcel that was promised and where it goes; nothing where nothing is sent, or nobody said where."""
    sent = [line for line in goods if line.variant and line.variant.product.needs_shipping]
    if not sent or not order.address:
        return []
    place = {theirs: str(order.address.get(ours) or "") for ours, theirs in PLACES.items()}
    return [
        {
            "id": f"parcel_{order.public_id}",
            "line_items": [{"id": f"line_{line.pk}", "quantity": line.quantity} for line in sent],
            "method_type": "shipping",
            "destination": {name: value for name, value in place.items() if value},
        }
    ]


def _events(order: Order, goods: list[OrderLine]) -> list[Json]:
    lines = [{"id": f"line_{line.pk}", "quantity": line.quantity} for line in goods]
    events = []
    for kind, at in (("shipped", order.sent_at), ("delivered", order.arrived_at)):
        if at is not None:
            event: Json = {
                "id": f"{kind}_{order.public_id}",
                "occurred_at": at.isoformat(),
                "type": kind,
                "line_items": lines,
            }
            if order.tracking:
                event["tracking_number"] = order.tracking
            if order.carrier:
                event["carrier"] = order.carrier
            events.append(event)
    return events


def _adjustments(order: Order) -> list[Json]:
    rows = []
    if order.refunded:
        rows.append(
            {
                "id": f"refund_{order.public_id}",
                "type": "refund",
                "occurred_at": (order.paid_at or order.created_at).isoformat(),
                "status": "completed",
                "totals": [total_row("total", -order.refunded)],
            }
        )
    for dispute in order.disputes.order_by("pk"):
        rows.append(
            {
                "id": f"dispute_{dispute.pk}",
                "type": "dispute",
                "occurred_at": dispute.opened_at.isoformat(),
                "status": "pending" if dispute.state == Dispute.State.OPEN else "completed",
                "totals": [total_row("total", -dispute.amount)],
            }
        )
    return rows
