"""Prompts -> plans -> scenes, by the trained network. Torch lives here and right of here only.

    native = load()
    plan = native.cast("a girl in a red coat walks in the rain", seed=1)     # editable
    scene = native.motion(plan, seconds=5, seed=1)                           # draw it with scene/draw.py
    native.extend(scene, 5) · native.loop(scene) · native.edit(scene, "at night") · ...

`python -m model.generate "prompt" --seed 1 --out x.mp4` makes a file. The same seed gives the same
clip. Words outside the world are told by `scene.words.unknown_words`, before any rendering.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from model import checkpoint, flow, verbs
from model.conditioning import Statics, cast_groups, give, motion_groups, noise_for, scene_of
from model.scene import asked, codes, wishes, words
from model.scene import tracks as T
from model.scene.borders import smoothed
from model.scene.cuts import CastDiffers as CastDiffers
from model.scene.cuts import at_end, cut, joined, padded, same_cast, span, stretched
from model.scene.plans import mend
from model.scene.steady import steady
from model.transformer import Transformer

WEIGHTS = Path(__file__).parent / "weights" / "scene.safetensors"
LONGEST_S, SHORTEST_S = 60.0, 1.0
CAST_STEPS, MOTION_STEPS, GUIDANCE = 16, 14, 2.0
DRAWS, OTHER_SEED = 4, 7_919  # plans drawn where the first one misses a wish, and their seeds' distance


class EmptyPrompt(ValueError):
    """Nothing was asked for."""


def load(path: Path | str = WEIGHTS) -> Native:
    """The engine from a weights file; raises checkpoint.BadCheckpoint with a named reason."""
    network, about = checkpoint.load_network(Path(path))
    return Native(network, about)


def _length(seconds: float, least: float) -> float:
    """Seconds within what can be made. Raises ValueError for what is no number."""
    if np.isnan(seconds):
        raise ValueError("a length is a number of seconds")
    return float(np.clip(seconds, least, LONGEST_S))


class Native:
    """The trained network with its two stages and all verbs. It keeps no state between calls: every
    call draws its own noise from the seed."""

    def __init__(self, network: Transformer, about: dict, mended: bool = True, heun: bool = False) -> None:
        """`mended` False leaves every clean-up after sampling out, and `heun` samples motion with two
        evaluations a step, to measure what they do."""
        self.network, self.about, self.mended, self.heun = network.eval(), about, mended, heun

    # ---- stage one: words -> plan
    def cast(
        self,
        prompt: str,
        seed: int = 0,
        keep: T.Plan | None = None,
        kept: frozenset[str] = frozenset(),
        steps: int = CAST_STEPS,
        guidance: float = GUIDANCE,
    ) -> T.Plan:
        """Who, what, where: a plan for a prompt (English or Chinese; cut after words.MAX_TOKENS
        concepts). Tracks named in `kept` ("world", "person 0", ...) are taken from `keep`.

        Words that contradict each other ("day night") are weighed by the network; one of them wins."""
        if not prompt.strip():
            raise EmptyPrompt("say what should happen")
        return self.casts([prompt], [seed], keep, kept, steps, guidance)[0]

    def casts(
        self,
        prompts: list[str],
        seeds: list[int],
        keep: T.Plan | None = None,
        kept: frozenset[str] = frozenset(),
        steps: int = CAST_STEPS,
        guidance: float = GUIDANCE,
        heed: bool = True,
    ) -> list[T.Plan]:
        """Several plans at once. Where a plan misses something that the prompt plainly asks for
        (`scene.asked`), DRAWS - 1 more are drawn and the one that misses least is taken. `heed` False
        shows what the network alone says, at its first draw (for evaluation)."""
        plans = self._draw(prompts, seeds, keep, kept, steps, guidance)
        if not heed:
            return [mend(plan) for plan in plans]
        plans = [_heard(plan, prompt) for plan, prompt in zip(plans, prompts, strict=False)]
        wanted = [asked.read(prompt) for prompt in prompts]
        lacking = [i for i in range(len(plans)) if asked.share(plans[i], wanted[i]) < 1]
        if not lacking or DRAWS == 1:
            return plans
        again = [(i, seeds[i] + n * OTHER_SEED) for i in lacking for n in range(1, DRAWS)]
        more = self._draw([prompts[i] for i, _ in again], [s for _, s in again], keep, kept, steps, guidance)
        for (i, _), drawn in zip(again, more, strict=True):
            plan = _heard(drawn, prompts[i])
            if asked.share(plan, wanted[i]) > asked.share(plans[i], wanted[i]):
                plans[i] = plan
        return plans

    def _draw(
        self,
        prompts: list[str],
        seeds: list[int],
        keep: T.Plan | None,
        kept: frozenset[str],
        steps: int,
        guidance: float,
    ) -> list[T.Plan]:
        """One plan a prompt, as the network says it."""
        said = torch.from_numpy(words.tokenize(prompts)[:, : self.network.config.words])
        b = len(prompts)
        shapes = ((1, codes.WS), (T.MAX_PEOPLE, codes.HS), (T.MAX_PROPS, codes.QS))
        noise = noise_for(seeds, shapes)
        given = [torch.zeros_like(x) for x in noise]
        known = [torch.zeros(x.shape[:2], dtype=torch.bool) for x in noise]
        if keep is not None:
            for x, k, value, name, n in zip(
                given, known, codes.encode(keep), ("world", "person", "prop"), (1, 3, 3), strict=False
            ):
                rows = torch.from_numpy(np.atleast_2d(value)).float()
                for i in range(n):
                    if (name if name == "world" else f"{name} {i}") in kept:
                        x[:, i], k[:, i] = rows[i], True

        def net(x: list[Tensor], t: list[Tensor]) -> list[Tensor]:
            if guidance == 1:
                return self.network(cast_groups(x, t), said, torch.zeros(b, dtype=torch.bool))
            both = self.network(
                cast_groups([torch.cat([a, a]) for a in x], [torch.cat([a, a]) for a in t]),
                torch.cat([said, said]),
                torch.arange(2 * b) >= b,
            )
            return [flow.guide(v[b:], v[:b], guidance) for v in both]

        world, people, props = flow.sample(net, noise, known, given, flow.schedule(steps, 1.5))
        return [
            codes.decode(w[0], p, q)
            for w, p, q in zip(world.numpy(), people.numpy(), props.numpy(), strict=False)
        ]

    # ---- stage two: plan -> scene
    def motion(
        self,
        plan: T.Plan,
        seconds: float = 5.0,
        seed: int = 0,
        steps: int = MOTION_STEPS,
        on_step: flow.Step | None = None,
        should_stop: Callable[[], bool] | None = None,
        steadied: bool = True,
    ) -> T.Scene:
        """Key frames for a plan; `seconds` is clamped to 1-60. Clips over 5 s are extended window by
        window. on_step(step, total) counts over all windows; raises flow.Stopped when should_stop().
        `steadied`: with feet pinned and flights refitted afterwards (`scene.steady`)."""
        frames = round(_length(seconds, SHORTEST_S) * T.FPS)
        fresh = (T.K - verbs.MEMORY) * T.S
        windows = 1 + max(0, -(-(frames - T.N) // fresh))
        count = _Count(on_step, windows * steps)
        plan = stretched(mend(plan), frames)
        scene = self.sample(verbs.text(verbs.later(plan, 0)), seed, steps, count, should_stop)
        scene = replace(scene, plan=plan)
        for _ in range(windows - 1):
            scene = self._forwards(scene, seed, steps, count, should_stop)
        scene = cut(scene, frames)
        return steady(scene) if steadied and self.mended else scene

    def sample(
        self,
        task: verbs.Task,
        seed: int,
        steps: int = MOTION_STEPS,
        on_step: flow.Step | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> T.Scene:
        """One window of N key frames. Known slots come back exactly as given."""
        return self.samples([task], [seed], steps, on_step, should_stop)[0]

    def samples(
        self,
        tasks: list[verbs.Task],
        seeds: list[int],
        steps: int = MOTION_STEPS,
        on_step: flow.Step | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> list[T.Scene]:
        """Several windows at once, all with as many people and things, from the same start."""
        each = [Statics.of(task.plan) for task in tasks]
        statics = Statics(*(torch.cat([getattr(s, f.name) for s in each]) for f in fields(Statics)))
        p, q = statics.people.shape[1], statics.props.shape[1]
        shapes = ((T.K, T.WD * T.S), (p * T.K, T.HD * T.S), (q * T.K, T.QD * T.S))
        noise = noise_for(seeds, shapes)
        given = [torch.zeros_like(x) for x in noise]
        known = [torch.zeros(x.shape[:2], dtype=torch.bool) for x in noise]
        for row, task in enumerate(tasks):
            give(task, row, given, known)

        def net(x: list[Tensor], t: list[Tensor]) -> list[Tensor]:
            slots = self.network(motion_groups(statics, x, t))[-(2 + bool(q)) :]
            return slots if q else [*slots, torch.zeros_like(x[2])]

        times = flow.schedule(steps, 1.0, tasks[0].start)
        out = flow.sample(net, noise, known, given, times, on_step, should_stop, self.heun)
        return [
            scene_of(task, seed, [x[i].numpy() for x in out], self.mended)
            for i, (task, seed) in enumerate(zip(tasks, seeds, strict=False))
        ]

    # ---- the verbs that make longer or other scenes of scenes
    def extend(
        self,
        scene: T.Scene,
        seconds: float,
        seed: int = 0,
        backwards: bool = False,
        plan: T.Plan | None = None,
        steps: int = MOTION_STEPS,
    ) -> T.Scene:
        """The scene and `seconds` more, after it or before it; `plan` may change the action from
        here on (same people and things)."""
        if scene.frames < verbs.MEMORY * T.S:
            raise ValueError("too short to go on from")
        had = scene.frames
        target = had + round(_length(seconds, 0.5) * T.FPS)
        plan = same_cast(mend(plan) if plan else scene.plan, scene)
        while scene.frames < target:
            if backwards:
                scene = self._backwards(scene, plan, seed, steps)
            else:
                scene = self._forwards(
                    scene, seed, steps, None, None, plan if plan is not scene.plan else None
                )
        if backwards:
            drop = scene.frames - target
            return T.Scene(
                scene.plan, scene.world[drop:], scene.people[:, drop:], scene.props[:, drop:], scene.seed
            )
        return steady(cut(scene, target), had) if self.mended else cut(scene, target)

    def connect(self, before: T.Scene, after: T.Scene, seed: int = 0, steps: int = MOTION_STEPS) -> T.Scene:
        """Both scenes with a bridge between them (K - 2 ENDS slots)."""
        same_cast(after.plan, before)
        window = self.sample(verbs.bridge(at_end(before.plan), before, after), seed, steps)
        size = verbs.ENDS * T.S
        bridge = span(window, size, T.N - size)
        return joined(before.plan, before.seed, before, bridge, after)

    def loop(self, scene: T.Scene, seed: int = 0, steps: int = MOTION_STEPS) -> T.Scene:
        """The scene and a bridge from its end back to its beginning: it can play for ever."""
        window = self.sample(verbs.bridge(at_end(scene.plan), scene, scene), seed, steps)
        size = verbs.ENDS * T.S
        return joined(scene.plan, scene.seed, scene, span(window, size, T.N - size))

    def edit(
        self, scene: T.Scene, prompt: str, seed: int = 0, strength: float = 0.7, steps: int = MOTION_STEPS
    ) -> T.Scene:
        """The same, but: what the prompt names about the world (place, time, weather, camera, style) changes;
        people and things stay exactly as they are."""
        world = heeding(scene.plan, prompt, lenient=True).world
        plan = replace(scene.plan, world=world)
        return self._windows_of(scene, plan, frozenset({"world"}), strength, seed, steps)

    def remix(self, scene: T.Scene, prompt: str, seed: int = 0, steps: int = MOTION_STEPS) -> T.Scene:
        """Same cast and world, another story: people keep their looks, the prompt says what they do."""
        asked = self.cast(prompt, seed)
        people = []
        for i, old in enumerate(scene.plan.people):
            new = asked.people[min(i, len(asked.people) - 1)]
            people.append(
                replace(old, action=new.action, then=new.then, switch=new.switch, energy=new.energy)
            )
        plan = mend(heeding(T.Plan(scene.plan.world, people, asked.props), prompt, lenient=True))
        return self.motion(plan, scene.seconds, seed, steps)

    def recast(self, scene: T.Scene, index: int, person: T.PersonPlan) -> T.Scene:
        """Another person in the same movement; the hips are raised or lowered to their legs."""
        old = scene.plan.people[index]
        new = replace(
            person, action=old.action, then=old.then, switch=old.switch, facing=old.facing, energy=old.energy
        )
        people = list(scene.plan.people)
        people[index] = new
        moved = scene.people.copy()
        moved[index, :, T.H["y"]] *= new.scale / old.scale
        return T.Scene(
            replace(scene.plan, people=people), scene.world, moved, scene.props, scene.seed, scene.blink
        )

    def storyboard(self, prompts: list[str], seconds: float = 5.0, seed: int = 0) -> list[T.Scene]:
        """A shot per prompt with the cast of the first."""
        opening = self.cast(prompts[0], seed)
        shots = [self.motion(opening, seconds, seed)]
        for i, prompt in enumerate(prompts[1:], 1):
            plan = self.cast(prompt, seed + i)
            people = [
                replace(opening.people[j], action=p.action, then=p.then, switch=p.switch, energy=p.energy)
                if j < len(opening.people)
                else p
                for j, p in enumerate(plan.people)
            ]
            shots.append(self.motion(mend(replace(plan, people=people)), seconds, seed + i))
        return shots

    def still(self, plan: T.Plan, seed: int = 0) -> T.Scene:
        """One image: the middle key frame of a window."""
        scene = self.motion(plan, 5.0, seed)
        return span(scene, T.N // 2, T.N // 2 + 1)

    def _forwards(
        self,
        scene: T.Scene,
        seed: int,
        steps: int,
        on_step: flow.Step | None,
        should_stop: Callable[[], bool] | None,
        plan: T.Plan | None = None,
    ) -> T.Scene:
        start = scene.frames // T.S - verbs.MEMORY
        scene = cut(scene, (start + verbs.MEMORY) * T.S)
        here = at_end(plan) if plan else verbs.later(scene.plan, start)
        window = self.sample(verbs.forwards(here, scene), seed + start, steps, on_step, should_stop)
        return joined(scene.plan, scene.seed, scene, span(window, verbs.MEMORY * T.S, T.N))

    def _backwards(self, scene: T.Scene, plan: T.Plan, seed: int, steps: int) -> T.Scene:
        people = [replace(p, then=T.NO_ACTION, switch=T.N) for p in plan.people]
        window = self.sample(verbs.backwards(replace(plan, people=people), scene), seed + scene.frames, steps)
        fresh = span(window, 0, T.N - verbs.MEMORY * T.S)
        moved = [
            replace(p, switch=min(p.switch + fresh.frames, 10**6)) if p.then != T.NO_ACTION else p
            for p in scene.plan.people
        ]
        return joined(replace(scene.plan, people=moved), scene.seed, fresh, scene)

    def _windows_of(
        self, scene: T.Scene, plan: T.Plan, changed: frozenset[str], strength: float, seed: int, steps: int
    ) -> T.Scene:
        """Redoes tracks of a scene window by window, each knowing the end of the one before."""
        whole = padded(scene)
        if plan.world.camera != scene.plan.world.camera:
            strength = 1.0  # the old movement would shine through
        out = []
        for start in range(0, whole.frames, T.N):
            piece = span(whole, start, start + T.N)
            task = verbs.edit(
                verbs.later(plan, start // T.S), piece, changed, strength if start == 0 else 1.0
            )
            if start:
                task.start = strength
            out.append(self.sample(task, seed + start, steps))
        made = joined(plan, scene.seed, *out)
        for border in range(T.N, whole.frames if self.mended else 0, T.N):  # only what was remade gives way
            made.world = smoothed(made.world, border, T.N)
        return cut(made, scene.frames)


# ---- small helpers, none of which samples
WORLD_SECTIONS = ("place", "time", "weather", "camera", "style")


def _heard(plan: T.Plan, prompt: str) -> T.Plan:
    """A plan as it is played: what has one meaning put in literally, mended."""
    return mend(wishes.shaven(heeding(plan, prompt), prompt))


def heeding(plan: T.Plan, prompt: str, lenient: bool = False) -> T.Plan:
    """The plan with the one place, time, weather, camera or style that the prompt names put in
    literally: these words have one meaning, so no sampling may overrule them. Where it names two,
    the network's choice between them stands (`lenient`: the last one wins, for edits)."""
    named: dict[str, list[str]] = {}
    for concept in words.known_concepts(prompt):
        section, name = concept.split(":", 1)
        if section in WORLD_SECTIONS and name not in named.setdefault(section, []):
            named[section].append(name)
    asked = {s: names[-1] for s, names in named.items() if len(names) == 1 or lenient}
    return replace(plan, world=replace(plan.world, **asked))


class _Count:
    """Adds up the steps of several windows for one progress bar."""

    def __init__(self, on_step: flow.Step | None, total: int) -> None:
        self.on_step, self.total, self.done = on_step, total, 0

    def __call__(self, step: int, steps: int) -> None:
        self.done += 1
        if self.on_step is not None:
            self.on_step(self.done, self.total)


def main() -> None:
    parser = argparse.ArgumentParser(description="Make a clip from a prompt.")
    parser.add_argument("prompt")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--size", default="720x1280")
    parser.add_argument("--fps", type=int, default=24)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--out", type=Path, default=Path("clip.mp4"))
    args = parser.parse_args()
    from model.scene import draw_parallel, sound
    from model.video import write_mp4

    for word in words.unknown_words(args.prompt):
        print(f"no picture for {word!r} yet: left out")
    native = load(args.weights)
    plan = native.cast(args.prompt, args.seed)
    print(plan)
    scene = native.motion(plan, args.seconds, args.seed)
    width, height = map(int, args.size.split("x"))
    frames = draw_parallel.render(scene, size=(width, height), fps=args.fps)
    write_mp4(args.out, frames, args.fps, sound.track(scene))
    print(args.out)


if __name__ == "__main__":
    main()
