"""Every verb as a request: what it needs, how long it gets, whose word counts, and what it was made from."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import c2pa
import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from accounts.models import User
from cameos.models import Cameo, GrantedPerson, LikenessGrant, LikenessUse
from feed import cards
from feed.models import Post
from generation import credits, hand, news, verbs, wordless
from generation.engines import base as engines
from generation.engines import heads
from generation.models import Clip, Generation, Ingredient
from generation.provenance import manifest
from generation.refusals import CannotMake, ParentNotRemixable
from generation.states import State, Verb
from tests.generation.conftest import Ask, allow


@pytest.fixture
def make_clip(ask: Ask, now: datetime) -> Any:
    """`make_clip(bob)`: one second of cloth of Bob's, published so that others may go on from it."""

    def make(
        maker: User, prompt: str = "a red kite over the sea", published: bool = True, **wishes: Any
    ) -> Clip:
        generation = ask(maker, prompt, **wishes)
        hand.drain()
        generation.refresh_from_db()
        assert generation.clip is not None, (generation.state, generation.error, generation.refusal_rule)
        if published:
            Post.objects.create(clip=generation.clip, creator=maker, published_at=now)
        return generation.clip

    return make


def finished(generation: Generation) -> Generation:
    hand.drain()
    generation.refresh_from_db()
    return generation


@pytest.mark.parametrize(
    ("verb", "clips", "how", "code"),
    [
        ("dream", 0, {}, "verb_unknown"),
        (Verb.TEXT, 1, {}, "parent_without_remix"),
        (Verb.REMIX, 0, {}, "clips_missing"),
        (Verb.CONNECT, 1, {}, "clips_missing"),
        (Verb.LOOP, 2, {}, "clips_too_many"),
        (Verb.KEYFRAMES, 2, {"second": [0]}, "moments_missing"),
        (Verb.KEYFRAMES, 2, {"second": [3, 3.5]}, "moments_too_close"),
        (Verb.KEYFRAMES, 2, {"second": [4, 1]}, "moments_too_close"),
        (Verb.IMAGE, 1, {"at_ms": ["soon"]}, "not_a_number"),
        (Verb.EXTEND, 1, {"more_s": float("nan")}, "not_a_number"),
        (Verb.STORYBOARD, 0, {}, "shots_missing"),
        (Verb.STORYBOARD, 0, {"shots": [{"prompt": "one"}, {"prompt": "  "}]}, "shots_missing"),
        (Verb.STORYBOARD, 0, {"shots": [{"prompt": f"shot {n}"} for n in range(13)]}, "shots_too_many"),
    ],
)
def test_what_has_no_sense_is_refused_by_name(verb: str, clips: int, how: dict[str, Any], code: str) -> None:
    sources = [Clip(pk=n, duration_ms=5000) for n in range(clips)]
    with pytest.raises(CannotMake) as refused:
        verbs.settle(verb, prompt="a kite", sources=sources, how=how, seconds=5, cast_count=0)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("verb", "lengths", "how", "seconds"),
    [
        (Verb.TEXT, [], {}, 7),
        (Verb.STILL, [], {}, 1),
        (Verb.EXTEND, [5000], {"more_s": 4}, 9),
        (Verb.EXTEND, [5000], {"more_s": -4}, 6),
        (Verb.EXTEND, [5000], {"more_s": 10_000}, 65),
        (Verb.LOOP, [5000], {}, 8),
        (Verb.CONNECT, [5000, 10_000], {}, 18),
        (Verb.EDIT, [9900], {}, 10),
        (
            Verb.STORYBOARD,
            [],
            {"shots": [{"prompt": "a", "seconds": 3}, {"prompt": "b", "seconds": 20}]},
            23,
        ),
    ],
)
def test_each_verb_has_its_length(verb: str, lengths: list[int], how: dict[str, Any], seconds: int) -> None:
    sources = [Clip(pk=n, duration_ms=ms) for n, ms in enumerate(lengths)]
    settled = verbs.settle(verb, prompt="a kite", sources=sources, how=how, seconds=7, cast_count=0)
    assert settled.seconds == seconds


