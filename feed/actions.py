"""What people do with published clips. One function per intention, one transaction each."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts import cases, notifications
from accounts.models import User
from cameos import uses
from feed import describing, live_counts, moderation, rights, search, slates, text
from feed.models import (
    Comment,
    CommentEdit,
    Hashtag,
    Like,
    NotInterested,
    Post,
    Report,
    ReportReason,
    Repost,
    Steering,
    one_less,
)
from feed.refusals import (
    AlreadyPublished,
    BadRules,
    CannotReply,
    CaptionTooLong,
    ClipFlashes,
    CommentEmpty,
    CommentsClosed,
    CommentTooLong,
    NotYourClip,
    NotYourComment,
    NotYourPost,
    UnknownReason,
)
from feed.steering import MOST_RULES, Rule
from feed.topics import topics_of
from generation.models import Clip, Ingredient

MOST_CAPTION = 500
MOST_COMMENT = 1000
MOST_MUTED = 100


@transaction.atomic
def publish(
    *,
    clip: Clip,
    creator: User,
    caption: str,
    now: datetime,
    allow_remix: bool = True,
    allow_comments: bool = True,
    allow_tags: bool = True,
    allow_download: bool = True,
    remix_share_bp: int = 0,
    owes_seen: int | None = None,
) -> Post:
    """Put a clip before the public. Refused by name until everybody in it approved and still permits it.

    A remix agrees by it to what its parents ask (`rights`). `owes_seen` is the sum of those parts that its
    creator was shown; another one by now raises `SharesChanged`."""
    if clip.maker_id != creator.pk:
        raise NotYourClip()
    caption = text.clean(caption)
    if len(caption) > MOST_CAPTION:
        raise CaptionTooLong()
    if clip.flashes:
        raise ClipFlashes()
    rights.check_share(remix_share_bp)
    uses.ready_to_publish(clip, now)
    moderation.check_may_publish(creator, now)
    post = _insert(
        Post(
            clip=clip,
            creator=creator,
            caption=caption,
            topics=topics_of(clip.prompt, caption),
            allow_remix=allow_remix and clip.may_be_changed(),
            allow_comments=allow_comments,
            allow_tags=allow_tags,
            allow_download=allow_download,
            remix_share_bp=remix_share_bp,
            published_at=now,
        )
    )
    uses.note_published(clip=clip, now=now)
    rights.freeze(post, owes_seen)
    _tag(post, caption)
    search.index([post])
    _tell_parents(post, now)
    _tell_depicted(post, now)
    transaction.on_commit(lambda: _describe(post.pk))
    transaction.on_commit(lambda: moderation.look_later(post.pk))
    return post


def _insert(post: Post) -> Post:
    try:
        with transaction.atomic():
            post.save(force_insert=True)
    except IntegrityError:
        raise AlreadyPublished() from None
    return post


def _tag(post: Post, caption: str) -> None:
    names = text.hashtags(caption)
    Hashtag.objects.bulk_create([Hashtag(name=name) for name in names], ignore_conflicts=True)
    post.hashtags.set(Hashtag.objects.filter(name__in=names))


def _tell_parents(post: Post, now: datetime) -> None:
    parents = Post.objects.filter(
        clip__used_in__clip=post.clip,
        clip__used_in__relationship=Ingredient.Relationship.PARENT,
        state=Post.State.LIVE,
    )
    for parent in parents.select_related("creator"):
        Post.objects.filter(pk=parent.pk).update(remix_count=F("remix_count") + 1)
        if parent.creator_id != post.creator_id:
            _tell(parent.creator, "remixed", post, post.creator, now)


def _tell_depicted(post: Post, now: datetime) -> None:
    for use in post.clip.uses.select_related("cameo__owner"):
        if use.cameo.owner_id != post.creator_id:
            _tell(use.cameo.owner, "published_with_you", post, post.creator, now)


def _tell(recipient: User, kind: str, post: Post, by: User, now: datetime) -> None:
    notifications.notify(
        recipient=recipient, kind=kind, data={"name": by.name}, url=post.get_absolute_url(), now=now
    )


def _describe(post_id: int) -> None:
    from feed.tasks import describe

    describe.delay(post_id)


@transaction.atomic
def take_down(*, post: Post, by: User, now: datetime) -> Post:
    """Its creator removes a post; the clip goes back to being a draft of theirs. What a moderator hid stays
    known as such, so that its pictures are not brought again (`generation.footage`)."""
    if post.creator_id != by.pk:
        raise NotYourPost()
    state = Post.objects.select_for_update().values_list("state", flat=True).get(pk=post.pk)
    post.state = Post.State.DELETED if state == Post.State.LIVE else Post.State.WITHDRAWN
    post.save(update_fields=["state"])
    describing.gone([post.pk])
    return post


@transaction.atomic
def like(*, post: Post, person: User, now: datetime) -> Post:
    """Liking twice is liking once."""
    _, is_new = Like.objects.get_or_create(post=post, person=person, defaults={"created_at": now})
    if is_new:
        Post.objects.filter(pk=post.pk).update(like_count=F("like_count") + 1)
        NotInterested.objects.filter(post=post, person=person).delete()
        if post.creator_id != person.pk:
            _tell(post.creator, "liked", post, person, now)
        slates.touch([person.pk], now)
    post.refresh_from_db(fields=["like_count"])
    live_counts.changed(post)
    return post


@transaction.atomic
def unlike(*, post: Post, person: User, now: datetime) -> Post:
    """Taking back a like that is not there changes nothing."""
    gone, _ = Like.objects.filter(post=post, person=person).delete()
    if gone:
        slates.touch([person.pk], now)
        Post.objects.filter(pk=post.pk).update(like_count=one_less("like_count"))
    post.refresh_from_db(fields=["like_count"])
    live_counts.changed(post)
    return post


@transaction.atomic
def not_interested(*, post: Post, person: User, now: datetime) -> NotInterested:
    """Less like this, for this person, from the next page on."""
    row, _ = NotInterested.objects.get_or_create(post=post, person=person, defaults={"created_at": now})
    slates.touch([person.pk], now)
    return row


@transaction.atomic
def steer(
    *,
    person: User,
    rules: list[Rule],
    muted_words: list[str],
    hide_ai: bool,
    ai_share: int | None,
    now: datetime,
) -> Steering:
    """Keep how a person steers their feed; it counts from the next page on."""
    muted = list(dict.fromkeys(word for word in map(_muted_word, muted_words) if word))
    if (
        len(rules) > MOST_RULES
        or len(muted) > MOST_MUTED
        or (ai_share is not None and not 0 <= ai_share <= 100)
    ):
        raise BadRules()
    kept, _ = Steering.objects.update_or_create(
        person=person,
        defaults={
            "rules": [rule.as_json() for rule in rules],
            "muted_words": muted,
            "hide_ai": hide_ai,
            "ai_share": ai_share,
            "updated_at": now,
        },
    )
    slates.touch([person.pk], now)
    return kept


def _muted_word(word: str) -> str:
    return " ".join(text.clean(word[:200]).lower().split())[:40]


@transaction.atomic
def repost(*, post: Post, person: User, now: datetime) -> Repost:
    """Show a post to one's followers. Twice is once."""
    row, is_new = Repost.objects.get_or_create(post=post, person=person, defaults={"created_at": now})
    if is_new:
        Post.objects.filter(pk=post.pk).update(repost_count=F("repost_count") + 1)
        slates.touch([person.pk], now)
        if post.creator_id != person.pk:
            _tell(post.creator, "reposted", post, person, now)
    return row


