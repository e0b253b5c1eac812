"""`python -m tests.bench.gpu_clip`: what a clip of an open video model costs on this machine's GPU, through
our own engine. The last line is one JSON object. No test; `--tiny` runs the same on a CPU, for one.

Weights are random: they cost the time and memory of trained ones, and nothing has to be fetched. What they
draw is noise. Networks have the sizes that their publishers write down (`MODELS`); the tokenizer knows a
few words, for text is padded to the same length whatever it says. Each model is saved as a folder and goes
the whole way of an operator's: `DiffusersEngine(folder)`, and a job of a worker's.

folder_s         to make and save the folder (no part of an operator's life)
load_s           folder to engine, files warm in the page cache
clip_s           of one job, to its last frame, at the size, length and steps of its model; measured
                 whole, after one that was stopped in its third step to warm up
step_s           median of its steps (the first is not among them: it has the text before it)
text_s, decode_s of it, in the text encoder and in the decoder
memory_mb        as the board of engines has it (the most that tensors held, loading among it)
reserved_mb      what the allocator took of the card for it
cancel_steps     steps that were done after a stop was asked in the middle of one
cancel_s         from then until the engine let go
offload          the same with networks that come to the GPU one by one; left_mb: what they hold after
                 the clip
cached           the same with `cache`. Which steps of trained weights are alike is not known here, so
                 both ends are measured: step_s of steps that keep all they can, watched_s of steps of
                 which none does

Flags: --models NAME ... (wan-1.3b, wan-5b, wan-14b, cogvideox-5b, ltx-2b) --steps N (fewer than usual:
clip_s with the missing steps at step_s each is then told as `clip_all_steps_s`) --skip-offload --skip-cache
--tiny --folder DIR (where the weights are written: up to 45 GB)
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from generation import machine

VERTICAL = (720, 1280)  # of the clip: what is sampled is scaled to it
UMT5_XXL = {
    "vocab_size": 256_384, "d_model": 4096, "d_kv": 64, "d_ff": 10_240, "num_layers": 24, "num_heads": 64,
    "feed_forward_proj": "gated-gelu",
}  # fmt: skip
T5_XXL = UMT5_XXL | {"vocab_size": 32_128}
WAN = {
    "attention_head_dim": 128, "text_dim": 4096, "freq_dim": 256, "cross_attn_norm": True, "eps": 1e-6,
    "patch_size": (1, 2, 2), "qk_norm": "rms_norm_across_heads", "rope_max_seq_len": 1024,
}  # fmt: skip


def _sizes(heads: int, ffn: int, layers: int, channels: int) -> dict[str, int]:
    """What the networks of Wan differ in."""
    return {
        "num_attention_heads": heads, "ffn_dim": ffn, "num_layers": layers, "in_channels": channels,
        "out_channels": channels,
    }  # fmt: skip


@dataclass(frozen=True)
class Model:
    """A pipeline's sizes, and the numbers that its publisher samples five seconds with."""

    kind: str  # which function of this file builds it
    transformer: dict[str, Any]
    text: dict[str, Any]
    wishes: dict[str, Any]
    vae: dict[str, Any] = field(default_factory=dict)  # over the class's own, which are the publisher's
    size: tuple[int, int] = VERTICAL


