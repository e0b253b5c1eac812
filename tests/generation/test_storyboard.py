"""Storyboards: rows that move without scripts, one shot again, what is said and what is seen."""

from __future__ import annotations

import html
import re
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from django.test import Client

from accounts.models import User
from cameos.models import Cameo
from generation import actions, composing, drafts, hand, script, showing, sound, speech, verbs
from generation.asked import Settled
from generation.engines import native
from generation.engines.base import Job, Spoken
from generation.models import Clip, ComposeDraft, Generation
from generation.refusals import CannotMake, ParentNotRemixable
from generation.screening import meaning
from generation.states import State
from model import lips
from model.scene import tracks as T
from model.scene.reel import one
from tests.generation.conftest import allow

SHOTS = [{"prompt": "a robot waves", "seconds": 3}, {"prompt": "it jumps", "seconds": 2}]
ROWS = {
    "aspect": "9:16",
    "shot-0-prompt": "a robot waves",
    "shot-0-seconds": "3",
    "shot-0-camera": "orbit",
    "shot-0-begin": "",
    "shot-2-prompt": "it jumps",
    "shot-2-seconds": "2",
    "shot-2-begin": "cut",
}


@pytest.fixture
def pages(vectors: str, bob: User) -> Client:
    client = Client()
    client.force_login(bob)
    return client


def prompts_on(page: Any) -> list[str]:
    return re.findall(r'<textarea id="shot-\d+-prompt"[^>]*>([^<]*)</textarea>', page.content.decode())


def asked(maker: User, now: Any, verb: str = "storyboard", **wishes: Any) -> Generation:
    given = {"prompt": "", "cast": [], "engine": "swatch", "seed": 7} | wishes
    return actions.request_generation(maker=maker, verb=verb, now=now, **given)


def settled(**how: Any) -> Settled:
    return verbs.settle("storyboard", prompt="", sources=[], how=how, seconds=5, cast_count=0)


@pytest.fixture
def boarded(vectors: str, bob: User, now: Any) -> Clip:
    """A finished storyboard of Bob's."""
    made = actions.request_generation(
        maker=bob,
        prompt="",
        verb="storyboard",
        cast=[],
        how={"shots": SHOTS},
        engine="swatch",
        seed=7,
        now=now,
    )
    hand.drain()
    made.refresh_from_db()
    assert made.state == State.READY and made.clip is not None
    return made.clip


# --- the page


def test_rows_become_shots_with_camera_and_beginning(pages: Client) -> None:
    assert pages.post("/create/storyboard", ROWS).status_code == 302
    row = Generation.objects.get()
    assert row.how["shots"] == [
        {"prompt": "a robot waves", "seconds": 3, "camera": "orbit"},
        {"prompt": "it jumps", "seconds": 2, "begin": "cut"},
    ]
    assert (row.seconds, row.credits, row.prompt) == (5, 5, "1. a robot waves 2. it jumps")


def test_zero_bytes_and_endless_numbers_in_a_row_break_nothing(pages: Client) -> None:
    endless = "9" * 5000  # more digits than Python reads
    odd = {
        "shot-0-prompt": "a robot\0 waves",
        "shot-0-says": "Hi\0",
        "shot-0-cast": "a\0b",
        "shot-0-seconds": endless,
        f"shot-{'9' * 300}-prompt": "",
    }
    assert pages.post("/create/storyboard", ROWS | odd).status_code == 302
    first, second = Generation.objects.get().how["shots"]
    assert (first["prompt"], first["seconds"], first["cast"]) == ("a robot waves", 20, ["ab"])
    assert first["lines"][0]["text"] == "Hi" and second["prompt"] == "it jumps"
    assert pages.post("/create/storyboard", ROWS | {"remove": endless}).status_code == 200


