"""Pictures that people bring to begin clips from: one frame each, everybody in it cast, or refused."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts import books
from accounts.models import User
from cameos import faces, references, revocation
from cameos.models import Cameo, LikenessUse, Reference
from generation import access, actions, credits, filming, footage, hand, offering, orphans
from generation.models import Clip, Footage, Generation
from generation.refusals import CannotMake
from generation.states import State, Verb
from tests.generation import films
from tests.generation.conftest import Ask, allow
from tests.generation.test_films import finished, walk

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    settings.JOURNAL_PATH = tmp_path / "journal.jsonl"


def coffee() -> np.ndarray:
    from skimage.data import coffee as cup

    return np.asarray(cup(), np.uint8)


def astronaut() -> np.ndarray:
    from skimage.data import astronaut as photo

    return np.asarray(photo(), np.uint8)


def bring(maker: User, picture: np.ndarray, now: datetime, kind: str = ".jpg") -> Footage:
    data = cv2.imencode(kind, picture[..., ::-1])[1].tobytes()
    row = footage.take(maker=maker, file=SimpleUploadedFile(f"me{kind}", data), now=now)
    footage.open_one(row.pk, now)
    row.refresh_from_db()
    return row


def photo_of(maker: User, row: Footage, now: datetime, cast: tuple[Cameo, ...] = ()) -> Generation:
    return filming.request(
        maker=maker, films=[row], verb=Verb.PHOTO, seconds=5, aspect="1:1", cast=cast, now=now
    )


def enrolled(likeness: Cameo, now: datetime) -> None:
    """Alice's likeness is that of the face in the photo of the astronaut."""
    picture = films.face()
    vector = faces.embed(picture, faces.find(picture)[0]).astype(references.VECTOR)
    references.store(likeness, Reference.Kind.FACE_VECTOR, vector.tobytes(), now)


@pytest.mark.parametrize("kind", [".jpg", ".png", ".webp"])
def test_a_picture_becomes_a_clip_of_one_frame_that_is_no_machines(
    bob: User, now: datetime, vectors: str, kind: str
) -> None:
    row = bring(bob, coffee(), now, kind)
    assert row.is_picture and (row.width, row.height) == (600, 400) and row.glimpse
    before = credits.balance(bob)
    clip = finished(photo_of(bob, row, now))
    assert clip.origin == Clip.Origin.UPLOADED and clip.is_photo and clip.duration_ms < 200
    assert (clip.width, clip.height) == (960, 960) and before - credits.balance(bob) == 1


def test_engines_that_read_pictures_go_on_from_it_and_it_stands_in_the_lineage(
    ask: Ask, bob: User, now: datetime
) -> None:
    clip = finished(photo_of(bob, bring(bob, coffee(), now), now))
    offered = offering.engines_for(Verb.IMAGE, clip=clip)
    assert "swatch" in offered and "native" not in offered, "the native engine reads scenes alone"
    made = ask(bob, "steam rises", verb="image", parent=clip, seconds=1)
    film = finished(made)
    assert film.origin == Clip.Origin.GENERATED
    assert [ingredient.source for ingredient in film.ingredients.all()] == [clip]


def test_a_picture_out_of_a_clip_of_this_host_is_not_brought_back(
    ask: Ask, bob: User, carol: User, now: datetime, settings: Any
) -> None:
    clip = finished(ask(bob))
    poster = Path(settings.MEDIA_ROOT) / clip.renditions.get(kind="poster").path
    row = footage.take(maker=carol, file=SimpleUploadedFile("found.webp", poster.read_bytes()), now=now)
    footage.open_one(row.pk, now)
    row.refresh_from_db()
    assert (row.state, row.reason) == (Footage.State.REFUSED, footage.OURS)


def test_whoever_is_in_it_without_being_cast_stops_it_and_nothing_is_spent(
    bob: User, now: datetime, client: Client, vectors: str
) -> None:
    before = credits.balance(bob)
    made = photo_of(bob, bring(bob, astronaut(), now), now)
    hand.drain()
    made.refresh_from_db()
    assert (made.state, made.refusal_rule) == (State.REFUSED, "face_without_grant")
    assert credits.balance(bob) == before and not Clip.objects.exists()
    assert orphans.find(now) == [] and books.unbalanced() == []
    client.force_login(bob)
    page = client.get(f"/generations/{made.public_id}").content.decode()
    assert "Somebody is in this picture who was not cast" in page


