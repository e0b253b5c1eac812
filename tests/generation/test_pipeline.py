"""From the queue to a sealed clip: the files, who sees them, and every way in which it can go wrong."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from accounts import books
from accounts.models import Notification, User
from cameos import uses
from cameos.models import Cameo, LikenessUse, PermitRecord
from generation import actions, credits, hand, pipeline, queue
from generation.models import Clip, Fingerprint, Generation, Rendition
from generation.provenance import fingerprint, lineage, manifest
from generation.states import State
from model import video
from tests.generation.conftest import Ask, allow

SIZES = {
    "mp4_720": (216, 384),
    "mp4_360": (216, 384),
    "poster": (216, 384),
    "avif": (216, 384),
    "sprite": (180, 160),
}


def path_of(rendition: Rendition, settings: Any) -> Path:
    return Path(settings.MEDIA_ROOT) / rendition.path


def finished(generation: Generation) -> Generation:
    hand.drain()
    generation.refresh_from_db()
    return generation


def nothing_is_left(settings: Any) -> bool:
    folders = (Path(settings.MEDIA_ROOT) / "clips", Path(settings.MEDIA_ROOT) / ".work")
    return not any(path.is_file() for folder in folders if folder.exists() for path in folder.rglob("*"))


def test_a_prompt_becomes_a_signed_clip_with_sound_that_starts_fast(
    ask: Ask, bob: User, settings: Any
) -> None:
    before = credits.balance(bob)
    generation = finished(ask(bob, seconds=2))
    assert generation.state == State.READY, generation.error
    clip = generation.clip
    assert clip is not None and clip.cast_count == 0 and clip.duration_ms == 2000
    for rendition in clip.renditions.all():
        path = path_of(rendition, settings)
        found = manifest.read(path)
        assert found.is_ours and found.clip_id == str(clip.public_id)
        assert (rendition.width, rendition.height) == SIZES[rendition.kind]
        assert rendition.bytes == path.stat().st_size
        if path.suffix == ".mp4":
            about = video.probe(path)
            assert (about.video_codec, about.audio_codec) == ("h264", "aac")
            data = path.read_bytes()
            assert data.index(b"moov") < data.index(b"mdat")
    assert credits.balance(bob) == before - 2 and books.unbalanced() == []
    assert Notification.objects.filter(recipient=bob, kind="clip_ready").exists()
    assert set(generation.stage_seconds) >= {"render", "inspect"}
    assert not any((Path(settings.MEDIA_ROOT) / ".work").iterdir())


def test_the_poster_is_the_first_frame_with_its_mark(ask: Ask, bob: User, settings: Any) -> None:
    clip = finished(ask(bob, seconds=2)).clip
    assert clip is not None
    kinds = {r.kind: path_of(r, settings) for r in clip.renditions.all()}
    first = next(iter(video.read_frames(kinds["mp4_720"])))
    import cv2
    import numpy as np

    poster = cv2.cvtColor(cv2.imread(str(kinds["poster"])), cv2.COLOR_BGR2RGB)
    assert np.abs(poster.astype(int) - first.astype(int)).mean() < 12


def test_a_sealed_clip_is_found_again_by_its_pictures_after_another_encoding(
    ask: Ask, bob: User, settings: Any, tmp_path: Path
) -> None:
    clip = finished(ask(bob, seconds=2)).clip
    other = finished(ask(bob, seconds=2, seed=8)).clip
    assert clip is not None and other is not None and Fingerprint.objects.filter(cut=0).count() == 4
    source = path_of(clip.renditions.get(kind="mp4_720"), settings)
    video.rewrite(source, tmp_path / "again.mp4", (162, 288), crf=32)
    prints = [fingerprint.of_frame(f) for f in video.read_frames(tmp_path / "again.mp4", every=8)]
    assert [match.clip_id for match in fingerprint.search(prints)] == [clip.pk]


def test_alice_and_bob_see_the_draft_and_nobody_else_until_she_approves(
    ask: Ask, alice: User, bob: User, carol: User, character: Cameo, now: datetime
) -> None:
    allow(character, bob, now, show_me_first=True)
    generation = finished(ask(bob, "a robot waves", cast=[character]))
    assert generation.state == State.READY, (generation.error, generation.refusal_evidence)
    clip = generation.clip
    assert clip is not None and clip.cast_count == 1
    use = LikenessUse.objects.get(clip=clip)
    assert use.state == LikenessUse.State.PROVISIONAL
    assert generation.permits.get().state == PermitRecord.State.SPENT
    see = [Clip.objects.visible_to(who).filter(pk=clip.pk).exists() for who in (alice, bob, carol, nobody())]
    assert see == [True, True, False, False]
    found = manifest.read(Path(clip_file(clip)))
    assert found.ledger_entries == (str(use.entry_id),)


def test_when_alice_declines_nobody_sees_it_the_files_go_and_bob_is_told(
    ask: Ask, alice: User, bob: User, character: Cameo, now: datetime, settings: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    allow(character, bob, now, show_me_first=True)
    clip = finished(ask(bob, "a robot waves", cast=[character])).clip
    assert clip is not None
    uses.decline(use=LikenessUse.objects.get(clip=clip), owner=alice, now=now)
    for viewer in (alice, bob):
        assert not Clip.objects.visible_to(viewer).filter(pk=clip.pk).exists()
    clip.refresh_from_db()
    assert clip.withdrawn_at == now and clip.withdrawn_reason == "declined"
    assert Notification.objects.filter(recipient=bob, kind="clip_withdrawn").count() == 1
    from generation.purge import purge

    assert purge([clip.pk], now) == 1 and purge([clip.pk], now) == 0
    assert not (Path(settings.MEDIA_ROOT) / "clips" / str(clip.public_id)).exists()
    assert clip.fingerprints.exists()  # what was withdrawn is still recognised


def test_a_remix_names_its_parent_carries_its_people_and_goes_with_it(
    ask: Ask, alice: User, bob: User, character: Cameo, now: datetime, settings: Any
) -> None:
    allow(character, bob, now)
    parent = finished(ask(bob, "a robot waves", cast=[character])).clip
    generation = finished(ask(bob, "the same at night", verb="remix", parent=parent))
    assert generation.state == State.READY, (generation.error, generation.refusal_evidence)
    remix = generation.clip
    assert parent is not None and remix is not None
    assert lineage.ancestors(remix) == [parent] and lineage.descendants(parent) == [remix]
    assert remix.cast_count == 1 and remix.uses.get().cameo == character
    found = manifest.read(Path(clip_file(remix)))
    assert found.is_ours and found.ancestors == (str(parent.public_id),)
    uses.end_uses(cameo=character, uses=parent.uses.all(), reason="revoked", now=now)
    assert not Clip.objects.visible_to(bob).exists()
    assert {c.withdrawn_reason for c in Clip.objects.all()} == {"revoked"}


def test_carol_cannot_remix_what_she_cannot_see(ask: Ask, bob: User, carol: User) -> None:
    parent = finished(ask(bob)).clip
    with pytest.raises(actions.ParentNotRemixable):
        ask(carol, "the same at night", verb="remix", parent=parent)


@pytest.mark.parametrize(
    ("engine", "error"), [("torn", "nan_frames"), ("hungry", "out_of_memory"), ("absent", "engine_missing")]
)
def test_an_engine_that_cannot_is_a_named_failure_with_credits_back(
    ask: Ask, bob: User, settings: Any, engine: str, error: str
) -> None:
    before = credits.balance(bob)
    generation = finished(ask(bob, engine=engine))
    assert (generation.state, generation.error) == (State.FAILED, error)
    assert credits.balance(bob) == before and not Clip.objects.exists()
    assert nothing_is_left(settings)


def test_a_full_disk_is_a_named_failure_with_nothing_half_written(
    ask: Ask, bob: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from generation import store

    before = credits.balance(bob)
    monkeypatch.setattr(store, "LEAST_FREE", 1 << 60)  # more room than any disk has
    generation = finished(ask(bob))
    assert (generation.state, generation.error) == (State.FAILED, "disk_full")
    assert credits.balance(bob) == before and nothing_is_left(settings)


def test_cancelling_while_it_renders_stops_within_one_step(ask: Ask, bob: User, now: datetime) -> None:
    before = credits.balance(bob)
    generation = ask(bob, seconds=5)
    held = queue.claim("w", now)
    assert held is not None
    steps: list[int] = []

    def pulse() -> None:
        steps.append(len(steps))
        if len(steps) == 3:
            actions.cancel(generation=generation, by=bob, now=now)

    pipeline.run(held, pulse=pulse)
    generation.refresh_from_db()
    assert (generation.state, len(steps)) == (State.CANCELLED, 3)
    assert credits.balance(bob) == before and not Clip.objects.exists()


def test_a_permit_that_ends_while_it_renders_stops_it_and_no_use_is_written(
    ask: Ask, alice: User, bob: User, character: Cameo, now: datetime
) -> None:
    from cameos.signals import permit_ended

    grant = allow(character, bob, now)
    generation = ask(bob, "a robot waves", cast=[character])
    held = queue.claim("w", now)
    assert held is not None
    told: list[int] = []

    def pulse() -> None:
        told.append(1)
        if len(told) == 2:
            permit_ended.send(sender=Cameo, cameo=character, grant_ids=[grant.pk], reason="revoked", now=now)

    pipeline.run(held, pulse=pulse)
    generation.refresh_from_db()
    assert (generation.state, generation.cancel_reason) == (State.CANCELLED, "revoked")
    assert not LikenessUse.objects.exists() and not Clip.objects.exists()


def test_a_worker_that_lost_its_claim_seals_nothing(
    ask: Ask, bob: User, now: datetime, settings: Any
) -> None:
    generation = ask(bob)
    late = queue.claim("late", now)
    assert late is not None
    generation.refresh_from_db()
    assert queue.requeue(generation, now)
    pipeline.run(late)
    generation.refresh_from_db()
    assert generation.state == State.QUEUED and not Clip.objects.exists() and nothing_is_left(settings)
    assert finished(generation).state == State.READY


def test_bob_deletes_his_clip_for_good(ask: Ask, bob: User, carol: User, now: datetime) -> None:
    from django.http import Http404

    clip = finished(ask(bob)).clip
    assert clip is not None
    with pytest.raises(Http404):
        actions.delete_clip(clip=clip, by=carol, now=now)
    actions.delete_clip(clip=clip, by=bob, now=now)
    assert not Clip.objects.visible_to(bob).exists()


def nobody() -> Any:
    from django.contrib.auth.models import AnonymousUser

    return AnonymousUser()


def clip_file(clip: Clip) -> str:
    from django.core.files.storage import default_storage

    return default_storage.path(clip.renditions.get(kind="mp4_720").path)
