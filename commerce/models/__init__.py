"""Products, agreements, orders, and who earned what."""

from commerce.models.agent import AgentFeed, AgentProfile, AgentSession, OrderWebhook
from commerce.models.agreement import Agreement, ProductTag, TagTouch
from commerce.models.merchant import (
    CatalogImport,
    CatalogSource,
    Coupon,
    Merchant,
    Product,
    ShippingRate,
    Variant,
)
from commerce.models.offer import (
    AffiliatePlan,
    FlashPrice,
    Membership,
    Offer,
    OfferStep,
    Plan,
    Pledge,
    PriceSeen,
    RedPacket,
    RedPacketTaken,
)
from commerce.models.order import (
    Dispute,
    Order,
    OrderLetter,
    OrderLine,
    ProviderEvent,
    Split,
    StockHold,
)
from commerce.models.payout import Payee, Reconciliation, Transfer
from commerce.models.post import PostPrice

__all__ = [
    "AffiliatePlan",
    "AgentFeed",
    "AgentProfile",
    "AgentSession",
    "Agreement",
    "CatalogImport",
    "CatalogSource",
    "Coupon",
    "Dispute",
    "FlashPrice",
    "Membership",
    "Merchant",
    "Offer",
    "OfferStep",
    "Order",
    "OrderLetter",
    "OrderLine",
    "OrderWebhook",
    "Payee",
    "Plan",
    "Pledge",
    "PostPrice",
    "PriceSeen",
    "Product",
    "ProductTag",
    "ProviderEvent",
    "Reconciliation",
    "RedPacket",
    "RedPacketTaken",
    "ShippingRate",
    "Split",
    "StockHold",
    "TagTouch",
    "Transfer",
    "Variant",
]
