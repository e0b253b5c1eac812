"""The only way from (viewer, id) to a capture; what is not the viewer's is not there."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404

from accounts.models import User
from cameos.models import CameoCapture


def capture_for(viewer: User, public_id: UUID) -> CameoCapture:
    """The viewer's own capture. Raises `Http404`."""
    return _first(CameoCapture.objects.filter(cameo__owner=viewer, public_id=public_id))


def recording_for(viewer: User, public_id: UUID) -> CameoCapture:
    """A capture under review, for its owner and for moderators, who have to look at it. Raises `Http404`."""
    waiting = CameoCapture.objects.filter(public_id=public_id, state=CameoCapture.State.REVIEW)
    if not viewer.is_moderator:
        waiting = waiting.filter(cameo__owner=viewer)
    return _first(waiting.select_related("cameo"))


def latest_for(viewer: User) -> CameoCapture | None:
    """The viewer's newest capture."""
    return CameoCapture.objects.filter(cameo__owner=viewer).order_by("-created_at").first()


def _first(captures: object) -> CameoCapture:
    found = captures.first()  # type: ignore[attr-defined]
    if found is None:
        raise Http404
    return found
