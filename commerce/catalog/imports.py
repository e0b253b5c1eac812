"""From a reader's rows to the merchant's catalogue: a dry run that shows differences, then the same for good.

Idempotent on (merchant, handle, SKU). What the file does not name stays as it is: missing never deletes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import transaction

from commerce.catalog.rows import SOME, Problem, ProductRow, VariantRow
from commerce.models import Merchant, Product, Variant

BATCH = 500
LISTED = 200  # entries of each kind that a page shows; all are counted
PRODUCT_FIELDS = ("title", "description", "picture_url", "is_live", "needs_shipping", "page_url")
VARIANT_FIELDS = ("title", "price", "currency", "stock")


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

    @property
    def written(self) -> int:
        return self.counts[Change.NEW] + self.counts[Change.CHANGED]

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "counts": {str(change): count for change, count in self.counts.items()}}

    @classmethod
    def of_json(cls, body: dict[str, Any]) -> Plan:
        if not body:
            return cls()
        return cls(
            counts={Change(name): count for name, count in body["counts"].items()},
            differences=[
                Difference(**{**item, "change": Change(item["change"]), "fields": tuple(item["fields"])})
                for item in body["differences"]
            ],
            problem_count=body["problem_count"],
            problems=[Problem(**item) for item in body["problems"]],
        )


def plan(*, merchant: Merchant, rows: Iterable[ProductRow | Problem]) -> Plan:
    """The dry run: reads only."""
    result = Plan()
    seen: set[str] = set()
    for batch in _batches(_accepted(rows, result)):
        existing = _existing(merchant, batch)
        for row in batch:
            known = existing.get(row.handle)
            result.note(_difference(row, known, again=row.handle in seen))
            seen.add(row.handle)
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
            changed = []
            for row in batch:
                difference = _difference(row, existing.get(row.handle))
                result.note(difference)
                if difference.change is not Change.UNCHANGED:
                    changed.append(row)
            _write(merchant, changed, existing, now)
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
    """`BATCH` products at a time, pieces of one product (a feed may scatter its variants) put together."""
    while pieces := list(islice(rows, BATCH)):
        batch: dict[str, ProductRow] = {}
        for row in pieces:
            whole = batch.setdefault(row.handle, row)
            if whole is not row:
                known = {variant.sku for variant in whole.variants}
                whole.variants += [variant for variant in row.variants if variant.sku not in known]
        yield list(batch.values())


def _existing(merchant: Merchant, batch: list[ProductRow]) -> dict[str, Product]:
    found = merchant.products.filter(handle__in=[row.handle for row in batch]).prefetch_related("variants")
    return {product.handle: product for product in found}


def _difference(row: ProductRow, product: Product | None, *, again: bool = False) -> Difference:
    if product is None:
        change = Change.CHANGED if again else Change.NEW
        return Difference(change, row.row, row.handle, row.title)
    fields = tuple(_changed_fields(row, product))
    change = Change.CHANGED if fields else Change.UNCHANGED
    return Difference(change, row.row, row.handle, row.title, fields)


def _changed_fields(row: ProductRow, product: Product) -> Iterator[str]:
    for name, value in _product_values(row, product).items():
        if value != getattr(product, name):
            yield name
    known = {variant.sku: variant for variant in product.variants.all()}
    for offered in row.variants:
        variant = known.get(offered.sku)
        if variant is None:
            yield f"variant {offered.sku}"
            continue
        for name, value in _variant_values(offered, variant).items():
            if getattr(variant, name) != value:
                yield f"{name} {offered.sku}"


def _product_values(row: ProductRow, product: Product | None) -> dict[str, Any]:
    """A picture that our own export named is the one that is here already."""
    values = {name: getattr(row, name) for name in PRODUCT_FIELDS}
    if row.picture_url.startswith(f"{settings.SITE_URL}/products/"):
        values["picture_url"] = product.picture_url if product else ""
    if not row.page_url or row.page_url.startswith(f"{settings.SITE_URL}/"):
        values["page_url"] = product.page_url if product else ""
    return values


def _variant_values(row: VariantRow, variant: Variant | None) -> dict[str, Any]:
    stock = row.stock
    if stock == SOME:  # "there are some" says nothing about how many, save that there is one again
        stock = variant.stock if variant and variant.stock != 0 else None
    return {"title": row.title, "price": row.price.amount, "currency": row.price.currency, "stock": stock}


def _write(merchant: Merchant, rows: list[ProductRow], existing: dict[str, Product], now: datetime) -> None:
    products = [
        Product(
            merchant=merchant,
            handle=row.handle,
            updated_at=now,
            **_product_values(row, existing.get(row.handle)),
        )
        for row in rows
    ]
    Product.objects.bulk_create(
        products,
        update_conflicts=True,
        unique_fields=["merchant", "handle"],
        update_fields=[*PRODUCT_FIELDS, "updated_at"],
    )
    ids = dict(merchant.products.filter(handle__in=[row.handle for row in rows]).values_list("handle", "pk"))
    variants = []
    for row in rows:
        product = existing.get(row.handle)
        known = {variant.sku: variant for variant in product.variants.all()} if product else {}
        variants += [
            Variant(
                product_id=ids[row.handle],
                sku=offered.sku,
                **_variant_values(offered, known.get(offered.sku)),
            )
            for offered in row.variants
        ]
    Variant.objects.bulk_create(
        variants,
        batch_size=2000,
        update_conflicts=True,
        unique_fields=["product", "sku"],
        update_fields=list(VARIANT_FIELDS),
    )
