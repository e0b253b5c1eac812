"""Face and voice material: written once after a capture, read by two loaders only.

`load_face` and `load_voice` want a `Permit`, which `cameos.consent` alone makes. `load_index` wants an
inspection at work, runs in workers only, keeps its vectors in memory and never on disk.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from cameos import never_me, vault
from cameos.consent import Permit
from cameos.models import Cameo, NeverMe, PermitRecord, Reference

VECTOR = np.dtype("<f4")


class NoReference(Exception):
    """This likeness has no material of that kind."""


class NotPermitted(Exception):
    """The permit has ended since it was made."""


@dataclass(frozen=True)
class FaceIndex:
    """Vectors of everybody enrolled (N x D, float32), and whose they are, in order.

    A negative id is an entry of the never-me registry: its key, negated. Such a person is never cast.
    """

    vectors: NDArray[np.float32]
    cameo_ids: tuple[int, ...]


def load_face(permit: Permit) -> bytes:
    """The face material that the renderer reads. Raises `NotPermitted`, `NoReference`,
    `vault.VaultClosed`."""
    return _load(permit, Reference.Kind.FACE)


def load_voice(permit: Permit) -> bytes:
    """The voice material, where the permit covers the voice. Raises as `load_face` does."""
    if not permit.voice:
        raise NotPermitted("This permit does not cover the voice.")
    return _load(permit, Reference.Kind.VOICE)


def load_index(inspection: object, kind: str = Reference.Kind.FACE_VECTOR) -> FaceIndex:
    """Everybody enrolled and everybody of the never-me registry, decrypted into memory for one inspection.
    An erased person is in it no more."""
    if inspection is None:
        raise NotPermitted("The index is opened for an inspection only.")
    rows = Reference.objects.filter(kind=kind, cameo__erased_at=None).select_related("cameo").order_by("pk")
    found = [(row.cameo_id, vector) for row in rows for vector in _vectors(row)]
    found += _never_me() if kind == Reference.Kind.FACE_VECTOR else []
    if not found:
        return FaceIndex(np.zeros((0, 0), np.float32), ())
    return FaceIndex(np.stack([vector for _, vector in found]), tuple(cameo_id for cameo_id, _ in found))


def store(cameo: Cameo, kind: str, data: bytes, now: datetime) -> Reference:
    """Seal and keep material of one kind; a newer capture replaces the older one's. Vectors are `<f4`."""
    sealed = vault.seal(cameo, data, f"reference {kind}")
    reference, _ = Reference.objects.update_or_create(
        cameo=cameo, kind=kind, defaults={"sealed": sealed, "created_at": now}
    )
    return reference


def _load(permit: Permit, kind: str) -> bytes:
    cameo = _still_permitted(permit)
    reference = Reference.objects.filter(cameo=cameo, kind=kind).first()
    if reference is None:
        raise NoReference(kind)
    return vault.open(cameo, reference.sealed, f"reference {kind}")


def _still_permitted(permit: Permit) -> Cameo:
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
    return record.cameo


def _vectors(row: Reference) -> list[NDArray[np.float32]]:
    try:
        data = vault.open(row.cameo, row.sealed, f"reference {row.kind}")
    except vault.VaultClosed:
        return []
    return [np.frombuffer(data, VECTOR).astype(np.float32)]


def _never_me() -> list[tuple[int, NDArray[np.float32]]]:
    listed = NeverMe.objects.filter(state=NeverMe.State.LISTED).order_by("pk")
    opened = [(-entry.pk, never_me.vector_of(entry)) for entry in listed]
    return [(pk, np.frombuffer(data, VECTOR).astype(np.float32)) for pk, data in opened if data]
