"""What a shelf and a sheet show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils.html import strip_tags

from commerce import stock
from commerce.models import (
    FlashPrice,
    Merchant,
    Product,
    ShippingRate,
    Variant,
)
from commerce.money import Money
from commerce.pricing import cheapest, tax_of

# What a merchant's shelf shows


@dataclass(frozen=True)
class Shelf:
    products: list[Product]
    after: str  # how the next page begins; empty on the last
    is_first: bool


def shelf(merchant: Merchant, after: str, most: int, named: str = "", *, is_public: bool = False) -> Shelf:
    """`most` products by title, behind the one named by `after` (a product's public id); with `named`, those
    whose title has these words in it; `is_public`: those for sale."""
    rows = merchant.products.order_by("title", "pk")
    if is_public:
        rows = rows.filter(is_live=True)
    if named:
        rows = rows.filter(title__icontains=named)
    last = merchant.products.filter(public_id=after).first() if _is_id(after) else None
    if last is not None:
        rows = rows.filter(
            Q(title__gt=last.title) | Q(title=last.title, pk__gt=last.pk), title__gte=last.title
        )
    found = list(rows.prefetch_related("variants")[: most + 1])
    more = str(found[most - 1].public_id) if len(found) > most else ""
    return Shelf(found[:most], more, last is None)


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def as_schema(product: Product, choices: list[Choice]) -> dict[str, Any]:
    """schema.org's Product, for search engines: what stands on its page, and no more."""
    page = settings.SITE_URL + reverse("commerce:product", args=[product.public_id])
    stands = {True: "https://schema.org/OutOfStock", False: "https://schema.org/InStock"}
    return {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": product.title,
        "description": strip_tags(product.description),
        "image": [settings.SITE_URL + reverse("commerce:picture", args=[product.public_id])],
        "url": page,
        "offers": [
            {
                "@type": "Offer",
                "sku": choice.variant.sku,
                "price": f"{choice.price.decimal():f}",
                "priceCurrency": choice.price.currency,
                "availability": stands[choice.is_sold_out],
                "url": page,
                "seller": {"@type": "Organization", "name": product.merchant.name},
            }
            for choice in choices
        ],
    }


# What a sheet shows


@dataclass(frozen=True)
class Choice:
    """One variant as it can be ordered now; `left` is None where nobody counts."""

    variant: Variant
    price: Money
    left: int | None
    shipping: Money
    tax: Money  # where it comes on top; else nothing
    total: Money  # one piece with both
    was: Money | None = None  # the lowest price of the 30 days before, where a flash price runs
    flash: FlashPrice | None = None

    @property
    def is_sold_out(self) -> bool:
        return self.left == 0

    @property
    def reserved(self) -> int:
        return (self.variant.stock or 0) - self.left if self.left is not None else 0

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.variant.pk,
            "title": self.variant.title,
            "price": str(self.price),
            "amount": self.price.amount,
            "currency": self.price.currency,
            "left": self.left,
            "shipping": str(self.shipping) if self.shipping.amount else "",
            "tax": str(self.tax) if self.tax.amount else "",
            "total": str(self.total),
            "total_amount": self.total.amount,
            "was": str(self.was) if self.was else "",
        }


def offers(product: Product) -> list[Choice]:
    """Every variant as it can be ordered now; five questions to the database, however many there are."""
    variants = sorted(product.variants.all(), key=lambda variant: variant.pk)
    held = stock.held(product)
    rates = list(product.merchant.shipping_rates.all()) if product.needs_shipping else []
    flashes = {
        flash.variant_id: flash
        for flash in FlashPrice.objects.filter(variant__product=product, is_over=False, before__isnull=False)
    }
    return [
        _offer(product, variant, held.get(variant.pk, 0), rates, flashes.get(variant.pk))
        for variant in variants
    ]


def _offer(
    product: Product, variant: Variant, held: int, rates: list[ShippingRate], flash: FlashPrice | None
) -> Choice:
    price = Money(variant.price, variant.currency)
    shipping = cheapest(rates, price)
    net = price + shipping
    rate = product.merchant.tax_bp if settings.TAX_MODE == "added" else 0
    tax = Money(tax_of(net.amount, rate), net.currency)
    left = None if variant.stock is None else max(0, variant.stock - held)
    runs = flash is not None and flash.price == variant.price
    was = Money(flash.reference, variant.currency) if flash is not None and runs else None
    return Choice(variant, price, left, shipping, tax, net + tax, was, flash if runs else None)
