"""The one way out: nobody makes this host fetch from its own network, however the address is dressed."""

import ipaddress
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from accounts import outbound

PUBLIC = "93.184.216.34"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://017700000001/",
        "http://localhost/",
        "http://0.0.0.0/",
        "http://10.1.2.3/",
        "http://172.16.0.1/",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://100.64.0.1/",
        "http://198.18.0.1/",
        "http://224.0.0.1/",
        "http://255.255.255.255/",
        "http://[::1]/",
        "http://[::]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:169.254.169.254]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[fe80::1]/",
        "http://[fc00::1]/",
        "http://[2002:7f00:1::]/",
        "ftp://93.184.216.34/",
        "file:///etc/passwd",
        "gopher://93.184.216.34/",
        "http://",
        "",
        "not an address",
        "http://93.184.216.34:22/",
        "http://93.184.216.34:99999/",
        "http://user:secret@93.184.216.34/",
        "http://93.184.216.34/a b",
        "http://93.184.216.34/\r\nHost: x",
        "http://[::1",
    ],
)
def test_what_is_not_a_public_web_address_is_refused(url: str) -> None:
    with pytest.raises(outbound.NotAllowed):
        outbound.fetch(url, max_bytes=10, timeout_s=1)


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"])
def test_addresses_of_the_open_internet_are_public(address: str) -> None:
    assert outbound.is_public(ipaddress.ip_address(address))


def answers(*addresses: str) -> Any:
    def getaddrinfo(host: str, port: int, **more: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    return getaddrinfo


def test_one_private_answer_among_public_ones_refuses_them_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", answers(PUBLIC, "10.0.0.1"))
    with pytest.raises(outbound.NotAllowed):
        outbound.fetch("http://shop.example/", max_bytes=10, timeout_s=1)


def test_a_name_that_changes_its_mind_is_still_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: public when judged, private when connected to. We connect to what was judged."""
    replies = iter([answers(PUBLIC), answers("127.0.0.1"), answers("127.0.0.1")])
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: next(replies)(*a, **k))
    reached: list[Any] = []

    def connect(address: Any, *rest: Any) -> socket.socket:
        reached.append(address)
        raise OSError

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(outbound.Unreachable):
        outbound.fetch("http://rebind.example/", max_bytes=10, timeout_s=1)
    assert reached == [(PUBLIC, 80)]


class Shop(BaseHTTPRequestHandler):
    """A web server of somebody else, with every unpleasant habit."""

    def do_GET(self) -> None:
        name = self.path.strip("/")
        if name.startswith("to="):
            self.send_response(302)
            self.send_header("Location", name[3:])
            self.end_headers()
            return
        if name == "loop":
            self.send_response(302)
            self.send_header("Location", "/loop")
            self.end_headers()
            return
        if name == "missing":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", "image/png; charset=binary")
        if name == "liar":
            self.send_header("Content-Length", "999999")
        if name == "babbler":
            self.send_header("Content-Length", "many")
        self.end_headers()
        self.wfile.write(b"x" * (50_000 if name == "endless" else 5))

    def log_message(self, *args: Any) -> None:
        """Quiet."""


@pytest.fixture
def shop_server(settings: Any) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.OUTBOUND_ALLOWED = ("127.0.0.1",)
    settings.OUTBOUND_PORTS = (server.server_port,)
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_picture_is_fetched_also_behind_a_redirect(shop_server: str) -> None:
    assert outbound.fetch(f"{shop_server}/a", max_bytes=10, timeout_s=5) == b"xxxxx"
    found = outbound.get(f"{shop_server}/to={shop_server}/b", max_bytes=10, timeout_s=5)
    assert (found.body, found.content_type, found.url) == (b"xxxxx", "image/png", f"{shop_server}/b")
    assert outbound.fetch(f"{shop_server}/babbler", max_bytes=10, timeout_s=5) == b"xxxxx"


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("endless", outbound.TooLarge),
        ("liar", outbound.TooLarge),
        ("missing", outbound.Unreachable),
        ("loop", outbound.Unreachable),
        ("to=http://169.254.169.254/", outbound.NotAllowed),
        ("to=http://[::1]/", outbound.NotAllowed),
        ("to=file:///etc/passwd", outbound.NotAllowed),
        ("to=", outbound.Unreachable),
        ("to=http://[", outbound.NotAllowed),
    ],
)
def test_an_unpleasant_server_is_refused_by_name(
    shop_server: str, name: str, refusal: type[outbound.OutboundRefused]
) -> None:
    with pytest.raises(refusal):
        outbound.fetch(f"{shop_server}/{name}", max_bytes=1000, timeout_s=5)


def test_another_kind_than_asked_for_is_refused(shop_server: str) -> None:
    with pytest.raises(outbound.WrongKind):
        outbound.fetch(f"{shop_server}/a", max_bytes=10, timeout_s=5, content_types={"text/csv"})


def test_a_proxy_of_the_environment_is_not_used(shop_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert outbound.fetch(f"{shop_server}/a", max_bytes=10, timeout_s=5) == b"xxxxx"


def test_a_server_that_says_nothing_costs_no_more_than_the_time_given(settings: Any) -> None:
    silent = socket.create_server(("127.0.0.1", 0))
    settings.OUTBOUND_ALLOWED = ("127.0.0.1",)
    settings.OUTBOUND_PORTS = (silent.getsockname()[1],)
    with pytest.raises(outbound.Unreachable):
        outbound.fetch(f"http://127.0.0.1:{silent.getsockname()[1]}/", max_bytes=10, timeout_s=0.3)
    silent.close()
