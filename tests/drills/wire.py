"""A wire between the product and a service, that can be cut or made slow."""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
import time


class Wire:
    """Listens on a port of its own and carries bytes to `port`. `mode` is open, cut or slow."""

    def __init__(self, port: int, *, host: str = "127.0.0.1", listen: int = 0) -> None:
        self.target, self.mode, self.delay_s = (host, port), "open", 0.0
        self.listener = socket.create_server(("127.0.0.1", listen))
        self.port = int(self.listener.getsockname()[1])
        self.ends: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self.mode = "cut"
        for end in list(self.ends):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def slow(self, delay_s: float) -> None:
        self.mode, self.delay_s = "slow", delay_s

    def open(self) -> None:
        self.mode = "open"

    def _accept(self) -> None:
        while True:
            near, _address = self.listener.accept()
            if self.mode == "cut":
                near.close()
                continue
            try:
                far = socket.create_connection(self.target, 5)
            except OSError:
                near.close()
                continue
            for one, other in ((near, far), (far, near)):
                one.settimeout(None)
                self.ends.add(one)
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                if self.mode == "slow":
                    time.sleep(self.delay_s)
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.close()
            self.ends.discard(end)


if __name__ == "__main__":
    there, _, port = sys.argv[1].rpartition(":")
    Wire(int(port), host=there, listen=int(sys.argv[2]))
    threading.Event().wait()