def test_a_clip_of_more_than_two_minutes_is_refused_before_rendering() -> None:
    sources = [Clip(pk=n, duration_ms=60_000) for n in range(2)]
    with pytest.raises(CannotMake) as refused:
        verbs.settle(Verb.CONNECT, prompt="", sources=sources, how={}, seconds=5, cast_count=0)
    assert refused.value.code == "too_long"


def test_a_moment_outside_the_clip_is_brought_into_it() -> None:
    sources = [Clip(pk=1, duration_ms=5000)]
    settled = verbs.settle(
        Verb.IMAGE, prompt="", sources=sources, how={"at_ms": [99_999]}, seconds=5, cast_count=0
    )
    assert settled.how["at_ms"] == [5000] and settled.prompt in verbs.WORDLESS


def test_bob_connects_carols_clip_to_his_own(ask: Ask, make_clip: Any, bob: User, carol: User) -> None:
    hers, his = make_clip(carol), make_clip(bob, published=False)
    row = finished(ask(bob, "", verb="connect", parent=hers, more_sources=[his]))
    assert row.state == State.READY and row.clip is not None
    made_from = Ingredient.objects.filter(clip=row.clip).order_by("pk")
    assert [i.source for i in made_from] == [hers, his]
    file = default_storage.path(row.clip.renditions.get(kind="mp4_720").path)
    with open(file, "rb") as stream:
        kept = json.loads(c2pa.Reader("video/mp4", stream).json())
    named = kept["manifests"][kept["active_manifest"]]["ingredients"]
    assert {(i["title"], i["relationship"]) for i in named} == {
        (str(hers.public_id), "parentOf"),
        (str(his.public_id), "componentOf"),
    }
    found = manifest.read(Path(file))
    assert found.is_ours and set(found.ancestors) == {str(hers.public_id), str(his.public_id)}
    page = Client().get(f"/clips/{row.clip.public_id}")
    assert page.status_code == 404  # a draft is Bob's alone


def test_a_draft_of_somebody_elses_is_not_taken(ask: Ask, make_clip: Any, bob: User, carol: User) -> None:
    hidden = make_clip(carol, published=False)
    with pytest.raises(ParentNotRemixable):
        ask(bob, "", verb="connect", parent=make_clip(bob), more_sources=[hidden])
    assert not Generation.objects.filter(verb="connect").exists()


def test_everybody_in_both_clips_is_asked(
    ask: Ask, make_clip: Any, bob: User, carol: User, alice: User, character: Cameo, now: datetime
) -> None:
    GrantedPerson.objects.create(grant=allow(character, carol, now), person=bob)
    hers = make_clip(carol, "a robot waves", cast=[character])
    row = finished(ask(bob, "", verb="connect", parent=make_clip(bob), more_sources=[hers]))
    assert row.state == State.READY and row.clip is not None and row.clip.cast_count == 1
    assert LikenessUse.objects.filter(clip=row.clip, cameo=character).exists()
    LikenessGrant.objects.update(revoked_at=now)
    refused = ask(bob, "", verb="connect", parent=make_clip(bob), more_sources=[hers])
    assert refused.state == State.REFUSED and refused.refusal_stage == "consent"


def test_a_use_that_ended_in_the_second_clip_stops_the_job(
    ask: Ask, make_clip: Any, bob: User, carol: User, character: Cameo, now: datetime
) -> None:
    GrantedPerson.objects.create(grant=allow(character, carol, now), person=bob)
    hers = make_clip(carol, "a robot waves", cast=[character])
    row = ask(bob, "", verb="connect", parent=make_clip(bob), more_sources=[hers])
    LikenessUse.objects.filter(clip=hers).update(state=LikenessUse.State.ENDED)
    row = finished(row)
    assert row.state == State.REFUSED and row.clip is None


