"""What a prompt plainly asks for, read by rule, to choose between several plans of the network.

The network reads the whole prompt and may slip on one word in twenty; a rule knows little, but can check:
is everybody there, has the coat its colour, is the dog blue? `share` says how much of that a plan
grants. It never writes into a plan. No torch."""

from __future__ import annotations

from dataclasses import dataclass

from model.scene import tracks as T
from model.scene import words
from model.scene.captions import SPEAK

_DOES: dict[str, set[str]] = {action: {action} for action in T.ACTIONS}
for _action, _ways in SPEAK.items():
    for _verb, _ in _ways:
        _DOES.setdefault(_verb, set()).add(_action)
_DOES["throw"] = {"toss", "catch"}
SEVERAL = {"say:two": 2, "say:three": 3}


@dataclass(frozen=True)
class Wish:
    """`field` of person number `who` (None: of anybody; of a thing: its kind) is one of `values`."""

    field: str
    values: frozenset[str]
    who: int | None = None
    kind: str | None = None


@dataclass(frozen=True)
class Wishes:
    """All wishes of a prompt, and how many people it names."""

    wishes: tuple[Wish, ...]
    people: int


def read(prompt: str) -> Wishes:
    """English describes a person after the noun, Chinese before it; both tell the deed after it."""
    said = words.known_concepts(prompt)
    before = words.is_chinese(prompt)
    who, later, out = -1, False, []
    for i, concept in enumerate(said):
        section, name = concept.split(":", 1)
        after = said[i + 1] if i + 1 < len(said) else ":"
        worn = who + 1 if before else max(who, 0)
        if section == "kind":
            who, later = who + 1, False
            if name != "person":
                out.append(_wish("kind", {name}, who))
        elif section == "verb" and name in _DOES:
            out.append(_wish("then" if later else "action", _DOES[name], max(who, 0)))
            later = False
        elif concept == "say:then":
            later = True
        elif section == "prop":
            out.append(_wish("prop", {name}))
        elif section == "colour":
            out += _coloured(name, after, worn)
        elif section in ("outfit", "accessory"):
            out.append(_wish(section, {name}, worn))
        elif section == "hair":
            out.append(_wish("hair", {name}))
        elif section == "haircolour":
            out.append(_wish("hair_colour", {name}))
        elif section == "mood":
            out.append(_wish("mood", {name}))
    named = max([who + 1, *(SEVERAL.get(c, 0) for c in said)])
    return Wishes(tuple(out), named)


def _wish(field: str, values: set[str], who: int | None = None, kind: str | None = None) -> Wish:
    return Wish(field, frozenset(values), who, kind)


def _coloured(colour: str, after: str, who: int) -> list[Wish]:
    """Whose colour it is: of what is named next."""
    section, name = after.split(":", 1)
    if section == "prop":
        return [_wish("colour", {colour}, kind=name)]
    if after == "say:bottom":
        return [_wish("bottom", {colour}, who)]
    if after == "say:hair" or section == "hair":
        return [_wish("hair_colour", {colour})]
    return [_wish("top", {colour}, who)]


def share(plan: T.Plan, asked: Wishes) -> float:
    """Share of the wishes that a plan grants, 0-1; 1 where nothing was asked for."""
    granted = [float(_granted(plan, wish, asked.people)) for wish in asked.wishes]
    pairs = plan.people[0].action in T.PAIRED
    wanted = max(asked.people, 2 if pairs else 1)
    granted += [float(len(plan.people) == wanted)] * 2  # somebody missing or too many is the worst slip
    return sum(granted) / len(granted)


def _granted(plan: T.Plan, wish: Wish, people: int) -> bool:
    if wish.field == "prop":
        return any(q.kind in wish.values for q in plan.props)
    if wish.field == "colour":
        return any(q.kind == wish.kind and q.colour in wish.values for q in plan.props)
    exact = wish.who is not None and wish.who < len(plan.people) == people
    cast = [plan.people[wish.who]] if exact and wish.who is not None else plan.people
    return any(getattr(p, wish.field) in wish.values for p in cast)
