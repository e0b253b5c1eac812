"""Looking for a face among everybody enrolled: how near, and how near is near enough at this host's size.

Every face of a clip is compared with all N enrolled people, so a distance that is safe between two people is
not safe here. Distances between different people are taken to be normally spread (`APART`, `SPREAD`: what the
packaged photographs show, see `manage.py face_curve`); the tail below is an assumption, stated as one.

    stop at   the distance at which one clean clip in a hundred would meet a stranger of N by chance
    hold at   the same for one in twenty: between the two a person looks
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

APART, SPREAD = 0.83, 0.09
FALSE_STOPS, FALSE_HOLDS = 0.01, 0.05
FACES_IN_A_CLIP = 2
# However few are enrolled: beyond these, two pictures of one person are as near as two people.
NEVER_STOP_BEYOND, NEVER_HOLD_BEYOND = 0.47, 0.55

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class FaceIndex:
    """Vectors of everybody enrolled (N x D, float32), and whose they are, in order.

    A negative id is an entry of the never-me registry: its key, negated. Such a person is never cast.
    """

    vectors: Vectors
    cameo_ids: tuple[int, ...]

    @cached_property
    def _half_squares(self) -> Vectors:
        return np.asarray(np.einsum("nd,nd->n", self.vectors, self.vectors) / 2, np.float32)

    def near(self, faces: Vectors, within: float) -> list[list[tuple[int, float]]]:
        """For each face (F x D), everybody enrolled within this Euclidean distance: (cameo id, distance).

        |x - f| <= w where x.f >= (x.x + f.f - w.w) / 2: the gallery is read once, and distances are worked
        out for the few who are near.
        """
        return [self._near(np.ascontiguousarray(face, np.float32), within) for face in faces]

    def _near(self, face: Vectors, within: float) -> list[tuple[int, float]]:
        least = self._half_squares + np.float32((face @ face - within * within) / 2 - 1e-3)
        candidates = np.flatnonzero(self.vectors @ face >= least)
        found = [(at, float(np.linalg.norm(self.vectors[at] - face))) for at in candidates]
        return [(self.cameo_ids[at], distance) for at, distance in found if distance <= within]


@dataclass(frozen=True)
class Thresholds:
    """At most `stop`: it is them. At most `hold`: a person looks. Beyond: somebody else."""

    stop: float
    hold: float


def thresholds(enrolled: int) -> Thresholds:
    """Set for search among this many."""
    compared = max(1, enrolled) * FACES_IN_A_CLIP
    spread = NormalDist(APART, SPREAD)
    stop = min(NEVER_STOP_BEYOND, spread.inv_cdf(min(0.5, FALSE_STOPS / compared)))
    hold = min(NEVER_HOLD_BEYOND, spread.inv_cdf(min(0.5, FALSE_HOLDS / compared)))
    return Thresholds(round(stop, 4), round(max(stop, hold), 4))
