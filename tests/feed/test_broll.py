"""B-roll: clips that show nobody, offered, found by meaning, licensed, and used."""

import pytest
from django.test import Client

from accounts.models import Block, User
from cameos.models import Cameo
from feed import broll, describing, rights
from feed.models import Post
from feed.refusals import BrollFilmed, BrollShowsPeople, NotYourPost
from generation import actions
from generation.models import Clip
from model import text as vectors
from tests.conftest import NOW
from tests.feed.conftest import MakePost


def test_only_clips_without_people_are_offered(
    bob: User, carol: User, likeness: Cameo, make_post: MakePost
) -> None:
    with pytest.raises(BrollShowsPeople):
        broll.offer(post=make_post(bob, cast=(likeness,)), by=bob)
    with pytest.raises(NotYourPost):
        broll.offer(post=make_post(bob), by=carol)
    filmed = make_post(bob)
    Clip.objects.filter(pk=filmed.clip_id).update(origin=Clip.Origin.UPLOADED)
    with pytest.raises(BrollFilmed):
        broll.offer(post=Post.objects.get(pk=filmed.pk), by=bob)
    assert not Post.objects.filter(is_broll=True).exists()


def test_it_is_found_by_what_it_means(
    bob: User, carol: User, make_post: MakePost, vectors: str, client: Client
) -> None:
    sea = make_post(bob, prompt="waves break on the rocks of a stormy coast")
    town = make_post(bob, prompt="traffic lights and cars at a busy crossing")
    make_post(bob, prompt="the ocean at dusk, not offered")
    for post in (sea, town):
        broll.offer(post=post, by=bob)
        describing.describe(post.pk)
    found, by_meaning = broll.found(carol, "the sea is rough", NOW)
    assert by_meaning and [one.card.id for one in found][:1] == [str(sea.public_id)]
    assert str(town.public_id) not in [one.card.id for one in found][:1]
    newest, _ = broll.found(carol, "", NOW)
    assert {one.card.id for one in newest} == {str(sea.public_id), str(town.public_id)}
    Block.objects.create(blocker=bob, blocked=carol, created_at=NOW)
    assert broll.found(carol, "the sea is rough", NOW)[0] == []


def test_without_the_vectors_words_answer(
    bob: User, carol: User, make_post: MakePost, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    sea = make_post(bob, prompt="waves break on the rocks")
    broll.offer(post=sea, by=bob)
    monkeypatch.setattr(vectors, "_address", "unix:/nowhere/vectors")
    found, by_meaning = broll.found(carol, "waves", NOW)
    assert not by_meaning and [one.card.id for one in found] == [str(sea.public_id)]
    page = client.get("/broll?q=zeppelin").content.decode()
    assert "Nothing like it is offered" in page and "Only words are compared" in page


def test_nobody_offers_anything_yet(client: Client, db: None) -> None:
    assert "Nobody offers B-roll yet" in client.get("/broll").content.decode()
    assert client.get("/api/v1/broll").json()["clips"] == []


def test_a_licence_opens_what_others_may_not_remix(bob: User, carol: User, make_post: MakePost) -> None:
    post = make_post(bob)
    rights.change(post=post, by=bob, now=NOW, allow_remix=False)
    broll.offer(post=post, by=bob)
    assert not actions.remixable(post.clip, carol)
    broll.grant(post=post, holder=carol, reference="order:1", now=NOW)
    broll.grant(post=post, holder=carol, reference="order:1", now=NOW)
    assert actions.remixable(post.clip, carol) and broll.holds(post, carol)
    broll.take_back(post=post, by=bob)
    assert actions.remixable(post.clip, carol)  # what was given stays
    assert [card.id for card in broll.held_by(carol, NOW)] == [str(post.public_id)]
    broll.end(reference="order:1", now=NOW)
    assert not actions.remixable(post.clip, carol)


def test_a_licence_reaches_nothing_that_is_gone(bob: User, carol: User, make_post: MakePost) -> None:
    post = make_post(bob)
    broll.offer(post=post, by=bob)
    broll.grant(post=post, holder=carol, reference="order:1", now=NOW)
    Post.objects.update(state=Post.State.WITHDRAWN)
    assert not actions.remixable(post.clip, carol) and broll.held_by(carol, NOW) == []
