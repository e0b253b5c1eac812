"""The same stack over several hosts: network namespaces of this machine, joined by a bridge and nothing else.

    data   PostgreSQL, Redis, the store of objects          10.77.0.2
    web1   config.front                                     10.77.0.3
    web2   config.front                                     10.77.0.4
    work   vectors, worker, a finisher that renders nothing 10.77.0.5
    shed1, shed2   remote workers, which reach web1 alone   10.77.0.6, .7

Clips are asked for at both webs and wait until a shed joins; it is killed in the middle, the other joins,
and all get ready. Only root may make namespaces. Prints one JSON object: `python -m tests.drills.spread`.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from tests.drills.services import Postgres
from tests.drills.town import PROMPT
from tests.live import FORGET, ROOT

BRIDGE, NET = "usbr0", "10.77.0"
HOSTS = {"data": 2, "web1": 3, "web2": 4, "work": 5, "shed1": 6, "shed2": 7}
CLIPS, WITHIN_S = 6, 400.0


def address(host: str) -> str:
    return f"{NET}.{HOSTS[host]}"


def run(*words: str, check: bool = True) -> str:
    return subprocess.run(words, capture_output=True, text=True, check=check, cwd="/tmp").stdout


class Net:
    """A bridge and a namespace for each host; `start` runs a program on one of them."""

    def __init__(self, held: ExitStack, environment: dict[str, str], folder: Path) -> None:
        self.environment, self.folder = environment, folder
        self.programs: dict[str, subprocess.Popen[bytes]] = {}
        held.callback(self.stop)
        run("ip", "link", "add", BRIDGE, "type", "bridge")
        run("ip", "addr", "add", f"{NET}.1/24", "dev", BRIDGE)
        run("ip", "link", "set", BRIDGE, "up")
        for host, number in HOSTS.items():
            run("ip", "netns", "add", f"us-{host}")
            run(
                "ip",
                "link",
                "add",
                f"us{number}",
                "type",
                "veth",
                "peer",
                "name",
                "eth0",
                "netns",
                f"us-{host}",
            )
            run("ip", "link", "set", f"us{number}", "master", BRIDGE, "up")
            inside = ("ip", "-n", f"us-{host}")
            run(*inside, "addr", "add", f"{address(host)}/24", "dev", "eth0")
            run(*inside, "link", "set", "eth0", "up")
            run(*inside, "link", "set", "lo", "up")

    def start(self, host: str, name: str, *words: str, **more: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.programs[name] = subprocess.Popen(
                ["ip", "netns", "exec", f"us-{host}", *words],
                cwd=ROOT,
                env=self.environment | more,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def end(self, name: str, number: int) -> None:
        """`ip netns exec` becomes the program itself, so the signal reaches it."""
        self.programs[name].send_signal(number)
        self.programs[name].wait(20)

    def stop(self) -> None:
        for program in self.programs.values():
            if program.poll() is None:
                program.terminate()
        for program in self.programs.values():
            try:
                program.wait(10)
            except subprocess.TimeoutExpired:
                program.kill()
                program.wait()
        for host, number in HOSTS.items():
            run("ip", "link", "del", f"us{number}", check=False)
            run("ip", "netns", "del", f"us-{host}", check=False)
        run("ip", "link", "del", BRIDGE, check=False)


class FarPostgres(Postgres):
    """PostgreSQL on the host `data`, for the other hosts of the net."""

    def __init__(self, folder: Path) -> None:
        self.port, self.data = 5432, folder / "postgres"
        self.bin = max(Path("/usr/lib/postgresql").glob("*/bin"))
        self.data.mkdir()
        folder.chmod(0o755)
        shutil.chown(self.data, "postgres", "postgres")
        self._as_postgres(str(self.bin / "initdb"), "-D", str(self.data), "-A", "trust", "-U", "understudy")
        with (self.data / "pg_hba.conf").open("a") as rules:
            rules.write(f"host all all {NET}.0/24 trust\n")
        options = f"-p {self.port} -k {self.data} -c listen_addresses={address('data')}"
        self._as_postgres(
            *(str(self.bin / "pg_ctl"), "-D", str(self.data), "-o", options),
            *("-w", "-l", str(self.data / "log"), "start"),
        )
        at = ("-h", address("data"), "-p", str(self.port), "-U", "understudy")
        self._as_postgres(str(self.bin / "createdb"), *at, "understudy")

    def _as_postgres(self, *words: str, check: bool = True) -> None:
        inside = ("ip", "netns", "exec", "us-data", "runuser", "-u", "postgres", "--")
        subprocess.run([*inside, *words], check=check, capture_output=True, cwd="/tmp")


def environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in FORGET}
    data = address("data")
    return kept | {
        "DATA_DIR": str(folder / "data"),  # keys and journal lie on a disk that the hosts of one house share
        "DJANGO_SETTINGS_MODULE": "tests.drills.settings",
        "SITE_URL": f"http://{address('web1')}:8000",
        "DATABASE_URL": f"postgres://understudy@{data}:5432/understudy",
        "REDIS_URL": f"redis://{data}:6379/0",
        "S3_BUCKET": "spread",
        "S3_ENDPOINT": f"http://{data}:9000",
        "S3_REGION": "us-east-1",
        "S3_ACCESS_KEY": "spread",
        "S3_SECRET_KEY": "spread",
        "VECTORS_ADDRESS": f"{address('work')}:7000",
        "RENDER_HERE": "0",
        "OMP_NUM_THREADS": "1",
    }


def lay(net: Net, held: ExitStack, folder: Path) -> None:
    """Everything but the sheds."""
    python, data = sys.executable, address("data")
    postgres = FarPostgres(folder)
    held.callback(postgres.stop)
    net.start("data", "redis", "redis-server", "--bind", data, "--protected-mode", "no", "--save", "")
    net.start("data", "objects", python, "-m", "tests.drills.objects", data, "9000")
    inside = ("ip", "netns", "exec", "us-work", python, "manage.py", "migrate", "-v0")
    subprocess.run(inside, cwd=ROOT, env=net.environment, check=True)
    celery = (python, "-m", "celery", "-A", "config", "worker", "--pool", "solo", "--loglevel", "WARNING")
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    net.start("work", "vectors", python, "-m", "model.text", "--listen", f"{address('work')}:7000")
    net.start("work", "worker", *celery, *quiet, "-Q", "default,check", "-n", "worker@%h")
    net.start("work", "render", *celery, *quiet, "-Q", "render", "-n", "render@%h")
    for web in ("web1", "web2"):
        net.start(web, web, python, "-m", "config.front", "--host", address(web), "--port", "8000")


def join(net: Net, shed: str, token: str) -> None:
    """A worker elsewhere: no database, other data. Plain http is for this machine alone, so a wire of the
    shed's own leads to web1 (in life that is TLS)."""
    net.start(
        shed, f"{shed} wire", sys.executable, "-m", "tests.drills.wire", f"{address('web1')}:8000", "8000"
    )
    place = net.folder / shed
    place.mkdir(exist_ok=True)
    (place / "token").write_text(token)
    words = ("manage.py", "remote_worker", "--host", "http://127.0.0.1:8000", "--engines", "sleeper")
    net.start(
        shed,
        shed,
        *(sys.executable, *words, "--token-file", str(place / "token")),
        DATA_DIR=str(place),
        DATABASE_URL="postgres://nobody:nothing@127.0.0.1:1/none",
        REDIS_URL="",
        S3_BUCKET="",
        RENDER_HERE="1",
    )


