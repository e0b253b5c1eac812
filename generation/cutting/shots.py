"""Where one shot ends and the next begins.

A cut is a jump of the blurred brightness *and* of the colours, far beyond what the same film does around it,
that stays: two pictures later it still looks different from two pictures before (a flash comes back).
"""

from __future__ import annotations

import numpy as np

from generation.cutting.looking import Floats, Seen

AROUND_S = 0.5  # neighbours whose jumps are the usual ones
OUTLIERS = 3  # of the neighbours: another cut, and a flash going on and off
BEYOND = 2.2  # times the largest of the other neighbours
LEAST = 0.055  # of the jump (mean of both measures), below which nothing is a cut
APART_S = 0.2  # two cuts are not nearer than this
STAYS = 0.6  # of the jump that is left two pictures later


def jumps(seen: Seen) -> Floats:
    """How far each picture is from the one before (the first: 0): mean of the mean difference of brightness
    after its overall level is taken out, and half the L1 distance of the colour counts."""
    return np.concatenate([[0.0], _between(seen, slice(None, -1), slice(1, None))])


def cuts(seen: Seen) -> list[int]:
    """Numbers of the pictures with which a new shot begins (never 0)."""
    jump, n = jumps(seen), len(seen.times)
    if n < 4:
        return []
    around = max(2, round(AROUND_S / seen.pace))
    found: list[int] = []
    for k in range(1, n):
        low, high = max(1, k - around), min(n, k + around + 1)
        others = np.concatenate([jump[low : max(low, k - 1)], jump[k + 2 : high]])
        usual = float(np.sort(others)[: -OUTLIERS or None].max()) if len(others) > OUTLIERS else 0.0
        is_peak = jump[k] >= jump[max(1, k - 1) : min(n, k + 2)].max()
        if is_peak and jump[k] > LEAST and jump[k] > BEYOND * usual and _stays(seen, k, jump[k]):
            if found and (k - found[-1]) * seen.pace < APART_S:
                if jump[k] > jump[found[-1]]:
                    found[-1] = k
                continue
            found.append(k)
    return found


def spans(seen: Seen) -> list[tuple[int, int]]:
    """(first, behind the last) picture of each shot."""
    borders = [0, *cuts(seen), len(seen.times)]
    return list(zip(borders, borders[1:], strict=False))


def _stays(seen: Seen, k: int, jump: float) -> bool:
    before, after = max(0, k - 2), min(len(seen.times) - 1, k + 2)
    return float(_between(seen, [before], [after])[0]) >= STAYS * jump


def _between(seen: Seen, a: slice | list[int], b: slice | list[int]) -> Floats:
    grid_a, grid_b = seen.grid[a], seen.grid[b]
    level = np.abs(
        (grid_a - grid_a.mean(axis=1, keepdims=True)) - (grid_b - grid_b.mean(axis=1, keepdims=True))
    ).mean(axis=1)
    colour = np.abs(seen.colours[a] - seen.colours[b]).sum(axis=1) / 2
    return np.asarray((level + 0.35 * colour) / 1.35, np.float64)
