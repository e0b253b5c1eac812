"""Storyboards and what is said in them, measured: `make bench-studio` prints one JSON object. T names single
parts (`PARTS`). A figure that no part measured stands in `missing`; a part that failed in `failed`, with its
trace above.

storyboard_seam    acceleration at the borders of shots that go on, beside that inside of them
caption_wer        words of the captions that are not those of the script
caption_sync_ms    95th percentile of how far speech begins and ends from its caption
loudness_error     LU from -14, the worst of the measured tracks
long_s             seconds to sample 120 seconds of clip, window by window
edit_…, reframe_…  the cutting room (`tests/bench/studio_cutting.py`)
fidelity_…, explainer_…  clips of photos (`tests/bench/studio_photos.py`); `fitted` only where it is named
score_…            whether scores see planted damage (`tests/bench/studio_scores.py`)
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

import numpy as np  # noqa: E402

from generation import script, sound, speech  # noqa: E402
from generation.engines import native as engine  # noqa: E402
from model import generate  # noqa: E402
from model.directing import Director  # noqa: E402
from model.judge import seam  # noqa: E402
from model.scene import draw_reel  # noqa: E402
from model.scene import tracks as T  # noqa: E402
from model.storyboard import Asked, shoot  # noqa: E402
from tests.bench import studio_cutting, studio_photos, studio_scores  # noqa: E402

BOARDS = [
    ["a woman walks at the beach", "she waves", "she dances"],
    ["a robot stands in the park", "it jumps", "it bows"],
    ["two men talk in the city", "they clap", "they cheer"],
    ["a girl runs in the forest", "she spins", "she sits"],
    ["a panda dances on a stage", "it waves", "it claps"],
    ["a man reads in the library", "he stands", "he stretches"],
]
SAID = [
    "Good morning, everybody.", "Where are we going today?", "I have never seen the sea like this.",
    "Wait for me!", "It is a long way home, and the night is cold.", "Yes.", "Look: a kite & a <cloud>.",
    "One, two, three, four, five.",
]  # fmt: skip


def seams(native: generate.Native) -> dict[str, Any]:
    found, borders = [], 0
    for seed, prompts in enumerate(BOARDS):
        reel = shoot(Director(native, seed), [Asked(prompt, 3) for prompt in prompts])
        for before, after in zip(reel.shots, reel.shots[1:], strict=False):
            if after.fade:
                continue  # a fade is no border that a movement crosses
            joined = _joined(before.scene, after.scene)
            found.append(seam(joined, before.scene.frames))
            borders += 1
    return {"storyboard_seam": round(float(np.mean(found)), 3), "storyboard_borders": borders}


def _joined(a: T.Scene, b: T.Scene) -> T.Scene:
    people = np.concatenate([a.people, b.people[: len(a.people)]], axis=1)
    world = np.concatenate([a.world, b.world])
    plan = replace(a.plan, props=[])
    return T.Scene(plan, world, people, np.zeros((0, len(world), T.QD)), a.seed)


def captions() -> dict[str, Any]:
    shots = [{"prompt": "a robot waves", "seconds": 6, "lines": [{"text": text}]} for text in SAID]
    rows = script.cues(shots)
    told = re.findall(r"--> .*\n(.*)\n", script.vtt(rows))
    plain = [t.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") for t in told]
    said, heard = " ".join(SAID).split(), " ".join(plain).split()
    wrong = abs(len(said) - len(heard)) + sum(a != b for a, b in zip(said, heard, strict=False))
    out: dict[str, Any] = {"caption_wer": wrong / len(said)}
    lines = speech.spoken({"shots": shots})
    if lines:
        track = speech.mixed(None, lines, 6.0 * len(SAID))
        assert track is not None
        off = [abs(edge) for cue in rows for edge in _edges(track[:, 0], cue)]
        out["caption_sync_ms"] = round(float(np.percentile(off, 95)) * 1000)
    return out


def _edges(track: Any, cue: script.Cue) -> tuple[float, float]:
    """How far the sound's first and last moment are from the cue's."""
    start, stop = (round(at * sound.RATE) for at in (cue.start_s - 0.3, cue.end_s + 0.3))
    loud = np.flatnonzero(np.abs(track[max(0, start) : stop]) > 0.003)
    begins, ends = max(0, start) + loud[0], max(0, start) + loud[-1]
    return begins / sound.RATE - cue.start_s, ends / sound.RATE - cue.end_s


def loudness(native: generate.Native) -> dict[str, Any]:
    worst = 0.0
    for seed, prompts in enumerate(BOARDS[:3]):
        reel = shoot(Director(native, seed), [Asked(prompt, 3) for prompt in prompts])
        shots = [{"prompt": p, "seconds": 3, "lines": [{"text": SAID[n]}]} for n, p in enumerate(prompts)]
        for lines in ([], speech.spoken({"shots": shots})):
            track = sound.levelled(speech.mixed(draw_reel.track(reel), lines, reel.seconds))
            worst = max(worst, abs(sound.loudness(track) + 14))
    return {"loudness_error": round(worst, 2)}


def long(native: generate.Native) -> dict[str, Any]:
    began = time.monotonic()
    director = Director(native, 1)
    reel = engine._in_windows(director, lambda s: director.text("a woman walks at the beach", s), 120)
    return {"long_s": round(time.monotonic() - began, 1), "long_made_s": round(reel.seconds, 1)}


@cache
def native() -> generate.Native:
    return generate.load()


PARTS: dict[str, Callable[[], dict[str, Any]]] = {
    "captions": captions,
    "loudness": lambda: loudness(native()),
    "seams": lambda: seams(native()),
    "long": lambda: long(native()),
    "cuts": studio_cutting.cuts,
    "reframe": studio_cutting.faces_kept,
    "pace": studio_cutting.pace,
    "explainer": studio_photos.explained,
    "drawn": studio_photos.drawn,
    "fidelity": studio_photos.measured,
    "scores": studio_scores.measured,
}
ON_REQUEST = {"fitted": studio_photos.fitted}
FIGURES = (
    "storyboard_seam", "edit_realtime", "edit_cut_error_ms", "edit_cut_recall", "edit_cut_precision",
    "reframe_face_in", "fidelity_auc", "caption_wer", "caption_sync_ms", "loudness_error", "explainer_s",
    "score_agreement",
)  # fmt: skip


def main(asked: Sequence[str]) -> int:
    """Each part after the other; 1 where one failed or is not known."""
    every = PARTS | ON_REQUEST
    if unknown := [name for name in asked if name not in every]:
        print(f"no such part: {', '.join(unknown)}; there are {', '.join(every)}", file=sys.stderr)
        return 1
    found: dict[str, Any] = {}
    failed, took = [], {}
    for name in asked or PARTS:
        began = time.monotonic()
        try:
            found |= every[name]()
        except Exception:
            traceback.print_exc()
            failed.append(name)
        took[name] = round(time.monotonic() - began, 1)
        print(f"{name}: {took[name]} s", file=sys.stderr, flush=True)
    missing = [] if asked else [name for name in FIGURES if name not in found]
    told = {"missing": missing, "failed": failed, "took_s": took, "load": round(os.getloadavg()[0], 1)}
    print(json.dumps(found | told))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
