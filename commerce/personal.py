"""What the shop holds about a person: given out, taken in, and erased."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.forms.models import model_to_dict

from accounts.models import User
from accounts.personal import Archive
from commerce.models import (
    AgentSession,
    Agreement,
    Merchant,
    Order,
    Product,
    ProductTag,
    Split,
    TagTouch,
    Transfer,
)

COVERS = {
    "commerce.Merchant": "kept without a name: orders stand on it; its products leave the shelf",
    "commerce.Product": "kept off the shelf: paid orders name it",
    "commerce.Variant": "kept: paid orders name it",
    "commerce.CatalogImport": "deleted",
    "commerce.CatalogSource": "deleted",
    "commerce.ShippingRate": "deleted",
    "commerce.Coupon": "deleted",
    "commerce.Payee": "kept: where money went, for bookkeeping; the account it names is erased",
    "commerce.Transfer": "kept: bookkeeping",
    "commerce.Dispute": "kept: bookkeeping; names nobody by itself",
    "commerce.AgentSession": "deleted",
    "commerce.OrderWebhook": "kept: says only which order an agent hears of",
    "commerce.Agreement": "kept: a contract that paid orders refer to; the account it names is erased",
    "commerce.ProductTag": "kept off the clip: orders that it earned name it",
    "commerce.TagTouch": "deleted",
    "commerce.Order": "kept without e-mail and address: bookkeeping",
    "commerce.OrderLine": "kept: bookkeeping; names nobody by itself",
    "commerce.StockHold": "kept: says only how much of which product, for which order",
    "commerce.Split": "kept: bookkeeping; the account it names is erased",
}


def export(user: User) -> dict[str, Any]:
    return {
        "merchant": [model_to_dict(row) for row in Merchant.objects.filter(owner=user)],
        "agreements": [model_to_dict(row) for row in Agreement.objects.filter(creator=user)],
        "orders": [_order(row) for row in Order.objects.filter(buyer=user).prefetch_related("lines")],
        "payouts": [model_to_dict(row) for row in Transfer.objects.filter(payee__user=user)],
        "earnings": [model_to_dict(row) for row in Split.objects.filter(recipient=user)],
        "taps": [model_to_dict(row) for row in TagTouch.objects.filter(buyer=user)],
    }


def import_(archive: Archive) -> None:
    """Nothing comes over: orders and money belong to the host that took them."""


def erase(user: User, now: datetime) -> None:
    TagTouch.objects.filter(buyer=user).delete()
    Order.objects.filter(buyer=user).update(email="", visitor="", address={}, return_words="")
    AgentSession.objects.filter(agent=user).delete()
    for merchant in Merchant.objects.filter(owner=user):
        merchant.imports.all().delete()
        merchant.sources.all().delete()
        merchant.shipping_rates.all().delete()
        merchant.coupons.all().delete()
        Product.objects.filter(merchant=merchant).update(is_live=False)
        ProductTag.objects.filter(product__merchant=merchant, removed_at=None).update(removed_at=now)
        Merchant.objects.filter(pk=merchant.pk).update(name="–")


def _order(order: Order) -> dict[str, Any]:
    return {**model_to_dict(order), "lines": [model_to_dict(line) for line in order.lines.all()]}
