"""Budgets: how often somebody may do what costs others something. One named function each.

Counted in the shared cache in windows that slide: the window before counts in proportion to how much of it
lies within the last period, so that a border gives nobody twice the number. A refused try is not counted.
When the cache is away every process counts for itself with half the number: nobody is locked out, and
guessing stays bounded.
"""

from __future__ import annotations

import hashlib
import logging
import math
import threading
from datetime import datetime

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import Budget, User
from accounts.refusals import Refused
from accounts.standing import Standing

log = logging.getLogger(__name__)

MINUTE, HOUR, DAY = 60, 3600, 86400

# name: (how many, in how many seconds). `BUDGETS` in settings changes single ones, the admin those too.
BUDGETS: dict[str, tuple[int, int]] = {
    "email_code_person": (5, HOUR),
    "email_code_address": (20, HOUR),
    "code_try": (30, HOUR),
    "passkey_try": (60, HOUR),
    "signup": (20, HOUR),
    "invite": (30, DAY),
    "guardian": (10, DAY),
    "follow": (200, HOUR),
    "token": (20, DAY),
    "export": (6, DAY),
    "generation": (40, HOUR),
    "capture": (10, HOUR),
    "upload": (60, HOUR),
    "visitor": (60, HOUR),
    "character": (40, DAY),
    "character_picture": (300, HOUR),
    "never_me_code": (20, HOUR),
    "comment": (60, HOUR),
    "message": (300, HOUR),
    "like": (600, HOUR),
    "report": (30, HOUR),
    "removal": (10, HOUR),
    "search": (120, MINUTE * 5),
    "verify": (60, HOUR),
    "checkout": (30, HOUR),
    "catalog_import": (20, HOUR),
    "outbound": (120, HOUR),
    "beacon": (1200, HOUR),
    "api": (3000, HOUR),
}


# What the admin says, as {name: [how many, seconds]}: a day old at most where nobody renews it.
_changed = Standing("budgets", {}, kept_s=DAY)
forget = _changed.forget


def refresh() -> int:
    """Put the operator's own budgets where requests look; how many."""
    said = {row.name: [row.most, row.seconds] for row in Budget.objects.all()}
    _changed.put(said)
    return len(said)


def limit_of(budget: str) -> tuple[int, int]:
    """(how many, in how many seconds) now."""
    most, seconds = _changed.now().get(budget) or usual(budget)
    return int(most), int(seconds)


def usual(budget: str) -> tuple[int, int]:
    """The same without the admin's word."""
    return getattr(settings, "BUDGETS", {}).get(budget) or BUDGETS[budget]


class TooMany(Refused):
    code = "too_many"
    message = _("That was too often for now.")
    status = 429

    def __init__(self, retry_after: int) -> None:
        minutes = max(1, round(retry_after / MINUTE))
        super().__init__(hint=_("Please try again in about %(minutes)d min.") % {"minutes": minutes})
        self.retry_after = retry_after

    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.retry_after)}


def spend(budget: str, who: str, now: datetime, cost: int = 1) -> None:
    """Count `cost` against a budget of `who`, or raise `TooMany` with the seconds until the window ends."""
    limit, period = limit_of(budget)
    window, elapsed = divmod(int(now.timestamp()), period)
    digest = hashlib.sha256(who.encode()).hexdigest()[:24]
    key = f"throttle:{budget}:{digest}:"
    spent = _count(f"{key}{window}", cost, period, limit)
    if spent <= limit * elapsed / period:  # whatever the window before counted: one question suffices
        return
    before = min(_counted(f"{key}{window - 1}"), limit)
    if spent + before * (1 - elapsed / period) > limit:
        _count(f"{key}{window}", -cost, period, limit)
        raise TooMany(_seconds_until_free(spent, before, elapsed, limit, period))


def _seconds_until_free(spent: int, before: int, elapsed: int, limit: int, period: int) -> int:
    """When the same try would pass, if nothing else is spent meanwhile."""
    if spent <= limit:
        return max(1, math.ceil(period * (1 - (limit - spent) / before)) - elapsed)
    return period - elapsed + math.ceil(period / limit)


