"""The table of families and verbs that the product asks for, one cell a line. Tests run each; so does
`make bench-queue`, whose `families_verbs` is the share that passes."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.conf import settings

from generation.engines.base import CastMember, Job, Source
from tests.generation import goods

FILM = [np.random.default_rng(k).integers(0, 255, (96, 64, 3), np.uint8) for k in range(9)]


def face() -> bytes:
    kept = io.BytesIO()
    np.savez(kept, crops=np.stack([frame[:64, :48] for frame in FILM[:2]]))
    return kept.getvalue()


@dataclass(frozen=True)
class Cell:
    family: str
    column: str
    tiny: str
    verb: str
    pipeline: str
    clips: int = 0
    cast: int = 0
    least: int = 2  # frames

    @property
    def has_sound(self) -> bool:
        return self.family == "LTX-2" and self.verb != "still"

    def job(self, size: tuple[int, int]) -> Job:
        sources = [
            Source(b"", load=lambda: FILM, fps=4.0, at_s=0.5, second=float(k)) for k in range(self.clips)
        ]
        people = [CastMember("Alice", face=face()) for _ in range(self.cast)]
        films = [photo()] if self.verb == "pose" else []
        return Job(
            prompt="a red kite", verb=self.verb, seed=1, seconds=1, size=size, sources=sources, cast=people,
            films=films,
        )  # fmt: skip


def photo() -> Path:
    """A photo that somebody brought, as a file."""
    path = Path(settings.DATA_DIR) / "posed.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    return goods.saved(path, FILM[0])


CELLS = [
    Cell("Wan", "text", "wan", "text", "WanPipeline"),
    Cell("Wan", "text", "wan", "still", "WanPipeline", least=1),
    Cell("Wan", "image", "wan_image", "image", "WanImageToVideoPipeline", 1),
    Cell("Wan", "last", "wan_image", "keyframes", "WanImageToVideoPipeline", 2),
    Cell("Wan", "last", "wan_vace", "last", "WanVACEPipeline", 1),
    Cell("Wan", "edit", "wan_vace", "edit", "WanVACEPipeline", 1),
    Cell("Wan", "edit", "wan", "remix", "WanVideoToVideoPipeline", 1),
    Cell("Wan", "extend", "wan_vace", "extend", "WanVACEPipeline", 1, least=10),
    Cell("Wan", "connect", "wan_vace", "connect", "WanVACEPipeline", 2, least=19),
    Cell("Wan", "loop", "wan_vace", "loop", "WanVACEPipeline", 1, least=10),
    Cell("Wan", "cast", "wan_vace", "text", "WanVACEPipeline", cast=2),
    Cell("Wan", "pose", "wan_animate", "recast", "WanAnimatePipeline", 1, cast=1),
    Cell("Wan", "pose", "wan_animate", "pose", "WanAnimatePipeline", 1),
    Cell("Wan 2.2", "text", "wan22", "text", "WanPipeline"),
    Cell("Wan 2.2", "text", "wan22_small", "text", "WanPipeline"),
    Cell("Wan 2.2", "image", "wan22_image", "image", "WanImageToVideoPipeline", 1),
    Cell("Wan 2.2", "image", "wan22_small", "image", "WanImageToVideoPipeline", 1),
    Cell("Wan 2.2", "last", "wan22_image", "keyframes", "WanImageToVideoPipeline", 2),
    Cell("Wan 2.2", "last", "wan22_vace", "last", "WanVACEPipeline", 1),
    Cell("Wan 2.2", "edit", "wan22_vace", "edit", "WanVACEPipeline", 1),
    Cell("Wan 2.2", "extend", "wan22_vace", "extend", "WanVACEPipeline", 1, least=10),
    Cell("Wan 2.2", "cast", "wan22_vace", "text", "WanVACEPipeline", cast=1),
    Cell("LTX", "text", "ltx", "text", "LTXPipeline"),
    Cell("LTX", "image", "ltx", "image", "LTXConditionPipeline", 1),
    Cell("LTX", "last", "ltx", "last", "LTXConditionPipeline", 1),
    Cell("LTX", "last", "ltx", "keyframes", "LTXConditionPipeline", 2),
    Cell("LTX", "edit", "ltx", "edit", "LTXConditionPipeline", 1),
    Cell("LTX", "extend", "ltx", "extend", "LTXConditionPipeline", 1, least=10),
    Cell("LTX", "LoRA", "ltx_lora", "text", "LTXPipeline"),
    Cell("LTX-2", "text", "ltx2", "text", "LTX2Pipeline"),
    Cell("LTX-2", "text", "ltx2", "still", "LTX2Pipeline", least=1),
    Cell("LTX-2", "image", "ltx2", "image", "LTX2ImageToVideoPipeline", 1),
    Cell("LTX-2", "last", "ltx2", "last", "LTX2ConditionPipeline", 1),
    Cell("LTX-2", "last", "ltx2", "keyframes", "LTX2ConditionPipeline", 2),
    Cell("LTX-2", "edit", "ltx2", "edit", "LTX2ConditionPipeline", 1),
    Cell("LTX-2", "extend", "ltx2", "extend", "LTX2ConditionPipeline", 1, least=10),
    Cell("LTX-2", "connect", "ltx2", "connect", "LTX2ConditionPipeline", 2, least=19),
    Cell("LTX-2", "loop", "ltx2", "loop", "LTX2ConditionPipeline", 1, least=10),
    Cell("HunyuanVideo", "text", "hunyuan", "text", "HunyuanVideoPipeline"),
    Cell("HunyuanVideo", "image", "hunyuan_image", "image", "HunyuanVideoImageToVideoPipeline", 1),
    Cell("CogVideoX", "text", "cogvideox", "text", "CogVideoXPipeline"),
    Cell("CogVideoX", "image", "cogvideox_image", "image", "CogVideoXImageToVideoPipeline", 1),
    Cell("CogVideoX", "edit", "cogvideox", "edit", "CogVideoXVideoToVideoPipeline", 1),
    Cell("Mochi", "text", "mochi", "text", "MochiPipeline"),
    Cell("Stable Video Diffusion", "image", "svd", "image", "StableVideoDiffusionPipeline", 1),
]

# What the product asks of each family: its columns, each a cell above or a gap that `LIMITS` names.
ASKED = {
    "Wan": ["text", "image", "last", "edit", "extend", "cast", "pose"],
    "Wan 2.2": ["text", "image", "last", "edit", "extend", "cast"],
    "LTX": ["text", "image", "last", "edit", "extend", "LoRA", "cast"],
    "LTX-2": ["text", "image", "last", "edit", "extend", "cast"],
    "HunyuanVideo": ["text", "image", "last", "edit", "cast"],
    "CogVideoX": ["text", "image", "last", "edit", "cast"],
    "Mochi": ["text", "image"],
    "Stable Video Diffusion": ["text", "image"],
}
