"""A merchant brings products from five kinds of files, and takes them elsewhere again."""

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import translation
from PIL import Image

from accounts import outbound
from accounts.models import User
from cameos import faces, never_me, references
from cameos.models import Audience, Purpose, Reference
from commerce import actions, stock, tasks
from commerce.catalog import exports, fetching, formats, imports
from commerce.catalog.imports import Change
from commerce.catalog.rows import Problem, ProductRow, UnreadableFile, neutral, plain
from commerce.models import CatalogImport, CatalogSource, Merchant, Product, Variant
from commerce.problems import sentence
from commerce.refusals import BadSource, BadStock, FileRefused, ImportBusy, TooManySources
from tests.cameos.making import grant, likeness_of
from tests.conftest import NOW

GOOGLE = """id\ttitle\tdescription\tlink\timage_link\tavailability\tprice\titem_group_id\tcolor\tsize
MUG-R\tStage mug\tWarm\thttps://s.example/mug\thttps://s.example/mug.png\tin_stock\t12.00 EUR\tmug\tRed\t
MUG-B\tStage mug\tWarm\thttps://s.example/mug\thttps://s.example/mug.png\tout_of_stock\tEUR 12.50\tmug\tBlue\tL
CAP\tUsher's cap\t\thttps://s.example/cap\t\tin stock\t20\t\t\t
"""  # noqa: E501
RSS = """<?xml version="1.0"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><title>Shop</title>
<item><g:id>MUG-R</g:id><title>Stage mug</title><g:item_group_id>mug</g:item_group_id>
<description><![CDATA[<p>Warm<script>x()</script></p>]]></description><g:price>12.00 EUR</g:price>
<g:color>Red</g:color><g:availability>in_stock</g:availability></item>
<item><g:id>MUG-B</g:id><title>Stage mug</title><g:item_group_id>mug</g:item_group_id>
<g:price>12.50 EUR</g:price><g:availability>out_of_stock</g:availability><g:size>L</g:size></item>
</channel></rss>
"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">
<entry><g:id>CAP</g:id><g:title>Usher's cap</g:title><g:price>20 EUR</g:price><link href="https://s.example"/></entry>
</feed>"""
ACP = json.dumps(
    {
        "id": "mug",
        "title": "Stage mug",
        "description": {"plain": "Warm"},
        "media": [{"type": "image", "url": "https://s.example/mug.png"}],
        "variants": [
            {
                "id": "v1",
                "title": "Stage mug - Red",
                "barcodes": [{"type": "SKU", "value": "MUG-R"}],
                "price": {"amount": 1200, "currency": "EUR"},
                "availability": {"available": True},
                "variant_options": [{"name": "Colour", "value": "Red"}],
            },
            {"id": "MUG-B", "title": "Stage mug - Blue", "price": {"amount": 1250, "currency": "EUR"}},
        ],
    }
)
WOO = """ID,Type,SKU,Name,Published,Description,In stock?,Stock,Sale price,Regular price,Images,Parent,\
Attribute 1 name,Attribute 1 value(s)
7,variable,MUG,Stage mug,1,<p>Warm</p>,1,,,,"https://s.example/mug.png, https://s.example/2.png",,Colour,"Red, Blue"
8,variation,MUG-R,Stage mug - Red,1,,1,5,,12.00,,MUG,Colour,Red
9,variation,MUG-B,Stage mug - Blue,1,,0,,11.00,12.50,,id:7,Colour,Blue
10,"simple, virtual",SONG,A song,1,,1,,,2.00,,,,
"""  # noqa: E501
SHOPIFY = """Handle,Title,Body (HTML),Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Inventory Qty
mug,Stage mug,<p>Warm</p>,Colour,Red,MUG-R,12.00,5
mug,,,,Blue,MUG-B,12.50,0
"""  # noqa: E501
FILES = {"google-tsv": GOOGLE, "google-xml": RSS, "acp": ACP, "woo": WOO, "shopify": SHOPIFY}


def rows(text: str | bytes, kind: str, currency: str = "EUR") -> list[ProductRow | Problem]:
    data = text if isinstance(text, bytes) else text.encode()
    return list(formats.read(io.BytesIO(data), kind=kind, currency=currency))


