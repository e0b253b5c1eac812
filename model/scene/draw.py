"""From a scene to frames: paper cut-outs on a paper set, any size, any rate, the same every time.

    render(scene, size=(720, 1280), fps=24)          -> iterator of uint8 RGB [H, W, 3]
    Film(scene, ...).frame(i)                        -> one of them, in any order
    draw_parallel.render(scene, workers=2, ...)      -> the same frames from several processes

The scene has 12 key frames a second; between them movements follow a Catmull-Rom curve. Frame i
shows the moment i / fps. Rooms: `draw_paint` (colours, paper), `draw_things` and the places, `draw_stage`
(layers and camera), `draw_heads`, `draw_clothes`, `draw_people`, `draw_props`, `draw_figures`,
`draw_weather`, `draw_styles`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import cv2
import numpy as np
import skia

from model.scene import sound, speech
from model.scene import tracks as T
from model.scene.draw_figures import Cast, Moment
from model.scene.draw_paint import INK, WHITE, canvas_of, fibre, fill, image_of
from model.scene.draw_stage import Set, View
from model.scene.draw_styles import style_of
from model.scene.draw_weather import Weather

if TYPE_CHECKING:
    from model.scene.faces import FaceSprites

LIGHT = {"day": 1.0, "sunset": 0.62, "night": 0.15, "morning": 0.82}
MIN_SIDE, MAX_SIDE = 32, 4096
FAR = 0.86  # zoom; further away people lose their faces on a phone
WIDEST = {"talk": 0.62, "sing": 0.85}  # how far a mouth opens at its loudest
TREMOR = 0.008  # u of depth that is none
MAX_ROLL = 0.1  # rad; more is no camera but a mistake of the network
CLOSE = 1.32  # how much nearer the camera comes when somebody real is cast
CLOSE_WIDE = 1.22  # ... or when a wide picture leaves room beside the people
H, Q, W = T.H, T.Q, T.W


def render(
    scene: T.Scene,
    *,
    size: tuple[int, int] = (720, 1280),
    fps: float = 24,
    first: int = 0,
    last: int | None = None,
    product_image: np.ndarray | None = None,
    faces: dict[int, FaceSprites] | None = None,
    backdrop: np.ndarray | None = None,
) -> Iterator[np.ndarray]:
    """Frames first..last (exclusive; all by default) as uint8 RGB [height, width, 3].

    `product_image` uint8 [h, w, 3 or 4] goes on props of the kind "product"; `faces` puts a cut-out of
    a real head on a person by index; `backdrop` uint8 [h, w, 3] is shown instead of the place. Raises
    ValueError for a size outside 32..4096, a rate outside 1..120, or numbers that are not finite.
    """
    film = Film(scene, size=size, fps=fps, product_image=product_image, faces=faces, backdrop=backdrop)
    for index in range(first, film.frames if last is None else min(last, film.frames)):
        yield film.frame(index)


class Film:
    """A scene made ready for drawing: the set is painted, the tracks are up-sampled."""

    def __init__(
        self,
        scene: T.Scene,
        *,
        size: tuple[int, int] = (720, 1280),
        fps: float = 24,
        product_image: np.ndarray | None = None,
        faces: dict[int, FaceSprites] | None = None,
        backdrop: np.ndarray | None = None,
    ) -> None:
        _check(scene, size, fps)
        cv2.setNumThreads(1)
        self.scene, self.size, self.fps, self.faces = scene, size, fps, faces or {}
        self.frames = max(1, round(scene.frames / T.FPS * fps))
        self.style = style_of(scene.plan.world.style, scene.seed)
        scale = self.style.scale
        self.inner = (max(16, round(size[0] * scale)), max(16, round(size[1] * scale)))
        self.world, self.people, self.props, self.blink = _upsample(scene, self.frames, fps)
        self.people[..., H["z"]] = settled(self.people[..., H["z"]])
        self._speak()
        roll = np.clip(self.world[:, W["roll"]], -MAX_ROLL, MAX_ROLL)
        self.roll = roll if np.abs(roll).max() > 0.004 else None
        self.views = self._views()
        self.set = Set(scene, self.views, self.style, backdrop)
        light, plan = self.set.light, scene.plan
        self.cast = Cast(scene, light, self.style, dict(self.faces), _picture(product_image))
        self.weather = Weather(plan.world.place, plan.world.place in T.INDOORS, light, scene.seed)
        self.sway, self.heading = self._sway(), self._heading()
        self.sheet = self._grain()

    # ---- made once

    def _speak(self) -> None:
        """Mouths open by what is heard of those who talk or sing, frame by frame."""
        for i, voice in sound.voices(self.scene).items():
            opened = speech.mouth(voice, self.frames, self.fps)
            for action, widest in WIDEST.items():
                doing = speech.doing(self.scene, i, action, self.frames, self.fps)
                self.people[i, doing, H["mouth"]] = widest * opened[doing]

    def _views(self) -> list[View]:
        width, height = self.inner
        unit = height / 2.0
        world = self.world
        zoom = held_near(np.clip(world[:, W["zoom"]], 0.45, 2.5))
        if np.ptp(zoom) < 0.035:  # a network's tremor is no camera move; tiles stay sharp and fast
            zoom = np.full_like(zoom, zoom.mean())
        if self.faces or width > 0.8 * height:
            zoom = zoom * self._closer(zoom.max(), unit)
        if self.roll is not None:  # room for the corners that a turned picture shows
            over = 1 + float(np.abs(self.roll).max()) * max(width, height) / min(width, height)
            zoom = zoom * over
        rise = np.clip(world[:, W["rise"]], -0.5, 0.9)
        scroll = self.scroll
        return [
            View(width, height, unit, float(zoom[i]), float(scroll[i]), float(rise[i]), i / self.fps)
            for i in range(self.frames)
        ]

    def _closer(self, zoom: float, unit: float) -> float:
        """How much nearer the camera may come without cutting off anybody or anything."""
        if not len(self.people):
            return 1.0
        across = [np.abs(self.people[..., H["x"]]).max() + 0.26]
        above = [self.people[..., H["y"]].max() + 1.12]
        for plan, track in zip(self.scene.plan.props, self.props, strict=True):
            half = 0.6 * T.PROP_SIZE[plan.kind]
            across.append(np.abs(track[:, Q["x"]]).max() + half)
            above.append(track[:, Q["y"]].max() + half)
        room = min(self.inner[0] / (2 * unit * max(across)), 1.05 / max(0.3, max(above) - 0.55))
        return float(np.clip(room / zoom, 1.0, CLOSE if self.faces else CLOSE_WIDE))

    def _sway(self) -> np.ndarray:
        """How hair and cloth trail [P, F] in u: against the movement, and with the wind."""
        step = 1 / self.fps
        t = np.arange(self.frames) * step
        ground = np.gradient(self.scroll, step) if self.frames > 1 else np.zeros(1)
        out = np.zeros((len(self.people), self.frames))
        for i, track in enumerate(self.people):
            speed = (np.gradient(track[:, H["x"]], step) if self.frames > 1 else 0) + ground
            kernel = np.ones(max(1, round(self.fps / 5)))
            speed = np.convolve(np.pad(speed, len(kernel) // 2, mode="edge"), kernel / kernel.sum(), "same")
            speed = speed[len(kernel) // 2 :][: self.frames]
            wind = np.clip(self.world[:, W["wind"]], 0, 1)
            out[i] = -0.035 * np.clip(speed, -1.6, 1.6) + wind * (0.035 + 0.016 * np.sin(5 * t + 2 * i))
        return np.clip(out, -0.09, 0.09)

    def _heading(self) -> np.ndarray:
        """Which way each thing looks [Q, F], +1 right."""
        out = np.ones((len(self.props), self.frames))
        drift = float(self.scroll[-1] - self.scroll[0]) / max(1.0, self.frames / self.fps)
        for j, plan in enumerate(self.scene.plan.props):
            owner = self.scene.plan.people[plan.owner] if plan.owner < len(self.scene.plan.people) else None
            if plan.kind in ("bird", "fish", "butterfly"):
                speed = np.gradient(self.props[j][:, Q["x"]]) if self.frames > 1 else np.zeros(1)
                out[j] = np.where(speed * self.fps + drift >= -0.01, 1, -1)
            elif owner is not None:
                out[j] = owner.facing
            elif abs(drift) > 0.05:
                out[j] = np.sign(drift)
            else:
                out[j] = 1 if self.props[j][:, Q["x"]].mean() <= 0 else -1
        return out

    def _grain(self) -> skia.Image | None:
        style, (width, height) = self.style, self.inner
        if style.grain == 0 and style.vignette == 0:
            return None
        y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
        coarse = float(np.clip(height / 1280, 0.2, 1.2)) ** 0.5
        rim = np.clip(np.hypot(0.85 * x, 0.95 * y) - 0.55, 0, 1) ** 1.6
        sheet = (
            fibre(height, width, self.scene.seed + 5, style.grain * 0.36 * coarse)
            - style.vignette * rim
            - 0.012
        )
        grey = (np.clip(sheet, 0, 1) * 255).astype(np.uint8)
        return image_of(np.dstack([grey, grey, grey, np.full_like(grey, 255)]))

    @property
    def scroll(self) -> np.ndarray:
        return self.world[:, -1]

    # ---- every frame

    def frame(self, index: int) -> np.ndarray:
        """Frame `index` as uint8 RGB [height, width, 3]."""
        view, world = self.views[index], self.world[index]
        surface, pixels = canvas_of(*self.inner)
        c = surface.getCanvas()
        wet, wind = (float(np.clip(world[W[k]], 0, 1)) for k in ("wet", "wind"))
        tracks = (self.people, self.props, self.blink, self.sway, self.heading)
        now = Moment(*(track[:, index] for track in tracks))
        draw_moment(c, self.set, self.weather, self.cast, view, now, wet, wind)
        self._brightness(c, float(world[W["light"]]))
        if self.sheet is not None:
            c.drawImage(
                self.sheet, 0, 0, skia.SamplingOptions(), skia.Paint(BlendMode=skia.BlendMode.kMultiply)
            )
        del c, surface
        frame = self.style.finish(cv2.cvtColor(pixels, cv2.COLOR_RGBA2RGB))
        if self.roll is not None:
            frame = _rolled(frame, float(self.roll[index]))
        if self.inner != self.size:
            frame = cv2.resize(frame, self.size, interpolation=cv2.INTER_NEAREST)
        return frame

    def _brightness(self, c: skia.Canvas, light: float) -> None:
        """The light's small changes; its usual level is already in the colours."""
        ratio = (0.25 + light) / (0.25 + LIGHT[self.scene.plan.world.time])
        if abs(ratio - 1) < 0.03:
            return
        colour, alpha = (INK, 0.55 * (1 - ratio)) if ratio < 1 else (WHITE, 0.25 * (ratio - 1))
        c.drawRect(skia.Rect(0, 0, *self.inner), fill(colour, float(np.clip(alpha, 0, 0.5))))


