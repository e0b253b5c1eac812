"""What the drill looks at from within, in a process with the product's own settings. Speaks JSON.

`python -m tests.drills.inside people` makes the cast; `… invariants KEY …` looks what was lost or doubled.
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
from generation import orphans  # noqa: E402
from generation.credits import CURRENCY  # noqa: E402
from generation.models import Clip, Generation, Rendition  # noqa: E402
from generation.states import State  # noqa: E402


def people() -> dict[str, Any]:
    maker = User.objects.create_user(username="dora", email="dora@example.test", birth_date="1990-05-17")
    _token, secret = tokens.make(
        user=maker, name="drill", scopes=["clips:read", "clips:write"], days=1, now=datetime.now(UTC)
    )
    return {"token": secret}


def invariants(acked: list[str]) -> dict[str, Any]:
    """`lost`: asked for and not there, or without its file. `doubled`: there twice, paid twice."""
    now = datetime.now(UTC)
    rows = {str(row.public_id): row for row in Generation.objects.all()}
    lost = [f"generation {key}" for key in acked if key not in rows]
    lost += [f"{key} is {row.state}" for key, row in rows.items() if row.state != State.READY]
    doubled = [f"generation {key} nobody was told of" for key in rows if key not in acked]
    clips = [row.clip_id for row in rows.values() if row.clip_id]
    doubled += ["a clip of two generations"] * (len(clips) - len(set(clips)))
    doubled += ["a clip of no generation"] * (Clip.objects.count() - len(set(clips)))
    for rendition in Rendition.objects.all():
        if not default_storage.exists(rendition.path):
            lost.append(f"file {rendition.path}")
            continue
        with default_storage.open(rendition.path) as file:
            if hashlib.sha256(file.read()).hexdigest() != rendition.sha256:
                lost.append(f"bytes of {rendition.path}")
    maker = User.objects.get(username="dora")
    spent = sum(row.credits for row in rows.values() if row.state == State.READY)
    reserved = books.balance(f"credits:user:{maker.pk}:reserved", CURRENCY)
    paid = books.balance("host:spent", CURRENCY)
    if reserved or abs(paid) != spent:
        doubled.append(f"credits: {reserved} set aside, {paid} spent for {spent}")
    doubled += [f"uneven books: {reference}" for reference in books.unbalanced()]
    lost += [f"orphan {orphan.kind}: {orphan.what}" for orphan in orphans.find(now)]
    return {"lost": lost, "doubled": doubled, "generations": len(rows)}


if __name__ == "__main__":
    print(json.dumps(people() if sys.argv[1] == "people" else invariants(sys.argv[2:])))
