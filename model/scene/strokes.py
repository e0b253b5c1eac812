"""A drawing as data: what the drawers of this folder do to a canvas, kept to be done again elsewhere.

    scene -> display list -> strokes

The drawers call a canvas. A `Tape` is a canvas that only notes the calls: the *display list*, plain lists of
numbers and words, ready for JSON. `replay` does them on a skia canvas, `static/js/play/strokes.js` on the
page's; so there is one set of drawing rules, and the rules do not know who watches.

An entry is [name, ...]. Paints and paths are named by their place in tables that travel once:

    s, r                  save, restore               b   back to the matrix that a group began with
    t x y · o deg · z x y  move, turn, scale          k path         clip
    p path paint · c x y r paint · e/q x0 y0 x1 y1 paint (oval, rectangle) · R x0 y0 x1 y1 rx ry paint
    l x0 y0 x1 y1 paint   a x0 y0 x1 y1 from sweep paint   n paint x y ... (pairs of points: lines)
    i image x y alpha mode                            I image x0 y0 x1 y1 alpha
    g [scale x y] shadow rim [entries] [box]          a cut-out figure: drawn apart, then laid down
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import skia

from model.scene.draw_paint import Washed

Entry = list[Any]
MODES = {skia.BlendMode.kSrcOver: 0, skia.BlendMode.kSrcATop: 1, skia.BlendMode.kMultiply: 2}
CAPS = {skia.Paint.kButt_Cap: "butt", skia.Paint.kRound_Cap: "round", skia.Paint.kSquare_Cap: "square"}
PLACES = 4  # decimals of a coordinate: a body is 1 u high, so this is a tenth of a pixel at 1080


@dataclass
class Table:
    """Things that many entries share, each once; `fresh()` gives those that were not given yet."""

    rows: list[Any] = field(default_factory=list)
    index: dict[Any, int] = field(default_factory=dict)
    given: int = 0

    def at(self, key: Any, make: Callable[[], Any]) -> int:
        found = self.index.get(key)
        if found is None:
            found = self.index[key] = len(self.rows)
            self.rows.append(make())
        return found

    def fresh(self) -> list[Any]:
        new = self.rows[self.given :]
        self.given = len(self.rows)
        return new


class Tape:
    """A canvas that notes what is drawn. `paints` outlives a frame; `names` tells the images that it may be
    given (`draw_paint.image_of` things made once) from their identity."""

    def __init__(self, paints: Table, names: Callable[[skia.Image], str]) -> None:
        self.entries: list[Entry] = []
        self.paints, self.names = paints, names

    # ---- the part of skia's canvas that the drawers use

    def save(self) -> None:
        self.entries.append(["s"])

    def restore(self) -> None:
        self.entries.append(["r"])

    def setMatrix(self, matrix: skia.Matrix) -> None:  # noqa: N802 -- skia's name; only ever the group's own
        self.entries.append(["b"])

    def translate(self, x: float, y: float) -> None:
        self.entries.append(["t", _n(x), _n(y)])

    def rotate(self, degrees: float) -> None:
        self.entries.append(["o", round(float(degrees), 2)])

    def scale(self, x: float, y: float) -> None:
        self.entries.append(["z", _n(x), _n(y)])

    def clipPath(self, path: skia.Path, *_how: Any, **_named: Any) -> None:  # noqa: N802
        self.entries.append(["k", svg(path)])

    def clipRect(self, rect: skia.Rect, *_how: Any, **_named: Any) -> None:  # noqa: N802
        x0, y0, x1, y1 = _box(rect)
        self.entries.append(["k", f"M{x0} {y0}H{x1}V{y1}H{x0}Z"])

    def drawPath(self, path: skia.Path, paint: skia.Paint) -> None:  # noqa: N802
        self.entries.append(["p", svg(path), self._paint(paint)])

    def drawCircle(self, x: float, y: float, r: float, paint: skia.Paint) -> None:  # noqa: N802
        self.entries.append(["c", _n(x), _n(y), _n(r), self._paint(paint)])

    def drawOval(self, rect: skia.Rect, paint: skia.Paint) -> None:  # noqa: N802
        self.entries.append(["e", *_box(rect), self._paint(paint)])

    def drawRect(self, rect: skia.Rect, paint: skia.Paint) -> None:  # noqa: N802
        self.entries.append(["q", *_box(rect), self._paint(paint)])

    def drawRoundRect(self, rect: skia.Rect, rx: float, ry: float, paint: skia.Paint) -> None:  # noqa: N802
        self.entries.append(["R", *_box(rect), _n(rx), _n(ry), self._paint(paint)])

    def drawLine(self, x0: float, y0: float, x1: float, y1: float, paint: skia.Paint) -> None:  # noqa: N802
        self.entries.append(["l", _n(x0), _n(y0), _n(x1), _n(y1), self._paint(paint)])

    def drawArc(  # noqa: N802
        self, rect: skia.Rect, start: float, sweep: float, centre: bool, paint: skia.Paint
    ) -> None:
        self.entries.append(["a", *_box(rect), _n(start), _n(sweep), self._paint(paint)])

    def drawPoints(self, mode: Any, points: list[skia.Point], paint: skia.Paint) -> None:  # noqa: N802
        numbers = [_n(value) for point in points for value in (point.x(), point.y())]
        self.entries.append(["n", self._paint(paint), *numbers])

    def drawImage(  # noqa: N802
        self, image: skia.Image, x: float, y: float, sampling: Any = None, paint: skia.Paint | None = None
    ) -> None:
        alpha = round(paint.getAlphaf(), 3) if paint is not None else 1
        mode = MODES[paint.getBlendMode()] if paint is not None else 0
        self.entries.append(["i", self.names(image), _n(x), _n(y), alpha, mode])

    def drawImageRect(  # noqa: N802
        self, image: skia.Image, rect: skia.Rect, sampling: Any = None, paint: skia.Paint | None = None
    ) -> None:
        alpha = round(paint.getAlphaf(), 3) if paint is not None else 1
        self.entries.append(["I", self.names(image), *_box(rect), alpha])

    def picture(self, name: str, x0: float, y0: float, x1: float, y1: float) -> None:
        """An image that only the watcher has, by its name (a face that came under a permit)."""
        self.entries.append(["I", name, _n(x0), _n(y0), _n(x1), _n(y1), 1])

    # ---- paints

    def _paint(self, paint: skia.Paint) -> int:
        colour = paint.getColor4f()
        rgba = (round(255 * colour.fR), round(255 * colour.fG), round(255 * colour.fB), round(colour.fA, 3))
        stroked = paint.getStyle() == skia.Paint.kStroke_Style
        line = (_n(paint.getStrokeWidth()), CAPS[paint.getStrokeCap()]) if stroked else None
        wash = paint.wash if isinstance(paint, Washed) else None
        mode = MODES[paint.getBlendMode()]
        key = (rgba, line, wash, mode)
        return self.paints.at(key, lambda: [list(rgba), list(line) if line else None, _wash(wash), mode])


@contextlib.contextmanager
def group(
    tape: Tape, matrix: tuple[float, ...], box: tuple[float, ...], shadow: bool, rim: Any
) -> Iterator[Tape]:
    """A figure on a sheet of its own, inside `box` (pixels): what is drawn on the tape inside is laid down as
    one cut-out. `matrix` is (scale, x, y)."""
    inner = Tape(tape.paints, tape.names)
    yield inner
    colour = None if rim is None else [round(255 * float(v)) for v in rim]
    where, room = [round(v, 3) for v in matrix], [round(v) for v in box]
    tape.entries.append(["g", where, shadow, colour, inner.entries, room])


def svg(path: skia.Path) -> str:
    """A path in the letters of SVG, which both sides read."""
    out: list[str] = []
    walk = skia.Path.Iter(path, False)
    while True:
        verb, points = walk.next()
        if verb == skia.Path.kDone_Verb:
            return "".join(out)
        if verb == skia.Path.kMove_Verb:
            out.append(f"M{_p(points[0])}")
        elif verb == skia.Path.kLine_Verb:
            out.append(f"L{_p(points[1])}")
        elif verb == skia.Path.kQuad_Verb:
            out.append(f"Q{_p(points[1])} {_p(points[2])}")
        elif verb == skia.Path.kConic_Verb:
            quads = skia.Path.ConvertConicToQuads(points[0], points[1], points[2], walk.conicWeight(), 1)
            for k in range(1, len(quads) - 1, 2):
                out.append(f"Q{_p(quads[k])} {_p(quads[k + 1])}")
        elif verb == skia.Path.kCubic_Verb:
            out.append(f"C{_p(points[1])} {_p(points[2])} {_p(points[3])}")
        elif verb == skia.Path.kClose_Verb:
            out.append("Z")


# ---- the way back, on skia


def replay(
    entries: list[Entry],
    canvas: skia.Canvas,
    paints: list[Any],
    image: Callable[[str], skia.Image | None],
    lay: Callable[[Entry, Callable[[skia.Canvas], None]], None] | None = None,
) -> None:
    """Do the entries on a skia canvas. `image` finds an image by its name; `lay` is given each group and what
    draws it (without it, groups are drawn straight onto the canvas)."""
    base = canvas.getTotalMatrix()
    for entry in entries:
        name, rest = entry[0], entry[1:]
        if name == "s":
            canvas.save()
        elif name == "r":
            canvas.restore()
        elif name == "b":
            canvas.setMatrix(base)
        elif name == "t":
            canvas.translate(*rest)
        elif name == "o":
            canvas.rotate(rest[0])
        elif name == "z":
            canvas.scale(*rest)
        elif name == "k":
            canvas.clipPath(unsvg(rest[0]), doAntiAlias=True)
        elif name in ("i", "I"):
            _image(canvas, entry, image)
        elif name == "g":
            _group(canvas, entry, paints, image, lay)
        else:
            _shape(canvas, entry, paints)


def _shape(canvas: skia.Canvas, entry: Entry, paints: list[Any]) -> None:
    name, rest = entry[0], entry[1:]
    if name == "n":
        points = [skia.Point(x, y) for x, y in zip(rest[1::2], rest[2::2], strict=True)]
        canvas.drawPoints(skia.Canvas.kLines_PointMode, points, paint_of(paints[rest[0]]))
        return
    paint = paint_of(paints[rest[-1]])
    if name == "p":
        canvas.drawPath(unsvg(rest[0]), paint)
    elif name == "c":
        canvas.drawCircle(rest[0], rest[1], rest[2], paint)
    elif name == "e":
        canvas.drawOval(skia.Rect(*rest[:4]), paint)
    elif name == "q":
        canvas.drawRect(skia.Rect(*rest[:4]), paint)
    elif name == "R":
        canvas.drawRoundRect(skia.Rect(*rest[:4]), rest[4], rest[5], paint)
    elif name == "l":
        canvas.drawLine(*rest[:4], paint)
    elif name == "a":
        canvas.drawArc(skia.Rect(*rest[:4]), rest[4], rest[5], False, paint)
    else:
        raise ValueError(f"no stroke is called {name!r}")


def _image(canvas: skia.Canvas, entry: Entry, image: Callable[[str], skia.Image | None]) -> None:
    found = image(entry[1])
    if found is None:
        return
    if entry[0] == "i":
        paint = skia.Paint(Alphaf=entry[4], BlendMode=_mode(entry[5]))
        canvas.drawImage(found, entry[2], entry[3], skia.SamplingOptions(), paint)
    else:
        linear = skia.SamplingOptions(skia.FilterMode.kLinear)
        canvas.drawImageRect(found, skia.Rect(*entry[2:6]), linear, skia.Paint(Alphaf=entry[6]))


def _group(
    canvas: skia.Canvas,
    entry: Entry,
    paints: list[Any],
    image: Callable[[str], skia.Image | None],
    lay: Callable[[Entry, Callable[[skia.Canvas], None]], None] | None,
) -> None:
    def draw(onto: skia.Canvas) -> None:
        replay(entry[4], onto, paints, image)

    if lay is not None:
        lay(entry, draw)
        return
    scale, x, y = entry[1]
    canvas.save()
    canvas.translate(x, y)
    canvas.scale(scale, scale)
    draw(canvas)
    canvas.restore()


def paint_of(row: Any) -> skia.Paint:
    """The skia paint of a row of the paint table."""
    (r, g, b, a), line, wash, mode = row
    paint = skia.Paint(Color4f=skia.Color4f(r / 255, g / 255, b / 255, a), AntiAlias=True)
    if line is not None:
        paint.setStyle(skia.Paint.kStroke_Style)
        paint.setStrokeWidth(line[0])
        paint.setStrokeCap({name: cap for cap, name in CAPS.items()}[line[1]])
        paint.setStrokeJoin(skia.Paint.kRound_Join)
    if wash is not None:
        kind, where, stops = wash
        colours = [skia.Color4f(*(v / 255 for v in c[:3]), c[3]).toColor() for _at, c in stops]
        places = [at for at, _c in stops]
        if kind == "L":
            shader = skia.GradientShader.MakeLinear([tuple(where[:2]), tuple(where[2:])], colours, places)
        else:
            shader = skia.GradientShader.MakeRadial(tuple(where[:2]), where[2], colours, places)
        paint.setShader(shader)
    paint.setBlendMode(_mode(mode))
    return paint


def unsvg(text: str) -> skia.Path:
    """A path from what `svg` wrote."""
    path = skia.Path()
    for letter, numbers in _letters(text):
        if letter == "M":
            path.moveTo(*numbers)
        elif letter == "L":
            path.lineTo(*numbers)
        elif letter == "Q":
            path.quadTo(*numbers)
        elif letter == "C":
            path.cubicTo(*numbers)
        elif letter == "H":
            path.lineTo(numbers[0], path.getPoint(path.countPoints() - 1).y())
        elif letter == "V":
            path.lineTo(path.getPoint(path.countPoints() - 1).x(), numbers[0])
        elif letter == "Z":
            path.close()
    return path


def _letters(text: str) -> Iterator[tuple[str, list[float]]]:
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or text[at].isalpha() and text[at] != "e":
            yield text[start], [float(v) for v in text[start + 1 : at].split()]
            start = at


def _mode(mode: int) -> skia.BlendMode:
    return next(blend for blend, number in MODES.items() if number == mode)


def _wash(wash: Any) -> Any:
    if wash is None:
        return None
    kind, where, stops = wash
    return [kind, list(where), [[at, list(colour)] for at, colour in stops]]


def _n(value: float) -> float:
    number = round(float(value), PLACES)
    return int(number) if number == int(number) else number


def _p(point: skia.Point) -> str:
    return f"{_n(point.x())} {_n(point.y())}"


def _box(rect: skia.Rect) -> tuple[float, float, float, float]:
    return _n(rect.left()), _n(rect.top()), _n(rect.right()), _n(rect.bottom())


def png(image: skia.Image) -> bytes:
    """An image for those who watch from elsewhere."""
    return bytes(image.encodeToData(skia.EncodedImageFormat.kPNG, 90))


def pixels(image: skia.Image) -> np.ndarray:
    return np.array(image.toarray())
