"""What every page says the same way: how long ago, and how one gets back from a refusal."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone, translation

from accounts.models import User
from accounts.templatetags import ui
from cameos.refusals import TITLES, Reason
from generation.screening.verdict import rule_title
from tests.accounts.people import signed_in

pytestmark = pytest.mark.django_db
SELF = {"handle": "alice"}


def test_what_was_this_minute_is_just_now() -> None:
    now = timezone.now()
    assert ui.ago(now - timedelta(seconds=20)) == "just now"
    assert ui.ago(now + timedelta(seconds=5)) == "just now"  # another machine's clock
    assert ui.ago(now - timedelta(minutes=3, seconds=2)) == "3\xa0minutes ago"


@pytest.mark.parametrize(
    ("referer", "shown"),
    [
        ("http://testserver/u/bob", "/u/bob"),
        ("http://testserver/", None),
        ("https://elsewhere.example/u/bob", None),
        ("http://testserver.elsewhere.example/u/bob", None),
        ("", None),
    ],
)
def test_a_refusal_leads_back_to_the_page_before_and_never_elsewhere(
    alice: User, bob: User, referer: str, shown: str | None
) -> None:
    client: Client = signed_in(alice)
    answer = client.post("/u/alice/follow", headers={"Referer": referer} if referer else {})
    assert answer.status_code == 400
    page = answer.content.decode()
    assert ("<go-back>" in page) == (shown is not None)
    assert shown is None or f'href="{shown}"' in page


def test_every_rule_of_consent_has_a_name_that_people_read() -> None:
    assert set(TITLES) == set(Reason)
    with translation.override("en"):
        for reason in Reason:
            assert rule_title(reason) == str(TITLES[reason]) and "_" not in rule_title(reason)
