"""Playing a clip: who may, whose face is given out, what stops it, and how a run becomes a clip."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from asgiref.testing import ApplicationCommunicator
from django.http import Http404
from django.test import Client
from django.utils import timezone

from accounts.models import User
from cameos.models import Cameo, GrantedPerson, LikenessGrant
from feed.models import Post
from generation import consumers_play, credits, hand, playing, store
from generation.engines import base as engines
from generation.models import Clip, Generation, PlayFace
from generation.refusals import NotPlayable
from generation.states import State
from generation.sweep import sweep
from model.scene import material
from model.scene import tracks as T
from model.scene.reel import Reel, Shot
from model.scene.world import simulate
from tests.generation.conftest import Ask, allow


def scene_of(who: list[str]) -> bytes:
    scene, _ = simulate(3, T.Plan(people=[T.PersonPlan(action="walk") for _ in who or [""]]))
    return material.pack_reel(Reel([Shot(scene, who)]))


@pytest.fixture
def small_native(monkeypatch: pytest.MonkeyPatch) -> None:
    """The small engine is this host's own."""
    from tests.generation.swatch import SWATCH

    monkeypatch.setattr(engines, "entries", lambda: {"swatch": SWATCH, "native": SWATCH})


@pytest.fixture
def clip(small_native: None, ask: Ask, carol: User, bob: User, character: Cameo, now: datetime) -> Clip:
    """Carol's published clip of Pip, whom Bob may cast too."""
    GrantedPerson.objects.create(grant=allow(character, carol, now), person=bob)
    row = ask(carol, "a robot walks", cast=[character])
    hand.drain()
    row.refresh_from_db()
    assert row.clip is not None
    path = store.default_storage.save(
        f"clips/{row.clip.public_id}/scene.npz", as_file(scene_of([str(character.public_id)]))
    )
    Clip.objects.filter(pk=row.clip.pk).update(material_path=path)
    Post.objects.create(clip=row.clip, creator=carol, published_at=now)
    return Clip.objects.get(pk=row.clip.pk)


def as_file(data: bytes) -> Any:
    from django.core.files.base import ContentFile

    return ContentFile(data)


@pytest.fixture
def play(clip: Clip, bob: User, now: datetime) -> Generation:
    return playing.start(maker=bob, clip=clip, now=now)


def test_a_play_costs_nothing_and_waits_for_its_player(play: Generation, bob: User, now: datetime) -> None:
    assert (play.state, play.credits, play.verb) == (State.PLAYING, 0, "play")
    assert credits.balance(bob) == credits.STARTING_GRANT
    assert hand.drain() == 0


def test_a_film_without_scene_is_not_played(clip: Clip, bob: User, now: datetime) -> None:
    Clip.objects.filter(pk=clip.pk).update(material_path="")
    clip.refresh_from_db()
    with pytest.raises(NotPlayable) as refused:
        playing.start(maker=bob, clip=clip, now=now)
    assert refused.value.code == "nothing_to_play"


def test_whoever_may_not_remix_may_not_play(clip: Clip, bob: User, now: datetime) -> None:
    Post.objects.update(allow_remix=False)
    from generation.refusals import ParentNotRemixable

    with pytest.raises(ParentNotRemixable):
        playing.start(maker=bob, clip=clip, now=now)
    Post.objects.update(allow_remix=True)
    LikenessGrant.objects.update(revoked_at=now)
    row = playing.start(maker=bob, clip=clip, now=now)
    assert (row.state, row.refusal_stage) == (State.REFUSED, "consent")


def test_a_play_that_nobody_keeps_ends_by_itself(play: Generation, now: datetime) -> None:
    assert sweep(now + timedelta(minutes=29)).expired == 0
    assert sweep(now + timedelta(minutes=31)).expired == 1
    play.refresh_from_db()
    assert play.state == State.CANCELLED


def test_a_kept_run_is_reserved_rendered_and_forgotten(play: Generation, bob: User, now: datetime) -> None:
    had = credits.balance(bob)
    playing.keep(generation=play, by=bob, material=scene_of([""]), seconds=2.4, now=now)
    play.refresh_from_db()
    assert (play.state, play.seconds, play.credits) == (State.QUEUED, 3, 3)
    assert credits.balance(bob) == had - 3 and store.default_storage.exists(play.how["run"])
    assert hand.drain() == 1
    play.refresh_from_db()
    assert play.state == State.READY and play.clip is not None
    assert not store.default_storage.exists(play.how["run"])
    assert [i.source_id for i in play.clip.ingredients.all()] == [play.parent_id]


