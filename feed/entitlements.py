"""Who has paid for which post. The rule of who sees what reads it (`generation.models.is_visible_to`);
whoever takes the money writes it, by these functions."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from feed import slates
from feed.models import Entitlement, Post


@transaction.atomic
def lock(post: Post) -> None:
    """From now on only who has paid sees it (and who made it, and who is in it)."""
    Post.objects.filter(pk=post.pk).update(is_paid=True)
    post.is_paid = True


@transaction.atomic
def open_to_all(post: Post) -> None:
    Post.objects.filter(pk=post.pk).update(is_paid=False)
    post.is_paid = False


@transaction.atomic
def grant(*, post: Post, person: User, reference: str, now: datetime) -> Entitlement:
    """This person has paid, by the payment `reference`. Twice is once; one that ended does not begin
    again."""
    made, _new = Entitlement.objects.get_or_create(
        reference=reference, defaults={"post": post, "person": person, "granted_at": now}
    )
    slates.touch([person.pk], now)
    return made


@transaction.atomic
def end(*, reference: str, now: datetime) -> bool:
    """The payment went back. False where it ended before, or never was."""
    return bool(Entitlement.objects.filter(reference=reference, ended_at=None).update(ended_at=now))


def has(post: Post, person: User) -> bool:
    return Entitlement.objects.standing().filter(post=post, person=person).exists()