def products(text: str | bytes, kind: str) -> list[ProductRow]:
    return [row for row in rows(text, kind) if isinstance(row, ProductRow)]


def problems(text: str | bytes, kind: str) -> list[Problem]:
    return [row for row in rows(text, kind) if isinstance(row, Problem)]


@pytest.mark.parametrize("kind", FILES)
def test_each_kind_of_file_is_known_by_its_first_line_and_read(kind: str) -> None:
    assert formats.guess(io.BytesIO(FILES[kind].encode())) == kind
    mug = products(FILES[kind], kind)[0]
    assert (mug.handle, mug.title) == ("mug", "Stage mug")
    assert "Warm" in mug.description and "script" not in mug.description
    red, blue = mug.variants
    assert (red.sku, red.title, red.price.amount, red.price.currency) == ("MUG-R", "Red", 1200, "EUR")
    assert blue.sku == "MUG-B" and "x()" not in mug.description


def test_what_only_some_kinds_say_is_read_too() -> None:
    blue = products(GOOGLE, "google-tsv")[0].variants[1]
    assert (blue.title, blue.price.amount, blue.stock) == ("Blue / L", 1250, 0)
    assert products(ATOM, "google-xml")[0].variants[0].price.amount == 2000
    mug, song = products(WOO, "woo")
    assert (mug.variants[0].stock, mug.variants[1].stock, mug.variants[1].price.amount) == (5, 0, 1100)
    assert mug.picture_url == "https://s.example/mug.png"
    assert (song.needs_shipping, song.variants[0].title) == (False, "")


@pytest.mark.parametrize(
    ("dates", "price"),
    [
        ("", 900),
        ("2026-01-01T00:00+0100/2026-02-01T23:59-0800", 900),
        ("2026-01-20/2026-01-31", 1200),
        ("2025-12-01/2025-12-31", 1200),
        ("2026-01-15/2026-01-15", 900),
        ("soon/later", 1200),
    ],
)
def test_a_reduced_price_counts_between_its_dates_only(dates: str, price: int) -> None:
    now = datetime(2026, 1, 15, 12, tzinfo=UTC)
    head = "id\ttitle\tprice\tsale_price\tsale_price_effective_date\n"
    google = f"{head}MUG\tMug\t12.00 EUR\t9.00 EUR\t{dates}\n"
    starts, _slash, ends = dates.partition("/")
    woo = (
        "Type,SKU,Name,Date sale price starts,Date sale price ends,Sale price,Regular price\n"
        f"simple,MUG,Mug,{starts},{ends},9.00,12.00\n"
    )
    for kind, text in (("google-tsv", google), ("woo", woo)):
        found = list(formats.read(io.BytesIO(text.encode()), kind=kind, currency="EUR", now=now))
        assert isinstance(found[0], ProductRow) and found[0].variants[0].price.amount == price


@pytest.mark.parametrize(
    ("title", "encoding"),
    [
        ("Käse aus Österreich", "cp1252"),
        ("Größe M, für Öl", "cp1252"),
        ("L’été à Besançon – 5 €", "cp1252"),
        ("舞台马克杯", "gb18030"),
        ("T恤 XL 舞台", "gb18030"),
    ],
)
def test_a_title_keeps_its_letters_in_an_old_encoding(title: str, encoding: str) -> None:
    text = f'Handle,Title,Variant SKU,Variant Price\nx,"{title}",X,12.00\n'
    assert products(text.encode(encoding), "shopify")[0].title == title


@pytest.mark.parametrize("kind", ["google-tsv", "woo", "shopify"])
@pytest.mark.parametrize(
    "spelling",
    [
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.encode("utf-16"),
        lambda text: text.replace("Stage mug", "舞台马克杯").encode("gb18030"),
        lambda text: text.replace("\n", "\r\n", 2).encode(),
    ],
)
def test_marks_encodings_and_mixed_line_ends_do_not_matter(kind: str, spelling: Any) -> None:
    data = spelling(FILES[kind])
    assert formats.guess(io.BytesIO(data)) == kind
    assert products(data, kind)[0].variants[0].price.amount == 1200


