"""The product's settings for `make drill`: engines that sleep, short leases, wide budgets, and a clock that
the drill can shift for every process at once."""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone

os.environ.setdefault("GENERATION_LEASE_S", "3")
os.environ.setdefault("LEAST_FREE_BYTES", str(16 * 1024 * 1024))

from config.settings import *  # noqa: E402, F403
from tests.bench.sleeper import ENGINES

EXTRA_ENGINES = ENGINES
STARTING_CREDITS = 1_000_000
PERSON_SECONDS_A_DAY = PERSON_OPEN_AT_ONCE = 10**6
WIDE = (10**7, 3600)
BUDGETS = dict.fromkeys(("generation", "api", "email_code_address", "checkout", "beacon"), WIDE)
SHIFT = Path(os.environ.get("DATA_DIR", "var")) / "clock-shift"  # seconds, where the drill put the file


def _shifted(real: Callable[[], datetime] = timezone.now) -> datetime:
    try:
        return real() + timedelta(seconds=float(SHIFT.read_text()))
    except (OSError, ValueError):
        return real()


timezone.now = _shifted
