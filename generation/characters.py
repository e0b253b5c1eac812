"""Characters that somebody invents: a pet, a toy, a drawing. A likeness with an owner and permissions like
any other, that depicts nobody: nothing is recorded and nothing verified.

Its name is judged as a prompt is, without letting anybody's name through, because a prompt may say the name
of whoever is cast: a character called like a star would be the way round the guard.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from accounts import throttle
from accounts.handles import check_name
from accounts.models import User
from accounts.refusals import Refused
from cameos import access
from cameos import actions as likeness
from cameos.models import Cameo
from generation import looks, screening
from generation.screening import Outcome
from generation.screening.verdict import rule_title

MOST = 20  # of one owner at a time
LONGEST_NAME = 60


class NameRefused(Refused):
    """`code`: name_empty, name_too_long, name_odd, name_guarded or name_taken."""

    def __init__(self, code: str, message: str, hint: str = "", status: int = 422) -> None:
        super().__init__(code=f"name_{code}", message=message, hint=hint, status=status)


class TooManyCharacters(Refused):
    def __init__(self) -> None:
        super().__init__(
            code="too_many_characters",
            message=_("You have %(most)d characters; that is as many as fit.") % {"most": MOST},
            hint=_("Erase one that you do not need any more."),
            status=409,
        )


class NameUnjudged(Refused):
    def __init__(self) -> None:
        super().__init__(
            code="name_unjudged",
            message=_("The name cannot be checked at this moment."),
            hint=_("Nothing was saved. Try again in a few minutes."),
            status=503,
        )


def of(owner: User) -> QuerySet[Cameo]:
    """Somebody's own characters by name, none that is erased."""
    mine = access.cameos_of(owner).filter(kind=Cameo.Kind.CHARACTER, state=Cameo.State.VERIFIED)
    return mine.order_by("name", "pk")


def one(owner: User, public_id: UUID) -> Cameo:
    """One of them. Raises `Http404`, for somebody else's as for none."""
    found = of(owner).filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def create(*, owner: User, name: str, look: Mapping[str, Any], now: datetime) -> Cameo:
    """A new character; only its owner may cast it until they say more. Raises `NameRefused`, `NameUnjudged`,
    `looks.LookUnknown`, `TooManyCharacters`, `throttle.TooMany`; then nothing is kept."""
    name, look = read_name(name), looks.read(look)
    throttle.spend("character", f"character:{owner.pk}", now)
    _judge(name)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=owner.pk)  # two presses are one after the other
        _check_room(owner, name)
        return likeness.create_character(owner=owner, name=name, character=look, now=now)


def forget_look(cameo: Cameo) -> None:
    """A character was erased: how it looked goes with its name."""
    Cameo.objects.filter(pk=cameo.pk).update(character=None)


def picture(*, viewer: User, look: Mapping[str, Any], now: datetime) -> bytes:
    """How a character of this look is drawn (WebP). Raises `looks.LookUnknown`, `looks.NotDrawn`, and
    `throttle.TooMany` where it has to be drawn anew."""
    look = looks.read(look)
    if looks.kept_picture(look) is None:
        throttle.spend("character_picture", f"character_picture:{viewer.pk}", now)
    return looks.picture(look)


def read_name(name: str) -> str:
    """The name without outer blanks. Raises `NameRefused` where a page or a prompt could not say it."""
    name = " ".join(name.split(" ")).strip()
    if len(name) > LONGEST_NAME:
        told = {"n": len(name), "most": LONGEST_NAME}
        raise NameRefused(
            "too_long", _("The name has %(n)d characters; at most %(most)d fit.") % told, _("Shorten it.")
        )
    try:
        check_name(name)
    except ValidationError as odd:
        raise NameRefused("odd", odd.messages[0]) from odd
    if not any(letter.isalnum() for letter in name):
        raise NameRefused(
            "empty", _("The character needs a name."), _("With a letter in it, so that a prompt can say it.")
        )
    return name


def _judge(name: str) -> None:
    try:
        verdict = screening.judge_prompt(name)
    except screening.Unjudged as error:
        raise NameUnjudged() from error
    if verdict.outcome is not Outcome.ALLOW:
        raise NameRefused(
            "guarded",
            _("This name cannot be taken: %(rule)s.") % {"rule": rule_title(verdict.rule)},
            _("Invent one of your own: of nobody real, and of no character that belongs to others."),
        )


def _check_room(owner: User, name: str) -> None:
    """Raises `NameRefused` for a name that one of the owner's likenesses has, `TooManyCharacters`."""
    there = list(access.cameos_of(owner).values_list("kind", "name"))
    if name.casefold() in {taken.casefold() for _kind, taken in there}:
        raise NameRefused(
            "taken",
            _("You have a likeness of this name already."),
            _("A prompt says whom it means by name, so give this one another."),
            status=409,
        )
    if sum(kind == Cameo.Kind.CHARACTER for kind, _name in there) >= MOST:
        raise TooManyCharacters()
