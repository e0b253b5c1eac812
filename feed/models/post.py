"""A published clip with its caption.

States and the only ways on:

    LIVE <-> HIDDEN (a moderator's decision, and back)
    LIVE, HIDDEN -> WITHDRAWN (a likeness in it ended; or it was hidden, and its creator took it down)
    LIVE -> DELETED (its creator took it or its clip down), HIDDEN -> DELETED (the account went)

Nothing leaves WITHDRAWN or DELETED.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import BooleanField, F, Func, Q
from django.db.models.functions import Greatest

from accounts import social
from accounts.models import CircleMember, Follow
from accounts.social import Viewer
from feed.models.social import Repost
from feed.models.steering import Steering
from generation.models import Clip, is_visible_to


class Hashtag(models.Model):
    name = models.CharField(max_length=60, unique=True)


class _HoldsOne(Func):
    """Whether a text holds one of some words, in whatever case.

    PostgreSQL puts the text into capitals once and not for each word: a filter that little passes is asked of
    a thousand posts for a page.
    """

    output_field = BooleanField()

    def __init__(self, column: str, words: Sequence[str]) -> None:
        super().__init__(F(column))
        self.words = words

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> tuple[str, Any]:
        """`text LIKE word OR …`, as `icontains` has it on SQLite."""
        text, params = compiler.compile(self.get_source_expressions()[0])
        one = f"{text} LIKE %s ESCAPE '\\'"
        found = [[*params, pattern] for pattern in self._patterns(connection)]
        return f"({' OR '.join([one] * len(found))})", [param for pair in found for param in pair]

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, list[Any]]:
        text, params = compiler.compile(self.get_source_expressions()[0])
        patterns = self._patterns(connection)
        words = ", ".join(["UPPER(%s)"] * len(patterns))
        return f"UPPER({text}::text) LIKE ANY ((SELECT ARRAY[{words}])::text[])", [*params, *patterns]

    def _patterns(self, connection: Any) -> list[str]:
        return [f"%{connection.ops.prep_for_like_query(word)}%" for word in self.words]


class PostQuerySet(models.QuerySet["Post"]):
    def visible_to(self, viewer: Viewer, now: datetime) -> Self:
        """Live posts of clips that the likeness rule serves to this viewer, with no block between them and
        the creator; paid ones for whoever has paid.

        The rule about likenesses and payment is the clip's own (`is_visible_to`) and joined here, never
        written again.
        """
        return self._where(is_visible_to(viewer, "clip__", now=now, post=""), viewer, now)

    def offered_to(self, viewer: Viewer, now: datetime) -> Self:
        """Paid posts that this viewer would see by paying, and does not yet: their place and title may be
        told, nothing of their picture."""
        paid = self._where(is_visible_to(viewer, "clip__", now=now, post="", is_paying=True), viewer, now)
        return paid.filter(is_paid=True).exclude(pk__in=Post.objects.visible_to(viewer, now).values("pk"))

    def _where(self, rule: Q, viewer: Viewer, now: datetime) -> Self:
        posts = self.filter(
            rule,
            state=Post.State.LIVE,
            published_at__lte=now,
        )
        if viewer.pk is None:
            return posts
        return posts.filter(social.unblocked(viewer, "creator_id"))

    def not_muted_by(self, viewer: Viewer) -> Self:
        """Without the people whom the viewer muted: for streams; a post's own address still answers."""
        if viewer.pk is None:
            return self
        return self.filter(social.unmuted(viewer, "creator_id"))

    def not_steered_away(self, steered: Steering | None) -> Self:
        """Without clips that hold a muted word, and without AI-made ones for whoever hides them."""
        if steered is None:
            return self
        shown = self.filter(is_ai=False) if steered.hide_ai else self
        if not steered.muted_words:
            return shown
        return shown.exclude(_HoldsOne("caption", steered.muted_words)).exclude(
            _HoldsOne("clip__prompt", steered.muted_words)
        )

    def from_followed(self, viewer: Viewer) -> Self:
        """By people whom the viewer follows or lists as close, by the viewer, and what those they follow
        reposted."""
        if viewer.pk is None:
            return self.none()
        followed = Follow.objects.filter(follower=viewer.pk).values("followee")
        close = CircleMember.objects.filter(owner=viewer.pk).values("member")
        shown = Repost.objects.filter(person__in=followed).values("post")
        mine = Q(creator__in=followed) | Q(creator__in=close) | Q(creator=viewer.pk)
        return self.filter(mine | Q(pk__in=shown))

    def from_circle(self, viewer: Viewer) -> Self:
        """By people whom the viewer lists as close, and by the viewer."""
        if viewer.pk is None:
            return self.none()
        close = CircleMember.objects.filter(owner=viewer.pk).values("member")
        return self.filter(Q(creator__in=close) | Q(creator=viewer.pk))

    def newest_first(self) -> Self:
        return self.order_by("-published_at", "-pk")

    def before(self, at: datetime, pk: int) -> Self:
        """What comes after this key in `newest_first`. The plain bound is what an index can start at."""
        return self.filter(Q(published_at__lt=at) | Q(published_at=at, pk__lt=pk), published_at__lte=at)


