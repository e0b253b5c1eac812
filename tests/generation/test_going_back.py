"""What was refused, failed or stopped can be changed where it was asked for, with what was said in it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from generation import actions, hand
from generation.models import Clip, Generation
from generation.states import State
from tests.generation.conftest import Ask


def stopped(row: Generation, now: datetime) -> str:
    actions.cancel(generation=row, by=row.maker, now=now)
    return f"/generations/{row.public_id}"


@pytest.fixture
def clip(ask: Ask, bob: User) -> Clip:
    made = ask(bob)
    hand.drain()
    made.refresh_from_db()
    assert made.clip is not None
    return made.clip


SHOTS = [{"prompt": "a kite rises", "seconds": 2}, {"prompt": "and falls", "seconds": 2}]
LAYOUT = [{"what": "person", "x": 0, "depth": 0, "facing": ""}]


@pytest.mark.parametrize(
    ("wishes", "where", "seen"),
    [
        ({}, "/create?from=", "a red kite over the sea"),
        ({"verb": "still"}, "/create/still?prompt=", "a red kite over the sea"),
        ({"how": {"layout": LAYOUT}, "engine": "native", "seconds": 5, "prompt": "a panda dances"},
         "/create/layout?prompt=", "a panda dances"),
        ({"verb": "storyboard", "how": {"shots": SHOTS}, "prompt": ""},
         "/create/storyboard?from=", "and falls"),
        ({"verb": "explain", "how": {"text": "The moon pulls."}, "engine": "studio", "seconds": 15},
         "/create/explain?from=", "The moon pulls."),
    ],
)  # fmt: skip
def test_of_words(
    ask: Ask, bob: User, now: datetime, client: Client, wishes: dict[str, Any], where: str, seen: str
) -> None:
    client.force_login(bob)
    row = ask(bob, **wishes)
    body = client.get(stopped(row, now)).content.decode()
    address = next(part.split('"')[0] for part in body.split('href="') if part.startswith(where))
    again = client.get(address.replace("&amp;", "&"))
    assert again.status_code == 200 and seen in again.content.decode()


@pytest.mark.parametrize("verb", ["extend", "edit", "image", "loop", "remix"])
def test_of_a_clip(ask: Ask, bob: User, now: datetime, client: Client, clip: Clip, verb: str) -> None:
    client.force_login(bob)
    words = "" if verb == "loop" else "at night"
    page = stopped(ask(bob, words, verb=verb, parent=clip), now)
    where = "/create?from=" if verb == "remix" else f"/clips/{clip.public_id}/ways/{verb}"
    body = client.get(page).content.decode()
    address = next(part.split('"')[0] for part in body.split('href="') if part.startswith(where))
    again = client.get(address)
    assert again.status_code == 200 and words in again.content.decode()
    assert "a seamless loop" not in again.content.decode(), "our own words are nobody's"
    actions.delete_clip(clip=clip, by=bob, now=now)
    body = client.get(page).content.decode()
    assert f"/ways/{verb}" not in body and 'href="/create' in body


def test_words_that_wait_for_a_moderator_can_be_taken_back_and_said_otherwise(
    ask: Ask, bob: User, now: datetime, client: Client
) -> None:
    client.force_login(bob)
    row = ask(bob)
    why = {"refusal_stage": "prompt", "refusal_rule": "danger", "refusal_evidence": "over the sea"}
    Generation.objects.filter(pk=row.pk).update(state=State.HELD, **why)
    page = client.get(f"/generations/{row.public_id}").content.decode()
    assert "over the sea</mark>" in page and "Change the words" in page
    answer = client.post(f"/generations/{row.public_id}/cancel", {"change": "1"})
    row.refresh_from_db()
    assert row.state == State.CANCELLED
    assert answer["Location"] == f"/create?from={row.public_id}"
    assert "a red kite over the sea" in client.get(answer["Location"]).content.decode()


def test_what_pictures_hold_cannot_be_mended_by_words(ask: Ask, bob: User, client: Client) -> None:
    client.force_login(bob)
    row = ask(bob)
    Generation.objects.filter(pk=row.pk).update(
        state=State.HELD, refusal_stage="pictures", refusal_rule="sexual"
    )
    assert "Change the words" not in client.get(f"/generations/{row.public_id}").content.decode()
