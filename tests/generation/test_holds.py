"""A legal hold: a sealed copy that this host cannot open, asked by one moderator, agreed to by another, in
everybody's ledger, and gone when it is over."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client

from accounts import cases
from accounts.models import Case, User
from cameos import ledger, references, revocation
from cameos.models import Cameo, LedgerEntry, Reference
from generation import hand, holds, purge
from generation.models import Clip, LegalHold
from generation.states import State
from generation.sweep import sweep
from generation.workers.sealing import NotForUs
from tests.generation.conftest import Ask, allow

pytestmark = pytest.mark.django_db


@pytest.fixture
def private(settings: Any, tmp_path: Path) -> str:
    settings.DATA_DIR = tmp_path
    private, settings.LEGAL_HOLD_KEY = holds.make_key()
    return private


@pytest.fixture
def clip(ask: Ask, bob: User, likeness: Cameo, now: datetime) -> Clip:
    """Bob's clip, in which Alice is cast."""
    allow(likeness, bob, now)
    references.store(likeness, Reference.Kind.FACE, b"what the renderer reads", now)
    row = ask(bob, cast=[likeness])
    hand.drain()
    row.refresh_from_db()
    assert row.state == State.READY and row.clip is not None, (row.state, row.error)
    return row.clip


@pytest.fixture
def second(now: datetime) -> User:
    return User.objects.create_user(
        username="second", email="second@example.test", birth_date=now.date().replace(year=1990),
        is_moderator=True,
    )  # fmt: skip


def files_of(clip: Clip, settings: Any) -> dict[str, bytes]:
    return {r.kind: (Path(settings.MEDIA_ROOT) / r.path).read_bytes() for r in clip.renditions.all()}


def ask_for(clip: Clip, mod: User, now: datetime) -> LegalHold:
    return holds.ask(clip=clip, moderator=mod, reason="Prosecutor, 7 Js 1/26", days=90, now=now)


def agree(by: User, now: datetime) -> None:
    cases.decide(case=Case.objects.get(kind="legal_hold"), moderator=by, decision="agree", now=now)


def test_a_withdrawn_clips_files_go_and_only_the_key_elsewhere_opens_the_copy(
    clip: Clip,
    likeness: Cameo,
    alice: User,
    mod: User,
    second: User,
    private: str,
    settings: Any,
    now: datetime,
) -> None:
    were = files_of(clip, settings)
    hold = ask_for(clip, mod, now)
    agree(second, now)
    revocation.revoke(cameo=likeness, owner=alice, now=now)
    purge.purge([clip.pk], now)
    assert not (Path(settings.MEDIA_ROOT) / "clips" / str(clip.public_id)).exists()
    assert not Clip.objects.visible_to(mod).filter(pk=clip.pk).exists()
    hold.refresh_from_db()
    assert hold.state == LegalHold.State.HELD and set(hold.files) == set(were)
    kept = b"".join(path.read_bytes() for path in hold.folder.iterdir())
    assert all(data[:64] not in kept for data in were.values())
    assert holds.opened(hold, base64.b64decode(private)) == were
    with pytest.raises(NotForUs):
        holds.opened(hold, base64.b64decode(holds.make_key()[0]))


def test_alice_reads_in_her_ledger_who_is_kept_why_and_until_when(
    clip: Clip, likeness: Cameo, mod: User, second: User, private: str, now: datetime
) -> None:
    hold = ask_for(clip, mod, now)
    agree(second, now)
    holds.lift(hold=hold, now=now)
    holds.lift(hold=hold, now=now)
    kinds = list(
        LedgerEntry.objects.filter(cameo=likeness).order_by("sequence").values_list("kind", flat=True)
    )
    assert kinds[-3:] == ["hold_asked", "hold_agreed", "hold_over"]
    last = LedgerEntry.objects.filter(cameo=likeness, kind="hold_asked").get()
    assert str(clip.public_id) in last.body and "7 Js 1/26" not in last.body
    assert b"7 Js 1/26" in ledger.export(likeness)


