"""`takedown_s`: from pressing revoke until no file of a tree of 10,000 clips is left."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.live import ROOT


def figures() -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.likeness.revocation"],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        return {"takedown_s": None}
    told = json.loads(lines[-1])
    return {"takedown_s": told["revoke_purged_s"], "takedown_clips": told["descendants"]}
