"""Who is in the finished pictures: the question is cameos', the answer becomes a verdict of this room."""

from __future__ import annotations

from collections.abc import Sequence

from cameos.consent import Permit
from generation.engines.base import Frame
from generation.screening import Outcome, Verdict


class Unlisted(Exception):
    """Somebody is in the pictures who did not allow it."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.rule)
        self.verdict = verdict


def inspect(frames: Sequence[Frame], permits: Sequence[Permit]) -> None:
    """Raises `Unlisted` for a strong match with somebody who is enrolled and was not cast."""
    from cameos import inspection

    found = inspection.inspect(frames=frames, permitted=permits)
    if found.is_refused:
        raise Unlisted(
            Verdict(Outcome.REFUSE, stage="pictures", rule="unlisted_face", evidence=found.evidence)
        )
