"""A pet, a toy or a drawing of somebody's own: how it comes to be, what is refused, and how it goes."""

from __future__ import annotations

import subprocess
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.core.cache import cache
from django.http import Http404
from django.test import Client
from django.utils import timezone

from accounts import stepup
from accounts.models import User
from accounts.throttle import TooMany
from cameos import actions as likeness_actions
from cameos import consent, ledger, revocation
from cameos.models import Audience, Cameo, LedgerEntry
from cameos.refusals import Reason, TermsRefused
from cameos.terms import FIRST
from generation import briefing, characters, looks
from generation.characters import NameRefused, NameUnjudged, TooManyCharacters
from generation.engines import native
from generation.looks import LookUnknown
from generation.screening import Outcome
from generation.screening.verdict import Verdict
from model import portrait
from model.scene import tracks as T

pytestmark = pytest.mark.django_db
CAT = looks.FIRST | {"kind": "cat", "top": "teal"}
PAGE = "/likeness/characters"
API = "/api/v1/likeness/characters"


@pytest.fixture
def kind_judge() -> Any:
    """Nothing speaks against any name (what the real judge says is tested with it)."""
    with patch("generation.screening.judge_prompt", return_value=Verdict(Outcome.ALLOW)):
        yield


@pytest.fixture
def drawn_already() -> Any:
    with patch("generation.looks._drawn", return_value=b"RIFF") as drawing:
        yield drawing


def signed_in(user: User, *, fresh: bool = False) -> Client:
    client = Client()
    client.force_login(user)
    if fresh:
        session = client.session
        stepup.mark(session, timezone.now())
        session.save()
    return client


def made(owner: User, now: datetime, name: str = "Mochi", look: Any = CAT) -> Cameo:
    return characters.create(owner=owner, name=name, look=look, now=now)


def code_of(owner: User, now: datetime, name: str) -> str:
    with pytest.raises(NameRefused) as said:
        made(owner, now, name)
    assert not Cameo.objects.filter(owner=owner, name=name).exists()
    return said.value.code


# --- What it is --------------------------------------------------------------------------------------------


def test_every_word_of_a_look_is_one_of_the_alphabet() -> None:
    """All kinds and clothes that the engine draws can be chosen, and nothing that it does not draw."""
    alphabet = {
        "kind": T.KINDS,
        "outfit": T.OUTFITS,
        "top": T.COLOURS,
        "bottom": T.COLOURS,
        "hair": T.HAIRS,
        "hair_colour": T.HAIR_COLOURS,
        "skin": T.SKINS,
        "accessory": T.ACCESSORIES,
    }
    assert {field: set(words) for field, words in looks.WORDS.items()} == {
        field: set(words) for field, words in alphabet.items()
    }
    assert set(looks.WORDS) <= set(native.LOOKS)


def test_it_is_its_owners_and_only_theirs_until_they_say_more(
    alice: User, bob: User, now: datetime, vectors: str
) -> None:
    cat = made(alice, now, "  Mochi ")
    assert (cat.name, cat.kind, cat.state, cat.character) == ("Mochi", "character", "verified", CAT)
    assert consent.may_cast(cameo=cat, requester=alice, now=now) is None
    assert consent.may_cast(cameo=cat, requester=bob, now=now) == Reason.NO_GRANT
    assert LedgerEntry.objects.filter(cameo=cat).count() == 1
    assert b"likeness_verified" in ledger.export(cat)


def test_its_ledger_speaks_of_it(alice: User, now: datetime, kind_judge: None) -> None:
    cat = made(alice, now)
    likeness_actions.save_grant(cameo=cat, owner=alice, terms=FIRST, stepped_up=True, now=now)
    page = signed_in(alice).get(f"/likeness/ledger?of={cat.public_id}").content.decode()
    assert "You made this character" in page and "You changed who may cast it" in page
    assert "likeness was verified" not in page


def test_what_was_chosen_is_what_the_engine_draws(alice: User, now: datetime, kind_judge: None) -> None:
    cat = made(alice, now)
    permit = type("Permit", (), {"cameo": cat})()
    member = briefing._member(permit)
    assert native.looks_of(member) == CAT
    assert native.prompt_for("Mochi dances", [member]) == "a cat dances"


