"""How good a finished clip is, in numbers that another program could check. Workers measure, pages show.

    prompt match    share of what the words name that the clip's scene shows (an action counts only if the
                    judge sees it in the motion); of engines whose scenes the judge of the native world reads
    identity match  the faces of those cast beside their references, 1 the same picture, 0 somebody else;
                    the mean of all who are cast
    flicker         mean |b - (a + c) / 2| over blocks of three neighbouring frames, share of full white
    motion          mean optical flow between two neighbouring frames, picture heights a second
    sharpness       1 - the blur effect (Crete et al., SPIE 2007): what another blur would still take away
    fidelity        how surely the product of the photos is shown, 0..1 (`fidelity`); of promo clips
    physics         share of the probes that hold: flights are parabolas under this world's gravity, bounces
                    lose what they should, standing feet stay

What cannot be judged is None, never a guess.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from generation.engines.base import Frame
from generation.models import Clip, ClipScores

if TYPE_CHECKING:
    from model.judge import ActionJudge
    from model.scene import tracks
    from model.scene.reel import Reel

log = logging.getLogger(__name__)
NAMES = ("prompt_match", "identity_match", "flicker", "motion", "sharpness", "physics", "fidelity")
LONGEST = 256  # of the neighbours kept for flow and flicker
MOST_LOOKS = 40
BLOCKS = 16
JUDGE_CLIPS = 1000  # simulated clips that the judge of actions has seen: 0.99 right, learned in 2 s
# What a probe may be off. The simulator's own clips: 0.00, 0.03, 0.02 and 0.06 (99th percentiles of 400).
PARABOLA_OFF, GRAVITY_OFF, BOUNCE_OFF, SLIDE = 0.12, 0.25, 0.1, 0.25
# What a clip is ranked by, best of several: faces first, then words. Sharp and steady decide among equals.
WEIGHTS = {"identity_match": 3.0, "prompt_match": 3.0, "fidelity": 3.0} | {
    "physics": 1.0, "steadiness": 1.0, "sharpness": 0.5,
}  # fmt: skip
STEADY = 0.05  # flicker at which nothing of steadiness is left


@dataclass(frozen=True)
class Scores:
    """Shares in 0..1 (motion: picture heights a second); None where it cannot be judged. `missing`: concepts
    of the words that the clip does not show; `probes`: name -> how many held, of how many."""

    prompt_match: float | None = None
    identity_match: float | None = None
    flicker: float | None = None
    motion: float | None = None
    sharpness: float | None = None
    physics: float | None = None
    fidelity: float | None = None
    missing: Sequence[str] = ()
    probes: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def overall(self) -> float:
        """0..1: the weighted mean of what could be judged; 0 when nothing could."""
        return overall(self)


def overall(scores: Scores | ClipScores) -> float:
    """What the best of several clips is chosen by."""
    parts = {
        "identity_match": scores.identity_match,
        "prompt_match": scores.prompt_match,
        "fidelity": scores.fidelity,
        "physics": scores.physics,
        "steadiness": None if scores.flicker is None else max(0.0, 1 - scores.flicker / STEADY),
        "sharpness": scores.sharpness,
    }
    known = {name: value for name, value in parts.items() if value is not None}
    weight = sum(WEIGHTS[name] for name in known)
    return round(sum(WEIGHTS[name] * value for name, value in known.items()) / weight, 4) if known else 0.0


# ---- while frames pass by
class Looker:
    """Keeps three neighbouring frames each second, small, and the sharpness of one of them."""

    def __init__(self, fps: float) -> None:
        self.fps = fps
        self.flicker: list[float] = []
        self.motion: list[float] = []
        self.sharpness: list[float] = []

    def passing(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        """The frames as they are; a frame that is no picture is the writer's to name."""
        from model import video  # loads OpenCV: workers only

        every = max(3, round(self.fps))
        last: deque[NDArray[np.uint8]] = deque(maxlen=3)
        for index, frame in enumerate(frames):
            if index % every < 3 and len(self.flicker) < MOST_LOOKS and _is_picture(frame):
                if index % every == 0:
                    last.clear()
                    self.sharpness.append(sharpness_of(_luma(frame)))
                small = video.fit((frame.shape[1], frame.shape[0]), LONGEST)
                last.append(_luma(video.resize(frame, small)))
                if len(last) == 3:
                    self._look(*last)
            yield frame

    def _look(self, a: NDArray[np.uint8], b: NDArray[np.uint8], c: NDArray[np.uint8]) -> None:
        self.flicker.append(flicker_of(a, b, c))
        self.motion.append(motion_of(a, b) * self.fps)


