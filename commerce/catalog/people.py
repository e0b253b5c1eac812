"""Who is in a product's picture: somebody with a likeness here has to allow this shop to advertise with them;
somebody of the never-me registry is in none.

People whom nobody here knows may stand in it: a shop's photograph is no clip, and its models were asked by
whoever took it. Workers only: it opens the index of faces.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from accounts.models import User
from cameos import consent, inspection
from cameos.models import Cameo, Purpose


def unasked(picture: NDArray[np.uint8], *, seller: User, now: datetime) -> bool:
    """Whether somebody known here is plainly in the picture H W 3 and does not allow the seller to show
    them."""
    found = inspection.inspect(frames=[picture], permitted=())
    return any(not _allows(match.cameo_id, seller, now) for match in found.strangers)


def _allows(cameo_id: int, seller: User, now: datetime) -> bool:
    cameo = Cameo.objects.select_related("owner").filter(pk=cameo_id).first()
    if cameo is None:  # never-me entries have negative ids
        return False
    brief = consent.Brief("", commercial=True)
    return consent.decide(consent.Question(cameo, seller, Purpose.ADVERTISE, brief, now)) is None
