"""What comes in is data and stays data: in pages, addresses, scripts, queries, mails and logs."""

from __future__ import annotations

import json
import logging
import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts import actions as people
from accounts import codes
from accounts.models import User
from accounts.refusals import Refused
from accounts.views.edge import safe
from feed import pagination
from feed.templatetags.captions import caption
from tests.accounts.people import invite_of, signed_in
from tests.feed.conftest import make_clip, make_post, own_pool  # noqa: F401

pytestmark = pytest.mark.django_db
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&{{7*7}}%s{0}"


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


@pytest.fixture
def post(bob: User, make_post: Any) -> Any:  # noqa: F811
    return make_post(bob, caption="a red kite")


class Tags(HTMLParser):
    """Every tag and handler of a page that we did not write ourselves."""

    def __init__(self) -> None:
        super().__init__()
        self.odd: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script" and not ({"src", "nonce"} & set(given) or "json" in str(given.get("type"))):
            self.odd.append(tag)
        self.odd += [name for name in given if name.startswith("on")]
        for name in ("href", "src", "action", "formaction"):
            if (
                str(given.get(name) or "")
                .strip()
                .lower()
                .startswith(("javascript:", "data:text", "vbscript:"))
            ):
                self.odd.append(str(given[name]))


def odd_in(page: str) -> list[str]:
    reader = Tags()
    reader.feed(page)
    return reader.odd


def test_a_name_that_is_a_script_is_read_as_a_name(alice: User, bob: User) -> None:
    User.objects.filter(pk=alice.pk).update(display_name=SCRIPT[:60], bio=SCRIPT)
    for viewer in (Client(), signed_in(bob), signed_in(alice)):
        for address in ("/u/alice", "/settings", "/search?q=alice", f"/search?q={SCRIPT}"):
            page = viewer.get(address).content.decode()
            assert not odd_in(page), (address, odd_in(page))
            assert "<script>alert(1)" not in page


def test_a_template_in_a_name_is_not_filled_in(alice: User, bob: User) -> None:
    User.objects.filter(pk=alice.pk).update(bio="{{7*7}} {% now 'Y' %} %(name)s {0.__class__}")
    page = signed_in(bob).get("/u/alice").content.decode()
    assert "{{7*7}}" in page and "%(name)s" in page and "{0.__class__}" in page


def test_a_caption_keeps_its_characters_and_makes_no_tag() -> None:
    assert odd_in(caption(SCRIPT)) == [] and "&lt;script&gt;" in caption(SCRIPT)
    led = caption('#a"onclick=alert(1) #javascript:alert(1)')
    assert odd_in(led) == [] and 'href="/t/a"' in led


def test_data_for_scripts_and_search_engines_ends_no_element(post: Any, client: Client) -> None:
    type(post).objects.filter(pk=post.pk).update(caption="</script><script>alert(1)</script>")
    page = client.get(f"/p/{post.public_id}").content.decode()
    assert not odd_in(page)
    for found in re.findall(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', page, re.S):
        json.loads(found)


def test_feeds_for_other_programs_are_well_formed_whatever_stands_in_them(post: Any, client: Client) -> None:
    from xml.parsers import expat

    type(post).objects.filter(pk=post.pk).update(caption="]]> & <b> \u2028 \ufffe")
    for address in ("/latest/atom.xml", "/sitemap.xml"):
        expat.ParserCreate().Parse(client.get(address).content, True)


@pytest.mark.parametrize(
    "words",
    [
        "' OR 1=1 --",
        '"; DROP TABLE accounts_user; --',
        "%' UNION SELECT username FROM accounts_user --",
        "a\\",
        "%",
        "_",
        "alice) OR (1=1",
        "NEAR(alice bob)",
        '"alice" AND',
        "col:alice",
        "\x00",
    ],
)
def test_a_question_is_a_value_and_no_query(words: str, alice: User, bob: User, client: Client) -> None:
    answer = client.get("/search", {"q": words})
    assert answer.status_code == 200
    assert client.get("/api/v1/search", {"q": words}).status_code in {200, 400}
    assert User.objects.count() == 2


@pytest.mark.parametrize(
    "handle", ["' OR 1=1 --", "alice%27--", "%25", "al%2569ce", "alice%00", "..%2f..%2fetc"]
)
def test_an_address_is_decoded_once_and_names_one_thing(handle: str, alice: User, client: Client) -> None:
    assert client.get(f"/u/{handle}").status_code == 404


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.test",
        "//evil.test",
        "/\\evil.test",
        "javascript:alert(1)",
        "\tjavascript:alert(1)",
        "data:text/html,x",
        "/%2F%2Fevil.test/../",
        "https:evil.test",
        "/\n/evil.test",
        "http://localhost:8000@evil.test/",
        "///evil.test",
    ],
)
def test_a_way_back_stays_on_this_host(wanted: str, rf: Any) -> None:
    request = rf.get("/")
    led = safe(wanted, request)
    assert led == "/" or (led.startswith("/") and not led.startswith(("//", "/\\")))


