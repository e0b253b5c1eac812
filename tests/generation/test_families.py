"""Each diffusers family through every verb that the product asks of it: tiny randomly initialised pipelines
of the real classes, saved, loaded back and rendered from. A gap is named with what is missing upstream."""

from __future__ import annotations

import inspect
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from generation.engines import base, families
from generation.engines.base import CastMember, EngineFailed, Job, Source, Stopped
from generation.engines.families import FAMILIES, LIMITS
from tests.generation.cells import ASKED, CELLS, Cell

SIZE = (64, 96)


@pytest.fixture(scope="module")
def engine_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Any]:
    from tests.generation import tiny

    made: dict[str, Any] = {}

    def engine(name: str) -> Any:
        from generation.engines.diffusers import DiffusersEngine

        if name not in made:
            made[name] = DiffusersEngine(tiny.save(name, tmp_path_factory.mktemp(name)))
        return made[name]

    return engine


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: f"{cell.family}-{cell.column}-{cell.verb}")
def test_a_family_does_a_verb_of_the_table(engine_of: Callable[[str], Any], cell: Cell) -> None:
    engine = engine_of(cell.tiny)
    steps: list[tuple[int, int]] = []
    rendered = engine.render(cell.job(SIZE), lambda step, all_: steps.append((step, all_)), lambda: False)
    frames = list(rendered.frames)
    assert len(frames) == rendered.frame_count >= cell.least
    assert all(frame.shape == (SIZE[1], SIZE[0], 3) and frame.dtype == np.uint8 for frame in frames)
    assert rendered.facts["pipeline"] == cell.pipeline
    assert steps[0][0] == 0 and len(steps) > 1 and steps == sorted(steps)
    assert type(engine.siblings[cell.pipeline]).__name__ == cell.pipeline, "the real class"
    assert type(engine.siblings[cell.pipeline]).__module__.startswith("diffusers.")
    assert (rendered.audio is not None) == cell.has_sound
    if rendered.audio is not None:
        assert np.isfinite(rendered.audio).all() and rendered.audio.shape[1] in (1, 2)


def test_the_table_says_nothing_that_the_engine_does_not() -> None:
    """Web pages offer what `families` says; each verb of a cell is offered by its class."""
    assert {cell.pipeline for cell in CELLS} <= {
        way.pipeline for f in FAMILIES.values() for way in f.ways.values()
    }
    for cell in CELLS:
        assert any(
            way.pipeline == cell.pipeline and verb == cell.verb
            for family in FAMILIES.values()
            for verb, way in family.ways.items()
        )
    done = {(cell.family, cell.column) for cell in CELLS}
    assert not done & set(LIMITS), "a gap that is no gap"
    asked = {(family, column) for family, columns in ASKED.items() for column in columns}
    assert asked <= done | set(LIMITS), "a column that nobody renders and nobody names"


def test_an_extension_keeps_the_clip_and_goes_on(engine_of: Callable[[str], Any]) -> None:
    cell = next(c for c in CELLS if (c.tiny, c.verb) == ("wan_vace", "extend"))
    job = cell.job(SIZE)
    whole = list(engine_of("wan_vace").render(job, lambda *_: None, lambda: False).frames)
    film = job.sources[0].load()
    assert len(whole) > len(film)
    back = Job(
        prompt="", verb="extend", seed=1, seconds=1, size=SIZE, sources=job.sources, how={"backwards": True}
    )
    before = list(engine_of("wan_vace").render(back, lambda *_: None, lambda: False).frames)
    assert np.array_equal(whole[0], before[len(before) - len(film)]), "the same clip, before and after"


def test_a_clip_longer_than_a_window_goes_on_from_its_last_picture(engine_of: Callable[[str], Any]) -> None:
    engine = engine_of("ltx")
    steps: list[tuple[int, int]] = []
    job = Job(prompt="a red kite", verb="text", seed=1, seconds=5, size=SIZE)
    rendered = engine.render(job, lambda *s: steps.append(s), lambda: False)
    assert rendered.frame_count == 20, "5 s at 4 a second, in windows of 9"
    assert steps[-1] == (6, 6)


