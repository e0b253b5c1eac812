"""Faces in footage of people who did not allow it here are made unrecognisable, in every picture.

Everybody is hidden unless a face is found to be somebody who was cast, and is found so again each second. A
face that is lost for a moment stays hidden where it was; one that turns up is hidden a little before, too.
What no finder takes for a face (a back, a face of a few pixels) is not hidden: the page says so.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cameos import faces, references
from cameos.consent import Permit
from cameos.faces import SAME_PERSON, Found

Frame = NDArray[np.uint8]
Box = tuple[float, float, float, float]  # x, y, width, height in pixels

SIDE = 480  # of the pictures in which faces are looked for: 30 pixels of a 1280 are found
SCORE = 0.5  # lower than elsewhere: a face too many costs a spot, one too few somebody's peace
BEFORE_S, AFTER_S = 0.4, 0.6  # hidden before a face is first found, and after it was last found
AGAIN_S = 1.0  # how long a face counts as recognised
MOVED = 1.3  # of its size, how far a face may have moved between two looks
GROWN = 1.8  # ... and how much it may have grown or shrunk
ROOM = 0.35  # around a box, of its size
BLOCKS = 5  # what is left of a face across


@dataclass
class _Track:
    """One face through the pictures."""

    box: Box
    seen_at: int  # number of the picture in which it was last found
    invited: bool = False
    asked_at: int = -(10**9)


@dataclass
class _Waiting:
    """A picture that is not handed on yet, and what is to be hidden in it."""

    frame: Frame
    boxes: list[Box] = field(default_factory=list)


def hide_others(
    frames: Iterator[Frame], fps: float, permitted: Sequence[Permit], *, every: int = 2
) -> Iterator[Frame]:
    """The same frames H W 3 RGB, as many, with the faces of everybody hidden who was not cast. Faces are
    looked for in each `every`-th. `len(permitted)` 0: everybody is hidden."""
    index = references.load_index(permitted) if permitted else None
    watcher = _Watcher(fps, index, {permit.cameo.pk for permit in permitted})
    waiting: deque[_Waiting] = deque()
    ahead = max(every, round(BEFORE_S * fps)) + 1
    for number, frame in enumerate(frames):
        waiting.append(_Waiting(frame))
        if number % every == 0:
            watcher.look(frame, number, waiting)
        else:
            watcher.linger(number, waiting[-1])
        if len(waiting) > ahead:
            yield _hidden(waiting.popleft())
    while waiting:
        yield _hidden(waiting.popleft())


class _Watcher:
    def __init__(self, fps: float, index: references.FaceIndex | None, cast: set[int]) -> None:
        self.fps, self.index, self.cast = fps, index, cast
        self.tracks: list[_Track] = []

    def look(self, frame: Frame, number: int, waiting: deque[_Waiting]) -> None:
        """Find the faces of this picture, and hide them here and in those that wait."""
        first = number - len(waiting) + 1
        left = [t for t in self.tracks if number - t.seen_at <= AFTER_S * self.fps]
        self.tracks = list(left)
        for found in faces.find(frame, min_score=SCORE, side=SIDE):
            track = min(left, key=lambda t: _apart(t.box, found.box), default=None)
            if track is None or _apart(track.box, found.box) > MOVED:
                track = _Track(found.box, number)
                self.tracks.append(track)
                since = max(first, number - round(BEFORE_S * self.fps))
                gap = [(k, found.box) for k in range(since, number)]
            else:
                left.remove(track)
                gap = [
                    (k, _way(track.box, found.box, (k - track.seen_at) / (number - track.seen_at)))
                    for k in range(max(first, track.seen_at + 1), number)
                ]
            was_invited = track.invited
            self._ask(track, frame, found, number)
            track.box, track.seen_at = found.box, number
            if not track.invited:
                for k, box in gap:
                    waiting[k - first].boxes.append(box)
                waiting[-1].boxes.append(found.box)
                if was_invited:  # somebody else since the last look: those between are not theirs either
                    for k in range(first, number):
                        waiting[k - first].boxes.append(found.box)
        self._keep_hidden(number, waiting[-1])

    def linger(self, number: int, last: _Waiting) -> None:
        """A picture without a look of its own: what was hidden stays so."""
        self._keep_hidden(number, last)

    def _keep_hidden(self, number: int, last: _Waiting) -> None:
        for track in self.tracks:
            if not track.invited and track.seen_at < number <= track.seen_at + AFTER_S * self.fps:
                last.boxes.append(track.box)

    def _ask(self, track: _Track, frame: Frame, found: Found, number: int) -> None:
        """Whether this face is somebody who was cast; asked anew each second (0.1 s of one core)."""
        if self.index is None or not len(self.index.cameo_ids):
            track.invited = False
            return
        if number - track.asked_at < AGAIN_S * self.fps:
            return
        track.asked_at = number
        vector = faces.embed(frame, found).astype(np.float32)
        near = self.index.near(vector[None], SAME_PERSON)[0]
        best = min(near, key=lambda pair: pair[1], default=None)
        track.invited = best is not None and best[0] in self.cast


def _apart(a: Box, b: Box) -> float:
    """How far two boxes are from each other, in their size; infinite where one is much larger."""
    size_a, size_b = max(a[2], a[3]), max(b[2], b[3])
    if not 1 / GROWN <= size_a / max(size_b, 1e-6) <= GROWN:
        return float("inf")
    x = a[0] + a[2] / 2 - b[0] - b[2] / 2
    y = a[1] + a[3] / 2 - b[1] - b[3] / 2
    return float(np.hypot(x, y) / max(size_a, size_b))


def _way(a: Box, b: Box, share: float) -> Box:
    x, y, width, height = (p + share * (q - p) for p, q in zip(a, b, strict=True))
    return x, y, width, height


def _hidden(waiting: _Waiting) -> Frame:
    if not waiting.boxes:
        return waiting.frame
    frame = waiting.frame.copy()
    for box in waiting.boxes:
        _cover(frame, box)
    return frame


def _cover(frame: Frame, box: Box) -> None:
    """A few blocks in the place of a face, in an oval: nothing of it can be brought back."""
    import cv2

    height, width = frame.shape[:2]
    x, y, w, h = box
    left, top = max(0, round(x - ROOM * w)), max(0, round(y - ROOM * h))
    right, bottom = min(width, round(x + (1 + ROOM) * w)), min(height, round(y + (1 + ROOM) * h))
    if right - left < 2 or bottom - top < 2:
        return
    part = frame[top:bottom, left:right]
    few = cv2.resize(part, (BLOCKS, BLOCKS + 1), interpolation=cv2.INTER_AREA)
    blocks = cv2.resize(few, (part.shape[1], part.shape[0]), interpolation=cv2.INTER_LINEAR)
    oval = np.zeros(part.shape[:2], np.uint8)
    middle = (part.shape[1] // 2, part.shape[0] // 2)
    cv2.ellipse(oval, middle, (part.shape[1] // 2, part.shape[0] // 2), 0, 0, 360, 255, -1)
    part[oval > 0] = blocks[oval > 0]
