"""The child that opens strangers' files: `main` reads standard input, writes one answer, ends.

The answer is eight bytes of length, a JSON header, and the raw bytes of the arrays the header
declares: nothing in it can make the parent run code. Everything imported is imported before the
walls go up, since behind them no file can be opened.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import pkgutil
import struct
import sys
from collections.abc import Iterator
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from PIL import AvifImagePlugin, Image, ImageOps

from cameos.intake import kinds
from cameos.intake.child import streamed
from cameos.intake.child.jail import raise_walls
from cameos.intake.child.refused import Refused

Arrays = dict[str, NDArray[Any]]


def main() -> None:
    task, limits = sys.argv[1], json.loads(sys.argv[2])
    out = os.dup(1)
    source = os.fdopen(0, "rb", buffering=0)
    _load_everything()
    walls = raise_walls(cpu_s=int(limits["cpu_s"]), memory_bytes=int(limits["memory_bytes"]))
    try:
        if task == "stream":
            _stream(out, source, limits, walls)
            return
        header, arrays = (_film if task == "film" else _picture)(source, limits)
        _answer(out, {"ok": True, "walls": walls, **header}, arrays)
    except Refused as refused:
        _answer(out, {"ok": False, "reason": refused.reason, "numbers": refused.numbers}, {})
    except MemoryError:
        _answer(out, {"ok": False, "reason": "took_too_much", "numbers": {}}, {})
    except (av.error.FFmpegError, OSError, RuntimeError, ValueError, SyntaxError):
        _answer(out, {"ok": False, "reason": "broken", "numbers": {}}, {})


def _load_everything() -> None:
    """Import what PyAV would import at its first stream or frame: later the files are out of reach."""
    for module in pkgutil.walk_packages(av.__path__, "av."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    Image.init()
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # Behind the walls no thread can be started.


def _answer(out: int, header: dict[str, Any], arrays: Arrays) -> None:
    header["arrays"] = [[name, str(a.dtype), list(a.shape)] for name, a in arrays.items()]
    text = json.dumps(header).encode()
    _write(out, struct.pack(">Q", len(text)) + text)
    for array in arrays.values():
        _write(out, np.ascontiguousarray(array).data.cast("B") if array.size else b"")


def _write(out: int, data: bytes | memoryview) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(out, view[: 1 << 20]) :]


# Pictures


def _picture(source: io.RawIOBase, limits: dict[str, Any]) -> tuple[dict[str, Any], Arrays]:
    head = _head(source)
    kind = kinds.picture_kind(head)
    if kind is None:
        raise Refused("unknown_kind")
    Image.MAX_IMAGE_PIXELS = None  # Our own limit, read from the header, stands in its place.
    data = source.read() or b""
    # Each scan of a progressive picture is a pass over all of it: thousands fit into a few kilobytes.
    if kind == "JPEG" and data.count(b"\xff\xda") > int(limits["max_scans"]):
        raise Refused("took_too_much")
    with Image.open(io.BytesIO(data), formats=[kind]) as picture:
        width, height = picture.size
        _check_size(width, height, limits)
        picture.draft("RGB", (int(limits["keep_side"]), int(limits["keep_side"])))
        upright = ImageOps.exif_transpose(picture)
        upright = _flattened(upright)
        upright.thumbnail((limits["keep_side"], limits["keep_side"]), Image.Resampling.LANCZOS)
    return {"kind": kind.lower(), "width": width, "height": height}, {"pixels": np.asarray(upright)}


def _flattened(picture: Image.Image) -> Image.Image:
    """RGB without transparency, profile or any other metadata."""
    if picture.mode in ("RGBA", "LA", "P", "PA"):
        rgba = picture.convert("RGBA")
        white = Image.new("RGB", rgba.size, (255, 255, 255))
        white.paste(rgba, mask=rgba.getchannel("A"))
        return white
    return picture.convert("RGB")


# Films


def _film(source: io.RawIOBase, limits: dict[str, Any]) -> tuple[dict[str, Any], Arrays]:
    kind = kinds.film_kind(_head(source))
    if kind is None:
        raise Refused("unknown_kind")
    size = os.fstat(0).st_size
    with av.open(source, format=kind, metadata_errors="ignore") as container:
        video, audio = _tracks(container, limits, size)
        frames, times, stamps = _pictures(container, video, limits, size)
        if stamps[-1] - stamps[0] < limits["min_s"]:
            raise Refused("too_short", seconds=stamps[-1] - stamps[0])
        _check_ratio(size, stamps[-1] - stamps[0], limits)
        sound = _sound(container, source, audio, stamps[0], limits)
        header = {
            "kind": kind,
            "codec": video.codec_context.name,
            "sound_codec": audio.codec_context.name if audio is not None else "",
            "width": video.codec_context.width,
            "height": video.codec_context.height,
            "size_bytes": size,
        }
    arrays = {
        "frames": np.stack(frames),
        "times": np.array(times),
        "stamps": np.array(stamps),
        "sound": sound,
    }
    return header, arrays


def _stream(out: int, source: io.RawIOBase, limits: dict[str, Any], walls: list[str]) -> None:
    """Header and sound as one answer; then all pictures, each as it is decoded."""
    kind = kinds.film_kind(_head(source))
    if kind is None:
        raise Refused("unknown_kind")
    size = os.fstat(0).st_size
    with av.open(source, format=kind, metadata_errors="ignore") as opened:
        container: Any = opened
        video, audio = _tracks(container, limits, size)
        first, start_s = next(_decoded(container, video, limits, size), (None, 0.0))
        if first is None:
            raise Refused("broken")
        sound = streamed.sound_of(container, source, audio, start_s, limits)
        seconds = float(container.duration or 0) / av.time_base
        rate = float(video.average_rate or 0)
        header = {
            "kind": kind,
            "codec": video.codec_context.name,
            "sound_codec": audio.codec_context.name if audio is not None else "",
            "width": first.shape[1],
            "height": first.shape[0],
            "rate": rate,
            "claimed": video.frames or round(seconds * rate),
        }
        _answer(out, {"ok": True, "walls": walls, **header}, {"sound": sound})
        container.seek(0, backward=True)
        video.codec_context.flush_buffers()
        every = _alike(first, _decoded(container, video, limits, size))
        wanted = streamed.wanted(every, limits, streamed.tone_of(video))
        streamed.pour(lambda data: _write(out, data), wanted)


def _alike(
    first: NDArray[np.uint8], pictures: Iterator[tuple[NDArray[np.uint8], float]]
) -> Iterator[tuple[NDArray[np.uint8], float]]:
    for picture, at in pictures:
        if picture.shape != first.shape:
            raise Refused("broken")
        yield picture, at


def _tracks(container: Any, limits: dict[str, Any], size: int) -> tuple[Any, Any]:
    """The one picture track and the one sound track (or None), after the header's own claims."""
    videos, audios = container.streams.video, container.streams.audio
    if not videos:
        raise Refused("no_picture_track")
    if len(videos) > 1 or len(audios) > 1 or len(container.streams) > 4:
        raise Refused("too_many_tracks", tracks=len(container.streams))
    video, audio = videos[0], audios[0] if audios else None
    if not kinds.takes_film_codec(_codec(video)):
        raise Refused("codec_not_taken")
    if audio is not None and not kinds.takes_sound_codec(_codec(audio)):
        raise Refused("codec_not_taken")
    _check_size(video.codec_context.width, video.codec_context.height, limits)
    claimed = [container.duration / av.time_base] if container.duration else []
    claimed += [float(s.duration * s.time_base) for s in container.streams if s.duration and s.time_base]
    for seconds in claimed:
        _check_ratio(size, seconds, limits)
        if seconds > limits["max_s"]:
            raise Refused("too_long", seconds=seconds)
    video.codec_context.thread_count = 1  # Behind the walls no thread can be started.
    video.thread_type = "NONE"
    if limits["skip_unreferenced"]:
        video.codec_context.skip_frame = "NONREF"
    return video, audio


