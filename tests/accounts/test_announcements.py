"""The operator says something to everybody, for a time, and no page asks the database for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone

from accounts import announcements
from accounts.models import Announcement, User
from tests.accounts.people import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    cache.clear()
    announcements.forget()
    yield
    cache.clear()
    announcements.forget()


def say(text: str, **fields: Any) -> Announcement:
    now = timezone.now()
    given = {"begins_at": now - timedelta(hours=1), "ends_at": now + timedelta(hours=1)} | fields
    return Announcement.objects.create(text=text, **given)


def read(client: Client, language: str = "en") -> str:
    announcements.forget()
    return str(client.get("/login", headers={"accept-language": language}).content.decode())


def test_it_stands_for_its_time_in_the_readers_language(client: Client) -> None:
    now = timezone.now()
    say("Closed on <Sunday>", text_zh="周日关闭")
    say("Not yet", begins_at=now + timedelta(minutes=5))
    say("No more", ends_at=now - timedelta(minutes=5), begins_at=now - timedelta(hours=1))
    assert announcements.refresh(now) == 1
    assert "Closed on &lt;Sunday&gt;" in read(client) and "Not yet" not in read(client)
    assert "周日关闭" in read(client, "zh-hans")
    assert announcements.refresh(now + timedelta(hours=2)) == 0
    assert "Closed on" not in read(client)


def test_no_page_asks_the_database_and_a_missing_cache_says_nothing(
    client: Client, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    say("Hello")
    announcements.refresh(timezone.now())
    with django_assert_num_queries(0):
        assert announcements.standing() == ["Hello"]
    announcements.forget()

    def away(*args: Any) -> Any:
        raise ConnectionError

    monkeypatch.setattr(cache, "get", away)
    assert announcements.standing() == []


def test_the_desk_says_it_at_once(operator: User, client: Client) -> None:
    now = timezone.now()
    desk = signed_in(operator, fresh=True)
    fields = {"text": "Ten minutes of rest at noon", "text_zh": ""}
    for name, at in (("begins_at", now - timedelta(days=1)), ("ends_at", now + timedelta(days=1))):
        fields |= {f"{name}_0": f"{at:%Y-%m-%d}", f"{name}_1": f"{at:%H:%M:%S}"}
    assert desk.post("/admin/accounts/announcement/add/", fields).status_code == 302
    assert "Ten minutes of rest at noon" in read(client)
    row = Announcement.objects.get()
    assert desk.post(f"/admin/accounts/announcement/{row.pk}/delete/", {"post": "yes"}).status_code == 302
    assert "Ten minutes" not in read(client)


def test_one_that_ends_before_it_begins_is_refused() -> None:
    now = timezone.now()
    with pytest.raises(IntegrityError):
        say("x", begins_at=now, ends_at=now)
