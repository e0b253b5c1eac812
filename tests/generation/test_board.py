"""How an engine measures here: made, measured, kept, and shown where it is chosen."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from generation import board
from generation.engines.base import CastMember, EngineFailed
from generation.models import Clip, EngineMeasure, Generation

pytestmark = pytest.mark.django_db


def test_an_engine_is_measured_and_the_newest_row_is_shown(bob: User, client: Client, now: datetime) -> None:
    lines: list[str] = []
    first = board.measure("swatch", now=now, count=2, said=lines.append)
    assert (first.clips, first.failed, first.clip_seconds) == (2, 0, 2.0) and len(lines) == 2
    assert first.seconds_a_second > 0 and first.memory_mb > 50 and first.machine
    assert first.sharpness is not None and first.flicker is not None and first.motion is not None
    assert first.prompt_match is None and first.identity_match is None, "cloth has no words and no faces"
    assert not Generation.objects.exists() and not Clip.objects.exists(), "nothing is kept but numbers"
    EngineMeasure.objects.filter(pk=first.pk).update(prompt_match=0.87)
    client.force_login(bob)
    page = client.get("/engines").content.decode()
    assert "How they measured here" in page and "87%" in page
    assert "shows 87% of the words" in client.get("/create").content.decode(), "and where it is chosen"
    told = {row["name"]: row for row in client.get("/api/v1/engines").json()}
    assert told["swatch"]["measured"]["prompt_match"] == 0.87 and told["native"]["measured"] is None


def test_the_face_that_is_cast_is_looked_for_in_the_frames(now: datetime) -> None:
    seen: list[int] = []

    def resembles(frames: Any) -> float:
        seen.append(len(frames))
        return 0.5

    row = board.measure(
        "swatch", now=now, count=1, seconds=2, face=CastMember("A", face=b"x"), resembles=resembles
    )
    assert row.identity_match == 0.5 and seen == [4]


def test_clips_that_fail_are_counted_and_none_at_all_is_said(now: datetime) -> None:
    with pytest.raises(EngineFailed, match="out_of_memory"):
        board.measure("hungry", now=now, count=1)
    assert not EngineMeasure.objects.exists()
    with pytest.raises(CommandError, match="no engine called"):
        call_command("measure_engine", "nothing")
    with pytest.raises(CommandError, match="engine_missing"):
        call_command("measure_engine", "absent")


def test_the_command_wants_a_picture_with_one_face(tmp_path: Path) -> None:
    from PIL import Image

    grey = tmp_path / "grey.png"
    Image.new("RGB", (64, 64), "grey").save(grey)
    with pytest.raises(CommandError, match="exactly one face"):
        call_command("measure_engine", "swatch", "--face", str(grey))
    (tmp_path / "torn.png").write_bytes(b"no picture")
    with pytest.raises(CommandError, match="no picture"):
        call_command("measure_engine", "swatch", "--face", str(tmp_path / "torn.png"))


def test_the_command_keeps_a_row_and_says_it(capsys: Any) -> None:
    call_command("measure_engine", "swatch", "--clips", "1")
    assert "s of work a second of clip" in capsys.readouterr().out
    assert EngineMeasure.objects.get().engine == "swatch"
