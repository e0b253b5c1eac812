"""Products that a clip may show. Whoever keeps a shop says which ones somebody may show and what they look
like; without a shop there are none.

    how["product"] = {"id": "…", "way": "stand"}        what a request says, and a row keeps

Asked when a clip is asked for, and once more when it is rendered: what was taken off the shelf meanwhile ends
the job by name (`product_gone`), and is never drawn from a copy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from generation.engines.base import EngineFailed, ShownProduct
from generation.models import Clip, Generation
from generation.refusals import CannotMake
from generation.states import FROM_MATERIAL, Verb

WAYS = ("stand", "held", "worn")
FROM_WORDS = frozenset({Verb.TEXT, Verb.STILL, Verb.STORYBOARD})  # where a product can be asked for
WITH_PRODUCT = FROM_WORDS | {Verb.PROMO}  # ... and where it may be named
MOST = 60


@dataclass(frozen=True)
class Offered:
    """One product as a form lists it."""

    key: str
    title: str
    shop: str


class Shelf(Protocol):
    """What a shop answers. A product that is not there and one that this person may not show are the same."""

    def offered(self, maker: User, now: datetime, most: int) -> Sequence[Offered]: ...

    def find(self, maker: User, key: UUID, now: datetime) -> Offered | None: ...

    def picture(self, maker: User, key: UUID, now: datetime) -> bytes | None:
        """WebP as it came through the intake, or a card of our own as SVG."""


_shelf: Shelf | None = None


def register(shelf: Shelf) -> None:
    global _shelf
    _shelf = shelf


def offered(maker: User, now: datetime, chosen: Any = "") -> list[Offered]:
    """What a form lists, the chosen one first, if this person may show it."""
    if _shelf is None:
        return []
    key = _key(chosen)
    first = _shelf.find(maker, key, now) if key else None
    rest = [one for one in _shelf.offered(maker, now, MOST) if first is None or one.key != first.key]
    return [first, *rest] if first else rest


def one(maker: User, key: Any, now: datetime) -> Offered | None:
    """This product, while this person may show it."""
    found = _key(key)
    return _shelf.find(maker, found, now) if _shelf is not None and found else None


def photo(maker: User, key: Any, now: datetime) -> bytes | None:
    """The shop's own photo of it; a card that was drawn of its title is none."""
    found = _key(key)
    data = _shelf.picture(maker, found, now) if _shelf is not None and found else None
    return data if data is not None and data.startswith(b"RIFF") else None


def settle(
    verb: str, how: Mapping[str, Any], sources: Sequence[Clip], maker: User, now: datetime
) -> dict[str, str] | None:
    """What a row keeps of the product asked for; else of the one that the first clip shows, as long as this
    person may show it too. Raises `CannotMake`."""
    asked = how.get("product")
    if not asked:
        return None if verb in FROM_MATERIAL else _inherited(sources, maker, now)
    if verb not in WITH_PRODUCT:
        raise CannotMake(
            _("A product is put into a clip that starts from words."), code="product_needs_words"
        )
    told: Mapping[str, Any] = asked if isinstance(asked, Mapping) else {}
    key, way = _key(told.get("id")), told.get("way") or WAYS[0]
    found = _shelf.find(maker, key, now) if _shelf and key else None
    if found is None:
        raise CannotMake(
            _("There is no such product that you may show."),
            _("Choose one of your own shop, or one of a shop that you have an agreement with."),
            code="product_unknown",
        )
    if way not in WAYS:
        raise CannotMake(
            _("A product cannot be shown that way."), ", ".join(WAYS), code="product_way_unknown"
        )
    return {"id": found.key, "way": way}


def _inherited(sources: Sequence[Clip], maker: User, now: datetime) -> dict[str, str] | None:
    made_by: Any = getattr(sources[0], "generation", None) if sources else None
    shown = made_by.how.get("product") if made_by else None
    if not shown or _shelf is None or _shelf.find(maker, UUID(shown["id"]), now) is None:
        return None
    return dict(shown)


def for_engine(generation: Generation, now: datetime) -> ShownProduct | None:
    """The picture, asked for anew. Raises `EngineFailed("product_gone")`."""
    shown = generation.how.get("product")
    if not shown:
        return None
    data = _shelf.picture(generation.maker, UUID(shown["id"]), now) if _shelf else None
    if data is None:
        raise EngineFailed("product_gone", shown["id"])
    return ShownProduct(data, shown["way"])


def _key(value: Any) -> UUID | None:
    try:
        return UUID(str(value)) if value else None
    except ValueError:
        return None
