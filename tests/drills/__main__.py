"""`make drill`: takes services away while people use the product, and looks what that cost; then a town.

A stack of its own (`manage.py run`) on PostgreSQL, Redis, a payment provider and a store of objects that are
the drill's own, all behind wires that can be cut. All the while somebody watches the feed, somebody asks for
clips and somebody buys, each request with a key that is sent again until it is answered. For each drill: what
was answered meanwhile, how long until all was well again (the feed answers, and a clip that gets ready then
did); at the end what was lost or doubled. `tests/drills/spread.py` and `load.py` follow. Writes
docs/drills/results.json with a hash of all tracked source outside docs/; `make bench-trust` refuses another.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.drills import load, spread
from tests.drills.hashing import source_hash
from tests.drills.objects import Objects
from tests.drills.services import Postgres, Provider, Redis, RemoteWorker, Room
from tests.drills.town import Town
from tests.drills.wire import Wire as Cable
from tests.live import ROOT, Stack

RESULTS = ROOT / "docs" / "drills" / "results.json"
HELD_S = 4.0  # how long something stays away
WELL_WITHIN_S = 180.0  # then it is broken; what takes longer than the next is too slow, and is told as that
LONGEST_RECOVERY_S = 30.0
SETTLED_WITHIN_S = 300.0
CLOCK_SHIFT_S = 600
WEBHOOK_SECRET = "whsec_drill"
AWAY = {503, 0}
BEGAN = time.monotonic()


@dataclass
class Ground:
    """What the product stands on, and where it can be cut."""

    folder: Path
    postgres: Postgres
    redis: Redis
    provider: Provider
    objects: Objects
    room: Room
    port: int
    cables: dict[str, Cable] = field(default_factory=dict)

    @classmethod
    def laid(cls, folder: Path, port: int, held: ExitStack) -> Ground:
        postgres, redis, objects = Postgres(folder), Redis(), Objects()
        data = folder / "data"
        data.mkdir()
        ground = cls(
            folder=data,
            postgres=postgres,
            redis=redis,
            provider=Provider(folder, shop_port=port, secret=WEBHOOK_SECRET),
            objects=objects,
            room=Room(data / "media"),
            port=port,
        )
        for service in (postgres, redis, objects, ground.provider, ground.room):
            held.callback(service.stop)
        for name in ("postgres", "redis", "provider", "objects"):
            ground.cables[name] = Cable(getattr(ground, name).port)
        ground.provider.open_at(f"http://127.0.0.1:{ground.cables['provider'].port}")
        return ground

    def environment(self) -> dict[str, str]:
        at = {name: f"127.0.0.1:{cable.port}" for name, cable in self.cables.items()}
        return {
            "DJANGO_SETTINGS_MODULE": "tests.drills.settings",
            "DATABASE_URL": f"postgres://understudy@{at['postgres']}/understudy",
            "REDIS_URL": f"redis://{at['redis']}/0",
            "STRIPE_SECRET_KEY": "sk_test_standin_drill",
            "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "STRIPE_API_BASE": f"http://{at['provider']}",
            "S3_BUCKET": "drill",
            "S3_ENDPOINT": f"http://{at['objects']}",
            "S3_REGION": "us-east-1",
            "S3_ACCESS_KEY": "drill",
            "S3_SECRET_KEY": "drill",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": "9",  # nobody listens: mail is away all the time
            "SIGNUP_MODE": "open",
        }


class DrillStack(Stack):
    def __init__(self, ground: Ground) -> None:
        super().__init__(folder=ground.folder, ready_within_s=600)
        self.ground = ground
        self.port = ground.port
        self.url = f"http://localhost:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | self.ground.environment()

    def inside(self, words: str, told: dict[str, Any] | None = None) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "-m", "tests.drills.inside", words],
            cwd=ROOT,
            env=self.environment,
            input=json.dumps(told or {}),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-3000:])
        return dict(json.loads(done.stdout.strip().splitlines()[-1]))

    def kill(self, words: str) -> Callable[[], None]:
        """SIGKILL to the child whose command has these words; the supervisor brings it back."""

        def now() -> None:
            parent = self.process
            assert parent is not None
            command = ["pgrep", "-P", str(parent.pid), "-f", "--", words]
            listed = subprocess.run(command, capture_output=True, text=True, check=False)
            found = [int(pid) for pid in listed.stdout.split()]
            if not found:
                raise RuntimeError(f"no child runs {words}")
            for pid in found:
                os.kill(pid, signal.SIGKILL)

        return now


@dataclass(frozen=True)
class Drill:
    """`allowed`: what the feed may answer meanwhile (0: no answer). `must_say`: words of the sentence that
    whoever is affected reads."""

    name: str
    away: Callable[[], None]
    back: Callable[[], None] = lambda: None
    allowed: frozenset[int] = frozenset()
    must_say: str = ""


def every(stack: DrillStack, shed: RemoteWorker) -> list[Drill]:
    ground = stack.ground
    cable = ground.cables
    away = frozenset(AWAY)
    drills = [
        Drill("kill web", stack.kill("config.front"), allowed=frozenset({0})),
        Drill("kill worker", stack.kill("default,check")),
        Drill("kill render", stack.kill("-Q render")),
        Drill("kill beat", stack.kill("celery.beat")),
        Drill("kill vectors", stack.kill("model.text")),
        Drill("kill remote worker", shed.kill, shed.start),
        Drill("kill postgres", ground.postgres.kill, ground.postgres.start, away),
        Drill("kill redis", ground.redis.kill, ground.redis.start),
        Drill("cut postgres", cable["postgres"].cut, cable["postgres"].open, away),
        Drill("slow postgres", lambda: cable["postgres"].slow(0.02), cable["postgres"].open),
        Drill("cut redis", cable["redis"].cut, cable["redis"].open),
        Drill("slow redis", lambda: cable["redis"].slow(0.05), cable["redis"].open),
        Drill("cut payments", cable["provider"].cut, cable["provider"].open, must_say="payment"),
        Drill("cut objects", cable["objects"].cut, cable["objects"].open),
        Drill("slow objects", lambda: cable["objects"].slow(0.1), cable["objects"].open),
        Drill("clock ahead", lambda: _shift(ground, CLOCK_SHIFT_S), lambda: _shift(ground, 0)),
        Drill("clock behind", lambda: _shift(ground, -CLOCK_SHIFT_S), lambda: _shift(ground, 0)),
    ]
    if ground.room.is_there:
        drills.append(Drill("full disk", ground.room.fill, ground.room.empty))
    return drills


def _shift(ground: Ground, seconds: int) -> None:
    (ground.folder / "clock-shift").write_text(str(seconds))


def run(drill: Drill, town: Town) -> dict[str, Any]:
    town.forget()
    drill.away()
    time.sleep(HELD_S)
    drill.back()
    started = time.monotonic()
    is_well = well(town)
    recovery = round(time.monotonic() - started, 1)
    odd = {status for status in town.feed if status not in drill.allowed | {200}}
    is_said = drill.must_say in " ".join(town.said).lower()
    row = {
        "drill": drill.name,
        "recovery_s": recovery,
        "feed": _counted(town.feed),
        "asking": _counted(town.asking),
        "buying": _counted(town.buying),
        "said": sorted(town.said),
        "failed": bool(odd) or not is_well or not is_said or recovery > LONGEST_RECOVERY_S,
        "load_1m": round(os.getloadavg()[0], 1),
    }
    print(json.dumps(row), flush=True)
    return row


def well(town: Town) -> bool:
    """The feed answers, the host is ready, and a clip that gets ready from now on does."""
    until = time.monotonic() + WELL_WITHIN_S
    ready = town.ready
    while time.monotonic() < until:
        if town.ready > ready and town.look() == 200 and town.look("/readyz") == 200:
            return True
        time.sleep(0.2)
    return False


def tried(drill: Drill, town: Town) -> dict[str, Any]:
    """`run`; one that breaks off has failed, and the others go on."""
    try:
        return run(drill, town)
    except Exception as error:  # noqa: BLE001  whatever it was, it is told
        with suppress(Exception):
            drill.back()
        row = {
            "drill": drill.name,
            "failed": True,
            "recovery_s": WELL_WITHIN_S,
            "broke_off": repr(error)[:500],
        }
        print(json.dumps(row), flush=True)
        return row


def undisturbed(town: Town) -> dict[str, Any]:
    """How long `well` takes where nothing is away: what this machine's own pace adds to each figure."""
    started = time.monotonic()
    is_well = well(town)
    row = {
        "drill": "nothing",
        "recovery_s": 0.0,
        "own_pace_s": round(time.monotonic() - started, 1),
        "failed": not is_well,
        "load_1m": round(os.getloadavg()[0], 1),
    }
    print(json.dumps(row), flush=True)
    return row


