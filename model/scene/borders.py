"""Where new key frames meet known ones: the jump at the border is spread over the new side.

Known key frames stay as they are. The accelerations across the border become what lies between their
neighbours, all others stay as sampled as nearly as can be: the correction that does so with the
least force fades out within REACH key frames (after Pérez et al. 2003, who blend pictures so)."""

from __future__ import annotations

from functools import cache

import numpy as np

REACH = 10  # key frames of the new side that give way
STIFF = 0.02  # how little a key frame likes to be moved, against acceleration


def between(track: np.ndarray, known: np.ndarray) -> np.ndarray:
    """A track [N, C] with the jumps at every border of its known key frames [N] spread over the others."""
    edges = np.flatnonzero(np.diff(known.astype(int)))
    for edge in edges + 1:
        ahead = known[edge - 1]  # then the new side lies after the border
        side = known[edge:] if ahead else known[:edge][::-1]
        fresh = int(side.argmax()) if side.any() else len(side)
        track = smoothed(track, int(edge), fresh if ahead else -fresh)
    return track


def smoothed(track: np.ndarray, border: int, fresh: int) -> np.ndarray:
    """A track [..., N, C] with the jump at `border` spread over the `fresh` key frames after it (before it,
    where negative). Without three key frames on either side it is returned as it was."""
    if fresh < 0:
        return smoothed(track[..., ::-1, :], track.shape[-2] - border, -fresh)[..., ::-1, :]
    n = track.shape[-2]
    reach = min(REACH, fresh, n - border - 2)
    if reach < 3 or border < 3:
        return track
    value = track[..., border - 3 : border + reach + 2, :]
    force = np.diff(value, 2, axis=-2)  # force[..., i, :] at key frame border - 2 + i
    before, after = force[..., 0, :], force[..., 3, :]
    jump = np.zeros_like(force[..., : reach + 2, :])  # from key frame border - 1 on
    jump[..., 0, :] = before + (after - before) / 3 - force[..., 1, :]
    jump[..., 1, :] = before + (after - before) * 2 / 3 - force[..., 2, :]
    out = track.copy()
    out[..., border : border + reach, :] += _spread(reach) @ jump
    return out


@cache
def _spread(reach: int) -> np.ndarray:
    """Corrections [reach] of the new key frames from wanted changes of acceleration [reach + 2]: least
    squares with both ends held."""
    forces = np.zeros((reach + 2, reach))
    for k in range(reach):
        forces[k : k + 3, k] = (1.0, -2.0, 1.0)
    return np.linalg.solve(forces.T @ forces + STIFF**2 * np.eye(reach), forces.T)
