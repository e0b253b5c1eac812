"""Finding: by words and by meaning, in two languages; what trends; who stands on the boards."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Block, Follow, User
from cameos.models import Cameo, LikenessUse
from feed import actions, describing, preferences, search, trends
from feed.models import Hashtag, Like, Post, SearchWord, Trend
from feed.templatetags.captions import caption
from model import text as vectors_client
from tests.conftest import person
from tests.feed.conftest import MakePost

NOBODY = AnonymousUser()


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Two Cats & a GLASS bus", ["two", "cat", "a", "glass", "bus"]),
        ("naïve Ｆｕｌｌ #rain", ["naïve", "full", "rain"]),
        ("", []),
        ("!!! ... 🎈", []),
        ("猫", ["猫"]),
        ("会跳舞的猫", ["会跳", "跳舞", "舞的", "的猫"]),
        ("a猫b", ["a", "猫", "b"]),
    ],
)
def test_a_question_is_cut_into_words(said: str, words: list[str]) -> None:
    assert search.words_of(said, asked=True) == words


def test_a_text_keeps_single_characters_too() -> None:
    assert search.words_of("跳舞") == ["跳舞", "跳", "舞"]
    assert len(search.words_of("word " * 5000)) == 1
    assert len(search.words_of(" ".join(f"w{n}" for n in range(5000)))) == search.MOST_KEPT


def test_two_orders_become_one() -> None:
    assert search.fuse([1, 2, 3], [3, 4]) == [3, 1, 2, 4]
    assert search.fuse([], []) == []


@pytest.mark.parametrize(
    ("said", "html"),
    [
        ("#Rain & <b>", '<a href="/t/rain">#Rain</a> &amp; &lt;b&gt;'),
        ("a\nb #1", "a<br>b #1"),
        ('#"><script>', "#&quot;&gt;&lt;script&gt;"),
        ("#猫", '<a href="/t/%E7%8C%AB">#猫</a>'),
    ],
)
def test_tags_of_a_caption_lead_on_and_nothing_else_gets_through(said: str, html: str) -> None:
    assert caption(said) == html


@pytest.fixture
def clips(db: None, bob: User, make_post: MakePost, no_vectors: None) -> dict[str, Post]:
    said = {
        "cats": "two cats sleep in a box",
        "rain": "an umbrella in heavy rain",
        "猫": "一只会跳舞的猫",
        "dog": "a dog runs at the beach",
    }
    return {
        name: make_post(bob, caption=f"#{name}", prompt=prompt, minutes_ago=n)
        for n, (name, prompt) in enumerate(said.items())
    }


def found(asked: str, viewer: Any, now: datetime) -> list[str]:
    return [card.caption.removeprefix("#") for card in search.find(viewer, asked, now).clips]


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("cat", ["猫", "cats"]),  # the vocabulary of topics says that 猫 is about cats
        ("CATS sleeping in boxes", ["cats"]),
        ("umbrella rain", ["rain"]),
        ("跳舞", ["猫"]),
        ("猫", ["猫"]),
        ("#rain", ["rain"]),
        ("zebra", []),
    ],
)
def test_clips_are_found_by_words(
    asked: str, wanted: list[str], clips: dict[str, Post], now: datetime
) -> None:
    assert found(asked, NOBODY, now)[: len(wanted)] == wanted
    assert bool(found(asked, NOBODY, now)) is bool(wanted)


def test_search_obeys_who_may_see_what(
    clips: dict[str, Post], alice: User, bob: User, carol: User, now: datetime
) -> None:
    Block.objects.create(blocker=bob, blocked=carol, created_at=now)
    assert found("box", carol, now) == [] and search.people(carol, "bob") == []
    assert search.tags("rain", carol, now) == []
    assert [one.handle for one in search.people(alice, "@BOB")] == ["bob"]
    assert search.tags("#rain", alice, now) == [search.Tag("rain", 1)]
    actions.take_down(post=clips["cats"], by=bob, now=now)
    assert found("box", alice, now) == []
    assert not SearchWord.objects.filter(post=clips["cats"]).exists()


def test_whose_handle_it_is_comes_first_among_any_number(alice: User, now: datetime) -> None:
    many = [User(username=f"bo{n:03}", display_name="Bo", birth_date="1990-01-01") for n in range(210)]
    many = User.objects.bulk_create([*many, User(username="bo", birth_date="1990-01-01")])
    Follow.objects.create(follower=alice, followee=many[3], created_at=now)
    with CaptureQueriesContext(connection) as statements:
        shown = search.people(alice, "Bo")
    assert shown[0].handle == "bo" and len(shown) == 12 and len(statements) <= 4


def test_a_hidden_prompt_is_not_found_by_its_words(bob: User, make_clip: Any, now: datetime) -> None:
    clip = make_clip(bob, prompt="a secret zebra")
    type(clip).objects.filter(pk=clip.pk).update(prompt_hidden=True)
    clip.refresh_from_db()
    actions.publish(clip=clip, creator=bob, caption="open", now=now)
    assert search.by_words(["zebra"]) == [] and len(search.by_words(["open"])) == 1


def test_older_posts_are_indexed_by_the_sweep(clips: dict[str, Post], now: datetime) -> None:
    SearchWord.objects.all().delete()
    assert found("box", NOBODY, now) == []
    assert search.index_missing() == 4 and search.index_missing() == 0
    assert found("box", NOBODY, now) == ["cats"]


def test_clips_are_found_by_meaning_across_languages(
    vectors: str, bob: User, make_post: MakePost, now: datetime
) -> None:
    for n, prompt in enumerate(["a kitten asleep on a sofa", "rockets fly to the moon", "soup is cooked"]):
        make_post(bob, caption=f"#{n}x", prompt=prompt)
    describing.describe_missing()
    answer = search.find(NOBODY, "一只睡觉的猫", now)
    assert answer.by_meaning and answer.clips[0].caption == "#0x"
    taken = Post.objects.get(caption="#0x")
    describing.forget([str(taken.public_id)])
    assert str(taken.public_id) not in dict(
        vectors_client.search("posts", vectors_client.embed(["kitten"])[0], 9)
    )
    assert describing.fill_index() == 0  # it still holds the others


def test_with_the_vectors_away_words_answer_and_the_page_says_so(
    clips: dict[str, Post], client: Client
) -> None:
    html = client.get("/search", {"q": "cat"}).content.decode()
    assert f"/p/{clips['cats'].public_id}" in html and "by words alone" in html
    assert client.get("/api/v1/search", {"q": "cat"}).json()["by_meaning"] is False


@pytest.mark.parametrize("asked", ["x" * 5000, "'; DROP TABLE", "%_\\", "\x00\u202e", "猫" * 5000, "(" * 200])
def test_odd_questions_are_answered(asked: str, clips: dict[str, Post], client: Client) -> None:
    cache.clear()
    assert client.get("/search", {"q": asked}).status_code == 200
    assert len(client.get("/api/v1/search", {"q": asked}).json()["asked"]) <= search.LONGEST


def test_a_tag_has_a_page(clips: dict[str, Post], client: Client) -> None:
    assert str(clips["rain"].public_id) in client.get("/t/Rain").content.decode()
    assert client.get("/t/none").status_code == 404
    assert client.get("/t/rain", {"cursor": "forged"}).status_code == 400


# --- Trending ----------------------------------------------------------------------------------------------


def voice(person: int, post: int, **more: Any) -> trends.Voice:
    return trends.Voice(
        **{"person": person, "group": person, "post": post, "creator": post, "age_h": 0.0} | more
    )


def test_a_hundred_accounts_of_one_invite_count_as_ten() -> None:
    farm = [voice(n, 1, group=7) for n in range(100)]
    crowd = [voice(n, 2) for n in range(11)]
    score = trends.loudness([*farm, *crowd])
    assert score[1] == pytest.approx(10.0) and score[2] == pytest.approx(11.0)


def test_one_person_counts_once_for_one_creator_and_old_likes_fade() -> None:
    score = trends.loudness([voice(1, post, creator=9) for post in range(5)])
    assert sum(score.values()) == 1.0
    assert trends.loudness([voice(1, 1, age_h=12.0)]) == {1: 0.5}


@pytest.fixture
def grown(now: datetime) -> Callable[..., list[User]]:
    """People whose accounts are a month old."""

    def make(count: int, name: str = "fan", **fields: Any) -> list[User]:
        return [person(f"{name}{n}", date_joined=now - timedelta(days=30), **fields) for n in range(count)]

    return make


def like(post: Post, people: list[User], at: datetime) -> None:
    Like.objects.bulk_create(Like(post=post, person=one, created_at=at) for one in people)


def test_bought_likes_do_not_trend(
    alice: User,
    bob: User,
    mallory: User,
    make_post: MakePost,
    grown: Callable[..., list[User]],
    now: datetime,
) -> None:
    loved, bought, own = make_post(alice, "#loved"), make_post(mallory, "#bought"), make_post(bob, "#own")
    like(loved, grown(4), now - timedelta(hours=1))
    like(bought, [person(f"new{n}", date_joined=now - timedelta(hours=5)) for n in range(30)], now)
    like(bought, grown(9, "farm", invited_by=mallory), now - timedelta(hours=1))
    like(own, [bob], now)
    trends.refresh(now)
    board = Trend.objects.filter(board="clips").order_by("rank").values_list("post", flat=True)
    assert list(board) == [loved.pk, bought.pk]
    assert [place.name for place in trends.boards(NOBODY, now).tags] == ["loved", "bought"]


def test_boards_show_whoever_wants_to_be_on_them(
    alice: User, bob: User, carol: User, likeness: Cameo, make_post: MakePost, client: Client, now: datetime
) -> None:
    source = make_post(bob, cast=(likeness,))
    make_post(carol, parent=source.clip)
    trends.refresh(now)
    boards = trends.boards(NOBODY, now)
    assert [place.name for place in boards.remixed] == ["Bob"]
    assert [place.name for place in boards.cast] == ["Alice"]
    client.force_login(alice)
    client.post("/explore/boards", {"on": "0"})
    assert trends.boards(NOBODY, now).cast == []
    trends.refresh(now)
    assert trends.boards(NOBODY, now).cast == []
    preferences.change(person=alice, on_boards=True, now=now)
    LikenessUse.objects.all().update(state=LikenessUse.State.ENDED)
    trends.refresh(now)
    assert trends.boards(NOBODY, now).cast == []  # nobody is on a board for a clip that is hidden


def test_remixing_oneself_is_no_fame(bob: User, make_post: MakePost, now: datetime) -> None:
    source = make_post(bob)
    make_post(bob, parent=source.clip)
    trends.refresh(now)
    assert trends.boards(NOBODY, now).remixed == []


def test_explore_makes_old_boards_anew_and_hides_what_is_blocked(
    alice: User, carol: User, make_post: MakePost, grown: Callable[..., list[User]], now: datetime
) -> None:
    post = make_post(alice)
    assert trends.boards(carol, now).clips == []
    like(post, grown(2), now)
    assert len(trends.boards(carol, now + trends.LASTS).clips) == 1
    Block.objects.create(blocker=alice, blocked=carol, created_at=now)
    assert trends.boards(carol, now + trends.LASTS).clips == []


def test_two_who_make_the_boards_at_once_are_both_shown_them(
    alice: User,
    make_post: MakePost,
    grown: Callable[..., list[User]],
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    post = make_post(alice, "#rain", minutes_ago=60)
    like(post, grown(2), now - timedelta(hours=1))
    trends.refresh(now - trends.LASTS)
    standing, put = list(Trend.objects.order_by("pk")), Trend.objects.bulk_create

    def late(rows: list[Trend]) -> object:
        """The other one's rows were put after ours looked which to take away."""
        put([Trend(board=row.board, rank=row.rank, score=1.0, made_at=now) for row in rows])
        return put(rows)

    monkeypatch.setattr(Trend.objects, "bulk_create", late)
    assert [card.id for card in trends.boards(NOBODY, now).clips] == [str(post.public_id)]
    assert list(Trend.objects.order_by("pk")) == standing


