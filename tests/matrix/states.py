"""The states that what an address is about can be in, and who may then still come to it.

A declaration says what each role gets for a clip that is published and live. `STATES` say what changes: the
world is put into the state, and every address about that clip, its post or its files answers as declared to
the roles named here, and as if nothing were there to all others. Where an address means something else in a
state, `OTHERWISE` says what, and why.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from accounts.models import User
from cameos.models import LikenessUse
from tests.matrix.grammar import ROLES, Declaration, Expected

World = Any
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ObjectState:
    name: str
    put: Callable[[World], Any]
    seen_by: frozenset[str]  # roles for whom the clip, its files and uses stay as declared
    post_seen_by: frozenset[str]  # the same for its published page and what hangs on that


def provisional(w: World) -> None:
    """Nobody published it, and the owner has not answered: a draft."""
    LikenessUse.objects.filter(pk=w.use.pk).update(state="provisional", approval="waiting")
    type(w.post).objects.filter(pk=w.post.pk).update(published_at=w.now + timedelta(days=1))


def withdrawn(w: World) -> None:
    """The owner took her permission back, as she does it."""
    from cameos import revocation

    revocation.revoke(cameo=w.cameo, owner=w.depicted, now=w.now)


def deleted(w: World) -> None:
    """Its maker deleted it."""
    from generation import actions

    actions.delete_clip(clip=w.clip, by=w.maker, now=w.now)


def private(w: World) -> None:
    """The owner hides it for a while."""
    from cameos import uses

    uses.hide(use=w.use, owner=w.depicted, now=w.now)


def minors(w: World) -> None:
    """Its maker turns out to be fifteen."""
    User.objects.filter(pk=w.maker.pk).update(birth_date=(w.now - timedelta(days=15 * 365)).date())


IN_IT = frozenset({"maker", "depicted"})
STATES = (
    ObjectState("provisional", provisional, IN_IT, NOBODY),
    ObjectState("withdrawn", withdrawn, NOBODY, NOBODY),
    ObjectState("deleted", deleted, NOBODY, NOBODY),
    ObjectState("private", private, IN_IT, IN_IT),
    ObjectState("minor's", minors, frozenset(ROLES), frozenset(ROLES)),
)

# What is answered to somebody who is not let in, whatever is or is not there.
SHUT = frozenset({"to /login", "to /step-up", "401", "403", "404", "closed"})

# (name, method, state): roles whose answer differs from the rule, and why.
TWICE = {"depicted": "409"}  # it is hidden, or waits for her word: there is nothing to hide
HERS = {"depicted": "200"}  # the owner keeps her record of a use, whatever its maker did with the clip
HERS_DONE = {"depicted": "redirected"}
OTHERWISE: dict[tuple[str, str, str], dict[str, str]] = {
    ("cameos:hide-use", "POST", "provisional"): TWICE,
    ("cameos:hide-use", "POST", "private"): TWICE,
    ("cameos:use", "GET", "deleted"): HERS,
    ("cameos:api-use", "DELETE", "deleted"): HERS,
    ("cameos:delete-use", "POST", "deleted"): HERS_DONE,
    ("cameos:hide-use", "POST", "deleted"): HERS_DONE,
    ("cameos:show-use", "POST", "deleted"): HERS_DONE,
    ("cameos:use", "GET", "withdrawn"): HERS,
    ("cameos:delete-use", "POST", "withdrawn"): TWICE,
    ("cameos:hide-use", "POST", "withdrawn"): TWICE,
    ("cameos:api-use", "DELETE", "withdrawn"): TWICE,
    # What waits to be published is its maker's, who looks after it already.
    ("feed:post-numbers", "GET", "provisional"): {"maker": "200"},
    ("feed:api-numbers", "GET", "provisional"): {"maker": "200"},
    ("feed:appeal", "GET", "provisional"): {"maker": "200"},
    ("feed:rights", "GET", "provisional"): {"maker": "200"},
    ("feed:lay-ways", "GET", "provisional"): {"maker": "200"},
    ("feed:lay-ways", "POST", "provisional"): {"maker": "redirected"},
    ("feed:api-ways", "PUT", "provisional"): {"maker": "400"},
    ("feed:api-ways", "DELETE", "provisional"): {"maker": "204"},
    ("feed:rights", "POST", "provisional"): {"maker": "redirected"},
    ("feed:api-rights", "PATCH", "provisional"): {"maker": "200"},
    ("feed:appeal", "POST", "provisional"): {"maker": "409"},
    ("feed:open-comments", "POST", "provisional"): {"maker": "redirected"},
    ("feed:take-down", "POST", "provisional"): {"maker": "redirected"},
    ("feed:api-post", "DELETE", "provisional"): {"maker": "204"},
    # A frame on another site shows what somebody without an account sees.
    ("feed:embed", "GET", "private"): {"maker": "404", "depicted": "404"},
}


def about_the_clip(declaration: Declaration, w: World) -> bool:
    """Whether the address names the published clip, its post, its use or one of its files."""
    if declaration.kind == "socket":
        return False
    ours = {str(w.post.public_id), str(w.clip.public_id), str(w.use.public_id)}
    return bool(ours & {str(value) for value in declaration.at(w).values()})


def expected(declaration: Declaration, state: ObjectState, w: World) -> Expected:
    named = {str(value) for value in declaration.at(w).values()}
    seen_by = state.post_seen_by if str(w.post.public_id) in named else state.seen_by
    told = {
        role: answer if role in seen_by or answer in SHUT else "404"
        for role, answer in declaration.expected.items()
    }
    return told | OTHERWISE.get((declaration.name, declaration.method, state.name), {})


def differing(got: Expected, wanted: Expected) -> dict[str, tuple[str, str]]:
    """Roles with another answer. One shut door is as good as another: what is gone asks for no sign-in."""
    return {
        role: (got[role], wanted[role])
        for role in got
        if got[role] != wanted[role] and not (got[role] in SHUT and wanted[role] in SHUT)
    }
