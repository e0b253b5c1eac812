"""Files from strangers are opened behind walls, and every bad one has a named refusal."""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from cameos.intake import sandbox
from cameos.intake.kinds import FilmLimits, PictureLimits
from cameos.intake.refusals import IntakeReason, IntakeRefused
from cameos.intake.sandbox import decode_picture, decode_video


def film(
    path: Path,
    *,
    seconds: float = 2.0,
    size: tuple[int, int] = (160, 120),
    fps: int = 10,
    codec: str = "libx264",
    stamps: list[int] | None = None,
    sound: bool = True,
    tracks: int = 1,
) -> Path:
    """A film of a brightening corner; `stamps` are the frames' times in thousandths."""
    with av.open(str(path), "w") as file:
        videos: list[Any] = [file.add_stream(codec, rate=fps) for _ in range(tracks)]
        audio = file.add_stream("aac", rate=48_000, layout="mono") if sound else None
        times = stamps or [round(1000 * i / fps) for i in range(int(seconds * fps))]
        for video in videos:
            video.width, video.height = size
            video.pix_fmt = "yuv420p"
        for number, moment in enumerate(times):
            picture = np.full((size[1], size[0], 3), 40, np.uint8)
            picture[: size[1] // 3, : size[0] // 3] = (250, 40 + number % 200, 40)
            for video in videos:
                frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
                frame.pts = round(moment * fps / 1000)
                file.mux(video.encode(frame))
        for video in videos:
            file.mux(video.encode())
        if audio is not None:
            wave = (8000 * np.sin(np.arange(48_000 * times[-1] // 1000) / 20)).astype(np.int16)
            for start in range(0, len(wave), 4800):
                block = av.AudioFrame.from_ndarray(
                    wave[None, start : start + 4800], format="s16", layout="mono"
                )
                block.sample_rate, block.pts = 48_000, start
                file.mux(audio.encode(block))
            file.mux(audio.encode())
    return path


def refusal(path: Path, limits: FilmLimits | None = None) -> IntakeRefused:
    with pytest.raises(IntakeRefused) as caught:
        decode_video(path, limits)
    return caught.value


def test_a_film_becomes_frames_times_and_sound(tmp_path: Path) -> None:
    decoded = decode_video(film(tmp_path / "a.mp4"))

    assert decoded.frames.shape == (20, 120, 160, 3)
    assert decoded.frames[0, 5, 5, 0] > 200 > decoded.frames[0, 100, 100, 0]
    assert np.allclose(np.diff(decoded.times), 0.1, atol=0.02)
    assert abs(len(decoded.sound) / decoded.sound_rate - 1.9) < 0.2
    assert decoded.has_sound
    assert (decoded.kind, decoded.codec) == ("mov", "h264")


def test_webm_is_taken_too(tmp_path: Path) -> None:
    decoded = decode_video(film(tmp_path / "a.webm", codec="libvpx", sound=False))

    assert (decoded.kind, decoded.codec, decoded.has_sound) == ("matroska", "vp8", False)


def test_only_so_many_frames_are_kept_of_a_fast_film(tmp_path: Path) -> None:
    decoded = decode_video(film(tmp_path / "fast.mp4", fps=120, sound=False), FilmLimits(keep_fps=15))

    assert len(decoded.stamps) == 240
    assert 28 <= len(decoded.frames) <= 31


def test_uneven_time_between_frames_is_kept_as_it_was(tmp_path: Path) -> None:
    decoded = decode_video(film(tmp_path / "vfr.mp4", stamps=[0, 100, 200, 900, 1000, 1900], sound=False))

    assert np.allclose(decoded.times, [0, 0.1, 0.2, 0.9, 1.0, 1.9], atol=0.02)


def test_a_film_held_sideways_is_put_upright(tmp_path: Path) -> None:
    path = film(tmp_path / "phone.mp4", sound=False)
    head, track = path.read_bytes().split(b"tkhd")
    path.write_bytes(head + b"tkhd" + track.replace(_matrix(1, 0, 0, 1), _matrix(0, 1, -1, 0), 1))

    upright = decode_video(path).frames[0]

    assert upright.shape == (160, 120, 3)
    assert upright[5, -5, 0] > 200  # A quarter turn clockwise takes the corner from left to right.


def _matrix(a: int, b: int, c: int, d: int) -> bytes:
    return struct.pack(">9i", a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30)


def test_what_is_no_film_is_told_by_its_content(tmp_path: Path) -> None:
    for name, data in {
        "text.mp4": b"hello, I am a film" * 20,
        "list.mp4": b"#EXTM3U\n#EXTINF:10,\nhttp://example.test/a.ts\n" * 9,
        "page.webm": b"<svg xmlns='http://www.w3.org/2000/svg'/>" * 9,
        "sound.mp4": b"RIFF" + bytes(60),
    }.items():
        (tmp_path / name).write_bytes(data)
        assert refusal(tmp_path / name).reason is IntakeReason.UNKNOWN_KIND, name


def test_an_empty_file_is_called_empty(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").touch()

    assert refusal(tmp_path / "a.mp4").reason is IntakeReason.EMPTY


def test_a_torn_film_is_called_damaged(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4")
    path.write_bytes(path.read_bytes()[:900])

    assert refusal(path).reason is IntakeReason.BROKEN


def test_noise_after_a_films_first_bytes_is_damaged_too(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"\x00\x00\x00\x18ftypmp42" + np.random.default_rng(0).bytes(20_000))

    assert refusal(path).reason is IntakeReason.BROKEN


def test_a_film_without_frames_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as file:
        audio = file.add_stream("aac", rate=48_000, layout="mono")
        block = av.AudioFrame.from_ndarray(np.zeros((1, 9600), np.int16), format="s16", layout="mono")
        block.sample_rate = 48_000
        file.mux(audio.encode(block))
        file.mux(audio.encode())

    assert refusal(path).reason is IntakeReason.NO_PICTURE_TRACK


def test_two_picture_tracks_are_too_many(tmp_path: Path) -> None:
    assert refusal(film(tmp_path / "two.mp4", tracks=2)).reason is IntakeReason.TOO_MANY_TRACKS


def test_an_old_codec_is_not_opened(tmp_path: Path) -> None:
    assert refusal(film(tmp_path / "old.mp4", codec="mpeg4")).reason is IntakeReason.CODEC_NOT_TAKEN


def test_ten_hours_in_forty_kilobytes_are_not_believed(tmp_path: Path) -> None:
    """Two frames ten hours apart: the header says so, and the file is tiny."""
    path = tmp_path / "long.mp4"
    with av.open(str(path), "w") as file:
        video = file.add_stream("libx264", rate=1)
        video.width, video.height, video.pix_fmt = 160, 120, "yuv420p"
        for moment in (0, 36_000):
            frame = av.VideoFrame.from_ndarray(np.zeros((120, 160, 3), np.uint8), format="rgb24")
            frame.pts = moment
            file.mux(video.encode(frame))
        file.mux(video.encode())
    path.write_bytes(path.read_bytes() + bytes(40_000 - path.stat().st_size))

    said = refusal(path)

    assert said.reason is IntakeReason.IMPLAUSIBLE_LENGTH
    assert said.numbers["seconds"] > 35_000
    assert "longer than its size can hold" in said.sentence


def test_each_limit_has_its_own_name(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4")

    assert refusal(path, FilmLimits(max_s=1)).reason is IntakeReason.TOO_LONG
    assert refusal(path, FilmLimits(min_s=9)).reason is IntakeReason.TOO_SHORT
    assert refusal(path, FilmLimits(max_pixels=1000)).reason is IntakeReason.TOO_MANY_PIXELS
    assert refusal(path, FilmLimits(min_side=500)).reason is IntakeReason.TOO_SMALL
    assert refusal(path, FilmLimits(max_frames=3)).reason is IntakeReason.TOO_MANY_FRAMES
    assert refusal(path, FilmLimits(max_bytes=100)).reason is IntakeReason.TOO_HEAVY
    assert refusal(path, FilmLimits(wall_s=0.05)).reason is IntakeReason.TOOK_TOO_MUCH


def test_a_picture_is_put_upright_and_loses_its_metadata(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    picture = Image.new("RGB", (80, 60), "white")
    picture.paste((200, 0, 0), (0, 0, 40, 60))
    exif = picture.getexif()
    exif[0x0112] = 6
    exif[0x010E] = "a secret place"
    picture.save(path, exif=exif, quality=95)

    decoded = decode_picture(path)

    assert decoded.pixels.shape == (80, 60, 3)
    assert decoded.pixels[10, 30, 1] < 60 < decoded.pixels[70, 30, 1]
    assert b"secret" not in decoded.pixels.tobytes()


def test_a_picture_bomb_is_refused_by_its_header(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    Image.new("1", (9000, 9000)).save(path)
    assert path.stat().st_size < 20_000

    with pytest.raises(IntakeRefused) as caught:
        decode_picture(path)

    assert caught.value.reason is IntakeReason.TOO_MANY_PIXELS


def test_a_drawing_or_script_is_no_picture(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n" * 4)

    with pytest.raises(IntakeRefused) as caught:
        decode_picture(path, PictureLimits())

    assert caught.value.reason is IntakeReason.UNKNOWN_KIND


def test_walls_stand_on_this_machine() -> None:
    walls = sandbox.walls_here()

    assert {"limits", "audit"} <= set(walls)
    if sys.platform == "linux":
        assert "seccomp" in walls


ESCAPES = {
    "a file": "open('/etc/hostname')",
    "a file by the system call": "check(libc.open(b'/etc/hostname', 0))",
    "a network": "import socket; socket.create_connection(('127.0.0.1', PORT), 1)",
    "a socket by the system call": "check(libc.socket(2, 1, 0))",
    "a program": "import subprocess; subprocess.run(['true'])",
    "a fork": "check(libc.fork())",
    "a written byte on disk": "import os; os.open('/tmp/escaped', os.O_CREAT | os.O_WRONLY)",
}


@pytest.mark.skipif(sys.platform != "linux", reason="the system's own walls are Linux's")
@pytest.mark.parametrize("escape", ESCAPES)
def test_a_taken_over_decoder_reaches_nothing(escape: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        program = f"""
import ctypes, socket, subprocess, sys
sys.path.insert(0, {str(sandbox.ROOT)!r})
from cameos.intake.child.jail import raise_walls
libc = ctypes.CDLL(None, use_errno=True)
PORT = {server.getsockname()[1]}
def check(answer):
    if answer == -1:
        raise OSError(ctypes.get_errno())
raise_walls(cpu_s=5, memory_bytes=1 << 30)
try:
    {ESCAPES[escape]}
except (OSError, PermissionError):
    print("held")
else:
    print("escaped")
"""
        done = subprocess.run(
            [sys.executable, "-I", "-c", program], capture_output=True, text=True, timeout=60, check=False
        )

    assert done.stdout.strip() == "held", done.stderr


def test_the_decoder_inherits_no_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: dict[str, object] = {}
    real = subprocess.Popen

    def watched(arguments: list[str], **kwargs: object) -> object:
        seen.update(kwargs)
        return real(arguments, **kwargs)  # type: ignore[call-overload]

    monkeypatch.setenv("SECRET_KEY", "hush")
    monkeypatch.setattr(sandbox.subprocess, "Popen", watched)
    decode_video(film(tmp_path / "a.mp4"))

    assert "hush" not in repr(seen["env"])
    assert "PATH" not in seen["env"]  # type: ignore[operator]


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"short",
        struct.pack(">Q", 1 << 40) + b"{}",
        struct.pack(">Q", 2) + b"[]",
        struct.pack(">Q", 60) + b'{"ok": true, "arrays": [["x", "object", [1]]]}'.ljust(60),
        struct.pack(">Q", 60) + b'{"ok": true, "arrays": [["x", "uint8", [9]]]}'.ljust(60) + b"12",
        struct.pack(">Q", 60) + b'{"ok": true, "arrays": [["x", "uint8", [1]]]}'.ljust(60) + b"1234",
        struct.pack(">Q", 60) + b'{"ok": true, "arrays": [["x", "uint8", [-1]]]}'.ljust(60) + b"1",
    ],
)
def test_a_lying_decoder_is_not_believed(answer: bytes) -> None:
    with pytest.raises(IntakeRefused) as caught:
        sandbox._parse(bytearray(answer))

    assert caught.value.reason is IntakeReason.DECODER_DIED


def test_open_files_may_be_given_instead_of_names() -> None:
    with Path(os.devnull).open("rb") as nothing, pytest.raises(IntakeRefused) as caught:
        decode_video(nothing)

    assert caught.value.reason is IntakeReason.EMPTY