@pytest.mark.parametrize(
    ("button", "left"),
    [
        ({"add": "1"}, ["a robot waves", "it jumps", ""]),
        ({"down": "0"}, ["it jumps", "a robot waves"]),
        ({"up": "1"}, ["it jumps", "a robot waves"]),
        ({"up": "0"}, ["a robot waves", "it jumps"]),
        ({"remove": "0"}, ["it jumps"]),
        ({"remove": "9"}, ["a robot waves", "it jumps"]),
        (
            {"split": "1", "shots": "it bows | 4\n\nit sits"},
            ["a robot waves", "it jumps", "it bows", "it sits"],
        ),
    ],
)
def test_rows_move_without_scripts(pages: Client, button: dict[str, str], left: list[str]) -> None:
    page = pages.post("/create/storyboard", ROWS | button)
    assert page.status_code == 200 and prompts_on(page) == left
    assert not Generation.objects.exists()


def test_who_is_in_a_shot_is_cast_and_speaks(pages: Client, bob: User, character: Cameo, now: Any) -> None:
    allow(character, bob, now)
    key = str(character.public_id)
    sent = ROWS | {"shot-0-cast": [key], "shot-0-says": "Pip: Hi!\nNobody knows who."}
    assert pages.post("/create/storyboard", sent).status_code == 302
    row = Generation.objects.get()
    assert [member.cameo for member in row.cast.all()] == [character]
    assert row.how["shots"][0]["lines"] == [
        {"who": key, "name": "Pip", "text": "Hi!"},
        {"who": "", "name": "", "text": "Nobody knows who."},
    ]
    assert "“Hi!”" in row.prompt and row.told == []  # judged as words, not drawn as pictures


def test_who_is_ticked_in_no_other_shot_is_in_no_other_shot() -> None:
    def shown(*casts: list[str]) -> list[Any]:
        shots = [shot | {"cast": cast} for shot, cast in zip(SHOTS, casts, strict=True)]
        job = Job(prompt="", seed=1, seconds=5, size=(90, 160), verb="storyboard", how={"shots": shots})
        return [shot.who for shot in native._shots(job)]

    assert shown(["alice"], []) == [("alice",), ()] and shown([], ["alice"]) == [(), ("alice",)]
    assert shown([], []) == [None, None], "no shot says it: everybody cast is in all of them"


def test_who_may_not_be_cast_any_more_stands_there_with_the_rule(
    pages: Client, bob: User, character: Cameo, now: Any
) -> None:
    key = str(character.public_id)
    draft = drafts.storyboard(maker=bob, shots=[SHOTS[0] | {"cast": [key]}, SHOTS[1]], now=now)
    page = pages.get(draft.get_absolute_url()).content.decode()
    rule = composing.picker(bob, [key], now)[0].rule
    assert rule and page.count(html.escape(rule)) == 1 and f'value="{key}"' not in page
    allow(character, bob, now)
    page = pages.get(draft.get_absolute_url()).content.decode()
    assert page.count(f'name="shot-0-cast" value="{key}" checked') == 1
    assert rule not in page


def test_who_is_named_in_a_shot_alone_is_asked_as_well(
    pages: Client, bob: User, character: Cameo, now: Any
) -> None:
    shots = [SHOTS[0] | {"cast": [str(character.public_id)]}, SHOTS[1]]
    sent = {"verb": "storyboard", "how": {"shots": shots}}
    answer = pages.post("/api/v1/generations", sent, content_type="application/json").json()
    assert (answer["state"], answer["refusal"]["stage"]) == ("REFUSED", "consent")
    allow(character, bob, now)
    answer = pages.post("/api/v1/generations", sent, content_type="application/json").json()
    row = Generation.objects.get(public_id=answer["id"])
    assert answer["state"] == "QUEUED" and [member.cameo for member in row.cast.all()] == [character]
    take = {"verb": "retake", "how": {"shot": 1, "take": {"cast": [str(character.public_id)]}}}
    assert showing.request_of(bob, take)["cast"] == [character]


def test_more_than_a_shot_can_hold_is_refused_by_name(pages: Client) -> None:
    for sent in ({"shot-0-says": "word " * 30}, {"shot-0-camera": "upside-down"}):
        assert pages.post("/create/storyboard", ROWS | sent).status_code == 422
    with pytest.raises(CannotMake) as long:
        settled(shots=[{"prompt": f"shot {n}", "seconds": 20} for n in range(7)])
    assert long.value.code == "too_long"
    assert not Generation.objects.exists()


