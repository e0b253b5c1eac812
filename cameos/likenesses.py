"""What of a verified recording becomes the references: the best pictures of the face, its vector, sound."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cameos import faces

if TYPE_CHECKING:  # It loads what looks at pictures; web processes read this file for its shapes only.
    from cameos.watching import Seen, Track

Floats = NDArray[np.floating[Any]]

CROP_SIDE = 256
_CROP_SCALE = 1.9
_MOMENTS = 6


@dataclass(frozen=True)
class People:
    """Who was there over time: embeddings N 128 at moments spread over the recording."""

    embeddings: NDArray[np.float64]

    @property
    def middle(self) -> NDArray[np.float64]:
        return np.asarray(self.embeddings.mean(axis=0))

    @property
    def spread(self) -> float:
        """The largest distance between any two moments."""
        return max(float(np.linalg.norm(a - b)) for a in self.embeddings for b in self.embeddings)


@dataclass(frozen=True)
class Likeness:
    """Crops K 256 256 3 (first the frontal one, then left, right, up, down), their meshes K 468 3 in
    pixels of the crop, their poses K 3 (yaw, pitch, roll), the face vector 128, and the spoken sound
    (mono 16-bit, 16 kHz) from which the worker makes the voice vector."""

    crops: NDArray[np.uint8]
    meshes: NDArray[np.float32]
    poses: NDArray[np.float32]
    face_vector: NDArray[np.float32]
    sound: NDArray[np.int16]


def people_over_time(track: Track) -> People:
    """An embedding from each sixth of the recording, from its most frontal frame."""
    turned = np.where(np.isfinite(track.yaw), np.hypot(track.yaw, track.pitch), np.inf)
    chosen = [
        part[np.argmin(turned[part])]
        for part in np.array_split(np.arange(len(turned)), _MOMENTS)
        if len(part)
    ]
    seen = [(track.frames[i], track.seen[i]) for i in chosen]
    return People(np.array([faces.embed(frame, s.found) for frame, s in seen if s is not None]))


def gather(track: Track, people: People) -> Likeness:
    """The references of a recording that passed."""
    views = [(track.frames[i], track.seen[i]) for i in _views(track)]
    parts = [_part(frame, seen) for frame, seen in views if seen is not None]
    return Likeness(
        crops=np.stack([p[0] for p in parts]),
        meshes=np.stack([p[1] for p in parts]),
        poses=np.stack([p[2] for p in parts]),
        face_vector=people.middle.astype(np.float32),
        sound=track.sound,
    )


def to_bytes(likeness: Likeness) -> bytes:
    """The face as it is sealed: an npz of plain arrays, read without pickle."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, crops=likeness.crops, meshes=likeness.meshes, poses=likeness.poses)
    return buffer.getvalue()


def voice_to_bytes(likeness: Likeness) -> bytes:
    """The spoken sound as it is sealed: an npz of `sound` (mono 16-bit) and `rate`."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, sound=likeness.sound, rate=np.int64(16_000))
    return buffer.getvalue()


def _views(track: Track) -> list[int]:
    """The sharpest open-eyed frontal frame, and the furthest turn each way."""
    sharp = track.series("sharpness")
    usual = float(np.nanmedian(track.eyes))
    straight = np.hypot(track.yaw, track.pitch) < 4
    frontal = np.where(straight & (track.eyes > 0.85 * usual), sharp, -np.inf)
    frontal = frontal if np.isfinite(frontal).any() else -np.hypot(track.yaw, track.pitch)
    turns = (track.yaw, -track.yaw, track.pitch, -track.pitch)
    return [int(np.nanargmax(frontal)), *(int(np.nanargmax(turn)) for turn in turns)]


def _part(frame: NDArray[np.uint8], seen: Seen) -> tuple[NDArray[np.uint8], Floats, Floats]:
    import cv2

    x, y, width, height = seen.found.box
    side = max(width, height) * _CROP_SCALE
    scale = CROP_SIDE / side
    corner = np.array([x + width / 2 - side / 2, y + height / 2 - side / 2])
    matrix = np.array([[scale, 0, -corner[0] * scale], [0, scale, -corner[1] * scale]])
    crop = cv2.warpAffine(
        frame, matrix, (CROP_SIDE, CROP_SIDE), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
    )
    points = seen.mesh.points.copy()
    points[:, :2] = (points[:, :2] - corner) * scale
    points[:, 2] *= scale
    pose = np.array([seen.pose.yaw, seen.pose.pitch, seen.pose.roll], np.float32)
    return np.asarray(crop, np.uint8), points.astype(np.float32), pose
