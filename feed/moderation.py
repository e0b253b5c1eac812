"""Reports in the moderators' inbox: what they see, and what their decisions do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts import cases, notifications
from accounts.models import Case, User
from feed.models import Post, Report


def evidence(case: Case) -> Mapping[str, Any]:
    post = _post_of(case)
    reports = Report.objects.filter(post=post).select_related("reporter").order_by("-created_at")
    return {"post": post, "reports": list(reports[:50])}


def decide(*, case: Case, decision: str, moderator: User, note: str, now: datetime) -> None:
    """`hide` and `keep` move the post along its arrows; whoever reported is told that somebody looked."""
    post = _post_of(case)
    if post is None:
        return
    if decision == "hide" and _move(post, Post.State.LIVE, Post.State.HIDDEN):
        _tell(post.creator, "post_hidden", {"reason": note}, now)
    if decision == "keep" and _move(post, Post.State.HIDDEN, Post.State.LIVE):
        _tell(post.creator, "post_restored", {}, now)
    for report in Report.objects.filter(post=post).select_related("reporter"):
        _tell(report.reporter, "report_decided", {}, now)


def _move(post: Post, state: str, to: str) -> bool:
    return bool(Post.objects.filter(pk=post.pk, state=state).update(state=to))


def _post_of(case: Case) -> Post | None:
    public_id = case.subject.removeprefix("feed.post:")
    return Post.objects.filter(public_id=public_id).select_related("clip", "creator").first()


def _tell(recipient: User, kind: str, data: dict[str, Any], now: datetime) -> None:
    notifications.notify(recipient=recipient, kind=kind, data=data, now=now)


def connect() -> None:
    cases.register(
        "report",
        cases.Handler(
            title=_("Report of a clip"),
            template="feed/_report_case.html",
            decisions=(
                cases.Decision("keep", _("Nothing wrong: keep it up")),
                cases.Decision("hide", _("Hide it from everybody"), needs_note=True, is_severe=True),
            ),
            apply=decide,
            evidence=evidence,
        ),
    )
