"""What the drill looks at from within, in a process with the product's own settings. Speaks JSON.

`python -m tests.drills.inside people` makes the cast; `… invariants` reads `{"acked", "ordered", "paid"}`
from stdin and looks what was lost or doubled.
"""

from __future__ import annotations

import hashlib
import json
import sys
from datetime import UTC, datetime
from typing import Any

import django

django.setup()

from django.core.files.storage import default_storage  # noqa: E402

from accounts import books, tokens  # noqa: E402
from accounts.models import User  # noqa: E402
from commerce.models import Merchant, Order, Product, Variant  # noqa: E402
from generation import orphans  # noqa: E402
from generation.credits import CURRENCY  # noqa: E402
from generation.models import Clip, Generation, Rendition  # noqa: E402
from generation.states import State  # noqa: E402
from generation.workers import tokens as worker_tokens  # noqa: E402

PRICE = 1250
TOLD = {"disk_full", "storage_away"}  # a failure with a sentence, and the credits back


def people() -> dict[str, Any]:
    now = datetime.now(UTC)
    maker, buyer, seller = (
        User.objects.create_user(username=name, email=f"{name}@example.test", birth_date="1990-05-17")
        for name in ("dora", "bea", "sam")
    )
    making = tokens.make(user=maker, name="drill", scopes=["clips:read", "clips:write"], days=1, now=now)
    buying = tokens.make(user=buyer, name="drill", scopes=["shop:read", "shop:write"], days=1, now=now)
    shop = Merchant.objects.create(owner=seller, name="Drill Shop", slug="drill", created_at=now)
    mug = Product.objects.create(merchant=shop, handle="mug", title="Mug", updated_at=now)
    red = Variant.objects.create(
        product=mug, sku="M", title="Red", price=PRICE, currency="EUR", stock=100_000
    )
    return {
        "cast": {"maker": making[1], "buyer": buying[1], "variant": red.pk, "price": PRICE},
        "worker2": worker_tokens.register(name="barn", by=None, now=now)[1],
        "worker": worker_tokens.register(name="shed", by=None, now=now)[1],
    }


def invariants(acked: list[str], ordered: list[str], paid: list[str]) -> dict[str, Any]:
    """`lost`: asked for and not there, or without its file; paid and not noted. `doubled`: there twice, paid
    twice. `told`: ended with a named failure, and the credits back."""
    lost, doubled, told = _clips(acked)
    lost_orders, doubled_orders = _orders(ordered, paid)
    lost += [*lost_orders, *_files(), *(f"orphan {row.kind}: {row.what}" for row in _orphans())]
    doubled += [*doubled_orders, *(f"uneven books: {reference}" for reference in books.unbalanced())]
    return {"lost": lost, "doubled": doubled, "told": told, **_tallies(acked, paid)}


def _tallies(acked: list[str], paid: list[str]) -> dict[str, int]:
    elsewhere = Generation.objects.filter(stage_seconds__has_key="fetch").count()
    return {"generations": len(acked), "orders": len(paid), "made_elsewhere": elsewhere}


def _clips(acked: list[str]) -> tuple[list[str], list[str], int]:
    rows = {str(row.public_id): row for row in Generation.objects.all()}
    ready = {key: row for key, row in rows.items() if row.state == State.READY}
    told = {key for key, row in rows.items() if row.state == State.FAILED and row.error in TOLD}
    lost = [f"generation {key}" for key in acked if key not in rows]
    lost += [f"{key} is {rows[key].state} {rows[key].error}" for key in rows.keys() - ready.keys() - told]
    doubled = [f"generation {key} nobody was told of" for key in rows.keys() - set(acked)]
    clips = [row.clip_id for row in rows.values() if row.clip_id]
    doubled += ["a clip of two generations"] * (len(clips) - len(set(clips)))
    doubled += ["a clip of no generation"] * (Clip.objects.count() - len(set(clips)))
    maker = User.objects.get(username="dora")
    spent = sum(row.credits for row in ready.values())
    reserved = books.balance(f"credits:user:{maker.pk}:reserved", CURRENCY)
    paid = books.balance("host:spent", CURRENCY)
    if reserved or abs(paid) != spent:
        doubled.append(f"credits: {reserved} set aside, {paid} spent for {spent}")
    return lost, doubled, len(told)


def _files() -> list[str]:
    wrong = []
    for rendition in Rendition.objects.all():
        if not default_storage.exists(rendition.path):
            wrong.append(f"file {rendition.path}")
            continue
        with default_storage.open(rendition.path) as file:
            if hashlib.sha256(file.read()).hexdigest() != rendition.sha256:
                wrong.append(f"bytes of {rendition.path}")
    return wrong


def _orphans() -> list[orphans.Orphan]:
    """What only waits for the hourly sweep is no loss."""
    return [row for row in orphans.find(datetime.now(UTC)) if row.kind not in {"work folder", "clip folder"}]


def _orders(ordered: list[str], paid: list[str]) -> tuple[list[str], list[str]]:
    rows = {str(row.public_id): row for row in Order.objects.all()}
    lost = [f"order {key}" for key in ordered if key not in rows]
    lost += [f"order {key} was paid and is {rows[key].state}" for key in paid if rows[key].state != "paid"]
    doubled = [f"order {key} nobody was told of" for key in rows.keys() - set(ordered)]
    sold = PRICE * sum(row.state == "paid" for row in rows.values())
    taken = -books.balance("shop:provider", "EUR")
    if taken != sold:
        doubled.append(f"the books took {taken} for {sold}")
    held = 100_000 - Variant.objects.get().stock
    if held != sum(row.state == "paid" for row in rows.values()):
        doubled.append(f"{held} taken off the shelf")
    return lost, doubled


if __name__ == "__main__":
    print(json.dumps(people() if sys.argv[1] == "people" else invariants(**json.load(sys.stdin))))
