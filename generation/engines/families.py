"""Which diffusers pipelines make what of words, pictures, clips and people. No torch: pages ask it.

A folder holds one pipeline class (`model_index.json`). Its components often serve sibling classes too; a
*way* names the class that does a verb and how its arguments are filled:

    words        the prompt alone
    image        a first picture; with two pictures also the last (where the class takes one)
    video        a clip, changed by the words
    vace         a clip of which some frames are known (mask) and people as reference pictures
    conditions   pictures and clips pinned to moments
    keyed        the same, by the steps of LTX-2's own time
    pose         somebody's picture (their likeness, or a photo that was brought), moved by a clip

`LIMITS` says for each gap of the table what is missing upstream (diffusers 0.42).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from generation.states import Verb


@dataclass(frozen=True)
class Way:
    pipeline: str
    fill: str


@dataclass(frozen=True)
class Family:
    """One pipeline class: what it does, how many frames it counts in (`grid` * k + 1), of what its sides are
    multiples, how many people it can show, and whether it makes sound."""

    title: str
    ways: Mapping[str, Way]
    grid: int = 4
    side: int = 16
    cast: int = 0
    sound: bool = False
    dropped: int = 0  # frames that the class samples and does not give
    fine_vae: bool = False  # its pictures are decoded in single precision, as its publisher shows it


def _all(pipeline: str, fill: str, *verbs: Verb) -> dict[str, Way]:
    return {verb: Way(pipeline, fill) for verb in verbs}


_WORDS = (Verb.TEXT, Verb.STILL)
_PINNED = (Verb.IMAGE, Verb.LAST, Verb.KEYFRAMES, Verb.EXTEND, Verb.CONNECT, Verb.LOOP)
_CHANGED = (Verb.EDIT, Verb.REMIX)

_WAN = _all("WanPipeline", "words", *_WORDS) | _all("WanVideoToVideoPipeline", "video", *_CHANGED)
_VACE = _all("WanVACEPipeline", "vace", *_WORDS, *_PINNED, *_CHANGED)
_SMALL = _all(
    "WanImageToVideoPipeline", "image", Verb.IMAGE, Verb.EXTEND
)  # one network for words and pictures
_LTX2 = (
    _all("LTX2Pipeline", "words", *_WORDS)
    | _all("LTX2ConditionPipeline", "keyed", *_PINNED, *_CHANGED)
    | _all("LTX2ImageToVideoPipeline", "image", Verb.IMAGE)
)
_LTX = _all("LTXPipeline", "words", *_WORDS) | _all("LTXConditionPipeline", "conditions", *_PINNED, *_CHANGED)

FAMILIES: dict[str, Family] = {
    "WanPipeline": Family("Wan", _WAN, fine_vae=True),
    "WanImageToVideoPipeline": Family(
        "Wan",
        _all("WanImageToVideoPipeline", "image", Verb.IMAGE, Verb.KEYFRAMES, Verb.EXTEND),
        fine_vae=True,
    ),
    "WanVACEPipeline": Family("Wan VACE", _VACE, cast=3, fine_vae=True),
    "WanAnimatePipeline": Family(
        "Wan Animate",
        _all("WanAnimatePipeline", "pose", Verb.RECAST, Verb.POSE),
        cast=1,
        fine_vae=True,
    ),
    "LTXPipeline": Family("LTX", _LTX, grid=8, side=32),
    "LTXImageToVideoPipeline": Family("LTX", _LTX, grid=8, side=32),
    "LTXConditionPipeline": Family("LTX", _LTX, grid=8, side=32),
    "LTX2Pipeline": Family("LTX-2", _LTX2, grid=8, side=32, sound=True),
    "LTX2ImageToVideoPipeline": Family("LTX-2", _LTX2, grid=8, side=32, sound=True),
    "LTX2ConditionPipeline": Family("LTX-2", _LTX2, grid=8, side=32, sound=True),
    "HunyuanVideoPipeline": Family("HunyuanVideo", _all("HunyuanVideoPipeline", "words", *_WORDS)),
    "HunyuanVideoImageToVideoPipeline": Family(
        "HunyuanVideo",
        _all("HunyuanVideoImageToVideoPipeline", "image", Verb.IMAGE, Verb.EXTEND),
        dropped=4,
    ),
    "CogVideoXPipeline": Family(
        "CogVideoX",
        _all("CogVideoXPipeline", "words", *_WORDS)
        | _all("CogVideoXVideoToVideoPipeline", "video", *_CHANGED),
    ),
    "CogVideoXImageToVideoPipeline": Family(
        "CogVideoX", _all("CogVideoXImageToVideoPipeline", "image", Verb.IMAGE, Verb.EXTEND)
    ),
    "MochiPipeline": Family("Mochi", _all("MochiPipeline", "words", Verb.TEXT), grid=6),
    "StableVideoDiffusionPipeline": Family(
        "Stable Video Diffusion", _all("StableVideoDiffusionPipeline", "image", Verb.IMAGE), grid=1
    ),
}

LIMITS: dict[tuple[str, str], str] = {
    ("HunyuanVideo", "last"): "HunyuanVideoImageToVideoPipeline takes one first picture and no last one",
    ("HunyuanVideo", "edit"): "diffusers has no video-to-video class for HunyuanVideo",
    ("HunyuanVideo", "cast"): "diffusers has no reference class for HunyuanVideo",
    ("CogVideoX", "last"): "CogVideoXImageToVideoPipeline takes one first picture and no last one",
    ("CogVideoX", "cast"): "diffusers has no reference class for CogVideoX",
    ("Mochi", "image"): "MochiPipeline takes words alone",
    ("Stable Video Diffusion", "text"): "StableVideoDiffusionPipeline takes a picture and no words",
    ("LTX", "cast"): "no reference class: a LoRA shows whom its operator trained, and asks no permit",
    ("LTX-2", "cast"): "no reference class: a LoRA shows whom its operator trained, and asks no permit",
    (
        "Wan 2.2",
        "edit by words alone",
    ): "WanVideoToVideoPipeline knows one network of the two; VACE takes both",
}

# Classes whose blocks follow one another and that tell the two passes of a step apart. Others would draw
# wrong pictures with cached steps: Wan VACE and Animate add to the picture between two blocks, Wan's video to
# video does not say which pass it is in.
CACHING = frozenset(
    {
        "WanPipeline",
        "WanImageToVideoPipeline",
        "LTXPipeline",
        "LTXImageToVideoPipeline",
        "LTXConditionPipeline",
        "CogVideoXPipeline",
        "CogVideoXImageToVideoPipeline",
        "CogVideoXVideoToVideoPipeline",
    }
)

DEFAULTS: dict[str, Any] = {
    "width": 480,
    "height": 832,
    "frames": 81,  # the most at once; longer clips go on from the last picture, window by window
    "fps": 16,
    "steps": 30,
    "guidance": 5.0,
    "strength": 0.7,  # how much a clip is changed by the words (edit, remix)
    "dtype": "auto",  # auto, float32, float16, bfloat16. auto: bfloat16 on a GPU that has units for it
    "offload": "auto",  # auto, none, model, sequential: with a GPU only. auto: by what of it is free
    "cache": 0.0,  # how much two steps may differ before the second is computed in full; 0: each is
    "tiling": True,
    "compile": False,  # true, or the name of a torch.compile backend
    "model": "",  # its row in catalogue.toml, where the folder's name does not say it
    "lora": [],  # files of this folder, or paths, with ":0.8" for their strength
}


class BadFolder(Exception):
    """No pipeline there, or a wishes file that is no JSON."""


def place_of(name: str) -> Path:
    """The folder of a pipeline: a path, or the snapshot of a hub id that this host has fetched before."""
    path = Path(name)
    if path.is_dir() or name.count("/") != 1 or name.startswith((".", "/")):
        return path
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(name, "model_index.json")
    return Path(found).parent if isinstance(found, str) else path


def class_of(folder: Path) -> str:
    """The pipeline class in a folder. Raises `BadFolder`."""
    try:
        return str(_index(folder)["_class_name"])
    except KeyError as error:
        raise BadFolder(f"{folder} holds no pipeline") from error


def _index(folder: Path) -> dict[str, Any]:
    try:
        index = json.loads((folder / "model_index.json").read_text())
    except (OSError, ValueError) as error:
        raise BadFolder(f"{folder} holds no pipeline") from error
    if not isinstance(index, dict):
        raise BadFolder(f"{folder} holds no pipeline")
    return index


def family_at(folder: Path) -> Family:
    """What the pipeline in a folder does. Raises `BadFolder`.

    Wan 2.2 comes in two shapes of the classes of 2.1: two networks, one for each half of the steps, and a
    small one that takes words or a first picture (`expand_timesteps`).
    """
    family, index = family_of(class_of(folder)), _index(folder)
    ways = dict(family.ways)
    if any(index.get("transformer_2") or ()):
        ways = {verb: way for verb, way in ways.items() if way.pipeline != "WanVideoToVideoPipeline"}
    if index.get("expand_timesteps") and "WanPipeline" in {way.pipeline for way in ways.values()}:
        ways |= _SMALL
    return replace(family, ways=ways)


def family_of(class_name: str) -> Family:
    """What a class does; one that we do not know is asked for words alone."""
    return FAMILIES.get(class_name) or Family(class_name, _all(class_name, "words", Verb.TEXT))


def wishes_of(folder: Path) -> dict[str, Any]:
    """The operator's numbers (`understudy.json`) over the defaults. Raises `BadFolder`."""
    path = folder / "understudy.json"
    try:
        own = json.loads(path.read_text()) if path.exists() else {}
    except ValueError as error:
        raise BadFolder(f"{path} is no JSON") from error
    return DEFAULTS | {name: own[name] for name in DEFAULTS if name in own}
