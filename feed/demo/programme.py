"""The programme: people, their characters, and forty clips with prompt and seed.

The list itself is `programme.json`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LIST: dict[str, Any] = json.loads(Path(__file__).with_name("programme.json").read_text())
DOMAIN = (
    "@demo.example"  # of every address of the demo's people: no mail leaves for it, and nobody real has one
)


@dataclass(frozen=True)
class Owner:
    handle: str
    name: str
    bio: str
    likes: tuple[str, ...]  # topics this person watches to the end


@dataclass(frozen=True)
class Character:
    """A drawn one; `look` are identity fields of the scene alphabet."""

    slug: str
    owner: str
    name: str
    look: dict[str, Any]
    wishes: str = ""


@dataclass(frozen=True)
class Viewer:
    """Watches and likes, so that ranking has something to learn from."""

    handle: str
    name: str
    likes: tuple[str, ...]


@dataclass(frozen=True)
class Scene:
    """One clip. `parent` is the slug that it remixes; seeds are different, and find a clip again."""

    slug: str
    maker: str
    prompt: str
    seed: int
    caption: str
    cast: tuple[str, ...] = ()
    parent: str = ""
    hours_ago: int = 0


INVITE: str = LIST["invite"]  # printed by the run command; its creator is the first owner
MODERATOR = Viewer(likes=(), **LIST["moderator"])
OWNERS = tuple(Owner(**row) for row in LIST["owners"])
CHARACTERS = tuple(Character(**row) for row in LIST["characters"])
AUDIENCE = tuple(Viewer(**row) for row in LIST["audience"])
SCENES = tuple(Scene(**row) for row in LIST["scenes"])
