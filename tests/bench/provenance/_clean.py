"""`make clean-clips`: what 1,000 clean clips of 2 s at 360x640 look like to the mark and to the fingerprint.

Drawn from invented scenes, one after another seed, two frames a second; only features are kept, beside the
host's data, and drawn once.
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

COUNT, SEED = 1000, 70_000_000
SIZE, FPS, SECONDS = (360, 640), 2.0, 2.0
SMALL = (180, 320)
Kept = tuple[NDArray[np.float16], NDArray[np.uint8], NDArray[np.float32], NDArray[np.uint8]]
WHOLE = 20  # of so many also what a search needs


def place() -> Path:
    from django.conf import settings

    return Path(settings.BASE_DIR) / "var" / "bench" / "clean_clips.npz"


def one(number: int) -> Kept:
    from model.scene import world
    from model.scene.draw import Film

    scene, _ = world.simulate(SEED + number, None, SECONDS)
    film = Film(scene, size=SIZE, fps=FPS)
    return kept_of([film.frame(k) for k in range(film.frames)])


def kept_of(frames: list[NDArray[np.uint8]]) -> Kept:
    """Folded features, prints (seconds, cuts, 33 bytes: bits and quality), unfolded features, and the second
    picture, small (for outlines)."""
    from generation.provenance import fingerprint, watermark
    from model import video

    seen = watermark.features(frames)
    prints = [
        [np.frombuffer(p.bits + bytes([p.quality]), np.uint8) for p in fingerprint.of_second(frame)]
        for frame in frames[:: round(FPS)]
    ]
    small = video.resize(frames[round(FPS)], SMALL)
    return seen.plain.astype(np.float16), np.array(prints), seen.values, small


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    target = place()
    if target.is_file() and "small" in np.load(target).files:
        print(f"{target} is there")
        return
    grids, prints, whole, small = [], [], [], []
    with ProcessPoolExecutor(os.cpu_count(), initializer=_begin) as hands:
        for number, (grid, print_, values, picture) in enumerate(hands.map(one, range(COUNT), chunksize=8)):
            grids.append(grid)
            prints.append(print_)
            small.append(picture)
            if number < WHOLE:
                whole.append(values)
            if number % 100 == 99:
                print(number + 1, file=sys.stderr, flush=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    stacked = {"grids": grids, "prints": prints, "whole": whole, "small": small}
    np.savez_compressed(target, **{name: np.array(rows) for name, rows in stacked.items()})
    print(f"{target}: {len(grids)} clips")


def _begin() -> None:
    import django

    django.setup()


if __name__ == "__main__":
    main()
