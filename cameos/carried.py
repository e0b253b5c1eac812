"""What another host signed about a likeness: checked here with the program that owners use, and kept.

A host is believed when its operator put that host's published heads (`/ledger/heads`) into
KEYS_DIR/hosts/<name>.json (`manage.py carry trust`). Nothing is shown or allowed because of a carried ledger.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from accounts import outbound
from accounts.models import User
from cameos.models import CarriedLedger

MOST_LEDGERS = 50
MOST_HEADS = 8 * 1024**2


class NotBelieved(Exception):
    """Not signed by a host that the operator believes, or not whole; says why, as a sentence."""


def believe(heads: Mapping[str, Any]) -> str:
    """From now on the host of these published heads is believed; returns its address. Raises `NotBelieved`
    for what are no heads."""
    try:
        host = str(heads["host"])
        _program().check_keys(list(heads["keys"]))
        if not host.startswith(("https://", "http://")) or not heads["keys"]:
            raise ValueError("no address, or no keys")
    except Exception as error:  # the program raises kinds of its own, and a stranger's JSON any
        raise NotBelieved(f"These are no published heads: {error}") from None
    path = _folder() / f"{_file_name(host)}.json"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_text(json.dumps({"host": host, "keys": heads["keys"]}))
    return host


def meet(address: str) -> str:
    """Fetch what a host publishes, and believe it; returns its own address. Over https alone, and nowhere
    else than there: whoever sits on the way could give keys of their own. Raises `NotBelieved`,
    `OutboundRefused`."""
    if not _is_private_way(address):
        raise NotBelieved(
            _("Give the https address of that host: over http anybody on the way can answer for it.")
        )
    found = outbound.get(
        f"{address.rstrip('/')}/ledger/heads", max_bytes=MOST_HEADS, timeout_s=20, redirects=0
    )
    said = found.body
    try:
        heads = json.loads(said)
        told = str(heads["host"]).rstrip("/")
    except (ValueError, KeyError, TypeError):
        raise NotBelieved("What stands there are no published heads of a host.") from None
    if told != address.rstrip("/"):
        raise NotBelieved(f"That host calls itself {told[:100]}: give that address.")
    return believe(heads)


def _is_private_way(address: str) -> bool:
    """Whether nobody between here and there can change what comes. This machine itself is no way at all."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" or (
        parts.scheme == "http" and (settings.DEBUG or parts.hostname in ("localhost", "127.0.0.1", "::1"))
    )


def doubt(host: str) -> None:
    """Believe a host no more; what came from it stays."""
    for path in _folder().glob("*.json"):
        if json.loads(path.read_text())["host"] == host:
            path.unlink()


def believed() -> dict[str, list[dict[str, str]]]:
    """The keys of each host that is believed, by its address."""
    rows = [json.loads(path.read_text()) for path in sorted(_folder().glob("*.json"))]
    return {row["host"]: row["keys"] for row in rows}


def check_signature(host: str, key_id: str, signature: str, message: bytes) -> None:
    """Raises `NotBelieved` unless a believed host's key signed the message."""
    listed = believed().get(host)
    if not listed:
        raise NotBelieved(
            f"This host does not believe {host[:100]}: its operator may (`manage.py carry trust`)."
        )
    program = _program()
    try:
        program.check_signature(program.check_keys(listed), key_id, signature, message, "The archive")
    except Exception as error:  # see `believe`
        raise NotBelieved(str(error)) from None


def check(file: Mapping[str, Any]) -> None:
    """Whether a ledger file is whole and of a host that is believed. Raises `NotBelieved`."""
    program, host = _program(), str(file.get("host", ""))
    listed = believed().get(host)
    if not listed:
        raise NotBelieved(f"The ledger is of {host[:100]}, which this host does not believe.")
    try:
        program.check(dict(file), {"keys": listed, "heads": []})
    except Exception as error:  # see `believe`
        raise NotBelieved(f"The ledger does not stand: {error}") from None


def keep(owner: User, files: list[dict[str, Any]], now: datetime) -> int:
    """Keep checked ledgers for their owner; one brought again replaces itself. How many."""
    for file in files[:MOST_LEDGERS]:
        CarriedLedger.objects.update_or_create(
            owner=owner,
            principal=UUID(file["principal"]),
            defaults={"host": file["host"], "file": json.dumps(file, ensure_ascii=False), "carried_at": now},
        )
    return len(files[:MOST_LEDGERS])


def _folder() -> Path:
    return Path(settings.KEYS_DIR) / "hosts"


def _file_name(host: str) -> str:
    return "".join(letter if letter.isalnum() or letter in ".-" else "-" for letter in host)[:120]


@lru_cache(maxsize=1)
def _program() -> ModuleType:
    """`static/verify_ledger.py` itself: there is one check, and owners can read it."""
    path = Path(settings.BASE_DIR) / "static" / "verify_ledger.py"
    spec = importlib.util.spec_from_file_location("verify_ledger", path)
    assert spec is not None and spec.loader is not None
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    return program
