"""Counts of a clip, told to the pages that show it, at most once a second for each clip."""

from __future__ import annotations

import logging
import time
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

from feed.models import Post

log = logging.getLogger(__name__)
APART_S = 1.0
_told: dict[str, float] = {}


def group_of(post: str) -> str:
    return f"clip.{post}"


def of(post: Post) -> dict[str, Any]:
    return {
        "type": "news",
        "kind": "counts",
        "post": str(post.public_id),
        "likes": post.like_count,
        "comments": post.comment_count,
    }


def changed(post: Post) -> None:
    """After the transaction; a clip that is liked a thousand times a second is told of once. With the layer
    away nothing is told, and nothing fails."""
    transaction.on_commit(lambda: _tell(post.pk, str(post.public_id)))


def _tell(pk: int, public_id: str) -> None:
    moment = time.monotonic()
    if moment - _told.get(public_id, -APART_S) < APART_S:
        return
    if len(_told) > 10_000:
        _told.clear()
    _told[public_id] = moment
    fresh = Post.objects.filter(pk=pk).first()
    layer = get_channel_layer()
    if fresh is None or layer is None:
        return
    try:
        async_to_sync(layer.group_send)(group_of(public_id), of(fresh))
    except Exception as error:  # the layer's driver raises many kinds; none may fail a like
        log.warning("no news for sockets: %s", type(error).__name__)
