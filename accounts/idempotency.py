"""`Idempotency-Key` by the rules of ACP: a POST that is sent again has its effect once and gets the same
answer.

    same key, same body, finished      the kept answer, with `Idempotent-Replayed: true`
    same key, another body             422 idempotency_conflict
    same key, still being worked on    409 idempotency_in_flight, Retry-After
    no key                             400 idempotency_key_missing where `required`, else as without this
    module

The record is claimed first and committed, so that a second request sees it; the answer is stored in the
same transaction as the effect, so that neither can be there without the other. A view that fails (an
exception, or a status from 500 on) leaves no effect and frees the key. Kept for 24 hours.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import IdempotencyRecord
from accounts.refusals import Refused

KEPT_FOR = timedelta(hours=24)
# A process that died in the middle holds its key no longer than this. Whoever is only slow has no effect
# then: it is written together with the answer, which finds the key taken over and takes it back.
GIVEN_UP_AFTER = timedelta(seconds=15)
NOT_ATOMIC_GIVEN_UP_AFTER = timedelta(minutes=2)
LONGEST_KEY = 255


class KeyMissing(Refused):
    code = "idempotency_key_missing"
    message = _("This request needs an Idempotency-Key header.")
    hint = _("Send a fresh random key, and the same one when you send the request again.")


class KeyTooLong(Refused):
    code = "idempotency_key_too_long"
    message = _("An Idempotency-Key has at most 255 characters.")


class Conflict(Refused):
    code = "idempotency_conflict"
    message = _("This Idempotency-Key was used with another body.")
    hint = _("Use a fresh key for a different request.")
    status = 422


class InFlight(Refused):
    code = "idempotency_in_flight"
    message = _("A request with this Idempotency-Key is still being worked on.")
    hint = _("Ask again in a moment with the same key and body.")
    status = 409

    def headers(self) -> dict[str, str]:
        return {"Retry-After": "1"}


View = Callable[..., Any]


def idempotent(scope: str, *, required: bool = False, atomic: bool = True) -> Callable[[View], View]:
    """Decorator for a method of an API view. `scope` names the operation; keys of two people never meet.

    `atomic=False` is for work that asks somebody outside and can be done again from where it broke off: it is
    not held in one transaction with its answer.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(self: Any, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
            key = request.headers.get("Idempotency-Key", "")
            if not key and not required:
                return view(self, request, *args, **kwargs)
            if not key:
                raise KeyMissing()
            if len(key) > LONGEST_KEY:
                raise KeyTooLong()
            return _once(scope, key, lambda: view(self, request, *args, **kwargs), request, atomic)

        return guarded

    return decorate


def forget(now: datetime) -> int:
    """Delete records older than 24 hours; returns how many."""
    return IdempotencyRecord.objects.filter(created_at__lt=now - KEPT_FOR).delete()[0]


def _once(scope: str, key: str, work: Callable[[], Response], request: Request, atomic: bool) -> HttpResponse:
    now = timezone.now()
    person = f"user:{request.user.pk}" if request.user.is_authenticated else "anonymous"
    record, is_new = _claim(f"{scope}:{person}", key, _hash(request), now, atomic)
    if not is_new:
        return _again(record, _hash(request))
    try:
        with transaction.atomic() if atomic else nullcontext():
            answer = work()
            if answer.status_code < 500:
                _keep(record, answer, request)
            elif atomic:
                transaction.set_rollback(True)
    except Exception:
        record.delete()
        raise
    if answer.status_code >= 500:
        record.delete()
    return answer


def _claim(
    scope: str, key: str, body_hash: str, now: datetime, atomic: bool
) -> tuple[IdempotencyRecord, bool]:
    stale = IdempotencyRecord.objects.filter(scope=scope, key=key)
    stale.filter(created_at__lt=now - KEPT_FOR).delete()
    given_up = GIVEN_UP_AFTER if atomic else NOT_ATOMIC_GIVEN_UP_AFTER
    stale.filter(status=None, created_at__lt=now - given_up).delete()
    try:
        with transaction.atomic():
            record = IdempotencyRecord.objects.create(
                scope=scope, key=key, body_hash=body_hash, created_at=now
            )
        return record, True
    except IntegrityError:
        return IdempotencyRecord.objects.get(scope=scope, key=key), False


def _again(record: IdempotencyRecord, body_hash: str) -> HttpResponse:
    if record.body_hash != body_hash:
        raise Conflict()
    if record.status is None or record.answer is None:
        raise InFlight()
    answer = HttpResponse(bytes(record.answer), status=record.status, content_type=record.content_type)
    answer["Idempotent-Replayed"] = "true"
    return answer


def _keep(record: IdempotencyRecord, answer: Response, request: Request) -> None:
    renderer = request.accepted_renderer
    body = b"" if answer.data is None else renderer.render(answer.data, renderer.media_type, {})
    rows = IdempotencyRecord.objects.filter(pk=record.pk, status=None)
    kept = rows.update(status=answer.status_code, answer=body, content_type=renderer.media_type)
    if not kept:  # taken over as given up: the other request's effect stands, not this one's
        raise InFlight()


def _hash(request: Request) -> str:
    """Over method, address and parsed body: white space and the order of keys don't make another request. Of
    a file its bytes count, not its name alone."""
    text = json.dumps(request.data, sort_keys=True, default=_plain)
    return hashlib.sha256(f"{request.method} {request.get_full_path()}\n{text}".encode()).hexdigest()


def _plain(value: Any) -> str:
    if not isinstance(value, UploadedFile):
        return str(value)
    digest = hashlib.sha256()
    for chunk in value.chunks():
        digest.update(chunk)
    value.seek(0)
    return f"{value.name} {digest.hexdigest()}"
