"""Reports in the moderators' inbox: what they see, and what their decisions do.

A clip that several people whom reports have shown to be trustworthy object to is hidden before anybody has
looked; a moderator decides then. Hiding may carry a strike; three that count pause publishing for a week.
Its creator may appeal once (`appeals.py`), and somebody else than before decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from accounts import cases, notifications
from accounts.models import Block, Case, CaseEvent, User
from cameos import uses
from feed import slates
from feed.models import Appeal, Post, RemovalEvent, RemovalRequest, Report, ReportReason, Strike
from feed.refusals import PublishingPaused
from generation.models import Clip, Generation, Rendition

TRUSTED_AFTER = timedelta(days=7)
ENOUGH = 3  # trusted people of different invites
ENOUGH_URGENT = 2
URGENT = {ReportReason.NOT_MY_PERMISSION, ReportReason.MINOR, ReportReason.SELF_HARM}
STRIKE_LASTS = timedelta(days=90)
STRIKES = 3
PAUSE = timedelta(days=7)
AGAINST = ("hide", "strike")  # decisions
FOR = ("keep", "grant")
GONE = (RemovalRequest.Outcome.REMOVED, RemovalRequest.Outcome.OVERDUE)
UNTIL_LOOKED = "hidden until somebody has looked"  # an event of the case that decides
COPY = _("A copy of what was taken down")
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
    about = [case.subject, *(f"generation.generation:{made}" for made in _making(post))]
    earlier = Case.objects.filter(subject__in=about).exclude(pk=case.pk).order_by("-created_at")
    return {
        "post": post,
        "reports": list(reports[:50]),
        "trusted": len(_trusted_voices(post)),
        "sources": list(
            Post.objects.filter(clip__used_in__clip=post.clip).select_related("creator").distinct()[:10]
        ),
        "remixes": Post.objects.filter(clip__ingredients__source=post.clip).distinct().count(),
        "strikes": list(Strike.objects.filter(person=post.creator).order_by("-given_at")[:10]),
        "earlier": [cases.in_words(one) for one in earlier[:10]],
        "appeal": Appeal.objects.filter(post=post).first(),
        "video": _video(post, case),
    }


def _making(post: Post) -> list[Any]:
    """What the clip came of, by its public id: its screening may have asked a moderator then."""
    return list(Generation.objects.filter(clip=post.clip_id).values_list("public_id", flat=True))


def says(reason: str) -> str:
    """What a clip was reported for, as a person reads it."""
    if reason in ReportReason.values:
        return str(ReportReason(reason).label)
    return str(COPY) if reason.startswith("copy of ") else reason


def _video(post: Post, case: Case) -> dict[str, str]:
    files = dict(post.clip.renditions.values_list("kind", "public_id"))
    return {kind: f"/cases/{case.public_id}/media/{public_id}" for kind, public_id in files.items()}


def rendition_of(case: Case, public_id: UUID, now: datetime) -> Rendition:
    """A file of the clip that a case is about, for who decides it: also while it is hidden from everybody.
    The likeness rule counts here too, and what its creator took down is theirs again; raises Http404."""
    post = post_of(case) if case.subject.startswith("feed.post:") else None
    if post is None or post.state not in {Post.State.LIVE, Post.State.HIDDEN}:
        raise Http404
    clips = Clip.objects.standing().filter(uses.shown("", now), pk=post.clip_id, files_purged_at=None)
    return get_object_or_404(Rendition.objects.select_related("clip"), clip__in=clips, public_id=public_id)


# --- What decisions do -------------------------------------------------------------------------------------


def decide(*, case: Case, decision: str, moderator: User, note: str, now: datetime) -> None:
    """`hide`, `strike` (hide with a strike) and `keep` move the post along its arrows; live copies of what is
    hidden become cases, found by a worker; whoever reported is told that somebody looked. Raises
    `cases.OwnCase` for who would keep a clip of their own."""
    post = post_of(case)
    if post is None:
        return
    if decision in FOR:
        check_not_own(post, moderator, is_removal=case.kind == "removal")
    if decision in AGAINST:
        was_live = _move(post, Post.State.LIVE, Post.State.HIDDEN)
        if decision == "strike":
            _strike(post, note, now)
        if was_live or decision == "strike":
            tell(post.creator, "post_hidden", {"reason": note}, now, f"/p/{post.public_id}/appeal")
        transaction.on_commit(lambda: look_later(post.pk))
    if decision == "keep" and put_back(post, case):
        tell(post.creator, "post_restored", {}, now)
    for report in Report.objects.filter(post=post).select_related("reporter"):
        tell(report.reporter, "report_decided", {}, now)


def check_not_own(post: Post, moderator: User, *, is_removal: bool) -> None:
    """Whose clip it is does not say that it may stay. Where nobody else moderates they may of what was
    reported; never of what somebody asked to remove. Raises `cases.OwnCase`."""
    is_alone = not is_removal and not others_than(moderator).exists()
    if post.creator_id == moderator.pk and not is_alone:
        raise cases.OwnCase()


def others_than(moderator: User) -> QuerySet[User]:
    """Everybody else who moderates."""
    everybody = User.objects.filter(Q(is_moderator=True) | Q(is_superuser=True), is_active=True)
    return everybody.exclude(pk=moderator.pk)


def put_back(post: Post, case: Case) -> bool:
    """Back on stage, where nothing but this case holds it off. Whether it is."""
    return _may_return(post, case) and _move(post, Post.State.HIDDEN, Post.State.LIVE)


def _may_return(post: Post, case: Case) -> bool:
    """Whether nothing else holds the clip off stage than what this case asks: a report or an appeal says
    nothing about who asked for it to go, and a removal nothing about the rules."""
    if case.kind != "removal":
        return not _is_gone(post)
    last = _last_verdict(post)
    waits = Case.objects.filter(
        subject=case.subject, kind="report", state=Case.State.OPEN, events__action=UNTIL_LOOKED
    )
    return not (last is not None and last.decision in AGAINST) and not waits.exists()


def _is_gone(post: Post) -> bool:
    """Whether a removal of this very clip stands, by a moderator or by the clock."""
    return RemovalRequest.objects.filter(post=post, outcome__in=GONE).exists()


def _last_verdict(post: Post) -> Case | None:
    """What was last decided about the clip and the rules: by a report, or by the appeal against one."""
    about = Case.objects.filter(
        subject=subject_of(post), kind__in=("report", "appeal"), decision__in=(*AGAINST, *FOR)
    )
    return about.order_by("-decided_at", "-pk").first()


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
    tell(post.creator, "post_waits", {}, now)
    return True


def hide_until_looked(post: Post, case: Case, now: datetime) -> bool:
    """`hide`, until somebody decides this very case."""
    if not hide(post, now):
        return False
    CaseEvent.objects.create(case=case, by=None, action=UNTIL_LOOKED, at=now)
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
        if not _was_kept(case):
            hide_until_looked(post, case, now)


def _removed(posts: QuerySet[Post]) -> Post | None:
    """One of these that is off stage for good; that its creator took it down since changes nothing about
    it."""
    return next((post for post in posts.exclude(state=Post.State.LIVE) if _is_ruled_out(post)), None)


def _is_ruled_out(post: Post) -> bool:
    """A removal of it stands, or a moderator decided against it last of all, or it went as a copy of what was
    removed and no moderator has kept it since."""
    last = _last_verdict(post)
    if _is_gone(post) or (last is not None and last.decision in AGAINST):
        return True
    went = RemovalEvent.objects.filter(post=post, what=RemovalEvent.What.COPY, request__outcome__in=GONE)
    return went.filter(at__gt=last.decided_at).exists() if last and last.decided_at else went.exists()


def _file_copy(copy: Post, of: Post, now: datetime) -> Case:
    return cases.file(kind="report", subject=subject_of(copy), reason=f"copy of {subject_of(of)}", now=now)


def _was_kept(case: Case) -> bool:
    return Case.objects.filter(subject=case.subject, kind="report", decision="keep").exists()


# --- Hidden before anybody looked --------------------------------------------------------------------------


def _trusted_voices(post: Post) -> set[int]:
    """Groups (who invited them, else themselves) of reporters whom we trust: a week old, not blocked by or
    inviting the creator, and at most half of what they reported was found to be nothing.

    A block counts that stood before the report: nobody silences those who reported by blocking them.
    """
    blocks = Block.objects.filter(blocker=post.creator_id, blocked=OuterRef("reporter"))
    rows = (
        Report.objects.filter(post=post, reporter__is_active=True)
        .exclude(reporter__in=[post.creator_id, post.creator.invited_by_id])
        .exclude(Exists(blocks.filter(created_at__lte=OuterRef("created_at"))))
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
    return hide_until_looked(post, case, now)


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


def tell(recipient: User, kind: str, data: dict[str, Any], now: datetime, url: str = "") -> None:
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
            says=says,
            happened={UNTIL_LOOKED: _("hidden until somebody has looked")},
        ),
    )
