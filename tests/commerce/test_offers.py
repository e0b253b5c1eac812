"""What is sold before it is made: Carol takes part, the clock moves, and nobody pays for nothing."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core import mail
from django.db.models import Sum
from PIL import Image

from accounts import books, cases
from accounts.models import Case, Notification, User
from cameos.models import Cameo, LikenessGrant, LikenessUse
from commerce import actions
from commerce.actions.checkout import Buyer
from commerce.gateways.standin import StandIn
from commerce.gateways.stripe import StripeGateway
from commerce.models import Merchant, Offer, OfferStep, Order, Pledge, Product, Split, Variant
from commerce.money import Money
from commerce.offers import course, making, pledging, standing, states
from commerce.offers.states import NoArrow, State, move
from commerce.refusals import (
    BadSample,
    CapacityFull,
    NothingToAnswer,
    NotToSend,
    NotYourProduct,
    OfferIncomplete,
    OfferNotOpen,
    OfferNotThere,
    OfferRunning,
    PersonNotForGoods,
    PriceChanged,
    PromiseChanged,
    TooLateToCancel,
    UnderOffer,
)
from commerce.webhooks import receive
from generation.models import Clip
from tests.commerce.conftest import SECRET, browse, pay, shares, webhooks

NOW = datetime.now(UTC).replace(microsecond=0)  # the stand-in lives by the machine's clock
SPEC = {"size": "30 x 20 cm", "material": "Oak", "tolerance": "2 mm", "maker": "Stage works"}
PRICE = Money(1250, "EUR")
GOOD, FAILS_LATER = "4242424242424242", "4000000000000341"
Day = Callable[[float], datetime]


def day(number: float) -> datetime:
    return NOW + timedelta(days=number)


@pytest.fixture
def lamp(merchant: Merchant) -> Variant:
    product = Product.objects.create(merchant=merchant, handle="lamp", title="Lamp", updated_at=NOW)
    return Variant.objects.create(product=product, sku="LAMP", price=1250, currency="EUR")


@pytest.fixture(autouse=True)
def mails(settings: Any, django_capture_on_commit_callbacks: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def offered(lamp: Variant, kind: str, **words: Any) -> Offer:
    given: dict[str, Any] = {"spec": SPEC, "ships_by": day(60).date()}
    if kind in {"group_buy", "concept"}:
        given |= {"threshold": 2, "deadline": day(10)}
    elif kind == "preorder":
        given |= {"deposit_bp": 2000}
    else:
        given |= {"weekly_capacity": 2, "lead_days": 10}
    given |= words
    clip = given.pop("clip", None)
    return making.draft(
        merchant=lamp.product.merchant, product=lamp.product, kind=kind, clip=clip, now=NOW, **given
    )


def opened(lamp: Variant, kind: str, **words: Any) -> Offer:
    offer = making.submit(offer=offered(lamp, kind, **words), now=NOW)
    if offer.state == State.REVIEW:
        offer = approve(offer)
    return offer


def approve(offer: Offer, decision: str = "open", note: str = "") -> Offer:
    moderator, _made = User.objects.get_or_create(
        username="mod2",
        defaults={"email": "mod2@example.test", "birth_date": "1980-01-01", "is_moderator": True},
    )
    case = Case.objects.get(kind="concept", subject=str(offer.public_id), state="open")
    cases.decide(case=case, moderator=moderator, decision=decision, note=note, now=NOW)
    offer.refresh_from_db()
    return offer


def joins(
    lamp: Variant,
    gateway: StripeGateway,
    who: str = "carol",
    card: str = GOOD,
    quantity: int = 1,
    **more: Any,
) -> Pledge:
    """Somebody takes part and does what the provider's page asks."""
    made = pledging.pledge(
        buyer=Buyer(visitor=who.ljust(43, "."), email=f"{who}@example.test"),
        variant=lamp,
        quantity=quantity,
        seen=PRICE,
        tag=None,
        now=more.pop("now", NOW),
    )
    if made.deposit is not None:
        Order.objects.filter(pk=made.deposit_id).update(expires_at=datetime.now(UTC) + timedelta(minutes=31))
        made.refresh_from_db()
    url = pledging.page(
        pledge=made,
        success_url="http://s.test/ok",
        cancel_url="http://s.test/no",
        now=datetime.now(UTC),
        gateway=gateway,
    )
    browse(url, card=card, email=f"{who}@example.test")
    if made.deposit is not None:
        actions.sync(order=Order.objects.get(pk=made.deposit_id), now=NOW, gateway=gateway)
        made.refresh_from_db()
        return made
    return pledging.sync(pledge=made, now=NOW, gateway=gateway)


