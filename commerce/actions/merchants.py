"""Opening a shop, and bringing its products."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO, cast

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils.text import slugify

from accounts.models import User
from commerce.catalog import imports, shopify
from commerce.catalog.rows import Problem, ProductRow, UnreadableFile
from commerce.models import CatalogImport, Merchant
from commerce.money import CURRENCIES
from commerce.refusals import AlreadyMerchant, FileRefused

LARGEST_FILE = 20 * 1024 * 1024


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
    *, merchant: Merchant, stream: File[bytes], size: int, currency: str, now: datetime
) -> tuple[CatalogImport, imports.Plan]:
    """Keep the file under a name of ours and show what it would do. Nothing of the catalogue changes."""
    if size > LARGEST_FILE:
        raise FileRefused("too_large")
    if currency not in CURRENCIES:
        raise FileRefused("currency")
    path = default_storage.save(f"imports/{secrets.token_hex(16)}.csv", stream)
    run = CatalogImport(merchant=merchant, path=path, currency=currency, created_at=now)
    try:
        plan = dry_run(run)
    except FileRefused:
        default_storage.delete(path)
        raise
    run.save()
    return run, plan


def dry_run(run: CatalogImport) -> imports.Plan:
    with default_storage.open(run.path) as stream:
        try:
            return imports.plan(merchant=run.merchant, rows=_rows(stream, run.currency))
        except UnreadableFile as error:
            raise FileRefused(error.code) from error


def apply_file(*, run: CatalogImport, now: datetime) -> imports.Plan:
    """Write the file's products; doing it again changes nothing more."""
    with default_storage.open(run.path) as stream:
        try:
            plan = imports.apply(merchant=run.merchant, rows=_rows(stream, run.currency), now=now)
        except UnreadableFile as error:
            raise FileRefused(error.code) from error
    CatalogImport.objects.filter(pk=run.pk).update(state=CatalogImport.State.APPLIED, applied_at=now)
    return plan


def _rows(stream: File[bytes], currency: str) -> Iterator[ProductRow | Problem]:
    return shopify.read(cast(BinaryIO, stream.file), currency=currency)
