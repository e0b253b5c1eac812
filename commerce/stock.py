"""Stock: what is on the shelf, less what is reserved. A hold always comes back, or becomes the sale."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F, Sum

from commerce.models import Order, Product, StockHold, Variant
from commerce.refusals import OutOfStock

HOLD = timedelta(minutes=10)


def available(variant: Variant) -> int | None:
    """How many can be ordered now; None where nobody counts. A late hold still holds until it is released."""
    if variant.stock is None:
        return None
    held = variant.holds.filter(released_at=None).aggregate(sum=Sum("quantity"))["sum"] or 0
    return max(0, variant.stock - held)


def held(product: Product) -> dict[int, int]:
    """How many of each variant of a product are reserved now, by the variant's key."""
    rows = StockHold.objects.filter(variant__product=product, released_at=None).values_list("variant")
    return dict(rows.annotate(sum=Sum("quantity")))


def hold(*, variant_id: int, order: Order, quantity: int, now: datetime) -> StockHold | None:
    """Reserve, inside the caller's transaction; raises OutOfStock. Locks the one variant row it uses up."""
    variant = Variant.objects.select_for_update().get(pk=variant_id)
    left = available(variant)
    if left is None:
        return None
    if left < quantity:
        raise OutOfStock
    return StockHold.objects.create(variant=variant, order=order, quantity=quantity, expires_at=now + HOLD)


def take(order: Order, now: datetime) -> None:
    """The order is paid: its holds leave the shelf. Doing it again takes nothing."""
    for held in order.holds.filter(released_at=None).order_by("variant_id"):
        if StockHold.objects.filter(pk=held.pk, released_at=None).update(released_at=now):
            Variant.objects.filter(pk=held.variant_id).update(stock=F("stock") - held.quantity)


def put_back(order: Order, now: datetime) -> None:
    """The order will not be paid: its holds return to the shelf."""
    order.holds.filter(released_at=None).update(released_at=now)


def bring_back(order: Order) -> None:
    """All of a paid order went back before it was sent: what it took stands on the shelf again, where anybody
    counts. Inside the caller's transaction, which ends the order once."""
    for held in order.holds.order_by("variant_id"):
        counted = Variant.objects.filter(pk=held.variant_id, stock__isnull=False)
        counted.update(stock=F("stock") + held.quantity)
