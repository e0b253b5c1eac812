"""What happens to films on their way through the world, done to ours, and what is found afterwards.

Each way of `WAYS` takes marked frames, changes them and encodes them again; what comes out is decoded as
`/verify` decodes uploads, and asked for the hidden mark and for its fingerprint. `docs/survival.md` is made
of this by `manage.py survival`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from generation.provenance import fingerprint, outline, visible, watermark
from model import video

Frame = NDArray[np.uint8]
Frames = Sequence[Frame]
KEY = b"the key of the survival table..."
FPS = 24.0
KEPT_SIDE, KEPT_FPS = 960, 2.0
DRAWN = (720, 1280)  # what the engine draws; shipped clips are smaller and are scaled up to it
SEALED_CRF = 20
UNSEEN, FIRST_UNSEEN = 91_000_000, 1000  # the first seed of clips that nobody tuned on, and their numbers


def same(frames: Frames) -> Frames:
    return frames


def half(frames: Frames) -> Frames:
    return _scaled(frames, 0.5)


def social(frames: Frames) -> Frames:
    """480 pixels on the shorter side, as feeds of others serve it."""
    return _scaled(frames, 480 / min(frames[0].shape[:2]))


def crop_middle(frames: Frames) -> Frames:
    """A fifth of each side is gone, evenly."""
    height, width = frames[0].shape[:2]
    y, x = round(height * 0.1), round(width * 0.1)
    return [np.ascontiguousarray(f[y : height - y, x : width - x]) for f in frames]


def crop_aside(frames: Frames) -> Frames:
    """A fifth of each side is gone, most of it at the bottom and the left."""
    height, width = frames[0].shape[:2]
    y, x = round(height * 0.04), round(width * 0.17)
    return [np.ascontiguousarray(f[y : y + round(height * 0.8), x : x + round(width * 0.8)]) for f in frames]


def drop(frames: Frames) -> Frames:
    """Each third frame is missing."""
    return [frame for index, frame in enumerate(frames) if index % 3 != 1]


def hue(frames: Frames) -> Frames:
    """Colours turned by 20 degrees and a little stronger."""
    turned = []
    for frame in frames:
        hsv = cv2.cvtColor(frame, cv2.COLOR_RGB2HSV)
        hsv[..., 0] = (hsv[..., 0].astype(np.int16) + 10) % 180
        hsv[..., 1] = np.clip(hsv[..., 1].astype(np.float32) * 1.15, 0, 255).astype(np.uint8)
        turned.append(np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), np.uint8))
    return turned


def logo(frames: Frames) -> Frames:
    """Somebody else's logo in a corner, 22 % of the width, and a line of words below."""
    shown = []
    for frame in frames:
        height, width = frame.shape[:2]
        patched = frame.copy()
        side = round(0.22 * width)
        cv2.rectangle(patched, (width - side - 20, 20), (width - 20, 20 + side // 2), (240, 40, 60), -1)
        at, size = (round(0.06 * width), round(0.92 * height)), width / 600
        cv2.putText(patched, "follow me for more", at, cv2.FONT_HERSHEY_SIMPLEX, size, (255, 255, 255), 3)
        shown.append(np.asarray(patched, np.uint8))
    return shown


def mirror(frames: Frames) -> Frames:
    return [np.ascontiguousarray(frame[:, ::-1]) for frame in frames]


def screen(frames: Frames) -> Frames:
    """A telephone's screen, recorded: the film in a player with bars round it, gamma and grain, scaled."""
    grain = np.random.default_rng(3)
    curve = (255 * (np.arange(256) / 255) ** 1.12).astype(np.uint8)
    height, width = frames[0].shape[:2]
    shown = []
    for frame in frames:
        page = np.full((round(height * 1.22), round(width * 1.08), 3), 18, np.uint8)
        top, left = round(height * 0.13), round(width * 0.04)
        page[top : top + height, left : left + width] = curve[frame]
        small = video.resize(page, video.fit((page.shape[1], page.shape[0]), 1200))
        noisy = small + grain.normal(0, 2.0, small.shape[:2]).astype(np.float32)[:, :, None]
        shown.append(np.clip(noisy, 0, 255).astype(np.uint8))
    return shown


def unsigned(frames: Frames) -> Frames:
    """The visible mark blurred away wherever it passes: bands above and below."""
    blurred = []
    for frame in frames:
        height = frame.shape[0]
        copy = frame.copy()
        for top, bottom in ((0.07, 0.16), (0.64, 0.74)):
            rows = slice(round(height * top), round(height * bottom))
            copy[rows] = cv2.GaussianBlur(copy[rows], (0, 0), 12)
        blurred.append(copy)
    return blurred


@dataclass(frozen=True)
class Way:
    """What is done to the frames, and how they are encoded after."""

    title: str
    change: Callable[[Frames], Frames] = same
    crf: int = 23
    fps: float = FPS
    through_webm: bool = False


WAYS = (
    Way("H.264, crf 18", crf=18),
    Way("H.264, crf 23"),
    Way("H.264, crf 28", crf=28),
    Way("H.264, crf 34", crf=34),
    Way("H.264, crf 40", crf=40),
    Way("Scaled to 50 %", half),
    Way("Cropped by 20 % of each side, evenly", crop_middle),
    Way("Cropped by 20 % of each side, off the middle", crop_aside),
    Way("Every third frame dropped", drop, fps=FPS * 2 / 3),
    Way("Speed 0.9", fps=FPS * 0.9),
    Way("Speed 1.1", fps=FPS * 1.1),
    Way("Hue turned by 20 degrees", hue),
    Way("A logo and a line of words", logo),
    Way("Mirrored", mirror),
    Way("mp4 to WebM (VP9) to mp4", through_webm=True),
    Way("480p social re-encode, crf 30", social, crf=30),
    Way("Recorded from a screen, crf 28", screen, crf=28),
    Way("Visible mark blurred", unsigned),
)
ASKED_RECALL = ("H.264, crf 28", "Scaled to 50 %", "480p social re-encode, crf 30")  # goals of their own


@dataclass
class Row:
    """Of one way, over clips: how often the mark and the fingerprint named the right clip."""

    title: str
    clips: int = 0
    marks: int = 0
    prints: int = 0
    scores: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Sealed:
    """A clip as this host would have served it."""

    number: int
    payload: int
    frames: Frames
    decibels: float


def sealed(number: int, plain: Iterable[Frame]) -> Sealed:
    """Frames with both marks, encoded once as renditions are; and how little the hidden mark changes."""
    payload = 0x5EA1_0000_0000_0000 + number
    frames = [video.resize(frame, DRAWN) if max(frame.shape) < max(DRAWN) else frame for frame in plain]
    size = (frames[0].shape[1], frames[0].shape[0])
    show, hide = visible.mark_for("somebody", size), watermark.marker(size, payload, KEY)
    shown = [show(frame, index / FPS) for index, frame in enumerate(frames)]
    marked = [hide(frame) for frame in shown]
    return Sealed(number, payload, through(marked, Way("", crf=SEALED_CRF)), psnr(shown[::8], marked[::8]))


def drawn(seconds: float, count: int) -> Iterator[Sealed]:
    """Clips of invented scenes that nothing was tuned on: seeds of their own, drawn as the engine draws."""
    from model.scene import world
    from model.scene.draw import Film

    for number in range(count):
        scene, _ = world.simulate(UNSEEN + number, None, seconds)
        film = Film(scene, size=DRAWN, fps=FPS)
        yield sealed(FIRST_UNSEEN + number, (film.frame(k) for k in range(film.frames)))


def psnr(a: Frames, b: Frames) -> float:
    """Of all frames together, in dB."""
    errors = [float(np.square(x.astype(np.float32) - y).mean()) for x, y in zip(a, b, strict=True)]
    return float(10 * np.log10(255**2 / max(1e-9, float(np.mean(errors)))))


def known(clips: Iterable[Sealed]) -> fingerprint.Prints:
    """Their fingerprints as the index holds them."""
    prints, outlines = [], []
    for clip in clips:
        for frame in clip.frames[:: round(FPS)]:
            kept = fingerprint.second_of(frame)
            rich = [p for p in kept.prints if p.quality >= fingerprint.LEAST_QUALITY]
            prints += [(clip.number, p.bits) for p in rich]
            if kept.prints[0] in rich:
                canvas = outline.canvas_of(frame.shape[1], frame.shape[0])
                outlines.append((clip.number, canvas, kept.outline))
    return fingerprint.Prints().and_those(prints).and_outlines(outlines)


def through(frames: Frames, way: Way) -> Frames:
    """What is left of the frames after a way."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        changed = way.change(frames)
        if way.through_webm:
            changed = list(_webm(changed, Path(folder) / "film.webm", way.fps))
        video.write_mp4(path, changed, way.fps, crf=way.crf)
        return list(video.read_frames(path))


def try_way(way: Way, clip: Sealed, prints: fingerprint.Prints) -> tuple[bool, float, bool]:
    """Whether the mark named the clip and with what score, and whether the fingerprint named it."""
    seen = as_looked_at(through(clip.frames, way), way.fps)
    marks = watermark.find_all(seen, [KEY])
    matches = fingerprint.recognise(seen, prints)
    by_mark = bool(marks) and marks[0].payload == clip.payload
    by_print = bool(matches) and matches[0].clip_id == clip.number
    return by_mark, marks[0].score if marks else 0.0, by_print


def as_looked_at(frames: Frames, fps: float) -> Frames:
    """Two frames a second, as large as `/verify` keeps them."""
    every = max(1, round(fps / KEPT_FPS))
    return [video.resize(f, video.fit((f.shape[1], f.shape[0]), KEPT_SIDE)) for f in frames[::every]]


def table(clips: Sequence[Sealed], prints: fingerprint.Prints, ways: Sequence[Way] = WAYS) -> list[Row]:
    rows = [Row(way.title) for way in ways]
    for clip in clips:
        for row, way in zip(rows, ways, strict=True):
            by_mark, score, by_print = try_way(way, clip, prints)
            row.clips, row.marks, row.prints = row.clips + 1, row.marks + by_mark, row.prints + by_print
            row.scores.append(score)
    return rows


def _scaled(frames: Frames, by: float) -> Frames:
    height, width = frames[0].shape[:2]
    size = video.even((round(width * by), round(height * by)))
    return [video.resize(frame, size) for frame in frames]


def _webm(frames: Frames, path: Path, fps: float) -> Iterator[Frame]:
    rate = Fraction(fps).limit_denominator(1001)
    with av.open(str(path), "w", format="webm") as film:
        stream = film.add_stream("libvpx-vp9", rate=rate)
        stream.width, stream.height, stream.pix_fmt = frames[0].shape[1], frames[0].shape[0], "yuv420p"
        stream.options = {"crf": "33", "b": "0", "deadline": "realtime", "cpu-used": "8"}
        for frame in frames:
            film.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), "rgb24")))
        film.mux(stream.encode(None))
    yield from video.read_frames(path)
