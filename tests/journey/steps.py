"""The eight steps, in order: from one command to a revocation. A step without a walk counts as missing."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.journey import joining, making, recording, revoking, selling, watching
from tests.journey.walk import Walk


@dataclass(frozen=True)
class Step:
    name: str
    walk: Callable[[Walk], None] | None


STEPS: tuple[Step, ...] = (
    Step("An operator starts it by one command", joining.operator_starts),
    Step("A new person joins by a creator's invite", joining.owner_joins),
    Step("The owner agrees, records, and is verified", recording.owner_records),
    Step("The creator casts the owner; a stranger is refused", making.creator_casts),
    Step("The clip is real, and waits for the owner's word", making.owner_approves),
    Step("The stranger watches, likes, comments and remixes", watching.stranger_watches),
    Step("A merchant sells through the clip", selling.merchant_sells),
    Step("The owner revokes, and it is gone", revoking.owner_revokes),
)
