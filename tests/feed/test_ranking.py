"""Ranking takes rows: what moves a clip up or down, and what the slate promises."""

import math
from dataclasses import replace

import numpy as np
import pytest

from feed.ranking import explain, features, ranker, slate, sources
from feed.ranking.rows import Catalogue, Event, Item, Viewer

NOW = 1_800_000_000.0
DAY = 86_400.0


def items(count: int = 30, creators: int = 10) -> list[Item]:
    return [
        Item(
            id=n,
            creator=n % creators,
            published=NOW - n * 3600,
            topics=(f"t{n % 5}",),
            likes=n % 7,
            impressions=30,
        )
        for n in range(1, count + 1)
    ]


def feature(name: str, viewer: Viewer, catalogue: Catalogue) -> dict[int, float]:
    column = features.matrix(viewer, catalogue, NOW)[:, features.NAMES.index(name)]
    return {item.id: float(value) for item, value in zip(catalogue.items, column, strict=True)}


def test_an_empty_log_still_makes_a_slate() -> None:
    places = slate.build(Viewer(), Catalogue(items()), NOW, 10)
    assert len(places) == len({place.item for place in places}) == 10


def test_an_empty_house_makes_an_empty_slate() -> None:
    assert slate.build(Viewer(), Catalogue([]), NOW, 10) == []
    assert slate.by_popularity(Catalogue([]), NOW, 10) == []


def test_a_follow_a_like_and_a_topic_each_lift() -> None:
    catalogue = Catalogue(items())
    follower = Viewer(id=1, followed=frozenset({3}))
    assert feature("followed", follower, catalogue)[3] == 1.0
    fan = Viewer(id=1, history=(Event(1, 3, NOW, 1.0, liked=True),))
    assert feature("creator", fan, catalogue)[13] > 0 == feature("creator", fan, catalogue)[4]
    assert feature("topics", fan, catalogue)[8] > 0
    tired = Viewer(id=1, history=(Event(1, 3, NOW, 0.0, refused=True),))
    assert feature("creator", tired, catalogue)[13] < 0 and feature("topics", tired, catalogue)[8] < 0


def test_people_who_liked_what_i_liked_lead_me_on() -> None:
    log = [Event(2, 5, NOW, 1.0, liked=True), Event(2, 9, NOW, 1.0, liked=True), Event(3, 11, NOW, 1.0)]
    catalogue = Catalogue(items(), log)
    me = Viewer(id=1, history=(Event(1, 5, NOW, 1.0),))
    scores = feature("co_watched", me, catalogue)
    assert scores[9] == 1.0 and scores[11] == 0.0
    assert sources.co_watched(me, catalogue, NOW, 5) == [9]


def test_near_words_are_near() -> None:
    vectors = {1: (1.0, 0.0), 2: (0.8, 0.6), 3: (0.0, 1.0)}
    catalogue = Catalogue([replace(item, vector=np.array(vectors[item.id])) for item in items(3)])
    me = Viewer(id=1, history=(Event(1, 1, NOW, 1.0),))
    scores = feature("similar", me, catalogue)
    assert scores[1] > scores[2] > scores[3]


def test_what_was_seen_comes_last() -> None:
    catalogue = Catalogue(items(12))
    me = Viewer(id=1, history=tuple(Event(1, n, NOW, 0.9) for n in range(1, 7)))
    order = [place.item for place in slate.build(me, catalogue, NOW, 12)]
    assert set(order[:6]) == set(range(7, 13))


def test_one_creator_does_not_fill_the_screen() -> None:
    loud = [Item(id=n, creator=1, published=NOW, likes=90) for n in range(1, 11)]
    quiet = [Item(id=n, creator=n, published=NOW - 5 * DAY) for n in range(11, 16)]
    order = slate.build(Viewer(), Catalogue([*loud, *quiet]), NOW, 4)
    creators = [1 if place.item <= 10 else place.item for place in order]
    assert creators.count(1) == 1


def test_every_fifth_place_is_a_chance() -> None:
    known = [replace(item, impressions=500, likes=50) for item in items(30)]
    unknown = Item(id=99, creator=77, published=NOW - 9 * DAY, impressions=0)
    places = slate.build(Viewer(), Catalogue([*known, unknown]), NOW, 10)
    assert [place.is_chance for place in places].index(True) == slate.CHANCE_EVERY - 1
    assert places[slate.CHANCE_EVERY - 1].item == 99


def test_chances_go_to_the_new_to_the_best_and_then_by_draw() -> None:
    known = [replace(item, impressions=500, likes=50) for item in items(60, creators=60)]
    old = [Item(id=n, creator=n, published=NOW - 9 * DAY, likes=n % 3) for n in range(100, 180)]
    new = [Item(id=n, creator=n, published=NOW - 3600) for n in range(200, 220)]
    catalogue = Catalogue([*known, *old, *new])

    def chances(viewer: int) -> list[int]:
        places = slate.build(Viewer(id=viewer), catalogue, NOW, 60)
        return [place.item for place in places if place.is_chance]

    mine, theirs = chances(1), chances(2)
    assert len(mine) == 12 and [item >= 200 for item in mine[::3]] == [True] * 4
    assert mine[:2] == theirs[:2]  # nobody is known yet: the best are the same
    drawn = [{item for n, item in enumerate(one) if n >= 2 and n % 3} for one in (mine, theirs)]
    assert all(100 <= item < 180 for one in drawn for item in one) and len(drawn[0] & drawn[1]) < 4
    assert chances(1) == mine  # within the hour


def test_a_slate_goes_on_without_what_was_shown() -> None:
    catalogue = Catalogue(items())
    first = [place.item for place in slate.build(Viewer(), catalogue, NOW, 10)]
    second = [place.item for place in slate.build(Viewer(), catalogue, NOW, 10, first)]
    assert not set(first) & set(second)


def test_contributions_are_the_score_and_have_words() -> None:
    for place in slate.build(Viewer(id=1, followed=frozenset({3})), Catalogue(items()), NOW, 10):
        assert sum(place.contributions.values()) == pytest.approx(place.score)
        assert explain.why(place)["version"] == ranker.VERSION
    assert set(explain.WORDS) == set(features.NAMES) == set(ranker.WEIGHTS)


def test_odd_numbers_break_nothing() -> None:
    strange = [
        Item(id=1, creator=1, published=NOW + 9 * DAY, likes=10**9),
        Item(id=2, creator=2, published=0.0, impressions=0, watched=5.0),
        Item(id=3, creator=3, published=NOW, vector=np.zeros(3)),
    ]
    me = Viewer(id=1, history=(Event(1, 3, NOW, 1.0), Event(1, 404, NOW, 1.0)))
    table = features.matrix(me, Catalogue(strange), NOW)
    assert np.isfinite(table).all() and np.abs(table).max() <= 1.5
    assert len(slate.build(me, Catalogue(strange), NOW, 10)) == 3


def test_rates_doubt_the_little_known() -> None:
    catalogue = Catalogue(
        [
            Item(id=1, creator=1, published=NOW, impressions=1, watched=1.0),
            Item(id=2, creator=2, published=NOW, impressions=200, watched=160.0),
            Item(id=3, creator=3, published=NOW, impressions=200, watched=40.0),
        ]
    )
    finished = feature("finished", Viewer(), catalogue)
    assert finished[2] > finished[1] > finished[3]
    assert math.isclose(finished[2], -finished[3], abs_tol=0.05)
