"""What is wrong with a row of a product file, as a sentence in the reader's language."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from commerce.catalog.rows import Problem
from commerce.refusals import FileRefused


def sentence(problem: Problem) -> str:
    return {
        "handle_missing": _("The handle is missing."),
        "handle_twice": _("This handle already ended further up: its rows must stand together."),
        "title_missing": _("The first row of a product needs a title."),
        "too_long": _("This is longer than 255 characters."),
        "too_many_variants": _("A product has at most 2,048 variants."),
        "sku_twice": _("This SKU stands twice in the product."),
        "price": _("The price cannot be read: it must be zero or more, with the currency's decimals."),
        "currency": _("This currency is unknown here."),
        "currency_mixed": _("All prices of a product must be in one currency."),
        "no_json": _("This line is no JSON object."),
        "parent_missing": _("A variation must stand below its parent product."),
        "stock": _("The stock must be a whole number, zero or more."),
        "nothing_to_sell": _("No row of this product has a price that can be read."),
    }[problem.code]


def picture_sentence(code: str) -> str:
    """Why a product's picture could not be fetched."""
    return {
        "outbound_address": _("This address can't be fetched from here."),
        "outbound_too_large": _("The picture is larger than 8 MB."),
        "outbound_kind": _("What lies at this address is no picture."),
        "no_picture": _("The picture cannot be opened."),
        "unlisted_face": _("Somebody in the picture did not allow this shop to show them."),
    }.get(code, _("This address could not be reached."))


def source_sentence(code: str) -> str | Promise:
    """Why a product file could not be fetched or read."""
    sentences: dict[str, str | Promise] = {
        "outbound_address": _("This address can't be fetched from here."),
        "outbound_too_large": _("The file at this address is larger than 20 MB."),
        **FileRefused.SENTENCES,
    }
    return sentences.get(code, _("This address could not be reached."))
