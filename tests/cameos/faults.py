"""Twenty-two faults for the gate and the likeness rule, each with the change in a life that must show it.

A fault is planted by a patch; `test_planted_faults.py` lets one thing change and expects to notice.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from unittest import mock

from django.db.models import Q

from accounts import social
from accounts.models import Block
from cameos import consent, licences, uses
from cameos.models import Companions, LikenessGrant, PermitRecord

Patch = AbstractContextManager[Any]


def without(reason: str) -> Patch:
    """The gate forgets one condition."""
    kept = tuple(c for c in consent.CONDITIONS if c.reason != reason)
    return mock.patch.object(consent, "CONDITIONS", kept)


def with_condition(reason: str, **changes: Any) -> Patch:
    other = tuple(replace(c, **changes) if c.reason == reason else c for c in consent.CONDITIONS)
    return mock.patch.object(consent, "CONDITIONS", other)


def question(name: str, answer: Callable[[Any], Any]) -> Patch:
    """One of the facts that a question turns on is read wrongly."""
    return mock.patch.object(consent.Question, name, property(answer))


def blocked_one_way() -> Patch:
    return question(
        "is_blocked",
        lambda q: Block.objects.filter(blocker=q.cameo.owner, blocked=q.requester).exists(),
    )


def followers_are_mutuals() -> Patch:
    return mock.patch.object(social, "are_mutuals", lambda a, b: social.follows(b, a))


def only_the_audience_counts() -> Patch:
    return question("is_named", lambda q: False)


def strangers_may_stand_beside() -> Patch:
    return question(
        "are_companions_allowed",
        lambda q: q.terms.companions != Companions.NOBODY or not q.brief.companions,
    )


def count_is_not_taken() -> Patch:
    return mock.patch.object(consent, "_reserve", lambda question: None)


def count_is_not_given_back() -> Patch:
    def release(generation: Any, now: Any) -> None:
        PermitRecord.objects.filter(generation=generation, state="taken").update(state="returned")

    return mock.patch.object(consent, "release", release)


def unsure_is_sure() -> Patch:
    return question("is_provisional", lambda q: not q.is_owner and q.terms.show_me_first and not q.is_close)


def sealed_by_todays_word_alone() -> Patch:
    """What was to be shown first at issue is forgotten at sealing."""
    whole = consent.at_sealing

    def forgetful(permit: Any, now: Any) -> Any:
        record = consent._records().get(pk=permit.record_id)
        record.provisional = False
        with mock.patch.object(consent, "_records", lambda: mock.Mock(get=lambda pk: record)):
            return whole(permit, now)

    return mock.patch.object(consent, "at_sealing", forgetful)


def waiting_versions_count() -> Patch:
    return mock.patch.object(
        consent,
        "in_force",
        lambda cameo, now: (
            LikenessGrant.objects.filter(cameo=cameo, revoked_at=None).order_by("-version").first()
        ),
    )


def provisional_is_public() -> Patch:
    def shown(lookup: str = "", now: Any = None) -> Q:
        return uses.intact(lookup, now)

    return mock.patch.object(uses, "shown", shown)


def showing_time_never_ends() -> Patch:
    whole = uses._everybody
    return mock.patch.object(
        uses,
        "_everybody",
        lambda lookup, now, state: whole(lookup, datetime(2000, 1, 1, tzinfo=UTC), state),
    )


def ended_is_served_to_its_maker() -> Patch:
    return mock.patch.object(uses, "intact", lambda lookup="", now=None: Q())


def remixes_stay() -> Patch:
    return mock.patch.object(uses, "_descendants", lambda ending: set())


def licence_is_not_taken() -> Patch:
    return mock.patch.object(licences, "take", lambda licence: True)


def paid_back_goes_on() -> Patch:
    return mock.patch.object(consent, "_is_paid_still", lambda record: True)


@dataclass(frozen=True)
class Fault:
    plant: Callable[[], Patch]
    change: str  # of `lives_of_change.CHANGES`


FAULTS: dict[str, Fault] = {
    "a freeze is not asked": Fault(lambda: without("frozen"), "freeze"),
    "a block counts in one direction": Fault(blocked_one_way, "block"),
    "the age is not asked": Fault(lambda: without("too_young"), "age"),
    "followers count as mutuals": Fault(followers_are_mutuals, "mutuals"),
    "people named are forgotten": Fault(only_the_audience_counts, "named"),
    "the purpose is not asked again": Fault(lambda: with_condition("purpose", rechecked=False), "purpose"),
    "the voice is not asked": Fault(lambda: without("voice"), "voice"),
    "a stranger may stand beside": Fault(strangers_may_stand_beside, "close companions"),
    "the window's begin is not asked again": Fault(
        lambda: with_condition("not_yet", rechecked=False), "begins later"
    ),
    "the window's end is asked again": Fault(lambda: with_condition("expired", rechecked=True), "ends"),
    "the count is not taken": Fault(count_is_not_taken, "one more"),
    "the count is not given back": Fault(count_is_not_given_back, "one more"),
    "a refused topic passes": Fault(lambda: without("topic"), "topic"),
    "unsure counts as sure": Fault(unsure_is_sure, "topic unsure"),
    "what was to be shown first is forgotten": Fault(sealed_by_todays_word_alone, "close"),
    "a wider version counts while it waits": Fault(waiting_versions_count, "closed and opened"),
    "a licence is paid once for any number": Fault(licence_is_not_taken, "licence"),
    "what was paid back goes on": Fault(paid_back_goes_on, "paid back"),
    "what waits for a word is public": Fault(provisional_is_public, "draft"),
    "the showing time never ends": Fault(showing_time_never_ends, "shown for an hour"),
    "what ended is served to its maker": Fault(ended_is_served_to_its_maker, "tree"),
    "remixes of what ended stay": Fault(remixes_stay, "tree"),
}