SMALL = {"width": 480, "height": 832, "frames": 81, "fps": 16, "steps": 50, "guidance": 5.0}
MODELS = {
    "wan-1.3b": Model(
        "wan",
        WAN | _sizes(heads=12, ffn=8960, layers=30, channels=16),
        UMT5_XXL,
        SMALL,
    ),
    "wan-14b": Model(
        "wan",
        WAN | _sizes(heads=40, ffn=13_824, layers=40, channels=16),
        UMT5_XXL,
        SMALL,
    ),
    "wan-5b": Model(  # Wan 2.2 TI2V
        "wan_small",
        WAN | _sizes(heads=24, ffn=14_336, layers=30, channels=48),
        UMT5_XXL,
        {"width": 704, "height": 1280, "frames": 121, "fps": 24, "steps": 50, "guidance": 5.0},
        {
            "base_dim": 160, "decoder_base_dim": 256, "z_dim": 48, "is_residual": True, "patch_size": 2,
            "in_channels": 12, "out_channels": 12, "scale_factor_spatial": 16,
            "latents_mean": [0.0] * 48, "latents_std": [1.0] * 48,
        },
    ),
    "cogvideox-5b": Model(
        "cogvideox",
        {
            "num_attention_heads": 48, "attention_head_dim": 64, "num_layers": 42, "in_channels": 16,
            "out_channels": 16, "text_embed_dim": 4096, "time_embed_dim": 512, "sample_width": 90,
            "sample_height": 60, "sample_frames": 49, "patch_size": 2, "max_text_seq_length": 226,
            "temporal_compression_ratio": 4, "use_rotary_positional_embeddings": True,
        },
        T5_XXL,
        # It was taught one shape, 720 x 480, and six seconds of eight frames.
        {"width": 720, "height": 480, "frames": 49, "fps": 8, "steps": 50, "guidance": 6.0},
        {
            "block_out_channels": (128, 256, 256, 512), "latent_channels": 16, "layers_per_block": 3,
            "down_block_types": ("CogVideoXDownBlock3D",) * 4, "up_block_types": ("CogVideoXUpBlock3D",) * 4,
            "scaling_factor": 0.7,
        },
        (1280, 720),
    ),
    "ltx-2b": Model(
        "ltx",
        {
            "num_attention_heads": 32, "attention_head_dim": 64, "cross_attention_dim": 2048,
            "num_layers": 28, "in_channels": 128, "out_channels": 128, "caption_channels": 4096,
        },
        T5_XXL,
        {"width": 480, "height": 704, "frames": 121, "fps": 24, "steps": 50, "guidance": 3.0},
    ),
}  # fmt: skip
LITTLE_TEXT = {"vocab_size": 320, "d_model": 16, "d_kv": 8, "d_ff": 16, "num_layers": 1, "num_heads": 2}
TINY = Model(
    "wan",
    WAN
    | {
        "num_attention_heads": 2, "attention_head_dim": 12, "text_dim": 16, "freq_dim": 16, "ffn_dim": 16,
        "num_layers": 3, "in_channels": 16, "out_channels": 16, "rope_max_seq_len": 64,
    },
    LITTLE_TEXT,
    {"width": 32, "height": 48, "frames": 5, "fps": 1, "steps": 4, "guidance": 5.0},
    {"base_dim": 3, "z_dim": 16, "dim_mult": [1, 1, 1, 1], "num_res_blocks": 1},
    (64, 96),
)  # fmt: skip


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--models", nargs="*", default=["wan-1.3b"], choices=MODELS)
    asked.add_argument("--steps", type=int, default=0)
    asked.add_argument("--skip-offload", action="store_true")
    asked.add_argument("--skip-cache", action="store_true")
    asked.add_argument("--tiny", action="store_true")
    asked.add_argument("--folder", type=Path)
    how = asked.parse_args()
    if not settings.configured:  # what the engine asks of a host, and no more: a card's machine may be bare
        settings.configure(DIFFUSERS_FOLDER="", USE_I18N=False)
    models = {"tiny": TINY} if how.tiny else {name: MODELS[name] for name in how.models}
    told: dict[str, Any] = {
        "card": card(),
        "date": datetime.now(UTC).date().isoformat(),
        "versions": versions(),
    }
    for name, model in models.items():
        with tempfile.TemporaryDirectory(prefix="understudy-gpu-", dir=how.folder) as place:
            told[name] = measured(model, Path(place), how)
        print(json.dumps({name: told[name]}), flush=True)  # what is there is there, should the next one fail
    print(json.dumps(told))


def measured(model: Model, place: Path, how: argparse.Namespace) -> dict[str, Any]:
    """All that the head of this file names, of one model."""
    steps = how.steps or model.wishes["steps"]
    began = time.monotonic()
    folder, weights = built(model, place / "plain")
    told: dict[str, Any] = {
        "sampled": f"{model.wishes['width']}x{model.wishes['height']}, {model.wishes['frames']} frames",
        "steps": steps,
        "weights_mb": weights,
        "folder_s": round(time.monotonic() - began, 1),
    }
    with Loaded(folder, steps=steps) as worker:
        told |= {"load_s": worker.load_s, "offload_chosen": worker.is_offloaded} | worker.clip(model)
        told |= worker.cancelled(model)
    if steps != model.wishes["steps"]:
        missing = model.wishes["steps"] - steps
        told["clip_all_steps_s"] = round(told["clip_s"] + missing * told["step_s"], 2)
    if not how.skip_offload:
        with Loaded(beside(folder, place / "offload"), steps=steps, offload="model") as worker:
            told["offload"] = {"load_s": worker.load_s} | worker.clip(model) | {"left_mb": held_mb()}
    if not how.skip_cache:
        few = min(steps, 6)
        with Loaded(beside(folder, place / "cached"), steps=few, cache=1e9) as worker:
            kept = worker.clip(model)
        with Loaded(beside(folder, place / "watched"), steps=few, cache=1e-9) as worker:
            watched = worker.clip(model)
        told["cached"] = {"step_s": kept["step_s"], "watched_s": watched["step_s"]}
    return told


