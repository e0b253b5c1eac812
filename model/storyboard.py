"""Several shots of one story: the same people, a sentence a shot, and each shot again without the others.

People, their looks and the style are those of the first shot. A shot that shows the same people in the same
place begins with the last key frames of the one before it (continuity); else it fades in, or is cut to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from model.directing import FADE, Director, _kept_things, _names_world, _same_people, _span
from model.scene import tracks as T
from model.scene.plans import mend
from model.scene.reel import Reel, Shot

GO_ON, CUT, BLEND = "", "cut", "fade"  # how a shot begins


class OtherShots(ValueError):
    """A clip that was not made from these shots."""


@dataclass(frozen=True)
class Asked:
    """One shot. `who`: keys of those cast who are in it (None: everybody). `camera`: a word of the world, ""
    for what the words say. `begin`: GO_ON where it can (else BLEND), CUT or BLEND. `seed`: its own."""

    prompt: str
    seconds: float
    who: tuple[str, ...] | None = None
    camera: str = ""
    begin: str = GO_ON
    seed: int | None = None


def shoot(director: Director, shots: Sequence[Asked]) -> Reel:
    """All shots, one after another."""
    reel: list[Shot] = []
    for turn, asked in enumerate(shots):
        plan, who = _planned(director, asked, turn, reel)
        reel.append(_next(director, asked, turn, plan, who, reel[-1] if reel else None))
    return Reel(reel)


def retake(
    director: Director,
    reel: Reel,
    shots: Sequence[Asked],
    index: int,
    *,
    new_words: bool,
    new_cast: bool = False,
) -> Reel:
    """Shot `index` with its new seed (and words, where they changed); the others as they are. Who is in it
    stays, unless its cast was asked for anew. Shots that go on from it are drawn on from its new end, with
    their own plans. Raises `OtherShots` where clip and shots are not the same number."""
    if len(reel.shots) != len(shots) or not 0 <= index < len(shots):
        raise OtherShots(f"{len(reel.shots)} shots, {len(shots)} asked for, {index} again")
    out: list[Shot] = []
    changed = False
    for turn, (asked, old) in enumerate(zip(shots, reel.shots, strict=True)):
        before = out[-1] if out else None
        if turn == index:
            plan, who = old.scene.plan, old.who
            if new_words:
                wanted = asked if new_cast else _with_those_there(asked, old)
                plan, who = _planned(director, wanted, turn, out, opening=reel.shots[0])
            plan = replace(plan, world=_filmed(plan.world, asked.camera))
            out.append(_next(director, asked, turn, plan, who, before))
            changed = True
        elif changed and before is not None and _goes_on(asked, old.scene.plan, old.who, before):
            out.append(_next(director, asked, turn, old.scene.plan, old.who, before))
        else:
            out.append(replace(old))
            changed = False
    return Reel(out)


def _with_those_there(asked: Asked, old: Shot) -> Asked:
    """Boards from before shots said who is in them show people in shots that name nobody."""
    there = tuple(key for key in old.who if key)
    return replace(asked, who=there) if asked.who == () and there else asked


def _planned(
    director: Director, asked: Asked, turn: int, reel: Sequence[Shot], opening: Shot | None = None
) -> tuple[T.Plan, list[str]]:
    """Who does what and where; people and style are locked to the opening shot (the first of `reel`, or the
    one that a first shot had before)."""
    first = reel[0] if reel else opening
    drawn = director.native.cast(asked.prompt, _seed(director, asked, turn))
    if first is None:
        plan, who = _cast(director, asked, drawn, [])
        return replace(plan, world=_filmed(plan.world, asked.camera)), who
    last = reel[-1] if reel else first
    world = drawn.world if _names_world(asked.prompt) else last.scene.plan.world
    world = _filmed(replace(world, style=first.scene.plan.world.style), asked.camera)
    there = [
        (person, key)
        for person, key in zip(first.scene.plan.people, first.who, strict=True)
        if not key or asked.who is None or key in asked.who
    ] or [(first.scene.plan.people[0], "")]
    people = _same_people([person for person, _key in there], drawn.people, asked.prompt)
    plan = mend(T.Plan(world, people, drawn.props or _kept_things(first.scene.plan, people)))
    return _cast(director, asked, plan, [key for _person, key in there][: len(plan.people)])


def _cast(director: Director, asked: Asked, plan: T.Plan, who: list[str]) -> tuple[T.Plan, list[str]]:
    roles = [role for role in director.roles if asked.who is None or role.key in asked.who]
    only = Director(director.native, director.seed, roles)
    return only._cast_in(plan, who)


def _next(
    director: Director, asked: Asked, turn: int, plan: T.Plan, who: list[str], before: Shot | None
) -> Shot:
    seed = _seed(director, asked, turn)
    if before is not None and _goes_on(asked, plan, who, before):
        last = before.scene
        scene = director._onwards(last, last.frames - T.S, plan, asked.seconds + T.S / T.FPS, seed)
        return Shot(_span(scene, T.S, scene.frames), who)
    fade = 0 if before is None or asked.begin == CUT else FADE
    # A fade lies over the end of the shot before: it is drawn longer by it, so that lengths add up.
    return Shot(director.native.motion(plan, asked.seconds + fade / T.FPS, seed), who, fade)


def _goes_on(asked: Asked, plan: T.Plan, who: Sequence[str], before: Shot) -> bool:
    there = before.scene.plan.world
    return (
        asked.begin == GO_ON and replace(plan.world, camera=there.camera) == there and list(who) == before.who
    )


def _filmed(world: T.WorldPlan, camera: str) -> T.WorldPlan:
    return replace(world, camera=camera) if camera else world


def _seed(director: Director, asked: Asked, turn: int) -> int:
    return director.seed + turn if asked.seed is None else asked.seed