# --- Its name ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "name_empty"),
        ("   ", "name_empty"),
        ("!?", "name_empty"),
        ("x" * 500, "name_too_long"),
        ("Mo\u202echi", "name_odd"),
        ("Mo\nchi", "name_odd"),
        ("Mосhi", "name_odd"),  # two of its letters are Cyrillic
        ("Mickey Mouse", "name_guarded"),
        ("Taylor Swift", "name_guarded"),
        ("P1kachu", "name_guarded"),
        ("奥特曼", "name_guarded"),
        ("naked lady", "name_guarded"),
    ],
)
def test_a_name_that_cannot_be(name: str, code: str, alice: User, now: datetime, vectors: str) -> None:
    assert code_of(alice, now, name) == code


@pytest.mark.parametrize(
    "name",
    ["Mochi", "Rex", "Pip", "Snowball", "煤球", "Bolt", "Teddy", "小白", "Captain Fluff", "Ada", "Bruno",
     "Luna", "Biscuit", "Sir Hops", "旺财", "花花", "K9", "Otto", "Ms. Paws", "Böhnchen"],
)  # fmt: skip
def test_a_name_as_people_give_them_is_taken(name: str, alice: User, now: datetime, vectors: str) -> None:
    assert made(alice, now, name).name == name


def test_a_name_that_is_doubted_is_not_taken(alice: User, now: datetime) -> None:
    doubt = Verdict(Outcome.REVIEW, rule="real_person")
    with patch("generation.screening.judge_prompt", return_value=doubt):
        assert code_of(alice, now, "Mochi") == "name_guarded"


def test_a_name_that_nobody_can_judge_waits(alice: User, now: datetime, no_vectors: None) -> None:
    with pytest.raises(NameUnjudged):
        made(alice, now)
    assert not Cameo.objects.exists()


def test_two_of_one_owner_are_not_called_alike(
    alice: User, bob: User, now: datetime, kind_judge: None
) -> None:
    first = made(alice, now)
    assert code_of(alice, now, "MOCHI") == "name_taken"
    assert made(bob, now).name == first.name, "somebody else's may be"
    revocation.erase(cameo=first, owner=alice, now=now)
    assert made(alice, now).name == "Mochi"


def test_none_is_called_like_its_owners_own_likeness(
    likeness: Cameo, alice: User, now: datetime, kind_judge: None
) -> None:
    assert code_of(alice, now, likeness.name.lower()) == "name_taken"


# --- How many, how often, by whom --------------------------------------------------------------------------


def test_there_is_room_for_so_many(alice: User, now: datetime, kind_judge: None) -> None:
    cats = [made(alice, now, f"Cat {n}") for n in range(characters.MOST)]
    with pytest.raises(TooManyCharacters):
        made(alice, now, "One more")
    revocation.erase(cameo=cats[0], owner=alice, now=now)
    assert made(alice, now, "One more")


def test_it_has_a_budget(alice: User, bob: User, now: datetime, kind_judge: None, settings: Any) -> None:
    settings.BUDGETS = {"character": (1, 86_400)}
    made(alice, now, "One")
    with pytest.raises(TooMany):
        made(alice, now, "Two")
    assert made(bob, now, "Two")


def test_a_look_that_nobody_can_draw(alice: User, now: datetime) -> None:
    with pytest.raises(LookUnknown) as said:
        made(alice, now, look={"kind": "dragon"})
    assert said.value.field == "kind" and "panda" in str(said.value.hint)


def test_a_teens_is_never_open_to_everyone(alice: User, now: datetime, kind_judge: None) -> None:
    alice.birth_date = (now - timedelta(days=365 * 15)).date()
    alice.save()
    cat = made(alice, now)
    wide = FIRST.__class__(audience=Audience.EVERYONE, purposes=FIRST.purposes)
    with pytest.raises(TermsRefused) as said:
        likeness_actions.save_grant(cameo=cat, owner=alice, terms=wide, stepped_up=True, now=now)
    assert said.value.field == "audience"


