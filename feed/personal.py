"""What this room holds about a person."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from accounts.models import User
from accounts.personal import Archive
from accounts.refusals import Refused
from feed import actions, describing
from feed.models import (
    Appeal,
    Ballot,
    BallotOption,
    BallotVote,
    BranchPoint,
    BrollLicence,
    Comment,
    Conversation,
    Entitlement,
    Episode,
    ExperimentLeft,
    Like,
    Message,
    NotInterested,
    Post,
    Preferences,
    PushSubscription,
    RemixShare,
    Report,
    Repost,
    Scheduled,
    Series,
    SeriesCast,
    Slate,
    StarterPack,
    Steering,
    Strike,
    Talker,
    Trend,
    Watch,
    one_less,
)
from generation.models import Clip

COVERS = {
    "feed.Post": "kept as DELETED without its caption: clips made from it name it as their source",
    "feed.RemovalRequest": "kept: proof of a legal duty; its e-mail goes after 180 days",
    "feed.RemovalEvent": "kept: append-only proof of a legal duty",
    "feed.Like": "deleted",
    "feed.RemixShare": "kept: an agreement that orders refer to; the account it names is erased",
    "feed.Series": "ended, and kept without its words: episodes that were paid for stand in it",
    "feed.SeriesCast": "deleted",
    "feed.Episode": "kept without its words: orders name it",
    "feed.Ballot": "kept without its words",
    "feed.BallotOption": "kept without its words",
    "feed.BallotVote": "deleted",
    "feed.Entitlement": "deleted",
    "feed.BrollLicence": "deleted",
    "feed.BranchPoint": "deleted",
    "feed.BranchWay": "deleted",
    "feed.Comment": "deleted",
    "feed.NotInterested": "deleted",
    "feed.Report": "deleted; the moderators' case stays without the name",
    "feed.Watch": "deleted",
    "feed.Steering": "deleted",
    "feed.Slate": "deleted",
    "feed.SearchWord": "deleted",
    "feed.Scheduled": "deleted: what was put off is not published any more",
    "feed.ExperimentLeft": "deleted",
    "feed.Preferences": "deleted",
    "feed.PushSubscription": "deleted",
    "feed.Repost": "deleted",
    "feed.Strike": "deleted; the decision stays with the moderators' case",
    "feed.Appeal": "emptied of its words",
    "feed.StarterPack": "deleted, and the person stands in nobody's pack any more",
    "feed.Conversation": "stays for the others without the person's name",
    "feed.Talker": "deleted",
    "feed.Message": "deleted, on everybody's side",
    "feed.CommentEdit": "deleted with the comment",
    "feed.Trend": "deleted, and made anew without the person",
}

PREFERENCES = (
    *("on_boards", "digest", "muted_kinds", "quiet_from", "quiet_until", "time_zone"),
    *("session_minutes", "stop_every"),
)


def export(user: User) -> dict[str, Any]:
    return {
        "posts": [
            {
                "id": str(post.public_id),
                "clip": str(post.clip.public_id),
                "caption": post.caption,
                "state": post.state,
                "likes": post.like_count,
                "published_at": post.published_at.isoformat(),
            }
            for post in Post.objects.filter(creator=user).select_related("clip").order_by("pk")
        ],
        "remix_shares": [
            {"post": str(post), "share_bp": part}
            for post, part in RemixShare.objects.filter(person=user)
            .order_by("pk")
            .values_list("post__public_id", "share_bp")
        ],
        "series": [
            {
                "id": str(row.public_id),
                "title": row.title,
                "teaser": row.teaser,
                "bible": row.bible,
                "episodes": list(row.episodes.values("number", "title", "cliffhanger")),
                "votes": list(row.ballots.values("question", "state", "opened_at", "closes_at")),
            }
            for row in Series.objects.filter(creator=user).order_by("pk")
        ],
        "votes": list(BallotVote.objects.filter(person=user).values("option__words", "at")),
        "unlocked": [
            {"post": str(post), "at": at.isoformat()}
            for post, at in Entitlement.objects.filter(person=user).values_list(
                "post__public_id", "granted_at"
            )
        ],
        "broll_licences": [
            {"post": str(post), "at": at.isoformat()}
            for post, at in BrollLicence.objects.filter(holder=user).values_list(
                "post__public_id", "granted_at"
            )
        ],
        "ways": list(
            BranchPoint.objects.filter(post__creator=user).values("question", "at_ms", "ways__label")
        ),
        "likes": _moments(Like.objects.filter(person=user)),
        "not_interested": _moments(NotInterested.objects.filter(person=user)),
        "comments": [
            {"post": str(post), "text": text, "at": at.isoformat()}
            for post, text, at in Comment.objects.filter(author=user, deleted_at=None)
            .order_by("pk")
            .values_list("post__public_id", "text", "created_at")
        ],
        "reports": list(Report.objects.filter(reporter=user).order_by("pk").values("reason", "text")),
        "steering": list(
            Steering.objects.filter(person=user).values("rules", "muted_words", "hide_ai", "ai_share")
        ),
        "scheduled": list(Scheduled.objects.filter(creator=user).values("at", "caption", "state", "reason")),
        "slate": list(Slate.objects.filter(person=user).values_list("places", flat=True)),
        "preferences": list(Preferences.objects.filter(person=user).values(*PREFERENCES)),
        "push": list(PushSubscription.objects.filter(person=user).values("endpoint", "created_at")),
        "strikes": list(
            Strike.objects.filter(person=user).values("reason", "given_at", "ends_at", "lifted_at")
        ),
        "appeals": list(Appeal.objects.filter(person=user).values("text", "state", "answer")),
        "reposts": _moments(Repost.objects.filter(person=user)),
        "starter_packs": [
            {"title": pack.title, "people": list(pack.people.values_list("username", flat=True))}
            for pack in StarterPack.objects.filter(owner=user).order_by("pk")
        ],
        "messages": [
            {"conversation": str(talk), "text": text, "at": at.isoformat()}
            for talk, text, at in Message.objects.filter(author=user, deleted_at=None)
            .order_by("pk")
            .values_list("conversation__public_id", "text", "created_at")
        ],
        "experiments_left": list(
            ExperimentLeft.objects.filter(person=user).values_list("experiment__name", flat=True)
        ),
        "watches": [
            {"post": str(post), "watch_ms": watch_ms, "loops": loops, "at": at.isoformat()}
            for post, watch_ms, loops, at in Watch.objects.filter(viewer=user)
            .order_by("pk")
            .values_list("post__public_id", "watch_ms", "loops", "at")
        ],
    }


def import_(archive: Archive) -> None:
    """Posts of clips that came along and show nobody, with their captions and moments. Likes and comments
    were given on another host, by people of it."""
    for told in archive.data.get("posts", []):
        clip = Clip.objects.standing().filter(
            public_id=told["clip"], maker=archive.owner, carried__isnull=False, cast_count=0, post=None
        )
        if told["state"] != Post.State.LIVE or (found := clip.first()) is None:
            continue
        with suppress(Refused):
            caption = str(told["caption"])[: actions.MOST_CAPTION]
            post = actions.publish(clip=found, creator=archive.owner, caption=caption, now=archive.now)
            then = parse_datetime(str(told["published_at"])) or archive.now
            Post.objects.filter(pk=post.pk).update(published_at=min(then, archive.now))


def erase(user: User, now: datetime) -> None:
    liked = list(Like.objects.filter(person=user).values_list("post", flat=True))
    Post.objects.filter(pk__in=liked).update(like_count=one_less("like_count"))
    Like.objects.filter(person=user).delete()
    for comment in Comment.objects.filter(author=user):
        if comment.deleted_at is None:
            Post.objects.filter(pk=comment.post_id).update(comment_count=one_less("comment_count"))
        comment.delete()
    NotInterested.objects.filter(person=user).delete()
    Report.objects.filter(reporter=user).delete()
    Watch.objects.filter(viewer=user).delete()
    Steering.objects.filter(person=user).delete()
    Slate.objects.filter(person=user).delete()
    Scheduled.objects.filter(creator=user).delete()
    ExperimentLeft.objects.filter(person=user).delete()
    Preferences.objects.filter(person=user).delete()
    PushSubscription.objects.filter(person=user).delete()
    Trend.objects.filter(person=user).delete()
    BallotVote.objects.filter(person=user).delete()
    Entitlement.objects.filter(person=user).delete()
    BrollLicence.objects.filter(holder=user).delete()
    BranchPoint.objects.filter(post__creator=user).delete()
    _end_series(user, now)
    posts = Post.objects.filter(creator=user)
    posts.filter(state__in=[Post.State.LIVE, Post.State.HIDDEN]).update(state=Post.State.DELETED)
    posts.update(caption="", topics=[], vector=None)
    Repost.objects.filter(person=user).delete()
    Strike.objects.filter(person=user).delete()
    Appeal.objects.filter(person=user).update(text="")
    StarterPack.objects.filter(owner=user).delete()
    user.in_starter_packs.clear()
    Message.objects.filter(author=user).delete()
    Talker.objects.filter(person=user).delete()
    Conversation.objects.filter(started_by=user).update(started_by=None)
    describing.gone(list(posts.values_list("pk", flat=True)))


def _end_series(user: User, now: datetime) -> None:
    own = Series.objects.filter(creator=user)
    SeriesCast.objects.filter(series__in=own).delete()
    SeriesCast.objects.filter(cameo__owner=user).delete()
    Episode.objects.filter(series__in=own).update(title="–", cliffhanger="")
    BallotOption.objects.filter(ballot__series__in=own).update(words="–")
    Ballot.objects.filter(series__in=own).update(question="–")
    Ballot.objects.filter(series__in=own, state=Ballot.State.OPEN).update(
        state=Ballot.State.UNVOTED, closed_at=now
    )
    own.update(title="–", teaser="", bible="", deleted_at=now)


def _moments(rows: Any) -> list[dict[str, str]]:
    return [
        {"post": str(post), "at": at.isoformat()}
        for post, at in rows.order_by("pk").values_list("post__public_id", "created_at")
    ]
