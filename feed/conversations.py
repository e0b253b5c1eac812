"""What somebody reads of their messages: the list, one conversation, and the clips in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q
from django.http import Http404
from django.utils.translation import gettext as _

from accounts import social
from accounts.models import User
from accounts.social import Viewer
from feed import cards
from feed.cards import Card, Person
from feed.models import Conversation, Message, Talker

PAGE = 50
State = Talker.State


@dataclass(frozen=True)
class Row:
    """One conversation in the list."""

    url: str
    id: str
    title: str
    people: list[Person]
    last: str
    last_at: datetime
    unread: int
    is_request: bool


@dataclass(frozen=True)
class Line:
    id: str
    author: Person
    text: str
    card: Card | None
    had_clip: bool  # a clip was shared that this viewer may not see (any more)
    created_at: datetime
    is_mine: bool


@dataclass(frozen=True)
class Talk:
    """One conversation as it is shown, oldest line first."""

    conversation: Conversation
    title: str
    people: list[Person]
    lines: list[Line]
    older: int | None
    state: str
    is_group: bool


def inbox(person: User) -> list[Row]:
    """The newest hundred, in five queries however many there are. Who has a block between them and this
    person is in none: not in its names, nor among what is unread; a talk of the two is not there."""
    mine = Talker.objects.filter(person=person).exclude(state=State.OUT)
    mine = mine.select_related("conversation").order_by("-conversation__last_at", "-pk")
    rows = list(mine[:100])
    ids = [row.conversation_id for row in rows]
    hidden = social.blocked_ids(person)
    others: dict[int, list[User]] = {}
    apart: dict[int, set[int]] = {}
    for talker in Talker.objects.filter(conversation__in=ids).exclude(person=person).select_related("person"):
        if talker.person_id in hidden:
            apart.setdefault(talker.conversation_id, set()).add(talker.person_id)
        else:
            others.setdefault(talker.conversation_id, []).append(talker.person)
    unheard = {person.pk}.union(*apart.values())
    unread = dict(
        Talker.objects.filter(person=person, conversation__in=ids)
        .annotate(
            n=Count(
                "conversation__messages",
                filter=(Q(read_at=None) | Q(conversation__messages__created_at__gt=F("read_at")))
                & ~Q(conversation__messages__author__in=unheard)
                & Q(conversation__messages__deleted_at=None),
            )
        )
        .values_list("conversation", "n")
    )
    last = {
        message.conversation_id: message
        for message in Message.objects.visible_to(person)
        .filter(conversation__in=ids)
        .order_by("conversation", "pk")
        .only("conversation_id", "text", "post_id")
    }
    return [
        _row(row, others.get(row.conversation_id, []), last.get(row.conversation_id), unread)
        for row in rows
        if not (row.conversation.pair and row.conversation_id in apart)
    ]


def _row(row: Talker, others: list[User], last: Message | None, unread: dict[int, int]) -> Row:
    conversation = row.conversation
    return Row(
        url=conversation.get_absolute_url(),
        id=str(conversation.public_id),
        title=_title(conversation, others),
        people=[cards.person(other) for other in others[:3]],
        last=(last.text or "▶") if last else "",
        last_at=conversation.last_at,
        unread=unread.get(conversation.pk, 0),
        is_request=row.state == State.ASKED,
    )


def _title(conversation: Conversation, others: list[User]) -> str:
    return conversation.title or ", ".join(other.name for other in others[:4]) or _("A group")


def conversation_for(viewer: Viewer, public_id: UUID) -> tuple[Conversation, Talker]:
    """One that the viewer takes part in; for everybody else it is not there. A block hides the talk of
    two."""
    found = (
        Talker.objects.filter(person=viewer.pk, conversation__public_id=public_id)
        .exclude(state=State.OUT)
        .select_related("conversation")
        .first()
    )
    if found is None:
        raise Http404
    if found.conversation.pair:
        others = found.conversation.talkers.exclude(person=viewer.pk).values_list("person", flat=True)
        if set(others) & social.blocked_ids(viewer):
            raise Http404
    return found.conversation, found


def talk(viewer: User, public_id: UUID, before: int | None, now: datetime) -> Talk:
    conversation, mine = conversation_for(viewer, public_id)
    hidden = social.blocked_ids(viewer)
    talkers = conversation.talkers.exclude(person=viewer).select_related("person")
    others = [talker.person for talker in talkers if talker.person_id not in hidden]
    rows = Message.objects.visible_to(viewer).filter(conversation=conversation).select_related("author")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: PAGE + 1])
    shown = found[:PAGE]
    clips = dict(cards.some(viewer, sorted({row.post_id for row in shown if row.post_id}), now))
    return Talk(
        conversation=conversation,
        title=_title(conversation, others),
        people=[cards.person(other) for other in others],
        lines=[_line(row, viewer, clips) for row in reversed(shown)],
        older=shown[-1].pk if len(found) > PAGE else None,
        state=mine.state,
        is_group=not conversation.pair,
    )


def _line(row: Message, viewer: User, clips: dict[int, Card]) -> Line:
    return Line(
        id=str(row.public_id),
        author=cards.person(row.author),
        text=row.text,
        card=clips.get(row.post_id or 0),
        had_clip=row.post_id is not None and row.post_id not in clips,
        created_at=row.created_at,
        is_mine=row.author_id == viewer.pk,
    )


def message_for(viewer: Viewer, public_id: UUID) -> Message:
    """A message of a conversation that the viewer takes part in."""
    talks = Talker.objects.filter(person=viewer.pk).exclude(state=State.OUT).values("conversation")
    rows = Message.objects.visible_to(viewer).filter(conversation__in=talks)
    found = rows.select_related("conversation").filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def as_json(line: Line) -> dict[str, Any]:
    return {
        "id": line.id,
        "author": line.author.handle,
        "text": line.text,
        "clip": line.card.url if line.card else None,
        "created_at": line.created_at,
        "is_mine": line.is_mine,
    }
