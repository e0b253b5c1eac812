"""The simulated town: the same for a seed, alive in the feed, and only in an empty database."""

from datetime import UTC, datetime

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from accounts.models import Block, Follow, User
from feed import search, streams
from feed.models import Like, Post, SearchWord, Watch
from feed.town import fill
from feed.town import people as who

UNTIL = datetime(2026, 11, 20, 12, tzinfo=UTC)
SIZE = fill.Size(60, 400, 14, 3)


def rows() -> list[object]:
    posts = Post.objects.order_by("pk").values_list(
        "public_id", "creator_id", "caption", "published_at", "like_count"
    )
    watches = Watch.objects.order_by("visit").values_list("visit", "viewer_id", "post_id", "watch_ms", "at")
    return [*posts, *watches, *Follow.objects.order_by("pk").values_list("follower_id", "followee_id")]


@pytest.mark.django_db
def test_the_town_is_alive_and_its_next_person_stands_behind_it() -> None:
    fill.fill(SIZE, UNTIL, lambda line: None)
    viewer = User.objects.get(username="town7")
    for stream in streams.STREAMS.values():
        assert all(card.creator.handle.startswith("town") for card in stream(viewer, "", UNTIL).cards)
    assert len(streams.for_you(viewer, "", UNTIL).cards) == 10
    assert not streams.following(User.objects.get(username="town_alone"), "", UNTIL).cards
    assert Block.objects.filter(blocker__username="town_blocks").count() >= 20
    assert search.by_words(["cat"]) and SearchWord.objects.filter(word="neighbour").count() == SIZE.clips
    liked = Like.objects.values_list("post_id", flat=True)
    assert sum(Post.objects.values_list("like_count", flat=True)) == len(liked)
    assert User.objects.create_user("newcomer").pk > SIZE.people


@pytest.mark.django_db
def test_the_same_seed_and_moment_give_the_same_town() -> None:
    fill.fill(SIZE, UNTIL, lambda line: None)
    first = rows()
    for model in (SearchWord, Watch, Like, Follow):
        model.objects.all().delete()
    from feed.models import Steering
    from generation.models import Clip, Rendition

    for model in (Post.hashtags.through, Post, Rendition, Clip, Steering, Block, User):
        model._base_manager.all().delete()
    from feed.models import Hashtag

    Hashtag.objects.all().delete()
    fill.fill(SIZE, UNTIL, lambda line: None)
    again = rows()
    assert first[: SIZE.clips] == again[: SIZE.clips] and len(first) == len(again)


def test_people_watch_what_they_truly_like_longer() -> None:
    town = who.settle(200, 3000, 14, 1)
    person, clip, ago, fraction, liked = who.watched(town, 8000, 1)
    wanted = town.wanted(person, clip)
    assert np.corrcoef(wanted, fraction)[0, 1] > 0.5
    assert wanted[liked].mean() > wanted.mean() + 0.1
    assert (ago <= town.age[clip]).all() and np.unique(person * 3000 + clip).size == len(person)
    assert len({who.text_of(n) for n in range(who.MOST_TEXTS)}) <= who.MOST_TEXTS


@pytest.mark.django_db
@pytest.mark.parametrize("odd", [{"people": 3}, {"clips": 0}, {"days": 0}, {"seed": -1}, {"until": "soon"}])
def test_a_town_of_odd_numbers_is_refused(odd: dict[str, object]) -> None:
    with pytest.raises(CommandError):
        call_command("town", **odd)
    assert not User.objects.exists()


@pytest.mark.django_db
def test_a_house_with_people_in_it_is_left_alone(alice: User) -> None:
    with pytest.raises(CommandError, match="empty"):
        call_command("town", people=50, clips=100)
    assert User.objects.count() == 1
