"""What somebody typed into a form of making is there when they come back, whichever form it was."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from generation import drafts, hand, templates
from generation.models import Clip, ComposeDraft, Generation
from tests.generation.conftest import Ask
from tests.generation.test_photos import bring, coffee

SCRIPT = {"Accept": "application/json"}


@pytest.fixture
def clip(ask: Ask, bob: User) -> Clip:
    made = ask(bob)
    hand.drain()
    made.refresh_from_db()
    assert made.clip is not None
    return made.clip


@pytest.fixture
def page(bob: User, client: Client) -> Client:
    client.force_login(bob)
    return client


FORMS: list[tuple[str, dict[str, Any], str]] = [
    ("/clips/{clip}/ways/extend", {"prompt": "and on", "more_s": "7", "aspect": "9:16"}, 'value="7"'),
    ("/clips/{clip}/ways/loop", {"seed": "77"}, 'value="77"'),
    ("/clips/{clip}/ways/connect", {"other": "not yet an address"}, "not yet an address"),
    ("/clips/{clip}/ways/edit", {"prompt": "at night", "hide_prompt": "on"}, "at night"),
    ("/clips/{clip}/ways/recast", {"prompt": "a panda", "person": "1"}, '<option value="1" selected>'),
    ("/clips/{clip}/ways/keyframes", {"prompt": "by", "second_2": "3.5"}, 'value="3.5"'),
    ("/clips/{clip}/ways/image", {"prompt": "from here", "at": "0.5"}, 'value="0.5"'),
    ("/create/still", {"prompt": "one kite"}, "one kite"),
    ("/create/layout", {"prompt": "two meet", "what_2": "person", "x_2": "-20"}, 'value="-20"'),
    ("/create/storyboard", {"shot-0-prompt": "a kite rises", "shot-0-seconds": "4"}, "a kite rises"),
    ("/create/promo", {"name": "A blue mug", "lines": "Warm\r\nLight"}, "A blue mug"),
    ("/create/explain", {"title": "Tides", "text": "The moon pulls."}, "The moon pulls."),
    ("/create/picture", {"prompt": "steam rises", "move": "left"}, "steam rises"),
    ("/templates/built-in/three-reasons", {"words-topic": "why bees"}, 'value="why bees"'),
]


@pytest.mark.parametrize(("where", "typed", "seen"), FORMS, ids=[where.split("/")[-1] for where, *_ in FORMS])
def test_it_is_kept_by_the_script_listed_taken_up_and_thrown_away(
    page: Client, clip: Clip, bob: User, now: datetime, where: str, typed: dict[str, Any], seen: str
) -> None:
    where = where.format(clip=clip.public_id)
    if where.endswith("promo"):  # which shows its fields once there is a photo
        bring(bob, coffee(), now)
    before = Generation.objects.count()
    first = page.post(where, typed | {"keep": "1", "draft": ""}, headers=SCRIPT)
    assert first.status_code == 200, first.content
    named = first.json()["id"]
    again = page.post(where, typed | {"keep": "1", "draft": named}, headers=SCRIPT)
    assert again.json()["id"] == named and ComposeDraft.objects.count() == 1
    assert Generation.objects.count() == before, "keeping asks for nothing"
    draft = ComposeDraft.objects.get()
    assert draft.door in page.get("/create").content.decode()
    assert named in page.get(where).content.decode(), "the form lists its own"
    taken_up = page.get(draft.door, follow=True)
    body = taken_up.content.decode()
    assert taken_up.status_code == 200 and seen in body
    assert f'name="draft" value="{named}"' in body, "what follows writes over it"
    gone = page.post(f"/create/drafts/{named}/forget", {"here": "1"})
    assert gone["Location"] == where and not ComposeDraft.objects.exists()


def test_its_button_keeps_it_without_a_script_and_asking_for_the_clip_ends_it(
    page: Client, clip: Clip
) -> None:
    where = f"/clips/{clip.public_id}/ways/extend"
    sent = {"prompt": "and on", "more_s": "1", "aspect": "9:16", "takes": "1", "engine": "swatch"}
    kept = page.post(where, sent | {"keep": "1"})
    draft = ComposeDraft.objects.get()
    assert kept["Location"] == f"{where}?draft={draft.public_id}"
    page.post(where, sent | {"draft": str(draft.public_id), "preview": "1"})
    assert ComposeDraft.objects.count() == 1, "a preview is to be gone on from"
    hand.drain()
    preview = Generation.objects.latest("pk")
    page.post(f"/generations/{preview.public_id}/again", {"in_full": "1"})
    assert not ComposeDraft.objects.exists(), "what it showed is made whole"
    page.post(where, sent | {"keep": "1"})
    draft = ComposeDraft.objects.get()
    made = page.post(where, sent | {"draft": str(draft.public_id)})
    assert made.status_code == 302 and "/generations/" in made["Location"]
    assert not ComposeDraft.objects.exists()


def test_the_words_outlive_the_clip_that_they_were_about(page: Client, clip: Clip, now: datetime) -> None:
    where = f"/clips/{clip.public_id}/ways/edit"
    page.post(where, {"prompt": "at night in the rain", "keep": "1"})
    remix = page.post("/create", {"prompt": "they dance", "remix": str(clip.public_id), "keep": "1"})
    assert remix.status_code == 302
    page.post(f"/clips/{clip.public_id}/delete")
    for draft, words in zip(drafts.of(clip.maker), ("they dance", "at night in the rain"), strict=True):
        shown = page.get(draft.door, follow=True)
        assert shown.status_code == 200 and words in shown.content.decode()
        assert "is not there any more. Its words are here." in shown.content.decode()


def test_a_filled_template_has_done_its_work_and_one_that_is_gone_leaves_its_words(
    page: Client, clip: Clip, bob: User, now: datetime
) -> None:
    where = "/templates/built-in/three-reasons"
    typed = {f"words-{name}": name for name in ("topic", "first reason", "second reason", "third reason")}
    named = page.post(where, typed | {"keep": "1"}, headers=SCRIPT).json()["id"]
    assert page.get(f"/templates/built-in/unboxing?draft={named}").status_code == 404
    page.post(where, typed | {"draft": named})
    assert [row.form for row in drafts.of(bob)] == [drafts.STORYBOARD]
    own = templates.keep(
        clip=clip, maker=bob, title="Mine", prompts=["a person eats [fruit]"], product="", is_shared=False,
        now=now,
    )  # fmt: skip
    page.post(own.get_absolute_url(), {"words-fruit": "a fig", "keep": "1"})
    draft = drafts.of(bob)[0]
    assert 'value="a fig"' in page.get(draft.door, follow=True).content.decode()
    page.post(f"{own.get_absolute_url()}/delete")
    shown = page.get(draft.door, follow=True).content.decode()
    assert "a fig" in shown and "The template that this draft fills is not there any more." in shown


@pytest.mark.parametrize("where", ["/create/still", "/create/picture"])
def test_who_goes_back_to_a_draft_that_has_done_its_work_can_send_it_again(page: Client, where: str) -> None:
    kept = page.post(where, {"prompt": "a kite", "keep": "1"})["Location"]
    ComposeDraft.objects.all().delete()
    assert page.get(kept).status_code == 404
    again = page.post(kept, {"prompt": "a red kite", "keep": "1"})
    assert again.status_code == 302 and ComposeDraft.objects.get().words == "a red kite"


def test_a_draft_is_of_its_form_and_its_maker_alone(
    page: Client, clip: Clip, bob: User, carol: User, now: datetime
) -> None:
    kept = drafts.keep(maker=bob, wishes={"prompt": "on"}, kind="extend", clip=clip, now=now)
    assert page.get(f"/clips/{clip.public_id}/ways/edit?draft={kept.public_id}").status_code == 404
    page.post("/create/still", {"prompt": "a kite", "draft": str(kept.public_id), "keep": "1"})
    kept.refresh_from_db()
    assert kept.wishes == {"prompt": "on"} and ComposeDraft.objects.count() == 2
    other = Client()
    other.force_login(carol)
    assert other.get(f"/create/drafts/{kept.public_id}").status_code == 404
    assert other.get(f"/create/still?draft={kept.public_id}").status_code == 404


def test_what_is_typed_is_kept_as_text_and_no_more_of_it_than_a_form_may_hold(page: Client) -> None:
    sent = {
        "prompt": "a\0kite" + "x" * 30_000,
        "takes": "nonsense",
        "evil": "field",
        "draft": "zz",
        "keep": "1",
    }
    assert page.post("/create/still", sent, headers=SCRIPT).status_code == 200
    wishes = ComposeDraft.objects.get().wishes
    assert len(wishes["prompt"]) <= drafts.LONGEST and "\0" not in wishes["prompt"] and "evil" not in wishes
    assert page.get(ComposeDraft.objects.get().door).status_code == 200
    assert (
        page.post(
            "/create/still", {"cast": "a\0b", "prompt": r"\u0000", "keep": "1"}, headers=SCRIPT
        ).status_code
        == 200
    )
    assert ComposeDraft.objects.latest("pk").wishes == {
        "cast": ["ab"],
        "prompt": r"\u0000",
        "hide_prompt": False,
    }


def test_what_is_no_id_in_an_address_or_a_draft_is_not_found_and_breaks_nothing(
    page: Client, bob: User, now: datetime
) -> None:
    for address in ("/create?from=zz", "/create?remix=zz", "/create/storyboard?from=zz"):
        assert page.get(address).status_code == 404
    assert page.post("/create", {"prompt": "a kite", "draft": "zz", "keep": "1"}).status_code == 302
    kept = drafts.keep(maker=bob, wishes={"prompt": "they dance", "remix": "zz"}, now=now)  # by the API
    shown = page.get(kept.door, follow=True)
    assert shown.status_code == 200 and "they dance" in shown.content.decode()


def test_a_program_writes_over_no_draft_of_another_form_and_makes_none_instead(
    page: Client, bob: User, now: datetime
) -> None:
    kept = drafts.keep(maker=bob, wishes={"name": "A blue mug"}, kind="promo", now=now)
    answer = page.put(
        f"/api/v1/drafts/{kept.public_id}", {"prompt": "a kite"}, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "draft_of_another_form")
    assert ComposeDraft.objects.get().wishes == {"name": "A blue mug"}
