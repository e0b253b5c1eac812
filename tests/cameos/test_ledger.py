"""The ledger holds everything, names nobody in the clear, and any change to it is found offline."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from accounts.models import User
from cameos import hostkey, ledger, revocation, uses
from cameos.models import Cameo, LedgerEntry, LedgerHead
from tests.cameos.making import grant, likeness_of, sealed, use_in

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TOOL = Path(settings.BASE_DIR) / "static" / "verify_ledger.py"


@pytest.fixture
def likeness(alice: User, now: datetime) -> Cameo:
    return likeness_of(alice, now - 3 * DAY)


@pytest.fixture
def file(likeness: Cameo, bob: User, carol: User, now: datetime) -> dict[str, Any]:
    """Alice's ledger after a full life, with another one beside it, a key rotation and two heads."""
    grant(likeness, now, show_me_first=True)
    ledger.publish_head((now - DAY).date(), now - DAY)
    clip = sealed(bob, [likeness], now, prompt="a secret prompt of Bob's")
    uses.approve(use=use_in(clip, likeness), owner=likeness.owner, now=now)
    hostkey.rotate(now)
    likeness_of(carol, now)
    likeness_of(bob, now)
    uses.note_published(clip=clip, now=now)
    ledger.publish_head(now.date(), now)
    revocation.revoke(cameo=likeness, owner=likeness.owner, now=now)
    return json.loads(ledger.export(likeness))


def checked(tmp_path: Path, file: Any, *more: str) -> tuple[int, str]:
    path = tmp_path / "ledger.json"
    path.write_text(file if isinstance(file, str) else json.dumps(file, ensure_ascii=False))
    run = subprocess.run(
        [sys.executable, "-I", str(TOOL), str(path), *more], capture_output=True, text=True, check=False
    )
    assert "Traceback" not in run.stderr
    return run.returncode, run.stdout


def test_a_stranger_checks_alices_download_offline(file: dict[str, Any], tmp_path: Path) -> None:
    kinds = [json.loads(entry["body"])["event"]["event_type"] for entry in file["entries"]]
    assert kinds == [
        "likeness_verified",
        "grant_saved",
        "permit_issued",
        "use_sealed",
        "use_approved",
        "use_published",
        "revoked",
        "uses_ended",
    ]
    heads = tmp_path / "heads.json"
    heads.write_text(json.dumps(ledger.published_heads()))
    code, told = checked(tmp_path, file, "--heads", str(heads))
    assert code == 0, told
    assert told.startswith("WHOLE  8 entries") and "2 of the heads agree" in told
    assert checked(tmp_path, file, "--fast")[0] == 0


def _change_fact(file: dict[str, Any]) -> None:
    entry = file["entries"][1]
    entry["body"] = entry["body"].replace('"voice":false', '"voice":true')


def _drop_middle(file: dict[str, Any]) -> None:
    del file["entries"][3]


def _drop_first(file: dict[str, Any]) -> None:
    del file["entries"][0]


def _cut_before_head(file: dict[str, Any]) -> None:
    del file["entries"][4:]


def _reorder(file: dict[str, Any]) -> None:
    file["entries"][2], file["entries"][3] = file["entries"][3], file["entries"][2]


def _other_signature(file: dict[str, Any]) -> None:
    file["entries"][2]["signature"] = file["entries"][3]["signature"]


def _change_detail(file: dict[str, Any]) -> None:
    file["entries"][3]["details"]["clip"]["value"] = "another clip"


def _rewrite_with_hashes(file: dict[str, Any]) -> None:
    """Somebody who knows the rules but not the key."""
    previous = ledger.GENESIS
    file["entries"][1]["body"] = file["entries"][1]["body"].replace('"voice":false', '"voice":true')
    for entry in file["entries"]:
        entry["previous_hash"] = previous
        entry["hash"] = previous = ledger.chain.link(previous, entry["body"])


def _foreign_key(file: dict[str, Any]) -> None:
    file["keys"][1]["signature"] = file["keys"][1]["signature"][:-8] + "AAAAAA=="


def _change_head(file: dict[str, Any]) -> None:
    file["heads"][1]["body"] = file["heads"][1]["body"].replace('"size":3', '"size":4')


def _drop_part(file: dict[str, Any]) -> None:
    del file["entries"][2]["hash"]


BREAKS = [
    _change_fact,
    _drop_middle,
    _drop_first,
    _cut_before_head,
    _reorder,
    _other_signature,
    _change_detail,
    _rewrite_with_hashes,
    _foreign_key,
    _change_head,
    _drop_part,
]
# By heads, older signatures are not looked at: the signed head covers their entries.
WAYS = [(one, ()) for one in BREAKS] + [(one, ("--fast",)) for one in BREAKS if one is not _other_signature]


@pytest.mark.parametrize(("break_it", "how"), WAYS)
def test_any_change_is_found(
    break_it: Callable[[dict[str, Any]], None], how: tuple[str, ...], file: dict[str, Any], tmp_path: Path
) -> None:
    break_it(file)
    code, told = checked(tmp_path, file, *how)
    assert code == 1 and told.startswith("BROKEN  "), told


