"""Which engines of this host can do something, so that pages offer no more than that."""

from __future__ import annotations

from generation import catalogue
from generation.engines import base as engines
from generation.engines.base import Entry
from generation.models import Clip
from generation.states import Verb


def engines_for(verb: str, *, clip: Clip | None = None, has_layout: bool = False) -> dict[str, Entry]:
    """Those that do the verb, that the operator's licences allow, and that can go on from the clip: the
    native one reads what a clip kept of its scene, the others its pictures."""
    may = {
        name: entry
        for name, entry in engines.entries().items()
        if verb in entry.abilities.verbs
        and (entry.abilities.layout or not has_layout)
        and (clip is None or clip.material_path or not entry.abilities.needs_material)
    }
    return {name: may[name] for name in catalogue.allowed(may)}


def movers() -> list[str]:
    """Those that make what is on somebody's picture move. (One that draws scenes shows it behind them.)"""
    return [name for name, entry in engines_for(Verb.OWN).items() if not entry.abilities.needs_material]


def from_a_picture() -> list[str]:
    """All that make something of a picture: those that move it, those that act before it, those that let a
    camera go over it."""
    first = movers()
    rest = [*engines_for(Verb.OWN), *engines_for(Verb.PAN)]
    return list(dict.fromkeys([*first, *rest]))
