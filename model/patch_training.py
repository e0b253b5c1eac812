"""What the patches alphabet brings to training: crops for the autoencoder, windows for the network."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from model import autoencoder, flow
from model.autoencoder import Autoencoder
from model.config import Pixels
from model.footage import Footage, Shot
from model.patches import group, normalised, to_tokens
from model.scene import words
from model.trainer import Lesson
from model.transformer import SMALLEST_T, Transformer

CODE_BATCH, BATCH, LESSONS = 16, 16, 32
CROP = 48  # pixels along a side that the autoencoder sees at once, and
CROP_FRAMES = 8
DROP = 0.12  # share of clips whose words are kept back, for guidance
TOGETHER = 320  # frames of several shots coded at once, at most
CHUNK, OVERLAP = 32, 2  # cells along time coded at once; on either side as many as the code looks at
HELD_OUT_CLIPS, HELD_OUT_TIMES = 48, (0.2, 0.4, 0.6, 0.8, 0.95)
Latents = np.ndarray | Tensor  # of a whole shot [C, t, h, w]


class CodeLessons:
    """Random crops of random shots."""

    names = ("picture", "spread")

    def __init__(
        self, footage: Footage, pixels: Pixels, device: torch.device, batch: int = CODE_BATCH
    ) -> None:
        self.footage, self.pixels, self.device, self.batch = footage, pixels, device, batch

    def round(self, seed: int, rng: np.random.Generator) -> Iterator[Lesson]:
        for _ in range(LESSONS):
            frames = crops(self.footage.shots, self.pixels, rng, self.batch)
            yield partial(_code_losses, normalised(frames, self.device))

    def settle(self, net: Autoencoder) -> None:
        """Latents with mean 0 and spread 1, measured on a few dozen clips."""
        net.settle(self._some())

    def begin(self, net: Autoencoder) -> None:
        """A fresh autoencoder's first guess."""
        net.begin(self._some())

    def _some(self) -> Tensor:
        shots = self.footage.shots[:: max(1, len(self.footage.shots) // HELD_OUT_CLIPS)]
        return normalised(np.stack([s.frames[: self.pixels.frames] for s in shots]), self.device)

    def held_out(self, net: Autoencoder) -> dict[str, float]:
        """Peak signal to noise on whole clips that were kept back."""
        shots = (self.footage.held_out or self.footage.shots)[:HELD_OUT_CLIPS]
        frames = normalised(np.stack([s.frames[: self.pixels.frames] for s in shots]), self.device)
        with torch.no_grad():
            return {"psnr": round(autoencoder.psnr(net.decode(net.encode(frames)), frames), 3)}


def crops(shots: list[Shot], pixels: Pixels, rng: np.random.Generator, n: int) -> np.ndarray:
    """[n, t, h, w, 3]: whole cells, the same size everywhere; half of them mirrored."""
    limits = (CROP_FRAMES, CROP, CROP)
    size = [
        min(full, limit // c * c) for full, limit, c in zip(pixels.clip, limits, pixels.cell, strict=True)
    ]
    out = np.empty((n, *size, 3), np.uint8)
    for i in range(n):
        frames = shots[int(rng.integers(len(shots)))].frames
        t, y, x = (int(rng.integers(a - b + 1)) for a, b in zip(frames.shape[:3], size, strict=True))
        piece = frames[t : t + size[0], y : y + size[1], x : x + size[2]]
        out[i] = piece[:, :, ::-1] if rng.random() < 0.5 else piece
    return out


def _code_losses(frames: Tensor, net: Autoencoder, generator: torch.Generator) -> dict[str, Tensor]:
    return autoencoder.loss_of(net, frames, generator)


class PatchLessons:
    """Windows of coded shots with their words; part of the slots is given, as the verbs will give them."""

    names = ("patches",)

    def __init__(
        self,
        footage: Footage,
        code: Autoencoder,
        cache: Path,
        device: torch.device,
        batch: int = BATCH,
    ) -> None:
        self.pixels, self.device, self.batch = code.config, device, batch
        kept_back = footage.held_out or footage.shots[:1]
        self.shots = near(coded(footage.shots, code, cache, device), device)
        self.kept_back: Sequence[Latents] = coded(kept_back, code, cache, device)
        self.said = torch.from_numpy(words.tokenize([s.caption for s in footage.shots]))
        self.said_back = torch.from_numpy(words.tokenize([s.caption for s in kept_back]))
        room = np.array([s.shape[1] - self.pixels.cells[0] + 1 for s in self.shots], float)
        self.odds = room / room.sum()

    def round(self, seed: int, rng: np.random.Generator) -> Iterator[Lesson]:
        for _ in range(LESSONS):
            rows = rng.choice(len(self.shots), self.batch, p=self.odds)
            tokens = self._windows(self.shots, rows, rng)
            yield partial(patch_loss, self.pixels, tokens, self._said(self.said, rows))

    def _windows(self, shots: Sequence[Latents], rows: np.ndarray, rng: np.random.Generator) -> Tensor:
        k = self.pixels.cells[0]
        starts = [int(rng.integers(shots[i].shape[1] - k + 1)) for i in rows]
        pieces: Any = [shots[i][:, a : a + k] for i, a in zip(rows, starts, strict=True)]
        here = isinstance(pieces[0], Tensor)
        latents = torch.stack(pieces) if here else torch.from_numpy(np.stack(pieces)).to(self.device)
        return to_tokens(latents.float(), self.pixels)

    def _said(self, said: Tensor, rows: np.ndarray) -> Tensor:
        some = said[torch.from_numpy(np.asarray(rows))]
        return some[:, : max(1, int((some > 0).sum(1).max()))].to(self.device)

    @torch.no_grad()
    def held_out(self, net: Transformer) -> dict[str, float]:
        """The loss on clips that were kept back, at fixed times from fixed noise; and clip by clip."""
        each = self.held_out_each(net)
        return {"held_out": round(float(each.mean()), 5)}

    @torch.no_grad()
    def held_out_each(self, net: Transformer) -> np.ndarray:
        """Loss of each held-out clip [n]: the mean over `HELD_OUT_TIMES`."""
        rng, generator = np.random.default_rng(7), torch.Generator(self.device).manual_seed(7)
        rows = np.arange(min(HELD_OUT_CLIPS, len(self.kept_back)))
        out = []
        for some in np.array_split(rows, max(1, len(rows) // self.batch)):
            x, said = self._windows(self.kept_back, some, rng), self._said(self.said_back, some)
            errors = []
            for t in HELD_OUT_TIMES:
                noise = torch.randn(x.shape, generator=generator, device=self.device)
                times = torch.full(x.shape[:2], t, device=self.device)
                [v] = net([group(flow.interpolate(x, noise, times), times, self.pixels)], said)
                errors.append(((v - flow.velocity(x, noise)) * t).square().mean((1, 2)))  # of the clean token
            out.append(torch.stack(errors).mean(0))
        return torch.cat(out).cpu().numpy()


def patch_loss(
    pixels: Pixels, x: Tensor, said: Tensor, net: Transformer, generator: torch.Generator
) -> dict[str, Tensor]:
    """Squared error of the velocity of the tokens that are not given. Near the data it would count
    without bound (an error of the clean token is divided by t), so it counts as if t were 0.15 there."""
    b, slots = len(x), pixels.grid[0]
    t = flow.draw_t(b, generator)
    known = known_slots(b, slots, generator).repeat_interleave(x.shape[1] // slots, 1)  # B N
    times = torch.where(known, torch.zeros_like(t), t)
    noise = torch.randn(x.shape, generator=generator, device=x.device)
    drop = torch.rand(b, generator=generator, device=x.device) < DROP
    [v] = net([group(flow.interpolate(x, noise, times), times, pixels)], said, drop)
    weight = (t.clamp_min(SMALLEST_T) / 0.15).clamp(max=1.0) ** 2 * ~known
    return {"patches": ((v - flow.velocity(x, noise)).square().mean(-1) * weight).sum() / weight.sum()}


def known_slots(b: int, slots: int, generator: torch.Generator) -> Tensor:
    """[B, slots]: mostly none; the first few (image, extend), the last few, or both ends."""
    where = generator.device
    slot = torch.arange(slots, device=where)[None]
    kind = torch.rand(b, 1, generator=generator, device=where)
    first = torch.randint(1, max(2, slots * 2 // 3 + 1), (b, 1), generator=generator, device=where)
    forwards, backwards = slot < first, slot >= slots - first
    ends = (slot < 1) | (slot >= slots - 1)
    mask = (kind < 0.22) & forwards | (kind >= 0.22) & (kind < 0.3) & backwards
    return mask | (kind >= 0.3) & (kind < 0.38) & ends


def coded(shots: list[Shot], code: Autoencoder, cache: Path, device: torch.device) -> list[np.ndarray]:
    """Latents of whole shots [C, t, h, w] as float16, mapped from disk; those not there yet are made now,
    as many of one length at once as `TOGETHER` frames hold."""
    about = f"{autoencoder.mark(code)} "
    kept = [cache / f"{_name_of(about, shot)}.npy" for shot in shots]
    cache.mkdir(parents=True, exist_ok=True)
    by_length: dict[int, list[int]] = {}
    for i in (i for i, path in enumerate(kept) if not path.is_file()):
        by_length.setdefault(len(shots[i].frames), []).append(i)
    for length, rows in by_length.items():
        step = max(1, TOGETHER // length)
        for some in (rows[k : k + step] for k in range(0, len(rows), step)):
            latents = encode_shots(np.stack([shots[i].frames for i in some]), code, device)
            for i, one in zip(some, latents, strict=True):
                _write(kept[i], one)
    return [np.load(path, mmap_mode="r") for path in kept]


def near(latents: list[np.ndarray], device: torch.device) -> Sequence[Latents]:
    """The same latents on the card, if they take less than a quarter of what is free there: a window is
    then cut where it is learned from. Otherwise as they are, mapped from disk."""
    if device.type != "cuda" or sum(x.nbytes for x in latents) > torch.cuda.mem_get_info(device)[0] // 4:
        return latents
    return [torch.from_numpy(np.array(x)).to(device) for x in latents]


def _name_of(about: str, shot: Shot) -> str:
    key = hashlib.sha256(f"{about}{shot.name} {shot.frames.shape}".encode() + shot.frames[0].tobytes())
    return key.hexdigest()[:24]


def _write(path: Path, latents: np.ndarray) -> None:
    partial_file = path.with_suffix(f".{os.getpid()}.part")
    with open(partial_file, "wb") as out:
        np.save(out, latents)
    os.replace(partial_file, path)


@torch.no_grad()
def encode_shots(frames: np.ndarray, code: Autoencoder, device: torch.device) -> np.ndarray:
    """[n, T, H, W, 3] -> [n, C, t, h, w], chunk by chunk along time, with as many cells around each as the
    code looks at: no border shows."""
    step = code.config.cell[0]
    cells = frames.shape[1] // step
    out = []
    for start in range(0, cells, CHUNK):
        low, high = max(0, start - OVERLAP), min(cells, start + CHUNK + OVERLAP)
        latents = code.encode(normalised(frames[:, low * step : high * step], device))
        out.append(latents[:, :, start - low : min(cells, start + CHUNK) - low].half().cpu().numpy())
    return np.concatenate(out, 2)
