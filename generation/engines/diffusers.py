"""Diffusers video pipelines in a folder of this machine, for hosts with a GPU (or patience). Workers only.

The folder is what `save_pretrained` writes (or a hub id that was fetched before). Beside `model_index.json`
the operator may put `understudy.json` with any of `families.DEFAULTS`:

    {"width": 480, "height": 832, "frames": 81, "fps": 16, "offload": "model", "lora": ["me:0.8"]}

What it does with words, pictures, clips and people is in `families.py`. Pictures come in the clip's shape at
the area of these numbers and are scaled to the clip; steps are reported one by one and a stop holds at the
next. A clip longer than `frames` is made window by window, each going on from the last picture of the one
before. With `cache`, a step whose first block says almost what it said in the step before keeps what all
other blocks added then (first block cache, after TeaCache); how much that may be is the operator's to try.
"""

from __future__ import annotations

import copy
import inspect
import logging
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import torch
from diffusers import DiffusionPipeline
from diffusers.hooks import FirstBlockCacheConfig
from django.conf import settings

from generation.engines import base, filling
from generation.engines.base import EngineFailed, Frame, Job, OnStep, Rendered, ShouldStop, Stopped
from generation.engines.families import CACHING, BadFolder, Way, family_at, place_of, wishes_of
from generation.failures import code_of
from generation.states import Verb
from model import video

log = logging.getLogger(__name__)
DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}
LORA_STRENGTH = re.compile(r"(.+):([0-9]*\.?[0-9]+)")
SEAM = 480  # samples over which the sound of one window ends and that of the next begins
OFFLOADS = ("auto", "none", "model", "sequential")
WEIGHTS_SHARE = 0.5  # of the GPU's free memory; the rest is for a step's tensors and the decoder
CORES = ("transformer", "transformer_2")
NO_ROOM = (torch.OutOfMemoryError, MemoryError)  # the first is a RuntimeError: asked before the others
BROKEN = (OSError, ValueError, KeyError, AttributeError, RuntimeError, TypeError, NotImplementedError)


@dataclass
class Progress:
    """Steps over all windows of one job."""

    on_step: OnStep
    should_stop: ShouldStop
    total: int
    done: int = 0

    def step(self) -> None:
        self.done += 1
        self.on_step(min(self.done, self.total), self.total)
        if self.should_stop():
            raise Stopped


