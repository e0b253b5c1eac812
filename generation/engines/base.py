"""What an engine is: it says what it can do, tells words it has no picture for, and renders a job.

Web processes ask `ABILITIES` and `tell` (no torch); only workers load the engine itself, by its dotted
path, and keep one resident. Adding an engine: one file with an `Engine`, one line in `ENGINES`, one test
file, one line of docs.
"""

from __future__ import annotations

import gc
import logging
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from generation.engines import families
from generation.refusals import CannotMake
from generation.states import FROM_MATERIAL, WITH_MATERIAL, Verb

log = logging.getLogger(__name__)
Frame = NDArray[np.uint8]  # H W 3, RGB
OnStep = Callable[[int, int], None]  # (steps done, steps in all)
ShouldStop = Callable[[], bool]


class Stopped(Exception):
    """`should_stop` said so; the engine let go within one step."""


class EngineFailed(Exception):
    """The engine could not. `code` is a key of `failures.SENTENCES`."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code


@dataclass(frozen=True)
class Abilities:
    """What an engine can do. `sizes`: (width, height) by the aspects that forms offer; with `any_aspect` also
    any other shape between the most upright and the widest of them. `seconds`: lengths that forms offer; with
    `any_length` also every whole second between the shortest and the longest."""

    verbs: frozenset[str]
    seconds: tuple[int, ...]
    sizes: Mapping[str, tuple[int, int]]
    max_cast: int
    voice: bool = False
    pose: bool = False
    last_frame: bool = False
    any_aspect: bool = False
    any_length: bool = False
    layout: bool = False
    products: bool = False  # shows a merchant's picture in the scene
    sound_is_ours: bool = False  # made by this host's own code: nobody speaks in it but our stock voice
    is_elsewhere: bool = False  # on a machine that is not this host's: what it is given leaves here
    needs_material: bool = False  # goes on from what a clip kept of its scene, not from its pictures

    def size_of(self, aspect: str) -> tuple[int, int] | None:
        """Pixels of a shape like "9:16" or "2.35:1"; None where this engine does not draw it."""
        if aspect in self.sizes or not self.any_aspect:
            return self.sizes.get(aspect)
        ratio = _ratio(aspect)
        ratios = [width / height for width, height in self.sizes.values()]
        if ratio is None or not min(ratios) * 0.99 <= ratio <= max(ratios) * 1.01:
            return None
        width, height = next(iter(self.sizes.values()))
        return shaped(ratio, width * height)

    def lasts(self, seconds: int) -> bool:
        if self.any_length:
            return min(self.seconds) <= seconds <= max(self.seconds)
        return seconds in self.seconds


def _ratio(aspect: str) -> float | None:
    """Width by height of "4:3"; None for anything that is no such pair."""
    try:
        wide, high = (float(part) for part in aspect.split(":"))
    except ValueError:
        return None
    return wide / high if 0 < wide < 100 and 0 < high < 100 else None


def shaped(ratio: float, area: int) -> tuple[int, int]:
    """Even width and height of about `area` pixels (video halves the colours, so both have to be even)."""
    height = round((area / ratio) ** 0.5 / 8) * 8
    return round(height * ratio / 2) * 2, height


def halved(size: tuple[int, int]) -> tuple[int, int]:
    """Half of it, even: for previews, and for what had no room at its full size."""
    return max(64, size[0] // 4 * 2), max(64, size[1] // 4 * 2)


@dataclass(frozen=True)
class CastMember:
    """Somebody in the scene: their face material (read with a permit) or the fields of a drawn character.
    `key` says who it is in what engines keep of a clip, so that a remix knows them again."""

    name: str
    key: str = ""
    face: bytes | None = None
    character: Mapping[str, Any] | None = None


def _unseen(picture: Frame) -> None:
    """Nobody looks."""


def _no_pictures() -> Sequence[Frame]:
    """Nothing was kept."""
    return ()


@dataclass(frozen=True)
class Source:
    """A clip that a job goes on from: its pictures (`load`, with their `fps`), what its engine kept of it,
    the keys of those cast in it, in the order in which its maker cast them, the moment meant, and
    (keyframes) when that moment is passed."""

    material: bytes
    cast: Sequence[str] = ()
    at_s: float = 0.0
    second: float = 0.0
    load: Callable[[], Sequence[Frame]] = _no_pictures
    fps: float = 0.0


@dataclass(frozen=True)
class Spoken:
    """A line as sound: when it begins, the key of who says it ("" for nobody in the picture), mono samples at
    48 kHz, and whether a network says it in somebody's voice."""

    start_s: float
    key: str
    samples: NDArray[np.float32]
    is_cloned: bool = False