def test_a_run_is_kept_once_and_by_its_player(
    play: Generation, bob: User, carol: User, now: datetime
) -> None:
    with pytest.raises(Http404):
        playing.keep(generation=play, by=carol, material=b"x", seconds=2, now=now)
    playing.keep(generation=play, by=bob, material=scene_of([""]), seconds=900, now=now)
    assert play.seconds == playing.LONGEST_S
    with pytest.raises(NotPlayable):
        playing.keep(generation=play, by=bob, material=scene_of([""]), seconds=2, now=now)


def test_the_page_is_its_players(play: Generation, clip: Clip, bob: User, carol: User) -> None:
    client = Client()
    client.force_login(bob)
    page = client.get(f"/play/{play.public_id}").content.decode()
    assert f'socket="/ws/play/{play.public_id}/"' in page and 'data-action="jump"' in page
    assert client.get(f"/generations/{play.public_id}")["Location"] == f"/play/{play.public_id}"
    client.force_login(carol)
    assert client.get(f"/play/{play.public_id}").status_code == 404


def test_every_button_is_a_word_that_can_be_played() -> None:
    from model.play import PLAYABLE

    assert {name for name, _label in playing.ACTIONS} == set(PLAYABLE)


# --- faces --------------------------------------------------------------------------------------------------


@pytest.fixture
def face(play: Generation, monkeypatch: pytest.MonkeyPatch) -> Cameo:
    """Pip as if they were a real person with a stored face."""
    import cv2

    from cameos import references
    from model.scene.face_cut import HEIGHT, POINTS, WIDTH, Expression
    from model.scene.faces import FaceSprites

    pixels = np.full((HEIGHT, WIDTH, 4), 200, np.uint8)
    cv2.circle(pixels, (WIDTH // 2, HEIGHT // 2), 20, (90, 40, 40, 255), -1)
    points = {name: (WIDTH / 2 + 9 * i, HEIGHT / 2 + 5 * i) for i, name in enumerate(POINTS)}
    whole = Expression(pixels, points)
    kept = FaceSprites(whole, whole, np.array([0.7, 0.5, 0.4])).to_bytes()
    asked: list[Any] = []

    def load(permit: Any) -> bytes:
        asked.append(permit)
        return kept

    monkeypatch.setattr(references, "load_face", load)
    cameo = play.cast.get().cameo
    Cameo.objects.filter(pk=cameo.pk).update(
        kind=Cameo.Kind.PERSON, character=None, assurance="basic", verified_at=timezone.now()
    )
    return cameo


def test_a_face_is_a_picture_given_out_once_and_only_to_the_player(
    play: Generation, face: Cameo, bob: User, carol: User, now: datetime
) -> None:
    began = playing.opening(Generation.objects.get(pk=play.pk), now)
    assert began.told["open"]["heads"] == {0: {"name": "f0", "skin": [0.7, 0.5, 0.4]}}
    url = began.faces["f0"]
    PlayFace.objects.update(expires_at=timezone.now() + timedelta(seconds=30))
    client = Client()
    client.force_login(carol)
    assert client.get(url).status_code == 404
    client.force_login(bob)
    answer = client.get(url)
    assert (
        answer.status_code == 200 and answer["Cache-Control"] == "no-store" and answer.content[:4] == b"RIFF"
    )
    assert client.get(url).status_code == 404
    assert client.get(url[:-3] + "abc").status_code == 404


def test_a_late_token_gives_no_face(play: Generation, face: Cameo, now: datetime) -> None:
    began = playing.opening(Generation.objects.get(pk=play.pk), now)
    token = began.faces["f0"].rpartition("/")[2]
    with pytest.raises(Http404):
        playing.take_face(play, token, now + playing.FACE_LIFE)
    assert PlayFace.objects.get().used_at is None
    sweep(now + timedelta(minutes=1))
    assert not PlayFace.objects.exists()


def test_a_revoked_permit_gives_no_face_and_stops_the_play(
    play: Generation, face: Cameo, now: datetime
) -> None:
    from cameos.refusals import ConsentDenied

    began = playing.opening(Generation.objects.get(pk=play.pk), now)
    assert playing.still_allowed(play, now)
    LikenessGrant.objects.update(revoked_at=now)
    with pytest.raises(ConsentDenied):
        playing.take_face(play, began.faces["f0"].rpartition("/")[2], now)
    assert not playing.still_allowed(play, now)


# --- the socket ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        (
            {"do": {"action": "jump", "facing": 1, "shown": 7}},
            {"do": {"action": "jump", "facing": 1, "shown": 7}},
        ),
        ({"do": {"action": ["x"], "facing": 9, "shown": True}}, {"do": {"action": ""}}),
        ({"do": "jump"}, None),
        ({"shown": 12.7}, {"shown": 12}),
        ({"shown": -1}, None),
        ({"keep": True, "material": "AAAA"}, {"keep": True}),
        ({"keep": "yes"}, None),
        ({"open": {"material": "AAAA"}}, None),
        ([], None),
        ("keep", None),
        (None, None),
    ],
)
def test_a_page_says_presses_and_nothing_else(said: Any, taken: Any) -> None:
    assert consumers_play.checked(said) == taken


