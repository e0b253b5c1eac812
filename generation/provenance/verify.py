"""Where a file comes from, asked by anybody who drops it: the manifest, the exact bytes, the hidden mark, the
pictures.

Four witnesses, told one by one with how sure they are. The manifest is proof (signed by this host,
unchanged). The exact bytes are proof too. The hidden mark survives re-encoding, scaling, cropping and screen
recording, and is found by mistake less often than once in ten million files. Pictures are recognised after
re-encoding, scaling and even cropping, which is a strong hint and not proof. What was found decides what is
said, the surest first: a withdrawn clip says so for ever, and names nobody.

Nothing of the file is read in this process: pictures and manifest come out of walled children.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from cameos.intake import kinds, sandbox
from cameos.intake.kinds import FilmLimits, PictureLimits
from cameos.intake.refusals import IntakeReason, IntakeRefused
from generation.models import Clip, Rendition
from generation.provenance import fingerprint, lineage, manifest, mark_keys, watermark
from generation.provenance.watermark import Mark
from generation.refusals import FileNotTaken

FILM = FilmLimits(max_s=130.0, keep_fps=2.0, keep_side=960, skip_unreferenced=True, max_bytes=200_000_000)
PICTURE = PictureLimits(keep_side=1280)
MARK_CONFIDENCE = 0.99  # what is found is ours: 1 minus the bound on mistakes, and the checksum of 16 bits
PICTURES = (".png", ".jpg", ".webp", ".avif")
SUFFIXES = {"mov": ".mp4", "PNG": ".png", "JPEG": ".jpg", "WEBP": ".webp", "AVIF": ".avif"}


@dataclass(frozen=True)
class Witness:
    """One thing that was looked for. `confidence` 0 to 1; 0: not there."""

    kind: str  # manifest | bytes | mark | pictures
    confidence: float
    says: str


@dataclass(frozen=True)
class Ancestor:
    clip: str
    maker: str
    state: str

    @property
    def state_word(self) -> str:
        """The state in the reader's language."""
        return {
            "published": _("published"),
            "draft": _("draft"),
            "withdrawn": _("withdrawn"),
            "deleted": _("deleted"),
        }[self.state]


@dataclass(frozen=True)
class Findings:
    """`state`: published, draft, withdrawn, deleted, or unknown (no clip of this host)."""

    state: str
    headline: str
    witnesses: list[Witness]
    clip: str = ""
    url: str = ""
    maker: str = ""
    engine: str = ""
    made_at: datetime | None = None
    withdrawn_at: datetime | None = None
    people: int = 0
    consent: str = ""
    ancestors: list[Ancestor] = field(default_factory=list)
    others: list[Ancestor] = field(default_factory=list)  # further clips whose marks parts of it carry

    @property
    def is_known(self) -> bool:
        return self.state != "unknown"


def examine_upload(file: UploadedFile, viewer: Any) -> Findings:
    """Look at an uploaded file in the sandbox, and forget it. Raises `FileNotTaken` for what is no film or
    picture."""
    try:
        return _examine_upload(file, viewer)
    except IntakeRefused as refused:
        raise FileNotTaken(refused.reason, refused.sentence) from refused


def _examine_upload(file: UploadedFile, viewer: Any) -> Findings:
    head = file.read(kinds.SNIFF_BYTES)
    film, picture = kinds.film_kind(head), kinds.picture_kind(head)
    if film is None and picture is None:
        raise IntakeRefused(IntakeReason.UNKNOWN_KIND if head else IntakeReason.EMPTY)
    if file.size is not None and file.size > FILM.max_bytes:
        raise IntakeRefused(IntakeReason.TOO_HEAVY)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"asked{SUFFIXES.get(film or picture or '', '.mkv')}"
        with path.open("wb") as copy:
            file.seek(0)
            for piece in file.chunks():
                copy.write(piece)
        return examine(path, viewer=viewer)


def examine(path: Path, viewer: Any = None, *, is_picture: bool | None = None) -> Findings:
    """What this host knows about a file on disk; without `is_picture` its name says what it is. Raises
    `IntakeRefused`."""
    frames = _frames(path, path.suffix in PICTURES if is_picture is None else is_picture)
    signed = manifest.read_behind_walls(path)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    same = Rendition.objects.filter(sha256=digest).select_related("clip").first()
    marks = watermark.find_all(frames, mark_keys.everyone())
    marked = _clips_of(marks)
    match = next(iter(fingerprint.recognise(frames)), None)
    witnesses = [_manifest_says(signed), _bytes_say(same), _mark_says(marks, marked), _pictures_say(match)]
    clip = _clip_of(signed, same, marked, match)
    if clip is None:
        headline = _("Nothing of this host was found in the file.")
        return Findings("unknown", headline, witnesses)
    others = [_ancestor(other, viewer) for other in marked if other.pk != clip.pk]
    return replace(_about(clip, viewer, witnesses), others=others)


def _frames(path: Path, is_picture: bool) -> list[NDArray[np.uint8]]:
    """A picture, or two frames of each second of a film, decoded behind the walls."""
    if is_picture:
        return [sandbox.decode_picture(path, PICTURE).pixels]
    return list(sandbox.decode_video(path, FILM).frames)


