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
    seen_by: frozenset[str]  # roles for whom everything stays as declared


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


STATES = (
    ObjectState("provisional", provisional, frozenset({"maker", "depicted"})),
    ObjectState("withdrawn", withdrawn, NOBODY),
    ObjectState("deleted", deleted, NOBODY),
    ObjectState("private", private, frozenset({"maker", "depicted"})),
    ObjectState("minor's", minors, frozenset(ROLES)),
)

# What is answered to somebody who is not let in, whatever is or is not there.
SHUT = frozenset({"to /login", "to /step-up", "401", "403", "404", "closed"})

# (name, method, state): roles and answers that differ from the rule, with the reason beside them.
OTHERWISE: dict[tuple[str, str, str], dict[str, str]] = {}


def about_the_clip(declaration: Declaration, w: World) -> bool:
    """Whether the address names the published clip, its post, its use or one of its files."""
    if declaration.kind == "socket":
        return False
    ours = {str(w.post.public_id), str(w.clip.public_id), str(w.use.public_id)}
    return bool(ours & {str(value) for value in declaration.at(w).values()})


def expected(declaration: Declaration, state: ObjectState) -> Expected:
    told = {
        role: answer if role in state.seen_by or answer in SHUT else "404"
        for role, answer in declaration.expected.items()
    }
    return told | OTHERWISE.get((declaration.name, declaration.method, state.name), {})
