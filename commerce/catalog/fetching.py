"""What merchants name by address: their products' pictures, and files that are fetched again and again.

Addresses go through `accounts.outbound`, which refuses private ones; pictures are opened behind the walls of
the intake's sandbox and written anew, so that nothing of the file itself is ever served.
"""

from __future__ import annotations

import io
import logging
import secrets
import tempfile
from datetime import datetime, timedelta

import numpy as np
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import F
from numpy.typing import NDArray
from PIL import Image

from accounts import outbound
from accounts.refusals import Refused
from cameos.intake import sandbox
from cameos.intake.kinds import PictureLimits
from cameos.intake.refusals import IntakeRefused
from commerce.catalog import formats, imports, people
from commerce.catalog.rows import UnreadableFile
from commerce.models import CatalogSource, Product

log = logging.getLogger(__name__)

LARGEST_PICTURE = 8 * 1024 * 1024
LARGEST_FILE = 20 * 1024 * 1024
PICTURE_S, FILE_S = 10.0, 60.0
AT_ONCE = 20
PICTURES = {"image/jpeg", "image/png", "image/webp", "image/gif", "image/avif"}
LIMITS = PictureLimits(max_bytes=LARGEST_PICTURE, keep_side=1024)


def pictures(*, now: datetime, most: int = AT_ONCE) -> int:
    """Fetch up to `most` pictures that are named and not here yet; how many were tried."""
    waiting = Product.objects.exclude(picture_url=F("picture_source")).exclude(picture_url="").order_by("pk")
    waiting = waiting.select_related("merchant__owner")
    rows = list(waiting[:most])
    for product in rows:
        picture(product, now)
    return len(rows)


def picture(product: Product, now: datetime) -> None:
    """Bring one product's picture; what cannot be had, or shows somebody who did not allow it, keeps its
    reason, and is not asked for again."""
    path, error = "", ""
    try:
        body = outbound.fetch(
            product.picture_url, max_bytes=LARGEST_PICTURE, timeout_s=PICTURE_S, content_types=PICTURES
        )
        pixels = opened(body)
        if people.unasked(pixels, seller=product.merchant.owner, now=now):
            error = "unlisted_face"
        else:
            path = default_storage.save(f"products/{secrets.token_hex(16)}.webp", ContentFile(_webp(pixels)))
    except Refused as refusal:
        error = refusal.code
    except IntakeRefused:
        error = "no_picture"
    Product.objects.filter(pk=product.pk).update(
        picture_source=product.picture_url, picture_error=error[:40], picture_path=path
    )
    if product.picture_path:
        default_storage.delete(product.picture_path)


def redrawn(body: bytes) -> bytes:
    """A picture opened behind the walls of the intake and written anew as WebP. Raises IntakeRefused."""
    return _webp(opened(body))


def opened(body: bytes) -> NDArray[np.uint8]:
    """The pixels H W 3 of a picture. Raises IntakeRefused."""
    with tempfile.TemporaryFile() as file:
        file.write(body)
        file.seek(0)
        return sandbox.decode_picture(file, LIMITS).pixels


def _webp(pixels: NDArray[np.uint8]) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "WEBP", quality=82)
    return out.getvalue()


def sources(*, now: datetime) -> int:
    """Fetch every file that is due; how many."""
    due = list(
        CatalogSource.objects.filter(due_at__lte=now).select_related("merchant").order_by("due_at")[:20]
    )
    return sum(_fetched(row, now) for row in due)


def _fetched(row: CatalogSource, now: datetime) -> bool:
    """A file that breaks its reader is tried again when it is next due; the ones behind it are fetched."""
    try:
        return source(row, now=now)
    except Exception:
        log.exception("a file of products could not be brought: %s", row.pk)
        return True


def source(row: CatalogSource, *, now: datetime) -> bool:
    """Fetch a file and write its products. A second worker that comes at once finds the row taken."""
    taken = CatalogSource.objects.filter(pk=row.pk, due_at=row.due_at)
    if not taken.update(due_at=now + timedelta(hours=row.every_hours)):
        return False
    error, plan = "", imports.Plan()
    try:
        stream = io.BytesIO(outbound.fetch(row.url, max_bytes=LARGEST_FILE, timeout_s=FILE_S))
        kind = formats.guess(stream)
        plan = imports.apply(
            merchant=row.merchant,
            rows=formats.read(stream, kind=kind, currency=row.currency, now=now),
            now=now,
        )
    except Refused as refusal:
        error = refusal.code
    except UnreadableFile as unreadable:
        error = unreadable.code
    CatalogSource.objects.filter(pk=row.pk).update(
        fetched_at=now, error=error, written=plan.written, refused=plan.problem_count
    )
    return True
