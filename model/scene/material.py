"""A clip's scenes as bytes and back: what a remix goes on from. No pickles inside.

Version 1 holds one scene (`pack`, `unpack`), version 2 the shots of a reel with who plays whom
(`pack_reel`); `unpack_reel` reads both.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from model.scene import tracks as T
from model.scene.plans import NotAPlan, from_dict, to_dict
from model.scene.reel import Reel, Shot, one

VERSION, REEL_VERSION = 1, 2
TRACKS = ("world", "people", "props", "blink")
MOST_SHOTS = 40
LARGEST = 8 << 20  # bytes; 60 s of three people and three things is under 1 MiB


class BadMaterial(ValueError):
    """Bytes that are no scene of this version."""


def pack(scene: T.Scene) -> bytes:
    """The scene, key frames as float32, compressed."""
    out = io.BytesIO()
    head = json.dumps({"version": VERSION, "seed": scene.seed, "plan": to_dict(scene.plan)}).encode()
    np.savez_compressed(
        out,
        head=np.frombuffer(head, np.uint8),
        world=scene.world.astype(np.float32),
        people=scene.people.astype(np.float32),
        props=scene.props.astype(np.float32),
        blink=scene.blink.astype(np.float32),
    )
    return out.getvalue()


def pack_reel(reel: Reel) -> bytes:
    """Every shot of a reel, key frames as float32, compressed."""
    shots = [
        {"seed": shot.scene.seed, "plan": to_dict(shot.scene.plan), "who": shot.who, "fade": shot.fade}
        for shot in reel.shots
    ]
    head = json.dumps({"version": REEL_VERSION, "shots": shots}).encode()
    arrays = {
        f"{track}_{i}": getattr(shot.scene, track).astype(np.float32)
        for i, shot in enumerate(reel.shots)
        for track in TRACKS
    }
    out = io.BytesIO()
    np.savez_compressed(out, head=np.frombuffer(head, np.uint8), **arrays)  # type: ignore[arg-type]
    return out.getvalue()


def unpack(data: bytes) -> T.Scene:
    """The scene of `pack`, or the first shot of a reel. Raises BadMaterial for anything else."""
    return unpack_reel(data).shots[0].scene


def unpack_reel(data: bytes) -> Reel:
    """Raises BadMaterial for anything that `pack` or `pack_reel` did not write."""
    if len(data) > LARGEST:
        raise BadMaterial("too large")
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            head = json.loads(bytes(arrays["head"]))
            if head["version"] == VERSION:
                return one(_scene(head, {track: arrays[track] for track in TRACKS}))
            if head["version"] != REEL_VERSION or not 1 <= len(head["shots"]) <= MOST_SHOTS:
                raise BadMaterial(f"version {head['version']}")
            shots = [
                Shot(
                    _scene(shot, {track: arrays[f"{track}_{i}"] for track in TRACKS}),
                    [str(key) for key in shot["who"]],
                    int(shot["fade"]),
                )
                for i, shot in enumerate(head["shots"])
            ]
        return Reel(shots)
    except (KeyError, ValueError, TypeError, OSError, EOFError, NotAPlan) as error:
        raise error if isinstance(error, BadMaterial) else BadMaterial(str(error)) from error
    except Exception as error:  # zipfile.BadZipFile and zlib.error have no common parent
        raise BadMaterial(str(error)) from error


def _scene(head: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> T.Scene:
    plan = from_dict(head["plan"])
    world, people, props, blink = (arrays[track].astype(np.float64) for track in TRACKS)
    n = len(world)
    right = (
        n > 0
        and world.shape == (n, T.WD)
        and people.shape == (len(plan.people), n, T.HD)
        and props.shape == (len(plan.props), n, T.QD)
        and blink.shape == people.shape[:2]
    )
    if not right or not all(np.isfinite(a).all() for a in (world, people, props, blink)):
        raise BadMaterial("shapes or numbers do not fit")
    return T.Scene(plan, world, people, props, int(head["seed"]), blink)
