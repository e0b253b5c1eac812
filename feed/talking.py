"""Messages between two people and in small groups.

Whoever is not known asks first: one message waits until it is accepted. A person knows whom they follow or
list as close. Teens talk only with people who follow each other with them or whom they list as close (and
with their guardian, or with nobody else, where the guardian wants that), and whoever else tries hears the
same as before a block. A block ends a conversation of two at the next message;
in a group neither sees what the other says.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction
from django.db.models import Q

from accounts import age, guardians, notifications, social, throttle
from accounts.models import CircleMember, Follow, Mute, User
from feed import text
from feed.models import Conversation, Message, Post, Talker
from feed.refusals import (
    MessageEmpty,
    MessagesClosed,
    MessagesGuarded,
    MessageTooLong,
    NotYourMessage,
    NotYourself,
    RequestWaits,
    TooManyPeople,
)

log = logging.getLogger(__name__)
MOST_TEXT = 2000
MOST_PEOPLE = 20
State = Talker.State


def only_partner(author: User, now: datetime) -> User | None:
    """The guardian of whoever is to have messages with them alone."""
    link = guardians.in_force(author, now) if guardians.limits(author, now).no_messages else None
    return link.guardian if link is not None else None


def knows(person: User, other: User) -> bool:
    """`person` follows `other`, or lists them as close."""
    return social.follows(person, other) or social.in_circle(person, other)


def may_write(author: User, other: User, now: datetime) -> bool:
    """Whether `author` may begin with `other`, be it as a request."""
    if social.is_blocked_between(author, other) or not other.is_active or other.erased_at is not None:
        return False
    if age.is_teen(author, now) or age.is_teen(other, now):
        if guardians.is_guardian(author, other, now) or guardians.is_guardian(other, author, now):
            return True
        if guardians.limits(author, now).no_messages or guardians.limits(other, now).no_messages:
            return False
        close = social.in_circle(other, author) and social.in_circle(author, other)
        return close or social.are_mutuals(author, other)
    return True


@transaction.atomic
def open_with(*, author: User, others: Sequence[User], title: str = "", now: datetime) -> Conversation:
    """The conversation with one person, begun if there is none, or a new group with several. Whoever declined
    or left the one of two is in it again; that the other did stays.
    """
    others = list({other.pk: other for other in others}.values())
    if not others or author.pk in {other.pk for other in others}:
        raise NotYourself()
    if len(others) >= MOST_PEOPLE:
        raise TooManyPeople()
    if not all(may_write(author, other, now) for other in others):
        raise MessagesGuarded() if guardians.limits(author, now).no_messages else MessagesClosed()
    if len(others) > 1:
        _group_of_teens(others, now)
        made = Conversation.objects.create(title=text.clean(title[:400])[:80], started_by=author, last_at=now)
    else:
        pair = "-".join(map(str, sorted([author.pk, others[0].pk])))
        made, is_new = Conversation.objects.get_or_create(
            pair=pair, defaults={"started_by": author, "last_at": now}
        )
        if not is_new:
            Talker.objects.filter(conversation=made, person=author).update(state=State.IN)
            return made
    Talker.objects.create(conversation=made, person=author, state=State.IN, read_at=now)
    Talker.objects.bulk_create(
        Talker(conversation=made, person=other, state=State.IN if knows(other, author) else State.ASKED)
        for other in others
    )
    return made


def _group_of_teens(others: Sequence[User], now: datetime) -> None:
    """A group brings strangers together: with a teen in it, everybody must be known to them."""
    for teen in others:
        if age.is_teen(teen, now) and not all(
            may_write(other, teen, now) for other in others if other.pk != teen.pk
        ):
            raise MessagesClosed()


@transaction.atomic
def say(
    *, conversation: Conversation, author: User, words: str, post: Post | None = None, now: datetime
) -> Message:
    """Write, or share a clip that one may see. Raises a named refusal where the other has closed the door."""
    words = text.clean(words[: MOST_TEXT * 5])
    if not words and post is None:
        raise MessageEmpty()
    if len(words) > MOST_TEXT:
        raise MessageTooLong()
    throttle.message(author, now)
    talkers = list(conversation.talkers.select_related("person"))
    others = [talker for talker in talkers if talker.person_id != author.pk]
    mine = next((talker for talker in talkers if talker.person_id == author.pk), None)
    if mine is None or mine.state == State.OUT:
        raise MessagesClosed()
    if conversation.pair:
        _check_pair(conversation, author, others, now)
    else:
        others = _allowed_in_groups(author, others, now)
    if mine.state == State.ASKED:  # whoever answers has accepted
        Talker.objects.filter(pk=mine.pk).update(state=State.IN)
    made = Message.objects.create(
        conversation=conversation, author=author, text=words, post=post, created_at=now
    )
    Conversation.objects.filter(pk=conversation.pk).update(last_at=now)
    Talker.objects.filter(pk=mine.pk).update(read_at=now)
    _tell(conversation, author, others, now)
    return made


def _check_pair(conversation: Conversation, author: User, others: Sequence[Talker], now: datetime) -> None:
    for other in others:
        if other.state == State.OUT or not may_write(author, other.person, now):
            raise MessagesClosed()
        waits = other.state == State.ASKED and conversation.messages.filter(author=author).exists()
        if waits and not knows(other.person, author):
            raise RequestWaits()
        if other.state == State.ASKED and knows(other.person, author):
            Talker.objects.filter(pk=other.pk).update(state=State.IN)


def _allowed_in_groups(author: User, others: Sequence[Talker], now: datetime) -> list[Talker]:
    """Whoever is to have messages with their guardian alone says nothing in a group, and leaves it before
    the next word of others."""
    if guardians.limits(author, now).no_messages:
        raise MessagesGuarded()
    gone = [talker.pk for talker in others if guardians.limits(talker.person, now).no_messages]
    if gone:
        Talker.objects.filter(pk__in=gone).update(state=State.OUT)
    return [talker for talker in others if talker.pk not in gone]


def _tell(conversation: Conversation, author: User, others: Sequence[Talker], now: datetime) -> None:
    """News for whoever has read everything so far: ten messages are one notification."""
    muters = Mute.objects.filter(muted=author, muter__in=[other.person_id for other in others])
    blocked = social.blocked_ids(author) | set(muters.values_list("muter_id", flat=True))
    hearing = [other for other in others if other.state != State.OUT and other.person_id not in blocked]
    for other in hearing:
        earlier = conversation.messages.exclude(author=other.person_id)
        earlier = earlier.filter(created_at__gt=other.read_at) if other.read_at else earlier
        if earlier.count() == 1:
            notifications.notify(
                recipient=other.person,
                kind="message" if other.state == State.IN else "message_request",
                data={"name": author.name},
                url=conversation.get_absolute_url(),
                now=now,
            )
    news = {"type": "news", "kind": "message", "conversation": str(conversation.public_id)}
    people = [other.person_id for other in hearing] + [author.pk]
    transaction.on_commit(lambda: send_news(people, news))


@transaction.atomic
def accept(*, conversation: Conversation, person: User) -> None:
    Talker.objects.filter(conversation=conversation, person=person, state=State.ASKED).update(state=State.IN)


@transaction.atomic
def leave(*, conversation: Conversation, person: User) -> None:
    """Decline a request, or leave. In a conversation of two the other can't write any more."""
    Talker.objects.filter(conversation=conversation, person=person).update(state=State.OUT)


