"""One's own time, one's own news, the numbers of one's own clips."""

import re
import uuid
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
import pytest
from django.core import mail
from django.test import Client

from accounts import guardians, notifications
from accounts.models import Follow, User
from feed import analytics, digest, plots, preferences, wellbeing
from feed.models import Post, Preferences, Watch
from tests.conftest import person
from tests.feed.conftest import MakePost

pytestmark = pytest.mark.django_db


def watch(post: Post, viewer: User | None, ms: int, at: datetime) -> Watch:
    return Watch.objects.create(post=post, viewer=viewer, visit=uuid.uuid4(), watch_ms=ms, at=at)


# --- Time --------------------------------------------------------------------------------------------------


def test_teens_begin_with_limits_and_grown_ups_without(bob: User, now: datetime) -> None:
    teen = person("timmy", birth_date=date(2011, 1, 1))
    assert wellbeing.limits(bob, now) == wellbeing.Limits(None, None)
    assert wellbeing.limits(teen, now) == wellbeing.Limits(60, 20, is_default=True)
    preferences.change(person=teen, session_minutes=30, stop_every=0, now=now)
    assert wellbeing.limits(teen, now) == wellbeing.Limits(30, None)


def test_the_day_begins_where_the_person_lives(bob: User, make_post: MakePost, now: datetime) -> None:
    post = make_post(bob)
    watch(post, bob, 60_000, now - timedelta(hours=5))  # 07:00 UTC
    assert wellbeing.watched_today_ms(bob, now) == 60_000
    preferences.change(person=bob, time_zone="Pacific/Kiritimati", now=now)  # 02:00 on the next day
    assert wellbeing.watched_today_ms(bob, now) == 0


def test_a_teen_who_moves_their_own_midnight_gets_no_more_of_the_guardians_minutes(
    bob: User, make_post: MakePost, now: datetime
) -> None:
    teen = person("timmy", birth_date=date(2011, 1, 1))
    link = guardians.ask(teen=teen, guardian=bob, now=now)
    guardians.agree(link=link, now=now)
    guardians.set_limits(link=link, wanted=guardians.Limits(minutes_a_day=30), now=now)
    watch(make_post(bob), teen, 30 * 60_000, now - timedelta(hours=5))
    assert wellbeing.is_over(teen, now)
    preferences.change(person=teen, time_zone="Pacific/Kiritimati", now=now)  # 02:00 on the next day
    assert wellbeing.is_over(teen, now)
    preferences.change(person=bob, time_zone="Pacific/Kiritimati", now=now)  # the guardian's own midnight
    assert not wellbeing.is_over(teen, now)


def test_exposure_is_what_the_player_told(
    alice: User, bob: User, carol: User, make_post: MakePost, now: datetime
) -> None:
    Follow.objects.create(follower=carol, followee=alice, created_at=now)
    watch(make_post(alice, "#owl"), carol, 90_000, now)
    watch(make_post(bob, "#fox"), carol, 30_000, now - timedelta(days=1))
    watch(make_post(bob, "#fox"), carol, 500, now - timedelta(days=40))  # too long ago
    watch(make_post(bob, "#ant"), bob, 30_000, now)  # somebody else's
    watch(make_post(bob, "#fox"), carol, 0, now)  # skipped
    shown = wellbeing.exposure(carol, now)
    assert (shown.minutes, shown.clips, shown.skipped_percent) == (2.0, 3, 33)
    assert (shown.known_percent, shown.ai_percent) == (75, 100)
    assert shown.days[-1] == (now.date(), 1.5) and shown.days[-2][1] == 0.5 and len(shown.days) == 14
    assert {one.name: one.percent for one in shown.topics}["owl"] == 75
    assert [one.name for one in shown.creators] == ["@alice", "@bob"]


def test_pages_of_ones_own(bob: User, make_post: MakePost, client: Client) -> None:
    post = make_post(bob)
    client.force_login(bob)
    for address in ("/settings/exposure", "/numbers", f"/p/{post.public_id}/numbers", "/settings/feed"):
        html = client.get(address)
        assert html.status_code == 200, address
    assert "<svg" in client.get("/numbers").content.decode()
    assert client.get("/api/v1/me/exposure").json()["clips"] == 0


def test_the_curtain_is_on_the_page_of_whoever_asked(
    bob: User, make_post: MakePost, client: Client, now: datetime
) -> None:
    make_post(bob)
    client.force_login(bob)
    assert "session-budget" not in client.get("/latest").content.decode()
    preferences.change(person=bob, session_minutes=15, now=now)
    assert 'minutes="15" stop-every="0"' in client.get("/latest").content.decode()


@pytest.mark.parametrize(
    "odd",
    [{"time_zone": "Mars/Base"}, {"session_minutes": "-1"}, {"digest": "hourly"}, {"stop_every": "9" * 9}],
)
def test_odd_wishes_are_refused(odd: dict[str, str], bob: User, client: Client) -> None:
    client.force_login(bob)
    wishes = {"digest": "daily", "time_zone": "UTC", **odd}
    assert client.post("/settings/feed", wishes).status_code == 400
    assert client.patch("/api/v1/me/feed", odd, "application/json").status_code == 400
    assert not Preferences.objects.exists()