def test_something_else_is_no_ledger(tmp_path: Path) -> None:
    for other in ("not json", "[]", '{"format": "else"}'):
        code, told = checked(tmp_path, other)
        assert code == 2 and told.startswith("NOT A LEDGER")


def test_published_heads_of_another_history_are_noticed(file: dict[str, Any], tmp_path: Path) -> None:
    published = ledger.published_heads()
    published["keys"] = published["keys"][:1]
    published["heads"] = []
    heads = tmp_path / "heads.json"
    heads.write_text(json.dumps(published))
    assert checked(tmp_path, file, "--heads", str(heads))[0] == 1


def test_a_ledger_that_somebody_made_up_is_not_called_the_hosts(file: dict[str, Any], tmp_path: Path) -> None:
    """A key of their own, the host's name, every rule kept: only heads fetched elsewhere can tell."""
    heads = tmp_path / "heads.json"
    heads.write_text(json.dumps(ledger.published_heads()))
    made_up = _signed_by_somebody(file)
    code, told = checked(tmp_path, made_up)
    assert code == 0
    assert f"signed by {file['host']}" not in told
    assert "Anybody can write such a file" in told
    code, told = checked(tmp_path, made_up, "--heads", str(heads))
    assert code == 1 and "a key that the published heads do not list" in told


def _signed_by_somebody(file: dict[str, Any]) -> dict[str, Any]:
    """Without the last entry, the revocation of which there are two."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    name = hashlib.sha256(public).hexdigest()[:16]
    since = file["keys"][0]["since"]
    listed = {"key_id": name, "public_key": base64.b64encode(public).decode(), "since": since}
    entries = [entry | {"key_id": name} for entry in file["entries"][:-2]]
    for entry in entries:
        message = f"understudy-ledger/1\n{entry['hash']}".encode()
        entry["signature"] = base64.b64encode(key.sign(message)).decode()
    return file | {"keys": [listed], "entries": entries, "heads": []}


def test_a_file_older_than_the_newest_head_says_so(
    file: dict[str, Any], likeness: Cameo, tmp_path: Path, now: datetime
) -> None:
    ledger.publish_head((now + DAY).date(), now + DAY)
    heads = tmp_path / "heads.json"
    heads.write_text(json.dumps(ledger.published_heads()))
    code, told = checked(tmp_path, file, "--heads", str(heads))
    assert code == 0 and f"They go on until {(now + DAY).date()}" in told


def test_nobodys_name_or_prompt_stands_in_the_clear(file: dict[str, Any], bob: User, likeness: Cameo) -> None:
    for entry in LedgerEntry.objects.filter(cameo=likeness):
        stored = entry.body + bytes(entry.details).decode("latin-1")
        for secret in ("bob", "Bob", "alice", "secret prompt", str(bob.public_id), str(likeness.public_id)):
            assert secret not in stored


@pytest.mark.parametrize("change", ["UPDATE {t} SET body = 'x'", "DELETE FROM {t}"])
@pytest.mark.parametrize("model", [LedgerEntry, LedgerHead])
def test_the_database_refuses_to_change_or_delete_a_row(
    change: str, model: Any, file: dict[str, Any]
) -> None:
    before = model.objects.count()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change.format(t=model._meta.db_table))
    assert model.objects.count() == before


def test_after_erasing_the_chain_verifies_and_says_nothing(
    file: dict[str, Any], likeness: Cameo, tmp_path: Path, now: datetime
) -> None:
    revocation.erase(cameo=likeness, owner=likeness.owner, now=now)
    likeness.refresh_from_db()
    after = json.loads(ledger.export(likeness))
    assert json.loads(after["entries"][-1]["body"])["event"]["event_type"] == "erased"
    assert all(entry["details"] is None for entry in after["entries"])
    assert checked(tmp_path, after)[0] == 0


def test_the_manifests_entry_and_the_uses_entry_are_one(likeness: Cameo, bob: User, now: datetime) -> None:
    grant(likeness, now)
    clip = sealed(bob, [likeness], now)
    use = use_in(clip, likeness)
    entry = ledger.entry_for(use)
    assert use.permit is not None and entry.entry_id == use.permit.use_entry_id
    opened = ledger.details_of(entry)
    assert opened is not None and opened["clip"]["value"] == str(clip.public_id)


def test_a_day_has_one_head(likeness: Cameo, now: datetime) -> None:
    first = ledger.publish_head(now.date(), now)
    ledger.append(cameo=likeness, kind="frozen", body={}, details={}, now=now)
    assert ledger.publish_head(now.date(), now) == first


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 13])
def test_every_leaf_of_a_merkle_tree_proves_itself(count: int) -> None:
    from cameos import merkle

    spec = importlib.util.spec_from_file_location("verify_ledger", TOOL)
    assert spec and spec.loader
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    leaves = [f"leaf {n}".encode() for n in range(count)]
    for index, leaf in enumerate(leaves):
        path = merkle.path(leaves, index)
        assert tool.merkle_root(leaf, index, count, path) == merkle.root(leaves)
        if count > 1:
            assert tool.merkle_root(b"another", index, count, path) != merkle.root(leaves)
