"""In whose voice a line is said: the person's own where a network of the host imitates it and they allow it,
a stock voice near to theirs, or one that is nobody's."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import c2pa
import numpy as np
import pytest
from django.test import Client
from django.utils import timezone
from safetensors.torch import load_file, save_file

from accounts.models import User
from cameos import prosody, references
from cameos.models import Cameo, LikenessGrant, LikenessUse, PermitRecord, Reference
from generation import actions, hand, pipeline, script, sound, speech, tempo, voicing
from generation.engines import cloning
from generation.engines.base import EngineFailed, Stopped
from generation.engines.pocket import PocketVoice
from generation.models import Clip, Generation
from generation.provenance import signing
from generation.states import State
from tests.generation import tiny_voice
from tests.generation.conftest import allow

pytestmark = pytest.mark.skipif(not speech.has_voice(), reason="the stock voice is Debian's package flite")
NUMBERS = "Seventy four. Ninety two. Thirty five. Seventy four. Ninety two. Thirty five."
LINE = "Hello there, my friend."


def nothing() -> None:
    """Nobody stops it."""


@pytest.fixture
def now() -> datetime:
    """The workers' clock: a permit lasts five days."""
    return timezone.now()


@pytest.fixture(scope="module")
def spoken() -> np.ndarray:
    """What a man says when he is recorded: mono 16-bit at 16 kHz."""
    said = speech._flite(NUMBERS, "rms", 1.0)
    assert said is not None
    return speech.hearing(said)


@pytest.fixture
def voice_folder(tmp_path: Path, settings: Any) -> Path:
    settings.VOICE_FOLDER = str(tiny_voice.folder(tmp_path / "voice"))
    return tmp_path / "voice"


@pytest.fixture
def recorded(likeness: Cameo, spoken: np.ndarray, now: datetime) -> Cameo:
    """Alice, whose face and voice were recorded."""
    packed = io.BytesIO()
    np.savez_compressed(packed, sound=spoken, rate=np.int64(16_000))
    references.store(likeness, Reference.Kind.FACE, b"a face", now)
    references.store(likeness, Reference.Kind.VOICE, packed.getvalue(), now)
    return likeness


@pytest.fixture
def ask_alice(vectors: str, bob: User, recorded: Cameo, now: datetime) -> Callable[..., Generation]:
    """Bob asks for a storyboard in which Alice says something."""

    def ask(**how: Any) -> Generation:
        key = str(recorded.public_id)
        lines = [{"who": key, "name": "Alice", "text": LINE}]
        shots = [
            {"prompt": "a woman waves", "seconds": 3, "cast": [key], "lines": lines},
            {"prompt": "she jumps", "seconds": 2, "cast": [key]},
        ]
        return actions.request_generation(
            maker=bob, prompt="", verb="storyboard", cast=[recorded], how={"shots": shots} | how,
            engine="swatch", seed=7, now=now,
        )  # fmt: skip

    return ask


def made(row: Generation) -> Generation:
    hand.drain()
    row.refresh_from_db()
    return row


def voices_of(row: Generation) -> list[str]:
    return [said["voice"] for said in row.how.get("voices", {}).values()]


# --- how somebody speaks


@pytest.mark.parametrize("hertz", [75.0, 110.0, 187.0, 262.0, 380.0])
def test_the_pitch_of_a_hum_is_heard(hertz: float) -> None:
    time = np.arange(16_000) / 16_000
    hum = sum(np.sin(2 * np.pi * hertz * k * time) / k for k in range(1, 6)) * 5000
    assert prosody.pitch(hum.astype(np.int16)) == pytest.approx(hertz, rel=0.01)


def test_what_is_no_voice_has_neither_pitch_nor_pace() -> None:
    hiss = np.random.default_rng(1).normal(0, 2000, 32_000).astype(np.int16)
    assert prosody.pitch(hiss) is None
    assert (
        prosody.pitch(np.zeros(32_000, np.int16)) is None and prosody.pace(np.zeros(32_000, np.int16)) is None
    )
    assert prosody.pitch(np.zeros(10, np.int16)) is None


def test_who_speaks_fast_has_more_syllables_a_second() -> None:
    text = "A woman holds the line, and the wind is steady over the sea and the mountains."
    fast, slow = (speech._flite(text, "slt", stretch) for stretch in (0.75, 1.3))
    assert fast is not None and slow is not None
    paces = [prosody.pace(speech.hearing(said)) for said in (fast, slow)]
    assert paces[0] is not None and paces[1] is not None and paces[0] > 1.15 * paces[1]


