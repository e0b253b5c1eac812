"""From a reader's rows to the merchant's catalogue: a dry run that shows differences, then the same for good.

Idempotent on (merchant, handle, SKU). What the file does not name stays as it is: missing never deletes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import islice

from django.db import transaction

from commerce.catalog.rows import Problem, ProductRow, VariantRow
from commerce.models import Merchant, Product, Variant

BATCH = 500
LISTED = 200  # entries of each kind that a page shows; all are counted


class Change(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    MISSING = "missing"


@dataclass(frozen=True)
class Difference:
    change: Change
    row: int
    handle: str
    title: str
    fields: tuple[str, ...] = ()  # which fields differ, e.g. ("title", "price of MUG-1")


@dataclass
class Plan:
    """What applying the file would do: totals, and the first `LISTED` of each kind with the refused rows."""

    counts: dict[Change, int] = field(default_factory=lambda: dict.fromkeys(Change, 0))
    differences: list[Difference] = field(default_factory=list)
    problem_count: int = 0
    problems: list[Problem] = field(default_factory=list)

    def note(self, difference: Difference) -> None:
        self.counts[difference.change] += 1
        if self.counts[difference.change] <= LISTED:
            self.differences.append(difference)

    def refuse(self, problem: Problem) -> None:
        self.problem_count += 1
        if self.problem_count <= LISTED:
            self.problems.append(problem)


def plan(*, merchant: Merchant, rows: Iterable[ProductRow | Problem]) -> Plan:
    """The dry run: reads only."""
    result = Plan()
    seen: set[str] = set()
    for batch in _batches(_accepted(rows, result)):
        existing = _existing(merchant, batch)
        for row in batch:
            seen.add(row.handle)
            result.note(_difference(row, existing.get(row.handle)))
    for handle, title in merchant.products.order_by("handle").values_list("handle", "title").iterator():
        if handle not in seen:
            result.note(Difference(Change.MISSING, 0, handle, title))
    return result


def apply(*, merchant: Merchant, rows: Iterable[ProductRow | Problem], now: datetime) -> Plan:
    """Write what `plan` showed, whole batches at a time; doing it again changes nothing."""
    result = Plan()
    for batch in _batches(_accepted(rows, result)):
        with transaction.atomic():
            existing = _existing(merchant, batch)
            for row in batch:
                difference = _difference(row, existing.get(row.handle))
                result.note(difference)
                if difference.change is not Change.UNCHANGED:
                    _write(merchant, row, existing.get(row.handle), now)
    return result


def _accepted(rows: Iterable[ProductRow | Problem], result: Plan) -> Iterator[ProductRow]:
    for row in rows:
        if isinstance(row, Problem):
            result.refuse(row)
        elif not row.variants:
            result.refuse(Problem(row.row, "price", "nothing_to_sell", row.handle[:40]))
        else:
            yield row


def _batches(rows: Iterator[ProductRow]) -> Iterator[list[ProductRow]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


def _existing(merchant: Merchant, batch: list[ProductRow]) -> dict[str, Product]:
    found = merchant.products.filter(handle__in=[row.handle for row in batch]).prefetch_related("variants")
    return {product.handle: product for product in found}


def _difference(row: ProductRow, product: Product | None) -> Difference:
    if product is None:
        return Difference(Change.NEW, row.row, row.handle, row.title)
    fields = tuple(_changed_fields(row, product))
    change = Change.CHANGED if fields else Change.UNCHANGED
    return Difference(change, row.row, row.handle, row.title, fields)


def _changed_fields(row: ProductRow, product: Product) -> Iterator[str]:
    for name in ("title", "description", "picture_url", "is_live"):
        if getattr(row, name) != getattr(product, name):
            yield name
    known = {variant.sku: variant for variant in product.variants.all()}
    for offered in row.variants:
        variant = known.get(offered.sku)
        if variant is None:
            yield f"variant {offered.sku}"
            continue
        for name, value in _variant_values(offered).items():
            if getattr(variant, name) != value:
                yield f"{name} {offered.sku}"


def _variant_values(row: VariantRow) -> dict[str, object]:
    return {
        "title": row.title,
        "price": row.price.amount,
        "currency": row.price.currency,
        "stock": row.stock,
    }


def _write(merchant: Merchant, row: ProductRow, product: Product | None, now: datetime) -> None:
    values = {
        "title": row.title,
        "description": row.description,
        "picture_url": row.picture_url,
        "is_live": row.is_live,
        "updated_at": now,
    }
    if product is None:
        product = Product.objects.create(merchant=merchant, handle=row.handle, **values)
    else:
        Product.objects.filter(pk=product.pk).update(**values)
    Variant.objects.bulk_create(
        [Variant(product=product, sku=offered.sku, **_variant_values(offered)) for offered in row.variants],
        update_conflicts=True,
        unique_fields=["product", "sku"],
        update_fields=["title", "price", "currency", "stock"],
    )
