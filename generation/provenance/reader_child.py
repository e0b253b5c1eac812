"""The child that reads a stranger's manifest: loads c2pa, raises the intake's walls, and only then reads the
first byte of the file from standard input. Started by `manifest.read_behind_walls`, answers one JSON line.

    argv[1]  the file's type        argv[2]  JSON settings for c2pa with our root as anchor
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys

import c2pa

from cameos.intake.child.jail import raise_walls

CPU_S, MEMORY = 10, 2 << 30


def main() -> None:
    out, source = os.dup(1), os.fdopen(0, "rb", buffering=0)
    context = c2pa.Context(settings=c2pa.Settings.from_dict(json.loads(sys.argv[2])))
    with contextlib.suppress(c2pa.C2paError):
        c2pa.Reader("image/png", io.BytesIO(b""), context=context)  # loads what is loaded late
    raise_walls(cpu_s=CPU_S, memory_bytes=MEMORY)
    try:
        reader = c2pa.Reader(sys.argv[1], io.BufferedReader(source), context=context)
        answer = {
            "state": reader.get_validation_state(),
            "active": reader.get_active_manifest(),
            "results": reader.get_validation_results(),
        }
    except c2pa.C2paError as error:
        answer = {"error": str(error)[:200]}
    os.write(out, json.dumps(answer).encode())
