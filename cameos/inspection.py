"""Who is in a finished clip: every face in it, compared with those who were cast and with everybody enrolled.

    strong match, cast        fine (its distance is kept as the identity score)
    strong match, not cast    REFUSED: an enrolled person is in the clip who did not allow it
    between the thresholds    noted, and passes; nobody is stopped by a likeness that machines are unsure of

Distances are those of `faces.distance`. The threshold for *search* is stricter than the one for "are these
two one person" (0.6), since every face is compared with all N enrolled people: about one false stop in a
hundred clean clips is accepted. Drawn faces are seldom found at all, and are nobody's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cameos import faces, references
from cameos.consent import Permit

STRONG, UNSURE = 0.45, 0.6
MOST_FRAMES = 12  # of those given, spread evenly: a face costs about 0.1 s
MIN_SIDE = 28  # pixels; smaller faces have no identity
IN_FRAMES = 2  # a stranger in one frame only is a trick of the light

Frame = NDArray[np.uint8]


@dataclass(frozen=True)
class Match:
    """Somebody enrolled whom a face in the clip looks like."""

    cameo_id: int
    distance: float  # the nearest
    frame_count: int
    is_cast: bool


@dataclass(frozen=True)
class Inspection:
    """What was seen. `identity`: by cameo id of those cast, 1 = the same picture, 0 = somebody else."""

    matches: tuple[Match, ...]
    face_count: int
    frame_count: int
    identity: dict[int, float]

    @property
    def strangers(self) -> tuple[Match, ...]:
        """Enrolled people who are plainly there and were not cast."""
        return tuple(
            m for m in self.matches if not m.is_cast and m.distance <= STRONG and m.frame_count >= IN_FRAMES
        )

    @property
    def is_refused(self) -> bool:
        return bool(self.strangers)

    @property
    def evidence(self) -> str:
        """What the maker is told: how many frames, and nobody's name (they may not want to be found)."""
        return (
            "" if not self.strangers else f"{max(m.frame_count for m in self.strangers)} / {self.frame_count}"
        )


def inspect(
    *, frames: Sequence[Frame], permitted: Sequence[Permit], index: references.FaceIndex | None = None
) -> Inspection:
    """Look for faces in frames H W 3 RGB. `index`: everybody enrolled; opened here where it is not given."""
    looked_at = _spread(frames)
    known = references.load_index(permitted) if index is None else index
    cast = {permit.cameo.pk for permit in permitted}
    if not len(known.cameo_ids):
        return Inspection((), 0, len(looked_at), {})
    nearest: dict[int, list[float]] = {}
    face_count = 0
    for frame in looked_at:
        for vector in _vectors(frame):
            face_count += 1
            distances = np.linalg.norm(known.vectors - vector[None], axis=1)
            for at in np.flatnonzero(distances <= UNSURE):
                nearest.setdefault(known.cameo_ids[at], []).append(float(distances[at]))
    return Inspection(
        tuple(_match(cameo_id, found, cast) for cameo_id, found in sorted(nearest.items())),
        face_count,
        len(looked_at),
        {cameo_id: round(max(0.0, 1 - min(nearest.get(cameo_id, [1.0]))), 3) for cameo_id in cast},
    )


def _match(cameo_id: int, found: list[float], cast: set[int]) -> Match:
    return Match(cameo_id, min(found), sum(d <= STRONG for d in found), cameo_id in cast)


def _spread(frames: Sequence[Frame]) -> list[Frame]:
    if len(frames) <= MOST_FRAMES:
        return list(frames)
    return [frames[i] for i in np.linspace(0, len(frames) - 1, MOST_FRAMES).astype(int)]


def _vectors(frame: Frame) -> list[NDArray[np.float32]]:
    found = [face for face in faces.find(frame) if face.side >= MIN_SIDE]
    return [faces.embed(frame, face).astype(np.float32) for face in found]
