"""The patches alphabet: latents of pixels <-> tokens, and clips from prompts by a trained network.

    painter = load()
    frames = painter.paint(["a panda waves at the beach"], [1])        # uint8 [B, T, H, W, 3]
    painter.go_on(frames[0], "a panda waves at the beach", seconds=6)  # extend, window by window

`python -m model.patches "prompt" --seed 1 --out x.mp4` makes a file. It is the same network as the scene
alphabet's, on other tokens. Letters: B batch, N tokens, C numbers in one, T H W frames, rows, columns."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from model import autoencoder, checkpoint, flow
from model.autoencoder import Autoencoder, fold, unfold
from model.config import Config, Pixels
from model.scene import words
from model.trainer import WEIGHTS
from model.transformer import Group, Transformer

NETWORK, CODE = WEIGHTS / "patches.safetensors", WEIGHTS / "autoencoder.safetensors"
STEPS, GUIDANCE, SHIFT, SEEDS = 24, 2.0, 1.5, 2**63
LONGEST_S = 60.0


def to_tokens(latents: Tensor, pixels: Pixels) -> Tensor:
    """[B, C, t, h, w] -> [B, N, C'], rows of a slot after one another, slots in order."""
    return fold(latents, pixels.patch).flatten(2).transpose(1, 2)


def from_tokens(tokens: Tensor, pixels: Pixels) -> Tensor:
    """The way back, for any number of slots."""
    _, rows, columns = pixels.grid
    cells = tokens.transpose(1, 2).reshape(tokens.shape[0], tokens.shape[2], -1, rows, columns)
    return unfold(cells, pixels.patch, pixels.latent)


def group(tokens: Tensor, t: Tensor, pixels: Pixels) -> Group:
    """Tokens [B, N, C] at times t [B, N], each with its place in the picture and in time."""
    places = torch.stack(
        torch.meshgrid(*(torch.arange(n, device=tokens.device) for n in pixels.grid), indexing="ij"), -1
    ).reshape(-1, 3)
    track = places[:, 1] * pixels.grid[2] + places[:, 2]
    return Group("patch", tokens, t, track, places)


def normalised(frames: np.ndarray, device: torch.device | None = None) -> Tensor:
    """uint8 [..., T, H, W, 3] -> float [..., 3, T, H, W] in [-1, 1], made where it is wanted: bytes
    travel four times faster than what they become."""
    return torch.from_numpy(np.array(frames)).to(device=device).float().movedim(-1, -4) / 127.5 - 1


def pictures(frames: Tensor) -> np.ndarray:
    """The way back."""
    return ((frames.clamp(-1, 1) + 1) * 127.5).round().byte().movedim(-4, -1).cpu().numpy()


def load(network: Path = NETWORK, code: Path = CODE) -> Painter:
    """From weights files; raises checkpoint.BadCheckpoint with a named reason, also when the two were
    not trained together."""
    net, about = checkpoint.load_network(Path(network))
    coder, coded = autoencoder.load(Path(code))
    if net.config.pixels is None or net.config.pixels != coder.config:
        raise checkpoint.BadCheckpoint(checkpoint.OTHER_CONFIG, f"{network} was not trained on {code}")
    if about.get("code", coded.get("code")) != coded.get("code"):
        raise checkpoint.BadCheckpoint(checkpoint.OTHER_CONFIG, f"{network} knows another {code}")
    return Painter(net, coder)


class Painter:
    """Network and autoencoder; keeps no state between calls."""

    def __init__(self, network: Transformer, code: Autoencoder) -> None:
        assert network.config.pixels is not None
        self.network, self.code = network.eval(), code.eval()
        self.pixels = network.config.pixels
        self.device = next(network.parameters()).device

    @property
    def config(self) -> Config:
        return self.network.config

    def paint(
        self,
        prompts: list[str],
        seeds: list[int],
        *,
        given: np.ndarray | None = None,
        known: np.ndarray | None = None,
        steps: int = STEPS,
        guidance: float = GUIDANCE,
        on_step: flow.Step | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> np.ndarray:
        """Clips uint8 [B, T, H, W, 3]. `given` frames of the same shape hold the slots where `known`
        [slots] is True; those come back as the autoencoder draws them."""
        latents = self._given(given, len(prompts))
        out = self._sample(prompts, seeds, latents, known, steps, guidance, on_step, should_stop)
        with torch.no_grad():
            return pictures(self.code.decode(out))

    def go_on(
        self,
        frames: np.ndarray,
        prompt: str,
        seconds: float,
        seed: int = 0,
        *,
        steps: int = STEPS,
        guidance: float = GUIDANCE,
    ) -> np.ndarray:
        """Frames [T, H, W, 3] and as many more as make `seconds` (at most 60): every window knows the
        last half of the one before. The given frames come back as they were."""
        slots, block = self.pixels.grid[0], self.pixels.frames // self.pixels.grid[0]
        memory = slots // 2
        if len(frames) < memory * block:
            raise ValueError("too short to go on from")
        wanted = round(min(seconds, LONGEST_S) * self.pixels.fps)
        known = np.arange(slots) < memory
        while len(frames) < wanted:
            tail = frames[-memory * block :]
            window = np.concatenate(
                [tail, np.zeros((self.pixels.frames - len(tail), *tail.shape[1:]), np.uint8)]
            )
            made = self.paint([prompt], [seed + len(frames)], given=window[None], known=known, steps=steps,
                              guidance=guidance)  # fmt: skip
            frames = np.concatenate([frames, made[0, memory * block :]])
        return frames[: max(wanted, memory * block)]

    @torch.no_grad()
    def _given(self, frames: np.ndarray | None, batch: int) -> Tensor:
        if frames is None:
            return torch.zeros(batch, self.pixels.latent, *self.pixels.cells, device=self.device)
        return self.code.encode(normalised(frames, self.device))

    def _sample(
        self,
        prompts: list[str],
        seeds: list[int],
        latents: Tensor,
        known: np.ndarray | None,
        steps: int,
        guidance: float,
        on_step: flow.Step | None,
        should_stop: Callable[[], bool] | None,
    ) -> Tensor:
        b, pixels = len(prompts), self.pixels
        values = to_tokens(latents, pixels)
        noise = _noise(seeds, values.shape[1:]).to(self.device)
        slots = np.zeros(pixels.grid[0], bool) if known is None else known
        per_slot = values.shape[1] // pixels.grid[0]
        mask = torch.from_numpy(slots).to(self.device).repeat_interleave(per_slot).expand(b, -1)
        said = _words(prompts, self.config).to(self.device)
        drop = (torch.arange(2 * b, device=self.device) >= b)[: b if guidance == 1 else 2 * b]
        twice = 1 if guidance == 1 else 2  # both halves of the guidance in one batch
        spoken = said.repeat(twice, 1)

        def net(x: list[Tensor], t: list[Tensor]) -> list[Tensor]:
            both = group(x[0].repeat(twice, 1, 1), t[0].repeat(twice, 1), pixels)
            [v] = self.network([both], spoken, drop)
            return [v if twice == 1 else flow.guide(v[b:], v[:b], guidance)]

        times = flow.schedule(steps, SHIFT).to(self.device)
        [tokens] = flow.sample(net, [noise], [mask], [values], times, on_step, should_stop)
        return from_tokens(tokens, pixels)


def _words(prompts: list[str], config: Config) -> Tensor:
    """Concepts [B, L] without the columns that nobody uses; at least one column."""
    said = torch.from_numpy(words.tokenize(prompts)[:, : config.words])
    return said[:, : max(1, int((said > 0).sum(1).max()))]


def _noise(seeds: list[int], shape: tuple[int, ...]) -> Tensor:
    """Each clip's noise from its own seed, whatever the batch."""
    rows = [
        torch.randn(shape, generator=torch.Generator().manual_seed(abs(int(seed)) % SEEDS)) for seed in seeds
    ]
    return torch.stack(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description="Paint a clip from a prompt, pixel by pixel.")
    parser.add_argument("prompt")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=0, help="longer than one window: go on")
    parser.add_argument("--network", type=Path, default=NETWORK)
    parser.add_argument("--autoencoder", type=Path, default=CODE)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--guidance", type=float, default=GUIDANCE)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--out", type=Path, default=Path("clip.mp4"))
    args = parser.parse_args()
    from model.video import write_mp4

    painter = load(args.network, args.autoencoder)
    painter = Painter(painter.network.to(args.device), painter.code.to(args.device))
    how = {"steps": args.steps, "guidance": args.guidance}
    frames = painter.paint([args.prompt], [args.seed], **how)[0]
    if args.seconds * painter.pixels.fps > len(frames):
        frames = painter.go_on(frames, args.prompt, args.seconds, args.seed, **how)
    print(write_mp4(args.out, frames, painter.pixels.fps).path)


if __name__ == "__main__":
    main()
