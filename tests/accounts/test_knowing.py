"""Follow, block, mute, circle: and that a block holds in both directions."""

from typing import Any

import pytest
from django.core.cache import cache

from accounts import actions, personal, signals, social
from accounts.models import Block, CircleMember, Follow, Notification, User
from tests.accounts.people import signed_in, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


def test_bob_follows_alice_once_and_she_hears_of_it_once(alice: User, bob: User) -> None:
    browser = signed_in(bob)
    for _ in range(2):
        assert browser.post("/u/alice/follow").headers["Location"] == "/u/alice"
    assert Follow.objects.filter(follower=bob, followee=alice).count() == 1
    assert Notification.objects.filter(recipient=alice, kind="followed").count() == 1
    assert social.follows(bob, alice)
    assert not social.are_mutuals(bob, alice)
    actions.follow(follower=alice, followee=bob, now=bob.date_joined)
    assert social.are_mutuals(alice, bob)
    browser.post("/u/alice/unfollow")
    assert not social.follows(bob, alice)


def test_nobody_follows_themselves(bob: User) -> None:
    answer = signed_in(bob).post("/u/bob/follow")
    assert (answer.status_code, "does not work with yourself" in text_of(answer)) == (400, True)


@pytest.mark.parametrize("who_blocks", ["alice", "mallory"])
def test_a_block_holds_in_both_directions(alice: User, mallory: User, now: Any, who_blocks: str) -> None:
    one, other = (alice, mallory) if who_blocks == "alice" else (mallory, alice)
    for a, b in ((alice, mallory), (mallory, alice)):
        actions.follow(follower=a, followee=b, now=now)
        actions.add_to_circle(owner=a, member=b, now=now)
    heard: list[dict[str, Any]] = []

    def hear(sender: Any, **said: Any) -> None:
        heard.append(said)

    signals.blocked.connect(hear)
    try:
        signed_in(one).post(f"/u/{other.username}/block")
    finally:
        signals.blocked.disconnect(hear)

    assert not Follow.objects.exists()
    assert not CircleMember.objects.exists()
    assert [(said["blocker"], said["blocked"]) for said in heard] == [(one, other)]
    assert social.is_blocked_between(alice, mallory)
    assert social.is_blocked_between(mallory, alice)
    assert social.blocked_ids(alice) == {mallory.pk}
    assert social.blocked_ids(mallory) == {alice.pk}
    for a, b in ((alice, mallory), (mallory, alice)):
        assert signed_in(a).post(f"/u/{b.username}/follow").status_code == 404
        with pytest.raises(actions.Blocked):
            actions.follow(follower=a, followee=b, now=now)
        with pytest.raises(actions.Blocked):
            actions.add_to_circle(owner=a, member=b, now=now)


def test_a_handler_that_fails_undoes_the_block(alice: User, mallory: User, now: Any) -> None:
    def fail(**said: Any) -> None:
        raise RuntimeError

    signals.blocked.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            actions.block(blocker=alice, blocked=mallory, now=now)
    finally:
        signals.blocked.disconnect(fail)
    assert not Block.objects.exists()


def test_only_who_blocked_can_unblock(alice: User, mallory: User, now: Any) -> None:
    actions.block(blocker=alice, blocked=mallory, now=now)
    signed_in(mallory).post("/u/alice/unblock")
    assert social.is_blocked_between(alice, mallory)
    signed_in(alice).post("/u/mallory/unblock")
    assert not social.is_blocked_between(alice, mallory)


def test_absent_closed_and_erased_people_are_the_same_404(alice: User, bob: User, carol: User) -> None:
    User.objects.filter(pk=carol.pk).update(is_active=False)
    personal.erase_everything(user=bob, now=bob.date_joined)
    browser = signed_in(alice)
    for handle in ("nobody", "carol", "bob"):
        assert browser.post(f"/u/{handle}/follow").status_code == 404


def test_muting_is_silent(alice: User, bob: User, now: Any) -> None:
    signed_in(alice).post("/u/bob/mute")
    actions.follow(follower=bob, followee=alice, now=now)
    assert not Notification.objects.exists()
    assert social.edges(alice).kept_apart == {bob.pk}
    signed_in(alice).post("/u/bob/unmute")
    assert social.edges(alice).kept_apart == set()


def test_the_circle_is_a_private_list(alice: User, bob: User) -> None:
    browser = signed_in(alice)
    browser.post("/circle", {"handle": "@bob"})
    assert social.in_circle(alice, bob)
    assert not social.in_circle(bob, alice)
    assert not Notification.objects.exists()
    assert "Nobody here has this handle" in text_of(browser.post("/circle", {"handle": "nobody"}))
    browser.post("/u/bob/circle-remove")
    assert not social.in_circle(alice, bob)


def test_lists_of_people_cost_the_same_for_one_and_for_many(
    alice: User, now: Any, django_assert_num_queries: Any
) -> None:
    for number in range(12):
        other = User.objects.create_user(username=f"friend{chr(97 + number)}")
        CircleMember.objects.create(owner=alice, member=other, created_at=now)
        Block.objects.create(blocker=alice, blocked=other, created_at=now)
        Notification.objects.create(recipient=alice, kind="followed", data={"name": "x"}, created_at=now)
    browser = signed_in(alice)
    with django_assert_num_queries(4):  # session, person, circle, unread news
        browser.get("/circle")
    with django_assert_num_queries(5):  # session, person, blocks, mutes, unread news
        browser.get("/settings/avoided")
    with django_assert_num_queries(4):  # session, person, news, unread news
        browser.get("/notifications")


def test_news_is_read_when_alice_says_so(alice: User, bob: User, now: Any) -> None:
    actions.follow(follower=bob, followee=alice, now=now)
    browser = signed_in(alice)
    page = text_of(browser.get("/notifications"))
    assert "Bob follows you now." in page
    assert signed_in(bob).get("/notifications").status_code == 200
    browser.post("/notifications/read")
    assert not Notification.objects.filter(read_at=None).exists()


def test_news_of_an_older_version_still_reads(alice: User, now: Any) -> None:
    Notification.objects.create(recipient=alice, kind="followed", data={}, created_at=now)
    Notification.objects.create(recipient=alice, kind="gone", data={}, created_at=now)
    assert text_of(signed_in(alice).get("/notifications")).count("There is news.") == 2
