"""Recordings for the capture tests, rendered once a run and looked at from several sides."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cameos import capture
from cameos.challenge import IGNORED_S, Asked
from cameos.intake.sandbox import Decoded, decode_video
from cameos.watching import Track, watch
from tests import likeness_media as media

ASKED = media.asked(["left", "up"], [4, 1, 7])

needs_voice = pytest.mark.skipif(
    not media.has_voice(), reason="the spoken numbers need Debian's package flite (make test installs it)"
)


@dataclass(frozen=True)
class Honest:
    """Alice's answer to `ASKED`: the file, what the sandbox made of it, and what was seen in it."""

    path: Path
    decoded: Decoded
    track: Track

    @property
    def data(self) -> bytes:
        return self.path.read_bytes()


@cache
def honest() -> Honest:
    path = Path(tempfile.mkdtemp(prefix="understudy-take-")) / "honest.mp4"
    media.render(path, media.answer(ASKED))
    decoded = decode_video(path)
    return Honest(path, decoded, watch(decoded, ignored_s=IGNORED_S))


def judged(track: Track, asked: Asked = ASKED) -> capture.CaptureVerdict:
    return capture.judge(track, asked)


def checked(asked: Asked = ASKED, **spoiled: Any) -> capture.CaptureVerdict:
    """The check on the honest recording with some of its arrays replaced."""
    return capture.check(replace(honest().decoded, **spoiled), asked)


def shortened(frames: np.ndarray) -> dict[str, Any]:
    """Every third frame and its time: enough for checks that look at single pictures."""
    decoded = honest().decoded
    return {"frames": np.ascontiguousarray(frames[::3]), "times": decoded.times[::3]}
