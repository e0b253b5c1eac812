"""Any diffusers video pipeline in a folder of this machine, for hosts with a GPU (or patience). Workers only.

The folder is what `save_pretrained` writes. Beside `model_index.json` the operator may put `understudy.json`:

    {"width": 480, "height": 832, "frames": 81, "fps": 16, "steps": 30, "guidance": 5.0, "dtype": "bfloat16"}

The pictures come at that size and are scaled to the clip's; steps are reported one by one and a stop holds
at the next. Out of memory is tried once more at half the size. There is no sound and nobody is cast: faces
are the native engine's.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import DiffusionPipeline
from django.conf import settings

from generation.engines.base import EngineFailed, Frame, Job, OnStep, Rendered, ShouldStop, Stopped
from model import video

DEFAULTS: dict[str, Any] = {
    "width": 480, "height": 832, "frames": 81, "fps": 16, "steps": 30, "guidance": 5.0, "dtype": "float32",
}  # fmt: skip
DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}


class DiffusersEngine:
    """Loads the pipeline of `DIFFUSERS_FOLDER` once."""

    def __init__(self, folder: Path | str | None = None) -> None:
        self.folder = Path(folder or settings.DIFFUSERS_FOLDER)
        if not (self.folder / "model_index.json").exists():
            raise EngineFailed("engine_missing", f"{self.folder} holds no pipeline")
        self.wishes = wishes_of(self.folder)
        try:
            self.pipeline = DiffusionPipeline.from_pretrained(
                self.folder, dtype=DTYPES[self.wishes["dtype"]], local_files_only=True
            )
        except (OSError, ValueError, KeyError, AttributeError, RuntimeError) as error:
            raise EngineFailed("engine_missing", str(error)) from error
        if torch.cuda.is_available():
            self.pipeline.enable_model_cpu_offload()
        self.pipeline.set_progress_bar_config(disable=True)
        self.takes = set(inspect.signature(self.pipeline.__call__).parameters)

    def render(self, job: Job, on_step: OnStep, should_stop: ShouldStop) -> Rendered:
        """Sample now (that is all the work); the frames are scaled as they are pulled."""
        try:
            frames = self._sample(job, on_step, should_stop, scale=1.0)
        except (torch.OutOfMemoryError, MemoryError):
            torch.cuda.empty_cache()
            try:
                frames = self._sample(job, on_step, should_stop, scale=0.5)
            except (torch.OutOfMemoryError, MemoryError) as error:
                raise EngineFailed("out_of_memory", str(error)) from error
        if not np.isfinite(frames).all():
            raise EngineFailed("nan_frames")
        return Rendered(
            frames=_scaled(frames, job.size),
            frame_count=len(frames),
            fps=float(self.wishes["fps"]),
            size=job.size,
            facts={"pipeline": type(self.pipeline).__name__},
        )

    def _sample(self, job: Job, on_step: OnStep, should_stop: ShouldStop, scale: float) -> np.ndarray:
        """Frames T H W 3 in 0..1."""
        steps = int(self.wishes["steps"])

        def after(pipeline: Any, step: int, time: Any, values: dict[str, Any]) -> dict[str, Any]:
            on_step(step + 1, steps)
            if should_stop():
                raise Stopped
            return values

        asked: dict[str, Any] = {
            "prompt": job.prompt,
            "width": round(self.wishes["width"] * scale / 16) * 16,
            "height": round(self.wishes["height"] * scale / 16) * 16,
            "num_frames": int(self.wishes["frames"]),
            "num_inference_steps": steps,
            "guidance_scale": float(self.wishes["guidance"]),
            "generator": torch.Generator().manual_seed(job.seed),
            "callback_on_step_end": after,
            "output_type": "np",
        }
        on_step(0, steps)
        made = self.pipeline(**{name: value for name, value in asked.items() if name in self.takes})
        return np.asarray(made.frames[0], np.float32)


def wishes_of(folder: Path) -> Mapping[str, Any]:
    """The operator's numbers over the defaults. Raises `EngineFailed` for a file that is not JSON."""
    path = folder / "understudy.json"
    try:
        own = json.loads(path.read_text()) if path.exists() else {}
    except ValueError as error:
        raise EngineFailed("engine_missing", f"{path} is no JSON") from error
    return DEFAULTS | {name: own[name] for name in DEFAULTS if name in own}


def _scaled(frames: np.ndarray, size: tuple[int, int]) -> Iterator[Frame]:
    """Cut to the clip's shape about the middle, then scaled to its size."""
    height, width = frames.shape[1:3]
    wanted = size[0] / size[1]
    cut_w, cut_h = min(width, round(height * wanted)), min(height, round(width / wanted))
    left, top = (width - cut_w) // 2, (height - cut_h) // 2
    for frame in frames:
        part = frame[top : top + cut_h, left : left + cut_w]
        yield video.resize(np.ascontiguousarray((part.clip(0, 1) * 255 + 0.5).astype(np.uint8)), size)
