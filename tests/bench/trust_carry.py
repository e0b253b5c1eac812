"""Alice moves from one host to another: `export_import_equal` says whether clips arrived byte for byte,
ledgers still verify with the owner's own program, each receipt is named by its clip's manifest, and the
lineage stands.

Two hosts with databases, keys, media and addresses of their own; the archive is all that passes between them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.live import FORGET, ROOT, free_port

MAKE = """
from datetime import date
from django.utils import timezone
from accounts.models import User
from cameos import ledger
from cameos.models import Cameo, GrantedPerson, LikenessGrant
from feed import actions as posts
from generation import actions, hand
from generation.models import Clip
now = timezone.now()
alice, bob = (
    User.objects.create_user(username=n, email=n + "@example.test", birth_date=date(1990, 1, 1))
    for n in ("alice", "bob")
)
robot = Cameo.objects.create(
    owner=alice, kind=Cameo.Kind.CHARACTER, name="Pip", character={"kind": "robot"}, state="verified",
    created_at=now,
)
def made(prompt, verb="text", cast=(), parent=None, seed=7):
    row = actions.request_generation(
        maker=alice, prompt=prompt, verb=verb, cast=list(cast), parent=parent, seed=seed, seconds=1,
        engine="swatch", now=timezone.now(),
    )
    hand.drain()
    row.refresh_from_db()
    assert row.state == "READY", (row.state, row.error, row.refusal_rule)
    return row.clip
first = made("a red kite over the sea")
posts.publish(clip=first, creator=alice, caption="My kite #sea", now=timezone.now())
second = made("the same at night", "remix", parent=first)
third = made("a robot waves", cast=[robot], seed=9)
ledger.publish_head(now.date(), timezone.now())
"""
LOOK = """
import hashlib, json
from django.core.files.storage import default_storage
from cameos.models import CarriedLedger
from generation.models import Clip
from feed.models import Post
from accounts.models import User
from django.contrib.auth.models import AnonymousUser
clips = {}
for clip in Clip.objects.filter(maker__username="alice"):
    files = {}
    for row in clip.renditions.all():
        with default_storage.open(row.path) as file:
            files[row.kind] = hashlib.sha256(file.read()).hexdigest()
    clips[str(clip.public_id)] = {
        "files": files, "cast": clip.cast_count,
        "from": sorted(str(i) for i in clip.ingredients.values_list("source__public_id", flat=True)),
        "public": Clip.objects.visible_to(AnonymousUser()).filter(pk=clip.pk).exists(),
        "mine": Clip.objects.visible_to(clip.maker).filter(pk=clip.pk).exists(),
        "ancestors": clip.carried.ancestors if hasattr(clip, "carried") else None,
        "receipts": clip.carried.ledger_entries if hasattr(clip, "carried") else [
            str(e) for e in clip.uses.values_list("entry_id", flat=True)],
    }
ledgers = [json.loads(row.file) for row in CarriedLedger.objects.all()]
posts = list(Post.objects.values_list("caption", "published_at"))
print("TOLD", json.dumps({"clips": clips, "ledgers": ledgers, "posts": posts}, default=str))
"""
# What she does at the old host: one process, for to start one costs more than what it does.
LEAVE = """
from pathlib import Path
from django.core.management import call_command
from cameos import ledger
call_command("carry", "out", "alice", {archive!r})
Path({heads!r}).write_text(json.dumps(ledger.published_heads()))
"""
NEW = """
from datetime import date
from accounts.models import User
User.objects.create_user(username="alice", email="alice@example.test", birth_date=date(1990, 1, 1))
"""


class Host:
    def __init__(self, folder: Path, site: str, vectors: str) -> None:
        folder.mkdir()
        kept = {name: value for name, value in os.environ.items() if name not in FORGET}
        self.environment = kept | {
            "DATA_DIR": str(folder),
            "SITE_URL": site,
            "VECTORS_ADDRESS": vectors,
            "DJANGO_SETTINGS_MODULE": "tests.bench.carry_settings",
        }
        self.path = folder / "understudy.sqlite3"

    def manage(self, *words: str) -> str:
        done = self.tried(*words)
        if done.returncode:
            raise RuntimeError(f"{words[0]}: {done.stderr[-3000:]}")
        return done.stdout

    def tried(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def told(self, script: str) -> dict[str, Any]:
        lines = self.manage("shell", "-v0", "-c", script).splitlines()
        return dict(json.loads(next(row for row in lines if row.startswith("TOLD"))[5:]))


def moved(folder: Path, vectors: str) -> dict[str, Any]:
    """Everything that was seen on both hosts, and what the archive's refusals were."""
    old = Host(folder / "old", "https://old.example.test", vectors)
    new = Host(folder / "new", "https://new.example.test", vectors)
    old.manage("migrate", "-v0")
    shutil.copy(old.path, new.path)  # the same release, and nobody has been there yet
    archive, heads = folder / "alice.zip", folder / "heads.json"
    leave = LEAVE.format(archive=str(archive), heads=str(heads))
    before = old.told(f"import json\n{MAKE}\n{leave}\n{LOOK}")
    new.manage("shell", "-v0", "-c", NEW)
    stranger = new.tried("carry", "in", "alice", str(archive))
    new.manage("carry", "trust", str(heads))
    changed = folder / "changed.zip"
    data = bytearray(archive.read_bytes())
    data[len(data) // 2] ^= 1
    changed.write_bytes(bytes(data))
    forged = new.tried("carry", "in", "alice", str(changed))
    said = new.manage("carry", "in", "alice", str(archive))
    again = new.manage("carry", "in", "alice", str(archive))
    after = new.told(LOOK)
    return {
        "before": before,
        "after": after,
        "said": said,
        "again": again,
        "stranger": stranger.stderr,
        "forged": forged.stderr,
        "verified": [_verified(folder, file) for file in after["ledgers"]],
    }


def _verified(folder: Path, ledger: dict[str, Any]) -> int:
    path = folder / "ledger.json"
    path.write_text(json.dumps(ledger))
    words = [sys.executable, "static/verify_ledger.py", str(path), "--heads", str(folder / "heads.json")]
    return subprocess.run(words, cwd=ROOT, capture_output=True, check=False).returncode


def is_equal(seen: dict[str, Any]) -> bool:
    """Files, lineage and receipts are those of the first host, and every ledger verifies."""
    before, after = seen["before"]["clips"], seen["after"]["clips"]
    same = all(
        after.get(clip, {}).get(name) == told[name]
        for clip, told in before.items()
        for name in ("files", "from", "receipts", "cast")
    )
    kept = {
        json.loads(e["body"])["record"]["record_id"]
        for file in seen["after"]["ledgers"]
        for e in file["entries"]
    }
    named = {entry for told in before.values() for entry in told["receipts"]}
    return bool(before) and same and seen["verified"] == [0] and bool(named) and named <= kept


def figures() -> dict[str, object]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        address = f"127.0.0.1:{free_port()}"
        vectors = subprocess.Popen([sys.executable, "-m", "model.text", "--listen", address], cwd=ROOT)
        try:
            from model import text

            until = time.monotonic() + 90
            while not text.is_up(address) and time.monotonic() < until:
                time.sleep(0.1)
            return {"export_import_equal": is_equal(moved(folder, address))}
        finally:
            vectors.terminate()
            vectors.wait(10)