@dataclass(frozen=True)
class ShownProduct:
    """What a merchant sells, in the scene: its picture (WebP as it came through the intake, or our own paper
    card as SVG), and how it is shown: "stand", "held" or "worn"."""

    picture: bytes
    way: str


@dataclass(frozen=True)
class Job:
    """Everything an engine needs to know about a generation, and nothing about people's rows."""

    prompt: str
    verb: str
    seed: int
    seconds: int
    size: tuple[int, int]
    cast: Sequence[CastMember] = ()
    sources: Sequence[Source] = ()
    how: Mapping[str, Any] = field(default_factory=dict)
    run: bytes | None = None  # what was played, where the verb is play
    # How many times the sides are smaller than usual (a preview, a second try with less memory): an engine
    # that samples at a size of its own divides that too.
    smaller: int = 1
    # What somebody filmed or photographed, as it was uploaded: opened behind walls only.
    films: Sequence[Path] = ()
    product: ShownProduct | None = None
    # Somebody's picture, opened when asked for: an engine that draws scenes shows it instead of a place.
    backdrop: Callable[[], Frame] | None = None
    # Lines that are mixed over the engine's sound by others; an engine may move lips to them.
    spoken: Sequence[Spoken] = ()
    # Where an engine may leave a rough picture before its first frame is there.
    show: Callable[[Frame], None] = _unseen

    @property
    def parent_material(self) -> bytes | None:
        """What the first clip left for going on."""
        return self.sources[0].material if self.sources else None


def at_half(job: Job) -> Job:
    """The same job with half the pixels a side."""
    return replace(job, size=halved(job.size), smaller=2 * job.smaller)


@dataclass(frozen=True)
class Rendered:
    """What came out. `frames` may be lazy: pulling it does work and reports steps. `audio`: float32 [samples,
    channels] in -1..1 at 48 kHz. `material`: what a remix goes on from."""

    frames: Iterator[Frame]
    frame_count: int
    fps: float
    size: tuple[int, int]
    audio: NDArray[np.float32] | None = None
    material: bytes = b""
    transcript: str = ""  # what is said in `audio`, where the engine knows it
    facts: Mapping[str, Any] = field(default_factory=dict)


class Engine(Protocol):
    def render(self, job: Job, on_step: OnStep, should_stop: ShouldStop) -> Rendered:
        """Raises `Stopped` within one step of `should_stop`, `EngineFailed` for what it cannot."""


@dataclass(frozen=True)
class Entry:
    """One engine of this host: where it lives, what it can do, and how it tells unknown words."""

    path: str
    abilities: Abilities
    title: str
    tell: str = ""  # dotted path of prompt -> list of words without a picture
    reads: str = ""  # dotted path of prompt -> whether it is in a language that the engine reads
    has_model: bool = True  # what has none is made for each job, and displaces nobody's


