"""Whose face is in a finished clip: those who were cast are fine, an enrolled person who was not stops it."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

from cameos import faces, inspection, references
from cameos.models import Cameo, Reference

data = pytest.importorskip("skimage.data")


@pytest.fixture(scope="module")
def portrait() -> Any:
    """NASA's portrait of Eileen Collins, in the public domain."""
    return data.astronaut()


@pytest.fixture
def enrolled(alice: Any, now: datetime, portrait: Any) -> Cameo:
    """Alice, whose face is the portrait's."""
    cameo = Cameo.objects.create(owner=alice, name="Alice", state="verified", verified_at=now, created_at=now)
    vector = faces.embed(portrait, faces.find(portrait)[0]).astype("<f4")
    references.store(cameo, Reference.Kind.FACE_VECTOR, vector.tobytes(), now)
    return cameo


def darker(picture: Any, share: float) -> Any:
    return (picture * share).astype(np.uint8)


def test_alice_in_a_clip_that_cast_her_is_fine_and_recognised(enrolled: Cameo, portrait: Any) -> None:
    permit: Any = SimpleNamespace(cameo=enrolled)
    found = inspection.inspect(frames=[portrait, darker(portrait, 0.8)], permitted=[permit])
    assert not found.is_refused and found.face_count == 2
    assert found.identity[enrolled.pk] > 0.6


def test_alice_in_a_clip_that_did_not_cast_her_stops_it_and_nobody_is_named(
    enrolled: Cameo, portrait: Any
) -> None:
    found = inspection.inspect(frames=[portrait, darker(portrait, 0.8)], permitted=[])
    assert found.is_refused and found.evidence == "2 / 2"
    assert "Alice" not in found.evidence


def test_one_frame_is_a_trick_of_the_light_and_an_empty_stage_shows_nobody(
    enrolled: Cameo, portrait: Any
) -> None:
    stage = np.full_like(portrait, 90)
    assert not inspection.inspect(frames=[portrait, stage, stage], permitted=[]).is_refused
    assert inspection.inspect(frames=[stage] * 3, permitted=[]).face_count == 0


def test_another_person_enrolled_is_not_taken_for_her(enrolled: Cameo, portrait: Any) -> None:
    other = references.FaceIndex(np.roll(np.eye(1, 128, dtype=np.float32), 5), (enrolled.pk,))
    found = inspection.inspect(frames=[portrait] * 3, permitted=[], index=other)
    assert found.face_count == 3 and not found.matches


def test_an_erased_person_is_searched_for_no_more(enrolled: Cameo, portrait: Any, now: datetime) -> None:
    Cameo.objects.filter(pk=enrolled.pk).update(erased_at=now, state="erased")
    assert not inspection.inspect(frames=[portrait] * 3, permitted=[]).is_refused


def test_alice_far_off_in_a_tall_clip_is_found_too(enrolled: Cameo, portrait: Any) -> None:
    """Her face is 45 pixels high: small for a finder that halves the picture twice, and still an identity."""
    frame = np.full((1280, 720, 3), 118, np.uint8)
    frame[500:705, 250:455] = cv2.resize(portrait, (205, 205), interpolation=cv2.INTER_AREA)

    found = inspection.inspect(frames=[frame, darker(frame, 0.8)], permitted=[])

    assert found.is_refused and found.evidence == "2 / 2"