def test_it_takes_two_people(clip: Clip, mod: User, private: str, now: datetime) -> None:
    hold = ask_for(clip, mod, now)
    with pytest.raises(cases.OwnCase):
        agree(mod, now)
    hold.refresh_from_db()
    assert hold.state == LegalHold.State.ASKED
    with pytest.raises(IntegrityError), transaction.atomic():
        LegalHold.objects.filter(pk=hold.pk).update(agreed_by=mod)


@pytest.mark.parametrize("how", ["nobody agrees", "refused", "expired"])
def test_what_is_over_is_destroyed(
    clip: Clip, mod: User, second: User, private: str, now: datetime, how: str,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    hold = ask_for(clip, mod, now)
    assert hold.folder.exists()
    with django_capture_on_commit_callbacks(execute=True):
        if how == "refused":
            case = Case.objects.get(kind="legal_hold")
            cases.decide(case=case, moderator=second, decision="refuse", note="No such file.", now=now)
        elif how == "expired":
            agree(second, now)
            sweep(now + timedelta(days=89))
            assert hold.folder.exists()
            sweep(now + timedelta(days=91))
        else:
            sweep(now + timedelta(hours=71))
            assert hold.folder.exists()
            sweep(now + timedelta(hours=73))
    hold.refresh_from_db()
    assert hold.state == LegalHold.State.OVER and not hold.folder.exists()


def test_what_cannot_be_is_refused_by_name_and_keeps_nothing(
    clip: Clip, mod: User, private: str, settings: Any, now: datetime
) -> None:
    for reason, days in (("", 9), ("because", 0), ("because", 366)):
        with pytest.raises(holds.BadHold):
            holds.ask(clip=clip, moderator=mod, reason=reason, days=days, now=now)
    ask_for(clip, mod, now)
    with pytest.raises(holds.HoldThere):
        ask_for(clip, mod, now)
    LegalHold.objects.all().delete()
    for key in ("", "nonsense", base64.b64encode(bytes(32)).decode()):
        settings.LEGAL_HOLD_KEY = key
        with pytest.raises(holds.NoHoldKey):
            ask_for(clip, mod, now)
    Clip.objects.filter(pk=clip.pk).update(files_purged_at=now)
    clip.refresh_from_db()
    settings.LEGAL_HOLD_KEY = holds.make_key()[1]
    with pytest.raises(holds.HoldThere):
        ask_for(clip, mod, now)
    assert not LegalHold.objects.exists()


def test_a_moderator_asks_on_a_page_that_shows_nothing_of_the_clip(
    clip: Clip, mod: User, second: User, private: str, client: Client
) -> None:
    client.force_login(mod)
    page = client.get(f"/clips/{clip.public_id}/hold").content.decode()
    assert "a key that is not on this host" in page and "<video" not in page
    sent = client.post(f"/clips/{clip.public_id}/hold", {"reason": "Court, 12 C 3/26", "days": "30"})
    assert sent.status_code == 302
    client.force_login(second)
    case = Case.objects.get(kind="legal_hold")
    page = client.get(f"/cases/{case.public_id}").content.decode()
    assert (
        "Court, 12 C 3/26" in page and "You cannot open it" in page and "<img" not in page.split("facts")[1]
    )


def test_the_operators_command_makes_a_key_lists_opens_and_lifts(
    clip: Clip, mod: User, private: str, tmp_path: Path, now: datetime
) -> None:
    hold = ask_for(clip, mod, now)
    key = tmp_path / "key"
    key.write_text(private)
    out = StringIO()
    call_command("legal_hold", list=True, stdout=out)
    call_command("legal_hold", open=str(hold.public_id), key=key, to=tmp_path / "out", stdout=out)
    assert "7 Js 1/26" in out.getvalue() and (tmp_path / "out" / "mp4_720").exists()
    key.write_text(holds.make_key()[0])
    with pytest.raises(CommandError):
        call_command("legal_hold", open=str(hold.public_id), key=key, to=tmp_path / "out")
    call_command("legal_hold", lift=str(hold.public_id), stdout=out)
    hold.refresh_from_db()
    assert hold.state == LegalHold.State.OVER
    made = StringIO()
    call_command("legal_hold", make_key=True, stdout=made)
    assert "LEGAL_HOLD_KEY=" in made.getvalue()
