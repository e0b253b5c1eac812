"""B-roll in the cutting room: found, licensed, cut in between one's own films, named and labelled."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.test import Client

from accounts.models import User
from cameos.models import Cameo
from feed import actions as publishing
from feed import broll, rights
from feed.models import Post
from generation import credits, filming, pieces, store
from generation.cutting import choosing
from generation.cutting.choosing import Segment
from generation.models import Clip, Footage, Generation
from generation.provenance import manifest
from generation.refusals import CannotMake
from generation.states import State, Verb
from tests.generation.conftest import Ask
from tests.generation.test_films import bring, finished, shown, walk

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
def sea(ask: Ask, alice: User, now: datetime) -> Post:
    """A clip of Alice's that nobody may remix, offered as B-roll."""
    clip = finished(ask(alice, "waves break on the rocks", seconds=2))
    post = publishing.publish(clip=clip, creator=alice, caption="Waves", now=now)
    rights.change(post=post, by=alice, now=now, allow_remix=False)
    broll.offer(post=post, by=alice)
    return post


@pytest.fixture
def film(bob: User, now: datetime, tmp_path: Path) -> Footage:
    return bring(bob, walk(tmp_path / "a.mp4", person=False, seconds=4.0), now)


def reel(bob: User, film: Footage, clips: list[Clip], now: datetime) -> Generation:
    return filming.request(
        maker=bob, films=[film], verb=Verb.REEL, seconds=5, aspect="9:16", pieces=clips, now=now
    )


def licensed(post: Post, holder: User, now: datetime) -> None:
    broll.grant(post=post, holder=holder, reference="order:1", now=now)


def _small(frame: np.ndarray) -> np.ndarray:
    return cv2.resize(frame, (18, 32), interpolation=cv2.INTER_AREA).mean(axis=2).ravel()


def _alike(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a, b)[0, 1])


def test_a_licensed_piece_is_in_the_reel_which_names_it_and_says_what_it_is(
    sea: Post, film: Footage, bob: User, client: Client, now: datetime, settings: Any
) -> None:
    licensed(sea, bob, now)
    row = reel(bob, film, [sea.clip], now)
    assert (row.parent, row.how["pieces"]) == (None, [str(sea.clip.public_id)])
    clip = finished(row)
    cloth = [_small(frame) for frame in shown(sea.clip, settings)]
    near = [max(_alike(_small(frame), one) for one in cloth) for frame in shown(clip, settings)[::4]]
    assert near[0] < 0.5 < 0.8 < max(near), "it is there, and not at the beginning"
    assert clip.origin == Clip.Origin.GENERATED and not clip.may_be_changed()
    assert [ingredient.source for ingredient in clip.ingredients.all()] == [sea.clip]
    data = (Path(settings.MEDIA_ROOT) / clip.renditions.get(kind="mp4_720").path).read_bytes()
    assert b"compositeWithTrainedAlgorithmicMedia" in data and b"componentOf" in data
    assert b"parentOf" not in data
    assert manifest.read(Path(settings.MEDIA_ROOT) / clip.renditions.get(kind="mp4_360").path).is_ours
    client.force_login(bob)
    assert sea.creator.name in client.get(f"/clips/{clip.public_id}").content.decode()


def test_without_a_licence_or_with_people_in_it_nothing_is_made_and_nothing_spent(
    sea: Post, film: Footage, likeness: Cameo, bob: User, now: datetime
) -> None:
    before = credits.balance(bob)
    with pytest.raises(CannotMake) as refused:
        reel(bob, film, [sea.clip], now)
    assert refused.value.code == "piece_unknown"
    licensed(sea, bob, now)
    Clip.objects.filter(pk=sea.clip_id).update(cast_count=1)
    with pytest.raises(CannotMake) as refused:
        reel(bob, film, [Clip.objects.get(pk=sea.clip_id)], now)
    assert refused.value.code == "piece_shows_people"
    with pytest.raises(CannotMake) as refused:
        pieces.chosen(bob, ["00000001-0000-4000-8000-000000000000"])
    assert refused.value.code == "piece_unknown"
    assert credits.balance(bob) == before and not Generation.objects.filter(maker=bob).exists()


