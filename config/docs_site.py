"""The pages of `docs/` as a site that a web server hands out: HTML with the pictures, one style, no script.

Every `*.md` becomes a page beside it with the same name; links between pages and into sources are kept
apart: what lies outside of `docs/` is named, not linked. Raw HTML in a page is shown as text.
"""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

STYLES = ("tokens.css", "meanings.css", "base.css")
GROUPS = {
    "": "Understudy",
    "algorithms": "Rules with numbers",
    "security": "Security",
    "decisions": "Decisions",
}
FIRST = ("architecture", "making", "hosting", "api", "law", "scale", "gpu")
OWN_STYLE = """
body { margin: 0; display: grid; gap: 2rem; padding: 1rem 1.5rem; justify-content: center;
  grid-template-columns: minmax(12rem, 16rem) minmax(0, 48rem) }
nav { font-size: 0.9rem }
nav ul { list-style: none; padding: 0; margin: 0 0 1rem }
nav li { margin: 0.2rem 0 }
main > * { margin-block: 0.8rem }
main ul, main ol { padding-inline-start: 1.4rem }
main img { max-inline-size: 100%; block-size: auto }
main table { border-collapse: collapse; display: block; overflow-x: auto }
main td, main th { border: 1px solid; padding: 0.3rem 0.6rem; text-align: start; vertical-align: top }
main pre { overflow-x: auto; padding: 0.8rem; border: 1px solid currentColor }
@media (max-width: 48rem) { body { display: block } }
"""


@dataclass(frozen=True)
class Page:
    """A page by where it lies under `docs/`, without its ending."""

    name: str
    title: str
    text: str

    @property
    def group(self) -> str:
        return self.name.rpartition("/")[0]


def pages(docs: Path) -> list[Page]:
    """Every page, those of FIRST first, then by group and name."""
    found = [_page(docs, path) for path in docs.rglob("*.md")]
    return sorted(found, key=lambda page: (list(GROUPS).index(_group(page)), _place(page), page.name))


def build(docs: Path, static: Path, out: Path) -> int:
    """Write the site into `out`, which is emptied first; how many pages. Raises OSError."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    for name in ("pictures", "screenshots", "scaling", "drills"):
        if (docs / name).is_dir():
            shutil.copytree(docs / name, out / name)
    css = "\n".join((static / "css" / name).read_text() for name in STYLES) + OWN_STYLE
    (out / "site.css").write_text(css)
    every = pages(docs)
    for page in every:
        target = out / f"{page.name}.html"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_html(page, every))
    (out / "index.html").write_text(_html(every[0], every))
    return len(every)


def _page(docs: Path, path: Path) -> Page:
    text = path.read_text()
    title = next((line[2:].strip() for line in text.splitlines() if line.startswith("# ")), path.stem)
    return Page(str(path.relative_to(docs).with_suffix("")), title, text)


def _group(page: Page) -> str:
    return page.group if page.group in GROUPS else ""


def _place(page: Page) -> int:
    return FIRST.index(page.name) if page.name in FIRST else len(FIRST)


def _html(page: Page, every: list[Page]) -> str:
    from markdown_it import MarkdownIt

    up = "../" * page.name.count("/")
    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(page.text)
    body = re.sub(r'href="([^"#:]+)\.md(#[^"]*)?"', r'href="\1.html\2"', body)
    body = re.sub(
        r"<code>docs/([\w/.-]+)\.md</code>", rf'<a href="{up}\1.html"><code>docs/\1.md</code></a>', body
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{html.escape(page.title)} · Understudy</title>"
        f'<link rel="stylesheet" href="{up}site.css"></head><body>'
        f'<nav aria-label="Pages">{"".join(_menu(page, every, up))}</nav><main>{body}</main></body></html>\n'
    )


def _menu(here: Page, every: list[Page], up: str) -> Iterator[str]:
    for group, title in GROUPS.items():
        yield f"<h2>{title}</h2><ul>"
        for page in every:
            if _group(page) == group:
                mark = ' aria-current="page"' if page == here else ""
                yield f'<li><a href="{up}{page.name}.html"{mark}>{html.escape(page.title)}</a></li>'
        yield "</ul>"
