"""A stranger checks a long ledger on one core, with the tool that they downloaded.

ledger_verify_per_s   entries a second, chain, contents and every signature checked
verify_head_per_s     entries a second by Merkle head: the newest head contains the chain as it stood, so what
                      is left is to follow the chain to it and to open what is shown (`--fast`)
ledger_append_ms      what one entry costs the host, signed and sealed, p95
"""

from __future__ import annotations

import importlib.util
import json
import secrets
import time
import uuid
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

ENTRIES, ROUNDS = 6000, 3
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def measure() -> dict[str, Any]:
    """Needs `_ground.database`."""
    from cameos import ledger
    from tests.cameos.making import likeness_of
    from tests.conftest import person

    cameo = likeness_of(person("alice"), NOW)
    append_ms = [_append(cameo, number) for number in range(60)]
    _fill(cameo, ENTRIES)
    likeness_of(person("bob"), NOW)
    ledger.publish_head(NOW.date(), NOW)
    file, tool = json.loads(ledger.export(cameo)), _tool()
    count = len(file["entries"])
    return {
        "ledger_verify_per_s": round(count / min(_seconds(tool, file, fast=False) for _ in range(ROUNDS))),
        "verify_head_per_s": round(count / min(_seconds(tool, file, fast=True) for _ in range(ROUNDS))),
        "ledger_entries": count,
        "ledger_append_ms": round(sorted(append_ms)[int(0.95 * len(append_ms))], 1),
    }


def _append(cameo: Any, number: int) -> float:
    from cameos import ledger

    start = time.perf_counter()
    ledger.append(
        cameo=cameo,
        kind="use_published",
        body={"use_entry": f"{number:036d}"},
        details={"clip": f"{number:036d}"},
        now=NOW,
    )
    return (time.perf_counter() - start) * 1000


def _fill(cameo: Any, count: int) -> None:
    """Entries as `ledger.append` writes them, in one insert."""
    from accounts.books import canonical, chain
    from cameos import hostkey, ledger
    from cameos.models import LedgerEntry

    last = LedgerEntry.objects.filter(cameo=cameo).latest("sequence")
    sequence, previous, rows = last.sequence, last.hash, []
    for _ in range(count):
        sequence += 1
        entry_id, at = uuid.uuid4(), NOW + timedelta(seconds=sequence)
        opened = {"clip": {"value": str(uuid.uuid4()), "salt": secrets.token_hex(16)}}
        facts = {"use_entry": str(uuid.uuid4())}
        text = canonical(ledger._record(cameo, "use_published", facts, opened, sequence, entry_id, at))
        link = chain.link(previous, text)
        key_id, signature = hostkey.sign(ledger.signed_message(link), at)
        row = LedgerEntry(cameo=cameo, sequence=sequence, entry_id=entry_id, kind="use_published", at=at)
        row.body, row.details = text, ledger._seal(cameo, opened)
        row.previous_hash, row.hash, row.key_id, row.signature = previous, link, key_id, signature
        rows.append(row)
        previous = link
    LedgerEntry.objects.bulk_create(rows, batch_size=500)


def _tool() -> ModuleType:
    from django.conf import settings

    spec = importlib.util.spec_from_file_location("verify", settings.BASE_DIR / "static" / "verify_ledger.py")
    assert spec and spec.loader
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return tool


def _seconds(tool: ModuleType, file: dict[str, Any], *, fast: bool) -> float:
    start = time.process_time()
    told = tool.check(file, fast=fast)
    took = time.process_time() - start
    assert told[0].startswith(f"{len(file['entries'])} entries")
    return took


def main() -> None:
    from tests.bench.likeness import _ground

    with _ground.database(in_memory=True):
        print(json.dumps(measure()))


if __name__ == "__main__":
    main()