NATIVE = Abilities(
    verbs=(frozenset(Verb.values) - frozenset(WITH_MATERIAL)) | {Verb.OWN},
    seconds=(5, 10, 15, 20, 30, 60, 90, 120),
    sizes={
        "9:16": (720, 1280),
        "3:4": (832, 1104),
        "1:1": (960, 960),
        "4:3": (1104, 832),
        "16:9": (1280, 720),
        "21:9": (1456, 624),
    },
    max_cast=3,
    any_aspect=True,
    any_length=True,
    layout=True,
    products=True,
    sound_is_ours=True,
    needs_material=True,
)
STUDIO = Abilities(
    verbs=frozenset(FROM_MATERIAL),
    seconds=(1, 15, 30, 60, 120),
    sizes=NATIVE.sizes,
    max_cast=8,
    any_aspect=True,
    any_length=True,
    products=True,
)
DIFFUSERS = Abilities(verbs=frozenset({"text"}), seconds=(5,), sizes={"9:16": (720, 1280)}, max_cast=0)


def entries() -> dict[str, Entry]:
    """The engines that this host offers: the native one, and diffusers where a folder is set."""
    table = {
        "native": Entry(
            "generation.engines.native.NativeEngine",
            NATIVE,
            "Understudy",
            "generation.engines.native_words.unknown_words",
            "generation.engines.native_words.reads",
        )
    }
    table["studio"] = Entry(
        "generation.engines.studio.StudioEngine", STUDIO, _("Cutting room"), has_model=False
    )
    table |= _diffusers(settings.DIFFUSERS_FOLDER)
    if settings.REMOTE_VIDEOS_URL:
        title = settings.REMOTE_VIDEOS_MODEL or "Remote"
        table["remote"] = Entry("generation.engines.remote.RemoteEngine", _remote(), title, has_model=False)
    return table | getattr(settings, "EXTRA_ENGINES", {})


def _remote() -> Abilities:
    """What the operator says the API somewhere else takes; faces of people here never go there."""
    pictures = (Verb.IMAGE, Verb.OWN) if settings.REMOTE_VIDEOS_PICTURES else ()
    return Abilities(
        verbs=frozenset({Verb.TEXT, *pictures}),
        seconds=tuple(settings.REMOTE_VIDEOS_SECONDS),
        sizes={"9:16": (720, 1280), "16:9": (1280, 720)},
        max_cast=0,
        is_elsewhere=True,
    )


@lru_cache(maxsize=4)
def _diffusers(folder: str) -> dict[str, Entry]:
    """What the pipeline in the operator's folder can do, read from its description alone."""
    if not folder:
        return {}
    path, title, can = "generation.engines.diffusers.DiffusersEngine", "Diffusers", DIFFUSERS
    try:
        place = families.place_of(folder)
        family, wishes = families.family_at(place), families.wishes_of(place)
    except families.BadFolder:  # jobs fail by name until the operator mends it
        return {"diffusers": Entry(path, can, title)}
    longest = max(1, round(wishes["frames"] / wishes["fps"]))
    windows = 4 if Verb.IMAGE in family.ways else 1
    pictures = (Verb.OWN,) if Verb.IMAGE in family.ways else ()
    can = Abilities(
        verbs=frozenset({*family.ways, *pictures}),
        seconds=tuple(sorted({min(5, longest), *range(longest, longest * windows + 1, longest)})),
        sizes={"9:16": (720, 1280), "1:1": (960, 960), "16:9": (1280, 720)},
        max_cast=family.cast,
        last_frame=bool({Verb.LAST, Verb.KEYFRAMES} & set(family.ways)),
        pose=Verb.POSE in family.ways,
    )
    return {"diffusers": Entry(path, can, family.title)}


def entry(name: str) -> Entry:
    try:
        return entries()[name]
    except KeyError as error:
        raise CannotMake(
            _("This host has no engine called “%(name)s”.") % {"name": name[:40]}, code="engine_missing"
        ) from error


