"""The site of docs/: every page and picture is there, and no link leads nowhere."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from config import docs_site

pytest.importorskip("markdown_it", reason="makes the pages")
DOCS = Path(settings.BASE_DIR) / "docs"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("docs") / "site"
    assert docs_site.build(DOCS, Path(settings.BASE_DIR) / "static", out) == len(list(DOCS.rglob("*.md")))
    return out


def test_every_page_is_there_and_every_link_and_picture_leads_somewhere(site: Path) -> None:
    dead = []
    for page in site.rglob("*.html"):
        text = page.read_text()
        assert text.count("<main>") == 1 and "<script" not in text
        for found in re.findall(r'(?:href|src)="([^"#]+)', text):
            if "://" not in found and not found.startswith("mailto:") and not (page.parent / found).exists():
                dead.append(f"{page.relative_to(site)} -> {found}")
    assert not dead


def test_tables_are_tables_and_html_in_a_page_is_text(site: Path, tmp_path: Path) -> None:
    assert "<table>" in (site / "hosting.html").read_text()
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "x.md").write_text("# X <script>\n\n<script>alert(1)</script>\n\nSee `docs/y.md`.\n")
    (docs / "y.md").write_text("# Y\n")
    docs_site.build(docs, Path(settings.BASE_DIR) / "static", tmp_path / "out")
    text = (tmp_path / "out/x.html").read_text()
    assert "<script>alert" not in text and '<a href="y.html"><code>docs/y.md</code></a>' in text
