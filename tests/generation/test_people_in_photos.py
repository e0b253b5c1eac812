"""Who is in a photograph that somebody brings, or in a picture of a clip that is gone on from: asked before
anything is drawn from it, told in the same words whoever it is, and free of charge.

The photographs are packaged ones: an astronaut (she is Alice here), two other people, a cup of coffee.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from django.conf import settings as ours
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts import cases
from accounts.models import Case, User
from cameos import faces, never_me, references, search
from cameos.models import Cameo, LikenessUse, Reference
from generation import actions, appeals, credits, filming, footage, hand, store
from generation.models import Clip, Footage, Generation, HeldPictures
from generation.states import State, Verb
from tests.cameos.making import likeness_of
from tests.generation.conftest import Ask, allow

data = pytest.importorskip("skimage.data")
pytestmark = pytest.mark.django_db
FACES = Path(ours.BASE_DIR) / "tests" / "data" / "faces"


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path, vectors: str) -> None:
    settings.DATA_DIR = tmp_path


def of(name: str) -> Any:
    picture = cv2.imread(str(FACES / name))
    assert picture is not None
    return picture[..., ::-1]


def bring(maker: User, pixels: Any, now: datetime) -> Footage:
    encoded = cv2.imencode(".png", np.ascontiguousarray(pixels[..., ::-1]))[1].tobytes()
    row = footage.take(maker=maker, file=SimpleUploadedFile("us.png", encoded), now=now)
    footage.open_one(row.pk, now)
    row.refresh_from_db()
    assert row.state == Footage.State.READY, row.reason
    return row


def ended(row: Generation) -> Generation:
    hand.drain()
    row.refresh_from_db()
    return row


def clip_of(maker: User, row: Footage, now: datetime, *cast: Cameo, aspect: str = "3:4") -> Generation:
    made = filming.request(
        maker=maker, films=[row], verb=Verb.PHOTO, seconds=5, aspect=aspect, cast=cast, now=now
    )
    return ended(made)


def vector_of(pixels: Any) -> bytes:
    picture = np.ascontiguousarray(pixels)
    return faces.embed(picture, faces.find(picture)[0]).astype("<f4").tobytes()


@pytest.fixture
def alice_here(likeness: Cameo, now: datetime) -> Cameo:
    """Alice is enrolled; she is the astronaut."""
    references.store(likeness, Reference.Kind.FACE_VECTOR, vector_of(data.astronaut()), now)
    return likeness


def told(row: Generation) -> tuple[str, ...]:
    assert row.state == State.REFUSED, (row.state, row.error)
    return row.refusal_stage, row.refusal_rule, row.refusal_evidence, row.refusal_suggestion


def test_alice_a_never_me_and_a_stranger_are_refused_in_the_same_words(
    bob: User, alice_here: Cameo, now: datetime
) -> None:
    never_me.enter(entry=never_me.begin(now=now), vector=vector_of(of("obama.jpg")), now=now)
    before = credits.balance(bob)
    pictures = (data.astronaut(), of("obama2.jpg"), of("biden.jpg"))
    said = {told(clip_of(bob, bring(bob, picture, now), now)) for picture in pictures}
    assert len(said) == 1, said
    assert said.pop()[:3] == ("pictures", "face_without_grant", "1 face in the picture")
    assert credits.balance(bob) == before and not Clip.objects.exists() and not HeldPictures.objects.exists()
    assert not LikenessUse.objects.exists()


def test_alice_does_not_stand_for_whoever_is_beside_her(bob: User, alice_here: Cameo, now: datetime) -> None:
    allow(alice_here, bob, now)
    her, him = data.astronaut()[:400, 60:460], cv2.resize(of("biden.jpg"), (400, 400))
    row = clip_of(bob, bring(bob, np.hstack([her, him]), now), now, alice_here, aspect="16:9")
    assert told(row)[1:3] == ("face_without_grant", "1 face in the picture")


def test_a_picture_of_somebody_else_is_not_alices(bob: User, alice_here: Cameo, now: datetime) -> None:
    allow(alice_here, bob, now)
    row = clip_of(bob, bring(bob, of("obama.jpg"), now), now, alice_here)
    assert told(row)[1] == "face_without_grant"


def test_a_twin_of_alices_who_is_known_too_is_held_for_a_person_to_look(
    bob: User, carol: User, mod: User, alice_here: Cameo, now: datetime
) -> None:
    """Alice is cast and allows it; Carol, who is nearly as like, was not asked."""
    allow(alice_here, bob, now)
    bounds, away = search.thresholds(2), np.zeros(128, "<f4")
    away[0] = (bounds.stop + bounds.hold) / 2
    hers = np.frombuffer(vector_of(data.astronaut()), "<f4")
    references.store(likeness_of(carol, now), Reference.Kind.FACE_VECTOR, (hers + away).tobytes(), now)
    held = clip_of(bob, bring(bob, data.astronaut(), now), now, alice_here)
    assert (held.state, held.refusal_rule) == (State.HELD, "doubtful_face")
    assert len(HeldPictures.objects.get(generation=held).frames) == 1
    case = Case.objects.get(kind="held_pictures")
    cases.decide(case=case, moderator=mod, decision="allow", note="It is Alice.", now=now)
    assert ended(held).state == State.READY


def test_bob_appeals_for_a_statue_and_that_file_alone_passes(
    bob: User, mod: User, client: Client, now: datetime
) -> None:
    """A machine cannot tell a statue from a person; a moderator can."""
    brought = bring(bob, of("biden.jpg"), now)
    row = clip_of(bob, brought, now)
    client.force_login(bob)
    assert "a statue, a painting, a mask" in client.get(f"/generations/{row.public_id}").content.decode()
    appeals.appeal(generation=row, by=bob, words="A bust in our town hall.", now=now)
    case = Case.objects.get(kind="prompt_appeal")
    client.force_login(mod)
    assert "data:image/jpeg;base64," in client.get(f"/cases/{case.public_id}").content.decode()
    cases.decide(case=case, moderator=mod, decision="grant", note="A bust.", now=now)
    assert not appeals.was_granted(row), "that was about a picture, not about words"
    assert clip_of(bob, brought, now).state == State.READY
    assert told(clip_of(bob, bring(bob, of("obama.jpg"), now), now))[1] == "face_without_grant"


def test_a_picture_that_came_with_a_request_waits_for_who_looks_and_a_lost_one_is_not_appealed_for(
    bob: User, now: datetime
) -> None:
    brought = bring(bob, of("biden.jpg"), now)
    Footage.objects.update(is_passing=True)  # as /v1/videos takes it
    row = filming.request(
        maker=bob, films=[brought], verb=Verb.OWN, engine="swatch", seconds=1, aspect="9:16", now=now
    )
    Generation.objects.update(state=State.REFUSED, refusal_rule=appeals.NOT_CAST, refusal_stage="pictures")
    row.refresh_from_db()
    assert appeals.may_appeal(row)
    appeals.appeal(generation=row, by=bob, words="A bust in our town hall.", now=now)
    footage.sweep(now + 2 * footage.PASSING)
    assert appeals._photographs(row) and brought.path.exists()
    other = actions.try_again(generation=row, by=bob, now=now)
    Generation.objects.update(state=State.REFUSED, refusal_rule=appeals.NOT_CAST, refusal_stage="pictures")
    other.refresh_from_db()
    footage.drop(maker=bob, public_id=brought.public_id)
    assert not appeals.may_appeal(other), "nobody could look at it"


def test_what_a_moderator_let_pass_is_refused_when_it_is_plainly_alice(
    bob: User, alice: User, mod: User, now: datetime, likeness: Cameo
) -> None:
    brought = bring(bob, data.astronaut(), now)
    row = clip_of(bob, brought, now)
    appeals.appeal(generation=row, by=bob, words="A wax figure.", now=now)
    case = Case.objects.get(kind="prompt_appeal")
    cases.decide(case=case, moderator=mod, decision="grant", note="Wax.", now=now)
    references.store(likeness, Reference.Kind.FACE_VECTOR, vector_of(data.astronaut()), now)
    assert told(clip_of(bob, brought, now))[1] == "face_without_grant"


def test_somebody_who_enrolled_since_is_not_led_on_from_a_picture_of_a_clip(
    bob: User, likeness: Cameo, ask: Ask, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An engine may have drawn somebody like Alice before she was here; now that she is, nothing more."""
    first = ended(ask(bob))
    assert first.clip is not None
    monkeypatch.setattr(store, "pictures", lambda clip: [data.coffee(), data.astronaut()])

    def begins_at(at_ms: int) -> Generation:
        made = actions.request_generation(
            maker=bob, prompt="", verb="image", cast=[], parent=first.clip, how={"at_ms": [at_ms]},
            seconds=1, engine="swatch", now=now,
        )  # fmt: skip
        return ended(made)

    assert begins_at(83).state == State.READY, "nobody known here"
    references.store(likeness, Reference.Kind.FACE_VECTOR, vector_of(data.astronaut()), now)
    before = credits.balance(bob)
    row = begins_at(83)
    assert told(row)[:3] == ("offered", "offered_face", "1 face in the picture")
    assert credits.balance(bob) == before and "render" not in row.stage_seconds
    assert begins_at(0).state == State.READY, "another moment"
