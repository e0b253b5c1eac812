"""A film too long to be answered at once: its head and its sound first, then each picture as it is decoded.

    the usual answer (header, "sound") | + picture | + picture | … | .          the film is over
                                                               | ! length JSON  it was refused in the middle

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


def pour(write: Write, pictures: Iterator[NDArray[np.uint8]]) -> None:
    """Each picture as it comes, then how it ended."""
    try:
        for picture in pictures:
            write(PICTURE)
            write(np.ascontiguousarray(picture).data.cast("B"))
    except Refused as refused:
        _end(write, refused.reason, refused.numbers)
    except MemoryError:
        _end(write, "took_too_much", {})
    except (av.error.FFmpegError, OSError, ValueError):
        _end(write, "broken", {})
    else:
        write(OVER)


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
