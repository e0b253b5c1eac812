"""Pictures: other kinds in disguise, bombs, lies in headers, damage, and odd ones that are right to open."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from tests.hostile.case import Case, damaged, refused, taken

CANARY = "http://127.0.0.1:9/canary"  # `build` puts a listening address here
PNG = b"\x89PNG\r\n\x1a\n"


def picture(
    kind: str = "PNG", size: tuple[int, int] = (96, 64), mode: str = "RGB", **options: object
) -> bytes:
    rng = np.random.default_rng(7)
    pixels = rng.integers(0, 255, (size[1], size[0], 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(out, kind, **options)  # type: ignore[arg-type]
    return out.getvalue()


def chunk(name: bytes, data: bytes, length: int | None = None, crc: int | None = None) -> bytes:
    check = zlib.crc32(name + data) if crc is None else crc
    return struct.pack(">I", len(data) if length is None else length) + name + data + struct.pack(">I", check)


def header(width: int, height: int, depth: int = 8, colour: int = 2, interlace: int = 0) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace))


def png(*chunks: bytes) -> bytes:
    return PNG + b"".join(chunks) + chunk(b"IEND", b"")


def zeros(count: int) -> bytes:
    """A zlib stream of that many zero bytes, made without holding them."""
    packer, out = zlib.compressobj(9), []
    block = bytes(1 << 20)
    for start in range(0, count, len(block)):
        out.append(packer.compress(block[: count - start]))
    return b"".join(out) + packer.flush()


def bomb(width: int, height: int, interlace: int = 0) -> bytes:
    rows = height * (1 + 3 * width)
    return png(header(width, height, interlace=interlace), chunk(b"IDAT", zeros(min(rows, 200 << 20))))


def with_chunk(extra: bytes) -> bytes:
    good = picture()
    return good[:33] + extra + good[33:]


def cut(data: bytes, share: float) -> bytes:
    return data[: int(len(data) * share)]


def flipped(data: bytes, seed: int, first: int = 8) -> bytes:
    """Twenty bytes changed, most of them early, where headers are."""
    rng = np.random.default_rng(seed)
    changed = bytearray(data)
    places = first + (rng.random(20) ** 3 * (len(data) - first)).astype(int)
    for place in places:
        changed[place] = int(rng.integers(0, 256))
    return bytes(changed)


def jpeg_of_many_scans(scans: int) -> bytes:
    """A flat progressive picture whose last scan is repeated: 23 bytes more for each pass over all of it."""
    out = io.BytesIO()
    Image.new("RGB", (3000, 3000), (90, 90, 90)).save(out, "JPEG", progressive=True)
    good = out.getvalue()
    scan = good[good.rfind(b"\xff\xda") : -2]
    return good[:-2] + scan * scans + b"\xff\xd9"


def jpeg_of_size(width: int, height: int) -> bytes:
    good = bytearray(picture("JPEG"))
    at = good.find(b"\xff\xc0") + 5
    good[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(good)


def with_segment(marker: int, body: bytes, times: int = 1) -> bytes:
    good = picture("JPEG")
    segment = bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body
    return good[:2] + segment * times + good[2:]


def exif(orientation: int) -> bytes:
    data = Image.Exif()
    data[0x0112] = orientation
    data.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)  # where it was taken
    return picture("JPEG", exif=data.tobytes())


def exif_that_points_to_itself() -> bytes:
    tiff = (
        b"II*\x00\x08\x00\x00\x00"
        + struct.pack("<H", 1)
        + struct.pack("<HHII", 0x8769, 4, 1, 8)
        + struct.pack("<I", 8)
    )
    return with_segment(0xE1, b"Exif\x00\x00" + tiff)


def moving(kind: str, frames: int) -> bytes:
    rng = np.random.default_rng(3)
    pictures = [Image.fromarray(rng.integers(0, 255, (40, 40, 3), np.uint8)) for _ in range(frames)]
    out = io.BytesIO()
    pictures[0].save(out, kind, save_all=True, append_images=pictures[1:], duration=20)
    return out.getvalue()


def webp_that_lies() -> bytes:
    good = bytearray(picture("WEBP"))
    good[4:8] = struct.pack("<I", 0x7FFFFFFF)
    return bytes(good)


def avif_of_size(width: int, height: int) -> bytes:
    """The picture's properties (`ispe`) claim a size that its data does not have."""
    good = bytearray(picture("AVIF"))
    at = good.index(b"ispe") + 8
    good[at : at + 8] = struct.pack(">II", width, height)
    return bytes(good)


