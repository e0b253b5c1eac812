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
from feed import actions, appeals, moderation, removals
from feed.models import Appeal, Post, RemovalEvent, RemovalRequest
from feed.refusals import AnotherModerator, NothingToAppeal
from tests.conftest import person

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


def test_a_moderator_reads_what_was_asked_and_when_it_goes_by_itself(
    post: Post, client: Client, mod: User
) -> None:
    asked(post, client)
    desk = Client()
    desk.force_login(mod)
    page = desk.get(f"/cases/{Case.objects.get(kind='removal').public_id}").content.decode()
    assert FORM["statement"] in page and "the clip goes by itself at" in page


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


def decided(post: Post, kind: str, decision: str, by: User, at: Any) -> None:
    case = Case.objects.get(kind=kind, subject=f"feed.post:{post.public_id}", state="open")
    cases.decide(case=case, moderator=by, decision=decision, note="I looked.", now=at)


@pytest.mark.parametrize("by_clock", [True, False])
def test_what_went_stays_away_whatever_is_decided_about_an_older_report(
    by_clock: bool, post: Post, client: Client, carol: User, mod: User, copies: list[int]
) -> None:
    made = asked(post, client)
    actions.report(post=post, reporter=carol, reason="spam", words="", now=made.filed_at)
    if by_clock:
        removals.sweep(made.due_at)
    else:
        decided(post, "removal", "hide", mod, made.filed_at)
    decided(post, "report", "keep", mod, made.due_at)
    assert Post.objects.get(pk=post.pk).state == Post.State.HIDDEN
    if by_clock:  # its own case is still open, and brings it back
        decided(post, "removal", "keep", mod, made.due_at)
        assert Post.objects.get(pk=post.pk).state == Post.State.LIVE


def test_a_granted_appeal_brings_nothing_back_that_went_by_a_later_removal(
    post: Post, client: Client, bob: User, carol: User, mod: User, copies: list[int]
) -> None:
    made = asked(post, client)
    now, second = made.filed_at, person("second", is_moderator=True)
    actions.report(post=post, reporter=carol, reason="spam", words="", now=now)
    decided(post, "report", "strike", mod, now)
    post.refresh_from_db()
    appeals.appeal(post=post, person=bob, words="No advertisement", now=now)
    decided(post, "removal", "hide", mod, now)
    decided(post, "appeal", "grant", second, now)
    assert Post.objects.get(pk=post.pk).state == Post.State.HIDDEN
    assert Appeal.objects.get().state == "granted"
    told = list(bob.notifications.values_list("kind", flat=True))
    assert "appeal_granted" in told and "post_restored" not in told


@pytest.mark.parametrize("by_clock", [True, False])
def test_an_appeal_brings_back_what_a_moderator_was_wrong_to_remove(
    by_clock: bool,
    post: Post,
    client: Client,
    bob: User,
    mod: User,
    copies: list[int],
    django_capture_on_commit_callbacks: Any,
) -> None:
    made, second = asked(post, client), person("second", is_moderator=True)
    if by_clock:
        removals.sweep(made.due_at)
        with pytest.raises(NothingToAppeal):  # nobody decided: its case is open still
            post.refresh_from_db()
            appeals.appeal(post=post, person=bob, words="A drawing", now=made.due_at)
    decided(post, "removal", "hide", mod, made.due_at)
    client.force_login(bob)
    page = client.get(f"/p/{post.public_id}/appeal").content.decode()
    assert "Somebody asked for it" in page and "Appeal below" in page and "<textarea" in page
    assert client.post(f"/p/{post.public_id}/appeal", {"text": "It is a drawing"}).status_code == 302
    case = Case.objects.get(kind="appeal")
    desk = Client()
    desk.force_login(second)
    assert FORM["statement"] in desk.get(f"/cases/{case.public_id}").content.decode()
    with pytest.raises(AnotherModerator):
        decided(post, "appeal", "grant", mod, made.due_at)
    with django_capture_on_commit_callbacks(execute=True):
        decided(post, "appeal", "grant", second, made.due_at)
    made.refresh_from_db()
    assert Post.objects.get(pk=post.pk).state == Post.State.LIVE and made.outcome == "kept"
    assert made.events.latest("pk").what == "kept" and "looked at and stays" in mail.outbox[-1].body
    assert "post_restored" in bob.notifications.values_list("kind", flat=True)


def test_an_appeal_that_is_upheld_leaves_a_removal_as_it_is(
    post: Post, client: Client, bob: User, mod: User, copies: list[int]
) -> None:
    made = asked(post, client)
    decided(post, "removal", "hide", mod, made.filed_at)
    post.refresh_from_db()
    appeals.appeal(post=post, person=bob, words="But", now=made.filed_at)
    decided(post, "appeal", "uphold", mod, made.filed_at)  # nobody else moderates here
    made.refresh_from_db()
    assert Post.objects.get(pk=post.pk).state == Post.State.HIDDEN and made.outcome == "removed"


