"""flop_share: arithmetic done while training the scene network, against this machine's own matmul peak, 30 s.

As `make train T=--compile` trains it where there is a C++ compiler that is done within `COMPILED_WITHIN_S`
(flop_share_compiled says so); flop_share_plain is the same without, as `make train` does it."""

import json
import subprocess
import sys

from tests.bench.training import flop_share

SECONDS, COMPILED_WITHIN_S = 30, 200


def compiled() -> dict | None:
    """The figures of compiled steps, or None where nothing can be compiled in time."""
    command = [sys.executable, "-m", "tests.bench.training", "--compile", "--seconds", str(SECONDS)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=COMPILED_WITHIN_S, check=True)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        print(f"not compiled: {error}", file=sys.stderr)
        return None
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    plain = flop_share(SECONDS)
    found = compiled() or dict(plain)
    found["flop_share_compiled"] = found.pop("compiled")
    found["flop_share_plain"] = plain["flop_share"]
    print(json.dumps({k: round(v, 3) if isinstance(v, float) else v for k, v in found.items()}))


if __name__ == "__main__":
    main()
