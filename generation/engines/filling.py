"""How the arguments of diffusers pipelines are filled from a job's clips, pictures and people."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generation.engines import stills
from generation.engines.base import CastMember, EngineFailed, Frame, Job, Source
from generation.states import Verb
from model import video

Size = tuple[int, int]
GOES_ON = frozenset({Verb.TEXT, Verb.IMAGE})  # verbs that last as long as asked, window by window
KNOWN_SHARE = 0.3  # of a window: frames of a clip that it goes on from
FACE = 512
LTX2_STEP = 8  # frames


def of(fill: str, job: Job, frames: int, size: Size, wishes: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments besides prompt, size and steps. Raises `EngineFailed("parent_gone")` without a clip."""
    return FILLERS[fill](job, frames, size, wishes)


def _words(job: Job, frames: int, size: Size, wishes: Mapping[str, Any]) -> dict[str, Any]:
    return {}


def _image(job: Job, frames: int, size: Size, wishes: Mapping[str, Any]) -> dict[str, Any]:
    if job.verb == Verb.EXTEND:
        return {"image": picture(_film(job.sources[0])[-1], size)}
    asked: dict[str, Any] = {"image": moment(job, 0, size)}
    if len(job.sources) > 1:
        asked["last_image"] = moment(job, len(job.sources) - 1, size)
    return asked


def _video(job: Job, frames: int, size: Size, wishes: Mapping[str, Any]) -> dict[str, Any]:
    film = evenly(_film(_first(job)), frames)
    return {"video": [picture(f, size) for f in film], "strength": float(wishes["strength"])}


def _vace(job: Job, frames: int, size: Size, wishes: Mapping[str, Any]) -> dict[str, Any]:
    """Known frames with a black mask, all others grey with a white one."""
    blank, open_ = Image.new("RGB", size, (127, 127, 127)), Image.new("L", size, 255)
    film, mask = [blank] * frames, [open_] * frames
    if job.verb in (Verb.EDIT, Verb.REMIX):
        film = [picture(f, size) for f in evenly(_film(_first(job)), frames)]
    for index, known in pins(job, frames, size):
        film[index], mask[index] = known, Image.new("L", size, 0)
    asked: dict[str, Any] = {"video": film, "mask": mask}
    if job.cast:
        asked["reference_images"] = [[portrait(member, size) for member in job.cast]]
    return asked


def _conditions(job: Job, frames: int, size: Size, wishes: Mapping[str, Any]) -> dict[str, Any]:
    from diffusers.pipelines.ltx.pipeline_ltx_condition import LTXVideoCondition

    if job.verb in (Verb.EDIT, Verb.REMIX):
        film = [picture(f, size) for f in evenly(_film(_first(job)), frames)]
        held = LTXVideoCondition(video=film, frame_index=0, strength=1.0 - float(wishes["strength"]))
        return {"conditions": [held]}
    pinned = [LTXVideoCondition(image=known, frame_index=at) for at, known in pins(job, frames, size)]
    return {"conditions": pinned}


