"""A sound track for a scene: the place, the weather, what people do, and a quiet tune by the seed.

    track(scene) -> float32 [samples, 2] at 48 kHz, about -16 LUFS, never above -1 dBFS

All is made of noise and sines by numpy; the same scene always sounds the same. Whoever talks or sings is
heard (`speech.py`), and everything else gives way (`duck`).
"""

from __future__ import annotations

import numpy as np
from scipy.signal import lfilter, sosfilt

from model.scene import speech
from model.scene import tracks as T

RATE = 48_000
TARGET_RMS = 10 ** (-17.5 / 20)  # sits near -16 LUFS for such material
CEILING = 10 ** (-1 / 20)
SCALES = {
    "day": (0, 2, 4, 7, 9),
    "morning": (0, 2, 4, 7, 11),
    "sunset": (0, 2, 3, 7, 10),
    "night": (0, 3, 5, 7, 10),
}
CHORDS = ((0, 4, 7), (9, 12, 16), (5, 9, 12), (7, 11, 14))
MOODY = ((0, 3, 7), (8, 12, 15), (3, 7, 10), (10, 14, 17))
TEMPO = {
    "dance": 116, "disco": 122, "run": 126, "race": 132, "chase": 130, "jumping_jacks": 124,
    "waltz": 96, "sleep": 60, "yoga": 64, "sneak": 84,
}  # fmt: skip


def track(scene: T.Scene, seconds: float | None = None) -> np.ndarray:
    """Sound of the whole scene, stereo float32 [samples, 2]."""
    length = max(1, round((scene.seconds if seconds is None else seconds) * RATE))
    rng = np.random.default_rng([scene.seed & 0xFFFFFFFF, 0x50])
    ambience = _place(scene, length, rng) + _weather(scene, length, rng)
    steps = _steps(scene, length, rng) + _bounces(scene, length, rng) + _gestures(scene, length, rng)
    music = _music(scene, length)
    bed = finish(0.9 * ambience + 1.0 * steps + 0.62 * music)
    heard = voices(scene, length / RATE)
    return duck(bed, sum(heard.values(), np.zeros(length)), -6.0) if heard else bed


def voices(scene: T.Scene, seconds: float | None = None) -> dict[int, np.ndarray]:
    """The voice of each person who talks or sings, as `track` mixes it in."""
    _rng, tempo, root, _sad = _tune(scene)
    return speech.voices(scene, speech.Key(root, SCALES[scene.plan.world.time], 60 / tempo), seconds)


def duck(bed: np.ndarray, speech: np.ndarray, amount_db: float = -10.0) -> np.ndarray:
    """Speech [samples] over a bed [samples, 2] that gives way while somebody talks."""
    n = len(bed)
    voice = np.pad(np.asarray(speech, np.float64)[:n], (0, max(0, n - len(speech))))
    level = lfilter([1 - 0.9996], [1, -0.9996], np.abs(voice))
    talking = np.clip(level / 0.02, 0, 1)[:, None]
    return finish(bed * (1 + talking * (10 ** (amount_db / 20) - 1)) + 1.4 * voice[:, None], TARGET_RMS * 1.1)


def finish(sound: np.ndarray, rms: float = TARGET_RMS) -> np.ndarray:
    """Bring to the usual loudness, soften the peaks, fade the ends (20 ms) against clicks."""
    power = float(np.sqrt(np.mean(sound**2))) or 1.0
    out = np.tanh(sound * (rms / power) / CEILING) * CEILING
    fade = np.minimum(1, np.arange(len(out)) / (0.02 * RATE))[:, None]
    return (out * fade * fade[::-1]).astype(np.float32)


# ---------------------------------------------------------------- colours of noise


def _noise(length: int, rng: np.random.Generator, low: float, high: float) -> np.ndarray:
    """Band of noise [samples, 2], unit rms; two poles each side."""
    from scipy.signal import butter

    sos = butter(2, [max(20.0, low), min(high, RATE / 2.2)], "bandpass", fs=RATE, output="sos")
    out = sosfilt(sos, rng.standard_normal((length, 2)), axis=0)
    return out / (out.std() + 1e-9)


def _swell(length: int, rng: np.random.Generator, hz: float, depth: float) -> np.ndarray:
    """Slow up and down around 1 [samples, 1]."""
    t = np.arange(length) / RATE
    wave = np.zeros(length)
    for k in (1, 1.7, 2.6):
        wave += np.sin(2 * np.pi * hz * k * t + rng.uniform(0, 6.28)) / k
    return (1 + depth * wave / 1.6)[:, None]


