"""Taking it back: hidden at the next read, gone from everywhere after, and never brought back by a backup."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts import journal
from accounts.models import Notification, User
from accounts.signals import blocked
from cameos import consent, revocation, vault
from cameos.consent import ConsentDenied, Reason
from cameos.models import Cameo, Ending, LedgerEntry, LikenessGrant, LikenessUse, Reference
from cameos.references import store
from cameos.refusals import LikenessGone, NotYours, UseOver
from generation.models import Clip, Generation, Preview
from tests.cameos.making import ask, block, generation_by, grant, likeness_of, sealed, use_in

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def own_journal(settings: Any, tmp_path: Path) -> None:
    settings.JOURNAL_PATH = tmp_path / "journal.jsonl"


@pytest.fixture
def likeness(alice: User, now: datetime) -> Cameo:
    return likeness_of(alice, now - 3 * DAY)


@pytest.fixture
def tree(likeness: Cameo, bob: User, carol: User, now: datetime) -> list[Clip]:
    """A clip of Bob's with Alice, Carol's remix of it, and Bob's remix of that."""
    grant(likeness, now)
    clip = sealed(bob, [likeness], now)
    remix = sealed(carol, [likeness], now, parent=clip)
    return [clip, remix, sealed(bob, [likeness], now, parent=remix)]


def visible(viewer: Any) -> int:
    return Clip.objects.visible_to(viewer).count()


def states(clips: list[Clip]) -> list[str]:
    return [use.state for clip in clips for use in LikenessUse.objects.filter(clip=clip)]


def test_nothing_that_leans_on_the_grant_is_served_at_the_next_read(
    tree: list[Clip], likeness: Cameo, alice: User, bob: User, carol: User, now: datetime
) -> None:
    assert [visible(person) for person in (alice, bob, carol)] == [3, 2, 1]
    entry = revocation.revoke(cameo=likeness, owner=alice, now=now)
    assert entry.kind == "revoked"
    assert [visible(person) for person in (alice, bob, carol)] == [0, 0, 0]
    assert states(tree) == ["ended"] * 3
    assert consent.in_force(likeness, now) is None
    with pytest.raises(ConsentDenied):
        ask(likeness, bob, now)


def test_revoking_twice_ends_nothing_more(
    tree: list[Clip], likeness: Cameo, alice: User, now: datetime
) -> None:
    revocation.revoke(cameo=likeness, owner=alice, now=now)
    revocation.revoke(cameo=likeness, owner=alice, now=now + DAY)
    assert Ending.objects.count() == 1
    assert LikenessGrant.objects.get().revoked_at == now


def test_a_generation_that_renders_is_flagged_in_the_same_transaction(
    likeness: Cameo, alice: User, bob: User, now: datetime
) -> None:
    grant(likeness, now)
    queued = generation_by(bob, now, cast=[likeness])
    ask(likeness, bob, now, generation=queued)
    working = generation_by(bob, now, cast=[likeness])
    ask(likeness, bob, now, generation=working)
    Generation.objects.filter(pk=working.pk).update(state="RENDERING")
    revocation.revoke(cameo=likeness, owner=alice, now=now)
    queued.refresh_from_db()
    working.refresh_from_db()
    assert queued.state == "CANCELLED"
    assert working.cancel_requested_at == now
    with pytest.raises(ConsentDenied):
        consent.recheck(generation=working, now=now)


@pytest.mark.parametrize("how", ["revoke", "freeze", "block"])
def test_a_glimpse_of_her_is_gone_before_the_worker_hears_of_it(
    how: str, likeness: Cameo, alice: User, bob: User, now: datetime, client: Any
) -> None:
    grant(likeness, now)
    working = generation_by(bob, now, cast=[likeness])
    ask(likeness, bob, now, generation=working)
    Generation.objects.filter(pk=working.pk).update(state="RENDERING")
    Preview.objects.create(generation=working, jpeg=b"her face", step=3)
    client.force_login(bob)
    address = f"/generations/{working.public_id}/glimpse"
    assert client.get(address).content == b"her face"
    if how == "block":
        block(alice, bob, now)
    else:
        getattr(revocation, how)(cameo=likeness, owner=alice, now=now)
    assert client.get(address).status_code == 204


def test_the_owners_own_clips_stay_but_not_what_they_made_from_others(
    tree: list[Clip], likeness: Cameo, alice: User, now: datetime
) -> None:
    own = sealed(alice, [likeness], now)
    of_bobs = sealed(alice, [likeness], now, parent=tree[0])
    revocation.revoke(cameo=likeness, owner=alice, now=now)
    assert states([own, of_bobs]) == ["live", "ended"]


