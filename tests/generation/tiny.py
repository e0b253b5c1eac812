"""Tiny randomly initialised pipelines of the real classes, saved as a host would have them. A few thousand
weights each: what is tested is that our arguments fit, not the pictures."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKLCogVideoX,
    AutoencoderKLHunyuanVideo,
    AutoencoderKLLTXVideo,
    AutoencoderKLMochi,
    AutoencoderKLTemporalDecoder,
    AutoencoderKLWan,
    CogVideoXDDIMScheduler,
    CogVideoXImageToVideoPipeline,
    CogVideoXPipeline,
    CogVideoXTransformer3DModel,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    HunyuanVideoImageToVideoPipeline,
    HunyuanVideoPipeline,
    HunyuanVideoTransformer3DModel,
    LTXPipeline,
    LTXVideoTransformer3DModel,
    MochiPipeline,
    MochiTransformer3DModel,
    StableVideoDiffusionPipeline,
    UNetSpatioTemporalConditionModel,
    WanAnimatePipeline,
    WanAnimateTransformer3DModel,
    WanImageToVideoPipeline,
    WanPipeline,
    WanTransformer3DModel,
    WanVACEPipeline,
    WanVACETransformer3DModel,
)
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers
from transformers import (
    CLIPImageProcessor,
    CLIPTextConfig,
    CLIPTextModel,
    CLIPVisionConfig,
    CLIPVisionModel,
    CLIPVisionModelWithProjection,
    LlamaConfig,
    LlamaModel,
    LlavaConfig,
    LlavaForConditionalGeneration,
    PreTrainedTokenizerFast,
    T5Config,
    T5EncoderModel,
    UMT5Config,
    UMT5EncoderModel,
)

DIM = 16  # of every text encoder
NEWLINES, IMAGE = 271, 300  # ids that HunyuanVideo's template counts on


def tokenizer() -> Any:
    words = {"<pad>": 0, "</s>": 1, "<unk>": 2, "a": 3, "red": 4, "kite": 5}
    words |= {f"w{n}": n for n in range(6, 320) if n not in (NEWLINES, IMAGE)} | {
        "\n\n": NEWLINES,
        "<image>": IMAGE,
    }
    made = Tokenizer(models.WordLevel(words, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.add_tokens([AddedToken("\n\n", normalized=False), AddedToken("<image>", normalized=False)])
    return PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token="<pad>", eos_token="</s>", unk_token="<unk>", model_max_length=512
    )


def t5() -> T5EncoderModel:
    return T5EncoderModel(T5Config(vocab_size=320, d_model=DIM, d_kv=8, d_ff=16, num_layers=1, num_heads=2))


def umt5() -> UMT5EncoderModel:
    return UMT5EncoderModel(
        UMT5Config(vocab_size=320, d_model=DIM, d_kv=8, d_ff=16, num_layers=1, num_heads=2)
    )


def seen(size: int, patch: int) -> CLIPVisionConfig:
    return CLIPVisionConfig(
        hidden_size=4, projection_dim=4, num_hidden_layers=2, num_attention_heads=2,
        image_size=size, intermediate_size=8, patch_size=patch,
    )  # fmt: skip


def wan_parts(channels: int = 16) -> dict[str, Any]:
    return {
        "tokenizer": tokenizer(),
        "text_encoder": umt5(),
        "vae": AutoencoderKLWan(base_dim=3, z_dim=channels, dim_mult=[1, 1, 1, 1], num_res_blocks=1),
        "scheduler": FlowMatchEulerDiscreteScheduler(shift=7.0),
    }


WAN = {
    "num_attention_heads": 2, "attention_head_dim": 12, "text_dim": DIM, "freq_dim": 16, "ffn_dim": 16,
    "num_layers": 1, "rope_max_seq_len": 64,
}  # fmt: skip


def wan() -> Any:
    return WanPipeline(
        transformer=WanTransformer3DModel(in_channels=16, out_channels=16, **WAN), **wan_parts()
    )


def wan_deep() -> Any:
    """With blocks between the first and the last, as real ones have."""
    transformer = WanTransformer3DModel(in_channels=16, out_channels=16, **WAN | {"num_layers": 3})
    return WanPipeline(transformer=transformer, **wan_parts())


def two(channels: int = 16) -> dict[str, Any]:
    """The two networks of Wan 2.2, one for each half of the steps."""
    made = [WanTransformer3DModel(in_channels=channels, out_channels=16, **WAN) for _ in range(2)]
    return {"transformer": made[0], "transformer_2": made[1], "boundary_ratio": 0.9}


def wan22() -> Any:
    return WanPipeline(**two(), **wan_parts())


def wan22_image() -> Any:
    return WanImageToVideoPipeline(image_encoder=None, image_processor=None, **two(36), **wan_parts())


def wan22_small() -> Any:
    """Wan 2.2 TI2V: one network for words and for a first picture."""
    transformer = WanTransformer3DModel(in_channels=16, out_channels=16, **WAN)
    return WanPipeline(transformer=transformer, expand_timesteps=True, **wan_parts())


def wan22_vace() -> Any:
    made = [
        WanVACETransformer3DModel(
            in_channels=16, out_channels=16, vace_layers=[0], vace_in_channels=96, **WAN
        )
        for _ in range(2)
    ]
    return WanVACEPipeline(transformer=made[0], transformer_2=made[1], boundary_ratio=0.9, **wan_parts())


def wan_image() -> Any:
    transformer = WanTransformer3DModel(in_channels=36, out_channels=16, **WAN)
    return WanImageToVideoPipeline(
        transformer=transformer, image_encoder=None, image_processor=None, **wan_parts()
    )


def wan_vace() -> Any:
    transformer = WanVACETransformer3DModel(
        in_channels=16, out_channels=16, vace_layers=[0], vace_in_channels=96, **WAN
    )
    return WanVACEPipeline(transformer=transformer, **wan_parts())


def wan_animate() -> Any:
    sizes = {"4": 16, "8": 16, "16": 16, "32": 16, "64": 16, "128": 16, "256": 16, "512": 16, "1024": 16}
    transformer = WanAnimateTransformer3DModel(
        in_channels=36, latent_channels=16, out_channels=16, image_dim=4, motion_encoder_channel_sizes=sizes,
        motion_encoder_size=16, motion_style_dim=8, motion_dim=4, motion_encoder_dim=16,
        face_encoder_hidden_dim=16, face_encoder_num_heads=2, inject_face_latents_blocks=1, **WAN,
    )  # fmt: skip
    return WanAnimatePipeline(
        transformer=transformer,
        image_encoder=CLIPVisionModel(seen(4, 1)),
        image_processor=CLIPImageProcessor(crop_size=4, size=4),
        **wan_parts(),
    )


def ltx() -> Any:
    transformer = LTXVideoTransformer3DModel(
        in_channels=8, out_channels=8, num_attention_heads=2, attention_head_dim=8, cross_attention_dim=16,
        num_layers=1, caption_channels=DIM,
    )  # fmt: skip
    vae = AutoencoderKLLTXVideo(
        latent_channels=8, block_out_channels=(8, 8, 8, 8), decoder_block_out_channels=(8, 8, 8, 8),
        layers_per_block=(1, 1, 1, 1, 1), decoder_layers_per_block=(1, 1, 1, 1, 1),
    )  # fmt: skip
    return LTXPipeline(
        transformer=transformer, vae=vae, scheduler=FlowMatchEulerDiscreteScheduler(),
        text_encoder=t5(), tokenizer=tokenizer(),
    )  # fmt: skip


def hunyuan_parts() -> dict[str, Any]:
    text = CLIPTextConfig(
        hidden_size=8, intermediate_size=16, num_attention_heads=2, num_hidden_layers=1, vocab_size=320,
        pad_token_id=0, bos_token_id=2, eos_token_id=1, projection_dim=8,
    )  # fmt: skip
    vae = AutoencoderKLHunyuanVideo(
        latent_channels=4, block_out_channels=(8, 8, 8, 8), layers_per_block=1, norm_num_groups=4
    )
    return {
        "vae": vae,
        "scheduler": FlowMatchEulerDiscreteScheduler(shift=7.0),
        "text_encoder_2": CLIPTextModel(text),
        "tokenizer": tokenizer(),
        "tokenizer_2": tokenizer(),
    }


LLAMA = LlamaConfig(
    hidden_size=DIM, intermediate_size=16, num_attention_heads=2, num_hidden_layers=3, vocab_size=320,
    pad_token_id=0,
)  # fmt: skip


def hunyuan_transformer(channels: int, **more: Any) -> HunyuanVideoTransformer3DModel:
    return HunyuanVideoTransformer3DModel(
        in_channels=channels, out_channels=4, num_attention_heads=2, attention_head_dim=10, num_layers=1,
        num_single_layers=1, num_refiner_layers=1, patch_size=1, text_embed_dim=DIM, pooled_projection_dim=8,
        rope_axes_dim=(2, 4, 4), **more,
    )  # fmt: skip


def hunyuan() -> Any:
    return HunyuanVideoPipeline(
        transformer=hunyuan_transformer(4), text_encoder=LlamaModel(LLAMA), **hunyuan_parts()
    )


def hunyuan_image() -> Any:
    eyes = CLIPVisionConfig(
        hidden_size=8, intermediate_size=8, projection_dim=8, num_attention_heads=2, num_hidden_layers=2,
        image_size=336, patch_size=14,
    )  # fmt: skip
    llava = LlavaForConditionalGeneration(
        LlavaConfig(vision_config=eyes, text_config=LLAMA, image_token_index=IMAGE, pad_token_id=0)
    )
    transformer = hunyuan_transformer(9, image_condition_type="latent_concat", guidance_embeds=False)
    return HunyuanVideoImageToVideoPipeline(
        transformer=transformer,
        text_encoder=llava,
        image_processor=CLIPImageProcessor(crop_size=336, size=336),
        **hunyuan_parts(),
    )


def cogvideox_parts(channels: int) -> dict[str, Any]:
    vae = AutoencoderKLCogVideoX(
        block_out_channels=(8, 8, 8, 8), latent_channels=4, layers_per_block=1, norm_num_groups=2,
        temporal_compression_ratio=4,
    )  # fmt: skip
    transformer = CogVideoXTransformer3DModel(
        num_attention_heads=2, attention_head_dim=16, in_channels=channels, out_channels=4, time_embed_dim=2,
        text_embed_dim=DIM, num_layers=1, sample_width=8, sample_height=8, sample_frames=9, patch_size=2,
        temporal_compression_ratio=4, max_text_seq_length=226,
        use_rotary_positional_embeddings=True,
    )  # fmt: skip
    return {
        "vae": vae,
        "transformer": transformer,
        "scheduler": CogVideoXDDIMScheduler(),
        "text_encoder": t5(),
        "tokenizer": tokenizer(),
    }


def cogvideox() -> Any:
    return CogVideoXPipeline(**cogvideox_parts(4))


def cogvideox_image() -> Any:
    return CogVideoXImageToVideoPipeline(**cogvideox_parts(8))


def mochi() -> Any:
    transformer = MochiTransformer3DModel(
        patch_size=2, num_attention_heads=2, attention_head_dim=8, num_layers=2, pooled_projection_dim=16,
        in_channels=12, text_embed_dim=DIM, time_embed_dim=4, max_sequence_length=256,
    )  # fmt: skip
    vae = AutoencoderKLMochi(
        latent_channels=12, out_channels=3, encoder_block_out_channels=(32, 32, 32, 32),
        decoder_block_out_channels=(32, 32, 32, 32), layers_per_block=(1, 1, 1, 1, 1),
    )  # fmt: skip
    return MochiPipeline(
        transformer=transformer, vae=vae, scheduler=FlowMatchEulerDiscreteScheduler(),
        text_encoder=t5(), tokenizer=tokenizer(),
    )  # fmt: skip


def svd() -> Any:
    unet = UNetSpatioTemporalConditionModel(
        block_out_channels=(32, 64), layers_per_block=1, sample_size=32, in_channels=8, out_channels=4,
        down_block_types=("CrossAttnDownBlockSpatioTemporal", "DownBlockSpatioTemporal"),
        up_block_types=("UpBlockSpatioTemporal", "CrossAttnUpBlockSpatioTemporal"),
        cross_attention_dim=4, num_attention_heads=8, projection_class_embeddings_input_dim=96,
        addition_time_embed_dim=32,
    )  # fmt: skip
    vae = AutoencoderKLTemporalDecoder(
        block_out_channels=(32, 32), down_block_types=("DownEncoderBlock2D", "DownEncoderBlock2D"),
        latent_channels=4,
    )  # fmt: skip
    return StableVideoDiffusionPipeline(
        unet=unet, vae=vae, image_encoder=CLIPVisionModelWithProjection(seen(224, 56)),
        scheduler=EulerDiscreteScheduler(prediction_type="v_prediction", use_karras_sigmas=True),
        feature_extractor=CLIPImageProcessor(crop_size=224, size=224),
    )  # fmt: skip


def ltx2() -> Any:
    from diffusers import (
        AutoencoderKLLTX2Audio,
        AutoencoderKLLTX2Video,
        LTX2Pipeline,
        LTX2VideoTransformer3DModel,
    )
    from diffusers.pipelines.ltx2 import LTX2TextConnectors
    from diffusers.pipelines.ltx2.vocoder import LTX2Vocoder
    from transformers import Gemma3Config, Gemma3ForConditionalGeneration

    layers = 2
    gemma = Gemma3Config(
        text_config={
            "hidden_size": DIM, "intermediate_size": 16, "num_hidden_layers": layers,
            "num_attention_heads": 2,
            "num_key_value_heads": 1, "head_dim": 8, "vocab_size": 320, "pad_token_id": 0,
        },
        vision_config={
            "hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2,
            "image_size": 28, "patch_size": 14,
        },
        mm_tokens_per_image=4, image_token_index=IMAGE, boi_token_index=301, eoi_token_index=302,
    )  # fmt: skip
    transformer = LTX2VideoTransformer3DModel(
        in_channels=4, out_channels=4, num_attention_heads=2, attention_head_dim=8, cross_attention_dim=16,
        audio_in_channels=4, audio_out_channels=4, audio_num_attention_heads=2, audio_attention_head_dim=4,
        audio_cross_attention_dim=8, num_layers=1, caption_channels=DIM, rope_double_precision=False,
        rope_type="split",
    )  # fmt: skip
    connectors = LTX2TextConnectors(
        caption_channels=DIM, text_proj_in_factor=layers + 1, video_connector_num_attention_heads=4,
        video_connector_attention_head_dim=4, video_connector_num_layers=1,
        video_connector_num_learnable_registers=None, audio_connector_num_attention_heads=4,
        audio_connector_attention_head_dim=4, audio_connector_num_layers=1,
        audio_connector_num_learnable_registers=None, connector_rope_base_seq_len=32, rope_theta=10000.0,
        rope_double_precision=False, causal_temporal_positioning=False, rope_type="split",
    )  # fmt: skip
    vae = AutoencoderKLLTX2Video(
        latent_channels=4, block_out_channels=(8,), decoder_block_out_channels=(8,), layers_per_block=(1,),
        decoder_layers_per_block=(1, 1), spatio_temporal_scaling=(True,),
        decoder_spatio_temporal_scaling=(True,), decoder_inject_noise=(False, False),
        downsample_type=("spatiotemporal",), upsample_residual=(False,), upsample_factor=(1,), patch_size=1,
        decoder_causal=False,
    )  # fmt: skip
    audio_vae = AutoencoderKLLTX2Audio(
        base_channels=4, ch_mult=(1,), num_res_blocks=1, resolution=32, latent_channels=2, mel_bins=8
    )
    vocoder = LTX2Vocoder(
        in_channels=16, hidden_channels=32, out_channels=2, upsample_kernel_sizes=[4, 4],
        upsample_factors=[2, 2], resnet_kernel_sizes=[3], resnet_dilations=[[1, 3, 5]],
        output_sampling_rate=16000,
    )  # fmt: skip
    return LTX2Pipeline(
        transformer=transformer, vae=vae, audio_vae=audio_vae, connectors=connectors, vocoder=vocoder,
        scheduler=FlowMatchEulerDiscreteScheduler(), text_encoder=Gemma3ForConditionalGeneration(gemma),
        tokenizer=tokenizer(),
    )  # fmt: skip


MAKERS: dict[str, Callable[[], Any]] = {
    "wan": wan, "wan_deep": wan_deep, "wan_image": wan_image, "wan_vace": wan_vace,
    "wan_animate": wan_animate, "ltx": ltx, "ltx2": ltx2, "ltx_lora": ltx,
    "wan22": wan22, "wan22_image": wan22_image, "wan22_small": wan22_small,
    "wan22_vace": wan22_vace, "hunyuan": hunyuan, "hunyuan_image": hunyuan_image, "cogvideox": cogvideox,
    "cogvideox_image": cogvideox_image, "mochi": mochi, "svd": svd,
}  # fmt: skip
WISHES: dict[str, Any] = {"width": 32, "height": 32, "frames": 5, "fps": 4, "steps": 2, "guidance": 1.0}
OWN = {
    "ltx": {"frames": 9}, "ltx2": {"frames": 9}, "mochi": {"frames": 7}, "svd": {"frames": 2},
    "ltx_lora": {"frames": 9, "lora": ["me.safetensors:0.8"]}, "cogvideox": {"frames": 9},
    "cogvideox_image": {"frames": 9},
}  # fmt: skip


def lora(path: Path, layer: str, width: int) -> None:
    """A LoRA of rank 2 for queries and values of one layer."""
    halves = {"lora_A": torch.randn(2, width), "lora_B": torch.randn(width, 2)}
    save_file(
        {
            f"{layer}.to_{part}.{half}.weight": value.clone()
            for part in "qv"
            for half, value in halves.items()
        },
        path,
    )


def save(name: str, place: Path) -> Path:
    """A tiny pipeline in a folder of its own, with an operator's numbers beside it."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    MAKERS[name]().save_pretrained(place)
    if name.endswith("_lora"):
        lora(place / "me.safetensors", "transformer.transformer_blocks.0.attn1", 16)
    (place / "understudy.json").write_text(json.dumps(WISHES | OWN.get(name, {})))
    return place