@pytest.mark.parametrize(
    ("kind", "change", "column", "code"),
    [
        ("google-tsv", ("12.00 EUR", "-12.00 EUR"), "price", "price"),
        ("google-tsv", ("12.00 EUR", "999999999999 EUR"), "price", "price"),
        ("google-tsv", ("12.00 EUR", "12.00 XYZ"), "price", "currency"),
        ("google-tsv", ("EUR 12.50", "USD 12.50"), "price", "currency_mixed"),
        ("google-tsv", ("CAP\t", "\t"), "handle", "handle_missing"),
        ("google-tsv", ("MUG-B\tStage", "MUG-R\tStage"), "sku", "sku_twice"),
        ("google-xml", ("12.00 EUR", "twelve"), "price", "price"),
        ("google-xml", ("12.50 EUR", "12.50 QQQ"), "price", "currency"),
        ("acp", ('"amount": 1200', '"amount": -5'), "variants.price", "price"),
        ("acp", ('"amount": 1200', '"amount": 12.5'), "variants.price", "price"),
        ("acp", ('"currency": "EUR"}, "avail', '"currency": "ZZZ"}, "avail'), "variants.price", "currency"),
        ("acp", ('"id": "mug"', '"id": 7'), "handle", "handle_missing"),
        ("woo", ("SONG,A song", "SONG,"), "title", "title_missing"),
        ("woo", (",MUG,Colour,Red", ",HAT,Colour,Red"), "parent", "parent_missing"),
        ("woo", ("1,5,,12.00", "1,many,,12.00"), "stock", "stock"),
        ("shopify", ("12.00,5", "=1+1,5"), "price", "price"),
    ],
)
def test_a_bad_row_is_named_with_row_column_and_reason(
    kind: str, change: tuple[str, str], column: str, code: str
) -> None:
    assert change[0] in FILES[kind]
    found = problems(FILES[kind].replace(*change), kind)
    assert [(problem.column, problem.code) for problem in found[:1]] == [(column, code)]
    with translation.override("en"):
        english = sentence(found[0])
    with translation.override("zh-hans"):
        chinese = sentence(found[0])
    assert english and chinese


def test_one_bad_line_of_a_feed_leaves_the_others() -> None:
    text = "\n".join(['{"id": "a"', "[1]", "[" * 50_000, ACP, ACP])
    found = rows(text, "acp")
    assert [row.code if isinstance(row, Problem) else row.handle for row in found] == [
        "no_json",
        "no_json",
        "no_json",
        "mug",
        "handle_twice",
    ]


BOMB = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><rss>&b;</rss>'


@pytest.mark.parametrize(
    ("data", "kind", "code"),
    [
        (BOMB, "google-xml", "doctype"),
        ('<!DOCTYPE rss SYSTEM "file:///etc/passwd"><rss/>', "google-xml", "doctype"),
        (RSS[: len(RSS) // 2], "google-xml", "broken"),
        (RSS.replace("<p>Warm", "<p>" + "W" * 300_000), "google-xml", "cell_too_long"),
        ("<a>" * 50, "google-xml", "broken"),
        ("", "google-xml", "empty"),
        ('{"id": "' + "x" * (5 << 20), "acp", "cell_too_long"),
        (GOOGLE.replace("Warm", '"open', 1), "google-tsv", "broken"),
        ("Name\tCost\nx\t1\n", "google-tsv", "columns_missing"),
        (SHOPIFY.replace("Warm", "W" * (10 << 20)), "shopify", "cell_too_long"),
        (WOO.replace("Regular price", "Price"), "woo", "columns_missing"),
    ],
)
def test_a_file_that_is_none_of_ours_is_refused_by_name(data: str, kind: str, code: str) -> None:
    with pytest.raises(UnreadableFile) as refusal:
        rows(data, kind)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04\x00",
        b"Name,Cost\nx,1\n",
        b"hello",
        b"\xfe\xff\xdb\xdb\xdb\xdb",
        b"\xef\xbb\xbf\xff,1",
    ],
)
def test_a_file_of_no_kind_is_not_guessed(data: bytes) -> None:
    with pytest.raises(UnreadableFile):
        formats.guess(io.BytesIO(data))


