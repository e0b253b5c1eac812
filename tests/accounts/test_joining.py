"""Joining a host: by invite, with a code, at the right age, under a name of one's own."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts import actions, invites
from accounts.actions import Newcomer
from accounts.models import EmailCode, Follow, Invite, Notification, User
from tests.accounts.people import NEWCOMER, invite_of, newest_code, signed_in, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


def test_nina_joins_by_bobs_invite_and_they_follow_each_other(bob: User, client: Client) -> None:
    invite = invite_of(bob)
    assert "Bob invites you" in text_of(client.get(f"/join/{invite.code}"))
    assert client.post(f"/join/{invite.code}", NEWCOMER).headers["Location"] == "/join/confirm"
    assert not User.objects.filter(username="nina").exists()
    before = client.session.session_key

    answer = client.post("/join/confirm", {"code": newest_code()})

    nina = User.objects.get(username="nina")
    assert answer.headers["Location"] == "/"
    assert (nina.email, nina.invited_by, nina.has_usable_password()) == ("nina@example.test", bob, False)
    assert Follow.objects.filter(follower=nina, followee=bob).exists()
    assert Follow.objects.filter(follower=bob, followee=nina).exists()
    assert Notification.objects.get(recipient=bob).kind == "invite_accepted"
    assert client.session.session_key != before
    assert client.session["_auth_user_id"] == str(nina.pk)
    invite.refresh_from_db()
    assert invite.uses_left == 0


def test_a_code_of_the_invite_may_be_typed_in_small_letters_with_spaces(bob: User, client: Client) -> None:
    invite = invite_of(bob)
    typed = f" {invite.code[:4].lower()} {invite.code[4:].lower()} "
    assert client.post("/join", {"code": typed}).headers["Location"] == f"/join/{invite.code}"


@pytest.mark.parametrize(
    ("change", "sentence", "status"),
    [
        ({"expires_at": timezone.now() - timedelta(minutes=1)}, "This invite has expired.", 410),
        ({"uses_left": 0}, "This invite was used up by others.", 410),
        ({"code": "ANOTHERCODE2"}, "There is no invite with this code.", 404),
    ],
)
def test_an_invite_that_does_not_open_says_why(
    bob: User, client: Client, change: dict[str, Any], sentence: str, status: int
) -> None:
    invite = invite_of(bob)
    Invite.objects.filter(pk=invite.pk).update(**change)
    for answer in (client.get(f"/join/{invite.code}"), client.post(f"/join/{invite.code}", NEWCOMER)):
        assert (answer.status_code, sentence in text_of(answer)) == (status, True)
        assert invite.code in answer.content.decode() or "code" in change, "the code can be corrected"
    assert mail.outbox == []


def test_the_last_use_of_an_invite_goes_to_one_of_two(bob: User, now: Any) -> None:
    invite = invite_of(bob, now)
    first, second = (newcomer(handle, invite.code) for handle in ("nina", "olaf"))
    actions.check_newcomer(second, now)
    actions.sign_up(newcomer=first, now=now)
    with pytest.raises(invites.InviteUsed):
        actions.sign_up(newcomer=second, now=now)
    assert not User.objects.filter(username="olaf").exists()


def test_an_invite_of_a_closed_account_opens_nothing(bob: User, now: Any) -> None:
    invite = invite_of(bob, now)
    User.objects.filter(pk=bob.pk).update(is_active=False)
    with pytest.raises(invites.InviteWrong):
        invites.find(invite.code, now)


def test_without_an_invite_the_door_asks_for_one_and_an_open_host_does_not(
    client: Client, settings: Any
) -> None:
    assert "Invite code" in text_of(client.get("/join"))
    settings.SIGNUP_MODE = "open"
    client.post("/join", NEWCOMER)
    client.post("/join/confirm", {"code": newest_code()})
    assert User.objects.get(username="nina").invited_by is None


def test_a_closed_host_takes_nobody_not_even_with_an_invite(bob: User, client: Client, settings: Any) -> None:
    invite = invite_of(bob)
    settings.SIGNUP_MODE = "closed"
    for address in ("/join", f"/join/{invite.code}"):
        answer = client.get(address)
        assert (answer.status_code, "takes no new people" in text_of(answer)) == (403, True)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("handle", "Al", "A handle has 3 to 30 characters"),
        ("handle", "аlice", "A handle has 3 to 30 characters"),  # a Cyrillic а
        ("handle", "admin", "kept for the host"),
        ("handle", "b0b", "or one that looks like it"),
        ("name", "Nina\u202eecila", "invisible characters"),
        ("name", "Ni\u200bna", "invisible characters"),
        ("name", "Alicе", "mixes alphabets"),  # a Cyrillic е
        ("birth_date", "2015-01-01", "You are too young"),
        ("birth_date", "1850-01-01", "can&#x27;t be right"),
        ("birth_date", "2999-01-01", "can&#x27;t be right"),
        ("birth_date", "", "required"),
        ("email", "nobody", "valid email"),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_stays(
    bob: User, client: Client, field: str, value: str, sentence: str
) -> None:
    answer = client.post(f"/join/{invite_of(bob).code}", NEWCOMER | {field: value})
    assert answer.status_code == 400
    assert answer.context["form"].errors[field] or None
    assert sentence in text_of(answer)
    assert 'value="1995-02-03"' in text_of(answer) or field == "birth_date"
    assert mail.outbox == []


def test_a_handle_that_was_taken_meanwhile_is_said_after_the_code_and_the_invite_stays(
    bob: User, client: Client
) -> None:
    invite = invite_of(bob)
    client.post(f"/join/{invite.code}", NEWCOMER)
    User.objects.create_user(username="n1na", email="other@example.test")
    User.objects.create_user(username="nina", email="third@example.test")
    answer = client.post("/join/confirm", {"code": newest_code()})
    assert "Somebody here has this handle" in text_of(answer)
    invite.refresh_from_db()
    assert invite.uses_left == 1


def test_an_address_that_has_an_account_gets_a_mail_and_the_page_tells_nothing(
    bob: User, client: Client
) -> None:
    code = invite_of(bob).code
    taken = client.post(f"/join/{code}", NEWCOMER | {"email": "BOB@example.test"})
    assert "already have an account" in mail.outbox[-1].subject
    free = client.post(f"/join/{code}", NEWCOMER)
    assert (taken.status_code, taken.headers["Location"]) == (free.status_code, free.headers["Location"])


def test_an_expired_and_a_wrong_code_make_no_account(bob: User, client: Client) -> None:
    client.post(f"/join/{invite_of(bob).code}", NEWCOMER)
    right = newest_code()
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    assert "This code is wrong." in text_of(client.post("/join/confirm", {"code": wrong}))
    EmailCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "older than ten minutes" in text_of(client.post("/join/confirm", {"code": right}))
    assert not User.objects.filter(username="nina").exists()


def test_the_confirming_page_without_a_form_before_leads_to_the_door(client: Client) -> None:
    assert client.get("/join/confirm").headers["Location"] == "/join"


def test_mail_that_can_not_be_sent_is_said(bob: User, client: Client, settings: Any) -> None:
    settings.EMAIL_BACKEND = "accounts.mail.OutboxBackend"
    settings.DEMO = False
    answer = client.post(f"/join/{invite_of(bob).code}", NEWCOMER)
    assert "could not be sent" in text_of(answer)


def test_the_demo_keeps_mail_on_its_page_and_another_host_has_no_such_page(
    bob: User, client: Client, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "accounts.mail.OutboxBackend"
    settings.DEMO = True
    client.post(f"/join/{invite_of(bob).code}", NEWCOMER)
    assert "nina@example.test" in text_of(client.get("/mail"))
    settings.DEMO = False
    assert client.get("/mail").status_code == 404


def test_bob_makes_a_link_and_sees_only_his_own(
    bob: User, alice: User, django_assert_num_queries: Any
) -> None:
    hers = invite_of(alice)
    browser = signed_in(bob)
    browser.post("/invites", {"uses": 3})
    for _ in range(4):
        invite_of(bob)
    with django_assert_num_queries(4):  # session, person, invites, unread news
        page = text_of(browser.get("/invites"))
    mine = Invite.objects.filter(inviter=bob)
    assert all(f"/join/{invite.code}" in page for invite in mine)
    assert hers.code not in page
    assert mine.earliest("pk").uses_left == 3


def newcomer(handle: str, code: str) -> Newcomer:
    from datetime import date

    return Newcomer(handle, handle.title(), date(1990, 1, 1), "en", f"{handle}@example.test", code)
