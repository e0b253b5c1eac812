"""PostgreSQL and Redis of the drill's own, so that killing them hurts nobody else."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from tests.live import free_port


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

    def kill(self) -> None:
        """SIGKILL to the postmaster and to every backend of it, as a machine that loses power."""
        master = int((self.data / "postmaster.pid").read_text().split()[0])
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
