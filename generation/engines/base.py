"""What an engine is: it says what it can do, tells words it has no picture for, and renders a job.

Web processes ask `ABILITIES` and `tell` (no torch); only workers load the engine itself, by its dotted
path, and keep one resident. Adding an engine: one file with an `Engine`, one line in `ENGINES`, one test
file, one line of docs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from generation.refusals import CannotMake

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
    """What the composer may offer. Sizes are (width, height) by aspect."""

    verbs: frozenset[str]
    seconds: tuple[int, ...]
    sizes: Mapping[str, tuple[int, int]]
    max_cast: int
    voice: bool = False


@dataclass(frozen=True)
class CastMember:
    """Somebody in the scene: their face material (read with a permit) or the fields of a drawn character."""

    name: str
    face: bytes | None = None
    character: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Job:
    """Everything an engine needs to know about a generation, and nothing about people's rows."""

    prompt: str
    verb: str
    seed: int
    seconds: int
    size: tuple[int, int]
    cast: Sequence[CastMember] = ()
    parent_material: bytes | None = None


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


NATIVE = Abilities(
    verbs=frozenset({"text", "remix"}),
    seconds=(5, 10),
    sizes={"9:16": (720, 1280), "16:9": (1280, 720), "1:1": (960, 960)},
    max_cast=3,
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
        )
    }
    if settings.DIFFUSERS_FOLDER:
        table["diffusers"] = Entry("generation.engines.diffusers.DiffusersEngine", DIFFUSERS, "Diffusers")
    return table | getattr(settings, "EXTRA_ENGINES", {})


def entry(name: str) -> Entry:
    try:
        return entries()[name]
    except KeyError as error:
        raise CannotMake(
            _("This host has no engine called “%(name)s”.") % {"name": name[:40]}, code="engine_missing"
        ) from error


def check(name: str, *, verb: str, seconds: int, aspect: str, prompt: str, names: Sequence[str]) -> list[str]:
    """Refuse what the engine cannot do (`CannotMake`); return the words that it has no picture for.
    `names`: of the people in the scene."""
    people = len(names)
    can = entry(name).abilities
    if verb not in can.verbs:
        raise CannotMake(_("This engine cannot do that."), _("Choose another way or another engine."))
    if seconds not in can.seconds:
        lengths = ", ".join(map(str, can.seconds))
        raise CannotMake(_("This engine makes clips of %(lengths)s seconds.") % {"lengths": lengths})
    if aspect not in can.sizes:
        raise CannotMake(_("This engine does not know that shape."), ", ".join(can.sizes))
    if people > can.max_cast:
        raise CannotMake(
            _("At most %(most)d people can be cast in one clip here.") % {"most": can.max_cast},
            _("A remix keeps the people of its parent clip."),
            code="too_many_cast",
        )
    return unknown_words(name, prompt, names)


def unknown_words(name: str, prompt: str, names: Sequence[str] = ()) -> list[str]:
    """What the page tells before pressing ("no elephant yet"). `names` of people in the scene are known."""
    tell = entry(name).tell
    return list(import_string(tell)(prompt, names)) if tell else []


_resident: tuple[str, Engine] | None = None
loads = 0


def get(name: str) -> Engine:
    """The engine, loaded once and kept: one resident model a worker. Raises
    `EngineFailed("engine_missing")`."""
    global _resident, loads
    if _resident is None or _resident[0] != name:
        _resident = None  # Let the old model go before the new one comes.
        try:
            engine: Engine = import_string(entry(name).path)()
        except (ImportError, CannotMake, FileNotFoundError) as error:
            raise EngineFailed("engine_missing", str(error)) from error
        _resident = (name, engine)
        loads += 1
    return _resident[1]