def test_a_tag_leaves_the_board_with_its_last_clip(
    alice: User, make_post: MakePost, grown: Callable[..., list[User]], now: datetime
) -> None:
    post = make_post(alice, "#alice")
    like(post, grown(2), now)
    trends.refresh(now)
    assert [place.name for place in trends.boards(NOBODY, now).tags] == ["alice"]
    Post.objects.update(state=Post.State.WITHDRAWN)
    assert trends.boards(NOBODY, now).tags == []


def test_a_quiet_day_offers_tags_of_clips_that_everybody_may_see(
    alice: User, bob: User, likeness: Cameo, make_post: MakePost, client: Client, now: datetime
) -> None:
    cache.delete(trends.EVERYDAY)
    for n in range(2):
        make_post(bob, "#rain #street", minutes_ago=n)
    make_post(bob, "#street")
    hidden, withdrawn = make_post(bob, "#ugly"), make_post(bob, "#alice", cast=(likeness,))
    names = [tag.name for tag in trends.everyday_tags(now)]
    assert names == ["street", "rain", "alice", "ugly"]
    Post.objects.filter(pk=hidden.pk).update(state=Post.State.HIDDEN)
    LikenessUse.objects.filter(clip=withdrawn.clip).update(state=LikenessUse.State.ENDED)
    assert [tag.name for tag in trends.everyday_tags(now)] == ["street", "rain"]
    for path in ("/explore", "/search"):
        html = client.get(path).content.decode()
        assert "/t/rain" in html and "/t/alice" not in html and "/t/ugly" not in html


def test_tags_of_a_quiet_day_are_counted_once_a_quarter_of_an_hour(
    bob: User, make_post: MakePost, now: datetime, django_assert_num_queries: Any
) -> None:
    cache.delete(trends.EVERYDAY)
    posts = [make_post(bob, " ".join(f"#t{8 * k + n}" for n in range(8))) for k in range(3)]
    assert len(trends.everyday_tags(now)) == trends.TAGS
    Post.objects.filter(pk=posts[0].pk).update(state=Post.State.HIDDEN)
    with django_assert_num_queries(1):
        assert len(trends.everyday_tags(now)) < trends.TAGS  # what is hidden is not kept
    cache.delete(trends.EVERYDAY)


@pytest.mark.django_db
def test_explore_on_an_empty_house(client: Client) -> None:
    assert client.get("/explore").status_code == client.get("/search").status_code == 200
    assert client.get("/api/v1/explore").json() == {"clips": [], "tags": [], "remixed": [], "cast": []}
    assert Hashtag.objects.count() == 0
