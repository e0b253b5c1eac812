"""What goes over the wire: to us through the proxy of docs/hosting, and from us to others."""

from __future__ import annotations

import re
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import Client
from django.urls import reverse

from accounts import outbound, throttle
from commerce.actions import merchants
from config import checks, phone
from config.settings import database
from generation import footage, forms_films, moving
from generation.workers import receiving
from tests.security.pages import ROOT, text

NGINX = (ROOT / "docs" / "hosting" / "nginx.conf").read_text()
PROXY = (ROOT / "docs" / "hosting" / "understudy_proxy.conf").read_text()


@pytest.fixture
def server_of_nobody(tmp_path: Path, settings: Any) -> Iterator[int]:
    """A TLS server on this machine whose certificate no browser trusts. Yields its port."""
    _ca, certificate, key = phone.certificate_for("127.0.0.1", tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(5)
    port = listener.getsockname()[1]
    settings.OUTBOUND_ALLOWED, settings.OUTBOUND_PORTS = ("127.0.0.1",), (port,)

    def serve() -> None:
        try:
            raw, _address = listener.accept()
            with context.wrap_socket(raw, server_side=True) as wire:
                wire.recv(4096)
                wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
        except (OSError, ssl.SSLError):
            pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield port
    listener.close()
    thread.join(5)


def test_a_certificate_that_nobody_vouches_for_is_not_spoken_to(server_of_nobody: int) -> None:
    with pytest.raises(outbound.Unreachable):
        outbound.fetch(f"https://127.0.0.1:{server_of_nobody}/", max_bytes=99, timeout_s=5)


def test_nothing_of_ours_speaks_tls_without_checking() -> None:
    """`_create_unverified_context` stands once: the run command asks its own port whether it is up."""
    found = [
        str(path.relative_to(ROOT))
        for app in ("accounts", "cameos", "generation", "feed", "commerce", "config", "model")
        for path in (ROOT / app).rglob("*.py")
        if re.search(
            r"_create_unverified_context|CERT_NONE|verify\s*=\s*False|check_hostname\s*=\s*False",
            path.read_text(),
        )
    ]
    assert found == ["config/management/commands/run.py"]


def test_the_proxy_speaks_new_tls_only() -> None:
    assert re.findall(r"ssl_protocols (.+);", NGINX) == ["TLSv1.2 TLSv1.3"]
    (ciphers,) = re.findall(r"ssl_ciphers (.+);", NGINX)
    for cipher in ciphers.split(":"):
        assert cipher.startswith("ECDHE-") and re.search(r"GCM|CHACHA20", cipher), cipher


def test_ciphers_of_the_proxy_are_known_and_keep_the_past_secret() -> None:
    (ciphers,) = re.findall(r"ssl_ciphers (.+);", NGINX)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers(ciphers)
    older = [cipher for cipher in context.get_ciphers() if cipher["protocol"] == "TLSv1.2"]
    assert len(older) == len(ciphers.split(":"))
    assert all("Kx=ECDH" in cipher["description"] and cipher["strength_bits"] >= 128 for cipher in older)


def test_the_proxy_leads_people_to_tls_and_refuses_programs_without() -> None:
    plain = NGINX[NGINX.index("listen 80;") : NGINX.index("listen 443")]
    assert "return 308 https://" in plain
    (programs,) = re.findall(r"location ~ \^/\((.+?)\)\(/\|\$\) \{ return 426; \}", plain)
    assert {"api", "acp", "ucp", "webhooks", "workers", "ws", "mcp"} <= set(programs.split("|"))
    assert "proxy_pass" not in plain


def test_the_proxy_has_a_certificate_that_browsers_trust() -> None:
    assert "letsencrypt" in NGINX and "ssl_certificate_key" in NGINX
    assert "certbot" in (ROOT / "docs" / "hosting.md").read_text()


def let_through(path: str) -> int:
    """How many bytes the proxy lets a request to this address have."""
    units = {"m": 1 << 20, "g": 1 << 30}
    blocks = re.findall(r"location ~ (\S+) \{\n\s+client_max_body_size (\d+)([mg]);", NGINX)
    (usual,) = re.findall(r"^    client_max_body_size (\d+)([mg]);", NGINX, re.MULTILINE)
    size, unit = next(((size, unit) for rule, size, unit in blocks if re.search(rule, path)), usual)
    return int(size) * units[unit]


def test_the_proxy_lets_through_what_the_product_takes_in_one_piece() -> None:
    anything, mib = "00000000-0000-4000-8000-000000000000", 1 << 20
    film, photos = footage.LIMITS.max_bytes, forms_films.MOST_AT_ONCE * footage.PHOTO.max_bytes
    taken = {
        reverse("generation:verify"): 200_000_000,
        reverse("generation:api-verify"): 200_000_000,
        reverse("generation:films"): forms_films.MOST_AT_ONCE * film,
        reverse("generation:api-material"): film,
        reverse("generation:promo"): photos,
        reverse("generation:explain"): photos,
        reverse("generation:picture"): photos,
        reverse("generation:worker-result", args=["token"]): receiving.MOST_FILM + receiving.MOST_MATERIAL,
        reverse("generation:move"): moving.MOST_BYTES - mib,
        reverse("generation:api-moves"): moving.MOST_BYTES - mib,
        reverse("commerce:import"): merchants.LARGEST_FILE,
        reverse("commerce:digital", args=[anything]): merchants.LARGEST_FILE,
    }
    too_small = {path: most for path, most in taken.items() if let_through(path) < most + mib}
    assert not too_small
    assert let_through("/login") == let_through("/verify/x") == 64 * mib


@pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed")
def test_nginx_reads_the_file(tmp_path: Path) -> None:
    _ca, certificate, key = phone.certificate_for("localhost", tmp_path)
    site = NGINX.replace("/etc/nginx/understudy_proxy.conf", str(ROOT / "docs/hosting/understudy_proxy.conf"))
    site = re.sub(r"ssl_certificate +\S+;", f"ssl_certificate {certificate};", site)
    site = re.sub(r"ssl_certificate_key +\S+;", f"ssl_certificate_key {key};", site)
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n{site}\n}}\n")
    done = subprocess.run(["nginx", "-t", "-c", str(whole)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_what_the_proxy_says_about_a_request_nobody_else_can_say() -> None:
    set_by_proxy = dict(re.findall(r"proxy_set_header (\S+)\s+(\S+);", PROXY))
    assert set_by_proxy["X-Forwarded-For"] == "$remote_addr"
    assert set_by_proxy["X-Forwarded-Proto"] == "$scheme"
    assert set_by_proxy["X-Request-ID"] == "$request_id"
    for name in ("Forwarded", "X-Forwarded-Host", "X-Real-IP"):
        assert set_by_proxy[name] == '""'


def test_without_a_proxy_of_ours_nobody_believes_such_headers(rf: Any, settings: Any) -> None:
    said = {"HTTP_X_FORWARDED_FOR": "1.2.3.4", "HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_REAL_IP": "1.2.3.4"}
    request = rf.get("/", **said)
    settings.TRUSTED_PROXIES = 0
    assert throttle.client_address(request) == "127.0.0.1"
    assert not request.is_secure()
    settings.TRUSTED_PROXIES = 1
    assert throttle.client_address(rf.get("/", HTTP_X_FORWARDED_FOR="6.6.6.6, 1.2.3.4")) == "1.2.3.4"


@pytest.mark.django_db
def test_a_host_name_of_somebodys_own_is_not_served(client: Client, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["clips.example.org"]
    assert client.get("/login", headers={"Host": "evil.test"}).status_code == 400


def test_two_lengths_of_one_request_are_no_request() -> None:
    """The server we run refuses what proxies and servers read differently."""
    import asyncio

    import uvicorn

    async def page(scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while True:
            event = await receive()
            body += event.get("body", b"")
            if not event.get("more_body"):
                break
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})

    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(page, log_config=None, lifespan="off"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True)
    thread.start()

    def ask(head: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", port), 5) as wire:
            wire.sendall(head)
            wire.settimeout(5)
            return wire.recv(100)

    start = b"POST / HTTP/1.1\r\nHost: x\r\n"
    try:
        both = ask(start + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG")
        twice = ask(start + b"Content-Length: 2\r\nContent-Length: 5\r\n\r\nhello")
        odd = ask(start + b"Content-Length: +5\r\n\r\nhello")
        assert b" 400 " in twice and b" 400 " in odd
        assert b" 400 " in both or both.count(b"HTTP/1.1") == 1
    finally:
        server.should_exit = True
        thread.join(10)


def test_services_on_other_machines_are_asked_for_their_certificate(settings: Any) -> None:
    settings.DATABASES = {"default": database("postgres://u:p@db.example.org/x")}
    settings.REDIS_URL = "redis://cache.example.org/0"
    settings.EMAIL_HOST, settings.EMAIL_USE_TLS = "mail.example.org", False
    assert [found.id for found in checks.wires()] == ["config.W005", "config.W006", "config.W007"]
    mended = database("postgres://u:p@db.example.org/x?sslmode=verify-full&sslrootcert=/ca.crt")
    assert mended["OPTIONS"].items() >= {"sslmode": "verify-full", "sslrootcert": "/ca.crt"}.items()
    settings.DATABASES = {"default": mended}
    settings.REDIS_URL, settings.EMAIL_USE_TLS = "rediss://cache.example.org/0", True
    assert checks.wires() == []


def test_news_to_agents_travel_sealed(settings: Any) -> None:
    settings.AGENT_WEBHOOK_URL = "http://agent.example.org/news"
    assert [found.id for found in checks.agents()] == ["config.E007"]
    settings.AGENT_WEBHOOK_URL = "https://agent.example.org/news"
    assert checks.agents() == []


async def knocked(path: str, origin: bytes) -> str:
    """What the outermost door of our sockets says to a page of `origin`."""
    from asgiref.testing import ApplicationCommunicator

    from config.asgi import websocket

    scope = {
        "type": "websocket",
        "path": path.partition("?")[0],
        "query_string": path.partition("?")[2].encode(),
        "headers": [(b"origin", origin), (b"host", b"localhost")],
        "subprotocols": [],
    }
    door = ApplicationCommunicator(websocket, scope)
    await door.send_input({"type": "websocket.connect"})
    answer = await door.receive_output(timeout=5)
    await door.send_input({"type": "websocket.disconnect", "code": 1000})
    await door.wait()
    return str(answer["type"])


@pytest.mark.django_db(transaction=True)
def test_a_socket_is_opened_by_our_own_pages_only() -> None:
    for origin in (b"https://evil.test", b"null", b"http://localhost.evil.test"):
        assert async_to_sync(knocked)("/ws/live/", origin) == "websocket.close", origin


@pytest.mark.django_db(transaction=True)
def test_a_socket_knows_its_person_by_the_session_and_by_nothing_in_its_address() -> None:
    row = "00000000-0000-4000-8000-000000000000"
    path = f"/ws/generations/{row}/?token=us_x&user=1&sessionid=x"
    assert async_to_sync(knocked)(path, b"http://localhost") == "websocket.close"


def test_the_page_of_communications_says_where_addresses_come_from() -> None:
    page = text("data")
    assert "Reaching out" in page and "accounts/outbound.py" in page and "**people**" in page
