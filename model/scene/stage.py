"""A set and its figures for live play: key frames in, display lists out (`strokes`).

The set is painted once, round and round (every layer repeats), and travels to the watcher as pictures; after
that a moment is a display list of some ten kilobytes, which any canvas draws. Play is always in paper: other
styles change pixels, which a display list does not have; a kept run is drawn in its own style.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import skia

from model.scene import tracks as T
from model.scene.draw import draw_moment
from model.scene.draw_figures import Cast, Moment
from model.scene.draw_looks import Face
from model.scene.draw_paint import PERIOD, Colour, Light
from model.scene.draw_stage import Set, View
from model.scene.draw_styles import style_of
from model.scene.draw_weather import Weather
from model.scene.face_cut import LOW_U, SIDE_U, TOP_U
from model.scene.face_motion import LARGER
from model.scene.strokes import Entry, Table, Tape

if TYPE_CHECKING:
    from model.scene.faces import FaceSprites

SIZE = (540, 960)
FAR = 0.02  # the depth of the farthest layer: the camera has to go PERIOD / FAR for it to repeat
MOUTHS, TURNS, LIDS = (0, 3, 7, 10), (-6, -3, 0, 3, 6), (0, 2)
H, Q, W = T.H, T.Q, T.W


@dataclass(frozen=True)
class AbsentHead:
    """A real face that is drawn by the watcher, who got its picture under a permit: here it is a name, a
    place and a pose, and the colour of its skin."""

    name: str
    skin: Colour

    def under(self, light: Light, mood: str) -> LitAbsentHead:
        return LitAbsentHead(self.name, np.clip(self.skin * light.figure(np.ones(3)), 0, 1))


@dataclass(frozen=True)
class LitAbsentHead:
    name: str
    skin: Colour

    def draw(self, c: skia.Canvas, face: Face) -> None:
        """In head radii, as `face_motion.LitHead.draw`; the pose is a cell of the picture's sheet."""
        assert isinstance(c, Tape)
        c.save()
        c.translate(0, 0.98)
        c.scale(LARGER, LARGER)
        c.picture(f"{self.name}:{cell_of(face)}", -SIDE_U, -TOP_U - 0.98, SIDE_U, LOW_U - 0.98)
        c.restore()


def cell_of(face: Face) -> int:
    """Which cell of a sheet of poses shows this face best."""
    mouth = int(np.argmin([abs(10 * face.mouth - m) for m in MOUTHS]))
    turn = int(np.argmin([abs(6 * face.turn - t) for t in TURNS]))
    lid = int(round(2 * face.blink) >= 2)
    return (mouth * len(TURNS) + turn) * len(LIDS) + lid


def poses() -> list[tuple[int, int, int]]:
    """(mouth, turn, blink) of each cell, as `face_motion.LitHead.pose` takes them."""
    return [(mouth, turn, lid) for mouth in MOUTHS for turn in TURNS for lid in LIDS]


class Stage:
    """One place with its people, for as long as a play lasts."""

    def __init__(
        self, scene: T.Scene, heads: dict[int, AbsentHead] | None = None, size: tuple[int, int] = SIZE
    ) -> None:
        plan = replace(scene.plan, world=replace(scene.plan.world, style="paper"))
        self.scene = replace(scene, plan=plan)
        self.size, self.style = size, style_of("paper", scene.seed)
        zoom = float(np.clip(np.median(scene.world[:, W["zoom"]]), 0.6, 1.6))
        rise = float(np.clip(np.median(scene.world[:, W["rise"]]), -0.3, 0.5))
        self.view = View(*size, size[1] / 2.0, zoom, 0.0, rise, 0.0)
        around = PERIOD / FAR
        views = [replace(self.view, scroll=-around), replace(self.view, scroll=around)]
        self.set = Set(self.scene, views, self.style)
        self.set.views = [self.view]
        faces: dict[int, Any] = dict(heads or {})
        self.cast = Cast(self.scene, self.set.light, self.style, faces, None)
        place = plan.world.place
        self.weather = Weather(place, place in T.INDOORS, self.set.light, scene.seed)
        self.paints = Table()
        self._images: dict[int, tuple[str, skia.Image]] = {}
        self._told = 0

    def name_of(self, image: skia.Image) -> str:
        """What an image made once is called in display lists; new ones come with `fresh_images`."""
        return self._images.setdefault(id(image), (f"i{len(self._images)}", image))[0]

    def image(self, name: str) -> skia.Image | None:
        return next((image for known, image in self._images.values() if known == name), None)

    def fresh_images(self) -> dict[str, bytes]:
        """Files of the images that were not told yet, by name."""
        new = list(self._images.values())[self._told :]
        self._told += len(new)
        return {name: _file(image) for name, image in new}

    def moment(
        self, world: np.ndarray, people: np.ndarray, props: np.ndarray, blink: np.ndarray, now: Now
    ) -> list[Entry]:
        """The display list of one key frame: world [WD], people [P, HD], props [Q, QD], blink [P]."""
        tape = Tape(self.paints, self.name_of)
        self.draw(tape, world, people, props, blink, now)
        return tape.entries

    def draw(
        self,
        canvas: Any,
        world: np.ndarray,
        people: np.ndarray,
        props: np.ndarray,
        blink: np.ndarray,
        now: Now,
    ) -> None:
        view = self.view_at(now)
        wet, wind = (float(np.clip(world[W[k]], 0, 1)) for k in ("wet", "wind"))
        moment = Moment(people, props, blink, now.sway, now.heading)
        draw_moment(canvas, self.set, self.weather, self.cast, view, moment, wet, wind)

    def view_at(self, now: Now) -> View:
        return replace(self.view, scroll=now.scroll, seconds=now.seconds)


