"""What a likeness earned, gathered from whoever pays: licences here, and sources to the right that register.

A source is asked with the likeness and answers with sums; it is free to know nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import F, Sum
from django.utils.translation import gettext as _

from cameos.models import Cameo, Licence
from cameos.models.licence import told


@dataclass(frozen=True)
class Earned:
    """A sum in integer minor units of its currency, and what for. `text` is how it reads."""

    what: str
    amount: int
    currency: str
    text: str


Source = Callable[[Cameo], Iterable[Earned]]
_sources: dict[str, Source] = {}


def register(name: str, source: Source) -> None:
    """One function a name; registering again replaces it."""
    _sources[name] = source


def of(cameo: Cameo) -> list[Earned]:
    """Everything earned, licences first."""
    found = [*_licences(cameo)]
    for name in sorted(_sources):
        found += _sources[name](cameo)
    return found


def _licences(cameo: Cameo) -> Iterable[Earned]:
    rows = Licence.objects.filter(cameo=cameo, paid__gt=0).values("currency").order_by("currency")
    for row in rows.annotate(kept=Sum(F("paid") - F("back"))):
        yield Earned(
            _("Licences, less what goes back"),
            row["kept"],
            row["currency"],
            told(row["kept"], row["currency"]),
        )
