"""Which source a kept measurement is of: a hash of every tracked file outside docs/."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def source_hash() -> str:
    """SHA-256 over names and bytes of what git tracks, without docs/. Without git: of what lies there."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if done.returncode == 0:
        names = sorted(
            name for name in done.stdout.decode().split("\0") if name and not name.startswith("docs/")
        )
    else:
        skipped = {"docs", "var", ".venv", ".git", "__pycache__"}
        names = sorted(
            str(path.relative_to(ROOT))
            for path in ROOT.rglob("*")
            if path.is_file() and not skipped & set(path.relative_to(ROOT).parts)
        )
    digest = hashlib.sha256()
    for name in names:
        path = ROOT / name
        if path.is_file():
            digest.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()
