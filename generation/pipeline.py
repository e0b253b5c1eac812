"""The worker's story of one generation: permits, render, inspect, mark, renditions, fingerprint, sign,
store, seal.

Each way out is an arrow of `states.py`: READY, REFUSED (somebody in it does not agree, or an unlisted face),
HELD (a face that may be unlisted: a person looks),
CANCELLED within a step, FAILED with a name. A worker that lost its claim writes nothing.
"""

from __future__ import annotations

import gc
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from django.db import DatabaseError, connection

from cameos import consent, references
from cameos.consent import ConsentDenied, Permit
from cameos.models import Cameo
from generation import actions, inform, progress, queue, renditions, scores, seal, store, verbs
from generation.engines import base as engines
from generation.engines.base import CastMember, Engine, EngineFailed, Frame, Job, Rendered, Source, Stopped
from generation.failures import code_of
from generation.inspecting import Doubtful, Unlisted, hold, inspect, likenesses
from generation.models import Generation
from generation.provenance import marks
from generation.provenance.manifest import ManifestFailed
from generation.provenance.signing import KeysMissing
from generation.queue import Claim, LostClaim, clock
from generation.states import State

log = logging.getLogger(__name__)
RECHECK_EVERY = timedelta(minutes=1)


def nothing() -> None:
    """What is done between steps when nobody else waits."""


def run(
    held: Claim,
    pulse: Callable[[], None] = nothing,
    between: Callable[[], None] = nothing,
    reporter: progress.Make = progress.Inline,
) -> None:
    """Work on a claimed generation until it is over. Raises nothing: every end is a state of the row, and a
    database that went away puts the job back into the queue. `between` is called at step borders: what has
    to be served now is served there. `reporter`: who tells how far it is."""
    generation = Generation.objects.select_related("maker", "parent").get(pk=held.generation_id)
    try:
        with store.work_folder(f"{held.generation_id}-{held.fence}") as folder:
            _make(generation, folder, Watch(generation, held, pulse, between, reporter(generation, held)))
    except LostClaim:
        log.warning("generation %s went to another worker", generation.public_id)
    except Stopped:
        generation.refresh_from_db()
        _if_still_held(held, generation, lambda: actions.end_cancelled(generation, clock()))
    except ConsentDenied as denied:
        refusal = denied
        _if_still_held(
            held,
            generation,
            lambda: actions.end_refused(generation, clock(), stage="consent", denied=refusal),
        )
    except Unlisted as found:
        verdict = found.verdict
        _if_still_held(held, generation, lambda: actions.end_refused(generation, clock(), verdict=verdict))
    except Doubtful as found:
        doubt = found
        _if_still_held(held, generation, lambda: hold(generation, doubt, clock()))
    except DatabaseError:
        log.exception("the database went away under generation %s; it goes back", generation.public_id)
        _hand_back(held)
    except Exception as error:
        _fail(held, generation, error)


def _make(generation: Generation, folder: Path, watch: Watch) -> None:
    timer = Clock()
    with watch.reporter:
        with timer("permits"):
            permits = resume_permits(generation)
            job = replace(job_for(generation, permits), show=watch.show)
        with timer("load"):
            engine = engines.get(generation.engine)
        with timer("render"):
            rendered, written, looker = _render(engine, job, watch, folder, generation.maker.username)
    _move(generation, State.INSPECTING)
    with timer("inspect"):
        seen = inspect(written.samples.seen, permits, cleared=generation.cleared_faces)
        watch.stop_if_asked()
    with timer("score"):
        measured = scores.measure(
            prompt="" if generation.prompt in verbs.WORDLESS else generation.prompt,
            looker=looker,
            material=rendered.material,
            identity=likenesses(seen, permits),
        )
    _move(generation, State.SEALING)
    consent.recheck(generation=generation, now=clock())
    seal.seal_clip(generation, permits, rendered, written, folder, timer, measured)


def _render(
    engine: Engine, job: Job, watch: Watch, folder: Path, name: str
) -> tuple[Rendered, renditions.Written, scores.Looker]:
    """Frames into files. Out of memory is tried once more, at half the size."""
    for smaller in (job, replace(job, size=_halved(job.size))):
        try:
            rendered = engine.render(smaller, watch.on_step, watch.should_stop)
            looker = scores.Looker(rendered.fps)
            rendered = replace(rendered, frames=looker.passing(watch.seeing(rendered.frames)))
            written = renditions.write(rendered, folder, marks.marks_for(name, rendered.size))
            return rendered, written, looker
        except Exception as error:
            code = error.code if isinstance(error, EngineFailed) else code_of(error)
            if code != "out_of_memory" or smaller is not job:
                raise
            log.warning("out of memory at %dx%d; once more at half the size", *job.size)
        gc.collect()
    raise AssertionError("the second try returns or raises")


