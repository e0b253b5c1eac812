"""Every verb as a person asks for it: words, clips and people in, a clip's shots out.

`generate.Native` samples windows of one scene; a `Director` decides which windows a wish needs, keeps track
of who plays whom, and makes several shots where one scene cannot hold what was asked (two clips with other
places or other people, a storyboard, a thing that appears). Letters as in `scene/tracks.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from model import flow, generate, verbs
from model.scene import layouts, showing, wishes, words
from model.scene import tracks as T
from model.scene.cuts import at_end, joined
from model.scene.layouts import Mark
from model.scene.plans import PROP_OF, mend
from model.scene.reel import Reel, Shot, one
from model.scene.steady import steady

FADE = 8  # key frames in which one look gives way to the next
MEET = 15  # key frames that each side goes on when two clips with other casts meet
LONGEST = 120 * T.FPS


@dataclass(frozen=True)
class Role:
    """Somebody cast: the key that clips keep, and the fields of a drawn character (none for a real face)."""

    key: str
    looks: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Picture:
    """A moment of a clip: key frame `frame` of `shot`, to be passed at `second`."""

    shot: Shot
    frame: int
    second: float = 0.0


class Watched(generate.Native):
    """The same network, telling each step of every window that it samples, and stopping when asked.
    `product`: how a product is shown in every plan that it draws (`scene/showing.py`); None: not at all."""

    def __init__(
        self,
        native: generate.Native,
        on_step: flow.Step | None,
        should_stop: Callable[[], bool] | None,
        product: str | None = None,
    ) -> None:
        super().__init__(native.network, native.about, native.mended)
        self.done, self.tell, self.stop, self.product = 0, on_step, should_stop, product

    def cast(self, *args: Any, **kwargs: Any) -> T.Plan:
        plan = super().cast(*args, **kwargs)
        return plan if self.product is None else showing.placed(plan, self.product)

    def samples(self, *args: Any, **kwargs: Any) -> list[T.Scene]:
        kwargs = {**kwargs, "on_step": self._step, "should_stop": self.stop}
        return super().samples(*args[:3], **kwargs)

    def _step(self, step: int, steps: int) -> None:
        self.done += 1
        if self.tell is not None:
            self.tell(self.done, self.done)


class Director:
    """One wish: the engine, a seed, and the people cast in it."""

    def __init__(self, native: generate.Native, seed: int, roles: Sequence[Role] = ()) -> None:
        self.native, self.seed, self.roles = native, seed, list(roles)

    # ---- from words

    def text(self, prompt: str, seconds: float) -> Reel:
        plan, who = self._cast_in(self.native.cast(prompt, self.seed), [])
        return one(self.native.motion(plan, seconds, self.seed), who)

    def layout(self, prompt: str, seconds: float, marks: Sequence[Mark], aspect: float) -> Reel:
        """The words, begun from a drawn layout: everybody who was placed is there, in their place, in the
        first slot. `aspect` is the picture's width / height."""
        plan, who = self._cast_in(layouts.peopled(self.native.cast(prompt, self.seed), marks), [])
        start = layouts.drawn(plan, marks, aspect, self.seed)
        return one(self._onwards(start, 0, start.plan, seconds, self.seed), who)

    def still(self, prompt: str) -> Reel:
        """One key frame: a picture."""
        plan, who = self._cast_in(self.native.cast(prompt, self.seed), [])
        return one(self.native.still(plan, self.seed), who)

    # ---- from a moment of a clip

    def image(self, picture: Picture, prompt: str, seconds: float) -> Reel:
        """Begins with this picture."""
        plan, who = self._wished(picture.shot, prompt)
        return one(self._onwards(picture.shot.scene, picture.frame, plan, seconds, self.seed), who)

    def last(self, picture: Picture, prompt: str, seconds: float) -> Reel:
        """Ends with this picture."""
        plan, who = self._wished(picture.shot, prompt)
        scene, loose = aligned(picture.shot.scene, plan)
        task = replace(verbs.last(_settled(plan), scene, picture.frame), loose=loose)
        out = steady(replace(self.native.sample(task, self.seed), seed=scene.seed))
        if seconds > out.seconds:
            out = self.native.extend(out, seconds - out.seconds, self.seed, backwards=True)
        return one(_span(out, out.frames - round(seconds * T.FPS), out.frames), who)

    def keyframes(self, pictures: Sequence[Picture], prompt: str, seconds: float) -> Reel:
        """Passes through the pictures at their moments; looks and place are those of the first one."""
        plan, who = self._wished(pictures[0].shot, prompt)
        frames, out = round(seconds * T.FPS), None
        end = -(-frames // T.S) - 1  # the slot with the last key frame
        given = [
            (
                min(end, round(p.second * T.FPS / T.S)),
                *aligned(_in_world_of(p.shot.scene, pictures[0]), plan),
                p.frame,
            )
            for p in pictures
        ]
        while out is None or out.frames < frames:
            done = 0 if out is None else out.frames // T.S
            start = max(0, done - verbs.MEMORY)
            task = verbs.Task(_settled(plan))
            if out is not None:
                task = verbs.forwards(_settled(plan), out)
            for slot, scene, loose, frame in given:
                if done <= slot < start + T.K:
                    _know(task, slot - start, scene, frame)
                    task.loose |= loose
            window = self.native.sample(task, self.seed + start)
            fresh = _span(window, (done - start) * T.S, T.N)
            out = fresh if out is None else _joined(out, fresh)
        return one(replace(_span(out, 0, frames), plan=plan, seed=pictures[0].shot.scene.seed), who)

    # ---- longer

    def extend(self, reel: Reel, seconds: float, backwards: bool, prompt: str = "") -> Reel:
        """The clip and `seconds` more, before its first shot or after its last."""
        shots = list(reel.shots)
        seconds = min(seconds, (LONGEST - reel.frames) / T.FPS)
        if backwards:
            first = shots[0]
            scene = self.native.extend(_long_enough(first.scene), seconds, self.seed, backwards=True)
            return Reel([replace(first, scene=scene), *shots[1:]])
        end = shots[-1]
        plan, who = self._wished(end, prompt, at_end=True)
        if prompt and not _same_tracks(plan, end.scene):
            scene = self._onwards(end.scene, end.scene.frames - T.S, plan, seconds + T.S / T.FPS, self.seed)
            return Reel([*shots, Shot(_span(scene, T.S, scene.frames), who)])
        scene = _long_enough(end.scene)
        scene = self.native.extend(scene, seconds, self.seed, plan=plan if prompt else None)
        return Reel([*shots[:-1], replace(end, scene=scene)])

    def loop(self, reel: Reel) -> Reel:
        """The clip and a way from its end back to its beginning."""
        before, after = reel.shots[-1], reel.shots[0]
        first, then = self._bridge(before, after)
        if _looks_alike(before, after):
            end = replace(before, scene=_joined(before.scene, first, then))
            return Reel([*reel.shots[:-1], end])
        end = replace(before, scene=_joined(before.scene, _with_plan(first, before)))
        return Reel([*reel.shots[:-1], end, Shot(_with_plan(then, after), after.who, FADE)])

    def connect(self, before: Reel, after: Reel) -> Reel:
        """Both clips, and a movement that leads from one into the other while the world changes."""
        end, start = before.shots[-1], after.shots[0]
        first, then = self._bridge(end, start)
        if _looks_alike(end, start):
            scene = _joined(end.scene, first, then, start.scene)
            return Reel([*before.shots[:-1], Shot(scene, end.who, end.fade), *after.shots[1:]])
        left = Shot(_joined(end.scene, _with_plan(first, end)), end.who, end.fade)
        right = Shot(_joined(_with_plan(then, start), start.scene), start.who, FADE)
        return Reel([*before.shots[:-1], left, right, *after.shots[1:]])

    def _bridge(self, before: Shot, after: Shot) -> tuple[T.Scene, T.Scene]:
        """What follows `before` and what leads to `after`. With as many people and things it is one movement
        (the second part begins FADE key frames before the first ends, unless both look alike)."""
        one_, other = _long_enough(before.scene), _long_enough(after.scene)
        overlap = 0 if _looks_alike(before, after) else FADE
        if _same_tracks(after.scene.plan, before.scene):
            plan = _turning(before.scene.plan, after.scene.plan)
            window = self.native.sample(verbs.bridge(plan, one_, other), self.seed)
            low, high = verbs.ENDS * T.S, T.N - verbs.ENDS * T.S
            middle = (low + high) // 2
            return _span(window, low, middle + overlap // 2), _span(window, middle - overlap // 2, high)
        size = (MEET + FADE // 2) / T.FPS
        onwards = self.native.extend(one_, size, self.seed)
        earlier = self.native.extend(other, size, self.seed + 1, backwards=True)
        return (
            _span(onwards, one_.frames, onwards.frames),
            _span(earlier, 0, earlier.frames - other.frames),
        )

    # ---- otherwise

    def remix(self, reel: Reel, prompt: str, seconds: float | None = None) -> Reel:
        """Same people, changed as the words say. Words that name an action make a new story; others change
        place, time, weather, camera, style or clothes and keep every movement. A reel of one shot is brought
        to `seconds` where it is shorter."""
        shots = [self._remixed(shot, prompt) for shot in reel.shots]
        if len(shots) == 1 and seconds is not None:
            scene = shots[0].scene
            if scene.seconds + 0.1 < seconds:
                scene = self.native.extend(_long_enough(scene), seconds - scene.seconds, self.seed)
            shots[0] = replace(shots[0], scene=_span(scene, 0, round(seconds * T.FPS)))
        return Reel(shots)

    def _remixed(self, shot: Shot, prompt: str) -> Shot:
        scene = shot.scene
        if _names_action(prompt):
            scene = self.native.remix(scene, prompt, self.seed)
            plan = replace(scene.plan, world=generate.heeding(scene.plan, prompt, lenient=True).world)
            scene = replace(scene, plan=plan)
        elif _names_world(prompt):
            scene = self.native.edit(scene, prompt, self.seed)
        plan = wishes.dressed(scene.plan, prompt)
        plan, who = self._cast_in(plan, shot.who)
        if len(plan.people) != len(scene.people):  # somebody joins: their movement has to be sampled
            scene = self.native.motion(mend(plan), scene.seconds, self.seed)
        else:
            scene = replace(scene, plan=plan)
        return replace(shot, scene=scene, who=who)

    def recast(self, reel: Reel, person: int, prompt: str) -> Reel:
        """Somebody else in the same movement: the newly cast one, or whom the words name."""
        new = [role for role in self.roles if all(role.key not in shot.who for shot in reel.shots)]
        person = min(person, len(reel.shots[0].scene.plan.people) - 1)
        replaced = reel.shots[0].who[person]
        named = None if new else self.native.cast(prompt, self.seed).people[0]
        shots = []
        for shot in reel.shots:
            index = shot.who.index(replaced) if replaced and replaced in shot.who else person
            if index >= len(shot.who) or (replaced and shot.who[index] != replaced):
                shots.append(shot)
                continue
            old = shot.scene.plan.people[index]
            other = named or replace(old, **new[0].looks)
            who = [*shot.who[:index], new[0].key if new else "", *shot.who[index + 1 :]]
            shots.append(replace(shot, scene=self.native.recast(shot.scene, index, other), who=who))
        return Reel(shots)

    # ---- who plays whom

    def _cast_in(self, plan: T.Plan, who: list[str]) -> tuple[T.Plan, list[str]]:
        """The plan with everybody cast in it: first in the places of those who are only drawn, then as
        further people, as long as there is room."""
        people, who = list(plan.people), [*who, *[""] * len(plan.people)][: len(plan.people)]
        for role in self.roles:
            if role.key in who:
                index = who.index(role.key)
            elif "" in who:
                index = who.index("")
            elif len(people) < T.MAX_PEOPLE:
                people.append(replace(people[-1], mood="happy"))
                who.append("")
                index = len(who) - 1
            else:
                continue
            who[index] = role.key
            people[index] = replace(people[index], **role.looks)
        return mend(replace(plan, people=people)), who

    def _wished(self, shot: Shot, prompt: str, at_end: bool = False) -> tuple[T.Plan, list[str]]:
        """The plan of a shot with what the words ask of action, world and clothes; people stay."""
        plan = _settled(shot.scene.plan) if at_end else shot.scene.plan
        if _names_action(prompt):
            asked = self.native.cast(prompt, self.seed)
            people = _same_people(plan.people, asked.people, prompt)
            kept = _kept_things(plan, people)
            wanted = [p for p in asked.props if p.kind not in [q.kind for q in kept]]
            plan = mend(T.Plan(plan.world, people, [*kept, *wanted][: T.MAX_PROPS]))
        if prompt:
            plan = wishes.dressed(generate.heeding(plan, prompt, lenient=True), prompt)
        return self._cast_in(plan, shot.who)

    def _onwards(self, scene: T.Scene, frame: int, plan: T.Plan, seconds: float, seed: int) -> T.Scene:
        """`seconds` of a plan that begin with key frame `frame` of a scene."""
        given, loose = aligned(scene, plan)
        task = replace(verbs.first(verbs.later(plan, 0), given, frame), loose=loose)
        # Where things stand in the place follows from a scene's seed: it stays that of the picture.
        out = replace(self.native.sample(task, seed), plan=plan, seed=scene.seed)
        if seconds > out.seconds:
            out = self.native.extend(out, seconds - out.seconds, seed)
        return steady(_span(out, 0, round(seconds * T.FPS)), T.S)


# ---- small helpers, none of which samples


def aligned(scene: T.Scene, plan: T.Plan) -> tuple[T.Scene, frozenset[str]]:
    """The scene's key frames with tracks in the order of `plan`'s people and things, and the names of the
    tracks that the scene does not have (left empty: they are not known)."""
    loose = {f"person {i}" for i in range(len(scene.people), len(plan.people))}
    people = np.zeros((len(plan.people), scene.frames, T.HD))
    there = min(len(people), len(scene.people))
    people[:there] = scene.people[:there]
    props = np.zeros((len(plan.props), scene.frames, T.QD))
    left = list(range(len(scene.plan.props)))
    for j, thing in enumerate(plan.props):
        same = [i for i in left if scene.plan.props[i].kind == thing.kind]
        if same:
            props[j] = scene.props[same[0]]
            left.remove(same[0])
        else:
            loose.add(f"prop {j}")
    return T.Scene(plan, scene.world, people, props, scene.seed), frozenset(loose)


def _know(task: verbs.Task, slot: int, scene: T.Scene, frame: int) -> None:
    start = int(np.clip(frame, 0, max(scene.frames - T.S, 0)))
    task.given = verbs.part(scene, start, start + T.S, slot * T.S, task.given)
    task.known[slot] = True


def _names_action(prompt: str) -> bool:
    return any(concept.startswith("verb:") for concept in words.known_concepts(prompt))


def _names_world(prompt: str) -> bool:
    named = {concept.split(":")[0] for concept in words.known_concepts(prompt)}
    return not named.isdisjoint(generate.WORLD_SECTIONS)


def _same_people(
    there: Sequence[T.PersonPlan], asked: Sequence[T.PersonPlan], prompt: str
) -> list[T.PersonPlan]:
    """Those who are there, doing what is asked; where nothing is said they go on."""
    if not _names_action(prompt):
        return list(there)
    out = []
    for i, old in enumerate(there):
        new = asked[min(i, len(asked) - 1)]
        facing = new.facing if len(there) > 1 else old.facing
        doing = replace(old, action=new.action, then=new.then, switch=new.switch, energy=new.energy)
        out.append(replace(doing, facing=facing))
    return out


def _kept_things(plan: T.Plan, people: Sequence[T.PersonPlan]) -> list[T.PropPlan]:
    """The things that stay when people do something else: a book goes with the reading."""
    done = {kind for person in plan.people for kind in PROP_OF.get(person.action, ())}
    needed = {kind for person in people for kind in PROP_OF.get(person.action, ())}
    return [thing for thing in plan.props if thing.kind not in done - needed]


def _in_world_of(scene: T.Scene, first: Picture) -> T.Scene:
    """The scene with the light, weather and camera of the first picture: poses travel between clips, an hour
    of the day does not."""
    if scene.plan.world == first.shot.scene.plan.world:
        return scene
    usual = np.median(first.shot.scene.world, axis=0)
    return T.Scene(scene.plan, np.tile(usual, (scene.frames, 1)), scene.people, scene.props, scene.seed)


def _settled(plan: T.Plan) -> T.Plan:
    """With everybody doing what they do in the end."""
    return at_end(plan)


def _turning(before: T.Plan, after: T.Plan) -> T.Plan:
    """What happens on the way: everybody stops what they did in the end and starts what they do next."""
    people = []
    for old, new in zip(_settled(before).people, after.people, strict=True):
        turns = new.action != old.action
        people.append(replace(old, then=new.action if turns else T.NO_ACTION, switch=T.N // 2 // T.S * T.S))
    return replace(before, people=people)


def _looks_alike(one_: Shot, other: Shot) -> bool:
    """Whether both would be drawn the same: then no fade is needed between them."""

    def looks(shot: Shot) -> Any:
        plan = shot.scene.plan
        people = [
            replace(person, action="stand", then=T.NO_ACTION, switch=0, facing=1, energy=0.0)
            for person in plan.people
        ]
        camera = replace(plan.world, camera="static")
        return camera, people, [replace(p, placement="") for p in plan.props], shot.scene.seed, shot.who

    return bool(looks(one_) == looks(other))


def _same_tracks(plan: T.Plan, scene: T.Scene) -> bool:
    return (len(plan.people), len(plan.props)) == (len(scene.people), len(scene.props))


def _with_plan(scene: T.Scene, like: Shot) -> T.Scene:
    return T.Scene(like.scene.plan, scene.world, scene.people, scene.props, like.scene.seed)


def _span(scene: T.Scene, start: int, stop: int) -> T.Scene:
    start, stop = max(0, start), min(scene.frames, stop)
    return T.Scene(
        scene.plan,
        scene.world[start:stop],
        scene.people[:, start:stop],
        scene.props[:, start:stop],
        scene.seed,
    )


def _joined(first: T.Scene, *scenes: T.Scene) -> T.Scene:
    return joined(first.plan, first.seed, first, *scenes)


def _long_enough(scene: T.Scene) -> T.Scene:
    """A very short scene held on its first key frame, so that windows have what they must know."""
    missing = verbs.MEMORY * T.S - scene.frames
    if missing <= 0:
        return scene
    held = T.Scene(
        scene.plan,
        np.repeat(scene.world[:1], missing, 0),
        np.repeat(scene.people[:, :1], missing, 1),
        np.repeat(scene.props[:, :1], missing, 1),
        scene.seed,
    )
    return _joined(held, scene)