def test_alice_keeps_her_say_when_she_is_recast(
    ask: Ask, make_clip: Any, bob: User, character: Cameo, now: datetime
) -> None:
    allow(character, bob, now)
    first = make_clip(bob, "a robot waves", cast=[character])
    row = finished(ask(bob, "a panda", verb="recast", parent=first, how={"person": 0}))
    assert row.clip is not None and row.clip.uses.filter(cameo=character).exists()


def test_recasting_needs_words_or_somebody(ask: Ask, make_clip: Any, bob: User) -> None:
    from generation.refusals import PromptEmpty

    with pytest.raises(PromptEmpty):
        ask(bob, "", verb="recast", parent=make_clip(bob))


@pytest.mark.parametrize(
    ("aspect", "size"),
    [
        ("9:16", (720, 1280)),
        ("21:9", (1456, 624)),
        ("1:1", (960, 960)),
        ("1.5:1", (1176, 784)),
        ("16:10", (1216, 760)),
    ],
)
def test_any_shape_between_upright_and_wide(aspect: str, size: tuple[int, int]) -> None:
    assert engines.NATIVE.size_of(aspect) == size


@pytest.mark.parametrize("aspect", ["", "9", "1:3", "30:9", "0:1", "-9:16", "a:b", "1:0", "nan:1", "9:16:1"])
def test_shapes_outside_are_not_drawn(aspect: str) -> None:
    assert engines.NATIVE.size_of(aspect) is None
    with pytest.raises(CannotMake):
        engines.check("native", verb="text", seconds=5, aspect=aspect, prompt="a kite", names=[])


@pytest.mark.parametrize(
    ("seconds", "may"), [(4, False), (5, True), (37, True), (61, True), (120, True), (121, False), (0, False)]
)
def test_five_seconds_to_two_minutes(seconds: int, may: bool) -> None:
    assert engines.NATIVE.lasts(seconds) is may


def test_the_api_takes_a_storyboard_and_tells_words_without_a_picture(
    vectors: str, bob: User, settings: Any
) -> None:
    client = Client()
    client.force_login(bob)
    asked = {
        "verb": "storyboard",
        "engine": "native",
        "how": {
            "shots": [
                {"prompt": "a robot waves", "seconds": 3},
                {"prompt": "an elephant dances", "seconds": 2},
            ]
        },
    }
    answer = client.post("/api/v1/generations", asked, content_type="application/json").json()
    assert (answer["verb"], answer["seconds"], answer["told"]) == ("storyboard", 5, ["elephant"])
    assert answer["prompt"] == "1. a robot waves 2. an elephant dances"
    short = client.post(
        "/api/v1/generations", {"verb": "connect", "prompt": ""}, content_type="application/json"
    )
    assert (short.status_code, short.json()["code"]) == (422, "clips_missing")
    other = client.post(
        "/api/v1/generations", {"verb": "play", "prompt": "x"}, content_type="application/json"
    )
    assert other.status_code == 400


def test_who_plays_whom_is_known_again_in_clips_that_did_not_keep_it() -> None:
    from model.scene import material
    from model.scene import tracks as T
    from model.scene.reel import Reel, Shot

    def scene(people: int) -> T.Scene:
        plan = T.Plan(people=[T.PersonPlan() for _ in range(people)])
        import numpy as np

        return T.Scene(plan, np.zeros((5, T.WD)), np.zeros((people, 5, T.HD)), np.zeros((0, 5, T.QD)))

    old = engines.Source(material.pack(scene(2)), cast=["a", "b"])
    assert heads.reel_of(old).shots[0].who == ["a", "b"]
    demo = engines.Source(material.pack_reel(Reel([Shot(scene(2), ["", "pip"])])), cast=["uuid-of-pip"])
    assert heads.reel_of(demo).shots[0].who == ["", "uuid-of-pip"]
    ours = engines.Source(material.pack_reel(Reel([Shot(scene(2), ["b", "a"])])), cast=["a", "b", "gone"])
    assert heads.reel_of(ours).shots[0].who == ["b", "a"]


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch, bob: User) -> Client:
    """Bob's browser, on a host where the small engine is the native one."""
    from tests.generation.swatch import SWATCH

    monkeypatch.setattr(engines, "entries", lambda: {"swatch": SWATCH, "native": SWATCH})
    client = Client()
    client.force_login(bob)
    return client


