"""Long films from other machines: decoded behind the walls while they are read, one picture at a time."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from cameos.intake.kinds import FilmLimits
from cameos.intake.refusals import IntakeReason, IntakeRefused
from cameos.intake.sandbox import NETWORK_WALLS, Film, open_film
from model import video


@pytest.fixture
def path(tmp_path: Path) -> Path:
    pictures = [np.full((96, 64, 3), 10 * k, np.uint8) for k in range(24)]
    tone = np.sin(np.arange(48_000 * 2) / 20).astype(np.float32)[:, None] * [0.2, 0.1]
    video.write_mp4(tmp_path / "a.mp4", pictures, 12, tone.astype(np.float32), (64, 96))
    return tmp_path / "a.mp4"


def refused(film: Film) -> IntakeReason:
    with pytest.raises(IntakeRefused) as caught:
        list(film.pictures())
    return caught.value.reason


def is_gone(film: Film) -> bool:
    return film._pipe.child.returncode is not None


def test_it_gives_every_picture_and_the_sound_as_they_are_in_the_file(path: Path) -> None:
    there, sound = list(video.read_frames(path)), video.read_audio(path)
    film = open_film(path, FilmLimits(keep_side=4096, sound_rate=48_000))
    assert NETWORK_WALLS & set(film.walls)
    assert (film.width, film.height, film.fps, film.claimed) == (64, 96, 12, 24)
    assert all(np.array_equal(a, b) for a, b in zip(film.pictures(), there, strict=True))
    assert film.sound is not None and film.sound.shape[1] == 2
    assert np.abs(film.sound / 32768 - sound[: len(film.sound)]).max() < 1e-3
    assert is_gone(film)


def test_who_stops_reading_leaves_no_process(path: Path) -> None:
    film = open_film(path)
    pictures = film.pictures()
    next(pictures)
    pictures.close()  # type: ignore[attr-defined]
    assert is_gone(film)
    unread = open_film(path)
    unread.close()
    assert is_gone(unread)
    with pytest.raises(ProcessLookupError):
        os.kill(unread._pipe.child.pid, 0)


def test_nothing_is_opened_in_this_process(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*args: Any, **more: Any) -> None:
        raise AssertionError("decoded outside of the walls")

    monkeypatch.setattr(av, "open", never)
    assert len(list(open_film(path).pictures())) == 24


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (FilmLimits(max_bytes=100), IntakeReason.TOO_HEAVY),
        (FilmLimits(max_s=1), IntakeReason.TOO_LONG),
        (FilmLimits(max_pixels=1000), IntakeReason.TOO_MANY_PIXELS),
        (FilmLimits(min_side=500), IntakeReason.TOO_SMALL),
    ],
)
def test_what_its_head_says_is_judged_before_a_picture_is_read(
    path: Path, limits: FilmLimits, reason: IntakeReason
) -> None:
    with pytest.raises(IntakeRefused) as caught:
        open_film(path, limits)
    assert caught.value.reason is reason


def test_what_comes_later_is_judged_while_it_is_read(path: Path) -> None:
    film = open_film(path, FilmLimits(max_frames=3))
    assert refused(film) is IntakeReason.TOO_MANY_FRAMES and is_gone(film)


def test_a_file_that_breaks_off_or_is_no_film_is_named(path: Path, tmp_path: Path) -> None:
    torn = tmp_path / "torn.mp4"
    data = path.read_bytes()
    torn.write_bytes(data[: len(data) - 300])
    with pytest.raises(IntakeRefused):
        list(open_film(torn).pictures())
    page = tmp_path / "page.mp4"
    page.write_bytes(b"\0\0\0\x18ftypmp42" + b"<html>" * 100)
    with pytest.raises(IntakeRefused) as caught:
        open_film(page)
    assert caught.value.reason is IntakeReason.BROKEN


def test_a_child_that_falls_silent_is_ended(path: Path) -> None:
    film = open_film(path)
    object.__setattr__(film._pipe, "patience_s", 0.2)
    film._pipe.child.send_signal(19)  # SIGSTOP
    for _ in range(30):
        if is_gone(film):
            break
        try:
            list(film.pictures())
        except IntakeRefused as no:
            assert no.reason is IntakeReason.TOOK_TOO_MUCH
    assert is_gone(film)
