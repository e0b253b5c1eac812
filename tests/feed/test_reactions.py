"""Likes, comments, reports and beacons: what they change, and what they can't."""

import json
import uuid
from datetime import datetime, timedelta

import pytest
from django.test import Client

from accounts import cases
from accounts.models import Block, Case, Notification, User
from feed import actions, pagination, watch
from feed.comments import comments_page
from feed.models import Comment, Like, Post, Report, Watch
from feed.refusals import BadBeacon, BadCursor, CommentEmpty, CommentsClosed, CommentTooLong, NotYourComment
from tests.feed.conftest import MakePost

pytestmark = pytest.mark.django_db


def test_liking_twice_is_liking_once(bob: User, carol: User, make_post: MakePost, now: datetime) -> None:
    post = make_post(bob)
    actions.like(post=post, person=carol, now=now)
    actions.like(post=post, person=carol, now=now)
    assert (post.like_count, Like.objects.count()) == (1, 1)
    assert Notification.objects.filter(recipient=bob, kind="liked").count() == 1
    actions.unlike(post=post, person=carol, now=now)
    actions.unlike(post=post, person=carol, now=now)
    assert (post.like_count, Like.objects.count()) == (0, 0)


def test_a_tally_that_drifted_fails_nobody(
    bob: User, carol: User, make_post: MakePost, now: datetime
) -> None:
    post = make_post(bob)
    actions.like(post=post, person=carol, now=now)
    Post.objects.update(like_count=0)
    assert actions.unlike(post=post, person=carol, now=now).like_count == 0


def test_carol_comments_and_bob_may_delete_it(
    bob: User, carol: User, mallory: User, make_post: MakePost, now: datetime
) -> None:
    post = make_post(bob)
    made = actions.comment(post=post, author=carol, words="  Bravo!  ", now=now)
    assert made.text == "Bravo!"
    with pytest.raises(NotYourComment):
        actions.delete_comment(comment=made, by=mallory, now=now)
    actions.delete_comment(comment=made, by=bob, now=now)
    actions.delete_comment(comment=made, by=bob, now=now)
    post.refresh_from_db()
    assert post.comment_count == 0
    assert comments_page(carol, post, "", now).lines == []
    assert Comment.objects.get().text == ""


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        ("", CommentEmpty),
        (" \u202e\u200b ", CommentEmpty),
        ("a" * 1001, CommentTooLong),
        ("x" * 100_000, CommentTooLong),
    ],
)
def test_comments_that_are_none(
    words: str, refusal: type[Exception], bob: User, carol: User, make_post: MakePost, now: datetime
) -> None:
    with pytest.raises(refusal):
        actions.comment(post=make_post(bob), author=carol, words=words, now=now)
    assert not Comment.objects.exists()


def test_closed_comments_stay_closed(bob: User, carol: User, make_post: MakePost, now: datetime) -> None:
    post = make_post(bob)
    post.allow_comments = False
    with pytest.raises(CommentsClosed):
        actions.comment(post=post, author=carol, words="Hello?", now=now)


def test_a_script_in_a_comment_is_only_words(
    bob: User, carol: User, make_post: MakePost, now: datetime, client: Client
) -> None:
    post = make_post(bob)
    actions.comment(post=post, author=carol, words="<script>alert(1)</script>", now=now)
    page = client.get(f"/p/{post.public_id}/comments").content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page


def test_bob_does_not_read_whom_he_blocked(
    bob: User, carol: User, mallory: User, make_post: MakePost, now: datetime
) -> None:
    post = make_post(carol)
    actions.comment(post=post, author=mallory, words="Booo", now=now)
    Block.objects.create(blocker=bob, blocked=mallory, created_at=now)
    assert comments_page(bob, post, "", now).lines == []
    assert len(comments_page(carol, post, "", now).lines) == 1


def test_many_comments_come_in_pages(bob: User, carol: User, make_post: MakePost, now: datetime) -> None:
    post = make_post(bob)
    for number in range(35):
        actions.comment(post=post, author=carol, words=f"No. {number}", now=now + timedelta(seconds=number))
    first = comments_page(bob, post, "", now)
    second = comments_page(bob, post, first.next or "", now)
    assert [line.text for line in (*first.lines, *second.lines)] == [f"No. {n}" for n in range(34, -1, -1)]
    assert second.next is None


