"""What somebody always wishes is rendered, whoever writes the prompt."""

from __future__ import annotations

from datetime import datetime

import pytest

from accounts.models import User
from cameos import references
from cameos.models import Reference
from generation import briefing
from tests.cameos.making import ask, generation_by, grant, likeness_of

pytestmark = pytest.mark.django_db


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
