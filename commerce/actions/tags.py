"""A merchant proposes to pin a product to a moment; the clip's creator agrees, and the terms are frozen."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from accounts import books, notifications
from accounts.models import User
from commerce import likeness
from commerce.models import AffiliatePlan, Agreement, Merchant, Product, ProductTag, TagTouch
from commerce.refusals import (
    AgreementDecided,
    AgreementOver,
    BadMoment,
    BadRates,
    NotYourAgreement,
    NotYourProduct,
    PlanClosed,
    TagsClosed,
)
from feed.models import Post

SHORTEST_MS = 500


@dataclass(frozen=True)
class Place:
    """When in the clip (ms) and where in the picture (0 to 1 from its left and top)."""

    start_ms: int
    end_ms: int
    x: float
    y: float

    def fits(self, duration_ms: int) -> bool:
        in_time = self.start_ms >= 0 and self.end_ms <= duration_ms
        long_enough = self.end_ms - self.start_ms >= SHORTEST_MS
        return in_time and long_enough and 0 <= self.x <= 1 and 0 <= self.y <= 1


@transaction.atomic
def propose_tag(
    *,
    merchant: Merchant,
    product: Product,
    post: Post,
    place: Place,
    creator_rate_bp: int,
    owner_rate_bp: int,
    now: datetime,
    until: datetime | None = None,
) -> ProductTag:
    """A tag that nobody sees until the creator agrees; refused where somebody in it is not for selling.
    `until`: no new orders under these terms from then on; None where either side ends them by hand."""
    if product.merchant_id != merchant.pk:
        raise NotYourProduct
    if not post.allow_tags:
        raise TagsClosed
    if not place.fits(post.clip.duration_ms):
        raise BadMoment
    _check_rates(creator_rate_bp, owner_rate_bp)
    if until is not None and until <= now:
        raise AgreementOver
    likeness.require_commercial(clip=post.clip, now=now)
    agreement = Agreement.objects.create(
        merchant=merchant,
        creator=post.creator,
        creator_rate_bp=creator_rate_bp,
        owner_rate_bp=owner_rate_bp,
        until=until,
        created_at=now,
    )
    tag = ProductTag.objects.create(
        post=post,
        product=product,
        agreement=agreement,
        start_ms=place.start_ms,
        end_ms=place.end_ms,
        x=place.x,
        y=place.y,
        created_at=now,
    )
    notifications.notify(
        recipient=post.creator,
        kind="tag_proposed",
        data={"merchant": merchant.name, "product": product.title},
        url="/shop/agreements",
        now=now,
    )
    return tag


def _check_rates(creator_rate_bp: int, owner_rate_bp: int) -> None:
    rates = (creator_rate_bp, owner_rate_bp)
    if any(rate < 0 or rate % 50 for rate in rates) or sum(rates) + settings.PLATFORM_RATE_BP >= 10_000:
        raise BadRates


@transaction.atomic
def agree(*, agreement: Agreement, creator: User, now: datetime) -> Agreement:
    """The creator's word: the terms are frozen by their hash and the tags appear."""
    held = _held(agreement, creator)
    if held.until is not None and held.until <= now:
        raise AgreementOver
    tags = list(held.tags.select_related("post__clip", "product"))
    for tag in tags:
        likeness.require_commercial(clip=tag.post.clip, now=now)
    _freeze(held, tags, now)
    held.state = Agreement.State.AGREED
    held.decided_at = now
    held.terms_sha256 = hashlib.sha256(_terms(held, tags).encode()).hexdigest()
    held.save(update_fields=["state", "decided_at", "terms_sha256", "owner_shares"])
    _tell_merchant(held, "tag_agreed", now)
    return held


def _freeze(agreement: Agreement, tags: list[ProductTag], now: datetime) -> None:
    """What the price cards of the people in the clip ask of sales, written down. Raises BadRates where that
    and the other shares would leave nothing."""
    asked = likeness.shares_of([tag.post.clip for tag in tags], now)
    even = agreement.owner_rate_bp // max(1, len(asked))
    owners = (
        sum(max(even, part) for part in asked.values()) if any(asked.values()) else agreement.owner_rate_bp
    )
    if agreement.creator_rate_bp + owners + settings.PLATFORM_RATE_BP >= 10_000:
        raise BadRates
    agreement.owner_shares = [[person, part] for person, part in sorted(asked.items()) if part]


