"""The pages of the house: what the operator wrote as terms, privacy, imprint and rules, each version kept."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from accounts.models import HousePage
from accounts.standing import Standing

Kind = HousePage.Kind
NEEDED = (Kind.TERMS, Kind.PRIVACY, Kind.IMPRINT)  # what a host for others has to have in most places

_written = Standing("house_pages", [], kept_s=86_400)
forget = _written.forget


@dataclass(frozen=True)
class Block:
    """A piece of a page: `kind` is heading, points or words; `lines` its text, nothing of it markup."""

    kind: str
    lines: list[str]


def refresh() -> list[str]:
    """Put what is written into the cache, for the foot of pages; returns the kinds."""
    there = set(HousePage.objects.values_list("kind", flat=True))
    said = [str(kind) for kind in Kind if kind in there]
    _written.put(said)
    return said


def page(kind: str, version: int | None = None) -> HousePage | None:
    """The page that stands, or an older version of it by its id."""
    rows = HousePage.objects.filter(kind=kind, **({} if version is None else {"pk": version}))
    return rows.first()


def versions(kind: str) -> list[HousePage]:
    return list(HousePage.objects.filter(kind=kind).defer("text", "text_zh")[:100])


def missing() -> list[str]:
    """Names of needed pages that nobody wrote."""
    there = set(HousePage.objects.values_list("kind", flat=True))
    return [str(kind) for kind in NEEDED if kind not in there]


def blocks(row: HousePage) -> tuple[str, list[Block]]:
    """(language, pieces) of a page in the reader's language, or in English where there is no other."""
    is_zh = (get_language() or "").startswith("zh") and bool(row.text_zh)
    lines = [(_kind_of(line), line.strip()) for line in (row.text_zh if is_zh else row.text).splitlines()]
    found = []
    for kind, group in groupby(lines, key=lambda line: line[0]):
        words = [line.lstrip("#- ") if kind != "words" else line for _kind, line in group]
        found += [Block(kind, [line]) for line in words] if kind == "heading" else [Block(kind, words)]
    return ("zh-hans" if is_zh else "en"), [block for block in found if block.kind != "nothing"]


def _kind_of(line: str) -> str:
    bare = line.strip()
    return "nothing" if not bare else {"#": "heading", "-": "points"}.get(bare[0], "words")


def context(request: HttpRequest) -> dict[str, object]:
    """Context processor: `house_pages`, (address, name) of what is written, for the foot of pages."""
    return {
        "house_pages": SimpleLazyObject(
            lambda: [(f"/house/{kind}", Kind(kind).label) for kind in _written.now() if kind in Kind.values]
        )
    }
