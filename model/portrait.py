"""One picture of somebody drawn, waving in a meadow, as WebP: how a character looks before it is in a clip.

    python -m model.portrait < looks.json > picture.webp

`looks` names fields of `scene.tracks.PersonPlan` ({"kind": "cat", "top": "teal", ...}); what is not named is
as usual there. A program of its own, since who asks (a web process) never loads what draws.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping

from model.scene import tracks as T

SIZE = (360, 480)  # width, height
SEED, MOMENT = 3, 20  # a key frame in which the hand is up
NEARER = 1.3
QUALITY = 82


def picture(looks: Mapping[str, str]) -> bytes:
    """The picture of these looks; the same looks give the same bytes. Raises `KeyError`, `TypeError` or
    `ValueError` for what the alphabet has no word for."""
    import cv2

    from model.scene import world
    from model.scene.draw import Film

    plan = T.Plan(people=[T.PersonPlan(**{**looks, "action": "wave", "then": T.NO_ACTION})])  # type: ignore[arg-type]
    scene, _caption = world.simulate(SEED, plan)
    scene.world[:, T.W["zoom"]] = NEARER
    frame = Film(scene, size=SIZE, fps=T.FPS).frame(MOMENT)
    _done, data = cv2.imencode(".webp", frame[..., ::-1], [cv2.IMWRITE_WEBP_QUALITY, QUALITY])
    return bytes(data)


def main() -> None:
    sys.stdout.buffer.write(picture(json.load(sys.stdin)))


if __name__ == "__main__":
    main()
