"""A real clip through the real pipeline: how long everything takes after the last step, whether what is
served is signed, how early the first picture is there, how far manifests grow, how long `/verify` takes."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

PROMPT, LEVELS = "a girl runs through a park on a sunny day", 12


def main() -> None:
    from tests.bench.likeness._ground import database

    with database(), tempfile.TemporaryDirectory() as folder:
        from django.conf import settings

        from tests.bench.provenance import _replay
        from tests.generation import swatch

        settings.EXTRA_ENGINES = {"replay": _replay.ENTRY, **swatch.ENGINES}
        print(json.dumps(measure(Path(folder))))


def measure(folder: Path) -> dict[str, Any]:
    draw()
    long_clip = made("replay", 10)
    clip = made("replay", 5)
    stages = dict(clip.generation.stage_seconds)
    after = {name: stages[name] for name in stages if name not in ("permits", "load")}
    figures = {
        "after_render_ratio": round(sum(after.values()) / 5, 3),
        "after_render_stages": after,
        **first_frame(clip),
        "verify_s": round(verify_seconds(long_clip, folder), 2),
        **chain(),
    }
    return figures | {"manifest_valid": manifests_valid(folder)}


def draw() -> None:
    """Five seconds by the native engine; not measured."""
    from generation.engines import base
    from tests.bench.provenance import _replay

    job = base.Job(prompt=PROMPT, verb="text", seed=3, seconds=5, size=_replay.SIZE)
    rendered = base.get("native").render(job, lambda done, of: None, lambda: False)
    _replay.FRAMES[:] = list(rendered.frames)
    if rendered.audio is not None:
        _replay.SOUND[:] = [rendered.audio]


def made(engine: str, seconds: int, parent: Any = None) -> Any:
    """A clip of an engine's, through queue and pipeline."""
    from django.utils import timezone

    from accounts.models import User
    from generation import credits, hand
    from generation.models import Generation
    from generation.states import State, Verb

    now = timezone.now()
    maker, _ = User.objects.get_or_create(username="maker", defaults={"birth_date": "1990-01-01"})
    row = Generation.objects.create(
        maker=maker, verb=Verb.REMIX if parent else Verb.TEXT, prompt=PROMPT, seed=3, seconds=seconds,
        parent=parent, engine=engine, state=State.QUEUED, state_since=now, created_at=now, queued_at=now,
        credits=1,
    )  # fmt: skip
    credits.reserve(row, now)
    hand.drain()
    row.refresh_from_db()
    assert row.clip is not None, (
        row.state,
        row.error,
        row.refusal_stage,
        row.refusal_rule,
        row.refusal_evidence,
    )
    return row.clip


def path_of(clip: Any, kind: str) -> Path:
    from django.core.files.storage import default_storage

    return Path(default_storage.path(clip.renditions.get(kind=kind).path))


def first_frame(clip: Any) -> dict[str, Any]:
    """Bytes from 0 to the end of the first picture of the smaller film, and how good its brightness is."""
    import av
    from skimage.metrics import structural_similarity

    from generation.provenance import visible
    from model import video
    from tests.bench.provenance import _replay

    path = path_of(clip, "mp4_360")
    with av.open(str(path)) as film:
        packet = next(film.demux(video=0))
        bytes_needed = packet.pos + packet.size
    with av.open(str(path)) as film:
        shown = next(film.decode(video=0)).to_ndarray(format="gray")
    drawn = visible.mark_for("maker", _replay.SIZE)(_replay.FRAMES[0], 0.0)
    small = np.ascontiguousarray(video.resize(drawn, (shown.shape[1], shown.shape[0])))
    wanted = av.VideoFrame.from_ndarray(small, "rgb24").reformat(
        format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG"
    )
    luma = wanted.to_ndarray()[: shown.shape[0]]
    with av.open(str(path)) as film:
        coded = next(film.decode(video=0)).to_ndarray(format="yuv420p")[: shown.shape[0]]
    return {
        "first_frame_bytes": bytes_needed,
        "first_frame_ssim": round(float(structural_similarity(luma, coded)), 4),
    }


def verify_seconds(clip: Any, folder: Path) -> float:
    """The slowest of the served file, a re-encoded one, and one cropped, mirrored and re-encoded."""
    from generation.provenance import survival, verify
    from model import video

    served = path_of(clip, "mp4_720")
    again, cropped = folder / "again.mp4", folder / "cropped.mp4"
    video.rewrite(served, again, (360, 640), crf=28)
    frames = survival.mirror(survival.crop_aside(list(video.read_frames(again))))
    video.write_mp4(cropped, frames, 24, crf=28)
    took = []
    for path in (served, again, cropped):
        began = time.monotonic()
        findings = verify.examine(path)
        took.append(time.monotonic() - began)
        assert findings.clip == str(clip.public_id), (path.name, findings)
    return max(took)


def chain() -> dict[str, Any]:
    """A remix of a remix of ... `LEVELS` times: how much of its smaller file is manifest."""
    clip = made("swatch", 1)
    for _level in range(LEVELS):
        clip = made("swatch", 1, parent=clip)
    return {"manifest_kb_at_level_12": round(manifest_bytes(path_of(clip, "mp4_360")) / 1024, 2)}


def manifest_bytes(path: Path) -> int:
    """The boxes of an mp4 at its top level that hold C2PA's data."""
    data, at, found = path.read_bytes(), 0, 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big") or len(data) - at
        found += size if data[at + 4 : at + 8] == b"uuid" else 0
        at += size
    return found


def manifests_valid(folder: Path) -> float:
    """Every file of every clip, fetched from its address as its maker gets it, read by c2pa with our root."""
    from django.test import Client

    from accounts.models import User
    from generation.models import Rendition
    from generation.provenance import manifest

    client = Client()
    client.force_login(User.objects.get(username="maker"))
    valid, count = 0, 0
    for rendition in Rendition.objects.select_related("clip"):
        answer = client.get(rendition.url)
        path = folder / f"served{Path(rendition.path).suffix}"
        with path.open("wb") as file:
            for piece in answer.streaming_content if answer.streaming else [answer.content]:
                file.write(piece)
        found = manifest.read(path)
        count += 1
        valid += found.is_ours and found.clip_id == str(rendition.clip.public_id)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return valid / count


if __name__ == "__main__":
    main()
