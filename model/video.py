"""Frames and files: write mp4 while frames arrive, read them back, probe, scale, take a poster.

    write_mp4(path, frames, fps=24, audio=None, size=None)   H.264 High, AAC, faststart; -> Written
    probe(path)                                              -> Probe(width, height, fps, ...)
    read_frames(path, size=None, every=1, limit=None)        -> iterator of uint8 RGB [H, W, 3]
    read_audio(path, rate=48000)                             -> float32 [samples, channels]
    resize(frame, size)                                      Lanczos on the way up, area down
    fit(size, longest)                                       even size with the same aspect
    poster(frame, size=None, quality=85)                     -> JPEG bytes
    rewrite(source, target, size, crf)                       one rendition of a file, sound copied

`size` is (width, height) everywhere. Nothing here imports torch, so web processes may.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from PIL import Image

AUDIO_RATE = 48_000
LOOKAHEAD = 12  # frames that the encoder at its quick settings looks ahead, and some
# ITU-R BT.709: brightness and two colour differences of R'G'B', 16..235 and 16..240, and what is added.
_RED, _BLUE = 0.2126, 0.0722
_GREEN = 1 - _RED - _BLUE
_COLOUR = 224 / 255
BT709 = np.array(
    [
        [219 / 255 * _RED, 219 / 255 * _GREEN, 219 / 255 * _BLUE, 16],
        [-_COLOUR * _RED / (2 - 2 * _BLUE), -_COLOUR * _GREEN / (2 - 2 * _BLUE), _COLOUR / 2, 128],
        [_COLOUR / 2, -_COLOUR * _GREEN / (2 - 2 * _RED), -_COLOUR * _BLUE / (2 - 2 * _RED), 128],
    ],
    np.float32,
)
MAX_SIDE = 4096  # larger than any screen this is made for; a wrong size must not eat the memory


class VideoError(ValueError):
    """The file or the frames cannot be used; the message says why, for a person."""


@dataclass(frozen=True)
class Probe:
    """What a file is. `fps` is the average rate; `seconds` the longest stream."""

    width: int
    height: int
    fps: float
    seconds: float
    frames: int
    video_codec: str
    audio_codec: str
    audio_rate: int
    audio_channels: int


@dataclass(frozen=True)
class Written:
    """What `write_mp4` wrote."""

    path: Path
    frames: int
    seconds: float
    size: tuple[int, int]
    bytes: int


def write_mp4(
    path: str | Path,
    frames: Iterable[np.ndarray],
    fps: float = 24,
    audio: np.ndarray | bytes | None = None,
    size: tuple[int, int] | None = None,
    *,
    crf: int = 19,
    preset: str = "veryfast",
    threads: int = 0,
    metadata: dict[str, str] | None = None,
    opening: int | None = None,
    codec: str = "libx264",
) -> Written:
    """Encode uint8 RGB frames [H, W, 3] as they arrive, and sound [samples] or [samples, channels]
    in -1..1 at 48 kHz (cut or padded with silence to the picture's length), or what `encode_sound` made
    of it.

    H.264 High, yuv420p, bt709, closed groups of at most one second, AAC, moov at the front. The file
    appears under its name only when it is whole. `size` scales; odd sides lose one pixel. `opening` is the
    quantiser of the first picture, where its size in bytes matters (`key_frame_bytes`). `codec` "libsvtav1"
    writes AV1 instead, with `preset` a number from 0 to 13, and takes no `opening`.
    Raises VideoError for no frames, a wrong shape, or a rate outside 1..120.
    """
    if not 1 <= fps <= 120:
        raise VideoError(f"{fps} frames a second is outside 1 to 120")
    target = Path(path)
    partial = target.with_name(f".{target.name}.{os.getpid()}.part")
    iterator = iter(frames)
    first = next(iterator, None)
    if first is None:
        raise VideoError("there are no frames to write")
    _check(first)
    width, height = even(size or (first.shape[1], first.shape[0]))
    try:
        flags = "+faststart+use_metadata_tags" if metadata else "+faststart"  # the muxer drops keys of others
        with av.open(str(partial), "w", format="mp4", options={"movflags": flags}) as container:
            container.metadata.update(metadata or {})
            video = _video_stream(container, codec, fps)
            _set(video.codec_context, (width, height), fps, crf, preset, threads, opening)
            ready = _Ready(container, audio) if isinstance(audio, bytes) else None
            sound = _audio_stream(container, audio) if isinstance(audio, np.ndarray) else None
            count = 0
            for frame in _chain(first, iterator):
                _encode_picture(container, video, frame, (width, height), count)
                count += 1
            container.mux(video.encode(None))
            if sound is not None and isinstance(audio, np.ndarray):
                _encode_sound(container, sound, audio, count / fps)
            if ready is not None:
                ready.mux(count / fps)
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)
    return Written(target, count, count / fps, (width, height), target.stat().st_size)


def encode_sound(audio: np.ndarray, seconds: float) -> bytes:
    """Sound as `write_mp4` would write it into a film of that length, for several films of one clip: it is
    encoded once and copied into each."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        _encode_sound(container, _audio_stream(container, audio), audio, seconds)
    return buffer.getvalue()


def even(size: tuple[int, int]) -> tuple[int, int]:
    """The nearest smaller size with even sides. Raises VideoError beyond 2..4096."""
    width, height = (int(side) - int(side) % 2 for side in size)
    if not (2 <= width <= MAX_SIDE and 2 <= height <= MAX_SIDE):
        raise VideoError(f"a picture of {size[0]} x {size[1]} is outside 2 to {MAX_SIDE} pixels a side")
    return width, height


def fit(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """Even size with the same aspect whose longer side is at most `longest`; never larger than `size`."""
    scale = min(1.0, longest / max(size))
    return max(2, round(size[0] * scale / 2) * 2), max(2, round(size[1] * scale / 2) * 2)


def resize(frame: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Scale a picture [H, W, C]. Downwards by area (no ringing, no aliasing), upwards by Lanczos."""
    if (frame.shape[1], frame.shape[0]) == tuple(size):
        return frame
    smaller = size[0] * size[1] < frame.shape[0] * frame.shape[1]
    return cv2.resize(frame, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LANCZOS4)


def probe(path: str | Path) -> Probe:
    """Read a file's headers. Raises VideoError when it is no video."""
    with _open(path) as container:
        video = container.streams.video[0]
        sound = container.streams.audio[0] if container.streams.audio else None
        seconds = float(container.duration or 0) / 1_000_000
        rate = float(video.average_rate or 0)
        return Probe(
            width=video.codec_context.width,
            height=video.codec_context.height,
            fps=rate,
            seconds=seconds,
            frames=video.frames or round(seconds * rate),
            video_codec=video.codec_context.name,
            audio_codec=sound.codec_context.name if sound else "",
            audio_rate=sound.codec_context.sample_rate if sound else 0,
            audio_channels=sound.codec_context.channels if sound else 0,
        )


def read_frames(
    path: str | Path,
    size: tuple[int, int] | None = None,
    every: int = 1,
    limit: int | None = None,
) -> Iterator[np.ndarray]:
    """Decode uint8 RGB frames in order: each `every`-th, at most `limit` of them."""
    given = 0
    with _open(path) as container:
        container.streams.video[0].thread_type = "AUTO"
        for index, picture in enumerate(container.decode(video=0)):
            if limit is not None and given >= limit:
                return
            if index % every == 0:
                given += 1
                frame = picture.reformat(format="rgb24", threads=1).to_ndarray()
                yield resize(frame, size) if size else frame


def read_audio(path: str | Path, rate: int = AUDIO_RATE) -> np.ndarray:
    """All sound as float32 [samples, channels] in -1..1; shape (0, 1) for a silent file."""
    with _open(path) as container:
        if not container.streams.audio:
            return np.zeros((0, 1), np.float32)
        resampler = av.AudioResampler(format="fltp", rate=rate)
        pieces = [
            piece.to_ndarray()
            for frame in _chain_none(container.decode(audio=0))
            for piece in resampler.resample(frame)
        ]
    return np.concatenate(pieces, axis=1).T if pieces else np.zeros((0, 1), np.float32)


def poster(frame: np.ndarray, size: tuple[int, int] | None = None, quality: int = 85) -> bytes:
    """One frame as a progressive JPEG without metadata."""
    _check(frame)
    buffer = io.BytesIO()
    Image.fromarray(resize(frame, size) if size else frame).save(
        buffer, "JPEG", quality=quality, optimize=True, progressive=True
    )
    return buffer.getvalue()


def rewrite(source: str | Path, target: str | Path, size: tuple[int, int], crf: int = 23) -> Written:
    """A rendition of `source` at `size`: pictures scaled and encoded again, sound too."""
    about = probe(source)
    audio = read_audio(source) if about.audio_codec else None
    return write_mp4(target, read_frames(source, size), about.fps, audio, size, crf=crf)


def pictures(frames: Sequence[np.ndarray]) -> list[av.VideoFrame]:
    """Frames as the encoder takes them, for `key_frame_bytes`."""
    size = even((frames[0].shape[1], frames[0].shape[0]))
    return [_picture(frame, size, index) for index, frame in enumerate(frames)]


def key_frame_bytes(
    frames: Sequence[av.VideoFrame], fps: float, crf: int, quantiser: int, preset: str = "veryfast"
) -> int:
    """How many bytes the first of these `pictures` takes in a film that begins with them, with `quantiser` as
    its `opening`. `LOOKAHEAD` of them are enough: how they go on decides how it is spread."""
    context = av.CodecContext.create("libx264", "w")
    _set(context, (frames[0].width, frames[0].height), fps, crf, preset, 1, quantiser)
    for frame in (*frames, None):
        if packets := context.encode(frame):  # to flush what comes after it would cost as much again
            return int(packets[0].size)
    raise VideoError("the encoder gave no picture back")


def _check(frame: np.ndarray) -> None:
    if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3:
        raise VideoError(f"a frame is uint8 [height, width, 3], not {frame.dtype} {frame.shape}")


def _open(path: str | Path) -> av.container.InputContainer:
    try:
        container = av.open(str(path))
    except (av.FFmpegError, OSError) as error:
        raise VideoError(f"this is no video that can be opened: {error}") from error
    if not container.streams.video:
        container.close()
        raise VideoError("this file has no picture in it")
    return container


def _chain(first: np.ndarray, rest: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    yield first
    yield from rest


def _chain_none(frames: Iterable[av.AudioFrame]) -> Iterator[av.AudioFrame | None]:
    """The frames, then None: what a resampler wants in order to give back what it still holds."""
    yield from frames
    yield None


def _video_stream(container: av.container.OutputContainer, codec: str, fps: float) -> av.VideoStream:
    stream = container.add_stream(codec, rate=Fraction(fps).limit_denominator(1001))
    assert isinstance(stream, av.VideoStream)
    return stream


def _set(
    context: av.VideoCodecContext,
    size: tuple[int, int],
    fps: float,
    crf: int,
    preset: str,
    threads: int,
    opening: int | None,
) -> None:
    rate = Fraction(fps).limit_denominator(1001)
    context.width, context.height, context.pix_fmt = *size, "yuv420p"
    context.framerate = rate
    context.time_base = 1 / rate
    context.thread_count = threads
    group = max(1, int(fps))  # closed groups of one second: seeking and HLS-like cutting stay exact
    context.gop_size = group
    context.color_primaries = context.color_trc = context.colorspace = 1  # bt709
    context.color_range = 1  # "tv"
    if context.name == "libsvtav1":
        context.options = {"crf": str(crf), "preset": preset, "svtav1-params": f"keyint={group}:lp={threads}"}
        return
    context.options = {
        "crf": str(crf),
        "preset": preset,
        "profile": "high",
        "x264-params": f"keyint={group}:min-keyint={group}:open-gop=0:scenecut=0"
        ":colorprim=bt709:transfer=bt709:colormatrix=bt709"
        + ("" if opening is None else f":zones=0,0,q={opening}"),
    }


def _audio_stream(container: av.container.OutputContainer, audio: np.ndarray) -> av.AudioStream:
    channels = 1 if audio.ndim == 1 else audio.shape[1]
    if channels not in (1, 2):
        raise VideoError(f"sound has 1 or 2 channels, not {channels}")
    stream = container.add_stream("aac", rate=AUDIO_RATE)
    stream.codec_context.layout = "mono" if channels == 1 else "stereo"
    stream.codec_context.bit_rate = 96_000 * channels
    return stream


def _encode_picture(
    container: av.container.OutputContainer,
    stream: av.VideoStream,
    frame: np.ndarray,
    size: tuple[int, int],
    index: int,
) -> None:
    container.mux(stream.encode(_picture(frame, size, index)))


def _picture(frame: np.ndarray, size: tuple[int, int], index: int) -> av.VideoFrame:
    _check(frame)
    if (frame.shape[1] - frame.shape[1] % 2, frame.shape[0] - frame.shape[0] % 2) == size:
        scaled = frame[: size[1], : size[0]]
    else:
        scaled = resize(frame, size)
    picture = _bt709(np.ascontiguousarray(scaled))
    picture.pts = index
    return picture


def _bt709(rgb: np.ndarray) -> av.VideoFrame:
    """yuv420p of limited range, each colour sample the mean of its four pixels. The same numbers as
    libswscale's, within one step of brightness, in a quarter of its time."""
    height, width = rgb.shape[:2]
    full = cv2.transform(rgb, BT709)
    half = cv2.resize(full, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    planes = np.empty(height * width * 3 // 2, np.uint8)
    bright, quarter = height * width, height * width // 4
    cv2.extractChannel(full, 0, planes[:bright].reshape(height, width))
    for number in (1, 2):
        start = bright + (number - 1) * quarter
        cv2.extractChannel(half, number, planes[start : start + quarter].reshape(height // 2, width // 2))
    picture = av.VideoFrame.from_ndarray(planes.reshape(height * 3 // 2, width), format="yuv420p")
    picture.colorspace, picture.color_range = 1, 1  # bt709, "tv"
    return picture


class _Ready:
    """Sound that was encoded before, copied packet by packet."""

    def __init__(self, container: av.container.OutputContainer, sound: bytes) -> None:
        self.container = container
        self.source = av.open(io.BytesIO(sound), "r")
        self.stream = container.add_stream_from_template(self.source.streams.audio[0])

    def mux(self, seconds: float) -> None:
        with self.source:
            for packet in self.source.demux(audio=0):
                if packet.pts is None or packet.time_base is None:
                    continue
                if packet.pts * packet.time_base >= seconds:
                    return
                packet.stream = self.stream
                self.container.mux(packet)


def _encode_sound(
    container: av.container.OutputContainer,
    stream: av.AudioStream,
    audio: np.ndarray,
    seconds: float,
) -> None:
    planes = np.atleast_2d(np.asarray(audio, np.float32).T)
    length = round(seconds * AUDIO_RATE)
    planes = np.pad(planes[:, :length], ((0, 0), (0, max(0, length - planes.shape[1]))))
    planes = np.ascontiguousarray(np.clip(np.nan_to_num(planes), -1, 1))
    layout = "mono" if len(planes) == 1 else "stereo"
    step = 1024
    for start in range(0, length, step):
        chunk = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(planes[:, start : start + step]), "fltp", layout
        )
        chunk.rate, chunk.pts, chunk.time_base = AUDIO_RATE, start, Fraction(1, AUDIO_RATE)
        container.mux(stream.encode(chunk))
    container.mux(stream.encode(None))