@transaction.atomic
def pin_by_plan(
    *, plan: AffiliatePlan, product: Product, post: Post, place: Place, creator: User, now: datetime
) -> ProductTag:
    """A creator pins a product under a shop's plan for all creators: agreed at once, at today's rates.
    Raises PlanClosed, NotYourAgreement, TagsClosed, BadMoment or what the gate of likeness says."""
    held = AffiliatePlan.objects.select_for_update(of=("self",)).select_related("merchant").get(pk=plan.pk)
    if held.closed_at is not None or not held.products.filter(pk=product.pk, is_live=True).exists():
        raise PlanClosed
    if post.creator_id != creator.pk or held.merchant.owner_id == creator.pk:
        raise NotYourAgreement
    if not place.fits(post.clip.duration_ms):
        raise BadMoment
    likeness.require_commercial(clip=post.clip, now=now)
    agreement = Agreement(
        merchant=held.merchant,
        creator=creator,
        plan=held,
        creator_rate_bp=held.creator_rate_bp,
        owner_rate_bp=held.owner_rate_bp,
        until=now + timedelta(days=held.days) if held.days else None,
        state=Agreement.State.AGREED,
        created_at=now,
        decided_at=now,
    )
    tag = ProductTag(
        post=post,
        product=product,
        start_ms=place.start_ms,
        end_ms=place.end_ms,
        x=place.x,
        y=place.y,
        created_at=now,
    )
    _freeze(agreement, [tag], now)
    agreement.terms_sha256 = hashlib.sha256(_terms(agreement, [tag]).encode()).hexdigest()
    agreement.save()
    tag.agreement = agreement
    tag.save()
    notifications.notify(
        recipient=held.merchant.owner,
        kind="plan_used",
        data={"creator": creator.name, "product": product.title},
        url="/shop/agreements",
        now=now,
    )
    return tag


@transaction.atomic
def decline(*, agreement: Agreement, creator: User, now: datetime) -> Agreement:
    held = _held(agreement, creator)
    held.state = Agreement.State.DECLINED
    held.decided_at = now
    held.save(update_fields=["state", "decided_at"])
    held.tags.update(removed_at=now)
    _tell_merchant(held, "tag_declined", now)
    return held


@transaction.atomic
def end_agreement(*, agreement: Agreement, by: User, now: datetime) -> Agreement:
    """Either side takes the product off the clip; orders that it earned keep what they agreed. A proposal
    that was not decided is withdrawn by the shop; its creator declines it. Again, it changes nothing."""
    rows = Agreement.objects.select_for_update(of=("self",)).select_related("merchant__owner", "creator")
    held = rows.get(pk=agreement.pk)
    is_shop = held.merchant.owner_id == by.pk
    if not is_shop and held.creator_id != by.pk:
        raise NotYourAgreement
    if held.state == Agreement.State.PROPOSED:
        if not is_shop:
            return decline(agreement=held, creator=by, now=now)
        held.state, held.decided_at = Agreement.State.WITHDRAWN, now
        held.save(update_fields=["state", "decided_at"])
    if held.tags.filter(removed_at=None).update(removed_at=now):
        _tell_other(held, is_shop, now)
    return held


def _tell_other(agreement: Agreement, is_shop: bool, now: datetime) -> None:
    tag = agreement.tags.select_related("product").first()
    notifications.notify(
        recipient=agreement.creator if is_shop else agreement.merchant.owner,
        kind="tag_removed",
        data={
            "name": agreement.merchant.name if is_shop else agreement.creator.name,
            "product": tag.product.title if tag else "",
        },
        url="/shop/agreements",
        now=now,
    )


def touch(
    *, tag: ProductTag, visitor: str, buyer: User | None, now: datetime, led_out: bool = False
) -> TagTouch:
    """Somebody tapped the tag: what a later order is attributed by. `led_out`: to the merchant's own site."""
    return TagTouch.objects.create(tag=tag, visitor=visitor, buyer=buyer, at=now, led_out=led_out)


def _held(agreement: Agreement, creator: User) -> Agreement:
    held = Agreement.objects.select_for_update(of=("self",)).select_related("merchant__owner", "creator")
    row = held.get(pk=agreement.pk)
    if row.creator_id != creator.pk:
        raise NotYourAgreement
    if row.state != Agreement.State.PROPOSED:
        raise AgreementDecided
    return row


def _terms(agreement: Agreement, tags: list[ProductTag]) -> str:
    return books.canonical(
        {
            "merchant": str(agreement.merchant.public_id),
            "creator": str(agreement.creator.public_id),
            "creator_rate_bp": agreement.creator_rate_bp,
            "owner_rate_bp": agreement.owner_rate_bp,
            "owner_shares": agreement.owner_shares,
            "until": agreement.until.isoformat() if agreement.until else None,
            "scope": [
                {"post": str(tag.post.public_id), "product": str(tag.product.public_id)} for tag in tags
            ],
        }
    )


def _tell_merchant(agreement: Agreement, kind: str, now: datetime) -> None:
    notifications.notify(
        recipient=agreement.merchant.owner,
        kind=kind,
        data={"creator": agreement.creator.name},
        url="/shop/agreements",
        now=now,
    )