def test_a_piece_that_is_lost_before_it_is_cut_ends_the_job_by_name(
    sea: Post, film: Footage, bob: User, now: datetime, settings: Any
) -> None:
    licensed(sea, bob, now)
    before = credits.balance(bob)
    row = reel(bob, film, [sea.clip], now)
    (Path(settings.MEDIA_ROOT) / sea.clip.renditions.get(kind="mp4_720").path).unlink()
    with pytest.raises(AssertionError):
        finished(row)
    assert (row.state, row.error) == (State.FAILED, "piece_gone") and credits.balance(bob) == before


def test_the_page_finds_pieces_and_keeps_what_was_chosen(
    sea: Post, film: Footage, bob: User, client: Client, now: datetime
) -> None:
    client.force_login(bob)
    typed = {
        "footage": str(film.public_id), "verb": "reel", "seconds": 5, "aspect": "1:1", "music": "calm",
        "fade": "on", "words": "waves",
    }  # fmt: skip
    page = client.post("/create/films", typed | {"find": "1"}).content.decode()
    assert f"/broll/{sea.public_id}" in page and 'name="pieces"' not in page, "to be licensed first"
    assert f'value="{film.public_id}" data-seconds="4.0" checked' in page
    assert '<option value="calm" selected' in page
    entered = client.post("/create/films", typed | {"cut": "1"})  # Enter in the field of words
    assert entered.status_code == 200 and not Generation.objects.filter(maker=bob).exists()
    licensed(sea, bob, now)
    again = client.post("/create/films", typed | {"find": "1"}).content.decode()
    assert f'name="pieces" value="{sea.clip.public_id}"' in again
    cut = typed | {"cut": "1", "looked_for": "waves", "pieces": str(sea.clip.public_id)}
    assert client.post("/create/films", cut).status_code == 302
    assert Generation.objects.get(maker=bob).how["pieces"] == [str(sea.clip.public_id)]


def test_what_was_chosen_stays_when_other_words_are_looked_for(
    sea: Post, film: Footage, alice: User, bob: User, client: Client, now: datetime
) -> None:
    rights.change(post=sea, by=alice, now=now, allow_remix=True)  # free: no licence lists it
    client.force_login(bob)
    typed = {"footage": str(film.public_id), "verb": "reel", "seconds": 5, "aspect": "1:1", "find": "1"}
    chosen = typed | {"words": "", "pieces": [str(sea.clip.public_id), "zz"]}
    page = client.post("/create/films", chosen).content.decode()
    assert f'name="pieces" value="{sea.clip.public_id}" checked' in page


def test_a_single_picture_is_no_piece(sea: Post, film: Footage, bob: User, now: datetime) -> None:
    licensed(sea, bob, now)
    Clip.objects.filter(pk=sea.clip_id).update(duration_ms=42)
    assert pieces.listed(bob, "", [], now) == []
    with pytest.raises(CannotMake) as refused:
        reel(bob, film, [Clip.objects.get(pk=sea.clip_id)], now)
    assert refused.value.code == "piece_is_a_picture"


def test_pieces_stand_between_films_and_never_first() -> None:
    own = [Segment(0, k, k + 1.0) for k in range(4)]
    between = [Segment(1, 0, 1.0), Segment(2, 0, 1.0)]
    order = [segment.film for segment in choosing._woven([*own, *between], {1, 2})]
    assert order == [0, 1, 0, 0, 2, 0]
    assert [s.film for s in choosing._woven([own[0], between[0]], {1})] == [0, 1]
    assert choosing._woven(between, {1, 2}) == between


def test_pieces_from_far_away_do_not_lie_over_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With S3 they are fetched, and the files of all clips have the same names."""

    class Far(Storage):  # has no path on this machine
        def _open(self, name: str, mode: str) -> ContentFile:
            return ContentFile(name.encode())

    monkeypatch.setattr(store, "default_storage", Far())
    names = [f"clips/{n}/mp4_720.mp4" for n in range(2)]
    fetched = []
    for name in names:
        with store.local(name, tmp_path) as path:
            fetched.append(path)
    assert [path.read_text() for path in fetched] == names