def _is_picture(frame: Frame) -> bool:
    return frame.dtype == np.uint8 and frame.ndim == 3 and min(frame.shape[:2]) >= 16


def _luma(frame: Frame) -> NDArray[np.uint8]:
    import cv2

    return np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), np.uint8)


def flicker_of(a: NDArray[np.uint8], b: NDArray[np.uint8], c: NDArray[np.uint8]) -> float:
    """Share of full white that blocks of the middle frame are off the mean of its neighbours. Blocks, so that
    a movement (which shifts edges) counts less than a light that jumps."""
    import cv2

    small = [
        cv2.resize(f, (BLOCKS, BLOCKS), interpolation=cv2.INTER_AREA).astype(np.float32) for f in (a, b, c)
    ]
    return float(np.abs(small[1] - (small[0] + small[2]) / 2).mean() / 255)


def motion_of(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """Mean length of the optical flow (DIS), in picture heights a frame."""
    import cv2

    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST).calc(a, b, None)  # type: ignore[call-overload]
    return float(np.hypot(flow[..., 0], flow[..., 1]).mean() / a.shape[0])


def sharpness_of(luma: NDArray[np.uint8]) -> float:
    """1 - the blur effect of the worse of both directions, 0..1; 0 for a picture without any edge."""
    import cv2

    picture = luma.astype(np.float32)
    found = []
    for axis, kernel in ((0, (1, 9)), (1, (9, 1))):
        before = np.abs(np.diff(picture, axis=axis))
        after = np.abs(np.diff(cv2.blur(picture, kernel), axis=axis))
        total = float(before.sum())
        if total < 1:
            return 0.0
        found.append(float(np.maximum(before - after, 0).sum()) / total)
    return min(found)


# ---- when it is finished
def measure(
    *,
    prompt: str,
    looker: Looker | None,
    material: bytes = b"",
    identity: Sequence[float] = (),
    fidelity: float | None = None,
) -> Scores:
    """All that can be judged of a clip. Never raises: a number is not worth a clip."""
    values: dict[str, Any] = {"fidelity": fidelity}
    if looker is not None:
        for name in ("flicker", "motion", "sharpness"):
            seen = getattr(looker, name)
            values[name] = round(float(np.mean(seen)), 4) if seen else None
    if identity:
        values["identity_match"] = round(float(np.mean(identity)), 3)
    try:
        reel = _reel(material)
        if reel is not None:
            values |= _words(prompt, reel) | _physics(reel)
    except Exception:
        log.exception("the scene of a clip could not be judged")
    return Scores(**values)


def _reel(material: bytes) -> Reel | None:
    """The shots, where the native world's judge can read them."""
    if not material.startswith(b"PK"):
        return None
    from model.scene.material import BadMaterial, unpack_reel

    try:
        return unpack_reel(material)
    except BadMaterial:
        return None


def _words(prompt: str, reel: Reel) -> dict[str, Any]:
    shown = shows(prompt, reel)
    if not shown:
        return {}
    missing = [concept for concept, is_there in shown.items() if not is_there]
    return {"prompt_match": round(1 - len(missing) / len(shown), 3), "missing": missing}


def shows(prompt: str, reel: Reel) -> dict[str, bool]:
    """Each concept that the words name, and whether some shot of the clip shows it."""
    from model.scene import words

    named = dict.fromkeys(words.known_concepts(prompt))
    found = {
        concept: [_shows(shot.scene, *concept.split(":", 1)) for shot in reel.shots] for concept in named
    }
    return {concept: True in seen for concept, seen in found.items() if None not in seen}


COUNTS = {"one": 1, "two": 2, "three": 3}
WORLD = ("place", "time", "weather", "camera", "style")
PERSON = ("kind", "outfit", "hair", "skin", "accessory", "mood")


