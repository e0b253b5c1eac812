"""`make bench-trust`: prints one JSON object as its last line. T names single parts of `trust_*`."""

from __future__ import annotations

import importlib
import json
import os
import sys

PARTS = ("media", "asvs", "fuzz", "drills")


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    figures: dict[str, object] = {}
    for part in sys.argv[1:] or PARTS:
        figures |= importlib.import_module(f"tests.bench.trust_{part}").figures()
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
