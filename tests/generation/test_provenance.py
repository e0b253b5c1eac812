"""Fingerprints and manifests, what `/verify` says of files that went through the world, and hostile ones."""

from __future__ import annotations

import errno
import struct
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from django.conf import settings as ours
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from numpy.typing import NDArray

from accounts.models import User
from generation import actions
from generation.models import Clip, Fingerprint, Rendition
from generation.provenance import (
    borders,
    fingerprint,
    manifest,
    mark_keys,
    outline,
    signing,
    survival,
    verify,
    watermark,
)
from generation.states import State
from model import video
from tests.generation.conftest import Ask
from tests.generation.test_pipeline import finished, nothing_is_left

Frames = list[NDArray[np.uint8]]
CLIPS = Path(ours.BASE_DIR) / "feed" / "demo" / "clips"


def scenes(count: int = 4) -> Iterator[Frames]:
    """Four seconds of each of some shipped clips."""
    for path in sorted(CLIPS.glob("[a-z]*.mp4"))[::7][:count]:
        yield list(video.read_frames(path, every=24, limit=4))


@pytest.fixture(scope="module")
def shown() -> dict[int, Frames]:
    return dict(enumerate(scenes(), 1))


@pytest.fixture(scope="module")
def known(shown: dict[int, Frames]) -> fingerprint.Prints:
    seconds = [(n, f, fingerprint.second_of(f)) for n, frames in shown.items() for f in frames]
    outlines = [(n, outline.canvas_of(f.shape[1], f.shape[0]), kept.outline) for n, f, kept in seconds]
    prints = [(n, p.bits) for n, _, kept in seconds for p in kept.prints]
    return fingerprint.Prints().and_those(prints).and_outlines(outlines)


@pytest.mark.parametrize(
    "change",
    [survival.half, survival.mirror, survival.crop_middle, survival.hue, survival.logo, survival.screen],
)
def test_every_clip_is_recognised_by_its_pictures(
    change: Any, shown: dict[int, Frames], known: fingerprint.Prints
) -> None:
    found = [fingerprint.recognise(change(frames), known) for frames in shown.values()]
    assert [matches[0].clip_id if matches else None for matches in found] == list(shown)


def part(frames: Frames, top: float, left: float, share: float = 0.75) -> Frames:
    height, width = frames[0].shape[:2]
    y, x = round(top * (1 - share) * height), round(left * (1 - share) * width)
    cut = [f[y : y + round(share * height), x : x + round(share * width)] for f in frames]
    return survival.mirror([video.resize(f, (270, 480)) for f in cut])


@pytest.mark.parametrize(("top", "left"), [(0, 0), (0, 1), (1, 0), (1, 1), (0.2, 0.9), (0.7, 0.3)])
def test_a_part_is_recognised_wherever_it_was_cut_out(
    top: float, left: float, shown: dict[int, Frames], known: fingerprint.Prints
) -> None:
    found = [fingerprint.recognise(part(frames, top, left), known) for frames in shown.values()]
    assert [matches[0].clip_id if matches else None for matches in found] == list(shown)
    assert all(matches[0].is_part and matches[0].confidence <= 0.8 for matches in found)


def test_a_part_is_found_in_the_index_of_the_host(ask: Ask, bob: User, shown: dict[int, Frames]) -> None:
    clip = finished(ask(bob, seconds=2)).clip
    assert clip is not None
    Fingerprint.objects.filter(clip=clip).delete()
    Clip.objects.filter(pk=clip.pk).update(width=shown[1][0].shape[1], height=shown[1][0].shape[0])
    fingerprint.keep(clip, [fingerprint.second_of(frame) for frame in shown[1]])
    (match,) = fingerprint.recognise(part(shown[1], 0, 1))
    assert match.clip_id == clip.pk and match.is_part
    assert fingerprint.recognise(part(shown[2], 0, 1)) == []


def test_other_pictures_are_taken_for_no_clip(known: fingerprint.Prints) -> None:
    strangers = list(scenes(6))[4:]
    assert [fingerprint.recognise(frames, known) for frames in strangers] == [[], []]
    assert [fingerprint.recognise(part(frames, 0, 1), known) for frames in strangers] == [[], []]


@pytest.mark.parametrize("level", [0, 128, 255])
def test_flat_pictures_are_never_asked_about(level: int, known: fingerprint.Prints) -> None:
    assert fingerprint.recognise([np.full((64, 36, 3), level, np.uint8)], known) == []


def test_only_even_borders_are_taken_off(shown: dict[int, Frames]) -> None:
    frame = shown[1][0]
    page = np.full((frame.shape[0] + 200, frame.shape[1] + 80, 3), 7, np.uint8)
    page[120:-80, 30:-50] = frame
    (bare,) = borders.without([page])
    assert abs(bare.shape[0] - frame.shape[0]) < 40 and abs(bare.shape[1] - frame.shape[1]) < 40
    speck = np.zeros((200, 200, 3), np.uint8)
    speck[90:100, 90:100] = 255
    assert borders.without([speck])[0].shape == speck.shape


