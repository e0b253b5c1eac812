"""Do the quality scores see damage that was planted? (Part of `make bench-studio`.)

score_agreement     share of pairs, a whole clip and the same one damaged, in which both the score of its kind
                    and the number that the best of several is chosen by say which is whole
score_agreement_by  the same by damage: blur, jitter, wrong person, wrong colour (of words, of a product)
score_pairs         how many pairs
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
from PIL import Image

from cameos import faces, inspection
from cameos.search import FaceIndex
from generation import fidelity, scores
from generation.scores import Scores
from model import video
from model.scene import material, reel, world
from model.scene import tracks as T
from tests.generation import films, goods

CLIPS = Path(__file__).resolve().parents[2] / "feed" / "demo" / "clips"
FACES = Path(__file__).resolve().parents[1] / "data" / "faces"
FPS = 30.0
FILMS, FRAMES = 12, 40
BLURS, JITTERS = (1.0, 1.6, 2.6), (1.0, 2.0, 4.0)  # of pictures 360 pixels wide: sigma, pixels
Pair = tuple[Scores, Scores]  # whole, damaged
Pictures = list[np.ndarray]


def measured() -> dict[str, Any]:
    kinds: dict[str, tuple[str, Callable[[], Iterator[Pair]]]] = {
        "blur": ("sharpness", _blurred),
        "jitter": ("flicker", _jittered),
        "person": ("identity_match", _somebody_else),
        "colour": ("prompt_match", _other_colour),
        "product": ("fidelity", _other_product),
    }
    found = {kind: [_sees(pair, score) for pair in pairs()] for kind, (score, pairs) in kinds.items()}
    every = [seen for of_kind in found.values() for seen in of_kind]
    return {
        "score_agreement": round(float(np.mean(every)), 4),
        "score_agreement_by": {kind: round(float(np.mean(seen)), 4) for kind, seen in found.items()},
        "score_pairs": len(every),
    }


def _sees(pair: Pair, score: str) -> bool:
    whole, damaged = pair
    better, worse = getattr(whole, score), getattr(damaged, score)
    if better is None or worse is None:
        return False
    named = better < worse if score == "flicker" else better > worse
    return bool(named and whole.overall > damaged.overall)


def _looked(pictures: Pictures, **more: Any) -> Scores:
    looker = scores.Looker(FPS)
    for _picture in looker.passing(iter(pictures)):
        pass
    return scores.measure(prompt="", looker=looker, **more)


@cache
def _films() -> list[Pictures]:
    """Clips of the demonstration and rooms that somebody filmed."""
    drawn = [
        list(video.read_frames(path, limit=FRAMES)) for path in sorted(CLIPS.glob("*.mp4"))[: FILMS // 2]
    ]
    filmed = [
        [p for p, _ in films.frames(FRAMES / FPS, seed=70 + k, size=(360, 640), person=True, shake=0.3)]
        for k in range(FILMS - FILMS // 2)
    ]
    return [[video.resize(p, (360, 640)) for p in film] for film in drawn + filmed]


def _blurred() -> Iterator[Pair]:
    for film in _films():
        whole = _looked(film)
        for sigma in BLURS:
            yield whole, _looked([cv2.GaussianBlur(p, (0, 0), sigma) for p in film])


def _jittered() -> Iterator[Pair]:
    for number, film in enumerate(_films()):
        whole = _looked(film)
        for pixels in JITTERS:
            rng = np.random.default_rng([number, round(10 * pixels)])
            yield whole, _looked([_shifted(p, rng.normal(0, pixels, 2)) for p in film])


def _shifted(picture: np.ndarray, by: Any) -> np.ndarray:
    matrix = np.array([[1, 0, by[0]], [0, 1, by[1]]])
    size = (picture.shape[1], picture.shape[0])
    return cv2.warpAffine(picture, matrix, size, borderMode=cv2.BORDER_REFLECT)


def _somebody_else() -> Iterator[Pair]:
    """A photo of the person cast in the clip, and then somebody else's; the reference is a third photo."""
    mine = [np.asarray(Image.open(FACES / f"obama{n}.jpg").convert("RGB")) for n in ("", "2", "3")]
    others = [np.asarray(Image.open(FACES / "biden.jpg").convert("RGB")), np.ascontiguousarray(films.face())]
    for k, reference in enumerate(mine):
        index = FaceIndex(faces.embed(reference, faces.find(reference)[0]).astype(np.float32)[None], (1,))
        for own in (mine[(k + 1) % 3], mine[(k + 2) % 3]):
            for other in others:
                yield _shows(own, index), _shows(other, index)


def _shows(photo: np.ndarray, index: FaceIndex) -> Scores:
    """A still clip of a photo, measured with the likeness that inspection finds in it."""
    scale = 720 / max(photo.shape[:2])
    picture = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    permit: Any = SimpleNamespace(cameo=SimpleNamespace(pk=1))
    found = inspection.inspect(frames=[picture] * 3, permitted=[permit], index=index)
    return _looked([picture] * 6, identity=[found.identity[1]])


COLOURS = ("red", "blue", "green", "yellow", "white", "black")


def _other_colour() -> Iterator[Pair]:
    """The words ask for one colour, and the scene wears another."""
    for seed, asked in enumerate(COLOURS):
        for worn in COLOURS[seed + 1 :]:
            plan = T.Plan(T.WorldPlan(place="park"), [T.PersonPlan(action="wave", top=asked, bottom=asked)])
            other = replace(plan, people=[replace(plan.people[0], top=worn, bottom=worn)])
            prompt = f"a woman in a {asked} coat waves in the park"
            yield _scene(prompt, plan, seed), _scene(prompt, other, seed)


def _scene(prompt: str, plan: T.Plan, seed: int) -> Scores:
    scene = world.scene_of(world.animate([plan], seed), 0, 0)
    return scores.measure(prompt=prompt, looker=None, material=material.pack_reel(reel.one(scene)))


def _other_product() -> Iterator[Pair]:
    for seed in range(200, 206):
        photos = goods.photos(seed, [0, 1])
        whole = fidelity.clip_agreement(goods.photos(seed, [2, 3]), photos)
        other = fidelity.clip_agreement(goods.photos(seed, [2, 3], "colour"), photos)
        yield Scores(fidelity=whole), Scores(fidelity=other)