def test_numbers_and_marks_between_the_lines_are_not_judged_by_themselves(pages: Client) -> None:
    sent = ROWS | {"shot-0-seconds": "4", "shot-0-says": "Pip: Hello there, my friend."}
    pages.post("/create/storyboard", sent)
    row = Generation.objects.get()
    assert row.state == State.QUEUED, (row.refusal_rule, row.refusal_evidence)
    assert all(sum(map(str.isalpha, part)) > 1 for part in meaning.parts_of(row.prompt))


def test_a_script_of_too_many_shots_is_refused_and_stays_where_it_was_typed(pages: Client) -> None:
    lines = "\n".join(f"shot {n}" for n in range(11))
    page = pages.post("/create/storyboard", ROWS | {"split": "1", "shots": lines})
    assert page.status_code == 422 and "at most 12 shots" in page.content.decode()
    assert prompts_on(page) == ["a robot waves", "it jumps"] and lines in page.content.decode()


def test_nothing_is_cut_or_made_fit_unsaid(pages: Client) -> None:
    long = SHOTS[0] | {"seconds": 20, "lines": [{"text": "x" * 201}]}
    for shots, code in (
        ([long, SHOTS[1]], "line_too_long"),
        ([SHOTS[0] | {"seconds": 21}, SHOTS[1]], "shot_length"),
        ([SHOTS[0], SHOTS[1] | {"seconds": 1}], "shot_length"),
    ):
        with pytest.raises(CannotMake) as said:
            settled(shots=shots)
        assert said.value.code == code
    asked_for = {"verb": "storyboard", "how": {"shots": [SHOTS[0] | {"seconds": 60}, SHOTS[1]]}}
    assert pages.post("/api/v1/generations", asked_for, content_type="application/json").status_code == 400


def test_names_of_who_speaks_are_judged_with_their_words(boarded: Clip, bob: User, now: Any) -> None:
    lines = [{"name": "Elon Musk", "text": "Hi"}, {"name": "Elon Musk", "text": "Bye"}]
    shots = [SHOTS[0] | {"lines": lines}, SHOTS[1]]
    made = asked(bob, now, how={"shots": shots})
    assert made.prompt == "1. a robot waves “Hi” “Bye” 2. it jumps (Elon Musk)"
    assert (made.state, made.refusal_stage) == (State.REFUSED, "people")
    take = {"lines": [lines[0]]}
    again = asked(bob, now, "retake", parent=boarded, how={"shot": 0, "take": take})
    assert again.prompt.endswith("(Elon Musk)") and again.state == State.REFUSED


# --- one shot again


def test_one_shot_again_keeps_the_seeds_of_the_others(boarded: Clip, pages: Client, bob: User) -> None:
    sent = {"shot": "1", "shot-1-prompt": "it jumps", "shot-1-seconds": "2"}
    assert pages.get(f"/clips/{boarded.public_id}/retake").status_code == 200
    assert pages.post(f"/clips/{boarded.public_id}/retake", sent).status_code == 302
    row = Generation.objects.get(verb="retake")
    assert row.parent == boarded and row.how["shot"] == 1 and row.how["new_words"] is False
    assert row.how["shots"][0]["seed"] == 7 and row.how["shots"][1]["seed"] not in {7, 8}
    hand.drain()
    row.refresh_from_db()
    assert row.state == State.READY, row.error
    assert row.clip is not None and row.clip.duration_ms == 5000
    sent |= {"shot-1-prompt": "it bows"}
    pages.post(f"/clips/{row.clip.public_id}/retake", sent)  # a retake of a retake
    again = Generation.objects.filter(verb="retake").latest("pk")
    assert again.how["new_words"] is True and again.prompt == "1. a robot waves 2. it bows"


