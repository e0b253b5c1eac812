"""How often the check of a recording errs: genuine-like ones sent back, attacks let through, by kind.

    python -m tests.bench.likeness.captures [sets]

Every recording is a film that goes through the walled decoder and the whole check. Its people are four
photographs of three persons bent by their own meshes (`tests/likeness_actor.py`), its voices four of flite's;
light, noise, reach of the movements and compression vary with the seed. A genuine-like recording is thus
itself an animated still: how often one made of a *found* picture, small and compressed, is taken is
`attack_accept_warp`, which has no goal. Kinds that differ only in sound or challenge judge one film again.

A set takes a minute of one core, so each is kept in `kept/captures.json` with a hash of the sources that it
speaks of: a number of sets goes on from there, in as many processes as there are cores; without one, what is
kept is shown with one fresh set. Kinds that fail by far are in every third set (`PLAIN_EVERY`).

`accepted` is a machine's yes; `reviewed` went to a human. `upper_95` bounds the true rate of acceptance
(Clopper and Pearson): with few of a kind it says little, and that is why it stands there.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from queue import Queue
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
NO_GOAL = ("warped_still",)
PLAIN_EVERY = 3
ROOT = Path(__file__).parents[3]
KEPT = Path(__file__).parent / "kept" / "captures.json"
CHECKS = ("capture", "challenge", "faces", "likenesses", "lips", "speech", "spoofs", "voices", "watching")
SOURCES = (
    *(f"cameos/{name}.py" for name in CHECKS),
    *(f"tests/likeness_{name}.py" for name in ("actor", "attacks", "media")),
    "tests/bench/likeness/captures.py",
)
SHOWN = (
    "no_blink",
    "lips_unseen",
    "lips_still",
    "lips_faint",
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


Row = dict[str, Any]


def rates(rows: list[Row]) -> dict[str, Any]:
    """The three figures, and what each kind came to."""
    by_kind: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_kind[row["kind"]].append(row)
    kinds = {kind: _counted(found) for kind, found in sorted(by_kind.items())}
    wrong = {kind: row["accepted"] / row["of"] for kind, row in kinds.items() if kind != "genuine"}
    aimed = {kind: rate for kind, rate in wrong.items() if kind not in NO_GOAL}
    genuine = kinds["genuine"]
    return {
        "attack_accept": round(max(aimed.values()), 3),
        "attack_accept_kind": max(aimed, key=lambda kind: aimed[kind]),
        "attack_accept_warp": round(wrong["warped_still"], 3),
        "genuine_reject": round(genuine["sent_back"] / genuine["of"], 3),
        "genuine_reject_bound": round(upper_bound(genuine["sent_back"], genuine["of"]), 3),
        "genuine_review": round(genuine["reviewed"] / genuine["of"], 3),
        "capture_sets": genuine["of"],
        "capture_kinds": kinds,
    }


def measured(seed: int) -> list[Row]:
    """One set: a setting, recorded honestly and attacked in every way."""
    with tempfile.TemporaryDirectory(prefix="understudy-attacks-") as folder:
        told = _measure(Setting.drawn(seed), Path(folder), with_plain=seed % PLAIN_EVERY == 0)
        return [_row(seed, kind, verdict) for kind, verdict in told]


def _row(seed: int, kind: str, verdict: CaptureVerdict) -> Row:
    numbers = {name: verdict.numbers[name]["value"] for name in SHOWN if name in verdict.numbers}
    reasons = sorted(str(reason) for reason in verdict.reasons)
    return {"seed": seed, "kind": kind, "outcome": str(verdict.outcome), "reasons": reasons} | numbers


def _measure(s: Setting, folder: Path, *, with_plain: bool) -> Iterator[tuple[str, CaptureVerdict]]:
    take = s.take()
    actor, other = pictured(s.person), pictured("biden" if s.person.startswith("obama") else "obama")
    film = _film(folder, "honest", s.lit(media.frames(take, actor)), take, s.crf)
    track = _watched(film)
    honest = capture.judge(track, s.asked)
    yield "genuine", honest
    yield "wrong_numbers", capture.judge(track, _other_numbers(s.asked))
    yield "wrong_order", capture.judge(track, _other_order(s.asked))
    both = attacks.in_two_voices(take, s.asked, s.voice, s.other_voice, s.seed % 3)
    yield "two_voices", _heard(track, s, both)
    ways: dict[str, Callable[[], Iterator[Pixels]]] = {
        "replay": lambda: attacks.replayed(take, actor, depth=0.06 + 0.02 * (s.seed % 4)),
        "spliced_voice": lambda: media.frames(_saying_something_else(s), actor),
    }
    if with_plain:
        smaller = _film(folder, "again", _smaller(film), take, 33, fps=12)
        earlier = [honest.fingerprint] if honest.fingerprint else [spoofs.fingerprint(track)]
        yield "re_encoded", capture.judge(_watched(smaller), s.asked, earlier=earlier)
        ways |= {
            "print": lambda: attacks.printed(take, actor),
            "zoomed_still": lambda: attacks.zoomed(take, actor),
            "still_lips": lambda: media.frames(attacks.dubbed(take), actor),
            "other_person_half_way": lambda: attacks.swapped(take, actor, other),
            "warped_still": lambda: _found_picture(media.frames(take, actor)),
        }
    for kind, pictures in ways.items():
        yield kind, _judged(_film(folder, kind, s.lit(pictures()), take, s.crf), s.asked)


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
    """Another number as long, each of its digits another one."""
    first, *rest = (int(digit) for digit in str(number))
    return int("".join(map(str, (1 + (first - 1 + by) % 9, *((digit + by) % 10 for digit in rest)))))


def _other_order(asked: challenge.Asked) -> challenge.Asked:
    """The same movements in another order, or one less where they read the same from both ends."""
    ways = (asked.movements[1:] + asked.movements[:1], asked.movements[::-1])
    others = [w for w in ways if w != asked.movements and all(a != b for a, b in pairwise(w))]
    return replace(asked, movements=others[0] if others else asked.movements[:-1])


def _counted(rows: list[Row]) -> dict[str, Any]:
    outcomes = [row["outcome"] for row in rows]
    accepted = outcomes.count(Outcome.VERIFIED)
    reasons = sorted({reason for row in rows for reason in row["reasons"]})
    return {
        "of": len(outcomes),
        "accepted": accepted,
        "reviewed": outcomes.count(Outcome.REVIEW),
        "sent_back": outcomes.count(Outcome.RETRY),
        "upper_95": round(upper_bound(accepted, len(outcomes)), 3),
        "reasons": {reason: sum(reason in row["reasons"] for row in rows) for reason in reasons},
        "numbers": {name: _range(rows, name) for name in SHOWN if any(name in row for row in rows)},
    }


def _range(rows: list[Row], name: str) -> list[float]:
    """The smallest and largest number of one check."""
    numbers = [float(row[name]) for row in rows if name in row]
    return [min(numbers), max(numbers)]


def upper_bound(hits: int, of: int) -> float:
    from scipy.stats import beta

    return 1.0 if hits >= of else float(beta.ppf(0.95, hits + 1, of - hits))


# --- What is kept ------------------------------------------------------------------------------------------


def fingerprint() -> str:
    """Of the sources that the rows speak of."""
    whole = hashlib.sha256()
    for name in SOURCES:
        whole.update((ROOT / name).read_bytes())
    return whole.hexdigest()[:16]


def kept(sources: str) -> list[Row]:
    """The rows that were measured of these sources."""
    if not KEPT.exists():
        return []
    found = json.loads(KEPT.read_text())
    return list(found["rows"]) if found["sources"] == sources else []


def keep(rows: list[Row], sources: str) -> None:
    KEPT.parent.mkdir(exist_ok=True)
    day = datetime.now(UTC).date().isoformat()
    lines = ",\n".join(json.dumps(row) for row in rows)
    KEPT.write_text(f'{{"sources": "{sources}", "day": "{day}", "rows": [\n{lines}\n]}}\n')


def go_on(rows: list[Row], sets: int, sources: str) -> list[Row]:
    """Measure the sets that are missing, and keep each as it comes."""
    missing = sorted(set(range(sets)) - {row["seed"] for row in rows})
    count = min(os.cpu_count() or 1, len(missing))
    shares = [missing[number::count] for number in range(count)]
    running = [_begin(share) for share in shares]
    with ThreadPoolExecutor(max(1, count)) as readers:
        for found in _as_they_come(readers, running):
            rows = [*rows, *found]
            keep(rows, sources)
            print(f"{len({row['seed'] for row in rows})} sets", file=sys.stderr, flush=True)
    return rows


def _begin(seeds: list[int]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.bench.likeness.captures", "--share", *map(str, seeds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def _as_they_come(readers: ThreadPoolExecutor, running: list[subprocess.Popen[bytes]]) -> Iterator[list[Row]]:
    told: Queue[list[Row] | None] = Queue()

    def read(process: subprocess.Popen[bytes]) -> None:
        for line in process.stdout or ():
            told.put(json.loads(line))
        told.put(None)

    for process in running:
        readers.submit(read, process)
    left = len(running)
    while left:
        found = told.get()
        if found is None:
            left -= 1
        else:
            yield found


def main() -> None:
    import django

    django.setup()
    if sys.argv[1:2] == ["--share"]:
        for seed in map(int, sys.argv[2:]):
            print(json.dumps(measured(seed)), flush=True)
        return
    started, sources = time.monotonic(), fingerprint()
    rows = kept(sources)
    if len(sys.argv) > 1:
        rows = go_on(rows, int(sys.argv[1]), sources)
    else:
        fresh = PLAIN_EVERY * (1 + max((row["seed"] for row in rows), default=-1) // PLAIN_EVERY)
        rows = [*rows, *measured(fresh)]
    minutes = round((time.monotonic() - started) / 60, 1)
    print(json.dumps(rates(rows) | {"captures_minutes": minutes}))


if __name__ == "__main__":
    main()
