"""What every importer yields, and how a file's text is found.

Readers know files; `imports` knows the database.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import BinaryIO

import nh3

from commerce.money import CURRENCIES, BadMoney, Money, chargeable

LONGEST_CELL = 200_000
LONGEST_LINE = 4 * 1024 * 1024
MOST_VARIANTS = 2048
ALLOWED_TAGS = {"p", "br", "ul", "ol", "li", "b", "strong", "i", "em"}
# A stock that a file leaves open: "there are some", without a number.
SOME = -1
LARGEST_STOCK = 10**9
COUNT = re.compile(r"\+?[0-9]{1,18}")
ENCODINGS = ("utf-8", "gb18030", "cp1252")
WESTERN = ("utf-8", "cp1252", "gb18030")
HIGH = re.compile(rb"[\x80-\xff]")
ALONE = re.compile(rb"(?<![\x80-\xff])[\x80-\xff](?![\x80-\xff])|(?<=[A-Za-z])[\x80-\xff]{2}(?=[A-Za-z])")
SNIFFED_BYTES = 65_536


@dataclass(frozen=True)
class Problem:
    """Why a row, or a file (row 0), was refused: `code` names the sentence, `column` where to look."""

    row: int
    column: str
    code: str
    value: str = ""


@dataclass(frozen=True)
class VariantRow:
    sku: str
    title: str
    price: Money
    stock: int | None  # None: nobody counts; SOME: there are some, the file does not say how many


@dataclass
class ProductRow:
    """One product of the file with its variants; `row` is where it starts."""

    row: int
    handle: str
    title: str
    description: str
    picture_url: str
    is_live: bool
    needs_shipping: bool = True
    page_url: str = ""  # at the merchant's own site; empty: the file does not say
    variants: list[VariantRow] = field(default_factory=list)


class UnreadableFile(ValueError):
    """The file as a whole cannot be taken; `code` names why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def text_of(stream: BinaryIO) -> io.TextIOBase:
    """The stream as text: UTF-16 or UTF-8 by its mark, else the likeliest of `ENCODINGS` that fits its
    head."""
    head = stream.read(SNIFFED_BYTES)
    stream.seek(0)
    if not head.strip():
        raise UnreadableFile("empty")
    return io.TextIOWrapper(stream, encoding=_encoding(head), errors="strict", newline="")


def decoded_head(head: bytes) -> str:
    """The beginning of a file as text, up to a character that the cut may have split."""
    name = _encoding(head)
    try:
        return codecs.getincrementaldecoder(name)().decode(head)
    except UnicodeDecodeError as error:  # its mark promised what its bytes do not hold
        raise UnreadableFile("encoding") from error


