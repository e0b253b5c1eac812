"""The 48-hour clock, drilled with its moments: asked, decided or not, gone in time, copies too, proved."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import DatabaseError, transaction
from django.test import Client

from accounts import cases
from accounts.models import Case, User
from feed import removals
from feed.models import Post, RemovalEvent, RemovalRequest

pytestmark = pytest.mark.django_db
FORM = {
    "email": "Rosa@example.test",
    "statement": "That is my daughter, and nobody asked us.",
    "honest": "on",
}


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


@pytest.fixture
def post(bob: User, make_post: Any) -> Post:
    found: Post = make_post(bob, caption="a woman juggles")
    return found


@pytest.fixture
def copies(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Ids of clips that the index of fingerprints says are the same; finding them is tested elsewhere."""
    from generation.provenance import fingerprint

    found: list[int] = []
    monkeypatch.setattr(fingerprint, "copies_of", lambda clip: [SimpleNamespace(clip_id=pk) for pk in found])
    return found


def asked(post: Post, client: Client) -> RemovalRequest:
    answer = client.post("/removal", {"clip": f"http://testserver/p/{post.public_id}?x=1", **FORM})
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    made = RemovalRequest.objects.get(post=post)
    assert answer.headers["Location"] == f"/removal/{made.public_id}"
    return made


def test_rosa_asks_without_an_account_and_sees_the_clock(post: Post, client: Client) -> None:
    made = asked(post, client)
    assert made.due_at - made.filed_at == timedelta(hours=48)
    page = client.get(f"/removal/{made.public_id}").content.decode()
    assert "The clock runs" in page and "Your request arrived" in page and FORM["statement"] not in page
    assert f"/removal/{made.public_id}" in mail.outbox[0].body and mail.outbox[0].to == ["rosa@example.test"]
    assert Post.objects.get(pk=post.pk).state == Post.State.LIVE


def test_a_moderator_takes_it_down_and_every_clock_of_it_ends(
    post: Post, client: Client, mod: User, copies: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    made = asked(post, client)
    case = Case.objects.get(kind="removal")
    now = made.filed_at + timedelta(hours=3)
    with django_capture_on_commit_callbacks(execute=True):
        cases.decide(case=case, moderator=mod, decision="hide", note="It is her.", now=now)
    assert Post.objects.get(pk=post.pk).state == Post.State.HIDDEN
    assert client.get(f"/p/{post.public_id}").status_code == 404
    made.refresh_from_db()
    assert (made.outcome, made.ended_at) == ("removed", now)
    assert "The clip is gone." in mail.outbox[-1].body


def test_its_creator_is_offered_no_appeal_that_would_be_refused(
    post: Post, bob: User, mod: User, client: Client, copies: list[int]
) -> None:
    now = asked(post, client).filed_at + timedelta(hours=3)
    cases.decide(case=Case.objects.get(kind="removal"), moderator=mod, decision="hide", note="Her.", now=now)
    client.force_login(bob)
    page = client.get(f"/p/{post.public_id}/appeal").content.decode()
    assert "Somebody asked for it" in page and "<textarea" not in page and "Appeal below" not in page


def test_where_nobody_looks_the_clock_acts_an_hour_early_and_takes_copies_along(
    post: Post, client: Client, bob: User, make_post: Any, copies: list[int]
) -> None:
    other, untouched = make_post(bob, caption="the same again"), make_post(bob, caption="another")
    copies += [post.clip_id, other.clip_id]
    made = asked(post, client)
    assert removals.sweep(made.filed_at + timedelta(hours=46, minutes=59)) == 0
    assert Post.objects.get(pk=post.pk).state == Post.State.LIVE
    at = made.filed_at + timedelta(hours=47)
    assert removals.sweep(at) == 1
    states = {row.pk: row.state for row in Post.objects.all()}
    assert states == {post.pk: "HIDDEN", other.pk: "HIDDEN", untouched.pk: "LIVE"}
    made.refresh_from_db()
    assert made.outcome == "overdue" and made.ended_at is not None and made.ended_at < made.due_at
    assert removals.sweep(at + timedelta(minutes=1)) == 0  # once is enough
    told = removals.proof(made)["events"]
    assert [event["what"] for event in told] == ["filed", "late", "hidden", "copy", "told"]
    assert told[3]["clip"].endswith(str(other.public_id)) and [e["at"] for e in told] == sorted(
        e["at"] for e in told
    )


def test_who_looked_and_found_somebody_else_brings_it_back(
    post: Post, client: Client, mod: User, copies: list[int]
) -> None:
    made = asked(post, client)
    removals.sweep(made.filed_at + timedelta(hours=48))
    case = Case.objects.get(kind="removal")
    cases.decide(
        case=case, moderator=mod, decision="keep", note="A drawing.", now=made.due_at + timedelta(hours=1)
    )
    assert Post.objects.get(pk=post.pk).state == Post.State.LIVE
    made.refresh_from_db()
    assert made.outcome == "kept"


def test_the_proof_is_a_file_and_cannot_be_changed(post: Post, client: Client) -> None:
    made = asked(post, client)
    answer = client.get(f"/removal/{made.public_id}/proof.json")
    assert (
        answer.json()["events"][0]["what"] == "filed"
        and "attachment" in answer.headers["Content-Disposition"]
    )
    assert "rosa" not in answer.content.decode().lower()
    with pytest.raises(DatabaseError), transaction.atomic():
        RemovalEvent.objects.update(what="kept")
    with pytest.raises(DatabaseError), transaction.atomic():
        RemovalEvent.objects.all().delete()


def test_odd_requests_are_refused_at_the_field(post: Post, client: Client) -> None:
    for clip in ("", "x", "/p/none", "https://evil.test/", f"/p/{post.clip.public_id}"):
        assert client.post("/removal", {"clip": clip, **FORM}).status_code == 400
    without = {name: value for name, value in FORM.items() if name != "honest"}
    assert client.post("/removal", {"clip": f"/p/{post.public_id}", **without}).status_code == 400
    asked(post, client)
    assert client.post("/removal", {"clip": f"/p/{post.public_id}", **FORM}).status_code == 400
    assert RemovalRequest.objects.count() == 1


def test_somebody_who_floods_it_is_stopped(post: Post, client: Client, settings: Any) -> None:
    settings.BUDGETS = {"removal": (1, 3600)}
    asked(post, client)
    form = {"clip": f"/p/{post.public_id}", **FORM, "email": "other@example.test"}
    assert client.post("/removal", form).status_code == 429


def test_the_address_of_an_old_request_is_emptied(post: Post, client: Client, copies: list[int]) -> None:
    made = asked(post, client)
    removals.sweep(made.due_at)
    removals.sweep(made.due_at + timedelta(days=181))
    made.refresh_from_db()
    assert made.email == "" and made.events.exists()