def test_a_retake_says_whether_somebody_else_is_to_be_in_the_shot(boarded: Clip) -> None:
    made: Any = getattr(boarded, "generation")  # noqa: B009  the manager's type does not know it
    made.how["shots"][1]["cast"] = ["alice"]

    def taken(**take: Any) -> dict[str, Any]:
        how = {"shot": 1, "take": {"prompt": "it bows"} | take}
        return verbs.settle("retake", prompt="", sources=[boarded], how=how, seconds=5, cast_count=0).how

    assert "new_cast" not in taken() and "new_cast" not in taken(cast=["alice"])
    assert taken(cast=[])["new_cast"] is True and taken(cast=["pip"])["new_cast"] is True


def test_a_retake_that_is_tried_again_keeps_its_words(boarded: Clip, bob: User, now: Any) -> None:
    made = asked(bob, now, "retake", parent=boarded, how={"shot": 1, "take": {"prompt": "it bows"}})
    actions.cancel(generation=made, by=bob, now=now)
    made.refresh_from_db()
    again = actions.try_again(generation=made, by=bob, now=now)
    assert again.prompt == made.prompt == "1. a robot waves 2. it bows" and again.how == made.how


def test_a_shot_that_is_typed_anew_is_kept_as_a_draft_beside_the_others(boarded: Clip, pages: Client) -> None:
    where = f"/clips/{boarded.public_id}/retake"
    typed = {"shot": "1", "shot-1-prompt": "it bows", "shot-1-seconds": "4", "shot-1-says": "Oh no"}
    answer = pages.post(where, typed | {"keep": "1"}, headers={"Accept": "application/json"})
    draft = ComposeDraft.objects.get(public_id=answer.json()["id"])
    assert draft.door in pages.get("/create").content.decode() and draft.words == "it bows"
    taken_up = pages.get(draft.door, follow=True)
    assert prompts_on(taken_up) == ["a robot waves", "it bows"]
    body = taken_up.content.decode()
    assert "Oh no</textarea>" in body and 'value="4"' in body
    named = f'name="draft" value="{draft.public_id}"'
    assert body.count(named) == 1, "the other shots keep drafts of their own"
    assert pages.post(where, typed | {"shot": "9", "keep": "1"}).status_code == 404
    assert pages.post(where, typed | {"draft": str(draft.public_id)}).status_code == 302
    assert Generation.objects.filter(verb="retake").count() == 1 and not ComposeDraft.objects.exists()


def test_nobody_takes_a_shot_of_somebody_else_again(
    boarded: Clip, alice: User, vectors: str, now: Any
) -> None:
    client = Client()
    client.force_login(alice)
    assert client.get(f"/clips/{boarded.public_id}/retake").status_code == 404
    with pytest.raises(ParentNotRemixable):
        actions.request_generation(
            maker=alice,
            prompt="",
            verb="retake",
            cast=[],
            parent=boarded,
            how={"shot": 0},
            engine="swatch",
            now=now,
        )


def test_a_shot_that_is_not_there(boarded: Clip, bob: User, now: Any) -> None:
    for how in ({"shot": 2}, {"shot": -1}, {"shot": "x"}):
        with pytest.raises(CannotMake):
            actions.request_generation(
                maker=bob,
                prompt="",
                verb="retake",
                cast=[],
                parent=boarded,
                how=how,
                engine="swatch",
                now=now,
            )


# --- what is said


HELLO = {"who": "pip", "name": "Pip", "text": "Hello <all> & you!"}
LINES = [
    {
        "prompt": "a robot waves",
        "seconds": 4,
        "lines": [{"who": "pip", "name": "Pip", "text": "Hello <all> & you!"}],
    },
    {"prompt": "it jumps", "seconds": 4, "lines": [{"who": "", "name": "", "text": "大家好"}]},
]


