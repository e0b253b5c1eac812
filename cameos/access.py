"""The only way from (viewer, id) to a likeness or a use of one. Absent and somebody else's are the same
404."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from accounts import social
from accounts.models import User
from cameos.models import Cameo, Ending, Licence, LikenessUse


def cameos_of(viewer: User) -> QuerySet[Cameo]:
    """The viewer's own likenesses: their own person first, then drawn characters; none that is erased."""
    mine = Cameo.objects.filter(owner=viewer).exclude(state=Cameo.State.ERASED).select_related("owner")
    return mine.order_by("-kind", "name", "pk")


def cameo_of(viewer: User, public_id: str | UUID | None = None) -> Cameo:
    """One of the viewer's own that is verified; without an id, the first. 404 for anything else."""
    mine = cameos_of(viewer).filter(state=Cameo.State.VERIFIED)
    if public_id:
        mine = mine.filter(public_id=_uuid(public_id))
    cameo = mine.first()
    if cameo is None:
        raise Http404
    return cameo


def uses_of(viewer: User) -> QuerySet[LikenessUse]:
    """Every use of the viewer's likenesses, by anyone, in any state."""
    mine = LikenessUse.objects.filter(cameo__owner=viewer)
    return mine.select_related("cameo__owner", "clip__maker", "grant", "permit")


def use_for(viewer: User, public_id: UUID) -> LikenessUse:
    """A use of the viewer's own likeness. The maker of the clip and everybody else get a 404."""
    use = uses_of(viewer).filter(public_id=public_id).first()
    if use is None:
        raise Http404
    return use


def ending_for(viewer: User, public_id: UUID) -> Ending:
    """One act that took clips with the viewer down. Everybody else gets a 404."""
    ending = Ending.objects.filter(cameo__owner=viewer, public_id=public_id).select_related("cameo").first()
    if ending is None:
        raise Http404
    return ending


def licence_of(viewer: User, public_id: UUID) -> Licence:
    """A request for a licence of the viewer's own likeness: theirs to answer."""
    licence = Licence.objects.filter(cameo__owner=viewer, public_id=public_id).first()
    if licence is None:
        raise Http404
    return licence


def castable_for(viewer: User, public_id: UUID) -> Cameo:
    """A verified likeness by its id, for somebody who wants to cast it, pay for it or ask about it. Whether
    they may is the gate's question; people who blocked each other find nothing."""
    cameo = (
        Cameo.objects.filter(public_id=public_id, state=Cameo.State.VERIFIED).select_related("owner").first()
    )
    if cameo is None or social.is_blocked_between(cameo.owner, viewer):
        raise Http404
    return cameo


def _uuid(text: str | UUID) -> UUID:
    try:
        return text if isinstance(text, UUID) else UUID(text)
    except ValueError:
        raise Http404 from None
