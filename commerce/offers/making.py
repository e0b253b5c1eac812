"""The shop's side of an offer: write it down, open it, show the sample, name another date, call it off."""

from __future__ import annotations

import secrets
from datetime import date, datetime
from typing import Any, BinaryIO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from accounts import cases
from accounts.models import Case, User
from cameos.intake.refusals import IntakeRefused
from commerce.catalog.fetching import redrawn
from commerce.models import Merchant, Offer, Product
from commerce.offers import gates
from commerce.offers.states import CHARGING_TAKES, DRAWN_WITHIN, SAMPLE_SHOWN_FOR, Kind, NoArrow, State, move
from commerce.refusals import (
    BadSample,
    NotYourProduct,
    OfferNotThere,
    OfferRunning,
    PersonNotForGoods,
)
from generation.models import Clip

CASE = "concept"


@transaction.atomic
def draft(
    *, merchant: Merchant, product: Product, kind: str, clip: Clip | None, now: datetime, **words: Any
) -> Offer:
    """A new offer that nobody sees yet. Raises NotYourProduct or OfferRunning."""
    if product.merchant_id != merchant.pk or (clip is not None and clip.maker_id != merchant.owner_id):
        raise NotYourProduct
    try:
        with transaction.atomic():
            return Offer.objects.create(
                product=product, kind=kind, clip=clip, created_at=now, changed_at=now, **words
            )
    except IntegrityError as error:
        raise OfferRunning from error


@transaction.atomic
def change(*, offer: Offer, now: datetime, **words: Any) -> Offer:
    """Other words for a draft. Raises OfferNotThere for one that is on its way: what buyers saw is frozen."""
    held = _held(offer, State.DRAFT)
    for name, value in words.items():
        setattr(held, name, value)
    held.changed_at = now
    held.save()
    return held


@transaction.atomic
def submit(*, offer: Offer, now: datetime) -> Offer:
    """A concept goes to the moderators; anything else opens. Raises OfferIncomplete or PersonNotForGoods."""
    held = _held(offer, State.DRAFT)
    gates.require_complete(held, now)
    if held.kind != Kind.CONCEPT:
        return _open(held, now)
    moved = move(held, State.REVIEW, now, due_at=now + DRAWN_WITHIN)
    cases.file(kind=CASE, subject=str(held.public_id), reason="concept", filed_by=None, now=now)
    return moved


def _open(offer: Offer, now: datetime) -> Offer:
    offer.spec_sha256 = gates.frozen(offer)
    offer.save(update_fields=["spec_sha256"])
    return move(offer, State.OPEN, now, due_at=offer.deadline)


def decide_review(*, case: Case, decision: str, moderator: User, note: str, now: datetime) -> None:
    """A moderator's word on a concept: open it, or back to the shop with a note. The gates are asked anew."""
    offer = Offer.objects.select_for_update().filter(public_id=case.subject).first()
    if offer is None or offer.state != State.REVIEW:
        return  # it went back by itself meanwhile
    if decision == "open":
        gates.require_complete(offer, now)
        _open(offer, now)
    else:
        move(offer, State.DRAFT, now, note=note)


@transaction.atomic
def show_sample(*, offer: Offer, picture: BinaryIO, words: str, now: datetime) -> Offer:
    """The sample stands beside the picture from now on; everybody may leave within 72 hours.

    Raises BadSample for what is no picture, OfferNotThere where it is not time for it.
    """
    held = _held(offer, State.SAMPLING)
    try:
        body = redrawn(picture.read())
    except IntakeRefused as error:
        raise BadSample from error
    held.sample_path = default_storage.save(f"products/{secrets.token_hex(16)}.webp", ContentFile(body))
    held.sample_words = words.strip()[:500]
    held.save(update_fields=["sample_path", "sample_words"])
    return move(held, State.SAMPLE_SHOWN, now, due_at=now + SAMPLE_SHOWN_FOR)


@transaction.atomic
def ready(*, offer: Offer, now: datetime) -> Offer:
    """The goods are there: a preorder's balances are charged; a concept's production is done, parcels go."""
    held = _held(offer, State.OPEN, State.PRODUCING)
    if held.kind == Kind.PREORDER and held.state == State.OPEN:
        return move(held, State.CHARGING, now, due_at=now + CHARGING_TAKES)
    if held.state == State.PRODUCING:
        return move(held, State.SHIPPING, now)
    raise OfferNotThere


@transaction.atomic
def stop(*, offer: Offer, now: datetime) -> Offer:
    """No new orders of what is made to order; what was ordered is still made."""
    held = _held(offer, State.OPEN)
    if held.kind != Kind.MADE_TO_ORDER:
        raise OfferNotThere
    return move(held, State.DONE, now)


@transaction.atomic
def name_date(*, offer: Offer, ships_by: date, now: datetime) -> Offer:
    """Another date for those who have not got theirs: each is asked, and silence means refund."""
    held = _held(offer, State.OPEN, State.CHARGING, State.PRODUCING, State.SHIPPING)
    if held.ships_by is None or ships_by <= max(held.ships_by, now.date()):
        raise OfferNotThere
    Offer.objects.filter(pk=held.pk).update(ships_by=ships_by)
    from commerce.offers.course import ask_all

    ask_all(held, ships_by, now)
    held.refresh_from_db()
    return held


@transaction.atomic
def call_off(*, offer: Offer, words: str, now: datetime) -> Offer:
    """The shop cannot do it: everybody gets everything back. Before anybody paid, it just fails."""
    held = _held(offer, *(state for state in State if state not in {State.DRAFT, State.REVIEW}))
    by_card = held.kind in {Kind.GROUP_BUY, Kind.CONCEPT}
    to = State.FAILED if by_card and held.state in {State.OPEN, State.FUNDED} else State.REFUNDING
    try:
        return move(held, to, now, note=words)
    except NoArrow as error:
        raise OfferNotThere from error


def still_permitted(offer: Offer, now: datetime) -> bool:
    try:
        gates.require_people(offer, now)
    except PersonNotForGoods:
        return False
    return True


def delete(*, offer: Offer) -> None:
    """A draft that nobody saw."""
    Offer.objects.filter(pk=offer.pk, state=State.DRAFT).delete()


def sample(offer: Offer) -> bytes:
    with default_storage.open(offer.sample_path) as stream:
        return bytes(stream.read())


def _held(offer: Offer, *states: str) -> Offer:
    rows = Offer.objects.select_for_update(of=("self",)).select_related("product__merchant__owner", "clip")
    held = rows.get(pk=offer.pk)
    if held.state not in states:
        raise OfferNotThere
    return held
