"""The small picture that a maker sees while a clip renders: the last step's, for them alone, and gone with
the job. It is shown before anybody looked for unlisted faces, so it goes to nobody else."""

from __future__ import annotations

from accounts.models import Block
from generation.engines.base import Frame
from generation.models import Generation, Preview

LONGEST = 224
QUALITY = 60


def keep(generation: Generation, picture: Frame, step: int) -> None:
    """Replace the picture by this step's. A picture that is none is left out: the writer names it."""
    from model import video  # loads OpenCV: workers only

    try:
        small = video.resize(picture, video.fit((picture.shape[1], picture.shape[0]), LONGEST))
        jpeg = video.poster(small, quality=QUALITY)
    except Exception:
        return
    Preview.objects.update_or_create(generation=generation, defaults={"jpeg": jpeg, "step": step})


def forget(generation: Generation) -> None:
    Preview.objects.filter(generation=generation).delete()


def latest(generation: Generation) -> Preview | None:
    """None from the moment on at which the job is to stop, be it that somebody in it took themself back or
    blocked its maker: the worker may be a while in hearing of it."""
    there = Preview.objects.filter(generation=generation, generation__cancel_requested_at=None)
    owners = generation.cast.values("cameo__owner")
    blocks = Block.objects.filter(blocker__in=owners, blocked=generation.maker_id)
    return None if blocks.exists() else there.first()
