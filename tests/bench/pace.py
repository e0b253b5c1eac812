"""How long the native engine works on one second of clip, its model loaded, nothing else in the way."""

import os
import time


def fewer(times: int, least: int = 1) -> int:
    """A fifth of so many repetitions with QUICK=1: enough to see that a bench runs, too few for a figure."""
    return max(least, times // 5) if os.environ.get("QUICK") == "1" else times


def seconds_per_second(prompt: str, *, seconds: int = 5) -> float:
    """Wall seconds of rendering for each second of clip; loading the weights is not counted."""
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    django.setup()
    from generation.engines import base

    engine = base.get("native")
    job = base.Job(prompt=prompt, verb="text", seed=1, seconds=seconds, size=(720, 1280))
    started = time.monotonic()
    rendered = engine.render(job, lambda done, of: None, lambda: False)
    for _ in rendered.frames:
        pass
    return round((time.monotonic() - started) / seconds, 2)
