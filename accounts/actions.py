"""What a person can do here: join, know people, keep them away, and say who they are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from fido2.webauthn import AuthenticatorData

from accounts import age, invites, notifications, passkeys, signals, social, throttle
from accounts.codes import normal
from accounts.handles import check_handle, check_name, skeleton, skeleton_expression
from accounts.models import Block, CircleMember, Follow, Guardianship, Mute, User
from accounts.refusals import Refused

FIRST_OPERATOR_LOCK = 0x756E6465  # any number, as long as nobody else takes it


class HandleRefused(Refused):
    code = "handle_refused"


class NameRefused(Refused):
    code = "name_refused"


class HandleTaken(Refused):
    code = "handle_taken"
    message = _("Somebody here has this handle, or one that looks like it.")
    hint = _("Choose another.")
    status = 409


class EmailTaken(Refused):
    code = "email_taken"
    message = _("This address already has an account.")
    hint = _("Sign in with it instead.")
    status = 409


class TooYoung(Refused):
    code = "too_young"
    message = _("You are too young to join this host.")
    status = 403


class BirthDateOdd(Refused):
    code = "birth_date_odd"
    message = _("This birth date can't be right.")


class NotYourself(Refused):
    code = "not_yourself"
    message = _("That does not work with yourself.")


class OperatorThere(Refused):
    code = "not_found"
    message = _("There is nothing here for you.")
    status = 404


class Blocked(Refused):
    code = "not_found"
    message = _("There is nothing here for you.")
    status = 404


@dataclass(frozen=True)
class Newcomer:
    """What somebody says about themselves when they join."""

    handle: str
    name: str
    birth_date: date
    language: str
    email: str = ""
    invite_code: str = ""


def check_newcomer(newcomer: Newcomer, now: datetime) -> None:
    """Everything that can be said before an account is made. Raises the refusal of the first thing that is
    wrong.
    """
    _check_text(newcomer.handle, newcomer.name)
    _check_birth_date(newcomer.birth_date, now)
    if newcomer.invite_code:
        invites.find(newcomer.invite_code, now)
    elif invites.mode() != "open":
        raise invites.SignUpClosed() if invites.mode() == "closed" else invites.InviteNeeded()
    if _looks_taken(newcomer.handle):
        raise HandleTaken()


@transaction.atomic
def sign_up(*, newcomer: Newcomer, public_id: UUID | None = None, now: datetime) -> User:
    """Make the account, use the invite, and let inviter and invited follow each other. All or nothing."""
    check_newcomer(newcomer, now)
    invite = invites.use(newcomer.invite_code, now)
    user = _make(newcomer, public_id or uuid4(), invite.inviter if invite else None, now)
    if invite is not None:
        for follower, followee in ((user, invite.inviter), (invite.inviter, user)):
            Follow.objects.create(follower=follower, followee=followee, created_at=now)
        notifications.notify(
            recipient=invite.inviter,
            kind="invite_accepted",
            data={"name": user.name, "handle": user.username},
            url=f"/u/{user.username}",
            now=now,
        )
    return user


@transaction.atomic
def sign_up_by_passkey(
    *, newcomer: Newcomer, public_id: UUID, verified: AuthenticatorData, device: str, now: datetime
) -> User:
    """An account whose way in is a passkey. No address that was not proved is kept."""
    user = sign_up(newcomer=replace(newcomer, email=""), public_id=public_id, now=now)
    passkeys.keep(user=user, verified=verified, name=device, now=now)
    return user


def has_operator() -> bool:
    """Whether somebody runs this host. An account that was closed or erased does not."""
    return User.objects.filter(is_superuser=True, is_active=True).exists()


@transaction.atomic
def first_operator(*, newcomer: Newcomer, now: datetime) -> User:
    """The account of whoever sets this host up; no invite is asked for. Raises `OperatorThere` and what
    `check_newcomer` raises about names and dates. Of two at once the second finds the first."""
    _one_at_a_time()
    if has_operator():
        raise OperatorThere()
    _check_text(newcomer.handle, newcomer.name)
    _check_birth_date(newcomer.birth_date, now)
    if _looks_taken(newcomer.handle):
        raise HandleTaken()
    user = _make(newcomer, uuid4(), None, now)
    user.is_staff = user.is_superuser = user.is_moderator = True
    user.save(update_fields=["is_staff", "is_superuser", "is_moderator"])
    return user


def _one_at_a_time() -> None:
    """Until the end of this transaction nobody else is past here. No row can be locked: there is none yet. A
    transaction of SQLite is alone from its beginning (`transaction_mode`)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FIRST_OPERATOR_LOCK])


