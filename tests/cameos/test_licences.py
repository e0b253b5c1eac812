"""What it costs to be in somebody's clip, who pays, and what comes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts import journal
from accounts.models import Notification, User
from accounts.stepup import StepUpRequired
from cameos import actions, consent, licences, revocation, signals
from cameos import terms as the_terms
from cameos.consent import ConsentDenied, Reason
from cameos.licences import AlreadyAsked, LicenceOver, NothingToPay, PriceRefused
from cameos.models import Audience, Cameo, LedgerEntry, Licence, LikenessUse, PriceCard
from cameos.refusals import NotYours
from generation.models import Generation
from tests.accounts.people import signed_in
from tests.cameos.making import ask, block, grant, likeness_of, sealed, take_close

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
JSON = "application/json"


@pytest.fixture(autouse=True)
def own_journal(settings: Any, tmp_path: Path) -> None:
    settings.JOURNAL_PATH = tmp_path / "journal.jsonl"


@pytest.fixture
def likeness(alice: User, now: datetime) -> Cameo:
    cameo = likeness_of(alice, now - 3 * DAY)
    grant(cameo, now)
    return cameo


@pytest.fixture
def owed() -> Iterator[list[tuple[str, int]]]:
    """What was said to be owed back: why and how much."""
    told: list[tuple[str, int]] = []

    def hear(sender: Any, amount: int, reason: str, **more: Any) -> None:
        told.append((reason, amount))

    signals.licence_refund_due.connect(hear)
    yield told
    signals.licence_refund_due.disconnect(hear)


def price(cameo: Cameo, now: datetime, **fields: Any) -> PriceCard:
    card = {"fee": 500, "currency": "EUR", "share_bp": 1000, "friends_free": True, "stepped_up": True}
    return licences.set_card(cameo=cameo, owner=cameo.owner, now=now, **(card | fields))


def request(cameo: Cameo, who: User, now: datetime, clips: int = 2) -> Licence:
    return licences.ask(cameo=cameo, requester=who, clip_count=clips, words="a birthday", now=now)


def accepted(cameo: Cameo, who: User, now: datetime, clips: int = 2) -> Licence:
    asked = request(cameo, who, now, clips)
    return licences.accept(licence=asked, owner=cameo.owner, stepped_up=True, now=now)


def pay(licence: Licence, now: datetime, reference: str = "pi_1", **fields: Any) -> Licence:
    event = {"amount": licence.total, "currency": licence.currency} | fields
    return licences.paid(licence=licence, reference=reference, now=now, **event)


def licensed(cameo: Cameo, who: User, now: datetime, clips: int = 2) -> Licence:
    return pay(accepted(cameo, who, now, clips), now)


def refusal(cameo: Cameo, who: User, now: datetime) -> Reason:
    with pytest.raises(ConsentDenied) as denied:
        ask(cameo, who, now)
    return denied.value.reason


def test_with_a_fee_bob_needs_a_paid_licence_and_a_friend_does_not(
    likeness: Cameo, alice: User, bob: User, carol: User, now: datetime
) -> None:
    price(likeness, now)
    take_close(alice, carol, now)
    assert refusal(likeness, bob, now) == Reason.UNPAID
    assert consent.may_cast(cameo=likeness, requester=bob, now=now) == Reason.UNPAID
    assert ask(likeness, carol, now) and ask(likeness, alice, now)
    price(likeness, now, friends_free=False)
    assert refusal(likeness, carol, now) == Reason.UNPAID


def test_a_share_of_sales_alone_asks_for_no_payment_beforehand(
    likeness: Cameo, bob: User, now: datetime
) -> None:
    price(likeness, now, fee=0, share_bp=2500)
    assert ask(likeness, bob, now)
    assert licences.share_of(likeness, now) == 2500


def test_the_payment_names_bob_and_each_clip_takes_one_of_what_he_paid_for(
    likeness: Cameo, alice: User, bob: User, now: datetime
) -> None:
    grant(likeness, now, audience=Audience.ONLY_ME)
    price(likeness, now)
    waiting = accepted(likeness, bob, now)
    assert refusal(likeness, bob, now) == Reason.AUDIENCE
    paid = pay(waiting, now)
    assert paid.state == Licence.State.ACTIVE
    first, second = (sealed(bob, [likeness], now) for _ in range(2))
    assert first.uses.get().permit.licence == second.uses.get().permit.licence == paid
    assert refusal(likeness, bob, now) == Reason.UNPAID
    kinds = set(LedgerEntry.objects.values_list("kind", flat=True))
    assert {"price_set", "licence_asked", "licence_accepted", "licence_paid"} <= kinds


def test_a_clip_that_never_was_gives_its_place_back(likeness: Cameo, bob: User, now: datetime) -> None:
    price(likeness, now)
    licence = licensed(likeness, bob, now, clips=1)
    permit = ask(likeness, bob, now)
    assert refusal(likeness, bob, now) == Reason.UNPAID
    consent.release(permit.generation_id, now)
    consent.release(permit.generation_id, now)
    licence.refresh_from_db()
    assert licence.clips_taken == 0
    assert ask(likeness, bob, now)


def test_the_same_payment_heard_twice_counts_once(
    likeness: Cameo, bob: User, now: datetime, owed: list[tuple[str, int]]
) -> None:
    price(likeness, now)
    licence = accepted(likeness, bob, now)
    pay(licence, now)
    pay(licence, now)
    assert Licence.objects.get().paid == 1000 and not owed
    assert LedgerEntry.objects.filter(kind="licence_paid").count() == 1


@pytest.mark.parametrize("wrong", [{"amount": 999}, {"currency": "USD"}])
def test_another_sum_than_agreed_permits_nothing_and_goes_back(
    wrong: dict[str, Any], likeness: Cameo, bob: User, now: datetime, owed: list[tuple[str, int]]
) -> None:
    price(likeness, now)
    pay(accepted(likeness, bob, now), now, **wrong)
    assert refusal(likeness, bob, now) == Reason.UNPAID
    assert owed == [("too_late", wrong.get("amount", 1000))]


def test_revoking_while_bob_pays_permits_nothing_and_all_of_it_goes_back(
    likeness: Cameo, alice: User, bob: User, now: datetime, owed: list[tuple[str, int]]
) -> None:
    price(likeness, now)
    licence = accepted(likeness, bob, now)
    revocation.revoke(cameo=likeness, owner=alice, now=now)
    assert pay(licence, now).state == Licence.State.ENDED
    assert owed == [("too_late", 1000)]
    assert refusal(likeness, bob, now) == Reason.NO_GRANT


def test_revoking_pays_back_what_was_not_made_and_what_was_shown_for_less_than_14_days(
    likeness: Cameo, alice: User, bob: User, now: datetime, owed: list[tuple[str, int]]
) -> None:
    price(likeness, now)
    licensed(likeness, bob, now, clips=4)
    sealed(bob, [likeness], now)
    later = now + 20 * DAY
    sealed(bob, [likeness], later)
    revocation.revoke(cameo=likeness, owner=alice, now=later)
    assert owed == [("revoked", 3 * 500)]
    revocation.revoke(cameo=likeness, owner=alice, now=later)
    assert len(owed) == 1
    assert Licence.objects.get().state == Licence.State.ENDED


def test_a_clip_in_the_making_when_alice_revokes_is_paid_back_once(
    likeness: Cameo, alice: User, bob: User, now: datetime, owed: list[tuple[str, int]]
) -> None:
    price(likeness, now)
    licensed(likeness, bob, now, clips=1)
    permit = ask(likeness, bob, now)
    revocation.revoke(cameo=likeness, owner=alice, now=now)
    consent.release(permit.generation_id, now)
    assert sum(amount for _reason, amount in owed) == 500


def test_a_freeze_ends_no_licence(likeness: Cameo, alice: User, bob: User, now: datetime) -> None:
    price(likeness, now)
    licensed(likeness, bob, now)
    revocation.freeze(cameo=likeness, owner=alice, now=now)
    revocation.unfreeze(cameo=likeness, owner=alice, now=now)
    assert ask(likeness, bob, now)


def test_a_full_refund_ends_the_licence_and_the_clips_made_under_it(
    likeness: Cameo, bob: User, now: datetime
) -> None:
    price(likeness, now)
    licence = licensed(likeness, bob, now)
    clip = sealed(bob, [likeness], now)
    half = licences.refunded(licence=licence, total=500, now=now)
    assert (half.state, half.clip_count) == (Licence.State.ACTIVE, 1)
    assert refusal(likeness, bob, now) == Reason.UNPAID
    for _ in range(2):
        whole = licences.refunded(licence=licence, total=1000, now=now)
    assert whole.state == Licence.State.ENDED
    use = LikenessUse.objects.get(clip=clip)
    assert (use.state, use.ended_reason) == ("ended", "refunded")


def test_lowering_a_price_needs_a_fresh_proof_is_mailed_and_waits(
    likeness: Cameo, bob: User, now: datetime, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    price(likeness, now)
    with pytest.raises(StepUpRequired):
        price(likeness, now, fee=0, stepped_up=False)
    with django_capture_on_commit_callbacks(execute=True):
        price(likeness, now, fee=0)
    assert len(mailoutbox) == 1
    assert refusal(likeness, bob, now) == Reason.UNPAID
    assert ask(likeness, bob, now + DAY)
    price(likeness, now + DAY, fee=900, stepped_up=False)
    assert refusal(likeness, bob, now + DAY) == Reason.UNPAID


def test_requests_are_one_at_a_time_and_refused_by_name(
    likeness: Cameo, alice: User, bob: User, mallory: User, now: datetime
) -> None:
    with pytest.raises(NothingToPay):
        request(likeness, bob, now)
    for wrong in ({"fee": -1}, {"share_bp": 10_001}, {"currency": "XYZ"}):
        with pytest.raises(PriceRefused):
            price(likeness, now, **wrong)
    price(likeness, now)
    licence = request(likeness, bob, now)
    with pytest.raises(AlreadyAsked):
        request(likeness, bob, now)
    block(alice, mallory, now)
    with pytest.raises(NotYours):
        request(likeness, mallory, now)
    with pytest.raises(NotYours):
        licences.accept(licence=licence, owner=bob, stepped_up=True, now=now)
    with pytest.raises(StepUpRequired):
        licences.accept(licence=licence, owner=alice, stepped_up=False, now=now)
    licences.decline(licence=licence, owner=alice, now=now)
    with pytest.raises(LicenceOver):
        licences.accept(licence=licence, owner=alice, stepped_up=True, now=now)
    assert Notification.objects.filter(recipient=bob, kind="licence_declined").count() == 1
    assert request(likeness, bob, now).state == Licence.State.ASKED


def test_what_nobody_answers_or_pays_lapses(
    likeness: Cameo, alice: User, bob: User, carol: User, now: datetime, owed: list[tuple[str, int]]
) -> None:
    price(likeness, now)
    unpaid, unanswered = accepted(likeness, bob, now), request(likeness, carol, now)
    assert licences.lapse(now + 6 * DAY) == 0
    assert licences.lapse(now + 7 * DAY) == 1 and licences.lapse(now + 14 * DAY) == 1
    assert pay(unpaid, now + 8 * DAY).state == Licence.State.LAPSED
    assert owed == [("too_late", 1000)]
    unanswered.refresh_from_db()
    assert unanswered.state == Licence.State.LAPSED


def test_erasing_alices_account_with_paid_licences_owes_them_back(
    likeness: Cameo, alice: User, bob: User, now: datetime, owed: list[tuple[str, int]]
) -> None:
    from cameos import personal

    price(likeness, now)
    licensed(likeness, bob, now)
    personal.erase(alice, now)
    assert owed == [("erased", 1000)]
    licence = Licence.objects.get()
    assert licence.state == Licence.State.ENDED and licence.words == ""


# --- Over the API, by address, and after a restore ---------------------------------------------------------


@pytest.fixture
def checkout() -> Iterator[None]:
    """Somebody to the right takes the money."""
    before = list(licences._payment_pages)
    licences.take_payments_at(lambda licence: f"/checkout/licence/{licence.public_id}")
    yield
    licences._payment_pages[:] = before


@pytest.mark.usefixtures("checkout")
def test_a_licence_over_the_api_from_the_price_to_the_clip(likeness: Cameo, alice: User, bob: User) -> None:
    owner, maker = signed_in(alice, fresh=True), signed_in(bob)
    card = {"fee": 450, "currency": "EUR", "share_bp": 1000, "friends_free": False}
    assert owner.put("/api/v1/likeness/price", card, content_type=JSON).json()["fee"] == 450
    assert owner.get("/api/v1/likeness/price").json()["share_bp"] == 1000
    asked = maker.post(
        f"/api/v1/castable/{likeness.public_id}/licences",
        {"clip_count": 2, "words": "a birthday"},
        content_type=JSON,
    ).json()
    assert (asked["state"], asked["total"], asked["pay_at"]) == ("asked", 900, "")
    waiting = owner.get("/api/v1/likeness/licences").json()["asked"]
    assert [(row["id"], row["words"]) for row in waiting] == [(asked["id"], "a birthday")]

    said = owner.post(f"/api/v1/likeness/licences/{asked['id']}/accept").json()
    assert (said["state"], said["pay_at"]) == ("accepted", "")  # the owner has nothing to pay
    (mine,) = maker.get("/api/v1/likeness/licences").json()["mine"]
    assert mine["pay_at"] == f"/checkout/licence/{asked['id']}"
    assert mine["pay_at"] in maker.get("/likeness/licences").content.decode()

    now = timezone.now()
    assert refusal(likeness, bob, now) is Reason.UNPAID
    pay(Licence.objects.get(), now)
    ask(likeness, bob, now)
    (mine,) = maker.get("/api/v1/likeness/licences").json()["mine"]
    assert (mine["state"], mine["clips_left"], mine["pay_at"]) == ("active", 1, "")


def test_a_cheaper_price_over_the_api_needs_a_fresh_proof(likeness: Cameo, alice: User) -> None:
    price(likeness, timezone.now())
    cheaper = {"fee": 100, "currency": "EUR", "share_bp": 1000}
    refused = signed_in(alice).put("/api/v1/likeness/price", cheaper, content_type=JSON)
    assert (refused.status_code, refused.json()["code"]) == (403, "step_up_required")


def test_a_dearer_price_outlives_an_older_backup(likeness: Cameo, bob: User, now: datetime) -> None:
    price(likeness, now, fee=100)
    price(likeness, now + DAY, fee=900)
    PriceCard.objects.filter(fee=900).delete()  # the backup is of before
    journal.replay()
    journal.replay()
    card = licences.card_of(likeness, now + 2 * DAY)
    assert card is not None and (card.fee, PriceCard.objects.count()) == (900, 2)


def test_a_licence_that_was_paid_back_stays_over_after_a_restore(
    likeness: Cameo, bob: User, now: datetime
) -> None:
    price(likeness, now)
    licence = licensed(likeness, bob, now)
    licences.refunded(licence=licence, total=licence.paid, now=now)
    Licence.objects.filter(pk=licence.pk).update(state=Licence.State.ACTIVE, back=0, ended_at=None)
    journal.replay()
    assert refusal(likeness, bob, now) is Reason.UNPAID


def test_a_clip_in_the_making_stops_when_its_licence_is_paid_back(
    likeness: Cameo, bob: User, now: datetime
) -> None:
    price(likeness, now)
    licence = licensed(likeness, bob, now)
    permit = ask(likeness, bob, now)
    licences.refunded(licence=licence, total=licence.paid, now=now)
    with pytest.raises(ConsentDenied) as stopped:
        consent.recheck(generation=Generation.objects.get(pk=permit.generation_id), now=now)
    assert stopped.value.reason is Reason.UNPAID


def test_a_wider_permission_that_waits_goes_on_waiting_when_somebody_pays(
    likeness: Cameo, alice: User, bob: User, now: datetime
) -> None:
    price(likeness, now)
    close = the_terms.of(consent.in_force(likeness, now))
    actions.save_grant(
        cameo=likeness, owner=alice, terms=replace(close, audience="circle"), stepped_up=True, now=now
    )
    actions.save_grant(cameo=likeness, owner=alice, terms=close, stepped_up=True, now=now)
    licensed(likeness, bob, now)
    early, late = (consent.in_force(likeness, at) for at in (now, now + 2 * DAY))
    assert early is not None and late is not None
    assert (early.audience, late.audience) == ("circle", "everyone")
    assert [grant.people.filter(person=bob).exists() for grant in (early, late)] == [True, True]


def test_a_price_set_later_takes_no_clip_down_when_something_else_narrows(
    likeness: Cameo, alice: User, bob: User, now: datetime
) -> None:
    clip = sealed(bob, [likeness], now)
    price(likeness, now)
    narrower = replace(the_terms.of(consent.in_force(likeness, now)), voice=False, companions="circle")
    actions.save_grant(cameo=likeness, owner=alice, terms=narrower, stepped_up=False, now=now)
    assert not LikenessUse.objects.get(clip=clip).is_ended


def test_whom_the_audience_leaves_out_is_not_told_that_casting_is_free(
    alice: User, bob: User, carol: User, now: datetime
) -> None:
    """Bob is named, and there is no price: no licence to buy, and Carol may not cast all the same."""
    likeness = likeness_of(alice, now - 3 * DAY)
    grant(likeness, now, audience=Audience.NAMED, people=[bob])
    address = f"/likeness/ask/{likeness.public_id}"
    free, denied = (signed_in(who).get(address).content.decode() for who in (bob, carol))
    assert f"/create?cast={likeness.public_id}" in free
    assert f"/create?cast={likeness.public_id}" not in denied
    assert "their audience does not include you" in denied