def webp_of_size(width: int, height: int) -> bytes:
    """The extended header claims a canvas that no frame fills."""
    body = b"VP8X" + struct.pack("<I", 10) + bytes(4)
    body += (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


DISGUISES: dict[str, bytes] = {
    "words.png": b"this is not a picture at all\n" * 9,
    "page.png": b"<!doctype html><img src=" + CANARY.encode() + b">",
    "drawing.svg": f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{CANARY}"/></svg>'.encode(),
    "entities.svg": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><svg>&b;</svg>',
    "magick.mvg": f'push graphic-context\nviewbox 0 0 9 9\nimage over 0,0 0,0 "{CANARY}"'.encode(),
    "post.eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) (r) file\n",
    "paper.pdf": b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n",
    "program.png": b"\x7fELF" + bytes(60),
    "script.jpg": b"#!/bin/sh\ncat /etc/passwd\n",
    "archive.webp": b"PK\x03\x04" + bytes(60),
    "page.php": b"\xff\xd8<?php system('id'); ?>",
    "layers.psd": b"8BPS\x00\x01" + bytes(60),
    "icon.ico": b"\x00\x00\x01\x00\x01\x00" + bytes(60),
    "sound.wav": b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(60),
    "photo.heic": b"\x00\x00\x00\x18ftypheic" + bytes(60),
}


def cases() -> Iterator[Case]:
    yield refused("empty.png", "picture", lambda _: b"", "empty")
    yield refused("one-byte.png", "picture", lambda _: b"\x89", "unknown_kind")
    for name, data in DISGUISES.items():
        yield refused(name, "picture", lambda _, data=data: data, "unknown_kind", "broken")
    for kind in ("GIF", "BMP", "TIFF", "PPM", "TGA", "PCX"):
        yield refused(f"plain.{kind.lower()}", "picture", partial(_kind, kind), "unknown_kind")
    yield from _lies()
    yield from _bombs()
    yield from _damage()
    yield from _odd()


def _kind(kind: str, _path: Path) -> bytes:
    return picture(kind)


def _lies() -> Iterator[Case]:
    sizes = (
        (0, 64),
        (64, 0),
        (1, 1),
        (31, 400),
        (2**31 - 1, 2**31 - 1),
        (2**32 - 1, 1),
        (30_000, 30_000),
        (65_535, 700),
    )
    for width, height in sizes:
        wanted = ("broken", "too_small", "too_many_pixels")
        data = png(header(width, height), chunk(b"IDAT", zeros(400)))
        yield refused(f"png-{width}x{height}.png", "picture", lambda _, data=data: data, *wanted)
    for width, height in ((65_500, 65_500), (1, 65_500), (0, 0), (30_000, 30_000)):
        wanted = ("broken", "too_small", "too_many_pixels", "unknown_kind")
        yield refused(
            f"jpeg-{width}x{height}.jpg", "picture", lambda _, s=(width, height): jpeg_of_size(*s), *wanted
        )
    yield refused(
        "webp-canvas.webp", "picture", lambda _: webp_of_size(16_383, 16_383), "too_many_pixels", "broken"
    )
    yield refused(
        "webp-canvas-24bit.webp",
        "picture",
        lambda _: webp_of_size(1 << 24, 1 << 24),
        "too_many_pixels",
        "broken",
    )
    yield damaged("webp-length.webp", "picture", lambda _: webp_that_lies())
    wanted = ("too_many_pixels", "broken")
    yield refused("avif-30000.avif", "picture", lambda _: avif_of_size(30_000, 30_000), *wanted)
    yield refused("avif-0.avif", "picture", lambda _: avif_of_size(0, 64), "broken", "too_small")
    yield refused("moving.avif", "picture", lambda _: moving("AVIF", 5), "unknown_kind")


def _bombs() -> Iterator[Case]:
    for side in (20_000, 12_000, 6_400):
        yield refused(f"bomb-{side}.png", "picture", lambda _, side=side: bomb(side, side), "too_many_pixels")
    yield taken("bomb-just-under.png", "picture", lambda _: bomb(6_000, 6_000))
    yield damaged("bomb-interlaced.png", "picture", lambda _: bomb(6_000, 6_000, interlace=1))
    for name in (b"zTXt", b"iTXt"):
        head = b"Comment\x00\x00" if name == b"zTXt" else b"Comment\x00\x01\x00\x00\x00"
        extra = chunk(name, head + zeros(128 << 20))
        yield damaged(f"text-bomb-{name.decode()}.png", "picture", lambda _, extra=extra: with_chunk(extra))
    profile = chunk(b"iCCP", b"p\x00\x00" + zeros(64 << 20))
    yield damaged("profile-bomb.png", "picture", lambda _: with_chunk(profile))
    yield damaged("many-chunks.png", "picture", lambda _: with_chunk(chunk(b"tEXt", b"a\x00b") * 50_000))
    yield refused("scans.jpg", "picture", lambda _: jpeg_of_many_scans(2_000), "took_too_much")
    yield damaged("comments.jpg", "picture", lambda _: with_segment(0xFE, bytes(60_000), 100))
    yield damaged("moving.webp", "picture", lambda _: moving("WEBP", 300))
    yield damaged("moving.png", "picture", lambda _: moving("PNG", 300))


def _damage() -> Iterator[Case]:
    for kind in ("PNG", "JPEG", "WEBP", "AVIF"):
        good, end = picture(kind), kind.lower()
        for share in (0.02, 0.3, 0.9):
            yield refused(
                f"cut-{share}.{end}",
                "picture",
                lambda _, g=good, s=share: cut(g, s),
                "broken",
                "unknown_kind",
            )
        for seed in range(6):
            yield damaged(f"flipped-{seed}.{end}", "picture", lambda _, g=good, s=seed: flipped(g, s))
    good = picture()
    yield refused("no-data.png", "picture", lambda _: png(header(64, 64)), "broken")
    yield refused("no-end.png", "picture", lambda _: PNG + header(64, 64), "broken")
    yield refused(
        "long-chunk.png",
        "picture",
        lambda _: PNG + chunk(b"IHDR", bytes(13), length=2**31 - 1),
        "broken",
        "too_small",
    )
    yield damaged("bad-sum.png", "picture", lambda _: good[:29] + b"\x00\x00\x00\x00" + good[33:])
    yield damaged(
        "no-palette.png", "picture", lambda _: png(header(64, 64, colour=3), chunk(b"IDAT", zeros(64 * 65)))
    )
    yield refused(
        "bad-depth.png",
        "picture",
        lambda _: png(header(64, 64, depth=7), chunk(b"IDAT", zeros(999))),
        "broken",
    )
    yield damaged("exif-loop.jpg", "picture", lambda _: exif_that_points_to_itself())
    yield damaged(
        "exif-noise.jpg", "picture", lambda _: with_segment(0xE1, b"Exif\x00\x00" + bytes(range(256)) * 9)
    )
    yield damaged(
        "profile-noise.jpg", "picture", lambda _: with_segment(0xE2, b"ICC_PROFILE\x00\x01\x01" + bytes(300))
    )


def _odd() -> Iterator[Case]:
    """Right to open: a phone's turned picture, print colours, transparency, something behind the end."""
    for orientation in range(1, 9):
        yield taken(f"turned-{orientation}.jpg", "picture", lambda _, o=orientation: exif(o))
    for mode in ("L", "CMYK"):
        yield taken(f"{mode.lower()}.jpg", "picture", lambda _, mode=mode: picture("JPEG", mode=mode))
    for mode in ("RGBA", "LA", "P", "1", "L"):
        yield taken(f"{mode.lower()}.png", "picture", lambda _, mode=mode: picture("PNG", mode=mode))
    yield taken("and-an-archive.png", "picture", lambda _: picture() + b"PK\x03\x04" + bytes(600))
    yield taken("progressive.jpg", "picture", lambda _: picture("JPEG", progressive=True))
    yield taken("wrong-name.png", "picture", lambda _: picture("JPEG"))