def test_a_product_has_2048_variants_and_not_one_more() -> None:
    lines = [f"mug,Stage mug,,Colour,C{n},M-{n},1.00,1" for n in range(2050)]
    found = rows("\n".join([SHOPIFY.splitlines()[0], *lines]), "shopify")
    mug = next(row for row in found if isinstance(row, ProductRow))
    assert len(mug.variants) == 2048
    assert [row.code for row in found if isinstance(row, Problem)] == ["too_many_variants"] * 2


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "'=x", "'Twas", "plain", "", "'-"])
def test_a_cell_that_looks_like_a_formula_is_neutral_outside_and_the_same_here(cell: str) -> None:
    assert not neutral(cell).startswith(("=", "+", "-", "@"))
    assert plain(neutral(cell)) == cell


@pytest.mark.parametrize(("kind", "name"), [(k, n) for k, n in zip(
    ["acp", "google-tsv", "google-xml", "shopify"], exports.WRITERS, strict=True)])  # fmt: skip
def test_what_is_exported_and_brought_back_changes_nothing(merchant: Merchant, kind: str, name: str) -> None:
    imports.apply(merchant=merchant, rows=rows(SHOPIFY, "shopify"), now=NOW)
    imports.apply(merchant=merchant, rows=rows(WOO, "woo"), now=NOW)
    Product.objects.filter(handle="song").update(title="=SUM(A1)", description="<p>a\n\tb &amp; c</p>")
    before = list(Variant.objects.order_by("pk").values()), list(Product.objects.order_by("pk").values())
    text = "".join(exports.WRITERS[name][1](exports.live(merchant)))
    assert "\n=" not in text and "\t=" not in text and ",=" not in text
    assert formats.guess(io.BytesIO(text.encode())) == kind
    plan = imports.plan(merchant=merchant, rows=rows(text, kind))
    assert (plan.counts[Change.UNCHANGED], plan.problems, plan.differences[0].fields) == (2, [], ())
    imports.apply(merchant=merchant, rows=rows(text, kind), now=NOW + timedelta(days=1))
    after = list(Variant.objects.order_by("pk").values()), list(Product.objects.order_by("pk").values())
    assert after == before


def test_scattered_variants_of_one_group_come_together(merchant: Merchant) -> None:
    header, red, blue, cap = GOOGLE.splitlines()
    scattered = "\n".join([header, red, cap, blue])
    imports.apply(merchant=merchant, rows=rows(scattered, "google-tsv"), now=NOW)
    assert set(merchant.products.get(handle="mug").variants.values_list("sku", flat=True)) == {
        "MUG-R",
        "MUG-B",
    }
    again = imports.apply(merchant=merchant, rows=rows(scattered, "google-tsv"), now=NOW)
    assert again.counts[Change.UNCHANGED] == 2 and again.written == 0


def test_some_in_stock_leaves_a_counted_shelf_alone(merchant: Merchant) -> None:
    imports.apply(merchant=merchant, rows=rows(SHOPIFY, "shopify"), now=NOW)
    imports.apply(
        merchant=merchant, rows=rows(GOOGLE.replace("out_of_stock", "in_stock"), "google-tsv"), now=NOW
    )
    assert Variant.objects.get(sku="MUG-R").stock == 5
    assert Variant.objects.get(sku="MUG-B").stock is None  # it was sold out, and is there again


def bring(merchant: Merchant, text: str, **more: Any) -> CatalogImport:
    return actions.bring_file(
        merchant=merchant, stream=ContentFile(text.encode()), size=len(text), currency="EUR", now=NOW, **more
    )


def test_a_file_is_shown_first_and_written_on_demand(merchant: Merchant) -> None:
    run = bring(merchant, GOOGLE)
    assert (run.state, run.kind) == ("dry", "google-tsv") and not merchant.products.exists()
    assert not actions.begin_applying(run=run)
    with pytest.raises(ImportBusy):
        actions.begin_applying(run=run)
    assert actions.apply_file(run=run, now=NOW).written == 2
    assert CatalogImport.objects.get().state == "applied" and merchant.products.count() == 2


