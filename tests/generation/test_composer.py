"""What the composer keeps, says fuller, and makes several of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from cameos.models import Cameo
from generation import batches, credits, drafts, hand, personal, prompt_help
from generation.forms import ComposeForm
from generation.models import ClipScores, ComposeDraft, Generation
from generation.refusals import OutOfCredits, OverBudget
from generation.states import State
from model.scene import words
from tests.conftest import person
from tests.generation.conftest import Ask

WISHES = {"verb": "text", "cast": [], "seconds": 1, "engine": "swatch"}


@pytest.fixture
def press(now: datetime, vectors: str) -> Callable[..., list[Generation]]:
    def pressed(maker: User, takes: int, prompt: str = "a red kite", **more: Any) -> list[Generation]:
        return batches.request(takes=takes, maker=maker, prompt=prompt, now=now, **(WISHES | more))

    return pressed


def browser_of(who: User) -> Client:
    client = Client()
    client.force_login(who)
    return client


# --- several takes


def test_takes_differ_by_their_seed_and_cost_what_was_said(press: Any, bob: User) -> None:
    before = credits.balance(bob)
    made = press(bob, 3, seed=7)
    assert made[0].seed == 7 and len({row.seed for row in made}) == 3
    assert len({row.batch for row in made}) == 1 and made[0].batch is not None
    assert credits.balance(bob) == before - 3


def test_the_same_seed_gives_the_same_takes(press: Any, bob: User) -> None:
    assert [row.seed for row in press(bob, 3, seed=7)] == [row.seed for row in press(bob, 3, seed=7)]


def test_without_credits_for_all_of_them_none_is_asked_for(press: Any, bob: User, settings: Any) -> None:
    has = credits.balance(bob)
    with pytest.raises(OutOfCredits) as no:
        press(bob, 4, seconds=has // 4 + 1)
    assert str(has) in str(no.value.message) and not Generation.objects.exists()


def test_takes_of_what_has_a_length_of_its_own_are_priced_by_it(press: Any, bob: User) -> None:
    """A storyboard costs what its shots last, not what the field of seconds says."""
    has = credits.balance(bob)
    shot = {"prompt": "a robot waves", "seconds": has // 6}
    story = {"verb": "storyboard", "prompt": "", "how": {"shots": [shot, shot]}}
    with pytest.raises(OutOfCredits):
        press(bob, 4, **story)
    assert not Generation.objects.exists() and credits.balance(bob) == has
    assert len(press(bob, 2, **story)) == 2


def test_takes_count_against_what_may_be_open(press: Any, bob: User, settings: Any) -> None:
    settings.PERSON_OPEN_AT_ONCE = 3
    with pytest.raises(OverBudget):
        press(bob, 4)
    assert len(press(bob, 3)) == 3


def test_the_same_words_are_refused_once(press: Any, bob: User) -> None:
    made = press(bob, 4, "a naked man kills a child with a gun")
    assert len(made) == 1 and made[0].state == State.REFUSED


def test_the_best_by_its_scores_stands_first_and_the_others_stay_drafts(press: Any, bob: User) -> None:
    made = press(bob, 3)
    hand.drain()
    rows = list(Generation.objects.order_by("pk").select_related("clip"))
    assert [row.state for row in rows] == [State.READY] * 3
    for row, sharp in zip(rows, (0.2, 0.9, 0.5), strict=True):
        only = dict.fromkeys(("prompt_match", "flicker", "physics")) | {"sharpness": sharp}
        ClipScores.objects.update_or_create(clip=row.clip, defaults=only)
    takes = batches.best_first(rows)
    assert [take.generation.pk for take in takes] == [made[1].pk, made[2].pk, made[0].pk]
    assert [take.is_best for take in takes] == [True, False, False]
    page = browser_of(bob).get(f"/generations/takes/{made[0].batch}")
    assert page.status_code == 200 and page.content.decode().count("take--best") == 1
    assert browser_of(person("eve")).get(f"/generations/takes/{made[0].batch}").status_code == 404


# --- words for oneself


def test_hidden_words_are_not_on_the_clip_for_others(ask: Ask, bob: User, alice: User) -> None:
    made = ask(bob, hide_prompt=True)
    hand.drain()
    made.refresh_from_db()
    assert made.clip is not None and made.clip.prompt_hidden
    own = browser_of(bob).get(f"/clips/{made.clip.public_id}").content.decode()
    assert "a red kite over the sea" in own
    told = browser_of(bob).get(f"/api/v1/clips/{made.clip.public_id}").json()
    assert told["prompt"] == ""


# --- drafts


def test_a_draft_is_kept_listed_taken_up_and_gone_once_it_is_asked_for(bob: User, vectors: str) -> None:
    browser = browser_of(bob)
    sent = {"prompt": "a kite", "seconds": "9", "takes": "2", "aspect": "9:16", "engine": "swatch"}
    made = browser.post("/api/v1/drafts", sent, content_type="application/json").json()
    again = browser.put(
        f"/api/v1/drafts/{made['id']}", sent | {"prompt": "a red kite"}, content_type="application/json"
    )
    assert again.status_code == 200 and ComposeDraft.objects.count() == 1
    page = browser.get(f"/create?draft={made['id']}").content.decode()
    assert "a red kite" in page and 'value="9"' in page and made["id"] in page
    asked = browser.post("/create", sent | {"seconds": "1", "takes": "1", "draft": made["id"]})
    assert asked.status_code == 302 and not ComposeDraft.objects.exists()


def test_drafts_are_their_makers_alone_and_go_with_them(bob: User, alice: User, now: datetime) -> None:
    draft = drafts.keep(maker=bob, wishes={"prompt": "mine"}, now=now)
    other = browser_of(alice)
    assert other.get(f"/create?draft={draft.public_id}").status_code == 404
    assert other.post(f"/create/drafts/{draft.public_id}/forget").status_code == 404
    assert other.delete(f"/api/v1/drafts/{draft.public_id}").status_code == 404
    assert personal.export(bob)["drafts"][0]["wishes"] == {"prompt": "mine"}
    personal.erase(bob, now)
    assert not ComposeDraft.objects.exists()


def test_the_oldest_draft_makes_room(bob: User, now: datetime) -> None:
    for n in range(drafts.MOST + 2):
        drafts.keep(maker=bob, wishes={"prompt": str(n)}, now=now + timedelta(seconds=n))
    assert drafts.of(bob).count() == drafts.MOST and drafts.of(bob).last().words == "2"  # type: ignore[union-attr]


def test_a_draft_without_scripts(bob: User) -> None:
    browser = browser_of(bob)
    kept = browser.post("/create", {"prompt": "half a thou", "keep": "1", "seconds": "5"})
    assert kept.status_code == 302 and f"draft={ComposeDraft.objects.get().public_id}" in kept["Location"]
    assert "half a thou" in browser.get(kept["Location"]).content.decode()


# --- preview


def test_a_preview_costs_one_and_leads_to_the_whole_with_the_same_seed(bob: User, vectors: str) -> None:
    browser, before = browser_of(bob), credits.balance(bob)
    sent = {
        "prompt": "a red kite",
        "seconds": "5",
        "aspect": "9:16",
        "engine": "swatch",
        "preview": "1",
        "takes": "3",
    }
    assert browser.post("/create", sent).status_code == 302
    row = Generation.objects.get()
    assert row.is_preview and credits.balance(bob) == before - 1
    hand.drain()
    row.refresh_from_db()
    assert row.clip is not None and (row.clip.width, row.clip.height) == (108, 192)
    whole = f"/create?from={row.public_id}"
    assert whole in browser.get(f"/clips/{row.clip.public_id}").content.decode()
    page = browser.get(whole).content.decode()
    assert "a red kite" in page and f'value="{row.seed}"' in page


# --- only what the engine can do


def test_the_page_offers_what_the_engines_can_do(bob: User) -> None:
    form = ComposeForm(initial={"remix": ""})
    can = form.abilities()
    assert can["swatch"] == {"seconds": [1, 2, 5], "any_length": False, "shapes": ["9:16"], "cast": 3}
    assert can["native"]["any_length"] and max(can["native"]["seconds"]) == 120
    assert browser_of(bob).get("/create").content.decode().count('id="abilities"') == 1


def test_what_the_engine_cannot_do_is_refused_with_what_it_can(bob: User, vectors: str) -> None:
    sent = {"prompt": "a red kite", "seconds": "7", "aspect": "9:16", "engine": "swatch"}
    answer = browser_of(bob).post("/create", sent)
    assert answer.status_code == 422 and "1, 2, 5" in answer.content.decode()


def test_the_price_of_all_takes_is_told_before(bob: User, vectors: str) -> None:
    asked = {"prompt": "a red kite", "seconds": 5, "engine": "swatch", "takes": 3}
    told = browser_of(bob).post("/api/v1/generations/check", asked, content_type="application/json").json()
    assert told["estimate"]["credits"] == 15
    page = browser_of(bob).post(
        "/create", {"prompt": "", "seconds": "5", "aspect": "9:16", "engine": "swatch", "takes": "3"}
    )
    assert "<b data-credits>15</b>" in page.content.decode()


# --- the helper


@pytest.mark.parametrize("kind", list(prompt_help.ADDITIONS))
def test_what_the_helper_adds_is_in_the_world(kind: str) -> None:
    for phrase in (phrase for pair in prompt_help.ADDITIONS[kind] for phrase in pair):
        assert words.unknown_words(phrase) == []
        assert any(concept.startswith(f"{kind}:") for concept in words.known_concepts(phrase)), phrase


def test_neighbours_lead_from_outside_the_world_into_it() -> None:
    for word, near in prompt_help.NEIGHBOURS.items():
        assert words.unknown_words(word) == [word], word
        assert words.known_concepts(near) and not words.unknown_words(near), near


def test_a_thing_in_chinese_takes_its_verb_along() -> None:
    made = prompt_help.rewrite("一个女人在公园拉小提琴")
    assert made.text.startswith("一个女人在公园弹吉他") and "挥手" not in made.text
    assert (made.changes[0].before, made.changes[0].after) == ("拉小提琴", "弹吉他")
    assert "弹吉他" in prompt_help.rewrite("一个女人弹钢琴").text
    assert "走路" not in prompt_help.rewrite("一个男人开汽车").text, "riding is something that is done"


@pytest.mark.parametrize(
    ("said", "before", "after", "told"),
    [
        ("an elephant waves", "an elephant", "a bear", "a bear waves"),
        ("An owl waves", "An owl", "A bird", "A bird waves"),
        ("a lion waves", "lion", "cat", "a cat waves"),
        ("the elephant waves", "elephant", "bear", "the bear waves"),
        ("two elephants wave", "elephants", "bears", "two bears wave"),
        ("buses on a meadow", "buses", "bicycles", "bicycles on a meadow"),
        ("volcanos at night", "volcanos", "mountains", "mountains at night"),
    ],
)
def test_what_comes_instead_stands_there_as_one_would_say_it(
    said: str, before: str, after: str, told: str
) -> None:
    made = prompt_help.rewrite(said)
    assert made.text.startswith(told) and not words.unknown_words(made.text)
    assert [(c.before, c.after) for c in made.changes if c.before] == [(before, after)]


@pytest.mark.parametrize(
    "prompt", ["a woman plays the violin", "一只大象在跳舞", "a cat", "somebody", "机器人", "zebra zebra"]
)
def test_a_fuller_prompt_keeps_its_words_and_its_language(prompt: str) -> None:
    made = prompt_help.rewrite(prompt)
    kinds = {concept.partition(":")[0] for concept in words.known_concepts(made.text)}
    assert {"place", "time", "mood", "camera", "verb"} <= kinds
    assert words.is_chinese(made.text) == words.is_chinese(prompt)
    replaced = {change.before for change in made.changes if change.before}
    for said, concept in words.concepts(prompt):
        if concept and concept != "unknown":
            assert said in made.text.lower()
    assert replaced <= set(words.unknown_words(prompt))
    assert prompt_help.rewrite(made.text).changes == []  # once is enough


def test_nothing_is_added_to_what_says_it_all_or_nothing() -> None:
    whole = "a man waves happily at the beach at sunset, slow pan"
    assert prompt_help.rewrite(whole) == prompt_help.Rewritten(whole, [])
    assert prompt_help.rewrite("") == prompt_help.Rewritten("", [])
    assert prompt_help.rewrite("x" * 5000).changes == []


def test_other_engines_keep_their_words_and_casts_are_somebody() -> None:
    assert "violin" in prompt_help.rewrite("a woman plays the violin", engine="diffusers").text
    assert all(
        change.why != "Nobody was in it." for change in prompt_help.rewrite("Alice dances", ["Alice"]).changes
    )


def test_help_and_undo_without_scripts(bob: User) -> None:
    browser = browser_of(bob)
    sent = {"prompt": "a woman plays the violin", "seconds": "5", "aspect": "9:16", "engine": "native"}
    page = browser.post("/create", sent | {"help": "1"}).content.decode()
    assert "<del>violin</del>" in page and "<ins>guitar</ins>" in page and "plays the guitar" in page
    back = browser.post(
        "/create", sent | {"prompt": "fuller", "before": sent["prompt"], "undo": "1"}
    ).content.decode()
    assert "a woman plays the violin" in back and not Generation.objects.exists()


# --- somebody who is not there


@pytest.mark.parametrize("state", ["nobody", "pending", "erased"])
def test_nobody_pays_for_a_clip_without_somebody_who_was_wanted_in_it(
    state: str, bob: User, alice: User, now: datetime, vectors: str
) -> None:
    """Absent, erased and not verified yet are said alike, before anything is made or charged."""
    key = "3b1c9f0e-7a44-4f0b-8f0e-6a2f3f1f9d11"
    if state in ("pending", "erased"):
        Cameo.objects.create(owner=alice, name="Alice", state=state, public_id=key, created_at=now)
    before = credits.balance(bob)
    wishes = {"prompt": "a walk", "seconds": 5, "aspect": "9:16", "engine": "native", "takes": 1}
    sent = wishes | {"cast": [key]}
    answer = browser_of(bob).post("/create", sent)
    assert answer.status_code == 403
    assert "Somebody you chose has no verified likeness" in answer.content.decode()
    assert credits.balance(bob) == before and not Generation.objects.exists()
    api = browser_of(bob).post("/api/v1/generations", sent, "application/json")
    assert (api.status_code, api.json()["code"]) == (403, "consent_not_verified")