def test_an_appeal_is_decided_also_where_every_moderator_has_decided_before(
    post: Post, client: Client, bob: User, carol: User, mod: User, copies: list[int]
) -> None:
    made, second = asked(post, client), person("second", is_moderator=True)
    actions.report(post=post, reporter=carol, reason="spam", words="", now=made.filed_at)
    decided(post, "report", "hide", second, made.filed_at)
    decided(post, "removal", "hide", mod, made.filed_at)
    post.refresh_from_db()
    appeals.appeal(post=post, person=bob, words="A drawing", now=made.filed_at)
    decided(post, "appeal", "grant", second, made.filed_at)
    assert Post.objects.get(pk=post.pk).state == Post.State.LIVE


def test_nobody_who_moderates_alone_grants_their_own_appeal_against_a_removal(
    mod: User, client: Client, make_post: Any, copies: list[int]
) -> None:
    own = make_post(mod)
    made = asked(own, client)
    decided(own, "removal", "hide", mod, made.filed_at)
    own.refresh_from_db()
    appeals.appeal(post=own, person=mod, words="It is me", now=made.filed_at)
    with pytest.raises(cases.OwnCase):
        decided(own, "appeal", "grant", mod, made.filed_at)
    assert Post.objects.get(pk=own.pk).state == Post.State.HIDDEN


def test_somebody_elses_face_does_not_excuse_a_strike(
    post: Post, client: Client, carol: User, mod: User, copies: list[int]
) -> None:
    made = asked(post, client)
    actions.report(post=post, reporter=carol, reason="hate", words="", now=made.filed_at)
    decided(post, "report", "strike", mod, made.filed_at)
    decided(post, "removal", "keep", mod, made.filed_at)
    assert Post.objects.get(pk=post.pk).state == Post.State.HIDDEN
    assert RemovalRequest.objects.get().outcome == "kept"


def test_what_waits_for_a_look_at_a_report_waits_on_when_a_removal_is_kept(
    post: Post, client: Client, mod: User, copies: list[int]
) -> None:
    made = asked(post, client)
    for n in range(2):
        reporter = person(f"old{n}", date_joined=made.filed_at - timedelta(days=30))
        actions.report(post=post, reporter=reporter, reason="minor", words="", now=made.filed_at)
    decided(post, "removal", "keep", mod, made.filed_at)
    assert Post.objects.get(pk=post.pk).state == Post.State.HIDDEN
    decided(post, "report", "keep", mod, made.filed_at)
    assert Post.objects.get(pk=post.pk).state == Post.State.LIVE


@pytest.mark.parametrize("kept", [False, True])
def test_what_the_clock_took_waits_when_it_is_published_again(
    kept: bool, post: Post, client: Client, carol: User, mod: User, make_post: Any, copies: list[int]
) -> None:
    copy = make_post(carol, caption="the same")
    made = asked(post, client)
    copies.append(copy.clip_id)
    removals.sweep(made.due_at)
    if kept:
        decided(post, "removal", "keep", mod, made.due_at)
        decided(copy, "report", "keep", mod, made.due_at)
    for gone in (post, copy):  # by either of them
        copies[:] = [gone.clip_id]
        again = make_post(carol, caption="once more")
        moderation.follow_copies(again.pk, made.due_at)
        assert Post.objects.get(pk=again.pk).state == (Post.State.LIVE if kept else Post.State.HIDDEN)


def test_a_copy_that_was_kept_is_let_through_while_the_removal_stands(
    post: Post, client: Client, carol: User, mod: User, make_post: Any, copies: list[int]
) -> None:
    copy, again = make_post(carol, caption="much alike"), make_post(carol, caption="the same as that")
    made = asked(post, client)
    copies.append(copy.clip_id)
    removals.sweep(made.due_at)
    decided(copy, "report", "keep", mod, made.due_at)
    Post.objects.filter(pk=copy.pk).update(state=Post.State.WITHDRAWN)
    moderation.follow_copies(again.pk, made.due_at)
    assert Post.objects.get(pk=again.pk).state == Post.State.LIVE


def test_nobody_keeps_a_clip_of_their_own_that_somebody_asked_to_remove(
    mod: User, client: Client, make_post: Any, copies: list[int]
) -> None:
    own = make_post(mod)
    made = asked(own, client)
    with pytest.raises(cases.OwnCase):
        decided(own, "removal", "keep", mod, made.filed_at)
    made.refresh_from_db()
    assert made.outcome == "open"
    decided(own, "removal", "hide", mod, made.filed_at)
    assert Post.objects.get(pk=own.pk).state == Post.State.HIDDEN


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
