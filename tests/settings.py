"""The product's settings with a place of its own for everything a test writes."""

import atexit
import os
import shutil
import tempfile

_folder = tempfile.mkdtemp(prefix="understudy-tests-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
os.environ["DATA_DIR"] = _folder
for _name in ("MEDIA_ROOT", "KEYS_DIR", "JOURNAL_PATH", "VECTORS_ADDRESS", "STATIC_HASHED"):
    os.environ.pop(_name, None)


def _own_place(address: str) -> str:
    """A database of Redis for each of pytest's processes: emptying the cache must not empty another's."""
    process = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    host, _, number = address.rpartition("/")
    return f"{host}/{(int(number) + int(process)) % 16}" if number.isdigit() else address


# Once: the processes that a test starts inherit the place.
_process = os.environ.get("PYTEST_XDIST_WORKER", "")
if os.environ.get("REDIS_URL") and os.environ.get("REDIS_PLACE_OF") != _process:
    os.environ.update(REDIS_URL=_own_place(os.environ["REDIS_URL"]), REDIS_PLACE_OF=_process)

from config.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    # A file, as on a real host: threads share a database in memory by other locking rules.
    DATABASES["default"]["TEST"] = {"NAME": f"{_folder}/test.sqlite3"}  # noqa: F405