def _codec(stream: Any) -> str:
    """The codec's name; a damaged index can name one that nobody knows."""
    return str(stream.codec_context.name) if stream.codec_context is not None else ""


def _check_ratio(size: int, seconds: float, limits: dict[str, Any]) -> None:
    if seconds > 5 and size < seconds * limits["min_bytes_per_s"]:
        raise Refused("implausible_length", seconds=seconds, bytes=size)


def _check_work(size: int, pixels: int, limits: dict[str, Any]) -> None:
    """A small file may not cost us minutes: beyond the free pixels each byte pays for some."""
    if pixels > limits["free_pixels"] and pixels > size * limits["max_pixels_per_byte"]:
        raise Refused("implausible_length", bytes=size)


def _check_size(width: int, height: int, limits: dict[str, Any]) -> None:
    if width * height > limits["max_pixels"]:
        raise Refused("too_many_pixels", width=width, height=height)
    if min(width, height) < limits["min_side"]:
        raise Refused("too_small", width=width, height=height)


def _pictures(
    container: Any, video: Any, limits: dict[str, Any], size: int
) -> tuple[list[NDArray[np.uint8]], list[float], list[float]]:
    """Kept frames (upright RGB), their times, and the times of every frame in the file, in seconds."""
    frames: list[NDArray[np.uint8]] = []
    times: list[float] = []
    stamps: list[float] = []
    for frame in _timed(container, video, limits, size):
        stamps.append(frame.time)
        if frame.time - stamps[0] >= len(times) / limits["keep_fps"] - 1e-3 or not times:
            frames.append(_upright(frame, limits))
            times.append(frame.time - stamps[0])
            if frames[-1].shape != frames[0].shape:
                raise Refused("broken")
    if not frames:
        raise Refused("broken")
    return frames, times, sorted(stamps)


