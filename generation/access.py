"""The only way from (viewer, id) to a row of this room. Absent and hidden are one 404."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404

from accounts.access import operator_only
from generation.models import Clip, ClipTemplate, Generation, RemoteWorker, Rendition


def clips(viewer: Any) -> QuerySet[Clip]:
    return Clip.objects.visible_to(viewer).select_related("maker")


def clip_for(viewer: Any, public_id: UUID | str) -> Clip:
    return _one(clips(viewer).prefetch_related("renditions"), public_id)


def own_clip(viewer: Any, public_id: UUID | str) -> Clip:
    """A clip of the viewer's own that is still served."""
    return _one(clips(viewer).filter(maker=viewer), public_id)


def rendition_for(viewer: Any, public_id: UUID | str) -> Rendition:
    """A file of a clip that the viewer may see at this moment."""
    visible = Clip.objects.visible_to(viewer).filter(files_purged_at=None)
    return _one(Rendition.objects.filter(clip__in=visible).select_related("clip"), public_id)


def generations(viewer: Any) -> QuerySet[Generation]:
    """A person's own generations, the newest first. Nobody else sees a request."""
    if not viewer.is_authenticated:
        return Generation.objects.none()
    return (
        Generation.objects.made_by(viewer)
        .select_related("maker", "clip", "parent")
        .order_by("-created_at", "-pk")
    )


def generation_for(viewer: Any, public_id: UUID | str) -> Generation:
    return _one(generations(viewer).prefetch_related("cast__cameo"), public_id)


def batch_for(viewer: Any, batch: UUID | str) -> list[Generation]:
    """The takes of one press of the viewer's own."""
    rows = list(generations(viewer).filter(batch=batch).prefetch_related("clip__renditions"))
    if not rows:
        raise Http404
    return rows


def template_for(viewer: Any, public_id: UUID | str) -> ClipTemplate:
    return _one(ClipTemplate.objects.visible_to(viewer).select_related("source__maker"), public_id)


def remote_workers(viewer: Any) -> QuerySet[RemoteWorker]:
    """Registered workers on other machines: the operator's alone. 404 for everybody else."""
    operator_only(viewer)
    return RemoteWorker.objects.filter(revoked_at=None).order_by("name")


def _one(rows: QuerySet[Any], public_id: UUID | str) -> Any:
    try:
        row = rows.filter(public_id=public_id).first()
    except (ValueError, TypeError, ValidationError) as error:  # what is no id is nobody's id
        raise Http404 from error
    if row is None:
        raise Http404
    return row
