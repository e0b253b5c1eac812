"""The one guarded way out to the network, for addresses that people give us (product pictures, webhooks,
catalogues).

Each address, and each one it redirects to, is resolved here, every answer of the resolver is judged, and
the connection then goes to exactly that IP address: a name that answers differently a moment later (DNS
rebinding) gains nothing. No proxy of the environment is used. TLS is checked against the name that was
asked for.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.refusals import Refused

PORTS = {"http": 80, "https": 443}
MOST_REDIRECTS = 3
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PIECE = 64 * 1024

# Carrier-grade NAT, benchmarks, documentation, 6to4, Teredo, NAT64 …: global by some tables, and never what
# a person means. `ipaddress` knows loopback, private, link-local, multicast and reserved ranges itself.
NEVER = [
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "192.0.0.0/24",
        "198.18.0.0/15",
        "2001::/23",
        "2002::/16",
        "64:ff9b::/96",
    )
]

IP = ipaddress.IPv4Address | ipaddress.IPv6Address


class OutboundRefused(Refused):
    code = "outbound_refused"
    status = 400


class NotAllowed(OutboundRefused):
    code = "outbound_address"
    message = _("This address can't be fetched from here.")
    hint = _("Give a public http or https address.")


class TooLarge(OutboundRefused):
    code = "outbound_too_large"
    message = _("What lies at this address is too large.")


class WrongKind(OutboundRefused):
    code = "outbound_kind"
    message = _("What lies at this address is of another kind than was asked for.")


class Unreachable(OutboundRefused):
    code = "outbound_unreachable"
    message = _("This address could not be reached.")
    hint = _("Check it, and try again later.")
    status = 502


@dataclass(frozen=True)
class Fetched:
    body: bytes
    content_type: str
    url: str


def fetch(url: str, *, max_bytes: int, timeout_s: float, content_types: Collection[str] = ()) -> bytes:
    """The body at `url`. Raises `NotAllowed`, `TooLarge`, `WrongKind` or `Unreachable`; nothing else."""
    return get(url, max_bytes=max_bytes, timeout_s=timeout_s, content_types=content_types).body


def get(
    url: str,
    *,
    max_bytes: int,
    timeout_s: float,
    content_types: Collection[str] = (),
    redirects: int = MOST_REDIRECTS,
) -> Fetched:
    """Like `fetch`, with the kind and the final address. `timeout_s` covers all of up to `redirects`."""
    deadline = time.monotonic() + timeout_s
    for _hop in range(redirects + 1):
        parts = _parse(url)
        response = _ask(parts, _resolve(parts), deadline)
        try:
            if response.status in REDIRECTS:
                url = _onward(url, response.headers.get("Location", ""))
                continue
            return _read(response, url, max_bytes, content_types, deadline)
        finally:
            response.close()
    raise Unreachable()


def post(url: str, body: bytes, headers: Mapping[str, str], *, timeout_s: float) -> int:
    """What the server at `url` answers to a POST, as a status. Nothing is followed and nothing read. Raises
    `NotAllowed` or `Unreachable`."""
    parts = _parse(url)
    response = _ask(parts, _resolve(parts), time.monotonic() + timeout_s, body, headers)
    response.close()
    return response.status


def judge(url: str) -> None:
    """Whether `url` may be asked, before somebody relies on it. Raises `NotAllowed` or `Unreachable`."""
    _resolve(_parse(url))


def _parse(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise NotAllowed() from None
    if parts.scheme not in PORTS or not parts.hostname or parts.username or parts.password:
        raise NotAllowed()
    if any(ord(char) <= 32 or ord(char) == 127 for char in url):
        raise NotAllowed()
    if port not in {None, 80, 443} and port not in getattr(settings, "OUTBOUND_PORTS", ()):
        raise NotAllowed()
    return parts


def _resolve(parts: SplitResult) -> IP:
    """The address to connect to. One forbidden answer among several refuses them all."""
    try:
        found = socket.getaddrinfo(parts.hostname, _port(parts), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable() from None
    addresses = [ipaddress.ip_address(str(entry[4][0]).split("%")[0]) for entry in found]
    if not addresses or not all(is_public(address) for address in addresses):
        raise NotAllowed()
    return addresses[0]


def is_public(address: IP) -> bool:
    """True for an address of the open internet; an IPv4 address in IPv6 clothes is judged as what it is."""
    if str(address) in getattr(settings, "OUTBOUND_ALLOWED", ()):
        return True
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return is_public(address.ipv4_mapped)
    if any(address in network for network in NEVER if network.version == address.version):
        return False
    return address.is_global and not address.is_multicast


def _onward(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        raise NotAllowed() from None


def _port(parts: SplitResult) -> int:
    return parts.port or PORTS[parts.scheme]


class _PlainTo(HTTPConnection):
    """Connects to an address that was judged, whatever the name says by now."""

    def __init__(self, parts: SplitResult, address: IP, timeout: float) -> None:
        super().__init__(str(parts.hostname), _port(parts), timeout=timeout)
        self.address = address

    def connect(self) -> None:
        self.sock = socket.create_connection((str(self.address), self.port), self.timeout)


class _TlsTo(HTTPSConnection):
    def __init__(self, parts: SplitResult, address: IP, timeout: float) -> None:
        self.tls = ssl.create_default_context()
        super().__init__(str(parts.hostname), _port(parts), timeout=timeout, context=self.tls)
        self.address = address

    def connect(self) -> None:
        raw = socket.create_connection((str(self.address), self.port), self.timeout)
        self.sock = self.tls.wrap_socket(raw, server_hostname=self.host)


def _ask(
    parts: SplitResult,
    address: IP,
    deadline: float,
    body: bytes | None = None,
    more: Mapping[str, str] | None = None,
) -> HTTPResponse:
    make: Any = _TlsTo if parts.scheme == "https" else _PlainTo
    connection = make(parts, address, _left(deadline))
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {
        "User-Agent": "Understudy",
        "Accept-Encoding": "identity",
        "Connection": "close",
        **(more or {}),
    }
    try:
        connection.request("GET" if body is None else "POST", target, body, headers)
        response: HTTPResponse = connection.getresponse()
    except (OSError, HTTPException, UnicodeError):
        connection.close()
        raise Unreachable() from None
    return response


def _read(
    response: HTTPResponse, url: str, max_bytes: int, content_types: Collection[str], deadline: float
) -> Fetched:
    if response.status != 200:
        raise Unreachable()
    kind = response.headers.get_content_type()
    if content_types and kind not in content_types:
        raise WrongKind()
    if (response.length or 0) > max_bytes:  # None where it says none, or what is no number
        raise TooLarge()
    pieces, total = [], 0
    try:
        while piece := response.read1(PIECE):
            total += len(piece)
            if total > max_bytes:
                raise TooLarge()
            _left(deadline)
            pieces.append(piece)
    except (OSError, HTTPException):
        raise Unreachable() from None
    return Fetched(b"".join(pieces), kind, url)


def _left(deadline: float) -> float:
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise Unreachable()
    return seconds