class Loaded:
    """One engine on the card, let go at the end."""

    def __init__(self, folder: Path, **wishes: Any) -> None:
        self.folder, self.wishes = folder, wishes

    def __enter__(self) -> Loaded:
        from generation.engines.diffusers import DiffusersEngine

        own = self.folder / "understudy.json"
        own.write_text(json.dumps(json.loads(own.read_text()) | self.wishes))
        machine.forget_peak()
        began = time.monotonic()
        self.engine = DiffusersEngine(self.folder)
        wait()
        self.load_s = round(time.monotonic() - began, 2)
        self.is_offloaded = bool(getattr(self.engine.pipeline, "_all_hooks", None))
        return self

    def __exit__(self, *_: object) -> None:
        del self.engine
        let_go()

    def clip(self, model: Model) -> dict[str, Any]:
        """A short one, stopped after two steps, and then a whole one by the clock."""
        self._stopped_after(2, model)
        text = timed(self.engine.pipeline, "encode_prompt")
        decode = timed(self.engine.pipeline.vae, "decode")
        at: list[float] = []
        wait()
        began = time.monotonic()
        error = self._made(model, lambda *_: at.append(time.monotonic()), lambda: False)
        wait()
        whole = time.monotonic() - began
        steps = [after - before for before, after in zip(at[1:], at[2:], strict=False)]
        return {
            "clip_s": round(whole, 3),
            "step_s": round(statistics.median(steps), 4),
            "text_s": round(sum(text), 3),
            "decode_s": round(sum(decode), 3),
            "memory_mb": machine.memory_mb(),
            "reserved_mb": reserved_mb(),
            **({"error": error} if error else {}),
        }

    def cancelled(self, model: Model) -> dict[str, Any]:
        """A stop that is asked half a step after the second one."""
        from generation.engines.base import Stopped

        done: list[float] = []
        asked: list[float] = []
        half = 0.0

        def on_step(step: int, steps: int) -> None:
            nonlocal half
            done.append(time.monotonic())
            if step == 2:
                half = (done[-1] - done[-2]) / 2
                threading.Timer(half, lambda: asked.append(time.monotonic())).start()

        try:
            self._made(model, on_step, lambda: bool(asked))
        except Stopped:
            wait()
            over = time.monotonic()
            return {
                "cancel_steps": sum(moment > asked[0] for moment in done),
                "cancel_s": round(over - asked[0], 3),
            }
        return {"cancel_steps": None, "cancel_s": None}  # the clip was over before the half step was

    def _stopped_after(self, steps: int, model: Model) -> None:
        from generation.engines.base import Stopped

        done: list[int] = []
        with suppress(Stopped):
            self._made(model, lambda step, _all: done.append(step), lambda: len(done) > steps)

    def _made(self, model: Model, on_step: Callable[[int, int], None], stop: Callable[[], bool]) -> str:
        """Render a worker's job; "" or why not (random weights may draw what is no picture, as slowly)."""
        from generation.engines.base import EngineFailed, Job

        seconds = max(1, round(model.wishes["frames"] / model.wishes["fps"]))
        job = Job(prompt="a red kite", verb="text", seed=1, seconds=seconds, size=model.size)
        try:
            for _frame in self.engine.render(job, on_step, stop).frames:
                pass
        except EngineFailed as failed:
            if failed.code == "nan_frames":
                return failed.code
            raise
        return ""


# --- Folders ------------------------------------------------------------------------------------------------


def built(model: Model, folder: Path) -> tuple[Path, int]:
    """A pipeline of random weights as an operator has it, and its MB."""
    BUILDERS[model.kind](model).save_pretrained(folder)
    let_go()
    (folder / "understudy.json").write_text(json.dumps(model.wishes))
    return folder, round(sum(file.stat().st_size for file in folder.rglob("*.safetensors")) / 2**20)


