"""How the child says no."""

from __future__ import annotations


class Refused(Exception):
    """Carries the name of an `IntakeReason` and the numbers behind it."""

    def __init__(self, reason: str, **numbers: float) -> None:
        super().__init__(reason)
        self.reason, self.numbers = reason, numbers
