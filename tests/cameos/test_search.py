"""How near is near enough among everybody enrolled, and what an operator is shown of it."""

from __future__ import annotations

from datetime import datetime
from io import StringIO
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command

from accounts.models import User
from cameos import face_curve, faces, inspection, references, revocation
from cameos.models import Cameo, Reference
from cameos.search import FaceIndex, thresholds
from tests.cameos.making import likeness_of

data = pytest.importorskip("skimage.data")


def test_the_more_are_enrolled_the_nearer_it_has_to_be() -> None:
    sizes = [thresholds(count) for count in (1, 100, 10_000, 100_000)]
    assert all(a.stop >= b.stop and a.hold >= b.hold for a, b in zip(sizes, sizes[1:], strict=False))
    assert all(bounds.stop <= bounds.hold < faces.SAME_PERSON for bounds in sizes)
    assert sizes[-1].stop < 0.4


def test_search_finds_who_is_near_and_nobody_else() -> None:
    rng = np.random.default_rng(3)
    vectors = rng.standard_normal((500, 128)).astype(np.float32)
    vectors[[7, 300]] = vectors[42] + np.float32(0.01)
    found = FaceIndex(vectors, tuple(range(1000, 1500))).near(vectors[[42, 9]], 0.5)
    assert {cameo_id for cameo_id, _ in found[0]} == {1007, 1042, 1300}
    assert dict(found[0])[1007] == pytest.approx(0.01 * 128**0.5, abs=1e-3)
    assert [cameo_id for cameo_id, _ in found[1]] == [1009]


@pytest.mark.parametrize(("count", "of", "bound"), [(0, 29, 0.0981), (0, 60, 0.0487), (5, 100, 0.1023)])
def test_bounds_are_those_of_clopper_and_pearson(count: int, of: int, bound: float) -> None:
    assert face_curve.upper_bound(count, of) == pytest.approx(bound, abs=0.0008)


@pytest.mark.django_db
def test_an_operator_prints_the_curve_and_no_goal_is_claimed_of_few(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = list(face_curve.conditions(data.astronaut()))[:2]
    monkeypatch.setattr(face_curve, "conditions", lambda picture: plain)
    monkeypatch.setattr(face_curve, "packaged", lambda: {"her": [("a", data.astronaut())]})
    out = StringIO()
    call_command("face_curve", stdout=out)
    told = out.getvalue()
    assert "identities 1   pictures 2" in told and "pairs of one person 1" in told
    assert "No goal is claimed below 20 identities." in told and "<- here" in told


@pytest.mark.django_db
class TestVectorsInMemory:
    def enrol(self, cameo: Cameo, value: float, now: datetime) -> None:
        vector = np.full(128, value, "<f4").tobytes()
        references.store(cameo, Reference.Kind.FACE_VECTOR, vector, now)

    def test_they_are_opened_once(
        self, alice: User, bob: User, now: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.enrol(likeness_of(alice, now), 1.0, now)
        references.load_index(object())
        monkeypatch.setattr(references.vault, "open", lambda *asked: 1 / 0)
        assert len(references.load_index(object()).cameo_ids) == 1

    def test_who_erases_is_forgotten_by_a_worker_that_inspects_nothing(
        self, alice: User, bob: User, now: datetime
    ) -> None:
        cameos = [likeness_of(alice, now), likeness_of(bob, now)]
        for cameo in cameos:
            self.enrol(cameo, float(cameo.pk), now)
        references.load_index(object())
        revocation.erase(cameo=cameos[0], owner=alice, now=now)
        assert references.drop_erased() == 1
        kept = references._KEPT[Reference.Kind.FACE_VECTOR]
        assert [name for name, _ in kept] == [cameos[1].public_id]
        assert references.drop_erased() == 0

    def test_a_newer_recording_counts(self, alice: User, now: datetime) -> None:
        cameo = likeness_of(alice, now)
        for value in (1.0, 2.0):
            self.enrol(cameo, value, now)
            assert references.load_index(object()).vectors[0, 0] == value


@pytest.mark.django_db
class TestOfferedPhotographs:
    @pytest.fixture
    def her(self, alice: User, now: datetime) -> Cameo:
        cameo = likeness_of(alice, now)
        vector = faces.embed(data.astronaut(), faces.find(data.astronaut())[0]).astype("<f4")
        references.store(cameo, Reference.Kind.FACE_VECTOR, vector.tobytes(), now)
        return cameo

    def test_of_alice_who_was_not_cast_is_refused(self, her: Cameo) -> None:
        assert inspection.inspect_photo(data.astronaut()).rule == "unlisted_face"

    def test_of_alice_who_was_cast_is_fine(self, her: Cameo) -> None:
        permit: Any = SimpleNamespace(cameo=her)
        assert inspection.inspect_photo(data.astronaut(), permitted=[permit]).rule == ""

    def test_of_a_real_person_whom_nobody_knows_is_refused(self, db: None) -> None:
        assert inspection.inspect_photo(data.astronaut()).rule == "face_without_grant"

    def test_of_a_coffee_cup_is_fine(self, her: Cameo) -> None:
        assert inspection.inspect_photo(data.coffee()).rule == ""
