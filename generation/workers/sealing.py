"""What travels to a remote worker is sealed for one claim: an X25519 key that the worker makes for it in its
memory, and one of ours that is made for this one answer and forgotten with it (HKDF-SHA256, AES-256-GCM).

    answer = our public key (32) | nonce (12) | ciphertext         bound to `label`

A proxy between, its log, or who replays the answer later opens nothing.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY, NONCE = 32, 12


class NotForUs(Exception):
    """This cannot be opened with this key, or not under this label."""


def is_key(data: bytes) -> bool:
    """Whether these bytes are a public key to seal for; small-order points are none."""
    try:
        _shared(X25519PrivateKey.generate(), data, b"")
    except ValueError:
        return False
    return True


def seal_for(public: bytes, data: bytes, label: str) -> bytes:
    """Raises `ValueError` for what is no key."""
    own, nonce, bound = X25519PrivateKey.generate(), os.urandom(NONCE), label.encode()
    head = own.public_key().public_bytes_raw()
    return head + nonce + AESGCM(_shared(own, bytes(public), head)).encrypt(nonce, data, bound)


def open_with(private: X25519PrivateKey, sealed: bytes, label: str) -> bytes:
    """Raises `NotForUs`."""
    head, nonce, rest = sealed[:KEY], sealed[KEY : KEY + NONCE], sealed[KEY + NONCE :]
    try:
        return AESGCM(_shared(private, head, head)).decrypt(nonce, rest, label.encode())
    except (InvalidTag, ValueError) as error:
        raise NotForUs(label) from error


def _shared(own: X25519PrivateKey, other: bytes, salt: bytes) -> bytes:
    agreed = own.exchange(X25519PublicKey.from_public_bytes(other))
    return HKDF(SHA256(), KEY, salt=salt, info=b"understudy remote worker 1").derive(agreed)
