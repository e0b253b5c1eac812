"""Templates: the structure of a clip with one's own people, products and words."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.utils.translation import override

from accounts.models import User
from cameos.models import Cameo, LikenessUse
from feed.models import Post
from generation import products, templates
from generation.models import Clip, ClipTemplate, ComposeDraft, Generation
from generation.products import Offered
from generation.refusals import (
    BadTemplate,
    BlankEmpty,
    ParentNotRemixable,
    ProductGone,
    SourceHidesItsWords,
)
from generation.states import State
from generation.templates import Filling
from tests.conftest import NOW

SHOTS = [
    {"prompt": "Alice opens a box", "seconds": 4, "camera": "zoom_in", "begin": "", "says": []},
    {"prompt": "the box on a table", "seconds": 6, "camera": "", "begin": "cut"},
]


MUG = str(UUID(int=7))


@dataclass
class Shop:
    """What is on sale by now, as another room would tell it."""

    titles: dict[str, str] = field(default_factory=lambda: {MUG: "Stage mug"})

    def offered(self, maker: User, now: datetime, most: int) -> list[Offered]:
        return [Offered(key, title, "Shop") for key, title in self.titles.items()]

    def find(self, maker: User, key: UUID, now: datetime) -> Offered | None:
        title = self.titles.get(str(key))
        return Offered(str(key), title, "Shop") if title else None

    def picture(self, maker: User, key: UUID, now: datetime) -> None:
        return None


@pytest.fixture
def sold(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    shop = Shop()
    monkeypatch.setattr(products, "_shelf", shop)
    return shop.titles


def made_clip(maker: User, now: datetime, likeness: Cameo | None = None, **fields: Any) -> Clip:
    """A published clip of two shots."""
    given = {"prompt": "Alice opens a box", "engine": "native", "duration_ms": 10_000} | fields
    clip = Clip.objects.create(maker=maker, width=720, height=1280, sealed_at=now, **given)
    cast = []
    if likeness is not None:
        Clip.objects.filter(pk=clip.pk).update(cast_count=1)
        LikenessUse.objects.create(
            clip=clip, cameo=likeness, state="live", approval="not_needed", created_at=now
        )
        cast = [str(likeness.public_id)]
    Generation.objects.create(
        maker=maker, verb="storyboard", prompt=clip.prompt, seed=1, clip=clip, state=State.READY,
        state_since=now, credits=1, created_at=now, aspect="16:9",
        how={"shots": [shot | {"cast": cast} for shot in SHOTS]},
    )  # fmt: skip
    Post.objects.create(clip=clip, creator=maker, published_at=now)
    return Clip.objects.get(pk=clip.pk)


def test_a_structure_keeps_lengths_and_cameras_and_forgets_who_it_was(
    bob: User, likeness: Cameo, now: datetime
) -> None:
    shots = templates.shots_of(made_clip(bob, now, likeness), bob)
    assert [(shot["seconds"], shot["camera"], shot["begin"]) for shot in shots] == [
        (4, "zoom_in", ""),
        (6, "", "cut"),
    ]
    assert [shot["cast"] for shot in shots] == [[0], [0]]
    assert shots[0]["prompt"] == "[person 1] opens a box"


def test_a_clip_that_was_made_without_words_lends_none(
    bob: User, likeness: Cameo, now: datetime, client: Client
) -> None:
    clip = made_clip(bob, now, likeness, prompt="a seamless loop")
    Generation.objects.filter(clip=clip).update(verb="text", how={}, prompt=clip.prompt)
    clip = Clip.objects.get(pk=clip.pk)
    assert [shot["prompt"] for shot in templates.shots_of(clip, bob)] == [""]
    client.force_login(bob)
    page = client.get(f"/clips/{clip.public_id}/template").content.decode()
    assert "seamless loop" not in page and "write what is seen there" in page
    answer = client.post(
        f"/clips/{clip.public_id}/template", {"title": "Round", "prompt-0": "[person 1] turns"}
    )
    kept = ClipTemplate.objects.get()
    assert answer.status_code == 302 and kept.shots[0]["prompt"] == "[person 1] turns"
    assert (
        f"1 shot, {templates.structure_of(kept).seconds} s"
        in client.get(kept.get_absolute_url()).content.decode()
    )


def test_whoever_is_named_by_number_is_cast(
    bob: User, character: Cameo, now: datetime, client: Client
) -> None:
    prompts = ["[Person 2] meets [person 1] and [person 9]", "[place]"]
    kept = templates.keep(clip=made_clip(bob, now), maker=bob, title="Two", prompts=prompts, now=now)
    structure = templates.structure_of(kept)
    assert (structure.slots, structure.blanks) == (2, ["person 9", "place"])
    filling = Filling([character], {"person 9": "a dog", "place": "a hall"})
    draft = templates.fill(structure=structure, maker=bob, filling=filling, now=now)
    assert draft.wishes["shots"][0]["prompt"] == f"a person meets {character.name} and a dog"
    assert draft.wishes["shots"][0]["cast"] == [str(character.public_id)]


def test_names_are_found_between_chinese_signs_and_the_longest_first() -> None:
    told = templates._nameless("李小明打开盒子，李小笑", {"李小": 1, "李小明": 0})
    assert told == "[person 1]打开盒子，[person 2]笑"
    told = templates._nameless("Ann meets anna and Annabel", {"Ann": 0, "Anna": 1})
    assert told == "[person 1] meets [person 2] and Annabel"


def test_carol_fills_it_with_her_own(
    bob: User, carol: User, likeness: Cameo, character: Cameo, sold: dict[str, str], now: datetime
) -> None:
    clip = made_clip(bob, now, likeness)
    prompts = ["[person 1] opens a box with [product]", "[product] in [place]"]
    kept = templates.keep(clip=clip, maker=carol, title="Box", prompts=prompts, product=MUG, now=now)
    structure = templates.structure_of(kept)
    assert (structure.slots, structure.blanks, structure.seconds) == (1, ["product", "place"], 10)
    filling = Filling([character], {"place": "a [sunny] garden"}, MUG)
    draft = templates.fill(structure=structure, maker=carol, filling=filling, now=now)
    shots = draft.wishes["shots"]
    assert [shot["prompt"] for shot in shots] == [
        f"{character.name} opens a box with Stage mug",
        "Stage mug in a sunny garden",
    ]
    assert shots[0]["cast"] == [str(character.public_id)] and draft.wishes["aspect"] == "16:9"
    assert draft.get_absolute_url() == f"/create/storyboard?draft={draft.public_id}"
    assert draft.wishes["product"] == MUG  # shown, and not only named
    alone = templates.fill(
        structure=structure, maker=carol, filling=Filling([], {"place": "here", "product": "tea"}), now=now
    )
    assert (
        alone.wishes["shots"][0] | {"prompt": "a person opens a box with tea", "cast": []}
        == alone.wishes["shots"][0]
    )
    assert "product" not in alone.wishes


def test_a_product_that_is_gone_is_named_and_nothing_is_lost(
    bob: User, sold: dict[str, str], now: datetime, client: Client
) -> None:
    prompts = ["a box with [product]", "[product] in [place]"]
    kept = templates.keep(
        clip=made_clip(bob, now), maker=bob, title="Box", prompts=prompts, product=MUG, now=now
    )
    sold.clear()
    client.force_login(bob)
    assert "not on sale any more" in client.get(kept.get_absolute_url()).content.decode()
    answer = client.post(kept.get_absolute_url(), {"product": MUG, "words-place": "a kitchen"})
    page = answer.content.decode()
    assert answer.status_code == 409 and 'value="a kitchen"' in page and "not on sale any more" in page
    assert not ComposeDraft.objects.exists()
    refused = client.post(
        f"/api/v1/templates/{kept.public_id}/fill",
        {"product": MUG, "words": {"place": "x"}},
        "application/json",
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "product_gone")
    answer = client.post(kept.get_absolute_url(), {"words-product": "a cup", "words-place": "a kitchen"})
    assert answer.status_code == 302
    assert ComposeDraft.objects.get().wishes["shots"][1]["prompt"] == "a cup in a kitchen"
    with pytest.raises(ProductGone):
        templates.keep(clip=kept.source, maker=bob, title="Box", prompts=prompts, product=MUG, now=now)


def test_a_zero_byte_is_kept_in_no_template(bob: User, now: datetime) -> None:
    clip, prompts = made_clip(bob, now), ["somebody\0 waves", "a box"]
    kept = templates.keep(clip=clip, maker=bob, title="A\0 box", prompts=prompts, now=now)
    assert (kept.title, kept.shots[0]["prompt"]) == ("A box", "somebody waves")


def test_an_empty_blank_is_named(bob: User, now: datetime) -> None:
    structure = templates.built_in()[0]
    with pytest.raises(BlankEmpty) as said:
        templates.fill(structure=structure, maker=bob, filling=Filling(words={"product": " [] "}), now=now)
    assert "Product" in str(said.value.message)


def test_blanks_have_one_name_in_every_language(bob: User, client: Client) -> None:
    with override("zh-hans"):
        chinese = templates.built_in()
    for here, there in zip(templates.built_in(), chinese, strict=True):
        assert here.blanks == there.blanks and here.title != there.title
    told = {"words-before": "tea in bed", "words-after": "awake", "keep": "1"}
    client.force_login(bob)
    kept = client.post("/templates/built-in/before-after", told)
    page = client.get(kept["Location"], headers={"accept-language": "zh-hans"}).content.decode()
    assert 'name="words-before" value="tea in bed"' in page and "words-之前" not in page


def test_who_may_use_whose_structure(bob: User, carol: User, now: datetime) -> None:
    hidden = made_clip(bob, now, prompt_hidden=True)
    with pytest.raises(SourceHidesItsWords):
        templates.shots_of(hidden, carol)
    closed = made_clip(bob, now)
    Post.objects.filter(clip=closed).update(allow_remix=False)
    with pytest.raises(ParentNotRemixable):
        templates.shots_of(closed, carol)
    assert len(templates.shots_of(closed, bob)) == 2
    for title, prompts in (("", ["a", "b"]), ("x", ["a"]), ("x", ["a", " "])):
        with pytest.raises(BadTemplate):
            templates.keep(clip=closed, maker=bob, title=title, prompts=prompts, now=now)


def test_a_template_goes_with_its_clip(bob: User, carol: User, now: datetime) -> None:
    clip = made_clip(bob, now)
    shared = templates.keep(clip=clip, maker=bob, title="Box", prompts=["a", "b"], is_shared=True, now=now)
    hers = templates.keep(clip=clip, maker=carol, title="Hers", prompts=["a", "b"], is_shared=True, now=now)
    assert not hers.is_shared  # it is not her clip
    visible = ClipTemplate.objects.visible_to
    assert set(visible(carol)) == {shared, hers} and set(visible(AnonymousUser())) == {shared}
    Post.objects.filter(clip=clip).update(allow_remix=False)
    assert set(visible(carol)) == {hers}
    Clip.objects.filter(pk=clip.pk).update(withdrawn_at=NOW)
    assert not visible(carol).exists() and not visible(bob).exists()


def test_every_structure_of_the_host_can_be_filled(bob: User, now: datetime) -> None:
    for structure in templates.built_in():
        words = dict.fromkeys(structure.blanks, "tea")
        draft = templates.fill(structure=structure, maker=bob, filling=Filling(words=words), now=now)
        assert all("[" not in shot["prompt"] and shot["prompt"] for shot in draft.wishes["shots"])
        assert 10 <= structure.seconds <= 60


def test_pages_from_a_clip_to_a_storyboard(
    bob: User, carol: User, likeness: Cameo, now: datetime, client: Client
) -> None:
    clip = made_clip(bob, now, likeness)
    assert "None yet" in client.get("/templates").content.decode()
    client.force_login(carol)
    address = f"/clips/{clip.public_id}/template"
    assert "[person 1] opens a box" in client.get(address).content.decode()
    sent = {"title": "", "prompt-0": "[person 1] opens [thing]", "prompt-1": "[thing]"}
    refused = client.post(address, sent)
    assert refused.status_code == 422 and "[person 1] opens [thing]" in refused.content.decode()
    answer = client.post(address, sent | {"title": "Opening"})
    kept = ClipTemplate.objects.get()
    assert answer.url == kept.get_absolute_url()
    assert "Opening" in client.get("/templates").content.decode()
    answer = client.post(kept.get_absolute_url(), {"words-thing": "a letter"})
    page = client.get(answer.url).content.decode()
    assert "a person opens a letter" in page
    draft = ComposeDraft.objects.get()
    sent = {
        "draft": str(draft.public_id),
        "keep": "1",
        "aspect": "16:9",
        "shot-0-prompt": "changed",
        "shot-0-seconds": "5",
    }
    assert client.post("/create/storyboard", sent).status_code == 302
    draft.refresh_from_db()
    assert draft.words == "changed" and ComposeDraft.objects.count() == 1
    assert f"/create/storyboard?draft={draft.public_id}" in client.get("/create").content.decode()
    assert client.post(f"/templates/{kept.public_id}/delete").status_code == 302
    assert client.get(kept.get_absolute_url()).status_code == 404


def test_a_trend_or_a_product_becomes_a_script(bob: User, sold: dict[str, str], client: Client) -> None:
    client.force_login(bob)
    assert "tightrope" in client.get("/templates?topic=tightrope").content.decode()
    page = client.get("/templates/built-in/three-reasons?topic=tightrope").content.decode()
    assert 'value="tightrope"' in page
    page = client.get(f"/templates/built-in/unboxing?product={MUG}").content.decode()
    assert f'<option value="{MUG}" selected>Stage mug</option>' in page
    assert client.get("/templates/built-in/nothing").status_code == 404
