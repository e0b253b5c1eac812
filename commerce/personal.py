"""What the shop holds about a person: given out, taken in, and erased."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.forms.models import model_to_dict

from accounts.models import User
from accounts.personal import Archive
from commerce.models import Agreement, Merchant, Order, Product, ProductTag, Split, TagTouch

COVERS = {
    "commerce.Merchant": "kept without a name: orders stand on it; its products leave the shelf",
    "commerce.Product": "kept off the shelf: paid orders name it",
    "commerce.Variant": "kept: paid orders name it",
    "commerce.CatalogImport": "deleted",
    "commerce.CatalogSource": "deleted",
    "commerce.Agreement": "kept: a contract that paid orders refer to; the account it names is erased",
    "commerce.ProductTag": "kept off the clip: orders that it earned name it",
    "commerce.TagTouch": "deleted",
    "commerce.Order": "kept without e-mail: bookkeeping",
    "commerce.OrderLine": "kept: bookkeeping; names nobody by itself",
    "commerce.StockHold": "kept: says only how much of which product, for which order",
    "commerce.Split": "kept: bookkeeping; the account it names is erased",
}


def export(user: User) -> dict[str, Any]:
    return {
        "merchant": [model_to_dict(row) for row in Merchant.objects.filter(owner=user)],
        "agreements": [model_to_dict(row) for row in Agreement.objects.filter(creator=user)],
        "orders": [_order(row) for row in Order.objects.filter(buyer=user).prefetch_related("lines")],
        "earnings": [model_to_dict(row) for row in Split.objects.filter(recipient=user)],
        "taps": [model_to_dict(row) for row in TagTouch.objects.filter(buyer=user)],
    }


def import_(archive: Archive) -> None:
    """Nothing comes over: orders and money belong to the host that took them."""


def erase(user: User, now: datetime) -> None:
    TagTouch.objects.filter(buyer=user).delete()
    Order.objects.filter(buyer=user).update(email="", visitor="")
    for merchant in Merchant.objects.filter(owner=user):
        merchant.imports.all().delete()
        merchant.sources.all().delete()
        Product.objects.filter(merchant=merchant).update(is_live=False)
        ProductTag.objects.filter(product__merchant=merchant, removed_at=None).update(removed_at=now)
        Merchant.objects.filter(pk=merchant.pk).update(name="–")


def _order(order: Order) -> dict[str, Any]:
    return {**model_to_dict(order), "lines": [model_to_dict(line) for line in order.lines.all()]}
