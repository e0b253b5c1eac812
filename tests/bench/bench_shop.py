"""`make bench-shop`: what the shop keeps and costs on this machine. The last line is one JSON object.

database               what it was measured on: the test database of DATABASE_URL (SQLite without one)
oversold               pieces sold beyond the shelf: 64 buyers, 10 pieces, 200 rounds (goal 0)
replay_effects         orders made by 1,000 concurrent sendings of one key (goal 1); replay_bodies answers
webhook_permutations   random orders of news, doubled, dropped, reconciled; ledger_off what is off (goal 0)
webhook_ms             p95 of taking one webhook, provider asked
split_off              wrong sums among 100,000 random amounts, rates and currencies (goal 0)
acp_valid, ucp_valid   share of answers as their schemas want them (goal 1.0), in agent_conversations
import_rows_per_s, import_rss_mb   a Shopify file of 200,000 rows into an empty catalogue, in its own process
sheet_ms, checkout_requests        p95 from tap to painted sheet; round trips from tap to paid (a browser's)
catalog_page_ratio     the shelf's page of 100,000 products over that of 1,000 (goal 1.2)

minutes, load          how long all of it took, and the machine's load at its end

T names parts (stock keys news splits agents catalogue browser); `quick` is a short look. What only counts is
shared between two processes (SQLite and PostgreSQL; orders of news); what is timed runs alone. Stock and news
are kept with a hash of their sources (tests/bench/shop/kept): `fresh` measures them whole again.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from importlib import import_module
from typing import Any

PARTS = ("splits", "stock", "keys", "news", "agents", "catalogue", "browser")


def child(words: list[str], **env: str) -> subprocess.Popen[str]:
    """Begin to measure parts in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.bench_shop", *words]
    kept = {name: value for name, value in os.environ.items() if name != "DATA_DIR"}
    return subprocess.Popen(
        command, env=kept | env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def told(process: subprocess.Popen[str]) -> dict[str, Any] | None:
    """What a child found; None where it failed, with its last words."""
    said, wrong = process.communicate()
    if process.returncode:
        print(wrong[-1500:], file=sys.stderr)
        return None
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    return found


def main(words: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    import django

    django.setup()
    import logging

    from django.conf import settings
    from django.db import connection
    from django.test.utils import setup_databases, setup_test_environment, teardown_databases

    from tests.bench.shop import keeping

    logging.disable(logging.ERROR)
    database = settings.DATABASES["default"]
    database.setdefault("TEST", {})["MIGRATE"] = False
    if connection.vendor == "postgresql" and (share := os.environ.get("BENCH_SHOP_SHARE")):
        database["TEST"]["NAME"] = f"test_{database['NAME']}_{share}"
    settings.BUDGETS = dict.fromkeys(("checkout", "api", "catalog_import"), (10**9, 3600))
    setup_test_environment()
    settings.ALLOWED_HOSTS = ["*"]
    made = setup_databases(0, False)
    chosen = [part for part in PARTS if part in words] or list(PARTS)
    found: dict[str, object] = {"database": connection.vendor}
    begun = time.monotonic()
    try:
        for part in chosen:
            started = time.monotonic()
            found |= keeping.found(part, import_module(f"tests.bench.shop.{part}").measure, words)
            print(f"{part}: {time.monotonic() - started:.0f} s", file=sys.stderr)
    finally:
        connection.close()
        teardown_databases(made, 0)
    took = round((time.monotonic() - begun) / 60, 1)
    print(json.dumps({**found, "minutes": took, "load": round(os.getloadavg()[0], 1)}))


if __name__ == "__main__":
    main(sys.argv[1:])
