"""HTTP message signatures (RFC 9421) with a digest of the body (RFC 9530), as UCP 2026-04-08 wants them.

This host signs with one ECDSA P-256 key of its own, `KEYS_DIR/ucp.pem`; its public half stands in the profile
under `signing_keys`, named by its RFC 7638 thumbprint. A signature is r and s, 32 bytes each.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from django.conf import settings

SIDE = 32  # bytes of r, of s, and of each coordinate
MOST = 4  # signatures of one request that are looked at
LABEL = "sig1"
INPUT = re.compile(
    r'([a-z*][a-z0-9_.*-]*)=(\(((?:"[^"\\]{1,64}"(?:;[a-z]+(?:="[^"\\]*")?)*\s*)*)\)([^,()]*))'
)
NAMED = re.compile(r'"([^"\\]{1,64})"((?:;[a-z]+(?:="[^"\\]*")?)*)')
VALUE = re.compile(r"([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/=]{1,1024}):")
KEY_ID = re.compile(r';keyid="([^"\\]{1,200})"')


class BadSignature(Exception):
    """A signature that proves nothing; `code` is UCP's name of why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Message:
    """What a request says that a signature can cover. Names of `headers` are in small letters."""

    method: str
    authority: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @classmethod
    def to(cls, url: str, headers: Mapping[str, str], body: bytes, method: str = "POST") -> Message:
        parts = urlsplit(url)
        small = {name.lower(): value.strip() for name, value in headers.items()}
        return cls(method, parts.netloc.lower(), parts.path or "/", parts.query, small, body)

    def value(self, component: str) -> str:
        """Raises KeyError for what the message has not."""
        derived = {
            "@method": self.method,
            "@authority": self.authority,
            "@path": self.path,
            "@query": f"?{self.query}",
        }
        return derived[component] if component.startswith("@") else self.headers[component]

    def must_cover(self) -> list[str]:
        """What a signature has to cover to say anything about this request."""
        wanted = ["@method", "@authority", "@path"]
        wanted += ["@query"] if self.query else []
        wanted += ["content-digest", "content-type"] if self.body else []
        return wanted + [
            name for name in ("ucp-agent", "idempotency-key", "signature-agent") if name in self.headers
        ]


def digest(body: bytes) -> str:
    """`Content-Digest` of the raw bytes."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def public_keys() -> list[dict[str, str]]:
    """This host's keys as JWKs, for its profile."""
    return [jwk(_key().public_key())]


def jwk(key: ec.EllipticCurvePublicKey) -> dict[str, str]:
    numbers = key.public_numbers()
    body = {"crv": "P-256", "kty": "EC", "x": _number(numbers.x), "y": _number(numbers.y)}
    return {"kid": thumbprint(body), "use": "sig", "alg": "ES256", **body}


def thumbprint(body: Mapping[str, str]) -> str:
    """RFC 7638, of an elliptic key."""
    needed = {name: body[name] for name in ("crv", "kty", "x", "y")}
    text = json.dumps(needed, sort_keys=True, separators=(",", ":"))
    return _text(hashlib.sha256(text.encode()).digest())


def sign_request(
    url: str, headers: Mapping[str, str], body: bytes, *, key: ec.EllipticCurvePrivateKey | None = None
) -> dict[str, str]:
    """The headers that sign a POST of `body` with these headers; they come on top of them."""
    digested = {"Content-Digest": digest(body)}
    message = Message.to(url, {**headers, **digested}, body)
    extra = [name for name in ("webhook-id", "webhook-timestamp") if name in message.headers]
    lines = [(name, message.value(name)) for name in (*message.must_cover(), *extra)]
    return {**digested, **_signed(lines, "", key or _key())}


def sign_answer(status: int, content_type: str, body: bytes, at: int) -> dict[str, str]:
    """The headers that sign an answer; `at` is seconds since 1970."""
    digested = digest(body)
    lines = [("@status", str(status)), ("content-digest", digested), ("content-type", content_type)]
    return {"Content-Digest": digested, **_signed(lines, f";created={at}", _key())}


