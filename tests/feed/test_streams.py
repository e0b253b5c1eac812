"""Pages of the streams: order, going on, the number of queries, and what an action changes."""

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.actions import follow
from accounts.models import CircleMember, Mute, User
from cameos.models import Cameo
from feed import actions, cards, lineage, streams
from feed import followed as followed_posts
from feed.models import Episode, Post, Series
from generation.models import Clip, Rendition
from tests.feed.conftest import MakePost

pytestmark = pytest.mark.django_db
NOBODY = AnonymousUser()


def walk(stream: str, viewer: object, now: datetime) -> list[str]:
    """Every card's id, page after page."""
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = streams.STREAMS[stream](viewer, cursor, now)  # type: ignore[arg-type]
        seen += [card.id for card in page.cards]
        cursor = page.next
    return seen


@pytest.mark.parametrize("stream", ["latest", "for-you"])
def test_every_clip_comes_once(
    stream: str, alice: User, bob: User, make_post: MakePost, now: datetime
) -> None:
    posts = [make_post((alice, bob)[n % 2], minutes_ago=n // 2) for n in range(25)]
    seen = walk(stream, NOBODY, now)
    assert len(seen) == len(set(seen)) == 25
    if stream == "latest":
        newest = sorted(posts, key=lambda post: (post.published_at, post.pk), reverse=True)
        assert seen == [str(post.public_id) for post in newest]


def test_a_page_costs_the_same_whatever_is_on_it(
    alice: User,
    bob: User,
    likeness: Cameo,
    make_post: MakePost,
    now: datetime,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for n in range(10):
        make_post(bob, minutes_ago=n, cast=(likeness,))
    with django_assert_max_num_queries(1):
        assert len(streams.latest(NOBODY, "", now).cards) == 10
    with django_assert_max_num_queries(2):  # how she steers, and the page
        assert len(streams.latest(alice, "", now).cards) == 10
    with django_assert_max_num_queries(24):  # nothing was kept for him: the slate is made in the request
        assert len(streams.for_you(bob, "", now).cards) == 10
    with django_assert_max_num_queries(2):  # the slate, and the cards that he may still see
        assert len(streams.for_you(bob, "", now).cards) == 10


def test_the_next_page_knows_what_carol_just_did(
    alice: User, bob: User, carol: User, make_post: MakePost, now: datetime
) -> None:
    cats = [make_post(alice, caption=f"#cats {n}", minutes_ago=n, prompt="a cat walks") for n in range(6)]
    dogs = [make_post(bob, caption=f"#dogs {n}", minutes_ago=n, prompt="a dog walks") for n in range(6)]
    for post in dogs[:3]:
        actions.like(post=post, person=carol, now=now)
    for post in cats[:3]:
        actions.not_interested(post=post, person=carol, now=now)
    unseen = [
        card
        for card in streams.for_you(carol, "", now).cards
        if card.id in {str(p.public_id) for p in cats[3:] + dogs[3:]}
    ]
    assert unseen[0].creator.handle == "bob"
    why = {term["name"]: term["value"] for term in (unseen[0].why or {})["terms"]}
    assert why["creator"] > 0 and why["topics"] > 0


def test_why_this_adds_up(bob: User, carol: User, make_post: MakePost, now: datetime) -> None:
    for n in range(4):
        actions.like(post=make_post(bob, minutes_ago=n * 50), person=carol, now=now)
    for card in streams.for_you(carol, "", now).cards:
        assert card.why is not None
        assert sum(term["value"] for term in card.why["terms"]) == pytest.approx(card.why["score"], abs=0.05)


def test_the_same_moment_gives_the_same_order(
    bob: User, carol: User, make_post: MakePost, now: datetime
) -> None:
    for n in range(12):
        make_post(bob, minutes_ago=n)
    first, again = (streams.for_you(carol, "", now).cards for _ in range(2))
    assert first == again


def test_a_broken_ranker_costs_the_order_and_not_the_page(
    bob: User,
    make_post: MakePost,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    make_post(bob)
    monkeypatch.setitem(__import__("feed.ranking.ranker", fromlist=["x"]).__dict__, "score", None)
    assert len(streams.for_you(NOBODY, "", now).cards) == 1
    assert "by popularity" in caplog.text


def test_one_clip_per_address_comes_first_with_its_card_for_other_sites(
    bob: User, make_post: MakePost, client: Client
) -> None:
    make_post(bob)
    post = make_post(bob, caption='The "owl" & friends', minutes_ago=60)
    html = client.get(f"/p/{post.public_id}").content.decode()
    assert html.index(f'data-id="{post.public_id}"') == html.index("data-id=")
    assert 'property="og:title" content="The &quot;owl&quot; &amp; friends"' in html


def test_more_draws_the_cards_that_the_page_drew(bob: User, make_post: MakePost, client: Client) -> None:
    for n in range(12):
        make_post(bob, minutes_ago=n)
    html = client.get("/latest").content.decode()
    cursor = html.split(' data-next="')[1].split('"')[0]
    answer = client.get("/feed/latest/more", {"cursor": cursor}).json()
    assert len(answer["cards"]) == 2 and answer["next"] is None
    assert answer["cards"][0].lstrip().startswith("<article")
    assert client.get("/feed/nonsense/more", {"cursor": cursor}).status_code == 404


def test_a_remix_credits_its_source_and_the_tree_shows_both(
    alice: User, bob: User, carol: User, make_post: MakePost, now: datetime
) -> None:
    source = make_post(bob)
    child = make_post(carol, parent=source.clip)
    grandchild = make_post(alice, parent=child.clip)
    card = cards.one(NOBODY, child, now)
    assert card.parent == {"url": f"/p/{source.public_id}", "name": "Bob"}
    tree = lineage.tree(NOBODY, grandchild, now)
    assert tree.card.id == str(source.public_id)
    assert tree.children[0].children[0].is_here


def test_a_withdrawn_source_leaves_the_tree(
    bob: User, carol: User, make_post: MakePost, now: datetime
) -> None:
    source = make_post(bob)
    child = make_post(carol, parent=source.clip)
    Post.objects.filter(pk=source.pk).update(state=Post.State.WITHDRAWN)
    assert cards.one(NOBODY, child, now).parent is None
    assert lineage.tree(NOBODY, child, now).card.id == str(child.public_id)


def test_the_first_page_is_light(bob: User, make_post: MakePost, client: Client) -> None:
    for n in range(10):
        make_post(bob, minutes_ago=n, caption="A caption of some length, with #tags and words")
    first, next_one = (client.get("/", headers={"Accept-Encoding": "gzip"}) for _ in range(2))
    assert len(first.content) < 20_000  # with its style sheets inside
    assert len(next_one.content) < 8_000


def test_everything_the_player_imports_is_asked_for_at_once(
    bob: User, make_post: MakePost, client: Client
) -> None:
    """By the names that it is imported by: another name would load it twice."""
    make_post(bob)
    html, player = client.get("/").content.decode(), settings.BASE_DIR / "static/js/elements/clip-feed.js"
    imported = re.findall(r'from "\.\./(.+)"', player.read_text())
    assert len(imported) > 5
    for name in ("elements/clip-feed.js", *imported):
        assert f'<link rel="modulepreload" href="{settings.STATIC_URL}js/{name}">' in html


def test_the_feed_may_not_be_scrolled_into_the_past_of_another_day(
    bob: User, make_post: MakePost, now: datetime
) -> None:
    make_post(bob)
    assert streams.latest(NOBODY, "", now - timedelta(days=1)).cards == []


def test_a_program_reads_the_very_cards_that_pages_draw(
    alice: User, bob: User, carol: User, likeness: Cameo, make_post: MakePost, now: datetime
) -> None:
    """PostgreSQL writes them as text itself; whatever can be on a card is on one of these."""
    source = make_post(bob, caption='A "quoted" \\ line\nand 猫 😀 </script>')
    with_parts = make_post(carol, cast=(likeness,), parent=source.clip, minutes_ago=3)
    bare, hidden = make_post(alice, caption="", minutes_ago=5), make_post(alice, minutes_ago=7)
    Rendition.objects.filter(clip=bare.clip).delete()
    Rendition.objects.filter(clip=source.clip, kind=Rendition.Kind.MP4_720).delete()
    Clip.objects.filter(pk=hidden.clip_id).update(prompt_hidden=True, origin=Clip.Origin.UPLOADED)
    User.objects.filter(pk=carol.pk).update(display_name="\u3000Zoë “C”")
    show = Series.objects.create(creator=bob, title="A “show”", created_at=now, locked_at=now)
    Episode.objects.create(series=show, post=source, number=2, title="Two", added_at=now)
    Post.objects.filter(pk=source.pk).update(has_ways=True, allow_download=False)
    actions.like(post=source, person=alice, now=now)
    follow(follower=alice, followee=bob, now=now)
    for viewer in (NOBODY, alice, carol):
        for stream in ("latest", "for-you", "following"):
            drawn = streams.STREAMS[stream](viewer, "", now)
            ready = streams.STREAMS[stream](viewer, "", now, form=cards.ready())
            page = json.loads(ready.as_text())
            assert page["next"] == ready.next
            assert [_plain(card) for card in page["posts"]] == [
                _plain(card.as_json()) for card in drawn.cards
            ]
            if stream != "following":
                assert len(drawn.cards) == 4
    assert with_parts.clip.cast_count == 1


def test_the_circle_has_a_page_of_its_own(
    alice: User, bob: User, carol: User, make_post: MakePost, client: Client, now: datetime
) -> None:
    close, followed = make_post(bob), make_post(alice)
    follow(follower=carol, followee=alice, now=now)
    assert client.get("/circle/clips")["Location"] == "/login?next=/circle/clips"
    client.force_login(carol)
    html = client.get("/circle/clips").content.decode()
    assert "Nobody of your circle is on stage yet" in html and 'href="/circle"' in html
    CircleMember.objects.create(owner=carol, member=bob, created_at=now)
    html = client.get("/circle/clips").content.decode()
    assert str(close.public_id) in html and str(followed.public_id) not in html
    assert 'data-more="/feed/circle/more"' in html and "Clips by your circle</h1>" in html
    assert '<a href="/circle/clips" aria-current="page">Circle</a>' in html


def _plain(card: dict[str, Any]) -> dict[str, Any]:
    return {**card, "published_at": datetime.fromisoformat(card["published_at"])}


def test_people_few_enough_are_asked_one_by_one_and_the_pages_are_the_same(
    alice: User, bob: User, carol: User, mallory: User, mod: User, make_post: MakePost, now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """PostgreSQL goes from person to person; what it finds is what the whole table says."""
    for followed in (alice, bob, mallory):
        follow(follower=carol, followee=followed, now=now)
    Mute.objects.create(muter=carol, muted=mallory, created_at=now)
    for n in range(40):
        post = make_post((alice, bob, mallory, mod)[n % 4], minutes_ago=n // 3)
        if n % 9 == 0:
            Post.objects.filter(pk=post.pk).update(state=Post.State.HIDDEN)
        if n % 8 == 3:
            actions.repost(post=post, person=alice, now=now)
    near = walk("following", carol, now)
    monkeypatch.setattr(followed_posts, "can_tell", lambda: False)
    assert near == walk("following", carol, now) and len(near) == len(set(near)) > 2 * streams.PAGE
