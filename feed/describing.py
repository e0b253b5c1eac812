"""Gives posts their text vector, when the vector process answers.

Without one a post is ranked by everything else.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
from django.db import transaction
from django.db.models import Q

from feed.models import Post, SearchWord
from model import text as vectors

log = logging.getLogger(__name__)
AT_ONCE = 64
MOST_FILLED = 20_000
NAMESPACE = "posts"


def describe(post_id: int) -> None:
    """One post. Twice does no harm."""
    _describe(list(Post.objects.filter(pk=post_id, vector=None).select_related("clip")))


def describe_missing() -> None:
    """The posts whose wake-up was lost, or that came while the vector process was away."""
    missing = Post.objects.filter(Q(vector=None), state=Post.State.LIVE).select_related("clip")
    _describe(list(missing.order_by("-pk")[:AT_ONCE]))


def words_of(post: Post) -> str:
    """What a post is described by; a hidden prompt stays hidden from similarity too."""
    prompt = "" if post.clip.prompt_hidden else post.clip.prompt
    return f"{post.caption}\n{prompt}".strip()


def _describe(posts: list[Post]) -> None:
    posts = [post for post in posts if words_of(post)]
    if not posts:
        return
    try:
        found = vectors.embed([words_of(post) for post in posts])
    except vectors.Unavailable:
        log.info("The vector process is away: %d posts wait for the next sweep.", len(posts))
        return
    for post, vector in zip(posts, found, strict=True):
        Post.objects.filter(pk=post.pk).update(vector=vector.astype("<f4").tobytes())
        vectors.add(NAMESPACE, str(post.public_id), vector)


def fill_index() -> int:
    """The vector process lost its index, or is a new one: give it the newest clips again."""
    rows = Post.objects.filter(state=Post.State.LIVE, vector__isnull=False).order_by("-pk")
    try:
        if vectors.count(NAMESPACE) or not rows.exists():
            return 0
        given = list(rows.values_list("public_id", "vector")[:MOST_FILLED])
        for public_id, stored in given:
            vectors.add(
                NAMESPACE, str(public_id), np.frombuffer(bytes(stored or b""), "<f4").astype(np.float32)
            )
    except vectors.Unavailable:
        return 0
    return len(given)


def gone(posts: Sequence[int]) -> None:
    """These posts are no more: their words and vectors go, as soon as that is for good."""
    SearchWord.objects.filter(post__in=posts).delete()
    ids = [
        str(public_id) for public_id in Post.objects.filter(pk__in=posts).values_list("public_id", flat=True)
    ]
    transaction.on_commit(lambda: _forget_later(ids))


def _forget_later(ids: list[str]) -> None:
    from feed.tasks import forget_vectors

    forget_vectors.delay(ids)


def forget(ids: Sequence[str]) -> None:
    """Take these out of the index. Twice does no harm."""
    for public_id in ids:
        vectors.remove(NAMESPACE, public_id)
