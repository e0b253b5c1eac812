"""Steps 1 and 2: the house is up, and people come in."""

from playwright.sync_api import expect

from tests.journey.walk import Walk


def operator_starts(walk: Walk) -> None:
    """One command brought one address up: pages, API and demo; the operator lets a creator in."""
    walk.stack.manage("make_operator", "olive", "--email", "olive@example.test", "--birth-date", "1980-01-02")
    olive = walk.signs_in("olive", "olive@example.test")
    ready = olive.api("/readyz")
    assert ready["ready"] and "cache" not in ready["degraded"], ready
    assert olive.status_of("/api/schema") == 200
    expect(olive.goes_to("/").locator("body")).to_be_visible()
    walk.known["operator_invite"] = walk.makes_invite(olive, uses=10)
    walk.signs_up("cleo", walk.known["operator_invite"])


def owner_joins(walk: Walk) -> None:
    """The owner signs up by the creator's invite; both follow each other. A wrong code lets nobody in."""
    invite = walk.makes_invite(walk["cleo"], uses=10)
    nobody = walk.arrives("nobody")
    assert nobody.status_of("/join/NO-SUCH-CODE") in {400, 403, 404, 410}
    walk.signs_up("oona", invite)
    for one, other in (("cleo", "oona"), ("oona", "cleo")):
        how = walk[one].api(f"/api/v1/people/{other}")
        assert how["follows"] and how["is_followed_by"], how
