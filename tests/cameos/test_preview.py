"""The sentences beside the grant editor against the gate, with real people and saved grants."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
from django.utils import translation

from accounts.models import User
from cameos import consent, preview, wording
from cameos.consent import Brief, Question
from cameos.models import Audience, Cameo, LikenessGrant, Purpose
from cameos.terms import Terms
from tests.accounts.people import signed_in
from tests.cameos.making import befriend, grant, likeness_of, take_close
from tests.conftest import person

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TERMS = [
    Terms(audience=audience, purposes=frozenset(purposes), show_me_first=first, **more)
    for audience, purposes, first, more in product(
        Audience,
        [("generate",), ("generate", "remix", "advertise")],
        [True, False],
        [
            {},
            {"commercial": True, "voice": True},
            {"minimum_age": 18, "count_limit": 3},
        ],
    )
]


@pytest.fixture
def likeness(alice: User, now: datetime) -> Cameo:
    return likeness_of(alice, now - 9 * DAY)


@pytest.fixture
def people(alice: User, now: datetime) -> dict[preview.Asker, User]:
    """One real person of each kind."""
    found = {
        preview.NAMED: person("nadia"),
        preview.CLOSE: person("carl"),
        preview.MUTUAL: person("mia"),
        preview.STRANGER: person("stan"),
    }
    take_close(alice, found[preview.CLOSE], now)
    befriend(alice, found[preview.MUTUAL], now)
    return found


def by_the_gate(cameo: Cameo, given: LikenessGrant, who: User, purpose: str, now: datetime) -> preview.Answer:
    question = Question(cameo, who, purpose, Brief(""), now)
    question.__dict__["grant"] = given
    if consent.decide(question) is not None:
        return preview.Answer.NEVER
    return preview.Answer.ASKS if question.is_provisional else preview.Answer.MAY


@pytest.mark.parametrize("named", [False, True])
def test_each_answer_is_what_the_gate_says_to_a_real_person(
    named: bool, likeness: Cameo, people: dict[preview.Asker, User], now: datetime
) -> None:
    pks = frozenset({people[preview.NAMED].pk} if named else ())
    possible = [terms for terms in TERMS if named or terms.audience != Audience.NAMED]
    for version, terms in enumerate(possible, 1):
        given = LikenessGrant(cameo=likeness, effective_at=now, version=version, **_columns(terms))
        given.save()
        given.people.create(person=people[preview.NAMED]) if named else None
        for asker in preview.askers(replace(terms, people=pks)):
            for purpose in Purpose:
                told = preview.answer(likeness, replace(terms, people=pks), asker, purpose, now)
                assert told == by_the_gate(likeness, given, people[asker], purpose, now), (terms, asker)
        LikenessGrant.objects.filter(pk=given.pk).update(revoked_at=now)


def _columns(terms: Terms) -> dict[str, Any]:
    columns = {name: getattr(terms, name) for name in Terms.__dataclass_fields__ if name != "people"}
    lists = {name: sorted(columns[name]) for name in ("purposes", "topics_refused")}
    return columns | lists | {"created_at": columns["use_from"] or datetime(2026, 1, 1).astimezone()}


FIVE = Terms(
    audience=Audience.CIRCLE,
    purposes=frozenset({"generate", "remix"}),
    topics_refused=frozenset({"gambling"}),
    companions="circle",
    minimum_age=18,
    count_limit=10,
)


def test_five_questions_about_a_grant_are_answered_on_the_page(
    likeness: Cameo, people: dict[preview.Asker, User], now: datetime
) -> None:
    """Who may at once, who is seen first, who never, what never, until when: one plain sentence each."""
    terms = replace(FIVE, people=frozenset({people[preview.NAMED].pk}))
    told = preview.of(likeness, terms, now)
    assert told.may == ["Your circle: new clips and remixes."]
    assert told.asks == ["Nadia: new clips and remixes."]
    assert told.never == [
        "Nadia and your circle: no advertisements, series or goods.",
        "Mutuals and everybody else here: nothing at all.",
        "Your voice is not used.",
        "No clip earns money.",
        "Never about: gambling.",
        "Beside you only people of your circle.",
        "Nobody under 18, whoever they are.",
    ]
    assert told.when == [
        "At most 10 more clips.",
        "What this opens counts in 24 hours. Naming one more person, and nothing else, counts at once.",
    ]


def test_one_more_named_person_and_nothing_else_is_told_to_count_at_once(
    likeness: Cameo, people: dict[preview.Asker, User], now: datetime
) -> None:
    terms = replace(FIVE, audience=Audience.NAMED, people=frozenset({people[preview.NAMED].pk}))
    assert preview.of(likeness, terms, now).when[-1] == "The person you add counts at once."


def test_chinese_lists_have_no_blanks() -> None:
    with translation.override("zh-hans"):
        told = [wording.listed(names, "和") for names in (["甲"], ["甲", "乙"], ["甲", "乙", "丙"])]
    assert told == ["甲", "甲和乙", "甲、乙和丙"]
    assert wording.listed(["a", "b", "c"], "and") == "a, b and c"


def test_what_only_closes_says_nothing_of_waiting(likeness: Cameo, now: datetime) -> None:
    grant(likeness, now)
    told = preview.of(likeness, Terms(purposes=frozenset({"generate"})), now)
    assert (told.may, told.asks, told.never, told.when) == ([], [], ["Anybody here: nothing at all."], [])


def test_the_editor_tells_what_was_just_ticked(likeness: Cameo, alice: User) -> None:
    client = signed_in(alice)
    answers = {"audience": "everyone", "companions": "anyone", "purposes": ["generate"]}
    told = client.post("/likeness/grant/preview", answers | {"show_me_first": "on"}).content.decode()
    assert "Your circle: new clips." in told
    assert "everybody else here: new clips." in told
    assert "Somebody" not in told
    broken = client.post("/likeness/grant/preview", answers | {"people": "@nobody"}).content.decode()
    assert "cannot be read yet" in broken
    assert LikenessGrant.objects.count() == 0
    assert "With these answers" in client.get("/likeness/grant").content.decode()