def test_two_of_one_parameter_are_one_and_judged_as_such(client: Client) -> None:
    page = client.get("/login?next=/circle&next=https://evil.test/").content.decode()
    led = re.findall(r'name="next" value="([^"]*)"', page)
    assert led and not [way for way in led if way.startswith(("http", "//"))]
    assert "/circle" in led or "/" in led
    assert client.get("/search?q=a&q=b").status_code == 200


def test_a_mail_has_the_subject_and_the_reader_that_we_chose(bob: User, client: Client) -> None:
    invite = invite_of(bob)
    form = {
        "handle": "nina",
        "name": "Nina\r\nBcc: everybody@evil.test",
        "birth_date": "1995-02-03",
        "language": "en",
        "email": "nina@example.test\nBcc: a@evil.test",
    }
    assert client.post(f"/join/{invite.code}", form).status_code == 400
    assert mail.outbox == []
    codes.issue(email="nina@example.test", purpose=codes.Purpose.SIGN_UP, now=timezone.now())
    sent = mail.outbox[0]
    assert sent.to == ["nina@example.test"] and sent.bcc == sent.cc == [] and "\n" not in sent.subject


def test_a_text_that_hides_something_is_refused_by_name(alice: User) -> None:
    for name in ("A\u202ebc", "A\u200bb", "A\x00b", "x" * 61):
        answer = signed_in(alice).post("/settings", {"name": name, "bio": "", "language": "en"})
        assert answer.status_code == 400, repr(name)
    with pytest.raises(Refused):
        people.change_profile(user=alice, name="A\u202eb", bio="", language="en")


