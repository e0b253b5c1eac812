"""Leaving: what this room gives back, and what it forgets."""

from datetime import datetime

import pytest

from accounts.models import User
from feed import actions, personal
from feed.models import Comment, Like, Post
from tests.feed.conftest import MakePost

pytestmark = pytest.mark.django_db


def test_carol_takes_her_words_along_and_leaves_none(
    bob: User, carol: User, make_post: MakePost, now: datetime
) -> None:
    bobs, carols = make_post(bob), make_post(carol, caption="Mine")
    actions.like(post=bobs, person=carol, now=now)
    actions.comment(post=bobs, author=carol, words="Bravo", now=now)
    archive = personal.export(carol)
    assert archive["comments"][0]["text"] == "Bravo" and archive["posts"][0]["caption"] == "Mine"

    personal.erase(carol, now)
    personal.erase(carol, now)
    bobs.refresh_from_db()
    carols.refresh_from_db()
    assert (bobs.like_count, bobs.comment_count) == (0, 0)
    assert not Like.objects.exists() and not Comment.objects.exists()
    assert (carols.state, carols.caption) == (Post.State.DELETED, "")
