"""The patches alphabet, tiny and untrained where training does not matter, shipped where it does."""

import json
import multiprocessing
import os
import socket
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from model import autoencoder, checkpoint, flow, footage, footprint, patches, scaling, train, video
from model.autoencoder import Autoencoder, fold, unfold
from model.config import PRESETS, Config, Pixels
from model.footage import Footage, NoFootage, cover, cuts, decode
from model.patch_training import encode_shots, known_slots
from model.ranks import Ranks
from model.trainer import Trainer
from model.transformer import Transformer

TINY = PRESETS["patches-tiny"]
PIXELS = TINY.pixels


def _random(seed, *shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def _moving(seed, frames=12, size=(40, 30)):
    """A bright square that crosses a dark picture."""
    out = np.full((frames, size[1], size[0], 3), 20 + 10 * (seed % 5), np.uint8)
    for i in range(frames):
        out[i, 8:20, 2 + 2 * i : 12 + 2 * i] = (220, 200 - 20 * seed % 200, 40)
    return out


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder as people have them: folders in folders, different rates, a text beside some, junk."""
    top = tmp_path_factory.mktemp("footage")
    for i in range(12):
        target = top / ("holiday" if i % 2 else "") / f"clip {i}.mp4"
        target.parent.mkdir(exist_ok=True)
        video.write_mp4(target, _moving(i, 24), 4 if i % 2 else 8, threads=1)
        if i % 3:
            target.with_suffix(".txt").write_text("a woman walks in the rain\n")
    (top / "broken.mp4").write_bytes(b"this is no video")
    video.write_mp4(top / "short.mp4", _moving(1, 2), 4, threads=1)
    (top / "notes.md").write_text("not footage")
    return top


@pytest.fixture(scope="module")
def painter():
    torch.manual_seed(0)
    net, code = Transformer(TINY), Autoencoder(PIXELS)
    for weight in (net.write["patch"].weight, *(b.out.weight for b in net.blocks)):
        torch.nn.init.normal_(weight, std=0.2)
    return patches.Painter(net, code)


# ---- the same identities as on the scene alphabet


def test_tokens_of_a_clip_come_back_as_the_same_latents():
    latents = _random(1, 2, PIXELS.latent, *PIXELS.cells)
    tokens = patches.to_tokens(latents, PIXELS)
    assert tokens.shape == (2, np.prod(PIXELS.grid), PIXELS.channels)
    assert torch.equal(patches.from_tokens(tokens, PIXELS), latents)


def test_folded_pixels_come_back_and_a_cell_holds_its_neighbours():
    frames = _random(2, 1, 3, 4, 16, 16)
    cells = fold(frames, (2, 8, 8))
    assert cells.shape == (1, 384, 2, 2, 2) and torch.equal(unfold(cells, (2, 8, 8)), frames)
    assert set(cells[0, :, 1, 0, 1].tolist()) == set(frames[0, :, 2:, :8, 8:].flatten().tolist())


@pytest.mark.parametrize("steps", [1, 3, 20])
def test_integrating_the_true_velocity_returns_the_clip(steps):
    data = patches.to_tokens(_random(1, 2, PIXELS.latent, *PIXELS.cells), PIXELS)
    noise, nothing = _random(2, *data.shape), torch.zeros(data.shape[:2], dtype=torch.bool)
    times = flow.schedule(steps, patches.SHIFT)
    [out] = flow.sample(lambda x, t: [flow.velocity(data, noise)], [noise], [nothing], [data * 0], times)
    assert torch.allclose(out, data, atol=1e-5)


def test_a_fresh_network_believes_in_the_mean_of_the_footage():
    x = _random(1, 2, int(np.prod(PIXELS.grid)), PIXELS.channels)
    t = torch.full(x.shape[:2], 0.5)
    [v] = Transformer(TINY)([patches.group(x, t, PIXELS)])
    assert torch.allclose(v, x / 0.5)


def test_guidance_one_is_no_guidance(painter):
    alone = painter.paint(["a woman walks"], [3], steps=2, guidance=1)
    both = painter.paint(["a woman walks"], [3], steps=2, guidance=1 + 1e-9)
    assert np.abs(alone.astype(int) - both).max() <= 1
    assert np.abs(alone.astype(int) - painter.paint(["a woman walks"], [3], steps=2, guidance=6)).max() > 1


def test_known_slots_come_back_untouched_and_the_others_do_not(painter):
    data = _random(5, 1, PIXELS.latent, *PIXELS.cells)
    known = np.array([True, False])
    out = painter._sample(["a man runs"], [1], data, known, 3, 2.0, None, None)
    assert torch.equal(out[:, :, :1], data[:, :, :1]) and not torch.allclose(out[:, :, 1:], data[:, :, 1:])


def test_the_same_seed_paints_the_same_clip_whatever_is_beside_it(painter):
    one, two = painter.paint(["a man runs", "a girl sings"], [5, 6], steps=2, guidance=1)
    assert np.abs(painter.paint(["a girl sings"], [6], steps=2, guidance=1)[0].astype(int) - two).max() <= 1
    assert not np.array_equal(one, two)
    assert not np.array_equal(painter.paint(["a girl sings"], [7], steps=2, guidance=1)[0], two)


def test_painting_stops_when_asked(painter):
    with pytest.raises(flow.Stopped):
        painter.paint(["a man runs"], [1], steps=4, should_stop=lambda: True)


def test_a_longer_clip_keeps_its_beginning(painter):
    clip = painter.paint(["a man runs"], [1], steps=1)[0]
    longer = painter.go_on(clip, "a man runs", 2.5, steps=1)
    assert len(longer) == 2.5 * PIXELS.fps and np.array_equal(longer[: len(clip)], clip)


def test_a_fresh_autoencoder_codes_a_part_of_a_long_shot_like_the_whole():
    """Cells look at their neighbours only, so chunks with enough overlap show no border."""
    torch.manual_seed(1)
    code = Autoencoder(PIXELS)
    for block in code.looks:
        torch.nn.init.normal_(block.time.weight, std=0.1)
    frames = np.random.default_rng(0).integers(0, 256, (140, 16, 16, 3)).astype(np.uint8)
    with torch.no_grad():
        whole = code.encode(patches.normalised(frames[None]))[0].half().numpy()
    assert np.allclose(encode_shots(frames[None], code, torch.device("cpu"))[0], whole, atol=2e-3)


def test_every_tensor_is_made_where_the_tokens_are(monkeypatch):
    """A card cannot be had here, but the "meta" device refuses a tensor from anywhere else just as well."""
    config = PRESETS["patches-m"]
    net, code = Transformer(config).to("meta"), Autoencoder(config.pixels).to("meta")
    # the few distinct times of a batch are looked up by value, and "meta" has no values
    monkeypatch.setattr(net, "_modulation", lambda t: footprint._times(t, config.width))
    latents = code.encode(torch.zeros(1, 3, *config.pixels.clip, device="meta"))
    tokens = patches.to_tokens(latents, config.pixels)
    said = torch.ones(1, 5, dtype=torch.long, device="meta")
    [v] = net([patches.group(tokens, tokens[..., 0], config.pixels)], said, said[:, 0] > 0)
    assert v.shape == tokens.shape
    drawn = code.decode(patches.from_tokens(v, config.pixels))
    assert drawn.shape == (1, 3, *config.pixels.clip) and drawn.device.type == "meta"


# ---- any folder of footage


def test_any_folder_of_videos_is_footage(folder, tmp_path):
    read = Footage.read(folder, PIXELS, tmp_path)
    shots = read.shots + read.held_out
    assert len(shots) == 12 and {s.frames.shape[1:] for s in shots} == {(16, 16, 3)}
    assert {n for n, _ in read.skipped} == {"broken.mp4", "short.mp4"}
    assert sum(bool(s.caption) for s in shots) == 8
    before = sorted(p.stat().st_mtime_ns for p in tmp_path.iterdir())
    Footage.read(folder, PIXELS, tmp_path)
    assert sorted(p.stat().st_mtime_ns for p in tmp_path.iterdir()) == before, "nothing is decoded twice"


def test_a_folder_without_footage_says_so_file_by_file(tmp_path):
    with pytest.raises(NoFootage, match="no video in"):
        Footage.read(tmp_path, PIXELS, tmp_path / "cache")
    (tmp_path / "x.mp4").write_bytes(b"nothing")
    with pytest.raises(NoFootage, match="x.mp4: this is no video"):
        Footage.read(tmp_path, PIXELS, tmp_path / "cache")


def _packed(folder, shots, said, name="x"):
    np.save(folder / f"{name}.npy", np.asarray(shots))
    (folder / f"{name}.txt").write_text("".join(f"{line}\n" for line in said))


def test_part_of_a_pack_is_kept_back_and_each_shot_has_its_words(tmp_path):
    shots = np.stack([np.full((8, 16, 16, 3), i, np.uint8) for i in range(60)])
    _packed(tmp_path, shots, [f"a red ball {i}" for i in range(60)])
    read = Footage.read(tmp_path, PIXELS, tmp_path / "cache")
    assert len(read.shots) + len(read.held_out) == 60 and 0 < len(read.held_out) < 20
    for shot in read.shots + read.held_out:
        assert shot.caption == f"a red ball {shot.frames[0, 0, 0, 0]}"


def test_packs_train_where_there_is_no_decoder(tmp_path):
    _packed(tmp_path, np.zeros((40, 8, 16, 16, 3), np.uint8), ["a red ball"] * 40)
    code = "import sys; sys.modules['av'] = None; from model.train import main; main()"
    how = ["--preset", "patches-tiny", "--part", "code", "--footage", tmp_path, "--run", tmp_path / "run"]
    command = [sys.executable, "-c", code, *how, "--steps", 1, "--batch", 2]
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0 and json.loads(done.stdout.splitlines()[-1])["step"] == 1, done.stderr[-2000:]


@pytest.mark.parametrize(
    ("shots", "said", "why"),
    [
        (np.zeros((3, 8, 20, 16, 3), np.uint8), 3, "wanted uint8"),
        (np.zeros((3, 8, 16, 16, 3), np.float32), 3, "wanted uint8"),
        (np.zeros((3, 8, 16, 16, 3), np.uint8), 2, "3 shots and 2 lines"),
        (np.zeros((3, 2, 16, 16, 3), np.uint8), 3, "no shot of 4 frames"),
        (np.array([{"a": 1}]), 1, "Python objects"),
    ],
)
def test_a_pack_of_anything_else_is_told(tmp_path, shots, said, why):
    _packed(tmp_path, shots, ["words"] * said)
    with pytest.raises(NoFootage, match=why):
        Footage.read(tmp_path, PIXELS, tmp_path / "cache")


def test_packs_hold_the_clips_that_were_filmed(tmp_path):
    pixels = Pixels(width=32, height=48, frames=4, fps=4)
    footage.pack(tmp_path, 3, 5, pixels, seconds=1.0, workers=2)
    packs = [np.load(tmp_path / f"005-00{k}.npy") for k in range(2)]
    assert [p.shape for p in packs] == [(2, 4, 48, 32, 3), (1, 4, 48, 32, 3)]
    for k, row, i in ((0, 0, 0), (1, 0, 1), (0, 1, 2)):
        frames, said = footage.filmed(5, i, pixels, 1.0)
        assert np.array_equal(packs[k][row], frames)
        assert (tmp_path / f"005-00{k}.txt").read_text().splitlines()[row] == said


def test_a_hard_cut_ends_a_shot():
    film = np.concatenate([np.full((6, 16, 16, 3), 30, np.uint8), np.full((7, 16, 16, 3), 220, np.uint8)])
    assert cuts(film) == [6] and cuts(_moving(1)) == []


@pytest.mark.parametrize(("rate", "count"), [(4, 24), (8, 12), (2, 48)])
def test_footage_of_any_rate_is_seen_at_ours(tmp_path, rate, count):
    video.write_mp4(tmp_path / "a.mp4", _moving(0, 24), rate, threads=1)
    assert len(decode(tmp_path / "a.mp4", PIXELS)) == count


def test_a_wide_picture_is_cropped_to_its_middle_not_squeezed():
    wide = np.zeros((20, 60, 3), np.uint8)
    wide[:, 20:40] = 255
    assert cover(wide, (16, 16)).min() == 255


# ---- training


def test_both_halves_train_resume_and_paint(folder, tmp_path):
    how = {"footage": folder, "batch": 4, "steps": 3}
    coded = train.train(1, tmp_path, "patches-tiny", True, seed=3, part="code", **how)
    assert coded["start"] == "nothing" and coded["psnr"] > 0
    learned = train.train(1, tmp_path, "patches-tiny", True, seed=3, **how)
    assert learned["step"] == 3 and learned["teraflop"] > 0 and np.isfinite(learned["held_out"])
    assert train.train(1, tmp_path, "patches-tiny", False, seed=3, **how)["start"] == "running checkpoint"
    rows = [json.loads(x) for x in (tmp_path / "patches-tiny" / "log.jsonl").read_text().splitlines()]
    assert [r["step"] for r in rows] == [3, 6]
    made = patches.load(
        tmp_path / "patches-tiny" / "average.safetensors", tmp_path / "code" / "average.safetensors"
    )
    clip = made.paint(["a woman walks"], [1], steps=2)
    assert clip.shape == (1, PIXELS.frames, 16, 16, 3) and clip.dtype == np.uint8


def test_a_fresh_autoencoder_begins_as_the_best_linear_code():
    """Footage of four colours needs no more than the latent holds: it is drawn exactly before any step."""
    colours = np.random.default_rng(0).integers(0, 256, (6, 4, 1, 1, 3)).astype(np.uint8)
    frames = patches.normalised(np.broadcast_to(colours, (6, 4, 16, 16, 3)))
    torch.manual_seed(0)
    code = Autoencoder(replace(PIXELS, latent=8))
    with torch.no_grad():
        assert autoencoder.psnr(code.decode(code.encode(frames)), frames) < 15
        code.begin(frames)
        assert autoencoder.psnr(code.decode(code.encode(frames)), frames) > 40
        code.settle(frames)
        latents = code.encode(frames)
        assert autoencoder.psnr(code.decode(latents), frames) > 40, "settling changes no picture"
    assert latents.std((0, 2, 3, 4))[-3:].sub(1).abs().max() < 0.05


def test_learning_lowers_the_loss_on_what_was_kept_back(folder, tmp_path):
    how = {"footage": folder, "batch": 4, "seed": 3, "fresh": True}
    train.train(1, tmp_path, "patches-tiny", part="code", steps=1, **how)
    first = train.train(1, tmp_path, "patches-tiny", steps=1, **how)
    later = train.train(1, tmp_path, "patches-tiny", steps=60, **how)
    assert later["held_out"] < 0.8 * first["held_out"], (first["held_out"], later["held_out"])


def test_the_network_wants_its_own_autoencoder(folder, tmp_path):
    torch.manual_seed(5)
    code, net = Autoencoder(PIXELS), Transformer(TINY)
    checkpoint.save(tmp_path / "c.safetensors", code.state_dict(), autoencoder.describe(code))
    about = checkpoint.describe(net, code=autoencoder.mark(code))
    checkpoint.save(tmp_path / "n.safetensors", net.state_dict(), about)
    patches.load(tmp_path / "n.safetensors", tmp_path / "c.safetensors")
    other = Autoencoder(PIXELS)
    checkpoint.save(tmp_path / "o.safetensors", other.state_dict(), autoencoder.describe(other))
    with pytest.raises(checkpoint.BadCheckpoint, match="knows another"):
        patches.load(tmp_path / "n.safetensors", tmp_path / "o.safetensors")
    with pytest.raises(checkpoint.BadCheckpoint, match="no autoencoder for these pixels"):
        train.train(1, tmp_path, "patches-tiny", True, footage=folder, steps=1)


def test_a_run_of_another_size_is_refused_before_it_is_overwritten(tmp_path):
    Trainer(tmp_path, Transformer(TINY)).save({})
    with pytest.raises(checkpoint.BadCheckpoint, match="other_config"):
        Trainer(tmp_path, Transformer(PRESETS["patches-s"]))


def test_a_config_survives_its_file():
    for config in PRESETS.values():
        assert Config.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_given_slots_are_none_often_and_never_all():
    known = known_slots(2000, 8, torch.Generator().manual_seed(0))
    assert not known.all(1).any() and 0.5 < (~known.any(1)).float().mean() < 0.7


def test_torchrun_trains(folder, tmp_path):
    """As docs/gpu.md says it; without the two dashes torchrun takes --run for its own --run-path."""
    how = ["--preset", "patches-tiny", "--footage", folder, "--run", tmp_path, "--batch", 2, "--steps", 1]
    for launcher, part in (([], "code"), (["-m", "torch.distributed.run", "--nproc-per-node", 1], "network")):
        dashes = ["--"] if launcher else []
        command = [sys.executable, *launcher, "-m", *dashes, "model.train", *how, "--part", part]
        done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr[-2000:]
    assert (tmp_path / "patches-tiny" / "average.safetensors").is_file()


def _learn_a_little(rank, port, told):
    """One rank of two; torchrun sets these variables."""
    os.environ.update(WORLD_SIZE="2", RANK=str(rank), MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
    ranks = Ranks("cpu")
    torch.manual_seed(rank)
    layer = torch.nn.Linear(3, 1)
    ranks.share(layer.state_dict().values())
    layer(torch.full((1, 3), rank + 1.0)).sum().backward()
    ranks.mean_gradients(layer.parameters())
    weights, gradient = layer.weight.detach().flatten().tolist(), layer.weight.grad.flatten().tolist()
    told.put((rank, weights, gradient, ranks.agree(rank + 5.0), ranks.is_first))
    ranks.close()


def test_two_ranks_begin_alike_and_share_their_gradients():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    fork = multiprocessing.get_context("fork")
    told = fork.Queue()
    processes = [fork.Process(target=_learn_a_little, args=(rank, port, told)) for rank in range(2)]
    for process in processes:
        process.start()
    first, second = sorted(told.get(timeout=60) for _ in processes)
    for process in processes:
        process.join(60)
    assert first[1] == second[1], "the same weights"
    assert first[2] == second[2] == [1.5, 1.5, 1.5], "the mean of gradients 1 and 2"
    assert (first[3], second[3]) == (5.0, 5.0) and (first[4], second[4]) == (True, False)


def test_the_shipped_weights_paint_and_belong_together():
    painter = patches.load()
    clip = painter.paint(["a robot dances"], [1], steps=1, guidance=1)
    assert clip.shape == (1, *painter.pixels.clip, 3) and clip.std() > 5


def test_the_committed_measurement_says_what_its_logs_say():
    found = scaling.kept()
    measured = json.loads((scaling.KEPT / "measured.json").read_text())
    assert found["patches_loss_ratio"] < 1 and measured["commit"]
    for name, size in measured["sizes"].items():
        seen = scaling.looks(scaling.KEPT / f"{name}.jsonl")
        equal = size["equal"]
        assert seen[equal["steps"]] == (equal["teraflop"], equal["held_out"])
        assert size["steps"] >= equal["steps"] and equal["steps"] == found["patches_fit"]["steps"]
        assert np.mean(size["losses"]) < equal["held_out"] + 0.002, (
            "the clips are of the same weights or later"
        )


def test_the_law_is_found_where_it_holds():
    compute = np.array([0.1, 1.0, 10.0])
    a, b = scaling.law(compute, 0.7 * compute**-0.2)
    assert abs(a - 0.7) < 1e-9 and abs(b - 0.2) < 1e-9
    noisy = np.random.default_rng(0).normal(1, 0.1, (3, 40))
    sizes = {
        name: {
            "equal": {"steps": 9, "teraflop": c, "held_out": 0.7 * c**-0.2},
            "losses": list(0.6 * c**-0.2 * n),
        }
        for name, c, n in zip(scaling.SIZES, compute, noisy, strict=True)
    }
    low, high = scaling.fit({"sizes": sizes}).b_interval
    assert low < 0.2 < high and high - low < 0.1


def test_memory_grows_with_the_clips_and_shrinks_with_half_precision():
    one, two = footprint.table("patches-s", (8, 16))
    assert two["fp32_gib"] > one["fp32_gib"] >= one["bf16_gib"] and one["state_gib"] == two["state_gib"]
