"""The worker's way through a recording: decode behind the walls, check, write down. Twice does no harm."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import numpy as np

from cameos import capture, capture_actions, recordings, references, vault
from cameos.challenge import Asked
from cameos.intake.kinds import FilmLimits
from cameos.intake.refusals import IntakeReason, IntakeRefused
from cameos.intake.sandbox import Decoded, decode_video
from cameos.likenesses import Likeness, Material, material, only_vector
from cameos.models import CameoCapture
from cameos.spoofs import Fingerprint

# A challenge takes under 25 s; who lets the recording run on gets it checked all the same.
LIMITS = FilmLimits(max_bytes=80 * 1024 * 1024, min_s=1.0, max_s=60.0)


def run(capture_id: int, now: datetime) -> None:
    """Check or enrol, whichever the row waits for."""
    rows = CameoCapture.objects.select_related("challenge", "upload", "cameo__owner", "never_me")
    made = rows.filter(pk=capture_id).first()
    if made is None or made.state not in STEPS or capture_actions.is_over(made, now):
        return
    try:
        STEPS[CameoCapture.State(made.state)](made, now)
    except (capture_actions.Outrun, vault.VaultClosed):
        if not capture_actions.is_over(made, now):
            raise


def _check(made: CameoCapture, now: datetime) -> None:
    try:
        decoded = _decode(recordings.plain_path(made))
    except IntakeRefused as refusal:
        capture_actions.record_refusal(made=made, refusal=refusal, now=now)
        return
    verdict = capture.check(decoded, _asked(made), earlier=_earlier(made), known=_known(made))
    try:
        ready = _material(made, verdict.likeness) if verdict.likeness else None
    except ValueError:
        capture_actions.give_up(made=made, reason=capture_actions.UNUSABLE, now=now)
        return
    capture_actions.record_verdict(made=made, verdict=verdict, material=ready, now=now)


def _enrol(made: CameoCapture, now: datetime) -> None:
    try:
        with _unsealed(made) as path:
            ready = _material(made, capture.enrol(_decode(path)))
    except (IntakeRefused, ValueError):
        capture_actions.give_up(made=made, reason=capture_actions.UNUSABLE, now=now)
        return
    capture_actions.record_acceptance(made=made, material=ready, now=now)


def _material(made: CameoCapture, likeness: Likeness) -> Material:
    """What is kept: of somebody without an account the face vector, and nothing else is even computed."""
    if made.never_me_id is not None:
        return only_vector(likeness)
    return material(likeness)


def _asked(made: CameoCapture) -> Asked:
    return Asked.of(made.challenge.movements, made.challenge.numbers)


def _decode(path: Path | None) -> Decoded:
    if path is None:
        raise IntakeRefused(IntakeReason.EMPTY)
    return decode_video(path, LIMITS)


def _earlier(made: CameoCapture) -> Iterator[Fingerprint]:
    """Every capture of this host that is still remembered, whosoever it was."""
    kept = CameoCapture.objects.exclude(pk=made.pk).exclude(picture_hashes={})
    for fingerprint in kept.values_list("picture_hashes", flat=True).iterator(chunk_size=200):
        yield Fingerprint.from_json(fingerprint)


def _known(made: CameoCapture) -> capture.Known:
    """Everybody else's face: a negative id of the index is an entry of the never-me registry."""
    index = references.load_index(made)
    ids = np.array(index.cameo_ids, np.int64)
    if not len(ids):
        return capture.NOBODY
    never = index.vectors[ids < 0] if made.never_me_id is None else capture.NOBODY.never
    return capture.Known(never, index.vectors[(ids > 0) & (ids != (made.cameo_id or 0))])


@contextmanager
def _unsealed(made: CameoCapture) -> Iterator[Path | None]:
    """The sealed recording as a nameless file, for the time of decoding."""
    data = recordings.unseal(made)
    if data is None:
        yield None
        return
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        yield Path(file.name)


STEPS = {CameoCapture.State.CHECKING: _check, CameoCapture.State.ACCEPTED: _enrol}
