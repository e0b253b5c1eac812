"""Clips that are paid for: an episode to be seen, B-roll to be used. Divided as a tip is, with the people in
the clip and the creators of what it was remixed from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from cameos.models import LikenessUse, Purpose
from commerce.actions.extras import TIP_CURRENCIES, place
from commerce.likeness import require_commercial, shares_of
from commerce.models import Order, PostPrice
from commerce.money import Money
from commerce.refusals import BadPostPrice, NothingToPayFor, NotYourEpisode, PriceChanged
from commerce.unlocking import KINDS
from feed import broll, entitlements, rights
from feed.models import Episode, Post

LEAST, MOST = 50, 5_000  # 0.50 to 50.00
SEE, BROLL = PostPrice.Use.SEE, PostPrice.Use.BROLL


@transaction.atomic
def price_episode(*, post: Post, by: User, money: Money | None, now: datetime) -> None:
    """What it costs to see an episode from now on; None makes it free. Whoever paid keeps seeing it. Raises
    `NotYourEpisode`, `BadPostPrice`, `NotForCommerce` where somebody in it does not permit selling."""
    if post.creator_id != by.pk or not Episode.objects.filter(post=post).exists():
        raise NotYourEpisode
    if money is None:
        PostPrice.objects.filter(post=post, use=SEE).delete()
        entitlements.open_to_all(post)
        return
    _check(money, LEAST)
    require_commercial(clip=post.clip, now=now, purpose=Purpose.SERIES)
    _set(post, SEE, money, now)
    entitlements.lock(post)


@transaction.atomic
def price_broll(*, post: Post, by: User, money: Money | None, now: datetime) -> None:
    """What a licence to use the clip costs (0: nothing); None takes the offer back, licences that were given
    stay. Raises `BadPostPrice`, and what `broll.offer` raises."""
    if money is None:
        PostPrice.objects.filter(post=post, use=BROLL).delete()
        broll.take_back(post=post, by=by)
        return
    _check(money, 0)
    broll.offer(post=post, by=by)
    _set(post, BROLL, money, now)


def _check(money: Money, least: int) -> None:
    is_sum = LEAST <= money.amount <= MOST or money.amount == 0 == least
    if money.currency not in TIP_CURRENCIES or not is_sum:
        raise BadPostPrice


def _set(post: Post, use: str, money: Money, now: datetime) -> None:
    wishes = {"amount": money.amount, "currency": money.currency, "changed_at": now}
    PostPrice.objects.update_or_create(post=post, use=use, defaults=wishes)


def price_of(post: Post, use: str) -> Money | None:
    row = PostPrice.objects.filter(post=post, use=use).first()
    return Money(row.amount, row.currency) if row else None


def unlock(*, buyer: User, post: Post, seen: Money, now: datetime) -> Order:
    """The order of an episode that the buyer may not see yet; asked again, the one that is open. The caller
    has checked that it is offered to them. Raises `NothingToPayFor`, `PriceChanged`."""
    if entitlements.has(post, buyer):
        raise NothingToPayFor
    return _ordered(buyer, post, SEE, seen, now)


def license_broll(*, buyer: User, post: Post, seen: Money, now: datetime) -> Order | None:
    """The order of a licence to use a clip, or None where it costs nothing and was given at once. Raises
    `NothingToPayFor`, `PriceChanged`."""
    if post.creator_id == buyer.pk or broll.holds(post, buyer):
        raise NothingToPayFor
    if seen.amount == 0 == getattr(price_of(post, BROLL), "amount", None):
        reference = f"free:{post.pk}:{buyer.pk}:{now.isoformat()}"
        broll.grant(post=post, holder=buyer, reference=reference, now=now)
        return None
    return _ordered(buyer, post, BROLL, seen, now)


def _ordered(buyer: User, post: Post, use: PostPrice.Use, seen: Money, now: datetime) -> Order:
    price = price_of(post, use)
    if price is None:
        raise NothingToPayFor
    if price != seen:
        raise PriceChanged
    kind, reference = KINDS[use], str(post.public_id)
    kept = Order.objects.filter(kind=kind, buyer=buyer, lines__reference=reference, state=Order.State.OPEN)
    known = kept.filter(expires_at__gt=now, total=price.amount, currency=price.currency).first()
    if known is not None:
        return known
    return place(kind, buyer, _title(post, use), price, reference, _rates(post, now), now)


def _title(post: Post, use: str) -> str:
    if use == SEE:
        episode = Episode.objects.select_related("series").get(post=post)
        return _("%(series)s, episode %(number)d") % {
            "series": episode.series.title,
            "number": episode.number,
        }
    return _("B-roll by %(name)s") % {"name": post.creator.name}


def _rates(post: Post, now: datetime) -> dict[str, Any]:
    """All but the host's part is the creator's, less what the price cards of the people in it ask for; where
    they ask for more than there is, all of it in proportion. What the creator gets goes on to parents."""
    rest = 10_000 - settings.PLATFORM_RATE_BP
    live = LikenessUse.objects.filter(clip=post.clip_id, state=LikenessUse.State.LIVE)
    there = set(live.values_list("cameo__owner_id", flat=True))
    asked = {who: part for who, part in shares_of([post.clip], now).items() if part and who in there}
    asked.pop(post.creator_id, None)
    total = sum(asked.values())
    if total > rest:
        asked = {who: part * rest // total for who, part in asked.items()}
    owners = sorted(asked)
    return {
        "creator_bp": rest - sum(asked.values()),
        "owner_bp": 0,
        "creator": post.creator_id,
        "owners": owners,
        "owner_bps": [asked[who] for who in owners],
        "parents": rights.owed(post.pk),
        "post": str(post.public_id),
    }