@dataclass(frozen=True)
class Now:
    """What a moment needs from those before it: how far the camera went, the clock, how hair trails [P], and
    which way each thing looks [Q]."""

    scroll: float
    seconds: float
    sway: np.ndarray
    heading: np.ndarray


class Memory:
    """Adds up what a display list needs from the past, one key frame after another."""

    def __init__(self, plan: T.Plan) -> None:
        self.scroll, self.frame = 0.0, 0
        self.sway = np.zeros(len(plan.people))
        self.heading = np.ones(len(plan.props))
        self.last_x: np.ndarray | None = None
        self.last_things: np.ndarray | None = None

    def next(self, world: np.ndarray, people: np.ndarray, props: np.ndarray) -> Now:
        travel = float(world[W["travel"]])
        x, things = people[:, H["x"]], props[:, Q["x"]]
        speed = T.FPS * (travel + (x - self.last_x if self.last_x is not None else 0 * x))
        wind = float(np.clip(world[W["wind"]], 0, 1))
        wave = np.sin(5 * self.frame / T.FPS + 2 * np.arange(len(x)))
        wanted = -0.035 * np.clip(speed, -1.6, 1.6) + wind * (0.035 + 0.016 * wave)
        self.sway = np.clip(0.6 * self.sway + 0.4 * wanted, -0.09, 0.09)
        if self.last_things is not None and len(things):
            gone = things - self.last_things + travel
            self.heading = np.where(np.abs(gone) > 0.004, np.sign(gone), self.heading)
        self.last_x, self.last_things = x, things
        self.scroll, self.frame = self.scroll + travel, self.frame + 1
        return Now(self.scroll, self.frame / T.FPS, self.sway, self.heading)

    def copy(self) -> Memory:
        other = Memory(T.Plan(people=[]))
        other.__dict__.update(self.__dict__)
        return other


def _file(image: skia.Image) -> bytes:
    """WebP with transparency: a tenth of a PNG."""
    pixels = np.array(image.toarray(colorType=skia.kBGRA_8888_ColorType))
    done, data = cv2.imencode(".webp", pixels, [cv2.IMWRITE_WEBP_QUALITY, 82])
    return data.tobytes() if done else b""


def head_sheet(sprites: FaceSprites, light: Light, mood: str, width: int = 128) -> bytes:
    """A real head in every pose of `poses()`, ten cells a row, as a WebP with transparency; this picture is
    given out once, under a permit (`generation.playing`)."""
    lit = sprites.under(light, mood)
    cells = []
    for mouth, turn, lid in poses():
        pixels = np.array(lit.pose(mouth, turn, lid).toarray(colorType=skia.kBGRA_8888_ColorType))
        height = round(width * pixels.shape[0] / pixels.shape[1])
        cells.append(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA))
    rows = [np.hstack(cells[i : i + 10]) for i in range(0, len(cells), 10)]
    done, data = cv2.imencode(".webp", np.vstack(rows), [cv2.IMWRITE_WEBP_QUALITY, 86])
    if not done:
        raise ValueError("the picture of a head could not be written")
    return bytes(data.tobytes())
