"""A playable clip: one question, ways on that are rendered already, and what becomes of those that go."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client

from accounts.models import User
from cameos import uses
from cameos.models import Cameo, LikenessUse
from feed import actions, branches, entitlements
from feed.models import BranchPoint, Post
from feed.refusals import BadBranch, BranchElsewhere, NotYourPost
from tests.conftest import NOW
from tests.feed.conftest import MakePost

NOBODY = AnonymousUser()


@pytest.fixture
def crossing(bob: User, make_post: MakePost) -> tuple[Post, Post, Post]:
    return make_post(bob, "At the gate"), make_post(bob, "Left"), make_post(bob, "Right")


def lay(posts: tuple[Post, Post, Post], **changed: object) -> BranchPoint:
    gate, left, right = posts
    asked = {
        "post": gate, "by": gate.creator, "question": "Where to?", "at_ms": 4000,
        "ways": [("Left", left), ("Right", right)], "now": NOW,
    }  # fmt: skip
    return branches.ask(**asked | changed)


def test_carol_is_asked_and_led_on(crossing: tuple[Post, Post, Post], carol: User, client: Client) -> None:
    lay(crossing)
    gate, left, right = crossing
    choice = branches.choice(carol, gate, NOW)
    assert choice is not None and (choice.at_ms, choice.question) == (4000, "Where to?")
    assert [way.url for way in choice.ways] == [f"/p/{left.public_id}", f"/p/{right.public_id}"]
    told = client.get(f"/api/v1/posts/{gate.public_id}/ways").json()
    assert [way["label"] for way in told["ways"]] == ["Left", "Right"]
    assert f"/p/{gate.public_id}/ways" in client.get(gate.get_absolute_url()).content.decode()
    page = client.get(f"/p/{gate.public_id}/ways").content.decode()
    assert "Where to?" in page and f'href="/p/{right.public_id}"' in page


def test_a_way_whose_clip_is_withdrawn_is_not_there(
    bob: User, carol: User, alice: User, likeness: Cameo, make_post: MakePost, client: Client
) -> None:
    gate, left, right = make_post(bob), make_post(bob, cast=(likeness,)), make_post(bob)
    lay((gate, left, right))
    uses.end_uses(cameo=likeness, uses=LikenessUse.objects.all(), reason="owner", now=NOW)
    choice = branches.choice(carol, gate, NOW)
    assert choice is not None and [way.label for way in choice.ways] == ["Right"]
    actions.take_down(post=right, by=bob, now=NOW)
    assert branches.choice(carol, gate, NOW) is None
    assert client.get(f"/api/v1/posts/{gate.public_id}/ways").status_code == 404
    assert client.get(f"/p/{gate.public_id}/ways").status_code == 404
    assert client.get(gate.get_absolute_url()).status_code == 200  # it plays on


def test_a_paid_way_is_offered_for_its_price(crossing: tuple[Post, Post, Post], carol: User) -> None:
    lay(crossing)
    entitlements.lock(crossing[1])
    choice = branches.choice(carol, crossing[0], NOW)
    assert choice is not None
    assert [(way.url, way.is_paid) for way in choice.ways][0] == (f"/unlock/{crossing[1].public_id}", True)
    entitlements.grant(post=crossing[1], person=carol, reference="order:1", now=NOW)
    again = branches.choice(carol, crossing[0], NOW)
    assert again is not None and not again.ways[0].is_paid


def test_what_cannot_be_asked_is_refused(
    crossing: tuple[Post, Post, Post], bob: User, carol: User, make_post: MakePost
) -> None:
    gate, left, right = crossing
    for changed in (
        {"question": " "}, {"at_ms": 0}, {"at_ms": 5001}, {"ways": [("Left", left)]},
        {"ways": [("Left", left), ("Left", left)]}, {"ways": [("", left), ("Right", right)]},
        {"ways": [(str(n), make_post(bob)) for n in range(5)]},
    ):  # fmt: skip
        with pytest.raises(BadBranch):
            lay(crossing, **changed)
    for target in (gate, make_post(carol)):
        with pytest.raises(BranchElsewhere):
            lay(crossing, ways=[("Left", left), ("Away", target)])
    with pytest.raises(NotYourPost):
        lay(crossing, by=carol)
    assert not BranchPoint.objects.exists()


def test_laying_anew_replaces_and_taking_away_ends(crossing: tuple[Post, Post, Post], bob: User) -> None:
    lay(crossing)
    lay(crossing, question="Well?")
    assert BranchPoint.objects.get().question == "Well?"
    branches.take_away(post=crossing[0], by=bob)
    branches.take_away(post=crossing[0], by=bob)
    crossing[0].refresh_from_db()
    assert not crossing[0].has_ways and branches.choice(NOBODY, crossing[0], NOW) is None


def test_bob_lays_the_ways_on_the_page(crossing: tuple[Post, Post, Post], bob: User, client: Client) -> None:
    gate, left, right = crossing
    client.force_login(bob)
    address = f"/p/{gate.public_id}/ways/lay"
    assert "Make it playable" in client.get(address).content.decode()
    sent = {
        "question": "Where to?", "at": "4.5", "label_0": "Left", "target_0": str(left.public_id),
        "label_1": "Right", "target_1": str(right.public_id),
    }  # fmt: skip
    assert client.post(address, sent | {"at": "99"}).status_code == 422
    assert client.post(address, sent).status_code == 302
    assert BranchPoint.objects.get().at_ms == 4500
    assert client.get(address).content.decode().count("selected") >= 2
    sent_json = {"question": "?", "at_ms": 100, "ways": []}
    refused = client.put(f"/api/v1/posts/{gate.public_id}/ways", sent_json, "application/json")
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_branch")


def test_somebody_without_clips_is_told_what_is_needed(
    bob: User, make_post: MakePost, client: Client
) -> None:
    client.force_login(bob)
    page = client.get(f"/p/{make_post(bob).public_id}/ways/lay").content.decode()
    assert "Two more clips are needed" in page
