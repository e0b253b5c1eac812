"""The eight steps, in order: from one command to a revocation. A step without a walk is reported as missing."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import expect

from tests.journey.walk import Walk


@dataclass(frozen=True)
class Step:
    name: str
    walk: Callable[[Walk], None] | None


def operator_starts(walk: Walk) -> None:
    """One command brought one address up: pages, API and demo; the operator lets a creator in."""
    walk.stack.manage("make_operator", "olive", "--email", "olive@example.test", "--birth-date", "1980-01-02")
    olive = walk.signs_in("olive", "olive@example.test")
    assert olive.status_of("/readyz") == 200
    assert olive.status_of("/api/schema") == 200
    expect(olive.goes_to("/").locator("body")).to_be_visible()
    walk.signs_up("cleo", walk.makes_invite(olive))


def owner_joins(walk: Walk) -> None:
    """The owner signs up by the creator's invite; both follow each other."""
    walk.known["invite"] = walk.makes_invite(walk["cleo"], uses=10)
    walk.signs_up("oona", walk.known["invite"])
    for one, other in (("cleo", "oona"), ("oona", "cleo")):
        edges = walk[one].api(f"/api/v1/people/{other}")
        assert edges["you_follow"] and edges["follows_you"], edges


STEPS: tuple[Step, ...] = (
    Step("An operator starts it by one command", operator_starts),
    Step("A new person joins by a creator's invite", owner_joins),
    Step("The owner agrees, records, and is verified", None),
    Step("The creator casts the owner; a stranger is refused", None),
    Step("The clip is real, and waits for the owner's word", None),
    Step("The stranger watches, likes, comments and remixes", None),
    Step("A merchant sells through the clip", None),
    Step("The owner revokes, and it is gone", None),
)