def verify(message: Message, keys: Sequence[Mapping[str, Any]]) -> None:
    """Returns where one signature of the message is good and covers all that matters; else raises
    BadSignature with the reason of the last one."""
    inputs = list(INPUT.finditer(message.headers.get("signature-input", "")))[:MOST]
    values = dict(VALUE.findall(message.headers.get("signature", "")))
    found = [one for one in inputs if one[1] in values]
    if not found:
        raise BadSignature("signature_missing")
    why = BadSignature("signature_invalid")
    for one in found:
        try:
            return _check(message, keys, one, values[one[1]])
        except BadSignature as bad:
            why = bad
    raise why


def _check(message: Message, keys: Sequence[Mapping[str, Any]], said: re.Match[str], value: str) -> None:
    components = NAMED.findall(said[3])
    names = [name for name, _more in components]
    key = _named(keys, said[4])
    missing = [name for name in message.must_cover() if name not in names]
    if missing or len(set(names)) != len(names) or any(more for _name, more in components):
        raise BadSignature("signature_invalid")
    if "content-digest" in names and message.headers.get("content-digest") != digest(message.body):
        raise BadSignature("digest_mismatch")
    try:
        lines = [(name, message.value(name)) for name in names]
        raw = base64.b64decode(value, validate=True)
    except (KeyError, binascii.Error):
        raise BadSignature("signature_invalid") from None
    if len(raw) != 2 * SIDE:
        raise BadSignature("signature_invalid")
    r, s = int.from_bytes(raw[:SIDE]), int.from_bytes(raw[SIDE:])
    try:
        key.verify(encode_dss_signature(r, s), _base(lines, said[2]), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise BadSignature("signature_invalid") from None


def _named(keys: Sequence[Mapping[str, Any]], parameters: str) -> ec.EllipticCurvePublicKey:
    asked = KEY_ID.search(parameters)
    found = next((key for key in keys if asked and key.get("kid") == asked[1]), None)
    if found is None:
        raise BadSignature("key_not_found")
    if found.get("kty") != "EC" or found.get("crv") != "P-256":
        raise BadSignature("algorithm_unsupported")
    try:
        point = ec.EllipticCurvePublicNumbers(_int(found["x"]), _int(found["y"]), ec.SECP256R1())
        return point.public_key()
    except (KeyError, TypeError, ValueError):
        raise BadSignature("key_not_found") from None


def _signed(lines: list[tuple[str, str]], more: str, key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    named = " ".join(f'"{name}"' for name, _value in lines)
    parameters = f'({named}){more};keyid="{jwk(key.public_key())["kid"]}"'
    r, s = decode_dss_signature(key.sign(_base(lines, parameters), ec.ECDSA(hashes.SHA256())))
    raw = r.to_bytes(SIDE) + s.to_bytes(SIDE)
    return {
        "Signature-Input": f"{LABEL}={parameters}",
        "Signature": f"{LABEL}=:{base64.b64encode(raw).decode()}:",
    }


def _base(lines: list[tuple[str, str]], parameters: str) -> bytes:
    """The signature base of RFC 9421, 2.5."""
    told = [f'"{name}": {value}' for name, value in lines]
    return "\n".join([*told, f'"@signature-params": {parameters}']).encode()


def _key() -> ec.EllipticCurvePrivateKey:
    return _key_at(Path(settings.KEYS_DIR) / "ucp.pem")


@cache
def _key_at(path: Path) -> ec.EllipticCurvePrivateKey:
    """Made once for this host. Delete the file to have another: agents read the new one from the profile."""
    if not path.exists():
        made = ec.generate_private_key(ec.SECP256R1())
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_bytes(
            made.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        with contextlib.suppress(FileExistsError):  # two processes at once: the first one's stays
            os.link(fresh, path)
        fresh.unlink()
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def _number(value: int) -> str:
    return _text(value.to_bytes(SIDE))


def _int(text: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
