"""The only way from (viewer, name) to a person or a case. Absent and hidden are the same 404."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import Http404

from accounts import social
from accounts.models import Block, Case, User

Viewer = User | AnonymousUser


def person_for(viewer: Viewer, handle: str) -> User:
    """A person whom the viewer may meet: there, not closed, and no block between them."""
    person = person_to_avoid(viewer, handle)
    if social.is_blocked_between(viewer, person):
        raise Http404
    return person


def people_called(viewer: Viewer, handles: Iterable[str]) -> dict[str, int]:
    """Ids by handle of those of these people who are there. Who blocked the viewer is not, as on their page;
    whom the viewer blocked is."""
    there = User.objects.filter(username__in=set(handles), is_active=True, erased_at=None)
    hidden = Block.objects.filter(blocked=viewer.pk).values("blocker")
    return dict(there.exclude(pk__in=hidden).values_list("username", "pk"))


def person_to_avoid(viewer: Viewer, handle: str) -> User:
    """A person whom the viewer wants to block or unblock: a block between them doesn't hide them for that."""
    person = User.objects.filter(username=handle.lower(), is_active=True, erased_at=None).first()
    if person is None:
        raise Http404
    return person


def is_moderator(viewer: Viewer) -> bool:
    return isinstance(viewer, User) and viewer.is_active and (viewer.is_moderator or viewer.is_superuser)


def is_operator(viewer: Viewer) -> bool:
    return isinstance(viewer, User) and viewer.is_active and viewer.is_superuser


def operator_only(viewer: Viewer) -> User:
    """The viewer, who runs this host. A 404 for anybody else: nobody can tell that the page is there."""
    if not (isinstance(viewer, User) and is_operator(viewer)):
        raise Http404
    return viewer


def moderator_only(viewer: Viewer) -> User:
    """The viewer, who moderates. A 404 for anybody else."""
    if not (isinstance(viewer, User) and is_moderator(viewer)):
        raise Http404
    return viewer


def cases_for(viewer: Viewer) -> QuerySet[Case]:
    """Every case for a moderator; a 404 for anybody else."""
    if not is_moderator(viewer):
        raise Http404
    return Case.objects.select_related("filed_by", "decided_by")


def case_for(viewer: Viewer, public_id: UUID) -> Case:
    case = cases_for(viewer).filter(public_id=public_id).first()
    if case is None:
        raise Http404
    return case