@pytest.mark.parametrize(
    ("hertz", "heard"), [(85, 85), (101, 101), (118, 118), (140, 140), (160, 160), (185, 185), (300, None)]
)
def test_the_nearest_stock_voice_is_moved_to_the_persons_pitch(hertz: int, heard: float | None) -> None:
    """Said are numbers, as people say them when they are recorded: a sentence has another melody."""
    own = {voice: speech._own_manner(voice) for voice in speech.VOICES}
    pitches = {voice: of[0] for voice, of in own.items() if of is not None}
    manner = speech.near(hertz, None)
    assert manner is not None and len(pitches) == len(speech.VOICES)
    assert manner.voice == min(pitches, key=lambda name: abs(np.log(pitches[name] / hertz)))
    samples = speech.say(speech.NUMBERS, manner, 5.0)
    assert samples is not None and len(samples) <= 5.0 * sound.RATE
    furthest = pitches[manner.voice] * speech.MOVED[1]
    assert prosody.pitch(speech.hearing(samples)) == pytest.approx(heard or furthest, rel=0.08)


def test_a_fast_speakers_line_is_over_sooner_and_still_stands_under_its_caption() -> None:
    calm, fast = speech.near(101, None), speech.near(101, 9.0)
    assert calm is not None and fast is not None and fast.faster > 1
    lasts = [len(speech.say(LINE, manner, 2.0)) / sound.RATE for manner in (calm, fast)]  # type: ignore[arg-type]
    assert 0.7 * 2.0 < lasts[1] < lasts[0] - 0.1 <= 2.0


@pytest.mark.parametrize("factor", [0.7, 0.85, 1.3])
def test_a_line_is_made_shorter_without_being_made_higher(factor: float) -> None:
    said = speech._flite(f"{LINE} The wind is steady over the sea.", "awb", 1.0)
    assert said is not None
    fitted = tempo.stretched(said, factor)
    assert len(fitted) == pytest.approx(len(said) * factor, rel=0.01)
    before, after = (prosody.pitch(speech.hearing(one)) for one in (said, fitted))
    assert after == pytest.approx(before, rel=0.05)
    assert sound.loudness(fitted) == pytest.approx(sound.loudness(said), abs=1.5)


# --- the operator's folder


def test_a_whole_folder_says_what_it_can(voice_folder: Path) -> None:
    found = cloning.at(voice_folder)
    assert (found.title, found.licence, found.can.languages) == ("Tiny voice", "CC-BY-4.0", {"en"})
    assert cloning.installed() == found


def shortened(place: Path) -> None:
    weights = place / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])


def other_class(place: Path) -> None:
    config = json.loads((place / "config.json").read_text())
    (place / "config.json").write_text(json.dumps(config | {"architectures": ["SomeOther"]}))


def pickled(place: Path) -> None:
    (place / "model.safetensors").rename(place / "pytorch_model.bin")


def part_of_an_index(place: Path) -> None:
    table = {"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}
    (place / "model.safetensors").rename(place / "model-1.safetensors")
    (place / "model.safetensors.index.json").write_text(json.dumps(table))


def index_elsewhere(place: Path) -> None:
    (place / "model.safetensors.index.json").write_text('{"weight_map": {"a": "../../model.safetensors"}}')


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (shortened, "half_copied"), (part_of_an_index, "half_copied"), (index_elsewhere, "half_copied"),
        (lambda p: (p / "model.safetensors").write_bytes(b"\xff" * 40), "half_copied"),
        (lambda p: (p / "audio_tokenizer/model.safetensors").unlink(), "weights_missing"),
        (lambda p: (p / "audio_tokenizer/config.json").unlink(), "part_missing"),
        (lambda p: (p / "config.json").write_text("{"), "no_config"), (other_class, "unknown_class"),
        (pickled, "pickles"), (lambda p: (p / "understudy.json").unlink(), "no_licence"),
        (lambda p: (p / "understudy.json").write_text("[]"), "bad_wishes"),
        (lambda p: (p / "understudy.json").write_text('{"licence": "x", "languages": "en"}'), "bad_wishes"),
    ],
)  # fmt: skip
def test_a_folder_that_cannot_be_used_says_why(voice_folder: Path, broken: Any, code: str) -> None:
    broken(voice_folder)
    with pytest.raises(cloning.BadVoice) as said:
        cloning.at(voice_folder)
    assert said.value.code == code and cloning.installed() is None
    with pytest.raises(EngineFailed, match=code):
        cloning.load()


def test_a_tokenizer_that_was_not_copied_is_found_when_it_is_loaded(voice_folder: Path) -> None:
    (voice_folder / "tokenizer.json").unlink()
    with pytest.raises(EngineFailed, match="voice_missing"):
        cloning.load()


# --- the network


