"""What the long parts found, kept in `kept/<part>.json` with its day and a hash of the sources it speaks of.

While these stay, a run takes a short fresh look and adds what it counts to what is kept; timings are always
fresh. `fresh` among the words, or another source, measures the whole anew and keeps that.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
KEPT = Path(__file__).parent / "kept"
MONEY = (
    "accounts/books.py",
    *(f"commerce/{name}.py" for name in ("money", "splits", "pricing", "attribution", "stock", "webhooks")),
    *(f"commerce/actions/{name}.py" for name in ("checkout", "payment", "reconciling")),
    "commerce/queries/rates.py",
    "commerce/models/order.py",
)
# Files, and folders with every file in them.
SOURCES = {
    "stock": (*MONEY, "tests/bench/shop/stock.py"),
    "news": (
        *MONEY,
        "commerce/gateways/stripe.py",
        *(f"commerce/gateways/standin/{name}.py" for name in ("app", "billing", "deliver", "store")),
        "commerce/gateways/standin/api",
        "tests/bench/shop/news.py",
    ),
}
# What is counted, and adds up over looks.
SUMS = {
    "stock": ("oversold_sqlite", "oversold_postgresql", "oversold", "oversold_rounds"),
    "news": ("webhook_permutations", "ledger_off"),
}
Found = dict[str, Any]


def found(part: str, measure: Callable[[bool], Found], words: list[str]) -> Found:
    """What a part finds, or what is kept of it with a short look on top."""
    is_whole = part in SOURCES and "quick" not in words and "BENCH_SHOP_SHARE" not in os.environ
    if not is_whole:
        return measure("quick" in words)
    kept = read(part) if "fresh" not in words else None
    if kept is None:
        made = measure(False)
        _write(part, made)
        return made
    print(f"{part}: kept of {kept['day']}; a short look at it now", file=sys.stderr)
    now = measure(True)
    sums = {name: _sum(kept.get(name), now.get(name)) for name in SUMS[part] if name in now}
    return {**now, **sums, f"{part}_kept": kept["day"]}


def read(part: str) -> Found | None:
    """What is kept of a part; None where nothing is, or of other sources."""
    try:
        kept: Found = json.loads((KEPT / f"{part}.json").read_text())
    except OSError:
        return None
    return kept if kept["sources"] == sources(part) else None


def sources(part: str) -> str:
    """A hash of the files that a part speaks of."""
    seen = hashlib.sha256()
    for name in SOURCES[part]:
        path = ROOT / name
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            seen.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return seen.hexdigest()[:16]


def _write(part: str, made: Found) -> None:
    counted = {name: made[name] for name in SUMS[part] if made.get(name) is not None}
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    KEPT.mkdir(exist_ok=True)
    text = json.dumps({**counted, "day": day, "sources": sources(part)}, indent=2)
    (KEPT / f"{part}.json").write_text(text + "\n")


def _sum(kept: int | None, now: int | None) -> int | None:
    return None if kept is None or now is None else kept + now
