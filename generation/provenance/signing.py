"""This host's signing keys for C2PA: a root of its own and a leaf, ES256, kept in KEYS_DIR.

The profile follows the C2PA specification's certificate section: the leaf is no CA, its key usage is
digitalSignature (critical), its extended key usage emailProtection, and it carries both key identifiers.
A self-signed leaf is refused by validators, hence two certificates. Outside viewers show "unknown issuer"
unless the operator brings a listed certificate: put its chain and key where these files lie.

    KEYS_DIR/c2pa/root.pem   leaf.pem (leaf, then root)   leaf.key (0600)   root.key (0600)
    beside them, trusted when files are read: root-*.pem (of before), tsa-*.pem (of who stamps times)
"""

from __future__ import annotations

import os
import threading
import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.conf import settings

ROOT_YEARS, LEAF_YEARS = 10, 3
READINGS = 5
_making = threading.Lock()


class KeysMissing(RuntimeError):
    """The signing keys are there in part only: somebody has to look before anything is signed."""


def folder() -> Path:
    return Path(settings.KEYS_DIR) / "c2pa"


def ensure_keys() -> Path:
    """Make root and leaf on the first call of this host; afterwards only find them. Raises `KeysMissing`."""
    place = folder()
    names = ("root.pem", "root.key", "leaf.pem", "leaf.key")
    with _making:
        there = [name for name in names if (place / name).exists()]
        if not there:
            _make(place)
        elif "leaf.pem" not in there or "leaf.key" not in there or "root.pem" not in there:
            raise KeysMissing(f"{place} holds only {', '.join(there)}")
    return place


def renew_leaf() -> Path:
    """A new leaf under the same root, for files signed from now on; what the old one signed stays trusted,
    since the root vouches for both. The old pair is kept beside, numbered. Raises `KeysMissing`."""
    place = ensure_keys()
    if not (place / "root.key").exists():
        raise KeysMissing(f"{place} holds no root.key: whoever signed leaf.pem has to sign the next one")
    root = x509.load_pem_x509_certificate((place / "root.pem").read_bytes())
    root_key = serialization.load_pem_private_key((place / "root.key").read_bytes(), None)
    assert isinstance(root_key, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = _certificate(f"Understudy at {settings.SITE_HOST}", key, root, root_key, LEAF_YEARS)
    chain = leaf.public_bytes(serialization.Encoding.PEM) + (place / "root.pem").read_bytes()
    number = len(list(place.glob("leaf-*.pem"))) + 1
    with _making:
        for name, data in (("leaf.pem", chain), ("leaf.key", _pkcs8(key))):
            kept = place / f"leaf-{number:04d}{Path(name).suffix}"
            os.link(place / name, kept)
            draft = place / f".{name}.{os.getpid()}"
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(data)
            draft.replace(place / name)
    return place / "leaf.pem"


def stamps() -> bool:
    """Whether the operator named a service for time stamps."""
    return bool(settings.C2PA_TSA_URL)


def signer(*, stamped: bool = False) -> c2pa.Signer:
    """A signer with this host's leaf. Each file gets its own: a signer is used up. `stamped`: the service
    is asked for the time. Raises `KeysMissing`."""
    chain, key = _pair(ensure_keys())
    info = c2pa.C2paSignerInfo(
        alg=b"es256",
        sign_cert=chain,
        private_key=key,
        ta_url=settings.C2PA_TSA_URL.encode() if stamped else None,
    )
    return c2pa.Signer.from_info(info)


def _pair(place: Path) -> tuple[bytes, bytes]:
    """The leaf's chain and its key, of one pair: `renew_leaf` replaces one file after the other, and what is
    sealed between them must not be signed with the key of another certificate."""
    for attempt in range(READINGS):
        chain, key = (place / "leaf.pem").read_bytes(), (place / "leaf.key").read_bytes()
        if _belong(chain, key):
            return chain, key
        time.sleep(0.02 * attempt)
    raise KeysMissing(f"{place}: leaf.key is not the key of leaf.pem; put back a pair that belongs together")


@lru_cache(maxsize=4)
def _belong(chain: bytes, key: bytes) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(chain)
        return certificate.public_key() == serialization.load_pem_private_key(key, None).public_key()
    except ValueError:  # half written, or no key at all
        return False


def _anchors(place: Path) -> str:
    """Whom we trust: our root, roots that we signed under before, and that of the time-stamping service."""
    files = [place / "root.pem", *sorted(place.glob("root-*.pem")), *sorted(place.glob("tsa-*.pem"))]
    return _joined(tuple((path, path.stat().st_mtime) for path in files))


@lru_cache(maxsize=4)
def _joined(files: tuple[tuple[Path, float], ...]) -> str:
    return "\n".join(path.read_text() for path, _changed_at in files)


def context() -> c2pa.Context:
    """Reads and builds with our root as trust anchor: our own files are `Trusted`, foreign ones `Valid` at
    most."""
    return c2pa.Context(settings=c2pa.Settings.from_dict(wishes()))


def wishes() -> dict[str, Any]:
    """The settings of that context."""
    place = ensure_keys()
    return {
        "trust": {"user_anchors": _anchors(place)},
        "verify": {"verify_trust": True, "verify_after_sign": False},
        "builder": {"thumbnail": {"enabled": False}},
    }


def _make(place: Path) -> None:
    """Root, then leaf. Written beside and renamed, so that a crash leaves all four or none."""
    host = str(getattr(settings, "SITE_HOST", "localhost"))
    root_key, leaf_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = _certificate(f"Understudy root of {host}", root_key, None, None, ROOT_YEARS)
    leaf = _certificate(f"Understudy at {host}", leaf_key, root, root_key, LEAF_YEARS)
    draft = place.with_name(f".c2pa.{os.getpid()}")
    draft.mkdir(parents=True, mode=0o700)
    chain = leaf.public_bytes(serialization.Encoding.PEM) + root.public_bytes(serialization.Encoding.PEM)
    (draft / "root.pem").write_bytes(root.public_bytes(serialization.Encoding.PEM))
    (draft / "leaf.pem").write_bytes(chain)
    for name, key in (("root.key", root_key), ("leaf.key", leaf_key)):
        with open(os.open(draft / name, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            file.write(_pkcs8(key))
    try:
        draft.rename(place)
    except OSError:  # Another process of this host was faster; its keys count.
        for path in draft.iterdir():
            path.unlink()
        draft.rmdir()


def _pkcs8(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Certificate | None,
    issuer_key: ec.EllipticCurvePrivateKey | None,
    years: int,
) -> x509.Certificate:
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, name[:64]),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Understudy"),
        ]
    )
    is_root = issuer is None
    signing_key = issuer_key or key
    now = datetime.now(UTC)
    usage = x509.KeyUsage(
        digital_signature=not is_root,
        key_cert_sign=is_root,
        crl_sign=is_root,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * years))
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=0 if is_root else None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()), critical=False
        )
    )
    if not is_root:
        builder = builder.add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False
        )
    return builder.sign(signing_key, hashes.SHA256())
