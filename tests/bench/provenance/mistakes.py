"""How often a mark or a fingerprint is seen that is not there."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
from numpy.typing import NDArray

KEYS, AT_ONCE, SEARCH_KEYS = 10_000, 500, 3
OUTLINED = 4


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    subprocess.run([sys.executable, "-m", "tests.bench.provenance._clean"], check=True, stdout=sys.stderr)
    import django

    django.setup()
    from generation.provenance import watermark
    from tests.bench.provenance import _clean

    kept = np.load(_clean.place())
    best, hits = plain_hits(kept["grids"].astype(np.float32))
    tried, search_hits = searches(kept["whole"])
    print(
        json.dumps(
            {
                "mark_false_hits": hits,
                "mark_best_false_score": round(best, 2),
                "mark_searches": tried,
                "mark_search_hits": search_hits,
                "mark_fpr_bound": watermark.FALSE_POSITIVE_BOUND,
                **fingerprint_false(kept["prints"], kept["small"]),
                "clean_clips": len(kept["grids"]),
            }
        )
    )


def key(number: int) -> bytes:
    return b"wrong key %022d" % number


def plain_hits(grids: NDArray[np.float32]) -> tuple[float, int]:
    """The best score of all clips under all wrong keys, upright and mirrored, and how many reach the
    threshold."""
    from generation.provenance import watermark

    flipped = np.stack([watermark._flipped(grid) for grid in grids])
    best, hits = 0.0, 0
    there = np.abs(grids).sum(axis=0).ravel() + np.abs(flipped).sum(axis=0).ravel() > 0
    ways = [g.reshape(len(g), -1)[:, there] for g in (grids, flipped)]
    squares = [np.square(way) for way in ways]
    for start in range(0, KEYS, AT_ONCE):
        planes = [watermark.plane(key(n)).pilot.ravel()[there] for n in range(start, start + AT_ONCE)]
        pilots = np.array(planes, np.float32).T
        for way, square in zip(ways, squares, strict=True):
            scores = way @ pilots / np.sqrt(square @ np.abs(pilots) + 1e-9)
            best = max(best, float(scores.max()))
            hits += int((scores >= watermark.PLAIN_SCORE).sum())
    return best, hits


def searches(whole: NDArray[np.float32]) -> tuple[int, int]:
    """Whole searches through crops and scales under wrong keys, and how many found something."""
    from generation.provenance import watermark

    tried, hits = 0, 0
    for values in whole:
        cell = float(np.sqrt(values.size / watermark.CELLS))
        seen = watermark.Features(np.asarray(values), cell)
        for number in range(SEARCH_KEYS):
            tried += 1
            hits += watermark.find(seen, [key(number)]) is not None
    return tried, hits


def fingerprint_false(prints: NDArray[np.uint8], small: NDArray[np.uint8]) -> dict[str, float]:
    """Share of ordered pairs of different clips of which one is taken for the other: by prints all clips, by
    outlines every `OUTLINED`-th among all; the worse of both is the figure."""
    by_print, by_outline = false_prints(prints), false_outlines(small)
    return {
        "fingerprint_false": max(by_print, by_outline),
        "fingerprint_false_prints": by_print,
        "fingerprint_false_outlines": by_outline,
    }


def false_outlines(small: NDArray[np.uint8]) -> float:
    """One picture of a clip, whole, laid over one of each other clip at all scales and places."""
    from generation.provenance import outline

    rows = [(n, outline.canvas_of(f.shape[1], f.shape[0]), outline.of_frame(f)) for n, f in enumerate(small)]
    known, asked = outline.Outlines().and_those(rows), range(0, len(small), OUTLINED)
    wrong = sum(len(set(known.near(small[number])) - {number}) for number in asked)
    return wrong / (len(asked) * (len(small) - 1))


def false_prints(prints: NDArray[np.uint8]) -> float:
    from generation.provenance import fingerprint

    rows = [
        (clip, bytes(cut[:32]))
        for clip, seconds in enumerate(prints)
        for second in seconds
        for cut in second
        if cut[32] >= fingerprint.LEAST_QUALITY
    ]
    known = fingerprint.Prints().and_those(rows)
    wrong = 0
    for clip, seconds in enumerate(prints):
        asked = [fingerprint.Print(bytes(cuts[0][:32]), int(cuts[0][32])) for cuts in seconds]
        wrong += sum(match.clip_id != clip for match in fingerprint.search(asked, known))
    return wrong / (len(prints) * (len(prints) - 1))


if __name__ == "__main__":
    main()
