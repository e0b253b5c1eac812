"""A worker on "another machine" (a process without any database) renders for a host that renders nothing
itself, with the real native engine and a face that somebody permitted."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live import ROOT, Stack, free_port

pytestmark = pytest.mark.services

WITHIN_S = 240
SETUP = """
import time
from datetime import date
from django.utils import timezone
from skimage import data
from accounts.models import User
from cameos import references
from cameos.models import Cameo, GrantedPerson, LikenessGrant, Reference
from generation import actions
from generation.workers import tokens
from model.scene.faces import FaceSprites
from tests.model.test_faces import FIVE
now = timezone.now()
alice, bob = (
    User.objects.create_user(username=name, email=name + "@example.test", birth_date=date(1990, 1, 1))
    for name in ("alice", "bob")
)
cameo = Cameo.objects.create(
    owner=alice, name="Alice", state="verified", assurance="basic", verified_at=now, created_at=now
)
face = FaceSprites.from_frames([data.astronaut()], [FIVE])
references.store(cameo, Reference.Kind.FACE, face.to_bytes(), now)
grant = LikenessGrant.objects.create(
    cameo=cameo, version=1, created_at=now, effective_at=now, audience="named", purposes=["generate"],
    show_me_first=False,
)
GrantedPerson.objects.create(grant=grant, person=bob)
made = actions.request_generation(
    maker=bob, prompt="Alice waves at the beach", verb="text", cast=[cameo], seed=3, now=now
)
while made.state == "SCREENING":  # until the judges of words are up
    time.sleep(0.5)
    made = actions.admit(made, timezone.now())
print("TOLD", tokens.register(name="shed", by=None, now=now)[1], made.state)
"""
LOOK = """
from generation.models import Generation, RemoteJob
g = Generation.objects.get()
stages = ",".join(sorted(g.stage_seconds))
print("TOLD", g.state, g.error or "-", g.refusal_rule or "-", stages or "-", RemoteJob.objects.count())
"""


@pytest.fixture(scope="module")
def host() -> Iterator[Stack]:
    before = os.environ.get("RENDER_HERE")
    os.environ["RENDER_HERE"] = "0"
    try:
        with Stack() as running:
            yield running
    finally:
        os.environ.pop("RENDER_HERE") if before is None else os.environ.update(RENDER_HERE=before)


def told(stack: Stack, script: str) -> list[str]:
    line = next(row for row in stack.manage("shell", "-c", script).splitlines() if row.startswith("TOLD"))
    return line.split()[1:]


def elsewhere(stack: Stack, token: Path, folder: str) -> subprocess.CompletedProcess[str]:
    """The worker's own machine: another folder for data, and a database that nobody could reach."""
    nobody = f"postgres://nobody:nothing@127.0.0.1:{free_port()}/none"
    environment = {"PATH": os.environ["PATH"], "HOME": folder, "DATA_DIR": folder, "DATABASE_URL": nobody}
    command = [sys.executable, "manage.py", "remote_worker", "--host", stack.url, "--token-file", str(token)]
    return subprocess.run(
        [*command, "--once"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )


def test_a_clip_with_a_face_is_rendered_elsewhere(host: Stack, tmp_path: Path) -> None:
    secret, state = told(host, SETUP)
    assert state == "QUEUED"
    token = tmp_path / "token"
    token.write_text(secret + "\n")
    with tempfile.TemporaryDirectory() as folder:
        done = elsewhere(host, token, folder)
        assert "rendered one" in done.stdout, done.stderr[-3000:] + host.logs()
        kept = [
            path
            for path in Path(folder).rglob("*")
            if path.is_file() and path.suffix in {".mp4", ".npz", ".sqlite3"}
        ]
        assert not kept, f"nothing of a job stays there: {kept}"
    found: list[str] = []
    for _look in range(WITHIN_S // 3):
        found = told(host, LOOK)
        if found[0] not in {"QUEUED", "RENDERING", "INSPECTING", "SEALING"}:
            break
    assert found[:3] == ["READY", "-", "-"], f"{found}\n{host.logs()}"
    assert "fetch" in found[3] and "render" not in found[3] and found[4] == "1"


def test_an_unknown_token_is_turned_away(host: Stack, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("uw_nobody")
    with tempfile.TemporaryDirectory() as folder:
        done = elsewhere(host, token, folder)
    assert done.returncode and "turned this worker away: 401" in done.stderr