@contextmanager
def drawn(device: str | None = None) -> Iterator[None]:
    """Networks are made where billions of random numbers are drawn soonest, in the usual precision."""
    import torch

    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    usual = torch.get_default_dtype()
    torch.manual_seed(0)
    torch.set_default_dtype(torch.float32 if device == "cpu" else torch.bfloat16)
    try:
        with torch.device(device):
            yield
    finally:
        torch.set_default_dtype(usual)


def beside(folder: Path, place: Path) -> Path:
    """The same weights with other wishes."""
    shutil.copytree(folder, place, copy_function=os.link)
    own = (place / "understudy.json").read_text()
    (place / "understudy.json").unlink()  # a hard link: the other folder keeps its own
    (place / "understudy.json").write_text(own)
    return place


def _wan(model: Model) -> Any:
    from diffusers import AutoencoderKLWan, UniPCMultistepScheduler, WanPipeline, WanTransformer3DModel
    from transformers import UMT5Config, UMT5EncoderModel

    from tests.generation import tiny

    with drawn():
        networks = {
            "text_encoder": UMT5EncoderModel(UMT5Config(**model.text)),
            "transformer": WanTransformer3DModel(**model.transformer),
            "vae": AutoencoderKLWan(**model.vae),
        }
    scheduler = UniPCMultistepScheduler(
        prediction_type="flow_prediction", use_flow_sigmas=True, num_train_timesteps=1000, flow_shift=3.0
    )
    small = model.kind == "wan_small"
    return WanPipeline(tokenizer=tiny.tokenizer(), scheduler=scheduler, expand_timesteps=small, **networks)


def _cogvideox(model: Model) -> Any:
    from diffusers import (
        AutoencoderKLCogVideoX,
        CogVideoXDDIMScheduler,
        CogVideoXPipeline,
        CogVideoXTransformer3DModel,
    )
    from transformers import T5Config, T5EncoderModel

    from tests.generation import tiny

    with drawn():
        networks = {
            "text_encoder": T5EncoderModel(T5Config(**model.text)),
            "transformer": CogVideoXTransformer3DModel(**model.transformer),
            "vae": AutoencoderKLCogVideoX(**model.vae),
        }
    return CogVideoXPipeline(tokenizer=tiny.tokenizer(), scheduler=CogVideoXDDIMScheduler(), **networks)


def _ltx(model: Model) -> Any:
    from diffusers import (
        AutoencoderKLLTXVideo,
        FlowMatchEulerDiscreteScheduler,
        LTXPipeline,
        LTXVideoTransformer3DModel,
    )
    from transformers import T5Config, T5EncoderModel

    from tests.generation import tiny

    with drawn():
        networks = {
            "text_encoder": T5EncoderModel(T5Config(**model.text)),
            "transformer": LTXVideoTransformer3DModel(**model.transformer),
            "vae": AutoencoderKLLTXVideo(**model.vae),
        }
    scheduler = FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True)
    return LTXPipeline(tokenizer=tiny.tokenizer(), scheduler=scheduler, **networks)


BUILDERS: dict[str, Callable[[Model], Any]] = {
    "wan": _wan,
    "wan_small": _wan,
    "cogvideox": _cogvideox,
    "ltx": _ltx,
}


# --- The card -----------------------------------------------------------------------------------------------


def timed(owner: Any, name: str) -> list[float]:
    """Seconds of each call of a method from now on."""
    took: list[float] = []
    method = getattr(owner, name)

    def call(*args: Any, **wishes: Any) -> Any:
        wait()
        began = time.monotonic()
        try:
            return method(*args, **wishes)
        finally:
            wait()
            took.append(time.monotonic() - began)

    setattr(owner, name, call)
    return took


def let_go() -> None:
    """Of what nobody holds any more."""
    import torch

    gc.collect()
    torch.cuda.empty_cache()


def wait() -> None:
    """Until the card has done all it was given."""
    import torch

    if torch.cuda.is_available():
        torch.cuda.synchronize()


def held_mb() -> int:
    import torch

    return round(torch.cuda.memory_allocated() / 2**20)


def reserved_mb() -> int:
    import torch

    return round(torch.cuda.max_memory_reserved() / 2**20)


def card() -> str:
    import torch

    return torch.cuda.get_device_name() if torch.cuda.is_available() else "none, on a CPU"


def versions() -> dict[str, str]:
    import diffusers
    import torch
    import transformers

    return {
        "torch": torch.__version__,
        "diffusers": diffusers.__version__,
        "transformers": transformers.__version__,
    }


if __name__ == "__main__":
    main()
