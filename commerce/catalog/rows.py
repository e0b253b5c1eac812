"""What every importer yields, and how a file's text is found.

Readers know files; `imports` knows the database.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from commerce.money import Money

LONGEST_CELL = 200_000
ENCODINGS = ("utf-8", "gb18030", "cp1252")
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
    stock: int | None


@dataclass
class ProductRow:
    """One product of the file with its variants; `row` is where it starts."""

    row: int
    handle: str
    title: str
    description: str
    picture_url: str
    is_live: bool
    variants: list[VariantRow] = field(default_factory=list)


class UnreadableFile(ValueError):
    """The file as a whole cannot be taken; `code` names why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def text_of(stream: BinaryIO) -> io.TextIOBase:
    """The stream as text: UTF-16 or UTF-8 by its mark, else the first of `ENCODINGS` that fits its head."""
    head = stream.read(SNIFFED_BYTES)
    stream.seek(0)
    if not head.strip():
        raise UnreadableFile("empty")
    return io.TextIOWrapper(stream, encoding=_encoding(head), errors="strict", newline="")


def _encoding(head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if b"\0" in head:
        raise UnreadableFile("not_text")
    for name in ENCODINGS:
        try:
            # Not final: the head may end in the middle of a character.
            codecs.getincrementaldecoder(name)().decode(head)
        except UnicodeDecodeError:
            continue
        return name
    raise UnreadableFile("encoding")


def table(text: io.TextIOBase) -> Iterator[tuple[int, dict[str, str]]]:
    """(line number of the row's end, cells by header) of a delimited file; delimiter by its first line."""
    csv.field_size_limit(LONGEST_CELL)
    try:
        first = text.readline(LONGEST_CELL)
        text.seek(0)
        reader = csv.reader(text, delimiter=max(",;\t|", key=first.count), strict=True)
        header = [name.strip().lower() for name in next(reader)]
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, dict(zip(header, (cell.strip() for cell in cells), strict=False))
    except (csv.Error, UnicodeError) as error:
        raise UnreadableFile("cell_too_long" if "limit" in str(error) else "broken") from error
