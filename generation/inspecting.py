"""Who is in the finished pictures: the question is cameos', the answer becomes a verdict of this room.

plainly somebody who did not allow it     REFUSED
perhaps somebody who did not allow it     HELD, with a few frames for a moderator: 72 h, then refused
perhaps sexual                            the same, unless a moderator looked at these before
said in sound that is not our own         the same, with the stretch of sound
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
from django.db import transaction
from django.utils.translation import ngettext
from numpy.typing import NDArray

from accounts import cases
from cameos.consent import Permit
from cameos.models import Cameo
from generation import actions, appeals, glimpse, inform
from generation.engines import base as engines
from generation.engines.base import Frame
from generation.models import Generation, HeldPictures
from generation.screening import Outcome, Verdict, heard, pictures
from generation.states import State, Verb

if TYPE_CHECKING:
    from cameos.inspection import Inspection

MOST_FRAMES, HEIGHT = 4, 320
NOT_CAST = appeals.NOT_CAST
Sound = NDArray[np.float32]


class Unlisted(Exception):
    """Somebody is in the pictures who did not allow it."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.rule)
        self.verdict = verdict


class Doubtful(Exception):
    """Somebody may be in the pictures who did not allow it, or something may break a rule. `frames` are for
    who looks, `sound` (mono at 48 kHz) for who listens."""

    def __init__(
        self, verdict: Verdict, cameo_ids: Sequence[int], frames: Sequence[Frame], sound: Sound | None = None
    ) -> None:
        super().__init__(verdict.rule)
        self.verdict, self.cameo_ids, self.frames = verdict, list(cameo_ids), frames
        self.sound = sound


def inspect(frames: Sequence[Frame], permits: Sequence[Permit], cleared: Iterable[int] = ()) -> Inspection:
    """What was seen. Raises `Unlisted` or `Doubtful`. `cleared`: in whom a moderator did not believe when
    they looked."""
    from cameos import inspection

    found = inspection.inspect(frames=frames, permitted=permits)
    if found.is_refused:
        raise Unlisted(_verdict(Outcome.REFUSE, "unlisted_face", found.evidence))
    doubtful = [match.cameo_id for match in found.doubtful if match.cameo_id not in set(cleared)]
    if doubtful:
        raise Doubtful(_verdict(Outcome.REVIEW, "doubtful_face", found.evidence), doubtful, frames)
    return found


def inspect_photo(generation: Generation, picture: Frame, permits: Sequence[Permit]) -> Inspection:
    """What was seen in a photograph that somebody brought: everybody in it was cast, or it is refused, in the
    same words whoever it is (no refusal tells whether somebody in a photograph is known here). Raises
    `Unlisted`, and `Doubtful` where all are cast and one may be somebody else."""
    from cameos import inspection

    found = inspection.inspect_photo(picture, permitted=permits)
    is_stranger = found.rule == NOT_CAST and not appeals.says_nobody_is_in(generation)
    if found.rule == "unlisted_face" or is_stranger:
        count = max(1, found.unknown_count)
        said = ngettext("%(n)d face in the picture", "%(n)d faces in the picture", count) % {"n": count}
        raise Unlisted(_verdict(Outcome.REFUSE, NOT_CAST, said))
    doubtful = [m.cameo_id for m in found.inspection.doubtful if m.cameo_id not in generation.cleared_faces]
    if doubtful:
        verdict = _verdict(Outcome.REVIEW, "doubtful_face", found.inspection.evidence)
        raise Doubtful(verdict, doubtful, [picture])
    return found.inspection


def look(generation: Generation, frames: Sequence[Frame]) -> None:
    """Judge the pictures as the prompt was judged. Raises `Doubtful`, and `Unjudged` where nobody can."""
    if generation.pictures_cleared or appeals.was_granted(generation):
        return
    verdict, shown = pictures.judge(frames)
    if verdict.outcome is not Outcome.ALLOW:
        raise Doubtful(verdict, [], shown)


def listen(generation: Generation, sound: Sound | None, transcript: str, frames: Sequence[Frame]) -> None:
    """Judge what is said in sound that is not this host's own. Raises `Doubtful`, and `Unjudged` for a
    transcript that nobody can judge now."""
    if generation.sound_cleared or _is_ours(generation):
        return
    found = heard.judge(sound, transcript)
    if found.verdict.outcome is not Outcome.ALLOW:
        raise Doubtful(found.verdict, [], frames, found.part)