def test_the_network_follows_the_recording(voice_folder: Path, spoken: np.ndarray) -> None:
    voice = PocketVoice(cloning.at(voice_folder))
    woman = speech._flite(NUMBERS, "slt", 1.0)
    assert woman is not None
    his, again, hers = (
        voice.say(LINE, heard, 1, nothing) for heard in (spoken, spoken, speech.hearing(woman))
    )
    assert his.dtype == np.float32 and len(his) > 0.25 * sound.RATE
    np.testing.assert_array_equal(his, again)
    shared = min(len(his), len(hers))
    assert np.abs(his[:shared] - hers[:shared]).max() > 0.01


def test_marks_of_the_network_in_a_line_are_words_like_others(voice_folder: Path, spoken: np.ndarray) -> None:
    voice = PocketVoice(cloning.at(voice_folder))
    assert len(voice.say("Say <v><voice><a> to me.", spoken, 1, nothing))


def test_the_network_stops_within_a_step(voice_folder: Path, spoken: np.ndarray) -> None:
    voice, steps = PocketVoice(cloning.at(voice_folder)), []

    def tick() -> None:
        steps.append(1)
        if len(steps) == 3:
            raise Stopped

    with pytest.raises(Stopped):
        voice.say(LINE, spoken, 1, tick)
    assert len(steps) == 3
    voice.say("Hi.", spoken, 1, nothing)
    assert len(steps) == 3, "nobody listens any more"


# --- a clip


def test_who_allows_their_voice_is_heard_in_it_and_the_clip_says_so(
    voice_folder: Path, ask_alice: Callable[..., Generation], recorded: Cameo, bob: User, now: datetime
) -> None:
    allow(recorded, bob, now, voice=True)
    row = made(ask_alice())
    assert row.state == State.READY and row.clip is not None
    assert voices_of(row) == ["cloned"] and PermitRecord.objects.get().voice
    client = Client()
    client.force_login(bob)
    sentence = "Alice: their own voice, imitated by a machine (Tiny voice), with their permission."
    assert f"{sentence} Spoken by Tiny voice." in client.get(f"/clips/{row.clip.public_id}").content.decode()
    captions = client.get(f"/clips/{row.clip.public_id}/captions.vtt").content.decode()
    assert f"NOTE {sentence}" in captions and "Hello there" in captions
    assert manifest_voices(row.clip) == [
        {"voice": "cloned", "with": "Tiny voice", "ledger_entry": str(LikenessUse.objects.get().entry_id)}
    ]


def manifest_voices(clip: Clip) -> Any:
    from generation import store

    with store.local(clip.renditions.get(kind="mp4_360").path, Path("/tmp")) as path, path.open("rb") as file:
        manifest = c2pa.Reader("video/mp4", file, context=signing.context()).get_active_manifest() or {}
    ours = (one["data"] for one in manifest["assertions"] if one["label"].startswith("org.understudy.clip"))
    return next(ours).get("voices")


@pytest.mark.parametrize(
    ("terms", "how", "voice", "asked"),
    [
        ({"voice": True}, {}, "near", True),
        ({"voice": False}, {}, "stock", False),
        ({"voice": True}, {"voice": "stock"}, "stock", False),
    ],
)
def test_without_a_network_a_stock_voice_says_it(
    ask_alice: Callable[..., Generation],
    recorded: Cameo,
    bob: User,
    now: datetime,
    terms: dict[str, bool],
    how: dict[str, str],
    voice: str,
    asked: bool,
) -> None:
    allow(recorded, bob, now, **terms)
    row = made(ask_alice(**how))
    assert row.state == State.READY and voices_of(row) == [voice]
    assert PermitRecord.objects.get().voice is asked


def test_nothing_is_said_where_captions_alone_are_wished(
    ask_alice: Callable[..., Generation], recorded: Cameo, bob: User, now: datetime
) -> None:
    allow(recorded, bob, now, voice=True)
    row = made(ask_alice(voice="none"))
    assert row.state == State.READY and voices_of(row) == [] and not PermitRecord.objects.get().voice


def test_a_half_copied_voice_costs_nobody_their_clip(
    voice_folder: Path, ask_alice: Callable[..., Generation], recorded: Cameo, bob: User, now: datetime
) -> None:
    shortened(voice_folder)
    allow(recorded, bob, now, voice=True)
    row = made(ask_alice())
    assert row.state == State.READY and voices_of(row) == ["near"]


def not_a_number(place: Path) -> None:
    weights = load_file(place / "model.safetensors")
    for name, value in weights.items():
        if name.startswith("flow_head"):
            value.fill_(np.nan)
    save_file(weights, place / "model.safetensors", metadata={"format": "pt"})