def test_captions_are_the_lines_at_their_times() -> None:
    rows = script.cues(LINES)
    assert [(cue.start_s, cue.text) for cue in rows] == [(0.4, "Hello <all> & you!"), (4.4, "大家好")]
    assert all(cue.end_s <= 4 * (n + 1) for n, cue in enumerate(rows))
    text = script.vtt(rows)
    assert text.startswith(
        "WEBVTT\n\n1\n00:00:00.400 --> 00:00:01.600\n<v Pip>Hello &lt;all&gt; &amp; you!\n"
    )
    assert "00:00:04.400 --> " in text and "\n大家好\n" in text


def test_a_line_cannot_break_out_of_its_cue() -> None:
    evil = "one\n\n00:00:09.000 --> 00:00:10.000\n<v Alice>forged"
    text = script.vtt([script.Cue(0, 1, "a\nb", "", evil)])
    assert text.count("-->") == 1 and "\n\n00:00:09" not in text and "<v Alice>" not in text


def test_typed_lines_come_back_as_they_were() -> None:
    typed = "Pip: Hello\nsomebody else says this\nAlice：你好"
    lines = script.lines_of(typed, {"pip": "k"})
    assert [line["who"] for line in lines] == ["k", "", ""] and lines[2]["name"] == "Alice"
    assert script.typed(lines) == typed.replace("：", ": ")


def test_captions_and_descriptions_follow_the_clip(boarded: Clip, pages: Client, bob: User) -> None:
    Generation.objects.filter(clip=boarded).update(how={"shots": LINES})
    address = f"/clips/{boarded.public_id}"
    said = pages.get(f"{address}/captions.vtt")
    assert said["Content-Type"] == "text/vtt; charset=utf-8" and said.content.decode() == script.vtt(
        script.cues(LINES)
    )
    assert "a robot waves" in pages.get(f"{address}/descriptions.vtt").content.decode()
    page = pages.get(address).content.decode()
    assert "Transcript" in page and "Hello &lt;all&gt; &amp; you!" in page and "captions.vtt" in page
    Clip.objects.filter(pk=boarded.pk).update(prompt_hidden=True)
    assert pages.get(f"{address}/descriptions.vtt").content.decode() == "WEBVTT\n"
    assert Client().get(f"{address}/captions.vtt").status_code == 404


# --- voices

needs_voice = pytest.mark.skipif(not speech.has_voice(), reason="the stock voice is Debian's package flite")


@needs_voice
def test_a_line_fits_its_cue() -> None:
    text = "Good morning, everybody here."
    samples = speech.say(text, "slt", script.says_s(text))
    assert samples is not None and samples.dtype == np.float32 and np.abs(samples).max() <= 1
    off = script.says_s(text) - len(samples) / sound.RATE
    assert 0 <= off < 0.3


@needs_voice
def test_a_language_that_the_voice_does_not_speak_is_left_to_the_captions() -> None:
    assert [line.key for line in speech.spoken({"shots": LINES})] == ["pip"]
    assert speech.say("大家好", "slt", 2.0) is None


@pytest.mark.parametrize(
    ("lines", "silent"),
    [
        (["Hi!"], False), (["Hello there, my friend"], False), (["Hello!", "大家好"], False), ([], False),
        (["大家好"], True), (["Der Wind ist stark und kalt"], True), (["¿Qué tal?"], True),
        (["Hallo!", "Das ist nicht von mir."], True),
    ],
)  # fmt: skip
def test_a_storyboard_in_a_language_without_a_voice_has_captions_and_says_so(
    lines: list[str], silent: bool
) -> None:
    shots = [SHOTS[0] | {"seconds": 8, "lines": [{"text": line} for line in lines]}, SHOTS[1]]
    how = settled(shots=shots).how
    assert how.get("silent") == ("language" if silent else None)
    assert (how.get("voice") == "none") is silent
    if silent:
        assert speech.spoken(how) == [] and [cue.text for cue in script.cues(how["shots"])] == lines


def test_without_the_program_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "PROGRAM", "no-such-voice")
    assert speech.spoken({"shots": LINES}) == []


