"""Google Merchant's product data: as a table (TSV) and as an RSS or Atom feed (XML).

One item a row; items of one `item_group_id` are variants of one product. Prices carry their currency. The XML
is read by events, and refused at the first DOCTYPE, so that no entity of its own is ever defined.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO
from xml.parsers import expat

from commerce.catalog.rows import (
    LONGEST_CELL,
    SNIFFED_BYTES,
    SOME,
    Problem,
    ProductRow,
    UnreadableFile,
    VariantRow,
    add,
    clean,
    count_of,
    headline,
    is_on_sale,
    page_of,
    price_of,
    table,
    text_of,
)

OPTIONS = ("color", "size", "material", "pattern")
SOLD_OUT = {"out_of_stock", "out of stock"}
Item = dict[str, str]


def fits(header: set[str]) -> bool:
    return {"id", "title", "price"} <= header


def read_tsv(stream: BinaryIO, *, currency: str, now: datetime) -> Iterator[ProductRow | Problem]:
    """Products of a table. Raises UnreadableFile when the file as a whole is none of ours."""
    yield from _products(_of_table(stream), currency, now)


def read_xml(stream: BinaryIO, *, currency: str, now: datetime) -> Iterator[ProductRow | Problem]:
    """Products of an RSS or Atom feed. Raises UnreadableFile, also for any DOCTYPE."""
    yield from _products(_Feed(stream).items(), currency, now)


def _of_table(stream: BinaryIO) -> Iterator[tuple[int, Item]]:
    for line, cells in table(text_of(stream)):
        named = {name.replace(" ", "_").removeprefix("g:"): cell for name, cell in cells.items()}
        if not fits(set(named)):
            raise UnreadableFile("columns_missing")
        yield line, named


class _Feed:
    """The items of a feed, one at a time, out of expat's events."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._open
        self.parser.EndElementHandler = self._close
        self.parser.CharacterDataHandler = self._text
        self.depth = 0
        self.item: Item | None = None
        self.item_depth, self.item_line = 0, 0
        self.words: list[str] = []
        self.length = 0
        self.done: list[tuple[int, Item]] = []

    def items(self) -> Iterator[tuple[int, Item]]:
        is_empty = True
        try:
            while piece := self.stream.read(SNIFFED_BYTES):
                is_empty = False
                self.parser.Parse(piece, False)
                yield from self.done
                self.done.clear()
            if is_empty:
                raise UnreadableFile("empty")
            self.parser.Parse(b"", True)
        except UnreadableFile:
            raise
        except (expat.ExpatError, ValueError) as error:
            raise UnreadableFile("broken") from error
        yield from self.done

    def _doctype(self, *declared: object) -> None:
        raise UnreadableFile("doctype")

    def _open(self, name: str, attributes: Item) -> None:
        self.depth += 1
        if self.depth > 40:
            raise UnreadableFile("broken")
        if self.item is None and _local(name) in {"item", "entry"}:
            self.item, self.item_depth, self.item_line = {}, self.depth, self.parser.CurrentLineNumber
        self.words, self.length = [], 0
        if self.item is not None and _local(name) == "link" and attributes.get("href"):
            self.item["link"] = attributes["href"]

    def _text(self, text: str) -> None:
        if self.item is None:
            return
        self.length += len(text)
        if self.length > LONGEST_CELL:
            raise UnreadableFile("cell_too_long")
        self.words.append(text)

    def _close(self, name: str) -> None:
        if self.item is not None and self.depth == self.item_depth:
            self.done.append((self.item_line, self.item))
            self.item = None
        elif self.item is not None and self.depth == self.item_depth + 1:
            text = "".join(self.words).strip()
            self.item.setdefault(_local(name), text)
        self.depth -= 1


def _local(name: str) -> str:
    return name.rpartition(" ")[2].lower()


def _products(
    items: Iterator[tuple[int, Item]], currency: str, now: datetime
) -> Iterator[ProductRow | Problem]:
    product: ProductRow | None = None
    known: set[str] = set()
    for line, item in items:
        handle = (item.get("item_group_id") or item.get("id", "")).lower()
        if product is None or product.handle != handle:
            if product is not None:
                yield product
            product, known = None, set()
            wrong = headline(line, handle, item.get("title", ""))
            if wrong is not None:
                yield wrong
                continue
            product = _product(line, handle, item)
        variant = _variant(line, item, currency, now)
        refused = variant if isinstance(variant, Problem) else add(product, variant, line, known)
        if refused is not None:
            yield refused
    if product is not None:
        yield product


def _product(line: int, handle: str, item: Item) -> ProductRow:
    return ProductRow(
        row=line,
        handle=handle,
        title=item["title"],
        description=clean(item.get("description", "")),
        picture_url=item.get("image_link", ""),
        is_live=True,
        needs_shipping=item.get("shipping_label", "") != "digital",
        page_url=page_of(item.get("link", "")),
    )


def _variant(line: int, item: Item, currency: str, now: datetime) -> VariantRow | Problem:
    price = price_of(line, "price", _asked(item, now), currency)
    if isinstance(price, Problem):
        return price
    stock = count_of(line, "quantity", item.get("quantity", ""))
    if isinstance(stock, Problem):
        return stock
    if item.get("availability", "").lower() in SOLD_OUT:
        stock = 0
    elif stock is None:
        stock = SOME
    title = " / ".join(item[name] for name in OPTIONS if item.get(name))
    return VariantRow(item.get("id", ""), title[:255], price, stock)


def _asked(item: Item, now: datetime) -> str:
    """The price that counts now: the reduced one within its dates (`start/end`), if it has any."""
    starts, _slash, ends = item.get("sale_price_effective_date", "").partition("/")
    reduced = item.get("sale_price", "")
    return reduced if reduced and is_on_sale(starts, ends, now) else item.get("price", "")
