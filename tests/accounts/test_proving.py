"""Signing in, staying signed in, signing out, and proving once more that it is you."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts import codes, stepup
from accounts.models import EmailCode, SignIn, User
from tests.accounts.people import newest_code, signed_in, text_of

pytestmark = pytest.mark.django_db
LOG_IN = codes.Purpose.LOG_IN


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


def test_alice_signs_in_with_a_code_and_goes_where_she_wanted(alice: User, client: Client) -> None:
    client.post("/login", {"email": " Alice@Example.test ", "next": "/circle"})
    before = client.session.session_key
    answer = client.post("/login/code", {"code": newest_code()})
    assert answer.headers["Location"] == "/circle"
    assert client.session["_auth_user_id"] == str(alice.pk)
    assert client.session.session_key != before
    assert SignIn.objects.get(user=alice).session_key == client.session.session_key


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.test/", "//evil.test", "/\\evil.test", "javascript:alert(1)"]
)
def test_nobody_is_sent_to_another_host(alice: User, client: Client, elsewhere: str) -> None:
    client.post("/login", {"email": alice.email, "next": elsewhere})
    assert client.post("/login/code", {"code": newest_code()}).headers["Location"] == "/"


def test_an_unknown_address_gets_the_same_pages_and_never_a_way_in(alice: User) -> None:
    pages = []
    for email in (alice.email, "nobody@example.test"):
        client = Client()
        asked = client.post("/login", {"email": email})
        wrong = client.post("/login/code", {"code": "000000" if "alice" in email else "111111"})
        EmailCode.objects.filter(email=email).update(expires_at=timezone.now())
        late = client.post("/login/code", {"code": "222222"})
        pages.append([asked.status_code, asked.headers["Location"], wrong.status_code, late.status_code])
        pages.append(
            [text_of(wrong).count("This code is wrong."), text_of(late).count("older than ten minutes")]
        )
    assert pages[:2] == pages[2:]
    assert len(mail.outbox) == 2
    assert "No account" in mail.outbox[1].subject


def test_who_comes_back_for_a_new_code_need_not_type_the_address_again(client: Client) -> None:
    client.post("/login", {"email": "alice@example.test", "next": "/circle"})
    page = text_of(client.get("/login"))
    assert 'value="alice@example.test"' in page and 'name="next" value="/circle"' in page
    assert "alice@example.test" not in text_of(Client().get("/login"))


def test_a_code_works_once(alice: User, client: Client) -> None:
    client.post("/login", {"email": alice.email})
    code = newest_code()
    client.post("/login/code", {"code": code})
    other = Client()
    other.post("/login", {"email": "x@example.test"})
    with pytest.raises(codes.CodeExpired):
        codes.check(email=alice.email, purpose=LOG_IN, digits=code, now=timezone.now())


def test_the_sixth_try_is_refused_even_if_right(alice: User, now: Any) -> None:
    right = codes.new_code(email=alice.email, purpose=LOG_IN, now=now)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    for refusal in (codes.CodeWrong,) * 4 + (codes.TriesSpent,):
        with pytest.raises(refusal):
            codes.check(email=alice.email, purpose=LOG_IN, digits=wrong, now=now)
    with pytest.raises(codes.TriesSpent):
        codes.check(email=alice.email, purpose=LOG_IN, digits=right, now=now)


def test_a_new_code_ends_the_old_one_and_purposes_do_not_mix(alice: User, now: Any) -> None:
    old = codes.new_code(email=alice.email, purpose=LOG_IN, now=now)
    new = codes.new_code(email=alice.email, purpose=LOG_IN, now=now)
    if old != new:
        with pytest.raises(codes.CodeWrong):
            codes.check(email=alice.email, purpose=LOG_IN, digits=old, now=now)
    with pytest.raises(codes.CodeWrong):
        codes.check(email=alice.email, purpose=codes.Purpose.STEP_UP, digits=new, now=now)
    codes.check(email=alice.email, purpose=LOG_IN, digits=f"{new[:3]} {new[3:]}", now=now)


def test_only_a_keyed_digest_is_kept(alice: User, now: Any) -> None:
    code = codes.new_code(email=alice.email, purpose=LOG_IN, now=now)
    row = EmailCode.objects.get()
    assert code not in f"{row.digest}{row.salt}" or len(row.digest) == 64
    import hashlib

    assert row.digest != hashlib.sha256(f"{row.salt}:{code}".encode()).hexdigest()


def test_codes_for_one_address_are_sent_five_times_an_hour(alice: User, client: Client) -> None:
    for _ in range(5):
        client.post("/login", {"email": alice.email})
    answer = client.post("/login", {"email": alice.email})
    assert (answer.status_code, "Retry-After" in answer.headers) == (429, True)
    assert len(mail.outbox) == 5


def test_a_closed_account_does_not_open(alice: User, client: Client) -> None:
    client.post("/login", {"email": alice.email})
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert client.post("/login/code", {"code": newest_code()}).status_code == 400
    assert "_auth_user_id" not in client.session


def test_signing_out_ends_the_session(alice: User, client: Client) -> None:
    client.post("/login", {"email": alice.email})
    client.post("/login/code", {"code": newest_code()})
    client.post("/logout")
    assert client.get("/settings").headers["Location"] == "/login?next=/settings"
    assert not SignIn.objects.exists()


def test_alice_ends_the_session_on_her_lost_phone(alice: User, bob: User) -> None:
    phone, laptop = Client(), Client()
    for browser in (phone, laptop):
        browser.post("/login", {"email": alice.email})
        browser.post("/login/code", {"code": newest_code()})
    assert phone.get("/circle").status_code == 200
    lost = SignIn.objects.get(session_key=phone.session.session_key)
    assert signed_in(bob, fresh=True).post(f"/settings/sessions/{lost.pk}/end").status_code == 404
    laptop.post(f"/settings/sessions/{lost.pk}/end")
    assert phone.get("/circle").status_code == 302
    assert laptop.get("/circle").status_code == 200


def test_what_can_not_be_taken_back_asks_first_and_comes_back_after(alice: User) -> None:
    browser = signed_in(alice)
    asked = browser.get("/settings/erase")
    assert asked.headers["Location"] == "/step-up?next=/settings/erase"
    browser.post("/step-up", {"next": "/settings/erase"})
    assert browser.get("/settings/erase").status_code == 302
    done = browser.post("/step-up/code", {"code": newest_code(), "next": "/settings/erase"})
    assert done.headers["Location"] == "/settings/erase"
    assert browser.get("/settings/erase").status_code == 200


def test_a_form_that_needed_it_leads_back_to_the_page_it_stood_on(alice: User) -> None:
    answer = signed_in(alice).post(
        "/settings/email", {"email": "new@example.test"}, headers={"Referer": "http://testserver/settings"}
    )
    assert answer.headers["Location"] == "/step-up?next=/settings"


def test_the_proof_lasts_ten_minutes_and_belongs_to_its_person(alice: User, bob: User, rf: Any) -> None:
    browser = signed_in(alice, fresh=True)
    request = rf.get("/")
    request.user, request.session = alice, browser.session
    now = timezone.now()
    assert stepup.is_fresh(request, now + timedelta(minutes=9))
    assert not stepup.is_fresh(request, now + timedelta(minutes=11))
    session = browser.session
    session["_auth_user_id"] = str(bob.pk)
    request.session = session
    assert not stepup.is_fresh(request, now)


def test_signing_in_counts_as_a_fresh_proof(alice: User, client: Client) -> None:
    client.post("/login", {"email": alice.email})
    client.post("/login/code", {"code": newest_code()})
    assert client.get("/settings/export").status_code == 200


def test_a_new_address_counts_when_its_code_came_back(alice: User, bob: User) -> None:
    browser = signed_in(alice, fresh=True)
    browser.post("/settings/email", {"email": "New@example.test"})
    assert mail.outbox[-1].to == ["new@example.test"]
    alice.refresh_from_db()
    assert alice.email == "alice@example.test"
    browser.post("/settings/email/confirm", {"code": newest_code()})
    alice.refresh_from_db()
    assert alice.email == "new@example.test"


def test_garbage_for_a_passkey_is_a_typed_refusal(client: Client, alice: User) -> None:
    client.post("/login/passkey/options", content_type="application/json", data="{}")
    for body in ("{}", "[]", "nonsense", '{"id": "xx", "rawId": "xx", "response": {}}'):
        answer = client.post(
            "/login/passkey", body, content_type="application/json", headers={"Accept": "application/json"}
        )
        assert answer.status_code == 400
        assert answer.json()["code"] in {"passkey_refused", "passkey_unknown", "invalid"}


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "\0", "x\0"])
@pytest.mark.parametrize("page", ["/login/passkey", "/join/passkey/options"])
def test_text_that_is_none_is_asked_of_no_database(client: Client, page: str, text: str) -> None:
    client.post("/login/passkey/options", content_type="application/json", data="{}")
    body = json.dumps({"rawId": text, "invite": text, "handle": "rosa"})
    answer = client.post(page, body, content_type="application/json", headers={"Accept": "application/json"})
    assert answer.status_code == 400 and answer.json()["code"] == "invalid"
    assert answer.json()["message"] == "The request is not what this address expects."


@pytest.mark.parametrize("body", [r'{"\ud800": 1}', r'{"a": [{"b": "\udead"}]}', b'{"a": "\xed\xa0\x80"}'])
def test_text_that_is_none_is_found_wherever_it_stands(client: Client, body: str | bytes) -> None:
    answer = client.post(
        "/login/passkey", body, content_type="application/json", headers={"Accept": "application/json"}
    )
    assert answer.status_code == 400 and answer.json()["code"] == "invalid"