class DiffusersEngine:
    """Loads the pipeline of a folder once; sibling classes share its components."""

    def __init__(self, folder: Path | str | None = None) -> None:
        self.folder = place_of(str(folder or settings.DIFFUSERS_FOLDER))
        try:
            self.family = family_at(self.folder)
            self.wishes = wishes_of(self.folder)
            self.pipeline = self._load()
        except BadFolder as error:
            raise EngineFailed("engine_missing", str(error)) from error
        except NO_ROOM as error:
            raise _no_room(error) from error
        except BROKEN as error:
            if code_of(error) == "out_of_memory":
                raise _no_room(error) from error
            _leave_if_lost()
            raise EngineFailed("engine_missing", str(error)) from error
        self.siblings: dict[str, Any] = {type(self.pipeline).__name__: self.pipeline}

    def _load(self) -> Any:
        if self.wishes["offload"] not in OFFLOADS:
            raise BadFolder(f"offload is one of {', '.join(OFFLOADS)}, not {self.wishes['offload']!r}")
        pipeline = DiffusionPipeline.from_pretrained(self.folder, dtype=self._dtype(), local_files_only=True)
        if self.wishes["lora"]:
            self._add_loras(pipeline)
        if self.wishes["tiling"]:
            with suppress(NotImplementedError, AttributeError):  # not every autoencoder knows tiles
                pipeline.vae.enable_tiling()
        if self.wishes["cache"]:
            if type(pipeline).__name__ not in CACHING:
                raise BadFolder(f'{type(pipeline).__name__} does not cache steps: take "cache" out')
            _cache(pipeline, float(self.wishes["cache"]))
        if how := self.wishes["compile"]:
            core = "transformer" if hasattr(pipeline, "transformer") else "unet"
            backend = how if isinstance(how, str) else "inductor"
            setattr(pipeline, core, torch.compile(getattr(pipeline, core), backend=backend))
        if card := _card():
            _place(pipeline, self.wishes["offload"], card)
        else:
            log.warning("this process sees no GPU: %s draws on the CPU", self.family.title)
        return pipeline

    def _dtype(self) -> torch.dtype | dict[str, torch.dtype]:
        """Of the weights, or by the parts' names. Without units for it, bfloat16 is many times slower than
        float32, and in float16 some of these networks run out of numbers: who wants it says so."""
        if self.wishes["dtype"] == "auto":
            if _card() is None or not torch.cuda.is_bf16_supported(including_emulation=False):
                return torch.float32
            fine = {"vae": torch.float32} if self.family.fine_vae else {}
            return {"default": torch.bfloat16, **fine}
        try:
            return DTYPES[self.wishes["dtype"]]
        except KeyError as error:
            raise BadFolder(f"dtype is one of auto, {', '.join(DTYPES)}, not {error}") from error

    def _add_loras(self, pipeline: Any) -> None:
        """Each is a file of the folder, or a path; "file.safetensors:0.8" takes it at 0.8 of its strength."""
        strengths: dict[str, float] = {}
        for number, asked in enumerate(self.wishes["lora"]):
            weighed = LORA_STRENGTH.fullmatch(asked)
            name, strength = (weighed[1], float(weighed[2])) if weighed else (asked, 1.0)
            path = self.folder / name
            if not path.is_file():
                raise BadFolder(f"the LoRA {name} is not there")
            strengths[f"lora{number}"] = strength
            pipeline.load_lora_weights(str(path.parent), weight_name=path.name, adapter_name=f"lora{number}")
        pipeline.set_adapters(list(strengths), list(strengths.values()))

    def render(self, job: Job, on_step: OnStep, should_stop: ShouldStop) -> Rendered:
        """Sample now (that is all the work); the frames are scaled as they are pulled. Out of memory is the
        caller's to try again smaller."""
        way = self.family.ways.get(job.verb)
        if way is None:
            raise EngineFailed("engine_error", f"{self.family.title} does not do {job.verb}")
        try:
            frames, audio = self._windows(job, way, on_step, should_stop)
        except NO_ROOM as error:
            raise _no_room(error) from error
        if not np.isfinite(frames).all():
            raise EngineFailed("nan_frames")
        return Rendered(
            frames=_scaled(frames, job.size),
            frame_count=len(frames),
            fps=float(self.wishes["fps"]),
            size=job.size,
            audio=None if job.verb == Verb.STILL else audio,
            facts={"pipeline": way.pipeline},
        )

    def _windows(
        self, job: Job, way: Way, on_step: OnStep, should_stop: ShouldStop
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Frames T H W 3 in 0..1, as long as was asked (or as this pipeline can), and its sound."""
        wanted = 1 if job.verb == Verb.STILL else self.frames_for(job)
        first = self.on_grid(min(wanted, self.wishes["frames"]))
        again = self.family.ways.get(Verb.IMAGE) if job.verb != Verb.STILL else None
        windows = 1 if again is None else max(1, math.ceil((wanted - first) / max(1, first - 1)) + 1)
        steps = Progress(on_step, should_stop, int(self.wishes["steps"]) * windows)
        on_step(0, steps.total)
        asked = filling.of(way.fill, job, first, self.size_for(job), self.wishes)
        made, audio = self._sample(job, way, asked, first, steps)
        made, begins = filling.joined(job, way.fill, made)
        audio = _later(audio, begins / float(self.wishes["fps"]))
        while again is not None and len(made) < wanted and windows > 1 and job.verb in filling.GOES_ON:
            onward = filling.going_on(job, made[-1])
            asked = filling.of(again.fill, onward, first, self.size_for(job), self.wishes)
            more, sound = self._sample(onward, again, asked, first, steps)
            audio = _going_on(
                audio, sound, len(made) / float(self.wishes["fps"]), 1 / float(self.wishes["fps"])
            )
            made = np.concatenate([made, more[1:]])
        return (made[:wanted] if job.verb in filling.GOES_ON else made), audio

    def _sample(
        self, job: Job, way: Way, asked: dict[str, Any], frames: int, progress: Progress
    ) -> tuple[np.ndarray, np.ndarray | None]:
        pipeline = copy.copy(self.sibling(way.pipeline))  # a preview in between keeps a place of its own
        pipeline.scheduler = copy.deepcopy(pipeline.scheduler)
        width, height = self.size_for(job)

        def after(pipe: Any, step: int, time: Any, values: dict[str, Any]) -> dict[str, Any]:
            rough = filling.rough_picture(values.get("latents"))
            if rough is not None:
                job.show(rough)
            progress.step()
            return values

        common: dict[str, Any] = {
            "prompt": job.prompt,
            "width": width,
            "height": height,
            "num_frames": frames + self.family.dropped,
            "num_inference_steps": int(self.wishes["steps"]),
            "guidance_scale": float(self.wishes["guidance"]),
            "frame_rate": float(self.wishes["fps"]),
            "generator": torch.Generator().manual_seed(job.seed),
            "callback_on_step_end": after,
            "output_type": "np",
        }
        takes = set(inspect.signature(pipeline.__call__).parameters)
        try:
            with self._at_rest(), _cached_where_right(pipeline, float(self.wishes["cache"])):
                out = pipeline(**{name: value for name, value in (common | asked).items() if name in takes})
        except NO_ROOM:
            raise
        except BROKEN as error:
            if code_of(error) == "out_of_memory":
                raise _no_room(error) from error
            _leave_if_lost()
            raise EngineFailed("engine_error", f"{type(error).__name__}: {error}") from error
        return np.asarray(out.frames[0], np.float32), _sound(pipeline, getattr(out, "audio", None))

    @contextmanager
    def _at_rest(self) -> Iterator[None]:
        """No offloaded network is on the GPU, and no step is cached, before and after. Pipelines see to that
        at their own end alone: one that was stopped or had no room would leave its networks there, beside
        which the next clip's have no room, for good; siblings never do, and a preview begins in the middle
        of a clip."""
        self.pipeline.maybe_free_model_hooks()
        try:
            yield
        finally:
            self.pipeline.maybe_free_model_hooks()

    def sibling(self, name: str) -> Any:
        """Another class over the same components."""
        if name not in self.siblings:
            kind = getattr(diffusers, name)
            needs = set(inspect.signature(kind.__init__).parameters)
            known = {**self.pipeline.config, **self.pipeline.components}  # numbers and networks
            self.siblings[name] = kind(**{part: value for part, value in known.items() if part in needs})
        pipeline = self.siblings[name]
        pipeline.set_progress_bar_config(disable=True)
        return pipeline

    def frames_for(self, job: Job) -> int:
        return max(1, round(job.seconds * float(self.wishes["fps"])))

    def on_grid(self, frames: int) -> int:
        """The count of frames that the pipeline can sample, at least as many as asked."""
        grid = self.family.grid
        return frames if grid == 1 else max(0, math.ceil((frames - 1) / grid)) * grid + 1

    def size_for(self, job: Job) -> tuple[int, int]:
        """(width, height): the clip's shape at the area that the operator wrote down (less of it for what is
        to be smaller), on the class's grid."""
        area, ratio, side = (
            self.wishes["width"] * self.wishes["height"] / job.smaller**2,
            job.size[0] / job.size[1],
            self.family.side,
        )
        height = max(side, round(math.sqrt(area / ratio) / side) * side)
        return max(side, round(height * ratio / side) * side), height


