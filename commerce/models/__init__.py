"""Products, agreements, orders, and who earned what."""

from commerce.models.agent import AgentSession, OrderWebhook
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
from commerce.models.order import Dispute, Order, OrderLine, ProviderEvent, Split, StockHold
from commerce.models.payout import Payee, Reconciliation, Transfer

__all__ = [
    "AgentSession",
    "Agreement",
    "CatalogImport",
    "CatalogSource",
    "Coupon",
    "Dispute",
    "Merchant",
    "Order",
    "OrderLine",
    "OrderWebhook",
    "Payee",
    "Product",
    "ProductTag",
    "ProviderEvent",
    "Reconciliation",
    "ShippingRate",
    "Split",
    "StockHold",
    "TagTouch",
    "Transfer",
    "Variant",
]
