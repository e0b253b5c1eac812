"""What the diffusers engine does where there is a GPU. Tests run where there is none: accelerate's own hooks
move networks from the main memory to the main memory, and where they would be is noted."""

from __future__ import annotations

import gc
import inspect
import json
import os
import signal
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import accelerate.hooks
import diffusers
import numpy as np
import pytest
import torch

from generation import failures, machine
from generation.engines import base
from generation.engines import diffusers as engine
from generation.engines.base import EngineFailed, Entry, Job, Source, Stopped
from tests.bench import gpu_clip
from tests.generation import swatch, tiny
from tests.generation.cells import FILM
from tests.generation.test_families import kite, with_wishes

SIZE = (64, 96)
KITE = Job(prompt="a red kite", verb="text", seed=1, seconds=1, size=SIZE)
EDIT = Job(
    prompt="a red kite", verb="edit", seed=1, seconds=1, size=SIZE,
    sources=[Source(b"", load=lambda: FILM, fps=4.0)],
)  # fmt: skip


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return engine.DiffusersEngine(tiny.save("wan_deep", tmp_path_factory.mktemp("wan_deep")))


class Card:
    """Which networks are on it, and which were there at the same time."""

    def __init__(self) -> None:
        self.there: set[str] = set()
        self.together: list[set[str]] = []

    def come(self, network: Any) -> None:
        self.there.add(type(network).__name__)
        self.together.append(set(self.there))

    def go(self, network: Any) -> None:
        self.there.discard(type(network).__name__)


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> Iterator[Card]:
    noted, hook = Card(), accelerate.hooks.CpuOffload
    comes, goes = hook.pre_forward, hook.init_hook

    def pre_forward(self: Any, module: Any, *args: Any, **wishes: Any) -> Any:
        arguments = comes(self, module, *args, **wishes)
        if (
            self.prev_module_hook is not None
        ):  # which it would move now, were it not in the main memory already
            noted.go(self.prev_module_hook.model)
        noted.come(module)
        return arguments

    def init_hook(self: Any, module: Any) -> Any:
        noted.go(module)
        return goes(self, module)

    monkeypatch.setattr(hook, "pre_forward", pre_forward)
    monkeypatch.setattr(hook, "init_hook", init_hook)
    monkeypatch.setattr(engine, "_card", lambda: "cpu")
    yield noted


def render(made: Any, job: Job = KITE, on_step: Any = lambda *_: None, stop: Any = lambda: False) -> Any:
    return np.stack(list(made.render(job, on_step, stop).frames)).astype(int)


def offloaded(plain: Any, place: Path) -> Any:
    return with_wishes(plain, place, offload="model", dtype="float32")


def test_a_stop_leaves_no_network_on_the_card(plain: Any, card: Card, tmp_path: Path) -> None:
    """The next clip's text encoder has no room beside a network that is left there, nor has any after it."""
    made = offloaded(plain, tmp_path)
    with pytest.raises(Stopped):
        render(made, stop=lambda: True)
    assert card.together == [{"UMT5EncoderModel"}, {"WanTransformer3DModel"}]
    assert not card.there
    assert np.array_equal(render(made), kite(plain)), "and the next clip is the same as ever"
    assert not card.there


