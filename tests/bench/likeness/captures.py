"""How often the check of a recording errs: genuine-like ones sent back, attacks let through, by kind.

    python -m tests.bench.likeness.captures [how many of each kind]

Every recording is a film that goes through the walled decoder and the whole check. Its people are four
photographs of three persons bent by their own meshes (`tests/likeness_actor.py`), its voices four of flite's;
light, noise, reach of the movements and compression vary with the seed. A genuine-like recording is thus
itself an animated still: how often one made of a *found* picture, small and compressed, is taken is
`attack_accept_warp`, which has no goal. Kinds that differ only in sound or challenge judge one film again.

`accepted` is a machine's yes; `reviewed` went to a human. `upper_95` bounds the true rate of acceptance
(Clopper and Pearson): with few of a kind it says little, and that is why it stands there.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import cv2
import numpy as np

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

from cameos import capture, challenge, spoofs  # noqa: E402
from cameos.intake.sandbox import decode_video  # noqa: E402
from cameos.verdicts import CaptureVerdict, Outcome  # noqa: E402
from cameos.watching import Track, spoken_near, watch  # noqa: E402
from tests import likeness_attacks as attacks  # noqa: E402
from tests import likeness_media as media  # noqa: E402
from tests.likeness_actor import Pixels, pictured  # noqa: E402

PEOPLE = ("astronaut", "obama", "biden", "obama3")
VOICES = ("slt", "rms", "awb", "kal")
PER_KIND = 3
NO_GOAL = ("warped_still",)
SHOWN = (
    "no_blink",
    "lips_still",
    "lips_apart",
    "other_person",
    "voice_changes",
    "seen_before",
    "looks_flat",
    "looks_like_a_screen",
)


@dataclass(frozen=True)
class Setting:
    """One way to be recorded: who, in which voice, light, and with how much compression."""

    seed: int
    person: str
    voice: str
    other_voice: str
    gain: float
    noise: float
    reach: float
    crf: int
    asked: challenge.Asked

    @classmethod
    def drawn(cls, seed: int) -> Setting:
        rng = Random(seed)
        voice = VOICES[seed % len(VOICES)]
        return cls(
            seed,
            PEOPLE[seed % len(PEOPLE)],
            voice,
            rng.choice([other for other in VOICES if other != voice]),
            gain=rng.uniform(0.65, 1.15),
            noise=rng.choice([14.0, 60.0, 150.0]),
            reach=rng.uniform(0.9, 1.2),
            crf=rng.choice([23, 28, 32]),
            asked=challenge.draw(rng),
        )

    def take(self) -> media.Take:
        made = media.answer(self.asked, seed=self.seed, voice=self.voice)
        looks = [
            replace(look, yaw=look.yaw * self.reach, pitch=look.pitch * self.reach) for look in made.looks
        ]
        hiss = np.random.default_rng(self.seed).normal(0, self.noise, len(made.sound))
        return replace(made, looks=looks, sound=np.clip(made.sound + hiss, -32000, 32000).astype(np.int16))

    def lit(self, pictures: Iterator[Pixels]) -> Iterator[Pixels]:
        curve = np.clip(np.arange(256) * self.gain, 0, 255).astype(np.uint8)
        return (np.asarray(cv2.LUT(picture, curve), np.uint8) for picture in pictures)


Verdicts = dict[str, list[CaptureVerdict]]


def rates(per_kind: int = PER_KIND) -> dict[str, Any]:
    """The three figures, and what each kind came to."""
    found: Verdicts = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="understudy-attacks-") as folder:
        for seed in range(per_kind):
            _measure(Setting.drawn(seed), Path(folder), found)
            print(f"set {seed + 1} of {per_kind}", _said(found), file=sys.stderr, flush=True)
    kinds = {kind: _counted(verdicts) for kind, verdicts in found.items()}
    wrong = {kind: row["accepted"] / row["of"] for kind, row in kinds.items() if kind != "genuine"}
    aimed = {kind: rate for kind, rate in wrong.items() if kind not in NO_GOAL}
    genuine = kinds["genuine"]
    return {
        "attack_accept": round(max(aimed.values()), 3),
        "attack_accept_kind": max(aimed, key=lambda kind: aimed[kind]),
        "attack_accept_warp": round(wrong["warped_still"], 3),
        "genuine_reject": round(genuine["sent_back"] / genuine["of"], 3),
        "genuine_review": round(genuine["reviewed"] / genuine["of"], 3),
        "capture_kinds": kinds,
    }


def _measure(s: Setting, folder: Path, found: Verdicts) -> None:
    """One setting, recorded honestly and attacked in every way."""
    take = s.take()
    actor, other = pictured(s.person), pictured("biden" if s.person.startswith("obama") else "obama")
    film = _film(folder, "honest", s.lit(media.frames(take, actor)), take, s.crf)
    track = _watched(film)
    honest = capture.judge(track, s.asked)
    found["genuine"].append(honest)
    found["wrong_numbers"].append(capture.judge(track, _other_numbers(s.asked)))
    found["wrong_order"].append(capture.judge(track, _other_order(s.asked)))
    found["two_voices"].append(
        _heard(track, s, attacks.in_two_voices(take, s.asked, s.other_voice, s.seed % 3))
    )
    smaller = _film(folder, "again", _smaller(film), take, 33, fps=12)
    earlier = [honest.fingerprint] if honest.fingerprint else [spoofs.fingerprint(track)]
    found["re_encoded"].append(capture.judge(_watched(smaller), s.asked, earlier=earlier))
    ways: dict[str, Callable[[], Iterator[Pixels]]] = {
        "print": lambda: attacks.printed(take, actor),
        "replay": lambda: attacks.replayed(take, actor, depth=0.06 + 0.02 * (s.seed % 4)),
        "zoomed_still": lambda: attacks.zoomed(take, actor),
        "still_lips": lambda: media.frames(attacks.dubbed(take), actor),
        "spliced_voice": lambda: media.frames(_saying_something_else(s), actor),
        "other_person_half_way": lambda: attacks.swapped(take, actor, other),
        "warped_still": lambda: _found_picture(media.frames(take, actor)),
    }
    for kind, pictures in ways.items():
        made = _film(folder, kind, s.lit(pictures()), take, s.crf)
        found[kind].append(_judged(made, s.asked))


def _judged(film: Path, asked: challenge.Asked) -> CaptureVerdict:
    return capture.check(decode_video(film), asked)


def _watched(film: Path) -> Track:
    return watch(decode_video(film), ignored_s=challenge.IGNORED_S)


def _heard(track: Track, s: Setting, take: media.Take) -> CaptureVerdict:
    """The same film under another sound."""
    rate, ends = media.RATE, challenge.IGNORED_S
    sound = take.sound[int(ends * rate) : int(ends * rate) + len(track.sound)]
    spoken = spoken_near(sound, track.times - ends)
    return capture.judge(replace(track, sound=sound, spoken=spoken), s.asked)


def _saying_something_else(s: Setting) -> media.Take:
    """Lips that say other numbers at the right times; the right ones, in the same voice, lie over them."""
    return replace(s, asked=replace(s.asked, numbers=tuple(_shifted(n, 4) for n in s.asked.numbers))).take()


def _film(
    folder: Path, name: str, pictures: Iterator[Pixels], take: media.Take, crf: int, fps: int = media.FPS
) -> Path:
    return media.write_film(folder / f"{name}.mp4", pictures, take.sound, fps=fps, crf=crf)


def _smaller(film: Path) -> Iterator[Pixels]:
    """What a downloader makes of a film: fewer pixels, fewer pictures."""
    decoded = decode_video(film)
    wanted = np.arange(0, decoded.times[-1], 1 / 12)
    for at in np.searchsorted(decoded.times, wanted).clip(0, len(decoded.frames) - 1):
        yield np.asarray(cv2.resize(decoded.frames[at], (480, 360)), np.uint8)


def _found_picture(pictures: Iterator[Pixels]) -> Iterator[Pixels]:
    """As if made of a picture from a profile page: a third of the pixels, compressed."""
    for picture in pictures:
        small = cv2.resize(picture, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
        _, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 55])
        yield np.asarray(cv2.resize(cv2.imdecode(data, cv2.IMREAD_COLOR), picture.shape[1::-1]), np.uint8)


def _other_numbers(asked: challenge.Asked) -> challenge.Asked:
    return replace(asked, numbers=(*asked.numbers[:2], _shifted(asked.numbers[2], 3)))


def _shifted(number: int, by: int) -> int:
    """Another number of two digits, each of them another one."""
    return 10 * (1 + (number // 10 - 1 + by) % 9) + (number % 10 + by) % 10


def _other_order(asked: challenge.Asked) -> challenge.Asked:
    moves = asked.movements[1:] + asked.movements[:1]
    if moves != asked.movements and all(a != b for a, b in pairwise(moves)):
        return replace(asked, movements=moves)
    return replace(asked, movements=asked.movements[::-1] if len(set(asked.movements)) > 1 else moves[:1])


def _counted(verdicts: list[CaptureVerdict]) -> dict[str, Any]:
    outcomes = [verdict.outcome for verdict in verdicts]
    accepted = outcomes.count(Outcome.VERIFIED)
    reasons = sorted({str(reason) for verdict in verdicts for reason in verdict.reasons})
    numbers = {name: _range(verdicts, name) for name in SHOWN}
    return {
        "of": len(outcomes),
        "accepted": accepted,
        "reviewed": outcomes.count(Outcome.REVIEW),
        "sent_back": outcomes.count(Outcome.RETRY),
        "upper_95": round(_upper(accepted, len(outcomes)), 3),
        "reasons": reasons,
        "numbers": {name: found for name, found in numbers.items() if found},
    }


def _range(verdicts: list[CaptureVerdict], name: str) -> list[float]:
    """The smallest and largest number of one check."""
    kept = [verdict.numbers[name]["value"] for verdict in verdicts if name in verdict.numbers]
    numbers = [float(value) for value in kept]
    return [min(numbers), max(numbers)] if numbers else []


def _upper(hits: int, of: int) -> float:
    from scipy.stats import beta

    return 1.0 if hits >= of else float(beta.ppf(0.95, hits + 1, of - hits))


def _said(found: Verdicts) -> str:
    return " ".join(f"{kind}:{verdicts[-1].outcome}" for kind, verdicts in found.items())


def main() -> None:
    import django

    django.setup()
    started = time.monotonic()
    figures = rates(int(sys.argv[1]) if len(sys.argv) > 1 else PER_KIND)
    print(json.dumps(figures | {"captures_minutes": round((time.monotonic() - started) / 60, 1)}))


if __name__ == "__main__":
    main()
