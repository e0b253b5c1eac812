"""The worker's way through a recording: decode behind the walls, check, write down. Twice does no harm."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from cameos import capture, capture_actions, recordings
from cameos.challenge import Asked
from cameos.intake.kinds import FilmLimits
from cameos.intake.refusals import IntakeReason, IntakeRefused
from cameos.intake.sandbox import Decoded, decode_video
from cameos.likenesses import material
from cameos.models import CameoCapture
from cameos.spoofs import Fingerprint

# A challenge takes under 25 s; who lets the recording run on gets it checked all the same.
LIMITS = FilmLimits(max_bytes=80 * 1024 * 1024, min_s=1.0, max_s=60.0)


def run(capture_id: int, now: datetime) -> None:
    """Check or enrol, whichever the row waits for."""
    rows = CameoCapture.objects.select_related("challenge", "upload", "cameo__owner")
    made = rows.filter(pk=capture_id).first()
    if made is not None and made.state == CameoCapture.State.CHECKING:
        _check(made, now)
    elif made is not None and made.state == CameoCapture.State.ACCEPTED:
        _enrol(made, now)


def _check(made: CameoCapture, now: datetime) -> None:
    try:
        decoded = _decode(recordings.plain_path(made))
    except IntakeRefused as refusal:
        capture_actions.record_refusal(made=made, refusal=refusal, now=now)
        return
    verdict = capture.check(decoded, _asked(made), earlier=_earlier(made))
    try:
        ready = material(verdict.likeness) if verdict.likeness else None
    except ValueError:
        capture_actions.give_up(made=made, reason=capture_actions.UNUSABLE, now=now)
        return
    capture_actions.record_verdict(made=made, verdict=verdict, material=ready, now=now)


def _enrol(made: CameoCapture, now: datetime) -> None:
    try:
        with _unsealed(made) as path:
            ready = material(capture.enrol(_decode(path)))
    except (IntakeRefused, ValueError):
        capture_actions.give_up(made=made, reason=capture_actions.UNUSABLE, now=now)
        return
    capture_actions.record_acceptance(made=made, material=ready, now=now)


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
