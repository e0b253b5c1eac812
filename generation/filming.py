"""Asking for a clip of films that one brought."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from accounts.models import User
from cameos.models import Cameo
from generation import actions
from generation.models import Footage, Generation
from generation.states import Verb
from generation.verbs import LONGEST_S

ENGINE = "studio"


def request(
    *,
    maker: User,
    films: Sequence[Footage],
    verb: str,
    seconds: int,
    aspect: str,
    prompt: str = "",
    how: Mapping[str, Any] | None = None,
    cast: Sequence[Cameo] = (),
    now: datetime,
) -> Generation:
    """Ask for a clip of these films. A reel lasts at most as long as they do together; one film is cut to
    what a clip may last. Raises what `request_generation` raises."""
    whole = math.ceil(sum(row.seconds for row in films))
    given = {**(how or {}), "footage": [str(row.public_id) for row in films]}
    made = actions.request_generation(
        maker=maker,
        prompt=prompt,
        verb=verb,
        cast=cast,
        how=given,
        seconds=max(1, min(whole or 1, LONGEST_S if verb == Verb.FILM else seconds)),
        aspect=aspect,
        engine=ENGINE,
        now=now,
    )
    Footage.objects.filter(pk__in=[row.pk for row in films]).update(used_at=now)
    return made
