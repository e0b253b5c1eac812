"""The real product as a person starts it, in a folder of its own, for the journey and the browser's tests."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).resolve().parent.parent
# What a developer's shell may hold and a fresh host does not.
FORGET = (
    "DATABASE_URL",
    "REDIS_URL",
    "MEDIA_ROOT",
    "KEYS_DIR",
    "JOURNAL_PATH",
    "VECTORS_ADDRESS",
    "SITE_URL",
)


class Stack:
    """`manage.py run` on a free port with an empty DATA_DIR; `with Stack() as stack: stack.url`."""

    def __init__(
        self, *, folder: Path | None = None, demo: bool = False, ready_within_s: float = 120
    ) -> None:
        self._temporary = None if folder else tempfile.TemporaryDirectory(prefix="understudy-")
        self.folder = folder or Path(self._temporary.name)  # type: ignore[union-attr]
        self.demo = demo
        self.ready_within_s = ready_within_s
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.ready_s = 0.0
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in FORGET}
        return kept | {
            "DATA_DIR": str(self.folder),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "SITE_URL": self.url,
        }

    def __enter__(self) -> "Stack":
        command = [sys.executable, "manage.py", "run", "--port", str(self.port)]
        command += [] if self.demo else ["--no-demo"]
        started = time.monotonic()
        with (self.folder / "run.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() - started > self.ready_within_s:
                self.stop()
                raise RuntimeError(f"The stack did not start:\n{self.logs()}")
            time.sleep(0.05)
        self.ready_s = time.monotonic() - started
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if self._temporary:
            self._temporary.cleanup()

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def manage(self, *arguments: str) -> str:
        """One of the operator's commands on this stack's data; returns what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"manage.py {' '.join(arguments)}: {done.stderr[-2000:]}")
        return done.stdout

    def processes(self) -> dict[str, int]:
        """Resident kilobytes of each process of the stack, by what it runs."""
        found: dict[str, int] = {}
        for status in Path("/proc").glob("[0-9]*/environ"):
            try:
                if f"DATA_DIR={self.folder}".encode() not in status.read_bytes().split(b"\0"):
                    continue
                command = (status.parent / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                memory = (status.parent / "status").read_text()
            except OSError:
                continue
            resident = next((line for line in memory.splitlines() if line.startswith("VmRSS")), "VmRSS: 0 kB")
            found[command.strip()] = int(resident.split()[1])
        return found

    def logs(self, lines: int = 25) -> str:
        parts = []
        for path in [self.folder / "run.log", *sorted((self.folder / "logs").glob("*.log"))]:
            if path.exists():
                tail = path.read_text(errors="replace").splitlines()[-lines:]
                parts.append(f"-- {path.name}\n" + "\n".join(tail))
        return "\n".join(parts)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


def free_port() -> int:
    """A port that nobody has, and whose neighbour nobody has either."""
    while True:
        with socket.socket() as probe, socket.socket() as neighbour:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
            try:
                neighbour.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
