"""A text or a transcript becomes a clip that says it in its own words, with captions that are exact."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client

from accounts.models import User
from generation import actions, explaining, filming, script, sound, speech, verbs
from generation.asked import Settled
from generation.cutting import cards
from generation.engines import stills
from generation.engines.base import Job
from generation.models import Clip, Footage, Generation
from generation.provenance import manifest
from generation.refusals import CannotMake
from generation.screening import MAX_PROMPT
from generation.states import State, Verb
from model import video
from tests.generation import goods
from tests.generation.test_promos import bring, finished

pytestmark = pytest.mark.django_db
KITES = (
    "A kite flies because the wind pushes on it. The line holds the kite at an angle to the wind. So the air "
    "is turned down, and the kite is pushed up. A tail keeps the kite steady. In a stronger wind it needs "
    "a longer tail. Children have flown kites for two thousand years."
)
GERMAN = "Ein Drachen fliegt, weil der Wind gegen ihn drückt. Die Schnur hält ihn schräg in den Wind."
PODCAST = """WEBVTT

1
00:00:01.000 --> 00:00:04.000
Anna: A kite flies because of the wind. [music]

2
00:00:04.000 --> 00:00:09.000
Ben: Thank you. Today it is about kites, and
why they have a tail.

00:12 Anna: The tail keeps the kite steady.
"""


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def explained(maker: User, now: datetime, rows: list[Footage] | None = None, **how: Any) -> Generation:
    return filming.request(
        maker=maker, films=rows or [], verb=Verb.EXPLAIN, seconds=how.pop("seconds", 60), aspect="9:16",
        how=how, now=now,
    )  # fmt: skip


def settled(text: str, seconds: int = 60, **how: Any) -> Settled:
    return verbs.settle(
        Verb.EXPLAIN, prompt="", sources=[], how={"text": text} | how, seconds=seconds, cast_count=0
    )


def told(made: Settled) -> list[str]:
    return [line["text"] for shot in made.how["shots"] for line in shot.get("lines", ())]


def test_a_text_becomes_a_clip_whose_captions_are_its_words_and_whose_voice_keeps_to_them(
    bob: User, client: Client, now: datetime, settings: Any, vectors: str
) -> None:
    short = " ".join(re.split(r"(?<=\.) ", KITES)[:2])
    row = explained(bob, now, text=short, title="Kites", music="calm")
    clip = finished(row)
    assert clip.duration_ms == pytest.approx(1000 * row.seconds, abs=70)
    client.force_login(bob)
    page = client.get(f"/clips/{clip.public_id}/captions.vtt").content.decode()
    said = re.findall(r"--> .*\n(.*)\n", page)
    assert " ".join(said) == short
    path = Path(settings.MEDIA_ROOT) / clip.renditions.get(kind="mp4_720").path
    data = path.read_bytes()
    assert manifest.read(path).is_ours and b"rainedAlgorithmicMedia" in data  # the voice is a machine's
    assert clip.origin == Clip.Origin.GENERATED
    shown = client.get(f"/clips/{clip.public_id}").content.decode()
    assert "Transcript" in shown and "Take one shot again" not in shown
    if speech.has_voice():
        assert abs(sound.loudness(video.read_audio(path, sound.RATE)) - sound.TARGET) < 1
        for cue, line in zip(script.cues(row.how["shots"]), speech.spoken(row.how), strict=True):
            assert line.start_s == cue.start_s
            assert len(line.samples) / sound.RATE == pytest.approx(cue.end_s - cue.start_s, abs=0.12)


def test_what_fits_is_kept_whole_and_in_its_order() -> None:
    made = settled(KITES)
    assert " ".join(told(made)) == KITES and made.prompt == KITES
    assert made.seconds == pytest.approx(sum(shot["seconds"] for shot in made.how["shots"]), abs=0.01)
    assert made.seconds <= 60 and "text" not in made.how


def test_of_a_long_text_sentences_are_chosen_and_none_is_changed() -> None:
    noise = " ".join(f"Number {n} has nothing to do with it at all, said somebody there." for n in range(40))
    text = f"{KITES} {noise} A kite with a tail flies well because the wind turns it up."
    made = settled(text, seconds=30)
    kept = told(made)
    assert 20 <= made.seconds <= 30 and kept[0] == "A kite flies because the wind pushes on it."
    assert all(sentence in text for sentence in kept)
    places = [text.index(sentence) for sentence in kept]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("text", "leans"),
    [
        ("They were made of silk and bamboo.", True), ("“It is a toy”, said a general to them.", True),
        ("Please do not repeat it!", True), ("Theory has it that the wind pushes on the whole kite.", False),
        ("The first kites were built in China.", False), ("于是空气被向下推，风筝就被向上托起。", True),
        ("请不要模仿！", True), ("最早的风筝两千多年前在中国做成。", False),
    ],
)  # fmt: skip
def test_a_sentence_that_leans_on_the_one_before_it_is_known(text: str, leans: bool) -> None:
    assert explaining.leans(text) is leans


def test_what_leans_on_a_sentence_comes_with_it_or_not_at_all() -> None:
    text = " ".join(f"Silk kites of town {n} flew high. They were silk kites of town {n}." for n in range(30))
    for seconds in (12, 20, 30, 45):
        kept = told(settled(text, seconds=seconds))
        assert any(explaining.leans(sentence) for sentence in kept)
        for before, after in zip(kept, kept[1:], strict=False):
            assert not explaining.leans(after) or f"{before} {after}" in text


def test_a_title_that_is_the_first_sentence_has_no_card_of_its_own() -> None:
    made = settled(f"Why do kites fly? {KITES}", title="Why do kites fly")
    assert "title" not in made.how["shots"][0] and told(made)[0] == "Why do kites fly?"
    assert settled(KITES, title="Kites").how["shots"][0]["title"] == "Kites"


def test_a_card_stands_for_each_line_as_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    made = settled(KITES, title="Kites")
    written: list[str] = []
    whole = stills.cards.card
    monkeypatch.setattr(
        stills.cards, "card", lambda text, *more, **kind: written.append(text) or whole(text, *more, **kind)
    )
    kept: list[stills.Shot] = []
    monkeypatch.setattr(stills.panning, "pictures", lambda laid, shots, fps, fade: kept.extend(shots) or [])
    job = Job(prompt="", verb=Verb.EXPLAIN, seed=1, seconds=made.seconds, size=(144, 256), how=made.how)
    stills.explain(job, lambda done, of: None, lambda: False)
    assert written == ["Kites", *told(made)]
    assert kept[0].start_s == 0 and kept[-1].end_s == made.seconds
    assert all(a.end_s == b.start_s for a, b in zip(kept, kept[1:], strict=False))
    for cue, shot in zip(script.cues(made.how["shots"]), kept[1:], strict=True):
        assert shot.start_s <= cue.start_s and cue.end_s <= shot.end_s


@pytest.mark.parametrize("seconds", [10, 30, 60, 90, 120])
def test_three_thousand_words_stay_within_the_length_and_the_prompt(seconds: int) -> None:
    text = " ".join(f"{KITES} This is part {n}, and it is about the weather of day {n}." for n in range(50))
    made = settled(text[: explaining.MOST_TEXT], seconds=seconds, title="Kites and the weather")
    assert made.seconds <= seconds and len(made.prompt) <= MAX_PROMPT
    assert made.how["shots"][0]["title"] == "Kites and the weather"
    cues = script.cues(made.how["shots"])
    assert all(a.end_s <= b.start_s for a, b in zip(cues, cues[1:], strict=False))
    assert cues[-1].end_s <= made.seconds


def test_a_transcript_loses_its_clocks_and_keeps_who_speaks() -> None:
    made = settled(PODCAST)
    lines = [line for shot in made.how["shots"] for line in shot["lines"]]
    assert [line["name"] for line in lines] == ["Anna", "Ben", "Ben", "Anna"]
    assert told(made) == [
        "A kite flies because of the wind.", "Thank you.",
        "Today it is about kites, and why they have a tail.", "The tail keeps the kite steady.",
    ]  # fmt: skip
    assert made.prompt.endswith("(Anna, Ben)")  # names are judged, too
    vtt = script.vtt(script.cues(made.how["shots"]))
    assert "<v Ben>Thank you." in vtt


@pytest.mark.parametrize(
    "said",
    [
        ["It grew by 3.5 percent.", "It costs $4.99."],
        [
            "The U.S. economy grew.",
            "Mr. Smith saw No. 5, e.g. this one, etc. and left.",
            "No.",
            "It did not.",
        ],
        ["The train leaves at 10:30 every day.", "It is early."],
        ["10:30 is early.", "Noon is late."],
        ["Note that water boils at 100 degrees.", "It is hot."],
        ["So do I.", "Then we go."],
        ['"Go!" he said.', 'She said "Go."', "He went to example.com then."],
    ],
)
def test_sentences_stay_as_they_stand(said: list[str]) -> None:
    assert told(settled(" ".join(said))) == said


def test_chinese_needs_no_blank_between_its_sentences_and_keeps_what_closes_them() -> None:
    assert told(settled("好。他说：“走吧。”它重3.5克。")) == ["好。", "他说：“走吧。”", "它重3.5克。"]
    assert told(settled("今天天气很好!我们走吧?他走了……我们等着。")) == [
        "今天天气很好!", "我们走吧?", "他走了……", "我们等着。",
    ]  # fmt: skip


def test_what_a_file_says_to_players_alone_is_not_said() -> None:
    head = "WEBVTT\nKind: captions\n\nNOTE for nobody\nat all\n\n"
    cue = "7\n00:01.000 --> 00:04.000\nAt 10:30 it was\n1969\n"
    assert told(settled(head + cue)) == ["At 10:30 it was 1969"]
    assert told(settled("0:01 It flies.\n0:05 It lands.")) == ["It flies.", "It lands."]


def test_a_script_that_names_nobodys_cast_shows_nobody(bob: User, now: datetime, vectors: str) -> None:
    row = explained(bob, now, text=PODCAST)
    assert row.state == State.QUEUED and not row.cast.exists()
    assert all(line["who"] == "" for shot in row.how["shots"] for line in shot["lines"])


def test_a_colon_is_no_conversation() -> None:
    assert told(settled("Remember this: the wind is free. It is strong.")) == [
        "Remember this: the wind is free.", "It is strong.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (KITES, "en"), ("It works.", "en"), ("The wind is free.", "en"), (GERMAN, ""),
        ("Der Hund schläft in der Sonne.", ""), ("Le vent pousse le cerf-volant.", ""),
        ("风筝会飞，是因为风推着它。", "zh"), ("凧は風で飛びます。", ""),
        ("Змей летит, потому что дует ветер.", ""),
        ("연은 바람 때문에 난다.", ""), ("El viento empuja la cometa y la cometa sube.", ""), ("123 456", ""),
    ],
)  # fmt: skip
def test_languages_are_told_apart_as_far_as_a_voice_needs_it(text: str, language: str) -> None:
    assert explaining.language(text) == language


@pytest.mark.parametrize(
    "text", [GERMAN, "风筝会飞，是因为风推着它。线把它拉住。", "凧は風で飛びます。糸で引きます。"]
)
def test_a_language_without_a_voice_is_captioned_and_says_so(
    bob: User, client: Client, now: datetime, vectors: str, text: str
) -> None:
    row = explained(bob, now, text=text)
    assert (row.how["voice"], row.how["silent"]) == ("none", "language")
    assert speech.spoken(row.how) == []
    assert "".join(told(settled(text))).replace(" ", "") == text.replace(" ", "")
    client.force_login(bob)
    assert "No voice of this host speaks" in client.get(f"/generations/{row.public_id}").content.decode()


def test_captions_alone_are_a_wish_and_no_shortcoming() -> None:
    made = settled(KITES, voice="none")
    assert made.how["voice"] == "none" and "silent" not in made.how


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"voice": "none", "silent": "language"}, "No voice of this host speaks this language"),
        ({"voice": "none"}, "no voice reads them, as its maker wished"),
        ({}, "Spoken by a stock voice where this host has one"),
    ],
)
def test_a_clips_page_says_of_its_voice_what_is_true_and_nothing_else(
    bob: User, client: Client, now: datetime, how: dict[str, str], said: str
) -> None:
    clip = Clip.objects.create(
        maker=bob, prompt="kites", duration_ms=9_000, width=9, height=16, sealed_at=now
    )
    made = settled(KITES)
    Generation.objects.create(
        maker=bob, verb=Verb.EXPLAIN, prompt="kites", seed=1, clip=clip, state=State.READY, state_since=now,
        credits=1, created_at=now, how={"shots": made.how["shots"]} | how,
    )  # fmt: skip
    client.force_login(bob)
    page = client.get(f"/clips/{clip.public_id}").content.decode()
    sentences = ("No voice of this host", "no voice reads them", "Spoken by a stock voice")
    assert said in page and sum(sentence in page for sentence in sentences) == 1


def test_letters_on_a_wide_card_are_not_much_smaller_than_on_an_upright_one() -> None:
    def drawn(size: tuple[int, int]) -> float:
        card = cards.card("Tea", size, 1).astype(int)
        ink = np.abs(card[: size[1] * 2 // 3] - card[0, 0]).sum(axis=2) > 150
        return float(ink.any(axis=1).sum())

    assert drawn((1280, 720)) > 0.7 * drawn((720, 1280))


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({}, "text_missing"),
        ({"text": " \n\t"}, "text_missing"),
        ({"text": "1\n00:00:01,000 --> 00:00:02,000\n[music]\n"}, "text_missing"),
        ({"text": "a " * 11_000}, "text_too_long"),
        ({"text": KITES, "voice": "mine"}, "voice_unknown"),
        ({"text": KITES, "music": "loud"}, "music_unknown"),
        ({"text": KITES, "footage": ["00000001-0000-4000-8000-000000000000"]}, "footage_gone"),
    ],
)
def test_what_cannot_be_explained_has_a_name_and_makes_no_row(
    bob: User, now: datetime, vectors: str, how: dict[str, Any], code: str
) -> None:
    with pytest.raises(CannotMake) as refused:
        actions.request_generation(
            maker=bob, prompt="", verb=Verb.EXPLAIN, cast=[], how=how, engine="studio", now=now
        )
    assert refused.value.code == code and Generation.objects.count() == 0


def test_a_refused_form_keeps_every_letter_of_the_text(bob: User, client: Client, vectors: str) -> None:
    client.force_login(bob)
    text = "word " * 5000
    answer = client.post("/create/explain", {"make": "1", "text": text, "seconds": 60, "aspect": "9:16"})
    assert answer.status_code == 422 and text.strip() in answer.content.decode()


def test_photos_are_dealt_in_their_order_and_cards_stand_where_there_are_none(
    bob: User, now: datetime, tmp_path: Path, vectors: str
) -> None:
    rows = [bring(bob, goods.saved(tmp_path / f"{n}.jpg", goods.photo(n + 1)), now) for n in range(2)]
    row = explained(bob, now, rows, text=KITES, title="Kites")
    pictures = [shot["picture"] for shot in row.how["shots"]]
    assert pictures[0] == -1 and pictures[1:] == sorted(pictures[1:]) and set(pictures[1:]) == {0, 1}
    assert {shot["picture"] for shot in explained(bob, now, text=KITES).how["shots"]} == {-1}


def test_it_is_asked_for_again_without_its_text(bob: User, now: datetime, vectors: str) -> None:
    row = explained(bob, now, text=KITES, title="Kites")
    actions.cancel(generation=row, by=bob, now=now)
    row.refresh_from_db()
    again = actions.try_again(generation=row, by=bob, now=now)
    assert again.how["shots"] == row.how["shots"] and again.prompt == row.prompt


def test_the_page_and_programs_ask_for_an_explainer(bob: User, client: Client, vectors: str) -> None:
    client.force_login(bob)
    assert b"/create/explain" in client.get("/create").content
    wishes = {"make": "1", "text": KITES, "seconds": 60, "aspect": "16:9", "title": "Kites"}
    assert client.post("/create/explain", wishes).status_code == 302
    asked = {"verb": "explain", "engine": "studio", "seconds": 60, "how": {"text": KITES}}
    made = client.post("/api/v1/generations", asked, content_type="application/json")
    assert made.status_code == 201, made.content
    assert [row.aspect for row in Generation.objects.order_by("pk")] == ["16:9", "9:16"]
