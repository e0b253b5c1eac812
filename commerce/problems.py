"""What is wrong with a row of a product file, as a sentence in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext as _

from commerce.catalog.rows import Problem


def sentence(problem: Problem) -> str:
    return {
        "handle_missing": _("The handle is missing."),
        "handle_twice": _("This handle already ended further up: its rows must stand together."),
        "title_missing": _("The first row of a product needs a title."),
        "too_long": _("This is longer than 255 characters."),
        "too_many_variants": _("A product has at most 2,048 variants."),
        "sku_twice": _("This SKU stands twice in the product."),
        "price": _("The price cannot be read: it must be zero or more, with the currency's decimals."),
        "stock": _("The stock must be a whole number, zero or more."),
        "nothing_to_sell": _("No row of this product has a price that can be read."),
    }[problem.code]
