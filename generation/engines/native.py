"""The native engine: words -> plan -> motion -> paper theatre. Runs on any CPU; loaded in workers only.

    cast      prompt -> plan (who, what, where); the people cast take their places in it
    motion    plan -> key frames, by the rectified-flow transformer
    draw      key frames -> frames, with the cut-out faces of those who are cast
    sound     key frames -> ambience and steps

Every verb is a call of `model.directing.Director`; what goes on from clips reads their shots (`material`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

from generation import verbs
from generation.engines.base import (
    CastMember,
    EngineFailed,
    Frame,
    Job,
    OnStep,
    Rendered,
    ShouldStop,
    Source,
    Stopped,
)
from generation.engines.heads import head_of, reel_of
from generation.engines.labels import picture_of
from generation.states import Verb
from model import checkpoint, directing, flow, generate, lips, storyboard
from model.directing import Director, Picture, Role
from model.scene import draw_parallel, draw_reel, material, plans, showing
from model.scene import tracks as T
from model.scene.faces import FaceSprites
from model.scene.layouts import Mark
from model.scene.reel import Reel

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
        """Sample the scenes now; the frames are drawn as they are pulled."""
        expected = job.seconds * FPS
        told = directing.Watched(
            self.native,
            lambda step, steps: on_step(step, steps + expected),
            should_stop,
            job.product.way if job.product else None,
        )
        picture = picture_of(job.product) if job.product else None
        behind = job.backdrop() if job.backdrop else None
        try:
            reel = direct(job, told)
            if job.product:
                reel = showing.arranged(reel, job.product.way)
            kept = material.pack_reel(reel)  # mouths as they were: what goes on from it says nothing of this
            lips.move(reel, [(line.start_s, line.key, line.samples) for line in job.spoken])
        except flow.Stopped as error:
            raise Stopped from error
        except material.BadMaterial as error:
            raise EngineFailed("parent_gone", str(error)) from error
        faces = {member.key: head_of(member.face) for member in job.cast if member.face is not None}
        still = job.verb == Verb.STILL
        return Rendered(
            frames=self._frames(reel, job, faces, (picture, behind), told.done, on_step, should_stop),
            frame_count=draw_reel.frame_count(reel, FPS),
            fps=FPS,
            size=job.size,
            audio=None if still else draw_reel.track(reel),
            # A scene without its picture would be another clip: nothing goes on from it.
            material=b"" if behind is not None else kept,
            facts={"plan": plans.to_dict(reel.shots[0].scene.plan)},
        )

    def _frames(
        self,
        reel: Reel,
        job: Job,
        faces: Mapping[str, FaceSprites],
        pictures: tuple[Frame | None, Frame | None],
        before: int,
        on_step: OnStep,
        should_stop: ShouldStop,
    ) -> Iterator[Frame]:
        total = draw_reel.frame_count(reel, FPS)
        if job.verb == Verb.STILL:
            total = 1
        drawn = draw_reel.render(
            reel, workers=WORKERS, size=job.size, fps=FPS, faces=faces,
            product_image=pictures[0], backdrop=pictures[1],
        )  # fmt: skip
        try:
            for index in range(total):
                if should_stop():
                    raise Stopped
                yield next(drawn)
                on_step(before + index + 1, before + total)
        except ValueError as error:
            raise EngineFailed("nan_frames", str(error)) from error
        except draw_parallel.DrawingFailed as error:
            raise EngineFailed("engine_error", str(error)) from error
        finally:
            drawn.close()  # type: ignore[attr-defined]


def direct(job: Job, native: generate.Native) -> Reel:
    """The shots of a job. Raises `flow.Stopped`, `BadMaterial`, `EngineFailed`."""
    clips = [reel_of(source) for source in job.sources]
    seen = {key for clip in clips for shot in clip.shots for key in shot.who}
    gone = {key for source in job.sources for key in source.cast} - seen  # recast before: not shown any more
    roles = [Role(m.key or m.name, looks_of(m)) for m in job.cast if m.key not in gone]
    director = Director(native, job.seed, roles)
    prompt = prompt_for(job.prompt, job.cast)
    pictures = [
        Picture(*clip.at(source.at_s), source.second) for clip, source in zip(clips, job.sources, strict=True)
    ]
    words_ = "" if prompt in verbs.WORDLESS else prompt
    make: dict[str, Callable[[], Reel]] = {
        Verb.TEXT: lambda: _in_windows(
            director, lambda s: _from_words(director, prompt, s, job), job.seconds
        ),
        Verb.STILL: lambda: director.still(prompt),
        Verb.STORYBOARD: lambda: storyboard.shoot(director, _shots(job)),
        Verb.RETAKE: lambda: storyboard.retake(
            director,
            clips[0],
            _shots(job),
            job.how["shot"],
            new_words=job.how["new_words"],
            new_cast=job.how.get("new_cast", False),
        ),
        Verb.IMAGE: lambda: _in_windows(
            director, lambda s: director.image(pictures[0], words_, s), job.seconds
        ),
        Verb.LAST: lambda: director.last(pictures[0], words_, job.seconds),
        Verb.KEYFRAMES: lambda: director.keyframes(pictures, words_, job.seconds),
        Verb.EXTEND: lambda: director.extend(
            clips[0], job.how["more_s"], bool(job.how.get("backwards")), words_
        ),
        Verb.LOOP: lambda: director.loop(clips[0]),
        Verb.CONNECT: lambda: director.connect(clips[0], clips[1]),
        Verb.EDIT: lambda: director.remix(clips[0], prompt),
        Verb.REMIX: lambda: director.remix(clips[0], prompt, job.seconds),
        Verb.PLAY: lambda: reel_of(Source(job.run or b"", [m.key for m in job.cast])),
        Verb.RECAST: lambda: director.recast(clips[0], job.how.get("person", 0), prompt),
    }
    if job.verb not in make:
        raise EngineFailed("engine_error", f"{job.verb} is not rendered from a request")
    try:
        return make[job.verb]()
    except storyboard.OtherShots as error:
        raise EngineFailed("parent_gone", str(error)) from error


def _shots(job: Job) -> list[storyboard.Asked]:
    """The shots of a storyboard, with the names of those cast as words that the world knows. Where any shot
    says who is in it, nobody cast is in those that do not."""
    unsaid: tuple[str, ...] | None = () if any(shot.get("cast") for shot in job.how["shots"]) else None
    return [
        storyboard.Asked(
            prompt_for(shot["prompt"], job.cast),
            shot["seconds"],
            tuple(shot["cast"]) if shot.get("cast") else unsaid,
            shot.get("camera", ""),
            shot.get("begin", ""),
            shot.get("seed"),
        )
        for shot in job.how["shots"]
    ]


def _in_windows(director: Director, begin: Callable[[float], Reel], seconds: float) -> Reel:
    """Longer than the sampler goes at once: the clip, and on from its end until it is long enough."""
    reel = begin(min(seconds, generate.LONGEST_S))
    while seconds - reel.frames / T.FPS > 1 / T.FPS:
        before = reel.frames
        reel = director.extend(reel, seconds - reel.frames / T.FPS, backwards=False)
        if reel.frames <= before:
            break  # as long as a clip can be
    return reel


def _from_words(director: Director, prompt: str, seconds: float, job: Job) -> Reel:
    if not job.how.get("layout"):
        return director.text(prompt, seconds)
    return director.layout(prompt, seconds, _marks(job.how["layout"]), job.size[0] / job.size[1])


def _marks(rows: Sequence[Mapping[str, Any]]) -> list[Mark]:
    way = {"left": -1, "right": 1}
    return [Mark(r["what"], r["x"] / 100, r["depth"] / 100, way.get(r["facing"], 0)) for r in rows]


def prompt_for(prompt: str, cast: Sequence[CastMember]) -> str:
    """The prompt with the names of those cast as words that the world knows."""
    for member in sorted(cast, key=lambda m: -len(m.name)):
        known = str((member.character or {}).get("kind", SOMEBODY))
        word = known if known == SOMEBODY else f"a {known}"
        prompt = re.sub(rf"(?<!\w){re.escape(member.name)}(?!\w)", word, prompt, flags=re.IGNORECASE)
    return prompt


def looks_of(member: CastMember) -> dict[str, Any]:
    """What of a drawn character the alphabet has fields for; anything else in its row is left alone."""
    known = {field.name for field in fields(T.PersonPlan)} & set(LOOKS)
    return {name: value for name, value in (member.character or {}).items() if name in known}
