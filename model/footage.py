"""A folder of videos as training data: any length, size and rate, words beside them if there are any.

    folder/cat.mp4   folder/cat.txt (one line, English or Chinese; without it the clip has no words)
    folder/x.npy     folder/x.txt (a line a shot): a pack, uint8 [shots, T, H, W, 3] at the alphabet's
                     size and rate, for machines that have a card and no decoder

Every video is cut into shots, scaled to cover the picture, cropped to its middle and kept as raw
frames in a cache, so that training reads and never decodes. A tenth is held out, by name: of files, and
of the shots of a pack.

`python -m model.footage --out FOLDER --clips 500` films such a folder with our own renderer; with
`--packed --workers 16` as packs, on all cores, at about twenty clips of 5 s a second and core.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import os
import resource
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import numpy as np

from model.config import Pixels, patches_of

if TYPE_CHECKING:
    from model.scene import tracks as T

VIDEOS = frozenset({".mp4", ".mov", ".webm", ".mkv", ".avi", ".m4v", ".gif"})
PACK = ".npy"
SUFFIXES = VIDEOS | {PACK}
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
        _allow_many_files()
        files = sorted(p for p in Path(folder).rglob("*") if p.suffix.lower() in SUFFIXES)
        if not files:
            raise NoFootage(f"no video in {folder} (looked for {', '.join(sorted(SUFFIXES))})")
        out = cls([], [])
        for file in files:
            name = str(file.relative_to(folder))
            packed = file.suffix.lower() == PACK
            try:
                shots = list(
                    _packed(file, name, pixels) if packed else _shots(file, name, pixels, Path(cache))
                )
            except (OSError, ValueError) as error:
                out.skipped.append((name, str(error)))
                continue
            if not shots:
                out.skipped.append((name, f"no shot of {pixels.frames} frames at {pixels.fps} a second"))
            for shot in shots:
                (out.held_out if _is_held_out(shot.name if packed else name) else out.shots).append(shot)
        if not out.shots:
            reasons = "; ".join(f"{n}: {why}" for n, why in out.skipped[:5]) or "all of it is held out"
            raise NoFootage(f"nothing to train on in {folder}: {reasons}")
        return out


def _allow_many_files() -> None:
    """Every shot is a mapped file: as many open ones as this process may have, not the usual 1,024."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _is_held_out(name: str) -> bool:
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % HELD_OUT == 0


def _packed(file: Path, name: str, pixels: Pixels) -> Iterator[Shot]:
    """The shots of a pack, mapped from disk. Raises ValueError for one of another size."""
    frames = np.load(file, mmap_mode="r", allow_pickle=False)
    size = (pixels.height, pixels.width, 3)
    if frames.dtype != np.uint8 or frames.ndim != 5 or frames.shape[2:] != size:
        raise ValueError(f"packed as {frames.dtype} {frames.shape}, wanted uint8 [shots, frames, {size}]")
    beside = file.with_suffix(".txt")
    said = beside.read_text(errors="replace").splitlines() if beside.is_file() else []
    if said and len(said) != len(frames):
        raise ValueError(f"{len(frames)} shots and {len(said)} lines of words beside them")
    if frames.shape[1] >= pixels.frames:
        for i, shot in enumerate(frames):
            yield Shot(f"{name}:{i}", shot, said[i][:LONGEST_CAPTION] if said else "")


def _shots(file: Path, name: str, pixels: Pixels, cache: Path) -> Iterator[Shot]:
    frames = _cached(file, pixels, cache)
    words_beside = file.with_suffix(".txt")
    caption = words_beside.read_text(errors="replace")[:LONGEST_CAPTION] if words_beside.is_file() else ""
    for a, b in pairwise([0, *cuts(frames), len(frames)]):
        if b - a >= pixels.frames:
            yield Shot(f"{name}:{a}", frames[a:b], " ".join(caption.split()))


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
    """Frames [T, H, W, 3] at the alphabet's rate: of each moment the frame that is on screen then. Raises
    ValueError (video.VideoError) for what is no video."""
    from model import video  # packs are read where there is no decoder

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
    from model import video

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


def filmed(seed: int, i: int, pixels: Pixels, seconds: float) -> tuple[np.ndarray, str]:
    """Clip i of a folder: frames [T, H, W, 3] of one person in a small world, and words for it."""
    import cv2

    from model.scene import world
    from model.scene.captions import tell
    from model.scene.draw import Film

    r = Random(seed * 1_000_003 + i)  # seeded, no secret  # nosec B311
    scene, _ = world.simulate(seed * 1_000_003 + i, plan := _plan(r), seconds)
    size = pixels.width, pixels.height
    drawn = Film(scene, size=(2 * size[0], 2 * size[1]), fps=pixels.fps)
    frames = [cv2.resize(drawn.frame(k), size, interpolation=cv2.INTER_AREA) for k in range(drawn.frames)]
    return np.stack(frames), tell(plan, r, detail=1.6)[0]


def film(folder: Path, clips: int, seed: int, pixels: Pixels, seconds: float = 5.0) -> None:
    """Writes `clips` short videos, each with its caption. Goes on where an earlier call stopped."""
    from model import video

    folder.mkdir(parents=True, exist_ok=True)
    for i in range(clips):
        target = folder / f"{seed:03}-{i:05}.mp4"
        if target.is_file():
            continue
        frames, said = filmed(seed, i, pixels, seconds)
        target.with_suffix(".txt").write_text(said + "\n")
        video.write_mp4(target, frames, pixels.fps, crf=8, threads=1)


def pack(folder: Path, clips: int, seed: int, pixels: Pixels, seconds: float = 5.0, workers: int = 1) -> None:
    """The same clips undecoded, a pack a worker; a pack that is there already stays as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    shares = [
        (folder / f"{seed:03}-{k:03}{PACK}", range(k, clips, workers), seed, pixels, seconds)
        for k in range(min(workers, clips))
    ]
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        pool.starmap(_pack, shares, chunksize=1)


def _pack(target: Path, numbers: range, seed: int, pixels: Pixels, seconds: float) -> None:
    if target.is_file():
        return
    shape = (len(numbers), round(seconds * pixels.fps), pixels.height, pixels.width, 3)
    partial = target.with_suffix(f".{os.getpid()}.part")
    out = np.lib.format.open_memmap(partial, "w+", np.uint8, shape)
    said = []
    for row, i in enumerate(numbers):
        out[row], words = filmed(seed, i, pixels, seconds)
        said.append(words)
    out.flush()
    target.with_suffix(".txt").write_text("\n".join(said) + "\n")
    os.replace(partial, target)


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
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--preset", default="patches", help="of which size and rate")
    parser.add_argument("--packed", action="store_true", help="raw frames, for machines without a decoder")
    parser.add_argument("--workers", type=int, default=1, help="with --packed: processes")
    args = parser.parse_args()
    pixels = patches_of(args.preset)
    if args.packed:
        pack(args.out, args.clips, args.seed, pixels, args.seconds, args.workers)
    else:
        film(args.out, args.clips, args.seed, pixels, args.seconds)
    print(args.out)


if __name__ == "__main__":
    main()
