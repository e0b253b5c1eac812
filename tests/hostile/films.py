"""Films: other kinds in disguise, lies about length and size, tables without end, damage, and odd ones that
are right to open.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache, partial
from pathlib import Path
from typing import Any

import av
import numpy as np

from tests.hostile.case import Case, damaged, refused, taken
from tests.hostile.pictures import CANARY, cut, flipped


def film(
    path: Path | None = None,
    *,
    frames: int = 20,
    size: tuple[int, int] = (160, 120),
    fps: int = 10,
    codec: str = "libx264",
    kind: str = "mp4",
    pixels: str = "yuv420p",
    sound: str = "aac",
    rate: int = 48_000,
    layout: str = "mono",
    tracks: int = 1,
    sounds: int = 1,
    step: Callable[[int], int] = lambda number: number,
    noise: bool = True,
) -> bytes:
    """A film as a camera, or somebody who means no good, would write it; `step` gives each frame's place."""
    out = io.BytesIO()
    rng = np.random.default_rng(5)
    with av.open(out, "w", format=kind) as file:
        videos: list[Any] = [file.add_stream(codec, rate=fps) for _ in range(tracks)]
        audios: list[Any] = [
            file.add_stream(sound, rate=rate, layout=layout) for _ in range(sounds if sound else 0)
        ]
        for video in videos:
            video.width, video.height, video.pix_fmt = *size, pixels
            video.codec_context.time_base = Fraction(1, fps)
            if codec == "libx264":
                video.options = {"preset": "ultrafast"}
        base = np.zeros((size[1], size[0], 3), np.uint8)
        for number in range(frames):
            if noise:
                base[: min(64, size[1])] = rng.integers(0, 255, (min(64, size[1]), size[0], 3), np.uint8)
            frame = av.VideoFrame.from_ndarray(base, format="rgb24")
            frame.pts = step(number)
            for video in videos:
                file.mux(video.encode(frame))
        for video in videos:
            file.mux(video.encode())
        for audio in audios:
            _sing(file, audio, frames / fps, rate, layout)
    return out.getvalue()


def _sing(file: Any, audio: Any, seconds: float, rate: int, layout: str) -> None:
    channels = {"mono": 1, "stereo": 2, "7.1": 8}[layout]
    wave = (8000 * np.sin(np.arange(int(rate * seconds)) / 20)).astype(np.int16)
    for start in range(0, len(wave), 4800):
        block = np.repeat(wave[None, start : start + 4800], channels, axis=0)
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(block.T.reshape(1, -1)), format="s16", layout=layout
        )
        frame.sample_rate, frame.pts = rate, start
        file.mux(audio.encode(frame))
    file.mux(audio.encode())


@cache
def good(kind: str = "mp4") -> bytes:
    return film(kind=kind) if kind == "mp4" else film(kind="webm", codec="libvpx", sound="libopus")


def silent(**options: Any) -> bytes:
    return film(sound="", **options)


def box(name: bytes, body: bytes = b"", size: int | None = None) -> bytes:
    return struct.pack(">I", 8 + len(body) if size is None else size) + name + body


FTYP = box(b"ftyp", b"isom\x00\x00\x02\x00isomiso2avc1mp41")


def patched(name: bytes, offset: int, value: bytes, data: bytes | None = None) -> bytes:
    """The good film with bytes changed at `offset` behind a box's name."""
    changed = bytearray(data or good())
    at = changed.find(name)
    assert at > 0, name
    changed[at + 4 + offset : at + 4 + offset + len(value)] = value
    return bytes(changed)


def nested(depth: int, name: bytes = b"moov") -> bytes:
    body = b""
    for _ in range(depth):
        body = box(name, body)
    return FTYP + body


def with_file_elsewhere() -> bytes:
    """A film whose pictures are said to lie in another file: following that would read what is not ours."""
    body = struct.pack(">I", 0) + CANARY.encode() + b"\x00"
    link = box(b"url ", body)
    data = bytearray(good())
    at = data.find(b"url ") - 4
    return bytes(data[:at] + link[:12] + data[at + 12 :])


def ebml_nested(depth: int) -> bytes:
    head = b"\x1a\x45\xdf\xa3" + b"\x93" + b"\x42\x82\x88matroska" + b"\x42\x87\x81\x04\x42\x85\x81\x02"
    return (
        head
        + b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff"
        + b"\x19\x41\xa4\x69\x01\xff\xff\xff\xff\xff\xff\xff" * depth
    )


