"""Films as people bring them, built for tests: a room, somebody who walks through it, a hand that shakes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from model import video

Frame = NDArray[np.uint8]
LOUD = 0.2


@cache
def face(name: str = "astronaut") -> Frame:
    """Head and shoulders of a photo in the public domain, 220 x 200."""
    from skimage.data import astronaut

    assert name == "astronaut"
    return np.ascontiguousarray(np.asarray(astronaut(), np.uint8)[0:220, 120:320])


@cache
def room(seed: int, size: tuple[int, int]) -> Frame:
    """Something with corners to hold on to, in colours of its own."""
    rng = np.random.default_rng(seed)
    small = rng.integers(30, 225, (9, 16, 3)).astype(np.uint8)
    picture = cv2.resize(small, size, interpolation=cv2.INTER_CUBIC)
    for _ in range(60):
        x, y = rng.integers(0, size[0] - 20), rng.integers(0, size[1] - 20)
        colour = tuple(int(c) for c in rng.integers(0, 255, 3))
        cv2.rectangle(picture, (int(x), int(y)), (int(x) + 18, int(y) + 12), colour, -1)
    return picture


def frames(
    seconds: float, *, seed: int = 1, size: tuple[int, int] = (640, 360), fps: float = 30.0,
    person: bool = False, shake: float = 0.0,
) -> Iterator[tuple[Frame, tuple[float, float, float, float] | None]]:  # fmt: skip
    """(picture, box of the face or None). The person walks from left to right and back; `shake` in pixels."""
    rng = np.random.default_rng(seed)
    margin = int(4 * shake) + 2
    wide = room(seed, (size[0] + 2 * margin, size[1] + 2 * margin))
    count = round(seconds * fps)
    hand = np.zeros(2)
    for k in range(count):
        hand = 0.5 * hand + rng.normal(0, shake, 2) if shake else hand
        x, y = (int(np.clip(margin + h, 0, 2 * margin)) for h in hand)
        picture = wide[y : y + size[1], x : x + size[0]].copy()
        box = None
        if person:
            head = cv2.resize(face(), None, fx=size[1] / 620, fy=size[1] / 620, interpolation=cv2.INTER_AREA)
            h, w = head.shape[:2]
            way = 0.5 - 0.5 * np.cos(2 * np.pi * k / max(1, count))
            left, top = round(way * (size[0] - w)), (size[1] - h) // 3
            picture[top : top + h, left : left + w] = head
            box = (left + 0.34 * w, top + 0.16 * h, 0.4 * w, 0.52 * h)
        yield picture, box


def tone(seconds: float, hz: float = 330.0) -> NDArray[np.float32]:
    return (LOUD * np.sin(2 * np.pi * hz * np.arange(round(seconds * 48_000)) / 48_000)).astype(np.float32)


def film(
    path: Path, pictures: Sequence[Frame] | Iterator[Frame], fps: float = 30.0, sound: bool = True
) -> Path:
    kept = list(pictures)
    video.write_mp4(path, kept, fps, tone(len(kept) / fps) if sound else None, preset="ultrafast")
    return path


def uneven(path: Path, pictures: Sequence[Frame], times: Sequence[float]) -> Path:
    """A film whose pictures come when they like (a phone in the dark)."""
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=30, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = pictures[0].shape[1], pictures[0].shape[0], "yuv420p"
        stream.codec_context.time_base = stream.time_base = __import__("fractions").Fraction(1, 90_000)
        for picture, at in zip(pictures, times, strict=True):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = round(at * 90_000), stream.codec_context.time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
