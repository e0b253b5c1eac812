"""A scene as bytes and back: what a remix goes on from, and what a clip keeps. No pickles inside."""

from __future__ import annotations

import io
import json

import numpy as np

from model.scene import tracks as T
from model.scene.plans import NotAPlan, from_dict, to_dict

VERSION = 1
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


def unpack(data: bytes) -> T.Scene:
    """Raises BadMaterial for anything that `pack` did not write."""
    if len(data) > LARGEST:
        raise BadMaterial("too large")
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            head = json.loads(bytes(arrays["head"]))
            world, people, props, blink = (
                arrays[k].astype(np.float64) for k in ("world", "people", "props", "blink")
            )
        if head["version"] != VERSION:
            raise BadMaterial(f"version {head['version']}")
        plan = from_dict(head["plan"])
        n = len(world)
        right = (
            world.shape == (n, T.WD)
            and people.shape == (len(plan.people), n, T.HD)
            and props.shape == (len(plan.props), n, T.QD)
            and blink.shape == people.shape[:2]
        )
        if not right or not all(np.isfinite(a).all() for a in (world, people, props, blink)):
            raise BadMaterial("shapes or numbers do not fit")
        return T.Scene(plan, world, people, props, int(head["seed"]), blink)
    except (KeyError, ValueError, TypeError, OSError, EOFError, NotAPlan) as error:
        raise error if isinstance(error, BadMaterial) else BadMaterial(str(error)) from error
    except Exception as error:  # zipfile.BadZipFile and zlib.error have no common parent
        raise BadMaterial(str(error)) from error
