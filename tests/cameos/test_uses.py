"""Who sees a clip with somebody in it, and what the database itself refuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, transaction

from accounts.models import Notification, User
from cameos import actions, consent, uses
from cameos import terms as the_terms
from cameos.consent import ConsentDenied, Reason
from cameos.models import Audience, Cameo, LedgerEntry, LikenessUse, PermitRecord
from cameos.refusals import NotReadyToPublish, NotYours, UseOver
from cameos.terms import Terms
from generation.models import Clip, Generation
from tests.cameos.making import ask, generation_by, grant, likeness_of, sealed, use_in

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
PROVISIONAL, LIVE, ENDED = LikenessUse.State


@pytest.fixture
def likeness(alice: User, now: datetime) -> Cameo:
    return likeness_of(alice, now - 3 * DAY)


def public(clip: Clip, now: datetime) -> bool:
    return Clip.objects.filter(uses.shown("", now), pk=clip.pk).exists()


def served(clip: Clip, viewer: User | AnonymousUser, now: datetime) -> bool:
    return Clip.objects.filter(uses.served_to(viewer, "", now), pk=clip.pk).exists()


@pytest.mark.parametrize(
    ("states", "missing", "is_public", "is_served"),
    [
        ([], 0, True, True),
        ([LIVE], 0, True, True),
        ([PROVISIONAL], 0, False, True),
        ([ENDED], 0, False, False),
        ([], 1, False, False),
        ([LIVE, LIVE], 0, True, True),
        ([LIVE, PROVISIONAL], 0, False, True),
        ([LIVE, ENDED], 0, False, False),
        ([PROVISIONAL, ENDED], 0, False, False),
        ([LIVE], 1, False, False),
        ([PROVISIONAL], 1, False, False),
    ],
)
def test_the_likeness_rule(
    states: list[str],
    missing: int,
    is_public: bool,
    is_served: bool,
    bob: User,
    carol: User,
    alice: User,
    shop: User,
    now: datetime,
) -> None:
    clip = Clip.objects.create(
        maker=bob,
        engine="native",
        cast_count=len(states) + missing,
        duration_ms=1,
        width=1,
        height=1,
        sealed_at=now,
    )
    for owner, state in zip((alice, shop), states, strict=False):
        LikenessUse.objects.create(
            clip=clip,
            cameo=likeness_of(owner, now),
            state=state,
            approval="not_needed",
            ended_at=now if state == ENDED else None,
            created_at=now,
        )
    assert public(clip, now) is is_public
    assert served(clip, bob, now) is is_served
    assert served(clip, alice, now) is (is_served and bool(states))
    assert not served(clip, carol, now)
    assert not served(clip, AnonymousUser(), now)


def test_a_clip_is_public_until_the_moment_its_owner_set(likeness: Cameo, bob: User, now: datetime) -> None:
    grant(likeness, now, show_until=now + DAY)
    clip = sealed(bob, [likeness], now)
    assert public(clip, now + DAY - timedelta(seconds=1))
    assert not public(clip, now + DAY)
    assert not served(clip, bob, now + DAY)


def test_sealing_writes_a_use_an_entry_and_news_for_everybody_in_it(
    likeness: Cameo, alice: User, bob: User, carol: User, now: datetime
) -> None:
    carols = likeness_of(carol, now)
    grant(likeness, now, show_me_first=True)
    grant(carols, now)
    clip = sealed(bob, [likeness, carols], now)
    clip.refresh_from_db()
    assert clip.cast_count == 2
    assert (use_in(clip, likeness).state, use_in(clip, carols).state) == (PROVISIONAL, LIVE)
    assert LedgerEntry.objects.filter(kind="use_sealed").count() == 2
    assert {n.recipient: n.kind for n in Notification.objects.filter(kind__startswith="likeness_")} == {
        alice: "likeness_waiting",
        carol: "likeness_used",
    }
    assert set(PermitRecord.objects.values_list("state", flat=True)) == {PermitRecord.State.SPENT}


def test_a_remix_carries_the_people_of_what_it_is_made_from(
    likeness: Cameo, bob: User, carol: User, now: datetime
) -> None:
    grant(likeness, now)
    clip = sealed(bob, [likeness], now)
    generation = generation_by(carol, now, parent=clip)
    remix = Clip.objects.create(
        maker=carol, engine="native", cast_count=0, duration_ms=1, width=1, height=1, sealed_at=now
    )
    own = likeness_of(carol, now)
    permit = ask(own, carol, now, generation=generation)
    uses.write_uses(clip=remix, permits=[permit], inherited_from=clip, now=now)
    remix.refresh_from_db()
    assert remix.cast_count == 2
    # Nobody judged words about her: she sees it first, although her grant does not ask for that.
    assert use_in(remix, likeness).is_waiting


def test_a_remix_is_not_sealed_where_somebody_in_its_source_does_not_agree(
    likeness: Cameo, alice: User, bob: User, carol: User, now: datetime
) -> None:
    grant(likeness, now, audience=Audience.NAMED, people=[bob])
    clip = sealed(bob, [likeness], now)
    own = likeness_of(carol, now)
    generation = generation_by(carol, now, parent=clip)
    permit = ask(own, carol, now, generation=generation)
    remix = Clip.objects.create(
        maker=carol, engine="native", cast_count=2, duration_ms=1, width=1, height=1, sealed_at=now
    )
    with pytest.raises(ConsentDenied) as denied:
        uses.write_uses(clip=remix, permits=[permit], inherited_from=clip, now=now)
    assert denied.value.reason == Reason.AUDIENCE
    assert not LikenessUse.objects.filter(clip=remix).exists()


def test_nothing_is_sealed_from_a_clip_that_was_taken_down_meanwhile(
    likeness: Cameo, alice: User, bob: User, now: datetime
) -> None:
    from cameos import revocation

    grant(likeness, now)
    clip = sealed(bob, [likeness], now)
    generation = generation_by(bob, now, parent=clip, cast=[likeness])
    permit = ask(likeness, bob, now, generation=generation)
    revocation.delete_use(use=use_in(clip, likeness), owner=alice, now=now)
    with pytest.raises(ConsentDenied) as denied:
        consent.recheck(generation=generation, now=now)
    generation.refresh_from_db()
    assert generation.state == "CANCELLED"
    assert denied.value.reason == Reason.PERMIT_OVER
    remix = Clip.objects.create(
        maker=bob, engine="native", cast_count=1, duration_ms=1, width=1, height=1, sealed_at=now
    )
    with pytest.raises(ConsentDenied) as at_sealing:
        uses.write_uses(clip=remix, permits=[permit], inherited_from=clip, now=now)
    assert at_sealing.value.reason == Reason.SOURCE_ENDED


def test_the_grant_at_sealing_may_be_stricter_than_at_the_permit(
    likeness: Cameo, alice: User, bob: User, now: datetime
) -> None:
    saved = grant(likeness, now, show_me_first=False)
    generation = generation_by(bob, now, cast=[likeness])
    permit = ask(likeness, bob, now, generation=generation)
    stricter = replace(the_terms.of(saved), show_me_first=True)
    actions.save_grant(cameo=likeness, owner=alice, terms=stricter, stepped_up=False, now=now)
    clip = Clip.objects.create(
        maker=bob, engine="native", cast_count=1, duration_ms=1, width=1, height=1, sealed_at=now
    )
    (use,) = uses.write_uses(clip=clip, permits=[permit], now=now)
    assert use.is_waiting and use.grant is not None and use.grant.show_me_first

    actions.save_grant(cameo=likeness, owner=alice, terms=Terms(), stepped_up=False, now=now)
    other = Clip.objects.create(
        maker=bob, engine="native", cast_count=1, duration_ms=1, width=1, height=1, sealed_at=now
    )
    with pytest.raises(ConsentDenied):
        uses.write_uses(clip=other, permits=[permit], now=now)


def test_publishing_waits_for_alices_word(likeness: Cameo, alice: User, bob: User, now: datetime) -> None:
    grant(likeness, now, show_me_first=True)
    clip = sealed(bob, [likeness], now)
    clip = Clip.objects.get(pk=clip.pk)
    with pytest.raises(NotReadyToPublish) as waiting:
        uses.ready_to_publish(clip, now)
    assert waiting.value.code == "waiting_for_approval"
    uses.approve(use=use_in(clip, likeness), owner=alice, now=now)
    uses.ready_to_publish(clip, now)
    assert public(clip, now)


def test_publishing_asks_the_gate_again(likeness: Cameo, alice: User, bob: User, now: datetime) -> None:
    grant(likeness, now)
    clip = Clip.objects.get(pk=sealed(bob, [likeness], now).pk)
    actions.save_grant(
        cameo=likeness, owner=alice, terms=Terms(), stepped_up=False, also_existing=False, now=now
    )
    with pytest.raises(ConsentDenied) as denied:
        uses.ready_to_publish(clip, now)
    assert denied.value.reason == Reason.AUDIENCE


def test_a_missing_row_stops_publishing(bob: User, now: datetime) -> None:
    clip = Clip.objects.create(
        maker=bob, engine="native", cast_count=1, duration_ms=1, width=1, height=1, sealed_at=now
    )
    with pytest.raises(NotReadyToPublish) as missing:
        uses.ready_to_publish(clip, now)
    assert missing.value.code == "use_missing"


def test_declining_ends_the_clip_for_everybody(
    likeness: Cameo, alice: User, bob: User, now: datetime
) -> None:
    grant(likeness, now, show_me_first=True)
    clip = sealed(bob, [likeness], now)
    use = uses.decline(use=use_in(clip, likeness), owner=alice, now=now)
    assert (use.state, use.approval, use.ended_reason) == (ENDED, "declined", "declined")
    assert not served(clip, bob, now) and not served(clip, alice, now)
    for act in (uses.approve, uses.decline):
        with pytest.raises(UseOver):
            act(use=use, owner=alice, now=now)


def test_only_alice_decides_about_herself(likeness: Cameo, alice: User, bob: User, now: datetime) -> None:
    grant(likeness, now, show_me_first=True)
    clip = sealed(bob, [likeness], now)
    for act in (uses.approve, uses.decline):
        with pytest.raises(NotYours):
            act(use=use_in(clip, likeness), owner=bob, now=now)
    assert use_in(clip, likeness).is_waiting


def test_after_fourteen_days_without_a_word_it_is_declined(likeness: Cameo, bob: User, now: datetime) -> None:
    grant(likeness, now, show_me_first=True)
    clip = sealed(bob, [likeness], now)
    assert uses.decline_overdue(now + 14 * DAY - timedelta(seconds=1)) == 0
    assert uses.decline_overdue(now + 14 * DAY) == 1
    use = use_in(clip, likeness)
    assert (use.state, use.approval, use.ended_reason) == (ENDED, "declined", "timed_out")


def test_nothing_leaves_ended_whatever_code_says(
    likeness: Cameo, alice: User, bob: User, now: datetime
) -> None:
    grant(likeness, now, show_me_first=True)
    clip = sealed(bob, [likeness], now)
    uses.decline(use=use_in(clip, likeness), owner=alice, now=now)
    for state in (LIVE, PROVISIONAL):
        with pytest.raises(DatabaseError), transaction.atomic():
            LikenessUse.objects.filter(clip=clip).update(state=state)
    assert use_in(clip, likeness).is_ended


def test_the_database_keeps_uses_to_the_cast(likeness: Cameo, bob: User, carol: User, now: datetime) -> None:
    grant(likeness, now)
    clip, other = sealed(bob, [likeness], now), sealed(bob, [likeness], now)
    carols = likeness_of(carol, now)
    refused = [
        lambda: LikenessUse.objects.create(
            clip=clip, cameo=carols, state=LIVE, approval="not_needed", created_at=now
        ),
        lambda: LikenessUse.objects.filter(clip=clip).delete(),
        lambda: LikenessUse.objects.filter(clip=clip).update(cameo=carols),
        lambda: Clip.objects.filter(pk=clip.pk).update(cast_count=0),
        lambda: Clip.objects.filter(pk=clip.pk).update(cast_count=2),
        lambda: LikenessUse.objects.filter(clip=clip).update(clip=other),
    ]
    for change in refused:
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert LikenessUse.objects.count() == 2 and public(clip, now)


def test_a_moderators_look_enters_alices_ledger(
    likeness: Cameo, alice: User, bob: User, mod: User, now: datetime
) -> None:
    grant(likeness, now)
    clip = sealed(bob, [likeness], now)
    actions.note_moderator(clip=clip, moderator=mod, reason="report 7", now=now)
    assert LedgerEntry.objects.filter(cameo=likeness, kind="seen_by_moderator").count() == 1
    for who, why in ((bob, "curious"), (mod, " ")):
        with pytest.raises(NotYours):
            actions.note_moderator(clip=clip, moderator=who, reason=why, now=now)


def test_ready_generations_keep_their_row(likeness: Cameo, bob: User, now: datetime) -> None:
    grant(likeness, now)
    clip = sealed(bob, [likeness], now)
    assert Generation.objects.get(clip=clip).permits.get().use.clip_id == clip.pk
