"""News for one person. An app registers how a kind reads; the text is made when it is read, in the reader's
language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from accounts import compiled, hooks
from accounts.models import Notification, User

Renderer = Callable[[dict[str, Any]], str]
_renderers: dict[str, Renderer] = {}


class UnknownKind(LookupError):
    """No app registered this kind of news."""


@dataclass(frozen=True)
class News:
    """One notification as it reads."""

    id: int
    text: str
    url: str
    created_at: datetime
    is_unread: bool


def register(kind: str, renderer: Renderer) -> None:
    """`renderer(data)` returns one sentence of plain text, translated when called. A kind has one owner."""
    if _renderers.get(kind, renderer) is not renderer:
        raise LookupError(f"Notifications of kind {kind!r} have an owner already.")
    _renderers[kind] = renderer


def notify(
    *, recipient: User, kind: str, data: dict[str, Any] | None = None, url: str = "", now: datetime
) -> Notification | None:
    """Write one piece of news; None for an erased account. Raises `UnknownKind` for a kind nobody
    registered.
    """
    if kind not in _renderers:
        raise UnknownKind(kind)
    if recipient.erased_at is not None:
        return None
    made = Notification.objects.create(
        recipient=recipient, kind=kind, data=data or {}, url=url, created_at=now
    )
    hooks.tell([made])
    return made


def notify_many(
    *, kind: str, to: Iterable[tuple[int, dict[str, Any], str]], now: datetime
) -> list[Notification]:
    """The same kind of news to many: (id of the recipient, data, url) each. Erased accounts get none."""
    if kind not in _renderers:
        raise UnknownKind(kind)
    wanted = list(to)
    living = User.objects.filter(pk__in={pk for pk, _data, _url in wanted}, erased_at=None)
    known = set(living.values_list("pk", flat=True))
    made = Notification.objects.bulk_create(
        Notification(recipient_id=pk, kind=kind, data=data, url=url, created_at=now)
        for pk, data, url in wanted
        if pk in known
    )
    hooks.tell(made)
    return made


def kinds() -> list[str]:
    """Every kind of news that somebody registered."""
    return sorted(_renderers)


def read(notification: Notification) -> News:
    """The notification in the current language; one whose app is gone reads as plain news."""
    renderer = _renderers.get(notification.kind)
    try:
        text = renderer(notification.data) if renderer else _("There is news.")
    except (KeyError, TypeError, ValueError):  # written by an older version with other data
        text = _("There is news.")
    return News(
        notification.pk, text, notification.url, notification.created_at, notification.read_at is None
    )


def unread_count(user: User) -> int:
    rows = compiled.run("unread", _unread, compiled.Values(user.pk))
    return int(rows[0][0]) if rows else 0


def _unread() -> QuerySet[Notification, Any]:
    mine = Notification.objects.filter(recipient=compiled.VIEWER.pk, read_at=None).order_by()
    return mine.values("recipient").annotate(unread=Count("pk")).values_list("unread")


def mark_read(*, recipient: User, now: datetime) -> int:
    """Everything up to now is read; returns how many were not."""
    return Notification.objects.filter(recipient=recipient, read_at=None).update(read_at=now)


def context(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `unread_count`, asked for only by a page that shows it."""
    return {"unread_count": SimpleLazyObject(lambda: _unread_of(request))}


def _unread_of(request: HttpRequest) -> int:
    user = getattr(request, "user", None)
    return unread_count(user) if user is not None and user.is_authenticated else 0
