"""What people and machines do to the engine, each with its named outcome. The rest stands beside what it is
about: sizes and rates in test_draw, lengths, seeds and weights files in test_native, faces in test_faces."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from model import checkpoint, generate
from model.config import PRESETS
from model.scene import tracks as T
from model.scene import words
from model.transformer import Transformer


@pytest.fixture(scope="module")
def shipped():
    return generate.load()


@pytest.mark.parametrize("prompt", ["cat", "猫", "dance", "🐼"])
def test_one_word_is_a_whole_clip(shipped, prompt):
    plan = shipped.cast(prompt, 1)
    assert plan.people and plan.world.place in T.PLACES and not words.unknown_words(prompt)


def test_two_thousand_words_are_read_as_far_as_the_network_reads(shipped):
    prompt = "a woman walks on the beach and " * 290
    assert len(prompt.split()) > 2000
    plan = shipped.cast(prompt, 1)
    assert len(plan.people) <= T.MAX_PEOPLE and words.tokenize([prompt]).shape[1] <= words.MAX_TOKENS


@pytest.mark.parametrize(
    ("prompt", "field", "either"),
    [
        ("a woman waves, day night", "time", {"day", "night"}),
        ("白天 夜晚，一个女人挥手", "time", {"day", "night"}),
        ("a man walks at the beach, and then a man walks in the library", "place", {"beach", "library"}),
        ("sunny storm", "weather", {"clear", "storm"}),
    ],
)
def test_of_words_that_contradict_each_other_one_wins(shipped, prompt, field, either):
    for seed in range(3):
        assert getattr(shipped.cast(prompt, seed).world, field) in either


def test_names_and_other_languages_are_told_not_shown():
    assert words.unknown_words("Девочка танцует на пляже") == ["девочка", "танцует", "на", "пляже"]
    assert any("angela" in told.lower() for told in words.unknown_words("Angela Merkel dances"))


def test_a_pair_that_a_kill_left_half_written_is_what_the_weights_say(tmp_path):
    """The weights were renamed into place, the JSON beside them was not: the weights carry their own."""
    net, path = Transformer(PRESETS["tiny"]), tmp_path / "w.safetensors"
    checkpoint.save(path, net.state_dict(), checkpoint.describe(net, step=3))
    old = path.with_suffix(".json").read_text()
    checkpoint.save(path, net.state_dict(), checkpoint.describe(net, step=4))
    path.with_suffix(".json").write_text(old)
    assert checkpoint.load(path)[1]["step"] == 4


def _training(run: Path) -> subprocess.Popen:
    command = [sys.executable, "-m", "model.train", "--preset", "tiny", "--run", run, "--steps", "100000"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(
        [*map(str, command), "--save-s", "0"], **quiet, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )


def test_training_may_be_killed_at_any_moment(tmp_path):
    """It saves after every step here, so most kills hit a save; what is on disk is whole and goes on."""
    running, average = tmp_path / "running.safetensors", tmp_path / "average.safetensors"
    reached = 0
    for wait in (0.0, 0.13):
        process = _training(tmp_path)
        end = time.monotonic() + 240
        while time.monotonic() < end and process.poll() is None:
            if average.is_file() and average.with_suffix(".json").is_file() and _step(running) > reached:
                break
            time.sleep(0.02)
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        assert process.wait(60) == -signal.SIGKILL, "it was still learning"
        for path in (running, average):
            tensors, about = checkpoint.load(path)
            assert about["step"] > 0 and all(torch.isfinite(v).all() for v in tensors.values())
        checkpoint.load_network(average)
        assert _step(running) > reached, "the second goes on where the first was killed"
        reached = _step(running)


def _step(path: Path) -> int:
    beside = path.with_suffix(".json")
    return int(json.loads(beside.read_text())["step"]) if beside.is_file() else 0
