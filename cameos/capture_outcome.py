"""What comes of a verdict for the person who recorded. Reads only."""

from __future__ import annotations

from django.conf import settings

from cameos.models import CameoCapture
from cameos.verdicts import CaptureVerdict, Outcome, Reason


def of(made: CameoCapture, verdict: CaptureVerdict) -> Outcome:
    """Who asked for a person gets one, if there is anything to look at; so does a host that wants one
    for every likeness. Lips that move little are sent back once before anybody looks."""
    nothing_to_see = {Reason.NO_FACE, Reason.TOO_SHORT, Reason.CHOPPY}
    if made.human_note and not nothing_to_see & set(verdict.reasons):
        return Outcome.REVIEW
    if verdict.outcome is Outcome.VERIFIED and made.cameo_id and settings.CAPTURE_HUMAN_REVIEW:
        return Outcome.REVIEW
    if verdict.reasons == (Reason.LIPS_FAINT,) and not _was_faint_before(made):
        return Outcome.RETRY
    return verdict.outcome


def _was_faint_before(made: CameoCapture) -> bool:
    """Whether the same person was told before that their lips moved little. The first time they mend that
    sooner than a moderator could look; who then still moves them little may not be able to."""
    earlier = CameoCapture.objects.filter(cameo=made.cameo, never_me=made.never_me).exclude(pk=made.pk)
    return any(reasons == [Reason.LIPS_FAINT] for reasons in earlier.values_list("reasons", flat=True))
