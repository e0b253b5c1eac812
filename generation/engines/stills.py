"""Clips out of photos: shown whole under slow moves, with words on them.

promo    photos of a product, its name, a few lines, an end card; cuts on the beat
pan      one picture, under one slow camera move
explain  the script of a text: a photo, a drawn picture or a card for each shot, under what is said
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cameos.intake import sandbox
from cameos.intake.kinds import PictureLimits
from cameos.intake.refusals import IntakeRefused
from generation import script
from generation.cutting import cards, lettering, panning
from generation.cutting.panning import Shot
from generation.engines.base import Engine, EngineFailed, Frame, Job, OnStep, Rendered, ShouldStop, Stopped
from generation.states import Verb

if TYPE_CHECKING:
    from generation.cutting.lettering import Overlay

FPS, TOLD_FPS = 30.0, 24.0
PHOTO = PictureLimits()
OPENED = 10  # steps that opening the photos counts for, of 100
TEMPO = {"calm": 84.0, "lively": 122.0}
SHOT_S = {"": 2.6, "calm": 60 / 84 * 4, "lively": 60 / 122 * 4}  # how long a photo is shown, about
LEAST_SHOT_S = 0.8
END_S = 2.2
FADE_S = 0.35
COMES_S = 0.2  # before a line is said, its card
LEAST_KNOWN = 2  # things of a sentence that have a picture
WAYS = ("closer", "right", "away", "up", "left")
HEADLINE, LINE, TOP = 0.046, 0.034, 0.17  # letters, of the clip's shorter reach, and where words begin


def promo(job: Job, on_step: OnStep, should_stop: ShouldStop) -> Rendered:
    """Raises `EngineFailed` by name for a photo that is gone or cannot be opened."""
    photos = opened(job.films, on_step, should_stop)
    laid = [panning.laid_out(photo, job.size) for photo in photos]
    shots = promo_shots(job, len(laid))
    count = round(job.seconds * FPS)
    return Rendered(
        frames=telling(panning.pictures(laid, shots, FPS, FADE_S), count, on_step, should_stop),
        frame_count=count,
        fps=FPS,
        size=job.size,
        audio=music(job),
        facts={"shots": [[s.photo, round(s.start_s, 2), round(s.end_s, 2)] for s in shots]},
    )


def pan(job: Job, on_step: OnStep, should_stop: ShouldStop) -> Rendered:
    """Nothing on the picture moves; it is cut to the clip's shape as little as may be. Raises `EngineFailed`
    by name for a picture that is gone or cannot be opened."""
    laid = [panning.laid_out(photo, job.size) for photo in opened(job.films, on_step, should_stop)[:1]]
    if not laid:
        raise EngineFailed("photo_gone")
    count = round(job.seconds * FPS)
    shot = Shot(0, 0.0, float(job.seconds), str(job.how.get("move") or "closer"))
    return Rendered(
        frames=telling(panning.pictures(laid, [shot], FPS, 0.0), count, on_step, should_stop),
        frame_count=count,
        fps=FPS,
        size=job.size,
    )


def _alone(step: int, steps: int) -> None:
    """Nobody is told."""


def explain(job: Job, on_step: OnStep, should_stop: ShouldStop) -> Rendered:
    """Raises `EngineFailed` by name for a photo that is gone or cannot be opened."""
    photos = opened(job.films, on_step, should_stop)
    laid: list[panning.Laid] = []
    shots: list[Shot] = []
    begins, seen = 0.0, dict[int, int]()
    for number, shot in enumerate(job.how.get("shots", ())):
        if should_stop():
            raise Stopped
        end = begins + float(shot["seconds"])
        picture = int(shot.get("picture", -1))
        if not 0 <= picture < len(photos):
            for shown, since, until in _cards(job, shot, number, begins, end):
                # There and back: a card goes on where the one before it stopped.
                shots.append(Shot(len(laid), since, until, "back" if len(laid) % 2 else "near"))
                laid.append(panning.laid_out(shown, job.size))
        else:
            if picture not in seen:
                seen[picture] = len(laid)
                laid.append(panning.laid_out(photos[picture], job.size, middle=0.48))
            shots.append(Shot(seen[picture], begins, end, WAYS[number % len(WAYS)]))
        begins = end
    if not shots:
        raise EngineFailed("engine_error", "a script without shots")
    count = round(job.seconds * TOLD_FPS)
    shots[-1] = replace(shots[-1], end_s=float(job.seconds))
    return Rendered(
        frames=telling(panning.pictures(laid, shots, TOLD_FPS, FADE_S), count, on_step, should_stop),
        frame_count=count,
        fps=TOLD_FPS,
        size=job.size,
        audio=music(job),
    )


def _cards(
    job: Job, shot: Mapping[str, Any], number: int, begins: float, end: float
) -> Iterator[tuple[Frame, float, float]]:
    """What stands for a shot without a photo, from when to when: one picture that the native engine draws of
    it, where that was wished and it knows something of it; its title; else a card for each line, which comes
    as the line is said."""
    lines = [str(line["text"]) for line in shot.get("lines", ())]
    if job.how.get("draw") and _is_drawable(" ".join(lines)):
        yield _drawn(job, " ".join(lines), number), begins, end
        return
    title = str(shot.get("title") or "")
    large = (round(job.size[0] * 1.15), round(job.size[1] * 1.15))  # a zoom keeps its letters sharp
    if title or not lines:
        yield cards.card(title, large, job.seed, is_title=True), begins, end
        return
    said = [begins + cue.start_s - COMES_S for cue in script.cues([shot])]
    for line, since, until in zip(lines, [begins, *said[1:]], [*said[1:], end], strict=True):
        yield cards.card(line, large, job.seed + 1 + number // 3), since, until


def _drawn(job: Job, words: str, number: int) -> Frame:
    still = Job(prompt=words, verb=Verb.STILL, seed=job.seed + number, seconds=1, size=job.size)
    return list(_artist().render(still, _alone, lambda: False).frames)[0]


def _is_drawable(words: str) -> bool:
    """Whether the native engine knows enough of it that a picture says more than a card."""
    from model.scene import words as known

    return len(set(known.known_concepts(words))) >= LEAST_KNOWN


@lru_cache(maxsize=1)
def _artist() -> Engine:
    from generation.engines.native import NativeEngine

    return NativeEngine()


def opened(
    paths: Sequence[Path], on_step: OnStep = _alone, should_stop: ShouldStop = lambda: False
) -> list[Frame]:
    """The photos, decoded behind walls. Raises `EngineFailed`, `Stopped`."""
    photos: list[Frame] = []
    for number, path in enumerate(paths, 1):
        if should_stop():
            raise Stopped
        try:
            photos.append(sandbox.decode_picture(path, PHOTO).pixels)
        except IntakeRefused as refused:
            raise EngineFailed("photo_unreadable", str(refused.reason)) from refused
        except FileNotFoundError as error:
            raise EngineFailed("photo_gone") from error
        on_step(OPENED * number // len(paths), 100)
    return photos


def promo_shots(job: Job, photos: int) -> list[Shot]:
    """Each photo at least once, the first again at the end under the name; borders on beats where there is
    music."""
    if not photos:
        raise EngineFailed("photo_gone")
    ends = _borders(job, photos)
    shots = []
    for number, (start, end) in enumerate(zip([0.0, *ends], ends, strict=False)):
        is_last = number == len(ends) - 1
        again = number // photos
        move = "closer" if is_last else "detail" if again % 2 else WAYS[number % len(WAYS)]
        words = _end_words(job) if is_last else _words(job, number, len(ends) - 1)
        photo = 0 if is_last else number % photos
        shots.append(Shot(photo, start, end, move, tuple(words), 0.25 if is_last and words else 0.0, is_last))
    return shots


def _borders(job: Job, photos: int) -> list[float]:
    """When each shot ends; the last is the end card."""
    whole = float(job.seconds)
    end_s = min(END_S, whole / 3)
    tempo = str(job.how.get("music") or "")
    room = whole - end_s
    most = max(1, int(room / LEAST_SHOT_S))
    count = min(most, max(min(photos, most), round(room / SHOT_S[tempo])))
    ends = [room * (k + 1) / count for k in range(count)]
    if tempo:
        beat = 60 / TEMPO[tempo]
        ends = [max(beat, round(end / beat) * beat) for end in ends]
    kept = [end for end in dict.fromkeys(round(end, 3) for end in ends) if end <= whole - 0.6 * end_s]
    return [*kept, whole] if kept else [whole / 2, whole]


def _words(job: Job, number: int, shots: int) -> list[Overlay]:
    """The name over the first shot, the lines spread over those that follow."""
    lines = [str(line) for line in job.how.get("lines", ())]
    name = str(job.how.get("name") or "")
    if number == 0 and name:
        return _written(name, job.size, HEADLINE)
    after = number - (1 if name else 0)
    room = shots - (1 if name else 0)
    if not lines or after < 0 or room <= 0:
        return []
    if len(lines) >= room:
        return _written(lines[after], job.size, LINE) if after < len(lines) else []
    turn = after * len(lines) // room
    begins = after == 0 or (after - 1) * len(lines) // room != turn
    return _written(lines[turn], job.size, LINE) if begins else []


def _end_words(job: Job) -> list[Overlay]:
    name, call = str(job.how.get("name") or ""), str(job.how.get("call") or "")
    found = _written(name, job.size, HEADLINE * 1.2, top=0.17) if name else []
    return found + (
        _written(call, job.size, LINE, top=0.84 if job.size[0] > job.size[1] else 0.8) if call else []
    )


def _written(text: str, size: tuple[int, int], share: float, top: float = TOP) -> list[Overlay]:
    points = round(share * min(size[1], size[0] * 16 / 9))
    words = lettering.block(text, size, points=points, top=top)
    return [] if words is None else [words]


def music(job: Job) -> NDArray[np.float32] | None:
    if not job.how.get("music"):
        return None
    from model.scene import sound

    return sound.music(float(job.seconds), job.seed, TEMPO[job.how["music"]])


def telling(frames: Iterator[Frame], count: int, on_step: OnStep, should_stop: ShouldStop) -> Iterator[Frame]:
    for index, frame in enumerate(frames):
        if should_stop():
            raise Stopped
        yield frame
        on_step(OPENED + (100 - OPENED) * (index + 1) // count, 100)


WAYS_OF: dict[str, Callable[[Job, OnStep, ShouldStop], Rendered]] = {
    Verb.PROMO: promo,
    Verb.PAN: pan,
    Verb.EXPLAIN: explain,
}