def _shows(scene: tracks.Scene, section: str, name: str) -> bool | None:
    """None for words that ask for nothing that could be looked for ("and", "to", "somebody")."""
    from model.scene import tracks as T

    plan = scene.plan
    if section in WORLD:
        return bool(getattr(plan.world, section) == name)
    if section in PERSON:
        return None if name == "person" else any(getattr(p, section) == name for p in plan.people)
    if section == "haircolour":
        return any(p.hair_colour == name for p in plan.people)
    if section == "colour":
        worn = {colour for p in plan.people for colour in (p.top, p.bottom, p.hair_colour)}
        return name in worn | {q.colour for q in plan.props}
    if section == "prop":
        return any(q.kind == name for q in plan.props)
    if section == "energy":
        return any((p.energy > 0) == (name == "fast") and p.energy != 0 for p in plan.people)
    if section == "say" and name in COUNTS:
        return len(plan.people) >= COUNTS[name]
    if section == "verb" and name in T.ACTIONS:
        return any(_does(scene, index, name) for index in range(len(plan.people)))
    return None


def _does(scene: tracks.Scene, index: int, action: str) -> bool:
    from model.scene import tracks as T

    person = scene.plan.people[index]
    if person.then != T.NO_ACTION or scene.frames < T.N // 2:
        return action in (person.action, person.then)  # the judge knows movements of one kind only
    return judge().judge(scene, index) == action


@lru_cache(maxsize=1)
def judge() -> ActionJudge:
    """Who tells an action from its movement: learned once a worker (2 s), from simulated clips."""
    from model.judge import ActionJudge
    from model.scene import world

    batch = world.batch(4242, JUDGE_CLIPS, middle=0.0)
    return ActionJudge.learn([world.scene_of(batch, i, i) for i in range(len(batch.plans))])


def _physics(reel: Reel) -> dict[str, Any]:
    probes = {name: seen for name, seen in probes_of(reel).items() if seen}
    if not probes:
        return {}
    held = {name: (sum(seen), len(seen)) for name, seen in probes.items()}
    return {"physics": round(float(np.mean([a / b for a, b in held.values()])), 3), "probes": held}


def probes_of(reel: Reel) -> dict[str, list[bool]]:
    """Whether each flight, bounce and walk of a clip keeps to the world's rules."""
    from model import judge as judges
    from model.scene import tracks as T

    probes: dict[str, list[bool]] = {"flight": [], "bounce": [], "feet": []}
    for shot in reel.shots:
        for off, gravity, _height in judges.flights(shot.scene):
            probes["flight"].append(off <= PARABOLA_OFF and abs(gravity - 1) <= GRAVITY_OFF)
        for ratio in judges.restitutions(shot.scene):
            probes["bounce"].append(abs(ratio - T.RESTITUTION) <= BOUNCE_OFF)
        walked = judges.foot_slide(shot.scene)
        if walked is not None and walked[1] > 1e-6:
            probes["feet"].append(walked[0] / walked[1] <= SLIDE)
    return probes


# ---- rows
def keep(clip: Clip, scores: Scores) -> ClipScores:
    """Note them beside the clip, once."""
    row, _ = ClipScores.objects.get_or_create(
        clip=clip,
        defaults={
            "prompt_match": scores.prompt_match,
            "identity_match": scores.identity_match,
            "flicker": scores.flicker,
            "motion": scores.motion,
            "sharpness": scores.sharpness,
            "physics": scores.physics,
            "fidelity": scores.fidelity,
            "details": {"missing": list(scores.missing), "probes": scores.probes},
        },
    )
    return row


def of(clip: Clip) -> ClipScores | None:
    """What was measured of a clip; None for one that is older than measuring, or was not made here."""
    return ClipScores.objects.filter(clip=clip).first()


def best(clips: Sequence[Clip]) -> Clip | None:
    """The best of several clips by their scores; the first of equals; None of none."""
    rows = {row.clip_id: row for row in ClipScores.objects.filter(clip__in=[clip.pk for clip in clips])}
    ranked = [
        (overall(rows[clip.pk]) if clip.pk in rows else 0.0, -index) for index, clip in enumerate(clips)
    ]
    return clips[-max(ranked)[1]] if ranked else None