def say(line: str) -> None:
    """Where the run stands, with the minutes since it began."""
    print(f"[{(time.monotonic() - BEGAN) / 60:4.1f} min] {line}", file=sys.stderr, flush=True)


def _counted(statuses: dict[int, int]) -> dict[str, int]:
    return {str(status): count for status, count in sorted(statuses.items())}


def drilled(only: list[str]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="understudy-drill-")))
        from tests.live import free_port

        stack = DrillStack(Ground.laid(folder, free_port(), held))
        held.enter_context(stack)
        told = stack.inside("people")
        shed = RemoteWorker(folder, stack.url, told["worker"])
        held.callback(shed.kill)
        shed.start()
        town = Town(stack.port, told["cast"])
        town.start()
        held.callback(town.ended.set)
        say("waiting for a first clip")
        if not well(town):
            raise RuntimeError(f"no clip became ready before the first drill\n{stack.logs()}")
        rows = [undisturbed(town)]
        drills = [drill for drill in every(stack, shed) if not only or drill.name in only]
        for number, drill in enumerate(drills, 1):
            say(f"{number} of {len(drills)}: {drill.name}")
            rows.append(tried(drill, town))
            if rows[-1]["failed"]:
                print(stack.logs(8), file=sys.stderr, flush=True)
        say("mail away")
        rows.append(mail_away(town))
        say("nobody asks for more; looking what was lost or doubled")
        outcome = settled(stack, town)
        if outcome["lost"] or outcome["doubled"]:
            print(stack.logs(40), file=sys.stderr, flush=True)
        return rows, outcome


