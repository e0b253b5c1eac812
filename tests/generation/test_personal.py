"""What making knows about a person can be taken along and erased."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from accounts import personal as everybody
from accounts.models import User
from cameos.models import Cameo
from generation import hand
from generation import personal as room
from generation.models import Clip, Generation
from generation.states import State
from tests.generation.conftest import Ask, allow


def test_bob_takes_his_prompts_clips_and_credits_along(ask: Ask, bob: User) -> None:
    ask(bob, "a red kite")
    hand.drain()
    archive = room.export(bob)
    assert archive["credits"] == 99 and archive["generations"][0]["prompt"] == "a red kite"
    assert set(archive["clips"][0]["files"]) == {"mp4_720", "mp4_360", "poster", "avif", "sprite"}


def test_erasing_bob_ends_his_requests_withdraws_his_clips_and_forgets_his_words(
    ask: Ask, alice: User, bob: User, character: Cameo, now: datetime, settings: Any
) -> None:
    allow(character, bob, now)
    ask(bob, "a robot waves", cast=[character])
    hand.drain()
    waiting = ask(bob, "a red kite")
    everybody.erase_everything(user=bob, now=now)
    everybody.erase_everything(user=bob, now=now)
    waiting.refresh_from_db()
    assert waiting.state == State.CANCELLED
    assert not Generation.objects.exclude(prompt="").exists() and not Clip.objects.exclude(prompt="").exists()
    clip = Clip.objects.get()
    assert clip.withdrawn_at == now and not Clip.objects.visible_to(alice).exists()
    from generation.purge import purge_leftovers

    purge_leftovers(now)
    assert not (Path(settings.MEDIA_ROOT) / "clips" / str(clip.public_id)).exists()