def silent(place: Path) -> None:
    path = place / "audio_tokenizer/model.safetensors"
    weights = load_file(path)
    for name, value in weights.items():
        if "decoder" in name:
            value.zero_()
    save_file(weights, path, metadata={"format": "pt"})


def endless(place: Path) -> None:
    weights = load_file(place / "model.safetensors")
    weights["eos_head.bias"].fill_(-1e9)
    save_file(weights, place / "model.safetensors", metadata={"format": "pt"})


@pytest.mark.parametrize(
    ("broken", "why"),
    [(not_a_number, "no sound"), (silent, "said nothing"), (endless, "for a place of")],
)
def test_what_is_no_speech_or_too_long_is_said_by_the_stock_voice(
    voice_folder: Path, spoken: np.ndarray, caplog: pytest.LogCaptureFixture, broken: Any, why: str
) -> None:
    lines = [{"who": "alice", "name": "Alice", "text": LINE}, {"who": "", "name": "", "text": "And then."}]
    how = {"shots": [{"seconds": 6, "lines": lines}]}
    whole = voicing.told(how, {"alice": spoken}, 1, nothing)
    assert [line.is_cloned for line in whole.lines] == [True, False]
    broken(voice_folder)
    told = voicing.told(how, {"alice": spoken}, 1, nothing)
    assert why in caplog.text
    assert [said["voice"] for said in told.voices.values()] == ["near", "stock"]
    assert len(told.lines) == 2 and all(np.isfinite(line.samples).all() for line in told.lines)
    for cue, line in zip(script.cues(how["shots"]), told.lines, strict=True):
        assert 0 < len(line.samples) <= round((cue.end_s - cue.start_s) * sound.RATE)


def test_a_recording_of_hardly_any_speech_is_not_imitated(voice_folder: Path, spoken: np.ndarray) -> None:
    how = {"shots": [{"seconds": 6, "lines": [{"who": "alice", "name": "Alice", "text": LINE}]}]}
    told = voicing.told(how, {"alice": spoken[:16_000]}, 1, nothing)
    assert [said["voice"] for said in told.voices.values()] == ["near"]


def test_a_language_that_the_network_alone_speaks_is_said_by_those_who_allow_it(
    voice_folder: Path, spoken: np.ndarray
) -> None:
    wishes = tiny_voice.WISHES | {"languages": ["en", "zh"]}
    (voice_folder / "understudy.json").write_text(json.dumps(wishes))
    lines = [{"who": "alice", "name": "Alice", "text": "大家好，很高兴"}, {"text": "再见"}]
    how = {"shots": [{"seconds": 8, "lines": lines}]}
    told = voicing.told(how, {"alice": spoken}, 1, nothing)
    assert [(line.key, line.is_cloned) for line in told.lines] == [("alice", True)]


@pytest.mark.parametrize("ends", ["voice", "revoked"])
def test_who_takes_their_voice_back_ends_it_while_it_is_said(
    voice_folder: Path,
    ask_alice: Callable[..., Generation],
    recorded: Cameo,
    bob: User,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    ends: str,
) -> None:
    allow(recorded, bob, now, voice=True)
    row, steps = ask_alice(), []
    real = pipeline.Watch.at_border

    def at_border(watch: pipeline.Watch) -> None:
        steps.append(1)
        if len(steps) == 3:
            fields = {"voice": {"voice": False}, "revoked": {"revoked_at": now}}[ends]
            LikenessGrant.objects.update(**fields)
            watch.rechecked_at -= pipeline.RECHECK_EVERY.total_seconds()
        real(watch)

    monkeypatch.setattr(pipeline.Watch, "at_border", at_border)
    row = made(row)
    assert row.state == State.REFUSED and row.refusal_stage == "consent" and len(steps) == 3
    assert not Clip.objects.exists()


def test_who_took_it_back_before_is_not_read(
    ask_alice: Callable[..., Generation], recorded: Cameo, bob: User, now: datetime
) -> None:
    allow(recorded, bob, now, voice=True)
    row = ask_alice()
    LikenessGrant.objects.update(voice=False)
    assert made(row).state == State.REFUSED and row.refusal_rule == "voice"


def test_the_maker_cancels_while_it_is_said(
    voice_folder: Path,
    ask_alice: Callable[..., Generation],
    recorded: Cameo,
    bob: User,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    allow(recorded, bob, now, voice=True)
    row, steps = ask_alice(), []
    real = pipeline.Watch.at_border

    def at_border(watch: pipeline.Watch) -> None:
        steps.append(1)
        if len(steps) == 4:
            actions.cancel(generation=row, by=bob, now=now)
        real(watch)

    monkeypatch.setattr(pipeline.Watch, "at_border", at_border)
    assert made(row).state == State.CANCELLED and len(steps) == 4
