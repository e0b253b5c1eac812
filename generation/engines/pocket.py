"""Pocket TTS (Kyutai), by its class of transformers: a small network that speaks sound step by step, after
the latents of a recording of whoever it is to sound like. Workers only.

Its codec and its tokenizer lie in the same folder (`cloning.py`); nothing is fetched, and weights are read
from safetensors alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.signal import resample_poly
from transformers import (
    AutoTokenizer,
    PocketTTSAudioTokenizerModel,
    PocketTTSFeatureExtractor,
    PocketTTSForConditionalGeneration,
    PocketTTSProcessor,
)

from generation.engines.base import EngineFailed, Stopped
from generation.engines.cloning import Installed, Sound
from generation.sound import RATE

HEARD = 16_000  # Hz, of recordings as they are kept
BROKEN = (OSError, ValueError, KeyError, AttributeError, RuntimeError, TypeError, ImportError)
OF_PROCESSOR = ("short_text_max_words", "frames_after_eos_short_text", "frames_after_eos", "fade_in_duration")


class PocketVoice:
    """Loads the folder once; says one line after another."""

    def __init__(self, found: Installed) -> None:
        self.can = found.can
        try:
            self.model: Any = PocketTTSForConditionalGeneration.from_pretrained(  # nosec B615  a folder of ours
                found.folder, local_files_only=True, use_safetensors=True
            ).eval()
            self.processor = _processor(found.folder)
            rates = self.processor.feature_extractor.sampling_rate, self.processor.audio_tokenizer.config
            if rates[0] != self.can.rate or rates[1].sampling_rate != self.can.rate:
                raise ValueError(f"its codec does not work at {self.can.rate} Hz")
        except BROKEN as error:
            raise EngineFailed("voice_missing", f"{type(error).__name__}: {error}") from error

    def say(self, text: str, reference: NDArray[np.int16], seed: int, tick: Callable[[], None]) -> Sound:
        heard = _heard(reference, self.can.rate, self.can.takes_s)
        hook = self.model.model.register_forward_pre_hook(lambda _module, _inputs: tick())
        try:
            with torch.inference_mode(), torch.random.fork_rng(devices=[]):
                torch.manual_seed(seed)
                pieces = [self._piece(piece, heard) for piece in self.processor.split_text(text)]
        except Stopped:
            raise
        except BROKEN as error:
            raise EngineFailed("voice_failed", f"{type(error).__name__}: {error}") from error
        finally:
            hook.remove()
        said = np.concatenate([np.zeros(0, np.float32), *pieces])
        return np.asarray(resample_poly(said, RATE, self.can.rate), np.float32)

    def _piece(self, text: str, heard: NDArray[np.float32]) -> NDArray[np.float32]:
        asked = [{"type": "audio"}, {"type": "text", "text": text}]
        prompt = self.processor.apply_chat_template([{"role": "user", "content": asked}], tokenize=False)
        given = self.processor(text=[prompt], audio=[heard], sampling_rate=self.can.rate, return_tensors="pt")
        made = self.model.generate(**given, return_dict_in_generate=True)
        return np.asarray(self.processor.decode(made.audio_latents[0]).numpy(), np.float32)


def _processor(folder: Path) -> Any:
    """Its parts by name: what the folder says of a codec somewhere else is not followed."""
    told = json.loads((folder / "processor_config.json").read_text())
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)  # nosec B615  a folder of ours
    codec = PocketTTSAudioTokenizerModel.from_pretrained(  # nosec B615  a folder of ours
        folder / "audio_tokenizer", local_files_only=True, use_safetensors=True
    ).eval()
    template = folder / "chat_template.jinja"
    return PocketTTSProcessor(
        PocketTTSFeatureExtractor.from_dict(dict(told["feature_extractor"])),
        tokenizer,
        audio_tokenizer=codec,
        chat_template=template.read_text() if template.is_file() else tokenizer.chat_template,
        **{name: told[name] for name in OF_PROCESSOR if name in told},
    )


def _heard(reference: NDArray[np.int16], rate: int, most_s: float) -> NDArray[np.float32]:
    heard = resample_poly(reference[: round(most_s * HEARD)].astype(np.float32) / 32768, rate, HEARD)
    return np.asarray(heard, np.float32)
