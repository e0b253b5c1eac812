"""A town in a hurry: 1,000 people watch, going on every 8 s, 50 ask for clips, 20 buy, for three minutes.

The product as `docs/hosting.md` has it: two web processes, two workers, vectors, PostgreSQL, Redis, on the
cores of this machine, which the crowd shares (its own CPU is told). A swipe is what the player sends: a
beacon for the clip that left the screen and, when four clips are left, the next page of ten as HTML. The
films themselves are nginx's in production and are not asked for.

They arrive within a minute, and then the three minutes begin.

load_errors               answers that are none, 5xx, or refusals, arrivals included
feed_p95_ratio            95th of the feed's pages in the three minutes / the same without anybody
feed_p95_ratio_arriving   the same of the minute before, in which 17 people a second open their first page
rss_growth                resident memory of all processes of the product, the last minute against the second
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.drills.services import Postgres, Provider, Redis
from tests.drills.town import PROMPT, pay_at_provider
from tests.live import ROOT, free_port

GOALS = ("load_errors", "feed_p95_ratio", "rss_growth")
VIEWERS, CREATORS, BUYERS = 1000, 50, 20
SWIPE_S, RAMP_S, LASTS_S = 8.0, 60.0, 180.0
BUY_S = 60.0
IDLE_PAGES = 60
CLIPS = 2000
SECRET = "whsec_load"
UNITS = ROOT / "docs" / "hosting" / "systemd"
CARD = re.compile(rb'data-id=\\?"([0-9a-f-]{36})')
NEXT = re.compile(rb' data-next="([^"]*)"')


@dataclass
class Told:
    """What the crowd saw."""

    statuses: Counter[str] = field(default_factory=Counter)
    pages: list[tuple[float, float]] = field(default_factory=list)  # when it was asked for, how long it took
    beacons: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    asked: int = 0
    bought: int = 0

    def note(self, what: str, status: int, fine: bool) -> None:
        self.statuses[f"{what} {status}"] += 1
        if not fine:
            self.wrong.append(f"{what} {status}")


class Line:
    """One connection that is kept, speaking as much HTTP/1.1 as the crowd needs."""

    def __init__(self, port: int, headers: dict[str, str]) -> None:
        self.port = port
        self.headers = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def send(self, method: str, path: str, body: bytes = b"", more: str = "") -> tuple[int, bytes]:
        """(status, body); status 0 where there is no answer. A kept connection that ended is opened anew."""
        is_fresh = self.writer is None
        try:
            return await asyncio.wait_for(self._once(method, path, body, more), 30)
        except (OSError, asyncio.IncompleteReadError, TimeoutError, ValueError):
            self.close()
            return (0, b"") if is_fresh else await self.send(method, path, body, more)

    async def _once(self, method: str, path: str, body: bytes, more: str) -> tuple[int, bytes]:
        if self.writer is None or self.reader is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**20)
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: localhost:{self.port}\r\n{self.headers}{more}"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        self.writer.write(head.encode() + body)
        answer = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        status = int(answer.split(" ", 2)[1])
        if "transfer-encoding: chunked" in answer:
            return status, await self._chunks(self.reader)
        size = re.search(r"content-length: (\d+)", answer)
        return status, await self.reader.readexactly(int(size[1]) if size and status != 204 else 0)

    async def _chunks(self, reader: asyncio.StreamReader) -> bytes:
        found = b""
        while size := int((await reader.readline()).split(b";")[0], 16):
            found += await reader.readexactly(size)
            await reader.readexactly(2)
        await reader.readline()
        return found

    def close(self) -> None:
        if self.writer:
            self.writer.close()
        self.reader = self.writer = None


async def watch(port: int, cookie: str, until: float, told: Told, dice: random.Random) -> None:
    line = Line(port, {"Cookie": cookie, "Accept-Language": "en", "Content-Type": "application/json"})
    await asyncio.sleep(dice.random() * RAMP_S)
    left, following = await first_page(line, told)
    while time.monotonic() < until:
        await asyncio.sleep(SWIPE_S * (0.75 + 0.5 * dice.random()))
        if left:
            await beacon(line, told, left.pop(0), dice)
        if len(left) <= 4 and following:
            came, following = await next_page(line, told, following)
            left += came
        elif not left:
            left, following = await first_page(line, told)
    line.close()


async def first_page(line: Line, told: Told) -> tuple[list[str], str]:
    began = time.monotonic()
    status, body = await line.send("GET", "/")
    told.pages.append((began, time.monotonic() - began))
    told.note("page", status, status == 200)
    found = NEXT.search(body)
    return _cards(body), found[1].decode() if found else ""


async def next_page(line: Line, told: Told, cursor: str) -> tuple[list[str], str]:
    began = time.monotonic()
    status, body = await line.send("GET", f"/feed/for-you/more?cursor={cursor}")
    told.pages.append((began, time.monotonic() - began))
    told.note("more", status, status == 200)
    return (_cards(body), str(json.loads(body)["next"] or "")) if status == 200 else ([], "")


def _cards(body: bytes) -> list[str]:
    return list(dict.fromkeys(found.decode() for found in CARD.findall(body)))


async def beacon(line: Line, told: Told, post: str, dice: random.Random) -> None:
    event = {"post": post, "visit": str(uuid.uuid4()), "watch_ms": dice.randint(400, 9000)}
    began = time.monotonic()
    status, _ = await line.send("POST", "/feed/watched", json.dumps({"events": [event]}).encode())
    told.beacons.append(time.monotonic() - began)
    told.note("beacon", status, status == 204)


async def make(port: int, token: str, until: float, told: Told, dice: random.Random) -> None:
    """One clip in the three minutes, looked at until it is over."""
    line = Line(port, {"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
    await asyncio.sleep(dice.random() * (LASTS_S - 30))
    body = json.dumps({"prompt": PROMPT, "engine": "sleeper", "seconds": 1, "seed": 1}).encode()
    status, answer = await line.send("POST", "/api/v1/generations", body, _key())
    told.note("ask", status, status in {200, 201, 202})
    if status in {200, 201, 202}:
        told.asked += 1
        path = f"/api/v1/generations/{json.loads(answer)['id']}"
        while time.monotonic() < until:
            await asyncio.sleep(3)
            status, answer = await line.send("GET", path)
            told.note("progress", status, status == 200)
            if status == 200 and json.loads(answer)["state"] in {"READY", "FAILED", "REFUSED"}:
                told.note("clip", 0, json.loads(answer)["state"] == "READY")
                break
    line.close()


async def buy(
    port: int, token: str, shelf: dict[str, int], until: float, told: Told, dice: random.Random
) -> None:
    line = Line(port, {"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
    body = {"variant": shelf["variant"], "seen_amount": shelf["price"], "seen_currency": "EUR"}
    await asyncio.sleep(dice.random() * BUY_S)
    while time.monotonic() < until - 5:
        status, answer = await line.send("POST", "/api/v1/checkout", json.dumps(body).encode(), _key())
        told.note("order", status, status == 201)
        if status == 201:
            path = f"/api/v1/orders/{json.loads(answer)['id']}/payment"
            status, answer = await line.send("POST", path, b"{}", _key())
            told.note("payment", status, status == 200)
            if status == 200:
                url = str(json.loads(answer)["url"])
                told.bought += await asyncio.to_thread(pay_at_provider, url)
        await asyncio.sleep(BUY_S)
    line.close()


def _key() -> str:
    return f"Idempotency-Key: {uuid.uuid4()}\r\n"


class Host:
    """The product's processes, as systemd would start them."""

    def __init__(self, folder: Path, held: ExitStack) -> None:
        self.postgres, self.redis, self.held = Postgres(folder), Redis(), held
        held.callback(self.redis.stop)
        held.callback(self.postgres.stop)
        self.ports, self.data = [free_port(), free_port()], folder / "data"
        self.data.mkdir()
        provider = Provider(folder, shop_port=self.ports[0], secret=SECRET)
        provider.open_at(f"http://127.0.0.1:{provider.port}")
        held.callback(provider.stop)
        self.environment = {
            name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}
        } | {
            "DJANGO_SETTINGS_MODULE": "tests.drills.settings",
            "DATA_DIR": str(self.data),
            "SITE_URL": f"http://localhost:{self.ports[0]}",
            "DATABASE_URL": f"postgres://understudy@127.0.0.1:{self.postgres.port}/understudy",
            "REDIS_URL": f"redis://127.0.0.1:{self.redis.port}/0",
            "VECTORS_ADDRESS": f"127.0.0.1:{free_port()}",
            "STRIPE_SECRET_KEY": "sk_test_standin_load",
            "STRIPE_WEBHOOK_SECRET": SECRET,
            "STRIPE_API_BASE": f"http://127.0.0.1:{provider.port}",
            "STATIC_HASHED": "0",
            "GENERATION_LEASE_S": "18",
            "OMP_NUM_THREADS": "1",
            "MALLOC_ARENA_MAX": "2",
        }
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def prepare(self) -> dict[str, Any]:
        self._do("manage.py", "migrate", "-v0")
        self._do("manage.py", "town", "--people", str(VIEWERS), "--clips", str(CLIPS), "--days", "3")
        return dict(json.loads(self._do("-m", "tests.drills.crowd").strip().splitlines()[-1]))

    def start(self) -> None:
        celery = ["-m", "celery", "-A", "config"]
        worker = [*celery, "worker", "--pool", "solo", "--loglevel", "WARNING"]
        worker += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        vectors = ["-m", "model.text", "--listen", self.environment["VECTORS_ADDRESS"]]
        commands = {
            "vectors": [*vectors, "--keep", str(self.data / "vectors")],
            "web 1": ["-m", "config.front", "--port", str(self.ports[0])],
            "web 2": ["-m", "config.front", "--port", str(self.ports[1])],
            "worker": [*worker, "-Q", "default,check", "-n", "worker@%h"],
            "render": [*worker, "-Q", "render", "-n", "render@%h"],
            "beat": [*celery, "beat", "--scheduler", "celery.beat:Scheduler", "-s", str(self.data / "beat")],
        }
        for name, words in commands.items():
            with (self.data / f"{name}.log").open("ab") as log:
                self.processes[name] = subprocess.Popen(
                    ["nice", "-n", _nice_of(name), sys.executable, *words],
                    cwd=ROOT,
                    env=self.environment,
                    stdout=log,
                    stderr=log,
                )
        self.held.callback(self.stop)

    def stop(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def rss_mb(self) -> dict[str, float]:
        return {name: _rss_mb(process.pid) for name, process in self.processes.items()}

    def cpu_s(self) -> dict[str, float]:
        return {name: _cpu_s(process.pid) for name, process in self.processes.items()} | {
            "postgres": sum(map(_cpu_s, _children(self.postgres.master()))),
            "redis": _cpu_s(self.redis.process.pid),
        }

    def _do(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{words}: {done.stderr[-3000:]}")
        return done.stdout


def _nice_of(name: str) -> str:
    """How far this process steps back, as its unit says."""
    unit = UNITS / f"understudy-{name.replace(' ', '')}.service"
    found = re.search(r"^Nice=(\d+)$", unit.read_text(), re.M)
    return found[1] if found else "0"


def _rss_mb(pid: int) -> float:
    for row in Path(f"/proc/{pid}/status").read_text().splitlines():
        if row.startswith("VmRSS"):
            return int(row.split()[1]) / 1024
    return 0.0


def _cpu_s(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _children(pid: int) -> list[int]:
    listed = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return [pid, *map(int, listed.stdout.split())]


async def until_ready(ports: list[int], within_s: float = 400) -> None:
    for port in ports:
        line, until = Line(port, {}), time.monotonic() + within_s
        while (await line.send("GET", "/readyz"))[0] != 200:
            if time.monotonic() > until:
                raise RuntimeError("the web processes did not start")
            await asyncio.sleep(0.3)
        line.close()


async def idle(ports: list[int], cookies: list[str]) -> list[float]:
    """Pages one after the other, with nobody else there; each person's first, as in the crowd."""
    told = Told()
    for number, cookie in enumerate(cookies):
        line = Line(ports[number % 2], {"Cookie": cookie})
        _cards_here, following = await first_page(line, told)
        if following:
            await next_page(line, told, following)
        line.close()
    return [took for _, took in told.pages]


async def crowd(host: Host, cast: dict[str, Any], told: Told) -> tuple[dict[str, float], dict[str, float]]:
    """Everybody at once; resident memory after the first minute and at the end."""
    dice = random.Random(5)
    until = time.monotonic() + RAMP_S + LASTS_S
    ports = host.ports
    people = [
        watch(ports[number % 2], cookie, until, told, random.Random(dice.random()))
        for number, cookie in enumerate(cast["cookies"])
    ]
    people += [make(ports[n % 2], key, until, told, random.Random(n)) for n, key in enumerate(cast["makers"])]
    people += [
        buy(ports[n % 2], key, cast["shelf"], until, told, random.Random(n))
        for n, key in enumerate(cast["buyers"])
    ]
    running = asyncio.gather(*people)
    await asyncio.sleep(RAMP_S + 60)
    before = host.rss_mb()
    await running
    return before, host.rss_mb()


def measured() -> dict[str, Any]:
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="understudy-load-")))
        host = Host(folder, held)
        cast = host.prepare()
        host.start()
        return asyncio.run(_measured(host, cast))


