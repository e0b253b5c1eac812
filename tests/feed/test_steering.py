"""Steering: what people say, what it becomes, and what it does to the very next page."""

import json
from datetime import datetime

import pytest
from django.test import Client

from accounts.models import User
from feed import actions, steering, streams
from feed.models import Post
from feed.ranking import slate
from feed.ranking.rows import Catalogue, Item, Viewer
from feed.refusals import BadRules
from feed.steering import Rule, compile_words
from generation.models import Clip
from tests.feed.conftest import MakePost

NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("words", "rules"),
    [
        (
            "fewer dances, more cats, nothing from politics, more from people I know",
            ["less topic:dance -0.5", "more topic:cats +0.5", "never word:politics", "more known +0.5"],
        ),
        ("少点跳舞，多点猫，不要政治，多看我认识的人", None),
        ("a lot more dogs and birds", ["more topic:dogs +1", "more topic:birds +1"]),
        ("much less rain please", ["less topic:rain -1"]),
        ("No AI clips", ["never ai"]),
        ("more real footage and fewer ai videos", ["more human +0.5", "less ai -0.5"]),
        ("cats", ["more topic:cats +0.5"]),
        ("more cats; no cats", ["never topic:cats"]),
        ("more catalogues", ["more word:catalogues +0.5"]),
        ("大量海，很少城", ["more topic:beach +1", "less topic:city -1"]),
        ("不要人工智能，多看新人", ["never ai", "more new +0.5"]),
        ("#Knitting, fewer #rain", ["more word:knitting +0.5", "less topic:rain -0.5"]),
        ("", []),
        ("!!! ,,, and", []),
        ("more " + "x" * 5000, []),
    ],
)
def test_words_become_these_rules(words: str, rules: list[str] | None) -> None:
    if rules is None:
        rules = ["less topic:dance -0.5", "more topic:cats +0.5", "never word:政治", "more known +0.5"]
    assert [rule.text for rule in compile_words(words)] == rules


def test_what_is_said_is_read_back_the_same() -> None:
    rules = compile_words("fewer dances, more cats, no politics, more new people")
    assert steering.read(json.loads(json.dumps([rule.as_json() for rule in rules]))) == rules


@pytest.mark.parametrize(
    "given",
    [
        "more cats",
        {"kind": "topic"},
        [{"kind": "topic", "subject": "cats", "amount": float("nan")}],
        [{"kind": "topic", "subject": "cats", "amount": True}],
        [{"kind": "topic", "subject": "", "amount": 1}],
        [{"kind": "known", "subject": "bob", "amount": 1}],
        [{"kind": "spell", "subject": "cats", "amount": 1}],
        [{"kind": "topic", "subject": "x" * 41, "amount": 1}],
        [{"kind": "topic", "subject": "cats", "amount": 1}] * 10_000,
    ],
)
def test_what_is_no_rule_set_is_refused_by_name(given: object) -> None:
    with pytest.raises(BadRules):
        steering.read(given)


def test_an_amount_is_clamped() -> None:
    assert steering.read([{"kind": "ai", "subject": "", "amount": 1e300}]) == [Rule("ai", "", 2.0)]


def catalogue() -> Catalogue:
    topics = ("cats", "dance", "rain")
    return Catalogue(
        [
            Item(
                id=n,
                creator=n,
                published=NOW - n,
                topics=(topics[n % 3],),
                words=f"a {topics[n % 3]} clip",
                is_ai=n % 2 == 0,
                impressions=90,
            )
            for n in range(1, 31)
        ]
    )


def test_a_rule_is_a_term_of_the_score() -> None:
    rule = Rule("topic", "cats", 1.0)
    plain = {place.item: place.score for place in slate.build(Viewer(id=1), catalogue(), NOW, 30)}
    steered = slate.build(Viewer(id=1, rules=(rule,)), catalogue(), NOW, 30)
    for place in steered:
        added = 1.0 if place.item % 3 == 0 else 0.0
        assert place.contributions[rule.text] == added
        assert place.score == pytest.approx(plain[place.item] + added)
        assert sum(place.contributions.values()) == pytest.approx(place.score)
    assert sum(place.item % 3 == 0 for place in steered[:6]) > 2