def _halved(size: tuple[int, int]) -> tuple[int, int]:
    return max(64, size[0] // 4 * 2), max(64, size[1] // 4 * 2)


def _hand_back(held: Claim) -> None:
    """Put it back at once if the database is there again; else the sweep does when the lease is over."""
    connection.close()
    try:
        queue.hand_back(held, clock())
    except DatabaseError:
        connection.close()


def resume_permits(generation: Generation) -> list[Permit]:
    """The permit of each person cast, in the order of the scene. Raises `ConsentDenied`."""
    now = clock()
    consent.recheck(generation=generation, now=now)
    members = generation.cast.select_related("cameo__owner").order_by("position")
    return [consent.resume(generation=generation, cameo=member.cameo, now=now) for member in members]


def job_for(generation: Generation, permits: Sequence[Permit]) -> Job:
    """What the engine gets: the faces are read here, with the permits, and go to nobody else."""
    size = engines.entry(generation.engine).abilities.size_of(generation.aspect)
    if size is None:
        raise EngineFailed("engine_error", f"the shape {generation.aspect} is not drawn any more")
    return Job(
        prompt=_with_wishes(generation.prompt, permits),
        verb=generation.verb,
        seed=generation.seed,
        seconds=generation.seconds,
        size=_halved(size) if generation.is_preview else size,
        cast=[_member(permit) for permit in permits],
        sources=sources_of(generation),
        how=generation.how,
        run=store.read(generation.how["run"]) if generation.how.get("run") else None,
    )


def sources_of(generation: Generation) -> list[Source]:
    """What is left of the clips that it goes on from. Raises `EngineFailed("parent_gone")`."""
    moments, passed = generation.how.get("at_ms", []), generation.how.get("second", [])
    sources = []
    for index, clip in enumerate(generation.sources()):
        if clip.is_gone or clip.files_purged_at is not None:
            raise EngineFailed("parent_gone")
        made_by = getattr(clip, "generation", None)
        cast = made_by.cast.order_by("position") if made_by else []
        sources.append(
            Source(
                material=store.read(clip.material_path) if clip.material_path else b"",
                load=partial(store.pictures, clip),
                fps=store.PICTURES_A_SECOND,
                cast=[str(member.cameo.public_id) for member in cast],
                at_s=moments[index] / 1000 if index < len(moments) else 0.0,
                second=passed[index] if index < len(passed) else 0.0,
            )
        )
    return sources


def _with_wishes(prompt: str, permits: Sequence[Permit]) -> str:
    """The prompt, and after it what the people in it always wish ("in a red hat")."""
    wishes = [permit.grant.wishes for permit in permits if permit.grant is not None and permit.grant.wishes]
    return ". ".join([prompt.rstrip(". "), *wishes]) if wishes else prompt


def _member(permit: Permit) -> CastMember:
    cameo = permit.cameo
    if cameo.kind == Cameo.Kind.CHARACTER:
        return CastMember(name=cameo.name, key=str(cameo.public_id), character=cameo.character or {})
    try:
        face = references.load_face(permit)
        return CastMember(name=cameo.name, key=str(cameo.public_id), face=face)
    except references.NoReference as error:
        raise EngineFailed("likeness_gone") from error


class Watch:
    """Progress and pictures out, stop in: called by the engine at each step, in the worker's own thread."""

    def __init__(
        self,
        generation: Generation,
        held: Claim,
        pulse: Callable[[], None],
        between: Callable[[], None],
        reporter: progress.Reporter,
    ) -> None:
        self.generation, self.held, self.pulse, self.between = generation, held, pulse, between
        self.reporter, self.rechecked_at = reporter, time.monotonic()
        self.stop = False
        self.picture: Frame | None = None

    def on_step(self, step: int, steps: int) -> None:
        """Note the step. Raises `LostClaim` when the job went to another worker, `ConsentDenied` when
        somebody in it does not agree any more."""
        self.pulse()
        self.generation.step, self.generation.steps = min(step, steps), steps
        self.stop = self._note(self.generation.step, steps)
        if self.reporter.somebody_waits() and not self.stop:
            self.between()
        if time.monotonic() - self.rechecked_at >= RECHECK_EVERY.total_seconds():
            self.rechecked_at = time.monotonic()
            consent.recheck(generation=self.generation, now=clock())

    def _note(self, step: int, steps: int) -> bool:
        """Once more on a fresh connection when this one broke: the lease says whether it is still ours."""
        try:
            return self.reporter.note(step, steps, self.picture)
        except DatabaseError:
            if connection.in_atomic_block:
                raise
            connection.close()
            return self.reporter.note(step, steps, self.picture)

    def show(self, picture: Frame) -> None:
        self.picture = picture

    def seeing(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        """The frames as they pass by, the last one kept for the maker to see."""
        for frame in frames:
            self.picture = frame
            yield frame

    def should_stop(self) -> bool:
        return self.stop

    def stop_if_asked(self) -> None:
        if queue.is_cancelled(self.held):
            raise Stopped


class Clock:
    """Seconds of each stage, in the order in which they came. (Sealing notes its own: its row holds them.)"""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        start = time.monotonic()
        try:
            yield
        finally:
            self.seconds[stage] = round(time.monotonic() - start, 3)


def _move(generation: Generation, after: State) -> None:
    if not Generation.objects.move(generation, after, clock()):
        raise LostClaim(generation.public_id)
    inform.tell(generation)


def _fail(held: Claim, generation: Generation, error: Exception) -> None:
    """A failure with a name; what nobody named is logged with its trace (and never shown)."""
    if isinstance(error, EngineFailed):
        code = error.code
        log.warning("generation %s failed: %s", generation.public_id, error)
    elif isinstance(error, KeysMissing):
        code = "keys_missing"
        log.error("generation %s: %s", generation.public_id, error)
    elif isinstance(error, ManifestFailed):
        code = "sealing_failed"
        log.error("generation %s could not be sealed: %s", generation.public_id, error)
    else:
        code = code_of(error)
        log.exception("generation %s failed", generation.public_id)
    _if_still_held(held, generation, lambda: actions.end_failed(generation, clock(), error=code))


def _if_still_held(held: Claim, generation: Generation, end: Callable[[], bool]) -> None:
    """Take the last arrow only with a fence that still counts; `move` asks it again."""
    generation.fence = held.fence
    end()