def test_alice_in_it_is_nobodys_to_use_until_she_allows_it(
    bob: User, likeness: Cameo, now: datetime, vectors: str
) -> None:
    enrolled(likeness, now)
    row = bring(bob, astronaut(), now)
    without = photo_of(bob, row, now)
    hand.drain()
    without.refresh_from_db()
    assert (without.state, without.refusal_rule) == (State.REFUSED, "face_without_grant")
    assert "Alice" not in without.refusal_evidence
    allow(likeness, bob, now)
    clip = finished(photo_of(bob, row, now, (likeness,)))
    assert clip.cast_count == 1 and LikenessUse.objects.filter(clip=clip, cameo=likeness).exists()


def test_alice_keeps_her_say_in_what_begins_with_her_picture(
    ask: Ask, bob: User, likeness: Cameo, now: datetime
) -> None:
    enrolled(likeness, now)
    allow(likeness, bob, now)
    clip = finished(photo_of(bob, bring(bob, astronaut(), now), now, (likeness,)))
    waiting = ask(bob, "she waves", verb="image", parent=clip, seconds=1)
    assert [member.cameo for member in waiting.cast.all()] == [likeness]
    revocation.revoke(cameo=likeness, owner=likeness.owner, now=now)
    waiting.refresh_from_db()
    assert waiting.state == State.CANCELLED
    assert not access.clips(bob).filter(pk=clip.pk).exists()


def test_films_and_pictures_are_not_taken_for_each_other(
    bob: User, now: datetime, tmp_path: Path, vectors: str
) -> None:
    picture = bring(bob, coffee(), now)
    film = footage.take(
        maker=bob, file=SimpleUploadedFile("a.mp4", walk(tmp_path / "a.mp4").read_bytes()), now=now
    )
    footage.open_one(film.pk, now)
    film.refresh_from_db()
    for row, verb in ((picture, Verb.FILM), (picture, Verb.REEL), (film, Verb.PHOTO)):
        with pytest.raises(CannotMake) as refused:
            filming.request(maker=bob, films=[row], verb=verb, seconds=5, aspect="4:3", now=now)
        assert refused.value.code == "footage_kind"
    assert not Generation.objects.exists()


def test_what_is_half_a_picture_is_refused_by_name(bob: User, now: datetime) -> None:
    data = cv2.imencode(".jpg", coffee())[1].tobytes()[:200]
    row = footage.take(maker=bob, file=SimpleUploadedFile("half.jpg", data), now=now)
    footage.open_one(row.pk, now)
    row.refresh_from_db()
    assert row.state == Footage.State.REFUSED and footage.sentence(row) and not row.path.exists()


def test_the_page_takes_a_picture_and_makes_a_clip_of_it(bob: User, client: Client, vectors: str) -> None:
    client.force_login(bob)
    data = cv2.imencode(".jpg", coffee()[..., ::-1])[1].tobytes()
    client.post("/create/films", {"films": SimpleUploadedFile("cup.jpg", data, content_type="image/jpeg")})
    row = Footage.objects.get()
    footage.open_one(row.pk, row.created_at)
    assert ">picture<" in client.get("/create/films").content.decode()
    sent = {"footage": str(row.public_id), "verb": "photo", "seconds": "15", "aspect": "1:1", "cut": "1"}
    made = client.post("/create/films", sent)
    assert made.status_code == 302 and Generation.objects.get().verb == Verb.PHOTO
    clip = finished(Generation.objects.get())
    assert client.get(f"/clips/{clip.public_id}/ways").status_code == 200


def test_somebody_elses_photo_is_gone_on_from_only_where_it_is_let(
    bob: User, carol: User, now: datetime, vectors: str
) -> None:
    clip = finished(photo_of(bob, bring(bob, coffee(), now), now))
    assert actions.remixable(clip, bob) and not actions.remixable(clip, carol)