@transaction.atomic
def take_back(*, message: Message, by: User, now: datetime) -> None:
    """Its words and clip are gone for everybody."""
    if message.author_id != by.pk:
        raise NotYourMessage()
    Message.objects.filter(pk=message.pk, deleted_at=None).update(deleted_at=now, text="", post=None)


def mark_read(*, conversation: Conversation, person: User, now: datetime) -> None:
    Talker.objects.filter(conversation=conversation, person=person).update(read_at=now)


def known_to(person: User) -> Iterable[User]:
    """Whom one writes to most likely: people one follows or lists as close, by name."""
    followed = Follow.objects.filter(follower=person).values("followee")
    close = CircleMember.objects.filter(owner=person).values("member")
    people = User.objects.filter(Q(pk__in=followed) | Q(pk__in=close), is_active=True, erased_at=None)
    return people.order_by("username")[:200]


# --- News by socket ----------------------------------------------------------------------------------------


def group_of(person: int) -> str:
    return f"person.{person}"


def send_news(people: Iterable[int], news: dict[str, Any]) -> None:
    """To whatever pages these people have open. With Redis away pages ask again by themselves."""
    layer = get_channel_layer()
    for person in people:
        try:
            async_to_sync(layer.group_send)(group_of(person), news)
        except Exception:
            log.warning("No channel layer: open pages hear of this when they ask.")
            return
