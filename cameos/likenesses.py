"""What of a verified recording becomes the references: the best pictures of the face, its vector, sound."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cameos import faces

if TYPE_CHECKING:  # It loads what looks at pictures; web processes read this file for its shapes only.
    from cameos.watching import Track

Floats = NDArray[np.floating[Any]]

_MOMENTS = 6
_FRONTAL = 5


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
    """The best frames K H W 3 with their meshes K 468 3 (pixels), the face vector 128, and the sound
    (mono 16-bit, 16 kHz) in which the person speaks."""

    frames: NDArray[np.uint8]
    meshes: NDArray[np.float32]
    face_vector: NDArray[np.float32]
    sound: NDArray[np.int16]


@dataclass(frozen=True)
class Material:
    """The likeness as it is sealed: what the renderer reads, and the vectors (`<f4`). Empty: not recorded."""

    face: bytes
    face_vector: bytes
    voice: bytes
    voice_vector: bytes


def people_over_time(track: Track) -> People:
    """An embedding from each sixth of the recording, from its most frontal frame."""
    turned = np.where(np.isfinite(track.yaw), np.hypot(track.yaw, track.pitch), np.inf)
    parts = [part for part in np.array_split(np.arange(len(turned)), _MOMENTS) if len(part)]
    seen = [(track.frames[i], track.seen[i]) for i in (part[np.argmin(turned[part])] for part in parts)]
    return People(np.array([faces.embed(frame, s.found) for frame, s in seen if s is not None]))


def gather(track: Track, people: People) -> Likeness:
    """The references of a recording that passed."""
    views = [(track.frames[i], track.seen[i]) for i in _best(track)]
    kept = [(frame, seen.mesh.points.astype(np.float32)) for frame, seen in views if seen is not None]
    return Likeness(
        frames=np.stack([frame for frame, _ in kept]),
        meshes=np.stack([mesh for _, mesh in kept]),
        face_vector=people.middle.astype(np.float32),
        sound=track.sound,
    )


def material(likeness: Likeness) -> Material:
    """Everything that is sealed of a likeness. Loads torch: for workers.

    Raises `ValueError` (the renderer's `NoFace`) when no head can be cut out of the frames.
    """
    from cameos import voices
    from model.scene.faces import FaceSprites

    face = FaceSprites.from_frames(list(likeness.frames), list(likeness.meshes)).to_bytes()
    vector = likeness.face_vector.astype("<f4").tobytes()
    try:
        voice_vector = voices.embed(likeness.sound).astype("<f4").tobytes()
    except ValueError:  # Too little was said, and a person accepted that.
        return Material(face, vector, b"", b"")
    return Material(face, vector, _voice(likeness.sound), voice_vector)


def only_vector(likeness: Likeness) -> Material:
    """For the never-me registry: the numbers that find a face, without picture or voice."""
    return Material(b"", likeness.face_vector.astype("<f4").tobytes(), b"", b"")


def _voice(sound: NDArray[np.int16]) -> bytes:
    """An npz of `sound` (mono 16-bit) and `rate`, read without pickle."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, sound=sound, rate=np.int64(16_000))
    return buffer.getvalue()


def voice_of(data: bytes) -> NDArray[np.int16]:
    """The sound (mono 16-bit, 16 kHz) of what `_voice` packed. Raises `ValueError` for anything else."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as kept:
            sound, rate = np.asarray(kept["sound"]), int(kept["rate"])
    except (KeyError, OSError, zipfile.BadZipFile) as error:
        raise ValueError("no voice material") from error
    if sound.dtype != np.int16 or sound.ndim != 1 or rate != 16_000:
        raise ValueError("voice material of another shape")
    return sound


def _best(track: Track) -> list[int]:
    """The sharpest frontal frames with open eyes."""
    sharp = track.series("sharpness")
    usual = float(np.nanmedian(track.eyes))
    straight = np.hypot(track.yaw, track.pitch) < 4
    quiet = straight & (track.eyes > 0.85 * usual) & (track.spoken < 0.1)
    for good in (quiet, straight, np.isfinite(track.yaw)):
        if np.any(good):
            return [int(i) for i in np.argsort(np.where(good, -sharp, np.inf))[: min(_FRONTAL, good.sum())]]
    raise ValueError("no face to gather")
