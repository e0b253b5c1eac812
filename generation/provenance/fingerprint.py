"""A perceptual fingerprint of each second of a clip (PDQ, 256 bits), and the index that is asked for it.

Two frames are of one picture when their hashes differ in at most `NEAR` bits (unrelated pictures lie round
128, two clips of one place with one camera at 66 and more). A file is of a clip when at least `SHARE` of its
pictures that are rich enough match some second of the clip: two pictures of each second are asked, since at
another speed not each falls near one that is kept. Flat pictures (quality under 50) are kept and never asked
about.

PDQ bears only a few per cent of cropping, so each second is kept five times: whole, and cut evenly at the
sides in the ways of `CUTS`. A crop to one side is for the hidden mark to find, not for this. What is asked
is asked upright and mirrored, and without even borders (a recorded screen, black bars).
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from django.db.models import Count, Max, QuerySet
from numpy.typing import NDArray

from generation.models import Clip, Fingerprint
from generation.provenance import borders
from model import pdq

NEAR = 48
SHARE = 0.25
LEAST_QUALITY = 50
CUTS = ((1.0, 1.0), (0.8, 0.8), (0.894, 0.894), (0.8, 1.0), (1.0, 0.8))  # height and width that are left
MOST_ASKED = 40

Frame = NDArray[np.uint8]


@dataclass(frozen=True)
class Print:
    """256 bits, packed in 32 bytes, and PDQ's quality 0-100."""

    bits: bytes
    quality: int


@dataclass(frozen=True)
class Match:
    clip_id: int
    share: float  # of the asked pictures that matched
    distance: float  # median bits that differ

    @property
    def confidence(self) -> float:
        """0 to 1. Two pictures of each second are asked and one is kept, so half of them is all there can be
        where much moves."""
        return round(min(1.0, 2 * self.share) * (1 - self.distance / 256), 2)


def of_frame(frame: Frame) -> Print:
    """H W 3 RGB."""
    small = np.asarray(cv2.resize(frame, (256, 256), interpolation=cv2.INTER_AREA), np.uint8)
    bits, quality = pdq.compute(small)
    return Print(np.packbits(bits).tobytes(), quality)


def of_second(frame: Frame) -> list[Print]:
    """What is kept of a second: one print for each of `CUTS`."""
    height, width = frame.shape[:2]
    prints = []
    for tall, wide in CUTS:
        top, left = round(height * (1 - tall) / 2), round(width * (1 - wide) / 2)
        prints.append(of_frame(frame[top : height - top, left : width - left]))
    return prints


def keep(clip: Clip, seconds: Sequence[Sequence[Print]]) -> None:
    Fingerprint.objects.bulk_create(
        Fingerprint(clip=clip, second=second, cut=cut, pdq=p.bits.hex(), quality=p.quality)
        for second, prints in enumerate(seconds)
        for cut, p in enumerate(prints)
    )


def recognise(frames: Sequence[Frame], known: Prints | None = None) -> list[Match]:
    """Clips that these pictures show, best first: upright or mirrored, framed or not. Asks this host's index,
    or `known`. Gone clips are among them; what to do about that is the caller's."""
    at = np.linspace(0, len(frames) - 1, min(MOST_ASKED, len(frames))).astype(int)
    asked = [frames[i] for i in at]
    bare = borders.without(asked)
    ways = [asked, [_mirrored(frame) for frame in asked]]
    if any(b.shape != a.shape for a, b in zip(asked, bare, strict=True)):
        ways += [bare, [_mirrored(frame) for frame in bare]]
    best: dict[int, Match] = {}
    for way in ways:
        for match in search([of_frame(frame) for frame in way], known):
            before = best.get(match.clip_id)
            if before is None or (match.share, -match.distance) > (before.share, -before.distance):
                best[match.clip_id] = match
    return sorted(best.values(), key=lambda m: (-m.share, m.distance))