def at(number: float, gateway: StripeGateway) -> None:
    course.run(now=day(number), gateway=gateway)


def state(offer: Offer) -> str:
    offer.refresh_from_db()
    return offer.state


def charged(app: StandIn) -> int:
    """What the provider holds by now, refunds taken off."""
    with app.store.transaction() as session:
        return sum(row["amount"] - row["amount_refunded"] for row in session.all("charge"))


def cards_kept(app: StandIn) -> int:
    with app.store.transaction() as session:
        return sum(1 for row in session.all("payment_method") if row["customer"])


def sample() -> BytesIO:
    out = BytesIO()
    Image.new("RGB", (64, 64), "teal").save(out, "PNG")
    out.seek(0)
    return out


def told(offer: Offer) -> list[str]:
    return list(OfferStep.objects.filter(offer=offer).order_by("pk").values_list("state", flat=True))


# The whole way


def test_a_concept_goes_all_the_way_and_each_state_is_told(
    lamp: Variant,
    gateway: StripeGateway,
    standin: StandIn,
    shop: User,
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        offer = opened(lamp, "concept")
        frozen = offer.spec_sha256
        pledges = [joins(lamp, gateway, who) for who in ("carol", "dave", "erin")]
        assert standing.counted(offer) == 3 and charged(standin) == 0
        at(9.9, gateway)
        assert state(offer) == State.OPEN and charged(standin) == 0
        at(10, gateway)
        assert state(offer) == State.SAMPLING and charged(standin) == 3750
        assert cards_kept(standin) == 0  # charged cards are forgotten
        for pledge in pledges:
            pledge.refresh_from_db()
            assert pledge.state == Pledge.State.PAID
            assert pledge.order.promise["spec"] == SPEC and pledge.order.promise["sha256"] == frozen
            with pytest.raises(NotToSend):
                actions.send(order=pledge.order, carrier="", tracking="", now=day(11))
        making.show_sample(offer=offer, picture=sample(), words="The first one", now=day(20))
        assert state(offer) == State.SAMPLE_SHOWN and offer.sample_path
        at(22.9, gateway)
        assert state(offer) == State.SAMPLE_SHOWN
        pledging.leave(pledge=pledges[0], now=day(22.9), gateway=gateway)
        assert charged(standin) == 2500
        at(23.01, gateway)
        assert state(offer) == State.PRODUCING
        with pytest.raises(TooLateToCancel):
            pledging.leave(pledge=pledges[1], now=day(24), gateway=gateway)
        with pytest.raises(NotToSend):
            actions.send(
                order=Order.objects.get(pk=pledges[0].order_id), carrier="", tracking="", now=day(25)
            )
        making.ready(offer=offer, now=day(40))
        for pledge in pledges[1:]:
            actions.send(
                order=Order.objects.get(pk=pledge.order_id), carrier="Post", tracking="1", now=day(41)
            )
        at(42, gateway)
    assert state(offer) == State.DONE
    assert told(offer) == [
        "review", "open", "funded", "charging", "sampling", "sample_shown", "producing", "shipping", "done",
    ]  # fmt: skip
    assert not books.unbalanced()
    to_shop = [m.body for m in mail.outbox if m.to == [shop.email]]
    assert len(to_shop) == 9  # one for each state
    to_dave = [m.body for m in mail.outbox if m.to == ["dave@example.test"]]
    assert len(to_dave) == 1 + 7 and all("/orders/" in body and "key=" in body for body in to_dave)
    assert Notification.objects.filter(recipient=shop, kind="offer").count() == 9


def test_too_few_by_the_deadline_and_nobody_is_charged(
    lamp: Variant, gateway: StripeGateway, standin: StandIn
) -> None:
    offer = opened(lamp, "concept")
    pledge = joins(lamp, gateway)
    at(10, gateway)
    assert state(offer) == State.FAILED and offer.note == course.TOO_FEW
    pledge.refresh_from_db()
    assert pledge.state == Pledge.State.LAPSED and pledge.order.state == Order.State.EXPIRED
    assert charged(standin) == 0 and cards_kept(standin) == 0
    lamp.product.refresh_from_db()
    assert not lamp.product.is_live  # it was never made
    with pytest.raises(OfferNotOpen):
        joins(lamp, gateway, "dave")


def test_only_cards_that_were_left_count(lamp: Variant, gateway: StripeGateway) -> None:
    offer = opened(lamp, "group_buy")
    joins(lamp, gateway)
    joins(lamp, gateway, "dave", card="4000000000000002")  # refused on the page
    assert standing.counted(offer) == 1
    at(10, gateway)
    assert state(offer) == State.FAILED


def test_after_failed_cards_it_is_counted_again_and_everybody_gets_back(
    lamp: Variant, gateway: StripeGateway, standin: StandIn, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        offer = opened(lamp, "concept")
        good, bad = joins(lamp, gateway), joins(lamp, gateway, "dave", card=FAILS_LATER)
        at(10, gateway)
        assert state(offer) == State.CHARGING and charged(standin) == 1250
        bad.refresh_from_db()
        assert bad.state == Pledge.State.FAILED
        for number in (10.5, 11.1, 11.2, 13.1, 15.1, 16.9):
            at(number, gateway)
        assert state(offer) == State.CHARGING
        at(17.1, gateway)
    assert state(offer) == State.REFUNDED and charged(standin) == 0
    good.refresh_from_db()
    assert good.state == Pledge.State.LEFT and set(shares(good.order).values()) == {0}
    reminders = [
        m for m in mail.outbox if m.to == ["dave@example.test"] and "waits for your payment" in m.body
    ]
    assert len(reminders) == 3
    assert told(offer)[-2:] == ["refunding", "refunded"]
    assert not books.unbalanced()


def test_a_failed_card_is_made_good_by_another(
    lamp: Variant, gateway: StripeGateway, standin: StandIn
) -> None:
    offer = opened(lamp, "concept")
    joins(lamp, gateway)
    bad = joins(lamp, gateway, "dave", card=FAILS_LATER)
    at(10, gateway)
    bad.refresh_from_db()
    # The order has days, and its page is opened as often as it takes: the stand-in's clock is the machine's.
    Order.objects.filter(pk=bad.order_id).update(expires_at=day(7))
    bad.order.refresh_from_db()
    url = pledging.page(
        pledge=bad,
        success_url="http://s.test/ok",
        cancel_url="http://s.test/no",
        now=datetime.now(UTC),
        gateway=gateway,
    )
    browse(url, card=GOOD, email="dave@example.test")
    actions.sync(order=bad.order, now=NOW, gateway=gateway)
    bad.refresh_from_db()
    assert bad.state == Pledge.State.PAID
    at(10.1, gateway)
    assert state(offer) == State.SAMPLING and charged(standin) == 2500


def test_no_sample_within_sixty_days_means_refund(
    lamp: Variant, gateway: StripeGateway, standin: StandIn
) -> None:
    offer = opened(lamp, "concept", ships_by=day(200).date())
    [joins(lamp, gateway, who) for who in ("carol", "dave")]
    at(10, gateway)
    at(69.9, gateway)
    assert state(offer) == State.SAMPLING
    at(70.1, gateway)
    assert state(offer) == State.REFUNDED and offer.note == course.NO_SAMPLE and charged(standin) == 0


def test_a_missed_date_asks_and_silence_means_refund(
    lamp: Variant, gateway: StripeGateway, standin: StandIn, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        offer = opened(lamp, "concept")
        waits, silent = joins(lamp, gateway), joins(lamp, gateway, "dave")
        at(10, gateway)
        making.show_sample(offer=offer, picture=sample(), words="", now=day(12))
        at(15.1, gateway)
        at(60, gateway)
        silent.refresh_from_db()
        assert silent.asked_at is None  # the day itself is still in time
        at(61, gateway)
        for pledge in (waits, silent):
            pledge.refresh_from_db()
            assert pledge.asked_date == day(91).date()
        pledging.wait(pledge=waits, now=day(62))
        with pytest.raises(NothingToAnswer):
            pledging.wait(pledge=waits, now=day(62))
        at(67.9, gateway)
        silent.refresh_from_db()
        assert silent.state == Pledge.State.PAID
        at(69, gateway)
    silent.refresh_from_db()
    waits.refresh_from_db()
    assert silent.state == Pledge.State.LEFT and charged(standin) == 1250
    assert waits.state == Pledge.State.PAID and waits.order.promise["ships_by"] == day(91).date().isoformat()
    assert any("late" in m.body for m in mail.outbox if m.to == ["dave@example.test"])


def test_the_shop_names_another_date_and_whoever_says_no_is_paid_back(
    lamp: Variant, gateway: StripeGateway, standin: StandIn
) -> None:
    offer = opened(lamp, "preorder")
    pledge = joins(lamp, gateway)
    making.name_date(offer=offer, ships_by=day(80).date(), now=day(5))
    pledge.refresh_from_db()
    assert pledge.asked_date == day(80).date()
    pledging.leave(pledge=pledge, now=day(6), gateway=gateway)
    assert charged(standin) == 0
    with pytest.raises(OfferNotThere):
        making.name_date(offer=offer, ships_by=day(70).date(), now=day(6))


# Group buy, preorder, made to order


def test_a_group_buy_charges_nobody_before_it_is_met(
    lamp: Variant, gateway: StripeGateway, standin: StandIn
) -> None:
    offer = opened(lamp, "group_buy", threshold=3)
    pledges = [joins(lamp, gateway, quantity=2), joins(lamp, gateway, "dave")]
    assert charged(standin) == 0
    at(10, gateway)
    assert state(offer) == State.SHIPPING and charged(standin) == 3750
    for pledge in pledges:
        actions.send(order=Order.objects.get(pk=pledge.order_id), carrier="", tracking="", now=day(11))
    at(11, gateway)
    assert state(offer) == State.DONE
    assert standing.running(lamp.product) is None


def test_a_preorder_takes_a_deposit_and_the_rest_when_it_is_there(
    lamp: Variant, gateway: StripeGateway, standin: StandIn
) -> None:
    offer = opened(lamp, "preorder")
    pledge = joins(lamp, gateway, quantity=2)
    assert pledge.state == Pledge.State.SAVED and pledge.payment_method_id
    assert charged(standin) == 500 and pledge.order.total == 2000
    assert pledge.deposit is not None
    with pytest.raises(NotToSend):
        actions.send(order=pledge.deposit, carrier="", tracking="", now=NOW)
    making.ready(offer=offer, now=day(30))
    at(30, gateway)
    assert state(offer) == State.SHIPPING and charged(standin) == 2500
    order = Order.objects.get(pk=pledge.order_id)
    assert shares(order)["platform"] == 100 and shares(pledge.deposit)["platform"] == 25
    actions.send(order=order, carrier="", tracking="", now=day(31))
    pledge.deposit.refresh_from_db()
    assert pledge.deposit.sent_at == day(31)
    at(32, gateway)
    assert state(offer) == State.DONE
    actions.mature(now=day(31 + 29))
    sums = books.balances(prefix="shop:pending")
    assert not any(sums.values())


def test_who_leaves_a_preorder_gets_the_deposit_back(
    lamp: Variant, gateway: StripeGateway, standin: StandIn
) -> None:
    opened(lamp, "preorder")
    pledge = joins(lamp, gateway)
    pledging.leave(pledge=pledge, now=day(1), gateway=gateway)
    assert charged(standin) == 0 and cards_kept(standin) == 0
    assert pledge.order.state == Order.State.EXPIRED


def test_made_to_order_promises_the_week_that_has_room(lamp: Variant, gateway: StripeGateway) -> None:
    opened(lamp, "made_to_order")
    buyer = Buyer(visitor="v" * 43, email="carol@example.test")
    promised = []
    for _number in range(3):
        order = actions.start_checkout(buyer=buyer, variant=lamp, quantity=1, seen=PRICE, tag=None, now=NOW)
        promised.append(order.pledge.week)
    assert promised[0] == promised[1] == standing.monday(NOW.date())
    assert promised[2] == promised[0] + timedelta(days=7)
    with pytest.raises(CapacityFull):
        actions.start_checkout(buyer=buyer, variant=lamp, quantity=3, seen=PRICE, tag=None, now=NOW)
    # An unpaid order gives its place back.
    first = Pledge.objects.order_by("pk")[0]
    actions.cancel_order(order=first.order, now=NOW)
    first.refresh_from_db()
    assert first.state == Pledge.State.LAPSED
    again = actions.start_checkout(buyer=buyer, variant=lamp, quantity=1, seen=PRICE, tag=None, now=NOW)
    assert again.pledge.week == promised[0]


def test_what_was_called_off_before_it_was_made_gives_its_week_back(
    lamp: Variant, gateway: StripeGateway
) -> None:
    opened(lamp, "made_to_order", weekly_capacity=1)
    buyer = Buyer(visitor="v" * 43, email="carol@example.test")
    given: dict[str, Any] = {"buyer": buyer, "variant": lamp, "quantity": 1, "seen": PRICE}
    given |= {"tag": None, "now": NOW}
    order = actions.start_checkout(**given)
    pay(order, gateway)
    order = actions.sync(order=order, now=NOW, gateway=gateway)
    assert Pledge.objects.get().state == Pledge.State.PAID
    actions.call_off(order=order, now=NOW, gateway=gateway)
    assert Pledge.objects.get().state == Pledge.State.LEFT
    assert actions.start_checkout(**given).pledge.week == order.pledge.week


def test_what_is_only_offered_cannot_be_bought(lamp: Variant, gateway: StripeGateway) -> None:
    opened(lamp, "group_buy")
    with pytest.raises(UnderOffer):
        actions.start_checkout(
            buyer=Buyer(visitor="v" * 43), variant=lamp, quantity=1, seen=PRICE, tag=None, now=NOW
        )
    with pytest.raises(PriceChanged):
        pledging.pledge(
            buyer=Buyer(visitor="v" * 43),
            variant=lamp,
            quantity=1,
            seen=Money(1, "EUR"),
            tag=None,
            now=NOW,
        )


# Gates


@pytest.mark.parametrize(
    ("kind", "words", "missing"),
    [
        ("concept", {"spec": {**SPEC, "maker": ""}}, "offer_spec"),
        ("concept", {"threshold": 0}, "offer_threshold"),
        ("concept", {"deadline": NOW + timedelta(hours=3)}, "offer_deadline"),
        ("concept", {"deadline": NOW + timedelta(days=61)}, "offer_deadline"),
        ("concept", {"ships_by": NOW.date() + timedelta(days=5)}, "offer_ships_by"),
        ("group_buy", {"ships_by": None}, "offer_ships_by"),
        ("preorder", {"deposit_bp": 0}, "offer_deposit"),
        ("made_to_order", {"weekly_capacity": 0}, "offer_capacity"),
    ],
)
def test_nothing_opens_before_its_words_are_there(
    lamp: Variant, kind: str, words: dict[str, Any], missing: str
) -> None:
    with pytest.raises(OfferIncomplete) as refused:
        making.submit(offer=offered(lamp, kind, **words), now=NOW)
    assert refused.value.code == missing and state(Offer.objects.get()) == State.DRAFT


def test_what_buyers_saw_is_frozen(lamp: Variant, merchant: Merchant) -> None:
    offer = opened(lamp, "group_buy")
    with pytest.raises(OfferNotThere):
        making.change(offer=offer, now=NOW, threshold=1)
    with pytest.raises(OfferRunning):
        offered(lamp, "preorder")


def test_a_concept_is_looked_at_first(lamp: Variant) -> None:
    offer = making.submit(offer=offered(lamp, "concept"), now=NOW)
    assert offer.state == State.REVIEW
    assert approve(offer, "back", "Say which oak.").state == State.DRAFT
    assert offer.note == "Say which oak."
    assert approve(making.submit(offer=offer, now=NOW)).state == State.OPEN


def test_an_arrow_that_is_not_drawn_cannot_happen(lamp: Variant) -> None:
    offer = opened(lamp, "group_buy")
    for to in State:
        if to not in {State.FAILED, State.FUNDED, State.CHARGING, State.DONE, State.REFUNDING}:
            with pytest.raises(NoArrow):
                move(offer, to, NOW)
    assert set(states.ARROWS) == set(State) - states.ENDED


def test_a_sample_is_a_picture(lamp: Variant, gateway: StripeGateway) -> None:
    offer = opened(lamp, "concept")
    with pytest.raises(OfferNotThere):
        making.show_sample(offer=offer, picture=sample(), words="", now=NOW)
    [joins(lamp, gateway, who) for who in ("carol", "dave")]
    at(10, gateway)
    with pytest.raises(BadSample):
        making.show_sample(offer=offer, picture=BytesIO(b"no picture"), words="", now=day(11))


def pictured(shop: User, cameo: Cameo, **grant: Any) -> Clip:
    clip = Clip.objects.create(
        maker=shop, engine="native", duration_ms=5000, width=720, height=1280, sealed_at=NOW, cast_count=1
    )
    given = {
        "version": 1,
        "audience": "everyone",
        "purposes": ["generate", "goods"],
        "commercial": True,
        "created_at": NOW,
        "effective_at": NOW - timedelta(days=1),
    } | grant
    made = LikenessGrant.objects.create(cameo=cameo, **given)
    LikenessUse.objects.create(
        clip=clip, cameo=cameo, grant=made, state="live", approval="not_needed", created_at=NOW
    )
    return clip


@pytest.fixture
def likeness(alice: User) -> Cameo:
    return Cameo.objects.create(owner=alice, state=Cameo.State.VERIFIED, verified_at=NOW, created_at=NOW)


@pytest.mark.parametrize(
    "grant",
    [
        {"purposes": ["generate"]},
        {"commercial": False},
        {"use_until": NOW + timedelta(days=30)},  # does not outlive the promise
    ],
)
def test_a_person_in_the_picture_must_permit_goods_until_the_end(
    lamp: Variant, shop: User, likeness: Cameo, grant: dict[str, Any]
) -> None:
    offer = offered(lamp, "concept", clip=pictured(shop, likeness, **grant))
    with pytest.raises(PersonNotForGoods):
        making.submit(offer=offer, now=NOW)
    assert state(offer) == State.DRAFT


def test_who_takes_the_permission_back_ends_the_offer(
    lamp: Variant, shop: User, likeness: Cameo, gateway: StripeGateway, standin: StandIn
) -> None:
    offer = opened(lamp, "concept", clip=pictured(shop, likeness))
    [joins(lamp, gateway, who) for who in ("carol", "dave")]
    at(10, gateway)
    assert state(offer) == State.SAMPLING and charged(standin) == 2500
    LikenessGrant.objects.update(revoked_at=day(12))
    at(12, gateway)
    assert state(offer) == State.REFUNDED and offer.note == course.NOT_PERMITTED and charged(standin) == 0


def test_somebody_elses_clip_or_product_is_refused(lamp: Variant, bob: User, carol: User) -> None:
    clip = Clip.objects.create(
        maker=bob, engine="native", duration_ms=5000, width=720, height=1280, sealed_at=NOW
    )
    with pytest.raises(NotYourProduct):
        offered(lamp, "concept", clip=clip)
    other = Merchant.objects.create(owner=carol, name="Other", slug="other", created_at=NOW)
    with pytest.raises(NotYourProduct):
        making.draft(merchant=other, product=lamp.product, kind="concept", clip=None, now=NOW)


# Mishaps


def test_the_webhook_of_a_card_counts_once_in_any_order(
    lamp: Variant, gateway: StripeGateway, standin: StandIn
) -> None:
    offer = opened(lamp, "group_buy")
    made = pledging.pledge(
        buyer=Buyer(visitor="v" * 43, email="c@example.test"),
        variant=lamp,
        quantity=1,
        seen=PRICE,
        tag=None,
        now=NOW,
    )
    url = pledging.page(
        pledge=made, success_url="http://s/", cancel_url="http://s/", now=NOW, gateway=gateway
    )
    browse(url, card=GOOD, email="c@example.test")
    news = webhooks(standin)
    for payload, signature in [*news, *reversed(news)]:
        receive(payload=payload, signature=signature, now=NOW, gateway=gateway)
    made.refresh_from_db()
    assert made.state == Pledge.State.SAVED and standing.counted(offer) == 1


def test_a_card_that_nobody_leaves_lapses(lamp: Variant, gateway: StripeGateway) -> None:
    opened(lamp, "group_buy")
    made = pledging.pledge(
        buyer=Buyer(visitor="v" * 43), variant=lamp, quantity=1, seen=PRICE, tag=None, now=NOW
    )
    at(1, gateway)
    made.refresh_from_db()
    assert made.state == Pledge.State.LAPSED and made.order.state == Order.State.EXPIRED


def test_with_the_provider_away_nothing_moves_and_it_goes_on_later(
    lamp: Variant, gateway: StripeGateway, standin: StandIn
) -> None:
    offer = opened(lamp, "group_buy")
    [joins(lamp, gateway, who) for who in ("carol", "dave")]
    away = StripeGateway(secret_key="sk_test_standin", webhook_secret=SECRET, api_base="http://127.0.0.1:9")
    away.client = type(away.client)(
        "sk_test_standin", base_addresses={"api": "http://127.0.0.1:9"}, max_network_retries=0
    )
    at(10, away)
    assert state(offer) == State.CHARGING and charged(standin) == 0
    at(10.1, gateway)
    assert state(offer) == State.SHIPPING and charged(standin) == 2500


def test_running_twice_at_once_charges_once(lamp: Variant, gateway: StripeGateway, standin: StandIn) -> None:
    opened(lamp, "group_buy")
    [joins(lamp, gateway, who) for who in ("carol", "dave")]
    for _number in range(3):
        at(10, gateway)
    assert charged(standin) == 2500
    assert Split.objects.aggregate(sum=Sum("amount"))["sum"] == 2500


def test_the_shop_calls_it_off_and_everybody_is_paid_back(
    lamp: Variant, gateway: StripeGateway, standin: StandIn
) -> None:
    offer = opened(lamp, "concept")
    [joins(lamp, gateway, who) for who in ("carol", "dave")]
    at(10, gateway)
    making.call_off(offer=offer, words="The oak is gone", now=day(12))
    at(12, gateway)
    assert state(offer) == State.REFUNDED and charged(standin) == 0 and offer.note == "The oak is gone"
    with pytest.raises(OfferNotThere):
        making.call_off(offer=offer, words="", now=day(13))


@pytest.mark.parametrize("kind", ["preorder", "group_buy", "made_to_order"])
def test_a_promise_that_changed_since_the_page_was_opened_takes_no_order(lamp: Variant, kind: str) -> None:
    offer = opened(lamp, kind)
    seen = standing.seal(lamp.product)
    assert seen and standing.seal(lamp.product) == seen
    Offer.objects.filter(pk=offer.pk).update(ships_by=day(90).date())

    def order(promise: str | None) -> Any:
        given: dict[str, Any] = {"variant": lamp, "quantity": 1, "seen": PRICE, "tag": None, "now": NOW}
        buyer = Buyer(visitor="v" * 43)
        if kind == "made_to_order":
            return actions.start_checkout(buyer=buyer, seen_promise=promise, **given)
        return pledging.pledge(buyer=buyer, seen_promise=promise, **given)

    for stale in (seen, ""):
        with pytest.raises(PromiseChanged):
            order(stale)
    assert not Order.objects.exists() and not Pledge.objects.exists()
    assert order(standing.seal(lamp.product)) and order(None)


def test_the_page_says_what_it_promised_and_a_stale_one_gets_a_sentence(lamp: Variant, client: Any) -> None:
    opened(lamp, "preorder")
    page = client.get(f"/products/{lamp.product.public_id}").content.decode()
    assert f'name="seen_promise" value="{standing.seal(lamp.product)}"' in page
    form = {"variant": lamp.pk, "quantity": 1, "seen_amount": 1250, "seen_currency": "EUR"}
    answer = client.post("/pledge", form | {"seen_promise": "0" * 16})
    assert answer.status_code == 409 and not Order.objects.exists()
    assert "What is promised changed" in answer.content.decode()
