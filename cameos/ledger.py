"""The owner's chain of everything that was granted, used, shown, approved, withdrawn or deleted.

    body       canonical JSON, shaped like an ISO/IEC TS 27560 record: a pseudonym, purposes, an event, and
               salted commitments; no name, prompt or clip of anybody stands in it in the clear
    hash       chain.link(previous hash, body)
    signature  Ed25519 by the host over "understudy-ledger/1\\n" + hash
    details    what the commitments commit to, with salts, encrypted under the person's key: erasing the key
               leaves a chain that still verifies and says nothing

Once a day the host signs a Merkle root over the tips of all chains and publishes it, so that a chain cannot
be cut short or rewritten afterwards without contradicting a head that others may have kept.
"""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Mapping
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Min

from accounts.books import canonical, chain
from cameos import hostkey, merkle, vault
from cameos.models import Cameo, LedgerEntry, LedgerHead, LikenessUse

SCHEMA = "understudy-ledger/1"
HEAD_SCHEMA = "understudy-ledger-head/1"
FILE_SCHEMA = "understudy-ledger-file/1"
GENESIS = "0" * 64
DETAILS = "ledger details"

# What each kind of entry means to the consent: the state that the record's event carries.
STATES = {
    "likeness_verified": "recorded",
    "capture_reviewed": "recorded",
    "release_agreed": "given",
    "grant_saved": "given",
    "grant_pending_dropped": "withdrawn",
    "revoked": "withdrawn",
    "frozen": "suspended",
    "frozen_on_request": "suspended",
    "unfrozen": "resumed",
    "permit_issued": "relied_on",
    "use_sealed": "relied_on",
    "use_approved": "given",
    "use_declined": "refused",
    "use_published": "relied_on",
    "use_hidden": "suspended",
    "use_shown": "resumed",
    "price_set": "recorded",
    "licence_asked": "recorded",
    "licence_accepted": "given",
    "licence_declined": "refused",
    "licence_paid": "given",
    "licence_refunded": "recorded",
    "uses_ended": "withdrawn",
    "ending_finished": "recorded",
    "seen_by_moderator": "recorded",
    "hold_asked": "recorded",
    "hold_agreed": "recorded",
    "hold_over": "recorded",
    "erased": "terminated",
}


def append(
    *,
    cameo: Cameo,
    kind: str,
    body: Mapping[str, Any],
    details: Mapping[str, Any],
    now: datetime,
    entry_id: uuid.UUID | None = None,
) -> LedgerEntry:
    """Add one entry to the cameo's chain, in the caller's transaction.

    `body` stands in the clear and must name nobody; each of `details` appears in it as a salted commitment
    only. Appends to one chain wait for each other: the cameo's row is locked until the transaction ends.
    """
    with transaction.atomic():
        Cameo.objects.select_for_update().only("pk").get(pk=cameo.pk)
        last = LedgerEntry.objects.filter(cameo=cameo).order_by("-sequence").only("sequence", "hash").first()
        sequence, previous = (last.sequence + 1, last.hash) if last else (1, GENESIS)
        entry_id = entry_id or uuid.uuid4()
        opened = {name: {"value": value, "salt": secrets.token_hex(16)} for name, value in details.items()}
        text = canonical(_record(cameo, kind, body, opened, sequence, entry_id, now))
        link = chain.link(previous, text)
        key_id, signature = hostkey.sign(signed_message(link), now)
        return LedgerEntry.objects.create(
            cameo=cameo,
            sequence=sequence,
            entry_id=entry_id,
            kind=kind,
            at=now,
            body=text,
            details=_seal(cameo, opened),
            previous_hash=previous,
            hash=link,
            key_id=key_id,
            signature=signature,
        )


def entry_for(use: LikenessUse) -> LedgerEntry:
    """The entry that this use got at sealing, whose id the clip's manifest carries."""
    return LedgerEntry.objects.get(entry_id=use.entry_id)


def commitment(value: Any, salt: str) -> str:
    """The salted commitment to a JSON value: SHA-256 of salt, newline and canonical value, in hex."""
    return sha256(f"{salt}\n{canonical(value)}".encode()).hexdigest()


def signed_message(link: str) -> bytes:
    return f"{SCHEMA}\n{link}".encode()


def details_of(entry: LedgerEntry) -> dict[str, Any] | None:
    """What the entry's commitments commit to, with salts; None once the likeness is erased."""
    try:
        return json.loads(vault.open(entry.cameo, entry.details, DETAILS)) if entry.details else None
    except vault.VaultClosed:
        return None


