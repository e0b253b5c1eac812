"""The hidden mark: its code, what it survives, what it never says, and what happens to its keys."""

from __future__ import annotations

import stat
from io import StringIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from django.conf import settings as ours
from django.core.management import call_command
from numpy.typing import NDArray

from accounts.models import User
from generation.models import Clip
from generation.provenance import mark_code, mark_keys, watermark
from generation.provenance.signing import KeysMissing
from generation.states import State
from model import video
from tests.generation.conftest import Ask
from tests.generation.test_pipeline import finished

Frames = list[NDArray[np.uint8]]
KEY, OTHER_KEY = b"a" * 32, b"b" * 32
PAYLOAD, OTHER_PAYLOAD = 0x0123456789ABCDEF, 0xFEDCBA9876543210
CLIPS = Path(ours.BASE_DIR) / "feed" / "demo" / "clips"


def shipped(name: str) -> Frames:
    return list(video.read_frames(CLIPS / f"{name}.mp4", every=24))


def psnr(a: Frames, b: Frames) -> float:
    error = np.mean(
        [np.square(x.astype(np.float32) - y.astype(np.float32)).mean() for x, y in zip(a, b, strict=True)]
    )
    return float(10 * np.log10(255**2 / error))


@pytest.fixture(scope="module")
def plain() -> Frames:
    return shipped("bolt-disco")


@pytest.fixture(scope="module")
def marked(plain: Frames) -> Frames:
    hide = watermark.marker((432, 768), PAYLOAD, KEY)
    return [hide(frame) for frame in plain]


def found_in(frames: Frames, *keys: bytes) -> watermark.Mark | None:
    return watermark.find(watermark.features(frames), keys or [KEY])


@pytest.mark.parametrize("payload", [1, 2**64 - 1, PAYLOAD])
def test_every_payload_comes_back_from_noise_as_strong_as_itself(payload: int) -> None:
    noise = np.random.default_rng(1).normal(0, 1, mark_code.CODED)
    assert mark_code.decode((mark_code.encode(payload) + noise).astype(np.float32)) == payload


def test_noise_alone_has_no_payload() -> None:
    noise = np.random.default_rng(2).normal(0, 1, (20, mark_code.CODED)).astype(np.float32)
    assert [mark_code.decode(values) for values in noise] == [None] * 20


@pytest.mark.parametrize("payload", [-1, 2**64])
def test_a_payload_has_64_bits(payload: int) -> None:
    with pytest.raises(ValueError, match="64 bits"):
        mark_code.encode(payload)


def test_the_bound_on_mistakes_is_below_one_in_a_million() -> None:
    assert watermark.FALSE_POSITIVE_BOUND <= 1e-6


def test_the_mark_changes_less_than_42_decibels(plain: Frames, marked: Frames) -> None:
    assert psnr(plain, marked) >= 42


def test_a_clean_film_and_a_foreign_key_show_no_mark(plain: Frames, marked: Frames) -> None:
    assert found_in(plain) is None
    assert found_in(marked, OTHER_KEY) is None


def test_the_payload_is_read_from_one_frame_and_with_an_older_key(marked: Frames) -> None:
    mark = found_in(marked[2:3], OTHER_KEY, KEY)
    assert mark is not None and (mark.payload, mark.key, mark.mirrored) == (PAYLOAD, 1, False)


def _small(frames: Frames) -> Frames:
    return [cv2.resize(f, (216, 384), interpolation=cv2.INTER_AREA).astype(np.uint8) for f in frames]


def _mirrored(frames: Frames) -> Frames:
    return [np.ascontiguousarray(f[:, ::-1]) for f in frames]


def _cropped(frames: Frames) -> Frames:
    return [f[90:704, 30:376] for f in frames]  # a fifth of each side, not in the middle


def _mirrored_and_cropped(frames: Frames) -> Frames:
    return _mirrored(_cropped(frames))


