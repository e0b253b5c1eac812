"""`make bench-trust`: prints one JSON object as its last line. T names single parts of `trust_*`.

Each figure of FIGURES stands in it; what could not be measured is null, and `missing` says why.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time

PARTS = ("proofs", "media", "fuzz", "asvs", "drills", "carry", "takedown")
FIGURES = (
    *("matrix_cells", "matrix_wrong", "addresses_undeclared"),
    *("badmedia_wrong", "badmedia_cpu_s", "badmedia_rss_mb", "canary_hits", "http_5xx"),
    *("fuzz_crashes", "asvs_tested", "asvs_open"),
    *("drills_failed", "lost", "doubled", "recovery_s"),
    *("load_errors", "feed_p95_ratio", "rss_growth"),
    *("restore_equal", "restore_unrevoked", "export_import_equal", "takedown_s", "doctor_found"),
)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    started, figures, missing = time.monotonic(), dict[str, object](), dict[str, str]()
    asked = sys.argv[1:] or list(PARTS)
    for part in asked:
        print(f"-- {part}", file=sys.stderr, flush=True)
        try:
            figures |= importlib.import_module(f"tests.bench.trust_{part}").figures()
        except Exception as error:  # one part that fails does not take the others with it
            missing[part] = f"{type(error).__name__}: {str(error)[:300]}"
    for name in FIGURES:
        if figures.setdefault(name, None) is None:
            missing[name] = str(figures.get("drills") or "not measured in this run")
    figures |= {
        "missing": missing,
        "minutes": round((time.monotonic() - started) / 60, 1),
        "load": round(os.getloadavg()[0], 1),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
