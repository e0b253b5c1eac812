"""Opening a shop, and bringing its products."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import BinaryIO, cast

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils.text import slugify

from accounts.models import User
from commerce.catalog import formats, imports
from commerce.catalog.rows import LARGEST_STOCK, Problem, ProductRow, UnreadableFile
from commerce.models import CatalogImport, CatalogSource, Coupon, Merchant, Product, ShippingRate, Variant
from commerce.money import CURRENCIES
from commerce.refusals import (
    AlreadyMerchant,
    BadSource,
    BadStock,
    FileRefused,
    ImportBusy,
    TooManySources,
    TooManyTerms,
)

LARGEST_FILE = 200 * 1024 * 1024
# A larger file is read by a worker while the page waits; this much is read in the request.
READ_AT_ONCE = 1024 * 1024
MOST_SOURCES = 5
MOST_TERMS = 50
State = CatalogImport.State


@transaction.atomic
def open_shop(*, owner: User, name: str, now: datetime) -> Merchant:
    """A shop under a readable address of its own; one for each account."""
    slug = f"{slugify(name, allow_unicode=False)[:30] or 'shop'}-{secrets.token_hex(3)}"
    try:
        with transaction.atomic():
            return Merchant.objects.create(owner=owner, name=name.strip(), slug=slug, created_at=now)
    except IntegrityError as error:
        raise AlreadyMerchant from error


def bring_file(
    *, merchant: Merchant, stream: File[bytes], size: int, currency: str, now: datetime, kind: str = ""
) -> CatalogImport:
    """Keep the file under a name of ours and find out what it would do. Nothing of the catalogue changes.

    `kind` is a name of `catalog.formats`, or empty to look. A large file is left READING for a worker.
    """
    if size > LARGEST_FILE:
        raise FileRefused("too_large")
    if currency not in CURRENCIES:
        raise FileRefused("currency")
    path = default_storage.save(f"imports/{secrets.token_hex(16)}.txt", stream)
    run = CatalogImport(merchant=merchant, path=path, currency=currency, created_at=now, state=State.READING)
    try:
        run.kind = kind or _guessed(path)
        if size <= READ_AT_ONCE:
            _fill(run)
    except UnreadableFile as error:
        default_storage.delete(path)
        raise FileRefused(error.code) from error
    run.save()
    return run


def _guessed(path: str) -> str:
    with default_storage.open(path) as stream:
        return formats.guess(cast(BinaryIO, stream.file))


def dry_run(run: CatalogImport) -> None:
    """Read a file that waits; a worker's door. A file that is none of ours ends FAILED."""
    try:
        _fill(run)
    except UnreadableFile as error:
        run.state, run.error = State.FAILED, error.code
    CatalogImport.objects.filter(pk=run.pk, state=State.READING).update(
        state=run.state, plan=run.plan, error=run.error
    )


def _fill(run: CatalogImport) -> None:
    with default_storage.open(run.path) as stream:
        run.plan = imports.plan(merchant=run.merchant, rows=_rows(stream, run)).as_json()
    run.state = State.DRY


def begin_applying(*, run: CatalogImport) -> bool:
    """DRY or APPLIED -> WRITING; True where a worker is to write, False where it was done here.

    Raises ImportBusy while the file is read or written.
    """
    ready = CatalogImport.objects.filter(pk=run.pk, state__in=[State.DRY, State.APPLIED])
    if not ready.update(state=State.WRITING):
        raise ImportBusy
    run.state = State.WRITING
    return default_storage.size(run.path) > READ_AT_ONCE


def apply_file(*, run: CatalogImport, now: datetime) -> imports.Plan:
    """Write the file's products; doing it again changes nothing more."""
    plan, state, code = imports.Plan(), State.APPLIED, ""
    with default_storage.open(run.path) as stream:
        try:
            plan = imports.apply(merchant=run.merchant, rows=_rows(stream, run), now=now)
        except UnreadableFile as error:
            state, code = State.FAILED, error.code
    CatalogImport.objects.filter(pk=run.pk).update(
        state=state, error=code, applied_at=now, plan=plan.as_json()
    )
    run.refresh_from_db()
    return plan


