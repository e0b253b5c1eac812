"""What others may do with a post, and what of a remix's earnings goes up its lineage."""

import random
from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import User
from feed import actions, rights, scheduling
from feed.models import Post, RemixShare, Scheduled
from feed.refusals import BadShare, NotYourPost, SharesChanged
from feed.rights import MOST_TOGETHER, Parent, divided
from generation.models import Clip
from tests.conftest import NOW
from tests.feed.conftest import MakeClip, MakePost


def test_a_remix_agrees_to_what_its_parent_asks_at_that_moment(
    bob: User, carol: User, make_post: MakePost, make_clip: MakeClip
) -> None:
    first = make_post(bob)
    rights.change(post=first, by=bob, now=NOW, remix_share_bp=1000)
    remix = actions.publish(clip=make_clip(carol, parent=first.clip), creator=carol, caption="", now=NOW)
    rights.change(post=first, by=bob, now=NOW, remix_share_bp=3000)
    assert rights.owed(remix.pk) == [(bob.pk, 1000)]
    later = actions.publish(clip=make_clip(carol, parent=first.clip), creator=carol, caption="", now=NOW)
    assert rights.owed(later.pk) == [(bob.pk, 3000)]


def test_a_remix_of_a_remix_pays_the_first_clip_too(
    alice: User, bob: User, carol: User, make_post: MakePost
) -> None:
    first = make_post(alice)
    rights.change(post=first, by=alice, now=NOW, remix_share_bp=2000)
    second = make_post(bob, parent=first.clip)
    rights.change(post=second, by=bob, now=NOW, remix_share_bp=1000)
    third = make_post(carol, parent=second.clip)
    assert rights.owed(third.pk) == [(alice.pk, 200), (bob.pk, 800)]


def test_nobody_slips_away_by_remixing_their_own_remix(alice: User, bob: User, make_post: MakePost) -> None:
    first = make_post(alice)
    rights.change(post=first, by=alice, now=NOW, remix_share_bp=2000)
    own = make_post(bob, parent=first.clip)
    again = make_post(bob, parent=own.clip)
    assert rights.owed(again.pk) == [(alice.pk, 2000)]


def test_a_parent_off_stage_asks_for_nothing(bob: User, carol: User, make_post: MakePost) -> None:
    first = make_post(bob)
    rights.change(post=first, by=bob, now=NOW, remix_share_bp=1000)
    actions.take_down(post=first, by=bob, now=NOW)
    assert rights.owed(make_post(carol, parent=first.clip).pk) == []


def test_parents_together_never_get_more_than_half() -> None:
    dice = random.Random(7)
    for _ in range(3000):
        parents = [
            Parent(
                dice.randint(1, 4),
                dice.randint(0, 3000),
                tuple((person, dice.randint(1, 1500)) for person in dice.sample(range(1, 7), 3)),
            )
            for _ in range(dice.randint(0, 5))
        ]
        parts = divided(1, parents)
        assert 1 not in parts and all(part > 0 for part in parts.values())
        assert sum(parts.values()) <= MOST_TOGETHER


def test_whoever_saw_another_sum_is_asked_again(
    bob: User, carol: User, make_post: MakePost, make_clip: MakeClip
) -> None:
    first = make_post(bob)
    rights.change(post=first, by=bob, now=NOW, remix_share_bp=1000)
    clip = make_clip(carol, parent=first.clip)
    with pytest.raises(SharesChanged):
        actions.publish(clip=clip, creator=carol, caption="", now=NOW, owes_seen=0)
    assert not Post.objects.filter(clip=clip).exists() and not RemixShare.objects.exists()
    actions.publish(clip=clip, creator=carol, caption="", now=NOW, owes_seen=1000)


def test_what_was_put_off_is_not_published_for_another_share(
    bob: User, carol: User, make_post: MakePost, make_clip: MakeClip
) -> None:
    first = make_post(bob)
    at = NOW + timedelta(hours=1)
    clip = make_clip(carol, parent=first.clip)
    scheduling.schedule(clip=clip, creator=carol, at=at, caption="", now=NOW, owes_seen=0)
    rights.change(post=first, by=bob, now=NOW, remix_share_bp=3000)
    assert scheduling.publish_due(at) == 0
    assert Scheduled.objects.get(clip=clip).reason == "shares_changed"


