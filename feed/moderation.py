"""Reports and appeals in the moderators' inbox: what they see, and what their decisions do.

A clip that several people whom reports have shown to be trustworthy object to is hidden before anybody has
looked; a moderator decides then. Hiding may carry a strike; three that count pause publishing for a week.
Its creator may appeal once, and somebody else than before decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts import cases, notifications
from accounts.models import Case, CaseEvent, User
from feed import slates, text
from feed.models import Appeal, Post, Report, ReportReason, Strike
from feed.refusals import AlreadyAppealed, AnotherModerator, NothingToAppeal, PublishingPaused

TRUSTED_AFTER = timedelta(days=7)
ENOUGH = 3  # trusted people of different invites
ENOUGH_URGENT = 2
URGENT = {ReportReason.NOT_MY_PERMISSION, ReportReason.MINOR, ReportReason.SELF_HARM}
STRIKE_LASTS = timedelta(days=90)
STRIKES = 3
PAUSE = timedelta(days=7)
MOST_APPEAL = 2000
AGAINST = ("hide", "strike")  # decisions
TEMPLATES = tuple(
    cases.Template(code, words)
    for code, words in (
        ("no_permission", _("Somebody in this clip did not allow it.")),
        ("minor", _("It harms or sexualises a minor. This is never allowed here.")),
        ("sexual", _("It shows sexual content, which this host does not allow.")),
        ("violence", _("It shows violence or gore beyond what this host allows.")),
        ("hate", _("It attacks people for what they are.")),
        ("harassment", _("It humiliates or threatens a person.")),
        ("self_harm", _("It encourages people to hurt themselves.")),
        ("deception", _("It passes for real and misleads about something that matters.")),
        ("scam", _("It tricks people out of money or data.")),
        ("spam", _("It repeats or advertises without being labelled.")),
        ("copyright", _("It uses somebody's work without a right to it.")),
        ("privacy", _("It shows private information of somebody.")),
        ("nothing", _("We looked at it and found nothing against the rules.")),
    )
)


# --- What moderators see -----------------------------------------------------------------------------------


def evidence(case: Case) -> Mapping[str, Any]:
    """Clip, prompt, lineage, screening, copies and the history of its creator, side by side."""
    post = post_of(case)
    reports = Report.objects.filter(post=post).select_related("reporter").order_by("-created_at")
    if post is None:
        return {"post": None, "reports": []}
    earlier = Case.objects.filter(subject=case.subject).exclude(pk=case.pk).order_by("-created_at")
    return {
        "post": post,
        "reports": list(reports[:50]),
        "trusted": len(_trusted_voices(post)),
        "sources": list(
            Post.objects.filter(clip__used_in__clip=post.clip).select_related("creator").distinct()[:10]
        ),
        "remixes": Post.objects.filter(clip__ingredients__source=post.clip).distinct().count(),
        "strikes": list(Strike.objects.filter(person=post.creator).order_by("-given_at")[:10]),
        "earlier": list(earlier[:10]),
        "appeal": Appeal.objects.filter(post=post).first(),
        "video": _video(post),
    }


def _video(post: Post) -> dict[str, str]:
    files = dict(post.clip.renditions.values_list("kind", "public_id"))
    return {kind: f"/media/{public_id}" for kind, public_id in files.items()}


# --- What decisions do -------------------------------------------------------------------------------------


def decide(*, case: Case, decision: str, moderator: User, note: str, now: datetime) -> None:
    """`hide`, `strike` (hide with a strike) and `keep` move the post along its arrows; live copies of what is
    hidden become cases, found by a worker; whoever reported is told that somebody looked."""
    post = post_of(case)
    if post is None:
        return
    if decision in AGAINST:
        was_live = _move(post, Post.State.LIVE, Post.State.HIDDEN)
        if decision == "strike":
            _strike(post, note, now)
        if was_live or decision == "strike":
            _tell(post.creator, "post_hidden", {"reason": note}, now, f"/p/{post.public_id}/appeal")
        transaction.on_commit(lambda: look_later(post.pk))
    if decision == "keep" and _move(post, Post.State.HIDDEN, Post.State.LIVE):
        _tell(post.creator, "post_restored", {}, now)
    for report in Report.objects.filter(post=post).select_related("reporter"):
        _tell(report.reporter, "report_decided", {}, now)


def _strike(post: Post, note: str, now: datetime) -> None:
    Strike.objects.get_or_create(
        person=post.creator,
        post=post,
        defaults={"reason": note[:300], "given_at": now, "ends_at": now + STRIKE_LASTS},
    )


def check_may_publish(person: User, now: datetime) -> None:
    """Raises PublishingPaused for a week after the third strike that counts."""
    counting = list(Strike.objects.filter(person=person).counting(now).order_by("-given_at")[:STRIKES])
    if len(counting) == STRIKES and now < counting[0].given_at + PAUSE:
        raise PublishingPaused()


def hide(post: Post, now: datetime) -> bool:
    """Off stage without a decision yet, as the 48-hour clock does; its creator is told."""
    if not _move(post, Post.State.LIVE, Post.State.HIDDEN):
        return False
    _tell(post.creator, "post_waits", {}, now)
    return True


# --- Copies ------------------------------------------------------------------------------------------------


def look_later(post_id: int) -> None:
    from feed.tasks import follow_copies

    follow_copies.delay(post_id)


def follow_copies(post_id: int, now: datetime) -> None:
    """In a worker, which may hold all fingerprints: a live copy of what moderators hid becomes a case, and
    one that is newly published is hidden until somebody has looked. Twice does no harm."""
    from generation.provenance import fingerprint

    post = Post.objects.filter(pk=post_id).select_related("clip", "creator").first()
    if post is None:
        return
    ids = [match.clip_id for match in fingerprint.copies_of(post.clip)]
    same = Post.objects.filter(clip__in=ids)
    if post.state == Post.State.HIDDEN:
        for copy in same.filter(state=Post.State.LIVE):
            _file_copy(copy, post, now)
    elif (removed := _removed(same)) is not None and post.state == Post.State.LIVE:
        case = _file_copy(post, removed, now)
        if not _was_kept(case) and _move(post, Post.State.LIVE, Post.State.HIDDEN):
            _tell(post.creator, "post_waits", {}, now)


def _removed(posts: QuerySet[Post]) -> Post | None:
    """One of these that a moderator decided against, last of all; that its creator took it down since changes
    nothing about it."""
    for post in posts.exclude(state=Post.State.LIVE):
        about = Case.objects.filter(subject=subject_of(post), decision__in=[*AGAINST, "keep", "grant"])
        last = about.order_by("-decided_at", "-pk").first()
        if last is not None and last.decision in AGAINST:
            return post
    return None


def _file_copy(copy: Post, of: Post, now: datetime) -> Case:
    return cases.file(kind="report", subject=subject_of(copy), reason=f"copy of {subject_of(of)}", now=now)


def _was_kept(case: Case) -> bool:
    return Case.objects.filter(subject=case.subject, kind="report", decision="keep").exists()


# --- Hidden before anybody looked --------------------------------------------------------------------------


def _trusted_voices(post: Post) -> set[int]:
    """Groups (who invited them, else themselves) of reporters whom we trust: a week old, not blocked by or
    inviting the creator, and at most half of what they reported was found to be nothing."""
    rows = (
        Report.objects.filter(post=post, reporter__is_active=True)
        .exclude(reporter=post.creator_id)
        .select_related("reporter")
    )
    grown = [row.reporter for row in rows if row.created_at - row.reporter.date_joined >= TRUSTED_AFTER]
    return {person.invited_by_id or person.pk for person in grown if not _cries_wolf(person)}


def _cries_wolf(person: User) -> bool:
    subjects = [
        f"feed.post:{public_id}"
        for public_id in Report.objects.filter(reporter=person)
        .order_by("-pk")
        .values_list("post__public_id", flat=True)[:40]
    ]
    told = Case.objects.filter(kind="report", subject__in=subjects, state=Case.State.DECIDED).aggregate(
        all=Count("pk"), nothing=Count("pk", filter=Q(decision="keep"))
    )
    return bool(told["all"] >= 2 and 2 * told["nothing"] > told["all"])


def hide_if_enough(post: Post, case: Case, now: datetime) -> bool:
    """Hide a live clip that enough trusted people object to, until a moderator has looked. What a moderator
    kept before stays up."""
    urgent = Report.objects.filter(post=post, reason__in=URGENT).exists()
    if _was_kept(case) or len(_trusted_voices(post)) < (ENOUGH_URGENT if urgent else ENOUGH):
        return False
    if not _move(post, Post.State.LIVE, Post.State.HIDDEN):
        return False
    CaseEvent.objects.create(case=case, by=None, action="hidden until somebody has looked", at=now)
    _tell(post.creator, "post_waits", {}, now)
    return True


# --- Appeals -----------------------------------------------------------------------------------------------


@transaction.atomic
def appeal(*, post: Post, person: User, words: str, now: datetime) -> Appeal:
    """Once for a clip that a moderator hid. Raises NothingToAppeal, AlreadyAppealed."""
    decided = Case.objects.filter(subject=subject_of(post), kind="report", decision__in=AGAINST)
    if post.creator_id != person.pk or post.state != Post.State.HIDDEN or not decided.exists():
        raise NothingToAppeal()
    if Appeal.objects.filter(post=post).exists():
        raise AlreadyAppealed()
    made = Appeal.objects.create(
        post=post, person=person, text=text.clean(words[: MOST_APPEAL * 5])[:MOST_APPEAL], created_at=now
    )
    cases.file(kind="appeal", subject=subject_of(post), reason=made.text[:280], filed_by=person, now=now)
    return made


def decide_appeal(*, case: Case, decision: str, moderator: User, note: str, now: datetime) -> None:
    """By somebody else than who hid it, where this host has somebody else."""
    post = post_of(case)
    if post is None:
        return
    before = Case.objects.filter(subject=case.subject, kind="report", decided_by=moderator)
    others = User.objects.filter(Q(is_moderator=True) | Q(is_superuser=True), is_active=True)
    if before.exists() and others.exclude(pk=moderator.pk).exists():
        raise AnotherModerator()
    granted = decision == "grant"
    Appeal.objects.filter(post=post).update(
        state=Appeal.State.GRANTED if granted else Appeal.State.UPHELD, answer=note[:1000], decided_at=now
    )
    if granted:
        _move(post, Post.State.HIDDEN, Post.State.LIVE)
        Strike.objects.filter(post=post, lifted_at=None).update(lifted_at=now)
        _tell(post.creator, "post_restored", {}, now)
    else:
        _tell(post.creator, "appeal_upheld", {"reason": note}, now)


def decision_about(post: Post) -> dict[str, Any]:
    """For its creator: the last decision against a post of theirs, its strike, and their appeal."""
    decided = Case.objects.filter(subject=subject_of(post), decision__in=AGAINST)
    return {
        "decision": decided.order_by("-decided_at").first(),
        "strike": Strike.objects.filter(post=post).first(),
        "appeal": Appeal.objects.filter(post=post).first(),
    }


def subject_of(post: Post) -> str:
    return f"feed.post:{post.public_id}"


def _move(post: Post, state: str, to: str) -> bool:
    moved = bool(Post.objects.filter(pk=post.pk, state=state).update(state=to))
    if moved:
        slates.touch([post.creator_id], post.published_at)
    return moved


def post_of(case: Case) -> Post | None:
    public_id = case.subject.removeprefix("feed.post:")
    return Post.objects.filter(public_id=public_id).select_related("clip", "creator").first()


def _tell(recipient: User, kind: str, data: dict[str, Any], now: datetime, url: str = "") -> None:
    notifications.notify(recipient=recipient, kind=kind, data=data, url=url, now=now)


def connect() -> None:
    cases.register(
        "report",
        cases.Handler(
            title=_("Report of a clip"),
            template="feed/_report_case.html",
            decisions=(
                cases.Decision("keep", _("Nothing wrong: keep it up")),
                cases.Decision("hide", _("Hide it from everybody"), needs_note=True, is_severe=True),
                cases.Decision("strike", _("Hide it, with a strike"), needs_note=True, is_severe=True),
            ),
            apply=decide,
            evidence=evidence,
            templates=TEMPLATES,
        ),
    )
    cases.register(
        "appeal",
        cases.Handler(
            title=_("Appeal of a creator"),
            template="feed/_report_case.html",
            decisions=(
                cases.Decision("grant", _("Put the clip back"), needs_note=True),
                cases.Decision("uphold", _("The decision stands"), needs_note=True, is_severe=True),
            ),
            apply=decide_appeal,
            evidence=evidence,
            templates=TEMPLATES,
        ),
    )
