"""How well one voice is told from two in a recording, of speakers that nothing was fitted to.

    python -m tests.bench.likeness.voices_unseen FOLDER [recordings]

FOLDER holds one folder a speaker, and in it WAV files (mono, 16 bit, 16 kHz), each a number of three digits
that they say. `allison~es` is the person `allison` once more, and never the other voice of a recording with
them. Files whose names are alike up to the first `.` are of one sitting, and a recording is made of one
sitting. Each goes through a microphone, room and codec of its own (`tests/likeness_microphones.py`).

Prints one JSON object: of recordings in one voice the share that goes to a person, of those with one number
in another voice the share that the machine lets pass, each with the upper 95 % bound (Clopper and Pearson;
recordings share speakers, so the true one is higher), at the bound in force and at others.
"""

from __future__ import annotations

import json
import sys
import time
import wave
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from cameos import capture, voices
from tests.bench.likeness.captures import upper_bound
from tests.likeness_microphones import Microphone, Sound

Sittings = dict[str, list[Sound]]
BOUNDS = (0.60, 0.62, 0.64, 0.66, 0.68, 0.70, 0.72, 0.74, 0.76)


def main() -> None:
    folder, count = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 100
    began, people = time.monotonic(), speakers(folder)
    found: dict[str, list[float]] = {"one": [], "two": []}
    for kind, sound in recordings(people, count, np.random.default_rng(61)):
        found[kind].append(voices.least_alike(sound, 3))
    one, two = (np.array(found[kind]) for kind in ("one", "two"))
    at = {f"{bound:.2f}": rates(one, two, bound) for bound in sorted({capture.LEAST_ALIKE, *BOUNDS})}
    print(
        json.dumps(
            {
                "voice_speakers": len(people),
                "voice_recordings": [len(one), len(two)],
                "voice_bound": capture.LEAST_ALIKE,
                **at[f"{capture.LEAST_ALIKE:.2f}"],
                "voice_one_least": round(float(one.min()), 3),
                "voice_at": at,
                "voice_seconds": round(time.monotonic() - began),
            }
        )
    )


def rates(one: np.ndarray, two: np.ndarray, bound: float) -> dict[str, float]:
    to_human, passed = int((one < bound).sum()), int((two >= bound).sum())
    return {
        "one_to_human": round(to_human / len(one), 3),
        "one_to_human_upper": round(upper_bound(to_human, len(one)), 3),
        "two_accepted": round(passed / len(two), 3),
        "two_accepted_upper": round(upper_bound(passed, len(two)), 3),
    }


def speakers(folder: Path) -> dict[str, Sittings]:
    people: dict[str, Sittings] = {}
    for home in sorted(path for path in folder.iterdir() if path.is_dir()):
        sittings: Sittings = defaultdict(list)
        for file in sorted(home.glob("*.wav")):
            sittings[file.name.split(".")[0]].append(_read(file))
        people[home.name] = {name: said for name, said in sittings.items() if len(said) >= 3}
    return {name: sittings for name, sittings in people.items() if sittings}


def recordings(
    people: dict[str, Sittings], count: int, draw: np.random.Generator
) -> Iterator[tuple[str, Sound]]:
    """`count` recordings of one voice, and for each one with a number in somebody else's in the same room."""
    for _ in range(count):
        own = str(draw.choice(sorted(people)))
        others = [name for name in sorted(people) if name.split("~")[0] != own.split("~")[0]]
        said, foreign = (_three(people[name], draw) for name in (own, str(draw.choice(others))))
        microphone, at = Microphone.drawn(draw), int(draw.integers(3))
        yield "one", microphone.records(said, draw)
        yield "two", microphone.records([*said[:at], foreign[at], *said[at + 1 :]], draw)


def _three(sittings: Sittings, draw: np.random.Generator) -> list[Sound]:
    said = sittings[str(draw.choice(sorted(sittings)))]
    return [said[at] for at in draw.choice(len(said), 3, replace=False)]


def _read(path: Path) -> Sound:
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (16_000, 1, 2), path
        return np.frombuffer(file.readframes(file.getnframes()), np.int16)


if __name__ == "__main__":
    main()
