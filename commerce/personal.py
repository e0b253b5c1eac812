"""What the shop holds about a person: given out, taken in, and erased."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.forms.models import model_to_dict

from accounts.models import User
from accounts.personal import Archive
from commerce.actions import memberships
from commerce.models import (
    AgentSession,
    Agreement,
    Coupon,
    Membership,
    Merchant,
    Order,
    Plan,
    Pledge,
    PostPrice,
    Product,
    ProductTag,
    RedPacketTaken,
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
    "commerce.AgentProfile": "deleted with the token that it belongs to",
    "commerce.AgentFeed": "deleted",
    "commerce.OrderWebhook": "kept: says only which order an agent hears of",
    "commerce.Offer": "kept: paid orders stand on it; the account it names is erased",
    "commerce.OfferStep": "kept: says only when an offer came into which state",
    "commerce.PostPrice": "deleted",
    "commerce.Pledge": "kept without its card: bookkeeping",
    "commerce.Plan": "kept and closed: paid orders stand on it",
    "commerce.Membership": "ended at the provider, and kept: bookkeeping",
    "commerce.RedPacket": "deleted with the shop's terms",
    "commerce.RedPacketTaken": "deleted",
    "commerce.FlashPrice": "kept: what a product cost",
    "commerce.PriceSeen": "kept: what a product cost",
    "commerce.AffiliatePlan": "kept and closed: agreements stand on it",
    "commerce.Agreement": "kept: a contract that paid orders refer to; the account it names is erased",
    "commerce.ProductTag": "kept off the clip: orders that it earned name it",
    "commerce.TagTouch": "deleted",
    "commerce.Order": "kept without e-mail and address: bookkeeping",
    "commerce.OrderLetter": "kept: says only which letter went out for which order",
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
        "pledges": [model_to_dict(row) for row in Pledge.objects.filter(order__buyer=user)],
        "memberships": [model_to_dict(row) for row in Membership.objects.filter(member=user)],
        "plans": [model_to_dict(row) for row in Plan.objects.filter(creator=user)],
        "red_packets": [model_to_dict(row) for row in RedPacketTaken.objects.filter(person=user)],
        "clip_prices": [model_to_dict(row) for row in PostPrice.objects.filter(post__creator=user)],
        "taps": [model_to_dict(row) for row in TagTouch.objects.filter(buyer=user)],
    }


def import_(archive: Archive) -> None:
    """Nothing comes over: orders and money belong to the host that took them."""


def erase(user: User, now: datetime) -> None:
    TagTouch.objects.filter(buyer=user).delete()
    RedPacketTaken.objects.filter(person=user).delete()
    Coupon.objects.filter(person=user).delete()
    Coupon.objects.filter(creator=user).update(creator=None, creator_rate_bp=0)
    memberships.end_all(member=user, now=now)
    PostPrice.objects.filter(post__creator=user).delete()
    Plan.objects.filter(creator=user, closed_at=None).update(closed_at=now)
    Pledge.objects.filter(order__buyer=user).update(customer_id="", payment_method_id="")
    Order.objects.filter(buyer=user).update(email="", visitor="", address={}, return_words="")
    AgentSession.objects.filter(agent=user).delete()
    for merchant in Merchant.objects.filter(owner=user):
        merchant.imports.all().delete()
        merchant.sources.all().delete()
        merchant.agent_feeds.all().delete()
        merchant.shipping_rates.all().delete()
        merchant.coupons.all().delete()
        merchant.red_packets.all().delete()
        merchant.affiliate_plans.filter(closed_at=None).update(closed_at=now)
        Product.objects.filter(merchant=merchant).update(is_live=False)
        ProductTag.objects.filter(product__merchant=merchant, removed_at=None).update(removed_at=now)
        Merchant.objects.filter(pk=merchant.pk).update(name="–")


def _order(order: Order) -> dict[str, Any]:
    return {**model_to_dict(order), "lines": [model_to_dict(line) for line in order.lines.all()]}