def _encoding(head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if b"\0" in head:
        raise UnreadableFile("not_text")
    for name in ENCODINGS if _is_chinese(head) else WESTERN:
        try:
            # Not final: the head may end in the middle of a character.
            codecs.getincrementaldecoder(name)().decode(head)
        except UnicodeDecodeError:
            continue
        return name
    raise UnreadableFile("encoding")


def _is_chinese(head: bytes) -> bool:
    """Whether GB 18030 is the better guess: its characters are pairs of high bytes in runs. Western ones
    stand alone among letters, two of them only within a word (`Größe`); as Chinese they would fit too."""
    alone = sum(len(found) for found in ALONE.findall(head))
    return 2 * alone <= len(HIGH.findall(head))


def table(text: io.TextIOBase) -> Iterator[tuple[int, dict[str, str]]]:
    """(line number of the row's end, cells by header) of a delimited file; delimiter by its first line."""
    csv.field_size_limit(LONGEST_CELL)
    try:
        first = ""
        while not first.strip() and (line := text.readline(LONGEST_CELL)):
            first = line
        text.seek(0)
        reader = csv.reader(text, delimiter=max(",;\t|", key=first.count), strict=True)
        header = next(([cell.strip().lower() for cell in cells] for cells in reader if any(cells)), None)
        if header is None:  # nothing but a byte-order mark, or blank lines behind it
            raise UnreadableFile("empty")
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, dict(zip(header, map(plain, cells), strict=False))
    except (csv.Error, UnicodeError) as error:
        raise UnreadableFile("cell_too_long" if "limit" in str(error) else "broken") from error


def lines(text: io.TextIOBase) -> Iterator[tuple[int, str]]:
    """(number, line) of a file of lines; blank ones are left out."""
    number = 0
    try:
        while line := text.readline(LONGEST_LINE):
            number += 1
            if len(line) == LONGEST_LINE:
                raise UnreadableFile("cell_too_long")
            if line.strip():
                yield number, line
    except UnicodeError as error:
        raise UnreadableFile("broken") from error


FORMULA = ("=", "+", "-", "@", "\t", "\r")


def neutral(cell: object) -> str:
    """A cell that no spreadsheet takes for a formula; `plain` reads it back."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(FORMULA) or text.startswith("'") else text


def plain(cell: str) -> str:
    """What a cell says, without blanks around it and without the mark that `neutral` set."""
    text = cell.strip()
    return text[1:] if text.startswith("'") and text[1:2] in (*FORMULA, "'") else text


def clean(html: str) -> str:
    """A description as it may stand on a page: paragraphs, lists and emphasis, no attribute, no script."""
    return nh3.clean(html, tags=ALLOWED_TAGS, attributes={}) if html else ""


def page_of(link: str) -> str:
    """A product's page at the merchant's own site: an http address, or nothing."""
    link = link.strip()
    return link if link.startswith(("https://", "http://")) and len(link) <= 2000 else ""


def headline(row: int, handle: str, title: str) -> Problem | None:
    """What is wrong with a product's handle or title, if anything."""
    if not handle or len(handle) > 255:
        return Problem(row, "handle", "too_long" if handle else "handle_missing", handle[:40])
    if not title:
        return Problem(row, "title", "title_missing")
    if len(title) > 255:
        return Problem(row, "title", "too_long", title[:40])
    return None


def price_of(row: int, column: str, text: str, currency: str) -> Money | Problem:
    """A price with its currency before or behind it (`19.90 EUR`), or in the one that was stated."""
    number, code = _apart(text, currency)
    if code not in CURRENCIES:
        return Problem(row, column, "currency", text[:40])
    try:
        return chargeable(number, code)
    except BadMoney:
        return Problem(row, column, "price", text[:40])


def _apart(text: str, currency: str) -> tuple[str, str]:
    words = text.split()
    for word in (words[:1], words[-1:]):
        if len(words) > 1 and word[0].isalpha() and word[0].isascii():
            return " ".join(other for other in words if other != word[0]), word[0].upper()
    return text, currency


def count_of(row: int, column: str, text: str) -> int | None | Problem:
    """A stock; None where the cell is empty: nobody counts."""
    if not text:
        return None
    count = int(text) if COUNT.fullmatch(text) else -1
    return count if 0 <= count <= LARGEST_STOCK else Problem(row, column, "stock", text[:40])


def is_on_sale(starts: str, ends: str, now: datetime) -> bool:
    """Whether a reduced price counts now, by its first and last moment in ISO 8601; an empty one is open, one
    without a zone is UTC's, and a day alone counts to its end. What cannot be read reduces nothing."""
    try:
        return (not starts or _moment(starts, False) <= now) and (not ends or now <= _moment(ends, True))
    except ValueError:
        return False


def _moment(text: str, is_end: bool) -> datetime:
    found = datetime.fromisoformat(text.strip())
    if is_end and len(text.strip()) == len("2026-01-31"):
        found = found.replace(hour=23, minute=59, second=59)
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def add(product: ProductRow, variant: VariantRow, row: int, known: set[str]) -> Problem | None:
    """Put a variant into its product unless something forbids it; `known` are the product's SKUs so far."""
    if len(product.variants) >= MOST_VARIANTS:
        return Problem(row, "handle", "too_many_variants", product.handle[:40])
    if len(variant.sku) > 120:
        return Problem(row, "sku", "too_long", variant.sku[:40])
    if variant.sku in known:
        return Problem(row, "sku", "sku_twice", variant.sku[:40])
    if product.variants and product.variants[0].price.currency != variant.price.currency:
        return Problem(row, "price", "currency_mixed", str(variant.price))
    known.add(variant.sku)
    product.variants.append(variant)
    return None