def ask(
    web: str, method: str, path: str, token: str, body: dict[str, Any] | None = None
) -> tuple[int, bytes]:
    line = http.client.HTTPConnection(address(web), 8000, timeout=30)
    headers = {
        "Host": f"{address('web1')}:8000",
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Accept": "application/json",
    }
    try:
        line.request(method, path, json.dumps(body) if body else None, headers)
        answer = line.getresponse()
        return answer.status, answer.read()
    except OSError:
        return 0, b""
    finally:
        line.close()


def until(what: str, is_so: Any, within_s: float = WITHIN_S) -> None:
    ends = time.monotonic() + within_s
    while not is_so():
        if time.monotonic() > ends:
            raise RuntimeError(f"{what} did not come within {within_s} s")
        time.sleep(0.5)


def spread() -> dict[str, Any]:
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return {"hosts": None, "why": "only root may make network namespaces"}
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="understudy-spread-")))
        (folder / "data").mkdir()
        net = Net(held, environment(folder), folder)
        try:
            return walked(net, held, folder)
        except Exception:
            for log in sorted(folder.glob("*.log")):
                print(f"-- {log.name}\n{log.read_text(errors='replace')[-1500:]}", file=sys.stderr)
            raise


def walked(net: Net, held: ExitStack, folder: Path) -> dict[str, Any]:
    lay(net, held, folder)
    for web in ("web1", "web2"):
        until(f"{web} is up", lambda web=web: ask(web, "GET", "/readyz", "")[0] == 200)
    cast = told(net, "people")
    token = cast["cast"]["maker"]
    body = {"prompt": PROMPT, "engine": "sleeper", "seconds": 1, "seed": 5}
    asked = []
    for number in range(CLIPS):
        status, answer = ask(("web1", "web2")[number % 2], "POST", "/api/v1/generations", token, body)
        assert status in {200, 201, 202}, (status, answer)
        asked.append(str(json.loads(answer)["id"]))

    def states(web: str) -> list[str]:
        rows = [ask(web, "GET", f"/api/v1/generations/{key}", token)[1] for key in asked]
        return [str(json.loads(row).get("state")) for row in rows]

    time.sleep(3)
    waited = states("web2")
    started = time.monotonic()
    join(net, "shed1", cast["worker"])
    until("a first clip", lambda: "READY" in states("web2"))
    first = round(time.monotonic() - started, 1)
    net.end("shed1", signal.SIGKILL)
    left = states("web1").count("READY")
    join(net, "shed2", cast["worker2"])
    started = time.monotonic()
    until("every clip", lambda: states("web2") == ["READY"] * CLIPS)
    outcome = told(net, "invariants", {"acked": asked, "ordered": [], "paid": []})
    with suppress(subprocess.TimeoutExpired):
        net.end("shed2", signal.SIGTERM)
    return {
        "hosts": len(HOSTS),
        "waited_without_a_shed": waited.count("READY") == 0,
        "first_clip_s_after_joining": first,
        "ready_when_the_first_left": left,
        "all_ready_s_after_the_second_joined": round(time.monotonic() - started, 1),
        "made_elsewhere": outcome["made_elsewhere"],
        "lost": outcome["lost"],
        "doubled": outcome["doubled"],
    }


def told(net: Net, words: str, given: dict[str, Any] | None = None) -> dict[str, Any]:
    done = subprocess.run(
        ["ip", "netns", "exec", "us-work", sys.executable, "-m", "tests.drills.inside", words],
        cwd=ROOT,
        env=net.environment,
        input=json.dumps(given or {}),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    print(json.dumps(spread()))
