"""A voice that clones, of real classes with tiny weights: what `save_pretrained` writes, as an operator would
copy it. It says nothing that anybody understands; that it follows a reference is what is tested with it."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    PocketTTSAudioTokenizerConfig,
    PocketTTSAudioTokenizerModel,
    PocketTTSConfig,
    PocketTTSFeatureExtractor,
    PocketTTSForConditionalGeneration,
    PocketTTSProcessor,
    PreTrainedTokenizerFast,
)

LETTERS = " abcdefghijklmnopqrstuvwxyz.,!?:;'\"-0123456789"
MARKS = {
    "audio_prompt_bos_token": "<voice>",
    "audio_prompt_token": "<v>",
    "audio_latent_token": "<l>",
    "audio_bos_token": "<a>",
}
TEMPLATE = (
    "{% for m in messages %}{% for c in m['content'] %}{% if c['type'] == 'audio' %}<voice><v>"
    "{% else %}{{ c['text'] }}{% endif %}{% endfor %}{% endfor %}<a>"
)
WISHES = {
    "title": "Tiny voice",
    "licence": "CC-BY-4.0",
    "notice": "Spoken by Tiny voice.",
    "languages": ["en"],
}


def folder(place: Path, *, seed: int = 3, wishes: dict[str, object] | None = None) -> Path:
    """Weights, tokenizer and codec in a folder."""
    torch.manual_seed(seed)
    tokens = _tokenizer()
    ids = tokens.convert_tokens_to_ids
    config = PocketTTSConfig(
        flow_head_config={"hidden_size": 16, "num_hidden_layers": 1, "latent_dim": 8, "condition_dim": 32,
                          "frequency_embedding_size": 16, "loss_weighting_hidden_size": 8},
        vocab_size=len(tokens), hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=64, latent_dim=8, pad_token_id=ids("<pad>"), initializer_range=0.3,
        audio_prompt_token_id=ids("<v>"), audio_latent_token_id=ids("<l>"),
        audio_prompt_bos_token_id=ids("<voice>"), audio_bos_token_id=ids("<a>"),
    )  # fmt: skip
    codec = PocketTTSAudioTokenizerModel(
        PocketTTSAudioTokenizerConfig(
            hidden_size=32,
            num_filters=4,
            upsample_groups=32,
            num_hidden_layers=1,
            intermediate_size=32,
            num_attention_heads=2,
            num_key_value_heads=2,
            latent_dim=8,
            sliding_window=50,
            initializer_range=0.3,
        )  # fmt: skip
    )
    extractor = PocketTTSFeatureExtractor()
    PocketTTSProcessor(extractor, tokens, audio_tokenizer=codec, chat_template=TEMPLATE).save_pretrained(
        place
    )
    PocketTTSForConditionalGeneration(config).save_pretrained(place)
    codec.save_pretrained(place / "audio_tokenizer")
    (place / "understudy.json").write_text(json.dumps(WISHES if wishes is None else wishes))
    return place


def _tokenizer() -> PreTrainedTokenizerFast:
    words = {letter: n for n, letter in enumerate(["<pad>", "<unk>", *LETTERS])}
    made = Tokenizer(models.WordLevel(words, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    return PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token="<pad>", unk_token="<unk>", extra_special_tokens=MARKS
    )
