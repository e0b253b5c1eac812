"""A Redis for one laptop, in pure Python, so that laptop and production run the same code."""

import threading

import fakeredis._clients._tcp_server as tcp_server
from fakeredis import TcpFakeServer

# Each connection's thread wakes this often to pass on what was published; 10 ms cost 6% of a core here.
tcp_server._POLL_INTERVAL = 0.05


def start(port: int = 0) -> str:
    """Serves on localhost from a thread of this process; returns the address."""
    server = TcpFakeServer(("127.0.0.1", port))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="redis-standin", daemon=True).start()
    return f"redis://127.0.0.1:{server.server_address[1]}/0"
