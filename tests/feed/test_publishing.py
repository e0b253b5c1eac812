"""Putting a clip before the public, and who may."""

from datetime import datetime

import pytest
from django.db import transaction
from django.test import Client

from accounts.models import Notification, User
from cameos.models import Cameo
from cameos.refusals import NotReadyToPublish
from feed import actions, text
from feed.models import Post
from feed.refusals import AlreadyPublished, CaptionTooLong, NotYourClip
from tests.feed.conftest import MakeClip, MakePost

pytestmark = pytest.mark.django_db


def test_bob_publishes_his_clip_with_its_tags(bob: User, make_clip: MakeClip, now: datetime) -> None:
    post = actions.publish(clip=make_clip(bob), creator=bob, caption="Look! #Sunset #juggling", now=now)
    assert post.state == Post.State.LIVE
    assert sorted(post.hashtags.values_list("name", flat=True)) == ["juggling", "sunset"]
    assert "beach" in post.topics


def test_carol_cannot_publish_what_bob_made(
    bob: User, carol: User, make_clip: MakeClip, now: datetime
) -> None:
    with pytest.raises(NotYourClip):
        actions.publish(clip=make_clip(bob), creator=carol, caption="", now=now)
    assert not Post.objects.exists()


def test_nobody_publishes_before_alice_has_seen_it(
    bob: User, likeness: Cameo, make_clip: MakeClip, now: datetime
) -> None:
    clip = make_clip(bob, cast=(likeness,), use="provisional")
    with pytest.raises(NotReadyToPublish) as refusal:
        actions.publish(clip=clip, creator=bob, caption="", now=now)
    assert "Alice" in str(refusal.value.message)
    assert not Post.objects.exists()


def test_who_has_not_said_yes_is_named_before_the_form_and_after_it(
    bob: User, likeness: Cameo, make_clip: MakeClip, client: Client
) -> None:
    page = f"/clips/{make_clip(bob, cast=(likeness,), use='provisional').public_id}/publish"
    client.force_login(bob)
    assert "Not yet said yes: Alice" in client.get(page).content.decode()
    refused = client.post(page, {"caption": "At the sea", "remix_percent": "0"})
    shown = refused.content.decode()
    assert refused.status_code == 409 and "Alice wants to see this clip first." in shown
    assert "At the sea</textarea>" in shown and "waiting_for_approval" not in shown


def test_nobody_publishes_a_clip_whose_use_row_is_missing(
    bob: User, likeness: Cameo, make_clip: MakeClip, now: datetime
) -> None:
    clip = make_clip(bob, cast=(likeness,), missing=1)
    with pytest.raises(NotReadyToPublish):
        actions.publish(clip=clip, creator=bob, caption="", now=now)


def test_a_clip_is_published_once(bob: User, make_clip: MakeClip, now: datetime) -> None:
    clip = make_clip(bob)
    actions.publish(clip=clip, creator=bob, caption="", now=now)
    with pytest.raises(AlreadyPublished), transaction.atomic():
        actions.publish(clip=clip, creator=bob, caption="again", now=now)
    assert Post.objects.count() == 1


def test_a_novel_is_no_caption(bob: User, make_clip: MakeClip, now: datetime) -> None:
    with pytest.raises(CaptionTooLong):
        actions.publish(clip=make_clip(bob), creator=bob, caption="a" * 501, now=now)


def test_alice_hears_that_a_clip_with_her_is_public(
    alice: User, bob: User, likeness: Cameo, make_post: MakePost
) -> None:
    make_post(bob, cast=(likeness,))
    assert Notification.objects.filter(recipient=alice, kind="published_with_you").count() == 1


def test_bob_hears_of_a_remix_and_it_counts(bob: User, carol: User, make_post: MakePost) -> None:
    source = make_post(bob)
    make_post(carol, parent=source.clip)
    source.refresh_from_db()
    assert source.remix_count == 1
    assert Notification.objects.filter(recipient=bob, kind="remixed").count() == 1


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\u202egnorw\u202c b", "agnorw b"),
        ("z" + "\u0335" * 40, "z" + "\u0335" * 3),
        ("hello\x00\x07\r\nthere", "hello\nthere"),
        ("a  b\n\n\n\n\nc", "a b\n\nc"),
        ("Việt Nam 👩‍👩‍👧 ก็", "Việt Nam 👩‍👩‍👧 ก็"),
        ("e\u0301", "\u00e9"),
        ("\n".join("x" * 40), "\n".join("x" * 12)),
    ],
)
def test_words_are_kept_and_tricks_are_not(typed: str, kept: str) -> None:
    assert text.clean(typed) == kept


def test_hashtags_in_two_languages() -> None:
    assert text.hashtags("#Cats and ＃猫 #cats a#b #123") == ["cats", "猫"]
