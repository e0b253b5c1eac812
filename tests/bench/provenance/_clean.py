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
WHOLE = 20  # of so many also what a search needs


def place() -> Path:
    from django.conf import settings

    return Path(settings.BASE_DIR) / "var" / "bench" / "clean_clips.npz"


def one(number: int) -> tuple[NDArray[np.float16], NDArray[np.uint8], NDArray[np.float32]]:
    """Folded features, prints (seconds, cuts, 33 bytes: bits and quality), and unfolded features."""
    from generation.provenance import fingerprint, watermark
    from model.scene import world
    from model.scene.draw import Film

    scene, _ = world.simulate(SEED + number, None, SECONDS)
    film = Film(scene, size=SIZE, fps=FPS)
    frames = [film.frame(k) for k in range(film.frames)]
    seen = watermark.features(frames)
    prints = [
        [np.frombuffer(p.bits + bytes([p.quality]), np.uint8) for p in fingerprint.of_second(frame)]
        for frame in frames[:: round(FPS)]
    ]
    return seen.plain.astype(np.float16), np.array(prints), seen.values


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    target = place()
    if target.is_file():
        print(f"{target} is there")
        return
    grids, prints, whole = [], [], []
    with ProcessPoolExecutor(os.cpu_count(), initializer=_begin) as hands:
        for number, (grid, print_, values) in enumerate(hands.map(one, range(COUNT), chunksize=8)):
            grids.append(grid)
            prints.append(print_)
            if number < WHOLE:
                whole.append(values)
            if number % 100 == 99:
                print(number + 1, file=sys.stderr, flush=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(target, grids=np.array(grids), prints=np.array(prints), whole=np.array(whole))
    print(f"{target}: {len(grids)} clips")


def _begin() -> None:
    import django

    django.setup()


if __name__ == "__main__":
    main()
