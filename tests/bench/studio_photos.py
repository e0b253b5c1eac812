"""Clips of photos, measured (part of `make bench-studio`).

fidelity_auc         how often a promo clip of the right product agrees more with its photos than one of a
                     look-alike does; asked are other photos than those in the clip: other sides, other rooms;
                     of products that the formula has never seen (`tests/bench/fresh_goods.py`)
fidelity_auc_by      the same by kind of look-alike; `fidelity_auc_of` by form of the product
fitted_auc           the same of products like those that the formula was fitted on (part `fitted`, when it is
                     named): `tests/generation/goods` and `tests/bench/tuning_goods`, other seeds
fidelity_same        the least agreement of a clip with the very photos that it is made of (the gate: 0.5)
fidelity_let_through look-alikes above the gate, and right products below it, of all
explainer_s          wall seconds from a text of 300 words to the files of a clip of 720x1280: speech, photos
                     under moves, faces looked for, marks, both films (without sealing), at the usual length
explainer_whole_s    the same for a clip in which all 300 words are said
explainer_drawn_s    the same at the usual length with pictures that the native engine draws
"""

from __future__ import annotations

import tempfile
import time
import uuid
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from sklearn.metrics import roc_auc_score

from cameos import hiding
from generation import fidelity, renditions, scores, speech, verbs
from generation.engines.base import Job
from generation.engines.studio import StudioEngine
from generation.provenance import mark_keys, marks
from generation.states import Verb
from tests.bench import fresh_goods, tuning_goods
from tests.generation import goods

PRODUCTS = 15
TEXT = (
    "A kite flies because the wind pushes on it. A woman holds the line, and the line holds the kite at an "
    "angle to the wind. So the air is turned down, and the kite is pushed up. In a park or at the beach the "
    "wind is steady, and a kite needs no tail. In the mountains a long tail keeps it from turning round. "
)
WORDS = " ".join((TEXT * 9).split()[:300])
SEEN = (180, 320)


def measured() -> dict[str, Any]:
    """Products that the formula was not fitted on."""
    found = _told(fresh_goods, range(700, 700 + PRODUCTS))
    return {f"fidelity_{name}": value for name, value in found.items()}


def fitted() -> dict[str, Any]:
    """The forms that it was fitted on, to be compared with."""
    return {
        "fitted_auc": _told(goods, range(100, 100 + PRODUCTS))["auc"],
        "fitted_plain_auc": _told(tuning_goods, range(100, 100 + PRODUCTS))["auc"],
    }


def _told(shelf: Any, seeds: Sequence[int]) -> dict[str, Any]:
    """What the gate says of promo clips of these products and of their look-alikes."""
    right: list[float] = []
    same: list[float] = []
    wrong: dict[str, list[float]] = {alike: [] for alike in shelf.ALIKE}
    for seed in seeds:
        asked, made = shelf.photos(seed, [0, 1]), shelf.photos(seed, [2, 3])
        frames, shots = _clip(made, seed)
        right.append(fidelity.clip_agreement(frames, asked, shots))
        same.append(fidelity.clip_agreement(frames, made, shots))
        for alike, found in wrong.items():
            frames, shots = _clip(shelf.photos(seed, [2, 3], alike), seed)
            found.append(fidelity.clip_agreement(frames, asked, shots))
    every = [value for found in wrong.values() for value in found]
    forms = len(shelf.FORMS)
    return {
        "auc": round(_auc(right, every), 4),
        "auc_by": {alike: round(_auc(right, found), 4) for alike, found in wrong.items()},
        "auc_of": {
            form: round(_auc(right[n::forms], [v for found in wrong.values() for v in found[n::forms]]), 4)
            for n, form in enumerate(shelf.FORMS)
        },
        "same": min(same),
        "right": round(float(np.median(right)), 3),
        "wrong": round(float(np.median(every)), 3),
        "let_through": [
            sum(value >= fidelity.LEAST for value in every),
            sum(value < fidelity.LEAST for value in right),
            len(every) + len(right),
        ],
    }


def explained() -> dict[str, Any]:
    """With pictures that people bring: usual length, and all 300 words."""
    mark_keys.rotate()
    usual, lasts = _explained(WORDS, 60, drawn=False)
    whole, all_of_it = _explained(WORDS, 120, drawn=False)
    return {
        "explainer_s": usual,
        "explainer_made_s": lasts,
        "explainer_whole_s": whole,
        "explainer_whole_made_s": all_of_it,
    }


def drawn() -> dict[str, Any]:
    """With pictures that the native engine draws."""
    mark_keys.rotate()
    return {"explainer_drawn_s": _explained(WORDS, 60, drawn=True)[0]}


def _explained(words: str, seconds: int, *, drawn: bool) -> tuple[float, int]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = [] if drawn else [goods.saved(folder / f"{n}.jpg", goods.photo(n)) for n in range(4)]
        began = time.monotonic()
        how = {"text": words, "music": "calm", "draw": drawn, "footage": [str(uuid.uuid4()) for _ in paths]}
        told = verbs.settle(Verb.EXPLAIN, prompt="", sources=[], how=how, seconds=seconds, cast_count=0)
        job = Job(prompt=told.prompt, verb=Verb.EXPLAIN, seed=1, seconds=told.seconds, size=(720, 1280),
                  how=told.how, films=paths, spoken=speech.spoken(told.how))  # fmt: skip
        rendered = StudioEngine().render(job, lambda done, of: None, lambda: False)
        frames = rendered.frames if drawn else hiding.hide_others(rendered.frames, rendered.fps, [], every=6)
        looker = scores.Looker(rendered.fps)
        audio = speech.mixed(rendered.audio, job.spoken, job.seconds)
        rendered = replace(rendered, frames=looker.passing(frames), audio=audio)
        renditions.write(rendered, folder, marks.marks_for("bench", rendered.size))
        return round(time.monotonic() - began, 1), told.seconds


def _auc(right: list[float], wrong: list[float]) -> float:
    return float(roc_auc_score([1] * len(right) + [0] * len(wrong), right + wrong))


def _clip(photos: list[np.ndarray], seed: int) -> tuple[list[np.ndarray], list[list[int]]]:
    """The pictures of a promo clip as the gate sees them, and its shots."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [goods.saved(Path(folder) / f"{n}.jpg", photo) for n, photo in enumerate(photos)]
        how = {"name": "A kite", "call": "Soon", "music": ""}
        job = Job(prompt="", verb=Verb.PROMO, seed=seed, seconds=6, size=(360, 640), how=how, films=paths)
        rendered = StudioEngine().render(job, lambda done, of: None, lambda: False)
        frames = [
            cv2.resize(frame, SEEN, interpolation=cv2.INTER_AREA)
            for k, frame in enumerate(rendered.frames)
            if k % 15 == 0
        ]
    shots = [(start, end) for _photo, start, end in rendered.facts["shots"]]
    return frames, fidelity.by_shot(shots, 2)