def search(prints: Sequence[Print], known: Prints | None = None) -> list[Match]:
    """Clips that hold these pictures, best first; of this host's index, or of `known`."""
    asked = [p for p in prints if p.quality >= LEAST_QUALITY]
    if not asked:
        return []
    known = _index.fresh() if known is None else known
    best: dict[int, list[int]] = defaultdict(list)
    for p in asked:
        for clip_id, distance in known.near(p.bits).items():
            best[clip_id].append(distance)
    matches = [Match(c, len(d) / len(asked), float(np.median(d))) for c, d in best.items()]
    return sorted((m for m in matches if m.share >= SHARE), key=lambda m: (-m.share, m.distance))


def copies_of(clip: Clip) -> list[Match]:
    """Other clips that show the same pictures: what a takedown has to look at too."""
    rows = clip.fingerprints.filter(cut=0).order_by("second")
    prints = [Print(bytes.fromhex(row.pdq), row.quality) for row in rows]
    return [match for match in search(prints) if match.clip_id != clip.pk]


def removed_copy(frames: Sequence[Frame]) -> Clip | None:
    """The withdrawn or deleted clip that these pictures show, if any: what an upload is asked about."""
    ids = [match.clip_id for match in recognise(frames)]
    gone = {clip.pk: clip for clip in Clip.objects.filter(pk__in=ids) if clip.is_gone}
    return next((gone[pk] for pk in ids if pk in gone), None)


def _mirrored(frame: Frame) -> Frame:
    return np.ascontiguousarray(frame[:, ::-1])


@dataclass(frozen=True)
class Prints:
    """Prints in memory, 40 bytes each: whose they are, and their bits. A million: 19 ms."""

    clips: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    bits: NDArray[np.uint64] = field(default_factory=lambda: np.zeros((0, 4), np.uint64))

    def near(self, wanted: bytes) -> dict[int, int]:
        """The distance of the nearest print of each clip that has one within `NEAR` bits."""
        differing = np.bitwise_count(self.bits ^ np.frombuffer(wanted, np.uint64))
        distances = differing.sum(axis=1, dtype=np.uint16)
        nearest: dict[int, int] = {}
        for at in np.flatnonzero(distances <= NEAR):
            clip_id, distance = int(self.clips[at]), int(distances[at])
            nearest[clip_id] = min(nearest.get(clip_id, 256), distance)
        return nearest

    def and_those(self, rows: Iterable[tuple[int, bytes]]) -> Prints:
        """With further (clip, 32 bytes)."""
        more = list(rows)
        if not more:
            return self
        bits = np.frombuffer(b"".join(bits for _, bits in more), np.uint64).reshape(-1, 4)
        clips = np.array([clip for clip, _ in more], np.int64)
        return Prints(np.concatenate([self.clips, clips]), np.concatenate([self.bits, bits]))


class _Index:
    """Every rich print of this host, brought up to date before it is asked: new rows are added, and if what
    was there changed it is read anew."""

    def __init__(self) -> None:
        self.prints = Prints()
        self.stamp: tuple[int, int, str] = (0, 0, "")
        self.lock = threading.Lock()

    def fresh(self) -> Prints:
        rows = Fingerprint.objects.filter(quality__gte=LEAST_QUALITY)
        with self.lock:
            counted = rows.aggregate(count=Count("pk"), last=Max("pk"))
            count, last = counted["count"], counted["last"] or 0
            pdq_of_last = rows.filter(pk=last).values_list("pdq", flat=True).first() or ""
            if (count, last, pdq_of_last) != self.stamp:
                self._read_more(rows, count)
                self.stamp = (count, last, pdq_of_last)
            return self.prints

    def _read_more(self, rows: QuerySet[Fingerprint], count: int) -> None:
        _, last, pdq_of_last = self.stamp
        is_there = last == 0 or rows.filter(pk=last, pdq=pdq_of_last).exists()
        newer = self.prints.and_those(_columns(rows, last)) if is_there else Prints()
        self.prints = newer if len(newer.clips) == count else Prints().and_those(_columns(rows, 0))


def _columns(rows: QuerySet[Fingerprint], after: int) -> Iterator[tuple[int, bytes]]:
    found = rows.filter(pk__gt=after).order_by("pk").values_list("clip_id", "pdq")
    return ((clip_id, bytes.fromhex(text)) for clip_id, text in found.iterator(chunk_size=20_000))


_index = _Index()
