"""The native engine: words -> plan -> motion -> paper theatre. Runs on any CPU; loaded in workers only.

    cast      prompt -> plan (who, what, where); the people cast take their places in it
    motion    plan -> key frames, by the rectified-flow transformer
    draw      key frames -> frames, with the cut-out faces of those who are cast
    sound     key frames -> ambience and steps

A remix goes on from the parent's scene (its `material`): a prompt that names an action gets a new story
with the same people, one that names only place, time, weather, camera or style changes the world and keeps
every movement.
"""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np

from generation.engines.base import (
    CastMember,
    EngineFailed,
    Frame,
    Job,
    OnStep,
    Rendered,
    ShouldStop,
    Stopped,
)
from model import checkpoint, flow, generate
from model.scene import draw_parallel, material, plans, sound, words
from model.scene import tracks as T
from model.scene.faces import FaceSprites, NoFace

FPS = 24
WORKERS = max(1, min(4, os.cpu_count() or 1))
LOOKS = ("kind", "outfit", "top", "bottom", "hair", "hair_colour", "skin", "accessory", "height")
SOMEBODY = "somebody"


class NativeEngine:
    """Keeps the network between jobs. `native` is for tests with a tiny one; else the shipped weights."""

    def __init__(self, native: generate.Native | None = None) -> None:
        try:
            self.native = native or generate.load()
        except (checkpoint.BadCheckpoint, FileNotFoundError) as error:
            raise EngineFailed("engine_missing", str(error)) from error

    def render(self, job: Job, on_step: OnStep, should_stop: ShouldStop) -> Rendered:
        """Sample the scene now; the frames are drawn as they are pulled."""
        count = job.seconds * FPS

        def sampled(step: int, steps: int) -> None:
            on_step(step, steps + count)
            self.sampling_steps = steps

        self.sampling_steps = 0
        try:
            scene = self._scene(job, sampled, should_stop)
        except flow.Stopped as error:
            raise Stopped from error
        except material.BadMaterial as error:
            raise EngineFailed("parent_gone", str(error)) from error
        faces = {i: head_of(m.face) for i, m in enumerate(job.cast) if m.face is not None}
        return Rendered(
            frames=self._frames(scene, job, faces, on_step, should_stop),
            frame_count=count,
            fps=FPS,
            size=job.size,
            audio=sound.track(scene, job.seconds),
            material=material.pack(scene),
            facts={"plan": plans.to_dict(scene.plan)},
        )

    def _scene(self, job: Job, on_step: OnStep, should_stop: ShouldStop) -> T.Scene:
        if job.parent_material is not None:
            return self._remixed(job, on_step, should_stop)
        plan = self.native.cast(prompt_for(job.prompt, job.cast), job.seed)
        plan = plans.mend(with_cast(plan, job.cast))
        return self.native.motion(plan, job.seconds, job.seed, on_step=on_step, should_stop=should_stop)

    def _remixed(self, job: Job, on_step: OnStep, should_stop: ShouldStop) -> T.Scene:
        """The parent's scene, changed as the prompt says. Verbs that report no steps are one step each."""
        assert job.parent_material is not None
        parent = material.unpack(job.parent_material)
        prompt = prompt_for(job.prompt, job.cast)
        names_action = any(concept.startswith("verb:") for concept in words.known_concepts(prompt))
        on_step(0, 1)
        if should_stop():
            raise Stopped
        scene = (self.native.remix if names_action else self.native.edit)(parent, prompt, job.seed)
        looks = plans.mend(with_cast(scene.plan, job.cast))
        if len(looks.people) != len(scene.people):  # somebody joins: their movement has to be sampled
            scene = self.native.motion(looks, job.seconds, job.seed, on_step=on_step, should_stop=should_stop)
        elif scene.seconds + 0.1 < job.seconds:
            scene = self.native.extend(scene, job.seconds - scene.seconds, job.seed)
        on_step(1, 1)
        if should_stop():
            raise Stopped
        return scene

    def _frames(
        self,
        scene: T.Scene,
        job: Job,
        faces: Mapping[int, FaceSprites],
        on_step: OnStep,
        should_stop: ShouldStop,
    ) -> Iterator[Frame]:
        total, before = job.seconds * FPS, self.sampling_steps
        drawn = draw_parallel.render(
            scene, workers=WORKERS, size=job.size, fps=FPS, last=total, faces=dict(faces)
        )
        try:
            for index, frame in enumerate(drawn):
                if should_stop():
                    raise Stopped
                yield frame
                on_step(before + index + 1, before + total)
        except ValueError as error:
            raise EngineFailed("nan_frames", str(error)) from error
        except draw_parallel.DrawingFailed as error:
            raise EngineFailed("engine_error", str(error)) from error
        finally:
            drawn.close()  # type: ignore[attr-defined]


def head_of(data: bytes) -> FaceSprites:
    """The cut-out head from what a capture keeps of a face: crops K H W 3 and their meshes K 468 3."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as kept:
            if "crops" not in kept:
                return FaceSprites.from_bytes(data)
            return FaceSprites.from_frames(list(kept["crops"]), list(kept["meshes"][..., :2]))
    except (NoFace, ValueError, OSError, zipfile.BadZipFile) as error:
        raise EngineFailed("likeness_gone", str(error)) from error


def prompt_for(prompt: str, cast: Sequence[CastMember]) -> str:
    """The prompt with the names of those cast as words that the world knows."""
    for member in sorted(cast, key=lambda m: -len(m.name)):
        known = str((member.character or {}).get("kind", SOMEBODY))
        word = known if known == SOMEBODY else f"a {known}"
        prompt = re.sub(rf"(?<!\w){re.escape(member.name)}(?!\w)", word, prompt, flags=re.IGNORECASE)
    return prompt


def with_cast(plan: T.Plan, cast: Sequence[CastMember]) -> T.Plan:
    """The plan with everybody cast in it, in order: looks from who they are, doings from the prompt."""
    people = list(plan.people)
    while len(people) < min(len(cast), T.MAX_PEOPLE):
        people.append(replace(people[-1], mood="happy"))
    for index, member in enumerate(cast[: T.MAX_PEOPLE]):
        people[index] = replace(people[index], **looks_of(member))
    return replace(plan, people=people)


def looks_of(member: CastMember) -> dict[str, Any]:
    """What of a drawn character the alphabet has fields for; anything else in its row is left alone."""
    known = {field.name for field in fields(T.PersonPlan)} & set(LOOKS)
    return {name: value for name, value in (member.character or {}).items() if name in known}
