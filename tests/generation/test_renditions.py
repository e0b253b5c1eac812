"""The files of a clip: how early the first picture is there, how loud it is, and what flashes."""

from __future__ import annotations

import math
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from accounts.models import User
from feed import actions
from feed.refusals import ClipFlashes
from generation import flashes, renditions, sound
from generation.engines.base import EngineFailed, Rendered
from generation.models import Clip
from generation.provenance import visible, watermark
from generation.provenance.marks import Marks
from model import video
from tests.generation.conftest import Ask
from tests.generation.test_pipeline import finished

FPS, SIZE = 12.0, (360, 640)
KEY, PAYLOAD = b"k" * 32, 77


def busy(count: int) -> list[NDArray[np.uint8]]:
    """Frames that cost many bytes: coarse noise that moves, over calm ground."""
    noise = np.random.default_rng(5).integers(0, 255, (80, 45 + count, 3), dtype=np.uint8)
    noise[30:] = 120
    return [video.resize(np.ascontiguousarray(noise[:, i : i + 45]), SIZE) for i in range(count)]


def marks() -> Marks:
    hide = watermark.marker(SIZE, PAYLOAD, KEY)
    return Marks(PAYLOAD, KEY, lambda frame, second: hide(frame))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> renditions.Written:
    tone = 0.1 * np.sin(2 * np.pi * 997 * np.arange(96_000) / 48_000)
    rendered = Rendered(
        frames=iter(busy(24)), frame_count=24, fps=FPS, size=SIZE, audio=tone.astype(np.float32), material=b""
    )
    return renditions.write(rendered, tmp_path_factory.mktemp("clip"), marks())


def test_the_first_picture_of_the_smaller_file_is_there_early(written: renditions.Written) -> None:
    with av.open(str(written.paths["mp4_360"])) as film:
        first = next(film.demux(video=0))
    assert first.is_keyframe and first.pos is not None
    manifest = renditions.MANIFEST_BYTES
    assert manifest + first.pos + first.size <= renditions.FIRST_BYTES


def test_a_longer_clip_and_more_sources_leave_less_room_for_the_first_picture() -> None:
    room = renditions.room_for_first
    assert room(5, 0) > room(10, 0) > room(10, 1) >= renditions.LEAST_FIRST
    assert room(60, 3) == renditions.LEAST_FIRST


def test_posters_and_sprite_carry_the_mark_in_formats_that_browsers_read(written: renditions.Written) -> None:
    for kind, wanted in (("poster", "WEBP"), ("avif", "AVIF"), ("sprite", "WEBP")):
        with Image.open(written.paths[kind]) as picture:
            assert picture.format == wanted and picture.size == written.sizes[kind]
            pixels = np.asarray(picture.convert("RGB"))
        if kind != "sprite":
            mark = watermark.find(watermark.features([pixels]), [KEY])
            assert mark is not None and mark.payload == PAYLOAD


