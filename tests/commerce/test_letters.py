"""What a buyer is written: also a guest, who has no page of news."""

from datetime import timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from commerce import actions, letters, visitor
from commerce.gateways.stripe import StripeGateway
from commerce.models import Order, OrderLetter, ProductTag, Variant
from commerce.money import Money
from tests.commerce.conftest import order, pay
from tests.conftest import NOW


@pytest.fixture
def paid(mug: Variant, tag: ProductTag, gateway: StripeGateway) -> Order:
    made = order(mug, 2, tag)
    made.visitor = "k" * 43  # as long as a real one
    made.save(update_fields=["visitor"])
    pay(made, gateway)
    return actions.sync(order=made, now=NOW, gateway=gateway)


def test_a_guest_gets_a_receipt_that_names_who_earned_and_lets_them_in(
    paid: Order, mailoutbox: list[Any], settings: Any
) -> None:
    assert letters.send_due(now=NOW) == 1 and letters.send_due(now=NOW) == 0
    mail = mailoutbox[0]
    assert mail.to == ["carol@example.test"] and mail.subject == "Your order from Stage Shop"
    for words in ("You paid 25.00 EUR", "2 × Stage mug – Red", "Creator of the clip: Bob 2.50 EUR"):
        assert words in mail.body
    address = next(line for line in mail.body.splitlines() if "/orders/" in line)
    elsewhere = Client()
    assert "Thank you" in elsewhere.get(address.removeprefix(settings.SITE_URL), follow=True).content.decode()


@pytest.mark.parametrize("own", ["", "b" * 43])
def test_the_address_lets_in_whoever_shopped_here_before_too(
    own: str, paid: Order, mailoutbox: list[Any], settings: Any
) -> None:
    letters.send_due(now=NOW)
    address = next(line for line in mailoutbox[0].body.splitlines() if "/orders/" in line)
    browser = Client()
    if own:
        browser.cookies[visitor.COOKIE] = own
    page = browser.get(address.removeprefix(settings.SITE_URL), follow=True)
    assert page.status_code == 200 and "key" not in page.request["QUERY_STRING"]
    assert browser.post(f"/orders/{paid.public_id}/address").status_code == 302, "and to act"
    assert browser.cookies[visitor.COOKIE].value == (own or paid.visitor)


@pytest.mark.parametrize("key", ["d" * 43, "%00", "x", "%00" + "d" * 42])
def test_a_wrong_key_opens_nothing(key: str, paid: Order) -> None:
    assert Client().get(f"/orders/{paid.public_id}?key={key}").status_code == 404


def test_the_parcel_and_money_that_goes_back_are_told_once_each(
    paid: Order, gateway: StripeGateway, mailoutbox: list[Any]
) -> None:
    letters.send_due(now=NOW)
    for number in ("1", "12"):  # the shop corrects the number: no second letter
        actions.send(order=paid, carrier="Post", tracking=number, now=NOW)
    actions.refund(order=paid, money=Money(500, "EUR"), now=NOW, gateway=gateway)
    assert letters.send_due(now=NOW) == 2
    assert [mail.subject for mail in mailoutbox[1:]] == [
        "Stage Shop has sent your order",
        "Money back from Stage Shop",
    ]
    assert "Post 12" in mailoutbox[1].body and "5.00 EUR in all went back" in mailoutbox[2].body


def test_a_letter_is_in_the_language_that_the_guest_was_spoken_to(
    paid: Order, mailoutbox: list[Any], carol: User
) -> None:
    assert paid.language == "en"
    Order.objects.filter(pk=paid.pk).update(language="zh-hans")
    letters.send_due(now=NOW)
    assert "2.50 EUR" in mailoutbox[0].body and "Creator of the clip" not in mailoutbox[0].body


def test_a_mail_server_that_is_away_is_tried_again_later(
    paid: Order, mailoutbox: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_arguments: object) -> int:
        raise OSError("connection refused")

    with monkeypatch.context() as broken:
        broken.setattr("commerce.letters.send_mail", away)
        assert letters.send_due(now=NOW) == 0
    assert letters.send_due(now=NOW) == 0  # not before its time
    assert letters.send_due(now=NOW + timedelta(minutes=2)) == 1 and len(mailoutbox) == 1
    OrderLetter.objects.update(due_at=NOW, attempts=letters.MOST_ATTEMPTS - 1)
    monkeypatch.setattr("commerce.letters.send_mail", away)
    letters.send_due(now=NOW)
    assert OrderLetter.objects.get().due_at is None  # given up


def test_a_slow_mail_server_gets_each_letter_once(paid: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in ("sent", "back"):
        OrderLetter.objects.create(order=paid, kind=kind, due_at=NOW, created_at=NOW)
    sent: list[str] = []
    clock = [0.0]

    def slow(subject: str, *_more: object) -> int:
        sent.append(subject)
        if len(sent) == 2:  # while it is under way, the beat comes again
            letters.send_due(now=NOW + timedelta(seconds=95))
        clock[0] += 90
        return 1

    monkeypatch.setattr(letters, "monotonic", lambda: clock[0])
    monkeypatch.setattr(letters, "send_mail", slow)
    letters.send_due(now=NOW)
    assert len(sent) == len(set(sent)) == 3


def test_a_refused_mailbox_is_not_named_in_the_log(
    paid: Order, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refused(*_arguments: object) -> int:
        raise SMTPRecipientsRefused({paid.email: (550, b"no such mailbox")})

    monkeypatch.setattr(letters, "send_mail", refused)
    letters.send_due(now=NOW)
    assert "SMTPRecipientsRefused" in caplog.text and paid.email not in caplog.text


def test_nobody_is_written_to_after_erasure(paid: Order, mailoutbox: list[Any]) -> None:
    Order.objects.update(email="")
    assert letters.send_due(now=NOW) == 0 and mailoutbox == []


def test_only_of_goods_it_is_said_that_they_can_be_returned(paid: Order, mailoutbox: list[Any]) -> None:
    letters.send_due(now=NOW)
    assert "cancel or return it" in mailoutbox[0].body
    Order.objects.filter(pk=paid.pk).update(kind=Order.Kind.TIP)
    assert "cancel or return" not in letters.written(OrderLetter.objects.get(order=paid))[1]