@transaction.atomic
def take_back_repost(*, post: Post, person: User) -> None:
    gone, _ = Repost.objects.filter(post=post, person=person).delete()
    if gone:
        Post.objects.filter(pk=post.pk).update(repost_count=one_less("repost_count"))


@transaction.atomic
def comment(
    *, post: Post, author: User, words: str, now: datetime, reply_to: Comment | None = None
) -> Comment:
    """Say something under a post, or answer a comment there; an answer to an answer stands in the same
    thread."""
    if not post.allow_comments:
        raise CommentsClosed()
    if reply_to is not None and (reply_to.post_id != post.pk or reply_to.deleted_at is not None):
        raise CannotReply()
    words = _said(words)
    root = None if reply_to is None else reply_to.reply_to or reply_to
    made = Comment.objects.create(post=post, author=author, text=words, reply_to=root, created_at=now)
    live_counts.changed(post)
    Post.objects.filter(pk=post.pk).update(comment_count=F("comment_count") + 1)
    if reply_to is not None and reply_to.author_id not in {author.pk, post.creator_id}:
        _tell(reply_to.author, "replied", post, author, now)
    if post.creator_id != author.pk:
        _tell(post.creator, "commented", post, author, now)
    return made


def _said(words: str) -> str:
    words = text.clean(words[: MOST_COMMENT * 10])
    if not words:
        raise CommentEmpty()
    if len(words) > MOST_COMMENT:
        raise CommentTooLong()
    return words


