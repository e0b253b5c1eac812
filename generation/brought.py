"""Films that came from another machine, as frames: decoded behind the walls of the intake, like every
upload, one picture at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cameos.intake.kinds import FilmLimits
from cameos.intake.refusals import IntakeRefused
from cameos.intake.sandbox import Film, open_film
from generation.engines.base import EngineFailed, Frame

LIMITS = FilmLimits(
    max_bytes=512 * 1024 * 1024,
    max_s=121.0,
    max_frames=121 * 120,
    keep_side=4096,
    sound_rate=48_000,
    cpu_s=600,
)


def film_at(path: Path) -> Film:
    """Raises `EngineFailed("remote_failed")` for what is no film that we take, `OSError`."""
    try:
        return open_film(path, LIMITS)
    except IntakeRefused as refused:
        raise EngineFailed("remote_failed", f"what came is no film: {refused.reason}") from refused


def frames_of(film: Film) -> Iterator[Frame]:
    """Raises `EngineFailed("remote_failed")` where it breaks off."""
    try:
        yield from film.pictures()
    except IntakeRefused as refused:
        raise EngineFailed("remote_failed", f"the film breaks off: {refused.reason}") from refused


def sound_of(film: Film) -> NDArray[np.float32] | None:
    """Samples S C in -1..1 at 48 kHz."""
    return None if film.sound is None else np.asarray(film.sound, np.float32) / np.float32(32768)
