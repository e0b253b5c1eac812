"""A host learns weights from its own log, serves them only where they win, and goes back by one command."""

from datetime import datetime, timedelta
from io import StringIO

import numpy as np
import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import User
from feed import slates, streams
from feed.models import Experiment, Like, Post, RankerVersion, RankingNote, Slate, Watch
from feed.ranking import experiments, features, learning, live, ranker, sources, versions
from feed.ranking.ranker import Weights
from feed.ranking.rows import Catalogue, Event, Item, Onward, Viewer
from feed.refusals import BadExperiment
from tests.conftest import person
from tests.feed.conftest import MakePost

NOW = 1_800_000_000.0
HOUR = 3600.0
NONE = learning.Edges({}, {})


def town(seed: int = 0) -> tuple[list[Item], list[Event]]:
    """Forty people who like one of four topics each, and finish nothing else; popularity tells nothing."""
    draw = np.random.default_rng(seed)
    items = [
        Item(id=n, creator=n % 7, published=NOW - 800 * HOUR, topics=(f"t{n % 4}",)) for n in range(1, 121)
    ]
    events = []
    for who in range(40):
        for step, n in enumerate(draw.permutation(120)[:40] + 1):
            is_mine = int(n) % 4 == who % 4
            events.append(Event(who, int(n), NOW - (40 - step) * HOUR - who, 0.95 if is_mine else 0.05))
    return items, sorted(events, key=lambda event: event.at)


@pytest.fixture(scope="module")
def learnt() -> tuple[dict[str, float], dict[str, object], dict[str, float]]:
    made = learning.train(*town(), NONE, Weights("odd", {"popular": 1.0}))
    assert made is not None
    return made


def test_it_finds_that_topics_matter(
    learnt: tuple[dict[str, float], dict[str, object], dict[str, float]],
) -> None:
    weights, ways, figures = learnt
    assert weights["topics"] > 0.3
    assert figures["ndcg10"] > figures["current_ndcg10"] == figures["popular_ndcg10"]
    assert figures["held"] >= learning.LEAST_HELD and learning.wins(figures)
    assert weights["seen"] == ranker.WEIGHTS["seen"] and len(ways) > 50


def test_the_same_log_teaches_the_same(
    learnt: tuple[dict[str, float], dict[str, object], dict[str, float]],
) -> None:
    assert learning.train(*town(), NONE, Weights("odd", {"popular": 1.0})) == learnt


def test_too_little_teaches_nothing() -> None:
    items, events = town()
    assert learning.train(items, events[:100], NONE, ranker.BUILT_IN) is None
    alone = [Event(1, event.item, event.at, event.watched) for event in events]
    assert learning.train(items, alone, NONE, ranker.BUILT_IN) is None


@pytest.mark.parametrize(
    ("change", "does_win"),
    [
        ({}, True),
        ({"ndcg10": 0.29}, False),  # below what serves
        ({"popular_ndcg10": 0.4}, False),  # not above popularity
        ({"tenths_below_popularity": 3}, False),  # more people worse off
        ({"held": 10}, False),  # too few to say
    ],
)
def test_what_serves_must_win(change: dict[str, float], does_win: bool) -> None:
    figures = {
        "held": 100,
        "ndcg10": 0.4,
        "current_ndcg10": 0.3,
        "popular_ndcg10": 0.2,
        "tenths_below_popularity": 1,
        "current_tenths_below_popularity": 1,
    }
    assert learning.wins({**figures, **change}) is does_win


def test_the_past_is_seen_as_it_was() -> None:
    items, events = town()
    then = learning.as_of(items, events, events[100].at)
    before = [event for event in events if event.at < events[100].at]
    assert sum(item.impressions for item in then.items) == len(before)
    assert then.log == before[-live.LOG :]


def test_what_people_went_on_to_leads_on() -> None:
    onward = Onward.read({"1": [[2, 0.5], [3, 0.1]], "9": [[3, 0.2], [404, 1.0]]})
    items = [Item(n, n, NOW) for n in (1, 2, 3)]
    me = Viewer(7, history=(Event(7, 9, NOW - 5, 1.0), Event(7, 1, NOW, 1.0)))
    scores = sources.leading_on(me, Catalogue(items, (), onward))
    assert scores.tolist() == pytest.approx([0.0, 0.5, 0.1 + 0.85 * 0.2])
    assert sources.onward(me, Catalogue(items, (), onward), NOW, 5) == [2, 3]
    assert Onward.read({}) is None


# --- On the host's rows ------------------------------------------------------------------------------------


def version(name: str, at: datetime, **weights: float) -> RankerVersion:
    return RankerVersion.objects.create(
        version=name, weights={**ranker.WEIGHTS, **weights}, trained_at=at, figures={"ndcg10": 0.5}
    )


@pytest.mark.django_db
def test_a_night_on_an_empty_log_leaves_the_built_in_weights(now: datetime) -> None:
    assert learning.learn(now) is None
    assert RankingNote.objects.get().kind == RankingNote.Kind.TOO_LITTLE
    assert live.serving() is ranker.BUILT_IN


