"""What is wrong with a row of a product file, as a sentence in the reader's language."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from commerce.catalog.imports import FieldChange, Value
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
        "address_too_long": _("The picture's address is longer than 2,000 characters."),
        "no_character": _("There is a sign in it that no text can hold. Write it anew."),
        "nothing_to_sell": _("No row of this product has a price that can be read."),
    }[problem.code]


def change_sentence(change: FieldChange) -> str:
    """What a file would change: "Price (MUG-1): 12.00 EUR → 13.00 EUR"."""
    name = {
        "title": _("Title"),
        "description": _("Description"),
        "picture_url": _("Picture"),
        "is_live": _("For sale"),
        "needs_shipping": _("Is sent as a parcel"),
        "page_url": _("Page"),
        "price": _("Price"),
        "stock": _("Stock"),
        "variant": _("New variant"),
    }.get(change.name, change.name)
    of = f"{name} ({change.sku})" if change.sku else name
    if change.name == "variant":
        return f"{of}: {_value(change.after)}"
    return f"{of}: {_value(change.before)} → {_value(change.after)}"


def _value(value: Value) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return _("not counted") if value is None else str(value) or "–"


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