# --- News --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("begin", "end", "is_quiet"),
    [
        (time(22), time(7), False),
        (time(11), time(13), True),
        (time(20), time(13), True),
        (time(13), time(11), False),
        (None, time(13), False),
    ],
)
def test_quiet_hours_go_over_midnight(begin: time | None, end: time, is_quiet: bool, now: datetime) -> None:
    wishes = Preferences(quiet_from=begin, quiet_until=end)
    assert digest.is_quiet(wishes, now) is is_quiet  # it is noon in UTC
    wishes.time_zone = "Asia/Shanghai"  # 20:00
    assert digest.is_quiet(
        Preferences(quiet_from=time(19), quiet_until=time(8), time_zone="Asia/Shanghai"), now
    )


@pytest.fixture
def reader(bob: User, now: datetime) -> User:
    preferences.change(person=bob, digest="daily", muted_kinds=["liked"], now=now)
    for kind, name in (("liked", "Carol"), ("commented", "Alice <b>"), ("remixed", "Eve")):
        notifications.notify(recipient=bob, kind=kind, data={"name": name}, url="/p/1", now=now)
    return bob


def test_a_digest_says_what_is_new_once(reader: User, now: datetime) -> None:
    assert digest.send_due(now) == 1 and digest.send_due(now + timedelta(minutes=5)) == 0
    body = str(mail.outbox[0].body)
    assert "Alice <b> commented" in body and "Eve remixed" in body and "Carol" not in body
    assert digest.send_due(now + timedelta(days=1)) == 0  # nothing new, nothing sent
    notifications.notify(
        recipient=reader, kind="commented", data={"name": "Zoe"}, now=now + timedelta(hours=30)
    )
    assert digest.send_due(now + timedelta(hours=48)) == 1
    assert "Zoe" in str(mail.outbox[1].body) and "Eve" not in str(mail.outbox[1].body)


def test_no_mail_in_quiet_hours_without_address_or_in_another_language(reader: User, now: datetime) -> None:
    preferences.change(person=reader, quiet_from=time(11), quiet_until=time(13), now=now)
    assert digest.send_due(now) == 0
    preferences.change(person=reader, quiet_from=None, now=now)
    User.objects.filter(pk=reader.pk).update(email="")
    assert digest.send_due(now) == 0 and mail.outbox == []


def test_the_link_of_a_mail_ends_the_mails(reader: User, client: Client, now: datetime) -> None:
    digest.send_due(now)
    link = re.search(r"http://localhost:8000(/settings/feed/stop/\S+)", str(mail.outbox[0].body))
    assert link
    assert client.get(link.group(1)).status_code == 200
    assert Preferences.objects.get().digest == "daily"  # a mail scanner that opens links changes nothing
    client.post(link.group(1))
    assert Preferences.objects.get().digest == "never"
    assert client.get("/settings/feed/stop/forged").status_code == 404


def test_a_mail_server_that_is_away_is_asked_again(reader: User, now: datetime, settings: Any) -> None:
    settings.EMAIL_BACKEND, settings.DEMO = "accounts.mail.OutboxBackend", False
    assert digest.send_due(now) == 0
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert digest.send_due(now) == 1


# --- Numbers -----------------------------------------------------------------------------------------------


def test_the_curve_falls_and_hides_single_people() -> None:
    curve = analytics.curve(np.array([0.0, 0.5, 0.5, 1.0, 1.0]))
    assert (curve[0], curve[10], curve[11], curve[20]) == (100, 80, 40, 40)
    assert analytics.curve(np.array([0.5] * 4)) == []


def test_numbers_of_a_clip(
    bob: User, carol: User, make_post: MakePost, client: Client, now: datetime
) -> None:
    post = make_post(bob)
    for ms in (5000, 5000, 2500, 0, 30_000, 1000):
        watch(post, carol, ms, now - timedelta(minutes=10))
    Follow.objects.create(follower=carol, followee=bob, created_at=now)
    Follow.objects.create(follower=person("other"), followee=bob, created_at=now)
    shown = analytics.of_post(post, now)
    assert (shown.impressions, shown.follows, shown.mean_percent) == (6, 1, 62)
    assert shown.by_day[-1] == (now.date(), 6)
    client.force_login(carol)
    assert client.get(f"/p/{post.public_id}/numbers").status_code == 404
    assert client.get(f"/api/v1/posts/{post.public_id}/numbers").status_code == 404


def test_plots_hold_nothing_but_numbers() -> None:
    svg = plots.bars([(date(2026, 1, 1), 0), (date(2026, 1, 2), 4)], '"><script>')
    assert "<script>" not in svg and svg.count("<rect") == 2
    assert plots.bars([], "x").count("<rect") == 0 and "polyline" in plots.curve([100, 50], "x")
