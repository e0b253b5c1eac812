"""Carol supports Bob every month: renewal, unpaid bills, another plan, and the host's credits."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils.translation import override

from accounts import books
from accounts.models import User
from commerce import queries
from commerce.actions import memberships
from commerce.gateways.standin import StandIn, api, billing
from commerce.gateways.stripe import StripeGateway
from commerce.models import Membership, Order, Plan
from commerce.money import Money
from commerce.refusals import AlreadyMember, BadPlan, NotAMember, PlanGone
from commerce.webhooks import receive
from generation import credits
from tests.commerce.conftest import browse, shares, webhooks

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC).replace(microsecond=0)
GOOD, FAILS_LATER = "4242424242424242", "4000000000000341"
Days = Callable[[float], datetime]


@pytest.fixture
def later(standin: StandIn, gateway: StripeGateway) -> Days:
    """The provider's clock so many days on: it bills, tries again, ends."""

    def move(days: float) -> datetime:
        moment = NOW + timedelta(days=days)
        standin.store.clock = moment.timestamp
        with standin.store.transaction() as session:
            billing.tick(session, api.charge_intent)
        return moment

    return move


def plan(creator: User | None, price: int = 500, credits_each: int = 0, **more: Any) -> Plan:
    given = {"title": "Friends", "words": "", "every": "month"} | more
    return memberships.add_plan(
        creator=creator, money=Money(price, "EUR"), credits_each=credits_each, now=NOW, **given
    )


def begun(
    plan: Plan, member: User, gateway: StripeGateway, card: str = GOOD, hidden: bool = False
) -> Membership:
    made = memberships.join(plan=plan, member=member, is_hidden=hidden, now=NOW)
    url = memberships.page(membership=made, success_url="http://s/", cancel_url="http://s/", gateway=gateway)
    browse(url, card=card, email=member.email)
    return memberships.sync(membership=made, now=NOW, gateway=gateway)


def paid(member: User) -> int:
    return sum(order.total for order in Order.objects.filter(kind="member", buyer=member, state="paid"))


def test_it_begins_renews_and_each_bill_is_divided(
    bob: User, carol: User, gateway: StripeGateway, later: Days
) -> None:
    made = begun(plan(bob), carol, gateway)
    assert made.state == "active" and paid(carol) == 500
    order = Order.objects.get(kind="member")
    assert shares(order) == {"creator": 475, "platform": 25}
    now = later(32)
    memberships.sync(membership=made, now=now, gateway=gateway)
    memberships.sync(membership=made, now=now, gateway=gateway)
    assert paid(carol) == 1000 and made.state == "active"
    assert not books.unbalanced()
    assert queries.supporters(bob, now) == [("Carol", Money(500, "EUR"))]


def test_who_asks_not_to_be_named_is_not(bob: User, carol: User, gateway: StripeGateway) -> None:
    begun(plan(bob), carol, gateway, hidden=True)
    assert queries.supporters(bob, NOW) == []