def follow(*, follower: User, followee: User, now: datetime) -> None:
    """Following twice is following. Raises `NotYourself`, `Blocked`, `TooMany`."""
    _not_self(follower, followee)
    throttle.follow(follower, now)
    with transaction.atomic():
        if social.is_blocked_between(follower, followee):
            raise Blocked()
        _edge, is_new = Follow.objects.get_or_create(
            follower=follower, followee=followee, defaults={"created_at": now}
        )
        if is_new and not Mute.objects.filter(muter=followee, muted=follower).exists():
            notifications.notify(
                recipient=followee,
                kind="followed",
                data={"name": follower.name, "handle": follower.username},
                url=f"/u/{follower.username}",
                now=now,
            )


def unfollow(*, follower: User, followee: User) -> None:
    Follow.objects.filter(follower=follower, followee=followee).delete()


@transaction.atomic
def block(*, blocker: User, blocked: User, now: datetime) -> None:
    """Ends follows both ways, circles both ways and news from them, takes back a question to be a guardian
    (a link in force stays: `guardians.end`), and tells the other rooms. Raises `NotYourself`.
    """
    _not_self(blocker, blocked)
    _edge, is_new = Block.objects.get_or_create(
        blocker=blocker, blocked=blocked, defaults={"created_at": now}
    )
    if not is_new:
        return
    Follow.objects.filter(
        Q(follower=blocker, followee=blocked) | Q(follower=blocked, followee=blocker)
    ).delete()
    CircleMember.objects.filter(Q(owner=blocker, member=blocked) | Q(owner=blocked, member=blocker)).delete()
    both = Q(teen=blocker, guardian=blocked) | Q(teen=blocked, guardian=blocker)
    Guardianship.objects.filter(both, agreed_at=None).delete()
    signals.blocked.send(sender=Block, blocker=blocker, blocked=blocked, now=now)


def unblock(*, blocker: User, blocked: User) -> None:
    """Follows don't come back by themselves."""
    Block.objects.filter(blocker=blocker, blocked=blocked).delete()


def mute(*, muter: User, muted: User, now: datetime) -> None:
    """Hear no more of somebody; they are not told. Raises `NotYourself`."""
    _not_self(muter, muted)
    Mute.objects.get_or_create(muter=muter, muted=muted, defaults={"created_at": now})


def unmute(*, muter: User, muted: User) -> None:
    Mute.objects.filter(muter=muter, muted=muted).delete()


def add_to_circle(*, owner: User, member: User, now: datetime) -> None:
    """List somebody as close; they are not told. Raises `NotYourself`, `Blocked`."""
    _not_self(owner, member)
    with transaction.atomic():
        if social.is_blocked_between(owner, member):
            raise Blocked()
        CircleMember.objects.get_or_create(owner=owner, member=member, defaults={"created_at": now})


def remove_from_circle(*, owner: User, member: User) -> None:
    CircleMember.objects.filter(owner=owner, member=member).delete()


def change_profile(*, user: User, name: str, bio: str, language: str) -> User:
    """Raises `NameRefused` for a name or text that hides something."""
    _check_text(None, name)
    _check_text(None, " ".join(bio.split()))
    user.display_name, user.bio, user.language = name.strip(), bio.strip(), language
    user.save(update_fields=["display_name", "bio", "language"])
    return user


def set_email(*, user: User, email: str) -> User:
    """After a code proved the mailbox. Raises `EmailTaken`."""
    user.email = normal(email)
    try:
        with transaction.atomic():
            user.save(update_fields=["email"])
    except IntegrityError:
        raise EmailTaken() from None
    return user


def _make(newcomer: Newcomer, public_id: UUID, inviter: User | None, now: datetime) -> User:
    email = normal(newcomer.email)
    if email and User.objects.filter(email__iexact=email).exists():
        raise EmailTaken()
    user = User(
        public_id=public_id,
        username=newcomer.handle,
        display_name=newcomer.name.strip(),
        email=email,
        birth_date=newcomer.birth_date,
        language=newcomer.language,
        invited_by=inviter,
        date_joined=now,
    )
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError:  # somebody was faster, between the check and the insert
        raise HandleTaken() from None
    return user


def _looks_taken(handle: str) -> bool:
    return User.objects.annotate(looks=skeleton_expression()).filter(looks=skeleton(handle)).exists()


def _check_text(handle: str | None, name: str) -> None:
    try:
        if handle is not None:
            check_handle(handle)
    except ValidationError as wrong:
        raise HandleRefused(code=wrong.code, message=wrong.messages[0]) from None
    try:
        check_name(name)
    except ValidationError as wrong:
        raise NameRefused(code=wrong.code, message=wrong.messages[0]) from None


def _check_birth_date(birth_date: date, now: datetime) -> None:
    years = age.age_on(birth_date, now.date())
    if not 0 <= years <= 125:
        raise BirthDateOdd()
    if years < age.floor():
        raise TooYoung(hint=_("Come back when you are %(age)d.") % {"age": age.floor()})


def _not_self(one: User, other: User) -> None:
    if one.pk == other.pk:
        raise NotYourself()
