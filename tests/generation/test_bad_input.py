"""What people type and send that has no sense: a sentence with a name, or a clamp that is written down."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client

from accounts.models import User
from generation import screening
from generation.engines import base as engines
from generation.engines import heads, native_words
from generation.models import Generation
from generation.refusals import CannotMake
from generation.states import State
from model import checkpoint, generate
from model.scene import draw, material
from model.scene import tracks as T
from model.scene.faces import FaceSprites, NoFace

GUARDED = (Path(screening.__file__).parent / "guarded_names.txt").read_text().split("\n")[-2]
GUARDED = GUARDED.rpartition(":")[2].partition("|")[0].strip()


def native(prompt: str, **more: Any) -> list[str]:
    asked: dict[str, Any] = {"verb": "text", "seconds": 5, "aspect": "9:16", "names": []} | more
    return engines.check("native", prompt=prompt, **asked)


@pytest.mark.parametrize(
    ("prompt", "told"),
    [
        ("elephant", ["elephant"]),
        ("wave", []),
        ("a dog 🎉 runs 🎉🎉", []),
        ("a woman walks in the park by day at night", []),
        ("a man cooks. Then a dragon sings in the rain", ["cooks", "dragon"]),
        ("hello", ["hello"]),
    ],
)
def test_strange_words_are_told_and_the_rest_is_made(prompt: str, told: list[str]) -> None:
    assert [word for word in native(prompt) if word in told or not told] == told


@pytest.mark.parametrize(
    "prompt",
    [
        "un éléphant danse sur la plage",
        "ein Mann läuft im Regen",
        "слон танцует на пляже",
        "女の人がうみべをあるく",
        "코끼리가 해변에서 춤춘다",
        "فيل يرقص على الشاطئ",
    ],
)
def test_other_languages_are_said_to_be_unread(prompt: str) -> None:
    with pytest.raises(CannotMake) as refused:
        native(prompt)
    assert refused.value.code == "language_unknown"


@pytest.mark.parametrize("prompt", ["a woman waves", "一个女人在海边散步", "Zoë dances", "X Æ walks"])
def test_english_and_chinese_are_read_with_foreign_names_in_them(prompt: str) -> None:
    assert native_words.reads(prompt, ["Zoë"])


@pytest.mark.parametrize(
    ("seconds", "may"), [(0, False), (-5, False), (417, False), (10_000, False), (60, True)]
)
def test_lengths_outside_are_refused(seconds: int, may: bool) -> None:
    if may:
        native("a dog runs", seconds=seconds)
        return
    with pytest.raises(CannotMake):
        native("a dog runs", seconds=seconds)


@pytest.mark.parametrize(
    ("field", "value"),
    [("seed", -1), ("seed", 2**31), ("seed", "x"), ("seconds", 0), ("seconds", 10_000), ("clips", ["no"]),
     ("verb", "dream"), ("how", {"at_ms": ["soon"]}), ("how", "later"), ("cast", ["nobody"])],
)  # fmt: skip
def test_the_api_says_which_field_has_no_sense(bob: User, field: str, value: Any) -> None:
    client = Client()
    client.force_login(bob)
    asked = {"prompt": "a dog runs", field: value}
    answer = client.post("/api/v1/generations", asked, content_type="application/json")
    assert answer.status_code == 400 and field in answer.content.decode()
    assert not Generation.objects.exists()


def test_a_clip_that_is_not_there_is_not_found(bob: User) -> None:
    client = Client()
    client.force_login(bob)
    asked = {"prompt": "", "verb": "loop", "clips": ["00000000-0000-4000-8000-000000000000"]}
    assert client.post("/api/v1/generations", asked, content_type="application/json").status_code == 404


def test_the_name_of_a_known_person_without_a_grant_is_refused(ask: Any, bob: User) -> None:
    row = ask(bob, f"{GUARDED} dances on the beach")
    assert row.state in (State.REFUSED, State.HELD) and row.refusal_rule


@pytest.mark.parametrize("size", [(1, 1), (0, 100), (31, 500), (500, 5000), (-4, 9)])
def test_a_picture_of_no_size_is_not_drawn(size: tuple[int, int]) -> None:
    scene = T.Scene(T.Plan(), np.zeros((5, T.WD)), np.zeros((1, 5, T.HD)), np.zeros((0, 5, T.QD)))
    with pytest.raises(ValueError, match="pixels"):
        next(draw.render(scene, size=size))


def test_odd_sides_are_drawn_as_they_are() -> None:
    scene = T.Scene(T.Plan(), np.ones((5, T.WD)), np.zeros((1, 5, T.HD)), np.zeros((0, 5, T.QD)))
    assert next(draw.render(scene, size=(61, 97), fps=12)).shape == (97, 61, 3)


def test_every_shape_on_offer_has_even_sides() -> None:
    for aspect in ("9:16", "3:4", "1:1", "4:3", "16:9", "21:9", "1.85:1", "2:3", "1.234:1"):
        size = engines.NATIVE.size_of(aspect)
        assert size is not None and all(side % 2 == 0 for side in size)
        assert 0.8 < size[0] * size[1] / (720 * 1280) < 1.2


@pytest.mark.parametrize(
    "aspect",
    ["1x1", "", "0:1", "1:0", "-9:16", "nan:1", "inf:1", "9:16:9", "1:9", "40:1", "sixteen:nine", "\x00"],
)
def test_a_shape_that_is_none_or_too_narrow_is_refused(aspect: str) -> None:
    with pytest.raises(CannotMake):
        native("a dog runs", aspect=aspect)


def _truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5000])


def _not_numbers(path: Path) -> None:
    tensors, about = checkpoint.load(path)
    checkpoint.save(path, tensors | {"null": tensors["null"] * float("nan")}, about)


def _of_another_config(path: Path) -> None:
    tensors, about = checkpoint.load(path)
    checkpoint.save(path, tensors, about | {"config": about["config"] | {"depth": 2}})


def _pickled(path: Path) -> None:
    path.write_bytes(pickle.dumps({"weights": [1.0]}))


@pytest.mark.parametrize("spoil", [_truncated, _not_numbers, _of_another_config, _pickled, Path.unlink])
def test_jobs_on_weights_that_are_none_fail_by_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    """What a worker answers when somebody put other weights into their place: a name, and no trace."""
    path = tmp_path / "scene.safetensors"
    for name in ("scene.safetensors", "scene.json"):
        shutil.copy(generate.WEIGHTS.with_name(name), tmp_path / name)
    spoil(path)
    load = generate.load
    monkeypatch.setattr(generate, "load", lambda: load(path))
    monkeypatch.setattr(engines, "_resident", None)
    with pytest.raises(engines.EngineFailed) as failed:
        engines.get("native")
    assert failed.value.code == "engine_missing" and engines.in_hand() is None


def test_numbers_that_are_none_are_not_drawn_and_not_kept() -> None:
    scene = T.Scene(T.Plan(), np.full((5, T.WD), np.nan), np.zeros((1, 5, T.HD)), np.zeros((0, 5, T.QD)))
    with pytest.raises(ValueError, match="finite"):
        next(draw.render(scene))
    with pytest.raises(material.BadMaterial):
        material.unpack_reel(material.pack(scene))


def test_a_picture_without_a_face_gives_no_head() -> None:
    grey = np.full((300, 300, 3), 128, np.uint8)
    for points in (np.zeros((5, 2)), np.full((5, 2), np.nan), np.zeros((4, 2)), np.full((5, 2), 900.0)):
        with pytest.raises(NoFace):
            FaceSprites.from_frames([grey], [points])
    with pytest.raises(NoFace):
        FaceSprites.from_frames([], [])


def test_a_face_that_is_no_face_is_named_when_it_is_cast() -> None:
    for data in (b"", b"PK\x03\x04", b"x" * 100):
        with pytest.raises(engines.EngineFailed) as failed:
            heads.head_of(data)
        assert failed.value.code == "likeness_gone"
