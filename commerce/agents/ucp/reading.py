"""What an agent asks."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from commerce.agents import acp
from commerce.agents.sessions import Asked, Bad
from commerce.agents.ucp.words import PLACES, Json


@dataclass(frozen=True)
class Filters:
    """Prices in minor units, of `currency` where one is named. Products have no categories here, so that none
    is of one that is asked for."""

    least: int | None = None
    most: int | None = None
    currency: str = ""
    has_category: bool = False


def asked(body: object, *, is_new: bool) -> Asked:
    """What a create or update request says. Raises Bad with a JSONPath."""
    given = _object(body, "$")
    lines = given.get("line_items")
    if lines is None:
        raise Bad("missing", _("The items are missing."), "$.line_items")
    option, address, contact = _fulfillment(given.get("fulfillment"))
    discounts = _object(given.get("discounts", {}), "$.discounts")
    codes = discounts.get("codes")
    return Asked(
        items=_items(lines),
        buyer=_buyer(given["buyer"]) if given.get("buyer") is not None else None,
        contact=contact,
        address=address,
        option=option,
        code=None if codes is None else (str(codes[0])[:24] if isinstance(codes, list) and codes else ""),
    )


def filters(body: Json) -> Filters:
    """What a search is narrowed to; every filter counts. Raises Bad, also for a filter that is not known:
    what was asked to be left out is never answered."""
    where = "$.filters"
    given = _object(body.get("filters") or {}, where)
    for name in given:
        if name not in {"price", "categories"}:
            raise Bad("unsupported", _("This filter is not known here."), f"{where}.{name[:40]}")
    price = _object(given.get("price") or {}, f"{where}.price")
    context = body.get("context")
    code = context.get("currency") if isinstance(context, dict) else None
    if code is not None and not isinstance(code, str):
        raise Bad(
            "invalid", _("A text of at most %(n)d characters is expected.") % {"n": 3}, "$.context.currency"
        )
    categories = _list(given, "categories", where)
    if not all(isinstance(one, str) for one in categories):
        raise Bad("invalid", _("A list of texts is expected."), f"{where}.categories")
    return Filters(
        least=_amount(price, "min", where),
        most=_amount(price, "max", where),
        currency=code.upper() if code and price else "",
        has_category=bool(categories),
    )


def _amount(price: Json, name: str, where: str) -> int | None:
    amount = price.get(name)
    if amount is not None and (type(amount) is not int or amount < 0):
        raise Bad("invalid", _("A price is a whole number of minor units."), f"{where}.price.{name}")
    return amount


def _items(lines: object) -> list[Json]:
    if not isinstance(lines, list):
        raise Bad("invalid", _("A list is expected."), "$.line_items")
    found = []
    for number, line in enumerate(lines):
        where = f"$.line_items[{number}]"
        item = _object(_object(line, where).get("item"), f"{where}.item")
        if not isinstance(item.get("id"), str):
            raise Bad("missing", _("The item's id is missing."), f"{where}.item.id")
        found.append({"item": item["id"], "quantity": line.get("quantity", 1)})
    return found


def _buyer(given: object) -> Json:
    buyer = _object(given, "$.buyer")
    email = buyer.get("email")
    if email is not None and not (isinstance(email, str) and acp.EMAIL.match(email)):
        raise Bad("invalid", _("An e-mail address is expected."), "$.buyer.email")
    return acp.kept(buyer, acp.BUYER)


def _fulfillment(given: object) -> tuple[str | None, Json | None, Json | None]:
    """(way of shipping, address, whom it is for) of the first method that says any."""
    methods = _object(given or {}, "$.fulfillment").get("methods") or []
    if not isinstance(methods, list) or not methods:
        return None, None, None
    where = "$.fulfillment.methods[0]"
    method = _object(methods[0], where)
    option = next(
        (
            str(group["selected_option_id"])[:40]
            for group in _list(method, "groups", where)
            if isinstance(group, dict) and group.get("selected_option_id")
        ),
        None,
    )
    places = [place for place in _list(method, "destinations", where) if isinstance(place, dict)]
    chosen = method.get("selected_destination_id")
    place = next((one for one in places if one.get("id") == chosen), places[0] if places else None)
    if place is None or "street_address" not in place:
        return option, None, None
    address = {ours: str(place.get(theirs) or "")[:300] for ours, theirs in PLACES.items()}
    name = " ".join(str(place.get(part) or "") for part in ("first_name", "last_name")).strip()
    for part in ("line_one", "city", "country"):
        if not address[part]:
            at = f"{where}.destinations[0].{PLACES[part]}"
            raise Bad("missing", _("This part of the address is missing."), at)
    return option, {"name": name or "–", **address}, {"name": name} if name else {}


def _list(given: Json, name: str, where: str) -> list[object]:
    found = given.get(name) or []
    if not isinstance(found, list):
        raise Bad("invalid", _("A list is expected."), f"{where}.{name}")
    return found


def _object(given: object, where: str) -> Json:
    if not isinstance(given, dict):
        raise Bad("invalid", _("An object is expected."), where)
    return given
