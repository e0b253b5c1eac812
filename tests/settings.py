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

from config.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    # A file, as on a real host: threads share a database in memory by other locking rules.
    DATABASES["default"]["TEST"] = {"NAME": f"{_folder}/test.sqlite3"}  # noqa: F405
