"""A page of comments, newest first, with what this viewer may do to each."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import Q

from accounts.social import Viewer
from feed import cards, pagination
from feed.models import Comment, Post
from feed.refusals import BadCursor

PAGE = 30
MOST_REPLIES = 300  # of a page's threads together


@dataclass(frozen=True)
class Line:
    id: str
    author: cards.Person
    text: str
    created_at: datetime
    may_delete: bool
    may_edit: bool = False
    may_pin: bool = False
    is_pinned: bool = False
    is_edited: bool = False
    replies: list[Line] = field(default_factory=list)


@dataclass(frozen=True)
class Comments:
    lines: list[Line]
    next: str | None

    def as_json(self) -> dict[str, Any]:
        return {"comments": [asdict(line) for line in self.lines], "next": self.next}


def comments_page(viewer: Viewer, post: Post, cursor: str, now: datetime) -> Comments:
    """Threads, the pinned one first and then the newest, each with its first answers. Two queries at most,
    however many comments there are."""
    rows = Comment.objects.visible_to(viewer).filter(post=post).select_related("author")
    threads = rows.filter(reply_to=None)
    if cursor:
        threads = threads.filter(_before(pagination.read(_list_of(post), cursor)), is_pinned=False)
    found = list(threads.order_by("-is_pinned", "-created_at", "-pk")[: PAGE + 1])
    shown = found[:PAGE]
    answers: dict[int | None, list[Line]] = {}
    if shown:
        for reply in rows.filter(reply_to__in=shown).order_by("created_at", "pk")[:MOST_REPLIES]:
            answers.setdefault(reply.reply_to_id, []).append(line(reply, post, viewer))
    lines = [replace(line(comment, post, viewer), replies=answers.get(comment.pk, [])) for comment in shown]
    if len(found) <= PAGE:
        return Comments(lines, None)
    last = found[PAGE - 1]
    return Comments(lines, pagination.write(_list_of(post), [last.created_at.isoformat(), last.pk]))


def line(comment: Comment, post: Post, viewer: Viewer) -> Line:
    is_mine = viewer.pk is not None and viewer.pk == comment.author_id
    is_creator = viewer.pk is not None and viewer.pk == post.creator_id
    return Line(
        id=str(comment.public_id),
        author=cards.person(comment.author),
        text=comment.text,
        created_at=comment.created_at,
        may_delete=is_mine or is_creator,
        may_edit=is_mine,
        may_pin=is_creator and comment.reply_to_id is None,
        is_pinned=comment.is_pinned,
        is_edited=comment.edited_at is not None,
    )


def _list_of(post: Post) -> str:
    return f"comments.{post.public_id}"


def _before(state: object) -> Q:
    match state:
        case [str(at), int(pk)]:
            moment = datetime.fromisoformat(at)
            return Q(created_at__lt=moment) | Q(created_at=moment, pk__lt=pk)
    raise BadCursor()
