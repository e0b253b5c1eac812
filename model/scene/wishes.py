"""What a prompt asks of people's looks, word by word: "the woman in a red coat", "戴眼镜".

Used where a scene is there already and only what is named may change. No torch.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from model.scene import tracks as T
from model.scene import words

BEARDLESS = frozenset({"woman", "girl", "grandmother", "boy"})


def dressed(plan: T.Plan, prompt: str) -> T.Plan:
    """The plan with the clothes, hair, accessories, moods and thing-colours that the prompt names, on the
    person (or thing) of the kind named just before or after, else on the first one."""
    people, props = list(plan.people), list(plan.props)
    colour, who = "", 0
    for concept in words.known_concepts(prompt):
        section, name = concept.split(":", 1)
        if section == "kind":
            who = _index([person.kind for person in people], name, who)
        elif section == "colour":
            colour = name
        elif section == "prop":
            at = _index([thing.kind for thing in props], name, -1)
            if at >= 0 and colour in T.COLOURS:
                props[at] = replace(props[at], colour=colour)
            colour = ""
        else:
            people[who] = replace(people[who], **_looks(section, name, colour))
            colour = "" if section in ("outfit", "haircolour") else colour
    if colour in T.COLOURS and people:
        people[who] = replace(people[who], top=colour)
    return replace(plan, people=people, props=props)


def shaven(plan: T.Plan, prompt: str) -> T.Plan:
    """The plan without beards on women and girls, unless the prompt names one: the network draws them now and
    then because everything is possible, and nobody asked for it."""
    if "accessory:beard" in words.known_concepts(prompt):
        return plan
    people = [
        replace(p, accessory="none") if p.accessory == "beard" and p.kind in BEARDLESS else p
        for p in plan.people
    ]
    return replace(plan, people=people)


def _looks(section: str, name: str, colour: str) -> dict[str, Any]:
    if section == "outfit" and name in T.OUTFITS:
        return {"outfit": name} | ({"top": colour} if colour in T.COLOURS else {})
    if section == "hair" and name in T.HAIRS:
        return {"hair": name}
    if section == "haircolour" and name in T.HAIR_COLOURS:
        return {"hair_colour": name}
    if section == "accessory" and name in T.ACCESSORIES:
        return {"accessory": name}
    if section == "mood" and name in T.MOODS:
        return {"mood": name}
    return {}


def _index(kinds: list[str], name: str, otherwise: int) -> int:
    return kinds.index(name) if name in kinds else otherwise
