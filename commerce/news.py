"""How the shop's news reads."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from accounts import notifications
from commerce.money import Money


def sale(data: dict[str, Any]) -> str:
    return _("You earned %(sum)s from a sale.") % {"sum": Money(data["amount"], data["currency"])}


notifications.register("sale", sale)