def test_the_sound_of_a_long_clip_goes_on_with_its_windows(
    engine_of: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A window's sound is as long as its pictures (the tiny vocoder's is not, so it is put there)."""
    from generation.engines import diffusers as engine

    levels = iter((0.25, 0.5, 0.75))
    window = round(48_000 * 9 / 4)
    monkeypatch.setattr(engine, "_sound", lambda *_: np.full((window, 2), next(levels), np.float32))
    job = Job(prompt="a red kite", verb="text", seed=1, seconds=5, size=SIZE)
    rendered = engine_of("ltx2").render(job, lambda *_: None, lambda: False)
    assert rendered.frame_count == 20 and rendered.audio is not None
    assert len(rendered.audio) >= 48_000 * 5
    for frame, level in ((4, 0.25), (12, 0.5), (19, 0.75)):
        assert rendered.audio[round(48_000 * (frame + 0.5) / 4), 0] == level, "each window brings its own"
    assert np.abs(np.diff(rendered.audio[:, 0])).max() < 0.01, "and none of them begins with a click"


def test_the_sound_of_an_extension_belongs_to_its_new_pictures(engine_of: Callable[[str], Any]) -> None:
    cell = next(c for c in CELLS if (c.tiny, c.verb) == ("ltx2", "extend"))
    rendered = engine_of("ltx2").render(cell.job(SIZE), lambda *_: None, lambda: False)
    quiet = round(48_000 * 6 / 4)  # nine frames of the clip at four a second, three of them held
    assert rendered.audio is not None and not rendered.audio[:quiet].any() and rendered.audio[quiet:].any()


def test_both_networks_of_wan_2_2_draw_and_its_small_one_takes_a_picture(
    engine_of: Callable[[str], Any],
) -> None:
    engine = engine_of("wan22")
    assert engine.pipeline.config.boundary_ratio == 0.9 and "edit" not in engine.family.ways
    before = kite(engine)
    with torch.no_grad():
        engine.pipeline.transformer_2.proj_out.weight.add_(1.0)
    assert not np.array_equal(before, kite(engine)), "the second half of the steps is its own"
    small = engine_of("wan22_small")
    assert small.sibling("WanImageToVideoPipeline").config.expand_timesteps
    assert {"text", "image", "edit"} <= small.family.ways.keys()


def test_the_seed_decides_and_a_preview_in_between_changes_nothing(engine_of: Callable[[str], Any]) -> None:
    engine = engine_of("wan")

    def frames(seed: int, between: Callable[[], Any] = lambda: None) -> Any:
        job = Job(prompt="a red kite", verb="text", seed=seed, seconds=1, size=SIZE)
        return next(iter(engine.render(job, lambda *_: between(), lambda: False).frames))

    assert np.array_equal(frames(1), frames(1)) and not np.array_equal(frames(1), frames(2))
    assert np.array_equal(frames(1), frames(1, between=lambda: frames(3)))


def test_it_stops_at_the_next_step_and_shows_a_rough_picture_of_each(engine_of: Callable[[str], Any]) -> None:
    done: list[int] = []
    seen: list[Any] = []
    job = Job(prompt="a", verb="text", seed=1, seconds=1, size=SIZE, show=seen.append)
    with pytest.raises(Stopped):
        engine_of("wan").render(job, lambda step, _: done.append(step), lambda: len(done) >= 2)
    assert done == [0, 1] and len(seen) == 1 and seen[0].shape[2] == 3


def test_weights_that_are_half_copied_or_absent_are_named(
    engine_of: Callable[[str], Any], tmp_path: Path
) -> None:
    from generation.engines.diffusers import DiffusersEngine

    with pytest.raises(EngineFailed, match="engine_missing"):
        DiffusersEngine(tmp_path)
    broken = tmp_path / "broken"
    shutil.copytree(engine_of("wan").folder, broken)
    weights = next((broken / "transformer").glob("*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:500])
    with pytest.raises(EngineFailed, match="engine_missing"):
        DiffusersEngine(broken)
    (broken / "understudy.json").write_text("{half")
    with pytest.raises(EngineFailed, match="engine_missing"):
        DiffusersEngine(broken)


def test_a_card_that_is_full_is_tried_once_more_with_a_quarter_of_the_pixels(
    engine_of: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full card is a RuntimeError like many others; and half the size has to be half of what is sampled."""
    engine = engine_of("wan")
    kind, asked = type(engine.pipeline), list[tuple[int, int]]()
    sampled = kind.__call__

    def full_at_first(self: Any, *args: Any, **wishes: Any) -> Any:
        asked.append((wishes["width"], wishes["height"]))
        if len(asked) == 1:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return sampled(self, *args, **wishes)

    full_at_first.__signature__ = inspect.signature(sampled)  # type: ignore[attr-defined]  # the engine reads it
    monkeypatch.setattr(kind, "__call__", full_at_first)
    monkeypatch.setitem(engine.wishes, "width", 64)
    monkeypatch.setitem(engine.wishes, "height", 96)
    job = Job(prompt="a red kite", verb="text", seed=1, seconds=1, size=(128, 192))
    with pytest.raises(EngineFailed, match="out_of_memory"):
        engine.render(job, lambda *_: None, lambda: False)
    again = base.at_half(job)
    assert list(engine.render(again, lambda *_: None, lambda: False).frames)[0].shape[:2] == again.size[::-1]
    (wide, high), (less_wide, less_high) = asked
    assert (wide, high) == (2 * less_wide, 2 * less_high)


