"""What people see while making: composer, progress, draft, files, verify. And what others do not see."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import Block, User
from cameos import uses
from cameos.models import Cameo, LikenessUse
from feed.models import Post
from generation import credits, hand
from generation.models import Clip, Generation, Rendition
from generation.states import State
from tests.generation.conftest import Ask, allow

WISH = {"seconds": "1", "aspect": "9:16", "engine": "swatch"}


@pytest.fixture
def only_swatch(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page offers the small engine as its own."""
    from generation.engines import base
    from tests.generation.swatch import SWATCH

    monkeypatch.setattr(base, "entries", lambda: {"swatch": SWATCH, "native": SWATCH})


def browser(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def sealed(generation: Generation) -> Clip:
    hand.drain()
    generation.refresh_from_db()
    assert generation.clip is not None, (generation.state, generation.error, generation.refusal_evidence)
    return generation.clip


def published(clip: Clip, now: datetime) -> Post:
    return Post.objects.create(clip=clip, creator=clip.maker, published_at=now)


def test_bob_writes_presses_and_follows_his_clip(vectors: str, only_swatch: None, bob: User) -> None:
    page = browser(bob)
    assert "Who is in it?" in page.get("/create").content.decode()
    answer = page.post("/create", WISH | {"prompt": "a red kite"})
    row = Generation.objects.get()
    assert answer.status_code == 302 and answer["Location"] == f"/generations/{row.public_id}"
    waiting = page.get(answer["Location"]).content.decode()
    assert f"/ws/generations/{row.public_id}/" in waiting and "http-equiv" in waiting
    hand.drain()
    draft = page.get(answer["Location"], follow=True)
    assert draft.redirect_chain and "Your draft" in draft.content.decode()


def test_an_empty_prompt_is_a_sentence_on_the_page_and_a_code_in_the_api(
    vectors: str, only_swatch: None, bob: User
) -> None:
    page = browser(bob).post("/create", WISH | {"prompt": " "})
    assert page.status_code == 422 and "no words" in page.content.decode()
    answer = browser(bob).post("/api/v1/generations", {"prompt": ""}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (422, "prompt_empty")
    long = browser(bob).post("/api/v1/generations", {"prompt": "ab " * 3334}, content_type="application/json")
    assert (long.status_code, long.json()["code"]) == (422, "prompt_too_long")


def test_a_refused_page_names_stage_rule_evidence_and_what_to_do(ask: Ask, bob: User) -> None:
    row = ask(bob, "a naked man dances")
    text = browser(bob).get(f"/generations/{row.public_id}").content.decode()
    for words in ("The prompt", "No sexual content", "<mark>naked</mark>", "Show the people", "Nothing."):
        assert words in text


def test_the_picker_says_which_rule_stands_against_a_stranger(
    bob: User, carol: User, likeness: Cameo, now: datetime
) -> None:
    allow(likeness, bob, timezone.now())
    mine = browser(bob).get(f"/create?cast={likeness.public_id}").content.decode()
    assert "checked" in mine and "disabled" not in mine
    hers = browser(carol).get(f"/create?cast={likeness.public_id}").content.decode()
    assert "disabled" in hers and "picker__no" in hers


def test_the_typing_check_tells_unknown_words_and_never_allows_unchecked(
    vectors: str, bob: User, no_vectors: None
) -> None:
    from model import text

    page = browser(bob)
    asked = {"prompt": "an elephant juggles", "seconds": 5}
    unchecked = page.post("/api/v1/generations/check", asked, content_type="application/json").json()
    assert unchecked["verdict"] == "unchecked" and unchecked["unknown_words"] == ["elephant"]
    text.use(vectors)
    checked = page.post("/api/v1/generations/check", asked, content_type="application/json").json()
    assert checked["verdict"] == "allow" and checked["estimate"]["credits"] == 5
    assert not Generation.objects.exists()


def test_the_same_idempotency_key_makes_one_clip(vectors: str, bob: User) -> None:
    page, before = browser(bob), credits.balance(bob)
    wish = {"prompt": "a red kite", "engine": "swatch", "seconds": 1}
    first, again = (
        page.post(
            "/api/v1/generations", wish, content_type="application/json", headers={"Idempotency-Key": "k"}
        )
        for _ in range(2)
    )
    assert first.status_code == again.status_code == 201 and first.json()["id"] == again.json()["id"]
    assert Generation.objects.count() == 1 and credits.balance(bob) == before - 1


def test_bob_cancels_and_has_his_credits_back(ask: Ask, bob: User, carol: User) -> None:
    before = credits.balance(bob)
    row = ask(bob)
    assert browser(carol).post(f"/generations/{row.public_id}/cancel").status_code == 404
    assert browser(bob).post(f"/generations/{row.public_id}/cancel").status_code == 302
    row.refresh_from_db()
    assert row.state == State.CANCELLED and credits.balance(bob) == before
    assert browser(bob).post(f"/generations/{row.public_id}/cancel").status_code == 409


def test_a_clip_in_work_is_not_called_cancelled_before_it_stopped(ask: Ask, bob: User) -> None:
    row = ask(bob)
    Generation.objects.filter(pk=row.pk).update(state=State.RENDERING)
    page = browser(bob).post(f"/generations/{row.public_id}/cancel", follow=True).content.decode()
    assert "It stops at its next step" in page and "Cancelled." not in page
    assert "Your clip is being stopped" in page and f"/generations/{row.public_id}/cancel" not in page


def test_media_is_authorised_at_every_request_with_ranges(
    ask: Ask, bob: User, carol: User, mallory: User, now: datetime
) -> None:
    clip = sealed(ask(bob))
    rendition = clip.renditions.get(kind=Rendition.Kind.MP4_720)
    url = rendition.url
    assert browser(carol).get(url).status_code == browser(None).get(url).status_code == 404
    whole = browser(bob).get(url)
    assert whole.status_code == 200 and whole["Cache-Control"] == "private, no-cache"
    assert "Content-Disposition" not in whole  # a link names what it downloads
    part = browser(bob).get(url, headers={"Range": "bytes=0-99"})
    assert part.status_code == 206 and part["Content-Range"] == f"bytes 0-99/{rendition.bytes}"
    assert browser(bob).get(url, headers={"If-None-Match": whole["ETag"]}).status_code == 304
    published(clip, now)
    Block.objects.create(blocker=bob, blocked=mallory, created_at=now)
    assert browser(None).get(url).status_code == 200 and browser(mallory).get(url).status_code == 404
    browser(bob).post(f"/clips/{clip.public_id}/delete")
    assert browser(bob).get(url, headers={"If-None-Match": whole["ETag"]}).status_code == 404


def test_after_revocation_page_api_and_media_are_gone_for_everybody(
    ask: Ask, alice: User, bob: User, carol: User, character: Cameo, now: datetime
) -> None:
    allow(character, bob, now)
    clip = sealed(ask(bob, "a robot waves", cast=[character]))
    published(clip, now)
    addresses = [f"/clips/{clip.public_id}", f"/api/v1/clips/{clip.public_id}", clip.renditions.all()[0].url]
    assert [browser(carol).get(a).status_code for a in addresses] == [200, 200, 200]
    uses.end_uses(cameo=character, uses=LikenessUse.objects.filter(clip=clip), reason="revoked", now=now)
    for who in (alice, bob, carol, None):
        assert [browser(who).get(a).status_code for a in addresses] == [404, 404, 404]


def test_anybody_verifies_a_file_and_a_withdrawn_one_says_so(
    ask: Ask, bob: User, character: Cameo, now: datetime, settings: Any
) -> None:
    allow(character, bob, now)
    clip = sealed(ask(bob, "a robot waves", cast=[character], seconds=2))
    published(clip, now)
    data = Path(settings.MEDIA_ROOT, clip.renditions.get(kind="mp4_720").path).read_bytes()

    def look(content: bytes, name: str = "x.mp4") -> Any:
        return browser(None).post("/api/v1/verify", {"file": SimpleUploadedFile(name, content)})

    found = look(data).json()
    assert (found["state"], found["consent"], found["maker"]) == ("published", "live", "bob")
    assert {w["kind"]: w["confidence"] for w in found["witnesses"]}["manifest"] == 1.0
    uses.end_uses(cameo=character, uses=LikenessUse.objects.filter(clip=clip), reason="revoked", now=now)
    gone = look(data).json()
    assert (gone["state"], gone["consent"], gone["maker"]) == ("withdrawn", "withdrawn", "")
    page = browser(None).post("/verify", {"file": SimpleUploadedFile("x.mp4", data)}).content.decode()
    assert "Withdrawn" in page


def test_a_reencoded_copy_without_manifest_is_recognised_by_its_pictures(
    ask: Ask, bob: User, now: datetime, settings: Any, tmp_path: Path
) -> None:
    from model import video

    clip = sealed(ask(bob, seconds=2))
    published(clip, now)
    source = Path(settings.MEDIA_ROOT, clip.renditions.get(kind="mp4_720").path)
    video.rewrite(source, tmp_path / "copy.mp4", (144, 256), crf=30)
    copy = SimpleUploadedFile("copy.mp4", (tmp_path / "copy.mp4").read_bytes())
    found = browser(None).post("/api/v1/verify", {"file": copy}).json()
    assert (found["state"], found["clip"]) == ("published", str(clip.public_id))
    there = {w["kind"]: w["confidence"] for w in found["witnesses"]}
    assert there["manifest"] == there["bytes"] == 0.0 and there["pictures"] > 0.5
    assert (found["consent"], found["headline"]) == (
        "none",
        "Made on this host. Nobody is cast in it.",
    ), "nobody's agreement is claimed where nobody was asked"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "invalid"),
        (b"hello, I am no film", "file_unknown_kind"),
        (b"\x89PNG\r\n\x1a\nxx", "file_broken"),
    ],
)
def test_what_is_no_film_is_named(db: None, content: bytes, code: str) -> None:
    answer = browser(None).post("/api/v1/verify", {"file": SimpleUploadedFile("x.mp4", content)})
    assert answer.json()["code"] == code


def test_an_empty_file_is_told_what_to_do_with(db: None) -> None:
    answer = browser(None).post("/verify", {"file": SimpleUploadedFile("x.mp4", b"")})
    assert answer.status_code == 422
    assert "The file is empty. Please record or choose it again." in answer.content.decode()


def test_the_list_of_generations_asks_a_fixed_number_of_questions(
    ask: Ask, bob: User, django_assert_max_num_queries: Any
) -> None:
    for seed in range(1, 6):
        ask(bob, seed=seed)
    page = browser(bob)
    with django_assert_max_num_queries(12):
        assert page.get("/generations").status_code == 200