def test_nor_does_a_clip_that_had_no_room_or_one_of_a_sibling(
    plain: Any, card: Card, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = offloaded(plain, tmp_path)
    render(made, EDIT)
    assert type(made.sibling("WanVideoToVideoPipeline")).__name__ in made.siblings and not card.there

    def full(*args: Any, **wishes: Any) -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory")

    with monkeypatch.context() as patched:
        patched.setattr(made.pipeline.vae, "decode", full)
        with pytest.raises(EngineFailed, match="out_of_memory"):
            render(made)
    assert not card.there


def test_a_preview_in_between_waits_for_no_room(plain: Any, card: Card, tmp_path: Path) -> None:
    made, seen = offloaded(plain, tmp_path), []

    def between(step: int, steps: int) -> None:
        if step == 1 and not seen:
            seen.append(True)
            render(made)

    alone = render(made)
    assert np.array_equal(render(made, on_step=between), alone) and seen
    assert all(len(networks) == 1 for networks in card.together), "one network at a time"


@pytest.mark.parametrize(("times", "called"), [(1.5, "enable_model_cpu_offload"), (2.5, "to")])
def test_what_is_free_on_the_card_decides_where_networks_are(
    plain: Any, times: float, called: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    stored = sum(file.stat().st_size for file in plain.folder.rglob("*.safetensors"))
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (round(times * stored), 10**10))
    for name in ("to", "enable_model_cpu_offload", "enable_sequential_cpu_offload"):
        monkeypatch.setattr(type(plain.pipeline), name, lambda *a, _name=name, **w: asked.append(_name))
    engine._place(plain.pipeline, "auto", "cpu")
    assert asked == [called]


def test_a_word_for_offload_that_nobody_knows_is_named(plain: Any, tmp_path: Path) -> None:
    with pytest.raises(EngineFailed, match="offload is one of auto, none, model, sequential, not 'modell'"):
        with_wishes(plain, tmp_path, offload="modell")


def test_weights_are_in_bfloat16_where_a_card_has_units_for_it(
    plain: Any, card: Card, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the pictures of Wan are decoded in single precision, as its publisher shows it."""

    def dtypes(made: Any) -> tuple[torch.dtype, torch.dtype]:
        blocks = made.pipeline.transformer.blocks
        return blocks[0].attn1.to_q.weight.dtype, made.pipeline.vae.dtype

    assert plain.wishes["dtype"] == "auto" and dtypes(plain) == (torch.float32, torch.float32)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: True)
    new = with_wishes(plain, tmp_path / "new", offload="model")
    assert dtypes(new) == (torch.bfloat16, torch.float32)
    for job in (KITE, EDIT):
        assert render(new, job).shape[-1] == 3
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: False)
    assert dtypes(with_wishes(plain, tmp_path / "old", offload="model")) == (torch.float32, torch.float32)


def test_a_worker_that_sees_no_card_says_so(
    plain: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    """Walls around a service hide the card's devices, too; a clip then takes a hundred times as long."""
    monkeypatch.setattr(engine, "_card", lambda: None)
    with_wishes(plain, tmp_path)
    assert "this process sees no GPU: Wan draws on the CPU" in caplog.text


NOT_ENOUGH = (
    "CUDA error: out of memory",
    "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
    "cuDNN error: CUDNN_STATUS_ALLOC_FAILED",
)


@pytest.mark.parametrize("said", [*NOT_ENOUGH, None])
def test_memory_that_runs_out_by_another_name_is_tried_at_half_the_size(
    plain: Any, said: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those raise plain RuntimeErrors, and so does torch itself on a CPU."""

    def full(*args: Any, **wishes: Any) -> Any:
        if said is None:
            torch.empty(10**15)
        raise RuntimeError(said)

    monkeypatch.setattr(plain.pipeline.transformer, "forward", full)
    with pytest.raises(EngineFailed, match="out_of_memory"):
        render(plain)
    assert failures.code_of(RuntimeError("mat1 and mat2 shapes cannot be multiplied")) == "engine_error"


def test_a_worker_whose_card_is_lost_ends(plain: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each call of its process fails from now on: it would take and fail every job that comes."""
    sent: list[tuple[int, int]] = []

    def lost(*args: Any, **wishes: Any) -> Any:
        raise torch.AcceleratorError("CUDA error: an illegal memory access was encountered")

    monkeypatch.setattr(os, "kill", lambda *what: sent.append(what))
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: True)
    monkeypatch.setattr(torch.cuda, "synchronize", lambda: None)
    monkeypatch.setattr(plain.pipeline.transformer, "forward", lost)
    with pytest.raises(EngineFailed, match="engine_error"):
        render(plain)
    assert not sent, "an error that passes is no reason"
    monkeypatch.setattr(torch.cuda, "synchronize", lost)
    with pytest.raises(EngineFailed, match="engine_error"):
        render(plain)
    assert sent == [(os.getpid(), signal.SIGTERM)]


def counted(made: Any) -> list[int]:
    """How many times the block between the first and the last was computed: within what the cache wraps."""
    seen: list[int] = []
    made.pipeline.transformer.blocks[1].attn1.register_forward_pre_hook(lambda *_: seen.append(1))
    return seen


def test_a_step_like_the_one_before_is_not_computed_again(plain: Any, tmp_path: Path) -> None:
    never = with_wishes(plain, tmp_path / "never", cache=1e-9, steps=4)
    whole = with_wishes(plain, tmp_path / "whole", steps=4)
    assert np.array_equal(render(never), render(whole)), "no two steps are that alike"
    made = with_wishes(plain, tmp_path / "always", cache=1e9, steps=4)
    seen = counted(made)
    first = render(made)
    assert len(seen) == 1 and not np.array_equal(first, render(whole))
    assert np.array_equal(first, render(made)) and len(seen) == 2, (
        "a clip begins without the last one's steps"
    )


def test_neither_a_stop_nor_a_preview_in_between_leaves_its_steps_to_others(
    plain: Any, tmp_path: Path
) -> None:
    made = with_wishes(plain, tmp_path, cache=1e9, steps=4)
    first, begun = render(made), []

    def between(step: int, steps: int) -> None:
        if step == 1 and not begun:
            begun.append(True)
            render(made, base.at_half(KITE))  # of another shape: its steps do not even fit

    assert render(made, on_step=between).shape == first.shape and begun
    with pytest.raises(Stopped):
        render(made, stop=lambda: True)
    assert np.array_equal(render(made), first)


def test_what_would_be_drawn_wrong_is_computed_in_full_or_refused(
    plain: Any, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    made = with_wishes(plain, tmp_path / "cached", cache=1e9, steps=4)
    whole = with_wishes(plain, tmp_path / "whole", steps=4)
    assert np.array_equal(render(made, EDIT), render(whole, EDIT)), "it does not say which pass a step is of"
    assert made.pipeline.transformer.is_cache_enabled, "and the next clip of words has its cache"
    vace = tiny.save("wan_vace", tmp_path_factory.mktemp("wan_vace"))
    plain_vace = engine.DiffusersEngine(vace)
    with pytest.raises(EngineFailed, match="WanVACEPipeline does not cache steps"):
        with_wishes(plain_vace, tmp_path / "vace", cache=0.1)


@pytest.mark.parametrize("name", sorted(engine.CACHING))
def test_classes_that_cache_say_which_pass_a_step_is_of(name: str) -> None:
    assert "cache_context(" in inspect.getsource(getattr(diffusers, name).__call__)


class Tied(swatch.Swatch):
    """As accelerate's hooks tie networks: only a collection of garbage frees it."""

    def __init__(self) -> None:
        self.itself = self


def test_the_old_model_is_gone_before_the_new_one_comes(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = __name__
    settings.EXTRA_ENGINES = swatch.ENGINES | {"tied": Entry(f"{here}.Tied", swatch.CAN, "Tied")}
    monkeypatch.setattr(base, "_resident", None)
    old = weakref.ref(base.get("tied"))
    gc.disable()
    try:
        base.get("swatch")
        assert old() is None
    finally:
        gc.enable()


def test_memory_is_that_of_the_engine_that_was_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a host with a GPU our own engine holds none of it: that is not nothing."""
    forgotten: list[bool] = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: True)
    monkeypatch.setattr(torch.cuda, "reset_peak_memory_stats", lambda: forgotten.append(True))
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda: 0)
    assert machine.memory_mb() > 50
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda: 3 * 2**30)
    assert machine.memory_mb() == 3072
    machine.forget_peak()
    assert forgotten


def test_the_bench_of_a_card_runs_without_one(capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that no minute of a card is spent on its mistakes."""
    monkeypatch.setattr(sys, "argv", ["gpu_clip", "--tiny"])
    gpu_clip.main()
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    made = told["tiny"]
    assert told["card"] and told["versions"]["torch"] and "error" not in made
    assert made["clip_s"] > made["text_s"] + made["decode_s"] > 0 and made["step_s"] > 0
    assert made["cancel_steps"] == 1 and made["cancel_s"] is not None
    assert {"clip_s", "left_mb"} <= made["offload"].keys()
    assert made["cached"].keys() == {"step_s", "watched_s"}


@pytest.mark.parametrize(
    ("name", "billions"),
    [("wan-1.3b", 1.42), ("wan-5b", 5.0), ("wan-14b", 14.29), ("cogvideox-5b", 5.57), ("ltx-2b", 1.92)],
)
def test_the_bench_measures_networks_as_large_as_they_are(name: str, billions: float) -> None:
    """Counted, not held: what their publishers write of each."""
    model = gpu_clip.MODELS[name]
    kinds = {
        "wan": "WanTransformer3DModel",
        "wan_small": "WanTransformer3DModel",
        "cogvideox": "CogVideoXTransformer3DModel",
        "ltx": "LTXVideoTransformer3DModel",
    }
    with accelerate.init_empty_weights():
        network = getattr(diffusers, kinds[model.kind])(**model.transformer)
    assert sum(p.numel() for p in network.parameters()) / 1e9 == pytest.approx(billions, abs=0.01)