def test_freezing_is_one_act_that_stops_everything_and_keeps_the_grant(
    tree: list[Clip], likeness: Cameo, alice: User, bob: User, now: datetime
) -> None:
    own = sealed(alice, [likeness], now)
    revocation.freeze(cameo=likeness, owner=alice, now=now)
    assert states([*tree, own]) == ["ended"] * 4
    assert consent.in_force(likeness, now) is not None
    with pytest.raises(ConsentDenied) as denied:
        ask(likeness, bob, now)
    assert denied.value.reason == Reason.FROZEN
    revocation.unfreeze(cameo=likeness, owner=alice, now=now)
    assert ask(likeness, bob, now)
    assert states(tree) == ["ended"] * 3


def test_deleting_one_clip_takes_what_was_made_from_it_and_nothing_else(
    tree: list[Clip], likeness: Cameo, alice: User, bob: User, now: datetime
) -> None:
    other = sealed(bob, [likeness], now)
    revocation.delete_use(use=use_in(tree[1], likeness), owner=alice, now=now)
    assert states([*tree, other]) == ["live", "ended", "ended", "live"]
    with pytest.raises(UseOver):
        revocation.delete_use(use=use_in(tree[1], likeness), owner=alice, now=now)


def test_blocking_the_maker_ends_what_they_made_and_what_others_made_from_it(
    tree: list[Clip], likeness: Cameo, alice: User, bob: User, carol: User, now: datetime
) -> None:
    carols = sealed(carol, [likeness], now)
    blocked.send(sender=User, blocker=alice, blocked=bob, now=now)
    assert states([*tree, carols]) == ["ended", "ended", "ended", "live"]


def test_nobody_else_takes_it_back(likeness: Cameo, bob: User, tree: list[Clip], now: datetime) -> None:
    acts = [
        lambda: revocation.revoke(cameo=likeness, owner=bob, now=now),
        lambda: revocation.freeze(cameo=likeness, owner=bob, now=now),
        lambda: revocation.unfreeze(cameo=likeness, owner=bob, now=now),
        lambda: revocation.delete_use(use=use_in(tree[0], likeness), owner=bob, now=now),
        lambda: revocation.erase(cameo=likeness, owner=bob, now=now),
    ]
    for act in acts:
        with pytest.raises(NotYours):
            act()
    assert states(tree) == ["live"] * 3


def test_the_sweep_finishes_what_was_begun_and_then_finds_nothing(
    tree: list[Clip], likeness: Cameo, alice: User, bob: User, carol: User, now: datetime
) -> None:
    revocation.revoke(cameo=likeness, owner=alice, now=now)
    assert Ending.objects.get().finished_at is None
    revocation.sweep(now)  # files are still there: said again, not finished
    assert Ending.objects.get().finished_at is None
    Clip.objects.update(files_purged_at=now)
    assert revocation.sweep(now) == 1
    assert Ending.objects.get().finished_at == now
    assert LedgerEntry.objects.filter(kind="ending_finished").count() == 1
    assert Notification.objects.filter(recipient=alice, kind="likeness_reached").count() == 1
    told = Notification.objects.filter(kind="clip_withdrawn")
    assert sorted(n.recipient.username for n in told) == ["bob", "carol"]  # once each, however many clips
    assert revocation.sweep(now) == 0


def test_the_sweep_ends_what_time_ended(likeness: Cameo, bob: User, now: datetime) -> None:
    grant(likeness, now, show_until=now + DAY)
    clip = sealed(bob, [likeness], now)
    revocation.sweep(now)
    assert states([clip]) == ["live"]
    revocation.sweep(now + DAY)
    assert states([clip]) == ["ended"]


@pytest.mark.parametrize("harm", ["grant", "freeze", "block", "erase"])
def test_the_sweep_repairs_what_was_written_around_the_rules(
    harm: str, likeness: Cameo, alice: User, bob: User, now: datetime
) -> None:
    grant(likeness, now)
    clip = sealed(bob, [likeness], now)
    if harm == "grant":
        LikenessGrant.objects.update(revoked_at=now)
    elif harm == "freeze":
        Cameo.objects.update(frozen_at=now)
    elif harm == "erase":
        Cameo.objects.update(state=Cameo.State.ERASED)
    else:
        block(alice, bob, now)
    assert revocation.sweep(now) >= 1
    assert states([clip]) == ["ended"]


