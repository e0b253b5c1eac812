"""Asking for a clip of films or photos that one brought."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from accounts.models import User
from cameos.models import Cameo
from generation import actions
from generation.asked import LONGEST_S
from generation.models import Clip, Footage, Generation
from generation.states import Verb

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
    engine: str = ENGINE,
    is_preview: bool = False,
    cast: Sequence[Cameo] = (),
    pieces: Sequence[Clip] = (),
    now: datetime,
) -> Generation:
    """Ask for a clip of these. A reel lasts at most as long as its films and the `pieces` of clips between
    them do together; one film is cut to what a clip may last; photos last as long as one asks. Raises what
    `request_generation` raises."""
    of_clips = sum(clip.duration_ms for clip in pieces) / 1000
    whole = math.ceil(sum(row.seconds for row in films) + of_clips) or seconds
    given = {**(how or {}), "footage": [str(row.public_id) for row in films]}
    return actions.request_generation(
        maker=maker,
        prompt=prompt,
        verb=verb,
        cast=cast,
        more_sources=pieces,
        how=given,
        seconds=max(1, min(whole, LONGEST_S if verb == Verb.FILM else seconds)),
        aspect=aspect,
        engine=engine,
        is_preview=is_preview,
        now=now,
    )
