"""Passive signs that a recording is not of a living person. Weak: each alone only asks for a human.

The exception is `overlap`: a recording that repeats an earlier one picture by picture is that one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from cameos.watching import Floats, Track
from model import pdq

# Two takes of one still sitter look alike, so pictures alone accuse nobody: a re-encode also repeats
# every small sway of the head, and a second take never does.
_SAME_PICTURE_BITS = 12
_SAME_SWAY = 0.004
_HASH_EVERY_S = 0.5
_SHIFT_S = 1.5
_PATCH = 96


@dataclass(frozen=True)
class Fingerprint:
    """PDQ hashes of two pictures a second, and the way of the face's middle, N 2, in face sizes."""

    hashes: tuple[str, ...]
    sway: tuple[tuple[float, float], ...]

    def as_json(self) -> dict[str, Any]:
        return {"hashes": list(self.hashes), "sway": [list(point) for point in self.sway]}

    @classmethod
    def from_json(cls, kept: Any) -> Fingerprint:
        """What `as_json` made; anything else is an empty fingerprint, which is like no other."""
        if not isinstance(kept, dict):
            return cls((), ())
        return cls(tuple(kept["hashes"]), tuple((float(x), float(y)) for x, y in kept["sway"]))


def fingerprint(track: Track) -> Fingerprint:
    """What recognises this recording when it comes again."""
    step = max(1, round(_HASH_EVERY_S / max(float(np.median(np.diff(track.times))), 1e-3)))
    hashes = tuple(pdq.to_hex(pdq.compute(frame)[0]) for frame in track.frames[::step])
    return Fingerprint(hashes, tuple((round(float(x), 5), round(float(y), 5)) for x, y in _sway(track)))


def overlap(new: Fingerprint, old: Fingerprint) -> float:
    """Share of the new recording's pictures that the old one has, if the head sways alike in both; else 0."""
    if len(new.hashes) < 4 or len(old.hashes) < 4 or _sway_apart(new, old) > _SAME_SWAY:
        return 0.0
    apart = (_bits(new.hashes)[:, None] != _bits(old.hashes)[None]).sum(axis=2)
    return float((apart.min(axis=1) <= _SAME_PICTURE_BITS).mean())


def _sway(track: Track) -> Floats:
    """The middle of the face over time, at even steps, from its own mean and in units of its size."""
    known = [(t, s) for t, s in zip(track.times, track.seen, strict=True) if s]
    size = float(np.median([s.found.side for _, s in known]))
    middles = np.array([s.mesh.points[:, :2].mean(axis=0) for _, s in known]) / size
    at = np.array([t for t, _ in known])
    even = np.arange(at[0], at[-1], 1 / 15)
    return np.column_stack([np.interp(even, at, (middles - middles.mean(axis=0))[:, i]) for i in (0, 1)])


def _sway_apart(new: Fingerprint, old: Fingerprint) -> float:
    """Typical distance of the two ways at the best delay, in face sizes."""
    a, b = np.array(new.sway), np.array(old.sway)
    reach = round(_SHIFT_S * 15)
    best = np.inf
    for delay in range(-reach, reach + 1):
        x, y = a[max(0, delay) :], b[max(0, -delay) :]
        both = min(len(x), len(y))
        if both >= 0.7 * len(a) and both >= 30:
            gap = x[:both] - y[:both]
            best = min(best, float(np.median(np.linalg.norm(gap - np.median(gap, axis=0), axis=1))))
    return best


def depth(track: Track) -> float:
    """How badly a flat sheet explains the turns of the head, as a share of the face's size.

    The points of a printed face move by a homography; a head has a nose that does not follow one.
    """
    rest = _nearest(track, np.hypot(track.yaw, track.pitch))
    turned = [i for i in (_nearest(track, -track.yaw), _nearest(track, track.yaw)) if i is not None]
    if rest is None or not turned:
        return 0.0
    return max(_sheet_error(track, rest, i) for i in turned)


def grid(track: Track) -> float:
    """The sharpest peak in the fine detail of the skin: screens and prints have a grid."""
    chosen = [s for s in track.seen[:: max(1, len(track.seen) // 8)] if s]
    frames = track.frames[:: max(1, len(track.seen) // 8)]
    spectra = []
    for frame, seen in zip(frames, chosen, strict=False):
        x, y, width, height = seen.found.box
        top, left = int(y + height * 0.45 - _PATCH / 2), int(x + width / 2 - _PATCH / 2)
        patch = frame[max(0, top) : top + _PATCH, max(0, left) : left + _PATCH].mean(axis=2)
        if patch.shape == (_PATCH, _PATCH):
            window = np.outer(np.hanning(_PATCH), np.hanning(_PATCH))
            spectra.append(np.abs(np.fft.fftshift(np.fft.fft2((patch - patch.mean()) * window))))
    return _peak(np.mean(spectra, axis=0)) if spectra else 0.0


def dark_edges(track: Track) -> int:
    """How many of the picture's four edges are dark and never change, as the border of a screen is."""
    grey = track.frames[:: max(1, len(track.frames) // 24)].mean(axis=3)
    down, across = max(2, grey.shape[1] // 50), max(2, grey.shape[2] // 50)
    edges = (grey[:, :down], grey[:, -down:], grey[:, :, :across], grey[:, :, -across:])
    return sum(bool(edge.mean() < 40 and edge.std() < 6) for edge in edges)


def _peak(spectrum: Floats) -> float:
    centre = _PATCH // 2
    ys, xs = np.mgrid[0:_PATCH, 0:_PATCH]
    radius = np.hypot(ys - centre, xs - centre)
    fine = (radius > _PATCH * 0.2) & (radius < _PATCH * 0.48)
    around = cv2.blur(spectrum.astype(np.float32), (9, 9))
    return float((spectrum[fine] / np.maximum(around[fine], 1e-6)).max())


def _sheet_error(track: Track, rest: int, turned: int) -> float:
    a, b = track.seen[rest], track.seen[turned]
    if a is None or b is None:
        return 0.0
    source, target = a.mesh.points[:, :2], b.mesh.points[:, :2]
    sheet, _ = cv2.findHomography(source, target)
    if sheet is None:
        return 0.0
    landed = cv2.perspectiveTransform(source[None], sheet)[0]
    return float(np.sqrt(np.mean(np.sum((landed - target) ** 2, axis=1))) / a.found.side)


def _nearest(track: Track, values: Floats) -> int | None:
    known = np.where(np.isfinite(values), values, np.inf)
    return int(np.argmin(known)) if np.isfinite(known).any() else None


def _bits(hashes: Sequence[str]) -> NDArray[np.bool_]:
    return np.array([pdq.from_hex(text) for text in hashes])
