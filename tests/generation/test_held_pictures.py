"""A face that may be somebody's who did not allow it: nothing is sealed until a person looked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from accounts import cases
from accounts.models import Case, User
from cameos.inspection import Inspection, Match
from generation import inspecting, personal
from generation.inspecting import Doubtful, Unlisted
from generation.models import Generation, HeldPictures
from generation.states import State
from generation.sweep import sweep
from tests.cameos.making import generation_by, likeness_of

pytestmark = pytest.mark.django_db
FRAMES = [np.full((64, 36, 3), 40 * n, np.uint8) for n in range(5)]


def seen(cameo_id: int, *, strong: bool) -> Inspection:
    return Inspection((Match(cameo_id, 0.5, 3, is_cast=False, is_strong=strong),), 5, 5, {})


@pytest.fixture
def held(bob: User, alice: User, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Generation:
    """Bob's pictures, in which somebody is a little like Alice."""
    from cameos import inspection

    cameo = likeness_of(alice, now)
    monkeypatch.setattr(inspection, "inspect", lambda **asked: seen(cameo.pk, strong=False))
    row = generation_by(bob, now)
    Generation.objects.filter(pk=row.pk).update(state=State.INSPECTING, lease_until=now, attempts=1)
    row.refresh_from_db()
    with pytest.raises(Doubtful) as doubt:
        inspecting.inspect(FRAMES, [])
    assert inspecting.hold(row, doubt.value, now)
    return row


def decide(decision: str, mod: User, now: datetime) -> None:
    case = Case.objects.get(kind="held_pictures")
    cases.decide(case=case, moderator=mod, decision=decision, note="I looked", now=now)


def test_a_moderator_sees_frames_and_whom_they_may_show(held: Generation, mod: User, client: Any) -> None:
    client.force_login(mod)
    page = client.get(f"/cases/{Case.objects.get(kind='held_pictures').public_id}").content.decode()
    assert page.count("data:image/jpeg;base64,") == inspecting.MOST_FRAMES
    assert "Alice" in page and "3 / 5" in page


def test_a_moderator_does_not_clear_their_own_clip(
    held: Generation, bob: User, mod: User, now: datetime
) -> None:
    bob.is_moderator = True
    bob.save()
    with pytest.raises(cases.OwnCase):
        decide("allow", bob, now)
    held.refresh_from_db()
    assert held.state == State.HELD and HeldPictures.objects.exists()
    decide("refuse", bob, now)
    held.refresh_from_db()
    assert held.state == State.REFUSED


def test_the_maker_is_told_a_rule_and_no_name(held: Generation, bob: User, client: Any) -> None:
    client.force_login(bob)
    page = client.get(f"/generations/{held.public_id}").content.decode()
    assert "Alice" not in page and "base64" not in page


def test_somebody_else_after_all_is_drawn_again_and_not_held_for_the_same_doubt(
    held: Generation, mod: User, now: datetime
) -> None:
    decide("allow", mod, now)
    held.refresh_from_db()
    assert held.state == State.QUEUED and not held.refusal_rule
    assert not HeldPictures.objects.exists()
    inspecting.inspect(FRAMES, [], cleared=held.cleared_faces)


def test_what_was_cleared_as_doubtful_is_still_refused_when_it_is_plain(
    held: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cameos import inspection

    monkeypatch.setattr(inspection, "inspect", lambda **asked: seen(7, strong=True))
    with pytest.raises(Unlisted):
        inspecting.inspect(FRAMES, [], cleared=[7])


def test_a_moderators_no_refuses_it_and_takes_the_frames_away(
    held: Generation, mod: User, now: datetime
) -> None:
    decide("refuse", mod, now)
    held.refresh_from_db()
    assert (held.state, held.refusal_rule) == (State.REFUSED, "unlisted_face")
    assert not HeldPictures.objects.exists()


def test_nobody_looked_for_72_hours(held: Generation, now: datetime) -> None:
    sweep(now + timedelta(hours=73))
    held.refresh_from_db()
    assert (held.state, held.refusal_rule) == (State.REFUSED, "review_expired")
    assert not HeldPictures.objects.exists()


def test_bob_erases_himself_and_the_frames_go(held: Generation, bob: User, now: datetime) -> None:
    personal.erase(bob, now)
    assert not HeldPictures.objects.exists()


def test_a_moderator_reads_the_prompt_that_is_held(bob: User, mod: User, client: Any, now: datetime) -> None:
    row = generation_by(bob, now, prompt="a doubtful wish")
    cases.file(kind="held_prompt", subject=f"generation.generation:{row.public_id}", reason="x", now=now)
    client.force_login(mod)
    page = client.get(f"/cases/{Case.objects.get(kind='held_prompt').public_id}").content.decode()
    assert "a doubtful wish" in page and "The request is gone" not in page
