"""How much memory training a patches network takes, before a card is rented: `python -m model.footprint`.

Counted, not measured: weights, gradients, average and optimiser exactly; activations by walking the step on
the "meta" device, where tensors have shapes but no numbers, and adding up what the backward pass will want.
Allocators round up and fragment; leave a fifth of the card free."""

from __future__ import annotations

import argparse
import json

import torch
from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks

from model.config import PRESETS, Config
from model.patches import group
from model.transformer import Transformer

GIB = 2**30


def state_bytes(net: Transformer) -> int:
    """Weights, gradients, the average, and Muon's or AdamW's moments, all in single precision."""
    inside = sum(p.numel() for p in net.blocks.parameters() if p.ndim == 2 and p.shape[0] > 6)
    every = sum(p.numel() for p in net.parameters())
    return 4 * (3 * every + inside + 2 * (every - inside))


def _times(t: Tensor, width: int) -> tuple[Tensor, Tensor]:
    """What the network makes of t, where there are no values to tell apart: one for each clip, and 0."""
    return t.new_zeros(t.shape[0] + 1, 6 * width), torch.zeros(t.shape, dtype=torch.long, device=t.device)


def activation_bytes(config: Config, batch: int, half: bool) -> int:
    """What a forward pass keeps for the backward pass; `half`: products and attention in bf16."""
    assert config.pixels is not None
    net = Transformer(config).to("meta", torch.bfloat16 if half else torch.float32)
    net._modulation = lambda t: _times(t, config.width)  # type: ignore[method-assign]
    kind = torch.bfloat16 if half else torch.float32
    rows, columns = config.pixels.grid[1:]
    x = torch.zeros(
        batch, config.pixels.grid[0] * rows * columns, config.pixels.channels, device="meta", dtype=kind
    )
    kept: dict[int, int] = {}
    alive = []  # a freed tensor's place may be given to another, which would then be missed

    def keep(tensor: Tensor) -> Tensor:
        if tuple(tensor.shape[-2:]) == (x.shape[1], x.shape[1]):
            return tensor  # who looks at whom: flash attention on a card keeps no such table
        alive.append(tensor)
        kept[id(tensor.untyped_storage())] = tensor.untyped_storage().nbytes()
        return tensor

    weights = {id(p.untyped_storage()) for p in net.parameters()}
    with saved_tensors_hooks(keep, lambda tensor: tensor):
        net([group(x, x[..., 0], config.pixels)])
    return sum(size for place, size in kept.items() if place not in weights)


def table(preset: str, batches: tuple[int, ...]) -> list[dict]:
    """A row for each number of clips a step and card."""
    config = PRESETS[preset]
    net = Transformer(config)
    state = state_bytes(net) / GIB
    return [
        {
            "preset": preset,
            "parameters_m": round(sum(p.numel() for p in net.parameters()) / 1e6, 1),
            "clips": batch,
            "state_gib": round(state, 2),
            "fp32_gib": round(state + activation_bytes(config, batch, False) / GIB, 2),
            "bf16_gib": round(state + activation_bytes(config, batch, True) / GIB, 2),
        }
        for batch in batches
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--preset", default="patches-gpu", choices=[k for k, c in PRESETS.items() if c.pixels]
    )
    parser.add_argument("--clips", type=int, nargs="+", default=[1, 2, 4, 8])
    args = parser.parse_args()
    for row in table(args.preset, tuple(args.clips)):
        print(json.dumps(row))


if __name__ == "__main__":
    main()
