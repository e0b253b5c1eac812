"""Tells open sockets that a generation moved. News only: whoever missed it reads the row."""

from __future__ import annotations

import logging
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.utils.translation import override

from generation.models import Generation

log = logging.getLogger(__name__)


def group(public_id: object) -> str:
    return f"generation.{public_id}"


def news(generation: Generation) -> dict[str, Any]:
    """What a socket says about progress, to its maker."""
    with override(generation.maker.language):  # workers and sockets have none of their own
        label = str(generation.get_state_display())
    return {
        "type": "progress",
        "state": generation.state,
        "label": label,
        "step": generation.step,
        "steps": generation.steps,
        "percent": generation.percent,
        "is_over": generation.is_over,
    }


def tell(generation: Generation) -> None:
    """Never fails a job: with the layer away, pages poll."""
    layer = get_channel_layer()
    if layer is None:
        return
    try:
        async_to_sync(layer.group_send)(group(generation.public_id), news(generation))
    except Exception as error:  # the layer's driver raises many kinds; none may stop a rendering
        log.warning("no news for sockets: %s", type(error).__name__)