DISGUISES: dict[str, bytes] = {
    "list.m3u8": f"#EXTM3U\n#EXTINF:9,\n{CANARY}\n".encode(),
    "list.mp4": f"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:9,\nfile:///etc/passwd\n{CANARY}\n".encode(),
    "concat.mp4": f"ffconcat version 1.0\nfile '{CANARY}'\nfile '/etc/passwd'\n".encode(),
    "session.sdp": b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\n",
    "manifest.mpd": f"<MPD><BaseURL>{CANARY}</BaseURL></MPD>".encode(),
    "smil.mp4": f'<smil><video src="{CANARY}"/></smil>'.encode(),
    "heic.mp4": b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(400),  # a picture
    "avisynth.mp4": b'DirectShowSource("/etc/passwd")\n',
    "words.webm": b"not a film\n" * 40,
    "stream.ts": (b"\x47\x40\x00\x10" + bytes(184)) * 40,
    "ogg.webm": b"OggS\x00\x02" + bytes(90),
    "flash.mp4": b"FLV\x01\x05\x00\x00\x00\x09" + bytes(90),
    "raw.mp4": b"\x00\x00\x00\x01\x67\x42\x00\x0a" + bytes(90),
    "program.mov": b"\x7fELF" + bytes(90),
    "moving.gif": b"GIF89a" + bytes(90),
}
ODD_BOXES: dict[str, bytes] = {
    "ftyp-only.mp4": FTYP,
    "moov-empty.mp4": FTYP + box(b"moov"),
    "size-zero.mp4": FTYP + box(b"moov", size=0),
    "size-one.mp4": FTYP + box(b"moov", size=1) + bytes(16),
    "size-large.mp4": FTYP + struct.pack(">I4sQ", 1, b"moov", 2**63 - 1) + bytes(64),
    "size-tiny.mp4": FTYP + box(b"moov", size=3) + bytes(64),
    "deep.mp4": nested(5000),
    "deep-trak.mp4": nested(3000, b"trak"),
    "many-free.mp4": FTYP + box(b"free") * 100_000,
    "many-moov.mp4": FTYP + box(b"moov", box(b"mvhd", bytes(100))) * 2000,
    "deep.mkv": ebml_nested(4000),
    "ebml-endless.mkv": b"\x1a\x45\xdf\xa3\x01\xff\xff\xff\xff\xff\xff\xff" + bytes(400),
    "ebml-noise.webm": b"\x1a\x45\xdf\xa3" + bytes(range(256)) * 20,
}


def cases() -> Iterator[Case]:
    yield refused("empty.mp4", "film", lambda _: b"", "empty")
    for name, data in DISGUISES.items():
        yield refused(name, "film", lambda _, data=data: data, "unknown_kind")
    for name, data in ODD_BOXES.items():
        yield refused(
            name, "film", lambda _, data=data: data, "broken", "no_picture_track", "too_many_tracks"
        )
    yield from _lies()
    yield from _too_much()
    yield from _tracks()
    yield from _damage()
    yield from _odd()


def _lies() -> Iterator[Case]:
    hours = struct.pack(">II", 1000, 36_000_000)
    # The parser takes the length from the table of samples: these lies are not even heard.
    yield damaged("ten-hours.mp4", "film", lambda _: patched(b"mvhd", 12, hours))
    yield damaged("ten-hours-track.mp4", "film", lambda _: patched(b"mdhd", 16, struct.pack(">I", 2**31)))
    for name, offset in (("stsz", 8), ("stts", 4), ("stsc", 4), ("stco", 4), ("ctts", 4), ("stss", 4)):
        many = struct.pack(">I", 2**32 - 1)
        if name.encode() in good():
            yield damaged(
                f"{name}-endless.mp4", "film", lambda _, n=name, o=offset, m=many: patched(n.encode(), o, m)
            )
    yield damaged("sample-of-4-gb.mp4", "film", lambda _: patched(b"stsz", 4, struct.pack(">I", 2**32 - 2)))
    yield damaged(
        "chunk-behind-the-end.mp4", "film", lambda _: patched(b"stco", 8, struct.pack(">I", 2**32 - 2))
    )
    yield damaged("no-time-base.mp4", "film", lambda _: patched(b"mdhd", 12, bytes(4)))
    yield damaged(
        "edit-list.mp4", "film", lambda _: patched(b"elst", 4, struct.pack(">IIi", 1, 2**31 - 1, 2**31 - 1))
    )
    for width, height in ((65_535, 65_535), (0, 0), (1, 1), (16_384, 9)):
        sizes = struct.pack(">HH", width, height)
        yield damaged(f"avc1-{width}x{height}.mp4", "film", lambda _, s=sizes: patched(b"avc1", 24, s))
    yield damaged("elsewhere.mp4", "film", lambda _: with_file_elsewhere())


def _too_much() -> Iterator[Case]:
    large = lambda **kept: lambda _: silent(**kept)  # noqa: E731
    yield refused("4096.mp4", "film", large(size=(4096, 4096), frames=2, noise=False), "too_many_pixels")
    yield refused("7680.mp4", "film", large(size=(7680, 4320), frames=2, noise=False), "too_many_pixels")
    yield refused("16.mp4", "film", large(size=(16, 16)), "too_small")
    yield refused("long-strip.mp4", "film", large(size=(4000, 16), frames=3), "too_small")
    far = lambda number: number * 1200  # noqa: E731
    yield refused(
        "two-minutes.mp4", "film", large(frames=12, step=lambda n: n * 110), "too_long", "implausible_length"
    )
    yield refused("a-day-between.mp4", "film", large(frames=3, step=far), "too_long", "implausible_length")
    yield refused(
        "black-minute.mp4",
        "film",
        large(frames=900, fps=60, size=(1920, 1080), noise=False),
        "implausible_length",
    )
    yield refused(
        "black-120.mp4",
        "film",
        large(frames=1500, fps=120, size=(1280, 1280), noise=False),
        "implausible_length",
    )
    yield refused(
        "thousand-a-second.mp4", "film", large(frames=9000, fps=1000, size=(64, 64)), "too_many_frames"
    )


