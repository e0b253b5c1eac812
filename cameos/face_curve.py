"""How well faces are told apart here: every pair of photographs, through light, scale, blur and compression.

    miss         share of pairs of one person beyond the distance     (an enrolled face is not found)
    false match  share of pairs of two people within it               (somebody is taken for another)

Bounds are the upper end of a one-sided 95 % interval for a share (Clopper and Pearson). Pictures of one
person are no independent trials, so with few identities the bounds are optimistic; below `FEWEST` no goal
is claimed.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp, lgamma, log, log1p
from pathlib import Path

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from cameos import faces
from cameos.inspection import FIND_SIDE

Pixels = NDArray[np.uint8]
FEWEST = 20
SIDE = 900
DISTANCES = tuple(round(0.30 + 0.05 * n, 2) for n in range(9))


@dataclass(frozen=True)
class Seen:
    """One photograph of one person in one condition; `vector` None where no face was found in it."""

    person: str
    photo: str
    condition: str
    vector: NDArray[np.float32] | None


@dataclass(frozen=True)
class Share:
    """`count` of `pairs`, and the upper 95 % bound of the share."""

    count: int
    pairs: int

    @property
    def share(self) -> float:
        return self.count / self.pairs if self.pairs else 0.0

    @property
    def bound(self) -> float:
        return upper_bound(self.count, self.pairs)


@dataclass(frozen=True)
class Point:
    distance: float
    miss: Share
    false_match: Share


def packaged() -> dict[str, list[tuple[str, Pixels]]]:
    """The photographs that come with the tests, and NASA's of an astronaut out of scikit-image."""
    pictures = read(Path(settings.BASE_DIR) / "tests" / "data" / "faces")
    if importlib.util.find_spec("skimage"):
        from skimage import data

        pictures["astronaut"] = [("astronaut", data.astronaut())]
    return pictures


def read(folder: Path) -> dict[str, list[tuple[str, Pixels]]]:
    """Photographs by person: `name.jpg`, `name2.jpg`, `name-3.png` are one person's; so is a subfolder."""
    found: dict[str, list[tuple[str, Pixels]]] = {}
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if path.suffix.lower() in {".jpg", ".jpeg", ".png"} and (picture := _picture(path)) is not None:
            own = path.parent.name if path.parent != folder else path.stem.rstrip("0123456789-_ ")
            found.setdefault(own, []).append((path.name, picture))
    return found


def _picture(path: Path) -> Pixels | None:
    """At most `SIDE` pixels on its longer side; None for a file that is no picture."""
    import cv2

    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        return None
    scale = min(1.0, SIDE / max(picture.shape[:2]))
    smaller = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(smaller[..., ::-1], np.uint8)


def conditions(picture: Pixels) -> Iterator[tuple[str, Pixels]]:
    """The picture as it is, and as a clip may show it."""
    import cv2

    def scaled(factor: float) -> Pixels:
        return np.asarray(cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA))

    yield "as it is", picture
    yield "dark", (255 * (picture / 255.0) ** 1.8).astype(np.uint8)
    yield "bright", (255 * (picture / 255.0) ** 0.6).astype(np.uint8)
    yield "half size", scaled(0.5)
    yield "small", scaled(0.3)
    yield "blurred", np.asarray(cv2.GaussianBlur(picture, (0, 0), 2.0), np.uint8)
    _, data = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 20])
    yield "compressed", np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))[..., ::-1].astype(np.uint8)


def look(pictures: Mapping[str, Sequence[tuple[str, Pixels]]]) -> list[Seen]:
    """Embed every picture in every condition. Costs about 0.1 s each."""
    seen = []
    for person, photos in pictures.items():
        for photo, picture in photos:
            for condition, shown in conditions(picture):
                found = faces.find(np.ascontiguousarray(shown), side=FIND_SIDE)
                vector = faces.embed(shown, found[0]).astype(np.float32) if found else None
                seen.append(Seen(person, photo, condition, vector))
    return seen


def curve(seen: Sequence[Seen], at: Sequence[float] = DISTANCES) -> list[Point]:
    """Every enrolled picture (as it is) against every other one in every condition."""
    same, different = _pairs(seen)
    return [
        Point(
            distance,
            Share(sum(d > distance for d in same), len(same)),
            Share(sum(d <= distance for d in different), len(different)),
        )
        for distance in at
    ]


def _pairs(seen: Sequence[Seen]) -> tuple[list[float], list[float]]:
    """Distances within and between people. A face that was not found is infinitely far from its own."""
    same, different = [], []
    enrolled = [one for one in seen if one.condition == "as it is" and one.vector is not None]
    for one in enrolled:
        for other in seen:
            if other is one:
                continue
            if other.person == one.person:
                same.append(_distance(one, other))
            elif other.vector is not None:
                different.append(_distance(one, other))
    return same, different


def _distance(one: Seen, other: Seen) -> float:
    if one.vector is None or other.vector is None:
        return float("inf")
    return float(np.linalg.norm(one.vector - other.vector))


def upper_bound(count: int, of: int, confidence: float = 0.95) -> float:
    """The largest share under which `count` or fewer of `of` still happen with 1 - `confidence`."""
    if of == 0 or count >= of:
        return 1.0
    low, high = count / of, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(count, of, middle) > 1 - confidence else (low, middle)
    return round(high, 5)


def _at_most(count: int, of: int, share: float) -> float:
    """The probability of `count` or fewer of `of` (binomial)."""
    if share <= 0:
        return 1.0
    if share >= 1:
        return 0.0
    logs = (
        lgamma(of + 1) - lgamma(k + 1) - lgamma(of - k + 1) + k * log(share) + (of - k) * log1p(-share)
        for k in range(count + 1)
    )
    return sum(exp(value) for value in logs)
