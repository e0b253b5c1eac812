"""The cutting room as an engine: clips of what somebody filmed. Nothing in them is made by a model.

photo  one picture as it is, in the clip's shape: a clip of one frame, for others to begin from
film   one film as it is, in the clip's shape
reel   several films, and pieces of clips between them (the last of `films`): shots found, the best moments
       kept, colours brought together, held still, cut on beats

Clips of photos are made next door (`engines.stills`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cameos.intake import sandbox
from cameos.intake.refusals import IntakeRefused
from generation.cutting import choosing, colour, framing, joining, looking, shots
from generation.cutting.choosing import Segment
from generation.cutting.joining import Film
from generation.cutting.looking import Seen
from generation.engines import stills
from generation.engines.base import EngineFailed, Frame, Job, OnStep, Rendered, ShouldStop, Stopped
from generation.engines.filling import cut
from generation.states import Verb
from model import video

FPS = 30.0
SLOWEST = 12.0  # below it, movement falls apart
LOOKED = 40  # steps that looking at the films counts for, of 100
TEMPO = {"calm": 84.0, "lively": 122.0}


class StudioEngine:
    def render(self, job: Job, on_step: OnStep, should_stop: ShouldStop) -> Rendered:
        """Raises `EngineFailed` by name for a film or photo that is gone or cannot be opened."""
        if job.verb in stills.WAYS_OF:
            return stills.WAYS_OF[job.verb](job, on_step, should_stop)
        if not job.films:
            raise EngineFailed("footage_gone")
        if job.verb == Verb.PHOTO:
            return Rendered(iter([_picture(job, on_step)]), 1, FPS, job.size)
        seen = _look_at(job.films, on_step, should_stop)
        music = _music(job)
        fade = joining.FADE_S if job.how.get("fade") else 0.0
        segments = _segments(job, seen, 60 / TEMPO[job.how["music"]] if music is not None else 0.0, fade)
        fps = _rate(seen)
        films = _prepared(job, seen, segments)
        count = joining.frame_count(segments, fps, fade)
        return Rendered(
            frames=_telling(
                joining.pictures(films, segments, job.size, fps, fade), count, on_step, should_stop
            ),
            frame_count=count,
            fps=fps,
            size=job.size,
            audio=joining.sound(films, segments, fps, fade, music),
            facts={"segments": [[s.film, round(s.start_s, 2), round(s.end_s, 2)] for s in segments]},
        )


def _picture(job: Job, on_step: OnStep) -> Frame:
    """The middle of the picture, in the clip's shape and size."""
    try:
        seen = sandbox.decode_picture(job.films[0])
    except IntakeRefused as refused:
        raise EngineFailed("footage_unreadable", str(refused.reason)) from refused
    except FileNotFoundError as error:
        raise EngineFailed("footage_gone") from error
    on_step(1, 1)
    return video.resize(cut(seen.pixels, job.size), job.size)


def _look_at(paths: Sequence[Path], on_step: OnStep, should_stop: ShouldStop) -> list[Seen]:
    found: list[Seen] = []
    for number, path in enumerate(paths):
        tell = _share(number, len(paths), on_step, should_stop)
        try:
            found.append(looking.look(path, tell))
        except IntakeRefused as refused:
            raise EngineFailed("footage_unreadable", str(refused.reason)) from refused
        except FileNotFoundError as error:
            raise EngineFailed("footage_gone") from error
    return found


def _share(number: int, films: int, on_step: OnStep, should_stop: ShouldStop) -> Callable[[float], None]:
    """What hears how far one of several films is looked at; a step is told once."""
    told = -1

    def tell(share: float) -> None:
        nonlocal told
        if should_stop():
            raise Stopped
        step = int(LOOKED * (number + share) / films)
        if step != told:
            told = step
            on_step(step, 100)

    return tell


def _segments(job: Job, seen: Sequence[Seen], beat_s: float, fade_s: float) -> list[Segment]:
    if job.verb == Verb.FILM:
        return [Segment(0, 0.0, min(float(job.seconds), seen[0].seconds))]
    pieces = range(len(seen) - len(job.how.get("pieces", ())), len(seen))
    return choosing.choose(seen, float(job.seconds), beat_s, fade_s, pieces)


def _prepared(job: Job, seen: Sequence[Seen], segments: Sequence[Segment]) -> list[Film]:
    """Each film with its way into the clip's shape and its curves."""
    used = {segment.film for segment in segments}
    looks = [film.lab.mean(axis=0) for film in seen]
    common = colour.goal([looks[i] for i in used])
    return [
        Film(
            path,
            film,
            framing.path(film, job.size, shots.spans(film), steady=bool(job.how.get("steady"))),
            colour.curves(look, common if len(used) > 1 else look),
        )
        for path, film, look in zip(job.films, seen, looks, strict=True)
    ]


def _rate(seen: Sequence[Seen]) -> float:
    """Pictures a second of the clip: that of the fastest film, at most `FPS`."""
    rates = [1 / film.pace for film in seen]
    return float(np.clip(round(max(rates)), SLOWEST, FPS))


def _music(job: Job) -> NDArray[np.float32] | None:
    if not job.how.get("music"):
        return None
    from model.scene import sound

    return sound.music(float(job.seconds), job.seed, TEMPO[job.how["music"]])


def _telling(
    frames: Iterator[Frame], count: int, on_step: OnStep, should_stop: ShouldStop
) -> Iterator[Frame]:
    try:
        for index, frame in enumerate(frames):
            if should_stop():
                raise Stopped
            yield frame
            on_step(LOOKED + (100 - LOOKED) * (index + 1) // count, 100)
    except IntakeRefused as refused:
        raise EngineFailed("footage_unreadable", str(refused.reason)) from refused
