"""Who is in a finished clip or an offered picture: every face in it, compared with those who were cast and
with everybody enrolled and of the never-me registry.

    at most `stop`, cast        fine (its distance is kept as the identity score)
    at most `stop`, not cast    REFUSED: somebody is in the clip who did not allow it
    at most `hold`, not cast    HELD: a person looks
    beyond                      passes

Both distances are those of `search.thresholds` for as many as are enrolled here. Drawn faces are seldom found
at all, and are nobody's; in an offered photograph a face of nobody known is a real person's all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cameos import faces, references, search
from cameos.consent import Permit
from cameos.faces import SAME_PERSON

MOST_FRAMES = 12  # of those given, spread evenly: a face costs about 0.1 s
MIN_SIDE = 28  # pixels; smaller faces have no identity
# Finer than for a recording, whose face is near: somebody further off is found too, and has an identity.
FIND_SIDE = 960
IN_FRAMES = 2  # a stranger in one frame only is a trick of the light

Frame = NDArray[np.uint8]
Vectors = list[NDArray[np.float32]]


@dataclass(frozen=True)
class Match:
    """Somebody enrolled whom a face in the clip looks like. `frame_count`: in how many frames, this near."""

    cameo_id: int
    distance: float  # the nearest
    frame_count: int
    is_cast: bool
    is_strong: bool = True


@dataclass(frozen=True)
class Inspection:
    """What was seen. `identity`: by cameo id of those cast, 1 = the same picture, 0 = somebody else."""

    matches: tuple[Match, ...]
    face_count: int
    frame_count: int
    identity: dict[int, float]

    @property
    def strangers(self) -> tuple[Match, ...]:
        """Enrolled people who are plainly there and were not cast."""
        return tuple(m for m in self._uninvited if m.is_strong)

    @property
    def doubtful(self) -> tuple[Match, ...]:
        """Enrolled people who may be there and were not cast."""
        return tuple(m for m in self._uninvited if not m.is_strong)

    @property
    def _uninvited(self) -> list[Match]:
        enough = min(IN_FRAMES, self.frame_count)
        return [m for m in self.matches if not m.is_cast and m.frame_count >= enough]

    @property
    def is_refused(self) -> bool:
        return bool(self.strangers)

    @property
    def is_held(self) -> bool:
        return bool(self.doubtful) and not self.is_refused

    @property
    def evidence(self) -> str:
        """What the maker is told: how many frames, and nobody's name (they may not want to be found)."""
        seen = self.strangers or self.doubtful
        return "" if not seen else f"{max(m.frame_count for m in seen)} / {self.frame_count}"


def inspect(
    *, frames: Sequence[Frame], permitted: Sequence[Permit], index: references.FaceIndex | None = None
) -> Inspection:
    """Look for faces in frames H W 3 RGB. `index`: everybody enrolled; opened here where it is not given."""
    looked_at = _spread(frames)
    known = references.load_index(permitted) if index is None else index
    if not len(known.cameo_ids):
        return Inspection((), 0, len(looked_at), {})
    return _compared([_vectors(frame) for frame in looked_at], permitted, known)


def _compared(
    seen: Sequence[Vectors], permitted: Sequence[Permit], known: references.FaceIndex
) -> Inspection:
    """The faces of each frame against everybody in the index, which is not empty."""
    cast = {permit.cameo.pk for permit in permitted}
    bounds = search.thresholds(len(known.cameo_ids))
    nearest: dict[int, list[float]] = {}
    for vectors in seen:
        for cameo_id, distance in _nearest_of(known, vectors, max(bounds.hold, SAME_PERSON)):
            nearest.setdefault(cameo_id, []).append(distance)
    enough = min(IN_FRAMES, len(seen))
    matches = [_match(cameo_id, found, cast, bounds, enough) for cameo_id, found in sorted(nearest.items())]
    return Inspection(
        tuple(matches),
        sum(map(len, seen)),
        len(seen),
        {cameo_id: round(max(0.0, 1 - min(nearest.get(cameo_id, [1.0]))), 3) for cameo_id in cast},
    )


def inspect_photo(
    picture: Frame, *, permitted: Sequence[Permit] = (), index: references.FaceIndex | None = None
) -> Photo:
    """Who is in a photograph H W 3 RGB that is offered to make a clip from.

    Whoever is in it must have been cast: each of them accounts for one face, the nearest (one is compared
    with one here, so the bound is `SAME_PERSON` and not that of a search). A face that nobody enrolled has is
    a real person's who allowed nothing here; only what no finder takes for a face (a drawing, a product, a
    landscape) passes without a permit.
    """
    known = references.load_index(permitted) if index is None else index
    vectors = _vectors(picture)
    if not len(known.cameo_ids):
        return Photo(Inspection((), len(vectors), 1, {}), len(vectors), unknown_count=len(vectors))
    cast = {permit.cameo.pk for permit in permitted}
    invited = _faces_of(cast, known, vectors)
    return Photo(
        _compared([vectors], permitted, known), len(vectors), unknown_count=len(vectors) - len(invited)
    )


def _faces_of(cast: set[int], known: references.FaceIndex, vectors: Vectors) -> set[int]:
    """Which of the faces are those of people cast: the nearest pairs first, one face a person."""
    if not vectors:
        return set()
    pairs = sorted(
        (distance, face, cameo_id)
        for face, found in enumerate(known.near(np.stack(vectors), SAME_PERSON))
        for cameo_id, distance in found
        if cameo_id in cast
    )
    taken: dict[int, int] = {}
    for _distance, face, cameo_id in pairs:
        if cameo_id not in taken and face not in taken.values():
            taken[cameo_id] = face
    return set(taken.values())


@dataclass(frozen=True)
class Photo:
    """`unknown_count`: faces that are not those of somebody cast."""

    inspection: Inspection
    face_count: int
    unknown_count: int

    @property
    def rule(self) -> str:
        """Why it is not taken: `unlisted_face` (somebody known here), `face_without_grant` (a face of
        nobody cast), `doubtful_face` (all are cast, and one may be somebody else: a person looks); or
        empty."""
        if self.inspection.is_refused:
            return "unlisted_face"
        if self.unknown_count:
            return "face_without_grant"
        return "doubtful_face" if self.inspection.is_held else ""


def _nearest_of(
    known: references.FaceIndex, vectors: list[NDArray[np.float32]], within: float
) -> list[tuple[int, float]]:
    """Each enrolled person once a frame, by the face that is nearest to them."""
    if not vectors:
        return []
    best: dict[int, float] = {}
    for found in known.near(np.stack(vectors), within):
        for cameo_id, distance in found:
            best[cameo_id] = min(distance, best.get(cameo_id, distance))
    return sorted(best.items())


def _match(
    cameo_id: int, found: list[float], cast: set[int], bounds: search.Thresholds, enough: int
) -> Match:
    """Strong where the clip comes near enough in as many frames as it takes."""
    strong, held = (sum(d <= bound for d in found) for bound in (bounds.stop, bounds.hold))
    if strong >= enough:
        return Match(cameo_id, min(found), strong, cameo_id in cast)
    return Match(cameo_id, min(found), held, cameo_id in cast, is_strong=False)


def _spread(frames: Sequence[Frame]) -> list[Frame]:
    if len(frames) <= MOST_FRAMES:
        return list(frames)
    return [frames[i] for i in np.linspace(0, len(frames) - 1, MOST_FRAMES).astype(int)]


def _vectors(frame: Frame) -> Vectors:
    found = [face for face in faces.find(frame, side=FIND_SIDE) if face.side >= MIN_SIDE]
    return [faces.embed(frame, face).astype(np.float32) for face in found]