# --- The pages ---------------------------------------------------------------------------------------------


def test_ways_lead_there(alice: User, now: datetime, kind_judge: None) -> None:
    client = signed_in(alice)
    assert f'href="{PAGE}"' in client.get("/likeness").content.decode(), "somebody without a likeness"
    cat = made(alice, now)
    page = client.get("/likeness").content.decode()
    assert f'href="{PAGE}"' in page and f"{PAGE}/{cat.public_id}/picture" in page


def test_a_form_leads_to_its_permission_with_only_its_owner(alice: User, kind_judge: None) -> None:
    client = signed_in(alice)
    page = client.get(PAGE).content.decode()
    assert "at most 20" in page and "/likeness/characters/picture?kind=cat&amp;" in page
    answer = client.post(PAGE, {"name": "Mochi"} | CAT)
    cat = Cameo.objects.get(owner=alice)
    assert answer.status_code == 302 and answer["Location"] == f"/likeness/grant?of={cat.public_id}"
    editor = client.get(answer["Location"]).content.decode()
    assert 'value="only_me" checked' in editor and "Who may cast it" in editor and "Mochi is yours" in editor


def test_what_was_typed_stays_beside_what_is_wrong_with_it(alice: User, kind_judge: None) -> None:
    client = signed_in(alice)
    answer = client.post(PAGE, {"name": "x" * 500} | CAT | {"kind": "robot", "top": "pink"})
    page = answer.content.decode()
    assert answer.status_code == 422 and "at most 60 fit" in page
    assert 'value="robot" checked' in page and '<option value="pink" selected>' in page
    assert "kind=robot&amp;" in page, "the picture shows what was chosen"
    answer = client.post(PAGE, {"name": "Mochi"} | CAT | {"kind": "dragon"})
    assert answer.status_code == 422 and not Cameo.objects.exists()


def test_looking_first_makes_nothing(alice: User) -> None:
    page = signed_in(alice).post(PAGE, {"name": "Mochi", "show": "1"} | CAT | {"kind": "bear"})
    assert page.status_code == 200 and b"kind=bear&amp;" in page.content and not Cameo.objects.exists()


def test_pressing_twice_makes_one(alice: User, kind_judge: None) -> None:
    client = signed_in(alice)
    assert client.post(PAGE, {"name": "Mochi"} | CAT).status_code == 302
    assert client.post(PAGE, {"name": "Mochi"} | CAT).status_code == 409
    assert Cameo.objects.count() == 1


def test_somebody_elses_looks_like_none(
    alice: User, bob: User, now: datetime, kind_judge: None, drawn_already: Any
) -> None:
    cat = made(alice, now)
    nobodys = "9c1f5a34-8c2c-4c3e-9a51-0d1f9e0d4f10"
    for of in (cat.public_id, nobodys):
        assert signed_in(bob).get(f"{PAGE}/{of}/picture").status_code == 404
        assert signed_in(bob).get(f"/likeness/grant?of={of}").status_code == 404
    with pytest.raises(Http404):
        characters.one(bob, cat.public_id)
    assert signed_in(alice).get(f"{PAGE}/{cat.public_id}/picture").content == b"RIFF"


def test_widening_its_permission_asks_who_one_is(
    alice: User, bob: User, now: datetime, kind_judge: None
) -> None:
    cat = made(alice, now)
    wide = {"audience": "everyone", "purposes": ["generate"], "companions": "anyone"}
    address = f"/likeness/grant?of={cat.public_id}"
    assert signed_in(alice).post(address, wide)["Location"].startswith("/step-up")
    assert signed_in(alice, fresh=True).post(address, wide)["Location"] == f"/likeness?of={cat.public_id}"


def test_erasing_it_takes_its_name_and_its_look(alice: User, now: datetime, kind_judge: None) -> None:
    cat = made(alice, now)
    stale, fresh = signed_in(alice), signed_in(alice, fresh=True)
    assert stale.post("/likeness/erase", {"of": cat.public_id})["Location"].startswith("/step-up")
    assert b"Erase this character" in fresh.get(f"/likeness/erase?of={cat.public_id}").content
    receipt = fresh.post("/likeness/erase", {"of": cat.public_id})
    assert receipt.status_code == 200 and b"The character is erased" in receipt.content
    cat.refresh_from_db()
    assert (cat.state, cat.name, cat.character) == ("erased", "", None)
    assert fresh.get(f"/likeness/grant?of={cat.public_id}").status_code == 404
    assert not characters.of(alice).exists()


