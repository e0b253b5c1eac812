"""A teen asks an adult to look after their account; the adult tightens three things and sees nothing else."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from accounts import actions, guardians, housekeeping, personal, throttle
from accounts.guardians import Limits
from accounts.models import Block, Guardianship, Notification, User
from cameos import revocation
from cameos.models import Cameo
from feed import talking, wellbeing
from feed.models import Preferences
from feed.refusals import MessagesClosed
from tests.accounts.people import signed_in, text_of
from tests.conftest import person

pytestmark = pytest.mark.django_db
BORN = date(2011, 5, 1)


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


@pytest.fixture
def teen(db: None) -> User:
    return person("timmy", birth_date=BORN)


@pytest.fixture
def link(teen: User, bob: User, now: datetime) -> Guardianship:
    """Bob looks after Timmy."""
    made = guardians.ask(teen=teen, guardian=bob, now=now)
    guardians.agree(link=made, now=now)
    made.refresh_from_db()
    return made


def news_of(user: User) -> list[str]:
    return list(Notification.objects.filter(recipient=user).order_by("pk").values_list("kind", flat=True))


def test_a_teen_asks_an_adult_says_yes_and_sets_what_holds(teen: User, bob: User, now: datetime) -> None:
    timmy, grown = signed_in(teen), signed_in(bob)
    assert timmy.post("/settings/guardian", {"handle": "@bob"}).status_code == 302
    assert "asks you to be their guardian" in text_of(grown.get("/settings/guardian"))
    assert guardians.limits(teen, now) == Limits(), "nothing holds before the yes"
    assert grown.post("/settings/guardian/of/timmy/yes").headers["Location"].startswith("/step-up")

    grown = signed_in(bob, fresh=True)
    grown.post("/settings/guardian/of/timmy/yes")
    wanted = {"minutes_a_day": "30", "no_messages": "on"}
    assert grown.post("/settings/guardian/of/timmy", wanted).status_code == 302

    assert guardians.limits(teen, timezone.now()) == Limits(30, no_messages=True)
    assert "At most 30 minutes of watching a day." in text_of(timmy.get("/settings/guardian"))
    assert news_of(bob) == ["guardian_asked"] and news_of(teen) == ["guardian_agreed", "guardian_set"]


@pytest.mark.parametrize("who", ["timmy", "tina", "mallory", "ageless"])
def test_only_an_adult_whom_nobody_blocked_can_be_asked(
    who: str, teen: User, mallory: User, now: datetime
) -> None:
    person("tina", birth_date=BORN)
    User.objects.create_user(username="ageless", email="a@example.test")
    Block.objects.create(blocker=mallory, blocked=teen, created_at=now)
    with pytest.raises(guardians.NoGuardian):
        guardians.ask(teen=teen, guardian=User.objects.get(username=who), now=now)


def test_adults_have_none_and_nobody_has_two(
    link: Guardianship, bob: User, carol: User, now: datetime
) -> None:
    with pytest.raises(guardians.OnlyTeens):
        guardians.ask(teen=carol, guardian=bob, now=now)
    with pytest.raises(guardians.HasGuardian):
        guardians.ask(teen=link.teen, guardian=carol, now=now)


def test_minutes_of_the_guardian_are_the_most_whatever_the_teen_chose(
    link: Guardianship, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    guardians.set_limits(link=link, wanted=Limits(minutes_a_day=30), now=now)
    for chosen, held in ((None, 30), (0, 30), (90, 30), (20, 20)):
        Preferences.objects.update_or_create(person=link.teen, defaults={"session_minutes": chosen})
        assert wellbeing.limits(link.teen, now).minutes == held
    assert not wellbeing.is_over(link.teen, now)
    monkeypatch.setattr(wellbeing, "watched_today_ms", lambda *_: 30 * 60_000)
    assert wellbeing.is_over(link.teen, now) and not wellbeing.is_over(link.guardian, now)
    timmy = signed_in(link.teen)
    assert "Enough for today" in text_of(timmy.get("/"))
    assert timmy.get("/api/v1/feed/for-you").json() == {"posts": [], "next": None}


def test_messages_are_with_the_guardian_alone(
    link: Guardianship, bob: User, carol: User, now: datetime
) -> None:
    from accounts.models import CircleMember

    teen = link.teen
    for owner, member in ((teen, carol), (carol, teen)):
        CircleMember.objects.create(owner=owner, member=member, created_at=now)
    assert talking.may_write(carol, teen, now) and talking.may_write(bob, teen, now)
    guardians.set_limits(link=link, wanted=Limits(no_messages=True), now=now)
    assert not talking.may_write(carol, teen, now) and not talking.may_write(teen, carol, now)
    assert talking.may_write(bob, teen, now) and talking.may_write(teen, bob, now)


def test_groups_are_over_too_where_messages_are_with_the_guardian_alone(
    link: Guardianship, carol: User, alice: User, now: datetime
) -> None:
    from accounts.models import CircleMember

    teen = link.teen
    for friend in (carol, alice):
        for owner, member in ((teen, friend), (friend, teen)):
            CircleMember.objects.create(owner=owner, member=member, created_at=now)
    group = talking.open_with(author=carol, others=[teen, alice], now=now)
    talking.say(conversation=group, author=teen, words="Hello", now=now)
    guardians.set_limits(link=link, wanted=Limits(no_messages=True), now=now)
    with pytest.raises(MessagesClosed) as closed:
        talking.say(conversation=group, author=teen, words="Still here", now=now)
    assert "guardian" in str(closed.value.message)
    assert "@bob" in signed_in(teen).get("/messages/new").content.decode(), "whom they can write to"
    talking.say(conversation=group, author=carol, words="Who is here?", now=now + timedelta(minutes=1))
    assert "message" not in news_of(teen)
    assert signed_in(teen).get(group.get_absolute_url()).status_code == 404


def test_a_held_likeness_is_frozen_and_only_the_guardian_lets_go(link: Guardianship, now: datetime) -> None:
    cameo = Cameo.objects.create(
        owner=link.teen, name="Timmy", state=Cameo.State.VERIFIED, verified_at=now, created_at=now
    )
    guardians.set_limits(link=link, wanted=Limits(no_casting=True), now=now)
    cameo.refresh_from_db()
    assert cameo.frozen_at == now
    with pytest.raises(guardians.GuardianHolds):
        revocation.unfreeze(cameo=cameo, owner=link.teen, now=now)
    guardians.set_limits(link=link, wanted=Limits(), now=now)
    assert revocation.unfreeze(cameo=cameo, owner=link.teen, now=now).frozen_at is None


def test_a_likeness_recorded_later_is_frozen_from_the_start(link: Guardianship, now: datetime) -> None:
    from cameos import actions as likeness

    guardians.set_limits(link=link, wanted=Limits(no_casting=True), now=now)
    pending = Cameo.objects.create(owner=link.teen, name="Timmy", created_at=now)
    assert likeness.verified(cameo=pending, assurance="basic", now=now).frozen_at == now


def test_a_teen_ends_it_in_three_days_and_a_guardian_at_once(
    link: Guardianship, bob: User, now: datetime
) -> None:
    teen = link.teen
    guardians.set_limits(link=link, wanted=Limits(no_messages=True), now=now)
    assert guardians.end(link=link, by=teen, now=now) == now + guardians.NOTICE
    assert news_of(bob)[-1] == "guardian_ending"
    assert guardians.limits(teen, now).no_messages
    assert not guardians.limits(teen, now + guardians.NOTICE).no_messages
    guardians.stay(link=link)
    assert guardians.limits(teen, now + guardians.NOTICE).no_messages
    link.refresh_from_db()
    guardians.end(link=link, by=bob, now=now)
    assert guardians.of(teen) is None and news_of(teen)[-1] == "guardian_ended"


def test_at_eighteen_it_has_no_force_and_is_deleted(link: Guardianship, now: datetime) -> None:
    guardians.set_limits(link=link, wanted=Limits(no_messages=True), now=now)
    birthday = now.replace(year=BORN.year + 18, month=BORN.month, day=BORN.day)
    day_before = birthday - timedelta(days=1)
    assert guardians.limits(link.teen, day_before).no_messages
    assert housekeeping.forget(day_before)["guardians"] == 0
    assert not guardians.limits(link.teen, birthday).no_messages
    assert housekeeping.forget(birthday)["guardians"] == 1


@pytest.mark.parametrize("over", ["grown up", "ended"])
def test_a_guardian_of_yesterday_freezes_nobody(over: str, link: Guardianship, now: datetime) -> None:
    """Before the hourly housekeeping has deleted the row."""
    cameo = Cameo.objects.create(
        owner=link.teen, name="Timmy", state=Cameo.State.VERIFIED, verified_at=now, created_at=now
    )
    if over == "grown up":
        User.objects.filter(pk=link.teen.pk).update(birth_date=date(2000, 5, 1))
    else:
        Guardianship.objects.filter(pk=link.pk).update(ends_at=now)
    with pytest.raises(guardians.LinkOver):
        guardians.set_limits(link=link, wanted=Limits(no_casting=True), now=now)
    cameo.refresh_from_db()
    assert cameo.frozen_at is None
    assert signed_in(link.guardian, fresh=True).get("/settings/guardian/of/timmy").status_code == 404


def test_what_ran_out_stands_in_nobodys_way(link: Guardianship, carol: User, now: datetime) -> None:
    Guardianship.objects.filter(pk=link.pk).update(ends_at=now)
    assert guardians.ask(teen=link.teen, guardian=carol, now=now).guardian == carol


def test_a_teen_at_the_guardians_open_computer_ends_nothing(link: Guardianship, bob: User) -> None:
    answer = signed_in(bob).post("/settings/guardian/of/timmy/end")
    assert answer.headers["Location"].startswith("/step-up") and Guardianship.objects.exists()


def test_asking_is_budgeted_and_a_block_takes_the_question_back(
    teen: User, bob: User, carol: User, now: datetime, settings: Any
) -> None:
    settings.BUDGETS = {"guardian": (2, 86_400)}
    for _ in range(2):
        link = guardians.ask(teen=teen, guardian=bob, now=now)
        guardians.end(link=link, by=teen, now=now)
    with pytest.raises(throttle.TooMany):
        guardians.ask(teen=teen, guardian=bob, now=now)
    Guardianship.objects.create(teen=teen, guardian=carol, asked_at=now)
    actions.block(blocker=teen, blocked=carol, now=now)
    assert signed_in(carol, fresh=True).post("/settings/guardian/of/timmy/yes").status_code == 404


def test_a_closed_or_erased_guardian_binds_nobody(link: Guardianship, bob: User, now: datetime) -> None:
    guardians.set_limits(link=link, wanted=Limits(no_messages=True), now=now)
    assert personal.export_everything(link.teen)["accounts"]["guardian"]["handle"] == "bob"
    assert personal.export_everything(bob)["accounts"]["guardian_of"] == ["timmy"]
    User.objects.filter(pk=bob.pk).update(is_active=False)
    assert guardians.limits(link.teen, now) == Limits()
    personal.erase_everything(user=bob, now=now)
    assert not Guardianship.objects.exists()


@pytest.mark.parametrize("way", ["", "/yes", "/end"])
def test_nobody_else_comes_near_the_link(way: str, link: Guardianship, carol: User) -> None:
    client: Any = signed_in(carol, fresh=True)
    assert client.post(f"/settings/guardian/of/timmy{way}", {"minutes_a_day": 10}).status_code == 404
    assert Guardianship.objects.get().minutes_a_day is None
