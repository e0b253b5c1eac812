"""How long the whole check of a recording of 6 s takes: walled decoding, every check, references gathered.

The weights are loaded before, as in a worker that runs; the median of three is printed, wall time on the
machine as it is (`capture_check_cpu_s` says how much of it was this process computing).
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

SECONDS = 6.0


def figures() -> dict[str, float]:
    from cameos import capture, likenesses
    from cameos.intake.sandbox import decode_video
    from tests import likeness_media as media

    asked = media.asked(["left", "up"], [4, 1, 7])
    whole = media.answer(asked)
    start, length = int(2 * media.FPS), int(SECONDS * media.FPS)
    sound = whole.sound[-int(SECONDS * media.RATE) :]
    take = replace(whole, looks=whole.looks[start : start + length], sound=sound)
    with tempfile.TemporaryDirectory(prefix="understudy-pace-") as folder:
        film = media.render(Path(folder) / "take.mp4", take)
        walls, cpus = [], []
        for _ in range(4):
            began, cpu = time.perf_counter(), time.process_time()
            decoded = decode_video(film)
            capture.check(decoded, asked)
            likenesses.material(capture.enrol(decoded)) if not walls else None
            walls.append(time.perf_counter() - began)
            cpus.append(time.process_time() - cpu)
    return {
        "capture_check_s": round(statistics.median(walls[1:]), 2),
        "capture_check_cpu_s": round(statistics.median(cpus[1:]), 2),
    }


def main() -> None:
    import django

    django.setup()
    print(json.dumps(figures()))


if __name__ == "__main__":
    main()