async def _measured(host: Host, cast: dict[str, Any]) -> dict[str, Any]:
    await until_ready(host.ports)
    alone = await idle(host.ports, cast.pop("idle")[:IDLE_PAGES])
    told, own, spent, began = Told(), time.process_time(), host.cpu_s(), time.monotonic()
    load = os.getloadavg()[0]
    before, after = await crowd(host, cast, told)
    wall = time.monotonic() - began
    arriving = [took for at, took in told.pages if at < began + RAMP_S]
    there = [took for at, took in told.pages if at >= began + RAMP_S]
    cpu = {name: round(seconds - spent[name], 1) for name, seconds in host.cpu_s().items()}
    grown = {name: round(after[name] / before[name] - 1, 3) for name in before}
    return {
        "load_errors": len(told.wrong),
        "feed_p95_ratio": round(_p95(there) / _p95(alone), 2),
        "feed_p95_ratio_arriving": round(_p95(arriving) / _p95(alone), 2),
        "rss_growth": round(sum(after.values()) / sum(before.values()) - 1, 3),
        "wrong": dict(Counter(told.wrong)),
        "viewers": len(cast["cookies"]),
        "requests": sum(told.statuses.values()),
        "requests_per_s": round(sum(told.statuses.values()) / wall, 1),
        "statuses": dict(sorted(told.statuses.items())),
        "feed_ms": {"idle_p95": _ms(alone), "p95": _ms(there), "p95_arriving": _ms(arriving)},
        "beacon_ms_p95": _ms(told.beacons),
        "clips_asked": told.asked,
        "orders_paid": told.bought,
        "cpu_s": cpu,
        "generator_cpu_s": round(time.process_time() - own, 1),
        "wall_s": round(wall, 1),
        "cores": os.cpu_count(),
        "rss_mb": {name: round(value) for name, value in after.items()},
        "rss_growth_by_process": grown,
        "load_1m_before": round(load, 1),
    }


def _p95(seconds: list[float]) -> float:
    return sorted(seconds)[int(0.95 * (len(seconds) - 1))]


def _ms(seconds: list[float]) -> float:
    return round(1000 * _p95(seconds), 1)


if __name__ == "__main__":
    print(json.dumps(measured(), indent=1))