def _decoded(
    container: Any, video: Any, limits: dict[str, Any], size: int
) -> Iterator[tuple[NDArray[np.uint8], float]]:
    """Every frame (upright RGB) with its time in seconds."""
    for frame in _timed(container, video, limits, size):
        yield _upright(frame, limits), frame.time


def _timed(container: Any, video: Any, limits: dict[str, Any], size: int) -> Iterator[Any]:
    """Every frame that has a time, while the film keeps within its limits."""
    begun: float | None = None
    count = 0
    for frame in container.decode(video):
        if frame.time is None:
            continue
        _check_size(frame.width, frame.height, limits)
        begun = frame.time if begun is None else begun
        count += 1
        _check_work(size, count * frame.width * frame.height, limits)
        if count > limits["max_frames"]:
            raise Refused("too_many_frames", frames=count)
        if frame.time - begun > limits["max_s"]:
            raise Refused("too_long", seconds=frame.time - begun)
        yield frame


def _upright(frame: Any, limits: dict[str, Any]) -> NDArray[np.uint8]:
    scale = min(1.0, limits["keep_side"] / max(frame.width, frame.height))
    width, height = max(2, round(frame.width * scale)), max(2, round(frame.height * scale))
    picture = frame.reformat(width=width, height=height, format="rgb24", threads=1).to_ndarray()
    quarter_turns = round((frame.rotation or 0) / 90) % 4
    return np.rot90(picture, quarter_turns) if quarter_turns else picture


def _sound(
    container: Any, source: io.RawIOBase, audio: Any, start_s: float, limits: dict[str, Any]
) -> NDArray[np.int16]:
    """Mono 16-bit samples whose first one stands at the first picture; empty without a track."""
    rate = int(limits["sound_rate"])
    if audio is None:
        return np.zeros(0, np.int16)
    container.seek(0, backward=True)
    audio.codec_context.thread_count = 1
    resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
    most = int(limits["max_s"] * rate)
    track = np.zeros(0, np.int16)
    pieces: list[NDArray[np.int16]] = []
    first: float | None = None
    total = 0
    for frame in container.decode(audio):
        if first is None and frame.time is not None:
            first = frame.time
        for piece in resampler.resample(frame):
            pieces.append(np.asarray(piece.to_ndarray(), np.int16).reshape(-1))
            total += len(pieces[-1])
        if total > most + rate:
            raise Refused("too_long", seconds=total / rate)
    if pieces:
        track = np.concatenate(pieces)
    lead = round(((first or 0.0) - start_s) * rate)
    return np.concatenate([np.zeros(min(lead, most), np.int16), track]) if lead > 0 else track[-lead:]


def _head(source: io.RawIOBase) -> bytes:
    head = source.read(kinds.SNIFF_BYTES) or b""
    if not head:
        raise Refused("empty")
    source.seek(0)
    return head