def test_an_unpaid_bill_is_asked_thrice_and_then_it_ends(
    bob: User,
    carol: User,
    gateway: StripeGateway,
    standin: StandIn,
    later: Days,
    django_capture_on_commit_callbacks: Any,
    settings: Any,
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    made = begun(plan(bob), carol, gateway)
    with standin.store.transaction() as session:  # the card goes bad after the first bill
        method = session.all("payment_method")[0]
        session.put(method | {"number": FAILS_LATER})
    seen = []
    with django_capture_on_commit_callbacks(execute=True):
        for days in (32, 33.5, 37, 42.5):
            now = later(days)
            memberships.sync(membership=made, now=now, gateway=gateway)
            seen.append(made.state)
    assert seen == ["owing", "owing", "owing", "ended"] and paid(carol) == 500
    told = [m.body for m in mail.outbox if m.to == [carol.email]]
    assert len(told) == 2 and "could not be paid" in told[0] and "has ended" in told[1]


def test_another_card_pays_what_is_owed(
    bob: User, carol: User, gateway: StripeGateway, standin: StandIn, later: Days
) -> None:
    made = begun(plan(bob), carol, gateway)
    with standin.store.transaction() as session:
        session.put(session.all("payment_method")[0] | {"number": FAILS_LATER})
    now = later(32)
    memberships.sync(membership=made, now=now, gateway=gateway)
    assert made.state == "owing"
    page = memberships.card_page(membership=made, return_url="http://s/back", gateway=gateway)
    assert browse(page, card="1")[0] == 200
    assert browse(page, card=GOOD)[:2] == (303, "http://s/back")
    memberships.sync(membership=made, now=now, gateway=gateway)
    assert made.state == "active" and paid(carol) == 1000


def test_cancelled_it_lasts_until_what_was_paid_is_over(
    bob: User, carol: User, gateway: StripeGateway, later: Days
) -> None:
    made = begun(plan(bob), carol, gateway)
    memberships.cancel(membership=made, now=NOW, gateway=gateway)
    assert made.state == "active" and made.ends_with_period
    memberships.sync(membership=made, now=later(32), gateway=gateway)
    assert made.state == "ended" and paid(carol) == 500
    with pytest.raises(NotAMember):
        memberships.cancel(membership=made, now=NOW, gateway=gateway)


def test_who_cancelled_may_stay_and_cancel_again_on_the_same_day(
    bob: User, carol: User, gateway: StripeGateway, later: Days
) -> None:
    made = begun(plan(bob), carol, gateway)
    for seconds in (0, 2):
        now = NOW + timedelta(seconds=seconds)
        memberships.cancel(membership=made, now=now, gateway=gateway)
        assert made.ends_with_period
        memberships.stay(membership=made, now=now + timedelta(seconds=1), gateway=gateway)
        assert made.state == "active" and not made.ends_with_period
    memberships.sync(membership=made, now=later(32), gateway=gateway)
    assert made.state == "active" and paid(carol) == 1000
    memberships.cancel(membership=made, now=later(32), gateway=gateway)
    memberships.sync(membership=made, now=later(64), gateway=gateway)
    with pytest.raises(NotAMember):
        memberships.stay(membership=made, now=later(64), gateway=gateway)


def test_whose_account_was_closed_gets_no_next_bill_paid(
    bob: User, carol: User, alice: User, gateway: StripeGateway, later: Days
) -> None:
    made = begun(plan(bob), carol, gateway)
    waiting = memberships.join(plan=made.plan, member=alice, is_hidden=False, now=NOW)
    User.objects.filter(pk=bob.pk).update(is_active=False)
    made, waiting = (Membership.objects.get(pk=row.pk) for row in (made, waiting))
    with pytest.raises(PlanGone):
        memberships.page(membership=waiting, success_url="http://s/", cancel_url="http://s/", gateway=gateway)
    memberships.follow_all(now=NOW, gateway=gateway)
    made.refresh_from_db()
    assert made.state == "active" and made.ends_with_period
    with pytest.raises(PlanGone):
        memberships.stay(membership=made, now=NOW, gateway=gateway)
    memberships.sync(membership=made, now=later(32), gateway=gateway)
    assert made.state == "ended" and paid(carol) == 500


def test_the_provider_speaks_the_language_of_the_account(
    bob: User, carol: User, gateway: StripeGateway, later: Days
) -> None:
    made = memberships.join(plan=plan(bob), member=carol, is_hidden=False, now=NOW)
    with override("zh-hans"):
        url = memberships.page(
            membership=made, success_url="http://s/", cancel_url="http://s/", gateway=gateway
        )
    _status, _to, shown = browse(url)  # a browser in English
    assert "每月" in shown and "every month" not in shown


def test_a_plan_that_one_has_is_not_offered_again(
    bob: User, carol: User, gateway: StripeGateway, client: Client
) -> None:
    begun(plan(bob), carol, gateway)
    client.force_login(carol)
    page = client.get("/memberships/of/bob").content.decode()
    assert "You have this" in page and "Begin" not in page


def test_a_share_without_a_parcel_says_its_day(bob: User, carol: User, gateway: StripeGateway) -> None:
    begun(plan(bob), carol, gateway)
    (coming,) = queries.coming(bob)
    order = Order.objects.get(kind="member")
    assert order.paid_at is not None and coming.day == (order.paid_at + timedelta(days=14)).date()
    (row,) = queries.earnings(bob)
    assert queries.payable_on(row) == order.paid_at + timedelta(days=14)


def test_another_plan_is_set_off_by_the_day(
    carol: User, gateway: StripeGateway, standin: StandIn, later: Days
) -> None:
    small, large = plan(None, 500, 100), plan(None, 1500, 400, title="More")
    before = credits.balance(carol)
    made = begun(small, carol, gateway)
    assert credits.balance(carol) == before + 100
    start = made.period_end - (later(0) and timedelta(0)) if made.period_end else NOW
    length = (start - NOW).total_seconds()
    half = NOW + timedelta(seconds=length / 2)
    standin.store.clock = half.timestamp
    memberships.change(membership=made, plan=large, now=half, gateway=gateway)
    bill = Order.objects.filter(kind="member").order_by("-pk")[0]
    assert bill.total == pytest.approx(500, abs=2)  # half of 1500 less half of 500
    assert credits.balance(carol) == pytest.approx(before + 100 + 150, abs=1)
    # Back to the small one: what is left stays with the provider and lowers the next bill.
    memberships.change(membership=made, plan=small, now=half, gateway=gateway)
    assert paid(carol) == pytest.approx(1000, abs=3)
    moment = start + timedelta(hours=1)
    standin.store.clock = moment.timestamp
    with standin.store.transaction() as session:
        billing.tick(session, api.charge_intent)
    memberships.sync(membership=made, now=moment, gateway=gateway)
    assert paid(carol) == pytest.approx(1000, abs=3)  # 500 was there already
    assert credits.balance(carol) == pytest.approx(before + 100 + 150 + 100, abs=1)


def test_news_of_it_count_once_in_any_order(
    bob: User, carol: User, gateway: StripeGateway, standin: StandIn
) -> None:
    made = memberships.join(plan=plan(bob), member=carol, is_hidden=False, now=NOW)
    url = memberships.page(membership=made, success_url="http://s/", cancel_url="http://s/", gateway=gateway)
    browse(url, card=GOOD, email=carol.email)
    news = webhooks(standin)
    for payload, signature in [*reversed(news), *news]:
        receive(payload=payload, signature=signature, now=NOW, gateway=gateway)
    made.refresh_from_db()
    assert made.state == "active" and paid(carol) == 500
    assert Order.objects.filter(kind="member").count() == 1


def test_nobody_has_a_plan_twice_or_of_themselves(bob: User, carol: User, gateway: StripeGateway) -> None:
    offered = plan(bob)
    begun(offered, carol, gateway)
    with pytest.raises(AlreadyMember):
        memberships.join(plan=offered, member=carol, is_hidden=False, now=NOW)
    with pytest.raises(BadPlan):
        memberships.join(plan=offered, member=bob, is_hidden=False, now=NOW)


@pytest.mark.parametrize(
    ("price", "currency", "credits_each"),
    [(0, "EUR", 0), (500, "JPY", 0), (500, "EUR", 5), (10**6, "EUR", 0)],
)
def test_a_plan_has_a_price_and_only_the_host_gives_credits(
    bob: User, price: int, currency: str, credits_each: int
) -> None:
    with pytest.raises(BadPlan):
        memberships.add_plan(
            creator=bob,
            title="x",
            words="",
            money=Money(price, currency),
            every="month",
            credits_each=credits_each,
            now=NOW,
        )


def test_a_declined_first_card_begins_nothing(bob: User, carol: User, gateway: StripeGateway) -> None:
    made = begun(plan(bob), carol, gateway, card="4000000000000002")
    assert made.state == "waiting" and paid(carol) == 0
    memberships.cancel(membership=made, now=NOW, gateway=gateway)
    assert made.state == "ended"