class Post(models.Model):
    class State(models.TextChoices):
        LIVE = "LIVE"
        HIDDEN = "HIDDEN"
        WITHDRAWN = "WITHDRAWN"
        DELETED = "DELETED"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    clip = models.OneToOneField("generation.Clip", on_delete=models.PROTECT, related_name="post")
    creator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="posts")
    caption = models.CharField(max_length=500, blank=True)
    hashtags = models.ManyToManyField(Hashtag, related_name="posts", blank=True)
    topics = models.JSONField(default=list)
    vector = models.BinaryField(null=True)  # text vector of caption and prompt, 384 float32
    state = models.CharField(max_length=10, choices=State.choices, default=State.LIVE)
    allow_remix = models.BooleanField(default=True)
    allow_comments = models.BooleanField(default=True)
    allow_tags = models.BooleanField(default=True)
    allow_download = models.BooleanField(default=True)
    is_paid = models.BooleanField(default=False)  # seen with an `Entitlement` alone
    is_broll = models.BooleanField(default=False)  # offered to be used by others (`BrollLicence`)
    has_ways = models.BooleanField(default=False)  # it asks how it goes on (`BranchPoint`)
    # The origin of its clip, which never changes: who hides AI-made clips reads by an index of the others.
    is_ai = models.BooleanField(default=True, editable=False)
    # What of a remixer's earnings by a remix of it goes to this creator; kept for each remix when that is
    # published (`RemixShare`), so that a change reaches later ones alone.
    remix_share_bp = models.PositiveSmallIntegerField(default=0)
    like_count = models.PositiveIntegerField(default=0)
    comment_count = models.PositiveIntegerField(default=0)
    remix_count = models.PositiveIntegerField(default=0)
    repost_count = models.PositiveIntegerField(default=0)
    published_at = models.DateTimeField()

    objects = PostQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["state", "-published_at", "-id"]),
            models.Index(fields=["creator", "-published_at"]),
            models.Index(
                fields=["state", "-published_at", "-id"], condition=Q(is_ai=False), name="feed_post_filmed"
            ),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self._state.adding:
            self.is_ai = self.clip.origin == Clip.Origin.GENERATED
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return f"/p/{self.public_id}"


class RemixShare(models.Model):
    """What somebody gets of all that the creator of a remix earns by it, as it was when it was published.

    Written once with the post, for everybody up its lineage who asked for a part; never changed."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="remix_shares")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="remix_shares"
    )
    share_bp = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "person"], name="remix_share_once"),
            models.CheckConstraint(
                condition=Q(share_bp__gt=0, share_bp__lte=10_000), name="remix_share_part"
            ),
        ]


def one_less(tally: str) -> Greatest:
    """A tally after something it counted went; a tally that drifted stops at nought and fails nobody."""
    return Greatest(F(tally) - 1, 0)
