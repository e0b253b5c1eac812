"""Gives posts their text vector, when the vector process answers.

Without one a post is ranked by everything else.
"""

from __future__ import annotations

import logging

from django.db.models import Q

from feed.models import Post
from model import text as vectors

log = logging.getLogger(__name__)
AT_ONCE = 64


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
