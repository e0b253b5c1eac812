"""Renders recordings that answer a capture challenge, and recordings that should not pass one.

The actor is a public-domain photograph (NASA's portrait of Eileen Collins, packaged with
scikit-image) bent by its own face mesh: the head turns in three dimensions, the lids close, the
jaw follows the loudness of the spoken numbers. The voice is Debian's `flite`. Nothing here is used
by the product; the product cannot tell that it is a test, and that is the point. (That such a
recording passes a machine check is why the check's verdict is called "assurance: basic".)
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from cameos import challenge
from tests.likeness_actor import HEIGHT, WIDTH, Actor, Floats, Look, Pixels, astronaut

RATE = 16_000
FPS = 15
CAMERA_FPS = 30  # what Chromium assumes of an MJPEG file
VOICE = "slt"
TURN_DEG = 21.0
NOD_DEG = 16.0

_WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


@dataclass(frozen=True)
class Take:
    """A recording before it is a file: a look per frame at `FPS`, and its sound."""

    looks: list[Look]
    sound: NDArray[np.int16]
    seed: int = 1

    @property
    def seconds(self) -> float:
        return len(self.looks) / FPS


# The voice


def has_voice() -> bool:
    return shutil.which("flite") is not None


@cache
def spoken(digit: int, voice: str = VOICE) -> NDArray[np.int16]:
    """One spoken digit, mono at 16 kHz, with the silence around it cut off."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "digit.wav"
        subprocess.run(["flite", "-voice", voice, "-t", _WORDS[digit], "-o", str(path)], check=True)
        with wave.open(str(path)) as file:
            sound = np.frombuffer(file.readframes(file.getnframes()), np.int16)
            rate = file.getframerate()
    count = int(len(sound) * RATE / rate)
    sound = np.interp(np.arange(count) * rate / RATE, np.arange(len(sound)), sound).astype(np.int16)
    loud = np.flatnonzero(np.abs(sound) > 400)
    return sound[max(0, loud[0] - 400) : loud[-1] + 800]


# Takes


def answer(asked: challenge.Asked, *, seed: int = 1, voice: str = VOICE) -> Take:
    """What a person does who follows the steps: everything in order and in time."""
    looks: list[Look] = []
    sound = np.zeros(int(challenge.seconds(asked) * RATE) + RATE, np.int16)
    at = 0.0
    for step in challenge.steps(asked):
        if step.kind == "say":
            _speak(sound, str(step.number), at + 0.25, voice)
        looks += [_acted(step.kind, i / FPS, step.seconds) for i in range(_frames(at, step.seconds))]
        at += step.seconds
    sound = sound[: int(len(looks) / FPS * RATE)]
    return _alive(Take(looks, sound, seed))


def spoken_numbers(
    asked: challenge.Asked, voices: Sequence[str | None], take: Take, *, noise: float = 14
) -> NDArray[np.int16]:
    """The numbers of a challenge at their times, each in a voice of its own (None: the usual one)."""
    sound = np.zeros(len(take.sound) + RATE, np.int16)
    at, said = 0.0, iter(voices)
    for step in challenge.steps(asked):
        if step.kind == "say":
            _speak(sound, str(step.number), at + 0.25, next(said) or VOICE)
        at += step.seconds
    heard = sound[: len(take.sound)] + np.random.default_rng(take.seed).normal(0, noise, len(take.sound))
    return np.clip(heard, -32000, 32000).astype(np.int16)


def padded(take: Take, *, before_s: float, after_s: float) -> Take:
    """The take between stretches of a quiet, living face: for the count-down and for a late stop."""
    lead, tail = [Look()] * int(before_s * FPS), [Look()] * int(after_s * FPS)
    silence = [np.zeros(int(len(part) / FPS * RATE), np.int16) for part in (lead, tail)]
    sound = np.concatenate([silence[0], take.sound, silence[1]])
    still = _alive(Take(lead + tail, sound, take.seed + 1)).looks
    return replace(take, looks=still[: len(lead)] + take.looks + still[len(lead) :], sound=sound)


def _frames(at: float, seconds: float) -> int:
    return round((at + seconds) * FPS) - round(at * FPS)


def _acted(kind: str, t: float, seconds: float) -> Look:
    """A movement takes 1.5 s there and back, after a moment to read what is asked."""
    there_and_back = float(np.sin(np.pi * np.clip((t - 0.45) / 1.5, 0, 1)) ** 0.7)
    if kind in ("left", "right"):
        return Look(yaw=TURN_DEG * there_and_back * (1 if kind == "left" else -1))
    if kind in ("up", "down"):
        return Look(pitch=NOD_DEG * there_and_back * (1 if kind == "up" else -1))
    if kind == "blink":
        return Look(lids=float(np.clip(2.2 * np.sin(np.pi * np.clip((t - 0.6) / 0.6, 0, 1)), 0, 1)))
    return Look()