def _no_room(error: BaseException) -> EngineFailed:
    torch.cuda.empty_cache()
    return EngineFailed("out_of_memory", str(error))


def _leave_if_lost() -> None:
    """After some errors (CUDA calls them sticky) each call of this process to the GPU fails till it ends."""
    if not torch.cuda.is_initialized():
        return
    try:
        torch.cuda.synchronize()
    except RuntimeError as error:
        base.leave(f"the GPU is lost to this process: {error}")


def _card() -> str | None:
    """Where pipelines run; None on a machine without a GPU."""
    return "cuda" if torch.cuda.is_available() else None


def _place(pipeline: Any, offload: str, card: str) -> None:
    if offload == "auto":
        free, _all = torch.cuda.mem_get_info()
        offload = "none" if _weights(pipeline) <= WEIGHTS_SHARE * free else "model"
    if offload == "sequential":
        pipeline.enable_sequential_cpu_offload(device=card)
    elif offload == "model":
        pipeline.enable_model_cpu_offload(device=card)
    else:
        pipeline.to(card)


def _weights(pipeline: Any) -> int:
    """Bytes of all networks."""
    networks = [part for part in pipeline.components.values() if isinstance(part, torch.nn.Module)]
    return sum(p.nbytes for network in networks for p in (*network.parameters(), *network.buffers()))


