"""A page of comments, newest first, with what this viewer may do to each."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from accounts.social import Viewer
from feed import cards, pagination
from feed.models import Comment, Post
from feed.refusals import BadCursor

PAGE = 30


@dataclass(frozen=True)
class Line:
    id: str
    author: cards.Person
    text: str
    created_at: datetime
    may_delete: bool


@dataclass(frozen=True)
class Comments:
    lines: list[Line]
    next: str | None

    def as_json(self) -> dict[str, Any]:
        return {"comments": [asdict(line) for line in self.lines], "next": self.next}


def comments_page(viewer: Viewer, post: Post, cursor: str, now: datetime) -> Comments:
    """Two queries at most, however many comments there are."""
    rows = Comment.objects.visible_to(viewer).filter(post=post).select_related("author")
    if cursor:
        rows = rows.filter(_before(pagination.read(_list_of(post), cursor)))
    found = list(rows.order_by("-created_at", "-pk")[: PAGE + 1])
    lines = [line(comment, post, viewer) for comment in found[:PAGE]]
    if len(found) <= PAGE:
        return Comments(lines, None)
    last = found[PAGE - 1]
    return Comments(lines, pagination.write(_list_of(post), [last.created_at.isoformat(), last.pk]))


def line(comment: Comment, post: Post, viewer: Viewer) -> Line:
    return Line(
        id=str(comment.public_id),
        author=cards.person(comment.author),
        text=comment.text,
        created_at=comment.created_at,
        may_delete=viewer.pk is not None and viewer.pk in {comment.author_id, post.creator_id},
    )


def _list_of(post: Post) -> str:
    return f"comments.{post.public_id}"


def _before(state: object) -> Q:
    match state:
        case [str(at), int(pk)]:
            moment = datetime.fromisoformat(at)
            return Q(created_at__lt=moment) | Q(created_at=moment, pk__lt=pk)
    raise BadCursor()
