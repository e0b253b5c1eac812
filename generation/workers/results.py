"""What remote workers brought: a film without mark, and what a remix goes on from. A worker of this host
inspects, marks, signs and seals it, as it does with what it rendered itself.

    POST result -> files stored -> the job goes back into the queue with its result -> finished here
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.core.files.storage import default_storage
from django.db.models import Q

from generation import brought, store
from generation.engines.base import EngineFailed, Frame, Job, OnStep, Rendered, ShouldStop, Stopped, halved
from generation.models import Generation, RemoteResult

FOLDER = "results"
BROUGHT = Q(remote_result__isnull=False)


def of(generation: Generation) -> RemoteResult | None:
    return RemoteResult.objects.filter(generation=generation).first()


class Brought:
    """What was brought, as an engine that renders it: the pipeline goes on as with any other."""

    def __init__(self, result: RemoteResult, folder: Path) -> None:
        """Raises `EngineFailed("remote_failed")` where the film is gone."""
        self.result, self.path = result, folder / "brought.mp4"
        try:
            with store.local(result.film_path, folder) as there:
                shutil.copyfile(there, self.path)
        except OSError as error:
            raise EngineFailed("remote_failed", "what was brought is gone") from error

    def render(self, job: Job, on_step: OnStep, should_stop: ShouldStop) -> Rendered:
        """Raises `EngineFailed("remote_failed")` for what is no film of this job."""
        film = brought.film_at(self.path)
        size, most = (film.width, film.height), 121 * self.result.fps
        if size not in (job.size, halved(job.size)) or film.claimed > most:
            film.close()
            raise EngineFailed("remote_failed", f"{size} was brought where {job.size} was asked for")

        def frames() -> Iterator[Frame]:
            for index, frame in enumerate(brought.frames_of(film)):
                if should_stop():
                    raise Stopped
                if index >= most:
                    raise EngineFailed("remote_failed", "more pictures than its head said")
                yield frame
                on_step(min(index + 1, film.claimed), film.claimed)

        return Rendered(
            frames=frames(),
            frame_count=film.claimed,
            fps=self.result.fps,
            size=size,
            audio=brought.sound_of(film),
            material=store.read(self.result.material_path) if self.result.material_path else b"",
        )


def forget(generation: Generation) -> None:
    """The job is over, or is rendered anew: files and row go."""
    for row in RemoteResult.objects.filter(generation=generation):
        for path in filter(None, (row.film_path, row.material_path)):
            store.discard(path)
        row.delete()


def strays(now: datetime, settling: timedelta) -> list[str]:
    """Stored results of which no row knows, older than `settling`."""
    try:
        _folders, names = default_storage.listdir(FOLDER)
    except (FileNotFoundError, NotADirectoryError):
        return []
    rows = RemoteResult.objects.values_list("film_path", "material_path")
    known = {path for pair in rows for path in pair}
    paths = [f"{FOLDER}/{name}" for name in names]
    old = now - settling
    return [p for p in paths if p not in known and default_storage.get_modified_time(p) < old]
