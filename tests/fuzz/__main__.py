"""`python -m tests.fuzz [TARGET …] --seconds 60`: atheris looks for bytes that crash a parser of ours.

Each target runs in a process of its own; what crashed is written to `tests/fuzz/kept/<target>/` and fails
`tests/fuzz/test_fuzz.py` from then on. Ends with 1 where something crashed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

KEPT = Path(__file__).resolve().parent / "kept"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        return one(options.one, options.seconds)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from tests.fuzz.targets import TARGETS

    crashed = 0
    for name in options.targets or list(TARGETS):
        command = [sys.executable, "-m", "tests.fuzz", "--one", name, "--seconds", str(options.seconds)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        runs = [line for line in done.stderr.splitlines() if line.startswith("Done ")]
        print(f"{name}: {'crashed' if done.returncode else 'clean'} {runs[-1] if runs else ''}", flush=True)
        if done.returncode:
            print(done.stderr[-1500:])
        crashed += bool(done.returncode)
    return int(crashed > 0)


def one(name: str, seconds: int) -> int:
    """Fuzz one target in this process; atheris ends the process itself."""
    import atheris

    with atheris.instrument_imports(
        include=["accounts", "cameos", "commerce", "feed", "generation", "json", "csv"]
    ):
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
        import django

        django.setup()
        from tests.fuzz import targets

    folder = KEPT / name
    folder.mkdir(parents=True, exist_ok=True)
    corpus = Path(os.environ["DATA_DIR"]) / f"corpus-{name}"
    corpus.mkdir(exist_ok=True)
    for number, seed in enumerate(targets.SEEDS.get(name, [])):
        (corpus / f"seed-{number}").write_bytes(seed)
    # -runs stops libFuzzer when the time is over; artifacts are the bytes that crashed.
    words = [sys.argv[0], str(corpus), f"-max_total_time={seconds}", "-max_len=4096", "-rss_limit_mb=2048",
             "-timeout=10", f"-artifact_prefix={folder}/"]  # fmt: skip
    atheris.Setup(words, lambda data: targets.attempt(name, data))
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
