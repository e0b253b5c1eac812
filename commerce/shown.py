"""Products that somebody may show in a clip: those that they could tag it with afterwards. Their own, those
of shops that have an agreement with them, and those of an open plan for creators."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts import social
from accounts.models import User
from commerce import pictures
from commerce.access import affiliate_plans
from commerce.models import Agreement, Product
from generation import products
from generation.products import Offered


def showable(maker: User, now: datetime) -> QuerySet[Product]:
    """On sale, and this person's to show; shops of people blocked either way are left out."""
    agreed = Agreement.objects.filter(creator=maker, state=Agreement.State.AGREED).exclude(until__lte=now)
    may = (
        Q(merchant__owner=maker)
        | Q(tags__agreement__in=agreed, tags__removed_at=None)
        | Q(affiliate_plans__in=affiliate_plans(maker).values("pk"))
    )
    rows = Product.objects.filter(may, is_live=True, merchant__owner__is_active=True)
    rows = rows.exclude(merchant__owner_id__in=social.blocked_ids(maker))
    return rows.select_related("merchant").distinct()


class Shelf:
    """What `generation.products` asks."""

    def offered(self, maker: User, now: datetime, most: int) -> Sequence[Offered]:
        return [_offered(row) for row in showable(maker, now).order_by("title", "pk")[:most]]

    def find(self, maker: User, key: UUID, now: datetime) -> Offered | None:
        row = showable(maker, now).filter(public_id=key).first()
        return _offered(row) if row else None

    def picture(self, maker: User, key: UUID, now: datetime) -> bytes | None:
        row = showable(maker, now).filter(public_id=key).first()
        return pictures.to_draw(row) if row else None


def _offered(row: Product) -> Offered:
    return Offered(str(row.public_id), row.title, row.merchant.name)


def connect() -> None:
    products.register(Shelf())
