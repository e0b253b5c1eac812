"""Recordings for the capture tests, rendered once a run and looked at from several sides."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cache, wraps
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest

from cameos import capture, capture_check, likenesses, speech, spoofs, voices
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


# What costs most of a check, and asks for the recording alone: a second and a half of the two.
_COSTLY = (
    (speech, "digits"),
    (speech, "numbers"),
    (voices, "least_alike"),
    (likenesses, "people_over_time"),
    (spoofs, "fingerprint"),
)
_MEASURED: dict[Any, tuple[Any, Any]] = {}


@contextmanager
def measured_once() -> Iterator[None]:
    """Meanwhile the costly parts measure the honest recording once a run, really; any other one each time."""
    with ExitStack() as patched:
        for module, name in _COSTLY:
            patched.enter_context(mock.patch.object(module, name, _once(getattr(module, name))))
        yield


def _once(part: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(part)  # its name is the key: one may be laid over the other
    def measure(seen: Any, *more: Any) -> Any:
        own = _own_arrays(seen)
        if own is None:
            return part(seen, *more)
        key = (part.__name__, *map(id, own), *more)
        if key not in _MEASURED:
            _MEASURED[key] = (own, part(seen, *more))  # the arrays stay, so that their ids stay theirs
        return _MEASURED[key][1]

    return measure


def _own_arrays(seen: Any) -> tuple[Any, ...] | None:
    """What the parts read of the honest recording or its sound; None of another one."""
    mine = honest().track
    if isinstance(seen, Track):
        known = seen.frames is mine.frames and seen.seen is mine.seen
        return (seen.frames, seen.times, seen.yaw, seen.pitch) if known else None
    return (seen,) if seen is mine.sound else None


@pytest.fixture
def watched_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
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
    with measured_once():
        yield


def judged(
    track: Track, asked: Asked = ASKED, *, known: capture.Known = capture.NOBODY
) -> capture.CaptureVerdict:
    with measured_once():
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
