"""Recordings for the capture tests, rendered once a run and looked at from several sides."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cameos import capture, capture_check
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


@pytest.fixture
def watched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The honest recording is decoded and watched once a run, with the real parts; every check of it is made
    anew. (Watching costs half a second for each second of film, and many tests hand in the same film.)"""
    decode, look = capture_check.decode_video, capture.watch

    def decode_once(path: Path, limits: Any) -> Decoded:
        is_known = path.read_bytes() == honest().data
        return honest().decoded if is_known else decode(path, limits)

    def look_once(decoded: Decoded, **more: Any) -> Track:
        return honest().track if decoded is honest().decoded else look(decoded, **more)

    monkeypatch.setattr(capture_check, "decode_video", decode_once)
    monkeypatch.setattr(capture, "watch", look_once)


def judged(
    track: Track, asked: Asked = ASKED, *, known: capture.Known = capture.NOBODY
) -> capture.CaptureVerdict:
    return capture.judge(track, asked, known=known)


def known(**faces: np.ndarray) -> capture.Known:
    """Somebody else's face among nobodies."""
    return replace(capture.NOBODY, **faces)


def checked(asked: Asked = ASKED, **spoiled: Any) -> capture.CaptureVerdict:
    """The check on the honest recording with some of its arrays replaced."""
    return capture.check(replace(honest().decoded, **spoiled), asked)


def shortened(frames: np.ndarray) -> dict[str, Any]:
    """Every third frame and its time: enough for checks that look at single pictures."""
    decoded = honest().decoded
    return {"frames": np.ascontiguousarray(frames[::3]), "times": decoded.times[::3]}
