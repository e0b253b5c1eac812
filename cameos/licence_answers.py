"""The owner's yes to a request for a licence, which leans on a grant: licences themselves know none."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.refusals import Refused
from cameos import consent, licences
from cameos.models import Licence


class NothingGranted(Refused):
    code = "nothing_granted"
    message = _("No permission of yours counts now, so nobody can be named in it.")
    hint = _("Save first who may cast you. Once it counts, accept.")
    status = 409


def accept(*, licence: Licence, owner: User, stepped_up: bool, now: datetime) -> Licence:
    """The owner's yes. A payment names the payer in the grant in force, so where none is there would be
    nothing to pay for: raises `NothingGranted`, and what `licences.accept` raises."""
    waits = licence.state == Licence.State.ASKED and licence.cameo.owner_id == owner.pk
    if waits and consent.in_force(licence.cameo, now) is None:
        raise NothingGranted()
    return licences.accept(licence=licence, owner=owner, stepped_up=stepped_up, now=now)
