"""A legal hold: what the law asks to keep of a clip, where this host itself cannot show it.

    ask -> ASKED -(another moderator agrees)-> HELD -(expires, or is lifted)-> OVER
             +-(not agreed to, or 72 hours without a word)--------------------> OVER

The files are sealed with the operator's public key (X25519, AES-256-GCM); the private one is kept off the
host, so no page, task or moderator can open them here. The clip itself is withdrawn and purged as ever,
within the same minute: what is sealed is a copy, and is destroyed when the hold is over. Everybody in the
clip finds asking, agreeing and ending in their ledger, with the reason.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts import cases
from accounts.models import Case, User
from accounts.refusals import Refused
from cameos import ledger
from cameos.models import Cameo
from generation import store
from generation.models import Clip, LegalHold
from generation.workers import sealing

AGREED_WITHIN = timedelta(hours=72)
LONGEST = timedelta(days=365)
CASE = "legal_hold"


class NoHoldKey(Refused):
    code = "no_hold_key"
    message = _("This host has no key for legal holds.")
    hint = _("Its operator makes one with “manage.py legal_hold --make-key” and sets LEGAL_HOLD_KEY.")
    status = 409


class HoldThere(Refused):
    code = "hold_there"
    message = _("This clip is held already, or its files are gone.")
    status = 409


class BadHold(Refused):
    code = "bad_hold"
    message = _("A hold needs a reason and ends within a year.")
    status = 400


def make_key() -> tuple[str, str]:
    """(private, public) in base64. The private one leaves the host at once."""
    private = X25519PrivateKey.generate()
    pair = (private.private_bytes_raw(), private.public_key().public_bytes_raw())
    return base64.b64encode(pair[0]).decode(), base64.b64encode(pair[1]).decode()


def ask(*, clip: Clip, moderator: User, reason: str, days: int, now: datetime) -> LegalHold:
    """Seal the clip's files now, and ask another moderator. Raises `NoHoldKey`, `HoldThere`, `BadHold`."""
    key, reason = _public_key(), reason.strip()[:300]
    if not reason or not 0 < days <= LONGEST.days:
        raise BadHold()
    if clip.files_purged_at is not None:
        raise HoldThere()
    try:
        with transaction.atomic():
            hold = LegalHold.objects.create(
                clip=clip,
                reason=reason,
                asked_by=moderator,
                asked_at=now,
                expires_at=now + timedelta(days=days),
            )
            _seal(hold, key)
            _note(hold, "hold_asked", now)
            cases.file(kind=CASE, subject=_subject(hold), reason=reason, filed_by=moderator, now=now)
    except IntegrityError as error:
        raise HoldThere() from error
    return hold


def decide(*, case: Case, decision: str, moderator: User, note: str, now: datetime) -> None:
    """Another moderator's word. Raises `cases.OwnCase` for the one who asked."""
    hold = of(case)
    if hold is None or hold.state != LegalHold.State.ASKED:
        return
    if decision != "agree":
        _end(hold, now)
    elif moderator.pk == hold.asked_by_id:
        raise cases.OwnCase()
    else:
        hold.state, hold.agreed_by, hold.agreed_at = LegalHold.State.HELD, moderator, now
        hold.save(update_fields=["state", "agreed_by", "agreed_at"])
        _note(hold, "hold_agreed", now)


def lift(*, hold: LegalHold, now: datetime) -> None:
    """Earlier than its day. Twice does no harm."""
    with transaction.atomic():
        held = LegalHold.objects.select_for_update(of=("self",)).select_related("clip").get(pk=hold.pk)
        if held.state != LegalHold.State.OVER:
            _end(held, now)


def sweep(now: datetime) -> int:
    """End what expired and what nobody agreed to. Returns how many."""
    standing = LegalHold.objects.exclude(state=LegalHold.State.OVER)
    late = standing.filter(state=LegalHold.State.ASKED, asked_at__lt=now - AGREED_WITHIN)
    due = list(late | standing.filter(expires_at__lte=now))
    for hold in due:
        lift(hold=hold, now=now)
    return len(due)


def opened(hold: LegalHold, private: bytes) -> dict[str, bytes]:
    """The files by name, with the key that is not on this host. Raises `sealing.NotForUs`, `OSError`."""
    key = X25519PrivateKey.from_private_bytes(private)
    return {
        name: sealing.open_with(key, (hold.folder / f"{name}.sealed").read_bytes(), _label(hold, name))
        for name in hold.files
    }


def of(case: Case) -> LegalHold | None:
    key = case.subject.rpartition(":")[2]
    return LegalHold.objects.select_related("clip", "asked_by").filter(public_id=key).first()


def register() -> None:
    cases.register(
        CASE,
        cases.Handler(
            title=_("Legal hold to agree to"),
            template="generation/_case_hold.html",
            decisions=(
                cases.Decision("agree", _("Agree: keep the sealed copy")),
                cases.Decision("refuse", _("Do not keep it"), needs_note=True, is_severe=True),
            ),
            apply=decide,
            evidence=_evidence,
        ),
    )


def _evidence(case: Case) -> dict[str, Any]:
    return {"hold": of(case)}


def _seal(hold: LegalHold, key: bytes) -> None:
    hold.folder.mkdir(parents=True, mode=0o700)
    try:
        for rendition in hold.clip.renditions.order_by("kind"):
            data, name = store.read(rendition.path), rendition.kind
            (hold.folder / f"{name}.sealed").write_bytes(sealing.seal_for(key, data, _label(hold, name)))
            hold.files[name] = hashlib.sha256(data).hexdigest()
    except OSError as error:
        shutil.rmtree(hold.folder, ignore_errors=True)
        raise HoldThere() from error
    hold.save(update_fields=["files"])


def _end(hold: LegalHold, now: datetime) -> None:
    hold.state, hold.over_at = LegalHold.State.OVER, now
    hold.save(update_fields=["state", "over_at"])
    _note(hold, "hold_over", now)
    transaction.on_commit(lambda: shutil.rmtree(hold.folder, ignore_errors=True))


def _note(hold: LegalHold, kind: str, now: datetime) -> None:
    """An entry for everybody in the clip whose ledger can still be read."""
    people = Cameo.objects.filter(uses__clip=hold.clip, erased_at=None).distinct()
    body = {"clip": str(hold.clip.public_id), "until": hold.expires_at.isoformat(timespec="seconds")}
    for cameo in people:
        ledger.append(cameo=cameo, kind=kind, body=body, details={"reason": hold.reason}, now=now)


def _public_key() -> bytes:
    try:
        key = base64.b64decode(settings.LEGAL_HOLD_KEY, validate=True)
    except ValueError:
        key = b""
    if len(key) != sealing.KEY or not sealing.is_key(key):
        raise NoHoldKey()
    return key


def _label(hold: LegalHold, name: str) -> str:
    return f"legal hold {hold.public_id.hex} {name}"


def _subject(hold: LegalHold) -> str:
    return f"generation.legalhold:{hold.public_id}"
