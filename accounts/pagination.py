"""Lists in pieces, by keyset: a page stays right while rows are added, and the last page costs what the
first does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from rest_framework.pagination import CursorPagination

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Page(Generic[Row]):
    items: Sequence[Row]
    older: str  # what `before` of the next page is; "" on the last


def newest_first(rows: QuerySet[Row], *, before: str | None, size: int = 50) -> Page[Row]:
    """A page of rows by falling primary key. Nonsense in `before` is the first page."""
    if before and before.isascii() and before.isdigit() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows.order_by("-pk")[: size + 1])
    return Page(found[:size], str(found[size - 1].pk) if len(found) > size else "")


class ApiPages(CursorPagination):
    """`{"next", "previous", "results"}`, newest first."""

    ordering: Any = "-pk"
    page_size = 50