def _rows(stream: File[bytes], run: CatalogImport) -> Iterator[ProductRow | Problem]:
    return formats.read(cast(BinaryIO, stream.file), kind=run.kind, currency=run.currency)


def add_source(
    *, merchant: Merchant, url: str, currency: str, every_hours: int, now: datetime
) -> CatalogSource:
    """An address to fetch products from, first at the next beat. What is private is refused when fetched."""
    if not url.startswith(("http://", "https://")) or len(url) > 2000 or not 1 <= every_hours <= 720:
        raise BadSource
    if currency not in CURRENCIES:
        raise FileRefused("currency")
    if merchant.sources.count() >= MOST_SOURCES:
        raise TooManySources
    return CatalogSource.objects.create(
        merchant=merchant, url=url, currency=currency, every_hours=every_hours, due_at=now, created_at=now
    )


def remove_source(*, source: CatalogSource) -> None:
    source.delete()


def set_stock(*, variant: Variant, stock: int | None) -> None:
    """How many are on the shelf by the merchant's count, reserved ones included; None: nobody counts."""
    if stock is not None and not 0 <= stock <= LARGEST_STOCK:
        raise BadStock
    Variant.objects.filter(pk=variant.pk).update(stock=stock)


def set_tax(*, merchant: Merchant, tax_bp: int) -> None:
    """The rate that its prices hold, or that comes on top, by the host's TAX_MODE. Orders keep theirs."""
    Merchant.objects.filter(pk=merchant.pk).update(tax_bp=max(0, min(tax_bp, 5_000)))


def set_file(*, product: Product, stream: File[bytes], size: int, name: str) -> None:
    """What a buyer of digital goods downloads: from now on nothing of the product is sent or counted."""
    if not 0 < size <= LARGEST_FILE:
        raise FileRefused("too_large" if size else "empty")
    path, before = default_storage.save(f"digital/{secrets.token_hex(16)}", stream), product.digital_path
    with transaction.atomic():
        Product.objects.filter(pk=product.pk).update(
            digital_path=path, digital_name=_file_name(name), needs_shipping=False
        )
        Variant.objects.filter(product=product).update(stock=None)
    if before:
        default_storage.delete(before)


def _file_name(name: str) -> str:
    """A name without paths, controls or quotes, of what the merchant's machine called it."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in last if c.isprintable() and c not in '"')[-120:] or "file"


def set_link(*, merchant: Merchant, links_out: bool, site: str) -> None:
    """Whether the shop sells at its own site, and where its products are there."""
    Merchant.objects.filter(pk=merchant.pk).update(links_out=links_out, site=site)


def add_rate(
    *,
    merchant: Merchant,
    title: str,
    currency: str,
    fee: int,
    free_from: int | None,
    days_low: int,
    days_high: int,
) -> ShippingRate:
    if merchant.shipping_rates.count() >= MOST_TERMS:
        raise TooManyTerms
    return ShippingRate.objects.create(
        merchant=merchant,
        title=title.strip(),
        currency=currency,
        fee=fee,
        free_from=free_from,
        days_low=days_low,
        days_high=days_high,
    )


def add_coupon(
    *,
    merchant: Merchant,
    code: str,
    percent: int,
    uses_left: int | None,
    until: date | None,
    now: datetime,
) -> Coupon:
    """A code of the shop; said again, the same code gets the new terms."""
    if merchant.coupons.filter(person=None).count() >= MOST_TERMS:
        raise TooManyTerms
    over = datetime.combine(until, time.max, tzinfo=UTC) if until else None
    terms = {"percent_bp": int(percent) * 100, "uses_left": uses_left, "until": over}
    coupon, _made = Coupon.objects.update_or_create(
        merchant=merchant, code=code.upper(), defaults=terms, create_defaults={**terms, "created_at": now}
    )
    return coupon


def remove_term(*, merchant: Merchant, what: str, pk: str) -> None:
    """Take a way of shipping or a code away; orders that used it keep what they paid."""
    rows = merchant.shipping_rates if what == "rate-remove" else merchant.coupons
    if pk.isdecimal():
        rows.filter(pk=int(pk)).delete()