def _clips_of(marks: Sequence[Mark]) -> list[Clip]:
    """The clips that the marks name, in their order."""
    said = [f"{mark.payload:016x}" for mark in marks if mark.payload is not None]
    clips = {c.mark_payload: c for c in Clip.objects.select_related("maker").filter(mark_payload__in=said)}
    return [clips[payload] for payload in said if payload in clips]


def _clip_of(
    signed: manifest.Found, same: Rendition | None, marked: Sequence[Clip], match: fingerprint.Match | None
) -> Clip | None:
    clips = Clip.objects.select_related("maker")
    if signed.is_ours and (clip := clips.filter(public_id=signed.clip_id).first()):
        return clip
    if same is not None:
        return clips.get(pk=same.clip_id)
    if marked:
        return marked[0]
    return clips.filter(pk=match.clip_id).first() if match else None


def _manifest_says(found: manifest.Found) -> Witness:
    if found.is_ours:
        return Witness("manifest", 1.0, _("Signed by this host and unchanged since."))
    if found.state == "none":
        return Witness("manifest", 0.0, _("The file carries no manifest (many apps strip it)."))
    if found.state == "Invalid":
        problems = ", ".join(found.problems)[:120]
        says = _("There is a manifest that does not fit the file: %(p)s") % {"p": problems}
        return Witness("manifest", 0.0, says)
    says = _("A manifest by somebody else: %(issuer)s, %(generator)s")
    return Witness("manifest", 0.0, says % {"issuer": found.issuer, "generator": found.generator})


def _bytes_say(same: Rendition | None) -> Witness:
    if same is None:
        return Witness("bytes", 0.0, _("It is not byte for byte a file that this host served."))
    return Witness("bytes", 1.0, _("Byte for byte a file that this host made."))


def _mark_says(marks: Sequence[Mark], marked: Sequence[Clip]) -> Witness:
    if not marks:
        return Witness("mark", 0.0, _("The hidden mark of this host was not found in the pictures."))
    if len(marked) > 1:
        says = _("Parts of it carry the hidden marks of %(n)d clips of this host.")
        return Witness("mark", MARK_CONFIDENCE, says % {"n": len(marked)})
    if marked:
        says = _("The pictures carry this host's hidden mark, with the number of this clip (%(s)d sigma).")
        return Witness("mark", MARK_CONFIDENCE, says % {"s": marks[0].score})
    if marks[0].payload is None:
        return Witness("mark", 0.5, _("This host's hidden mark is there; its number cannot be read."))
    return Witness("mark", 0.5, _("This host's hidden mark is there, with the number of no clip of today."))


def _pictures_say(match: fingerprint.Match | None) -> Witness:
    if match is None:
        return Witness("pictures", 0.0, _("The pictures are of no clip of this host."))
    if match.is_part:
        says = _("%(share)d %% of the pictures show a part of a clip of this host.")
        return Witness("pictures", match.confidence, says % {"share": 100 * match.share})
    says = _("%(share)d %% of the pictures show a clip of this host (%(bits)d of 256 bits differ).")
    return Witness("pictures", match.confidence, says % {"share": 100 * match.share, "bits": match.distance})


def _about(clip: Clip, viewer: Any, witnesses: list[Witness]) -> Findings:
    state = _state(clip)
    shown = viewer is not None and Clip.objects.visible_to(viewer).filter(pk=clip.pk).exists()
    headline = {
        "published": _("Made on this host, and everybody in it agrees.")
        if clip.cast_count
        else _("Made on this host. Nobody is cast in it."),
        "draft": _("Made on this host, and not published."),
        "withdrawn": _("Withdrawn: somebody in it, or in what it was made from, ended their permission."),
        "deleted": _("Made on this host, and deleted by its maker."),
    }[state]
    return Findings(
        state=state,
        headline=headline,
        witnesses=witnesses,
        clip=str(clip.public_id),
        url=f"/clips/{clip.public_id}" if shown else "",
        maker=clip.maker.username if shown else "",
        engine=clip.engine,
        made_at=clip.sealed_at.replace(microsecond=0),
        withdrawn_at=clip.withdrawn_at.replace(microsecond=0) if clip.withdrawn_at else None,
        people=clip.cast_count,
        consent=_consent(clip, state),
        ancestors=[_ancestor(row, viewer) for row in lineage.ancestors(clip)],
    )


def _consent(clip: Clip, state: str) -> str:
    """Of the people in it: none (nobody is), live, waiting, withdrawn."""
    if state in ("published", "draft") and not clip.cast_count:
        return "none"
    return {"published": "live", "draft": "waiting"}.get(state, "withdrawn")


def _ancestor(clip: Clip, viewer: Any) -> Ancestor:
    shown = viewer is not None and Clip.objects.visible_to(viewer).filter(pk=clip.pk).exists()
    return Ancestor(str(clip.public_id), clip.maker.username if shown else "", _state(clip))


def _state(clip: Clip) -> str:
    if clip.withdrawn_at is not None:
        return "withdrawn"
    if clip.deleted_at is not None:
        return "deleted"
    from django.contrib.auth.models import AnonymousUser

    public = Clip.objects.visible_to(AnonymousUser()).filter(pk=clip.pk).exists()
    if public:
        return "published"
    return "withdrawn" if clip.uses.filter(state="ended").exists() else "draft"