FORM: dict[str, Any] = {"aspect": "9:16", "seconds": "5", "prompt": ""}


@pytest.mark.parametrize(
    ("verb", "fields", "how", "seconds"),
    [
        ("image", {"at": "0.5"}, {"at_ms": [500]}, 5),
        ("last", {}, {"at_ms": [0]}, 5),
        ("extend", {"more_s": "3", "backwards": "1"}, {"more_s": 3, "backwards": True}, 4),
        ("loop", {}, {}, 4),
        ("edit", {"prompt": "at night"}, {}, 1),
        ("recast", {"prompt": "a panda", "person": "1"}, {"person": 1}, 1),
    ],
)
def test_bob_goes_on_from_a_clip_by_a_plain_form(
    pages: Client,
    make_clip: Any,
    bob: User,
    verb: str,
    fields: dict[str, Any],
    how: dict[str, Any],
    seconds: int,
) -> None:
    clip = make_clip(bob)
    assert (
        f"/clips/{clip.public_id}/ways/{verb}" in pages.get(f"/clips/{clip.public_id}/ways").content.decode()
    )
    address = f"/clips/{clip.public_id}/ways/{verb}"
    assert pages.get(address).status_code == 200
    answer = pages.post(address, FORM | fields)
    row = Generation.objects.get(verb=verb)
    assert answer.status_code == 302 and answer["Location"] == f"/generations/{row.public_id}"
    assert (row.parent, row.how, row.seconds) == (clip, how, seconds)
    assert finished(row).state == State.READY


def test_bob_leads_through_pictures_of_two_clips(
    pages: Client, make_clip: Any, bob: User, carol: User
) -> None:
    clip, hers = make_clip(bob), make_clip(carol)
    fields = {
        "at": "0",
        "second": "0",
        "clip_2": f"http://x/clips/{hers.public_id}",
        "at_2": "1",
        "second_2": "3",
    }
    pages.post(f"/clips/{clip.public_id}/ways/keyframes", FORM | fields)
    row = Generation.objects.get(verb="keyframes")
    assert row.sources() == [clip, hers] and row.how == {"at_ms": [0, 1000], "second": [0.0, 3.0]}


def test_bob_leads_through_a_picture_of_another_clip_of_his_by_choosing_it(
    pages: Client, make_clip: Any, bob: User, carol: User
) -> None:
    clip, other, hers = make_clip(bob), make_clip(bob), make_clip(carol)
    address = f"/clips/{clip.public_id}/ways/keyframes"
    page = pages.get(address).content.decode()
    assert page.count(f'value="{other.public_id}"') == 3, "for each further picture"
    assert str(hers.public_id) not in page and "people and place stay" in page
    pages.post(
        address, FORM | {"second": "0", "own_2": str(other.public_id), "second_2": "2", "second_3": "4"}
    )
    row = Generation.objects.get(verb="keyframes")
    assert row.sources() == [clip, other, clip] and row.how["second"] == [0.0, 2.0, 4.0]


def test_clips_of_the_same_words_are_told_apart_where_one_is_chosen(
    pages: Client, make_clip: Any, bob: User
) -> None:
    clip, first, second, other = (make_clip(bob) for _clip in range(4))
    for row, seed in ((first, 41), (second, 42)):
        Clip.objects.filter(pk=row.pk).update(prompt="a robot dances", seed=seed)
    Clip.objects.filter(pk=other.pk).update(prompt="a robot waves", seed=43)
    page = pages.get(f"/clips/{clip.public_id}/ways/connect").content.decode()
    for told in ("a robot dances · seed 41<", "a robot dances · seed 42<", "a robot waves<"):
        assert told in page, told


