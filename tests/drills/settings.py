"""The product's settings for `make drill`: engines that sleep, short leases, wide budgets."""

import os

os.environ.setdefault("GENERATION_LEASE_S", "3")

from config.settings import *  # noqa: E402, F403
from tests.bench.sleeper import ENGINES

EXTRA_ENGINES = ENGINES
STARTING_CREDITS = 100_000
PERSON_SECONDS_A_DAY = PERSON_OPEN_AT_ONCE = 10**6
BUDGETS = {"generation": (10**6, 3600), "api": (10**6, 3600), "email_code_address": (10**6, 3600)}