def client_address(request: HttpRequest) -> str:
    """The address that a budget is counted by: the peer, or what the operator's own proxies say
    (`TRUSTED_PROXIES`).
    """
    hops = int(getattr(settings, "TRUSTED_PROXIES", 0))
    forwarded = [
        part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()
    ]
    if hops and len(forwarded) >= hops:
        return forwarded[-hops]
    return str(request.META.get("REMOTE_ADDR", ""))


def email_code(email: str, address: str, now: datetime) -> None:
    spend("email_code_address", address, now)
    spend("email_code_person", email, now)


def code_try(address: str, now: datetime) -> None:
    spend("code_try", address, now)


def passkey_try(address: str, now: datetime) -> None:
    spend("passkey_try", address, now)


def signup(address: str, now: datetime) -> None:
    spend("signup", address, now)


def invite(user: User, now: datetime) -> None:
    spend("invite", str(user.pk), now)


def guardian(user: User, now: datetime) -> None:
    spend("guardian", str(user.pk), now)


def follow(user: User, now: datetime) -> None:
    spend("follow", str(user.pk), now)


def token(user: User, now: datetime) -> None:
    spend("token", str(user.pk), now)


def export(user: User, now: datetime) -> None:
    spend("export", str(user.pk), now)


def generation(user: User, now: datetime) -> None:
    spend("generation", str(user.pk), now)


def capture(user: User, now: datetime) -> None:
    spend("capture", str(user.pk), now)


def upload(user: User, now: datetime) -> None:
    spend("upload", str(user.pk), now)


def visitor(address: str, now: datetime) -> None:
    """Somebody without an account who records for the never-me registry."""
    spend("visitor", address, now)


def never_me_code(address: str, now: datetime) -> None:
    spend("never_me_code", address, now)


def comment(user: User, now: datetime) -> None:
    spend("comment", str(user.pk), now)


def like(user: User, now: datetime) -> None:
    spend("like", str(user.pk), now)


def report(user: User, now: datetime) -> None:
    spend("report", str(user.pk), now)


def removal(address: str, now: datetime) -> None:
    """Somebody who asks for a clip to be taken down; no account needed."""
    spend("removal", address, now)


def message(user: User, now: datetime) -> None:
    spend("message", str(user.pk), now)


def search(address: str, now: datetime) -> None:
    spend("search", address, now)


def verify(address: str, now: datetime) -> None:
    spend("verify", address, now)


def checkout(address: str, now: datetime) -> None:
    spend("checkout", address, now)


def catalog_import(user: User, now: datetime) -> None:
    spend("catalog_import", str(user.pk), now)


def outbound(who: str, now: datetime) -> None:
    spend("outbound", who, now)


def beacon(who: str, now: datetime) -> None:
    spend("beacon", who, now)


def api(user: User, now: datetime) -> None:
    spend("api", str(user.pk), now)


_lock = threading.Lock()
_own_counts: dict[str, int] = {}


def _counted(key: str) -> int:
    """What a window that is over has counted; a cache that is away knows of none."""
    try:
        return int(cache.get(key, 0))
    except Exception:
        return 0


def _count(key: str, cost: int, period: int, limit: int) -> int:
    try:
        try:
            return cache.incr(key, cost)
        except ValueError:  # the window's first, or it went
            cache.add(key, 0, timeout=2 * period)
            return cache.incr(key, cost)
    except ValueError:  # the key went between the two calls: the window starts again
        cache.set(key, cost, timeout=2 * period)
        return cost
    except Exception:
        log.warning("the cache is away; budgets are counted in this process", exc_info=True)
        return _count_here(key, cost, limit)


def _count_here(key: str, cost: int, limit: int) -> int:
    """This process's own count, scaled so that half the budget already fills it."""
    with _lock:
        if len(_own_counts) > 10_000:
            _own_counts.clear()
        _own_counts[key] = _own_counts.get(key, 0) + cost
        return _own_counts[key] * 2 if limit > 1 else _own_counts[key]