def settled(stack: DrillStack, town: Town) -> dict[str, Any]:
    """Nobody asks for more; within five minutes everything is over. What is then lost or doubled."""
    town.is_asking = False
    until, outcome = time.monotonic() + SETTLED_WITHIN_S, {"lost": ["nothing was looked at"], "doubled": []}
    while time.monotonic() < until and (outcome["lost"] or outcome["doubled"] or town.waiting):
        time.sleep(2)
        outcome = stack.inside(
            "invariants",
            {"acked": sorted(town.acked), "ordered": sorted(town.ordered), "paid": sorted(town.paid)},
        )
    return outcome


def mail_away(town: Town) -> dict[str, Any]:
    """Mail has been away all along: asking for a code says so in a sentence, everything else goes on."""
    import http.client

    line = http.client.HTTPConnection("127.0.0.1", town.wire.port, timeout=20)
    host = {"Host": f"localhost:{town.wire.port}"}
    line.request("GET", "/login", headers=host)
    page = line.getresponse()
    text = page.read().decode()
    cookie = page.headers.get("Set-Cookie", "").partition(";")[0]
    mark = text.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    form = f"csrfmiddlewaretoken={mark}&email=dora%40example.test"
    kind = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": cookie,
        "Referer": f"http://localhost:{town.wire.port}/login",
    }
    line.request("POST", "/login", form, host | kind)
    answer = line.getresponse()
    said = answer.read().decode()
    line.close()
    row = {
        "drill": "mail away",
        "recovery_s": 0.0,
        "failed": not (answer.status == 503 and "could not be sent" in said),
        "answered": answer.status,
        "load_1m": round(os.getloadavg()[0], 1),
    }
    print(json.dumps(row), flush=True)
    return row


def whole(part: Callable[[], dict[str, Any]], result: dict[str, Any]) -> dict[str, Any]:
    """A part's figures; one that breaks off counts as a failed drill, and what was seen before is kept."""
    try:
        return part()
    except Exception as error:  # noqa: BLE001  whatever it was, it is told
        result["drills_failed"] = result.get("drills_failed", 0) + 1
        print(repr(error)[:3000], file=sys.stderr, flush=True)
        return {"broke_off": repr(error)[:500]}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", nargs="*", default=[], help="names of drills, or `load`, or `spread`")
    only = parser.parse_args().only
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is stopped on the way out
    started, source = time.monotonic(), source_hash()
    result: dict[str, Any] = {"source": source}
    if not {"load", "spread"} & set(only):
        rows, outcome = drilled(only)
        result |= {
            "drills": rows,
            "drills_failed": sum(row["failed"] for row in rows),
            "lost": len(outcome["lost"]),
            "doubled": len(outcome["doubled"]),
            "recovery_s": max(row["recovery_s"] for row in rows),
            "what": outcome,
        }
    if not only or "spread" in only:
        say("the same over six hosts")
        result["spread"] = whole(spread.spread, result)
        for name in ("lost", "doubled"):
            result[name] = result.get(name, 0) + len(result["spread"].get(name, []))
    if not only or "load" in only:
        say("a town in a hurry, about six minutes")
        result["load"] = whole(load.measured, result)
        result |= {name: result["load"].get(name) for name in load.GOALS}
    result["took_s"] = round(time.monotonic() - started)
    if not only and source_hash() != source:
        say("the source changed meanwhile: these results are of no source, and are not kept")
        return 1
    if not only:
        RESULTS.parent.mkdir(exist_ok=True)
        draft = RESULTS.with_suffix(".part")
        draft.write_text(json.dumps(result, indent=1) + "\n")
        draft.replace(RESULTS)
    print(json.dumps({key: value for key, value in result.items() if key != "drills"}))
    return int(any(result.get(name) for name in ("drills_failed", "lost", "doubled", "load_errors")))


if __name__ == "__main__":
    sys.exit(main())
