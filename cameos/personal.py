"""What this room holds about a person: given out, taken in, erased."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from accounts.models import User
from accounts.personal import Archive
from cameos import carried, ledger, licences, revocation
from cameos import terms as the_terms
from cameos.models import (
    Cameo,
    CameoCapture,
    CarriedLedger,
    Challenge,
    GrantedPerson,
    LedgerEntry,
    LikenessGrant,
    LikenessUse,
    ReleaseAgreement,
    Upload,
)

COVERS = {
    "cameos.Cameo": "emptied: a nameless row stays, for signed entries and clips of others point to it",
    "cameos.Reference": "deleted, after the key that could read it",
    "cameos.VaultKey": "emptied: the key is destroyed, the row says when",
    "cameos.LikenessGrant": "revoked; the owner's own words are deleted",
    "cameos.GrantedPerson": "deleted",
    "cameos.PriceCard": "kept: sums that a paid licence refers to; names the emptied row",
    "cameos.Licence": "kept without words: bookkeeping; the account it names is erased",
    "cameos.PermitRecord": "kept: what was decided; names the emptied row",
    "cameos.LikenessUse": "ended; the row stays, so that nothing is shown again",
    "cameos.Ending": "kept: when uses ended, without a name",
    "cameos.LedgerEntry": "kept: pseudonyms and commitments that nothing opens any more",
    "cameos.ReleaseAgreement": "kept: proof that the release was agreed to; names the emptied row",
    "cameos.Challenge": "deleted, but for those that a recording answered",
    "cameos.CameoCapture": "kept without pictures: when was checked, with what result",
    "cameos.Upload": "deleted, with the file",
    "cameos.CarriedLedger": "deleted: the host that signed it still has its own",
}


def export(user: User) -> dict[str, Any]:
    """Likenesses with their grants, uses and whole ledgers. Never the biometrics themselves: a new host
    records anew."""
    return {
        "likenesses": [_likeness(cameo) for cameo in Cameo.objects.filter(owner=user).order_by("pk")],
        "releases": [
            {"version": row.version, "agreed_at": row.agreed_at.isoformat(), "text_sha256": row.text_sha256}
            for row in ReleaseAgreement.objects.filter(user=user).order_by("pk")
        ],
        "carried_ledgers": [
            json.loads(row.file) for row in CarriedLedger.objects.filter(owner=user).order_by("pk")
        ],
        "licences": licences.exported(user),
        "named_by": sorted(
            GrantedPerson.objects.filter(person=user, grant__revoked_at=None)
            .values_list("grant__cameo__owner__username", flat=True)
            .distinct()
        ),
    }


def import_(archive: Archive) -> None:
    """No likeness and no grant: a likeness is verified on each host, and a grant is given on it. Ledgers of a
    host that is believed are kept as they were signed."""
    carried.keep(archive.owner, archive.prepared or [], archive.now)


def erase(user: User, now: datetime) -> None:
    """Every likeness of theirs, keys first; then what they were named in, and what they had not finished."""
    for cameo in Cameo.objects.filter(owner=user).exclude(state=Cameo.State.ERASED):
        revocation.erase(cameo=cameo, owner=user, now=now)
    licences.forget(user, now)
    GrantedPerson.objects.filter(person=user).delete()
    GrantedPerson.objects.filter(grant__cameo__owner=user).delete()
    ReleaseAgreement.objects.filter(user=user, withdrawn_at=None).update(withdrawn_at=now)
    CarriedLedger.objects.filter(owner=user).delete()
    Upload.objects.filter(owner=user).update(expires_at=now)
    answered = CameoCapture.objects.filter(challenge__user=user).values("challenge")
    Challenge.objects.filter(user=user).exclude(pk__in=answered).delete()


def _likeness(cameo: Cameo) -> dict[str, Any]:
    grants = LikenessGrant.objects.filter(cameo=cameo).order_by("version")
    uses = LikenessUse.objects.filter(cameo=cameo).select_related("clip").order_by("pk")
    return {
        "name": cameo.name,
        "kind": cameo.kind,
        "state": cameo.state,
        "assurance": cameo.assurance,
        "grants": [_grant(grant) for grant in grants],
        "uses": [
            {"clip": str(use.clip.public_id), "state": use.state, "at": use.created_at.isoformat()}
            for use in uses
        ],
        "ledger": json.loads(ledger.export(cameo)) if _has_ledger(cameo) else None,
    }


def _grant(grant: LikenessGrant) -> dict[str, Any]:
    terms = the_terms.of(grant)
    shown = {name: getattr(terms, name) for name in terms.__dataclass_fields__ if name != "people"}
    plain = {
        name: sorted(value) if isinstance(value, frozenset) else _plain(value)
        for name, value in shown.items()
    }
    people = grant.people.order_by("pk").values_list("person__username", flat=True)
    return {
        "version": grant.version,
        "effective_at": _plain(grant.effective_at),
        "people": list(people),
    } | plain


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _has_ledger(cameo: Cameo) -> bool:
    return LedgerEntry.objects.filter(cameo=cameo).exists()
