"""Sealing: fingerprint, sign each file after its last mux, store, and one transaction that makes the clip
exist.

Files come first and rows last: a crash between leaves files that no row knows (the work folder and the
clip's own folder, which the retry replaces), never a row without files.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Protocol

from django.db import transaction

from cameos import uses
from cameos.consent import Permit
from generation import actions, footage, queue, scores, store
from generation.engines.base import Rendered, Stopped
from generation.models import Clip, Generation, Ingredient, Rendition
from generation.provenance import fingerprint, lineage, manifest
from generation.queue import LostClaim
from generation.renditions import Written
from generation.scores import Scores
from generation.states import Verb


class Stages(Protocol):
    """A clock that names what it measures (`pipeline.Clock`)."""

    seconds: dict[str, float]

    def __call__(self, stage: str) -> AbstractContextManager[None]: ...


PARENT_KIND = Rendition.Kind.MP4_360  # the smaller file is the ingredient: its hash says as much
MOST_ANCESTORS = 32


def seal_clip(
    generation: Generation,
    permits: Sequence[Permit],
    rendered: Rendered,
    written: Written,
    folder: Path,
    clock: Stages,
    measured: Scores | None = None,
) -> Clip:
    """Make the clip of a generation in SEALING. Raises `ManifestFailed`, `OSError`, `ConsentDenied` when
    somebody in it does not agree at this moment, `Stopped` and `LostClaim`; then nothing of it is left."""
    clip_id = uuid.uuid4()
    with clock("fingerprint"):
        prints = [fingerprint.second_of(frame) for frame in written.samples.seconds]
    with clock("sign"):
        statement = _statement(generation, clip_id, permits, written.mark_payload)
        has_parent = generation.parent_id is not None
        signed = _sign(statement, generation.sources(), written, folder, has_parent=has_parent)
    hashes = {kind: (store.sha256(path), path.stat().st_size) for kind, path in signed.items()}
    files = {path.name.removeprefix("signed-"): path for path in signed.values()}
    if rendered.material:
        files["material.npz"] = folder / "material.npz"
        files["material.npz"].write_bytes(rendered.material)
    with clock("store"):
        paths = store.put(clip_id, files)
    try:
        with transaction.atomic():
            clip = _write_rows(generation, clip_id, permits, written, paths, hashes, prints, clock.seconds)
            if measured is not None:
                scores.keep(clip, measured)
    except BaseException:
        store.remove(clip_id)
        raise
    return clip


def _statement(
    generation: Generation, clip_id: uuid.UUID, permits: Sequence[Permit], payload: str
) -> manifest.Statement:
    sources = generation.sources()
    before = dict.fromkeys([*sources, *(clip for source in sources for clip in lineage.ancestors(source))])
    return manifest.Statement(
        clip_id=str(clip_id),
        engine=generation.engine,
        made_at=queue.clock().isoformat(timespec="seconds"),
        ledger_entries=[permit.entry_id for permit in permits],
        mark_payload=payload,
        ancestors=[str(clip.public_id) for clip in list(before)[:MOST_ANCESTORS]],
        source_type=_source_type(generation),
        voices=_voices(generation, permits),
    )


def _voices(generation: Generation, permits: Sequence[Permit]) -> list[dict[str, str]]:
    """In what kind of voice each who speaks does, without a name: by the entry in their ledger."""
    entries = {str(permit.cameo.public_id): permit.entry_id for permit in permits}
    return [
        {"voice": said["voice"]}
        | ({"with": said["with"]} if said.get("with") else {})
        | ({"ledger_entry": entries[key]} if key in entries else {})
        for key, said in generation.how.get("voices", {}).items()
    ]


def _source_type(generation: Generation) -> str:
    if generation.is_filmed:  # unless a film says itself that a model made it
        return manifest.AI_SOURCE if footage.by_model(generation) else manifest.EDITED_SOURCE
    with_own = generation.shows_material or generation.verb == Verb.OWN
    return manifest.MIXED_SOURCE if with_own else manifest.AI_SOURCE


def _sign(
    statement: manifest.Statement,
    sources: Sequence[Clip],
    written: Written,
    folder: Path,
    *,
    has_parent: bool,
) -> dict[str, Path]:
    """Each file with its manifest; the first source is its parent, further ones are components (all of them
    where it is no remix but has them cut into it)."""
    signed = {kind: folder / f"signed-{path.name}" for kind, path in written.paths.items()}
    with ExitStack() as held:
        files = [
            (
                _plainly_signed(clip, held.enter_context(store.local(row.path, folder)), folder),
                str(clip.public_id),
            )
            for clip in dict.fromkeys(sources)
            if (row := clip.renditions.filter(kind=PARENT_KIND).first()) is not None
        ]
        parent, title = files.pop(0) if files and has_parent else (None, "")
        for kind, path in written.paths.items():
            manifest.sign(path, signed[kind], statement, parent=parent, title=title, components=files)
    return signed


def _plainly_signed(clip: Clip, path: Path, folder: Path) -> Path:
    """A copy of a source's file whose manifest holds no manifests of its own sources, only their names:
    else each remix would carry those of all before it (7 KB a level)."""
    made_by = [str(entry) for entry in clip.uses.order_by("pk").values_list("entry_id", flat=True) if entry]
    statement = manifest.Statement(
        clip_id=str(clip.public_id),
        engine=clip.engine,
        made_at=clip.sealed_at.isoformat(timespec="seconds"),
        ledger_entries=made_by,
        mark_payload=clip.mark_payload,
        ancestors=[str(before.public_id) for before in lineage.ancestors(clip)[:MOST_ANCESTORS]],
    )
    copy = folder / f"source-{clip.public_id}{path.suffix}"
    manifest.sign(path, copy, statement)
    return copy


def _write_rows(
    generation: Generation,
    clip_id: uuid.UUID,
    permits: Sequence[Permit],
    written: Written,
    paths: dict[str, str],
    hashes: dict[str, tuple[str, int]],
    prints: Sequence[fingerprint.Second],
    stage_seconds: dict[str, float],
) -> Clip:
    """All rows of a sealed clip. The generation's row is held from the start, so that whatever ends a
    permit now either set its flag before (we stop) or waits and then finds the uses written here."""
    now = queue.clock()
    actions.hold_people(generation)
    held = Generation.objects.select_for_update().get(pk=generation.pk)
    if held.fence != generation.fence:
        raise LostClaim(generation.public_id)
    if held.cancel_requested_at is not None:
        raise Stopped
    width, height = written.sizes["mp4_720"]
    clip = Clip.objects.create(
        public_id=clip_id,
        maker=generation.maker,
        origin=Clip.Origin.UPLOADED if generation.is_filmed else Clip.Origin.GENERATED,
        prompt=generation.prompt,
        prompt_hidden=generation.hide_prompt,
        seed=generation.seed,
        engine=generation.engine,
        cast_count=len(permits),
        duration_ms=written.duration_ms,
        width=width,
        height=height,
        mark_payload=written.mark_payload,
        flashes=written.flashes,
        material_path=paths.get("material.npz", ""),
        sealed_at=now,
    )
    for kind, path in written.paths.items():
        digest, size = hashes[kind]
        w, h = written.sizes[kind]
        Rendition.objects.create(
            clip=clip, kind=kind, path=paths[path.name], sha256=digest, bytes=size, width=w, height=h
        )
    fingerprint.keep(clip, prints)
    sources = list(dict.fromkeys(generation.sources()))
    for source in sources:
        Ingredient.objects.create(clip=clip, source=source, relationship=Ingredient.Relationship.PARENT)
    uses.write_uses(clip=clip, permits=permits, inherited_from=sources, now=now)
    if not actions.end_ready(generation, clip, now, stage_seconds=stage_seconds):
        raise LostClaim(generation.public_id)
    if generation.how.get("voices"):
        Generation.objects.filter(pk=generation.pk).update(how=generation.how)
    return clip
