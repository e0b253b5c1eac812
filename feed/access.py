"""The only way from (viewer, id) to a row of this room. Absent and hidden give the same 404."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from accounts import social
from accounts.models import User
from accounts.social import Viewer
from feed.models import Comment, Post
from generation.access import clip_for
from generation.models import Clip


def post_for(viewer: Viewer, public_id: UUID, now: datetime) -> Post:
    """A post that the viewer may see, with its clip and creator."""
    visible = Post.objects.visible_to(viewer, now).select_related("clip", "creator")
    return get_object_or_404(visible, public_id=public_id)


def own_post_for(viewer: Viewer, public_id: UUID) -> Post:
    """A post of the viewer's own, hidden by a moderator or not: to take it down."""
    own = Post.objects.filter(creator=viewer.pk, state__in=[Post.State.LIVE, Post.State.HIDDEN])
    return get_object_or_404(own, public_id=public_id)


def draft_for(viewer: Viewer, public_id: UUID) -> Clip:
    """A clip that the viewer may see (published or not), for its maker to publish."""
    return clip_for(viewer, public_id)


def comment_for(viewer: Viewer, public_id: UUID, now: datetime) -> Comment:
    """A standing comment under a post that the viewer may see."""
    comments = Comment.objects.visible_to(viewer).filter(post__in=Post.objects.visible_to(viewer, now))
    return get_object_or_404(comments.select_related("post"), public_id=public_id)


def person_for(viewer: Viewer, handle: str) -> User:
    """A person's page: there for everybody but those with a block between them."""
    people: QuerySet[Any] = User.objects.filter(is_active=True, erased_at=None)
    return get_object_or_404(people.exclude(pk__in=social.blocked_ids(viewer)), username=handle)
