"""Who is in the pictures of clips that a clip is to go on from, asked before an engine draws anything.

    somebody known here who was not cast       REFUSED: they may have enrolled, or said never-me, after the
                                               clip was made
    perhaps somebody known here                HELD, with the pictures for a moderator
    people whom an engine invented             may be there

What is sent to an engine elsewhere, clips and photographs alike, is judged for nudity before it leaves, as
finished pictures are: HELD where it may be sexual, and FAILED by name where nobody can judge it.

Photographs that people bring are clips of one frame, in which everybody was cast
(`inspecting.inspect_photo`). Engines that draw from a scene see no pictures, and are asked nothing here; what
they draw is inspected as every finished clip is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from django.utils.translation import ngettext

from accounts.models import Case
from cameos.consent import Permit
from generation import store
from generation.engines import base as engines
from generation.engines.base import Frame, Job
from generation.inspecting import Doubtful, Unlisted
from generation.models import Generation
from generation.screening import Outcome, Verdict, pictures
from generation.states import FROM_PICTURES

STAGE, RULE, DOUBT = "offered", "offered_face", "offered_face_doubtful"
SENT = "offered_nsfw"  # a rule of its own: a yes to it is none to what will be made of it


def look(generation: Generation, permits: Sequence[Permit]) -> None:
    """Raises `Unlisted` or `Doubtful`. Nothing was drawn by then, and nothing is spent."""
    entry = engines.entries().get(generation.engine)  # one that is gone is named by whoever loads it
    if entry is not None and not entry.abilities.needs_material:
        for frames in _pictures(generation):
            _clip(generation, frames, permits)


def before_it_leaves(generation: Generation, job: Job) -> None:
    """Raises `Doubtful`, and `Unjudged` where nobody can judge. A moderator who let these very pictures pass
    is believed."""
    entry = engines.entries().get(generation.engine)
    if entry is None or not entry.abilities.is_elsewhere or not job.sources or _was_cleared(generation):
        return
    from generation.engines.filling import moment  # loads pictures: workers only

    verdict, shown = pictures.judge([np.asarray(moment(job, 0, job.size))])
    if verdict.outcome is not Outcome.ALLOW:
        raise Doubtful(replace(verdict, stage=STAGE, rule=SENT), [], shown)


def _was_cleared(generation: Generation) -> bool:
    """Whether a moderator looked at what this request sends."""
    about = f"generation.generation:{generation.public_id}"
    rows = Case.objects.filter(kind="held_pictures", subject=about, reason__startswith=f"{SENT}:")
    return rows.filter(decision="allow").exists()


def _clip(generation: Generation, frames: Sequence[Frame], permits: Sequence[Permit]) -> None:
    from cameos import inspection

    found = inspection.inspect(frames=frames, permitted=permits)
    if found.is_refused:
        raise Unlisted(_refusal(len(found.strangers)))
    cleared = set(generation.cleared_faces)
    doubtful = [match.cameo_id for match in found.doubtful if match.cameo_id not in cleared]
    if doubtful:
        verdict = Verdict(Outcome.REVIEW, stage=STAGE, rule=DOUBT, evidence=found.evidence)
        raise Doubtful(verdict, doubtful, frames)


def _pictures(generation: Generation) -> list[list[Frame]]:
    """Of each clip the picture that is meant, or all of them where it is gone on from whole."""
    moments = generation.how.get("at_ms", [])
    films = []
    for index, clip in enumerate(generation.sources()):
        film = store.pictures(clip)
        if film and generation.verb in FROM_PICTURES and index < len(moments):
            at = round(moments[index] / 1000 * store.PICTURES_A_SECOND)
            film = [film[min(max(0, at), len(film) - 1)]]
        films.append(film)
    return [film for film in films if film]


def _refusal(count: int) -> Verdict:
    said = ngettext("%(n)d face in the picture", "%(n)d faces in the picture", count) % {"n": count}
    return Verdict(Outcome.REFUSE, stage=STAGE, rule=RULE, evidence=said)
