"""The pictures and the sound of what was chosen, one after another.

Films are decoded again, each chosen stretch once, at the size of the clip: nothing is kept but the end of a
stretch while it fades into the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path as File

import numpy as np
from numpy.typing import NDArray

from cameos.intake import sandbox
from cameos.intake.kinds import StreamLimits
from generation.cutting import colour, framing
from generation.cutting.choosing import Segment
from generation.cutting.looking import Floats, Seen

RATE = 48_000
FADE_S = 0.4
EDGE_S = 0.03  # of sound at each border, against clicks
UNDER = 10 ** (-12 / 20)  # of music while the films can be heard
Frame = NDArray[np.uint8]


@dataclass(frozen=True)
class Film:
    """A film with what was seen in it, how it is laid into the new shape, and its curves."""

    path: File
    seen: Seen
    way: framing.Path
    curve: Floats


def frame_count(segments: Sequence[Segment], fps: float, fade_s: float) -> int:
    """How many pictures come out."""
    lengths = [_count(segment, fps) for segment in segments]
    return sum(lengths) - (len(lengths) - 1) * _fade(lengths, fps, fade_s)


def pictures(
    films: Sequence[Film],
    segments: Sequence[Segment],
    size: tuple[int, int],
    fps: float,
    fade_s: float = 0.0,
    on_picture: Callable[[], None] = lambda: None,
) -> Iterator[Frame]:
    """Every picture of the new clip. Raises `IntakeRefused` for a film that changed under our hands."""
    lengths = [_count(segment, fps) for segment in segments]
    fade = _fade(lengths, fps, fade_s)
    tail: list[Frame] = []
    for number, (segment, length) in enumerate(zip(segments, lengths, strict=True)):
        is_last = number == len(segments) - 1
        kept = 0 if is_last else fade
        held: list[Frame] = []
        for k, picture in enumerate(_stretch(films[segment.film], segment, size, fps, length)):
            if k < len(tail):
                share = (k + 1) / (len(tail) + 1)
                picture = _mixed(tail[k], picture, share)
            if k >= length - kept:
                held.append(picture)
            else:
                yield picture
                on_picture()
        tail = held


def sound(
    films: Sequence[Film],
    segments: Sequence[Segment],
    fps: float,
    fade_s: float = 0.0,
    music: NDArray[np.float32] | None = None,
) -> NDArray[np.float32] | None:
    """Stereo at 48 kHz as long as the pictures; None where no film and no music sounds."""
    count = frame_count(segments, fps, fade_s)
    length = round(count / fps * RATE)
    fade = round(_fade([_count(s, fps) for s in segments], fps, fade_s) / fps * RATE)
    own = np.zeros(length, np.float32)
    at = 0
    for number, segment in enumerate(segments):
        piece = _heard(films[segment.film].seen, segment, round(_count(segment, fps) / fps * RATE))
        edge = max(fade, round(EDGE_S * RATE))
        ramp = np.minimum(1, np.arange(len(piece)) / edge).astype(np.float32)
        piece = piece * (ramp if number else np.minimum(1, np.arange(len(piece)) / 960)) * ramp[::-1]
        room = own[at : at + len(piece)]
        room += piece[: len(room)]
        at += len(piece) - fade
    if music is None:
        return None if not own.any() else np.repeat(own[:, None], 2, axis=1)
    bed = np.zeros((length, 2), np.float32)
    bed[: len(music)] = music[:length]
    heard = bool(np.abs(own).max(initial=0) > 0.01)
    return np.asarray(own[:, None] + bed * (UNDER if heard else 1.0), np.float32)


def _count(segment: Segment, fps: float) -> int:
    return max(1, round(segment.seconds * fps))


def _fade(lengths: Sequence[int], fps: float, fade_s: float) -> int:
    """Pictures of a fade: less where a stretch is too short for two of them."""
    return 0 if len(lengths) < 2 else min(round(fade_s * fps), min(lengths) // 3)


def _stretch(film: Film, segment: Segment, size: tuple[int, int], fps: float, length: int) -> Iterator[Frame]:
    """Exactly `length` pictures at the clip's rate: each moment shows the film's last picture before it."""
    sources = _decoded(film, segment, size, fps)
    now = next(sources, None)
    after = next(sources, None)
    if now is None:
        return
    for k in range(length):
        moment = segment.start_s + k / fps
        while after is not None and after[0] <= moment + 0.25 / fps:
            now, after = after, next(sources, None)
        laid = framing.lay(now[1], film.way.at(now[0]), size)
        yield colour.apply(laid, film.curve)


def _decoded(
    film: Film, segment: Segment, size: tuple[int, int], fps: float
) -> Iterator[tuple[float, Frame]]:
    seen = film.seen
    need = max(size[1] / seen.height, size[0] / seen.width) * max(seen.width, seen.height)
    limits = StreamLimits(
        keep_side=int(min(1920, max(320, np.ceil(need)))),
        stream_fps=max(fps, 1 / seen.pace + 1),
        from_s=max(0.0, segment.start_s - 1.5 * seen.pace),
        until_s=segment.end_s + 2 * seen.pace,
    )
    with closing(sandbox.open_film(film.path, limits)) as stream:
        yield from stream.timed()


def _heard(seen: Seen, segment: Segment, length: int) -> NDArray[np.float32]:
    start = round(segment.start_s * RATE)
    piece = seen.sound[start : start + length]
    return np.pad(piece, (0, length - len(piece)))


def _mixed(a: Frame, b: Frame, share: float) -> Frame:
    import cv2

    return np.asarray(cv2.addWeighted(a, 1 - share, b, share, 0), np.uint8)