def export(cameo: Cameo) -> bytes:
    """The whole ledger of one likeness as one file, to be checked with `static/verify_ledger.py`."""
    entries = LedgerEntry.objects.filter(cameo=cameo).select_related("cameo").order_by("sequence")
    first = entries.aggregate(first=Min("at"))["first"]
    file = {
        "format": FILE_SCHEMA,
        "host": settings.SITE_URL,
        "principal": str(cameo.pseudonym),
        "keys": hostkey.published(),
        "entries": [_exported(entry) for entry in entries],
        "heads": [_proof(head, cameo) for head in _heads_since(first)],
    }
    return json.dumps(file, ensure_ascii=False, indent=1).encode()


def publish_head(day: date, now: datetime) -> LedgerHead:
    """Sign and keep the root over the tips of all chains as they stand; once a day, later calls give that
    one."""
    kept = LedgerHead.objects.filter(date=day).first()
    if kept:
        return kept
    tips = _tips()
    previous = LedgerHead.objects.order_by("-date").first()
    body = canonical(
        {
            "schema": HEAD_SCHEMA,
            "host": settings.SITE_URL,
            "date": day.isoformat(),
            "size": len(tips),
            "root": merkle.root([_leaf(tip) for tip in tips]),
            "previous_root": previous.root if previous else GENESIS,
        }
    )
    key_id, signature = hostkey.sign(body.encode(), now)
    head, _ = LedgerHead.objects.get_or_create(
        date=day,
        defaults={
            "tips": tips,
            "root": json.loads(body)["root"],
            "body": body,
            "key_id": key_id,
            "signature": signature,
            "created_at": now,
        },
    )
    return head


def published_heads() -> dict[str, Any]:
    """What anybody may keep: this host's keys and signed daily heads, without a word about anybody."""
    heads = LedgerHead.objects.order_by("date").values("body", "key_id", "signature")
    return {
        "format": HEAD_SCHEMA,
        "host": settings.SITE_URL,
        "keys": hostkey.published(),
        "heads": list(heads),
    }


def _record(
    cameo: Cameo,
    kind: str,
    body: Mapping[str, Any],
    opened: Mapping[str, Mapping[str, Any]],
    sequence: int,
    entry_id: uuid.UUID,
    now: datetime,
) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "shaped_like": "ISO/IEC TS 27560:2023",
        "sequence": sequence,
        "record": {"record_id": str(entry_id), "pii_principal_id": str(cameo.pseudonym)},
        "pii_processing": {
            "pii_controller": settings.SITE_URL,
            "lawful_basis": "consent",
            "pii_categories": ["face", "voice"] if cameo.is_person else ["drawn character"],
            "withdrawal_method": f"{settings.SITE_URL}/likeness/revoke",
        },
        "event": {"event_type": kind, "event_state": STATES[kind], "event_time": now.isoformat()},
        "facts": dict(body),
        "commitments": {name: commitment(kept["value"], kept["salt"]) for name, kept in opened.items()},
    }


def _seal(cameo: Cameo, opened: Mapping[str, Any]) -> bytes:
    """The details under the person's key; after erasure nothing, and the salts are forgotten here."""
    if not opened or not vault.is_open(cameo):
        return b""
    return vault.seal(cameo, json.dumps(opened, ensure_ascii=False).encode(), DETAILS)


def _exported(entry: LedgerEntry) -> dict[str, Any]:
    return {
        "body": entry.body,
        "previous_hash": entry.previous_hash,
        "hash": entry.hash,
        "key_id": entry.key_id,
        "signature": entry.signature,
        "details": details_of(entry),
    }


def _heads_since(first: datetime | None) -> list[LedgerHead]:
    return list(LedgerHead.objects.filter(date__gte=first.date()).order_by("date")) if first else []


def _proof(head: LedgerHead, cameo: Cameo) -> dict[str, Any]:
    """The head with the path from this chain's tip on that day; `leaf` is None where it had none yet."""
    proof: dict[str, Any] = {
        "body": head.body,
        "key_id": head.key_id,
        "signature": head.signature,
        "leaf": None,
    }
    names = [tip[0] for tip in head.tips]
    if str(cameo.pseudonym) in names:
        index = names.index(str(cameo.pseudonym))
        proof["leaf"] = {
            "index": index,
            "sequence": head.tips[index][1],
            "path": merkle.path([_leaf(tip) for tip in head.tips], index),
        }
    return proof


def _tips() -> list[list[Any]]:
    last = LedgerEntry.objects.order_by().values("cameo").annotate(last=Max("sequence"))
    ends = {row["cameo"]: row["last"] for row in last}
    rows = LedgerEntry.objects.filter(cameo__in=ends).order_by("cameo__pseudonym", "-sequence")
    tips = rows.filter(sequence__in=set(ends.values())).values_list(
        "cameo", "cameo__pseudonym", "sequence", "hash"
    )
    return [[str(name), sequence, link] for cameo, name, sequence, link in tips if ends[cameo] == sequence]


def _leaf(tip: list[Any]) -> bytes:
    return canonical(tip).encode()
