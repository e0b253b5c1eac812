#!/usr/bin/env python3
"""Makes `.venv` and installs everything pinned in `requirements.lock`; with nothing to do it takes a moment.

Runs on the system's Python before anything is installed, so it uses the standard library alone:
`python3.11 config/install.py [--dev]`. With `--dev` also what tests and checks need.
"""

import argparse
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = Path(os.environ.get("VENV") or ROOT / ".venv")
LOCK = ROOT / "requirements.lock"
TORCH = "torch==2.13.0"

# Measured; what a person on a phone's data plan wants to know before it starts.
MB_PACKAGES = 560
MB_TORCH_FROM_INDEX = 190
MB_TORCH_FROM_PYPI = 2_500
MB_DEV = 190
GB_ON_DISK, GB_ON_DISK_WITH_CUDA = 3.5, 8.5
DEBIAN = "  Debian 12: apt-get install -y python3.11 python3.11-venv"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", action="store_true")
    is_dev = parser.parse_args().dev
    check_python()
    stamp, wanted = VENV / ".installed", fingerprint()
    done = stamp.read_text().split() if stamp.exists() else []
    if wanted in done and (not is_dev or "dev" in done):
        return
    announce(is_dev, again=bool(done))
    make_venv()
    install(is_dev)
    stamp.write_text(f"{wanted}{' dev' if is_dev or 'dev' in done else ''}\n")


def check_python() -> None:
    """Exits with what to do where this Python cannot do it."""
    if sys.version_info[:2] != (3, 11):
        sys.exit(f"Understudy wants Python 3.11; this is {platform.python_version()}.\n{DEBIAN}")
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        sys.exit(f"This Python cannot make virtual environments.\n{DEBIAN}")


def fingerprint() -> str:
    """Changes with the pins, with this file and with the Python that runs it."""
    digest = hashlib.sha256(sys.version.encode())
    for path in (LOCK, Path(__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:32]


def announce(is_dev: bool, *, again: bool) -> None:
    index = os.environ.get("TORCH_INDEX")
    with_cuda = not index and sys.platform == "linux" and platform.machine() == "x86_64"
    torch_mb = MB_TORCH_FROM_PYPI if with_cuda else MB_TORCH_FROM_INDEX
    size = MB_PACKAGES + torch_mb + (MB_DEV if is_dev else 0)
    room = GB_ON_DISK_WITH_CUDA if with_cuda else GB_ON_DISK
    free = shutil.disk_usage(VENV.parent).free / 1024**3
    print(f"Python {platform.python_version()} · environment {VENV} · {free:.0f} GB free")
    if again:
        print("The pins changed: only what differs is downloaded.")
    else:
        print(f"Downloading up to {size:,} MB of packages (once); they take about {room} GB on disk.")
        if with_cuda:
            print("Most of it is torch with CUDA. A CPU build is 190 MB: set TORCH_INDEX to its own.")
    if free < room and not again:
        sys.exit(f"That does not fit: make room for {room} GB at {VENV.parent}, or set TORCH_INDEX.")
    sys.stdout.flush()


def make_venv() -> None:
    if (VENV / "bin" / "python").exists():
        return
    print("Making the virtual environment …", flush=True)
    run([sys.executable, "-m", "venv", str(VENV)])


def install(is_dev: bool) -> None:
    """torch first, from the index given; then everything else exactly as locked, resolving nothing."""
    index = os.environ.get("TORCH_INDEX")
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check", "-qq"]
    lines = LOCK.read_text().splitlines()
    with tempfile.TemporaryDirectory() as folder:
        constraints, requirements = Path(folder) / "constraints.txt", Path(folder) / "requirements.txt"
        constraints.write_text("\n".join(without_hashes(line) for line in lines))
        chosen = (line for line in lines if is_dev or not line.endswith("# dev"))
        requirements.write_text("\n".join(for_this_machine(line) for line in chosen))
        print(f"Installing {TORCH} …", flush=True)
        source = ["--index-url", index] if index else []
        run([*pip, *source, "--constraint", str(constraints), "--only-binary", ":all:", TORCH])
        print("Installing the rest …", flush=True)
        run([*pip, "--no-deps", "--only-binary", ":all:", "--requirement", str(requirements)])
    print("Installed.", flush=True)


def without_hashes(line: str) -> str:
    return re.sub(r"\s+--hash=\S+", "", line)


def for_this_machine(line: str) -> str:
    """The hashes are of the wheels for 64-bit Linux; other machines take other files of the same version."""
    hashed = sys.platform == "linux" and platform.machine() == "x86_64"
    return line if hashed else without_hashes(line)


def run(command: list[str]) -> None:
    done = subprocess.run(command, check=False)  # argv, no shell  # nosec B603
    if done.returncode:
        sys.exit(
            "That failed; the lines above say why. What was installed is kept: run the same command again."
        )


if __name__ == "__main__":
    main()
