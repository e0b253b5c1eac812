"""Outgoing webhooks: a person's news, sent to addresses of their own as it happens.

    POST <address>
    Understudy-Delivery: <id>          the same at every try: a piece that comes twice is known by it
    Understudy-Event: <kind>
    Understudy-Signature: t=<unix seconds>,v1=<HMAC-SHA256 of "<t>.<body>" under the hook's secret, in hex>

    {"id": …, "kind": …, "at": …, "text": …, "url": …, "data": {…}}

Any 2xx takes it. Everything else is tried again after 10 s, 1 min, 10 min, 1 h, 6 h and 24 h, and then
given up; a hook that gave up ten pieces in a row is stopped, and its owner reads so. Addresses are judged
at every try by `outbound` (no private networks, no redirects). The secret is made of the host's own and the
hook's id, so none is kept in the database.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from accounts import outbound
from accounts.models import Hook, HookPiece, Notification, User
from accounts.refusals import Refused

log = logging.getLogger(__name__)
MOST_HOOKS, MOST_AT_ONCE = 5, 50
WAITS = tuple(timedelta(seconds=s) for s in (10, 60, 600, 3600, 6 * 3600, 24 * 3600))
LEASE = timedelta(seconds=60)  # while one process sends a piece, no other does
ANSWER_S = 8.0
MOST_FAILURES = 10
KEPT_FOR = timedelta(days=14)
TRIAL = "trial"


class TooManyHooks(Refused):
    code = "hooks_too_many"
    message = gettext_lazy("You have five webhooks already.")
    hint = gettext_lazy("Remove one first.")


class HookThere(Refused):
    code = "hook_there"
    message = gettext_lazy("This address hears your news already.")


def make(*, owner: User, address: str, kinds: Iterable[str], now: datetime) -> tuple[Hook, str]:
    """A hook and its secret. Raises `TooManyHooks`, `HookThere`, and what `outbound.judge` raises."""
    outbound.judge(address)
    if Hook.objects.filter(owner=owner).count() >= MOST_HOOKS:
        raise TooManyHooks()
    try:
        with transaction.atomic():
            hook = Hook.objects.create(owner=owner, address=address, kinds=sorted(set(kinds)), created_at=now)
    except IntegrityError:
        raise HookThere() from None
    return hook, secret_of(hook)


def remove(*, owner: User, public_id: UUID) -> bool:
    return bool(Hook.objects.filter(owner=owner, public_id=public_id).delete()[0])


def try_out(*, owner: User, public_id: UUID, now: datetime) -> bool:
    """Send a piece that says nothing; a stopped hook begins again. False where it is not theirs."""
    hook = Hook.objects.filter(owner=owner, public_id=public_id).first()
    if hook is None:
        return False
    Hook.objects.filter(pk=hook.pk).update(stopped_at=None, failures=0)
    _put([hook], TRIAL, {"kind": TRIAL, "at": now.isoformat(), "text": "", "url": "", "data": {}}, now)
    return True


def secret_of(hook: Hook) -> str:
    """The same each time, and another for each hook and host."""
    return "uh_" + salted_hmac("accounts.hooks", str(hook.public_id), algorithm="sha256").hexdigest()


def tell(news: Iterable[Notification]) -> None:
    """Put what just happened on its way to the hooks of those whom it is for; in the caller's transaction."""
    rows = list(news)
    hooks = list(
        Hook.objects.filter(owner__in={row.recipient_id for row in rows}, stopped_at=None).select_related(
            "owner"
        )
    )
    for row in rows:
        wanted = [h for h in hooks if h.owner_id == row.recipient_id and (not h.kinds or row.kind in h.kinds)]
        if wanted:
            _put(wanted, row.kind, _said(row, wanted[0].owner), row.created_at)


