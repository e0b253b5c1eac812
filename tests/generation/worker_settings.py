"""Settings of a worker process that a test starts, and may kill: the test's database, the small engines."""

import os

from config.settings import *  # noqa: F403
from tests.generation.swatch import ENGINES

EXTRA_ENGINES = ENGINES
GENERATION_LEASE_S = 5
MEDIA_ROOT = os.environ["MEDIA_ROOT"]
