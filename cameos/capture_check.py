"""The worker's way through a recording: decode behind the walls, check, write down. Twice does no harm."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from cameos import capture, capture_actions, recordings, voices
from cameos.challenge import Asked
from cameos.intake.kinds import FilmLimits
from cameos.intake.refusals import IntakeReason, IntakeRefused
from cameos.intake.sandbox import Decoded, decode_video
from cameos.likenesses import Likeness
from cameos.models import CameoCapture
from cameos.spoofs import Fingerprint
from cameos.verdicts import Outcome

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
    voice = _voice(verdict.likeness) if verdict.outcome is Outcome.VERIFIED else b""
    capture_actions.record_verdict(made=made, verdict=verdict, voice=voice, now=now)


def _enrol(made: CameoCapture, now: datetime) -> None:
    try:
        with _unsealed(made) as path:
            likeness = capture.enrol(_decode(path))
    except (IntakeRefused, ValueError):
        capture_actions.give_up(made=made, reason=capture_actions.UNUSABLE, now=now)
        return
    capture_actions.record_acceptance(made=made, likeness=likeness, voice=_voice(likeness), now=now)


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


def _voice(likeness: Likeness | None) -> bytes:
    """The voice vector as it is stored; nothing where too little was said (a person may accept that)."""
    if likeness is None:
        return b""
    try:
        return voices.embed(likeness.sound).astype("<f4").tobytes()
    except ValueError:
        return b""


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