def test_the_index_knows_new_clips_at_once_and_forgets_what_is_gone(ask: Ask, bob: User) -> None:
    first = finished(ask(bob, seconds=2)).clip
    assert first is not None
    prints = [fingerprint.Print(bytes.fromhex(r.pdq), r.quality) for r in first.fingerprints.filter(cut=0)]
    assert [m.clip_id for m in fingerprint.search(prints)] == [first.pk]
    second = finished(ask(bob, seconds=2)).clip  # the same seed: the same pictures
    assert second is not None
    assert {m.clip_id for m in fingerprint.search(prints)} == {first.pk, second.pk}
    assert [m.clip_id for m in fingerprint.copies_of(first)] == [second.pk]
    Fingerprint.objects.filter(clip=first).delete()
    assert [m.clip_id for m in fingerprint.search(prints)] == [second.pk]


def test_a_copy_of_what_was_removed_is_recognised_and_a_living_clip_is_no_removed_one(
    ask: Ask, bob: User, now: datetime, settings: Any
) -> None:
    clip = finished(ask(bob, seconds=2)).clip
    assert clip is not None
    path = Path(settings.MEDIA_ROOT) / clip.renditions.get(kind="mp4_720").path
    frames = list(video.read_frames(path, every=8))
    assert fingerprint.removed_copy(frames) is None
    actions.delete_clip(clip=clip, by=bob, now=now)
    assert fingerprint.removed_copy(survival.mirror(frames)) == clip


# Manifests


def test_remixes_of_remixes_name_all_before_them_and_do_not_grow(ask: Ask, bob: User, settings: Any) -> None:
    clips = [finished(ask(bob)).clip]
    for _level in range(4):
        clips.append(finished(ask(bob, "the same at night", verb="remix", parent=clips[-1])).clip)
    paths = [Path(settings.MEDIA_ROOT) / c.renditions.get(kind="mp4_360").path for c in clips if c]
    found = manifest.read(paths[-1])
    assert found.is_ours and len(found.ancestors) == 4
    grown = [manifest_bytes(path) for path in paths]
    assert grown[0] < 5_000 and grown[4] - grown[1] < 500 and grown[4] < 24 * 1024


def manifest_bytes(path: Path) -> int:
    data, at, found = path.read_bytes(), 0, 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big") or len(data) - at
        found += size if data[at + 4 : at + 8] == b"uuid" else 0
        at += size
    return found


def test_a_manifest_of_another_host_that_names_our_clip_proves_nothing(
    ask: Ask, bob: User, settings: Any, tmp_path: Path
) -> None:
    clip = finished(ask(bob)).clip
    assert clip is not None
    film = tmp_path / "plain.mp4"
    video.write_mp4(film, [np.full((64, 64, 3), 40 * n, np.uint8) for n in range(6)], 6)
    here, settings.KEYS_DIR = settings.KEYS_DIR, tmp_path / "keys of somebody else"
    claim = manifest.Statement(clip_id=str(clip.public_id), engine="native", made_at="2026-01-01")
    manifest.sign(film, tmp_path / "forged.mp4", claim)
    settings.KEYS_DIR = here
    found = manifest.read_behind_walls(tmp_path / "forged.mp4")
    assert found == manifest.read(tmp_path / "forged.mp4")
    assert not found.is_ours and found.state in ("Valid", "Invalid")
    assert verify.examine(tmp_path / "forged.mp4").state == "unknown"


def test_a_signed_file_that_was_changed_is_not_ours_any_more(
    ask: Ask, bob: User, settings: Any, tmp_path: Path
) -> None:
    clip = finished(ask(bob)).clip
    assert clip is not None
    data = bytearray((Path(settings.MEDIA_ROOT) / clip.renditions.get(kind="mp4_720").path).read_bytes())
    data[-2000] ^= 0xFF
    (tmp_path / "changed.mp4").write_bytes(data)
    found = manifest.read_behind_walls(tmp_path / "changed.mp4")
    assert found.state == "Invalid" and not found.is_ours and found.problems


@pytest.mark.parametrize("junk", [b"", b"\0" * 5000, b"\0\0\0\x18ftypmp42" + b"\xff" * 3000])
def test_a_manifest_that_cannot_be_read_is_none(junk: bytes, tmp_path: Path) -> None:
    (tmp_path / "junk.mp4").write_bytes(junk)
    assert manifest.read_behind_walls(tmp_path / "junk.mp4").state == "none"


# What /verify says


def look(name: str, content: bytes) -> Any:
    return Client().post("/api/v1/verify", {"file": SimpleUploadedFile(name, content)})


@pytest.fixture
def marked_clip(ask: Ask, bob: User, now: datetime) -> tuple[Clip, Frames]:
    """A row whose mark is in large pictures: the small engine's are too small to crop and record."""
    clip = finished(ask(bob, seconds=2)).clip
    assert clip is not None
    plain = next(scenes(1))
    hide = watermark.marker((432, 768), int(clip.mark_payload, 16), mark_keys.newest())
    return clip, [hide(frame) for frame in plain for _ in range(6)]


