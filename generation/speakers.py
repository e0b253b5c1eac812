"""For whom of the cast a permit has to cover the voice: who says something, whose voice was recorded, and who
lets it be used. Everybody else's lines are said by a stock voice that is nobody's."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cameos import consent
from cameos.models import Cameo, Reference
from generation.models import Generation

AS_NEAR_AS_ALLOWED, STOCK, SILENT = "", "stock", "none"  # how["voice"] of a storyboard
WISHES = (AS_NEAR_AS_ALLOWED, STOCK, SILENT)
CLONED, NEAR = "cloned", "near"  # ... and what came of it for each who speaks, besides STOCK


def asks_voice(generation: Generation, cameo: Cameo, purpose: str, now: datetime) -> bool:
    """Whether this person's permit is asked for with their voice. Where their grant leaves it out, they are
    cast all the same, and speak in another's."""
    if not speaks(generation.how, cameo) or generation.how.get("voice", "") != AS_NEAR_AS_ALLOWED:
        return False
    if not Reference.objects.filter(cameo=cameo, kind=Reference.Kind.VOICE).exists():
        return False
    refused = consent.may_cast(cameo=cameo, requester=generation.maker, purpose=purpose, now=now, voice=True)
    return refused is None


def speaks(how: dict[str, Any], cameo: Cameo) -> bool:
    key = str(cameo.public_id)
    lines = (line for shot in how.get("shots", ()) for line in shot.get("lines", ()))
    return any(line.get("who") == key for line in lines)
