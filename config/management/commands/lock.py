"""`manage.py lock`: writes `requirements.lock` from this environment, with the hashes the index gives."""

import importlib.metadata
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError

# torch comes first and from an index of the host's choice (config/install.py); pip brings itself.
ELSEWHERE = {"torch", "pip"}


class Command(BaseCommand):
    help = "Writes requirements.lock from the packages installed here (pins of pyproject.toml come first)."

    def handle(self, *args: Any, **options: Any) -> None:
        declared = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())
        run, dev = wanted(declared)
        pins = {name: version for name, version in installed().items() if name in run | dev}
        check_pins(declared, pins)
        hashes = hashes_of(pins)
        lines = [
            f"{name}=={version} --hash=sha256:{hashes[name]}{'' if name in run else '  # dev'}"
            for name, version in sorted(pins.items())
            if name not in ELSEWHERE
        ]
        (settings.BASE_DIR / "requirements.lock").write_text("\n".join(lines) + "\n")
        extra = traces(declared["project"]["optional-dependencies"]["traces"], set(pins))
        (settings.BASE_DIR / "requirements-traces.lock").write_text("\n".join(extra) + "\n")
        self.stdout.write(f"{len(lines)} packages locked, and {len(extra)} for traces.")


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def installed() -> dict[str, str]:
    return {normal(d.metadata["Name"]): d.version for d in importlib.metadata.distributions()}


def wanted(declared: dict[str, Any]) -> tuple[set[str], set[str]]:
    """Names needed to run, and to develop: what is declared, and what that needs in turn."""
    alone = {normal(first_word(line)) for line in declared["tool"]["understudy"]["without-dependencies"]}
    project = declared["project"]
    run = closure(project["dependencies"], alone) | alone
    return run, closure(project["optional-dependencies"]["dev"], alone)


def closure(requirements: list[str], alone: set[str]) -> set[str]:
    from packaging.requirements import Requirement

    found: set[str] = set()
    todo = [(Requirement(line), "") for line in requirements]
    seen: set[tuple[str, str]] = set()
    while todo:
        requirement, extra = todo.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = normal(requirement.name)
        for wanted_extra in ("", *requirement.extras):
            if (name, wanted_extra) in seen:
                continue
            seen.add((name, wanted_extra))
            found.add(name)
            if name not in alone:
                needs = importlib.metadata.requires(name) or []
                todo += [(Requirement(line), wanted_extra) for line in needs]
    return found


def check_pins(declared: dict[str, Any], pins: dict[str, str]) -> None:
    project = declared["project"]
    every = [
        *project["dependencies"],
        *project["optional-dependencies"]["dev"],
        *declared["tool"]["understudy"]["without-dependencies"],
    ]
    for line in every:
        name, _, version = line.partition("==")
        have = pins.get(normal(first_word(name)), "").partition("+")[0]
        if have != version:
            raise CommandError(f"{line} is declared, but {have or 'nothing'} is installed.")


def first_word(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9_.-]+", requirement)
    assert found
    return found[0]


def traces(requirements: list[str], here: set[str]) -> list[str]:
    """Pins with hashes of what the extra adds to what is locked already; nothing is installed."""
    with tempfile.TemporaryDirectory() as folder:
        report, lock = Path(folder) / "report.json", settings.BASE_DIR / "requirements.lock"
        constraints = Path(folder) / "constraints.txt"
        constraints.write_text("\n".join(line.split(" ")[0] for line in lock.read_text().splitlines()))
        command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "-qq"]
        command += ["--only-binary", ":all:", "--constraint", str(constraints), "--report", str(report)]
        if subprocess.run([*command, *requirements], check=False).returncode:  # argv, no shell  # nosec B603
            raise CommandError("pip could not find the packages for traces; the lines above say which.")
        found = json.loads(report.read_text())["install"]
    rows = {normal(item["metadata"]["name"]): item for item in found}
    return [
        f"{name}=={item['metadata']['version']}"
        f" --hash=sha256:{item['download_info']['archive_info']['hashes']['sha256']}"
        for name, item in sorted(rows.items())
        if name not in here
    ]


def hashes_of(pins: dict[str, str]) -> dict[str, str]:
    """sha256 of the wheel that the index serves for each pin; nothing is installed."""
    with tempfile.TemporaryDirectory() as folder:
        asked, report = Path(folder) / "asked.txt", Path(folder) / "report.json"
        asked.write_text("\n".join(f"{n}=={v}" for n, v in pins.items() if n not in ELSEWHERE))
        command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--no-deps"]
        command += ["-qq", "--only-binary", ":all:", "--requirement", str(asked), "--report", str(report)]
        if subprocess.run(command, check=False).returncode:  # argv, no shell  # nosec B603
            raise CommandError("pip could not find every pin as a wheel; the lines above say which.")
        found = json.loads(report.read_text())["install"]
    return {
        normal(item["metadata"]["name"]): item["download_info"]["archive_info"]["hashes"]["sha256"]
        for item in found
    }
