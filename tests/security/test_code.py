"""What our own code may not do, read from its source: a rule that somebody forgets fails here."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.security.pages import ROOT, table, text

APPS = ("accounts", "cameos", "generation", "feed", "commerce", "config")


@pytest.fixture(scope="module", autouse=True)
def read_once() -> Iterator[None]:
    """Every rule reads the same files: they are parsed for the first, and forgotten after the last."""
    yield
    parsed.cache_clear()
    calls.cache_clear()


def sources(*apps: str) -> Iterator[tuple[str, ast.Module]]:
    for app in apps or (*APPS, "model"):
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield str(path.relative_to(ROOT)), parsed(path)


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def calls(tree: ast.Module) -> list[tuple[str, ast.Call]]:
    """What is called in a file, and where."""
    return [(ast.unparse(node.func), node) for node in ast.walk(tree) if isinstance(node, ast.Call)]


def scripts() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "static" / "js").rglob("*.js")):
        yield str(path.relative_to(ROOT)), path.read_text()


def test_no_text_becomes_code() -> None:
    found = [
        f"{name}:{call.lineno}"
        for name, tree in sources()
        for called, call in calls(tree)
        if called
        in {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "yaml.load", "Template"}
        or called.startswith(("commands.", "pickle.", "marshal.", "shelve."))
    ]
    assert not found


def test_no_shell_stands_between_us_and_a_program() -> None:
    """Programs get lists of words, and the first word is never made of what somebody sent."""
    for name, tree in sources():
        for called, call in calls(tree):
            if called.startswith("subprocess."):
                assert not any(word.arg == "shell" for word in call.keywords), f"{name}:{call.lineno}"
                assert isinstance(call.args[0], ast.List | ast.Name | ast.BinOp | ast.Attribute | ast.Call), (
                    name
                )


def test_every_query_of_our_own_binds_its_values() -> None:
    """`execute` gets a constant, or one made of names of ours (bandit's B608 judges each), never `%`."""
    for name, tree in sources(*APPS):
        for called, call in calls(tree):
            if called.endswith(("cursor.execute", ".raw", "RawSQL", ".extra")) and call.args:
                query = call.args[0]
                assert not (isinstance(query, ast.BinOp) and isinstance(query.op, ast.Mod)), (
                    f"{name}:{call.lineno}"
                )
                assert not (isinstance(query, ast.Call) and ast.unparse(query.func).endswith("format")), name


def test_patterns_are_ours_and_what_people_write_is_escaped_in_them() -> None:
    """A pattern is a constant, or made of constants and `re.escape`."""
    found = []
    for name, tree in sources(*APPS):
        for called, call in calls(tree):
            if called in {
                "re.compile",
                "re.search",
                "re.match",
                "re.sub",
                "re.fullmatch",
                "re.findall",
                "re.split",
            }:
                if not call.args or isinstance(call.args[0], ast.Constant):
                    continue
                words = ast.unparse(call.args[0])
                module_names = {
                    target.id
                    for node in tree.body
                    if isinstance(node, ast.Assign | ast.AnnAssign)
                    for target in ([node.target] if isinstance(node, ast.AnnAssign) else node.targets)
                    if isinstance(target, ast.Name)
                }
                names = set(re.findall(r"\b[A-Za-z_]\w*\b", re.sub(r"'[^']*'|\"[^\"]*\"", "", words)))
                if "re.escape" not in words and not names & module_names and name not in PATTERNS_OF_OURS:
                    found.append(f"{name}:{call.lineno} {words[:60]}")
    assert not found, found


# Built from tables of ours in the same file, in functions.
PATTERNS_OF_OURS = {
    # Looked at: each joins words by re.escape, a few lines above.
    "cameos/topics.py",
    "generation/prompt_help.py",
    "generation/screening/patterns.py",
    "feed/steering.py",
    "commerce/gateways/standin/api/routes.py",
}


def test_a_format_is_never_what_somebody_sent() -> None:
    """`str.format` and `%` work on constants and translations, in which attributes cannot be reached."""
    found = [
        f"{name}:{call.lineno}"
        for name, tree in sources(*APPS)
        for called, call in calls(tree)
        if called.endswith(".format")
        and isinstance(call.func, ast.Attribute)
        and not isinstance(call.func.value, ast.Constant)
        and not ast.unparse(call.func.value).isupper()
        and not ast.unparse(call.func.value).startswith(("_(", "self.formatException", "super()"))
    ]
    assert len(found) <= 12, found  # looked at one by one: patterns of ours held in a variable
    for name, tree in sources(*APPS):
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr == "format_map":
                raise AssertionError(f"{name}:{node.lineno}")


def test_everything_secret_comes_from_the_systems_random_source() -> None:
    """`random` draws worlds and demo days; where it is imported is listed, and nothing secret is there."""
    importers = {
        name
        for name, tree in sources(*APPS)
        for node in ast.walk(tree)
        if (isinstance(node, ast.Import) and any(alias.name == "random" for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and node.module == "random")
    }
    assert importers <= {
        "generation/actions.py",
        "cameos/challenge.py",
        "feed/demo/history.py",
        "generation/batches.py",
        "generation/storyboard.py",
    } | {
        name
        for name in importers
        if name.startswith(("feed/demo/", "cameos/topic_", "generation/management/"))
    }, importers


# Where a few random digits only keep two names apart.
NAMES_ONLY = {
    "cameos/vault.py",
    "commerce/actions/merchants.py",
    "commerce/actions/promotions.py",  # a coupon is 24 characters at most: 80 bits, used once
    "commerce/gateways/standin/store.py",
}


def test_secrets_have_at_least_128_bits() -> None:
    """Every `secrets.token_…` is long enough; six digits of a mail have rules of their own."""
    for name, tree in sources(*APPS):
        for called, call in calls(tree):
            if called.startswith("secrets.token_"):
                size = call.args[0] if call.args else None
                if isinstance(size, ast.Constant):
                    assert int(str(size.value)) >= 16 or name in NAMES_ONLY, f"{name}:{call.lineno}"
    for name in ("generation/actions.py", "cameos/challenge.py"):
        assert "SystemRandom()" in (ROOT / name).read_text(), name


def test_only_good_algorithms_are_imported() -> None:
    weak = {"MD5", "SHA1", "ECB", "CBC", "ARC4", "Blowfish", "TripleDES", "PKCS1v15", "DES", "IDEA"}
    for name, tree in sources(*APPS):
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("cryptography"):
                assert not {alias.name for alias in node.names} & weak, name
            if isinstance(node, ast.Attribute) and ast.unparse(node) in {"hashlib.md5", "hashlib.sha1"}:
                assert name == "cameos/intake/uploads.py", f"{name}:{node.lineno}"  # a tus client's checksum
            if isinstance(node, ast.Attribute) and node.attr in weak:
                assert name in {"cameos/intake/uploads.py"}, f"{name}:{node.lineno} {node.attr}"


def test_every_key_and_algorithm_is_in_the_inventory() -> None:
    page = text("keys")
    for name, tree in sources(*APPS):
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("cryptography.hazmat"):
                assert name in page, f"{name} uses cryptography and is not in docs/security/keys.md"
    assert {"AES-256-GCM", "HKDF-SHA256", "Ed25519", "X25519", "P-256"} <= set(
        re.findall(r"[A-Z][\w-]+\d\w*(?:-\w+)*", page)
    )


def test_nothing_of_ours_is_home_made_cryptography() -> None:
    """No other package that encrypts or signs is imported anywhere."""
    foreign = {"Crypto", "nacl", "rsa", "ecdsa", "jwt", "itsdangerous", "OpenSSL", "passlib"}
    for name, tree in sources(*APPS):
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                assert not {alias.name.split(".")[0] for alias in node.names} & foreign, name


def test_whom_we_speak_to_is_listed_and_nobody_else_is_called() -> None:
    """Every file that opens a connection is in the table of docs/security/data.md."""
    opens = re.compile(
        r"urlopen|HTTPS?Connection|create_connection|StripeClient|boto3|smtplib|EmailMessage|socket\.socket"
    )
    listed = " ".join(" ".join(row) for row in table("data", "whom"))
    inside = {
        "config/supervisor.py",
        "config/redis_standin.py",
        "config/phone.py",
        "config/management/commands/run.py",
        "commerce/gateways/standin/deliver.py",
    }
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            name = str(path.relative_to(ROOT))
            if not opens.search(path.read_text()) or name in inside or "doctor" in name:
                continue
            assert name in listed or "EmailMessage" in path.read_text(), f"{name} calls out and is not listed"


def test_scripts_put_text_in_as_text() -> None:
    """`innerHTML` gets only what our own server drew and escaped."""
    given = {
        (name, match.group(1).strip())
        for name, source in scripts()
        for match in re.finditer(r"(?:innerHTML|outerHTML)\s*=\s*([^;\n]+)", source)
    }
    assert {value for _name, value in given} <= {"await answer.text()", "told", "html"}, given
    for name, source in scripts():
        assert not re.search(
            r"insertAdjacentHTML|document\.write|\beval\(|new Function|setTimeout\(\s*[\"']", source
        ), name


def test_scripts_keep_no_secret_in_the_browser() -> None:
    for name, source in scripts():
        for kept in re.findall(r"(?:localStorage|sessionStorage)\.setItem\(([^,]+),", source):
            assert kept.strip() in {"SOUND", "SAVING", "SPENT"}, f"{name}: {kept}"
        assert not re.search(r"(?:setItem|put)\([^)]*(?:token|secret|csrf|session)", source, re.I), name


def test_scripts_write_no_property_whose_name_somebody_sent() -> None:
    """`thing[name] = value` on a plain object reaches its prototype; a Map does not."""
    for name, source in scripts():
        assert "__proto__" not in source
        for target in re.findall(r"(\w[\w.]*)\[[a-z]\w*\]\s*=[^=]", source):
            assert target in KNOWN_TARGETS, f"{name}: {target}[…] = …: use a Map or a dataset"


KNOWN_TARGETS = {
    "grey",
    "dataset",
    "this.dataset",
    "headers",
    "rgb",
    "pixels",
    "data",
    "out",
    "samples",
    "history",
    "values",
}


def test_scripts_take_messages_from_our_own_socket_and_worker_only() -> None:
    for name, source in scripts():
        assert 'window.addEventListener("message"' not in source, name
        for address in re.findall(r"new WebSocket\(([^)]+)\)", source):
            assert "location" in address or address.strip().isidentifier(), f"{name}: {address}"


def test_sockets_are_opened_by_tls_where_the_page_is() -> None:
    openers = [source for _name, source in scripts() if "new WebSocket(" in source]
    assert openers
    for source in openers:
        assert (
            re.search(r'"https:"\s*\?\s*"wss|wss', source)
            or "socketAddress" in source
            or "new URL(" in source
        ), source[:80]


def test_pages_use_nothing_that_browsers_gave_up() -> None:
    for path in (ROOT / "templates").rglob("*.html"):
        assert not re.search(r"<(applet|object|embed|frameset|frame|marquee|blink)\b", path.read_text()), path


def test_pages_load_nothing_from_elsewhere() -> None:
    for path in (ROOT / "templates").rglob("*.html"):
        for found in re.findall(r'(?:src|href)="(https?:)?//[^"]+"', path.read_text()):
            raise AssertionError(f"{path}: {found}")
    for path in (ROOT / "static" / "css").rglob("*.css"):
        assert not re.search(r"url\(\s*[\"']?(https?:)?//", path.read_text()), path


def test_every_package_is_pinned_with_its_hash_and_stands_in_the_inventory() -> None:
    pinned = {}
    for line in (ROOT / "requirements.lock").read_text().splitlines():
        name, version, digest = re.fullmatch(
            r"([\w.-]+)==(\S+) --hash=sha256:([0-9a-f]{64})(?:  # dev)?", line
        ).groups()  # type: ignore[union-attr]
        pinned[name] = (version, digest)
    for line in (ROOT / "requirements-traces.lock").read_text().splitlines():
        assert re.fullmatch(r"[\w.-]+==\S+ --hash=sha256:[0-9a-f]{64}", line), line
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = project["project"]["dependencies"] + project["project"]["optional-dependencies"]["dev"]
    for line in wanted:
        assert re.fullmatch(r"[\w.\[\]-]+==[\w.]+", line), f"{line} is not pinned"
    parts = {
        part["name"].lower().replace("_", "-")
        for part in json.loads((ROOT / "docs/sbom.json").read_text())["components"]
    }
    dev = {re.split(r"[\[=]", line)[0] for line in project["project"]["optional-dependencies"]["dev"]}
    direct = {re.split(r"[\[=]", line)[0].lower().replace("_", "-") for line in wanted} - dev
    assert direct <= parts, direct - parts


def test_a_host_installs_no_test_tools() -> None:
    installer = (ROOT / "config/install.py").read_text()
    assert "# dev" in installer and "--dev" in installer
    for name, tree in sources(*APPS, "model"):
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                assert node.module.split(".")[0] not in {"pytest", "hypothesis", "playwright", "tests"}, name


def test_no_secret_lies_in_the_repository() -> None:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    names = [Path(name) for name in done.stdout.splitlines()] or [
        path.relative_to(ROOT) for path in ROOT.rglob("*.py") if ".venv" not in path.parts
    ]
    shapes = (
        rb"sk_live_[0-9a-zA-Z]{20}",
        rb"whsec_[0-9a-zA-Z]{30}",
        rb"AKIA[0-9A-Z]{16}",
        rb"-----BEGIN (EC |RSA )?PRIVATE KEY-----\n[A-Za-z0-9+/]{40}",
        rb"us_[A-Za-z0-9_-]{43}",
    )
    pattern = re.compile(b"|".join(shapes))
    for name in names:
        path = ROOT / name
        if path.is_file() and path.stat().st_size < 500_000:
            assert not pattern.search(path.read_bytes()), name
    assert not [
        name for name in names if name.name in {".env", "secret_key"} or name.suffix in {".pem", ".key"}
    ]


def test_one_house_serves_one_crowd_and_no_other_application() -> None:
    """Addresses of the URLconf only; nothing else is mounted but the stand-in of Stripe, where named."""
    from config import front

    assert {name for name in vars(front) if name.isupper()} >= {"STANDIN", "LOCAL_CA"}
    assert (ROOT / "config/front.py").read_text().count("mounts[") == 2


def test_addresses_carry_no_secret() -> None:
    """No route has a token, mail or password in it; what is secret goes in a body or a header."""
    from tests.matrix.addresses import pages_and_api

    for address in pages_and_api():
        route = re.sub(r"settings/sessions|handover/<|checkout[_-]sessions", "", address.route)
        assert not re.search(r"password|secret|session|email>|access_token", route), address.route


def test_reading_changes_nothing() -> None:
    """A view that answers to GET alone calls no action: writes stand behind POST and its CSRF token."""
    for app in APPS:
        for path in (ROOT / app).rglob("*views*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if not isinstance(node, ast.FunctionDef):
                    continue
                marks = {ast.unparse(mark) for mark in node.decorator_list}
                if marks & {"require_GET", "require_safe"}:
                    body = ast.unparse(node)
                    assert not re.search(r"\.(save|delete|create|bulk_create)\(", body), (
                        f"{path.name}:{node.name}"
                    )


def test_names_of_files_are_ours() -> None:
    """Nothing of what an upload was called reaches a path: no `.name` of a file is joined or saved."""
    found = [
        f"{name}:{node.lineno}"
        for name, tree in sources("accounts", "cameos", "generation", "feed", "commerce")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith(("default_storage.save", "default_storage.open"))
        and re.search(r"\.name\b|filename", ast.unparse(node.args[0]))
        and "path" not in ast.unparse(node.args[0])
    ]
    assert not found, found


def test_names_in_headers_are_plain() -> None:
    """Every Content-Disposition of ours is made of constants, handles, dates and ids."""
    made = []
    for name, tree in sources(*APPS):
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr) and "attachment; filename=" in ast.unparse(node):
                parts = [part for part in node.values if isinstance(part, ast.FormattedValue)]
                made.append((name, {ast.unparse(part.value) for part in parts}))
    assert made
    for name, parts in made:
        for part in parts:
            assert re.search(
                r"username|^name$|public_id|slug|date|isoformat|pk|version|number|handle|kind|stem", part
            ), (name, part)


def test_processes_of_the_guide_run_as_nobody_special() -> None:
    units = sorted((ROOT / "docs" / "hosting" / "systemd").glob("*.service"))
    assert len(units) >= 5
    for unit in units:
        said = unit.read_text()
        for line in (
            "User=understudy",
            "NoNewPrivileges=yes",
            "ProtectSystem=strict",
            "PrivateTmp=yes",
            "RestrictAddressFamilies=",
            "ReadWritePaths=/var/lib/understudy",
            "CapabilityBoundingSet=\n",
        ):
            assert line in said, f"{unit.name} lacks {line}"
