"""A clip that begins from somebody's own picture: an engine makes it move, or a camera goes over it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import cv2
import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from cameos.models import Cameo, LikenessUse
from generation import access, briefing, credits, filming, footage, hand, inform, store
from generation.engines.base import Job
from generation.engines.studio import StudioEngine
from generation.models import Clip, Footage, Generation
from generation.refusals import CannotMake
from generation.states import State, Verb
from generation.workers import claims
from tests.generation.conftest import Ask, allow
from tests.generation.test_films import finished
from tests.generation.test_photos import astronaut, bring, coffee, enrolled

pytestmark = pytest.mark.django_db


def own(maker: User, row: Footage, now: datetime, **wishes: Any) -> Generation:
    given = {"verb": Verb.OWN, "engine": "swatch", "seconds": 1, "aspect": "9:16"} | wishes
    return filming.request(maker=maker, films=[row], now=now, **given)


def test_to_an_engine_it_is_a_clip_of_one_frame(bob: User, now: datetime, vectors: str) -> None:
    made = own(bob, bring(bob, coffee(), now), now, prompt="steam rises")
    job = briefing.job_for(made, [])
    assert (job.verb, job.prompt, len(job.sources)) == (Verb.IMAGE, "steam rises", 1)
    (picture,) = job.sources[0].load()
    assert picture.shape == (400, 600, 3)
    clip = finished(made)
    assert clip.origin == Clip.Origin.GENERATED and not clip.ingredients.exists()


def test_to_the_native_engine_it_stands_behind_the_scene(bob: User, now: datetime, vectors: str) -> None:
    row = bring(bob, coffee(), now)
    made = own(bob, row, now, engine="native", seconds=5, prompt="a panda dances")
    job = briefing.job_for(made, [])
    assert (job.verb, job.sources, job.prompt) == (Verb.TEXT, [], "a panda dances")
    assert job.backdrop is not None and job.backdrop().shape == (400, 600, 3)
    with pytest.raises(CannotMake) as refused:
        own(bob, row, now, engine="native", seconds=5)
    assert refused.value.code == "words_missing"


def test_a_camera_goes_over_it_on_every_host_and_no_model_made_it(
    bob: User, now: datetime, vectors: str
) -> None:
    before = credits.balance(bob)
    made = own(bob, bring(bob, coffee(), now), now, verb=Verb.PAN, engine="studio", how={"move": "right"})
    clip = finished(made)
    assert clip.origin == Clip.Origin.UPLOADED and not clip.may_be_changed()
    assert credits.balance(bob) == before - 1
    first, last = store.pictures(clip)[0], store.pictures(clip)[-1]
    assert np.abs(first.astype(int) - last).mean() > 2, "it moves"


def test_a_move_that_is_none_is_named(bob: User, now: datetime, vectors: str) -> None:
    with pytest.raises(CannotMake) as refused:
        own(bob, bring(bob, coffee(), now), now, verb=Verb.PAN, engine="studio", how={"move": "spin"})
    assert refused.value.code == "move_unknown" and not Generation.objects.exists()


@pytest.mark.parametrize(("verb", "engine"), [(Verb.OWN, "swatch"), (Verb.PAN, "studio")])
def test_whoever_is_on_it_has_to_be_cast_and_has_a_say(
    bob: User, likeness: Cameo, now: datetime, vectors: str, verb: Verb, engine: str
) -> None:
    enrolled(likeness, now)
    bob.language = "zh-hans"
    bob.save()
    row, before = bring(bob, astronaut(), now), credits.balance(bob)
    without = own(bob, row, now, verb=verb, engine=engine)
    hand.drain()
    without.refresh_from_db()
    assert (without.state, without.refusal_rule) == (State.REFUSED, "face_without_grant")
    assert credits.balance(bob) == before and not Clip.objects.exists()
    assert "演员" in without.refusal_suggestion, "what a worker writes is in the maker's language"
    assert inform.news(without)["label"] == "已拒绝"
    allow(likeness, bob, now)
    made = own(bob, row, now, verb=verb, engine=engine, cast=[likeness])
    clip = finished(made)
    assert LikenessUse.objects.filter(clip=clip, cameo=likeness).exists()
    assert access.clips(bob).filter(pk=clip.pk).exists()


def test_what_somebody_brought_stays_on_this_host(bob: User, now: datetime, vectors: str) -> None:
    made = own(bob, bring(bob, coffee(), now), now)
    assert not Generation.objects.filter(claims._may_travel(), pk=made.pk).exists()


def test_a_picture_that_is_thrown_away_meanwhile_is_a_named_failure(
    bob: User, now: datetime, vectors: str
) -> None:
    before, row = credits.balance(bob), bring(bob, coffee(), now)
    made = own(bob, row, now)
    with pytest.raises(CannotMake):
        footage.drop(maker=bob, public_id=row.public_id)
    row.path.unlink()
    hand.drain()
    made.refresh_from_db()
    assert (made.state, made.error) == (State.FAILED, "photo_gone") and credits.balance(bob) == before


def test_the_page_makes_it_and_says_what_moves_before_it_is_pressed(
    ask: Ask, bob: User, client: Client, now: datetime, settings: Any
) -> None:
    client.force_login(bob)
    page = client.get("/create/picture").content.decode()
    assert "Swatch makes it move" in page and "A camera goes over it;" in page
    assert "Paper people act in front of it" in page and "No engine of this host" not in page
    data = cv2.imencode(".jpg", coffee()[..., ::-1])[1].tobytes()
    sent = {"photos": SimpleUploadedFile("cup.jpg", data), "prompt": "steam rises", "bring": "1"}
    assert "steam rises" in client.post("/create/picture", sent).content.decode()
    row = Footage.objects.get()
    footage.open_one(row.pk, now)
    assert f'value="{row.public_id}" checked' in client.get("/create/picture").content.decode()
    wishes = {"footage": str(row.public_id), "seconds": "1", "aspect": "9:16", "make": "1"}
    none = client.post("/create/picture", wishes | {"footage": []})
    assert none.status_code == 422 and "Choose one picture." in none.content.decode()
    made = client.post("/create/picture", wishes | {"engine": "swatch", "prompt": "steam rises"})
    assert made.status_code == 302 and Generation.objects.get().verb == Verb.OWN
    settings.EXTRA_ENGINES = {}
    page = client.get("/create/picture").content.decode()
    assert "No engine of this host makes what is on a picture move." in page
    made = client.post("/create/picture", wishes | {"engine": "studio", "move": "left"})
    over = Generation.objects.latest("pk")
    assert made.status_code == 302 and (over.verb, over.how["move"]) == (Verb.PAN, "left")


def test_a_host_where_nothing_begins_from_a_picture_does_not_say_that_it_does(
    bob: User, client: Client, now: datetime, settings: Any, vectors: str
) -> None:
    client.force_login(bob)
    row = bring(bob, coffee(), now)
    assert "to begin a clip from" in client.get("/create/films").content.decode()
    settings.EXTRA_ENGINES = {}
    assert "to begin a clip from" not in client.get("/create/films").content.decode()
    clip = finished(
        filming.request(maker=bob, films=[row], verb=Verb.PHOTO, seconds=5, aspect="1:1", now=now)
    )
    page = client.get(f"/clips/{clip.public_id}/ways").content.decode()
    assert 'href="/create/picture"' in page and "that one is not here any more" not in page


@pytest.mark.parametrize("size", [(216, 384), (384, 216)])
def test_every_move_fills_every_picture(bob: User, now: datetime, size: tuple[int, int]) -> None:
    row = bring(bob, np.full((300, 200, 3), 200, np.uint8), now)
    for move in ("closer", "away", "left", "right", "up"):
        job = Job(prompt="", verb="pan", seed=1, seconds=1, size=size, how={"move": move}, films=[row.path])
        frames = list(StudioEngine().render(job, lambda *_: None, lambda: False).frames)
        assert len(frames) == 30 and all(frame.shape == (size[1], size[0], 3) for frame in frames)
        assert min(int(frame.min()) for frame in frames) > 60, "no black border"
