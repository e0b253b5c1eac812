"""Every clip has a sound that fits it: steps when feet come down, rain when it rains."""

import numpy as np
import pytest

from model.scene import draw, sound, speech, world
from model.scene import tracks as T


def scene(action: str = "stand", place: str = "meadow", weather: str = "clear", **more) -> T.Scene:
    plan = T.Plan(T.WorldPlan(place, weather=weather), [T.PersonPlan(action=action)], more.get("props", []))
    return world.simulate(4, plan)[0]


def test_a_track_is_as_long_as_the_scene_and_never_too_loud():
    track = sound.track(scene("dance"))
    assert track.shape == (5 * sound.RATE, 2) and track.dtype == np.float32
    assert np.abs(track).max() <= sound.CEILING
    assert -21 < 20 * np.log10(np.sqrt((track**2).mean())) < -15
    assert np.abs(track[0]).max() < 1e-3 and np.abs(track[-1]).max() < 1e-3


def test_the_same_scene_sounds_the_same_and_another_seed_does_not():
    a, b = sound.track(scene("walk")), sound.track(scene("walk"))
    assert np.array_equal(a, b)
    other = scene("walk")
    other.seed = 99
    assert not np.allclose(sound.track(other), a, atol=0.01)


def test_steps_come_when_feet_come_down():
    assert len(sound.contacts(scene("stand"))) == 0
    walking, running = sound.contacts(scene("walk")), sound.contacts(scene("run"))
    assert 5 <= len(walking) <= 14  # five seconds
    assert len(running) > len(walking)


def test_rain_hisses():
    def high(made: T.Scene) -> float:
        track = sound.track(made).mean(1)
        power = np.abs(np.fft.rfft(track)) ** 2
        hz = np.fft.rfftfreq(len(track), 1 / sound.RATE)
        return float(power[hz > 3000].sum() / power.sum())

    assert high(scene(weather="rain")) > 1.5 * high(scene(weather="clear"))


def test_a_ball_is_heard_where_it_bounces():
    made = scene("bounce", props=[T.PropPlan("ball", "red", "held", 0)])
    rng = np.random.default_rng(0)
    heard = sound._bounces(made, 5 * sound.RATE, rng)
    y = made.props[0, :, T.Q["y"]]
    low = [i for i in range(1, 59) if y[i] < 0.15 and y[i] <= y[i - 1] and y[i] < y[i + 1]]
    assert np.abs(heard).max() > 0.02 and low
    first = np.flatnonzero(np.abs(heard).max(1) > 0.02)[0] / sound.RATE
    assert first == pytest.approx(low[0] / T.FPS, abs=0.2)


def test_music_gives_way_to_speech():
    bed = sound.track(scene("talk"))
    t = np.arange(2 * sound.RATE) / sound.RATE
    speech = 0.3 * np.sin(2 * np.pi * 180 * t) * (t > 1)
    mixed = sound.duck(bed, speech)
    assert mixed.shape == bed.shape and np.abs(mixed).max() <= sound.CEILING
    voiced, quiet = mixed[int(1.2 * sound.RATE) : 2 * sound.RATE], mixed[4 * sound.RATE :]
    assert np.sqrt((voiced**2).mean()) > 1.3 * np.sqrt((quiet**2).mean())


def two(action: str) -> T.Scene:
    people = [T.PersonPlan(action=action), T.PersonPlan(kind="man", action=action, facing=-1)]
    return world.simulate(4, T.Plan(T.WorldPlan("cafe"), people))[0]


def test_people_who_talk_take_turns():
    said = speech.talked(two("talk"), {0: (0.0, 5.0), 1: (0.0, 5.0)})
    spans = sorted((s.at, s.at + s.length, i) for i, syllables in said.items() for s in syllables)
    assert {i for *_, i in spans} == {0, 1}
    overlaps = [b[0] - a[1] for a, b in zip(spans, spans[1:], strict=False) if a[2] != b[2]]
    assert min(overlaps) > 0.05
    assert speech.talked(two("stand"), {}) == {}


def test_mouths_follow_what_is_heard():
    made = two("talk")
    heard = sound.voices(made)
    assert set(heard) == {0, 1}
    for voice in heard.values():
        opened = speech.mouth(voice, 120, 24)
        loud = np.sqrt((voice.reshape(120, -1) ** 2).mean(1))
        assert np.corrcoef(opened, loud)[0, 1] > 0.8
        assert opened.max() > 0.8 and (opened[loud == 0] < 0.5).all()
    assert not speech.mouth(np.zeros(sound.RATE), 24, 24).any()


def test_the_mouth_that_is_drawn_is_the_one_that_is_heard():
    made = two("talk")
    film = draw.Film(made, size=(72, 128), fps=24)
    opened = speech.mouth(sound.voices(made)[1], 120, 24)
    assert np.allclose(film.people[1, :, T.H["mouth"]], draw.WIDEST["talk"] * opened)
    quiet = two("stand")
    still = draw.Film(quiet, size=(72, 128), fps=T.FPS)
    assert np.allclose(still.people[..., T.H["mouth"]], quiet.people[..., T.H["mouth"]])


def test_whoever_begins_to_sing_later_is_heard_later_and_in_the_key():
    made = two("sing")
    key = speech.Key(220.0, (0, 2, 4, 7, 9), 0.5)
    notes = speech.sung(made, 1, 2.2, 5.0, key)
    assert notes and all(note.at >= 2.2 and note.at + note.length <= 5.0 for note in notes)
    steps = [round(12 * np.log2(note.begin / 220.0)) % 12 for note in notes]
    assert set(steps) <= set(key.scale)
    assert all(abs(note.at / key.beat - round(note.at / key.beat)) < 1e-6 for note in notes)