def _add(out: np.ndarray, at: float, sound: np.ndarray, pan: float = 0.0) -> None:
    """Mix a mono sound in at `at` seconds; pan -1 left .. 1 right."""
    start = round(at * RATE)
    if start < 0 or start >= len(out):
        return
    piece = sound[: len(out) - start]
    out[start : start + len(piece), 0] += piece * np.sqrt(0.5 - 0.5 * pan)
    out[start : start + len(piece), 1] += piece * np.sqrt(0.5 + 0.5 * pan)


def _tone(
    hz: float, seconds: float, decay: float, harmonics: tuple[float, ...] = (1.0,), bend: float = 0.0
) -> np.ndarray:
    t = np.arange(round(seconds * RATE)) / RATE
    phase = 2 * np.pi * hz * (t + bend * t * t)
    wave = sum(a * np.sin((k + 1) * phase) for k, a in enumerate(harmonics))
    return wave * np.exp(-t / decay) * np.minimum(1, t / 0.004)


# ---------------------------------------------------------------- the place


def _place(scene: T.Scene, length: int, rng: np.random.Generator) -> np.ndarray:
    place, time = scene.plan.world.place, scene.plan.world.time
    out = np.zeros((length, 2))
    if place in ("beach", "lake") or any(q.kind == "boat" for q in scene.plan.props):
        out += (
            0.055 * _noise(length, rng, 200, 2600) * np.clip(_swell(length, rng, 0.17, 0.8), 0.05, None) ** 2
        )
    if place == "underwater":
        out += 0.07 * _noise(length, rng, 40, 320) * _swell(length, rng, 0.2, 0.4)
        for at in rng.uniform(0, length / RATE, int(length / RATE * 3)):
            _add(
                out,
                float(at),
                0.05 * _tone(rng.uniform(300, 900), 0.12, 0.04, bend=4.0),
                rng.uniform(-0.8, 0.8),
            )
    elif place == "moon":
        out += 0.03 * _noise(length, rng, 40, 140) * _swell(length, rng, 0.1, 0.4)
    elif place in ("city", "market", "carnival", "cafe", "rooftop"):
        out += 0.035 * _noise(length, rng, 90, 700) * _swell(length, rng, 0.13, 0.3)
        if place in ("market", "carnival", "cafe"):
            babble = _noise(length, rng, 300, 1500) * np.clip(_swell(length, rng, 2.6, 0.7), 0, None)
            out += 0.022 * babble
    elif place in T.INDOORS:
        out += 0.012 * _noise(length, rng, 80, 400)
        if place in ("room", "classroom", "library", "kitchen"):
            for at in np.arange(0.2, length / RATE, 1.0):
                _add(out, float(at), 0.02 * _tone(2100, 0.03, 0.006), 0.4)
    else:
        out += 0.014 * _noise(length, rng, 150, 900) * _swell(length, rng, 0.15, 0.4)
    if place in ("meadow", "forest", "park", "garden", "mountains", "lake", "temple", "castle"):
        _birds_or_crickets(out, time, rng)
    return out


def _birds_or_crickets(out: np.ndarray, time: str, rng: np.random.Generator) -> None:
    seconds = len(out) / RATE
    if time == "night":
        for at in np.arange(0.1, seconds, 0.55):
            for k in range(4):
                _add(out, at + 0.045 * k + rng.uniform(0, 0.01), 0.018 * _tone(4300, 0.04, 0.012), -0.5)
        return
    for at in rng.uniform(0, seconds, max(1, int(seconds * 0.9))):
        base, pan = rng.uniform(2300, 3800), rng.uniform(-0.8, 0.8)
        for k in range(int(rng.integers(2, 6))):
            _add(
                out,
                float(at) + 0.11 * k,
                0.03 * _tone(base * rng.uniform(0.9, 1.12), 0.09, 0.03, bend=rng.uniform(-2, 3)),
                pan,
            )