def _keyed(job: Job, frames: int, size: Size, wishes: Mapping[str, Any]) -> dict[str, Any]:
    """Moments are steps of LTX-2's own time: the first is one frame, each other one `LTX2_STEP`."""
    from diffusers.pipelines.ltx2.pipeline_ltx2_condition import LTX2VideoCondition

    if job.verb in (Verb.EDIT, Verb.REMIX):
        film = [picture(f, size) for f in evenly(_film(_first(job)), frames)]
        return {"conditions": [LTX2VideoCondition(frames=film, strength=1.0 - float(wishes["strength"]))]}
    known = pins(job, frames, size)
    head = [shown for number, (at, shown) in enumerate(known) if at == number]
    later = {(at - 1) // LTX2_STEP + 1: shown for at, shown in known[len(head) :]}
    pinned = [LTX2VideoCondition(frames=head if len(head) > 1 else head[0])] if head else []
    return {"conditions": [*pinned, *(LTX2VideoCondition(frames=p, index=at) for at, p in later.items())]}


def _pose(job: Job, frames: int, size: Size, wishes: Mapping[str, Any]) -> dict[str, Any]:
    film = evenly(_film(_first(job)), frames)
    if job.verb == Verb.POSE:
        shown = picture(stills.opened(job.films)[0], size)
    elif job.cast:
        shown = portrait(job.cast[0], size)
    else:
        raise EngineFailed("engine_error", "nobody is cast whom the clip could move")
    return {
        "image": shown,
        "pose_video": [picture(f, size) for f in film],
        "face_video": [picture(f, (FACE, FACE)) for f in film],
        "segment_frame_length": frames,
    }


FILLERS: dict[str, Callable[[Job, int, Size, Mapping[str, Any]], dict[str, Any]]] = {
    "words": _words,
    "image": _image,
    "video": _video,
    "vace": _vace,
    "conditions": _conditions,
    "keyed": _keyed,
    "pose": _pose,
}


def pins(job: Job, frames: int, size: Size) -> list[tuple[int, Image.Image]]:
    """(frame, picture) of what is known beforehand, by verb."""
    last, held = frames - 1, max(1, round(frames * KNOWN_SHARE))
    if job.verb == Verb.IMAGE:
        return [(0, moment(job, 0, size))]
    if job.verb == Verb.LAST:
        return [(last, moment(job, 0, size))]
    if job.verb == Verb.KEYFRAMES:
        at = [round(min(1.0, s.second / max(1, job.seconds)) * last) for s in job.sources]
        return [(index, moment(job, k, size)) for k, index in enumerate(at)]
    if job.verb == Verb.EXTEND:
        film = _film(_first(job))
        if job.how.get("backwards"):
            head = film[:held]
            return [(last - len(head) + 1 + k, picture(f, size)) for k, f in enumerate(head)]
        return [(k, picture(f, size)) for k, f in enumerate(film[-held:])]
    if job.verb in (Verb.CONNECT, Verb.LOOP):
        before, after = _film(_first(job)), _film(job.sources[-1])
        held = min(held, max(1, (frames - 1) // 2))
        tail, head = before[-held:], after[:held]
        return [
            *((k, picture(f, size)) for k, f in enumerate(tail)),
            *((last - len(head) + 1 + k, picture(f, size)) for k, f in enumerate(head)),
        ]
    return []


def joined(job: Job, fill: str, made: NDArray[np.float32]) -> tuple[NDArray[np.float32], int]:
    """The whole clip: what was there before and after the new frames (T H W 3 in 0..1), and at which of its
    frames the new ones begin."""
    if job.verb not in (Verb.EXTEND, Verb.CONNECT, Verb.LOOP):
        return made, 0
    size = (made.shape[2], made.shape[1])
    films = [
        np.stack([np.asarray(picture(f, size), np.float32) / 255 for f in _film(source)])
        for source in job.sources
    ]
    held = 1 if fill == "image" else max(1, round(len(made) * KNOWN_SHARE))
    if job.verb == Verb.EXTEND and job.how.get("backwards"):
        return np.concatenate([made[: len(made) - min(held, len(films[0]))], films[0]]), 0
    if job.verb != Verb.EXTEND:
        held = min(held, max(1, (len(made) - 1) // 2))
    first = min(held, len(films[0]))
    begins = len(films[0]) - first
    if job.verb == Verb.EXTEND:
        return np.concatenate([films[0], made[first:]]), begins
    bridge = made[first : len(made) - min(held, len(films[-1]))]
    return np.concatenate([films[0], bridge, *films[1:]]), begins


def going_on(job: Job, last: NDArray[np.float32]) -> Job:
    """The job of a window that begins with the last picture of the one before."""
    end = to_bytes(last)
    return replace(job, verb=Verb.IMAGE, sources=[Source(b"", load=lambda: [end])], seed=job.seed + 1)


def moment(job: Job, index: int, size: Size) -> Image.Image:
    """The picture that a source means: its frame at `at_s`."""
    source = job.sources[index] if index < len(job.sources) else _first(job)
    film = _film(source)
    at = round(source.at_s * source.fps) if source.fps else 0
    return picture(film[min(max(0, at), len(film) - 1)], size)


def picture(frame: Frame, size: Size) -> Image.Image:
    return Image.fromarray(video.resize(cut(frame, size), size))


def portrait(member: CastMember, size: Size) -> Image.Image:
    """Somebody cast as a reference picture: the first crop of their face. Raises `EngineFailed`."""
    if member.face is None:
        raise EngineFailed("engine_error", "drawn characters are the native engine's")
    try:
        with np.load(io.BytesIO(member.face), allow_pickle=False) as kept:
            crop = np.asarray(kept["crops"][0])[..., :3]
    except (ValueError, OSError, KeyError, IndexError) as error:
        raise EngineFailed("likeness_gone", str(error)) from error
    return picture(np.ascontiguousarray(crop.astype(np.uint8)), size)


def cut(frame: Frame, size: Size) -> Frame:
    """The middle of a picture in another's shape."""
    height, width = frame.shape[:2]
    ratio = size[0] / size[1]
    wide, high = min(width, round(height * ratio)), min(height, round(width / ratio))
    left, top = (width - wide) // 2, (height - high) // 2
    return np.ascontiguousarray(frame[top : top + max(1, high), left : left + max(1, wide)])


def to_bytes(frame: NDArray[np.float32]) -> Frame:
    return np.ascontiguousarray((frame.clip(0, 1) * 255 + 0.5).astype(np.uint8))


def evenly(film: Sequence[Frame], count: int) -> list[Frame]:
    """`count` frames spread over a film."""
    at = np.linspace(0, len(film) - 1, count).round().astype(int)
    return [film[int(k)] for k in at]


def rough_picture(latents: Any) -> Frame | None:
    """Three channels of the middle latent frame as colours: a hint of what comes. None for packed ones."""
    if latents is None or getattr(latents, "ndim", 0) != 5 or latents.shape[1] < 3:
        return None
    middle = latents[0, :3, latents.shape[2] // 2].detach().float().cpu().numpy().transpose(1, 2, 0)
    if not np.isfinite(middle).all():
        return None
    low, high = middle.min(), middle.max()
    return to_bytes((middle - low) / max(1e-6, high - low))


def _first(job: Job) -> Source:
    if not job.sources:
        raise EngineFailed("parent_gone")
    return job.sources[0]


def _film(source: Source) -> Sequence[Frame]:
    film = source.load()
    if not len(film):
        raise EngineFailed("parent_gone")
    return film
