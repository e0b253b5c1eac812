"""A reel as frames and sound: shot after shot, and where two overlap a sheet of paper is drawn aside.

for frame in draw_reel.render(reel, size=(720, 1280), fps=24, faces={"alice": sprites}): ...
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import TYPE_CHECKING

import cv2
import numpy as np

from model.scene import draw_parallel, sound
from model.scene import tracks as T
from model.scene.reel import Reel, Shot

if TYPE_CHECKING:
    from model.scene.faces import FaceSprites

Frames = Iterator[np.ndarray]
RIM = 0.014  # of the picture's longer side: the light edge of the sheet that is drawn aside


def frame_count(reel: Reel, fps: float) -> int:
    return max(1, round(reel.frames / T.FPS * fps))


def render(
    reel: Reel,
    *,
    workers: int = 2,
    size: tuple[int, int] = (720, 1280),
    fps: float = 24,
    product_image: np.ndarray | None = None,
    faces: Mapping[str, FaceSprites] | None = None,
    backdrop: np.ndarray | None = None,
) -> Frames:
    """Every frame of the reel as uint8 RGB [height, width, 3]. `faces` by the keys of those cast."""
    starts = [round(start / T.FPS * fps) for start in reel.starts]
    ends = [*starts[1:], frame_count(reel, fps)]
    tail: Frames | None = None
    for shot, start, end, following in zip(reel.shots, starts, ends, [*reel.shots[1:], None], strict=True):
        drawn = draw_parallel.render(
            shot.scene,
            workers=workers,
            size=size,
            fps=fps,
            product_image=product_image,
            faces=_faces_of(shot, faces or {}),
            backdrop=backdrop,
        )
        try:
            over = round(shot.fade / T.FPS * fps)
            yield from _faded(tail, drawn, over)
            for _ in range(end - start - over):
                yield next(drawn)
        except BaseException:
            drawn.close()  # type: ignore[attr-defined]
            raise
        if following is None or following.fade == 0:
            drawn.close()  # type: ignore[attr-defined]
        tail = drawn


def _faded(old: Frames | None, new: Frames, over: int) -> Frames:
    """`over` frames in which the new shot comes out from under the old one."""
    if old is None or over == 0:
        return
    with closing(old):  # type: ignore[type-var]
        for i in range(over):
            fresh = next(new)
            yield drawn_aside(next(old, fresh), fresh, (i + 0.5) / over)


def drawn_aside(old: np.ndarray, new: np.ndarray, share: float) -> np.ndarray:
    """The old picture as a sheet whose slanted edge has left `share` of the new one free."""
    h, w = new.shape[:2]
    share = share * share * (3 - 2 * share)
    y, x = np.mgrid[0 : 1 : h * 1j, 0 : 1 : w * 1j].astype(np.float32)
    edge = x + 0.25 * (y - 0.5) + 0.008 * np.sin(34 * y) - (-0.2 + 1.4 * share)
    rim = RIM * max(h, w) / w
    cover = np.clip(edge * w / 2, 0, 1)[..., None]  # two pixels of softness
    shade = np.clip(1 + edge / 0.05, 0, 1)[..., None] * (edge < 0)[..., None] * 0.35
    paper = ((edge > 0) & (edge < rim))[..., None]
    sheet = np.where(paper, np.array([246, 242, 232], np.float32), old.astype(np.float32))
    out = new.astype(np.float32) * (1 - shade)
    return cv2.convertScaleAbs(out * (1 - cover) + sheet * cover)


def track(reel: Reel) -> np.ndarray:
    """The sound of the reel [samples, 2]: each shot's own, one giving way to the next."""
    length = max(1, round(reel.seconds * sound.RATE))
    out = np.zeros((length, 2), np.float32)
    for start, shot in zip(reel.starts, reel.shots, strict=True):
        own = sound.track(shot.scene)
        fade = round(max(shot.fade / T.FPS, 0.05) * sound.RATE)
        at = round(start / T.FPS * sound.RATE)
        own = own[: length - at]
        if start and len(own):
            rise = np.minimum(1, np.arange(len(own)) / fade)[:, None].astype(np.float32)
            out[at : at + fade] *= np.linspace(1, 0, len(out[at : at + fade]), dtype=np.float32)[:, None]
            out[at + fade :] = 0
            own = own * rise
        out[at : at + len(own)] += own
    return np.clip(out, -1, 1)


def _faces_of(shot: Shot, faces: Mapping[str, FaceSprites]) -> dict[int, FaceSprites]:
    return {i: faces[key] for i, key in enumerate(shot.who) if key in faces}
