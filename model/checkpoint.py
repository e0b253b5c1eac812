"""Weights on disk: safetensors beside a JSON config. Pickles are not opened.

Writing is atomic (a temporary file, then a rename): killed at any moment, the old pair stands."""

from __future__ import annotations

import json
import os
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor

from model.config import Config
from model.scene import words
from model.transformer import Transformer


class BadCheckpoint(Exception):
    """A weights file that cannot be used; `reason` is one of the names below."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason


MISSING, NOT_SAFETENSORS, TRUNCATED, OTHER_CONFIG, NOT_FINITE = (
    "missing", "not_safetensors", "truncated", "other_config", "not_finite",
)  # fmt: skip


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + f".{os.getpid()}.tmp")
    with open(temporary, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def save(path: Path, tensors: dict[str, Tensor], about: dict) -> None:
    """Writes `path` (.safetensors) and its .json. `about` travels inside the tensors' header too,
    so that the pair cannot disagree unnoticed."""
    text = json.dumps(about, sort_keys=True)
    _write(
        path, save_tensors({k: v.detach().contiguous().clone() for k, v in tensors.items()}, {"about": text})
    )
    _write(path.with_suffix(".json"), (json.dumps(about, indent=1, sort_keys=True) + "\n").encode())


def load(path: Path) -> tuple[dict[str, Tensor], dict]:
    """(tensors, about). Raises BadCheckpoint with a named reason."""
    path = Path(path)
    beside = path.with_suffix(".json")
    if not path.is_file() or not beside.is_file():
        raise BadCheckpoint(MISSING, f"{path} or its {beside.name} is not there")
    data = path.read_bytes()
    if path.suffix != ".safetensors" or data[8:9] not in (b"{", b""):  # after the header's length, JSON
        raise BadCheckpoint(NOT_SAFETENSORS, f"{path.name} is no safetensors file; pickles are not opened")
    try:
        tensors = load_tensors(data)
        about = _about(data, json.loads(beside.read_text()))
    except (SafetensorError, ValueError) as error:
        raise BadCheckpoint(TRUNCATED, f"{path.name}: {error}") from error
    for name, value in tensors.items():
        if value.is_floating_point() and not bool(torch.isfinite(value).all()):
            raise BadCheckpoint(NOT_FINITE, f"{name} in {path.name} holds NaN or infinity")
    return tensors, about


def _about(data: bytes, beside: dict) -> dict:
    """What stands beside the weights; or, where a kill between two writes left an older text of the same
    network there, what the weights carry themselves."""
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    own: dict = json.loads(header.get("__metadata__", {}).get("about", "{}"))
    return own if own and own.get("config") == beside.get("config") else beside


def load_network(path: Path) -> tuple[Transformer, dict]:
    """The network that the config beside the weights describes, in eval mode.

    A lexicon that has grown since training is fine as long as the old concepts keep their order:
    new words for old concepts need no weights. Anything else is OTHER_CONFIG."""
    tensors, about = load(path)
    try:
        config = Config.from_dict(about["config"])
        concepts = tuple(about["concepts"])
        if not all(
            isinstance(n, int) and n > 0 for n in (config.width, config.depth, config.heads, config.tracks)
        ):
            raise TypeError("sizes are whole numbers")
    except (KeyError, TypeError) as error:
        raise BadCheckpoint(OTHER_CONFIG, f"{path}: no readable config ({error})") from error
    if not _fits(config, tensors):
        raise BadCheckpoint(OTHER_CONFIG, f"{path}: the config describes another network")
    if concepts != words.CONCEPTS[: len(concepts)] or config.vocabulary != len(concepts):
        raise BadCheckpoint(OTHER_CONFIG, f"{path}: trained on other concepts")
    network = Transformer(config)
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        raise BadCheckpoint(OTHER_CONFIG, f"{path}: {error}") from error
    return network.eval(), about


def _fits(config: Config, tensors: dict[str, Tensor]) -> bool:
    """Whether tensors may be of this config, asked before a network is built: a config from elsewhere must
    not decide how much memory is taken."""
    blocks = {name.split(".")[1] for name in tensors if name.startswith("blocks.")}
    table, places = tensors.get("word.weight"), tensors.get("slot.weight")
    if table is None or places is None or config.depth != len(blocks):
        return False
    sizes = (tuple(table.shape), tuple(places.shape)) == (
        (config.vocabulary, config.width),
        (config.positions, config.width),
    )
    up = tensors.get("blocks.0.up.weight")
    return sizes and (up is None or len(up) == config.mlp_ratio * config.width)


def describe(network: Transformer, **figures: object) -> dict:
    """What goes into the JSON beside the weights."""
    return {"config": network.config.to_dict(), "concepts": list(words.CONCEPTS), **figures}
