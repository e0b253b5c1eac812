"""Face and voice material: written once after a capture, read by two loaders only.

`load_face` and `load_voice` want a `Permit`, which `cameos.consent` alone makes. `load_index` wants an
inspection at work, runs in workers only, keeps its vectors in memory and never on disk.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from cameos import never_me, vault
from cameos.consent import Permit
from cameos.models import Cameo, NeverMe, PermitRecord, Reference
from cameos.search import FaceIndex

VECTOR = np.dtype("<f4")
AT_A_TIME = 500  # rows opened by one query


class NoReference(Exception):
    """This likeness has no material of that kind."""


class NotPermitted(Exception):
    """The permit has ended since it was made."""


def load_face(permit: Permit) -> bytes:
    """The face material that the renderer reads. Raises `NotPermitted`, `NoReference`,
    `vault.VaultClosed`."""
    return _load(permit, Reference.Kind.FACE)


def load_voice(permit: Permit) -> bytes:
    """The voice material, where the permit covers the voice. Raises as `load_face` does."""
    return _load(permit, Reference.Kind.VOICE)


def load_index(inspection: object, kind: str = Reference.Kind.FACE_VECTOR) -> FaceIndex:
    """Everybody enrolled and everybody of the never-me registry, for one inspection.

    Vectors stay decrypted in this process's memory between inspections, so that a hundred thousand are opened
    once; each call reads who is there now, opens what is new and drops who is erased (`drop_erased` does that
    while nobody inspects).
    """
    if inspection is None:
        raise NotPermitted("The index is opened for an inspection only.")
    with _TURN:
        kept = _KEPT.setdefault(kind, {})
        there = _listed(kind)
        for key in kept.keys() - there.keys():
            del kept[key]
        kept.update(_opened(kind, [there[key] for key in there.keys() - kept.keys()]))
        ids = tuple(there[key].owner_id for key in there if key in kept)
        vectors = [kept[key] for key in there if key in kept]
        return FaceIndex(np.stack(vectors) if vectors else np.zeros((0, 0), np.float32), ids)


def drop_erased() -> int:
    """Forget the vectors of who is erased since. Returns how many. Workers call it every few seconds."""
    dropped = 0
    with _TURN:
        for kind, kept in _KEPT.items():
            for key in kept.keys() - _listed(kind).keys() if kept else ():
                del kept[key]
                dropped += 1
    return dropped


def store(cameo: Cameo, kind: str, data: bytes, now: datetime) -> Reference:
    """Seal and keep material of one kind; a newer capture replaces the older one's. Vectors are `<f4`."""
    sealed = vault.seal(cameo, data, f"reference {kind}")
    reference, _ = Reference.objects.update_or_create(
        cameo=cameo, kind=kind, defaults={"sealed": sealed, "created_at": now}
    )
    with _TURN:
        _KEPT.get(kind, {}).pop((cameo.public_id, now), None)
    return reference


def _load(permit: Permit, kind: str) -> bytes:
    record = _still_permitted(permit)
    if kind == Reference.Kind.VOICE and not record.voice:
        raise NotPermitted("This permit does not cover the voice.")
    cameo = record.cameo
    reference = Reference.objects.filter(cameo=cameo, kind=kind).first()
    if reference is None:
        raise NoReference(kind)
    return vault.open(cameo, reference.sealed, f"reference {kind}")


def _still_permitted(permit: Permit) -> PermitRecord:
    if not isinstance(permit, Permit):
        raise NotPermitted("References are read with a permit, and with nothing else.")
    taken = PermitRecord.objects.select_related("cameo").filter(
        pk=permit.record_id,
        state=PermitRecord.State.TAKEN,
        cameo__state=Cameo.State.VERIFIED,
        cameo__frozen_at=None,
        grant__revoked_at=None,
    )
    record = taken.first()
    if record is None:
        raise NotPermitted("This permit has ended.")
    return record


@dataclass(frozen=True)
class _Listed:
    """A row with a vector: of a likeness, or of the never-me registry (then with a negative id)."""

    owner_id: int
    pk: int


Key = tuple[UUID, datetime | None]
_KEPT: dict[str, dict[Key, NDArray[np.float32]]] = {}
_TURN = Lock()


def _listed(kind: str) -> dict[Key, _Listed]:
    """Who is there now, without opening anything. A newer recording has another key."""
    rows = Reference.objects.filter(kind=kind, cameo__erased_at=None).order_by("pk")
    columns = rows.values_list("cameo__public_id", "created_at", "cameo_id", "pk")
    found: dict[Key, _Listed] = {(name, at): _Listed(owner, pk) for name, at, owner, pk in columns}
    if kind == Reference.Kind.FACE_VECTOR:
        never = NeverMe.objects.filter(state=NeverMe.State.LISTED, listed_at__isnull=False).order_by("pk")
        for name, at, pk in never.values_list("public_id", "listed_at", "pk"):
            found[name, at] = _Listed(-pk, pk)
    return found


def _opened(kind: str, new: list[_Listed]) -> dict[Key, NDArray[np.float32]]:
    """The vectors of these rows; of rows whose key is destroyed, none."""
    enrolled = [row.pk for row in new if row.owner_id > 0]
    found: dict[Key, bytes | None] = {}
    for start in range(0, len(enrolled), AT_A_TIME):
        rows = Reference.objects.filter(pk__in=enrolled[start : start + AT_A_TIME]).select_related("cameo")
        found |= {(row.cameo.public_id, row.created_at): _opened_one(row) for row in rows}
    listed = NeverMe.objects.filter(
        pk__in=[row.pk for row in new if row.owner_id < 0], listed_at__isnull=False
    )
    found |= {(entry.public_id, entry.listed_at): never_me.vector_of(entry) for entry in listed}
    return {key: np.frombuffer(data, VECTOR).astype(np.float32) for key, data in found.items() if data}


def _opened_one(row: Reference) -> bytes | None:
    try:
        return vault.open(row.cameo, row.sealed, f"reference {row.kind}")
    except vault.VaultClosed:
        return None