def test_a_key_of_the_cache_is_a_digest_whatever_it_is_about(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from accounts import throttle

    keys: list[str] = []
    monkeypatch.setattr(throttle.cache, "add", lambda key, *a, **k: keys.append(key))
    monkeypatch.setattr(throttle.cache, "incr", lambda key, *a, **k: keys.append(key) or 1)
    throttle.search("1.2.3.4\r\nset x 0 0 1\r\n", timezone.now())
    assert keys and all(re.fullmatch(r"[a-z0-9:_]+", key) for key in keys)


def test_a_line_of_a_log_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    from config.logs import AsJson, AsLine

    record = logging.LogRecord(
        "x", logging.WARNING, "f", 1, "said %s", ("a\r\nERROR forged\x1b[2J\u2028b",), None
    )
    assert AsLine("%(message)s").format(record).count("\n") == 0
    assert "\x1b" not in AsLine("%(message)s").format(record)
    assert AsJson().format(record).count("\n") == 0


def test_what_we_told_of_an_event_holds_no_blank_of_somebody_elses(caplog: pytest.LogCaptureFixture) -> None:
    from accounts import events

    with caplog.at_level(logging.INFO, logger="understudy.security"):
        events.told("refused", code="a b\nc=1 who=2", status=400)
    assert caplog.messages == ["refused who=- code=a?b?c?1?who?2 status=400"]


@pytest.mark.parametrize("number", [10**30, -(10**30), 2**63, -1, "1e400", "NaN", "0x10", "١٢"])
def test_a_number_beyond_all_sense_is_refused_and_breaks_nothing(number: Any, alice: User) -> None:
    browser = signed_in(alice, fresh=True)
    assert browser.post("/invites", {"uses": number}).status_code in {200, 302, 400, 429}
    assert browser.get("/notifications", {"before": number}).status_code in {200, 400, 404}
    assert browser.post(f"/settings/sessions/{number}/end").status_code in {302, 404}
    answer = browser.post(
        "/api/v1/me/tokens",
        json.dumps({"name": "x", "days": str(number), "scopes": ["me:read"]}),
        content_type="application/json",
    )
    assert answer.status_code in {201, 400, 403}


@pytest.mark.parametrize(
    "body", ["[]", "1", "null", '"x"', "{", '{"name": {"a": 1}}', '{"name": []}', "[" * 5000]
)
def test_a_body_of_another_type_is_refused_by_name(body: str, alice: User) -> None:
    browser = signed_in(alice, fresh=True)
    for address in ("/api/v1/me/tokens", "/api/v1/generations", "/api/v1/me/circle"):
        answer = browser.post(address, body, content_type="application/json")
        assert answer.status_code in {400, 403, 405, 422}, (address, answer.status_code)
        assert answer.json()["code"]


def test_a_field_that_is_not_asked_for_changes_nothing(alice: User) -> None:
    more = {
        "is_staff": "1",
        "is_superuser": "on",
        "is_moderator": "1",
        "username": "root",
        "birth_date": "1900-01-01",
        "email": "x@evil.test",
        "only_passkeys": "1",
        "id": "1",
    }
    browser = signed_in(alice)
    browser.post("/settings", {"name": "Alice", "bio": "", "language": "en", **more})
    browser.patch("/api/v1/me", json.dumps({"name": "Alice", **more}), content_type="application/json")
    after = User.objects.get(pk=alice.pk)
    assert (after.is_staff, after.is_superuser, after.is_moderator) == (False, False, False)
    assert (after.username, after.email, after.birth_date) == (alice.username, alice.email, alice.birth_date)


def test_of_a_person_others_read_what_they_showed(alice: User, bob: User) -> None:
    browser = signed_in(bob)
    alice.last_login = timezone.now()
    alice.save()
    told = browser.get("/api/v1/people/alice").content.decode() + browser.get("/u/alice").content.decode()
    for hidden in (alice.email, "1990-05-17", "1990", str(alice.last_login), alice.password, "is_staff"):
        assert hidden not in told, hidden


def test_a_cursor_is_ours_for_its_stream_and_for_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    made, read = pagination.write("latest", {"before": 7}), pagination.read
    assert read("latest", made)
    for odd in (made[:-1], made + "x", made.replace(":", ";"), "", "a" * 5000):
        with pytest.raises(Refused):
            read("latest", odd)
    with pytest.raises(Refused):
        read("following", made)
    later = time.time() + 25 * 3600
    monkeypatch.setattr(time, "time", lambda: later)
    with pytest.raises(Refused):
        read("latest", made)


def test_a_signature_of_one_purpose_is_none_of_another(alice: User) -> None:
    from django.core import signing

    from feed import digest

    ours = signing.dumps(str(alice.public_id), salt=digest.SALT)
    other = signing.dumps(str(alice.public_id), salt="feed.cursor.latest")
    assert digest.person_of(ours) == alice
    assert digest.person_of(other) is None and digest.person_of(ours[:-2]) is None


def test_moments_are_kept_for_their_time_only(alice: User) -> None:
    now = timezone.now()
    digits = codes.new_code(email=alice.email, purpose=codes.Purpose.LOG_IN, now=now - timedelta(minutes=11))
    with pytest.raises(codes.CodeExpired):
        codes.check(email=alice.email, purpose=codes.Purpose.LOG_IN, digits=digits, now=now)
