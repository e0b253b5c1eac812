"""What an engine is told about a generation: words, numbers, whom it shows (with a permit each), and what is
left of the clips that it goes on from. Loads neither torch nor pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from cameos import consent, references, topics
from cameos.consent import Permit
from cameos.models import Cameo
from generation import footage, products, screening, store
from generation.engines import base as engines
from generation.engines.base import CastMember, EngineFailed, Frame, Job, Source
from generation.models import Generation
from generation.queue import clock
from generation.states import WITH_MATERIAL, Verb


def resume_permits(generation: Generation) -> list[Permit]:
    """The permit of each person cast, in the order of the scene. Raises `ConsentDenied`."""
    now = clock()
    consent.recheck(generation=generation, now=now)
    members = generation.cast.select_related("cameo__owner").order_by("position")
    return [consent.resume(generation=generation, cameo=member.cameo, now=now) for member in members]


def job_for(generation: Generation, permits: Sequence[Permit]) -> Job:
    """What the engine gets: the faces are read here, with the permits, and go to nobody else."""
    return Job(
        prompt=with_wishes(generation.prompt, permits),
        verb=verb_of(generation),
        seed=generation.seed,
        seconds=generation.seconds,
        size=size_of(generation),
        smaller=smaller(generation),
        # What people brought needs nobody's material: who is in it is looked at in the pictures.
        cast=[] if generation.verb in WITH_MATERIAL else [_member(permit) for permit in permits],
        sources=sources_of(generation) or _picture_of(generation),
        backdrop=_backdrop_of(generation),
        how=generation.how,
        run=store.read(generation.how["run"]) if generation.how.get("run") else None,
        films=_films(generation),
        product=products.for_engine(generation, clock()),
    )


def _films(generation: Generation) -> list[Path]:
    try:
        return footage.paths(generation)
    except FileNotFoundError as error:
        of_films = generation.verb in (Verb.FILM, Verb.REEL, Verb.PHOTO)
        raise EngineFailed("footage_gone" if of_films else "photo_gone") from error


def verb_of(generation: Generation) -> str:
    """A picture of one's own is a clip of one frame to an engine that reads pictures, and stands behind the
    scene of one that draws scenes."""
    if generation.verb != Verb.OWN:
        return generation.verb
    return Verb.TEXT if _draws_scenes(generation) else Verb.IMAGE


def _draws_scenes(generation: Generation) -> bool:
    return engines.entry(generation.engine).abilities.needs_material


def _picture_of(generation: Generation) -> list[Source]:
    """The picture that its maker brought, opened when it is asked for."""
    if generation.verb != Verb.OWN or _draws_scenes(generation):
        return []
    return [Source(material=b"", load=partial(_opened, _films(generation)), fps=1.0)]


def _backdrop_of(generation: Generation) -> Callable[[], Frame] | None:
    if generation.verb != Verb.OWN or not _draws_scenes(generation):
        return None
    paths = _films(generation)
    return lambda: _opened(paths)[0]


def _opened(paths: Sequence[Path]) -> Sequence[Frame]:
    from generation.engines import stills  # loads pictures: workers only

    return stills.opened(paths)


def size_of(generation: Generation) -> tuple[int, int]:
    """Pixels, half of them a side for a preview. Raises `EngineFailed`."""
    size = engines.entry(generation.engine).abilities.size_of(generation.aspect)
    if size is None:
        raise EngineFailed("engine_error", f"the shape {generation.aspect} is not drawn any more")
    return engines.halved(size) if generation.is_preview else size


def smaller(generation: Generation) -> int:
    """How many times the sides are smaller than those of a whole clip."""
    return 2 if generation.is_preview else 1


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


def with_wishes(prompt: str, permits: Sequence[Permit]) -> str:
    """The prompt, and after it what the people in it always wish ("in a red hat"). Left out are wishes that
    somebody else in it refuses or that no prompt may hold: nobody judged them when the permits were given."""
    wishes = [_wish_of(permit) for permit in permits if _may_wish(permit, permits)]
    return ". ".join([prompt.rstrip(". "), *wishes]) if wishes else prompt


def _wish_of(permit: Permit) -> str:
    return permit.grant.wishes if permit.grant is not None else ""


def _may_wish(permit: Permit, permits: Sequence[Permit]) -> bool:
    """Unsure, and a judge that is away, count as no."""
    wish, names = _wish_of(permit), [other.cameo.name for other in permits]
    others = [other.grant for other in permits if other.cameo.pk != permit.cameo.pk]
    if not wish or any(topics.judge(wish, other).verdict is not topics.Verdict.ALLOWED for other in others):
        return False
    try:
        return screening.judge_prompt(wish, names).outcome is screening.Outcome.ALLOW
    except screening.Unjudged:
        return False


def _member(permit: Permit) -> CastMember:
    cameo = permit.cameo
    if cameo.kind == Cameo.Kind.CHARACTER:
        return CastMember(name=cameo.name, key=str(cameo.public_id), character=cameo.character or {})
    try:
        face = references.load_face(permit)
        return CastMember(name=cameo.name, key=str(cameo.public_id), face=face)
    except references.NoReference as error:
        raise EngineFailed("likeness_gone") from error
