"""Invents plans: who does what where, as varied as the vocabularies allow, and sensible."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from random import Random
from typing import Any

from model.scene import tracks as T
from model.scene.actions import STILL
from model.scene.bodies import GAITS
from model.scene.things import CARRIED, WITH_PROP

PROP_OF = {
    "toss": ("ball",),
    "bounce": ("ball",),
    "kick": ("ball",),
    "balloon": ("balloon",),
    "boat": ("boat",),
    "skateboard": ("skateboard",),
    "bicycle": ("bicycle",),
    "kite": ("kite",),
    "chase": ("dog", "cat"),
    "guitar": ("guitar",),
    "drum": ("drum",),
    "read": ("book",),
    "drink": ("cup",),
    "selfie": ("phone",),
    "show": ("product", "gift", "cake", "sign", "product"),
    "hoop": ("hoop",),
    "catch": ("ball",),
    "give": ("gift", "flower", "product", "cake"),
}
PLACED = {
    "boat": "ridden",
    "skateboard": "ridden",
    "bicycle": "ridden",
    "hoop": "worn",
    "guitar": "worn",
    "chase": "beside",
    "kite": "air",
    "balloon": "held",
    "bounce": "ground",
    "drum": "ground",
}
AMBIENT = (
    "dog",
    "cat",
    "bird",
    "butterfly",
    "fish",
    "snowman",
    "chair",
    "balloon",
    "suitcase",
    "drum",
    "cake",
    "lantern",
    "gift",
    "ball",
    "product",
    "sign",
)
AMBIENT_PLACED = {
    "dog": "beside",
    "cat": "beside",
    "bird": "air",
    "butterfly": "air",
    "fish": "air",
    "balloon": "air",
    "product": "stand",
    "cake": "stand",
}
HANDS_FREE = frozenset({"stand", "talk", "walk", "sneak", "march", "sit", "run", "skip", "spin", "squat"})
STILL_NAMES, GOING = tuple(STILL), tuple(GAITS)
ALONE_WITH = tuple(WITH_PROP)
TRAVELS = T.TRAVELLING | {"skateboard", "bicycle", "boat"}
GROUP_STILL = tuple(a for a in STILL_NAMES if a not in ("fly", "swim", "sleep", "cartwheel"))
NEEDS_GROUND = TRAVELS - {"boat"}


MEN = frozenset({"man", "boy", "grandfather"})
# what is usual where the prompt says nothing; everything stays possible
HAIR_ODDS = {
    True: (8, 1, 0.5, 3, 2, 0.5, 0.7, 1.2, 3, 0.5),
    False: (2, 5, 4, 3, 2, 4, 3, 0.3, 0.5, 3),
}  # short long bob curly afro ponytail bun bald spiky braids
ACCESSORY_ODDS = {
    True: (12, 1.3, 1, 1.3, 1, 1, 1, 1, 0.5, 0.2, 1.5, 0.5),
    False: (12, 1.3, 1, 1, 1.3, 1.3, 1, 1, 0.7, 1.5, 0.1, 0.5),
}  # none glasses sunglasses cap hat scarf headphones backpack crown bow beard helmet


def _outfit(r: Random, kind: str) -> str:
    odds = dict.fromkeys(T.OUTFITS, 1.0) | ({"dress": 0.05} if kind in MEN else {})
    return r.choices(T.OUTFITS, [odds[o] for o in T.OUTFITS])[0]


def held_out(place: str, action: str) -> bool:
    """Combinations that training never sees: evaluation asks for exactly these."""
    return (T.PLACES.index(place) * 5 + T.ACTIONS.index(action) * 3) % 11 == 0


def fits(place: str, action: str) -> bool:
    """Can this be done there?"""
    if action == "boat":
        return place in ("beach", "lake", "moon", "harbour", "temple")
    if place == "underwater":
        return action not in NEEDS_GROUND and action not in ("kite", "bounce")
    return action != "swim" or place in ("underwater", "lake", "beach", "moon")


def _person(r: Random, like: T.PersonPlan | None = None) -> T.PersonPlan:
    kind = r.choices(T.KINDS, (6, 6, 3, 3, 2, 2, 2.5, 1.5, 1.5, 1.5, 1.5, 1.5))[0]
    while like is not None and abs(T.BODY_SCALE[kind] - T.BODY_SCALE[like.kind]) > 0.13:
        kind = r.choice(T.KINDS)
    old = kind.startswith("grand")
    hair_colour = (
        r.choice(("grey", "white")) if old else r.choices(T.HAIR_COLOURS, (5, 5, 3, 2, 1, 0.5, 1, 1))[0]
    )
    return T.PersonPlan(
        kind=kind,
        outfit=_outfit(r, kind),
        top=r.choice(T.COLOURS),
        bottom=r.choice(T.COLOURS),
        hair=r.choices(T.HAIRS, HAIR_ODDS[kind in MEN])[0],
        hair_colour=hair_colour,
        skin=r.choice(T.SKINS),
        accessory=r.choices(T.ACCESSORIES, ACCESSORY_ODDS[kind in MEN])[0],
        mood=r.choices(T.MOODS, (3, 4, 1, 1, 1, 1))[0],
        facing=r.choice((-1, 1)),
        energy=r.choices((-1.0, 0.0, 1.0), (1, 3, 1))[0],
        height=round(r.gauss(1, 0.025), 3),
    )


def _place(r: Random, action: str, wanted: bool) -> str:
    possible = [p for p in T.PLACES if fits(p, action)]
    match = [p for p in possible if held_out(p, action) == wanted]
    return r.choice(match or possible)


def _camera(r: Random, action: str) -> str:
    if action in TRAVELS:
        return r.choices(("follow", "zoom_in", "zoom_out", "handheld", "crane"), (6, 1, 1, 1, 1))[0]
    return r.choices(T.CAMERAS, (4, 1.5, 2, 2, 0, 1.5, 1.5, 1.5))[0]


def _world(r: Random, action: str, wanted: bool) -> T.WorldPlan:
    place = _place(r, action, wanted)
    sheltered = place in T.INDOORS or place in ("moon", "underwater")
    weather = (
        "clear" if sheltered and r.random() < 0.75 else r.choices(T.WEATHERS, (4, 2, 2, 1.5, 1.5, 1.2))[0]
    )
    time = r.choices(T.TIMES, (4, 3, 3, 2))[0]
    return T.WorldPlan(
        place, time, weather, _camera(r, action), r.choices(T.STYLES, (5, 1, 1, 1, 1, 1, 1, 1))[0]
    )


def _then(r: Random, action: str, place: str, likely: float) -> tuple[str, int]:
    """A second action and the key frame where it begins, or nothing."""
    if action not in STILL_NAMES + GOING or r.random() > likely:
        return T.NO_ACTION, T.N
    other = r.choice([a for a in STILL_NAMES + GOING if a != action and fits(place, a)])
    return other, T.S * r.randint(4, T.K - 4)


HARD = (
    "bounce", "bounce", "bounce", "toss", "kick", "jump", "backflip", "going",
    "story", "story", "story", "crowd", "crowd", "crowd", "crowd",
)  # fmt: skip


def invent(r: Random, wanted_held_out: bool = False, hard: str | None = None) -> T.Plan:
    """A plan. The pair (place, first action) is held out exactly if asked for, where one exists.

    `hard`: one of HARD, what is difficult to learn and rare by chance; training asks for it."""
    company = r.choices(
        ("still", "going", "prop", "pair", "two", "walkers", "three"), (30, 11, 24, 15, 10, 4, 5)
    )[0]
    if hard is not None:
        company = {
            "story": r.choice(("still", "still", "going", "two")),
            "crowd": r.choice(("two", "three", "three", "walkers", "pair")),
            "going": "going",
        }.get(hard, "prop" if hard in WITH_PROP else "still")
    first = _person(r)
    asked = hard if hard in T.ACTIONS else None
    action = {
        "still": lambda: asked or r.choice(STILL_NAMES),
        "going": lambda: r.choice(GOING),
        "prop": lambda: asked or r.choice(ALONE_WITH),
        "pair": lambda: r.choice(sorted(T.PAIRED)),
        "two": lambda: r.choice(GROUP_STILL),
        "walkers": lambda: r.choice(GOING),
        "three": lambda: r.choice(GROUP_STILL + GOING[:1]),
    }[company]()
    world = _world(r, action, wanted_held_out)
    people = [first]
    first.action = action
    if company in ("pair", "walkers") or (company == "three" and action in GOING):
        people.append(_person(r, first))
    elif company in ("two", "three"):
        people.append(_person(r))
    if company == "three":
        people.append(_person(r, first if action in GOING else None))
    going = action in TRAVELS
    for other in people[1:]:
        together = company in ("pair", "walkers") or going or r.random() < 0.35
        other.action = action if together else r.choice([a for a in GROUP_STILL if fits(world.place, a)])
        other.energy = first.energy if together else other.energy
        other.facing = first.facing if going else other.facing
    if company == "pair" and action != "race":
        first.facing, people[1].facing = 1, -1
    if company in ("still", "going", "two"):
        for person in people:
            if not (going and len(people) > 1):
                likely = 1.0 if hard == "story" else 0.22
                person.then, person.switch = _then(r, person.action, world.place, likely)
    return T.Plan(world, people, _props(r, action, people))


def _props(r: Random, action: str, people: list[T.PersonPlan]) -> list[T.PropPlan]:
    props = []
    if action in PROP_OF:
        kind = r.choice(PROP_OF[action])
        placed = PLACED.get(action, "held")
        if action == "show" and kind == "product" and r.random() < 0.5:
            placed = "stand"
        props.append(T.PropPlan(kind, r.choice(T.COLOURS), placed, 0))
    for i, person in enumerate(people):
        free = person.action in HANDS_FREE and person.then == T.NO_ACTION
        if free and len(props) < 2 and r.random() < (0.45 if len(people) == 1 else 0.25):
            props.append(T.PropPlan(r.choice(tuple(CARRIED)), r.choice(T.COLOURS), "carried", i))
    chance = 0.25 if len(people) < 3 else 0.1
    while len(props) < T.MAX_PROPS and r.random() < chance:
        kind = r.choice([k for k in AMBIENT if k not in [p.kind for p in props]])
        going = people[0].action in TRAVELS or people[0].then in TRAVELS
        if going and kind not in ("dog", "cat", "bird", "butterfly", "balloon"):
            kind = "dog" if "dog" not in [p.kind for p in props] else "bird"
            if kind in [p.kind for p in props]:
                break
        props.append(T.PropPlan(kind, r.choice(T.COLOURS), AMBIENT_PLACED.get(kind, "ground"), T.NOBODY))
        chance *= 0.5
    return props


def mend(plan: T.Plan) -> T.Plan:
    """The nearest plan that can be played, after sampling or editing: a pair action needs two, a
    thing-action its thing in the first place, and nobody drops in what the place does not allow."""
    people = [replace(p) for p in plan.people[: T.MAX_PEOPLE]] or [T.PersonPlan()]
    props = [replace(p) for p in plan.props]
    first = people[0]
    if first.action in T.PAIRED and len(people) == 1:
        people.append(
            T.PersonPlan(
                kind="man" if first.kind != "man" else "woman", top="green", action=first.action, facing=-1
            )
        )
    if first.action in T.PAIRED or (first.action in TRAVELS and len(people) > 1):
        for other in people[1:]:
            other.action, other.energy = first.action, first.energy
            other.facing = -first.facing if first.action in T.PAIRED - {"race"} else first.facing
    for person in people[1:]:
        if first.action not in T.PAIRED and person.action in T.PAIRED:
            person.action = first.action
    for person in people:
        if person.then not in STILL_NAMES + GOING or person.action not in STILL_NAMES + GOING:
            person.then, person.switch = T.NO_ACTION, T.N
    for person in people:
        wanted = PROP_OF.get(person.action)
        if not wanted:
            continue
        index = people.index(person)
        at = next((i for i, p in enumerate(props) if p.kind in wanted), None)
        thing = props.pop(at) if at is not None else T.PropPlan(wanted[0])
        if person.action == "show" and thing.placement not in ("held", "stand"):
            thing.placement = "held"
        if person.action != "show":
            thing.placement = PLACED.get(person.action, "held")
        thing.owner = 0 if person.action in T.PAIRED else index
        props.insert(0, thing)
        break
    for i, thing in enumerate(props):
        own = i == 0 and any(thing.kind in PROP_OF.get(p.action, ()) for p in people)
        if own:
            continue
        thing.owner = thing.owner if thing.owner < len(people) else T.NOBODY
        if thing.kind == "product" and thing.placement == "worn" and thing.owner != T.NOBODY:
            continue  # a print on somebody's chest
        if thing.placement == "carried" and (thing.owner == T.NOBODY or thing.kind not in CARRIED):
            thing.owner, thing.placement = T.NOBODY, "ground"
        if thing.owner == T.NOBODY or thing.placement != "carried":
            thing.owner, thing.placement = T.NOBODY, AMBIENT_PLACED.get(thing.kind, "ground")
    return T.Plan(replace(plan.world), people, props[: T.MAX_PROPS])


class NotAPlan(ValueError):
    """A plan from outside that does not fit; `where` names the field."""

    def __init__(self, where: str, detail: str) -> None:
        super().__init__(f"{where}: {detail}")
        self.where = where


_WORDS = {
    "place": T.PLACES,
    "time": T.TIMES,
    "weather": T.WEATHERS,
    "camera": T.CAMERAS,
    "style": T.STYLES,
    "outfit": T.OUTFITS,
    "top": T.COLOURS,
    "bottom": T.COLOURS,
    "colour": T.COLOURS,
    "hair": T.HAIRS,
    "hair_colour": T.HAIR_COLOURS,
    "skin": T.SKINS,
    "accessory": T.ACCESSORIES,
    "mood": T.MOODS,
    "action": T.ACTIONS,
    "then": (T.NO_ACTION, *T.ACTIONS),
    "placement": T.PLACEMENTS,
}
_NUMBERS = {
    "switch": (0, 10**6),  # a long clip, or one extended backwards, switches later than in the base window
    "facing": (-1, 1),
    "energy": (-1, 1),
    "height": (0.8, 1.2),
    "owner": (0, T.NOBODY),
}


def to_dict(plan: T.Plan) -> dict:
    """A plan as JSON-ready data."""
    return asdict(plan)


def from_dict(data: object) -> T.Plan:
    """A plan from JSON that anybody may have written. Raises NotAPlan naming the field."""
    if (
        not isinstance(data, dict)
        or not isinstance(data.get("people"), list)
        or not 1 <= len(data["people"]) <= T.MAX_PEOPLE
    ):
        raise NotAPlan("people", f"a plan has 1 to {T.MAX_PEOPLE} people")
    props = data.get("props", [])
    if not isinstance(props, list) or len(props) > T.MAX_PROPS:
        raise NotAPlan("props", f"a plan has at most {T.MAX_PROPS} things")
    return T.Plan(
        _row(T.WorldPlan, data.get("world", {}), "world", {}),
        [_row(T.PersonPlan, p, f"people.{i}", {"kind": T.KINDS}) for i, p in enumerate(data["people"])],
        [_row(T.PropPlan, p, f"props.{i}", {"kind": T.PROPS}) for i, p in enumerate(props)],
    )


def _row(cls: type, data: object, where: str, kinds: dict) -> Any:
    if not isinstance(data, dict):
        raise NotAPlan(where, "is not an object")
    known = {f.name for f in fields(cls)}
    for name, value in data.items():
        if name not in known:
            raise NotAPlan(f"{where}.{name}", "no such field")
        if name in _NUMBERS:
            low, high = _NUMBERS[name]
            if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
                raise NotAPlan(f"{where}.{name}", f"a number from {low} to {high}")
        elif value not in (kinds.get(name) or _WORDS[name]):
            raise NotAPlan(f"{where}.{name}", f"{value!r} is not a word of this world")
    return cls(**data)
