"""A folder of videos as training data: any length, size and rate, words beside them if there are any.

    folder/cat.mp4   folder/cat.txt (one line, English or Chinese; without it the clip has no words)

Every video is cut into shots, scaled to cover the picture, cropped to its middle and kept as raw
frames in a cache, so that training reads and never decodes. A tenth of the files is held out, by name.

`python -m model.footage --out FOLDER --clips 500` films such a folder with our own renderer.
"""

from __future__ import annotations

import argparse
import hashlib
import os
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import numpy as np

from model import video
from model.config import Pixels

if TYPE_CHECKING:
    from model.scene import tracks as T

SUFFIXES = frozenset({".mp4", ".mov", ".webm", ".mkv", ".avi", ".m4v", ".gif"})
CUT = 0.22  # mean change of a pixel (of 0..1) between two frames that no movement makes
HELD_OUT = 10  # one file in so many
LONGEST_CAPTION = 4000


class NoFootage(ValueError):
    """Nothing in the folder can be trained on; the message says why, file by file."""


@dataclass(frozen=True)
class Shot:
    """One uninterrupted shot, at the rate and size of the alphabet. frames [T, H, W, 3] uint8."""

    name: str
    frames: np.ndarray
    caption: str


@dataclass
class Footage:
    """What a folder holds. `skipped` says which files could not be used, and why."""

    shots: list[Shot]
    held_out: list[Shot]
    skipped: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def read(cls, folder: Path, pixels: Pixels, cache: Path) -> Footage:
        """Every video under `folder`. Frames are decoded once into `cache`. Raises NoFootage."""
        files = sorted(p for p in Path(folder).rglob("*") if p.suffix.lower() in SUFFIXES)
        if not files:
            raise NoFootage(f"no video in {folder} (looked for {', '.join(sorted(SUFFIXES))})")
        out = cls([], [])
        for file in files:
            name = str(file.relative_to(folder))
            try:
                shots = list(_shots(file, name, pixels, Path(cache)))
            except (video.VideoError, OSError, ValueError) as error:
                out.skipped.append((name, str(error)))
                continue
            if not shots:
                out.skipped.append((name, f"no shot of {pixels.frames} frames at {pixels.fps} a second"))
            (out.held_out if _is_held_out(name) else out.shots).extend(shots)
        if not out.shots:
            reasons = "; ".join(f"{n}: {why}" for n, why in out.skipped[:5]) or "all of it is held out"
            raise NoFootage(f"nothing to train on in {folder}: {reasons}")
        return out


def _is_held_out(name: str) -> bool:
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % HELD_OUT == 0


def _shots(file: Path, name: str, pixels: Pixels, cache: Path) -> list[Shot]:
    frames = _cached(file, pixels, cache)
    words_beside = file.with_suffix(".txt")
    caption = words_beside.read_text(errors="replace")[:LONGEST_CAPTION] if words_beside.is_file() else ""
    return [
        Shot(f"{name}:{a}", frames[a:b], " ".join(caption.split()))
        for a, b in pairwise([0, *cuts(frames), len(frames)])
        if b - a >= pixels.frames
    ]


def cuts(frames: np.ndarray) -> list[int]:
    """First frames of new shots, where nearly the whole picture changes at once."""
    small = frames[:, ::2, ::2].astype(np.int16)
    change = np.abs(np.diff(small, axis=0)).mean((1, 2, 3)) / 255
    return [int(i) + 1 for i in np.flatnonzero(change > CUT)]


def _cached(file: Path, pixels: Pixels, cache: Path) -> np.ndarray:
    """The frames of a file, mapped from disk; decoded now if they are not there yet."""
    about = file.stat()
    key = f"{file.resolve()} {about.st_size} {about.st_mtime_ns} {pixels.width} {pixels.height} {pixels.fps}"
    kept = cache / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.npy"
    if not kept.is_file():
        frames = decode(file, pixels)
        cache.mkdir(parents=True, exist_ok=True)
        partial = kept.with_suffix(f".{os.getpid()}.part")
        with open(partial, "wb") as out:
            np.save(out, frames)
        os.replace(partial, kept)
    return np.load(kept, mmap_mode="r")


def decode(file: Path, pixels: Pixels) -> np.ndarray:
    """Frames [T, H, W, 3] at the alphabet's rate: of each moment the frame that is on screen then."""
    rate = video.probe(file).fps or pixels.fps
    out: list[np.ndarray] = []
    for i, frame in enumerate(video.read_frames(file)):
        due = int((i + 1) * pixels.fps / rate + 1e-6) - len(out)  # moments that begin within this frame
        if i == 0:
            due = max(due, 1)
        if due > 0:
            out += [cover(frame, (pixels.width, pixels.height))] * due
    if not out:
        raise video.VideoError("there are no frames in it")
    return np.stack(out)


def cover(frame: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Scaled so that it fills `size`, the rest cut off evenly at both sides."""
    height, width = frame.shape[:2]
    scale = max(size[0] / width, size[1] / height)
    grown = max(size[0], round(width * scale)), max(size[1], round(height * scale))
    scaled = video.resize(frame, grown)
    x, y = (grown[0] - size[0]) // 2, (grown[1] - size[1]) // 2
    return scaled[y : y + size[1], x : x + size[0]]


# ---- footage of our own
PLACES = ("beach", "meadow", "city", "snowfield", "moon", "stage")
TIMES = ("day", "sunset", "night")
KINDS = ("woman", "man", "robot", "panda")
COLOURS = ("red", "yellow", "green", "blue", "purple", "white")
ACTIONS = ("wave", "jump", "dance", "walk", "jumping_jacks")


def film(folder: Path, clips: int, seed: int, pixels: Pixels, seconds: float = 5.0) -> None:
    """Writes `clips` short videos of one person in a small world, each with its caption. Goes on where
    an earlier call stopped."""
    from model.scene import world
    from model.scene.captions import tell
    from model.scene.draw import Film

    folder.mkdir(parents=True, exist_ok=True)
    for i in range(clips):
        target = folder / f"{seed:03}-{i:05}.mp4"
        if target.is_file():
            continue
        r = Random(seed * 1_000_003 + i)
        scene, _ = world.simulate(seed * 1_000_003 + i, plan := _plan(r), seconds)
        drawn = Film(scene, size=(2 * pixels.width, 2 * pixels.height), fps=pixels.fps)
        frames = [video.resize(drawn.frame(k), (pixels.width, pixels.height)) for k in range(drawn.frames)]
        target.with_suffix(".txt").write_text(tell(plan, r, detail=1.6)[0] + "\n")
        video.write_mp4(target, frames, pixels.fps, crf=8, threads=1)


def _plan(r: Random) -> T.Plan:
    from model.scene import tracks as T
    from model.scene.plans import invent

    someone = replace(
        invent(r).people[0], kind=r.choice(KINDS), outfit="tshirt", top=r.choice(COLOURS), bottom="blue",
        accessory="none", mood="happy", action=r.choice(ACTIONS), then=T.NO_ACTION, switch=T.N, energy=0.0,
    )  # fmt: skip
    return T.Plan(T.WorldPlan(r.choice(PLACES), r.choice(TIMES)), [someone])


def main() -> None:
    parser = argparse.ArgumentParser(description="Film a folder of small captioned videos to train on.")
    parser.add_argument("--out", type=Path, default=Path("var/footage"))
    parser.add_argument("--clips", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    film(args.out, args.clips, args.seed, Pixels())
    print(args.out)


if __name__ == "__main__":
    main()
