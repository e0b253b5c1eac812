"""The cutting room, measured on films built with known cuts and known faces (part of `make bench-studio`).

edit_cut_error_ms   95th percentile of how far a found cut is from the one that was made
edit_cut_recall, edit_cut_precision   over reels of our own clips and of rooms with a shaking hand; flashes
reframe_face_in     share of pictures whose whole face is inside after 16:9 became 9:16
edit_realtime       wall seconds per second of source: three films of 1080p to a reel of 720x1280, encoded
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from generation.cutting import framing, looking, shots
from generation.engines.base import Job
from generation.engines.studio import StudioEngine
from generation.states import Verb
from model import video
from tests.generation import films

FPS = 24.0
REELS, SHOTS = 8, 8
CLIPS = Path(__file__).resolve().parents[2] / "feed" / "demo" / "clips"


def cuts() -> dict[str, Any]:
    rng = np.random.default_rng(20261126)
    sources = sorted(CLIPS.glob("*.mp4"))
    hits, made, found, errors = 0, 0, 0, []
    for reel in range(REELS):
        size = (320, 180) if reel % 2 else (180, 320)
        pictures, cuts = _reel(rng, sources, size, rooms=reel >= REELS // 2)
        got = shots.cuts(looking.of_pictures((k / FPS, p) for k, p in enumerate(pictures)))
        near = [min(cuts, key=lambda c, g=g: abs(c - g)) for g in got]
        right = {c for c, g in zip(near, got, strict=True) if abs(c - g) <= 2}
        errors += [1000 * abs(c - g) / FPS for c, g in zip(near, got, strict=True) if abs(c - g) <= 2]
        hits, made, found = hits + len(right), made + len(cuts), found + len(got)
    return {
        "edit_cut_error_ms": round(float(np.percentile(errors, 95)), 1) if errors else None,
        "edit_cut_recall": round(hits / made, 3),
        "edit_cut_precision": round(hits / max(1, found), 3),
        "edit_cuts": made,
    }


def _reel(
    rng: np.random.Generator, sources: list[Path], size: tuple[int, int], *, rooms: bool
) -> tuple[list[np.ndarray], list[int]]:
    pictures: list[np.ndarray] = []
    cuts: list[int] = []
    chosen = rng.choice(len(sources), SHOTS, replace=False)
    for k in range(SHOTS):
        length = int(rng.integers(15, 80))
        if rooms:
            seed = int(rng.integers(1000, 9000))
            part = [p for p, _ in films.frames(length / FPS, seed=seed, size=size, fps=FPS, shake=1.5)]
        else:
            part = [_fitted(p, size) for p in video.read_frames(sources[chosen[k]], limit=length)]
        if k:
            cuts.append(len(pictures))
        pictures += part
    flash = int(rng.integers(5, len(pictures) - 5))
    pictures[flash] = np.minimum(255, pictures[flash].astype(int) + 120).astype(np.uint8)
    noisy = [np.clip(p.astype(int) + rng.normal(0, 4, p.shape), 0, 255).astype(np.uint8) for p in pictures]
    return noisy, cuts


def _fitted(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    height = min(picture.shape[0], round(picture.shape[1] * size[1] / size[0]))
    return cv2.resize(picture[:height], size, interpolation=cv2.INTER_AREA)


def faces_kept() -> dict[str, Any]:
    inside = total = 0
    for seed in range(31, 36):
        made = list(films.frames(4.0, seed=seed, size=(960, 540), person=True, shake=2.0))
        small = [cv2.resize(p, (320, 180), interpolation=cv2.INTER_AREA) for p, _ in made]
        seen = looking.of_pictures((k / 30.0, p) for k, p in enumerate(small))
        way = framing.path(seen, (720, 1280), shots.spans(seen), steady=True)
        for k, (_, box) in enumerate(made):
            assert box is not None
            corners = np.array([[box[0], box[1]], [box[0] + box[2], box[1] + box[3]]]) / (960, 540)
            laid = corners @ way.matrices[k][:, :2].T + way.matrices[k][:, 2]
            inside += bool((laid >= 0).all() and (laid <= 1).all())
            total += 1
    return {"reframe_face_in": round(inside / total, 4), "reframe_pictures": total}


def pace() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        paths, seconds = [], 10.0
        for seed in (51, 52, 53):
            pictures = (
                p for p, _ in films.frames(seconds, seed=seed, size=(1920, 1080), person=True, shake=3.0)
            )
            path = Path(folder) / f"{seed}.mp4"
            video.write_mp4(path, pictures, 30.0, films.tone(seconds))
            paths.append(path)
        how = {"music": "lively", "steady": True, "fade": True}
        job = Job(prompt="", verb=Verb.REEL, seed=1, seconds=15, size=(720, 1280), how=how, films=paths)
        done, began = _on_step(), time.monotonic()
        rendered = StudioEngine().render(job, done, lambda: False)
        video.write_mp4(
            Path(folder) / "reel.mp4", rendered.frames, rendered.fps, rendered.audio, rendered.size, crf=20
        )
        wall = time.monotonic() - began
    return {
        "edit_realtime": round(wall / (3 * seconds), 2),
        "edit_source_s": 3 * seconds,
        "edit_wall_s": round(wall, 1),
    }


def _on_step() -> Callable[[int, int], None]:
    def step(done: int, of: int) -> None:
        """Nobody watches."""

    return step