def test_a_frozen_one_is_cast_by_nobody(alice: User, now: datetime, kind_judge: None) -> None:
    cat = made(alice, now)
    cat = revocation.freeze(cameo=cat, owner=alice, now=now)
    assert consent.may_cast(cameo=cat, requester=alice, now=now) == Reason.FROZEN
    assert b"This character is frozen" in signed_in(alice).get(f"/likeness?of={cat.public_id}").content


# --- Its picture -------------------------------------------------------------------------------------------


def test_a_picture_is_drawn_and_the_same_look_is_the_same_picture() -> None:
    cat, bear = portrait.picture(CAT), portrait.picture(CAT | {"kind": "bear"})
    assert cat[:4] == b"RIFF" and cat[8:12] == b"WEBP" and cat != bear
    assert portrait.picture(CAT) == cat


def test_a_picture_comes_from_a_process_of_its_own_once(alice: User) -> None:
    cache.clear()
    client = signed_in(alice)
    with patch("generation.looks._drawn", wraps=looks._drawn) as drawing:
        answers = [client.get(f"{PAGE}/picture", CAT) for _ in range(2)]
    assert drawing.call_count == 1
    assert all(answer["Content-Type"] == "image/webp" for answer in answers)
    assert answers[0].content == answers[1].content == portrait.picture(CAT)
    assert "private" in answers[0]["Cache-Control"]


def test_drawing_has_a_budget_and_what_is_kept_costs_none(
    alice: User, drawn_already: Any, settings: Any
) -> None:
    settings.BUDGETS = {"character_picture": (1, 3600)}
    client = signed_in(alice)
    assert client.get(f"{PAGE}/picture", CAT).status_code == 200
    assert client.get(f"{PAGE}/picture", CAT).status_code == 200
    assert client.get(f"{PAGE}/picture", CAT | {"kind": "bear"}).status_code == 429


def test_a_picture_that_cannot_be_drawn_is_said_and_not_kept(alice: User) -> None:
    client = signed_in(alice)
    with patch("subprocess.run", side_effect=subprocess.TimeoutExpired("model.portrait", 20)):
        assert client.get(f"{PAGE}/picture", CAT).status_code == 503
    assert looks.kept_picture(CAT) is None
    assert client.get(f"{PAGE}/picture", CAT | {"kind": "../etc"}).status_code == 422


# --- The API -----------------------------------------------------------------------------------------------


def test_over_the_api(alice: User, bob: User, kind_judge: None) -> None:
    client = signed_in(alice)
    answer = client.post(API, {"name": "Mochi", "look": {"kind": "cat"}}, "application/json")
    assert answer.status_code == 201
    told = answer.json()
    assert told["name"] == "Mochi" and told["look"] == looks.FIRST
    assert [one["id"] for one in client.get(API).json()] == [told["id"]]
    assert signed_in(bob).get(API).json() == []
    assert client.get("/api/v1/likeness", {"of": told["id"]}).json()["sentences"] == [
        "Only you can make clips with it."
    ]
    assert signed_in(bob).get("/api/v1/likeness", {"of": told["id"]}).status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"name": "x" * 500, "look": {"kind": "cat"}}, 422, "name_too_long"),
        ({"name": " ", "look": {"kind": "cat"}}, 422, "name_empty"),
        ({"name": "Mochi", "look": {"kind": "dragon"}}, 400, ""),
        ({"name": "Mochi"}, 400, ""),
    ],
)
def test_the_api_refuses_by_the_same_names(
    body: dict[str, Any], status: int, code: str, alice: User, kind_judge: None
) -> None:
    answer = signed_in(alice).post(API, body, "application/json")
    assert answer.status_code == status and code in answer.content.decode()
    assert not Cameo.objects.exists()
