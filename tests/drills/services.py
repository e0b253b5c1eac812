"""What the product stands on, the drill's own, so that taking it away hurts nobody else."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from tests.live import ROOT, free_port


class Postgres:
    """A cluster in a folder of its own. As root it runs as `postgres`, which PostgreSQL insists on."""

    def __init__(self, folder: Path) -> None:
        self.port, self.data = free_port(), folder / "postgres"
        self.bin = max(Path("/usr/lib/postgresql").glob("*/bin"))
        self.data.mkdir()
        if os.geteuid() == 0:
            folder.chmod(0o755)
            shutil.chown(self.data, "postgres", "postgres")
        self._as_postgres(str(self.bin / "initdb"), "-D", str(self.data), "-A", "trust", "-U", "understudy")
        self.start()
        self._as_postgres(
            str(self.bin / "createdb"),
            "-h",
            "127.0.0.1",
            "-p",
            str(self.port),
            "-U",
            "understudy",
            "understudy",
        )

    def start(self) -> None:
        options = f"-p {self.port} -k {self.data} -c listen_addresses=127.0.0.1"
        self._as_postgres(
            str(self.bin / "pg_ctl"),
            "-D",
            str(self.data),
            "-o",
            options,
            "-w",
            "-l",
            str(self.data / "log"),
            "start",
        )

    def master(self) -> int:
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def kill(self) -> None:
        """SIGKILL to the postmaster and to every backend of it, as a machine that loses power."""
        master = self.master()
        children = subprocess.run(["pgrep", "-P", str(master)], capture_output=True, text=True, check=False)
        for pid in [master, *map(int, children.stdout.split())]:
            os.kill(pid, signal.SIGKILL)
        time.sleep(1)
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def stop(self) -> None:
        self._as_postgres(
            str(self.bin / "pg_ctl"), "-D", str(self.data), "-m", "immediate", "stop", check=False
        )

    def _as_postgres(self, *words: str, check: bool = True) -> None:
        prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        subprocess.run([*prefix, *words], check=check, capture_output=True, cwd="/tmp")


class Redis:
    def __init__(self) -> None:
        self.port = free_port()
        self.start()

    def start(self) -> None:
        words = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self.process = subprocess.Popen(
            words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/tmp"
        )

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    stop = kill


class Provider:
    """The stand-in of the payment provider, in a process that is the drill's own."""

    def __init__(self, folder: Path, *, shop_port: int, secret: str) -> None:
        from commerce.gateways.standin import StandIn

        self.app = StandIn(
            path=folder / "provider.sqlite3",
            base_url="",
            webhook_url=f"http://127.0.0.1:{shop_port}/webhooks/stripe",
            webhook_secret=secret,
        )
        self.server = make_server("127.0.0.1", 0, self.app, _Server, _Quiet)
        self.port = int(self.server.server_port)
        threading.Thread(target=self.server.serve_forever, args=(0.1,), daemon=True).start()

    def open_at(self, address: str) -> None:
        """Its own pages say this address; webhooks begin to leave."""
        self.app.base_url = address
        self.app.start_courier()

    def stop(self) -> None:
        self.app.courier.stop()
        self.server.shutdown()
        self.server.server_close()


class RemoteWorker:
    """A worker on "another machine": no database, other data, only the host's address and a token."""

    def __init__(self, folder: Path, host: str, token: str) -> None:
        self.folder, self.host = folder / "shed", host
        self.folder.mkdir()
        (self.folder / "token").write_text(token)
        self.process: subprocess.Popen[bytes] | None = None
        self.is_wanted = False
        threading.Thread(target=self._tend, daemon=True).start()

    def start(self) -> None:
        self.is_wanted = True

    def _tend(self) -> None:
        """As systemd would: the token of a killed worker is free after a minute; until then it tries."""
        while True:
            if self.is_wanted and (self.process is None or self.process.poll() is not None):
                self._start()
            time.sleep(3)

    def _start(self) -> None:
        nobody = f"postgres://nobody:nothing@127.0.0.1:{free_port()}/none"
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "DATA_DIR": str(self.folder),
            "DATABASE_URL": nobody,
            "DJANGO_SETTINGS_MODULE": "tests.drills.settings",
        }
        command = [sys.executable, "manage.py", "remote_worker", "--host", self.host]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--token-file", str(self.folder / "token"), "--engines", "sleeper"],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        self.is_wanted = False
        if self.process:
            self.process.kill()
            self.process.wait()


class Room:
    """A small disk of its own for MEDIA_ROOT (a tmpfs), that can be filled. Only root may make one."""

    SIZE_MB = 96

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.is_there = (
            os.geteuid() == 0
            and not subprocess.run(
                ["mount", "-t", "tmpfs", "-o", f"size={self.SIZE_MB}m", "tmpfs", str(folder)],
                capture_output=True,
                check=False,
            ).returncode
        )

    def fill(self) -> None:
        """All but 1 MB, which is less than LEAST_FREE_BYTES."""
        left = shutil.disk_usage(self.folder).free - 1024 * 1024
        with (self.folder / "filler").open("wb") as file:
            file.truncate(0)
            os.posix_fallocate(file.fileno(), 0, left)

    def empty(self) -> None:
        (self.folder / "filler").unlink(missing_ok=True)

    def stop(self) -> None:
        if self.is_there:
            subprocess.run(["umount", "-l", str(self.folder)], capture_output=True, check=False)


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *arguments: object) -> None:
        pass
