"""A clip that is played: the network goes on with it, a few key frames at a time, as somebody steers.

    run = Run(native, scene)
    run.more()                      # the next slots
    run.steer("jump", at=37)        # from key frame 37 on (what lies later was not shown yet)

What was shown is known to the network (`KNOWN` slots), what the player wants is the action of the slots
that follow. `STEPS` Euler steps make a window of `WINDOW` slots, of which `FRESH` are kept.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch

from model import flow, generate
from model.conditioning import Statics, from_slots, motion_groups, to_slots
from model.scene import tracks as T
from model.scene.cuts import joined
from model.scene.plans import PROP_OF

KNOWN, WINDOW, FRESH, STEPS = 1, 7, 2, 4
LONGEST_S = 60
GOING = ("walk", "run", "skip", "sneak", "march")
ON_THE_SPOT = (
    "stand", "wave", "jump", "dance", "disco", "spin", "jumping_jacks", "squat", "bow", "clap", "cheer",
    "think", "sing", "box", "stretch", "point", "backflip", "cartwheel",
)  # fmt: skip
PLAYABLE = GOING + ON_THE_SPOT


class CannotPlay(ValueError):
    """The player asked for something that nobody here can do; `code` names it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Settings:
    """How a run is sampled (figures for others are in docs/algorithms/play.md)."""

    known: int = KNOWN
    window: int = WINDOW
    fresh: int = FRESH
    steps: int = STEPS


class Run:
    """One player's run: everything that was made so far, and what the person steered does next."""

    def __init__(
        self,
        native: generate.Native,
        scene: T.Scene,
        person: int = 0,
        seed: int = 1,
        settings: Settings | None = None,
    ) -> None:
        self.native, self.settings = native, settings or Settings()
        self.person = min(max(0, person), len(scene.plan.people) - 1)
        self.generator = torch.Generator().manual_seed(abs(int(seed)) % 2**63)
        plan, kept = _freed(scene.plan)
        least = self.settings.known * T.S
        stop = max(least, min(scene.frames, T.N // 2))
        self.made = _held(T.Scene(plan, scene.world, scene.people, scene.props[kept], scene.seed), stop)
        self.plan = plan

    @property
    def frames(self) -> int:
        """Key frames made so far."""
        return self.made.frames

    @property
    def is_full(self) -> bool:
        return self.frames >= LONGEST_S * T.FPS

    def steer(self, action: str = "", facing: int = 0, energy: float | None = None, at: int = 0) -> int:
        """Change what the person does from key frame `at` on; returns where the new frames begin. What lies
        later is forgotten. Raises CannotPlay for an action that is not PLAYABLE."""
        person = self.plan.people[self.person]
        if action:
            if action not in PLAYABLE:
                raise CannotPlay("no_such_action")
            person = replace(person, action=action)
        if facing in (-1, 1):
            person = replace(person, facing=facing)
        if energy is not None and np.isfinite(energy):
            person = replace(person, energy=float(np.clip(energy, -1, 1)))
        people = list(self.plan.people)
        people[self.person] = person
        self.plan = replace(self.plan, people=people)
        at = int(np.clip(at, self.settings.known * T.S, self.frames))
        self.made = _span(self.made, at)
        return at

    def more(self) -> tuple[int, T.Scene]:
        """Sample on; returns (first new key frame, the scene so far)."""
        at = self.frames
        fresh = self._sample(_last(self.made, self.settings.known * T.S))
        self.made = joined(self.made.plan, self.made.seed, self.made, fresh)
        return at, self.made

    @torch.no_grad()
    def _sample(self, past: T.Scene) -> T.Scene:
        """The `fresh` slots that follow `past` (exactly the known slots)."""
        s, k = self.settings, self.settings.window
        statics = Statics.of(self.plan, k)
        p, q = len(self.plan.people), len(self.plan.props)
        given, known, noise = [], [], []
        tracks = (
            ("world", past.world[None], T.WD),
            ("person", past.people, T.HD),
            ("prop", past.props, T.QD),
        )
        for track, values, width in tracks:
            n = len(values)
            tokens = torch.zeros(n, k, width * T.S)
            tokens[:, : s.known] = torch.from_numpy(to_slots(values, track)).float()
            mask = torch.zeros(n, k, dtype=torch.bool)
            mask[:, : s.known] = True
            given.append(tokens.reshape(1, n * k, width * T.S))
            known.append(mask.reshape(1, n * k))
            noise.append(torch.randn(1, n * k, width * T.S, generator=self.generator))

        def net(x: list[torch.Tensor], t: list[torch.Tensor]) -> list[torch.Tensor]:
            slots = self.native.network(motion_groups(statics, x, t))[-(2 + bool(q)) :]
            return slots if q else [*slots, torch.zeros_like(x[2])]

        out = flow.sample(net, noise, known, given, flow.schedule(s.steps))
        low, high = s.known * T.S, (s.known + s.fresh) * T.S
        world = from_slots(out[0][0].numpy().reshape(1, k, -1), "world")[0, low:high]
        people = from_slots(out[1][0].numpy().reshape(p, k, -1), "person")[:, low:high]
        props = from_slots(out[2][0].numpy().reshape(q, k, T.QD * T.S), "prop")[:, low:high]
        return T.Scene(self.plan, world, people, props, past.seed)


def _freed(plan: T.Plan) -> tuple[T.Plan, list[int]]:
    """The plan with nobody bound to a thing or to somebody else, and which things stay: what cannot be
    steered goes on standing, and puts down what it was busy with."""
    people, busy = [], set[str]()
    for person in plan.people:
        action = person.then if person.then != T.NO_ACTION else person.action
        busy |= {*PROP_OF.get(person.action, ()), *PROP_OF.get(action, ())}
        action = action if action in PLAYABLE else "stand"
        people.append(replace(person, action=action, then=T.NO_ACTION, switch=T.N))
    kept = [i for i, thing in enumerate(plan.props) if thing.kind not in busy]
    world = replace(plan.world, camera="follow")
    return replace(plan, world=world, people=people, props=[plan.props[i] for i in kept]), kept


def _span(scene: T.Scene, stop: int) -> T.Scene:
    return T.Scene(scene.plan, scene.world[:stop], scene.people[:, :stop], scene.props[:, :stop], scene.seed)


def _last(scene: T.Scene, frames: int) -> T.Scene:
    at = scene.frames - frames
    return T.Scene(scene.plan, scene.world[at:], scene.people[:, at:], scene.props[:, at:], scene.seed)


def _held(scene: T.Scene, frames: int) -> T.Scene:
    """The first `frames` key frames; a shorter scene is held on its first one."""
    missing = frames - scene.frames
    if missing <= 0:
        return _span(scene, frames)
    world, people, props = (
        np.concatenate([np.repeat(a[..., :1, :], missing, -2), a], -2)
        for a in (scene.world, scene.people, scene.props)
    )
    return T.Scene(scene.plan, world, people, props, scene.seed)
