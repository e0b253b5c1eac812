"""Heads of people who are cast, for those who draw elsewhere. No torch; loads skia, so it is imported only
where somebody plays."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

import numpy as np

from generation.engines.base import EngineFailed, Source
from model.scene import material
from model.scene.draw_paint import light_of
from model.scene.faces import FaceSprites, NoFace
from model.scene.reel import Reel
from model.scene.stage import head_sheet


def head_of(data: bytes) -> FaceSprites:
    """The cut-out head from what a capture keeps of a face: crops K H W 3 and their meshes K 468 3."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as kept:
            if "crops" not in kept:
                return FaceSprites.from_bytes(data)
            return FaceSprites.from_frames(list(kept["crops"]), list(kept["meshes"][..., :2]))
    except (NoFace, ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise EngineFailed("likeness_gone", str(error)) from error


def reel_of(source: Source) -> Reel:
    """The shots of a clip, with who plays whom. Where a clip did not keep that by our keys (it is older, or
    came with the demo), the order of its cast says it."""
    reel = material.unpack_reel(source.material)
    names = list(dict.fromkeys(key for shot in reel.shots for key in shot.who if key))
    if names and set(names) <= set(source.cast):
        return reel
    keys = dict(zip(names, source.cast, strict=False))
    for shot in reel.shots:
        who = [keys.get(key, "") for key in shot.who] if names else list(source.cast)
        shot.who = [*who, *[""] * len(shot.who)][: len(shot.who)]
    return reel


def who_plays(data: bytes, cast: Sequence[str]) -> list[str]:
    """The key of each person of a clip's first shot; "" for somebody drawn."""
    return reel_of(Source(data, cast)).shots[0].who


def skin_of(face: bytes) -> list[float]:
    """The colour of somebody's skin, three numbers in 0..1, for their hands and neck."""
    return [round(float(v), 3) for v in head_of(face).skin]


def sheet(face: bytes, data: bytes, cast: Sequence[str], key: str) -> bytes:
    """Every pose of a head in the light of a clip's first shot (WebP)."""
    shot = reel_of(Source(data, cast)).shots[0]
    world = shot.scene.plan.world
    mood = shot.scene.plan.people[shot.who.index(key)].mood if key in shot.who else "calm"
    return head_sheet(head_of(face), light_of(world.place, world.time, world.weather), mood)
