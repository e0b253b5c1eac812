"""How this room's news reads, and what it hears from the rooms to its left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Model
from django.db.models.signals import post_delete, post_save
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import notifications
from accounts.models import Block, CircleMember, Follow, Mute, Notification
from cameos.signals import uses_ended
from feed import describing, push, slates
from feed.models import Post
from generation.signals import clip_withdrawn


def _sentence(make: Callable[[], str]) -> Callable[[dict[str, Any]], str]:
    """A renderer whose sentence is looked up in the reader's language when it is read."""
    return lambda data: make() % {"name": data["name"]}


RENDERERS: dict[str, Callable[[dict[str, Any]], str]] = {
    "liked": _sentence(lambda: _("%(name)s likes your clip.")),
    "commented": _sentence(lambda: _("%(name)s commented on your clip.")),
    "remixed": _sentence(lambda: _("%(name)s remixed your clip.")),
    "replied": _sentence(lambda: _("%(name)s answered your comment.")),
    "reposted": _sentence(lambda: _("%(name)s reposted your clip.")),
    "message": _sentence(lambda: _("%(name)s wrote to you.")),
    "message_request": _sentence(lambda: _("%(name)s would like to write to you.")),
    "published_with_you": _sentence(lambda: _("%(name)s published a clip with you in it.")),
    "scheduled_published": lambda data: _gone_out(data),
    "scheduled_refused": lambda data: _kept_in(data),
    "post_hidden": lambda data: _("A moderator hid a clip of yours: %(reason)s") % {"reason": data["reason"]},
    "ballot_closed": lambda data: _ballot(data),
    "in_series": lambda data: _("%(name)s cast you in the series “%(title)s”.") % data,
    "post_waits": lambda data: _("A clip of yours is hidden until a moderator has looked at it."),
    "appeal_upheld": lambda data: _("Your appeal was looked at: %(reason)s") % {"reason": data["reason"]},
    "appeal_granted": lambda data: _("Your appeal was looked at: %(reason)s") % {"reason": data["reason"]},
    "post_restored": lambda data: _("A moderator put a clip of yours back."),
    "ranking_failed": lambda data: _("Ranking failed: the feed goes by popularity until it is mended."),
    "report_decided": lambda data: _("The moderators looked at your report. Thank you."),
}


def _gone_out(data: dict[str, Any]) -> str:
    """With the first words of its caption: somebody who scheduled several knows which."""
    if not data.get("caption"):
        return _("It is on stage, at the time that you chose.")
    return _("On stage, at the time that you chose: “%(caption)s”") % data


def _kept_in(data: dict[str, Any]) -> str:
    if not data.get("caption"):
        return _("A clip could not be published at the time that you chose: %(reason)s") % data
    return _("“%(caption)s” could not be published at the time that you chose: %(reason)s") % data


def _ballot(data: dict[str, Any]) -> str:
    """How a vote ended, for the creator who asked."""
    if data["state"] == "decided":
        return _("The vote of “%(title)s” is over: %(words)s") % data
    if data["state"] == "tied":
        return _("The vote of “%(title)s” ended level: it is yours to decide.") % data
    return _("Nobody voted on “%(title)s”: what comes next is yours.") % data


def connect() -> None:
    for kind, renderer in RENDERERS.items():
        notifications.register(kind, renderer)
    uses_ended.connect(_withdraw, dispatch_uid="feed.uses_ended")
    clip_withdrawn.connect(_withdraw, dispatch_uid="feed.clip_withdrawn")
    post_save.connect(push.heard, sender=Notification, dispatch_uid="feed.push")
    for edge in (Follow, Mute, CircleMember, Block):
        for signal in (post_save, post_delete):
            signal.connect(_edge_changed, sender=edge, dispatch_uid=f"feed.{edge.__name__}.{id(signal)}")


def _withdraw(sender: object, clip_ids: list[int], reason: str, now: datetime, **more: object) -> None:
    """In the transaction that ended them. The visibility rule hides these posts already; the state is for
    the record, and says whether their pictures may come again: those of a clip that its maker took back may.
    """
    posts = Post.objects.filter(clip__in=clip_ids, state__in=[Post.State.LIVE, Post.State.HIDDEN])
    ids = list(posts.values_list("pk", flat=True))
    by_maker = {"state": Post.State.LIVE, "clip__withdrawn_at": None, "clip__deleted_at__isnull": False}
    Post.objects.filter(pk__in=ids, **by_maker).update(state=Post.State.DELETED)
    Post.objects.filter(pk__in=ids).exclude(state=Post.State.DELETED).update(state=Post.State.WITHDRAWN)
    describing.gone(ids)


def _edge_changed(sender: type[Model], instance: Any, **more: object) -> None:
    """Whom one follows, mutes, blocks or lists as close counts in the slates of both."""
    people = {
        pk
        for name in ("follower_id", "muter_id", "owner_id", "blocker_id", "blocked_id")
        if (pk := getattr(instance, name, None)) is not None
    }
    slates.touch(sorted(people), timezone.now())
