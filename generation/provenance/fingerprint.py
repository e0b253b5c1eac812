"""A perceptual fingerprint of each second of a clip (PDQ, 256 bits), and the search for it.

Two frames are of one picture when their hashes differ in at most `NEAR` bits (PDQ's own threshold is 31;
unrelated pictures lie round 128). A file is of a clip when at least `SHARE` of its seconds that are rich
enough match some second of the clip. Flat pictures (quality under 50) are kept and never asked about.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.models import Clip, Fingerprint
from model import pdq

NEAR = 40
SHARE = 0.5
LEAST_QUALITY = 50


@dataclass(frozen=True)
class Print:
    """256 bits, packed in 32 bytes, and PDQ's quality 0-100."""

    bits: bytes
    quality: int


@dataclass(frozen=True)
class Match:
    clip_id: int
    share: float  # of the asked seconds that matched
    distance: float  # median bits that differ


def of_frame(frame: NDArray[np.uint8]) -> Print:
    """H W 3 RGB."""
    small = np.asarray(cv2.resize(frame, (256, 256), interpolation=cv2.INTER_AREA), np.uint8)
    bits, quality = pdq.compute(small)
    return Print(np.packbits(bits).tobytes(), quality)


def keep(clip: Clip, prints: Sequence[Print]) -> None:
    Fingerprint.objects.bulk_create(
        Fingerprint(clip=clip, second=second, pdq=p.bits.hex(), quality=p.quality)
        for second, p in enumerate(prints)
    )


def search(prints: Sequence[Print]) -> list[Match]:
    """Clips that hold these pictures, best first. Mirrored files are the caller's to mirror and ask again."""
    asked = [p for p in prints if p.quality >= LEAST_QUALITY]
    if not asked:
        return []
    rows = list(Fingerprint.objects.filter(quality__gte=LEAST_QUALITY).values_list("clip_id", "pdq"))
    if not rows:
        return []
    known = np.frombuffer(bytes.fromhex("".join(pdq for _, pdq in rows)), np.uint8).reshape(-1, 32)
    best: dict[int, list[int]] = defaultdict(list)
    for p in asked:
        distances = _BITS[known ^ np.frombuffer(p.bits, np.uint8)].sum(axis=1)
        nearest: dict[int, int] = {}
        for at in np.flatnonzero(distances <= NEAR):
            clip_id = rows[at][0]
            nearest[clip_id] = min(nearest.get(clip_id, 256), int(distances[at]))
        for clip_id, distance in nearest.items():
            best[clip_id].append(distance)
    matches = [Match(c, len(d) / len(asked), float(np.median(d))) for c, d in best.items()]
    return sorted((m for m in matches if m.share >= SHARE), key=lambda m: (-m.share, m.distance))


_BITS = np.array([bin(n).count("1") for n in range(256)], np.uint16)
