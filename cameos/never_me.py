"""The never-me registry: somebody without an account proves once that it is them, and is refused everywhere.

    OPEN (agreed, being recorded) --a verified recording--> LISTED --the code--> ERASED
      \\___ two days ___> deleted

Kept is one face vector, sealed under a key of its own; no name, no address, no picture, no voice. Where it
counts: `references.load_index` (finished clips, pictures offered for clips) and the check of every new
recording. A line in the journal keeps an older backup from forgetting somebody who is listed.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts import journal
from accounts.refusals import Refused
from cameos import release, vault
from cameos.models import CameoCapture, Challenge, NeverMe, VaultKey

PURPOSE = "never-me face"
KEPT_OPEN = timedelta(hours=48)
# Without 0/O and 1/I/L, so that it can be written down and read out.
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_GROUPS, _GROUP = 5, 4


class NoSuchEntry(Refused):
    code = "no_such_entry"
    message = _("No entry has this code.")
    hint = _("Check each letter. An entry that was taken off before has no code any more.")
    status = 404


class NotListed(Refused):
    code = "not_listed"
    message = _("Nothing is entered yet, so there is no code for it.")
    hint = _("Record first; the code comes with the verdict.")
    status = 409


class EntryClosed(Refused):
    """A listed entry whose key or face is not there, e.g. after half of a backup was put back."""

    code = "entry_closed"
    message = _("This entry cannot be opened any more, so there is no code for it.")
    hint = _("It protects nobody now. Begin again on this page and record once more.")
    status = 409


@transaction.atomic
def begin(*, country: str = "", now: datetime) -> NeverMe:
    """Somebody agreed to the release for this registry and may be recorded. Raises `NotInThisCountry`."""
    release.require_country(country)
    return NeverMe.objects.create(
        release_version=release.VERSION,
        language=get_language() or "en",
        country=country,
        text_sha256=hashlib.sha256(release.never_me_text().encode()).hexdigest(),
        created_at=now,
    )


@transaction.atomic
def enter(*, entry: NeverMe, vector: bytes, now: datetime) -> NeverMe:
    """The recording proved a living person: from here on they are refused everywhere. Twice does no harm."""
    held = NeverMe.objects.select_for_update().get(pk=entry.pk)
    if held.state != NeverMe.State.OPEN:
        return held
    held.sealed = vault.seal(held, vector, PURPOSE)
    held.state, held.listed_at = NeverMe.State.LISTED, now
    held.save(update_fields=["sealed", "state", "listed_at"])
    _journal_listed(held)
    return held


@transaction.atomic
def mint_code(*, entry: NeverMe) -> str:
    """A fresh code that takes the entry off; an older one of it is void. We keep its hash only.

    Raises `NotListed`, `EntryClosed`.
    """
    held = NeverMe.objects.select_for_update().get(pk=entry.pk)
    if held.state != NeverMe.State.LISTED:
        raise NotListed()
    if vector_of(held) is None:
        raise EntryClosed()
    groups = ["".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS)]
    code = "-".join(groups)
    held.code_sha256 = _hash(code)
    held.save(update_fields=["code_sha256"])
    _journal_listed(held)
    return code


@transaction.atomic
def take_off(*, code: str, now: datetime) -> NeverMe:
    """Erase the entry of this code: its key first, then what it opened. Raises `NoSuchEntry`."""
    listed = NeverMe.objects.select_for_update().filter(state=NeverMe.State.LISTED)
    held = listed.filter(code_sha256=_hash(code)).first() if code.strip() else None
    if held is None:
        raise NoSuchEntry()
    journal.append("never_me.erased", {"entry": str(held.public_id), "at": now.isoformat()})
    vault.destroy(held, now)
    return _empty(held, now)


def vector_of(entry: NeverMe) -> bytes | None:
    """The face vector (`<f4`) for an inspection at work; None once its key is destroyed."""
    if entry.sealed is None:
        return None
    try:
        return vault.open(entry, entry.sealed, PURPOSE)
    except vault.VaultClosed:
        return None


def sweep(now: datetime) -> int:
    """Delete what was begun and never proved, where nobody has to look at a recording of it any more."""
    stale = NeverMe.objects.filter(state=NeverMe.State.OPEN, created_at__lte=now - KEPT_OPEN)
    waiting = CameoCapture.objects.filter(never_me__in=stale, state__in=CameoCapture.UNDECIDED)
    count = 0
    for entry in stale.exclude(pk__in=waiting.values("never_me")):
        _forget(entry, now)
        count += 1
    return count


def replay_listed(payload: dict[str, Any]) -> None:
    """Put an entry back that the backup is too old for; its key file was in no backup and is still here."""
    moment = datetime.fromisoformat(payload["at"])
    entry, is_new = NeverMe.objects.get_or_create(
        public_id=UUID(payload["entry"]),
        defaults={
            "sealed": base64.b64decode(payload["sealed"]),
            "state": NeverMe.State.LISTED,
            "release_version": payload["release"],
            "language": payload["language"],
            "created_at": moment,
            "listed_at": moment,
        },
    )
    if entry.state == NeverMe.State.OPEN:
        entry.sealed, entry.state, entry.listed_at = (
            base64.b64decode(payload["sealed"]),
            NeverMe.State.LISTED,
            moment,
        )
    if entry.state == NeverMe.State.LISTED:
        entry.code_sha256 = payload["code"] or entry.code_sha256
        entry.save()
        wrapped = {"wrapped": base64.b64decode(payload["wrapped"])}
        VaultKey.objects.get_or_create(never_me=entry, defaults=wrapped)


def replay_erased(payload: dict[str, Any]) -> None:
    """The key file is shredded even where the backup knows no such entry."""
    vault.shred(payload["entry"])
    entry = NeverMe.objects.filter(public_id=payload["entry"]).exclude(state=NeverMe.State.ERASED).first()
    if entry is not None:
        moment = datetime.fromisoformat(payload["at"])
        vault.destroy(entry, moment)
        _empty(entry, moment)


def _empty(entry: NeverMe, now: datetime) -> NeverMe:
    entry.sealed, entry.code_sha256, entry.country = None, "", ""
    entry.state, entry.erased_at = NeverMe.State.ERASED, now
    entry.save()
    CameoCapture.objects.filter(never_me=entry).delete()
    Challenge.objects.filter(never_me=entry).delete()
    return entry


def _forget(entry: NeverMe, now: datetime) -> None:
    """Nothing was proved: not even a row stays."""
    vault.shred(str(entry.public_id))
    CameoCapture.objects.filter(never_me=entry).delete()
    entry.delete()


def _journal_listed(entry: NeverMe) -> None:
    key = VaultKey.objects.get(never_me=entry)
    assert entry.sealed is not None and entry.listed_at is not None and key.wrapped is not None
    payload = {
        "entry": str(entry.public_id),
        "sealed": base64.b64encode(bytes(entry.sealed)).decode(),
        "wrapped": base64.b64encode(bytes(key.wrapped)).decode(),
        "code": entry.code_sha256,
        "release": entry.release_version,
        "language": entry.language,
        "at": entry.listed_at.isoformat(),
    }
    journal.append("never_me.listed", payload)


def _hash(code: str) -> str:
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()
