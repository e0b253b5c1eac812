"""What an owner hears about clips with them: the first at once, then gathered, never more than five a day."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from accounts import notifications
from accounts.models import Notification, User
from cameos import notices, revocation, uses
from cameos.models import Cameo, LikenessUse
from cameos.refusals import NotYours, UseOver
from generation.models import Clip
from tests.cameos.making import grant, likeness_of, sealed, use_in
from tests.conftest import person

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def likeness(alice: User, now: datetime) -> Cameo:
    cameo = likeness_of(alice, now - 3 * DAY)
    grant(cameo, now)
    return cameo


def heard(owner: User) -> list[str]:
    rows = Notification.objects.filter(recipient=owner, kind__in=notices.KINDS).order_by("pk")
    return [notifications.read(row).text for row in rows]


def test_the_first_clip_by_somebody_is_told_at_once_and_the_next_ones_an_hour_later_together(
    likeness: Cameo, alice: User, bob: User, now: datetime
) -> None:
    for _ in range(4):
        sealed(bob, [likeness], now)
    assert heard(alice) == ["Bob made a clip with you."]
    assert notices.gather(now + timedelta(minutes=59)) == 0
    assert notices.gather(now + HOUR) == 1
    assert heard(alice)[1:] == ["Bob made 3 more clips with you."]
    assert notices.gather(now + 3 * HOUR) == 0


def test_another_maker_is_told_at_once_too_and_gathered_with_the_others(
    likeness: Cameo, alice: User, bob: User, carol: User, now: datetime
) -> None:
    for maker in (bob, bob, carol, carol):
        sealed(maker, [likeness], now)
    assert heard(alice) == ["Bob made a clip with you.", "Carol made a clip with you."]
    notices.gather(now + HOUR)
    assert heard(alice)[2] == "Bob and 1 other person made 2 clips with you."


def test_never_more_than_five_a_day_and_nothing_is_lost(likeness: Cameo, alice: User, now: datetime) -> None:
    for number in range(9):
        sealed(person(f"maker{number}"), [likeness], now)
    for hour in range(1, 24):
        notices.gather(now + hour * HOUR)
    assert len(heard(alice)) == 5
    notices.gather(now + DAY)
    assert heard(alice)[5] == "Maker5 and 3 others made 4 clips with you."
    assert not LikenessUse.objects.filter(told_at=None).exists()


def test_gathered_news_says_how_many_wait_and_leaves_out_what_ended(
    likeness: Cameo, alice: User, bob: User, now: datetime
) -> None:
    grant(likeness, now, show_me_first=True)
    clips = [sealed(bob, [likeness], now) for _ in range(3)]
    uses.decline(use=use_in(clips[1], likeness), owner=alice, now=now)
    notices.gather(now + HOUR)
    assert heard(alice) == [
        "Bob made a clip with you and waits for your word.",
        "Bob made 1 more clip with you. 1 waits for your word.",
    ]


def test_own_clips_are_no_news(likeness: Cameo, alice: User, now: datetime) -> None:
    sealed(alice, [likeness], now)
    assert notices.gather(now + DAY) == 0 and heard(alice) == []


# --- Hiding for a while ------------------------------------------------------------------------------------


def test_a_hidden_clip_is_seen_by_its_maker_and_alice_only_until_she_shows_it_again(
    likeness: Cameo, alice: User, bob: User, carol: User, now: datetime
) -> None:
    from feed.actions import publish

    clip = sealed(bob, [likeness], now)
    publish(clip=clip, creator=bob, caption="", now=now)
    use = use_in(clip, likeness)

    def seen() -> list[int]:
        return [Clip.objects.visible_to(viewer).count() for viewer in (alice, bob, carol)]

    assert seen() == [1, 1, 1]
    with pytest.raises(NotYours):
        uses.hide(use=use, owner=bob, now=now)
    uses.hide(use=use, owner=alice, now=now)
    assert seen() == [1, 1, 0]
    with pytest.raises(UseOver):
        uses.hide(use=use, owner=alice, now=now)
    assert uses.decline_overdue(now + 30 * DAY) == 0
    uses.show(use=use, owner=alice, now=now)
    assert seen() == [1, 1, 1]


def test_what_was_hidden_can_be_taken_down_and_then_never_shown_again(
    likeness: Cameo, alice: User, bob: User, now: datetime
) -> None:
    use = use_in(sealed(bob, [likeness], now), likeness)
    uses.hide(use=use, owner=alice, now=now)
    revocation.revoke(cameo=likeness, owner=alice, now=now)
    with pytest.raises(UseOver):
        uses.show(use=use, owner=alice, now=now)
