"""`manage.py run`: the whole product on this machine, at one address, until Ctrl-C."""

import fcntl
import hashlib
import http.client
import io
import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command, get_commands

from config import first_run, phone, redis_standin
from config.host_secret import host_secret
from config.supervisor import Child, Supervisor

NEEDED_FREE = 1024**3
READY_WITHIN_S = 180  # a busy or old machine; a start on an idle one takes seconds
PATIENCE_S = 15
LONGEST_SOCKET_PATH = 100


class Command(BaseCommand):
    help = "Runs the whole product on this machine: web, workers, beat, and what they need."
    requires_system_checks: list[str] = []  # they run below, after the folder for data exists

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
        parser.add_argument("--phone", action="store_true", help="serve TLS to a phone on this network")
        parser.add_argument("--no-demo", action="store_true", help="start with an empty house")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        data: Path = settings.DATA_DIR
        data.mkdir(parents=True, exist_ok=True)
        with ExitStack() as held:
            held.enter_context(only_one(data))
            port, is_phone = options["port"], options["phone"]
            refuse_busy(port)
            refuse_full(data)
            environment = self.environment(port, is_phone)
            self.prepare(environment)
            (data / "address").write_text(environment["SITE_URL"])  # for commands beside this one

            supervisor = Supervisor(data / "logs", self.stderr.write)
            supervisor.listen()
            held.callback(supervisor.stop)
            supervisor.start(self.web(port, is_phone, environment))
            if not wait_until_ready(port, supervisor, tls=is_phone, say=self.say):
                raise CommandError(f"The web process did not answer; see {data / 'logs' / 'web.log'}.")
            self.welcome(
                environment, time.monotonic() - started, is_phone=is_phone, demo=not options["no_demo"]
            )
            for child in self.others(environment, demo=not options["no_demo"]):
                supervisor.start(child)
            supervisor.run()
            self.stdout.write("Stopping …")
        self.stdout.write("Stopped. Your data is kept.")

    def environment(self, port: int, is_phone: bool) -> dict[str, str]:
        """What the children are told: the operator's own settings, and a stand-in where one is missing."""
        host = os.environ.get("PHONE_HOST") or phone.lan_address() if is_phone else "localhost"
        site = os.environ.get("SITE_URL") or f"{'https' if is_phone else 'http'}://{host}:{port}"
        told = {
            "SITE_URL": site,
            "STATIC_HASHED": os.environ.get("STATIC_HASHED", "0" if settings.DEBUG else "1"),
            "REDIS_URL": settings.REDIS_URL or redis_standin.start(),
            "VECTORS_ADDRESS": os.environ.get("VECTORS_ADDRESS") or address(settings.DATA_DIR, "vectors"),
            "PLAY_ADDRESS": os.environ.get("PLAY_ADDRESS") or address(settings.DATA_DIR, "play"),
            # The certificate of a house is not for a year, nor its address.
            "HSTS_SECONDS": os.environ.get("HSTS_SECONDS", "0"),
            "PYTHONUNBUFFERED": "1",
            "MALLOC_ARENA_MAX": "2",
        }
        if not settings.EMAIL_HOST:
            told["DEMO"] = os.environ.get("DEMO", "1")
        if not settings.STRIPE_SECRET_KEY:
            inner = f"http://127.0.0.1:{port + 1 if is_phone else port}"
            told |= {
                "STRIPE_STANDIN": "1",
                "STRIPE_SECRET_KEY": f"sk_test_standin_{host_secret(settings.KEYS_DIR / 'standin')[:24]}",
                "STRIPE_WEBHOOK_SECRET": f"whsec_{host_secret(settings.KEYS_DIR / 'standin_webhook')[:32]}",
                "STRIPE_API_BASE": f"{inner}/standin",
            }
        return told

    def prepare(self, environment: dict[str, str]) -> None:
        """Checks the knobs, brings the database up to date, and gathers static files where they changed."""
        call_command("check", stdout=io.StringIO())
        if not (settings.STATIC_ROOT / ".gathered").exists():
            self.say("First start: preparing the database and the pages, half a minute or so …")
        call_command("migrate", verbosity=0, interactive=False)
        if environment["STATIC_HASHED"] == "1":
            gather_static(environment)

    def say(self, line: str) -> None:
        """Now, also where the output is a file."""
        self.stdout.write(line)
        self.stdout.flush()

    def web(self, port: int, is_phone: bool, environment: dict[str, str]) -> Child:
        arguments = [sys.executable, "-m", "config.front", "--port", str(port)]
        if is_phone:
            host = environment["SITE_URL"].removeprefix("https://").rpartition(":")[0]
            ca, certificate, key = phone.certificate_for(host, settings.KEYS_DIR / "tls")
            arguments += ["--host", "0.0.0.0"]  # asked for by --phone  # nosec B104
            arguments += ["--certificate", str(certificate), "--key", str(key)]
            arguments += ["--inner", str(port + 1), "--local-ca", str(ca)]
        return Child("web", arguments, environment)

    def others(self, environment: dict[str, str], *, demo: bool) -> list[Child]:
        celery = [sys.executable, "-m", "celery", "-A", "config"]
        worker = [
            *(*celery, "worker", "--pool", "solo", "--loglevel", "WARNING"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ]
        vectors = [sys.executable, "-m", "model.text", "--listen", environment["VECTORS_ADDRESS"]]
        one_thread = environment | {"OMP_NUM_THREADS": "1"}
        children = [
            Child("vectors", [*vectors, "--keep", str(settings.DATA_DIR / "vectors")], one_thread),
            Child(
                "play",
                [sys.executable, "-m", "model.playing", "--listen", environment["PLAY_ADDRESS"]],
                one_thread,
            ),
            Child("worker", [*worker, "-Q", "default,check", "-n", "worker@%h"], environment, nice=5),
            Child("render", [*worker, "-Q", "render", "-n", "render@%h"], environment, nice=10),
            Child("beat", [*celery, "beat", "--scheduler", "celery.beat:Scheduler"], environment),
        ]
        if demo and "load_demo" in get_commands():
            children.insert(
                1, Child("demo", [sys.executable, "manage.py", "load_demo"], environment, once=True, nice=10)
            )
        return children

    def welcome(self, told: Mapping[str, str], seconds: float, *, is_phone: bool, demo: bool) -> None:
        site = told["SITE_URL"]
        self.stdout.write(f"\nUnderstudy is ready after {seconds:.1f} s:  {site}\n")
        self.stdout.write(
            f"Logs: {settings.DATA_DIR / 'logs'}. Ctrl-C stops everything and keeps the data.\n"
        )
        if demo and told.get("DEMO") == "1":
            from feed.demo.programme import INVITE

            self.stdout.write(f"To come in: {site}/join/{INVITE}. Mail is read at {site}/mail.")
        if address_of_first_run := first_run.address(site):
            self.stdout.write(f"To set this host up and become its operator: {address_of_first_run}")
        if is_phone:
            import segno

            picture = io.StringIO()  # Django's stdout ends every row once more, and no phone reads that
            segno.make(site, error="m").terminal(out=picture, compact=True)
            self.stdout.write(picture.getvalue())
            self.stdout.write(f"The phone warns once; to stop that, install {site}/local-ca.crt there.")
            self.stdout.write("Passkeys want a name instead of a number: give one in PHONE_HOST.")
        self.stdout.flush()


def only_one(data: Path) -> IO[str]:
    """Holds the lock of this data folder; raises CommandError where another run has it."""
    lock = (data / "run.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise CommandError(f"Understudy already runs on {data}. Stop it, or set DATA_DIR.") from None
    return lock


def refuse_busy(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise CommandError(f"Port {port} is taken. Choose another: make run PORT=8080.") from None


def refuse_full(data: Path) -> None:
    free = shutil.disk_usage(data).free
    if free < NEEDED_FREE:
        raise CommandError(f"Only {free // 1024**2} MB are free at {data}; make room for at least 1 GB.")


def address(data: Path, name: str) -> str:
    """A socket beside the data; a path too long for the kernel gives way to a port of localhost."""
    path = data / f"{name}.sock"
    return f"unix:{path}" if len(str(path)) <= LONGEST_SOCKET_PATH else f"127.0.0.1:{free_port()}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def gather_static(environment: dict[str, str]) -> None:
    """`collectstatic` in a process of its own, skipped while no static file changed since the last time."""
    from django.contrib.staticfiles.finders import get_finders

    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in sorted(finder.list(None), key=lambda found: found[0]):
            stat = os.stat(storage.path(name))
            digest.update(f"{name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    stamp: Path = settings.STATIC_ROOT / ".gathered"
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--clear", "--verbosity", "0"]
    done = subprocess.run(command, env={**os.environ, **environment}, check=False)  # argv, no shell  # nosec B603
    if done.returncode:
        raise CommandError("The static files could not be gathered; the lines above say why.")
    stamp.write_text(digest.hexdigest())


def wait_until_ready(port: int, supervisor: Supervisor, *, tls: bool, say: Callable[[str], None]) -> bool:
    """Until a page answers, or the person stops waiting; a slow start is told once."""
    started, is_told = time.monotonic(), False
    while time.monotonic() < started + READY_WITHIN_S and not supervisor.stopping:
        supervisor.tend()
        if answers(port, tls=tls):
            return True
        if not is_told and time.monotonic() > started + PATIENCE_S:
            is_told = True
            say(f"Still starting: this machine is busy. It may take up to {READY_WITHIN_S} s.")
        time.sleep(0.05)
    return supervisor.stopping


def answers(port: int, *, tls: bool) -> bool:
    connection: http.client.HTTPConnection
    if tls:
        context = ssl._create_unverified_context()  # our own certificate, on this machine  # nosec B323
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=5, context=context)
    else:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": "localhost"})
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