def _cores(pipeline: Any) -> list[Any]:
    return [core for name in CORES if (core := getattr(pipeline, name, None)) is not None]


def _cache(pipeline: Any, threshold: float) -> None:
    """0: every step in full."""
    for core in _cores(pipeline):
        if core.is_cache_enabled:
            core.disable_cache()
        if threshold:
            core.enable_cache(FirstBlockCacheConfig(threshold=threshold))


@contextmanager
def _cached_where_right(pipeline: Any, threshold: float) -> Iterator[None]:
    """Steps of a class that would draw wrong pictures with cached ones are computed in full."""
    was_cached = [core for core in _cores(pipeline) if threshold and core.is_cache_enabled]
    if not was_cached or type(pipeline).__name__ in CACHING:
        yield
        return
    _cache(pipeline, 0)
    try:
        yield
    finally:
        _cache(pipeline, threshold)


def _sound(pipeline: Any, audio: Any) -> np.ndarray | None:
    """float32 [samples, channels] at 48 kHz from a pipeline's own sound (channels first)."""
    if audio is None:
        return None
    wave = np.asarray(audio[0].float().cpu() if torch.is_tensor(audio[0]) else audio[0], np.float32)
    wave = wave.T if wave.ndim == 2 and wave.shape[0] < wave.shape[1] else wave.reshape(len(wave), -1)
    rate = int(pipeline.vocoder.config.output_sampling_rate)
    at = np.linspace(0, len(wave) - 1, round(len(wave) * 48_000 / rate))
    columns = [np.interp(at, np.arange(len(wave)), wave[:, c]) for c in range(wave.shape[1])]
    return np.clip(np.stack(columns, 1), -1, 1).astype(np.float32)


def _later(audio: np.ndarray | None, seconds: float) -> np.ndarray | None:
    """The same after some silence: it belongs to pictures that come later in the clip."""
    if audio is None or not seconds:
        return audio
    return np.concatenate([np.zeros((round(48_000 * seconds), audio.shape[1]), np.float32), audio])


def _going_on(
    audio: np.ndarray | None, more: np.ndarray | None, until_s: float, shared_s: float
) -> np.ndarray | None:
    """The sound of a clip and of its next window, whose first picture is the last of those before."""
    if audio is None or more is None:
        return audio
    before = audio[: round(48_000 * until_s)]
    before = np.pad(before, ((0, round(48_000 * until_s) - len(before)), (0, 0)))
    after = more[round(48_000 * shared_s) :]
    fade = np.linspace(0, 1, min(SEAM, len(before), len(after)), dtype=np.float32)[:, None]
    if len(fade):
        before[-len(fade) :] *= fade[::-1]
        after = np.concatenate([after[: len(fade)] * fade, after[len(fade) :]])
    return np.concatenate([before, after])


def _scaled(frames: np.ndarray, size: tuple[int, int]) -> Iterator[Frame]:
    """Cut to the clip's shape about the middle, then scaled to its size."""
    for frame in frames:
        yield video.resize(filling.cut(filling.to_bytes(frame), size), size)
