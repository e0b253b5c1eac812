"""Recordings that should not pass a capture check, one function a kind.

Each takes the honest take that answers the challenge and spoils one thing, so that the named
reason is the only thing that can be wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np

from cameos import challenge
from tests.likeness_actor import HEIGHT, WIDTH, Actor, Floats, Look, Pixels, astronaut
from tests.likeness_media import FPS, RATE, Take, frames, spoken_numbers


def dubbed(take: Take) -> Take:
    """The right numbers are heard while the lips stay still."""
    return replace(take, looks=[replace(look, jaw=0.0) for look in take.looks])


def staring(take: Take) -> Take:
    """The eyes never close."""
    return replace(take, looks=[replace(look, lids=0.0) for look in take.looks])


def mute(take: Take) -> Take:
    """A microphone that was off: a track with nothing in it."""
    return replace(take, sound=np.zeros_like(take.sound))


def clipped(take: Take) -> Take:
    """A microphone that was far too loud."""
    loud = np.clip(take.sound.astype(np.int32) * 80, -32768, 32767)
    return replace(take, sound=loud.astype(np.int16))


def empty_chair(take: Take) -> Iterator[Pixels]:
    """The room without the person."""
    room = cv2.GaussianBlur(astronaut().frame(Look())[:, :120], (0, 0), 9)
    wide = cv2.resize(room, (WIDTH, HEIGHT))
    yield from (np.asarray(wide, np.uint8) for _ in take.looks)


def company(take: Take) -> Iterator[Pixels]:
    """A second person beside the first."""
    for picture in frames(take):
        small = cv2.resize(picture[:, 150:490], (HEIGHT * 340 // 480 * 5 // 8, HEIGHT * 5 // 8))
        out = picture.copy()
        out[-small.shape[0] :, : small.shape[1]] = small
        yield out


def swapped(take: Take, actor: Actor | None = None, other: Actor | None = None) -> Iterator[Pixels]:
    """Another person from the middle on, without a visible cut of the room."""
    then = frames(take, other or astronaut(other=True))
    for number, (first, second) in enumerate(zip(frames(take, actor), then, strict=True)):
        yield first if number < len(take.looks) // 2 else second


def dark(take: Take) -> Iterator[Pixels]:
    """A room without light."""
    yield from ((picture * 0.12).astype(np.uint8) for picture in frames(take))


def spliced(take: Take) -> Iterator[Pixels]:
    """Two recordings put together: the camera stands elsewhere from the middle on."""
    for number, picture in enumerate(frames(take)):
        moved = picture if number < len(take.looks) // 2 else picture[::, ::-1]
        yield np.ascontiguousarray(moved)


def printed(take: Take, actor: Actor | None = None) -> Iterator[Pixels]:
    """A photograph on paper, turned before the camera as the head should have been."""
    paper = (actor or astronaut()).frame(Look())
    for look in take.looks:
        yield _sheet(paper, 1.6 * look.yaw, 1.6 * look.pitch)


def replayed(
    take: Take, actor: Actor | None = None, *, depth: float = 0.10, pitch: tuple[float, float] = (2.9, 3.1)
) -> Iterator[Pixels]:
    """The honest recording, filmed from a screen with a border: the screen's grid beats with the camera's.

    `depth`: how strong the beat is; `pitch`: its length in pixels, across and down.
    """
    rng = np.random.default_rng(take.seed)
    ys, xs = np.mgrid[0:HEIGHT, 0:WIDTH]
    beat = 1 + depth * np.sin(2 * np.pi * xs / pitch[0]) * np.sin(2 * np.pi * (ys + 0.13 * xs) / pitch[1])
    for picture in frames(take, actor):
        screen = rng.integers(12, 21, picture.shape).astype(np.float64)
        screen[24:-24, 32:-32] = cv2.resize(picture, (WIDTH - 64, HEIGHT - 48))
        yield np.clip(screen * beat[..., None], 0, 255).astype(np.uint8)


def zoomed(take: Take, actor: Actor | None = None) -> Iterator[Pixels]:
    """A still that is moved and zoomed about, as a slide show does."""
    still = (actor or astronaut()).frame(Look())
    for number, look in enumerate(take.looks):
        zoom = 1.15 + 0.12 * np.sin(number / 17)
        across = np.array(
            [
                [zoom, 0, WIDTH / 2 * (1 - zoom) - 2.4 * look.yaw],
                [0, zoom, HEIGHT / 2 * (1 - zoom) - 2.4 * look.pitch],
            ]
        )
        moved = cv2.warpAffine(still, across, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
        yield np.asarray(moved, np.uint8)


def in_two_voices(take: Take, asked: challenge.Asked, own: str, other: str, at: int) -> Take:
    """One of the numbers is said by somebody else."""
    voices = [other if i == at else own for i in range(len(asked.numbers))]
    return replace(take, sound=spoken_numbers(asked, voices, take))


def overspoken(take: Take, other: Take) -> Take:
    """The picture of one answer under the sound of another."""
    length = int(len(take.looks) / FPS * RATE)
    return replace(take, sound=np.resize(other.sound, length))


def _sheet(paper: Pixels, yaw: float, pitch: float) -> Pixels:
    """The paper turned in three dimensions before a grey wall, seen by a camera two widths away."""
    a, b = np.radians(yaw), np.radians(pitch)
    corners = np.array([[-1, -0.75, 0], [1, -0.75, 0], [1, 0.75, 0], [-1, 0.75, 0]]) * WIDTH / 2
    about_y = np.array([[np.cos(a), 0, -np.sin(a)], [0, 1, 0], [np.sin(a), 0, np.cos(a)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(b), np.sin(b)], [0, -np.sin(b), np.cos(b)]])
    turned = corners @ (about_x @ about_y).T
    landed: Floats = turned[:, :2] / (1 + turned[:, 2:] / (2 * WIDTH)) + [WIDTH / 2, HEIGHT / 2]
    source = corners[:, :2] + [WIDTH / 2, HEIGHT / 2]
    matrix = cv2.getPerspectiveTransform(source.astype(np.float32), landed.astype(np.float32))
    wall = (118, 116, 112)
    landed_sheet = cv2.warpPerspective(
        paper, matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_CONSTANT, borderValue=wall
    )
    return np.asarray(landed_sheet, np.uint8)
