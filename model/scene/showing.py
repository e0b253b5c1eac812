"""A product that a clip has to show: into the plan it goes on a stand or into a free hand; a worn one is a
print on somebody's chest.

What is worn has no movement of its own, so it is sampled as if it stood beside and put on afterwards; a
stand is brought before everybody, so that nobody hides what it is there for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from model.scene import tracks as T
from model.scene.plans import HANDS_FREE, PROP_OF, TRAVELS, mend
from model.scene.reel import Reel, Shot

STAND, HELD, WORN = WAYS = ("stand", "held", "worn")
KIND = "product"
BEFORE = 0.12  # u that a stand is nearer than the nearest person


def placed(plan: T.Plan, way: str) -> T.Plan:
    """The plan with one product in it, first among its things. Held where somebody has a hand for it;
    otherwise, and to be worn, on a stand. Whoever walks carries it: a stand would glide along beside them."""
    rest = [thing for thing in plan.props if thing.kind != KIND]
    there = next((thing for thing in plan.props if thing.kind == KIND), T.PropPlan(KIND, "yellow"))
    shows = next((i for i, p in enumerate(plan.people) if KIND in PROP_OF.get(p.action, ())), None)
    free = next((i for i, p in enumerate(plan.people) if _has_a_hand(plan, i, p)), None)
    if shows is not None and plan.people[shows].action == "show":
        thing = replace(there, placement=HELD if way == HELD else STAND, owner=shows)
        rest = [other for other in rest if other.kind not in PROP_OF["show"]]
    elif shows is not None:  # it is given away: it has to be in a hand
        thing = replace(there, placement=HELD, owner=shows)
    elif free is not None and (way == HELD or (way == STAND and plan.people[free].action in TRAVELS)):
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


def arranged(reel: Reel, way: str) -> Reel:
    """The same shots with the product on the first person's chest, or its stand before everybody."""
    return Reel([_put_on(shot) if way == WORN else _before_all(shot) for shot in reel.shots])


def _before_all(shot: Shot) -> Shot:
    scene = shot.scene
    on_stand = [j for j, q in enumerate(scene.plan.props) if q.kind == KIND and q.placement == STAND]
    if not on_stand:
        return shot
    props = scene.props.copy()
    nearest = scene.people[..., T.H["z"]].min(0)  # N
    props[on_stand, :, T.Q["z"]] = np.minimum(props[on_stand, :, T.Q["z"]], nearest - BEFORE)
    return replace(shot, scene=replace(scene, props=props))


def _put_on(shot: Shot) -> Shot:
    plan = shot.scene.plan
    props = [replace(q, placement=WORN, owner=0) if q.kind == KIND else q for q in plan.props]
    return replace(shot, scene=replace(shot.scene, plan=replace(plan, props=props)))