def _tracks() -> Iterator[Case]:
    yield refused("two-pictures.mp4", "film", lambda _: silent(tracks=2), "too_many_tracks")
    yield refused("nine-pictures.mp4", "film", lambda _: silent(tracks=9, frames=3), "too_many_tracks")
    yield refused("two-sounds.mp4", "film", lambda _: film(sounds=2), "too_many_tracks")
    yield refused("sound-only.mp4", "film", lambda _: _sound_only(), "no_picture_track")
    for codec, pixels in (
        ("mpeg4", "yuv420p"),
        ("mjpeg", "yuvj420p"),
        ("prores_ks", "yuv422p10le"),
        ("ffv1", "yuv420p"),
    ):
        kind = "mov" if codec.startswith("prores") else "matroska"
        made = partial(_with_codec, codec, pixels, kind)
        yield refused(f"{codec}.{kind}", "film", made, "codec_not_taken", "broken")
    yield refused("ac3.mp4", "film", lambda _: film(sound="ac3"), "codec_not_taken")


def _with_codec(codec: str, pixels: str, kind: str, _path: Path) -> bytes:
    return silent(codec=codec, pixels=pixels, kind=kind, frames=4)


def _sound_only() -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as file:
        _sing(file, file.add_stream("aac", rate=48_000, layout="mono"), 2.0, 48_000, "mono")
    return out.getvalue()


def _damage() -> Iterator[Case]:
    for kind, end in (("mp4", "mp4"), ("webm", "webm")):
        for share in (0.03, 0.2, 0.5, 0.97):
            yield damaged(f"cut-{share}.{end}", "film", lambda _, k=kind, s=share: cut(good(k), s))
        for seed in range(12):
            yield damaged(f"flipped-{seed}.{end}", "film", lambda _, k=kind, s=seed: flipped(good(k), s))
    for seed in range(8):
        yield damaged(f"index-{seed}.mp4", "film", lambda _, s=seed: _index_flipped(s))
    yield damaged(
        "zeros-inside.mp4",
        "film",
        lambda _: good()[:600] + bytes(len(good()) // 3) + good()[600 + len(good()) // 3 :],
    )
    yield damaged("twice.mp4", "film", lambda _: good() + good())


def _index_flipped(seed: int) -> bytes:
    """Changes only in the index (`moov`), which the parser trusts most."""
    data, rng = bytearray(good()), np.random.default_rng(100 + seed)
    at = data.find(b"moov")
    for place in rng.integers(at + 8, len(data), 6):
        data[place] = int(rng.integers(0, 256))
    return bytes(data)


def _odd() -> Iterator[Case]:
    """Right to open: what phones, browsers and cameras really write."""
    yield taken("plain.mp4", "film", lambda _: good())
    yield taken("plain.webm", "film", lambda _: good("webm"))
    yield taken("silent.mp4", "film", lambda _: silent())
    yield taken("vp9.webm", "film", lambda _: silent(codec="libvpx-vp9", kind="webm"))
    yield taken("pcm.mov", "film", lambda _: film(kind="mov", sound="pcm_s16le"))
    yield taken("eight-channels.mp4", "film", lambda _: film(layout="7.1"))
    yield taken("low-rate.mp4", "film", lambda _: film(rate=8000))
    yield taken("120-a-second.mp4", "film", lambda _: silent(frames=240, fps=120))
    yield taken("uneven.mp4", "film", lambda _: silent(step=lambda n: n * n // 4 + n))
    yield taken("444.mp4", "film", lambda _: silent(pixels="yuv444p"))
    yield taken("ten-bit.mp4", "film", lambda _: silent(pixels="yuv420p10le"))
    yield taken("one-frame.mp4", "film", lambda _: silent(frames=1))
    yield taken("fragmented.mp4", "film", lambda _: _fragmented())


def _fragmented() -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format="mp4", options={"movflags": "frag_keyframe+empty_moov"}) as file:
        video: Any = file.add_stream("libx264", rate=10)
        video.width, video.height, video.pix_fmt = 160, 120, "yuv420p"
        for number in range(12):
            frame = av.VideoFrame.from_ndarray(np.full((120, 160, 3), 9 * number, np.uint8), format="rgb24")
            frame.pts = number
            file.mux(video.encode(frame))
        file.mux(video.encode())
    return out.getvalue()