def _weather(scene: T.Scene, length: int, rng: np.random.Generator) -> np.ndarray:
    out = np.zeros((length, 2))
    world, weather = scene.world, scene.plan.world.weather
    if scene.plan.world.place in T.INDOORS | {"moon", "underwater"}:
        return out
    wet, wind = float(world[:, T.W["wet"]].mean()), float(world[:, T.W["wind"]].mean())
    if weather in ("rain", "storm"):
        out += 0.07 * max(0.3, wet) * _noise(length, rng, 900, 9000) + 0.03 * _noise(length, rng, 200, 900)
    if weather in ("wind", "storm", "snow"):
        gusts = np.clip(_swell(length, rng, 0.23, 0.9), 0.1, None)
        out += 0.05 * max(0.25, wind) * _noise(length, rng, 180, 750) * gusts
    if weather == "storm":
        for at in np.arange(0.9, length / RATE, 2.6):
            rumble = _noise(round(1.8 * RATE), rng, 30, 160)[:, 0] * np.exp(
                -np.arange(round(1.8 * RATE)) / RATE / 0.6
            )
            _add(out, float(at), 0.16 * rumble, rng.uniform(-0.4, 0.4))
    return out


# ---------------------------------------------------------------- what people do


def contacts(scene: T.Scene) -> list[tuple[float, float, float]]:
    """When feet come down: (second, x, strength), from the heights of the feet in the tracks."""
    found = []
    for person, plan in zip(scene.people, scene.plan.people, strict=True):
        lx, ly, rx, ry = T.feet(person, plan.scale)
        for x, y in ((lx, ly), (rx, ry)):
            low = y - np.minimum.accumulate(np.minimum(y, 0.02))
            down = (low[1:] < 0.03) & (low[:-1] >= 0.03)
            for i in np.flatnonzero(down) + 1:
                speed = float(low[max(0, i - 2) : i + 1].max())
                found.append((i / T.FPS, float(x[i]), min(1.0, 0.35 + 2.5 * speed)))
    return sorted(found)


def _steps(scene: T.Scene, length: int, rng: np.random.Generator) -> np.ndarray:
    out = np.zeros((length, 2))
    place = scene.plan.world.place
    if place in ("moon", "underwater") or any(
        q.kind in ("boat", "bicycle", "skateboard") for q in scene.plan.props
    ):
        return out
    soft = place in (
        "beach",
        "meadow",
        "forest",
        "desert",
        "snowfield",
        "park",
        "garden",
        "lake",
        "mountains",
        "castle",
    )
    low, high, decay = (300, 2400, 0.045) if soft else (500, 4200, 0.022)
    n = round(0.16 * RATE)
    for at, x, strength in contacts(scene)[:400]:
        grain = _noise(n, rng, low, high)[:, 0] * np.exp(-np.arange(n) / RATE / decay)
        thump = _tone(rng.uniform(75, 105), 0.12, 0.03)
        piece = 0.05 * grain
        piece[: len(thump)] += 0.12 * thump[:n]
        _add(out, at, strength * piece, float(np.clip(x * 1.4, -0.9, 0.9)))
    return out


def _bounces(scene: T.Scene, length: int, rng: np.random.Generator) -> np.ndarray:
    """A ball that turns round near the ground, a foot or a hand."""
    out = np.zeros((length, 2))
    for prop, plan in zip(scene.props, scene.plan.props, strict=True):
        if plan.kind != "ball":
            continue
        y, x = prop[:, T.Q["y"]], prop[:, T.Q["x"]]
        rise = np.diff(y)
        for i in np.flatnonzero((rise[:-1] < -0.012) & (rise[1:] > 0.008)) + 1:
            force = float(np.clip((rise[i] - rise[i - 1]) * 6, 0.15, 1))
            _add(
                out,
                i / T.FPS,
                0.30 * force * _tone(150 + 60 * force, 0.2, 0.05, (1, 0.4, 0.15), bend=-0.9),
                float(np.clip(x[i], -0.8, 0.8)),
            )
    return out


def _gestures(scene: T.Scene, length: int, rng: np.random.Generator) -> np.ndarray:
    """Claps, drums and strings at the beats of the movement."""
    out = np.zeros((length, 2))
    for person, plan in zip(scene.people, scene.plan.people, strict=True):
        if "clap" in (plan.action, plan.then) or "high_five" in (plan.action, plan.then):
            lx, ly = T.hand(person, "l", plan.scale)
            rx, ry = T.hand(person, "r", plan.scale)
            apart = np.hypot(rx - lx, ry - ly)
            for i in _minima(apart, 0.16):
                n = round(0.09 * RATE)
                clap = _noise(n, rng, 900, 5000)[:, 0] * np.exp(-np.arange(n) / RATE / 0.014)
                _add(out, i / T.FPS, 0.10 * clap)
    for prop, thing in zip(scene.props, scene.plan.props, strict=True):
        if thing.kind not in ("drum", "guitar") or thing.owner >= len(scene.plan.people):
            continue
        beat = np.unwrap(np.arctan2(prop[:, T.Q["phase_sin"]], prop[:, T.Q["phase_cos"]])) / np.pi
        for k, i in enumerate(np.flatnonzero(np.diff(np.floor(beat)) != 0) + 1):
            if thing.kind == "drum":
                hit = 0.28 * _tone(110 + 40 * (k % 2), 0.25, 0.07, (1, 0.5, 0.2), bend=-1.2)
            else:
                note = 196 * 2 ** (SCALES["day"][k % 5] / 12)
                strings = [0.07 * _tone(note * r, 0.6, 0.22, (1, 0.5, 0.3, 0.15)) for r in (1, 1.26, 1.5)]
                hit = np.sum(strings, axis=0)
            _add(out, i / T.FPS, hit)
    return out


