"""Reports before and after somebody looked, strikes, appeals, and copies of what was removed."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.utils import translation

from accounts import cases
from accounts.models import Block, Case, CaseEvent, Notification, User
from feed import actions, appeals, moderation
from feed.models import Appeal, Post, Report, ReportReason, Strike
from feed.refusals import AlreadyAppealed, AnotherModerator, NothingToAppeal, PublishingPaused, UnknownReason
from generation import showing
from generation.models import Clip
from generation.provenance import fingerprint
from tests.conftest import person
from tests.feed.conftest import MakeClip, MakePost

pytestmark = pytest.mark.django_db
Trusted = Callable[..., list[User]]


@pytest.fixture
def trusted(now: datetime) -> Trusted:
    def make(count: int, name: str = "old", **fields: Any) -> list[User]:
        return [person(f"{name}{n}", date_joined=now - timedelta(days=30), **fields) for n in range(count)]

    return make


def report(post: Post, people: list[User], now: datetime, reason: str = "spam") -> None:
    for one in people:
        actions.report(post=post, reporter=one, reason=reason, words="", now=now)


def state(post: Post) -> str:
    return str(Post.objects.values_list("state", flat=True).get(pk=post.pk))


def decide(post: Post, decision: str, by: User, now: datetime, kind: str = "report") -> Case:
    case = Case.objects.get(kind=kind, subject=f"feed.post:{post.public_id}", state="open")
    return cases.decide(case=case, moderator=by, decision=decision, note="Because of rule 3", now=now)


def test_there_are_eighteen_reasons(bob: User, carol: User, make_post: MakePost, now: datetime) -> None:
    post = make_post(bob)
    for reason in ReportReason.values:
        report(post, [carol], now, reason)
    assert len(ReportReason.values) == 18 and Report.objects.count() == 1
    with pytest.raises(UnknownReason):
        report(post, [carol], now, "because")


def test_three_trusted_people_hide_a_clip_until_somebody_looked(
    bob: User, mod: User, make_post: MakePost, trusted: Trusted, now: datetime
) -> None:
    post = make_post(bob)
    people = trusted(4)
    report(post, people[:2], now)
    assert state(post) == "LIVE"
    report(post, people[2:3], now)
    assert state(post) == "HIDDEN"
    assert Notification.objects.filter(recipient=bob, kind="post_waits").count() == 1
    assert CaseEvent.objects.filter(action__startswith="hidden until").count() == 1
    decide(post, "keep", mod, now)
    assert state(post) == "LIVE"
    report(post, people[3:], now)  # what a moderator kept stays up
    assert state(post) == "LIVE"


@pytest.mark.parametrize(
    "who",
    [
        "new accounts",
        "one invite",
        "the creator's other self",
        "who invited the creator",
        "whom the creator blocked",
        "who cry wolf",
    ],
)
def test_a_mob_hides_nothing(
    who: str, bob: User, alice: User, mod: User, make_post: MakePost, trusted: Trusted, now: datetime
) -> None:
    post = make_post(bob)
    match who:
        case "new accounts":
            people = [person(f"new{n}", date_joined=now - timedelta(days=1)) for n in range(9)]
        case "one invite":
            people = trusted(9, invited_by=alice)
        case "the creator's other self":
            people = [bob, *trusted(2)]
        case "who invited the creator":
            people = trusted(3)
            bob.invited_by = people[0]
            bob.save()
        case "whom the creator blocked":
            people = trusted(3)
            Block.objects.create(blocker=bob, blocked=people[0], created_at=now - timedelta(hours=1))
        case _:
            people = trusted(3)
            for n in range(2):
                harmless = make_post(alice, minutes_ago=n)
                report(harmless, people[:2], now)
                decide(harmless, "keep", mod, now)
    report(post, people, now)
    assert state(post) == "LIVE" and Case.objects.filter(state="open").count() == 1


def test_blocking_those_who_report_keeps_no_clip_up(
    bob: User, make_post: MakePost, trusted: Trusted, now: datetime
) -> None:
    post, people = make_post(bob), trusted(3)
    report(post, people[:2], now - timedelta(hours=1))
    for one in people[:2]:
        Block.objects.create(blocker=bob, blocked=one, created_at=now)
    report(post, people[2:], now)
    assert state(post) == "HIDDEN"


def test_urgent_reasons_need_two(bob: User, make_post: MakePost, trusted: Trusted, now: datetime) -> None:
    post = make_post(bob)
    report(post, trusted(2), now, "minor")
    assert state(post) == "HIDDEN"


def test_three_strikes_pause_publishing_for_a_week(
    bob: User, carol: User, mod: User, make_post: MakePost, make_clip: MakeClip, now: datetime
) -> None:
    for n in range(3):
        post = make_post(bob, minutes_ago=n)
        report(post, [carol], now)
        decide(post, "strike", mod, now)
    assert Strike.objects.filter(person=bob).counting(now).count() == 3
    with pytest.raises(PublishingPaused):
        actions.publish(clip=make_clip(bob), creator=bob, caption="", now=now + timedelta(days=6))
    actions.publish(clip=make_clip(bob), creator=bob, caption="", now=now + timedelta(days=8))
    assert Strike.objects.counting(now + moderation.STRIKE_LASTS).count() == 0
    actions.publish(clip=make_clip(carol), creator=carol, caption="", now=now)  # others go on


def test_hiding_without_a_strike_leaves_none(
    bob: User, carol: User, mod: User, make_post: MakePost, now: datetime
) -> None:
    post = make_post(bob)
    report(post, [carol], now)
    decide(post, "hide", mod, now)
    assert state(post) == "HIDDEN" and not Strike.objects.exists()
    told = Notification.objects.get(recipient=bob, kind="post_hidden")
    assert told.data == {"reason": "Because of rule 3"} and told.url == f"/p/{post.public_id}/appeal"


def test_an_appeal_is_decided_by_somebody_else(
    bob: User, carol: User, mod: User, make_post: MakePost, client: Client, now: datetime
) -> None:
    second = person("second", is_moderator=True)
    post = make_post(bob)
    with pytest.raises(NothingToAppeal):
        appeals.appeal(post=post, person=bob, words="But", now=now)
    report(post, [carol], now)
    decide(post, "strike", mod, now)
    post.refresh_from_db()
    with pytest.raises(NothingToAppeal):
        appeals.appeal(post=post, person=carol, words="Not mine", now=now)
    client.force_login(bob)
    assert "Because of rule 3" in client.get(f"/p/{post.public_id}/appeal").content.decode()
    assert client.post(f"/p/{post.public_id}/appeal", {"text": "It is satire"}).status_code == 302
    with pytest.raises(AlreadyAppealed):
        appeals.appeal(post=post, person=bob, words="Again", now=now)
    with pytest.raises(AnotherModerator):
        decide(post, "uphold", mod, now, "appeal")
    assert Appeal.objects.get().state == "open"
    decide(post, "grant", second, now, "appeal")
    assert state(post) == "LIVE" and Appeal.objects.get().state == "granted"
    assert Strike.objects.counting(now).count() == 0


def test_a_host_with_one_moderator_decides_its_own_appeals(
    bob: User, carol: User, mod: User, make_post: MakePost, now: datetime
) -> None:
    post = make_post(bob)
    report(post, [carol], now)
    decide(post, "hide", mod, now)
    post.refresh_from_db()
    appeals.appeal(post=post, person=bob, words="Please", now=now)
    decide(post, "uphold", mod, now, "appeal")
    assert state(post) == "HIDDEN"
    assert Notification.objects.filter(recipient=bob, kind="appeal_upheld").count() == 1


def test_a_moderator_keeps_no_clip_of_their_own_and_grants_no_appeal_of_their_own(
    carol: User, mod: User, make_post: MakePost, now: datetime
) -> None:
    second, post = person("second", is_moderator=True), make_post(mod)
    report(post, [carol], now)
    with pytest.raises(cases.OwnCase):
        decide(post, "keep", mod, now)
    assert Case.objects.get().state == "open"
    decide(post, "strike", second, now)
    post.refresh_from_db()
    appeals.appeal(post=post, person=mod, words="But it is mine", now=now)
    with pytest.raises(cases.OwnCase):
        decide(post, "grant", mod, now, "appeal")
    assert state(post) == "HIDDEN" and Appeal.objects.get().state == "open"
    second.is_active = False
    second.save()
    decide(post, "grant", mod, now, "appeal")  # nobody else moderates here
    assert state(post) == "LIVE"


@pytest.fixture
def same_pictures(now: datetime) -> Callable[..., None]:
    """Fingerprints of the same (made) pictures for several clips."""
    draw = np.random.default_rng(5)
    frames = [draw.integers(0, 255, (64, 64, 3), np.uint8).repeat(4, 0).repeat(4, 1) for _ in range(3)]

    def keep(*clips: Any) -> None:
        for clip in clips:
            fingerprint.keep(clip, [fingerprint.second_of(frame) for frame in frames])

    return keep


def test_copies_of_what_is_hidden_become_cases_and_new_ones_wait(
    alice: User,
    bob: User,
    carol: User,
    mod: User,
    make_post: MakePost,
    same_pictures: Callable[..., None],
    now: datetime,
) -> None:
    post, copy, other = make_post(bob), make_post(alice), make_post(alice)
    same_pictures(post.clip, copy.clip)
    moderation.follow_copies(copy.pk, now)
    assert state(copy) == "LIVE" and not Case.objects.exists()  # nobody decided anything yet
    report(post, [carol], now)
    decide(post, "hide", mod, now)
    moderation.follow_copies(post.pk, now)
    open_ones = Case.objects.filter(state="open").values_list("subject", flat=True)
    assert list(open_ones) == [f"feed.post:{copy.public_id}"] and state(copy) == "LIVE"
    new = make_post(carol)
    same_pictures(new.clip)
    for _ in range(2):
        moderation.follow_copies(new.pk, now)
    assert state(new) == "HIDDEN" and state(other) == "LIVE"
    decide(new, "keep", mod, now)
    moderation.follow_copies(new.pk, now)
    assert state(new) == "LIVE"


@pytest.mark.parametrize(("last", "waits"), [("hide", True), ("keep", False)])
def test_taking_down_what_was_hidden_makes_no_way_for_the_same_again(
    bob: User,
    carol: User,
    mod: User,
    make_post: MakePost,
    same_pictures: Callable[..., None],
    now: datetime,
    last: str,
    waits: bool,
) -> None:
    post = make_post(bob)
    report(post, [carol], now)
    decide(post, "hide", mod, now)
    if last == "keep":
        report(post, [carol], now)
        decide(post, "keep", mod, now + timedelta(minutes=1))
    post.refresh_from_db()
    actions.take_down(post=post, by=bob, now=now)
    again = make_post(bob)
    same_pictures(post.clip, again.clip)
    moderation.follow_copies(again.pk, now)
    assert (state(again) == "HIDDEN") is waits


def test_a_case_shows_everything_side_by_side_and_keeps_notes(
    bob: User, carol: User, mod: User, make_post: MakePost, client: Client, now: datetime
) -> None:
    source = make_post(carol)
    post = make_post(bob, caption="Look", parent=source.clip)
    report(post, [carol], now)
    case = Case.objects.get()
    client.force_login(mod)
    html = client.get(f"/cases/{case.public_id}").content.decode()
    for part in ("a woman juggles", source.get_absolute_url(), "data-templates", "<case-keys>", "<video"):
        assert part in html
    client.post(f"/cases/{case.public_id}", {"decision": "note", "note": "Asked the owner"})
    case.refresh_from_db()
    assert case.state == "open" and case.events.filter(action="note", by=mod).count() == 1
    assert client.post(f"/cases/{case.public_id}", {"decision": "note", "note": " "}).status_code == 400
    client.force_login(carol)
    assert client.post(f"/cases/{case.public_id}", {"decision": "note", "note": "x"}).status_code == 404


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time")
def test_two_reports_at_once_are_one_case(bob: User, make_post: MakePost, now: datetime) -> None:
    post, people = make_post(bob), [person(f"p{n}") for n in range(4)]

    def act(who: User) -> None:
        try:
            report(post, [who], now)
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=(one,)) for one in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Case.objects.count() == 1 and Report.objects.count() == 4


def test_a_moderator_reads_a_report_in_words(
    bob: User, mod: User, make_post: MakePost, trusted: Trusted, now: datetime, client: Client
) -> None:
    post = make_post(bob)
    report(post, trusted(2), now, "not_my_permission")
    decide(post, "keep", mod, now)
    report(post, trusted(1, "new"), now, "minor")
    case = Case.objects.get(state="open")
    CaseEvent.objects.create(case=case, by=None, action=moderation.UNTIL_LOOKED, at=now)
    client.force_login(mod)
    page = client.get(f"/cases/{case.public_id}", headers={"Accept-Language": "zh-CN"}).content.decode()
    for code in ("not_my_permission", "report keep", moderation.UNTIL_LOOKED):
        assert code not in page
    assert "It harms or sexualises a minor" in client.get("/cases").content.decode()
    assert "Nothing wrong: keep it up" in client.get(f"/cases/{case.public_id}").content.decode()
    with translation.override("en"):
        assert moderation.says(f"copy of {case.subject}") == "A copy of what was taken down"


def test_no_reason_is_chosen_before_somebody_chooses_one(
    bob: User, carol: User, make_post: MakePost, client: Client
) -> None:
    post = make_post(bob)
    client.force_login(carol)
    page = client.get(f"/p/{post.public_id}/report").content.decode()
    assert '<option value="" selected>' in page and "required" in page
    client.post(f"/p/{post.public_id}/report", {"reason": ""})
    assert not Report.objects.exists()


def test_moderators_see_what_is_hidden_until_they_looked_and_nobody_else_does(
    bob: User,
    carol: User,
    mod: User,
    make_post: MakePost,
    trusted: Trusted,
    now: datetime,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(showing, "file_answer", lambda request, rendition: HttpResponse(rendition.kind))
    post = make_post(bob)
    report(post, trusted(3), now)
    case = Case.objects.get(state="open")
    poster = f"/cases/{case.public_id}/media/{post.clip.renditions.get(kind='poster').public_id}"
    client.force_login(mod)
    assert poster in client.get(f"/cases/{case.public_id}").content.decode()
    assert client.get(poster).content == b"poster"
    for somebody in (bob, carol):
        client.force_login(somebody)
        assert client.get(poster).status_code == 404
    client.force_login(mod)
    other = make_post(carol).clip.renditions.get(kind="poster")
    assert client.get(f"/cases/{case.public_id}/media/{other.public_id}").status_code == 404
    actions.take_down(post=post, by=bob, now=now)
    assert client.get(poster).status_code == 404


def test_no_case_shows_moderators_a_clip_whose_permission_ended(
    bob: User, mod: User, make_post: MakePost, trusted: Trusted, now: datetime, client: Client
) -> None:
    post = make_post(bob)
    report(post, trusted(3), now)
    case = Case.objects.get(state="open")
    Clip.objects.filter(pk=post.clip_id).update(withdrawn_at=now)
    poster = post.clip.renditions.get(kind="poster").public_id
    client.force_login(mod)
    assert client.get(f"/cases/{case.public_id}/media/{poster}").status_code == 404
    elsewhere = Case.objects.create(kind="report", subject="x:1", reason="spam", created_at=now)
    assert client.get(f"/cases/{elsewhere.public_id}/media/{poster}").status_code == 404
