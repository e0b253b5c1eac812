"""Who an agent says that it is: its profile, fetched by the address in `UCP-Agent`, and what both speak.

A profile is fetched over https from a public address, without redirects, at most 128 KiB, and kept for ten
minutes; what could not be had is not asked for again for one. A token belongs to the profile that it was
first used with: another one's name is refused.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import outbound
from accounts.models import PersonalAccessToken
from accounts.parsing import check_text
from commerce.agents.sessions import Bad
from commerce.models import AgentProfile

LARGEST, TIMEOUT_S = 128 * 1024, 3.0
KEPT_S, FAILED_S = 600, 60
LONGEST = 300  # characters of an address
AGENT = re.compile(r'(?:^|[,;])\s*profile\s*=\s*"([^"\\]{1,2000})"')
VERSIONS = re.compile(r"^\d{4}-\d{2}-\d{2}$")
Json = dict[str, Any]


@dataclass(frozen=True)
class Platform:
    """An agent's profile, as far as we need it."""

    url: str
    version: str
    capabilities: Mapping[str, Sequence[Mapping[str, Any]]]
    keys: Sequence[Mapping[str, Any]]

    @property
    def webhook_url(self) -> str:
        """Where it wants news of orders; "" where it does not say."""
        for entry in self.capabilities.get("dev.ucp.shopping.order", ()):
            config = entry.get("config")
            address = config.get("webhook_url") if isinstance(config, dict) else None
            if isinstance(address, str):
                return address
        return ""


def named(header: str) -> str:
    """The profile's address in `UCP-Agent`. Raises Bad."""
    found = AGENT.search(header)
    url = found[1] if found else ""
    if not _is_https(url) or len(url) > LONGEST:
        said = _("Name your profile in the header UCP-Agent, by an https address.")
        raise Bad("invalid_profile_url", said, "UCP-Agent")
    return url


def resolve(url: str) -> Platform:
    """The profile at an address, kept or fetched. Raises Bad: 424 where it cannot be had, 422 where there is
    none."""
    kept = cache.get(_place(url))
    if kept is None:
        kept = _fetched(url)
        cache.set(_place(url), kept, FAILED_S if "error" in kept else KEPT_S)
    if kept.get("error") == "malformed":
        raise Bad("profile_malformed", _("What lies there is no profile."), "UCP-Agent", 422)
    if "error" in kept:
        raise Bad("profile_unreachable", _("Your profile could not be fetched."), "UCP-Agent", 424)
    return Platform(url, **kept)


def remember(url: str, profile: object) -> Platform:
    """Keep what an address answers, as if it had been fetched now. Raises Bad as `resolve` does."""
    cache.set(_place(url), _read(profile), KEPT_S)
    return resolve(url)


def negotiated(platform: Platform, version: str, ours: Mapping[str, Sequence[Json]]) -> dict[str, list[Json]]:
    """What both sides speak: capabilities of the same name and version, and extensions whose parent is there.

    Raises Bad with 422 for another version of the protocol.
    """
    if platform.version != version:
        said = _("Version %(asked)s is not spoken here; %(version)s is.")
        text = said % {"asked": platform.version[:20], "version": version}
        raise Bad("version_unsupported", text, "UCP-Agent", 422)
    both: dict[str, list[Json]] = {}
    for name, entries in ours.items():
        theirs = {str(entry.get("version")) for entry in platform.capabilities.get(name, ())}
        common = [entry for entry in entries if entry["version"] in theirs]
        if common:
            both[name] = [max(common, key=lambda entry: str(entry["version"]))]
    while orphans := [name for name, entries in both.items() if not _has_parent(entries[0], both)]:
        for name in orphans:
            del both[name]
    return both


def bind(token: PersonalAccessToken, url: str, now: datetime) -> None:
    """A token speaks for one profile: the first that it was used with. Raises Bad with 403 for another."""
    row = AgentProfile.objects.filter(token=token).first()
    if row is None:
        try:
            with transaction.atomic():
                row = AgentProfile.objects.create(token=token, url=url, created_at=now)
        except IntegrityError:  # two first requests at once
            row = AgentProfile.objects.get(token=token)
    if row.url != url:
        said = _("This token belongs to another agent's profile.")
        raise Bad("profile_not_trusted", said, "UCP-Agent", 403)


def _has_parent(entry: Json, both: Mapping[str, object]) -> bool:
    parents = entry.get("extends")
    if parents is None:
        return True
    return any(name in both for name in ([parents] if isinstance(parents, str) else parents))


def _fetched(url: str) -> Json:
    try:
        body = outbound.get(url, max_bytes=LARGEST, timeout_s=TIMEOUT_S, redirects=0).body
    except outbound.OutboundRefused as refused:
        return {"error": refused.code}
    try:
        said = json.loads(body)
        check_text(said)  # what it names is kept
        return _read(said)
    except (ValueError, RecursionError):
        return {"error": "malformed"}


def _read(profile: object) -> Json:
    """What is kept of a profile; {"error"} for what is none."""
    said = profile.get("ucp") if isinstance(profile, dict) else None
    if not isinstance(profile, dict) or not isinstance(said, dict):
        return {"error": "malformed"}
    version = said.get("version")
    is_whole = isinstance(said.get("services"), dict) and isinstance(said.get("payment_handlers"), dict)
    if not isinstance(version, str) or not VERSIONS.match(version) or not is_whole:
        return {"error": "malformed"}
    given = said.get("capabilities")
    capabilities = {
        str(name): [one for one in entries if isinstance(one, dict)]
        for name, entries in (given.items() if isinstance(given, dict) else ())
        if isinstance(entries, list)
    }
    keys = profile.get("signing_keys")
    return {
        "version": version,
        "capabilities": capabilities,
        "keys": [key for key in keys if isinstance(key, dict)][:20] if isinstance(keys, list) else [],
    }


def _is_https(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    local = parts.scheme == "http" and parts.hostname in getattr(settings, "OUTBOUND_ALLOWED", ())
    return bool(parts.hostname) and (parts.scheme == "https" or local)


def _place(url: str) -> str:
    return f"ucp-profile:{hashlib.sha256(url.encode()).hexdigest()}"
