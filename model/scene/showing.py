"""A product that a clip has to show: into the plan it goes on a stand or into a free hand; a worn one is a
print on somebody's chest.

What is worn has no movement of its own, so it is sampled as if it stood beside and put on afterwards."""

from __future__ import annotations

from dataclasses import replace

from model.scene import tracks as T
from model.scene.plans import HANDS_FREE, PROP_OF, mend
from model.scene.reel import Reel, Shot

STAND, HELD, WORN = WAYS = ("stand", "held", "worn")
KIND = "product"


def placed(plan: T.Plan, way: str) -> T.Plan:
    """The plan with one product in it, first among its things. Held where somebody has a hand for it;
    otherwise, and to be worn, on a stand."""
    rest = [thing for thing in plan.props if thing.kind != KIND]
    there = next((thing for thing in plan.props if thing.kind == KIND), T.PropPlan(KIND, "yellow"))
    shows = next((i for i, p in enumerate(plan.people) if KIND in PROP_OF.get(p.action, ())), None)
    free = next((i for i, p in enumerate(plan.people) if _has_a_hand(plan, i, p)), None)
    if shows is not None and plan.people[shows].action == "show":
        thing = replace(there, placement=HELD if way == HELD else STAND, owner=shows)
        rest = [other for other in rest if other.kind not in PROP_OF["show"]]
    elif shows is not None:  # it is given away: it has to be in a hand
        thing = replace(there, placement=HELD, owner=shows)
    elif way == HELD and free is not None:
        thing = replace(there, placement="carried", owner=free)
    else:
        thing = replace(there, placement=STAND, owner=T.NOBODY)
    own = [other for other in rest if other.owner != T.NOBODY and other.placement != "carried"]
    more = [other for other in rest if other not in own]
    things = [thing, *own, *more] if shows is not None else [*own, thing, *more]
    return mend(replace(plan, props=things[: T.MAX_PROPS]))


def _has_a_hand(plan: T.Plan, index: int, person: T.PersonPlan) -> bool:
    carries = any(thing.owner == index and thing.kind != KIND for thing in plan.props)
    return person.action in HANDS_FREE and person.then == T.NO_ACTION and not carries


def put_on(reel: Reel) -> Reel:
    """The same shots with the product on the first person's chest."""
    return Reel([_put_on(shot) for shot in reel.shots])


def _put_on(shot: Shot) -> Shot:
    plan = shot.scene.plan
    props = [replace(q, placement=WORN, owner=0) if q.kind == KIND else q for q in plan.props]
    return replace(shot, scene=replace(shot.scene, plan=replace(plan, props=props)))
