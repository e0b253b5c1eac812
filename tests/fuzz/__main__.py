"""`python -m tests.fuzz [TARGET …] --seconds 60`: atheris looks for bytes that crash a parser of ours.

Each target runs in a process of its own, as many at a time as there are cores; what crashed is written to
`tests/fuzz/kept/<target>/` and fails `tests/fuzz/test_fuzz.py` from then on. A run of all targets is kept in
docs/drills/fuzz.json with a hash of the parsers that it tried (an hour: `--seconds 330`); `make bench-trust`
refuses it for others. Ends with 1 where something crashed.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
RESULTS = ROOT / "docs" / "drills" / "fuzz.json"
OURS = {"accounts", "cameos", "commerce", "feed", "generation"}
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

    source, names = parsers_hash(), options.targets or list(TARGETS)
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        rows = list(pool.map(lambda name: tried(name, options.seconds), names))
    if not options.targets:
        told = {"source": source, "seconds_each": options.seconds, "targets": dict(rows)}
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(told, indent=1) + "\n")
    return int(any(told["crashed"] for _name, told in rows))


def tried(name: str, seconds: int) -> tuple[str, dict[str, Any]]:
    """One target in a process of its own: whether something crashed, and how many inputs were tried."""
    command = [sys.executable, "-m", "tests.fuzz", "--one", name, "--seconds", str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    runs = re.findall(r"^Done (\d+) runs", done.stderr, re.MULTILINE)
    told = {"crashed": bool(done.returncode), "runs": int(runs[-1]) if runs else 0}
    print(f"{name}: {'crashed' if told['crashed'] else 'clean'} after {told['runs']} runs", flush=True)
    if told["crashed"]:
        print(done.stderr[-1500:])
    return name, told


def parsers_hash() -> str:
    """Of the targets, of each module of ours that they name, and of what lies beside it in a room of an app
    (`commerce/catalog/…`)."""
    targets = ROOT / "tests" / "fuzz" / "targets.py"
    files = {targets}
    for node in ast.walk(ast.parse(targets.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in OURS:
            folder = ROOT / str(node.module).replace(".", "/")
            named = [folder.with_suffix(".py"), *(folder / f"{name.name}.py" for name in node.names)]
            for path in filter(Path.is_file, named):
                is_room = len(path.relative_to(ROOT).parts) > 2
                files |= set(path.parent.glob("*.py")) if is_room else {path}
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{path.relative_to(ROOT)} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


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
