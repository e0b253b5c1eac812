"""Plans <-> static tokens: every word of a vocabulary is a code of +-1 bits, far from all others.

Codes come from a lexicode (greedy, so appending a word never moves another): 16 words at distance 4
in 8 bits, 128 at distance 6 in 16 bits. Reading a token back takes the nearest code."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from model.scene import tracks as T


@cache
def codebook(bits: int) -> np.ndarray:
    """[words, bits] of +-1, in a fixed shuffled order."""
    distance, limit = {8: (4, 16), 16: (6, 128)}[bits]
    chosen: list[int] = []
    for word in range(1 << bits):
        if all((word ^ other).bit_count() >= distance for other in chosen):
            chosen.append(word)
            if len(chosen) == limit:
                break
    order = np.random.default_rng(20).permutation(limit)
    words = np.array(chosen)[order]
    return ((words[:, None] >> np.arange(bits)) & 1) * 2.0 - 1.0


@dataclass(frozen=True)
class Attribute:
    """A static field: a vocabulary in `bits`, or (words empty) one number with its scale and shift."""

    name: str
    words: tuple[str, ...] = ()
    bits: int = 1
    scale: float = 1.0
    shift: float = 0.0


THEN = (T.NO_ACTION, *T.ACTIONS)
OWNERS = ("0", "1", "2", "nobody")
WORLD_STATIC = (
    Attribute("place", T.PLACES, 16),
    Attribute("time", T.TIMES, 8),
    Attribute("weather", T.WEATHERS, 8),
    Attribute("camera", T.CAMERAS, 8),
    Attribute("style", T.STYLES, 8),
)
PERSON_STATIC = (
    Attribute("kind", T.KINDS, 8),
    Attribute("outfit", T.OUTFITS, 8),
    Attribute("top", T.COLOURS, 8),
    Attribute("bottom", T.COLOURS, 8),
    Attribute("hair", T.HAIRS, 8),
    Attribute("hair_colour", T.HAIR_COLOURS, 8),
    Attribute("skin", T.SKINS, 8),
    Attribute("accessory", T.ACCESSORIES, 8),
    Attribute("mood", T.MOODS, 8),
    Attribute("action", T.ACTIONS, 16),
    Attribute("then", THEN, 16),
    Attribute("switch", scale=T.N / 2, shift=T.N / 2),
    Attribute("facing"),
    Attribute("energy"),
    Attribute("height", scale=0.05, shift=1.0),
)
PROP_STATIC = (
    Attribute("kind", T.PROPS, 16),
    Attribute("colour", T.COLOURS, 8),
    Attribute("placement", T.PLACEMENTS, 8),
    Attribute("owner", OWNERS, 8),
)
WS = sum(a.bits for a in WORLD_STATIC)
HS = 1 + sum(a.bits for a in PERSON_STATIC)  # the first number: does this person exist? +-1
QS = 1 + sum(a.bits for a in PROP_STATIC)
ACTION_BITS = 16


def _encode(row: object, attributes: tuple[Attribute, ...]) -> list[float]:
    out: list[float] = []
    for a in attributes:
        value = getattr(row, a.name)
        if not a.words:
            out.append((float(value) - a.shift) / a.scale)
            continue
        if a.name == "owner":
            value = OWNERS[value]
        out.extend(codebook(a.bits)[a.words.index(value)])
    return out


def encode(plan: T.Plan) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Static tokens: world [WS], people [3, HS], props [3, QS]; an absent track is -1 and zeros."""
    people, props = np.zeros((T.MAX_PEOPLE, HS)), np.zeros((T.MAX_PROPS, QS))
    people[:, 0] = props[:, 0] = -1
    for i, person in enumerate(plan.people):
        people[i] = [1.0, *_encode(person, PERSON_STATIC)]
    for q, prop in enumerate(plan.props):
        props[q] = [1.0, *_encode(prop, PROP_STATIC)]
    return np.array(_encode(plan.world, WORLD_STATIC)), people, props


def _decode(token: np.ndarray, attributes: tuple[Attribute, ...]) -> dict:
    out: dict[str, Any] = {}
    at = 0
    for a in attributes:
        part = token[at : at + a.bits]
        at += a.bits
        if a.words:
            out[a.name] = a.words[int((codebook(a.bits)[: len(a.words)] @ part).argmax())]
        else:
            out[a.name] = float(part[0]) * a.scale + a.shift
    return out


def _person(token: np.ndarray) -> T.PersonPlan:
    d = _decode(token[1:], PERSON_STATIC)
    d["switch"] = (
        int(np.clip(round(d["switch"] / T.S) * T.S, T.S, T.N - T.S)) if d["then"] != T.NO_ACTION else T.N
    )
    d["facing"] = 1 if d["facing"] >= 0 else -1
    d["energy"] = float(np.clip(round(d["energy"]), -1, 1))
    d["height"] = round(float(np.clip(d["height"], 0.9, 1.1)), 3)
    return T.PersonPlan(**d)


def decode(world: np.ndarray, people: np.ndarray, props: np.ndarray) -> T.Plan:
    """The plan nearest to sampled static tokens. There is always somebody, tracks close ranks, and
    a thing belongs to a person who exists."""
    cast = [_person(p) for i, p in enumerate(people) if i == 0 or p[0] > 0]
    things = []
    for token in props:
        if token[0] > 0:
            d = _decode(token[1:], PROP_STATIC)
            owner = T.NOBODY if d["owner"] == "nobody" else int(d["owner"])
            d["owner"] = owner if owner < len(cast) else T.NOBODY
            things.append(T.PropPlan(**d))
    return T.Plan(T.WorldPlan(**_decode(world, WORLD_STATIC)), cast, things)


def actions_by_slot(plan: T.Plan, slots: int = T.K) -> np.ndarray:
    """Code of what each person does in each slot [P, slots, ACTION_BITS]."""
    out = np.zeros((len(plan.people), slots, ACTION_BITS))
    for i, person in enumerate(plan.people):
        for k in range(slots):
            later = person.then != T.NO_ACTION and k * T.S >= person.switch
            out[i, k] = codebook(16)[T.ACTIONS.index(person.then if later else person.action)]
    return out
