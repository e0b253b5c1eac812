"""A creator asks somebody else to look at a decision again, once a clip.

OPEN --grant--> GRANTED     back on stage, where nothing else holds it off; its strike is lifted, and what
                            a moderator removed for somebody is kept after all
     --uphold-> UPHELD
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts import cases
from accounts.models import Case, CaseEvent, User
from feed import moderation, removals, text
from feed.models import Appeal, Post, RemovalRequest, Strike
from feed.refusals import AlreadyAppealed, AnotherModerator, NothingToAppeal

MOST = 2000  # characters


def _removals_against(post: Post, case: Case) -> QuerySet[RemovalRequest]:
    """The removals that an appeal speaks of: those that a moderator decided before it came. What only the
    clock took, or what went since, is none of them: the former has an open case of its own."""
    came = CaseEvent.objects.filter(case=case, action="filed").order_by("pk").first()
    decided = CaseEvent.objects.filter(
        case__kind="removal", case__subject=case.subject, action="decided:hide", pk__lt=came.pk if came else 0
    )
    last = decided.order_by("-pk").first()
    gone = RemovalRequest.objects.filter(post=post, outcome__in=moderation.GONE)
    return gone.filter(filed_at__lte=last.at) if last else gone.none()


@transaction.atomic
def appeal(*, post: Post, person: User, words: str, now: datetime) -> Appeal:
    """Once for a clip that a moderator hid, after a report or because somebody asked for it to go. Raises
    NothingToAppeal, AlreadyAppealed."""
    decided = _decided_against(moderation.subject_of(post))
    if post.creator_id != person.pk or post.state != Post.State.HIDDEN or not decided.exists():
        raise NothingToAppeal()
    if Appeal.objects.filter(post=post).exists():
        raise AlreadyAppealed()
    made = Appeal.objects.create(
        post=post, person=person, text=text.clean(words[: MOST * 5])[:MOST], created_at=now
    )
    cases.file(
        kind="appeal", subject=moderation.subject_of(post), reason=made.text[:280], filed_by=person, now=now
    )
    return made


def _decided_against(subject: str) -> QuerySet[Case]:
    return Case.objects.filter(
        subject=subject, kind__in=("report", "removal"), decision__in=moderation.AGAINST
    )


def decide(*, case: Case, decision: str, moderator: User, note: str, now: datetime) -> None:
    """By somebody else than who decided, where this host has somebody else. Granted, it ends the removals
    that it speaks of as kept; what the clock took, or what went since, stays away. Raises
    `AnotherModerator`, `cases.OwnCase`."""
    post = moderation.post_of(case)
    if post is None:
        return
    _check_another(case, moderator)
    granted = decision == "grant"
    if granted:
        is_removal = _removals_against(post, case).exists()
        moderation.check_not_own(post, moderator, is_removal=is_removal)
    Appeal.objects.filter(post=post).update(
        state=Appeal.State.GRANTED if granted else Appeal.State.UPHELD, answer=note[:1000], decided_at=now
    )
    if granted:
        Strike.objects.filter(post=post, lifted_at=None).update(lifted_at=now)
        removals.take_back(_removals_against(post, case), now)
        if moderation.put_back(post, case):
            moderation.tell(post.creator, "post_restored", {}, now)
        else:
            moderation.tell(post.creator, "appeal_granted", {"reason": note}, now)
    else:
        moderation.tell(post.creator, "appeal_upheld", {"reason": note}, now)


def _check_another(case: Case, moderator: User) -> None:
    """Where everybody who moderates has decided about the clip before, any of them may once more: else
    nobody ever could."""
    about = Case.objects.filter(subject=case.subject, kind__in=("report", "removal"))
    fresh = moderation.others_than(moderator).exclude(
        pk__in=about.exclude(decided_by=None).values("decided_by")
    )
    if about.filter(decided_by=moderator).exists() and fresh.exists():
        raise AnotherModerator()


def decision_about(post: Post) -> dict[str, Any]:
    """For its creator: the last decision against a post of theirs, its strike, and their appeal."""
    return {
        "decision": _decided_against(moderation.subject_of(post)).order_by("-decided_at").first(),
        "strike": Strike.objects.filter(post=post).first(),
        "appeal": Appeal.objects.filter(post=post).first(),
    }


def connect() -> None:
    cases.register(
        "appeal",
        cases.Handler(
            title=_("Appeal of a creator"),
            template="feed/_report_case.html",
            decisions=(
                cases.Decision("grant", _("Put the clip back"), needs_note=True),
                cases.Decision("uphold", _("The decision stands"), needs_note=True, is_severe=True),
            ),
            apply=decide,
            evidence=removals.evidence,
            templates=moderation.TEMPLATES,
        ),
    )
