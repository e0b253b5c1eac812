"""Publishing at a time: decided anew at that moment, by an injected clock."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client

from accounts.models import Notification, User
from cameos.models import Cameo, LikenessUse
from feed import actions, personal, scheduling
from feed.models import Post, Scheduled
from feed.refusals import AlreadyPublished, NotThen, NotYourClip
from generation.models import Clip
from tests.feed.conftest import MakeClip

HOUR = timedelta(hours=1)


@pytest.fixture
def draft(make_clip: MakeClip, bob: User) -> Clip:
    return make_clip(bob)


def put_off(clip: Clip, now: datetime, at: datetime | None = None) -> Scheduled:
    return scheduling.schedule(
        clip=clip, creator=clip.maker, at=at or now + HOUR, caption="later #kites", now=now
    )


def state_of(clip: Clip) -> str:
    return Scheduled.objects.get(clip=clip).state


def test_it_goes_out_at_its_time_and_not_before(draft: Clip, now: datetime) -> None:
    put_off(draft, now)
    assert scheduling.publish_due(now + HOUR - timedelta(seconds=1)) == 0
    assert scheduling.publish_due(now + HOUR) == 1 and scheduling.publish_due(now + HOUR) == 0
    post = Post.objects.get(clip=draft)
    assert post.caption == "later #kites" and post.published_at == now + HOUR
    assert Notification.objects.filter(recipient=draft.maker, kind="scheduled_published").count() == 1
    assert state_of(draft) == "PUBLISHED"


def test_its_news_says_which_clip_it_is(
    make_clip: MakeClip, bob: User, now: datetime, client: Client
) -> None:
    kites, second, silent = make_clip(bob), make_clip(bob), make_clip(bob)
    for clip, caption in ((kites, "kites <over> the sea"), (second, "a second one"), (silent, "")):
        scheduling.schedule(clip=clip, creator=bob, at=now + HOUR, caption=caption, now=now)
    actions.publish(clip=second, creator=bob, caption="", now=now)
    assert scheduling.publish_due(now + HOUR) == 2
    client.force_login(bob)
    page = client.get("/notifications").content.decode()
    for told in (
        "On stage, at the time that you chose: “kites &lt;over&gt; the sea”",
        "“a second one” could not be published at the time that you chose: ",
        "It is on stage, at the time that you chose.",
    ):
        assert told in page, told


def test_the_moment_lies_between_a_minute_and_ninety_days(draft: Clip, now: datetime) -> None:
    for at in (now, now - HOUR, now + timedelta(days=91)):
        with pytest.raises(NotThen):
            put_off(draft, now, at)
    assert not Scheduled.objects.exists()


def test_only_its_maker_puts_it_off_and_takes_that_back(draft: Clip, now: datetime, carol: User) -> None:
    with pytest.raises(NotYourClip):
        scheduling.schedule(clip=draft, creator=carol, at=now + HOUR, caption="", now=now)
    put_off(draft, now)
    assert not scheduling.cancel(clip=draft, creator=carol)
    assert scheduling.cancel(clip=draft, creator=draft.maker)
    assert scheduling.publish_due(now + HOUR) == 0 and not Post.objects.exists()


def test_what_is_published_by_hand_is_not_published_again(draft: Clip, now: datetime) -> None:
    put_off(draft, now)
    actions.publish(clip=draft, creator=draft.maker, caption="", now=now)
    assert scheduling.publish_due(now + HOUR) == 0
    assert (state_of(draft), Scheduled.objects.get().reason) == ("REFUSED", "already_published")
    with pytest.raises(AlreadyPublished):
        put_off(draft, now)


@pytest.mark.parametrize(
    ("by_then", "state"), [("live", "PUBLISHED"), ("provisional", "REFUSED"), ("ended", "REFUSED")]
)
def test_who_is_in_it_is_asked_at_that_moment(
    by_then: str, state: str, make_clip: MakeClip, alice: User, likeness: Cameo, now: datetime
) -> None:
    draft = make_clip(alice, cast=(likeness,), use=LikenessUse.State.PROVISIONAL)
    put_off(draft, now)
    LikenessUse.objects.update(state=by_then)
    scheduling.publish_due(now + HOUR)
    assert state_of(draft) == state and Post.objects.filter(clip=draft).exists() is (state == "PUBLISHED")


def test_a_clip_that_is_gone_by_then_is_not_published(draft: Clip, now: datetime) -> None:
    put_off(draft, now)
    Clip.objects.filter(pk=draft.pk).update(deleted_at=now)
    assert scheduling.publish_due(now + HOUR) == 0 and not Post.objects.exists()
    assert Scheduled.objects.get().reason == "clip_gone"
    assert Notification.objects.filter(recipient=draft.maker, kind="scheduled_refused").exists()


def test_who_left_publishes_nothing(draft: Clip, now: datetime) -> None:
    put_off(draft, now)
    User.objects.filter(pk=draft.maker_id).update(is_active=False)
    assert scheduling.publish_due(now + HOUR) == 0 and state_of(draft) == "REFUSED"


def test_erasing_takes_it_along(draft: Clip, now: datetime) -> None:
    put_off(draft, now)
    assert personal.export(draft.maker)["scheduled"][0]["caption"] == "later #kites"
    personal.erase(draft.maker, now)
    assert not Scheduled.objects.exists()


def test_the_form_reads_the_moment_in_the_zone_of_its_browser(draft: Clip) -> None:
    browser = Client()
    browser.force_login(draft.maker)
    from django.utils import timezone

    day = (timezone.now() + timedelta(days=2)).strftime("%Y-%m-%d")
    sent = {"caption": "later", "at": f"{day}T09:30", "zone": "Asia/Shanghai"}
    assert browser.post(f"/clips/{draft.public_id}/publish", sent).status_code == 302
    row = Scheduled.objects.get()
    assert row.at.strftime("%H:%M") == "01:30" and not row.allow_remix
    page = browser.get(f"/clips/{draft.public_id}").content.decode()
    assert "Will be published" in page
    wrong = browser.post(f"/clips/{draft.public_id}/publish", sent | {"zone": "../etc/passwd"})
    assert wrong.status_code == 200 and "time zone" in wrong.content.decode()
    assert browser.post(f"/clips/{draft.public_id}/unschedule").status_code == 302
    assert state_of(draft) == "CANCELLED"


def test_programs_put_off_and_take_back(draft: Clip) -> None:
    from django.utils import timezone

    browser = Client()
    browser.force_login(draft.maker)
    at = (timezone.now() + HOUR).isoformat()
    made = browser.post(
        "/api/v1/posts", {"clip": str(draft.public_id), "at": at}, content_type="application/json"
    )
    assert made.status_code == 202 and made.json()["state"] == "WAITING"
    assert len(browser.get("/api/v1/scheduled").json()) == 1
    assert browser.delete(f"/api/v1/scheduled/{draft.public_id}").status_code == 204
    assert browser.delete(f"/api/v1/scheduled/{draft.public_id}").status_code == 404
