"""What is wrong with this host, and what mends it: `manage.py doctor`.

Every check is a function without arguments that yields findings; a finding names one fault and the way to
mend it. A check never changes anything, and what it cannot reach is a finding, not an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """`code`: stable, for programs; `fault` and `fix`: a sentence each for the operator."""

    code: str
    fault: str
    fix: str


Check = Callable[[], Iterator[Finding]]


def examine() -> list[Finding]:
    """Everything that is wrong. What lies in the database is looked at only where it answers."""
    from config.doctor import host, knobs, product

    found = [finding for check in (*knobs.CHECKS, *host.CHECKS) for finding in check()]
    if not any(finding.code in host.NO_ROWS for finding in found):
        found += [finding for check in product.CHECKS for finding in check()]
    return found