def test_a_large_file_waits_for_a_worker(merchant: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("commerce.actions.merchants.READ_AT_ONCE", 10)
    run = bring(merchant, GOOGLE)
    assert run.state == "reading" and run.plan == {}
    tasks.read_file(run.pk)
    run.refresh_from_db()
    assert (run.state, run.plan["counts"]["new"]) == ("dry", 2)
    assert actions.begin_applying(run=run)
    tasks.write_file(run.pk)
    tasks.write_file(run.pk)
    assert merchant.products.count() == 2
    half = bring(merchant, GOOGLE.replace("Warm", '"open', 1), kind="google-tsv")
    tasks.read_file(half.pk)
    half.refresh_from_db()
    assert (half.state, half.error) == ("failed", "broken")


@pytest.mark.parametrize(
    ("size", "currency", "code"), [(201 << 20, "EUR", "too_large"), (5, "XXX", "currency")]
)
def test_a_file_too_large_or_without_currency_is_refused(
    merchant: Merchant, size: int, currency: str, code: str
) -> None:
    with pytest.raises(FileRefused) as refusal:
        actions.bring_file(merchant=merchant, stream=ContentFile(b"x"), size=size, currency=currency, now=NOW)
    assert refusal.value.code == code and not CatalogImport.objects.exists()


def source(merchant: Merchant, url: str = "https://shop.example/feed") -> CatalogSource:
    return actions.add_source(merchant=merchant, url=url, currency="EUR", every_hours=6, now=NOW)


def test_a_file_is_fetched_when_due_and_not_before(
    merchant: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = source(merchant)
    monkeypatch.setattr(outbound, "fetch", lambda url, **limits: GOOGLE.encode())
    assert fetching.sources(now=NOW) == 1
    assert fetching.sources(now=NOW + timedelta(hours=5)) == 0
    row.refresh_from_db()
    assert (row.written, row.error, row.due_at) == (2, "", NOW + timedelta(hours=6))
    assert fetching.sources(now=NOW + timedelta(hours=6)) == 1
    row.refresh_from_db()
    assert row.written == 0


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/feed", "http://169.254.169.254/latest", "http://[::1]/", "http://10.0.0.8/x"]
)
def test_a_private_address_is_not_fetched(merchant: Merchant, url: str) -> None:
    row = source(merchant, url)
    fetching.sources(now=NOW)
    row.refresh_from_db()
    assert row.error == "outbound_address" and not merchant.products.exists()
    product = Product.objects.create(
        merchant=merchant, handle="x", title="X", picture_url=url, updated_at=NOW
    )
    assert fetching.pictures(now=NOW) == 1
    product.refresh_from_db()
    assert (product.picture_error, product.picture_path) == ("outbound_address", "")
    assert fetching.pictures(now=NOW) == 0


def test_a_file_that_breaks_its_reader_stops_no_other(
    merchant: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    source(merchant, "https://shop.example/bad")
    source(merchant, "https://shop.example/good")

    def fetched(url: str, **limits: Any) -> bytes:
        if url.endswith("bad"):
            raise OverflowError
        return GOOGLE.encode()

    monkeypatch.setattr(outbound, "fetch", fetched)
    runs = [
        CatalogImport.objects.create(
            merchant=merchant, kind="shopify", currency="EUR", path=path, state="reading", created_at=NOW
        )
        for path in ("bad", "good")
    ]
    read: list[int] = []

    def dry_run(run: CatalogImport) -> None:
        if run.path == "bad":
            raise OverflowError
        read.append(run.pk)

    monkeypatch.setattr(actions, "dry_run", dry_run)
    tasks.bring_files()
    assert merchant.products.count() == 2 and read == [runs[1].pk]


def test_addresses_are_few_and_named_by_scheme(merchant: Merchant) -> None:
    for bad in ("ftp://x.example/f", "file:///etc/passwd", "javascript:1"):
        with pytest.raises(BadSource):
            source(merchant, bad)
    for _ in range(5):
        source(merchant)
    with pytest.raises(TooManySources):
        source(merchant)


@pytest.mark.parametrize(
    "who", ["alice", "alice, who allows it", "never-me", "nobody known", "the shop's owner"]
)
def test_a_picture_shows_nobody_known_here_who_does_not_allow_this_shop(
    merchant: Merchant, alice: User, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    photo = pytest.importorskip("skimage.data").astronaut()
    vector = faces.embed(photo, faces.find(photo)[0]).astype("<f4").tobytes()
    owner = merchant.owner if who == "the shop's owner" else alice
    if who.startswith("alice") or who == "the shop's owner":
        cameo = likeness_of(owner, NOW)
        references.store(cameo, Reference.Kind.FACE_VECTOR, vector, NOW)
    if who == "alice, who allows it":
        wide = {"purposes": frozenset({Purpose.ADVERTISE}), "commercial": True}
        grant(cameo, NOW, audience=Audience.NAMED, people=[merchant.owner], **wide)
    if who == "never-me":
        never_me.enter(entry=never_me.begin(now=NOW), vector=vector, now=NOW)
    out = io.BytesIO()
    Image.fromarray(photo).save(out, "PNG")
    product = Product.objects.create(
        merchant=merchant, handle="x", title="X", picture_url="https://s.example/x.png", updated_at=NOW
    )
    monkeypatch.setattr(outbound, "fetch", lambda url, **limits: out.getvalue())
    fetching.pictures(now=NOW)
    product.refresh_from_db()
    is_shown = who not in ("alice", "never-me")
    assert bool(product.picture_path) == is_shown
    assert product.picture_error == ("" if is_shown else "unlisted_face")


def test_a_picture_is_opened_behind_walls_and_drawn_anew(
    merchant: Merchant, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    out = io.BytesIO()
    Image.fromarray(np.full((64, 64, 3), 120, np.uint8)).save(out, "PNG")
    product = Product.objects.create(
        merchant=merchant, handle="x", title="X", picture_url="https://s.example/x.png", updated_at=NOW
    )
    monkeypatch.setattr(outbound, "fetch", lambda url, **limits: out.getvalue())
    fetching.pictures(now=NOW)
    answer = client.get(reverse("commerce:picture", args=[product.public_id]))
    assert answer.content[:4] == b"RIFF" and answer.headers["Content-Type"] == "image/webp"
    Product.objects.filter(pk=product.pk).update(picture_url="https://s.example/page")
    monkeypatch.setattr(outbound, "fetch", lambda url, **limits: b"<html>no picture</html>")
    fetching.pictures(now=NOW)
    product.refresh_from_db()
    assert (product.picture_error, product.picture_path) == ("no_picture", "")


def test_the_shelf_is_counted_by_hand(mug: Variant) -> None:
    actions.set_stock(variant=mug, stock=9)
    mug.refresh_from_db()
    assert stock.available(mug) == 9
    actions.set_stock(variant=mug, stock=None)
    mug.refresh_from_db()
    assert stock.available(mug) is None
    for bad in (-1, 10**9 + 1):
        with pytest.raises(BadStock):
            actions.set_stock(variant=mug, stock=bad)


def test_the_pages_of_a_shelf_go_on_behind_the_last_product(
    merchant: Merchant, shop: User, client: Client
) -> None:
    Product.objects.bulk_create(
        Product(merchant=merchant, handle=f"p{n}", title=f"Thing {n // 2:03}", updated_at=NOW)
        for n in range(30)
    )
    client.force_login(shop)
    first = client.get("/shop").context["shelf"]
    second = client.get("/shop", {"after": first.after}).context["shelf"]
    assert (len(first.products), len(second.products), second.after) == (24, 6, "")
    assert not {p.pk for p in first.products} & {p.pk for p in second.products}
    assert client.get("/shop", {"after": "nonsense"}).status_code == 200


def test_the_catalogue_through_the_api_and_its_pages(merchant: Merchant, shop: User, client: Client) -> None:
    client.force_login(shop)
    bad = GOOGLE.replace("12.00 EUR", "x EUR")
    body = {"content": bad, "currency": "EUR"}
    made = client.post("/api/v1/shop/imports", body, content_type="application/json").json()
    assert (made["kind"], made["counts"]["new"], made["problems"][0]["column"]) == ("google-tsv", 2, "price")
    page = client.get(f"/shop/import/{made['id']}").content.decode()
    assert "price" in page and "Google" in page
    done = client.post(f"/api/v1/shop/imports/{made['id']}").json()
    assert done["state"] == "applied" and merchant.products.count() == 2
    assert client.post(f"/shop/import/{made['id']}/apply").status_code == 302
    feed = client.get("/shops/stage/acp.jsonl")
    assert len(feed.getvalue().splitlines()) == 2
    assert client.get("/shops/stage/nothing.pdf").status_code == 404