@pytest.mark.parametrize("share", [-1, 3001])
def test_a_share_has_bounds(bob: User, make_post: MakePost, make_clip: MakeClip, share: int) -> None:
    post = make_post(bob)
    with pytest.raises(BadShare):
        rights.change(post=post, by=bob, now=NOW, remix_share_bp=share)
    with pytest.raises(BadShare):
        actions.publish(clip=make_clip(bob), creator=bob, caption="", now=NOW, remix_share_bp=share)


def test_only_its_creator_decides(bob: User, carol: User, make_post: MakePost, client: Client) -> None:
    post = make_post(bob)
    with pytest.raises(NotYourPost):
        rights.change(post=post, by=carol, now=NOW, allow_remix=False)
    address = f"/api/v1/posts/{post.public_id}/rights"
    client.force_login(carol)
    assert client.get(f"/p/{post.public_id}/rights").status_code == 404
    answer = client.patch(address, {"allow_remix": False}, "application/json")
    assert answer.status_code == 404
    post.refresh_from_db()
    assert post.allow_remix


def test_bob_decides_on_the_page_and_by_the_api(bob: User, make_post: MakePost, client: Client) -> None:
    post = make_post(bob)
    address = f"/api/v1/posts/{post.public_id}/rights"
    client.force_login(bob)
    page = client.get(f"/p/{post.public_id}/rights").content.decode()
    assert "Your share of what remixes of it earn" in page
    answer = client.post(f"/p/{post.public_id}/rights", {"allow_remix": "on", "remix_percent": "15"})
    assert answer.status_code == 302
    post.refresh_from_db()
    assert post.allow_remix and not post.allow_comments and not post.allow_download
    assert post.remix_share_bp == 1500
    assert client.post(f"/p/{post.public_id}/rights", {"remix_percent": "31"}).status_code == 422
    told = client.patch(address, {"allow_download": True}, "application/json")
    assert told.json() == {
        "allow_remix": True, "allow_comments": False, "allow_download": True, "allow_tags": False,
        "remix_share_bp": 1500, "owes": [],
    }  # fmt: skip
    bad = client.patch(address, {"remix_share_bp": 9000}, "application/json")
    assert bad.status_code == 422 and bad.json()["code"] == "bad_share"


def test_carol_sees_what_she_agrees_to_before_she_publishes(
    bob: User, carol: User, make_post: MakePost, make_clip: MakeClip, client: Client
) -> None:
    first = make_post(bob)
    rights.change(post=first, by=bob, now=NOW, remix_share_bp=1000)
    clip = make_clip(carol, parent=first.clip)
    client.force_login(carol)
    page = client.get(f"/clips/{clip.public_id}/publish").content.decode()
    assert "Bob 10 %" in page and 'name="owes_seen" value="1000"' in page
    assert (
        "10 % of what the remix earns you goes to Bob."
        in client.get(f"/create?remix={first.clip.public_id}").content.decode()
    )
    rights.change(post=first, by=bob, now=NOW, remix_share_bp=2000)
    sent = {"caption": "", "remix_percent": "0", "owes_seen": "1000"}
    assert client.post(f"/clips/{clip.public_id}/publish", sent).status_code == 409
    assert not Post.objects.filter(clip=clip).exists()


def test_a_clip_is_offered_for_download_where_its_creator_wants_it(
    bob: User, carol: User, make_post: MakePost, client: Client
) -> None:
    post = make_post(bob, minutes_ago=5)
    rights.change(post=post, by=bob, now=NOW, allow_download=False)
    client.force_login(carol)
    assert f"{post.get_absolute_url()}/download" not in client.get(post.get_absolute_url()).content.decode()
    assert client.get(f"/p/{post.public_id}/download").status_code == 403
    assert "download=" not in client.get(f"/clips/{post.clip.public_id}").content.decode()
    client.force_login(bob)
    assert f"{post.get_absolute_url()}/download" in client.get(post.get_absolute_url()).content.decode()


def test_nobody_is_asked_about_remixes_of_what_was_filmed(
    bob: User, make_post: MakePost, client: Client
) -> None:
    client.force_login(bob)
    post = make_post(bob)
    page = f"/p/{post.public_id}/rights"
    assert "Others may remix it" in client.get(page).content.decode()
    Clip.objects.filter(pk=post.clip_id).update(origin=Clip.Origin.UPLOADED)
    body = client.get(page).content.decode()
    assert "Others may remix it" not in body and "remix_percent" not in body and "nobody remixes it" in body
    client.post(page, {"allow_comments": "on"})
    post.refresh_from_db()
    assert post.allow_comments and not post.allow_remix and post.remix_share_bp == 0