def test_bob_connects_by_choosing_or_by_an_address(
    pages: Client, make_clip: Any, bob: User, carol: User
) -> None:
    clip, second, hers = make_clip(bob), make_clip(bob), make_clip(carol)
    address = f"/clips/{clip.public_id}/ways/connect"
    empty = pages.post(address, FORM)
    assert empty.status_code == 422 and "Choose the clip" in empty.content.decode()
    wrong = pages.post(address, FORM | {"other": "somewhere"})
    assert wrong.status_code == 422 and "no clip" in wrong.content.decode()
    pages.post(address, FORM | {"own": str(second.public_id)})
    pages.post(address, FORM | {"other": f"/clips/{hers.public_id}"})
    rows = Generation.objects.filter(verb="connect").order_by("pk")
    assert [row.sources()[1] for row in rows] == [second, hers]


def test_what_no_engine_here_can_connect_is_not_offered(
    pages: Client, make_clip: Any, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip, drawn, brought = make_clip(bob), make_clip(bob), make_clip(bob)
    Clip.objects.filter(pk__in=[clip.pk, brought.pk]).update(material_path="")
    Clip.objects.filter(pk=drawn.pk).update(material_path="a/scene")
    address = f"/clips/{clip.public_id}/ways/connect"
    both = pages.get(address).content.decode()
    assert str(drawn.public_id) in both and str(brought.public_id) in both, "swatch joins pictures"
    native = engines.Entry("none", engines.NATIVE, "Understudy")
    monkeypatch.setattr(engines, "entries", lambda: {"native": native})
    page = pages.get(address).content.decode()
    assert str(drawn.public_id) in page and str(brought.public_id) not in page


def test_a_storyboard_is_one_sentence_a_line(pages: Client, bob: User) -> None:
    address = "/create/storyboard"
    one = pages.post(address, FORM | {"shots": "a robot waves"})
    assert one.status_code == 422 and "at least two shots" in one.content.decode()
    pages.post(address, FORM | {"shots": "a robot waves | 3\n\nit jumps|2\nit bows"})
    row = Generation.objects.get(verb="storyboard")
    assert [shot["seconds"] for shot in row.how["shots"]] == [3, 2, 5] and row.seconds == 10


def test_a_clip_without_words_is_named_in_the_readers_language(
    pages: Client, make_clip: Any, bob: User
) -> None:
    assert set(wordless.SENTENCES) == verbs.WORDLESS
    clip = make_clip(bob)
    Clip.objects.filter(pk=clip.pk).update(prompt="filmed")
    Generation.objects.filter(clip=clip).update(prompt="filmed")
    address = f"/clips/{clip.public_id}"
    for page in ("/generations", address, f"{address}/descriptions.vtt"):
        assert "As it was filmed." in pages.get(page).content.decode()
    card = cards.in_order(bob, [clip.post.pk], timezone.now())[0]
    assert (card.prompt, card.words, card.label) == ("filmed", "", "As it was filmed.")
    assert news._ready({"prompt": "filmed"}).endswith("“As it was filmed.”")
    assert wordless.shown("a film crew") == "a film crew"


def test_a_still_costs_one_credit(pages: Client, bob: User) -> None:
    pages.post("/create/still", FORM | {"prompt": "a robot waves"})
    row = Generation.objects.get(verb="still")
    assert (row.seconds, row.credits) == (1, 1)


# --- what each way costs, before it is asked for


@pytest.mark.parametrize(
    ("verb", "fields", "credits_told"),
    [
        ("image", {"seconds": "5"}, 5),
        ("extend", {"more_s": "3"}, 4),
        ("loop", {}, 4),
        ("edit", {"prompt": ""}, 1),  # without words it is not asked for, and the page comes back
        ("connect", {}, 4),
    ],
)
def test_the_page_of_a_way_tells_wait_credits_compute_and_energy(
    pages: Client, make_clip: Any, bob: User, verb: str, fields: dict[str, Any], credits_told: int
) -> None:
    clip = make_clip(bob)
    address = f"/clips/{clip.public_id}/ways/{verb}"
    page = pages.get(address).content.decode()
    assert all(part in page for part in ("data-wait", "data-compute", "data-energy", "Wh"))
    assert f'verb="{verb}" engine="swatch"' in page, "the first of two engines, in words"
    sent = FORM | fields | {"takes": "9"}  # more than there are, so that the page comes back
    answer = pages.post(address, sent)
    assert answer.status_code == 422
    asked = {
        "prompt": "",
        "verb": verb,
        "clips": [str(clip.public_id)],
        "how": {"more_s": int(fields["more_s"])} if "more_s" in fields else {},
        "engine": "native",
    }
    told = pages.post("/api/v1/generations/check", asked, content_type="application/json").json()
    assert told["estimate"]["credits"] == credits_told
    assert told["estimate"]["watt_hours"] > 0 and told["estimate"]["compute_s"] > 0
    twice = pages.post(
        "/api/v1/generations/check", asked | {"takes": 2}, content_type="application/json"
    ).json()
    assert twice["estimate"]["credits"] == 2 * credits_told


def test_what_would_be_too_long_is_told_with_the_cost(pages: Client, make_clip: Any, bob: User) -> None:
    clip = make_clip(bob)
    Clip.objects.filter(pk=clip.pk).update(duration_ms=110_000)
    asked = {"prompt": "", "verb": "extend", "clips": [str(clip.public_id)], "how": {"more_s": 30}}
    answer = pages.post("/api/v1/generations/check", asked, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (422, "too_long")
    assert pages.get(f"/clips/{clip.public_id}/ways/extend").status_code == 200


def test_nobody_learns_of_a_draft_by_asking_what_it_costs(pages: Client, make_clip: Any, carol: User) -> None:
    hers = make_clip(carol, published=False)
    asked = {"prompt": "", "verb": "loop", "clips": [str(hers.public_id)]}
    answer = pages.post("/api/v1/generations/check", asked, content_type="application/json")
    assert answer.status_code == 404


def test_a_way_of_going_on_in_three_takes_with_words_kept_to_oneself(
    pages: Client, make_clip: Any, bob: User
) -> None:
    clip, before = make_clip(bob), credits.balance(bob)
    fields = {"more_s": "2", "takes": "3", "hide_prompt": "on", "prompt": "it rains"}
    answer = pages.post(f"/clips/{clip.public_id}/ways/extend", FORM | fields)
    rows = list(Generation.objects.filter(verb="extend"))
    assert answer["Location"] == f"/generations/takes/{rows[0].batch}"
    assert len({row.seed for row in rows}) == 3 and all(row.hide_prompt for row in rows)
    assert {row.seconds for row in rows} == {3} and before - credits.balance(bob) == 9


def test_a_preview_of_a_way_is_made_in_full_by_its_button(pages: Client, make_clip: Any, bob: User) -> None:
    clip, before = make_clip(bob), credits.balance(bob)
    pages.post(f"/clips/{clip.public_id}/ways/loop", FORM | {"preview": "1", "takes": "3"})
    small = finished(Generation.objects.get(verb="loop"))
    assert small.is_preview and before - credits.balance(bob) == 1 and small.clip is not None
    page = pages.get(f"/clips/{small.clip.public_id}").content.decode()
    assert f"/generations/{small.public_id}/again" in page and "4 credits" in page
    made = pages.post(f"/generations/{small.public_id}/again", {"in_full": "1"})
    whole = Generation.objects.get(public_id=made["Location"].rpartition("/")[2])
    assert (whole.verb, whole.seed, whole.is_preview, whole.parent) == ("loop", small.seed, False, clip)
    assert before - credits.balance(bob) == 1 + 4


def test_a_drawn_layout_comes_by_the_api_too(client: Client, bob: User, vectors: str) -> None:
    client.force_login(bob)
    mark = {"what": "person", "x": -40, "depth": 10, "facing": "left"}
    asked = {"prompt": "a robot waves", "engine": "swatch", "seconds": 5, "how": {"layout": [mark]}}
    refused = client.post("/api/v1/generations", asked, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (422, "layout_unknown")
    made = client.post("/api/v1/generations", asked | {"engine": "native"}, content_type="application/json")
    assert made.status_code == 201 and made.json()["how"]["layout"] == [mark]
