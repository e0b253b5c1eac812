"""The only way from (viewer, id) to a capture; what is not the viewer's is not there."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest

from accounts.models import User
from cameos.models import CameoCapture, NeverMe
from cameos.recorded import Recorded, captures_of

VISITOR = "never_me"  # in the session: whose recording this browser makes


def capture_for(viewer: Recorded, public_id: UUID) -> CameoCapture:
    """The viewer's own capture. Raises `Http404`."""
    return _first(captures_of(viewer).filter(public_id=public_id))


def recording_for(viewer: User, public_id: UUID) -> CameoCapture:
    """A capture under review, for its owner and for moderators, who have to look at it. Raises `Http404`."""
    waiting = CameoCapture.objects.filter(public_id=public_id, state=CameoCapture.State.REVIEW)
    if not viewer.is_moderator:
        waiting = waiting.filter(cameo__owner=viewer)
    return _first(waiting.select_related("cameo", "never_me"))


def latest_for(viewer: Recorded) -> CameoCapture | None:
    """The viewer's newest capture."""
    return captures_of(viewer).order_by("-created_at").first()


def visitor_of(request: HttpRequest) -> NeverMe | None:
    """The entry of the never-me registry that was begun in this browser, if it is not erased."""
    begun = request.session.get(VISITOR)
    return (
        NeverMe.objects.filter(public_id=begun).exclude(state=NeverMe.State.ERASED).first() if begun else None
    )


def _first(captures: object) -> CameoCapture:
    found = captures.first()  # type: ignore[attr-defined]
    if found is None:
        raise Http404
    return found
