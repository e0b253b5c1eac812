"""A film too long to be answered at once: its head and its sound first, then each picture as it is decoded.

    the usual answer (header, "sound") | + time picture | + time picture | … | .        the film is over
                                                                         | ! length JSON  it was refused

Whoever reads sets the pace: one picture at a time stands in the child's memory.
"""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Callable, Iterator
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from cameos.intake.child.refused import Refused
from cameos.intake.kinds import OVER, PICTURE, REFUSED

Write = Callable[[bytes | memoryview], None]


def pour(write: Write, pictures: Iterator[tuple[NDArray[np.uint8], float]]) -> None:
    """Each picture with its time (seconds from the film's first) as it comes, then how it ended."""
    try:
        for picture, at in pictures:
            write(PICTURE + struct.pack(">d", at))
            write(np.ascontiguousarray(picture).data.cast("B"))
    except Refused as refused:
        _end(write, refused.reason, refused.numbers)
    except MemoryError:
        _end(write, "took_too_much", {})
    except (av.error.FFmpegError, OSError, ValueError):
        _end(write, "broken", {})
    else:
        write(OVER)


def wanted(
    pictures: Iterator[tuple[NDArray[np.uint8], float]],
    limits: dict[str, Any],
    tone: NDArray[np.uint8] | None,
) -> Iterator[tuple[NDArray[np.uint8], float]]:
    """Those of the part that is asked for, not faster than asked, with times from the film's first."""
    fps, begin, until = (float(limits.get(name, 0.0)) for name in ("stream_fps", "from_s", "until_s"))
    first: float | None = None
    given, last = 0, 0.0
    for picture, time in pictures:
        first = time if first is None else first
        at = last = time - first
        if until and at > until:
            return
        if at < begin - 1e-3 or (fps and at < begin + given / fps - 1e-3):
            continue
        given = max(given, int((at - begin) * fps + 1e-3)) + 1
        yield (picture if tone is None else tone[picture]), max(0.0, at)
    if last < limits["min_s"]:
        raise Refused("too_short", seconds=last)


def tone_of(video: Any) -> NDArray[np.uint8] | None:
    """Films of wide range (HLG, PQ) as a plain screen shows them: what each of the 256 values becomes.
    Without it they look grey and dim. After the curves of BT.2100, with white at
    203 nits; None for other films."""
    trc = int(video.codec_context.color_trc or 0)
    if trc not in (16, 18):
        return None
    e = np.linspace(0, 1, 256)
    if trc == 18:
        a, b, c = 0.17883277, 0.28466892, 0.55991073
        light = np.where(e <= 0.5, e * e / 3, (np.exp((e - c) / a) + b) / 12) / 0.265
    else:
        m1, m2, c1, c2, c3 = 0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875
        p = np.power(e, 1 / m2)
        light = np.power(np.maximum(p - c1, 0) / (c2 - c3 * p), 1 / m1) * 10_000 / 203
    seen = light * (1 + light / 16) / (1 + light) / 0.53125  # highlights roll off; white stays white
    bent = 1.055 * np.power(np.maximum(seen, 1e-9), 1 / 2.4) - 0.055
    return np.clip(np.where(seen <= 0.0031308, 12.92 * seen, bent) * 255 + 0.5, 0, 255).astype(np.uint8)


def _end(write: Write, reason: str, numbers: dict[str, float]) -> None:
    told = json.dumps({"reason": reason, "numbers": numbers}).encode()
    write(REFUSED + struct.pack(">I", len(told)) + told)


def sound_of(
    container: Any, source: io.RawIOBase, audio: Any, start_s: float, limits: dict[str, Any]
) -> NDArray[np.int16]:
    """16-bit samples S C (one channel or two) whose first one stands at the first picture."""
    rate = int(limits["sound_rate"])
    if audio is None:
        return np.zeros((0, 1), np.int16)
    container.seek(0, backward=True)
    audio.codec_context.thread_count = 1
    channels = 1 if audio.codec_context.channels == 1 else 2
    resampler = av.AudioResampler(format="s16", layout="mono" if channels == 1 else "stereo", rate=rate)
    most = int(limits["max_s"] * rate)
    pieces: list[NDArray[np.int16]] = []
    first: float | None = None
    total = 0
    for frame in container.decode(audio):
        if first is None and frame.time is not None:
            first = frame.time
        for piece in resampler.resample(frame):
            pieces.append(np.asarray(piece.to_ndarray(), np.int16).reshape(-1, channels))
            total += len(pieces[-1])
        if total > most + rate:
            raise Refused("too_long", seconds=total / rate)
    track = np.concatenate(pieces) if pieces else np.zeros((0, channels), np.int16)
    lead = round(((first or 0.0) - start_s) * rate)
    if lead > 0:
        return np.concatenate([np.zeros((min(lead, most), channels), np.int16), track])
    return track[-lead:]
