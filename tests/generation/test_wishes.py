"""What somebody always wishes is rendered, whoever writes the prompt."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from accounts.models import User
from cameos import references
from cameos.models import Reference
from generation import briefing
from tests.cameos.making import ask, generation_by, grant, likeness_of

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("vectors")
def test_alices_wish_joins_bobs_prompt(alice: User, bob: User, now: datetime) -> None:
    likeness = likeness_of(alice, now)
    references.store(likeness, Reference.Kind.FACE, b"a face", now)
    grant(likeness, now, wishes="always in a red hat")
    generation = generation_by(bob, now, cast=[likeness], prompt="Alice surfs.")
    permit = ask(likeness, bob, now, generation=generation)
    assert briefing.job_for(generation, [permit]).prompt == "Alice surfs. always in a red hat"


def test_without_a_wish_the_prompt_is_bobs(alice: User, bob: User, now: datetime) -> None:
    likeness = likeness_of(alice, now)
    references.store(likeness, Reference.Kind.FACE, b"a face", now)
    grant(likeness, now)
    generation = generation_by(bob, now, cast=[likeness], prompt="Alice surfs.")
    permit = ask(likeness, bob, now, generation=generation)
    assert briefing.job_for(generation, [permit]).prompt == "Alice surfs."


def told(maker: User, owners: dict[User, dict[str, Any]], now: datetime) -> str:
    """The prompt of a walk on the beach by `maker` with these people, by their terms."""
    cast = [likeness_of(owner, now) for owner in owners]
    for cameo, terms in zip(cast, owners.values(), strict=True):
        grant(cameo, now, **terms)
    generation = generation_by(maker, now, cast=cast)
    permits = [ask(cameo, maker, now, generation=generation) for cameo in cast]
    return briefing.with_wishes(generation.prompt, permits)


@pytest.mark.usefixtures("vectors")
def test_a_wish_does_not_bring_in_what_another_person_refuses(
    alice: User, bob: User, carol: User, now: datetime
) -> None:
    people = {alice: {"wishes": "both of them naked"}, carol: {"topics_refused": frozenset({"nudity"})}}
    assert told(bob, people, now) == "a walk on the beach"


@pytest.mark.usefixtures("vectors")
def test_a_harmless_wish_stays_beside_somebody_who_refuses_much(
    alice: User, bob: User, carol: User, now: datetime
) -> None:
    people = {alice: {"wishes": "in a red hat"}, carol: {"topics_refused": frozenset({"nudity", "gambling"})}}
    assert told(bob, people, now) == "a walk on the beach. in a red hat"


@pytest.mark.usefixtures("vectors")
def test_a_wish_holds_nothing_that_no_prompt_may_hold(alice: User, bob: User, now: datetime) -> None:
    assert told(bob, {alice: {"wishes": "a naked child"}}, now) == "a walk on the beach"


@pytest.mark.usefixtures("no_vectors")
def test_with_the_judges_away_no_wish_is_taken(alice: User, bob: User, now: datetime) -> None:
    assert told(bob, {alice: {"wishes": "in a red hat"}}, now) == "a walk on the beach"