async def opened(play: Generation, viewer: User) -> ApplicationCommunicator:
    scope = {
        "type": "websocket",
        "user": viewer,
        "url_route": {"kwargs": {"public_id": play.public_id}},
    }
    socket = ApplicationCommunicator(consumers_play.Play.as_asgi(), scope)
    await socket.send_input({"type": "websocket.connect"})
    assert (await socket.receive_output(20))["type"] == "websocket.accept"
    return socket


async def say(socket: ApplicationCommunicator, text: str) -> None:
    await socket.send_input({"type": "websocket.receive", "text": text})


async def heard_on(socket: ApplicationCommunicator) -> dict[str, Any]:
    message: dict[str, Any] = json.loads((await socket.receive_output(20))["text"])
    return message


@pytest.fixture
def player_process(tmp_path: Any, settings: Any) -> Iterator[str]:
    """A real playing process with a tiny network, in a thread of this one."""
    import threading

    import torch

    from model import generate
    from model import playing as process
    from model.config import PRESETS
    from model.transformer import Transformer

    torch.manual_seed(0)
    there = process.Process()
    there.native = generate.Native(Transformer(PRESETS["tiny"]), {})
    address = str(tmp_path / "p.sock")
    settings.PLAY_ADDRESS = f"unix:{address}"
    loop = asyncio.new_event_loop()

    async def listen() -> None:
        await asyncio.start_unix_server(there.welcome, address, limit=process.LONGEST_LINE)

    async def let_go() -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    loop.run_until_complete(listen())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield address
    asyncio.run_coroutine_threadsafe(let_go(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()
    there.thread.shutdown()


@pytest.mark.django_db(transaction=True)
def test_bob_plays_presses_and_keeps(
    player_process: str, play: Generation, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from model.scene import stage

    monkeypatch.setattr(stage.Stage.__init__, "__defaults__", (None, (72, 128)))
    Generation.objects.filter(pk=play.pk).update(state_since=timezone.now())

    async def talk() -> list[dict[str, Any]]:
        heard = []
        socket = await opened(play, bob)
        for _ in range(2):
            heard.append(await heard_on(socket))
        await say(socket, "no json")
        await say(socket, "[" * 5000)
        await say(socket, json.dumps({"do": {"action": "jump", "shown": 4}}))
        heard.append(await heard_on(socket))
        await say(socket, json.dumps({"keep": True}))
        while heard[-1]["type"] != "clip":
            heard.append(await heard_on(socket))
        await socket.send_input({"type": "websocket.disconnect", "code": 1000})
        return heard

    heard = asyncio.run(talk())
    assert [message["type"] for message in heard[:3]] == ["set", "slot", "slot"]
    assert heard[2]["from"] == 7 and "kept" not in {message["type"] for message in heard}
    play.refresh_from_db()
    assert play.state == State.QUEUED and heard[-1]["url"] == f"/generations/{play.public_id}"


@pytest.mark.django_db(transaction=True)
def test_of_presses_that_come_at_once_the_first_and_the_last_are_heard(
    player_process: str, play: Generation, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever taps a key lets it go at once; "stand" must not get lost behind "walk"."""
    from model.scene import stage

    monkeypatch.setattr(stage.Stage.__init__, "__defaults__", (None, (72, 128)))
    Generation.objects.filter(pk=play.pk).update(state_since=timezone.now())
    told: list[str] = []
    tell = consumers_play.Play._tell

    async def noting(socket: consumers_play.Play, message: dict[str, Any]) -> None:
        told.extend([message["do"]["action"]] if "do" in message else [])
        await tell(socket, message)

    monkeypatch.setattr(consumers_play.Play, "_tell", noting)

    async def talk() -> None:
        socket = await opened(play, bob)
        for _ in range(2):
            await heard_on(socket)
        for action in ("walk", "run", "jump", "stand"):
            await say(socket, json.dumps({"do": {"action": action, "shown": 4}}))
        for _ in range(2):
            assert (await heard_on(socket))["type"] == "slot"
        await socket.send_input({"type": "websocket.disconnect", "code": 1000})

    asyncio.run(talk())
    assert told == ["walk", "stand"]


@pytest.mark.django_db(transaction=True)
def test_without_a_playing_process_the_page_is_told(
    play: Generation, bob: User, settings: Any, tmp_path: Any
) -> None:
    settings.PLAY_ADDRESS = f"unix:{tmp_path}/nobody"

    async def talk() -> dict[str, Any]:
        return await heard_on(await opened(play, bob))

    assert asyncio.run(talk()) == {"type": "over", "why": "no_player"}
