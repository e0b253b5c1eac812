"""Both films and the poster from one film, by us and by the ffmpeg command line: CPU, at what similarity."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

SECONDS, ROUNDS = 5, 3


def main() -> None:
    if len(sys.argv) > 2:
        ours(Path(sys.argv[1]), Path(sys.argv[2]), is_all=len(sys.argv) > 3)
    else:
        print(json.dumps(measure()))


def measure() -> dict[str, Any]:
    if shutil.which("ffmpeg") is None:
        return {"transcode_ratio": None}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        source = source_film(place)
        command = [sys.executable, "-m", "tests.bench.provenance.transcode", str(source), folder]
        rounds = [
            (our_cpu(command), our_cpu([*command, "all"]), cpu(command_line(source, place)))
            for _ in range(ROUNDS)
        ]
        ours, ours_all, theirs = (float(np.median(column)) for column in zip(*rounds, strict=True))
        return {
            "transcode_ratio": round(ours / theirs, 3),
            "transcode_ratio_all_files": round(ours_all / theirs, 3),
            "transcode_cpu_s": [round(ours, 2), round(theirs, 2)],
            "transcode_ssim": similarity(source, place / "mp4_720.mp4"),
            "transcode_ssim_ffmpeg": similarity(source, place / "large.mp4"),
        }


def our_cpu(command: list[str]) -> float:
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def source_film(place: Path) -> Path:
    """A shipped clip at the size that the engine draws, hardly compressed."""
    from model import video

    path = place / "source.mp4"
    shipped = sorted((Path(__file__).parents[3] / "feed" / "demo" / "clips").glob("[a-z]*.mp4"))[0]
    frames = video.read_frames(shipped, (720, 1280), limit=24 * SECONDS)
    video.write_mp4(path, frames, 24, video.read_audio(shipped), crf=10)
    return path


def cpu(command: list[str]) -> float:
    """CPU seconds of a process and its children, user and system."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ | {"OMP_NUM_THREADS": "1"})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def ours(source: Path, place: Path, *, is_all: bool) -> None:
    """Decode once, write both films and the poster, without marks (theirs has none), and with `is_all` the
    AVIF poster and the sprite too. Prints the CPU seconds of that: a worker that renders is there already."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from generation import renditions
    from generation.engines.base import Rendered
    from model import video

    if not is_all:
        renditions.write_pictures = poster_alone  # type: ignore[assignment]
    begun = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    about = video.probe(source)
    audio = video.read_audio(source)
    rendered = Rendered(
        video.read_frames(source), about.frames, about.fps, (about.width, about.height), audio
    )
    renditions.write(rendered, place, Unmarked())  # type: ignore[arg-type]
    print(sum(resource.getrusage(resource.RUSAGE_SELF)[:2]) - begun)


def poster_alone(folder: Path, first: Any, tiles: Any, _xmp: Any) -> dict[str, Any]:
    from PIL import Image

    from generation import renditions

    path, still = folder / "poster.webp", Image.fromarray(first)
    still.save(path, "WEBP", quality=renditions.POSTER_QUALITY, method=renditions.WEBP_METHOD)
    return {"poster": (path, still.size)}


class Unmarked:
    payload_hex = ""
    fields: dict[str, str] = {}  # noqa: RUF012

    def apply(self, frame: Any, second: float) -> Any:
        return frame

    def hide(self, picture: Any) -> Any:
        return picture


def command_line(source: Path, place: Path) -> list[str]:
    """The same files by the usual line: one decode, two scaled films with our settings, one poster."""
    film = ["-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-g", "24", "-sc_threshold", "0"]
    sound = ["-c:a", "aac", "-b:a", "192k", "-movflags", "+faststart"]
    return [
        "ffmpeg", "-y", "-v", "error", "-i", str(source), "-filter_complex",
        "[0:v]split=3[a][b][c];[b]scale=360:640:flags=bicubic[s];[c]select=eq(n\\,0)[p];"
        "[0:a]loudnorm=I=-16:TP=-1,aresample=48000,asplit=2[x1][x2]",
        "-map", "[a]", "-map", "[x1]", *film, "-crf", "20", *sound, str(place / "large.mp4"),
        "-map", "[s]", "-map", "[x2]", *film, "-crf", "22", *sound, str(place / "small.mp4"),
        "-map", "[p]", "-frames:v", "1", "-c:v", "libwebp", "-quality", "82", str(place / "poster.webp"),
    ]  # fmt: skip


def similarity(source: Path, made: Path) -> float:
    """SSIM of brightness, every twelfth frame."""
    from skimage.metrics import structural_similarity

    from model import video

    pairs = zip(video.read_frames(source, every=12), video.read_frames(made, every=12), strict=False)
    luma = np.array([0.2126, 0.7152, 0.0722])
    found = [structural_similarity(a @ luma, b @ luma, data_range=255) for a, b in pairs]
    return round(float(np.mean(found)), 4)


if __name__ == "__main__":
    main()