def _on_a_screen(frames: Frames) -> Frames:
    screens = [np.full((960, 640, 3), 24, np.uint8) for _ in frames]
    for screen, frame in zip(screens, frames, strict=True):
        screen[80:848, 100:532] = frame
    return screens


@pytest.mark.parametrize("attack", [_small, _mirrored, _cropped, _mirrored_and_cropped, _on_a_screen])
def test_the_mark_survives(attack: Any, marked: Frames) -> None:
    mark = found_in(attack(marked))
    assert mark is not None and mark.payload == PAYLOAD
    assert mark.mirrored == (attack in (_mirrored, _mirrored_and_cropped))


def test_the_mark_survives_another_encoding(marked: Frames, tmp_path: Path) -> None:
    video.write_mp4(tmp_path / "again.mp4", marked, 24, crf=28)
    mark = found_in(list(video.read_frames(tmp_path / "again.mp4")))
    assert mark is not None and mark.payload == PAYLOAD


def test_a_film_put_together_from_two_clips_shows_both_marks(plain: Frames, marked: Frames) -> None:
    hide = watermark.marker((432, 768), OTHER_PAYLOAD, KEY)
    together = marked[:4] + [hide(frame) for frame in plain[:4]]
    marks = watermark.find_all(together, [KEY])
    assert {mark.payload for mark in marks} >= {PAYLOAD, OTHER_PAYLOAD}


def test_two_marks_over_each_other_are_seen_and_never_read_as_a_third(plain: Frames, marked: Frames) -> None:
    hide = watermark.marker((432, 768), OTHER_PAYLOAD, KEY)
    mark = found_in([hide(frame) for frame in marked])
    assert mark is not None and mark.payload in (None, PAYLOAD, OTHER_PAYLOAD)


@pytest.mark.parametrize("frame", [np.zeros((64, 64, 3), np.uint8), np.full((33, 900, 3), 255, np.uint8)])
def test_empty_pictures_hold_no_mark(frame: NDArray[np.uint8]) -> None:
    assert found_in([frame]) is None


def test_a_clip_knows_its_payload_and_each_of_its_files_carries_it(
    ask: Ask, bob: User, settings: Any
) -> None:
    clip = finished(ask(bob, seconds=2)).clip
    assert clip is not None and len(clip.mark_payload) == 16
    for rendition in clip.renditions.filter(kind__in=["mp4_720", "mp4_360", "poster"]):
        path = Path(settings.MEDIA_ROOT) / rendition.path
        is_film = path.suffix == ".mp4"
        frames = list(video.read_frames(path)) if is_film else [cv2.imread(str(path))[:, :, ::-1].copy()]
        mark = watermark.find(watermark.features(frames), mark_keys.everyone())
        assert mark is not None and mark.payload == int(clip.mark_payload, 16), rendition.kind


def test_a_rotated_key_marks_new_clips_and_old_ones_are_still_found(
    settings: Any, tmp_path: Path, db: None
) -> None:
    settings.KEYS_DIR = tmp_path / "keys"
    first = mark_keys.newest()
    call_command("rotate_mark_key", stdout=StringIO())
    assert mark_keys.newest() != first and mark_keys.everyone()[1] == first
    file = mark_keys.folder() / "0001.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("breakage", ["gone", "broken"])
def test_without_its_key_nothing_is_sealed_and_the_failure_has_a_name(
    breakage: str, ask: Ask, bob: User, settings: Any, tmp_path: Path
) -> None:
    settings.KEYS_DIR = tmp_path / "keys"
    assert finished(ask(bob)).state == State.READY
    (key,) = mark_keys.folder().glob("*.key")
    key.unlink() if breakage == "gone" else key.write_text("no key")
    with pytest.raises(KeysMissing):
        mark_keys.newest()
    before = Clip.objects.count()
    failed = finished(ask(bob, seed=9))
    assert (failed.state, failed.error) == (State.FAILED, "keys_missing")
    assert Clip.objects.count() == before
