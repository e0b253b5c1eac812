"""`make journey`: walks the steps and prints one JSON object; the exit code follows its `ok`."""

import json
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

from tests import chromium
from tests.journey.recording import prepare_camera
from tests.journey.steps import STEPS, Step
from tests.journey.walk import Walk
from tests.live import Stack

PICTURES = Path("var/journey")


def main() -> int:
    started = time.monotonic()
    missing = [step.name for step in STEPS if step.walk is None]
    walked: list[dict[str, Any]] = []
    try:
        if not chromium.found():
            raise RuntimeError("Chromium is not installed (Debian: apt-get install -y chromium).")
        with tempfile.TemporaryDirectory(prefix="understudy-journey-") as folder:
            walk_all(Path(folder), walked)
    except Exception:
        traceback.print_exc()
        if all(step["ok"] for step in walked):
            walked.append({"name": "start", "seconds": 0.0, "ok": False})
    ok = not missing and len(walked) == len(STEPS) and all(step["ok"] for step in walked)
    seconds = round(time.monotonic() - started, 1)
    print(json.dumps({"ok": ok, "steps": walked, "missing": missing, "seconds": seconds}))
    return 0 if ok else 1


def walk_all(folder: Path, walked: list[dict[str, Any]]) -> None:
    """One step after the other; the first that fails ends the walk, with pictures and logs."""
    camera = chromium.with_camera(*prepare_camera(folder))
    with Stack(demo=True) as stack, chromium.launched(*camera) as browser:
        walk = Walk(stack, browser, folder)
        for step in STEPS:
            if step.walk is None:
                continue
            error = walk_one(step, walk, walked)
            if error:
                walk.picture_everybody(PICTURES)
                print(stack.logs(), file=sys.stderr)
                traceback.print_exception(error)
                print(f"What everybody saw lies in {PICTURES}.", file=sys.stderr)
                return


def walk_one(step: Step, walk: Walk, walked: list[dict[str, Any]]) -> Exception | None:
    assert step.walk is not None
    started = time.monotonic()
    failure: Exception | None = None
    try:
        step.walk(walk)
        faults = walk.complaints()
        assert not faults, "pages complained: " + "; ".join(faults)
    except Exception as error:
        failure = error
    seconds = round(time.monotonic() - started, 1)
    print(f"{'ok  ' if failure is None else 'FAIL'} {seconds:6.1f} s  {step.name}", file=sys.stderr)
    walked.append({"name": step.name, "seconds": seconds, "ok": failure is None})
    return failure


if __name__ == "__main__":
    sys.exit(main())