def test_the_rest_steps_back_while_somebody_speaks() -> None:
    rate = sound.RATE
    bed = np.sin(np.arange(4 * rate) / 30).astype(np.float32)[:, None] * 0.1
    line = Spoken(1.0, "pip", np.zeros(rate, np.float32))
    out = speech.mixed(bed, [line], 4.0)
    assert out is not None and out.shape == (4 * rate, 2)

    def level(second: float) -> float:
        return float(np.abs(out[round(second * rate) : round((second + 0.2) * rate)]).max())

    assert level(0.2) == pytest.approx(0.1, rel=0.05) and level(3.2) == pytest.approx(0.1, rel=0.05)
    assert level(1.4) == pytest.approx(0.1 * speech.DUCKED, rel=0.05)
    assert speech.mixed(bed, [], 4.0) is bed
    alone = speech.mixed(None, [Spoken(0.5, "", np.ones(rate, np.float32) * 0.2)], 1.0)
    assert alone is not None and len(alone) == rate  # what does not fit is cut off


def test_the_mouth_of_who_speaks_follows_what_they_say() -> None:
    plan = T.Plan(people=[T.PersonPlan(), T.PersonPlan()])
    scene = T.Scene(plan, np.zeros((24, T.WD)), np.zeros((2, 24, T.HD)), np.zeros((0, 24, T.QD)))
    reel = one(scene, ["alice", "pip"])
    loud = np.concatenate([np.zeros(lips.RATE // 2), np.ones(lips.RATE // 2)])
    lips.move(reel, [(0.5, "pip", loud), (0.0, "", loud), (0.0, "nobody", loud)])
    mouths = scene.people[..., T.H["mouth"]]
    assert mouths[0].max() == 0 and mouths[1].max() == pytest.approx(lips.OPEN)
    begins = round(0.5 * T.FPS)
    assert mouths[1, : begins + T.FPS // 2].max() == 0 < mouths[1, begins + T.FPS // 2]


def test_who_spoke_keeps_a_closed_mouth_in_what_goes_on_from_the_clip(monkeypatch: Any) -> None:
    def scene() -> Any:
        tracks = np.zeros((24, T.WD)), np.zeros((1, 24, T.HD)), np.zeros((0, 24, T.QD))
        return one(T.Scene(T.Plan(people=[T.PersonPlan()]), *tracks), ["pip"])

    drawn = scene()
    monkeypatch.setattr(native, "direct", lambda job, told: drawn)
    said = [Spoken(0.2, "pip", np.ones(lips.RATE // 2, np.float32))]
    job = Job(prompt="", seed=1, seconds=1, size=(90, 160), verb="storyboard", spoken=said)
    network: Any = SimpleNamespace(network=torch.nn.Identity(), about={}, mended=True)
    made = native.NativeEngine(network).render(job, lambda step, steps: None, lambda: False)
    there = native.material.unpack_reel(made.material or b"").shots[0].scene
    assert drawn.shots[0].scene.people[..., T.H["mouth"]].max() == pytest.approx(lips.OPEN)
    assert there.people[..., T.H["mouth"]].max() == 0


def test_the_ways_on_say_that_words_stay_behind(boarded: Clip, pages: Client) -> None:
    address, said = f"/clips/{boarded.public_id}/ways", "neither its voices nor its captions"
    assert said not in pages.get(address).content.decode()
    lines = [{"text": "Hello"}]
    Generation.objects.filter(clip=boarded).update(how={"shots": [SHOTS[0] | {"lines": lines}, SHOTS[1]]})
    assert said in pages.get(address).content.decode()


@needs_voice
def test_a_storyboard_with_lines_is_heard(vectors: str, bob: User, now: Any) -> None:
    shots = [LINES[0] | {"lines": [{"text": "Hello there, my friend"}]}, SHOTS[1]]
    made = actions.request_generation(
        maker=bob,
        prompt="",
        verb="storyboard",
        cast=[],
        how={"shots": shots},
        engine="swatch",
        seed=7,
        now=now,
    )
    hand.drain()
    made.refresh_from_db()
    assert made.state == State.READY and made.clip is not None
    assert Client().get(f"/clips/{made.clip.public_id}/captions.vtt").status_code == 404  # a draft