@pytest.mark.parametrize("change", [survival.crop_aside, survival.mirror, survival.screen])
def test_a_cropped_mirrored_or_recorded_copy_is_known_by_its_hidden_mark(
    change: Any, marked_clip: tuple[Clip, Frames], tmp_path: Path
) -> None:
    clip, frames = marked_clip
    video.write_mp4(tmp_path / "copy.mp4", change(frames), 6, crf=26)
    found = look("copy.mp4", (tmp_path / "copy.mp4").read_bytes()).json()
    assert (found["state"], found["clip"]) == ("draft", str(clip.public_id))
    there = {witness["kind"]: witness["confidence"] for witness in found["witnesses"]}
    assert there["mark"] >= 0.99 and there["manifest"] == there["bytes"] == 0
    assert found["maker"] == ""  # a draft: a stranger learns that it is one, and not whose


def test_a_film_of_two_clips_names_both(
    marked_clip: tuple[Clip, Frames], ask: Ask, bob: User, tmp_path: Path
) -> None:
    clip, frames = marked_clip
    other = finished(ask(bob, seed=9)).clip
    assert other is not None
    hide = watermark.marker((432, 768), int(other.mark_payload, 16), mark_keys.newest())
    second = [hide(frame) for frame in list(scenes(2))[1] for _ in range(6)]
    video.write_mp4(tmp_path / "both.mp4", frames + second, 6, crf=20)
    found = look("both.mp4", (tmp_path / "both.mp4").read_bytes()).json()
    named = {found["clip"], *(one["clip"] for one in found["others"])}
    assert named == {str(clip.public_id), str(other.public_id)}


def test_a_mark_whose_clip_has_no_row_is_told_and_names_nothing(db: None, tmp_path: Path) -> None:
    hide = watermark.marker((432, 768), 12345, mark_keys.newest())
    video.write_mp4(tmp_path / "lost.mp4", [hide(frame) for frame in next(scenes(1))], 2, crf=20)
    found = look("lost.mp4", (tmp_path / "lost.mp4").read_bytes()).json()
    assert found["state"] == "unknown" and found["clip"] == ""
    assert {w["kind"]: w["confidence"] for w in found["witnesses"]}["mark"] == 0.5


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(b"\0" * 64))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IEND", b"")


def sound_only(folder: Path) -> bytes:
    with av.open(str(folder / "sound.mp4"), "w") as film:
        stream = film.add_stream("aac", rate=48_000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4096), np.float32), "fltp", "mono")
        frame.rate = 48_000
        film.mux(stream.encode(frame))
        film.mux(stream.encode(None))
    return (folder / "sound.mp4").read_bytes()


@pytest.mark.parametrize(
    ("width", "height", "code"),
    [
        (0, 0, "file_broken"),
        (0, 500, "file_broken"),
        (30_000, 30_000, "file_too_many_pixels"),
        (30_000, 1, "file_too_small"),
        (8, 8, "file_too_small"),
    ],
)
def test_pictures_of_strange_sizes_are_refused_by_name(db: None, width: int, height: int, code: str) -> None:
    answer = look("picture.png", png(width, height))
    assert answer.status_code == 422 and answer.json()["code"] == code and answer.json()["message"]


def test_a_film_without_a_picture_is_refused_by_name(db: None, tmp_path: Path) -> None:
    assert look("sound.mp4", sound_only(tmp_path)).json()["code"] == "file_no_picture_track"


def test_a_playlist_and_a_broken_film_are_refused_by_name(db: None) -> None:
    assert look("a.mp4", b"#EXTM3U\nfile:///etc/passwd\n").json()["code"] == "file_unknown_kind"
    assert look("a.mp4", b"\0\0\0\x18ftypmp42" + b"\0" * 200).json()["code"] == "file_broken"


# Nothing half-sealed


def test_without_the_signing_key_nothing_is_sealed(
    ask: Ask, bob: User, settings: Any, tmp_path: Path
) -> None:
    settings.KEYS_DIR = tmp_path / "keys"
    mark_keys.newest()
    signing.ensure_keys()
    (signing.folder() / "leaf.key").unlink()
    failed = finished(ask(bob))
    assert (failed.state, failed.error) == (State.FAILED, "keys_missing")
    assert not Clip.objects.exists() and nothing_is_left(settings)


class Full(FileSystemStorage):
    """A disk with room for two files."""

    def _save(self, name: str, content: Any) -> str:
        folder = Path(self.path(name)).parent
        if name.startswith("clips/") and folder.exists() and len(list(folder.iterdir())) >= 2:
            raise OSError(errno.ENOSPC, "no space left on device")
        return str(super()._save(name, content))


def test_a_disk_that_runs_full_while_sealing_leaves_nothing(ask: Ask, bob: User, settings: Any) -> None:
    media = settings.MEDIA_ROOT
    full = {"BACKEND": f"{__name__}.Full", "OPTIONS": {"location": media}}
    settings.STORAGES = settings.STORAGES | {"default": full}
    failed = finished(ask(bob))
    assert (failed.state, failed.error) == (State.FAILED, "disk_full")
    assert not Clip.objects.exists() and not Rendition.objects.exists() and not Fingerprint.objects.exists()
    assert nothing_is_left(settings)
