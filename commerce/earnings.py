"""What the people depicted earned of sales: told to their likeness page, which asks nothing of this room."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Sum
from django.utils.translation import gettext as _

from cameos.earnings import Earned, register
from cameos.models import Cameo
from commerce.models import Split
from commerce.money import Money


def of_sales(cameo: Cameo) -> Iterable[Earned]:
    """By currency, net of refunds. Only for the person: a sale does not say which of their likenesses it
    was."""
    if not cameo.is_person:
        return
    rows = Split.objects.filter(recipient=cameo.owner_id, role=Split.Role.OWNER).values("currency")
    for row in rows.annotate(total=Sum("amount")).order_by("currency"):
        money = Money(row["total"], row["currency"])
        yield Earned(_("Your share of sales, less refunds"), money.amount, money.currency, str(money))


def connect() -> None:
    register("sales", of_sales)
