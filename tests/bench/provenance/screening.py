"""How strict screening is, as it was scored once, and how long the check while typing takes.

block_rate    of what should be stopped in the sealed half, refused or held: the stored result of its one
              scoring; `over_block` of what should pass
precheck_ms   p95 of the check while typing, signed in, over HTTP to the view, each of 200 times with words
              that no cache has seen
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
COUNT = 200


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    print(json.dumps(measured()))


def measured() -> dict[str, Any]:
    from generation.screening import redteam

    stored = redteam.stored_result()
    kept = {name: stored.get(name) for name in ("block_rate", "over_block", "set_sha256", "commit")}
    found: dict[str, Any] = {"block_rate": kept["block_rate"], "over_block": kept["over_block"]}
    found |= {"redteam_sha256": kept["set_sha256"], "redteam_commit": kept["commit"]}
    with tempfile.TemporaryDirectory() as folder:
        address = f"unix:{folder}/s"
        process = subprocess.Popen(
            [sys.executable, "-m", "model.text", "--listen", address],
            cwd=ROOT,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
        )
        try:
            _wait(address)
            found |= typed()
        finally:
            process.terminate()
            process.wait(10)
    return found | {"load": round(os.getloadavg()[0], 2)}


def typed() -> dict[str, Any]:
    """Milliseconds of `POST /api/v1/generations/check`, p50 and p95."""
    from datetime import date

    from django.test import Client
    from django.test.runner import DiscoverRunner
    from django.test.utils import setup_test_environment

    from accounts.models import User
    from generation.screening import redteam

    setup_test_environment()
    runner = DiscoverRunner(verbosity=0, interactive=False)
    kept = runner.setup_databases()
    try:
        person = User.objects.create_user(
            username="typist", email="typist@example.test", birth_date=date(1990, 1, 1)
        )
        client = Client()
        client.force_login(person)
        prompts = [prompt.prompt for prompt in redteam.read(redteam.OPEN)][: COUNT + 5]
        took = []
        for number, prompt in enumerate(prompts):
            began = time.perf_counter()
            answer = client.post(
                "/api/v1/generations/check",
                {"prompt": f"{prompt} {number}", "seconds": 5},
                content_type="application/json",
            )
            took.append((time.perf_counter() - began) * 1000)
            assert answer.status_code == 200 and answer.json()["verdict"] != "unchecked", answer.content
        took = sorted(took[5:])  # the first ones load lists and weights
        return {
            "precheck_ms": round(took[int(len(took) * 0.95)], 1),
            "precheck_ms_p50": round(took[len(took) // 2], 1),
        }
    finally:
        runner.teardown_databases(kept)


def _wait(address: str) -> None:
    from model import text

    until = time.monotonic() + 60
    while not text.is_up(address):
        if time.monotonic() > until:
            raise TimeoutError("the vector process did not start")
        time.sleep(0.05)
    text.use(address)


if __name__ == "__main__":
    main()