@pytest.mark.django_db
def test_a_night_on_a_lively_log_serves_or_refuses_with_figures(
    bob: User, carol: User, make_post: MakePost, now: datetime
) -> None:
    import uuid

    posts = [make_post(bob, caption=f"#{'ab'[n % 2]}topic", minutes_ago=3000) for n in range(40)]
    crowd = [person(f"viewer{n}") for n in range(16)]
    watched, liked = [], []
    for place, who in enumerate(crowd):
        for step in range(32):
            post = posts[(step + 3 * place) % 40]
            is_mine = post.pk % 2 == place % 2
            at = now - timedelta(minutes=900 - 25 * step - place)
            watched.append(
                Watch(post=post, viewer=who, visit=uuid.uuid4(), watch_ms=4900 if is_mine else 100, at=at)
            )
            if is_mine and step % 4 == 0:
                liked.append(Like(post=post, person=who, created_at=at))
    Watch.objects.bulk_create(watched)
    Like.objects.bulk_create(liked)
    streams.for_you(carol, "", now)
    made = learning.learn(now)
    assert made is not None and made.figures["held"] >= learning.LEAST_HELD
    assert made.state == ("serving" if learning.wins(made.figures) else "refused")
    assert RankingNote.objects.get().version == made.version
    if made.state == "serving":
        assert Slate.objects.get(person=carol).stale_since == now
        assert live.serving().version == made.version


@pytest.mark.django_db
def test_rolling_back_is_one_command_and_changes_the_next_page(
    bob: User, carol: User, make_post: MakePost, now: datetime
) -> None:
    make_post(bob)
    first, second = version("first", now), version("second", now, popular=2.0)
    versions.serve(first, now)
    versions.serve(second, now + timedelta(days=1))
    assert streams.for_you(carol, "", now).cards[0].why["version"] == "second"  # type: ignore[index]
    told = StringIO()
    call_command("ranker", "rollback", stdout=told)
    assert "first" in told.getvalue() and live.serving().version == "first"
    assert streams.for_you(carol, "", now).cards[0].why["version"] == "first"  # type: ignore[index]
    call_command("ranker", "rollback", stdout=told)
    assert live.serving() is ranker.BUILT_IN
    call_command("ranker", "rollback", stdout=told)  # nothing left to go back from
    assert live.serving() is ranker.BUILT_IN
    call_command("ranker", "list", stdout=told)
    assert "refused" in told.getvalue()


@pytest.mark.django_db
def test_only_one_version_serves(now: datetime) -> None:
    version("a", now)
    RankerVersion.objects.create(version="b", state="serving", trained_at=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        RankerVersion.objects.filter(version="a").update(state="serving")


@pytest.mark.django_db
def test_changes_are_published_and_failures_are_not(client: Client, now: datetime) -> None:
    versions.serve(version("learnt-x", now), now)
    RankingNote.objects.create(kind="failed", detail="KeyError: secret", at=now)
    html = client.get("/ranking").content.decode()
    assert "learnt-x serves." in html and "secret" not in html
    told = client.get("/api/v1/ranking").json()
    assert told["version"] == "learnt-x" and [one["kind"] for one in told["changes"]] == ["serving"]


@pytest.mark.django_db
def test_the_operator_sees_versions_and_figures(
    client: Client, operator: User, mod: User, now: datetime
) -> None:
    versions.serve(version("learnt-x", now), now)
    client.force_login(mod)
    assert client.get("/ranking/operator").status_code == 404
    client.force_login(operator)
    assert "0.5" in client.get("/ranking/operator").content.decode()
    assert client.post("/ranking/operator", {"do": "rollback"}).status_code == 302
    assert live.serving() is ranker.BUILT_IN
    assert client.post("/ranking/operator", {"do": "dance"}).status_code == 404


@pytest.mark.django_db
def test_whoever_is_in_an_experiment_sees_it_and_can_leave(
    client: Client, bob: User, carol: User, make_post: MakePost, now: datetime
) -> None:
    make_post(bob)
    tried = experiments.start(
        name="fresher", description="Newer clips first.", share=100, weights={"fresh": 2.0}, now=now
    )
    assert experiments.of(carol) == tried
    card = streams.for_you(carol, "", now).cards[0]
    assert card.why is not None and card.why["version"] == f"{ranker.VERSION}+fresher"
    fresh = next(term["value"] for term in card.why["terms"] if term["name"] == "fresh")
    assert fresh == pytest.approx(2.0, abs=0.1)
    client.force_login(carol)
    assert "You are in the experiment" in client.get("/ranking").content.decode()
    client.post("/ranking/experiments/fresher/leave")
    assert experiments.of(carol) is None and experiments.of(bob) == tried
    assert streams.for_you(carol, "", now).cards[0].why["version"] == ranker.VERSION  # type: ignore[index]
    experiments.stop(experiment=tried, now=now)
    assert experiments.of(bob) is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    "odd",
    [
        {"share": 0},
        {"share": 101},
        {"weights": {}},
        {"weights": {"fresh": float("nan")}},
        {"weights": {"bribes": 1.0}},
        {"weights": {"fresh": 99.0}},
        {"name": ""},
    ],
)
def test_odd_experiments_are_refused(odd: dict[str, object], now: datetime) -> None:
    fields: dict[str, object] = {"name": "x", "description": "d", "share": 5, "weights": {"fresh": 1.0}}
    with pytest.raises(BadExperiment):
        experiments.start(**{**fields, **odd}, now=now)  # type: ignore[arg-type]
    assert not Experiment.objects.exists()


@pytest.mark.django_db
def test_a_share_of_people_is_drawn_steadily(now: datetime) -> None:
    tried = Experiment.objects.create(
        name="x", description="d", share=30, weights={"fresh": 1.0}, started_at=now
    )
    drawn = [pk for pk in range(1, 2001) if experiments._draws(tried, pk)]
    assert 500 < len(drawn) < 700
    assert set(features.NAMES) >= set(tried.weights)
    assert slates.LENGTH > 0 and Post.objects.count() == 0
