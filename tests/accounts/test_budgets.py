"""The operator changes how often people may do things, and no request asks the database for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.core.cache import cache

from accounts import standing, tasks, throttle
from accounts.models import Budget, User
from tests.accounts.people import signed_in, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    cache.clear()
    throttle.forget()
    yield
    cache.clear()
    throttle.forget()


def tries(user: User, now: datetime) -> int:
    """How many comments pass before one is refused; 5 at most."""
    for number in range(5):
        try:
            throttle.comment(user, now)
        except throttle.TooMany:
            return number
    return 5


def test_the_desk_changes_a_budget_at_once_and_brings_the_usual_back(
    operator: User, bob: User, carol: User, now: datetime
) -> None:
    desk = signed_in(operator, fresh=True)
    form = text_of(desk.get("/admin/accounts/budget/add/"))
    assert "comment (60 in 60 min)" in form
    sent = {"name": "comment", "most": 2, "seconds": 3600}
    assert desk.post("/admin/accounts/budget/add/", sent).status_code == 302
    assert tries(bob, now) == 2
    assert "60 in 60 min" in text_of(desk.get("/admin/accounts/budget/"))
    row = Budget.objects.get()
    assert desk.post(f"/admin/accounts/budget/{row.pk}/delete/", {"post": "yes"}).status_code == 302
    assert tries(carol, now) == 5


def test_a_budget_asks_no_database_and_the_beat_renews_it(
    bob: User, now: datetime, django_assert_num_queries: Any
) -> None:
    Budget.objects.create(name="comment", most=1, seconds=3600)
    tasks.announce()
    with django_assert_num_queries(0):
        assert tries(bob, now) == 1


def test_with_the_cache_away_what_was_remembered_holds(
    bob: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    Budget.objects.create(name="comment", most=4, seconds=3600)
    throttle.refresh()
    assert throttle.limit_of("comment") == (4, 3600)

    def away(*args: Any) -> Any:
        raise ConnectionError

    monkeypatch.setattr(cache, "get", away)
    monkeypatch.setattr(standing, "REMEMBERED_S", 0)
    assert throttle.limit_of("comment") == (4, 3600)


@pytest.mark.parametrize("wrong", [{"most": 0}, {"seconds": 1}, {"name": "nothing"}])
def test_what_would_lock_everybody_out_is_refused(wrong: dict[str, Any], operator: User) -> None:
    desk = signed_in(operator, fresh=True)
    sent = {"name": "comment", "most": 2, "seconds": 3600} | wrong
    assert desk.post("/admin/accounts/budget/add/", sent).status_code == 200
    assert not Budget.objects.exists()