# --- Erasing -----------------------------------------------------------------------------------------------


def test_erasing_destroys_the_key_first_so_that_a_backup_of_the_rows_is_noise(
    tree: list[Clip], likeness: Cameo, alice: User, now: datetime
) -> None:
    reference = store(likeness, Reference.Kind.FACE, b"a face", now)
    backup_sealed, backup_wrapped = bytes(reference.sealed), bytes(likeness.vault_key.wrapped or b"")
    receipt = revocation.erase(cameo=likeness, owner=alice, now=now)
    assert receipt.kind == "erased" and bytes(receipt.details) == b""
    likeness.refresh_from_db()
    assert likeness.state == Cameo.State.ERASED and likeness.name == ""
    assert not Reference.objects.filter(cameo=likeness).exists()
    assert states(tree) == ["ended"] * 3

    vault.VaultKey.objects.filter(cameo=likeness).update(wrapped=backup_wrapped, destroyed_at=None)
    with pytest.raises(vault.VaultClosed):
        vault.open(likeness, backup_sealed, "reference face")


def test_after_erasing_a_new_likeness_may_begin(likeness: Cameo, alice: User, now: datetime) -> None:
    revocation.erase(cameo=likeness, owner=alice, now=now)
    assert likeness_of(alice, now).pk != likeness.pk
    with pytest.raises(LikenessGone):
        revocation.freeze(cameo=likeness, owner=alice, now=now)


# --- Backups -----------------------------------------------------------------------------------------------


class Backup:
    """The rows of grants, uses and cameos as an old backup has them, put back around every rule."""

    def __init__(self) -> None:
        self.grants = list(LikenessGrant.objects.values("pk", "revoked_at"))
        self.cameos = list(Cameo.objects.values("pk", "state", "frozen_at", "name"))

    def restore(self, likeness: Cameo, maker: User, now: datetime) -> Clip:
        for table, rows in ((LikenessGrant, self.grants), (Cameo, self.cameos)):
            for row in rows:
                table.objects.filter(pk=row["pk"]).update(**{k: v for k, v in row.items() if k != "pk"})
        likeness.refresh_from_db()
        return sealed(maker, [likeness], now)


@pytest.mark.parametrize("act", ["revoke", "freeze", "erase"])
def test_restoring_an_old_backup_brings_nothing_back(
    act: str, likeness: Cameo, alice: User, bob: User, now: datetime
) -> None:
    grant(likeness, now)
    backup = Backup()
    later = now + timedelta(hours=1)
    getattr(revocation, act)(cameo=likeness, owner=alice, now=later)
    clip = backup.restore(likeness, bob, now) if act != "erase" else None
    if act == "erase":
        Cameo.objects.filter(pk=likeness.pk).update(state=Cameo.State.VERIFIED)
        LikenessGrant.objects.update(revoked_at=None)

    assert journal.replay() >= 1
    journal.replay()
    likeness.refresh_from_db()
    if clip is not None:
        assert states([clip]) == ["ended"]
        assert not Clip.objects.visible_to(bob).filter(pk=clip.pk).exists()
    with pytest.raises(ConsentDenied):
        ask(likeness, bob, later)


def test_a_single_clip_taken_down_stays_down_after_a_restore(
    likeness: Cameo, alice: User, bob: User, now: datetime
) -> None:
    grant(likeness, now)
    clip = sealed(bob, [likeness], now)
    revocation.delete_use(use=use_in(clip, likeness), owner=alice, now=now)
    other = sealed(bob, [likeness], now)
    text = Path(journal.settings.JOURNAL_PATH).read_text()
    (line,) = [json.loads(row) for row in text.splitlines()]
    assert line["kind"] == "likeness.uses_ended"
    # The backup had the row running: the same line names it.
    line["payload"]["uses"] = [str(use_in(other, likeness).public_id)]
    revocation.replay_uses_ended(line["payload"])
    assert states([other]) == ["ended"]


def test_a_grant_given_after_the_revocation_survives_the_replay(
    likeness: Cameo, alice: User, bob: User, now: datetime
) -> None:
    grant(likeness, now)
    revocation.revoke(cameo=likeness, owner=alice, now=now)
    grant(likeness, now + 4 * DAY)
    journal.replay()
    assert ask(likeness, bob, now + 4 * DAY)


