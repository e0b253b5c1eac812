"""Labels that places ask for, drilled with their moments: off, on, and what then is in picture and file."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from accounts.models import User
from generation.hand import drain
from generation.models import Clip, Generation
from generation.provenance import china, manifest
from tests.generation.conftest import Ask


def made(ask: Ask, bob: User, folder: Path) -> tuple[Clip, dict[str, Path]]:
    asked = ask(bob)
    drain()
    clip = Generation.objects.get(pk=asked.pk).clip
    assert clip is not None
    return clip, {row.kind: folder / row.path for row in clip.renditions.all()}


def fields_of(film: Path) -> dict[str, str]:
    with av.open(str(film)) as container:
        return dict(container.metadata)


def test_a_host_for_china_labels_picture_and_file_from_the_next_clip_on(
    ask: Ask, bob: User, settings: Any
) -> None:
    folder = Path(settings.MEDIA_ROOT)
    before, plain = made(ask, bob, folder)
    settings.CHINA_LABELS = True
    switched_at = before.sealed_at
    after, labelled = made(ask, bob, folder)
    assert after.sealed_at >= switched_at
    assert all(china.FIELD not in fields_of(plain[kind]) for kind in ("mp4_720", "mp4_360"))
    for kind in ("mp4_720", "mp4_360"):
        told = json.loads(fields_of(labelled[kind])[china.FIELD])
        assert (told["Label"], told["ContentProducer"]) == ("1", settings.SITE_HOST)
        assert told["ProduceID"] == after.mark_payload, "the number leads back to the clip"
        assert manifest.read(labelled[kind]).is_ours, "the field was there before the file was signed"
    with Image.open(labelled["poster"]) as poster:
        assert b"TC260:AIGC" in poster.info["xmp"]
        assert shows_label(np.asarray(poster.convert("RGB")))
    with Image.open(plain["poster"]) as poster:
        assert "xmp" not in poster.info


def shows_label(picture: np.ndarray) -> bool:
    """Where the label stands, its white strokes with dark rims are what is seen."""
    height, width = picture.shape[:2]
    flat = np.full_like(picture, 127)
    drawn = china.label((width, height))(flat)
    inside = np.abs(drawn.astype(int) - 127).max(axis=2) > 80
    assert inside.sum() > 100
    seen = picture[inside].astype(float).mean(axis=1)
    wanted = drawn[inside].astype(float).mean(axis=1)
    return float(np.corrcoef(seen, wanted)[0, 1]) > 0.6


@pytest.mark.parametrize("size", [(720, 1280), (1280, 720), (216, 384)])
def test_the_label_is_a_twentieth_of_the_shorter_side_high(size: tuple[int, int]) -> None:
    drawn = china.label(size)(np.zeros((size[1], size[0], 3), np.uint8))
    rows = np.flatnonzero(drawn.max(axis=(1, 2)) > 100)
    assert rows[-1] - rows[0] + 1 >= 0.9 * china.SHARE * min(size)


@pytest.mark.parametrize("shade", [0, 127, 255])
def test_the_signs_are_white_with_a_dark_rim_on_the_smallest_picture_too(shade: int) -> None:
    drawn = china.label((216, 384))(np.full((384, 216, 3), shade, np.uint8))[:, :, 0]
    changed = drawn[np.abs(drawn.astype(int) - shade) > 20]
    assert (drawn > 200).sum() > 150 and (drawn < 90).sum() > 150, "strokes and rim, both whole"
    rows = np.flatnonzero((drawn != shade).any(axis=1))
    assert changed.size > 300 and np.ptp(rows) >= 0.9 * china.LEAST_HEIGHT


def test_what_was_filmed_is_not_labelled_as_made(settings: Any, now: datetime, db: None) -> None:
    from generation.provenance import marks

    settings.CHINA_LABELS = True
    assert china.FIELD in marks.marks_for("bob", (216, 384)).fields
    assert not marks.marks_for("bob", (216, 384), by_model=False).fields
