"""Budgets: spent, refused with a time, and still bounded when the cache is away."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import RequestFactory, override_settings

from accounts import throttle
from accounts.models import User


@pytest.fixture(autouse=True)
def small_budgets(settings) -> None:  # type: ignore[no-untyped-def]
    cache.clear()
    throttle._own_counts.clear()
    settings.BUDGETS = {"generation": (4, 3600)}


BORDER = datetime(2026, 3, 1, 12, tzinfo=UTC)  # two windows of an hour meet here


def test_bob_is_told_when_he_may_go_on(bob: User) -> None:
    for _ in range(4):
        throttle.generation(bob, BORDER)
    with pytest.raises(throttle.TooMany) as refused:
        throttle.generation(bob, BORDER + timedelta(minutes=10))
    assert refused.value.status == 429
    assert refused.value.headers() == {"Retry-After": str(65 * 60)}
    throttle.generation(bob, BORDER + timedelta(minutes=75))


def test_a_border_between_windows_gives_nobody_twice_the_number(bob: User) -> None:
    for _ in range(4):
        throttle.generation(bob, BORDER - timedelta(seconds=1))
    with pytest.raises(throttle.TooMany) as refused:
        throttle.generation(bob, BORDER)
    assert refused.value.retry_after == 15 * 60
    throttle.generation(bob, BORDER + timedelta(minutes=15))


def test_tries_that_were_refused_cost_nothing(bob: User) -> None:
    for _ in range(4):
        throttle.generation(bob, BORDER)
    for _ in range(9):
        with pytest.raises(throttle.TooMany):
            throttle.generation(bob, BORDER + timedelta(minutes=59))
    throttle.generation(bob, BORDER + timedelta(minutes=75))


def test_two_periods_later_all_is_new_and_carol_has_her_own(bob: User, carol: User) -> None:
    for _ in range(4):
        throttle.generation(bob, BORDER)
    throttle.generation(carol, BORDER)
    for _ in range(4):
        throttle.generation(bob, BORDER + timedelta(hours=2))


class Away:
    def __getattr__(self, name: str) -> object:
        raise ConnectionError("no cache")


def test_with_the_cache_away_half_the_budget_is_counted_here(
    bob: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "cache", Away())
    throttle.generation(bob, now)
    throttle.generation(bob, now)
    with pytest.raises(throttle.TooMany):
        throttle.generation(bob, now)


def test_an_address_is_the_peer_unless_the_operator_has_proxies() -> None:
    request = RequestFactory().get(
        "/", headers={"X-Forwarded-For": "1.1.1.1, 2.2.2.2"}, REMOTE_ADDR="9.9.9.9"
    )
    assert throttle.client_address(request) == "9.9.9.9"
    with override_settings(TRUSTED_PROXIES=1):
        assert throttle.client_address(request) == "2.2.2.2"
