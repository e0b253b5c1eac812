"""What a file is, told by its first bytes and by nothing else. Shared by parent and child."""

from __future__ import annotations

from dataclasses import asdict, dataclass

SNIFF_BYTES = 64
# What stands before each picture of a film that is decoded while it is read, and how it ends.
PICTURE, OVER, REFUSED = b"+", b".", b"!"

_PICTURES = {b"\x89PNG\r\n\x1a\n": "PNG", b"\xff\xd8\xff": "JPEG"}
_STILL_BRANDS = frozenset({b"avif", b"avis", b"heic", b"heix", b"mif1"})
_FILM_CODECS = frozenset({"h264", "hevc", "vp8", "vp9", "av1"})
_SOUND_CODECS = frozenset({"aac", "opus", "vorbis", "mp3", "pcm_s16le", "flac"})


@dataclass(frozen=True)
class FilmLimits:
    """How much film the child opens. Times in seconds, sizes in pixels and bytes."""

    max_bytes: int = 200_000_000
    min_s: float = 0.0
    max_s: float = 60.0
    max_pixels: int = 1920 * 1920
    min_side: int = 32
    max_frames: int = 60 * 121
    min_bytes_per_s: int = 400
    free_pixels: int = 250_000_000
    max_pixels_per_byte: int = 20_000
    keep_fps: float = 15.0
    keep_side: int = 640
    skip_unreferenced: bool = False  # leave out frames that no other needs: half the work, gaps of a frame
    sound_rate: int = 16_000
    cpu_s: int = 60
    wall_s: float = 90.0
    memory_bytes: int = 3 << 30

    def as_dict(self) -> dict[str, float | int]:
        return asdict(self)


@dataclass(frozen=True)
class StreamLimits(FilmLimits):
    """How much of somebody's footage is handed on picture by picture: at most `stream_fps` a second, the part
    from `from_s` until `until_s` (0: to its end)."""

    max_bytes: int = 400_000_000
    min_s: float = 0.5
    max_s: float = 120.0
    max_pixels: int = 4096 * 2304
    max_frames: int = 60 * 121
    keep_side: int = 1280
    sound_rate: int = 48_000
    cpu_s: int = 600
    stream_fps: float = 30.0
    from_s: float = 0.0
    until_s: float = 0.0


@dataclass(frozen=True)
class PictureLimits:
    """How much picture the child opens."""

    max_bytes: int = 30_000_000
    max_pixels: int = 40_000_000
    max_scans: int = 100
    min_side: int = 32
    keep_side: int = 2048
    cpu_s: int = 15
    wall_s: float = 20.0
    memory_bytes: int = 2 << 30

    def as_dict(self) -> dict[str, float | int]:
        return asdict(self)


def picture_kind(head: bytes) -> str | None:
    """Pillow's name of the picture format, or None."""
    for magic, name in _PICTURES.items():
        if head.startswith(magic):
            return name
    if head[4:12] == b"ftypavif":
        return "AVIF"
    return "WEBP" if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else None


def film_kind(head: bytes) -> str | None:
    """FFmpeg's name of the container, or None. Playlists and image sequences have no name here."""
    if head[4:8] == b"ftyp":
        return None if head[8:12] in _STILL_BRANDS else "mov"
    return "matroska" if head.startswith(b"\x1a\x45\xdf\xa3") else None


def takes_film_codec(name: str) -> bool:
    return name in _FILM_CODECS


def takes_sound_codec(name: str) -> bool:
    return name in _SOUND_CODECS
