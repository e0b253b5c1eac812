"""`make drill`: takes services away while people use the product, and looks what that cost.

A stack of its own (`manage.py run`) on PostgreSQL and Redis of its own, both behind wires that can be cut.
All the while somebody watches the feed and somebody asks for clips, each request with a key that is sent
again until it is answered. For each drill: what was answered meanwhile, how long until all was well again,
and at the end what was lost or doubled. Writes docs/drills/results.json with a hash of all tracked source
outside docs/; `make bench-trust` refuses another hash.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.drills.hashing import source_hash
from tests.drills.services import Postgres, Redis
from tests.drills.wire import Wire
from tests.live import ROOT, Stack

RESULTS = ROOT / "docs" / "drills" / "results.json"
HELD_S = 6.0  # how long something stays away


class Town(threading.Thread):
    """Two people: one looks at the feed, one asks for a clip a second."""

    def __init__(self, port: int, token: str) -> None:
        super().__init__(daemon=True)
        self.port, self.token = port, token
        self.ended = threading.Event()
        self.feed: Counter[int] = Counter()
        self.asking: Counter[int] = Counter()
        self.acked: set[str] = set()
        self.waiting: list[str] = []
        self.is_asking = True

    def run(self) -> None:
        while not self.ended.wait(0.3):
            self.feed[self.look()] += 1
            if self.is_asking and not self.waiting:
                self.waiting.append(str(uuid.uuid4()))
            for key in list(self.waiting):
                self.ask(key)

    def look(self, path: str = "/") -> int:
        return self._send("GET", path, None, {})[0]

    def ask(self, key: str) -> None:
        body = json.dumps({"prompt": "a red kite in the wind", "engine": "sleeper", "seconds": 1, "seed": 3})
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        }
        status, answer = self._send("POST", "/api/v1/generations", body, headers)
        self.asking[status] += 1
        if status in {200, 201, 202}:
            self.acked.add(str(answer.get("id") or answer.get("public_id")))
            self.waiting.remove(key)

    def _send(
        self, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> tuple[int, dict[str, Any]]:
        wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            wire.request(
                method,
                path,
                body,
                headers
                | {
                    "Host": f"localhost:{self.port}",
                    "Accept": "application/json" if method == "POST" else "text/html",
                },
            )
            answer = wire.getresponse()
            data = answer.read()
            with suppress(ValueError):
                return answer.status, dict(json.loads(data)) if method == "POST" else {}
            return answer.status, {}
        except (OSError, http.client.HTTPException):
            return 0, {}
        finally:
            wire.close()


class Drill:
    def __init__(
        self, stack: Stack, town: Town, postgres: Postgres, redis: Redis, wires: dict[str, Wire]
    ) -> None:
        self.stack, self.town = stack, town
        self.postgres, self.redis, self.wires = postgres, redis, wires
        self.told: list[dict[str, Any]] = []

    def run(self, name: str, away: Callable[[], None], back: Callable[[], None], allowed: set[int]) -> None:
        """`allowed`: what the feed may answer while it is away (0: no answer)."""
        self.town.feed.clear()
        self.town.asking.clear()
        away()
        time.sleep(HELD_S)
        back()
        started = time.monotonic()
        is_well = self._well(60)
        recovery = round(time.monotonic() - started, 1)
        odd = {str(status): n for status, n in self.town.feed.items() if status not in allowed | {200}}
        row = {
            "drill": name,
            "recovery_s": recovery,
            "feed": {str(status): n for status, n in sorted(self.town.feed.items())},
            "asking": {str(status): n for status, n in sorted(self.town.asking.items())},
            "failed": bool(odd) or not is_well or recovery > 30,
            "load_1m": round(os.getloadavg()[0], 1),
        }
        self.told.append(row)
        print(json.dumps(row), flush=True)

    def _well(self, within_s: float) -> bool:
        """The feed answers, a request that is asked now is taken, and a clip gets ready."""
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            before = len(self.town.acked)
            if self.town.look() == 200 and self.town.look("/readyz") == 200:
                time.sleep(0.7)
                if len(self.town.acked) > before:
                    return True
            time.sleep(0.2)
        return False

    def kill(self, words: str) -> Callable[[], None]:
        """SIGKILL to the children of the stack whose command has these words."""

        def now() -> None:
            parent = self.stack.process
            assert parent is not None
            command = ["pgrep", "-P", str(parent.pid), "-f", "--", words]
            listed = subprocess.run(command, capture_output=True, text=True, check=False)
            found = [int(pid) for pid in listed.stdout.split()]
            assert found, f"no child runs {words}"
            for pid in found:
                os.kill(pid, signal.SIGKILL)

        return now


def nothing() -> None:
    """The supervisor brings it back by itself."""


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", nargs="*", default=[])
    only = parser.parse_args().only
    with tempfile.TemporaryDirectory(prefix="understudy-drill-") as name:
        folder = Path(name)
        postgres, redis = Postgres(folder), Redis()
        wires = {"postgres": Wire(postgres.port), "redis": Wire(redis.port)}
        os.environ["DRILL"] = "1"
        (folder / "data").mkdir()
        stack = DrillStack(folder / "data", wires)
        try:
            with stack:
                told, outcome = drills(stack, postgres, redis, wires, only)
        finally:
            redis.stop()
            postgres.stop()
    failed = sum(row["failed"] for row in told)
    result = {
        "source": source_hash(),
        "drills": told,
        "drills_failed": failed,
        "lost": len(outcome["lost"]),
        "doubled": len(outcome["doubled"]),
        "recovery_s": max(row["recovery_s"] for row in told),
        "what": outcome,
    }
    if not only:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps({key: value for key, value in result.items() if key != "drills"}))
    return int(bool(failed or outcome["lost"] or outcome["doubled"]))


class DrillStack(Stack):
    def __init__(self, folder: Path, wires: dict[str, Wire]) -> None:
        super().__init__(folder=folder, ready_within_s=240)
        self.wires = wires

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {
            "DJANGO_SETTINGS_MODULE": "tests.drills.settings",
            "DATABASE_URL": f"postgres://understudy@127.0.0.1:{self.wires['postgres'].port}/understudy",
            "REDIS_URL": f"redis://127.0.0.1:{self.wires['redis'].port}/0",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": "9",  # nobody listens: mail is away all the time
            "SIGNUP_MODE": "open",
        }

    def inside(self, *words: str) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "-m", "tests.drills.inside", *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-3000:])
        return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def drills(
    stack: DrillStack, postgres: Postgres, redis: Redis, wires: dict[str, Wire], only: list[str]
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    town = Town(stack.port, stack.inside("people")["token"])
    town.start()
    drill = Drill(stack, town, postgres, redis, wires)
    drill._well(60)
    away = {503, 0}
    every: list[tuple[str, Callable[[], None], Callable[[], None], set[int]]] = [
        ("kill web", drill.kill("config.front"), nothing, {0}),
        ("kill worker", drill.kill("default,check"), nothing, set()),
        ("kill render", drill.kill("-Q render"), nothing, set()),
        ("kill beat", drill.kill("beat"), nothing, set()),
        ("kill vectors", drill.kill("model.text"), nothing, set()),
        ("kill postgres", postgres.kill, postgres.start, away),
        ("kill redis", redis.kill, redis.start, set()),
        ("cut postgres", wires["postgres"].cut, wires["postgres"].open, away),
        ("slow postgres", lambda: wires["postgres"].slow(0.02), wires["postgres"].open, set()),
        ("cut redis", wires["redis"].cut, wires["redis"].open, set()),
        ("slow redis", lambda: wires["redis"].slow(0.05), wires["redis"].open, set()),
    ]
    for name, gone, back, allowed in every:
        if not only or name in only:
            drill.run(name, gone, back, allowed)
    drill.told.append(mail_away(town))
    town.is_asking = False
    until = time.monotonic() + 120
    while time.monotonic() < until:
        time.sleep(3)
        outcome = stack.inside("invariants", *sorted(town.acked))
        if not town.waiting and not outcome["lost"] and not outcome["doubled"]:
            break
    town.ended.set()
    return drill.told, outcome


def mail_away(town: Town) -> dict[str, Any]:
    """Mail has been away all along: asking for a code says so in a sentence, everything else goes on."""
    wire = http.client.HTTPConnection("127.0.0.1", town.port, timeout=20)
    host = {"Host": f"localhost:{town.port}"}
    wire.request("GET", "/login", headers=host)
    page = wire.getresponse()
    text = page.read().decode()
    cookie = page.headers.get("Set-Cookie", "").partition(";")[0]
    mark = text.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    form = f"csrfmiddlewaretoken={mark}&email=dora%40example.test"
    kind = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": cookie,
        "Referer": f"http://localhost:{town.port}/login",
    }
    wire.request("POST", "/login", form, host | kind)
    answer = wire.getresponse()
    said = answer.read().decode()
    wire.close()
    is_told = answer.status == 503 and "could not be sent" in said
    row = {
        "drill": "mail away",
        "recovery_s": 0.0,
        "feed": {"200": 1},
        "asking": {},
        "failed": not is_told,
        "load_1m": round(os.getloadavg()[0], 1),
        "answered": answer.status,
    }
    print(json.dumps(row), flush=True)
    return row


if __name__ == "__main__":
    sys.exit(main())
