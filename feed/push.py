"""News to a browser that is shut: Web Push (RFC 8030), encrypted to the browser (RFC 8291) and signed by this
host's own key (VAPID, RFC 8292).

The push service learns when and to which browser something is sent, and nothing of what it says. It is asked
for only where somebody has just begun a job. In the quiet hours of a person, and of kinds that they muted,
nothing is sent: it stands in the product. A browser that its service no longer knows is forgotten.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import logging
import os
import time
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils import translation
from py_vapid import Vapid02

from accounts import notifications, outbound
from accounts.models import Notification, User
from feed import digest
from feed.models import Preferences, PushSubscription
from feed.refusals import BadPush

log = logging.getLogger(__name__)

MOST_BROWSERS = 10  # of one person; the oldest goes
LASTS_S = 12 * 3600  # a push service keeps what it could not deliver this long
TIMEOUT_S = 5.0
RECORD = 4096  # bytes: what is sent fits into one
GONE = {404, 410}


def public_key() -> str:
    """What a browser is given to know this host by: an uncompressed point in base64url."""
    point = _key().public_key.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    return _text(point)


def subscribe(*, person: User, endpoint: str, p256dh: str, auth: str, now: datetime) -> PushSubscription:
    """Keep a browser; the same one again changes nothing but whose it is. Raises BadPush."""
    parts = urlsplit(endpoint[:601])
    plain = getattr(settings, "OUTBOUND_ALLOWED", ())  # a test's own push service
    if len(endpoint) > 600 or not parts.hostname or (parts.scheme != "https" and parts.hostname not in plain):
        raise BadPush()
    _check(p256dh, auth)
    row, _made = PushSubscription.objects.update_or_create(
        endpoint=endpoint,
        defaults={"person": person, "p256dh": p256dh, "auth": auth, "created_at": now},
    )
    kept = PushSubscription.objects.filter(person=person).order_by("-created_at", "-pk")
    kept.filter(pk__in=list(kept.values_list("pk", flat=True)[MOST_BROWSERS:])).delete()
    return row


def stop(*, person: User, endpoint: str = "") -> int:
    """Forget one browser of a person, or all of them."""
    rows = PushSubscription.objects.filter(person=person)
    gone, _ = (rows.filter(endpoint=endpoint) if endpoint else rows).delete()
    return gone


def send(notification: Notification, now: datetime) -> int:
    """To every browser of the recipient; returns how many push services took it."""
    person = notification.recipient
    wishes = Preferences.of(person)
    if notification.read_at or notification.kind in wishes.muted_kinds or digest.is_quiet(wishes, now):
        return 0
    with translation.override(person.language):
        news = notifications.read(notification)
    told = json.dumps({"text": news.text, "url": news.url or "/notifications"}).encode()
    rows = list(PushSubscription.objects.filter(person=person, person__is_active=True))
    return sum(_deliver(row, told) for row in rows)


def _deliver(row: PushSubscription, told: bytes) -> bool:
    headers = {
        **_signed(row.endpoint),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(LASTS_S),
        "Urgency": "normal",
    }
    try:
        status = outbound.post(row.endpoint, _sealed(row, told), headers, timeout_s=TIMEOUT_S)
    except outbound.OutboundRefused as refused:
        log.warning("A push service could not be reached: %s", refused.code)
        return False
    if status in GONE:
        row.delete()
    elif status >= 300:
        log.warning("A push service answered %d.", status)
    return 200 <= status < 300


def _sealed(row: PushSubscription, told: bytes) -> bytes:
    return seal(
        told[:3000],
        browser=_bytes(row.p256dh),
        secret=_bytes(row.auth),
        own=ec.generate_private_key(ec.SECP256R1()),
        salt=os.urandom(16),
    )


def seal(
    told: bytes, *, browser: bytes, secret: bytes, own: ec.EllipticCurvePrivateKey, salt: bytes
) -> bytes:
    """One record of aes128gcm that only the browser with this public point and secret can read (RFC 8291, 3
    and 4; RFC 8188, 2)."""
    point = own.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    shared = own.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), browser))
    known = _derived(shared, secret, b"WebPush: info\0" + browser + point, 32)
    key = _derived(known, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(known, salt, b"Content-Encoding: nonce\0", 12)
    sealed = AESGCM(key).encrypt(nonce, told + b"\x02", None)  # 2: the last record
    return salt + RECORD.to_bytes(4, "big") + bytes([len(point)]) + point + sealed


def _derived(key: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(key)


def _signed(endpoint: str) -> dict[str, str]:
    parts = urlsplit(endpoint)
    mail = settings.DEFAULT_FROM_EMAIL.rpartition("<")[2].rstrip(">")
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int(time.time()) + LASTS_S,
        "sub": f"mailto:{mail}",
    }
    return dict(_key().sign(claims))


def _key() -> Vapid02:
    return _key_at(Path(settings.KEYS_DIR) / "vapid.pem")


@cache
def _key_at(path: Path) -> Vapid02:
    """Made once for this host; without it every browser would have to ask again."""
    if not path.exists():
        made = Vapid02()
        made.generate_keys()
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_bytes(made.private_pem())
        with contextlib.suppress(FileExistsError):  # two processes at once: the first one's stays
            os.link(fresh, path)
        fresh.unlink()
    return Vapid02.from_pem(path.read_bytes())


def _check(p256dh: str, auth: str) -> None:
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _bytes(p256dh))
        secret = _bytes(auth)
    except (ValueError, binascii.Error):
        raise BadPush() from None
    if len(secret) != 16 or len(p256dh) > 100 or len(auth) > 40:
        raise BadPush()


def _bytes(told: str) -> bytes:
    return base64.urlsafe_b64decode(told + "=" * (-len(told) % 4))


def _text(known: bytes) -> str:
    return base64.urlsafe_b64encode(known).decode().rstrip("=")


def heard(sender: object, instance: Any, created: bool, **more: object) -> None:
    """A piece of news was written: a worker pushes it, where its reader has a browser for it."""
    from django.db import transaction

    from feed.tasks import push_news

    if created and PushSubscription.objects.filter(person=instance.recipient_id).exists():
        transaction.on_commit(lambda: push_news.delay(instance.pk))