def _minima(values: np.ndarray, below: float) -> np.ndarray:
    inner = values[1:-1]
    return np.flatnonzero((inner < values[:-2]) & (inner <= values[2:]) & (inner < below)) + 1


# ---------------------------------------------------------------- music


def _tune(scene: T.Scene) -> tuple[np.random.Generator, float, float, bool]:
    """What the seed decides first: chance for the rest, beats a minute, the root (Hz); is it sad?"""
    rng = np.random.default_rng([scene.seed & 0xFFFFFFFF, 0x3055])
    world, people = scene.plan.world, scene.plan.people
    tempo = TEMPO.get(people[0].action if people else "stand", 92) * rng.uniform(0.96, 1.04)
    root = 55 * 2 ** (rng.integers(0, 8) / 12) * 2
    sad = any(p.mood in ("sad", "angry") for p in people) or world.weather == "storm"
    return rng, tempo, root, sad


def music(seconds: float, seed: int, tempo: float) -> np.ndarray:
    """A piece without a scene, stereo float32 [samples, 2]; its first beat falls on its first sample."""
    rng = np.random.default_rng([seed & 0xFFFFFFFF, 0x7E])
    root = 110 * 2 ** (rng.integers(0, 8) / 12)
    scale = SCALES["day" if tempo > 100 else "morning"]
    return finish(_piece(rng, tempo, root, CHORDS, scale, max(1, round(seconds * RATE))))


def _music(scene: T.Scene, length: int) -> np.ndarray:
    """Key, tempo and notes come from the seed, the mood from the scene."""
    rng, tempo, root, sad = _tune(scene)
    world = scene.plan.world
    chords = MOODY if sad or world.time == "night" else CHORDS
    return _piece(rng, tempo, root, chords, SCALES[world.time], length)


def _piece(
    rng: np.random.Generator,
    tempo: float,
    root: float,
    chords: tuple[tuple[int, ...], ...],
    scale: tuple[int, ...],
    length: int,
) -> np.ndarray:
    """Four soft chords, a plucked tune over them, [samples, 2]."""
    beat = 60 / tempo
    order = rng.permutation(4) if rng.random() < 0.5 else np.arange(4)
    out = np.zeros((length, 2))
    bar, t, step = 4 * beat, 0.0, 2
    for number in range(int(length / RATE / bar) + 1):
        chord = chords[order[number % 4]]
        n = round(bar * RATE)
        swell = np.sin(np.pi * np.arange(n) / n) ** 0.6
        for i, semi in enumerate(chord):
            hz = root * 2 ** (semi / 12)
            wave = np.sin(2 * np.pi * hz * np.arange(n) / RATE) + 0.3 * np.sin(
                2 * np.pi * 2.003 * hz * np.arange(n) / RATE
            )
            _add(out, t, 0.022 * wave * swell, (-0.5, 0.0, 0.5)[i])
        _add(out, t, 0.07 * _tone(root / 2 * 2 ** (chord[0] / 12), 1.2, 0.5, (1, 0.3)))
        for k in range(8):
            if rng.random() < 0.62:
                step = int(np.clip(step + rng.integers(-2, 3), 0, 9))
                hz = 2 * root * 2 ** ((scale[step % 5] + 12 * (step // 5)) / 12)
                _add(
                    out,
                    t + k * beat / 2,
                    0.055 * _tone(hz, 0.9, 0.26, (1, 0.35, 0.12)),
                    rng.uniform(-0.35, 0.35),
                )
        if tempo > 110:
            for k in range(4):
                _add(out, t + k * beat, 0.12 * _tone(62, 0.2, 0.06, bend=-2.0))
                _add(
                    out,
                    t + (k + 0.5) * beat,
                    0.012 * _noise(2400, rng, 5000, 12000)[:, 0] * np.exp(-np.arange(2400) / 500),
                )
        t += bar
    return out
