"""What an agent asks, read tolerantly: unknown fields are let be."""

from __future__ import annotations

from django.utils.translation import gettext as _

from commerce.agents.acp.words import ADDRESS, BUYER, EMAIL, HANDLER, NEEDED, Json, kept
from commerce.agents.sessions import Asked, Bad, variant_of
from commerce.money import CURRENCIES


def session_asked(body: object, *, is_new: bool, needs_currency: bool = True) -> Asked:
    """What a create or update request says. Raises Bad with the JSONPath of what cannot be."""
    given = _object(body, "$")
    items = given.get("line_items", given.get("items"))
    if is_new and items is None:
        raise Bad("missing", _("The items are missing."), "$.line_items")
    if is_new and needs_currency:
        _check_currency(given, items)
    details = _object(given.get("fulfillment_details"), "$.fulfillment_details", optional=True)
    return Asked(
        items=None if items is None else _items(items),
        buyer=_buyer(given["buyer"]) if given.get("buyer") is not None else None,
        contact=_contact(details) if details else None,
        address=_address(details["address"]) if details and details.get("address") is not None else None,
        option=_option(given.get("selected_fulfillment_options")),
        code=_code(given),
        notes=_text(given, "order_notes", 5000),
        locale=_text(given, "locale", 20),
    )


def token_of(body: object) -> tuple[str, Asked]:
    """The payment token of a completion, and the buyer that it may name. Raises Bad."""
    given = _object(body, "$")
    if given.get("payment_data") is None:
        raise Bad("missing", _("The payment is missing."), "$.payment_data")
    data = _object(given["payment_data"], "$.payment_data")
    if "instrument" not in data and isinstance(data.get("token"), str) and data.get("provider") == "stripe":
        # How the examples of the OpenAPI file still say it.
        credential = {"type": "spt", "token": data["token"]}
        data = {"handler_id": HANDLER, "instrument": {"type": "card", "credential": credential}}
    if data.get("handler_id") not in (None, HANDLER):
        raise Bad("unsupported", _("This way of paying is not taken here."), "$.payment_data.handler_id")
    where = "$.payment_data.instrument"
    if data.get("instrument") is None:
        raise Bad("unsupported", _("Only payment by a token is taken here."), where)
    credential = _object(_object(data["instrument"], where).get("credential"), f"{where}.credential")
    token = credential.get("token")
    if credential.get("type") != "spt" or not isinstance(token, str) or not 3 <= len(token) <= 200:
        raise Bad("invalid", _("A shared payment token is expected."), f"{where}.credential")
    _check_proof(given.get("authentication_result"))
    buyer = _buyer(given["buyer"]) if given.get("buyer") is not None else None
    return token, Asked(buyer=buyer, notes=_text(given, "order_notes", 5000))


def _check_proof(result: object) -> None:
    """The bank's proof, where one is sent: a refusal stands; the proof itself is for the provider."""
    where = "$.authentication_result"
    outcome = _object(result, where, optional=True).get("outcome")
    if outcome is not None and not isinstance(outcome, str):
        said = _("A text of at most %(n)d characters is expected.") % {"n": 40}
        raise Bad("invalid", said, f"{where}.outcome")
    if outcome in {"denied", "rejected", "abandoned", "canceled"}:
        said = _("The bank did not confirm this payment.")
        raise Bad("payment_declined", said, f"{where}.outcome", 402)


def _check_currency(given: Json, items: object) -> None:
    if given.get("currency") is None:
        return  # the schema wants it and the OpenAPI file's examples leave it out: the item's own counts
    code = str(given["currency"]).upper()
    if code not in CURRENCIES:
        raise Bad("invalid_currency", _("Unknown currency."), "$.currency")
    first = items[0] if isinstance(items, list) and items and isinstance(items[0], dict) else {}
    variant = variant_of(first.get("id"))
    if variant is not None and variant.currency != code:
        said = _("These things are sold in %(code)s.") % {"code": variant.currency}
        raise Bad("currency_mismatch", said, "$.currency")


def _items(given: object) -> list[Json]:
    if not isinstance(given, list):
        raise Bad("invalid", _("A list is expected."), "$.line_items")
    items = []
    for number, entry in enumerate(given):
        item = _object(entry, f"$.line_items[{number}]")
        if not isinstance(item.get("id"), str):
            raise Bad("missing", _("The item's id is missing."), f"$.line_items[{number}].id")
        items.append({"item": item["id"], "quantity": item.get("quantity", 1)})
    return items


def _buyer(given: object) -> Json:
    buyer = _object(given, "$.buyer")
    email = buyer.get("email")
    if not isinstance(email, str) or not EMAIL.match(email):
        raise Bad("invalid", _("An e-mail address is expected."), "$.buyer.email")
    return kept(buyer, BUYER)


def _contact(details: Json) -> Json:
    email = details.get("email")
    if email is not None and not (isinstance(email, str) and EMAIL.match(email)):
        raise Bad("invalid", _("An e-mail address is expected."), "$.fulfillment_details.email")
    return kept(details, ("name", "phone_number", "email"))


def _address(given: object) -> Json:
    where = "$.fulfillment_details.address"
    address = kept(_object(given, where), ADDRESS)
    for name in NEEDED:
        if not address.get(name):
            raise Bad("missing", _("This part of the address is missing."), f"{where}.{name}")
    return {"state": "", **address}


def _option(given: object) -> str | None:
    if given is None:
        return None
    if not isinstance(given, list) or not given:
        raise Bad("invalid", _("A list is expected."), "$.selected_fulfillment_options")
    chosen = _object(given[0], "$.selected_fulfillment_options[0]")
    option = chosen.get("option_id", chosen.get("id"))
    if option is None and isinstance(chosen.get(str(chosen.get("type", ""))), dict):
        option = chosen[str(chosen.get("type", ""))].get("option_id")  # the OpenAPI file's own example
    if not isinstance(option, str):
        raise Bad(
            "missing", _("The way of shipping is missing."), "$.selected_fulfillment_options[0].option_id"
        )
    return option[:40]


def _code(given: Json) -> str | None:
    discounts = _object(given.get("discounts"), "$.discounts", optional=True)
    codes = discounts.get("codes", given.get("coupons"))
    if codes is None:
        return None
    if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
        raise Bad("invalid", _("A list of codes is expected."), "$.discounts.codes")
    return str(codes[0])[:24] if codes else ""


def _text(given: Json, name: str, most: int) -> str | None:
    value = given.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > most:
        raise Bad("invalid", _("A text of at most %(n)d characters is expected.") % {"n": most}, f"$.{name}")
    return value


def _object(given: object, where: str, *, optional: bool = False) -> Json:
    if given is None and optional:
        return {}
    if not isinstance(given, dict):
        raise Bad("invalid", _("An object is expected."), where)
    return given
