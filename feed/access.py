"""The only way from (viewer, id) to a row of this room. Absent and hidden give the same 404."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts import social
from accounts.models import User
from accounts.social import Viewer
from feed import series
from feed.models import Ballot, Comment, Episode, Post, Series
from generation.access import clip_for
from generation.models import Clip


def post_for(viewer: Viewer, public_id: UUID, now: datetime) -> Post:
    """A post that the viewer may see, with its clip and creator."""
    visible = Post.objects.visible_to(viewer, now).select_related("clip", "creator")
    return get_object_or_404(visible, public_id=public_id)


def is_offered(viewer: Viewer, public_id: UUID, now: datetime) -> bool:
    """Whether the viewer would see it by paying."""
    return Post.objects.offered_to(viewer, now).filter(public_id=public_id).exists()


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


def series_for(viewer: Viewer, public_id: UUID) -> Series:
    return get_object_or_404(Series.objects.visible_to(viewer).select_related("creator"), public_id=public_id)


def own_series(viewer: Viewer, public_id: UUID) -> Series:
    own = Series.objects.visible_to(viewer).filter(creator=viewer.pk)
    return get_object_or_404(own.select_related("creator"), public_id=public_id)


def last_episode(own: Series) -> Episode:
    found = own.episodes.select_related("series").order_by("-number").first()
    if found is None:
        raise Http404
    return found


def ballot_of(viewer: Viewer, found: Series, now: datetime) -> Ballot:
    """The last vote of a series, where the viewer may see the episode that it is about."""
    ballot = series.ballot_for(viewer, found, now)
    if ballot is None:
        raise Http404
    return ballot


def person_for(viewer: Viewer, handle: str) -> User:
    """A person's page: there for everybody but those with a block between them."""
    people: QuerySet[Any] = User.objects.filter(is_active=True, erased_at=None)
    return get_object_or_404(people.exclude(pk__in=social.blocked_ids(viewer)), username=handle)
