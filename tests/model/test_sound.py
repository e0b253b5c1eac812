"""Every clip has a sound that fits it: steps when feet come down, rain when it rains."""

import numpy as np
import pytest

from model.scene import sound, world
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
