"""Films that people bring: taken in, opened behind walls, cut, and nobody shown who was not asked."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404
from django.test import Client

from accounts import personal
from accounts.models import User
from cameos import faces, references
from cameos.models import Cameo, LikenessUse, Reference
from generation import actions, filming, footage, hand
from generation.forms_films import CutForm
from generation.models import Clip, Footage, Generation
from generation.provenance import manifest
from generation.refusals import CannotMake, FileNotTaken
from generation.states import State, Verb
from model import video
from tests.generation import films
from tests.generation.conftest import Ask, allow

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def bring(maker: User, path: Path, now: datetime) -> Footage:
    row = footage.take(
        maker=maker, file=SimpleUploadedFile("holiday/../beach.mp4", path.read_bytes()), now=now
    )
    footage.open_one(row.pk, now)
    row.refresh_from_db()
    return row


def walk(path: Path, *, person: bool = True, seconds: float = 2.0, seed: int = 1) -> Path:
    return films.film(path, (picture for picture, _ in films.frames(seconds, seed=seed, person=person)))


def finished(row: Generation) -> Clip:
    hand.drain()
    row.refresh_from_db()
    assert row.state == State.READY, (row.state, row.error, row.refusal_rule)
    assert row.clip is not None
    return row.clip


def shown(clip: Clip, settings: Any) -> list[np.ndarray]:
    path = Path(settings.MEDIA_ROOT) / clip.renditions.get(kind="mp4_720").path
    return list(video.read_frames(path))


def recognised(pictures: list[np.ndarray]) -> float:
    """Share of pictures in which the person of the test films can be told by their face."""
    photo = films.face()
    known = faces.embed(photo, faces.find(photo)[0])
    told = 0
    for picture in pictures:
        found = faces.find(picture)
        told += any(faces.distance(known, faces.embed(picture, face)) < faces.SAME_PERSON for face in found)
    return told / len(pictures)


def test_one_film_becomes_a_clip_that_says_it_was_filmed(
    bob: User, now: datetime, settings: Any, tmp_path: Path, vectors: str
) -> None:
    row = bring(bob, walk(tmp_path / "a.mp4", person=False), now)
    assert (row.state, row.title, row.has_sound) == ("READY", "beach", True)
    assert row.seconds == pytest.approx(2.0, abs=0.1) and bytes(row.glimpse[:3]) == b"\xff\xd8\xff"
    made = filming.request(maker=bob, films=[row], verb=Verb.FILM, seconds=5, aspect="9:16", now=now)
    clip = finished(made)
    assert clip.origin == Clip.Origin.UPLOADED and (clip.width, clip.height) == (720, 1280)
    assert clip.duration_ms == pytest.approx(2000, abs=70)
    path = Path(settings.MEDIA_ROOT) / clip.renditions.get(kind="mp4_720").path
    assert manifest.read(path).is_ours
    data = path.read_bytes()
    assert b"humanEdits" in data and b"trainedAlgorithmicMedia" not in data
    assert video.probe(path).audio_codec == "aac"


def test_the_face_of_somebody_who_was_not_asked_is_in_no_picture(
    bob: User, now: datetime, settings: Any, tmp_path: Path, vectors: str
) -> None:
    source = walk(tmp_path / "a.mp4", seconds=2.0)
    row = bring(bob, source, now)
    clip = finished(
        filming.request(maker=bob, films=[row], verb=Verb.FILM, seconds=5, aspect="16:9", now=now)
    )
    pictures = shown(clip, settings)
    assert len(pictures) == pytest.approx(60, abs=2)
    assert recognised(pictures[::4]) == 0 and recognised(list(video.read_frames(source))[::4]) > 0.8


def test_somebody_who_was_cast_is_shown_and_has_a_say_until_they_revoke(
    bob: User, likeness: Cameo, now: datetime, settings: Any, tmp_path: Path, vectors: str
) -> None:
    allow(likeness, bob, now)
    picture = films.face()
    found = faces.find(picture)[0]
    vector = faces.embed(picture, found).astype(references.VECTOR)
    references.store(likeness, Reference.Kind.FACE_VECTOR, vector.tobytes(), now)
    row = bring(bob, walk(tmp_path / "a.mp4", seconds=2.0), now)
    clip = finished(
        filming.request(
            maker=bob, films=[row], verb=Verb.FILM, seconds=5, aspect="16:9", cast=[likeness], now=now
        )
    )
    assert clip.cast_count == 1 and LikenessUse.objects.filter(clip=clip, cameo=likeness).exists()
    assert recognised(shown(clip, settings)[2::6]) >= 0.8


def test_a_reel_takes_from_every_film_lasts_as_asked_and_has_its_music(
    bob: User, now: datetime, settings: Any, tmp_path: Path, vectors: str
) -> None:
    rows = [
        bring(bob, walk(tmp_path / f"{seed}.mp4", person=False, seconds=2.4, seed=seed), now)
        for seed in (1, 2, 3)
    ]
    made = filming.request(
        maker=bob, films=rows, verb=Verb.REEL, seconds=4, aspect="1:1",
        how={"music": "lively", "fade": True, "steady": True}, prompt="a red kite over the sea", now=now,
    )  # fmt: skip
    clip = finished(made)
    assert clip.duration_ms == pytest.approx(4000, abs=700) and clip.prompt == "a red kite over the sea"
    means = [frame.mean(axis=(0, 1)) for frame in shown(clip, settings)[::6]]
    rooms = [films.room(seed, (644, 364)).mean(axis=(0, 1)) for seed in (1, 2, 3)]
    nearest = {int(np.argmin([np.abs(mean - room).sum() for room in rooms])) for mean in means}
    assert len(nearest) >= 2  # colours are brought together, so that not each room is its own nearest


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda p: p.write_bytes(b"no film at all" * 50), "unknown_kind"),
        (lambda p: films.film(p, [f for f, _ in films.frames(0.2)]), "too_short"),
        (
            lambda p: p.write_bytes(films.film(p, [f for f, _ in films.frames(1.0)]).read_bytes()[:3000]),
            "broken",
        ),
    ],
)
def test_what_is_no_film_is_refused_by_name_and_its_file_is_gone(
    bob: User, now: datetime, tmp_path: Path, make: Any, reason: str
) -> None:
    make(tmp_path / "a.mp4")
    row = bring(bob, tmp_path / "a.mp4", now)
    assert (row.state, row.reason) == ("REFUSED", reason)
    assert footage.sentence(row) and not row.path.exists()


def test_an_empty_file_and_a_forty_first_are_refused_at_the_door(
    bob: User, now: datetime, tmp_path: Path
) -> None:
    with pytest.raises(FileNotTaken):
        footage.take(maker=bob, file=SimpleUploadedFile("a.mp4", b""), now=now)
    for n in range(footage.MOST):
        name = f"{n:032x}"
        Footage.objects.create(
            maker=bob, title="x", name=name, size=1, sha256=name, created_at=now, used_at=now
        )
    with pytest.raises(CannotMake) as refused:
        footage.take(maker=bob, file=SimpleUploadedFile("a.mp4", b"x"), now=now)
    assert refused.value.code == "footage_too_many"


def test_the_same_film_twice_is_kept_once(bob: User, now: datetime, tmp_path: Path) -> None:
    data = walk(tmp_path / "a.mp4", person=False, seconds=1.0).read_bytes()
    first, again = (
        footage.take(maker=bob, file=SimpleUploadedFile(name, data), now=now) for name in ("a.mp4", "b.mp4")
    )
    assert first == again and first.sha256 == hashlib.sha256(data).hexdigest()
    assert len(list((tmp_path / "footage").iterdir())) == 1


def test_a_clip_of_this_host_is_not_brought_back_as_a_film(
    ask: Ask, bob: User, alice: User, now: datetime, settings: Any, tmp_path: Path
) -> None:
    clip = finished(ask(alice, seconds=2))
    path = Path(settings.MEDIA_ROOT) / clip.renditions.get(kind="mp4_720").path
    row = bring(bob, path, now)
    assert (row.state, row.reason) == ("REFUSED", "ours") and "Remix" in footage.sentence(row)


def test_what_one_filmed_is_taken_again_from_whoever_filmed_it_alone(
    bob: User, alice: User, now: datetime, settings: Any, tmp_path: Path, vectors: str
) -> None:
    source = walk(tmp_path / "a.mp4", person=False)
    first = bring(bob, source, now)
    clip = finished(
        filming.request(maker=bob, films=[first], verb=Verb.FILM, seconds=5, aspect="16:9", now=now)
    )
    footage.drop(maker=bob, public_id=first.public_id)
    again = bring(bob, source, now)
    assert (again.state, again.reason) == ("READY", "")
    stolen = bring(alice, source, now)
    assert (stolen.state, stolen.reason) == ("REFUSED", "anothers") and "report" in footage.sentence(stolen)
    rendered = bring(bob, Path(settings.MEDIA_ROOT) / clip.renditions.get(kind="mp4_720").path, now)
    assert (rendered.state, rendered.reason) == ("REFUSED", "finished")
    assert "keeps its label" in footage.sentence(rendered)
    Clip.objects.filter(pk=clip.pk).update(withdrawn_at=now)  # somebody in it ended their permission
    footage.drop(maker=bob, public_id=again.public_id)
    assert bring(bob, source, now).reason == "ours"


def test_films_are_their_makers_alone(
    bob: User, alice: User, client: Client, now: datetime, tmp_path: Path, vectors: str
) -> None:
    row = bring(bob, walk(tmp_path / "a.mp4", person=False, seconds=1.0), now)
    with pytest.raises(Http404):
        footage.drop(maker=alice, public_id=row.public_id)
    with pytest.raises(CannotMake) as refused:
        filming.request(maker=alice, films=[row], verb=Verb.FILM, seconds=5, aspect="9:16", now=now)
    assert refused.value.code == "footage_gone"
    client.force_login(alice)
    assert client.get(f"/create/films/{row.public_id}/glimpse").status_code == 404


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({}, "footage_missing"),
        ({"footage": ["../../etc/passwd"]}, "footage_missing"),
        ({"footage": [f"{n:08x}-0000-4000-8000-000000000000" for n in range(13)]}, "footage_too_much"),
        ({"footage": ["00000001-0000-4000-8000-000000000000"], "music": "loud"}, "music_unknown"),
        ({"footage": ["00000001-0000-4000-8000-000000000000"]}, "footage_gone"),
    ],
)
def test_a_request_without_films_of_ones_own_has_a_name(
    bob: User, now: datetime, how: dict[str, Any], code: str, vectors: str
) -> None:
    with pytest.raises(CannotMake) as refused:
        actions.request_generation(
            maker=bob, prompt="", verb=Verb.REEL, cast=[], how=how, engine="studio", now=now
        )
    assert refused.value.code == code and Generation.objects.count() == 0


def test_a_film_in_use_stays_and_one_that_vanished_fails_with_the_credits_back(
    bob: User, now: datetime, tmp_path: Path, vectors: str
) -> None:
    from generation import credits

    before = credits.balance(bob)
    row = bring(bob, walk(tmp_path / "a.mp4", person=False, seconds=1.0), now)
    made = filming.request(maker=bob, films=[row], verb=Verb.FILM, seconds=5, aspect="9:16", now=now)
    with pytest.raises(CannotMake) as refused:
        footage.drop(maker=bob, public_id=row.public_id)
    assert refused.value.code == "footage_in_use"
    row.path.unlink()
    hand.drain()
    made.refresh_from_db()
    assert (made.state, made.error) == (State.FAILED, "footage_gone") and credits.balance(bob) == before


def test_what_was_filmed_is_not_remixed_and_its_pages_offer_nothing_of_the_kind(
    bob: User, client: Client, now: datetime, tmp_path: Path, vectors: str
) -> None:
    row = bring(bob, walk(tmp_path / "a.mp4", person=False, seconds=1.0), now)
    clip = finished(
        filming.request(maker=bob, films=[row], verb=Verb.FILM, seconds=5, aspect="9:16", now=now)
    )
    assert not actions.remixable(clip, bob)
    client.force_login(bob)
    page = client.get(f"/clips/{clip.public_id}").content.decode()
    assert "?remix=" not in page and f"/clips/{clip.public_id}/ways" not in page and "Publish" in page
    assert client.post(f"/clips/{clip.public_id}/publish", {"caption": "A walk"}).status_code == 302
    post = clip.post.public_id
    card = client.get(f"/p/{post}").content.decode()
    assert f'href="/p/{post}"' in card and f"/p/{post}/remix" not in card
    assert client.get(f"/p/{post}/remix").status_code == 403


def test_unused_films_go_after_sixty_days_and_all_go_with_their_maker(
    bob: User, alice: User, now: datetime, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    mine = bring(bob, walk(tmp_path / "a.mp4", person=False, seconds=1.0), now)
    hers = bring(alice, walk(tmp_path / "b.mp4", person=False, seconds=1.0, seed=2), now)
    with django_capture_on_commit_callbacks(execute=True):
        footage.sweep(now + timedelta(days=61))
    assert not Footage.objects.exists() and not mine.path.exists() and not hers.path.exists()
    again = bring(bob, tmp_path / "a.mp4", now)
    with django_capture_on_commit_callbacks(execute=True):
        footage.erase_all(bob)
    assert not again.path.exists() and any(
        "generation.Footage" in room.COVERS for room in personal.registry().values()
    )


def test_a_film_that_no_wake_up_reached_is_opened_by_the_sweep(
    bob: User, now: datetime, tmp_path: Path
) -> None:
    data = walk(tmp_path / "a.mp4", person=False, seconds=1.0).read_bytes()
    row = footage.take(maker=bob, file=SimpleUploadedFile("a.mp4", data), now=now)
    footage.sweep(now + timedelta(minutes=1))
    row.refresh_from_db()
    assert row.state == "READY"


def test_the_page_takes_films_and_cuts_them(
    bob: User, client: Client, now: datetime, tmp_path: Path, vectors: str
) -> None:
    client.force_login(bob)
    data = walk(tmp_path / "a.mp4", person=False, seconds=1.0).read_bytes()
    answer = client.post("/create/films", {"films": [SimpleUploadedFile("a b.mp4", data)]})
    assert answer.status_code == 302
    row = Footage.objects.get()
    footage.open_one(row.pk, now)
    assert b"a b" in client.get("/create/films").content
    assert client.post("/create/films", {"cut": "1", "verb": "reel"}).status_code == 422
    wishes = {"cut": "1", "verb": "reel", "seconds": 5, "aspect": "9:16", "footage": [str(row.public_id)]}
    answer = client.post("/create/films", wishes)
    assert answer.status_code == 302, answer.content
    made = Generation.objects.get()
    assert made.how["footage"] == [str(row.public_id)]


def test_a_film_that_is_too_long_is_told_how_long_one_may_be() -> None:
    row = Footage(kind=Footage.Kind.FILM, state=Footage.State.REFUSED, reason="too_long")
    assert "120 seconds" in footage.sentence(row)


def test_nobody_who_is_drawn_is_looked_for_in_a_film(
    bob: User, alice: User, likeness: Cameo, character: Cameo, client: Client, now: datetime, tmp_path: Path
) -> None:
    allow(character, bob, now)
    bring(bob, walk(tmp_path / "a.mp4", person=False, seconds=1.0), now)
    client.force_login(bob)
    page = client.get("/create/films").content.decode()
    assert str(character.public_id) not in page and "Nobody has allowed you to cast them yet" in page
    allow(likeness, bob, now)
    page = client.get("/create/films").content.decode()
    assert str(likeness.public_id) in page and str(character.public_id) not in page


def test_a_film_as_it_is_is_held_still_only_where_it_is_wished() -> None:
    form = CutForm(films=[])
    assert form["steady"].initial and not form["steady_film"].initial
    sent = {"verb": "film", "seconds": 5, "aspect": "9:16", "steady": "on"}
    for wished, held in (
        (sent, False),
        (sent | {"steady_film": "on"}, True),
        (sent | {"verb": "reel"}, True),
    ):
        form = CutForm(wished, films=[])
        assert form.is_valid() and form.how()["steady"] is held
