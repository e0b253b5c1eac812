"""What the audience did: watched, liked and commented by taste, the same on every host."""

from __future__ import annotations

import random
import uuid
from datetime import datetime, timedelta

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from feed.demo import programme
from feed.models import Comment, Like, Post, Watch

TASTES = {
    **{owner.handle: owner.likes for owner in programme.OWNERS},
    **{viewer.handle: viewer.likes for viewer in programme.AUDIENCE},
}
WORDS = (
    "The umbrella stole the scene.",
    "我看了三遍。",
    "More of this, please!",
    "The timing at second three…",
    "求同款外套！",
    "Otto deserves an award.",
    "This is my new good-morning.",
    "配乐也太合适了",
    "How is paper this expressive?",
    "Bravo from the back row.",
)


def live_it(people: dict[str, User], now: datetime) -> None:
    """For every demo post and every person: the same dice on every host, so twice changes nothing."""
    seeds = {scene.seed for scene in programme.SCENES}
    posts = Post.objects.filter(creator__in=people.values(), clip__seed__in=seeds, state=Post.State.LIVE)
    watches, likes, comments = [], [], []
    commented = set(Comment.objects.filter(post__in=posts).values_list("post", "author"))
    for post in posts.select_related("clip"):
        for handle, tastes in TASTES.items():
            dice = random.Random(f"{handle}:{post.clip.seed}")  # seeded, no secret  # nosec B311
            at = post.published_at + (now - post.published_at) * dice.random()
            person = people[handle]
            is_theirs = bool(set(tastes) & set(post.topics))
            if dice.random() > (0.8 if is_theirs else 0.4):
                continue
            fraction = min(1.0, dice.betavariate(6, 2) if is_theirs else dice.betavariate(2, 4)) * 1.3
            watches.append(_watch(post, person, handle, fraction, at))
            if dice.random() < (0.5 if is_theirs else 0.06):
                likes.append(Like(post=post, person=person, created_at=at))
            if dice.random() < 0.07 and (post.pk, person.pk) not in commented:
                words = dice.choice(WORDS)
                comments.append(
                    Comment(post=post, author=person, text=words, created_at=at + timedelta(seconds=9))
                )
    Watch.objects.bulk_create(watches, ignore_conflicts=True)
    Like.objects.bulk_create(likes, ignore_conflicts=True)
    Comment.objects.bulk_create(comments)
    posts.update(
        like_count=_tally(Like.objects.all()),
        comment_count=_tally(Comment.objects.filter(deleted_at=None)),
    )


def _watch(post: Post, person: User, handle: str, fraction: float, at: datetime) -> Watch:
    watch_ms = round(fraction * post.clip.duration_ms)
    visit = uuid.uuid5(uuid.NAMESPACE_URL, f"understudy-demo:{handle}:{post.clip.seed}")
    return Watch(post=post, viewer=person, visit=visit, watch_ms=watch_ms, loops=int(fraction), at=at)


def _tally(rows: object) -> Coalesce:
    counted = rows.filter(post=OuterRef("pk")).order_by().values("post").annotate(n=Count("pk"))  # type: ignore[attr-defined]
    return Coalesce(Subquery(counted.values("n")), 0)
