"""What brings the shots of several cameras together: each is moved part of the way to what they have in
common.

Means and spreads in Lab (Reinhard and others, 2001), held back so that night stays night: at most `PART` of
the way, and no spread by more than `MOST`.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from generation.cutting.looking import Floats

PART, MOST = 0.55, 1.25


def goal(means: Sequence[Floats]) -> Floats:
    """What several shots have in common: the median of their six numbers."""
    return np.median(np.stack(means), axis=0)


def curves(own: Floats, wanted: Floats) -> Floats:
    """2x3: factor and shift of each Lab channel that moves a shot's look towards the wanted one."""
    spread = np.clip(wanted[3:] / np.maximum(own[3:], 1.0), 1 / MOST, MOST)
    factor = 1 + PART * (spread - 1)
    return np.stack([factor, own[:3] + PART * (wanted[:3] - own[:3]) - factor * own[:3]])


def apply(picture: np.ndarray, curve: Floats) -> np.ndarray:
    """A copy H W 3 RGB with these curves."""
    if np.allclose(curve, [[1, 1, 1], [0, 0, 0]], atol=1e-3):
        return picture
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB)
    table = np.clip(np.arange(256)[:, None] * curve[0] + curve[1] + 0.5, 0, 255).astype(np.uint8)
    return cv2.cvtColor(cv2.LUT(lab, table.reshape(256, 1, 3)), cv2.COLOR_LAB2RGB)