@transaction.atomic
def edit_comment(*, comment: Comment, by: User, words: str, now: datetime) -> Comment:
    """Say it otherwise; what it said before stays to be read."""
    if by.pk != comment.author_id:
        raise NotYourComment()
    words = _said(words)
    held = Comment.objects.select_for_update().get(pk=comment.pk)
    if words != held.text and held.deleted_at is None:
        CommentEdit.objects.create(comment=held, text=held.text, at=now)
        held.text, held.edited_at = words, now
        held.save(update_fields=["text", "edited_at"])
    return held


@transaction.atomic
def pin_comment(*, comment: Comment, by: User, pinned: bool) -> None:
    """The creator of the clip keeps one comment at the top."""
    if by.pk != comment.post.creator_id:
        raise NotYourPost()
    Comment.objects.filter(post=comment.post_id, is_pinned=True).update(is_pinned=False)
    if pinned and comment.reply_to_id is None:
        Comment.objects.filter(pk=comment.pk).update(is_pinned=True)


@transaction.atomic
def open_comments(*, post: Post, by: User, is_open: bool) -> None:
    """The creator opens or closes the comments of a clip that is out."""
    if by.pk != post.creator_id:
        raise NotYourPost()
    Post.objects.filter(pk=post.pk).update(allow_comments=is_open)


@transaction.atomic
def delete_comment(*, comment: Comment, by: User, now: datetime) -> Comment:
    """By its author, or by the creator whose clip it stands under. Twice is once."""
    if by.pk not in {comment.author_id, comment.post.creator_id}:
        raise NotYourComment()
    if Comment.objects.filter(pk=comment.pk, deleted_at=None).update(
        deleted_at=now, text="", is_pinned=False
    ):
        CommentEdit.objects.filter(comment=comment).delete()
        Post.objects.filter(pk=comment.post_id).update(comment_count=one_less("comment_count"))
    comment.refresh_from_db()
    return comment


@transaction.atomic
def report(*, post: Post, reporter: User, reason: str, words: str, now: datetime) -> Report:
    """Tell the moderators. A second report of one person about one post changes the first."""
    if reason not in ReportReason.values:
        raise UnknownReason()
    filed, _ = Report.objects.update_or_create(
        post=post,
        reporter=reporter,
        defaults={"reason": reason, "text": text.clean(words)[:500], "created_at": now},
    )
    slates.touch([reporter.pk], now)
    case = cases.file(
        kind="report", subject=f"feed.post:{post.public_id}", reason=reason, filed_by=reporter, now=now
    )
    moderation.hide_if_enough(post, case, now)
    return filed
