"""Whether somebody who is cast is recognised in the finished pictures.

    python -m tests.bench.engine_cast [frames a clip]      one JSON object

The packaged identity (NASA's portrait of Eileen Collins, public domain, from scikit-image) is cut out and
cast in clips of the simulator in several places, hours, actions and styles; each sampled frame is searched
with the finder and the embedding that inspection uses. Right means: of all enrolled, the nearest is them.
Enrolled are they, the other people whose photographs the tests bring (who are only told apart from them:
nothing is drawn of those), and synthetic vectors up to `ENROLLED`, as far as strangers are. A frame without
a face that inspection would measure counts as wrong for `cast_top1` and is told in `cast_found`;
`cast_top1_of_found` leaves it out. `cast_distance` is the median (the same person: below 0.6).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from cameos import faces
from model.scene import draw
from model.scene import tracks as T
from model.scene.faces import FaceSprites
from model.scene.plans import mend
from model.scene.world import simulate

ENROLLED, STRANGER = 100, (0.6, 0.95)
PHOTOGRAPHS = Path(__file__).parent.parent / "data" / "faces"
OTHERS = ("obama.jpg", "biden.jpg")
MIN_SIDE = 28  # pixels, as `cameos.inspection` (which wants Django)
CLIPS = (
    ("park", "day", "clear", "wave", "paper"),
    ("beach", "sunset", "clear", "talk", "paper"),
    ("city", "night", "rain", "stand", "paper"),
    ("stage", "day", "clear", "sing", "paper"),
    ("snowfield", "morning", "snow", "clap", "comic"),
    ("library", "day", "clear", "read", "ink"),
    ("forest", "day", "fog", "walk", "paper"),
    ("meadow", "sunset", "wind", "dance", "chalk"),
)


def measure(frames: int = 5, size: tuple[int, int] = (540, 960), seed: int = 7) -> dict[str, Any]:
    """The figures of casting as a dict (for `make bench-engine`)."""
    from skimage import data

    portrait = data.astronaut()
    found = faces.find(portrait)[0]
    sprites = FaceSprites.from_frames([portrait], [found.points])
    truth = faces.embed(portrait, found)
    others = [vector for name in OTHERS if (vector := _of(name)) is not None]
    enrolled = np.concatenate([truth[None], *others, strangers(truth, seed, ENROLLED - 1 - len(others))])
    rows = [row for n, clip in enumerate(CLIPS) for row in _clip(clip, n, sprites, enrolled, frames, size)]
    seen = [row for row in rows if row is not None]
    right = sum(at == 0 for at, _distance in seen)
    return {
        "cast_top1": round(right / len(rows), 3),
        "cast_top1_of_found": round(right / max(1, len(seen)), 3),
        "cast_found": round(len(seen) / len(rows), 3),
        "cast_distance": round(float(np.median([d for _at, d in seen])), 3) if seen else None,
        "cast_frames": len(rows),
        "cast_enrolled": len(enrolled),
        "cast_identities_cast": 1,
        "cast_identities_real": 1 + len(others),
    }


def _of(name: str) -> np.ndarray | None:
    """The vector [1, 128] of the largest face in a photograph."""
    frame = cv2.cvtColor(cv2.imread(str(PHOTOGRAPHS / name)), cv2.COLOR_BGR2RGB)
    seen = faces.find(frame)
    return faces.embed(frame, max(seen, key=lambda face: face.side))[None] if seen else None


def strangers(truth: np.ndarray, seed: int, n: int) -> np.ndarray:
    """Vectors [n, 128] as far from somebody as other people are."""
    rng = np.random.default_rng(seed)
    away = rng.normal(size=(n, len(truth)))
    away /= np.linalg.norm(away, axis=1, keepdims=True)
    return truth + away * rng.uniform(*STRANGER, (n, 1))


def _clip(
    clip: tuple[str, ...],
    seed: int,
    sprites: FaceSprites,
    enrolled: np.ndarray,
    frames: int,
    size: tuple[int, int],
) -> list[tuple[int, float] | None]:
    place, time, weather, action, style = clip
    plan = T.Plan(
        T.WorldPlan(place, time, weather, "static", style),
        [T.PersonPlan(action=action, mood=T.MOODS[seed % 6])],
    )
    scene, _ = simulate(seed, mend(plan))
    film = draw.Film(scene, size=size, fps=12, faces={0: sprites})
    return [nearest(film.frame(int(at)), enrolled) for at in np.linspace(0, film.frames - 1, frames).round()]


def nearest(frame: np.ndarray, enrolled: np.ndarray) -> tuple[int, float] | None:
    """Which enrolled face the largest face of a frame is nearest to, and how far; None without a face."""
    seen = [face for face in faces.find(frame) if face.side >= MIN_SIDE]
    if not seen:
        return None
    vector = faces.embed(frame, max(seen, key=lambda face: face.side))
    distances = np.linalg.norm(enrolled - vector[None], axis=1)
    return int(distances.argmin()), float(distances.min())


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 5)))
