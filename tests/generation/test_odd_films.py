"""Films of every kind in one reel: any size and rate, sideways, wide range, silent, too short, too long."""

from __future__ import annotations

import struct
from contextlib import closing
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from cameos.intake import sandbox
from cameos.intake.kinds import StreamLimits
from generation import footage
from generation.engines.base import Job
from generation.engines.studio import StudioEngine
from generation.states import Verb
from tests.generation import films

SIZE = (144, 256)


def plain(path: Path, *, seed: int, size: tuple[int, int], fps: float, sound: bool) -> Path:
    pictures = (p for p, _ in films.frames(1.2, seed=seed, size=size, fps=fps))
    return films.film(path, pictures, fps, sound)


def sideways(path: Path, **kind: Any) -> Path:
    """A phone that was held across: the file says that it is to be turned by a quarter."""
    head, track = plain(path, **kind).read_bytes().split(b"tkhd")
    straight, turned = (
        struct.pack(">9i", a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30)
        for a, b, c, d in ((1, 0, 0, 1), (0, 1, -1, 0))
    )
    path.write_bytes(head + b"tkhd" + track.replace(straight, turned, 1))
    return path


def of_range(path: Path, transfer: str, grey: int) -> Path:
    """A film that says which curve its light follows."""
    with av.open(str(path), "w", format="mp4") as container:
        options = {"preset": "ultrafast", "x264-params": f"transfer={transfer}"}
        stream = container.add_stream("libx264", rate=10, options=options)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for number in range(10):
            picture = np.full((120, 160, 3), grey, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def test_films_of_every_kind_become_one_reel(tmp_path: Path) -> None:
    paths = [
        plain(tmp_path / "wide.mp4", seed=1, size=(320, 180), fps=30, sound=True),
        plain(tmp_path / "upright.mp4", seed=2, size=(136, 240), fps=12, sound=False),
        sideways(tmp_path / "sideways.mp4", seed=3, size=(160, 120), fps=24, sound=False),
        of_range(tmp_path / "hlg.mp4", "arib-std-b67", 150),
    ]
    job = Job(prompt="", verb=Verb.REEL, seed=1, seconds=5, size=SIZE, how={"steady": True}, films=paths)
    rendered = StudioEngine().render(job, lambda done, of: None, lambda: False)
    frames = list(rendered.frames)
    assert len(frames) == rendered.frame_count == pytest.approx(4.6 * rendered.fps, abs=4)
    assert rendered.fps == 30 and {frame.shape for frame in frames} == {(256, 144, 3)}
    assert {number for number, _from, _to in rendered.facts["segments"]} == {0, 1, 2, 3}
    assert rendered.audio is not None and len(rendered.audio) == pytest.approx(len(frames) * 1600, abs=2)


@pytest.mark.parametrize("transfer", ["arib-std-b67", "smpte2084"])
def test_wide_range_is_brought_to_a_plain_screen(tmp_path: Path, transfer: str) -> None:
    seen = {}
    for name in ("bt709", transfer):
        with closing(
            sandbox.open_film(of_range(tmp_path / f"{name}.mp4", name, 130), StreamLimits())
        ) as film:
            seen[name] = float(np.mean([picture for _at, picture in film.timed()]))
    assert seen["bt709"] == pytest.approx(130, abs=4) and seen[transfer] > 145


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("times", "reason"), [([0, 0.1], "too_short"), ([0, 10_800.0], "implausible_length")]
)
def test_a_blink_and_three_hours_are_refused_by_name_and_their_files_are_gone(
    bob: User, now: datetime, settings: Any, tmp_path: Path, times: list[float], reason: str
) -> None:
    settings.DATA_DIR = tmp_path
    pictures = [p for p, _ in films.frames(0.1, size=(160, 120))][:2]
    path = films.uneven(tmp_path / "a.mp4", pictures, times)
    row = footage.take(maker=bob, file=SimpleUploadedFile("a.mp4", path.read_bytes()), now=now)
    footage.open_one(row.pk, now)
    row.refresh_from_db()
    assert (row.state, row.reason) == ("REFUSED", reason)
    assert len(footage.sentence(row)) > 20 and not row.path.exists()
