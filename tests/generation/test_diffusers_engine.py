"""A tiny randomly initialised pipeline of a real class, saved to disk, loaded back and rendered from."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from generation.engines.base import EngineFailed, Job, Stopped

STEPS = 3


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Wan's text-to-video pipeline with a few thousand weights."""
    import torch
    from diffusers import (
        AutoencoderKLWan,
        FlowMatchEulerDiscreteScheduler,
        WanPipeline,
        WanTransformer3DModel,
    )
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast, UMT5Config, UMT5EncoderModel

    torch.manual_seed(0)
    vocabulary = {word: i for i, word in enumerate(["<pad>", "</s>", "<unk>", "a", "red", "kite"])}
    words = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    config = UMT5Config(vocab_size=6, d_model=16, d_kv=8, d_ff=16, num_layers=1, num_heads=2)
    pipeline = WanPipeline(
        tokenizer=PreTrainedTokenizerFast(
            tokenizer_object=words, pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
        ),
        text_encoder=UMT5EncoderModel(config),
        vae=AutoencoderKLWan(
            base_dim=4, z_dim=4, dim_mult=[1, 1, 1, 1], num_res_blocks=1,
            latents_mean=[0.0] * 4, latents_std=[1.0] * 4,
        ),
        scheduler=FlowMatchEulerDiscreteScheduler(),
        transformer=WanTransformer3DModel(
            num_attention_heads=2, attention_head_dim=12, in_channels=4, out_channels=4, text_dim=16,
            freq_dim=16, ffn_dim=16, num_layers=1,
        ),
    )  # fmt: skip
    place = tmp_path_factory.mktemp("wan")
    pipeline.save_pretrained(place)
    wishes = {"width": 64, "height": 112, "frames": 5, "fps": 8, "steps": STEPS, "guidance": 3.0}
    (place / "understudy.json").write_text(json.dumps(wishes))
    return place


def job(seed: int = 1) -> Job:
    return Job(prompt="a red kite", verb="text", seed=seed, seconds=5, size=(72, 128))


def test_a_saved_pipeline_renders_frames_of_the_clips_size_and_reports_each_step(folder: Path) -> None:
    from generation.engines.diffusers import DiffusersEngine

    engine = DiffusersEngine(folder)
    assert type(engine.pipeline).__name__ == "WanPipeline"
    steps: list[tuple[int, int]] = []
    rendered = engine.render(job(), lambda step, all_: steps.append((step, all_)), lambda: False)
    frames = list(rendered.frames)
    assert len(frames) == rendered.frame_count == 5
    assert all(frame.shape == (128, 72, 3) and frame.dtype == np.uint8 for frame in frames)
    assert steps == [(step, STEPS) for step in range(STEPS + 1)]
    again = list(engine.render(job(), lambda *_: None, lambda: False).frames)
    other = list(engine.render(job(seed=2), lambda *_: None, lambda: False).frames)
    assert np.array_equal(frames[0], again[0]) and not np.array_equal(frames[0], other[0])


def test_it_stops_at_the_next_step(folder: Path) -> None:
    from generation.engines.diffusers import DiffusersEngine

    done: list[int] = []
    with pytest.raises(Stopped):
        DiffusersEngine(folder).render(job(), lambda step, _: done.append(step), lambda: len(done) >= 2)
    assert done == [0, 1]


def test_weights_that_are_half_copied_or_absent_are_named(folder: Path, tmp_path: Path) -> None:
    from generation.engines.diffusers import DiffusersEngine

    with pytest.raises(EngineFailed, match="engine_missing"):
        DiffusersEngine(tmp_path)
    import shutil

    broken = tmp_path / "broken"
    shutil.copytree(folder, broken)
    weights = next((broken / "transformer").glob("*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:500])
    with pytest.raises(EngineFailed, match="engine_missing"):
        DiffusersEngine(broken)
