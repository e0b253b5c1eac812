"""Pixels <-> latents: a clip is cut into cells, and every cell becomes a short vector.

Letters: B batch, T H W frames, rows, columns of pixels, t h w of cells, C channels of the latent, D width.
All work is done on the grid of cells, where a CPU is at home: pixels are only folded and unfolded."""

from __future__ import annotations

import hashlib
import math
from dataclasses import asdict
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from model import checkpoint
from model.config import Pixels

NOISE = 0.05  # added to latents while learning, so that the decoder forgives the sampler


def fold(frames: Tensor, cell: tuple[int, ...]) -> Tensor:
    """[B, 3, T, H, W] -> [B, 3 * cell, t, h, w], pixels of a cell side by side."""
    b, c, *clip = frames.shape
    (ct, ch, cw), (t, h, w) = cell, (n // k for n, k in zip(clip, cell, strict=True))
    x = frames.reshape(b, c, t, ct, h, ch, w, cw).permute(0, 1, 3, 5, 7, 2, 4, 6)
    return x.reshape(b, c * math.prod(cell), t, h, w)


def unfold(cells: Tensor, cell: tuple[int, ...], channels: int = 3) -> Tensor:
    """The way back."""
    b, _, t, h, w = cells.shape
    ct, ch, cw = cell
    x = cells.reshape(b, channels, ct, ch, cw, t, h, w).permute(0, 1, 5, 2, 6, 3, 7, 4)
    return x.reshape(b, channels, t * ct, h * ch, w * cw)


class CellBlock(nn.Module):
    """Neighbours in the picture, then neighbours in time, added to the input; fresh, it returns it."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.space = nn.Conv3d(width, width, (1, 3, 3), padding=(0, 1, 1))
        self.time = nn.Conv3d(width, width, (3, 1, 1), padding=(1, 0, 0))
        nn.init.zeros_(self.time.weight)
        nn.init.zeros_(self.time.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        hidden = F.gelu(self.space(_even(x)), approximate="tanh")  # B D t h w
        return x + self.time(hidden)  # B D t h w


def _even(x: Tensor) -> Tensor:
    """Each cell's vector at root mean square 1: by itself, so that a crop is coded like the whole."""
    return x * torch.rsqrt(x.square().mean(1, keepdim=True) + 1e-6)


class Autoencoder(nn.Module):
    """Latents have mean 0 and spread 1 in each channel once `settle` has seen the footage."""

    encoding, decoding = 2, 3  # blocks; drawing is harder than looking

    def __init__(self, pixels: Pixels) -> None:
        super().__init__()
        self.config = pixels
        d, inside = pixels.code_width, 3 * math.prod(pixels.cell)
        self.read = nn.Conv3d(inside, d, 1)
        self.looks = nn.Sequential(*(CellBlock(d) for _ in range(self.encoding)))
        self.narrow = nn.Conv3d(d, pixels.latent, 1)
        self.widen = nn.Conv3d(pixels.latent, d, 1)
        self.draws = nn.Sequential(*(CellBlock(d) for _ in range(self.decoding)))
        self.write = nn.Conv3d(d, inside, 1)
        self.register_buffer("mean", torch.zeros(pixels.latent))
        self.register_buffer("spread", torch.ones(pixels.latent))
        self.mean: Tensor
        self.spread: Tensor

    def encode(self, frames: Tensor) -> Tensor:
        """Frames [B, 3, T, H, W] in [-1, 1] -> latents [B, C, t, h, w]."""
        cells = fold(frames, self.config.cell)  # B 3c t h w
        latents = self.narrow(self.looks(self.read(cells)))  # B C t h w
        return (latents - _column(self.mean)) / _column(self.spread)

    def decode(self, latents: Tensor) -> Tensor:
        """The way back; not clamped."""
        latents = latents * _column(self.spread) + _column(self.mean)
        cells = self.write(self.draws(self.widen(latents)))  # B 3c t h w
        return unfold(cells, self.config.cell)

    @torch.no_grad()
    def begin(self, frames: Tensor) -> None:
        """Starts as the best linear code of some frames (principal components of their cells): learning
        from there is hours shorter than finding it, and the blocks add what no linear code can."""
        cells = fold(frames, self.config.cell).movedim(1, -1).flatten(0, -2)
        mean = cells.mean(0)
        scale, axes = torch.linalg.eigh((cells - mean).T @ (cells - mean) / len(cells))
        n = min(self.config.latent, len(mean), self.config.code_width)
        axes, spread = axes[:, -n:], scale[-n:].clamp_min(1e-6).sqrt()
        for conv in (self.narrow, self.widen):
            conv.weight.zero_()
            conv.weight[range(n), range(n)] = 1.0  # type: ignore[index]
        for conv in (self.read, self.narrow, self.widen, self.write):
            conv.bias.zero_()  # type: ignore[union-attr]
        self.read.weight[:n] = (axes / spread).T.reshape(n, -1, 1, 1, 1)
        self.read.bias[:n] = -(axes / spread).T @ mean  # type: ignore[index]
        self.write.weight *= 0.1
        self.write.weight[:, :n] = (axes * spread).reshape(-1, n, 1, 1, 1)
        self.write.bias += mean  # type: ignore[operator]

    @torch.no_grad()
    def settle(self, frames: Tensor) -> None:
        """Measures mean and spread of the latents of some frames; encode and decode use them from now on."""
        latents = self.encode(frames) * _column(self.spread) + _column(self.mean)
        self.mean.copy_(latents.mean((0, 2, 3, 4)))
        self.spread.copy_(latents.std((0, 2, 3, 4)).clamp_min(1e-3))


def _column(x: Tensor) -> Tensor:
    return x[:, None, None, None]


def loss_of(net: Autoencoder, frames: Tensor, generator: torch.Generator) -> dict[str, Tensor]:
    """How far the picture is off, and how far its edges in space and time are: a mean error alone
    blurs. The latents are kept near spread 1 by a faint pull."""
    latents = net.encode(frames)
    noise = torch.randn(latents.shape, generator=generator, device=latents.device)
    error = net.decode(latents + NOISE * noise) - frames
    edges = sum(error.diff(dim=axis).abs().mean() for axis in (2, 3, 4))
    pull = ((latents.square().mean((0, 2, 3, 4)) - 1) ** 2).mean()
    return {"picture": error.abs().mean() + 0.5 * edges, "spread": 1e-3 * pull}


def psnr(a: Tensor, b: Tensor) -> float:
    """Peak signal to noise in dB of frames in [-1, 1]."""
    return float(10 * torch.log10(4 / (a.clamp(-1, 1) - b.clamp(-1, 1)).square().mean()))


def mark(net: Autoencoder) -> str:
    """A short name of exactly these weights, as they are after rounding to half precision: a network
    speaks the latents of one autoencoder only."""
    halves = b"".join(value.detach().half().cpu().numpy().tobytes() for value in net.state_dict().values())
    return hashlib.sha256(halves).hexdigest()[:16]


def describe(net: Autoencoder, **figures: object) -> dict:
    """What goes into the JSON beside the weights."""
    return {**figures, "config": asdict(net.config), "code": mark(net)}


def load(path: Path) -> tuple[Autoencoder, dict]:
    """The autoencoder in a weights file, in eval mode. Raises checkpoint.BadCheckpoint."""
    tensors, about = checkpoint.load(path)
    try:
        net = Autoencoder(Pixels.from_dict(about["config"]))
        net.load_state_dict(tensors)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise checkpoint.BadCheckpoint(checkpoint.OTHER_CONFIG, f"{path}: {error}") from error
    return net.eval(), about
