"""A merchant brings a Shopify file; the dry run says what would happen, and then it does."""

import codecs
import io
import json

import pytest

from commerce.catalog import imports, shopify
from commerce.catalog.imports import Change
from commerce.catalog.rows import Problem, ProductRow, UnreadableFile
from commerce.models import Merchant, Variant
from commerce.problems import change_sentence
from tests.conftest import NOW

OLD = """Handle,Title,Body (HTML),Published,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Inventory Tracker,Variant Inventory Qty,Image Src
mug,Stage mug,<p>Warm<script>x()</script></p>,TRUE,Colour,Red,MUG-R,12.00,shopify,5,https://shop.example/mug.png
mug,,,,,Blue,MUG-B,12.50,shopify,0,
mug,,,,,,,,,,https://shop.example/mug2.png
cap,Usher's cap,,TRUE,Title,Default Title,CAP,20.00,,,
"""  # noqa: E501
NEW = """Title,URL handle,Description,Status,Option1 value,SKU,Price,Inventory tracker,Inventory quantity,Product image URL
Stage mug,mug,<p>Warm</p>,Active,Red,MUG-R,12.00,shopify,5,https://shop.example/mug.png
"""  # noqa: E501


def rows(text: str | bytes, currency: str = "EUR") -> list[ProductRow | Problem]:
    data = text if isinstance(text, bytes) else text.encode()
    return list(shopify.read(io.BytesIO(data), currency=currency))


def test_both_generations_of_headers_read_the_same_product() -> None:
    old, new = rows(OLD)[0], rows(NEW)[0]
    assert isinstance(old, ProductRow) and isinstance(new, ProductRow)
    assert (old.handle, old.title, old.variants[0]) == (new.handle, new.title, new.variants[0])
    assert old.description == "<p>Warm</p>"


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + OLD.encode(),
        OLD.encode("utf-16"),
        OLD.replace("\n", "\r\n").encode(),
        OLD.replace(",", ";").encode(),
        OLD.replace(",", "\t").encode(),
    ],
)
def test_marks_line_ends_and_delimiters_do_not_matter(data: bytes) -> None:
    assert [row.handle for row in rows(data) if isinstance(row, ProductRow)] == ["mug", "cap"]


def test_a_chinese_file_from_a_spreadsheet_is_read() -> None:
    product = rows(NEW.replace("Stage mug", "舞台马克杯").encode("gb18030"))[0]
    assert isinstance(product, ProductRow) and product.title == "舞台马克杯"


@pytest.mark.parametrize(
    ("change", "column", "code"),
    [
        (("12.00,shopify,5", "-1,shopify,5"), "price", "price"),
        (("12.00,shopify,5", "999999999999,shopify,5"), "price", "price"),
        (("12.00,shopify,5", "12.00,shopify,many"), "stock", "stock"),
        (("Blue,MUG-B", "Blue,MUG-R"), "sku", "sku_twice"),
        (("cap,Usher's cap", "cap,"), "title", "title_missing"),
        (("cap,Usher's cap", ",Usher's cap"), "handle", "handle_missing"),
        (("cap,Usher's cap", "cap," + "x" * 300), "title", "too_long"),
    ],
)
def test_a_bad_row_is_named_with_row_column_and_reason(
    change: tuple[str, str], column: str, code: str
) -> None:
    problems = [row for row in rows(OLD.replace(*change)) if isinstance(row, Problem)]
    assert [(problem.column, problem.code) for problem in problems] == [(column, code)]
    assert problems[0].row > 1


def test_a_handle_that_comes_back_later_is_refused_once() -> None:
    again = OLD + "mug,Mug again,,TRUE,,,MUG-X,1.00,,,\n"
    assert [row.code for row in rows(again) if isinstance(row, Problem)] == ["handle_twice"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"   \n", "empty"),
        (codecs.BOM_UTF16_BE, "empty"),
        (codecs.BOM_UTF8 + b"\n\n", "empty"),
        (b"Name,Cost\nx,1\n", "columns_missing"),
        (b"PK\x03\x04\x00\x00", "not_text"),
        (OLD.replace("Warm", "W" * 300_000).encode(), "cell_too_long"),
        (OLD.encode() + b'cap2,"open', "broken"),
    ],
)
def test_a_file_that_is_none_of_ours_is_refused_by_name(data: bytes, code: str) -> None:
    with pytest.raises(UnreadableFile) as refusal:
        rows(data)
    assert refusal.value.code == code


def test_the_dry_run_writes_nothing_and_says_what_would_happen(merchant: Merchant) -> None:
    plan = imports.plan(merchant=merchant, rows=rows(OLD))
    assert plan.counts[Change.NEW] == 2
    assert not merchant.products.exists()


def test_importing_twice_changes_nothing_the_second_time(merchant: Merchant) -> None:
    imports.apply(merchant=merchant, rows=rows(OLD), now=NOW)
    before = list(Variant.objects.order_by("id").values())
    again = imports.apply(merchant=merchant, rows=rows(OLD), now=NOW)
    assert again.counts[Change.UNCHANGED] == 2
    assert list(Variant.objects.order_by("id").values()) == before


def test_a_change_is_named_and_a_missing_product_stays(merchant: Merchant) -> None:
    imports.apply(merchant=merchant, rows=rows(OLD), now=NOW)
    later = NEW.replace("12.00", "13.00")
    plan = imports.plan(merchant=merchant, rows=rows(later))
    changed = next(item for item in plan.differences if item.change is Change.CHANGED)
    assert changed.fields == ("price MUG-R",)
    assert change_sentence(changed.changes[0]) == "Price (MUG-R): 12.00 EUR → 13.00 EUR"
    assert imports.Plan.of_json(json.loads(json.dumps(plan.as_json()))) == plan
    assert plan.counts[Change.MISSING] == 1
    imports.apply(merchant=merchant, rows=rows(later), now=NOW)
    assert merchant.products.filter(handle="cap").exists()
    assert Variant.objects.get(sku="MUG-R").price == 1300