def test_never_takes_away() -> None:
    never = Viewer(id=1, rules=(Rule("word", "rain", -2.0),))
    assert {place.item % 3 for place in slate.build(never, catalogue(), NOW, 30)} == {0, 1}


@pytest.mark.parametrize(("share", "made"), [(0.0, {0}), (0.25, {2, 3}), (0.5, {5}), (1.0, {10})])
def test_the_mix_of_ai_and_real_is_kept(share: float, made: set[int]) -> None:
    places = slate.build(Viewer(id=1, ai_share=share), catalogue(), NOW, 10)
    assert sum(place.item % 2 == 0 for place in places) in made


@pytest.mark.django_db
def test_carols_next_page_follows_her_words(
    bob: User, carol: User, make_post: MakePost, client: Client, now: datetime
) -> None:
    for n in range(4):
        make_post(bob, prompt="people dance", minutes_ago=n)
    cat = make_post(bob, prompt="a cat sleeps", minutes_ago=90)
    client.force_login(carol)
    client.post("/steer/words", {"words": "no dances, a lot more cats"})
    page = streams.for_you(carol, "", now)
    assert [card.id for card in page.cards] == [str(cat.public_id)]
    assert {"words": "Your rule: more topic:cats +1", "name": "more topic:cats +1", "value": 1.0} in (
        page.cards[0].why or {}
    )["terms"]
    assert len(streams.for_you(bob, "", now).cards) == 5


@pytest.mark.django_db
def test_muted_words_and_hidden_ai_leave_every_stream(
    bob: User, carol: User, make_post: MakePost, now: datetime
) -> None:
    spoiler = make_post(bob, caption="The ENDING of it")
    real = make_post(bob, caption="My street", origin=Clip.Origin.UPLOADED)
    plain = make_post(bob, caption="A kite")

    def seen(stream: str) -> set[str]:
        return {card.id for card in streams.STREAMS[stream](carol, "", now).cards}

    keep = {"person": carol, "rules": [], "ai_share": None, "now": now}
    actions.steer(muted_words=[" ending ", "", "ending"], hide_ai=False, **keep)
    for stream in ("for-you", "latest"):
        assert seen(stream) == {str(real.public_id), str(plain.public_id)}
    actions.steer(muted_words=[], hide_ai=True, **keep)
    for stream in ("for-you", "latest"):
        assert seen(stream) == {str(real.public_id)}
    assert Post.objects.visible_to(carol, now).filter(pk=spoiler.pk).exists()  # its address still answers


@pytest.mark.django_db
def test_rules_travel_as_file_and_link_and_change_nothing_unasked(
    alice: User, carol: User, client: Client
) -> None:
    client.force_login(alice)
    client.post("/steer/words", {"words": "more cats, 少点雨"})
    exported = client.get("/steer/rules.json").json()
    link = client.get("/steer").content.decode().split('href="/steer/shared')[1].split('"')[0]
    client.force_login(carol)
    assert b"more topic:cats +0.5" in client.get("/steer/shared" + link.replace("&amp;", "&")).content
    assert client.get("/api/v1/steering").json()["rules"] == []
    client.post("/steer/import", {"rules": json.dumps(exported)})
    texts = [rule["text"] for rule in client.get("/api/v1/steering").json()["rules"]]
    assert texts == ["more topic:cats +0.5", "less topic:rain -0.5"]
    client.post("/steer", {"amount-0": "0", "amount-1": "-2", "ai_share": "50", "muted_words": "a\nb"})
    kept = client.get("/api/v1/steering").json()
    assert [rule["text"] for rule in kept["rules"]] == ["never topic:rain"]
    assert (kept["ai_share"], kept["muted_words"]) == (50, ["a", "b"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("/steer", {"amount-0": "nan"}),
        ("/steer", {"amount-0": "much"}),
        ("/steer", {"ai_share": "101"}),
        ("/steer/import", {"rules": "[" * 5000}),
        ("/steer/import", {"rules": '{"rules": 3}'}),
    ],
)
def test_odd_forms_are_refused(carol: User, client: Client, address: str, form: dict[str, str]) -> None:
    client.force_login(carol)
    client.post("/steer/words", {"words": "more cats"})
    assert client.post(address, form).status_code == 422
    assert len(client.get("/api/v1/steering").json()["rules"]) == 1