def listen_to_voices(generation: Generation, sound: Sound | None, frames: Sequence[Frame]) -> None:
    """Judge what a network said in somebody's voice: its words were judged, and it may have said others.
    Raises `Doubtful`."""
    if generation.sound_cleared or sound is None:
        return
    found = heard.judge(sound, "")
    if found.verdict.outcome is not Outcome.ALLOW:
        raise Doubtful(found.verdict, [], frames, found.part)


def _is_ours(generation: Generation) -> bool:
    """Music that this host writes, and its stock voice under words that were judged."""
    entry = engines.entries().get(generation.engine)
    silent = generation.verb in (Verb.PHOTO, Verb.PAN, Verb.PROMO, Verb.EXPLAIN)
    return silent or (entry is not None and entry.abilities.sound_is_ours)


def likenesses(found: Inspection, permits: Sequence[Permit]) -> list[float]:
    """How much each person cast looks like themselves, 1 the same picture; nothing for drawn characters."""
    real = [permit.cameo.pk for permit in permits if permit.cameo.kind != Cameo.Kind.CHARACTER]
    return [found.identity[pk] for pk in real if pk in found.identity]


@transaction.atomic
def hold(generation: Generation, doubt: Doubtful, now: datetime) -> bool:
    """Keep a few frames and ask a moderator. Nothing is sealed meanwhile."""
    why = actions.refusal_fields(doubt.verdict)
    if not Generation.objects.move(generation, State.HELD, now, lease_until=None, **why):
        return False
    glimpse.forget(generation)  # it may show them, too
    kept = {
        "frames": _small(doubt.frames),
        "sound": _encoded(doubt.sound),
        "cameo_ids": doubt.cameo_ids,
        "created_at": now,
    }
    HeldPictures.objects.update_or_create(generation=generation, defaults=kept)
    cases.file(
        kind="held_pictures",
        subject=f"generation.generation:{generation.public_id}",
        reason=f"{doubt.verdict.rule}: {doubt.verdict.evidence}",
        filed_by=None,
        now=now,
    )
    inform.tell(generation)
    return True


@transaction.atomic
def clear(generation: Generation, now: datetime) -> bool:
    """A moderator looked, and it is somebody else, or nothing against a rule: drawn again from the same seed,
    and not held for that again."""
    held = HeldPictures.objects.filter(generation=generation).first()
    if held is not None:
        generation.cleared_faces = sorted({*generation.cleared_faces, *held.cameo_ids})
        generation.pictures_cleared |= generation.refusal_rule == pictures.RULE
        generation.sound_cleared |= generation.refusal_stage == heard.STAGE
        generation.save(update_fields=["cleared_faces", "pictures_cleared", "sound_cleared"])
        held.delete()
    return actions.release_held(generation=generation, now=now)


def forget_frames() -> int:
    """Frames of what is not held any more, however that ended. Returns how many looks are over."""
    return HeldPictures.objects.exclude(generation__state=State.HELD).delete()[0]


def _verdict(outcome: Outcome, rule: str, evidence: str) -> Verdict:
    return Verdict(outcome, stage="pictures", rule=rule, evidence=evidence)


def _encoded(sound: Sound | None) -> bytes:
    from model import video  # loads OpenCV: workers only

    if sound is None or not len(sound):
        return b""
    return video.encode_sound(np.asarray(sound, np.float32), len(sound) / video.AUDIO_RATE)


def _small(frames: Sequence[Frame]) -> list[str]:
    import cv2

    chosen = [frames[i] for i in np.linspace(0, len(frames) - 1, min(MOST_FRAMES, len(frames))).astype(int)]
    kept = []
    for frame in chosen:
        size = (round(frame.shape[1] * HEIGHT / frame.shape[0]), HEIGHT)
        small = cv2.resize(np.asarray(frame), size, interpolation=cv2.INTER_AREA)
        _, data = cv2.imencode(".jpg", small[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 80])
        kept.append(base64.b64encode(data.tobytes()).decode())
    return kept