def test_a_sprite_has_a_tile_for_each_second() -> None:
    seconds = [np.full((640, 360, 3), 20 * n, np.uint8) for n in range(12)]
    tiles = renditions.sprite_of(seconds)
    assert tiles.shape == (320, 900, 3)
    assert [int(tiles[n // 10 * 160 + 80, n % 10 * 90 + 45, 0]) for n in range(12)] == [
        20 * n for n in range(12)
    ]


def test_what_leaves_is_as_loud_as_all_else(written: renditions.Written) -> None:
    for kind in ("mp4_720", "mp4_360"):
        assert sound.loudness(video.read_audio(written.paths[kind])) == pytest.approx(sound.TARGET, abs=0.5)


def test_a_full_scale_tone_measures_as_the_standard_says() -> None:
    tone = np.sin(2 * np.pi * 997 * np.arange(96_000) / 48_000).astype(np.float32)
    assert sound.loudness(tone) == pytest.approx(-3.01, abs=0.05)
    assert sound.loudness(np.stack([tone, tone], axis=1)) == pytest.approx(0.0, abs=0.05)


@pytest.mark.parametrize(
    "samples", [np.zeros(96_000), np.zeros((0, 1)), np.full(960, 0.5), np.full(96_000, np.nan)]
)
def test_silence_and_what_is_no_sound_stay_as_they_are(samples: NDArray[np.float32]) -> None:
    assert math.isinf(sound.loudness(np.nan_to_num(samples)))
    assert np.array_equal(sound.levelled(samples), np.nan_to_num(samples).astype(np.float32))


def test_peaks_never_clip_and_quiet_rooms_stay_quiet() -> None:
    crack = np.full(96_000, 1e-3, np.float32) * np.sin(np.arange(96_000)).astype(np.float32)
    crack[50_000] = 0.9
    louder = sound.levelled(crack)
    assert np.abs(louder).max() <= sound.PEAK + 1e-6
    hum = sound.levelled(1e-4 * np.sin(np.arange(96_000)).astype(np.float32))
    assert np.abs(hum).max() <= 1e-4 * 10 ** (sound.MOST_GAIN / 20) * 1.01


def watched(pictures: list[NDArray[np.uint8]]) -> bool:
    watcher = flashes.Watcher(24)
    for picture in pictures:
        watcher.see(picture)
    return watcher.too_much


def strobe(every: int, colour: tuple[int, int, int], *, width: float = 1.0) -> list[NDArray[np.uint8]]:
    pictures = [np.zeros((96, 54, 3), np.uint8) for _ in range(48)]
    for index, picture in enumerate(pictures):
        if index // every % 2:
            picture[:, : round(54 * width)] = colour
    return pictures


@pytest.mark.parametrize(
    "pictures, too_much",
    [
        (strobe(2, (255, 255, 255)), True),  # six a second
        (strobe(4, (255, 255, 255)), False),  # three a second
        (strobe(2, (255, 0, 0)), True),  # saturated red
        (strobe(2, (255, 255, 255), width=0.2), False),  # too small a part of the picture
        (strobe(2, (60, 60, 60)), False),  # too faint: 0.045 of the luminance
        ([np.full((96, 54, 3), min(255, 6 * n), np.uint8) for n in range(48)], False),  # a fade
    ],
)
def test_what_counts_as_flashing(pictures: list[NDArray[np.uint8]], too_much: bool) -> None:
    assert watched(pictures) is too_much


def test_a_clip_that_flashes_is_not_published(ask: Ask, bob: User, now: object) -> None:
    clip = finished(ask(bob)).clip
    assert clip is not None and not clip.flashes
    Clip.objects.filter(pk=clip.pk).update(flashes=True)
    clip.refresh_from_db()
    with pytest.raises(ClipFlashes):
        actions.publish(clip=clip, creator=bob, caption="", now=now)  # type: ignore[arg-type]
    assert not hasattr(clip, "post")


@pytest.mark.parametrize("bad", [np.zeros((640, 360, 3), np.float32), np.zeros((640, 300, 3), np.uint8)])
def test_frames_that_are_no_pictures_have_a_name(bad: NDArray[np.uint8], tmp_path: Path) -> None:
    rendered = Rendered(
        frames=iter([*busy(1), bad]), frame_count=2, fps=FPS, size=SIZE, audio=None, material=b""
    )
    with pytest.raises(EngineFailed, match="nan_frames"):
        renditions.write(rendered, tmp_path, marks())


@pytest.mark.parametrize("handle", ["bo", "a_handle_of_thirty_letters_long"])
@pytest.mark.parametrize("second", [0.0, 3.9, 5.0, 9.0, 15.9])
def test_the_visible_mark_is_whole_on_a_phone_taller_than_the_picture(handle: str, second: float) -> None:
    grey = np.full((1280, 720, 3), 90, np.uint8)
    changed = (visible.mark_for(handle, (720, 1280))(grey, second) != grey).any(axis=2)
    columns, rows = np.flatnonzero(changed.any(axis=0)), np.flatnonzero(changed.any(axis=1))
    cut = (720 - 1280 * 390 / 844) / 2  # what filling 390 x 844 with 9:16 takes off each side
    assert cut < columns[0] and columns[-1] < 720 - cut
    assert rows[0] > 0 and rows[-1] < 1279
