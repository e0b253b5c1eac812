"""Asks for clips over HTTP while the web process is being killed: each with a key, sent again until it is
answered. Standard library only; a process of its own, so that killing and forking do not touch it.

    python tests/bench/asker.py PORT SEED TOKEN [TOKEN ...]

Goes on until it is terminated, then finishes what is open and prints one JSON object:
{"accepted": how many keys got 201, "refused": other final answers, "retries": how often it was sent again}.
"""

from __future__ import annotations

import json
import random
import signal
import sys
import threading
import time
import urllib.error
import urllib.request

AGAIN = {409, 500, 502, 503}
PAUSE_S = 1.2
OPEN_S = 240.0


def ask(port: int, token: str, key: str, body: bytes) -> int:
    """The status; 0 when nobody answered."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1/generations",
        data=body,
        headers={
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except (OSError, urllib.error.URLError):
        return 0


def main() -> None:
    port, seed, tokens = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    chance, over = random.Random(seed), threading.Event()
    found = {"accepted": 0, "refused": 0, "retries": 0}
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    number = 0
    while not over.is_set():
        number += 1
        body = json.dumps(
            {
                "prompt": "a red kite over the sea",
                "engine": "sleeper",
                "seconds": 1,
                "seed": chance.randint(3, 15),
            }
        ).encode()
        token, deadline = chance.choice(tokens), time.monotonic() + OPEN_S
        while (status := ask(port, token, f"bench-{seed}-{number}", body)) in {0, *AGAIN}:
            found["retries"] += 1
            if time.monotonic() > deadline:
                break
            time.sleep(0.2)
        found["accepted" if status == 201 else "refused"] += 1
        if status not in (0, 201):
            print(f"asked and got {status}", file=sys.stderr)
        over.wait(PAUSE_S * chance.uniform(0.5, 1.5))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
