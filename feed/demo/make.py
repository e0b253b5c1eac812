"""Renders the programme with the native engine into `clips/`: done once by whoever prepares a release, and
committed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from feed.demo import programme
from feed.demo.load import CLIPS, SECONDS
from feed.demo.programme import Scene
from generation.engines import base as engines
from generation.engines.base import CastMember, Job, Rendered, Source
from model import video

SIZE = (432, 768)  # upright, and small enough for forty of them in the repository
CRF = 29
MOST_BYTES = 14 * 1024 * 1024  # of the repository, for all clips together


def make(only: list[str], crf: int, say: Callable[[str], None]) -> int:
    """Render the scenes named in `only`, or all that are missing; returns the bytes of the whole folder."""
    CLIPS.mkdir(exist_ok=True)
    engine = engines.get("native")
    for scene in programme.SCENES:
        path = CLIPS / f"{scene.slug}.mp4"
        if scene.slug not in only and (only or path.exists()):
            continue
        rendered = engine.render(job_of(scene), lambda step, steps: None, lambda: False)
        path.with_suffix(".npz").write_bytes(rendered.material)
        say(f"{scene.slug}: {_write(path, rendered, crf) // 1024} kB")
    return sum(file.stat().st_size for file in CLIPS.iterdir())


def _write(path: Path, rendered: Rendered, crf: int) -> int:
    """Encode; a busy picture (rain, grain) is pressed harder until it takes no more than its share."""
    frames = list(rendered.frames)
    for pressed in range(crf, crf + 13, 4):
        video.write_mp4(
            path, frames, rendered.fps, rendered.audio, rendered.size, crf=pressed, preset="medium"
        )
        if path.stat().st_size <= MOST_BYTES // len(programme.SCENES):
            break
    return path.stat().st_size


def job_of(scene: Scene) -> Job:
    parent = next((other for other in programme.SCENES if other.slug == scene.parent), None)
    keys = cast_of(parent) if parent else ()
    return Job(
        prompt=scene.prompt,
        verb="remix" if scene.parent else "text",
        seed=scene.seed,
        seconds=SECONDS,
        size=SIZE,
        cast=[_member(slug) for slug in cast_of(scene)],
        sources=[Source(material, keys) for material in filter(None, [_material(scene.parent)])],
    )


def cast_of(scene: Scene) -> tuple[str, ...]:
    """Those whom the scene casts, after those whom its parent shows already."""
    parent = next((other for other in programme.SCENES if other.slug == scene.parent), None)
    return (*(cast_of(parent) if parent else ()), *scene.cast)


def _member(slug: str) -> CastMember:
    character = next(one for one in programme.CHARACTERS if one.slug == slug)
    return CastMember(name=character.name, key=slug, character=dict(character.look))


def _material(slug: str) -> bytes | None:
    path: Path = CLIPS / f"{slug}.npz"
    return path.read_bytes() if slug and path.exists() else None
