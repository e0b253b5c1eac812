"""What `make bench-queue` kills: rendering workers, the web process, the broker stand-in, database
connections. Each comes back at once, as a supervisor would bring it."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

BROKER = """
import sys, time
from fakeredis import TcpFakeServer
TcpFakeServer.allow_reuse_address = True
from config import redis_standin
redis_standin.start(int(sys.argv[1]))
time.sleep(1e9)
"""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Broker:
    """The stand-in of `config.redis_standin`, in a process of its own, always on the same port."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen([sys.executable, "-c", BROKER, str(self.port)])
        wait_for(self.port)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


def wait_for(port: int, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def forked(work: Callable[[], None]) -> int:
    """A child with no connection of its parent's."""
    from django.db import connections

    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    return child


def kill(child: int) -> None:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def render() -> None:
    """A worker of its own."""
    from generation import hand

    hand._thread = None
    hand._warm_up = lambda part: None
    hand.SWEEP_EVERY_S = 1.0
    hand.IDLE_S = 0.2
    hand.start().join()


def serve(port: int) -> Callable[[], None]:
    """The product's WSGI application."""

    def work() -> None:
        import logging
        from datetime import timedelta
        from socketserver import ThreadingMixIn
        from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

        from accounts import idempotency
        from config.wsgi import application

        class Threads(ThreadingMixIn, WSGIServer):
            daemon_threads = True

        class Quiet(WSGIRequestHandler):
            def log_message(self, *about: Any) -> None:
                """Nobody reads it."""

        # A process that died in the middle holds a key this long; two minutes would make a day of the bench.
        idempotency.GIVEN_UP_AFTER = timedelta(seconds=3)
        logging.disable(logging.CRITICAL)
        make_server("127.0.0.1", port, application, server_class=Threads, handler_class=Quiet).serve_forever()

    return work


def end_a_connection() -> bool:
    """Terminates one of the other connections to this database; False where there is none (or on SQLite)."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1"
        )
        return cursor.fetchone() is not None


class Host:
    """Workers, a web process and a broker, alive until they are killed."""

    def __init__(self, workers: int, broker: Broker, chance: random.Random) -> None:
        self.chance = chance
        self.broker, self.web_port = broker, free_port()
        self.workers = [forked(render) for _ in range(workers)]
        self.web = forked(serve(self.web_port))
        wait_for(self.web_port)

    def kill_one(self) -> str:
        """What died."""
        from django.db import connection

        kinds = {"worker": 5, "web": 2, "broker stand-in": 1}
        if connection.vendor == "postgresql":
            kinds["database connection"] = 3
        kind = self.chance.choices(list(kinds), list(kinds.values()))[0]
        if kind == "database connection":
            end_a_connection()
        elif kind == "worker":
            kill(self.workers.pop(self.chance.randrange(len(self.workers))))
            self.workers.append(forked(render))
        elif kind == "web":
            kill(self.web)
            self.web = forked(serve(self.web_port))
        else:
            self.broker.end()
            self.broker.start()
        return kind

    def end(self) -> None:
        for child in (*self.workers, self.web):
            kill(child)
