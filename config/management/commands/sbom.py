"""`manage.py sbom`: writes `docs/sbom.json` (CycloneDX 1.6) from the lock and this environment, offline."""

import importlib.metadata
import json
import re
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand

SHORT = 80  # some packages put the licence's whole text into the field of its name


class Command(BaseCommand):
    help = "Writes docs/sbom.json: every package that is installed to run, with version, licence and hash."

    def handle(self, *args: Any, **options: Any) -> None:
        lines = (settings.BASE_DIR / "requirements.lock").read_text().splitlines()
        parts = [component(*pin) for line in lines if not line.endswith("# dev") and (pin := pin_of(line))]
        parts.append(component("torch", importlib.metadata.version("torch").partition("+")[0], ""))
        document = {
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "version": 1,
            "metadata": {"component": {"type": "application", "name": "understudy", "version": "0.1.0"}},
            "components": sorted(parts, key=lambda part: str(part["name"])),
        }
        path = settings.BASE_DIR / "docs" / "sbom.json"
        path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
        self.stdout.write(f"{len(parts)} packages in {path}.")


def pin_of(line: str) -> tuple[str, str, str] | None:
    found = re.match(r"(\S+?)==(\S+)\s+--hash=sha256:(\w+)", line)
    return (found[1], found[2], found[3]) if found else None


def component(name: str, version: str, sha256: str) -> dict[str, Any]:
    part: dict[str, Any] = {
        "type": "library",
        "name": name,
        "version": version,
        "purl": f"pkg:pypi/{name}@{version}",
    }
    if licence := licence_of(name):
        part["licenses"] = [{"license": {"name": licence}}]
    if sha256:
        part["hashes"] = [{"alg": "SHA-256", "content": sha256}]
    return part


def licence_of(name: str) -> str:
    """What the package says of itself: an expression, a short name, or its classifiers."""
    said = importlib.metadata.metadata(name)
    for field in ("License-Expression", "License"):
        value = (said.get_all(field) or [""])[0].strip()
        if value and len(value) <= SHORT and "\n" not in value:
            return value
    rows = said.get_all("Classifier") or []
    return ", ".join(row.rpartition(" :: ")[2] for row in rows if row.startswith("License ::"))
