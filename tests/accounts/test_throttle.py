"""Budgets: spent, refused with a time, and still bounded when the cache is away."""

from datetime import datetime, timedelta

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


def test_bob_is_told_when_he_may_go_on(bob: User, now: datetime) -> None:
    for _ in range(4):
        throttle.generation(bob, now)
    with pytest.raises(throttle.TooMany) as refused:
        throttle.generation(bob, now + timedelta(minutes=10))
    assert refused.value.status == 429
    assert refused.value.headers() == {"Retry-After": str(50 * 60)}


def test_the_next_window_starts_anew_and_carol_has_her_own(bob: User, carol: User, now: datetime) -> None:
    for _ in range(4):
        throttle.generation(bob, now)
    throttle.generation(carol, now)
    throttle.generation(bob, now + timedelta(hours=1))


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
