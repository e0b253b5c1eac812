"""OWASP ASVS 5.0, levels 1 and 2: the share with a test, and those without any answer."""

from __future__ import annotations

from tests.security import asvs


def figures() -> dict[str, object]:
    rows = asvs.rows()
    missing = [
        name
        for name, _level in asvs.wanted()
        if name not in rows
        or any(
            not path.exists() or test not in asvs.functions(path) for path, test in asvs.tests_of(rows[name])
        )
    ]
    return {"asvs_tested": round(asvs.share(), 3), "asvs_open": len(missing)}
