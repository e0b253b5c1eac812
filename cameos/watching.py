"""Watches a decoded recording: what the face in it does, frame by frame.

`watch` only measures; what the measurements mean is decided in `capture.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from cameos import faces, speech
from cameos.intake.sandbox import Decoded

Floats = NDArray[np.floating[Any]]
Pixels = NDArray[np.uint8]

_MOUTH_SIDE = 40
_THUMB = (64, 48)
_OUTER_EYES, _NOSE_BASE = (33, 263), 2
_LIPS_AND_HEIGHT = (13, 14, 10, 152)


@dataclass(frozen=True)
class Seen:
    """One face in one frame."""

    found: faces.Found
    mesh: faces.Mesh
    pose: faces.Pose
    eyes: float
    mouth: Floats
    opening: float
    luma: float
    sharpness: float


@dataclass(frozen=True)
class Track:
    """The recording between its ignored ends. Series have one value per kept frame, NaN where no face is.

    times: seconds · counts: faces in the frame · yaw, pitch: degrees from the person's own resting
    pose · eyes: how open · mouth: change of the mouth's picture since the frame before (0-1) ·
    jump: change of the whole picture (0-255) · spoken: share of the time around it with speech.
    """

    frames: Pixels
    times: Floats
    counts: NDArray[np.int64]
    seen: list[Seen | None]
    yaw: Floats
    pitch: Floats
    eyes: Floats
    mouth: Floats
    jump: Floats
    spoken: Floats
    sound: NDArray[np.int16]

    @property
    def at_rest(self) -> NDArray[np.bool_]:
        """Frames in which the head is near its resting pose."""
        return (np.abs(self.yaw) < 8) & (np.abs(self.pitch) < 8)

    def series(self, name: str) -> Floats:
        """One attribute of each seen face, NaN where there is none."""
        return np.array([getattr(s, name) if s else np.nan for s in self.seen], np.float64)


def watch(decoded: Decoded, *, ignored_s: float) -> Track:
    """Measure the frames of a recording, leaving out `ignored_s` at both ends."""
    times = decoded.times
    inside = np.flatnonzero((times >= ignored_s) & (times <= times[-1] - ignored_s))
    frames, times = decoded.frames[inside], times[inside]
    counts, seen = [], []
    for frame in frames:
        found = faces.find(frame)
        counts.append(len(found))
        seen.append(_look(frame, found[0]) if found else None)
    rate = decoded.sound_rate
    sound = decoded.sound[int(ignored_s * rate) : int((decoded.times[-1] - ignored_s) * rate)]
    pitch, yaw = _pose(seen, "pitch"), _pose(seen, "yaw")
    return Track(
        frames=frames,
        times=times,
        counts=np.array(counts, np.int64),
        seen=seen,
        yaw=yaw,
        pitch=pitch,
        eyes=np.array([s.eyes if s else np.nan for s in seen]),
        mouth=_changes([s.mouth if s else None for s in seen]),
        jump=_jumps(frames),
        spoken=spoken_near(sound, times - ignored_s),
        sound=sound,
    )


def _look(frame: Pixels, found: faces.Found) -> Seen | None:
    mesh = faces.mesh(frame, found)
    if mesh.score < 0.5:
        return None
    crop = _crop(frame, found)
    return Seen(
        found=found,
        mesh=mesh,
        pose=mesh.pose,
        eyes=faces.eyes_open(frame, mesh),
        mouth=_mouth(frame, mesh),
        opening=_opening(mesh),
        luma=float(crop.mean()),
        sharpness=float(cv2.Laplacian(cv2.resize(crop, (128, 128)), cv2.CV_64F).var()),
    )


def _crop(frame: Pixels, found: faces.Found) -> Pixels:
    x, y, width, height = (int(v) for v in found.box)
    part = frame[max(0, y) : max(0, y + height), max(0, x) : max(0, x + width)]
    if not part.size:  # The finder put it outside the picture.
        return np.zeros((1, 1), np.uint8)
    return np.asarray(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY), np.uint8)


def _mouth(frame: Pixels, mesh: faces.Mesh) -> Floats:
    """The mouth's picture, held still by eyes and nose, brightness and contrast evened."""
    right, left, nose = (mesh.points[i, :2] for i in (*_OUTER_EYES, _NOSE_BASE))
    across = left - right
    down = nose - (right + left) / 2
    centre = nose + 0.55 * down
    source = np.array([centre, centre + across * 0.4, centre + down * 0.55], np.float32)
    half = _MOUTH_SIDE / 2
    target = np.array([[half, half], [_MOUTH_SIDE, half], [half, _MOUTH_SIDE]], np.float32)
    patch = cv2.warpAffine(frame, cv2.getAffineTransform(source, target), (_MOUTH_SIDE, _MOUTH_SIDE))
    grey = cv2.GaussianBlur(cv2.cvtColor(patch, cv2.COLOR_RGB2GRAY), (0, 0), 1.5).astype(np.float64)
    return (grey - grey.mean()) / (grey.std() + 4)


def _opening(mesh: faces.Mesh) -> float:
    """From lip to lip, inside, as a share of the face's height."""
    upper, lower, brow, chin = (mesh.points[i, :2] for i in _LIPS_AND_HEIGHT)
    return float(np.linalg.norm(lower - upper) / max(float(np.linalg.norm(chin - brow)), 1.0))


def _changes(patches: list[Floats | None]) -> Floats:
    changes = [np.nan]
    for before, after in zip(patches, patches[1:], strict=False):
        known = before is not None and after is not None
        changes.append(float(np.abs(after - before).mean()) if known else np.nan)  # type: ignore[operator]
    return np.array(changes)


def _pose(seen: list[Seen | None], name: str) -> Floats:
    """Angles from the person's own resting value, which is the median of the whole recording."""
    angles = np.array([getattr(s.pose, name) if s else np.nan for s in seen], np.float64)
    return angles - np.nanmedian(angles) if np.isfinite(angles).any() else angles


def _jumps(frames: Pixels) -> Floats:
    thumbs = [cv2.resize(f, _THUMB, interpolation=cv2.INTER_AREA).mean(axis=2) for f in frames]
    steps = [float(np.abs(b - a).mean()) for a, b in zip(thumbs, thumbs[1:], strict=False)]
    return np.array([0.0, *steps])


def spoken_near(sound: NDArray[np.int16], times: Floats) -> Floats:
    """Share of speech in the tenth of a second around each time."""
    active = speech.activity(sound) if len(sound) else np.zeros(0, bool)
    centres = (np.arange(len(active)) + 0.5) * 0.03
    near = [np.abs(centres - t) <= 0.06 for t in times]
    return np.array([float(active[n].mean()) if n.any() else 0.0 for n in near])
