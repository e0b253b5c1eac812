"""The report of a year counts what the rows say, and names nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from accounts import cases
from accounts.models import Case, User
from feed import actions, appeals, moderation, removals, transparency
from feed.models import Post
from tests.accounts.people import text_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


@pytest.fixture
def post(make_clip: Any, bob: User) -> Post:
    return actions.publish(clip=make_clip(bob), creator=bob, caption="", now=NOW - timedelta(days=1))


def test_a_year_of_reports_decisions_and_appeals_is_counted(
    post: Post, mod: User, bob: User, client: Client
) -> None:
    case = cases.file(kind="report", subject=moderation.subject_of(post), reason="hate", now=NOW)
    later = NOW + timedelta(hours=5)
    cases.decide(case=case, moderator=mod, decision="strike", note="It attacks people.", now=later)
    post.refresh_from_db()
    appeals.appeal(post=post, person=bob, words="It does not.", now=later)
    told = transparency.report(2026)
    rows = {row["kind"]: row for row in told["notices"]}
    assert rows["report"] == {
        "kind": "report", "filed": 1, "open": 0, "decisions": {"strike": 1}, "median_hours": 5.0,
    }  # fmt: skip
    assert rows["appeal"]["open"] == 1 and told["appeals"] == {"open": 1}
    assert (told["strikes"], told["statements"]) == (1, 1)
    page = text_of(client.get("/transparency?year=2026"))
    assert "Hide it, with a strike: 1" in page and "5.0 h" in page
    assert "bob" not in page and client.get("/transparency.json?year=2026").json() == told


def test_what_the_clock_took_down_is_told_apart_and_within_48_hours(post: Post) -> None:
    removals.ask(post=post, email="a@example.test", statement="It is me.", now=NOW)
    removals.sweep(NOW + removals.TIME - removals.SPARE)
    told = transparency.report(2026)
    assert told["by_machine"]["taken_down_by_the_clock"] == 1
    assert told["removals"] == {"asked": 1, "removed": 1, "kept": 0, "longest_hours": 47.0}
    assert transparency.report(2025)["removals"]["asked"] == 0


@pytest.mark.parametrize("year", ["1999", "2999", "x", ""])
def test_there_is_no_report_of_a_year_that_was_not(year: str, client: Client) -> None:
    assert client.get(f"/transparency?year={year}").status_code == 404


def test_a_creator_reads_the_reasons_as_a_law_asks_for_them(
    post: Post, mod: User, bob: User, client: Client
) -> None:
    case = cases.file(kind="report", subject=moderation.subject_of(post), reason="hate", now=NOW)
    cases.decide(case=case, moderator=mod, decision="hide", note="It attacks people.", now=NOW)
    assert Case.objects.get(pk=case.pk).decision == "hide"
    client.force_login(bob)
    page = text_of(client.get(f"/p/{post.public_id}/appeal"))
    for words in (
        "It attacks people.",
        "The rules of this host",
        "a person. No machine decides",
        "Appeal below, once",
    ):
        assert words in page
