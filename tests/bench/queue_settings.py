"""The product's settings for `make bench-queue`: a place of its own, short leases, engines that sleep."""

import os

os.environ.setdefault("GENERATION_LEASE_S", "2")

from config.settings import *  # noqa: E402, F403
from tests.bench.sleeper import ENGINES

EXTRA_ENGINES = ENGINES
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STARTING_CREDITS = 100_000
LOGGING = {"version": 1, "disable_existing_loggers": True, "root": {"handlers": [], "level": "CRITICAL"}}
PERSON_SECONDS_A_DAY = PERSON_OPEN_AT_ONCE = 10**6
BUDGETS = {"generation": (10**6, 3600), "api": (10**6, 3600)}
ALLOWED_HOSTS = ["127.0.0.1"]
SECURE_SSL_REDIRECT = False
