"""Whether the people in a clip permit that something is sold by it: asked of the gate, never decided here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from accounts.models import User
from cameos import consent, licences
from cameos.models import Cameo, LikenessUse, Purpose
from cameos.refusals import ConsentDenied
from commerce.refusals import NotForCommerce
from generation.models import Clip


def require_commercial(*, clip: Clip, now: datetime, purpose: str = Purpose.ADVERTISE) -> None:
    """Raise NotForCommerce, naming the rule, unless everybody in the clip permits its maker to use it for
    that purpose and earn by it: to advertise, or to sell an episode."""
    uses = clip.uses.exclude(state=LikenessUse.State.ENDED).select_related("cameo__owner")
    for use in uses:
        reason = _refusal(use.cameo, clip.maker, now, purpose)
        if reason is not None:
            raise NotForCommerce(message=ConsentDenied(reason, name=use.cameo.name).message)


def shares_of(clips: Iterable[Clip], now: datetime) -> dict[int, int]:
    """What of sales by these clips each person in them asks for on their price card, in basis points."""
    asked: dict[int, int] = {}
    for clip in clips:
        for use in clip.uses.exclude(state=LikenessUse.State.ENDED).select_related("cameo"):
            person = use.cameo.owner_id
            asked[person] = max(asked.get(person, 0), licences.share_of(use.cameo, now))
    return asked


def _refusal(cameo: Cameo, maker: User, now: datetime, purpose: str) -> consent.Reason | None:
    brief = consent.Brief("", commercial=True)
    return consent.decide(consent.Question(cameo, maker, purpose, brief, now))
