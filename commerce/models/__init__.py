"""Products, agreements, orders, and who earned what."""

from commerce.models.agreement import Agreement, ProductTag, TagTouch
from commerce.models.merchant import CatalogImport, CatalogSource, Merchant, Product, Variant
from commerce.models.order import Order, OrderLine, ProviderEvent, Split, StockHold

__all__ = [
    "Agreement",
    "CatalogImport",
    "CatalogSource",
    "Merchant",
    "Order",
    "OrderLine",
    "Product",
    "ProductTag",
    "ProviderEvent",
    "Split",
    "StockHold",
    "TagTouch",
    "Variant",
]