def _said(row: Notification, owner: User) -> dict[str, object]:
    from accounts import notifications

    with override(owner.language or settings.LANGUAGE_CODE):
        text = notifications.read(row).text
    return {
        "kind": row.kind,
        "at": row.created_at.isoformat(),
        "text": text,
        "url": f"{settings.SITE_URL}{row.url}" if row.url else "",
        "data": row.data,
    }


def _put(hooks: list[Hook], kind: str, said: dict[str, object], now: datetime) -> None:
    pieces = [HookPiece(hook=hook, kind=kind, due_at=now, created_at=now) for hook in hooks]
    for piece in pieces:
        piece.body = json.dumps({"id": str(piece.public_id), **said}, ensure_ascii=False, default=str)
    HookPiece.objects.bulk_create(pieces)
    transaction.on_commit(_wake)


def send_due(now: datetime) -> int:
    """Send what is due, the oldest first; how many were taken. Each piece is leased by one process."""
    waiting = HookPiece.objects.filter(state=HookPiece.State.WAITING, due_at__lte=now, hook__stopped_at=None)
    return sum(
        _send(piece, now) for piece in waiting.select_related("hook").order_by("due_at")[:MOST_AT_ONCE]
    )


def signature(secret: str, body: str, at: int) -> str:
    digest = hmac.new(secret.encode(), f"{at}.{body}".encode(), hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def forget(now: datetime) -> int:
    """Pieces that are over go after two weeks."""
    over = HookPiece.objects.exclude(state=HookPiece.State.WAITING)
    return over.filter(created_at__lt=now - KEPT_FOR).delete()[0]


def _send(piece: HookPiece, now: datetime) -> bool:
    mine = HookPiece.objects.filter(pk=piece.pk, state=HookPiece.State.WAITING, due_at=piece.due_at)
    if not mine.update(due_at=now + LEASE, tries=F("tries") + 1):
        return False
    piece.tries += 1
    headers = {
        "Content-Type": "application/json",
        "Understudy-Delivery": str(piece.public_id),
        "Understudy-Event": piece.kind,
        "Understudy-Signature": signature(secret_of(piece.hook), piece.body, int(now.timestamp())),
    }
    try:
        answer = outbound.post(piece.hook.address, piece.body.encode(), headers, timeout_s=ANSWER_S)
    except outbound.OutboundRefused:
        answer = 0
    _note(piece, answer, now)
    return 200 <= answer < 300


@transaction.atomic
def _note(piece: HookPiece, answer: int, now: datetime) -> None:
    row, hook = HookPiece.objects.filter(pk=piece.pk), Hook.objects.filter(pk=piece.hook_id)
    if 200 <= answer < 300:
        row.update(state=HookPiece.State.TAKEN, answer=answer)
        hook.update(failures=0)
    elif piece.tries > len(WAITS):
        row.update(state=HookPiece.State.GIVEN_UP, answer=answer)
        hook.update(failures=F("failures") + 1)
        hook.filter(failures__gte=MOST_FAILURES).update(stopped_at=now)
    else:
        row.update(due_at=now + WAITS[piece.tries - 1], answer=answer)


def _wake() -> None:
    from accounts import tasks

    try:
        tasks.send_hooks.delay()
    except Exception as error:  # the broker's driver raises many kinds; the beat looks by itself
        log.warning("no wake-up for webhooks: %s", type(error).__name__)


def kinds() -> list[tuple[str, str]]:
    """What a hook can be made for, as a form offers it: by the names that programs read."""
    from accounts import notifications

    return [(kind, kind) for kind in notifications.kinds()]


def state_of(hook: Hook) -> str:
    """One sentence for its owner."""
    if hook.stopped_at is not None:
        return _("Stopped: it did not answer ten times in a row. Try it to begin again.")
    last = hook.pieces.order_by("-pk").first()
    if last is None:
        return _("Nothing was sent yet.")
    if last.state == HookPiece.State.TAKEN:
        return _("The last piece was taken.")
    return _("The last answer was %(status)d; it is tried again.") % {"status": last.answer}
