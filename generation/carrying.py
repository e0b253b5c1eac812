"""Moving to another host: one zip with everything about a person, their clips byte for byte, and a signature.

    person.json                         what every room's `export` gives (`accounts.personal`)
    clips/<clip>/<kind>.<suffix>        the files of clips that still stand, as they were signed
    manifest.json                       format, host, handle, moment, and the SHA-256 of everything above
    signature.json                      the host's ledger key over the manifest

The other host takes clips and ledgers only from hosts that its operator believes (`cameos.carried`). Each
film is opened behind walls, must carry the manifest of that very clip, and is inspected like one that was
made here: a face of somebody enrolled here, pictures that a moderator would have to see, or a copy of what
was removed stay out. A clip that shows people is kept with its receipts, and shown to nobody (`CarriedClip`).
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import DatabaseError
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_noop

from accounts import personal
from accounts.models import User
from cameos import carried, hostkey
from cameos.carried import NotBelieved
from cameos.intake import sandbox
from cameos.intake.kinds import FilmLimits
from cameos.intake.refusals import IntakeRefused
from generation import inspecting, store
from generation.models import CarriedClip, Clip, Ingredient, Rendition
from generation.provenance import fingerprint, manifest
from generation.screening import Outcome, Unjudged, pictures

FORMAT = "understudy-person/1"
NAME = re.compile(
    r"person\.json|manifest\.json|signature\.json|clips/[0-9a-f-]{36}/[a-z0-9_]{1,10}\.[a-z0-9]{3,4}"
)
FILM = FilmLimits(max_s=130.0, keep_fps=2.0, keep_side=960, skip_unreferenced=True)
MOST_FILES, MOST_JSON, MOST_BYTES = 50_000, 256 * 1024**2, 50 * 1024**3
FILMS = ("mp4_720", "mp4_360")


class BadArchive(Exception):
    """The file is no archive of a person, or not as it was signed; says why, as a sentence."""


@dataclass(frozen=True)
class Offered:
    """A clip of the archive that may come in: what is told of it, its files, and what was seen in it."""

    told: Mapping[str, Any]
    files: Mapping[str, Path]
    host: str
    prints: list[fingerprint.Second]
    ancestors: list[str]
    ledger_entries: list[str]


@dataclass
class Taken:
    """What came of an archive. `left_out`: clip id to the reason."""

    host: str
    clips: list[str] = field(default_factory=list)
    ledgers: int = 0
    left_out: dict[str, str] = field(default_factory=dict)


# --- Out ---------------------------------------------------------------------------------------------------


def write(*, user: User, path: Path, now: datetime) -> dict[str, Any]:
    """Write the archive of a person to `path`; returns its manifest."""
    files: dict[str, str] = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as out:
        about = json.dumps(personal.export_everything(user), ensure_ascii=False, default=str).encode()
        files["person.json"] = _put(out, "person.json", about)
        for row in _renditions(user, now):
            name = f"clips/{row.clip.public_id}/{row.kind}{Path(row.path).suffix}"
            files[name] = _copy(out, name, row.path)
        told = {
            "format": FORMAT,
            "host": settings.SITE_URL,
            "handle": user.username,
            "written_at": now.isoformat(),
            "files": files,
        }
        text = json.dumps(told, sort_keys=True).encode()
        _put(out, "manifest.json", text)
        key_id, signature = hostkey.sign(_message(text), now)
        _put(out, "signature.json", json.dumps({"key_id": key_id, "signature": signature}).encode())
    return told


def _renditions(user: User, now: datetime) -> Iterator[Rendition]:
    """The files of their clips that they may see themselves: what somebody took back does not travel."""
    clips = Clip.objects.visible_to(user, now).made_by(user)
    rows = Rendition.objects.filter(clip__in=clips).select_related("clip").order_by("clip__sealed_at", "pk")
    yield from rows.iterator(chunk_size=100)


def _put(out: zipfile.ZipFile, name: str, data: bytes) -> str:
    out.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data)
    return hashlib.sha256(data).hexdigest()


def _copy(out: zipfile.ZipFile, name: str, stored: str) -> str:
    digest = hashlib.sha256()
    entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
    with default_storage.open(stored) as source, out.open(entry, "w", force_zip64=True) as target:
        while piece := source.read(1024 * 1024):
            digest.update(piece)
            target.write(piece)
    return digest.hexdigest()


def _message(text: bytes) -> bytes:
    return f"{FORMAT}\n{hashlib.sha256(text).hexdigest()}".encode()


# --- In ----------------------------------------------------------------------------------------------------


def take(*, path: Path, owner: User, now: datetime) -> Taken:
    """Take an archive in for a person of this host. Twice does no harm: what is here already stays. Raises
    `BadArchive` and `NotBelieved`, and then nothing was changed."""
    with tempfile.TemporaryDirectory() as name, _opened(path) as archive:
        told = _signed_manifest(archive)
        files = _unpacked(archive, told["files"], Path(name))
        try:
            about: dict[str, Any] = json.loads(files["person.json"].read_bytes())
        except (KeyError, ValueError):
            raise BadArchive(gettext_noop("There is no readable person.json in it.")) from None
        taken = Taken(str(told["host"]))
        ledgers = list(_ledgers(about, taken))
        offered = list(_offered(about, files, owner, taken))
        prepared = {"cameos": ledgers, "generation": offered}
        try:
            personal.import_everything(owner=owner, archive=about, now=now, prepared=prepared)
        except BaseException as error:
            for offer in offered:
                store.remove(UUID(offer.told["id"]))
            if isinstance(error, KeyError | TypeError | ValueError | DatabaseError):
                raise BadArchive(f"It says of a clip what none can be: {type(error).__name__}.") from None
            raise
    taken.clips += [offer.told["id"] for offer in offered]
    taken.ledgers = len(ledgers)
    return taken


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > MOST_BYTES:
                raise BadArchive(gettext_noop("It is larger than an archive of a person may be."))
            if len({entry.filename for entry in entries}) < len(entries):
                raise BadArchive(gettext_noop("It holds one name twice."))
            yield archive
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        if store.is_full(error):  # while it was unpacked: nothing is wrong with the archive
            raise
        raise BadArchive(f"It is no readable zip: {error}") from None


def _signed_manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    try:
        text = _small(archive, "manifest.json")
        told, signed = json.loads(text), json.loads(_small(archive, "signature.json"))
        if told["format"] != FORMAT or not isinstance(told["files"], dict):
            raise BadArchive(gettext_noop("It is no archive of a person."))
        key_id, signature = str(signed["key_id"]), str(signed["signature"])
        host = str(told["host"])
    except (KeyError, ValueError, TypeError):
        raise BadArchive(gettext_noop("It is no archive of a person.")) from None
    carried.check_signature(host, key_id, signature, _message(text))
    return dict(told)


def _small(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > MOST_JSON:
        raise BadArchive(f"{name} is too large.")
    with archive.open(name) as file:
        return file.read(MOST_JSON)


def _unpacked(archive: zipfile.ZipFile, files: Mapping[str, str], folder: Path) -> dict[str, Path]:
    """Each file under a name of ours, compared with what was signed."""
    found: dict[str, Path] = {}
    for number, (name, digest) in enumerate(files.items()):
        if not NAME.fullmatch(name):
            raise BadArchive(gettext_noop("It names a file that none of its kind may have."))
        target = folder / f"{number}{Path(name).suffix}"
        try:
            with archive.open(name) as source, target.open("wb") as out:
                shutil.copyfileobj(source, out)
        except KeyError:
            raise BadArchive(f"{name} is missing.") from None
        if store.sha256(target) != digest:
            raise BadArchive(f"{name} is not what was signed.")
        found[name] = target
    return found


def _ledgers(about: Mapping[str, Any], taken: Taken) -> Iterator[dict[str, Any]]:
    rows = about.get("cameos", {})
    files = [row.get("ledger") for row in rows.get("likenesses", [])] + rows.get("carried_ledgers", [])
    for file in filter(None, files):
        try:
            carried.check(file)
        except NotBelieved as no:
            taken.left_out[f"ledger {str(file.get('principal'))[:36]}"] = str(no)
        else:
            yield file


def _offered(
    about: Mapping[str, Any], files: Mapping[str, Path], owner: User, taken: Taken
) -> Iterator[Offered]:
    """The clips that come in, each opened and inspected, with their files stored; the others are named."""
    for told in about.get("generation", {}).get("clips", []):
        clip = str(told.get("id", ""))
        mine = {Path(name).stem: path for name, path in files.items() if name.startswith(f"clips/{clip}/")}
        if not mine:
            continue  # gone, or hidden, where it comes from
        there = Clip.objects.filter(public_id=clip).first()
        if there is not None and there.maker_id == owner.pk:
            taken.clips.append(clip)
            continue
        try:
            if there is not None:
                raise _LeftOut(gettext_noop("A clip with this name is here already."))
            yield _examined(told, mine, taken.host)
        except _LeftOut as why:
            taken.left_out[clip] = str(why)


class _LeftOut(Exception):
    """Why a clip does not come in."""


def _examined(told: Mapping[str, Any], files: Mapping[str, Path], host: str) -> Offered:
    film = next((files[kind] for kind in FILMS if kind in files), None)
    if film is None:
        raise _LeftOut(gettext_noop("There is no film in it."))
    for kind, path in files.items():
        if kind not in Rendition.Kind.values or kind not in told["files"]:
            raise _LeftOut(gettext_noop("It has a file of a kind that is not known here."))
        found = manifest.read_behind_walls(path)
        if found.clip_id != told["id"] or found.state not in {"Valid", "Trusted"}:
            raise _LeftOut(f"The manifest in {kind} is not of this clip, or not whole.")
    said = manifest.read_behind_walls(film)
    try:
        frames = list(sandbox.decode_video(film, FILM).frames)
        for kind in set(files) - set(FILMS) - {"av1_720"}:
            sandbox.decode_picture(files[kind])
    except IntakeRefused as refused:
        raise _LeftOut(f"It could not be opened: {refused.reason}") from None
    _inspected(frames)
    paths = {f"{kind}{path.suffix}": path for kind, path in files.items()}
    store.put(UUID(str(told["id"])), paths)
    return Offered(
        told=told,
        files=files,
        host=host,
        prints=[fingerprint.second_of(frame) for frame in frames[:: round(FILM.keep_fps)]],
        ancestors=list(said.ancestors),
        ledger_entries=list(said.ledger_entries),
    )


def _inspected(frames: list[Any]) -> None:
    match = next(iter(fingerprint.recognise(frames)), None)
    if match is not None and Clip.objects.standing().filter(pk=match.clip_id).first() is None:
        raise _LeftOut(gettext_noop("It shows what was removed from this host."))
    try:
        inspecting.inspect(frames, [])
    except (inspecting.Unlisted, inspecting.Doubtful):
        raise _LeftOut(gettext_noop("Somebody may be in it who did not allow that here.")) from None
    try:
        verdict, _shown = pictures.judge(frames)
    except Unjudged:
        raise _LeftOut(gettext_noop("Its pictures cannot be judged on this host.")) from None
    if verdict.outcome is not Outcome.ALLOW:
        raise _LeftOut(gettext_noop("A moderator of this host would have to see it first."))


def keep(owner: User, offers: list[Offered], now: datetime) -> None:
    """The rows of clips whose files lie in the store; in the transaction of the import."""
    made = {offer.told["id"]: _row(owner, offer, now) for offer in offers}
    for offer in offers:
        for source in offer.told.get("made_from", []):
            parent = (
                made.get(source["clip"]) or Clip.objects.filter(public_id=source["clip"], maker=owner).first()
            )
            if parent is not None:
                Ingredient.objects.get_or_create(
                    clip=made[offer.told["id"]],
                    source=parent,
                    defaults={"relationship": Ingredient.Relationship(source["relationship"])},
                )


def _row(owner: User, offer: Offered, now: datetime) -> Clip:
    told = offer.told
    clip = Clip.objects.create(
        public_id=told["id"],
        maker=owner,
        origin=Clip.Origin(told["origin"]),
        prompt=str(told["prompt"])[:4000],
        prompt_hidden=bool(told["prompt_hidden"]),
        seed=told["seed"],
        engine=str(told["engine"])[:40],
        flashes=bool(told["flashes"]),
        cast_count=max(int(told["people"]), len(offer.ledger_entries)),
        duration_ms=int(told["duration_ms"]),
        width=int(told["width"]),
        height=int(told["height"]),
        sealed_at=parse_datetime(told["sealed_at"]) or now,
    )
    for kind, path in offer.files.items():
        size = told["files"][kind]
        Rendition.objects.create(
            clip=clip,
            kind=Rendition.Kind(kind),
            path=f"clips/{clip.public_id}/{kind}{path.suffix}",
            sha256=store.sha256(path),
            bytes=path.stat().st_size,
            width=int(size["width"]),
            height=int(size["height"]),
        )
    fingerprint.keep(clip, offer.prints)
    CarriedClip.objects.create(
        clip=clip,
        host=offer.host[:200],
        ancestors=offer.ancestors,
        ledger_entries=offer.ledger_entries,
        carried_at=now,
    )
    return clip
