"""A large file brought in by a process of its own, and the shelf's page with many products and few."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

HEAD = (
    "Handle,Title,Body (HTML),Published,Option1 Name,Option1 Value,Variant SKU,Variant Price,"
    "Variant Inventory Tracker,Variant Inventory Qty,Image Src\n"
)


def measure(is_quick: bool) -> dict[str, Any]:
    rows = 4_000 if is_quick else 200_000
    with TemporaryDirectory() as folder:
        file = Path(folder) / "products.csv"
        _write(file, rows)
        env = {**os.environ, "DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3"}
        run = subprocess.run(
            [sys.executable, "-m", "tests.bench.shop.catalogue", str(file), str(rows)],
            env=env,
            capture_output=True,
            text=True,
        )
        if run.returncode:
            raise RuntimeError(run.stderr[-2000:])
        found = json.loads(run.stdout.splitlines()[-1])
    return {**found, **_page_ratio(2_000 if is_quick else 100_000)}


def _write(file: Path, rows: int) -> None:
    """Four variants a product: a row each."""
    with file.open("w") as out:
        out.write(HEAD)
        for number in range(rows // 4):
            said = f"Product {number},<p>Made of paper number {number}.</p>,TRUE,Colour"
            for option, colour in enumerate(("Red", "Blue", "Green", "Black")):
                cells = (f"p{number}", ",,," if option else said, colour, f"P{number}-{option}")
                out.write(f"{','.join(cells)},{number % 90 + 1}.50,shopify,{number % 50},\n")


def _page_ratio(many: int) -> dict[str, Any]:
    from django.test import Client
    from django.utils import timezone

    from commerce.models import Merchant, Product, Variant
    from tests.bench.shop.world import person

    def shelf(count: int) -> tuple[Client, Merchant]:
        owner, now = person("shelf"), timezone.now()
        shop = Merchant.objects.create(owner=owner, name="S", slug=owner.username, created_at=now)
        for start in range(0, count, 5_000):
            made = Product.objects.bulk_create(
                Product(merchant=shop, handle=f"p{n}", title=f"Product {n:06}", updated_at=now)
                for n in range(start, min(start + 5_000, count))
            )
            Variant.objects.bulk_create(
                Variant(product=product, sku="A", price=100, currency="EUR", stock=1) for product in made
            )
        client = Client()
        client.force_login(owner)
        return client, shop

    few, large = shelf(1_000), shelf(many)
    middle = large[1].products.order_by("title", "pk")[many // 2].public_id
    pages = {"few": (few[0], "/shop"), "many": (large[0], f"/shop?after={middle}")}
    times: dict[str, list[float]] = {name: [] for name in pages}
    for number in range(44):
        for name, (client, address) in pages.items():
            started = time.process_time()
            assert client.get(address).status_code == 200
            if number >= 4:
                times[name].append(time.process_time() - started)
    return {"catalog_page_ratio": round(median(times["many"]) / median(times["few"]), 2)}


def _child(path: str, rows: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from accounts.models import User
    from commerce.catalog import formats, imports
    from commerce.models import Merchant, Variant

    call_command("migrate", verbosity=0)
    owner = User.objects.create_user(username="shop", email="s@bench.test", birth_date="1990-01-01")
    shop = Merchant.objects.create(owner=owner, name="S", slug="s", created_at=timezone.now())
    started = time.perf_counter()
    with open(path, "rb") as stream:
        plan = imports.apply(
            merchant=shop, rows=formats.read(stream, kind="shopify", currency="EUR"), now=timezone.now()
        )
    spent = time.perf_counter() - started
    assert plan.problem_count == 0 and Variant.objects.count() == rows, plan.problems[:3]
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"import_rows_per_s": round(rows / spent), "import_rss_mb": round(rss)}))


if __name__ == "__main__":
    _child(sys.argv[1], int(sys.argv[2]))
