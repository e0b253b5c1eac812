"""Who sees a published clip: the likeness rule, blocks in both directions, mutes and states, at every read.
Who sees a published clip: the likeness rule, blocks in both directions, mutes and states, at every read.
"""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.test import Client

from accounts.models import Block, Follow, Mute, User
from cameos.models import Cameo, LikenessUse
from feed import access, actions, streams
from feed.models import Post
from generation import footage
from generation.actions import delete_clip
from generation.signals import clip_withdrawn
from tests.feed.conftest import MakePost

pytestmark = pytest.mark.django_db
NOBODY = AnonymousUser()


def sees(viewer: object, post: Post, now: datetime) -> bool:
    return Post.objects.visible_to(viewer, now).filter(pk=post.pk).exists()  # type: ignore[arg-type]


def test_anybody_sees_a_live_post(bob: User, carol: User, make_post: MakePost, now: datetime) -> None:
    post = make_post(bob)
    assert sees(NOBODY, post, now) and sees(carol, post, now) and sees(bob, post, now)


def test_a_block_hides_in_both_directions(
    bob: User, carol: User, mallory: User, make_post: MakePost, now: datetime
) -> None:
    bobs, mallorys = make_post(bob), make_post(mallory)
    Block.objects.create(blocker=bob, blocked=mallory, created_at=now)
    assert not sees(mallory, bobs, now) and not sees(bob, mallorys, now)
    assert sees(carol, bobs, now) and sees(carol, mallorys, now)


def test_a_mute_empties_the_stream_and_not_the_address(
    bob: User, carol: User, make_post: MakePost, now: datetime
) -> None:
    post = make_post(bob)
    Mute.objects.create(muter=carol, muted=bob, created_at=now)
    assert streams.latest(carol, "", now).cards == []
    assert streams.for_you(carol, "", now).cards == []
    assert access.post_for(carol, post.public_id, now) == post


def test_after_alice_ends_her_use_nobody_sees_it_not_even_its_maker(
    alice: User, bob: User, likeness: Cameo, make_post: MakePost, now: datetime, client: Client
) -> None:
    post = make_post(bob, cast=(likeness,))
    assert client.get(f"/p/{post.public_id}").status_code == 200
    LikenessUse.objects.filter(clip=post.clip).update(state="ended", ended_at=now, ended_reason="revoked")
    for viewer in (NOBODY, bob, alice):
        assert not sees(viewer, post, now)
    assert client.get(f"/p/{post.public_id}").status_code == 404
    assert client.get(f"/api/v1/posts/{post.public_id}").status_code == 404
    assert str(post.public_id) not in client.get("/").content.decode()


def test_a_post_from_the_future_waits(bob: User, make_post: MakePost, now: datetime) -> None:
    post = make_post(bob)
    assert not sees(NOBODY, post, now - timedelta(seconds=1))


@pytest.mark.parametrize("state", [Post.State.HIDDEN, Post.State.WITHDRAWN, Post.State.DELETED])
def test_only_live_posts_are_served(state: str, bob: User, make_post: MakePost, now: datetime) -> None:
    post = make_post(bob)
    Post.objects.update(state=state)
    assert not sees(bob, post, now) and not sees(NOBODY, post, now)
    with pytest.raises(Http404):
        access.post_for(bob, post.public_id, now)


def test_a_withdrawn_clip_withdraws_its_post(bob: User, make_post: MakePost, now: datetime) -> None:
    post = make_post(bob)
    clip_withdrawn.send(sender=None, clip_ids=[post.clip_id], reason="revoked", now=now)
    clip_withdrawn.send(sender=None, clip_ids=[post.clip_id], reason="revoked", now=now)
    post.refresh_from_db()
    assert post.state == Post.State.WITHDRAWN


def test_bob_takes_his_clip_off_stage(bob: User, make_post: MakePost, now: datetime) -> None:
    post = make_post(bob)
    actions.take_down(post=post, by=bob, now=now)
    assert not sees(NOBODY, post, now)


@pytest.mark.parametrize("by_clip", [False, True])
@pytest.mark.parametrize(("before", "after"), [("LIVE", "DELETED"), ("HIDDEN", "WITHDRAWN")])
def test_what_was_hidden_does_not_become_bobs_own_doing_when_he_takes_it_down(
    bob: User, make_post: MakePost, now: datetime, before: str, after: str, by_clip: bool
) -> None:
    """Its pictures stay away; those of what he took back himself may come again."""
    post = make_post(bob)
    Post.objects.update(state=before)
    if by_clip:
        delete_clip(clip=post.clip, by=bob, now=now)
    else:
        actions.take_down(post=post, by=bob, now=now)
    post.refresh_from_db()
    assert post.state == after and footage._was_taken_down(post.clip) == (after == "WITHDRAWN")


def test_following_shows_whom_carol_follows(
    alice: User, bob: User, carol: User, make_post: MakePost, now: datetime
) -> None:
    make_post(alice)
    bobs = make_post(bob)
    Follow.objects.create(follower=carol, followee=bob, created_at=now)
    assert [card.id for card in streams.following(carol, "", now).cards] == [str(bobs.public_id)]


def test_absent_and_hidden_pages_look_the_same(
    bob: User, mallory: User, make_post: MakePost, now: datetime, client: Client
) -> None:
    post = make_post(bob)
    Block.objects.create(blocker=bob, blocked=mallory, created_at=now)
    client.force_login(mallory)
    hidden = client.get(f"/p/{post.public_id}")
    absent = client.get("/p/00000000-0000-4000-8000-000000000000")
    assert (hidden.status_code, absent.status_code) == (404, 404)
    assert client.get("/u/bob").status_code == 404
