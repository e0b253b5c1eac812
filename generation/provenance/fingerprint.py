"""A perceptual fingerprint of each second of a clip (PDQ, 256 bits), and the index that is asked for it.

Two frames are of one picture when their hashes differ in at most `NEAR` bits (unrelated pictures lie round
128, two clips of one place with one camera at 66 and more). A file is of a clip when at least `SHARE` of its
pictures that are rich enough match some second of the clip: two pictures of each second are asked, since at
another speed not each falls near one that is kept. Flat pictures (quality under 50) are kept and never asked
about.

PDQ bears only a few per cent of cropping, so each second is kept five times: whole, and cut evenly at the
sides in the ways of `CUTS`. What is asked is asked upright and mirrored, and without even borders (a recorded
screen, black bars). Where that finds nothing, the outlines of the seconds are asked (`outline.py`): a part
that was cut out anywhere, down to about two thirds of a side.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from django.db.models import Count, Max, QuerySet
from numpy.typing import NDArray

from generation.models import Clip, Fingerprint
from generation.provenance import borders, outline
from generation.provenance.outline import Outlines
from model import pdq

NEAR = 48
SHARE = 0.25
LEAST_QUALITY = 50
CUTS = ((1.0, 1.0), (0.8, 0.8), (0.894, 0.894), (0.8, 1.0), (1.0, 0.8))  # height and width that are left
MOST_ASKED, MOST_OUTLINED = 40, 8
OUTLINE_CONFIDENCE = 0.8  # at most: a part is a weaker hint than a whole picture

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
    distance: float  # median bits that differ; 0 where parts were matched
    is_part: bool = False  # found by its outline

    @property
    def confidence(self) -> float:
        """0 to 1. Two pictures of each second are asked and one is kept, so half of them is all there can be
        where much moves."""
        if self.is_part:
            return round(min(1.0, 2 * self.share) * OUTLINE_CONFIDENCE, 2)
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


@dataclass(frozen=True)
class Second:
    """What is kept of a second of a clip: its prints, the whole first, and its outline."""

    prints: list[Print]
    outline: bytes


def second_of(frame: Frame) -> Second:
    return Second(of_second(frame), outline.of_frame(frame))


def keep(clip: Clip, seconds: Sequence[Second]) -> None:
    Fingerprint.objects.bulk_create(
        Fingerprint(
            clip=clip,
            second=second,
            cut=cut,
            pdq=p.bits.hex(),
            quality=p.quality,
            outline=b"" if cut else kept.outline,
        )
        for second, kept in enumerate(seconds)
        for cut, p in enumerate(kept.prints)
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
    if not best:
        return _parts(bare, _index.fresh() if known is None else known)
    return sorted(best.values(), key=lambda m: (-m.share, m.distance))


def _parts(frames: Sequence[Frame], known: Prints) -> list[Match]:
    """Clips of which these pictures show a part, best first."""
    at = np.linspace(0, len(frames) - 1, min(MOST_OUTLINED, len(frames))).astype(int)
    asked = [frame for frame in (frames[i] for i in at) if of_frame(frame).quality >= LEAST_QUALITY]
    found: dict[int, list[float]] = defaultdict(list)
    for frame in asked:
        for clip_id, agreement in known.outlines.near(frame).items():
            found[clip_id].append(agreement)
    ordered = sorted(found.items(), key=lambda item: (-len(item[1]), -max(item[1])))
    matches = [Match(clip_id, len(said) / len(asked), 0.0, is_part=True) for clip_id, said in ordered]
    return [match for match in matches if match.share >= SHARE]


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
    outlines: Outlines = field(default_factory=Outlines)

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
        return replace(
            self,
            clips=np.concatenate([self.clips, clips]),
            bits=np.concatenate([self.bits, bits]),
        )

    def and_outlines(self, rows: Iterable[tuple[int, outline.Canvas, bytes]]) -> Prints:
        """With further (clip, canvas, bits of an outline)."""
        return replace(self, outlines=self.outlines.and_those(rows))


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
        newer = _with(self.prints, rows, last) if is_there else Prints()
        self.prints = newer if len(newer.clips) == count else _with(Prints(), rows, 0)


def _with(prints: Prints, rows: QuerySet[Fingerprint], after: int) -> Prints:
    return prints.and_those(_columns(rows, after)).and_outlines(_outlines(rows, after))


def _columns(rows: QuerySet[Fingerprint], after: int) -> Iterator[tuple[int, bytes]]:
    found = rows.filter(pk__gt=after).order_by("pk").values_list("clip_id", "pdq")
    return ((clip_id, bytes.fromhex(text)) for clip_id, text in found.iterator(chunk_size=20_000))


def _outlines(rows: QuerySet[Fingerprint], after: int) -> Iterator[tuple[int, outline.Canvas, bytes]]:
    columns = ("clip_id", "clip__width", "clip__height", "outline")
    found = rows.filter(pk__gt=after, cut=0).exclude(outline=b"").order_by("pk").values_list(*columns)
    for clip_id, width, height, bits in found.iterator(chunk_size=20_000):
        canvas, kept = outline.canvas_of(width, height), bytes(bits)
        if len(kept) == outline.bytes_of(canvas):
            yield clip_id, canvas, kept


_index = _Index()