def test_two_reports_are_one_case_and_a_moderator_hides_the_clip(
    bob: User, carol: User, mallory: User, mod: User, make_post: MakePost, now: datetime
) -> None:
    post = make_post(bob)
    for reporter in (carol, mallory, carol):
        actions.report(post=post, reporter=reporter, reason="spam", words="again and again", now=now)
    assert (Report.objects.count(), Case.objects.count()) == (2, 1)
    cases.decide(case=Case.objects.get(), moderator=mod, decision="hide", note="It is spam.", now=now)
    post.refresh_from_db()
    assert post.state == Post.State.HIDDEN
    assert Notification.objects.filter(recipient=bob, kind="post_hidden").exists()
    assert Notification.objects.filter(kind="report_decided").count() == 2


def test_a_beacon_sent_twice_counts_once(bob: User, carol: User, make_post: MakePost, now: datetime) -> None:
    post = make_post(bob)
    beacon = watch.Beacon(post.public_id, uuid.uuid4(), 12_000)
    watch.take(beacons=[beacon], viewer=carol, now=now)
    watch.take(beacons=[beacon], viewer=carol, now=now)
    row = Watch.objects.get()
    assert (row.watch_ms, row.loops, row.at) == (12_000, 2, now)


@pytest.mark.parametrize(("claimed", "kept"), [(-5, 0), (10**12, watch.MOST_WATCH_MS)])
def test_what_a_beacon_claims_is_clamped(
    claimed: int, kept: int, bob: User, make_post: MakePost, now: datetime
) -> None:
    post = make_post(bob)
    watch.take(beacons=[watch.Beacon(post.public_id, uuid.uuid4(), claimed)], viewer=bob, now=now)
    assert Watch.objects.get().watch_ms == kept


def test_a_beacon_for_a_hidden_clip_is_dropped(
    bob: User, mallory: User, make_post: MakePost, now: datetime
) -> None:
    post = make_post(bob)
    Block.objects.create(blocker=bob, blocked=mallory, created_at=now)
    assert watch.take(beacons=[watch.Beacon(post.public_id, uuid.uuid4(), 900)], viewer=mallory, now=now) == 0
    assert not Watch.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        None,
        {"events": []},
        {"events": "x"},
        {"events": [{"post": "x", "visit": "y", "watch_ms": 1}]},
        {"events": [{}] * 51},
        {"events": [{"post": str(uuid.uuid4()), "visit": str(uuid.uuid4()), "watch_ms": "NaN"}]},
        {"events": [7]},
    ],
)
def test_what_is_no_beacon_is_refused(body: object) -> None:
    with pytest.raises(BadBeacon):
        watch.parse(body)


def test_the_beacon_address_refuses_other_sites_and_heaps(
    bob: User, make_post: MakePost, client: Client
) -> None:
    post = make_post(bob)
    event = {"post": str(post.public_id), "visit": str(uuid.uuid4()), "watch_ms": 700}
    body = json.dumps({"events": [event]})

    def send(text: str, site: str) -> int:
        headers = {"Sec-Fetch-Site": site, "Accept": "application/json"}
        return client.post(
            "/feed/watched", text, content_type="application/json", headers=headers
        ).status_code

    assert send(body, "cross-site") == 400
    assert send("{" * 20_000, "same-origin") == 400
    assert send("no json", "same-origin") == 400
    assert not Watch.objects.exists()
    assert send(body, "same-origin") == 204
    assert Watch.objects.count() == 1


def test_old_beacons_are_forgotten(bob: User, make_post: MakePost, now: datetime) -> None:
    post = make_post(bob)
    watch.take(beacons=[watch.Beacon(post.public_id, uuid.uuid4(), 900)], viewer=bob, now=now)
    assert watch.forget(now + timedelta(days=89)) == 0
    assert watch.forget(now + timedelta(days=91)) == 1


def test_a_forged_or_foreign_cursor_is_refused(bob: User, make_post: MakePost, client: Client) -> None:
    make_post(bob)
    foreign = pagination.write("following", ["2026-01-01T00:00:00+00:00", 1])
    for cursor in ("forged", foreign, "a" * 5000):
        answer = client.get("/api/v1/feed/latest", {"cursor": cursor})
        assert (answer.status_code, answer.json()["code"]) == (400, BadCursor.code)