def test_weights_without_room_are_no_missing_weights(
    engine_of: Callable[[str], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from generation.engines import diffusers as engine

    def full(*args: Any, **wishes: Any) -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory")

    folder = engine_of("wan").folder
    monkeypatch.setattr(engine.DiffusionPipeline, "from_pretrained", full)
    with pytest.raises(EngineFailed, match="out_of_memory"):
        engine.DiffusersEngine(folder)


def test_a_hub_id_is_what_was_fetched_of_it_and_one_that_was_not_is_named(
    engine_of: Callable[[str], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    from generation.engines.diffusers import DiffusersEngine

    kept = tmp_path / "models--somebody--kites"
    shutil.copytree(engine_of("wan").folder, kept / "snapshots" / "a1")
    (kept / "refs").mkdir()
    (kept / "refs" / "main").write_text("a1")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    assert families.place_of("somebody/kites") == kept / "snapshots" / "a1"
    assert type(DiffusersEngine("somebody/kites").pipeline).__name__ == "WanPipeline"
    with pytest.raises(EngineFailed, match="engine_missing"):
        DiffusersEngine("somebody/boats")


def test_pages_offer_what_the_folder_can_do_without_opening_it(tmp_path: Path, settings: Any) -> None:
    (tmp_path / "model_index.json").write_text(json.dumps({"_class_name": "WanVACEPipeline"}))
    settings.DIFFUSERS_FOLDER = str(tmp_path)
    entry = base.entries()["diffusers"]
    assert entry.title == "Wan VACE" and entry.abilities.max_cast == 3 and entry.abilities.last_frame
    assert {"text", "image", "last", "extend", "edit"} <= entry.abilities.verbs
    assert families.family_of("SomethingNewPipeline").ways.keys() == {"text"}


def test_a_clip_that_is_gone_and_a_face_that_is_no_file_are_named(engine_of: Callable[[str], Any]) -> None:
    gone = Job(prompt="a", verb="image", seed=1, seconds=1, size=SIZE, sources=[Source(b"")])
    with pytest.raises(EngineFailed, match="parent_gone"):
        engine_of("wan_vace").render(gone, lambda *_: None, lambda: False)
    torn = CastMember("Alice", face=b"no file")
    job = Job(prompt="a", verb="text", seed=1, seconds=1, size=SIZE, cast=[torn])
    with pytest.raises(EngineFailed, match="likeness_gone"):
        engine_of("wan_vace").render(job, lambda *_: None, lambda: False)


def test_a_face_goes_to_the_pipeline_as_a_reference_picture(engine_of: Callable[[str], Any]) -> None:
    from generation.engines import filling

    kept = io.BytesIO()
    np.savez(kept, crops=np.full((1, 40, 30, 3), 200, np.uint8))
    job = Job(
        prompt="a", verb="text", seed=1, seconds=1, size=SIZE, cast=[CastMember("A", face=kept.getvalue())]
    )
    asked = filling.of("vace", job, 5, (32, 48), {})
    assert [picture.size for picture in asked["reference_images"][0]] == [(32, 48)]
    assert len(asked["video"]) == len(asked["mask"]) == 5


def with_wishes(engine: Any, place: Path, **wishes: Any) -> Any:
    """The same weights with other numbers of the operator's."""
    from generation.engines.diffusers import DiffusersEngine

    shutil.copytree(engine.folder, place, dirs_exist_ok=True)
    own = json.loads((place / "understudy.json").read_text())
    (place / "understudy.json").write_text(json.dumps(own | wishes))
    return DiffusersEngine(place)


def kite(engine: Any) -> Any:
    job = Job(prompt="a red kite", verb="text", seed=1, seconds=1, size=SIZE)
    return np.stack(list(engine.render(job, lambda *_: None, lambda: False).frames)).astype(int)


def test_weights_are_held_in_the_dtype_that_was_asked_for(
    engine_of: Callable[[str], Any], tmp_path: Path
) -> None:
    half = with_wishes(engine_of("wan"), tmp_path, dtype="bfloat16")
    kept = {p.dtype for p in half.pipeline.transformer.parameters()}
    assert torch.bfloat16 in kept and len(kite(half))
    with pytest.raises(EngineFailed, match="dtype is one of auto, float32"):
        with_wishes(engine_of("wan"), tmp_path, dtype="int3")


def test_tiles_of_the_autoencoder_can_be_had_or_left(engine_of: Callable[[str], Any], tmp_path: Path) -> None:
    assert engine_of("wan").pipeline.vae.use_tiling, "by default"
    whole = with_wishes(engine_of("wan"), tmp_path, tiling=False)
    assert not whole.pipeline.vae.use_tiling
    assert np.array_equal(kite(whole), kite(engine_of("wan"))), "a picture smaller than a tile is the same"


def test_a_compiled_transformer_gives_the_same_pictures(
    engine_of: Callable[[str], Any], tmp_path: Path
) -> None:
    compiled = with_wishes(engine_of("wan"), tmp_path, compile="eager")
    assert type(compiled.pipeline.transformer).__name__ == "OptimizedModule"
    assert np.abs(kite(compiled) - kite(engine_of("wan"))).max() <= 1
    with pytest.raises(EngineFailed, match="engine_missing"):
        with_wishes(engine_of("wan"), tmp_path, compile="no such backend")


@pytest.mark.parametrize(
    ("offload", "called"),
    [("none", "to"), ("model", "enable_model_cpu_offload"), ("sequential", "enable_sequential_cpu_offload")],
)
def test_with_a_gpu_the_weights_are_put_where_the_operator_says(offload: str, called: str) -> None:
    """There is no GPU where tests run: what is asked of the pipeline is all that can be seen."""
    from generation.engines import diffusers as engine

    asked: list[tuple[str, Any]] = []

    class Pipeline:
        def __getattr__(self, name: str) -> Any:
            return lambda *where, device=None: asked.append((name, where or (device,)))

    engine._place(Pipeline(), offload, "cuda")
    assert asked == [(called, ("cuda",))]


def test_a_lora_changes_the_pictures_by_its_strength_or_says_that_it_is_gone(
    engine_of: Callable[[str], Any], tmp_path: Path
) -> None:
    from tests.generation import tiny

    plain, place = engine_of("wan"), tmp_path / "wan"
    shutil.copytree(plain.folder, place)
    wide = plain.pipeline.transformer.blocks[0].attn1.to_q.weight.shape[0]
    torch.manual_seed(3)
    tiny.lora(place / "me.safetensors", "transformer.blocks.0.attn1", wide)
    full = with_wishes(plain, place, lora=["me.safetensors"])
    none = with_wishes(plain, place, lora=["me.safetensors:0.0"])
    assert np.array_equal(kite(none), kite(plain)) and not np.array_equal(kite(full), kite(plain))
    with pytest.raises(EngineFailed, match="is not there"):
        with_wishes(plain, place, lora=["gone.safetensors"])