def check(
    name: str,
    *,
    verb: str,
    seconds: int | None,
    aspect: str,
    prompt: str,
    names: Sequence[str],
    has_layout: bool = False,
    has_product: bool = False,
    has_material: bool = True,
) -> list[str]:
    """Refuse what the engine cannot do (`CannotMake`); return the words that it has no picture for.
    `seconds` None: the length follows from clips or shots. `names`: of the people in the scene.
    `has_material`: whether every clip that it goes on from kept its scene."""
    from generation import catalogue  # it reads rows; workers elsewhere have none

    people = len(names)
    can = entry(name).abilities
    catalogue.refuse(name)
    if verb not in can.verbs:
        raise CannotMake(_("This engine cannot do that."), _("Choose another way or another engine."))
    if can.needs_material and not has_material:
        raise CannotMake(
            _("This engine goes on from its own clips alone: another one made this clip."),
            _("Choose another engine."),
            code="no_scene",
        )
    if verb == Verb.OWN and can.needs_material and not prompt:
        raise CannotMake(
            _("Say who does what in front of the picture."), _("“a panda dances”"), code="words_missing"
        )
    if has_layout and not can.layout:
        raise CannotMake(
            _("This engine does not follow a drawn layout."),
            _("Choose the native engine."),
            code="layout_unknown",
        )
    if has_product and not can.products:
        raise CannotMake(
            _("This engine cannot show a product."),
            _("Choose the native engine."),
            code="product_not_drawn",
        )
    if seconds is not None and not can.lasts(seconds):
        lengths = ", ".join(map(str, can.seconds))
        if can.any_length:
            lengths = f"{min(can.seconds)} - {max(can.seconds)}"
        raise CannotMake(_("This engine makes clips of %(lengths)s seconds.") % {"lengths": lengths})
    if can.size_of(aspect) is None:
        raise CannotMake(_("This engine does not know that shape."), ", ".join(can.sizes))
    if people > can.max_cast:
        raise CannotMake(
            _("At most %(most)d people can be cast in one clip here.") % {"most": can.max_cast},
            _("A remix keeps the people of its parent clip."),
            code="too_many_cast",
        )
    if prompt and entry(name).reads and not import_string(entry(name).reads)(prompt, names):
        raise CannotMake(
            _("This engine reads English and Chinese, and found nothing in these words that it knows."),
            _("Say it in one of the two: “a woman walks by the sea”."),
            code="language_unknown",
        )
    return unknown_words(name, prompt, names)


def unknown_words(name: str, prompt: str, names: Sequence[str] = ()) -> list[str]:
    """What the page tells before pressing ("no elephant yet"). `names` of people in the scene are known."""
    tell = entry(name).tell
    return list(import_string(tell)(prompt, names)) if tell else []


def leave(why: str) -> None:
    """End this worker: it takes no more jobs, and its supervisor starts another in its place. Without it a
    worker that cannot work any more would be the quickest to take each job, and fail it."""
    log.critical("this worker ends: %s", why)
    os.kill(os.getpid(), signal.SIGTERM)


_resident: tuple[str, Engine] | None = None
loads = 0


def in_hand() -> str | None:
    """The name of the engine whose model is loaded here."""
    return _resident[0] if _resident else None


def at_hand(running: str) -> set[str]:
    """Engines that can begin between two steps of `running` without a model being loaded. One that waits for
    another machine only while that is what `running` does."""
    light = {
        name
        for name, engine in entries().items()
        if not engine.has_model and (name == running or not engine.abilities.is_elsewhere)
    }
    return light | {_resident[0]} if _resident else light


def get(name: str) -> Engine:
    """The engine; its model is loaded once and kept: one resident model a worker. Raises
    `EngineFailed("engine_missing")`."""
    global _resident, loads
    if _resident is not None and _resident[0] == name:
        return _resident[1]
    try:
        wanted = entry(name)
        if wanted.has_model:
            _resident = None  # Let the old model go before the new one comes:
            gc.collect()  # hooks that move networks between memories refer to each other.
        engine: Engine = import_string(wanted.path)()
    except (ImportError, CannotMake, FileNotFoundError) as error:
        raise EngineFailed("engine_missing", str(error)) from error
    if wanted.has_model:
        _resident = (name, engine)
        loads += 1
    return engine