def test_a_backup_from_before_a_narrowing_does_not_open_it_again(
    likeness: Cameo, alice: User, bob: User, now: datetime
) -> None:
    wide = grant(likeness, now)
    clip = sealed(bob, [likeness], now)
    grant(likeness, now + 3 * DAY, audience="circle")
    LikenessGrant.objects.exclude(pk=wide.pk).delete()  # the backup knows no later version
    assert journal.replay() == 1
    with pytest.raises(ConsentDenied):
        ask(likeness, bob, now + 3 * DAY)
    assert states([clip]) == ["ended"]


def test_a_narrowing_that_the_backup_knows_is_left_as_it_is(
    likeness: Cameo, alice: User, bob: User, now: datetime
) -> None:
    grant(likeness, now)
    grant(likeness, now + 3 * DAY, voice=False, minimum_age=18)
    journal.replay()
    assert ask(likeness, bob, now + 3 * DAY)


def test_what_was_hidden_or_declined_stays_so_after_a_restore(
    likeness: Cameo, alice: User, bob: User, now: datetime
) -> None:
    from cameos import uses

    grant(likeness, now)
    hidden = use_in(sealed(bob, [likeness], now), likeness)
    uses.hide(use=hidden, owner=alice, now=now)
    LikenessUse.objects.update(state="live", approval="not_needed")  # the backup
    journal.replay()
    hidden.refresh_from_db()
    assert hidden.is_hidden
    uses.show(use=hidden, owner=alice, now=now)
    journal.replay()
    hidden.refresh_from_db()
    assert hidden.state == "live"
    LikenessGrant.objects.update(show_me_first=True)
    waiting = use_in(sealed(bob, [likeness], now), likeness)
    uses.decline(use=waiting, owner=alice, now=now)
    lines = [line.kind for line in journal.read()]
    assert lines == ["likeness.use_hidden", "likeness.use_shown", "likeness.uses_ended"]


# --- At a bad moment ---------------------------------------------------------------------------------------


def test_revoking_before_bob_publishes_refuses_it_by_name_and_after_it_withdraws_the_post(
    likeness: Cameo, alice: User, bob: User, now: datetime
) -> None:
    from cameos.refusals import NotReadyToPublish
    from feed.actions import publish
    from feed.models import Post

    grant(likeness, now)
    early, late = (sealed(bob, [likeness], now) for _ in range(2))
    post = publish(clip=early, creator=bob, caption="", now=now)
    revocation.revoke(cameo=likeness, owner=alice, now=now)
    with pytest.raises(NotReadyToPublish) as refused:
        publish(clip=late, creator=bob, caption="", now=now)
    assert refused.value.code == "use_ended"
    assert not Post.objects.filter(clip=late).exists()
    post.refresh_from_db()
    assert post.state == Post.State.WITHDRAWN


def test_one_maker_hears_once_of_ten_clips_and_all_their_files_go(
    likeness: Cameo, alice: User, bob: User, now: datetime
) -> None:
    from accounts import notifications
    from generation import purge

    grant(likeness, now)
    for _ in range(10):
        sealed(bob, [likeness], now)
    revocation.revoke(cameo=likeness, owner=alice, now=now)
    (told,) = Notification.objects.filter(recipient=bob, kind="clip_withdrawn")
    assert notifications.read(told).text.startswith("10 of your clips are no longer shown")
    assert purge.purge_leftovers(now) == 10
    assert purge.purge_leftovers(now) == 0
    assert revocation.sweep(now) == 1 and Ending.objects.get().finished_at == now


@pytest.mark.parametrize("standing", ["kin", "witness"])
def test_a_moderator_freezes_for_somebody_who_cannot_and_only_alice_lifts_it(
    standing: str, likeness: Cameo, alice: User, bob: User, mod: User, now: datetime
) -> None:
    from accounts import cases, notifications
    from cameos import freeze_requests

    grant(likeness, now)
    clip = sealed(bob, [likeness], now)
    case = freeze_requests.ask(cameo=likeness, asker=bob, standing=standing, words="Help her.", now=now)
    told = Notification.objects.filter(recipient=alice, kind="likeness_freeze_asked").exists()
    assert told == (standing != "witness")
    assert states([clip]) == ["live"]
    cases.decide(case=case, moderator=mod, decision="freeze", note="seen the papers", now=now)
    assert states([clip]) == ["ended"]
    with pytest.raises(NotYours):
        revocation.unfreeze(cameo=likeness, owner=mod, now=now)
    assert LedgerEntry.objects.filter(kind="frozen_on_request").count() == 1
    news = Notification.objects.get(recipient=alice, kind="likeness_frozen")
    assert notifications.read(news).text.startswith("A moderator froze your likeness")
