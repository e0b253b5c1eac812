"""`make bench-provenance`: marks, fingerprints, manifests, renditions and `/verify` on this machine. No test.

Runs every part of `tests/bench/provenance/` in a process of its own, what is timed alone and then the others
side by side, in under ten minutes, and prints, as the last line, one JSON object with every figure. One that
no part measured is null and stands in `missing`; a part that failed or took too long stands in `failed`, with
its last words above.

after_render_ratio    all stages after the last step / length of a real clip of 5 s; after_render_stages: each
transcode_ratio       CPU of both films and the poster against the ffmpeg command line that makes the same,
                      from one source, the middle of three; beside it transcode_ssim and
                      transcode_ssim_ffmpeg of the larger film, and transcode_ratio_all_files with our AVIF
                      and sprite on top (null without ffmpeg)
mark_recall_crf28     share of shipped clips whose 64 bits were read; mark_recall_half, mark_recall_480p too
mark_psnr             dB, the worst clip         mark_recall_table     over all ways of `manage.py survival`
mark_false_hits       1,000 clean clips x 10,000 wrong keys, upright and mirrored; mark_searches: whole
                      searches more, with mark_search_hits
mark_fpr_bound        computed, of one file and key
mark_recall_unseen    the same of clips that nothing was tuned on
fingerprint_recall    over the table, shipped and unseen clips; each alone: fingerprint_recall_shipped and
                      fingerprint_recall_unseen
fingerprint_false     share of pairs of different clean clips that are taken for one, by prints or outlines
manifest_valid        share of all files served that c2pa calls trusted with our root as anchor
manifest_kb_at_level_12   of a remix of a remix of ...
verify_s              a file of 10 s: served, re-encoded, and cropped, mirrored and re-encoded; the slowest
block_rate, over_block    of the sealed half: the stored result of its one scoring, with redteam_sha256 and
                      redteam_commit
precheck_ms           p95 of the check while typing over HTTP; precheck_ms_p50
first_frame_bytes     of the smaller film from byte 0, with manifest; first_frame_ssim: of its brightness
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

PARTS = Path(__file__).parent / "provenance"
WITHIN_S = 590
TIMED = ("screening", "sealing", "transcode")
FIGURES = (
    "after_render_ratio", "after_render_stages", "transcode_ratio", "mark_recall_crf28", "mark_recall_half",
    "mark_recall_480p", "mark_psnr", "mark_recall_table", "mark_false_hits", "mark_fpr_bound",
    "mark_recall_unseen", "fingerprint_recall", "fingerprint_recall_shipped", "fingerprint_recall_unseen",
    "fingerprint_false", "manifest_valid",
    "manifest_kb_at_level_12", "verify_s", "block_rate", "over_block", "precheck_ms", "first_frame_bytes",
    "first_frame_ssim",
)  # fmt: skip


def main() -> None:
    """All parts, or those named on the command line."""
    started, load = time.monotonic(), round(os.getloadavg()[0], 1)
    found: dict[str, Any] = dict.fromkeys(FIGURES)
    failed = []
    asked = sys.argv[1:] or parts()
    alone, others = [name for name in asked if name in TIMED], [name for name in asked if name not in TIMED]
    measured = {name: run(name, started + WITHIN_S) for name in alone}
    with ThreadPoolExecutor(2) as pool:
        measured |= zip(others, pool.map(lambda name: run(name, started + WITHIN_S), others), strict=True)
    for name, figures in measured.items():
        found |= figures or {}
        failed += [] if figures else [name]
    missing = [name for name in FIGURES if found[name] is None]
    took = round((time.monotonic() - started) / 60, 1)
    print(json.dumps({**found, "missing": missing, "failed": failed, "minutes": took, "load_before": load}))


def parts() -> list[str]:
    return sorted(path.stem for path in PARTS.glob("*.py") if not path.name.startswith("_"))


def run(name: str, end: float) -> dict[str, Any] | None:
    """The figures of one part; None where it failed."""
    print(f"-- {name}", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", f"tests.bench.provenance.{name}"]
    try:
        left = max(1.0, end - time.monotonic())
        done = subprocess.run(command, stdout=subprocess.PIPE, timeout=left, check=False)
    except subprocess.TimeoutExpired:
        print(f"{name} was not done in time", file=sys.stderr)
        return None
    lines = done.stdout.decode().strip().splitlines() or [""]
    print("\n".join(lines), file=sys.stderr, flush=True)
    try:
        read = json.loads(lines[-1])
    except ValueError:
        return None
    return read if done.returncode == 0 and isinstance(read, dict) else None


if __name__ == "__main__":
    main()
