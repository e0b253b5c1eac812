"""Where new key frames meet known ones: the jump at the border is spread over the new side.

Known key frames stay as they are. The accelerations across the border become what lies between their
neighbours, all others stay as sampled as nearly as can be: the correction that does so with the
least force fades out within REACH key frames (after Pérez et al. 2003, who blend pictures so)."""

from __future__ import annotations

from functools import cache

import numpy as np

from model.scene import tracks as T

REACH = 10  # key frames of the new side that give way
STIFF = 0.02  # how little a key frame likes to be moved, against acceleration


def blend(scene: T.Scene, border: int, fresh: int, wraps: bool = False) -> T.Scene:
    """The scene with the jump at `border` spread over the `fresh` key frames after it (before it, where
    negative). `wraps`: the key frame after the last is the first (a loop)."""
    world, people, props = (
        smoothed(track, border, fresh, wraps) for track in (scene.world, scene.people, scene.props)
    )
    return T.Scene(scene.plan, world, people, props, scene.seed, scene.blink)


def smoothed(track: np.ndarray, border: int, fresh: int, wraps: bool) -> np.ndarray:
    """Of one track [..., N, C]."""
    if fresh < 0:
        return smoothed(track[..., ::-1, :], track.shape[-2] - border, -fresh, wraps)[..., ::-1, :]
    n, reach = track.shape[-2], min(REACH, fresh)
    at = np.arange(border - 3, border + reach + 2)  # two accelerations before the border, one after the end
    if wraps:
        at %= n
    elif at[0] < 0 or at[-1] >= n:
        reach = min(reach, n - border - 2)
        if reach < 3 or border < 3:
            return track
        at = np.arange(border - 3, border + reach + 2)
    value = track[..., at, :]
    force = np.diff(value, 2, axis=-2)  # force[..., i, :] at key frame border - 2 + i
    before, after = force[..., 0, :], force[..., 3, :]
    jump = np.zeros_like(force[..., : reach + 2, :])  # from key frame border - 1 on
    jump[..., 0, :] = before + (after - before) / 3 - force[..., 1, :]
    jump[..., 1, :] = before + (after - before) * 2 / 3 - force[..., 2, :]
    out = track.copy()
    out[..., at[3 : 3 + reach], :] += _spread(reach) @ jump
    return out


@cache
def _spread(reach: int) -> np.ndarray:
    """Corrections [reach] of the new key frames from wanted changes of acceleration [reach + 2]: least
    squares with both ends held."""
    forces = np.zeros((reach + 2, reach))
    for k in range(reach):
        forces[k : k + 3, k] = (1.0, -2.0, 1.0)
    return np.linalg.solve(forces.T @ forces + STIFF**2 * np.eye(reach), forces.T)