def _speak(sound: NDArray[np.int16], digits: str, at: float, voice: str) -> None:
    start = int(at * RATE)
    for digit in digits:
        word = spoken(int(digit), voice)
        sound[start : start + len(word)] = word[: len(sound) - start]
        start += max(len(word) + RATE // 5, int(challenge.DIGIT_S * RATE))


def _alive(take: Take) -> Take:
    """Nobody sits like a statue: slow sway, and a jaw that follows the loudness."""
    rng = np.random.default_rng(take.seed)
    count = len(take.looks)
    sway = _slow(rng, count, 2) * np.array([2.2, 1.6])
    jaws = _jaw(take.sound, count)
    looks = [
        replace(look, shift=(x, y), jaw=max(look.jaw, float(jaw)))
        for look, (x, y), jaw in zip(take.looks, sway, jaws, strict=True)
    ]
    noise = rng.normal(0, 14, len(take.sound))
    return replace(take, looks=looks, sound=np.clip(take.sound + noise, -32000, 32000).astype(np.int16))


def _slow(rng: np.random.Generator, count: int, series: int) -> Floats:
    t = np.arange(count)[:, None] / FPS
    waves = [np.sin(2 * np.pi * (f * t + rng.random((1, series)))) for f in (0.11, 0.23, 0.41)]
    return np.asarray(sum(waves) / 3)


def _jaw(sound: NDArray[np.int16], count: int) -> Floats:
    edges = (np.arange(count + 1) / FPS * RATE).astype(int)
    pieces = [sound[a:b].astype(float) for a, b in pairwise(edges)]
    loud = [np.sqrt(np.mean(piece**2)) if len(piece) else 0.0 for piece in pieces]
    level = np.clip(np.nan_to_num(np.array(loud)) / 3000, 0, 1)
    return np.convolve(level, [0.25, 0.5, 0.25], "same")


# Files


def frames(take: Take, actor: Actor | None = None) -> Iterator[Pixels]:
    """The pictures of a take, with a camera's noise."""
    actor = actor or astronaut()
    rng = np.random.default_rng(take.seed)
    noise = rng.integers(0, 8, (4, HEIGHT, WIDTH, 1)).astype(np.uint8).repeat(3, axis=3)
    for i, look in enumerate(take.looks):
        yield np.asarray(cv2.add(actor.frame(look), noise[i % 4]), np.uint8)


def write_film(
    path: Path, pictures: Iterator[Pixels], sound: NDArray[np.int16] | None, *, fps: int = FPS, crf: int = 23
) -> Path:
    """An mp4 (H.264, AAC) as a browser's recorder would make it; without a sound track for None."""
    with av.open(str(path), "w") as file:
        video = file.add_stream("libx264", rate=fps, options={"crf": str(crf), "preset": "ultrafast"})
        video.pix_fmt = "yuv420p"
        audio = file.add_stream("aac", rate=48_000, layout="mono") if sound is not None else None
        for number, picture in enumerate(pictures):
            if number == 0:
                video.height, video.width = picture.shape[:2]
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts = number
            file.mux(video.encode(frame))
        file.mux(video.encode())
        if audio is not None and sound is not None:
            for block in audio_frames(sound):
                file.mux(audio.encode(block))
            file.mux(audio.encode())
    return path


def audio_frames(sound: NDArray[np.int16]) -> Iterator[av.AudioFrame]:
    louder = np.repeat(sound, 3)  # 16 kHz to the recorder's 48 kHz
    for start in range(0, len(louder), 4800):
        block = louder[start : start + 4800]
        frame = av.AudioFrame.from_ndarray(block[None], format="s16", layout="mono")
        frame.sample_rate, frame.pts = 48_000, start
        yield frame


def write_wav(path: Path, sound: NDArray[np.int16]) -> Path:
    """For Chromium's --use-file-for-fake-audio-capture."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(np.repeat(sound, 3).tobytes())
    return path


def write_mjpeg(path: Path, pictures: Iterator[Pixels]) -> Path:
    """For Chromium's --use-file-for-fake-video-capture: JPEG pictures one after another."""
    with path.open("wb") as file:
        for picture in pictures:
            _, data = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])
            file.write(data.tobytes() * (CAMERA_FPS // FPS))
    return path


def render(path: Path, take: Take, actor: Actor | None = None) -> Path:
    """A take as one mp4."""
    return write_film(path, frames(take, actor), take.sound)


def camera_files(
    folder: Path, asked: challenge.Asked, *, before_s: float = 4.0, after_s: float = 12.0, seed: int = 1
) -> tuple[Path, Path]:
    """Picture and sound for a browser's fake camera: quiet for the count-down, the answer, quiet again.
    Whoever answers once more sways in another way: give another `seed`."""
    take = padded(answer(asked, seed=seed), before_s=before_s, after_s=after_s)
    return _camera(folder, take)


def asked(movements: Sequence[str], numbers: Sequence[int]) -> challenge.Asked:
    return challenge.Asked(tuple(challenge.Movement(m) for m in movements), tuple(numbers))


_SIGNS = {"to your left": "left", "to your right": "right", "look up": "up", "look down": "down"}


def read(lines: Sequence[str]) -> challenge.Asked:
    """What a challenge asks, read off the page's English sentences as a person would."""
    movements = [move for line in lines for sign, move in _SIGNS.items() if sign in line]
    numbers = [
        int(found[1].replace(" ", ""))
        for line in lines
        if (found := re.search(r"number aloud.*?(\d[\d ]*\d|\d)", line))
    ]
    return asked(movements, numbers)


def quiet_camera(folder: Path) -> tuple[Path, Path]:
    """A quiet, living face for the framing check, before anybody knows the challenge."""
    return _camera(folder, _alive(Take([Look()] * FPS * 4, np.zeros(RATE * 4, np.int16))))


def _camera(folder: Path, take: Take) -> tuple[Path, Path]:
    """Written beside and moved into place, so that a camera that opens now reads one or the other."""
    video = write_mjpeg(folder / "camera.next", frames(take))
    sound = write_wav(folder / "microphone.next", take.sound)
    return video.replace(folder / "camera.mjpeg"), sound.replace(folder / "microphone.wav")
