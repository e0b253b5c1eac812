"""From a reader's rows to the merchant's catalogue: a dry run that shows differences, then the same for good.

Idempotent on (merchant, handle, SKU). What the file does not name stays as it is: missing never deletes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import transaction

from commerce.catalog.rows import SOME, Problem, ProductRow, VariantRow
from commerce.models import Merchant, Product, Variant
from commerce.money import Money

BATCH = 500
LISTED = 200  # entries of each kind that a page shows; all are counted
SPELLED = 12  # changes of one product that are spelled out; the rest is counted
LONGEST_VALUE = 80
LONGEST_ADDRESS = 2000
TEXTS = ("handle", "title", "description", "picture_url", "page_url")
PRODUCT_FIELDS = ("title", "description", "picture_url", "is_live", "needs_shipping", "page_url")
VARIANT_FIELDS = ("title", "price", "currency", "stock")


class Change(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    MISSING = "missing"


Value = str | int | bool | None


@dataclass(frozen=True)
class FieldChange:
    """What stood there and what the file says: of the product, or of its variant `sku`. Prices come as they
    are read, with their currency; `name` is "variant" where the variant is new."""

    name: str
    sku: str = ""
    before: Value = None
    after: Value = None


@dataclass(frozen=True)
class Difference:
    change: Change
    row: int
    handle: str
    title: str
    changes: tuple[FieldChange, ...] = ()  # the first `SPELLED`
    more: int = 0  # changes beyond those

    @property
    def fields(self) -> tuple[str, ...]:
        """Which fields differ, e.g. ("title", "price MUG-1")."""
        return tuple(f"{change.name} {change.sku}".strip() for change in self.changes)

    @classmethod
    def of_json(cls, item: dict[str, Any]) -> Difference:
        """Of a plan that was kept; one of before changes were spelled out names none."""
        changes = tuple(FieldChange(**change) for change in item.get("changes", ()))
        return cls(
            Change(item["change"]), item["row"], item["handle"], item["title"], changes, item.get("more", 0)
        )


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
            self.problems.append(replace(problem, value=_printable(problem.value)))

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
            differences=[Difference.of_json(item) for item in body["differences"]],
            problem_count=body["problem_count"],
            problems=[Problem(**item) for item in body["problems"]],
        )


def _printable(text: str) -> str:
    """As it can be kept and shown: PostgreSQL keeps no zero byte and no half of a character."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


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
    # Hashes, not names: of 200,000 variants they are a few megabytes.
    seen: set[int] = set()
    for row in rows:
        if isinstance(row, Problem):
            result.refuse(row)
        elif not row.variants:
            result.refuse(Problem(row.row, "price", "nothing_to_sell", row.handle[:40]))
        elif unwritable := _unwritable(row):
            result.refuse(unwritable)
        elif fresh := _first_time(row, seen, result):
            yield fresh


def _unwritable(row: ProductRow) -> Problem | None:
    """What no database takes: zero bytes, halves of characters, an address beyond its column."""
    if len(row.picture_url) > LONGEST_ADDRESS:
        return Problem(row.row, "picture", "address_too_long", row.picture_url[:40])
    texts = {name: str(getattr(row, name)) for name in TEXTS}
    texts |= {"sku": "".join(f"{variant.sku}{variant.title}" for variant in row.variants)}
    for column, text in texts.items():
        if "\0" in text or not _is_whole(text):
            return Problem(row.row, column, "no_character")
    return None


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _first_time(row: ProductRow, seen: set[int], result: Plan) -> ProductRow | None:
    """The row with what is new in this file; what stands twice is refused, wherever it stood before: which
    of two prices counts must not depend on how far apart they are."""
    once = []
    for variant in row.variants:
        mark = hash((row.handle, variant.sku))
        if mark in seen:
            result.refuse(Problem(row.row, "sku", "sku_twice", variant.sku[:40]))
        else:
            seen.add(mark)
            once.append(variant)
    return replace(row, variants=once) if once else None


def _batches(rows: Iterator[ProductRow]) -> Iterator[list[ProductRow]]:
    """`BATCH` products at a time, pieces of one product (a feed may scatter its variants) put together."""
    while pieces := list(islice(rows, BATCH)):
        batch: dict[str, ProductRow] = {}
        for row in pieces:
            whole = batch.setdefault(row.handle, row)
            if whole is not row:
                whole.variants += row.variants
        yield list(batch.values())


def _existing(merchant: Merchant, batch: list[ProductRow]) -> dict[str, Product]:
    found = merchant.products.filter(handle__in=[row.handle for row in batch]).prefetch_related("variants")
    return {product.handle: product for product in found}


def _difference(row: ProductRow, product: Product | None, *, again: bool = False) -> Difference:
    if product is None:
        change = Change.CHANGED if again else Change.NEW
        return Difference(change, row.row, row.handle, row.title)
    found = list(_changed(row, product))
    change = Change.CHANGED if found else Change.UNCHANGED
    return Difference(
        change, row.row, row.handle, row.title, tuple(found[:SPELLED]), max(0, len(found) - SPELLED)
    )


def _changed(row: ProductRow, product: Product) -> Iterator[FieldChange]:
    for name, value in _product_values(row, product).items():
        if value != getattr(product, name):
            yield FieldChange(name, "", _short(getattr(product, name)), _short(value))
    known = {variant.sku: variant for variant in product.variants.all()}
    for offered in row.variants:
        variant = known.get(offered.sku)
        if variant is None:
            yield FieldChange("variant", offered.sku, None, str(offered.price))
            continue
        before = Money(variant.price, variant.currency)
        if before != offered.price:
            yield FieldChange("price", offered.sku, str(before), str(offered.price))
        values = _variant_values(offered, variant, product)
        for name in ("title", "stock"):
            if getattr(variant, name) != values[name]:
                yield FieldChange(name, offered.sku, getattr(variant, name), values[name])


def _short(value: Value) -> Value:
    return value[:LONGEST_VALUE] if isinstance(value, str) else value


def _product_values(row: ProductRow, product: Product | None) -> dict[str, Any]:
    """A picture that our own export named is the one that is here already."""
    values = {name: getattr(row, name) for name in PRODUCT_FIELDS}
    if row.picture_url.startswith(f"{settings.SITE_URL}/products/"):
        values["picture_url"] = product.picture_url if product else ""
    if product is not None and product.digital_path:
        values["needs_shipping"] = False  # a file of products knows nothing of the one that buyers download
    if not row.page_url or row.page_url.startswith(f"{settings.SITE_URL}/"):
        values["page_url"] = product.page_url if product else ""
    return values


def _variant_values(row: VariantRow, variant: Variant | None, product: Product | None) -> dict[str, Any]:
    stock = None if product is not None and product.digital_path else row.stock
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
                **_variant_values(offered, known.get(offered.sku), product),
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
