"""Paid licences up to the shop's border: prices, requests, and what a payment event brings.

    ASKED --accept--> ACCEPTED --paid()--> ACTIVE (names the payer in the grant) --refunded(), revoke--> ENDED
      +--decline--> DECLINED    +--7 days--> LAPSED       a request nobody answers lapses after 14 days

A price is one more condition of the gate, never a way around another. Money is taken and sent back elsewhere:
whoever does it hears `licence_accepted` and `licence_refund_due`, calls `paid` and `refunded`, and may name
the address at which an accepted licence is paid (`take_payments_at`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts import journal, social
from accounts.models import User
from accounts.notifications import notify
from accounts.refusals import Refused
from accounts.stepup import StepUpRequired
from cameos import ledger, mails, signals
from cameos.models import Cameo, Licence, LikenessUse, PriceCard
from cameos.refusals import LikenessGone, NotYours

ANSWER_WITHIN = timedelta(days=14)
PAY_WITHIN = timedelta(days=7)
LOWER_PRICE_WAITS = timedelta(hours=24)
RETURN_WINDOW = timedelta(days=14)  # a clip taken down by its owner sooner than this is paid back
MOST_CLIPS, MOST_FEE = 100, 10_000_00
CURRENCIES = ("EUR", "USD", "GBP", "CHF", "CNY")  # each with two decimals
State = Licence.State


_payment_pages: list[Callable[[Licence], str]] = []


def take_payments_at(address: Callable[[Licence], str]) -> None:
    """Whoever takes money names the address at which the requester pays an accepted licence. The last one
    counts."""
    _payment_pages[:] = [address]


def pay_at(licence: Licence, viewer: User) -> str:
    """Where this viewer pays; empty unless it is theirs, accepted, and somebody takes the money."""
    waits = licence.state == State.ACCEPTED and licence.requester_id == viewer.pk
    return _payment_pages[0](licence) if waits and _payment_pages else ""


class PriceRefused(Refused):
    code = "price_refused"
    message = _("This price cannot be.")
    status = 422


class NothingToPay(Refused):
    code = "nothing_to_pay"
    message = _("You need no licence: casting this likeness costs you nothing.")
    status = 409


class AlreadyAsked(Refused):
    code = "already_asked"
    message = _("You asked already, and wait for an answer or your own payment.")
    status = 409


class LicenceOver(Refused):
    code = "licence_over"
    message = _("This request was decided already, or its time is over.")
    hint = _("Reload the page to see how it stands.")
    status = 409


# --- Prices ------------------------------------------------------------------------------------------------


def card_of(cameo: Cameo, now: datetime) -> PriceCard | None:
    """The prices that count at this moment; None where casting is free."""
    return PriceCard.objects.filter(cameo=cameo, effective_at__lte=now).order_by("-pk").first()


@transaction.atomic
def set_card(
    *,
    cameo: Cameo,
    owner: User,
    fee: int,
    currency: str,
    share_bp: int,
    friends_free: bool,
    stepped_up: bool,
    now: datetime,
) -> PriceCard:
    """What casting costs from now on. Dearer counts at once; cheaper opens the likeness to more people, so it
    needs a fresh proof, is mailed, and waits 24 hours. Licences that were asked for keep their price."""
    held = _own(cameo, owner)
    if not 0 <= fee <= MOST_FEE or not 0 <= share_bp <= 10_000 or currency not in CURRENCIES:
        raise PriceRefused()
    before = card_of(held, now)
    is_cheaper = before is not None and (
        fee < before.fee
        or share_bp < before.share_bp
        or (friends_free and not before.friends_free)
        or (fee > 0 and before.fee > 0 and currency != before.currency)
    )
    if is_cheaper and not stepped_up:
        raise StepUpRequired()
    PriceCard.objects.filter(cameo=held, effective_at__gt=now).delete()  # what waited is replaced
    card = PriceCard.objects.create(
        cameo=held,
        fee=fee,
        currency=currency,
        share_bp=share_bp,
        friends_free=friends_free,
        created_at=now,
        effective_at=now + LOWER_PRICE_WAITS if is_cheaper else now,
    )
    if not is_cheaper:
        _remember_card(card)
    facts = {"fee": fee, "currency": currency, "share_bp": share_bp, "friends_free": friends_free}
    ledger.append(cameo=held, kind="price_set", body=facts, details={}, now=now)
    if is_cheaper:
        mails.cheaper(card)
    return card


def costs(cameo: Cameo, requester: User, now: datetime) -> PriceCard | None:
    """The card by which this person pays a fee; None where they do not."""
    card = card_of(cameo, now)
    if card is None or not card.fee or cameo.owner_id == requester.pk:
        return None
    return None if card.friends_free and social.in_circle(cameo.owner, requester) else card


def usable(cameo: Cameo, requester: User) -> Licence | None:
    """A paid licence of this person with a clip left."""
    mine = Licence.objects.filter(cameo=cameo, requester=requester, state=State.ACTIVE)
    return mine.filter(clips_taken__lt=F("clip_count")).order_by("pk").first()


def take(licence: Licence) -> bool:
    """One clip of a licence; False where another request was faster with the last one."""
    left = Licence.objects.filter(pk=licence.pk, state=State.ACTIVE, clips_taken__lt=F("clip_count"))
    return bool(left.update(clips_taken=F("clips_taken") + 1))


def give_back(licence_id: int) -> None:
    """There will be no clip. Of a licence that ended meanwhile, the fee of this clip is owed back."""
    Licence.objects.filter(pk=licence_id, clips_taken__gt=0).update(clips_taken=F("clips_taken") - 1)
    ended = Licence.objects.filter(pk=licence_id, state=State.ENDED, ended_at__isnull=False).first()
    if ended is not None and ended.ended_at is not None:
        _owe(ended, ended.fee, "no_clip", ended.ended_at)


# --- Asking and answering ----------------------------------------------------------------------------------


@transaction.atomic
def ask(*, cameo: Cameo, requester: User, clip_count: int, words: str, now: datetime) -> Licence:
    """Ask the owner for clips at the price of today. Raises `NothingToPay`, `AlreadyAsked`, `NotYours` (also
    where one blocked the other)."""
    if not cameo.is_verified or social.is_blocked_between(cameo.owner, requester):
        raise NotYours()
    card = costs(cameo, requester, now)
    if card is None:
        raise NothingToPay()
    if not 1 <= clip_count <= MOST_CLIPS:
        raise PriceRefused(message=_("Please ask for 1 to 100 clips."))
    try:
        with transaction.atomic():
            licence = Licence.objects.create(
                cameo=cameo,
                requester=requester,
                card=card,
                words=words.strip()[:500],
                clip_count=clip_count,
                fee=card.fee,
                currency=card.currency,
                share_bp=card.share_bp,
                asked_at=now,
            )
    except IntegrityError:
        raise AlreadyAsked() from None
    _note(licence, "licence_asked", now)
    _tell(cameo.owner, "licence_asked", licence, now)
    return licence


@transaction.atomic
def accept(*, licence: Licence, owner: User, stepped_up: bool, now: datetime) -> Licence:
    """The owner's yes: nothing is permitted before the payment event. It names one person, so a fresh proof
    is needed and nothing waits. Raises `LicenceOver`."""
    held = _asked(licence, owner)
    if not stepped_up:
        raise StepUpRequired()
    _move(held, State.ACCEPTED, decided_at=now)
    _note(held, "licence_accepted", now)
    signals.licence_accepted.send(sender=Licence, licence=held, now=now)
    _tell(held.requester, "licence_accepted", held, now)
    return held


@transaction.atomic
def decline(*, licence: Licence, owner: User, now: datetime) -> Licence:
    held = _asked(licence, owner)
    _move(held, State.DECLINED, decided_at=now)
    _note(held, "licence_declined", now)
    _tell(held.requester, "licence_declined", held, now)
    return held


def lapse(now: datetime) -> int:
    """Requests that nobody answered and yeses that nobody paid. Returns how many."""
    unanswered = Q(state=State.ASKED, asked_at__lte=now - ANSWER_WITHIN)
    unpaid = Q(state=State.ACCEPTED, decided_at__lte=now - PAY_WITHIN)
    return Licence.objects.filter(unanswered | unpaid).update(state=State.LAPSED, ended_at=now)


# --- What whoever takes the money tells --------------------------------------------------------------------


@transaction.atomic
def paid(*, licence: Licence, amount: int, currency: str, reference: str, now: datetime) -> Licence:
    """The payment event, once a reference. ACCEPTED becomes ACTIVE and the payer is named in the grant.

    Whatever cannot become active any more (revoked while they paid, lapsed, another sum) stays as it is, and
    all of the payment is owed back.
    """
    held = _held(licence)
    if reference == held.payment_reference:
        return held
    is_right = (amount, currency) == (held.total, held.currency) and held.cameo.is_verified
    if held.state != State.ACCEPTED or not is_right or not _name(held, now):
        signals.licence_refund_due.send(
            sender=Licence, licence=held, amount=amount, reference=reference, reason="too_late", now=now
        )
        return held
    _move(held, State.ACTIVE, paid=amount, paid_at=now, payment_reference=reference)
    _note(held, "licence_paid", now)
    _tell(held.requester, "licence_active", held, now)
    _tell(held.cameo.owner, "licence_paid", held, now)
    return held


@transaction.atomic
def refunded(*, licence: Licence, total: int, now: datetime) -> Licence:
    """So much in total went back to the payer. Clips not made yet go with it; all of it ends the licence and
    the clips made under it. Hearing it twice changes nothing."""
    held = _held(licence)
    if held.state not in (State.ACTIVE, State.ENDED) or total <= held.back:
        return held
    held.back = min(total, held.paid)
    kept = (held.paid - held.back) // held.fee if held.fee else 0
    held.clip_count = max(held.clips_taken, kept)
    held.save(update_fields=["back", "clip_count"])
    if held.back == held.paid and held.state == State.ACTIVE:
        journal.append("likeness.licence_ended", {"licence": str(held.public_id), "at": now.isoformat()})
        _move(held, State.ENDED, ended_at=now)
        _end_clips(held, now)
    _note(held, "licence_refunded", now)
    return held


def when_permits_end(sender: Any, cameo: Cameo, reason: str, now: datetime, **more: Any) -> None:
    """Revoking and erasing end every licence, in the same transaction; what was not delivered is owed back:
    the clips not made, and those that were shown for less than 14 days. A freeze is a pause and ends none."""
    if reason not in ("revoked", "erased"):
        return
    open_ones = Licence.objects.filter(cameo=cameo, state__in=[State.ASKED, State.ACCEPTED, State.ACTIVE])
    for licence in open_ones.select_for_update(of=("self",)).order_by("pk"):
        was_active = licence.state == State.ACTIVE
        _move(licence, State.ENDED, ended_at=now)
        if was_active:
            young = _clips(licence).filter(created_at__gt=now - RETURN_WINDOW).count()
            _owe(licence, licence.fee * (licence.clips_left + young), reason, now)
        _tell(licence.requester, "licence_ended", licence, now)


def share_of(cameo: Cameo, now: datetime) -> int:
    """Basis points of sales by a clip that go to this likeness; for whoever divides a sale."""
    card = card_of(cameo, now)
    return card.share_bp if card else 0


# --- After a restore ---------------------------------------------------------------------------------------


def _remember_card(card: PriceCard) -> None:
    """Outside the database: a backup that does not know the dearer price must not bring the cheaper one
    back."""
    facts = {"fee": card.fee, "currency": card.currency, "share_bp": card.share_bp}
    facts |= {"friends_free": card.friends_free, "at": card.effective_at.isoformat()}
    journal.append("likeness.price_set", {"cameo": str(card.cameo.public_id)} | facts)


@transaction.atomic
def replay_price(payload: dict[str, Any]) -> None:
    """The prices that the backup forgot. A version of the same moment or later stays as it is."""
    at = datetime.fromisoformat(payload["at"])
    cameo = Cameo.objects.select_for_update().filter(public_id=payload["cameo"]).first()
    if cameo is None or PriceCard.objects.filter(cameo=cameo, created_at__gte=at).exists():
        return
    fields = {name: payload[name] for name in ("fee", "currency", "share_bp", "friends_free")}
    PriceCard.objects.filter(cameo=cameo, effective_at__gt=at).delete()
    PriceCard.objects.create(cameo=cameo, created_at=at, effective_at=at, **fields)


@transaction.atomic
def replay_ended(payload: dict[str, Any]) -> None:
    """A licence that the backup runs again, though all of it was paid back. Its clips have lines of their
    own."""
    running = Licence.objects.filter(public_id=payload["licence"], state=State.ACTIVE)
    at = datetime.fromisoformat(payload["at"])
    running.update(state=State.ENDED, ended_at=at, back=F("paid"))


# --- A person's own ----------------------------------------------------------------------------------------


def forget(user: User, now: datetime) -> None:
    """Erasing an account: what it asked for ends, its words go, the sums stay."""
    mine = Licence.objects.filter(requester=user)
    mine.filter(state__in=[State.ASKED, State.ACCEPTED, State.ACTIVE]).update(state=State.ENDED, ended_at=now)
    Licence.objects.filter(Q(requester=user) | Q(cameo__owner=user)).update(words="")


def exported(user: User) -> list[dict[str, Any]]:
    rows = Licence.objects.filter(Q(requester=user) | Q(cameo__owner=user)).order_by("pk")
    return [
        {
            "licence": str(row.public_id),
            "state": row.state,
            "clips": row.clip_count,
            "taken": row.clips_taken,
            "total": row.total,
            "currency": row.currency,
            "paid": row.paid,
            "back": row.back,
            "at": row.asked_at.isoformat(),
        }
        for row in rows
    ]


# --- Steps -------------------------------------------------------------------------------------------------


def _own(cameo: Cameo, owner: User) -> Cameo:
    held = Cameo.objects.select_for_update().filter(pk=cameo.pk, owner=owner).first()
    if held is None:
        raise NotYours()
    if not held.is_verified:
        raise LikenessGone()
    return held


def _held(licence: Licence) -> Licence:
    """The likeness first, then the licence: the order in which a revocation takes them."""
    Cameo.objects.select_for_update().only("pk").get(pk=licence.cameo_id)
    rows = Licence.objects.select_for_update(of=("self",)).select_related("cameo__owner", "requester")
    return rows.get(pk=licence.pk)


def _asked(licence: Licence, owner: User) -> Licence:
    held = _held(licence)
    if held.cameo.owner_id != owner.pk:
        raise NotYours()
    if held.state != State.ASKED:
        raise LicenceOver()
    return held


def _move(licence: Licence, state: str, **fields: Any) -> None:
    licence.state = state
    for name, value in fields.items():
        setattr(licence, name, value)
    licence.save(update_fields=["state", *fields])


def _name(licence: Licence, now: datetime) -> bool:
    """Name the payer in the grant in force. False where there is none: the owner revoked while they paid."""
    from cameos import actions

    return actions.name_licensee(cameo=licence.cameo, person=licence.requester, now=now)


def _clips(licence: Licence) -> QuerySet[LikenessUse]:
    return LikenessUse.objects.filter(permit__licence=licence)


def _end_clips(licence: Licence, now: datetime) -> None:
    from cameos import revocation
    from cameos.models import Ending

    revocation.end(cameo=licence.cameo, rows=_clips(licence), reason=Ending.Reason.REFUNDED, now=now)


def _owe(licence: Licence, amount: int, reason: str, now: datetime) -> None:
    amount = min(amount, licence.paid - licence.back)
    if amount <= 0:
        return
    Licence.objects.filter(pk=licence.pk).update(back=F("back") + amount)
    licence.back += amount
    signals.licence_refund_due.send(
        sender=Licence,
        licence=licence,
        amount=amount,
        reference=licence.payment_reference,
        reason=reason,
        now=now,
    )


def _note(licence: Licence, kind: str, now: datetime) -> None:
    ledger.append(
        cameo=licence.cameo,
        kind=kind,
        body={"clips": licence.clip_count, "fee": licence.fee, "currency": licence.currency},
        details={"licence": str(licence.public_id), "requester": str(licence.requester.public_id)},
        now=now,
    )


def _tell(recipient: User, kind: str, licence: Licence, now: datetime) -> None:
    data = {
        "name": licence.cameo.name,
        "requester": licence.requester.name,
        "clips": licence.clip_count,
        "back": licence.back,
        "currency": licence.currency,
    }
    notify(recipient=recipient, kind=kind, data=data, url="/likeness/licences", now=now)
