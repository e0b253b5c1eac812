"""A voice that speaks as somebody does, from a recording of them: what the operator's folder holds, and
whether it can be used. Reads descriptions and the heads of weights alone; no torch: pages and the doctor ask.

    VOICE_FOLDER/                  what `save_pretrained` writes: config.json, model.safetensors, tokenizer
        audio_tokenizer/           its codec, the same way
        understudy.json            {"title": …, "licence": "CC-BY-4.0", "notice": …, "languages": ["en"]}

`FAMILIES` names the classes that are known. What a folder cannot be used for has a name (`BadVoice.code`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from generation.engines.base import EngineFailed

Sound = NDArray[np.float32]
WISHES = "understudy.json"
MOST_HEAD = 100_000_000  # bytes: the format's own bound on the head of a file


class BadVoice(Exception):
    """`code`: no_folder, no_config, unknown_class, part_missing, weights_missing, pickles, half_copied,
    no_licence, bad_wishes."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(detail or code)
        self.code = code


@dataclass(frozen=True)
class VoiceAbilities:
    """`languages`: two letters each. `needs_s`: of speech that a recording has to hold; `takes_s`: more of it
    is cut off. `rate`: Hz, of what it hears and says."""

    languages: frozenset[str]
    needs_s: float
    takes_s: float
    rate: int


@dataclass(frozen=True)
class Family:
    """One class that takes a recording: who loads it, and the folders beside it that hold networks too."""

    path: str
    can: VoiceAbilities
    parts: tuple[str, ...] = ()


FAMILIES: Mapping[str, Family] = {
    "PocketTTSForConditionalGeneration": Family(
        "generation.engines.pocket.PocketVoice",
        VoiceAbilities(frozenset({"en"}), needs_s=2.0, takes_s=20.0, rate=24_000),
        ("audio_tokenizer",),
    ),
}


@dataclass(frozen=True)
class Installed:
    """A folder that can be used, as far as its description says."""

    folder: Path
    family: Family
    can: VoiceAbilities
    title: str
    licence: str
    notice: str


class Voice(Protocol):
    def say(self, text: str, reference: NDArray[np.int16], seed: int, tick: Callable[[], None]) -> Sound:
        """These words as the speaker of `reference` (mono 16-bit, 16 kHz) would say them: mono at 48 kHz,
        nothing checked. `tick` is called at each step and may raise. Raises `EngineFailed`."""


def at(folder: Path) -> Installed:
    """What the folder holds. Raises `BadVoice`."""
    if not folder.is_dir():
        raise BadVoice("no_folder", f"{folder} is no folder")
    family = _family(_json(folder / "config.json", "no_config"))
    for part in family.parts:
        if not (folder / part / "config.json").is_file():
            raise BadVoice("part_missing", f"{folder / part} holds no config.json")
    for place in (folder, *(folder / part for part in family.parts)):
        check_weights(place)
    told = _json(folder / WISHES, "bad_wishes") if (folder / WISHES).exists() else {}
    licence, languages = str(told.get("licence") or ""), told.get("languages")
    if not licence:
        raise BadVoice("no_licence", f"{folder / WISHES} does not say under which licence the weights are")
    if languages is not None and not _are_codes(languages):
        raise BadVoice("bad_wishes", '"languages" is a list like ["en", "fr"]')
    spoken = frozenset(languages) if languages else family.can.languages
    can = VoiceAbilities(spoken, family.can.needs_s, family.can.takes_s, family.can.rate)
    title = str(told.get("title") or folder.name)[:60]
    return Installed(folder, family, can, title, licence[:60], str(told.get("notice") or "")[:300])


def installed() -> Installed | None:
    """The voice of this host; None where none is set, or it cannot be used (the doctor says why)."""
    try:
        return at(Path(settings.VOICE_FOLDER)) if settings.VOICE_FOLDER else None
    except BadVoice:
        return None


def load() -> tuple[Installed, Voice] | None:
    """The voice, loaded; None where this host has none. Raises `EngineFailed("voice_missing")` where its
    folder cannot be used. Workers only."""
    from django.utils.module_loading import import_string

    if not settings.VOICE_FOLDER:
        return None
    try:
        found = at(Path(settings.VOICE_FOLDER))
    except BadVoice as error:
        raise EngineFailed("voice_missing", f"{error.code}: {error}") from error
    voice: Voice = import_string(found.family.path)(found)
    return found, voice


def check_weights(folder: Path) -> None:
    """That every file of weights is as long as its own head says. Raises `BadVoice`: a folder that was copied
    half would be found out in the middle of somebody's clip."""
    for name in _weights(folder):
        path = folder / name
        if not path.is_file():
            raise BadVoice("half_copied", f"{path} is missing")
        there, said = path.stat().st_size, _length(path)
        if there != said:
            raise BadVoice("half_copied", f"{path} has {there} bytes of {said}")


def _weights(folder: Path) -> list[str]:
    index = folder / "model.safetensors.index.json"
    if index.is_file():
        table = _json(index, "half_copied").get("weight_map")
        names = sorted(set(map(str, table.values()))) if isinstance(table, dict) else []
        if not names or any(Path(name).name != name for name in names):
            raise BadVoice("half_copied", f"{index} names no files of this folder")
        return names
    pickles = [path for end in ("*.bin", "*.pt", "*.pth", "*.ckpt") for path in folder.glob(end)]
    if not (folder / "model.safetensors").exists() and pickles:
        raise BadVoice("pickles", f"{folder} holds pickles alone, and none is opened")
    if not (folder / "model.safetensors").exists():
        raise BadVoice("weights_missing", f"{folder} holds no model.safetensors")
    return ["model.safetensors"]


def _length(path: Path) -> int:
    """How many bytes the file says that it has: its head, and the furthest end of a tensor."""
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        raw = file.read(size) if size <= MOST_HEAD else b""
    try:
        head = json.loads(raw)
        ends = [int(row["data_offsets"][1]) for name, row in head.items() if name != "__metadata__"]
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise BadVoice("half_copied", f"the head of {path} cannot be read") from error
    return 8 + size + max(ends, default=0)


def _family(config: Mapping[str, Any]) -> Family:
    names = config.get("architectures")
    for name in names if isinstance(names, list) else []:
        if name in FAMILIES:
            return FAMILIES[name]
    raise BadVoice("unknown_class", f"{names or 'no class'}; known: {', '.join(FAMILIES)}")


def _json(path: Path, code: str) -> dict[str, Any]:
    try:
        told = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise BadVoice(code, f"{path} cannot be read") from error
    if not isinstance(told, dict):
        raise BadVoice(code, f"{path} is no table")
    return told


def _are_codes(languages: Any) -> bool:
    return isinstance(languages, list) and all(isinstance(x, str) and len(x) == 2 for x in languages)
