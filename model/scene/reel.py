"""Several scenes as one clip: shots one after another, with cuts, or with fades that follow a movement.

A shot may begin while the one before it still runs (`fade` key frames of both are shown): when both were
drawn from the same movement, the people go on moving while the world round them changes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from model.scene import tracks as T


@dataclass
class Shot:
    """A scene, who plays each of its people (a key, "" for somebody drawn), and how many key frames of its
    beginning lie over the end of the shot before it."""

    scene: T.Scene
    who: list[str] = field(default_factory=list)
    fade: int = 0

    def __post_init__(self) -> None:
        people = len(self.scene.plan.people)
        self.who = [*self.who, *[""] * people][:people]


@dataclass
class Reel:
    """A clip's shots in order; at least one. Fades never reach over more than half of a shot."""

    shots: list[Shot]

    def __post_init__(self) -> None:
        if not self.shots:
            raise ValueError("a clip has at least one shot")
        self.shots[0].fade = 0
        for before, shot in zip(self.shots, self.shots[1:], strict=False):
            most = min(before.scene.frames, shot.scene.frames) // 2
            shot.fade = int(np.clip(shot.fade, 0, most))

    @property
    def frames(self) -> int:
        """Key frames of the whole clip."""
        return sum(shot.scene.frames - shot.fade for shot in self.shots)

    @property
    def seconds(self) -> float:
        return self.frames / T.FPS

    @property
    def starts(self) -> list[int]:
        """The key frame of the clip at which each shot begins."""
        out, at = [], 0
        for shot in self.shots:
            at -= shot.fade
            out.append(at)
            at += shot.scene.frames
        return out

    def at(self, second: float) -> tuple[Shot, int]:
        """The shot that is seen at a moment (clamped into the clip), and the key frame in it."""
        frame = int(np.clip(round(second * T.FPS), 0, self.frames - 1))
        for start, shot in reversed(list(zip(self.starts, self.shots, strict=True))):
            if frame >= start:
                return shot, min(frame - start, shot.scene.frames - 1)
        return self.shots[0], 0


def one(scene: T.Scene, who: list[str] | None = None) -> Reel:
    return Reel([Shot(scene, who or [])])