def settled(z: np.ndarray) -> np.ndarray:
    """Depths [P, T] that follow only where somebody leaves the place: a network's tremor of some thousandths
    of a u would swap, frame by frame, who of two who hug is in front."""
    out = z.copy()
    for i in range(1, z.shape[-1]):
        out[..., i] = np.clip(out[..., i - 1], z[..., i] - TREMOR, z[..., i] + TREMOR)
    return out


def held_near(zoom: np.ndarray) -> np.ndarray:
    """The camera's zoom where nobody gets too small to be seen: from FAR on it goes away half as fast."""
    return np.where(zoom < FAR, FAR - 0.5 * (FAR - zoom), zoom)


def draw_moment(
    c: skia.Canvas, stage: Set, weather: Weather, cast: Cast, view: View, now: Moment, wet: float, wind: float
) -> None:
    """One moment from back to front, onto a canvas or (for those who watch elsewhere) onto a tape."""
    stage.draw_sky(c)
    stage.draw_layers(c, view, front=False)
    weather.behind(c, view, wet, wind)
    cast.draw(c, view, now)
    stage.draw_layers(c, view, front=True)
    weather.front(c, view, wet, wind)


def _rolled(frame: np.ndarray, angle: float) -> np.ndarray:
    h, w = frame.shape[:2]
    matrix = cv2.getRotationMatrix2D((w / 2, h / 2), -np.degrees(angle), 1.0)
    return cv2.warpAffine(frame, matrix, (w, h), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _check(scene: T.Scene, size: tuple[int, int], fps: float) -> None:
    if not all(MIN_SIDE <= side <= MAX_SIDE for side in size):
        raise ValueError(
            f"a picture of {size[0]} x {size[1]} is outside {MIN_SIDE} to {MAX_SIDE} pixels a side"
        )
    if not 1 <= fps <= 120:
        raise ValueError(f"{fps} frames a second is outside 1 to 120")
    if scene.frames < 1:
        raise ValueError("a scene without key frames cannot be drawn")
    if not all(np.isfinite(a).all() for a in (scene.world, scene.people, scene.props)):
        raise ValueError("the scene holds numbers that are not finite")


def _upsample(
    scene: T.Scene, frames: int, fps: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """World [F, WD + 1] (last column: scroll), people [P, F, HD], props [Q, F, QD], blink [P, F]."""
    at = np.arange(frames) / fps * T.FPS
    world = np.concatenate([scene.world, scene.scroll()[:, None]], 1)
    props = catmull_rom(scene.props, at)
    for j, plan in enumerate(scene.plan.props):
        if plan.kind == "ball":  # the curve must not dip through the floor where the ball turns round
            radius = T.PROP_SIZE["ball"] / 2 * scene.props[j, :, Q["size"]].mean()
            props[j, :, Q["y"]] = np.maximum(props[j, :, Q["y"]], radius)
    blink = scene.blink[:, np.clip(np.round(at).astype(int), 0, scene.frames - 1)]
    return catmull_rom(world, at), catmull_rom(scene.people, at), props, blink


def catmull_rom(keys: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Values of [..., N, D] at fractional key frames `at` [F] -> [..., F, D]; ends are extrapolated
    linearly so that a clip neither starts nor stops with a jerk."""
    if keys.shape[-2] == 1 or keys.shape[-3:-2] == (0,):
        return np.repeat(keys[..., :1, :], len(at), axis=-2)
    padded = np.concatenate(
        [2 * keys[..., :1, :] - keys[..., 1:2, :], keys, 2 * keys[..., -1:, :] - keys[..., -2:-1, :],
         3 * keys[..., -1:, :] - 2 * keys[..., -2:-1, :]], axis=-2
    )  # fmt: skip
    i = np.clip(np.floor(at).astype(int), 0, keys.shape[-2] - 1)
    u = (at - i)[:, None]
    a, b, c, d = (padded[..., i + k, :] for k in range(4))
    return b + 0.5 * u * (c - a + u * (2 * a - 5 * b + 4 * c - d + u * (3 * (b - c) + d - a)))


def _picture(image: np.ndarray | None) -> skia.Image | None:
    if image is None:
        return None
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] not in (3, 4):
        raise ValueError("a product's picture is uint8 [height, width, 3 or 4]")
    largest = 1024 / max(image.shape[:2])
    if largest < 1:
        image = cv2.resize(image, None, fx=largest, fy=largest, interpolation=cv2.INTER_AREA)
    if image.shape[2] == 3:
        image = np.dstack([image, np.full(image.shape[:2], 255, np.uint8)])
    alpha = image[..., 3:4].astype(np.float32) / 255
    return image_of(np.dstack([(image[..., :3] * alpha).astype(np.uint8), image[..., 3]]))
