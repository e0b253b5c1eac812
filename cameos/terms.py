"""What a grant says, as a value: compared field by field, so that wider and narrower have one meaning.

`widened(old, new)` names the fields in which `new` permits anything that `old` did not. `meet(old, new)`
permits what both permit: it is what counts at once while a wider version waits.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from cameos import topics
from cameos.models import Audience, Companions, LikenessGrant, Purpose

# What each audience covers beside the people named: a set, so that circle and mutuals are no steps of one
# ladder.
GROUPS: dict[str, frozenset[str]] = {
    Audience.ONLY_ME: frozenset(),
    Audience.NAMED: frozenset(),
    Audience.CIRCLE: frozenset({"circle"}),
    Audience.MUTUALS: frozenset({"mutuals"}),
    Audience.EVERYONE: frozenset({"circle", "mutuals", "everyone"}),
}
COMPANY = (Companions.NOBODY, Companions.CIRCLE, Companions.ANYONE)


@dataclass(frozen=True)
class Terms:
    """`people` are user ids; `count_limit` is how many more clips; the rest is as on `LikenessGrant`."""

    audience: str = Audience.ONLY_ME
    people: frozenset[int] = frozenset()
    purposes: frozenset[str] = frozenset()
    topics_refused: frozenset[str] = frozenset()
    refused_words: str = ""
    commercial: bool = False
    voice: bool = False
    companions: str = Companions.ANYONE
    show_me_first: bool = True
    minimum_age: int = 0
    use_from: datetime | None = None
    use_until: datetime | None = None
    show_until: datetime | None = None
    count_limit: int | None = None
    wishes: str = ""

    @property
    def covers_nobody(self) -> bool:
        return not self.people and not GROUPS[self.audience]


NOTHING = Terms()
# What a first grant proposes, and what the first person who is named gets: two topics are refused.
FIRST = Terms(
    purposes=frozenset({Purpose.GENERATE, Purpose.REMIX}),
    topics_refused=frozenset({"nudity", "humiliation"}),
)


def of(grant: LikenessGrant | None) -> Terms:
    """The terms of a grant as they stand, with what is left of its count."""
    if grant is None:
        return NOTHING
    return Terms(
        audience=grant.audience,
        people=frozenset(grant.people.values_list("person_id", flat=True)),
        purposes=frozenset(grant.purposes),
        topics_refused=frozenset(grant.topics_refused),
        refused_words=grant.refused_words,
        commercial=grant.commercial,
        voice=grant.voice,
        companions=grant.companions,
        show_me_first=grant.show_me_first,
        minimum_age=grant.minimum_age,
        use_from=grant.use_from,
        use_until=grant.use_until,
        show_until=grant.show_until,
        count_limit=grant.count_left,
        wishes=grant.wishes,
    )


def widened(old: Terms, new: Terms) -> set[str]:
    """The fields in which `new` permits something that `old` did not. Nothing widens for nobody."""
    if new.covers_nobody:
        return set()
    wider = {
        "audience": bool(GROUPS[new.audience] - GROUPS[old.audience]),
        "people": bool(new.people - old.people) and old.audience != Audience.EVERYONE,
        "purposes": bool(new.purposes - old.purposes),
        "topics_refused": bool(old.topics_refused - new.topics_refused),
        "refused_words": bool(_phrases(old) - _phrases(new)),
        "commercial": new.commercial and not old.commercial,
        "voice": new.voice and not old.voice,
        "companions": COMPANY.index(Companions(new.companions)) > COMPANY.index(Companions(old.companions)),
        "show_me_first": old.show_me_first and not new.show_me_first,
        "minimum_age": new.minimum_age < old.minimum_age,
        "use_from": old.use_from is not None and (new.use_from is None or new.use_from < old.use_from),
        "use_until": _later(new.use_until, old.use_until),
        "show_until": _later(new.show_until, old.show_until),
        "count_limit": old.count_limit is not None
        and (new.count_limit is None or new.count_limit > old.count_limit),
    }
    return {name for name, is_wider in wider.items() if is_wider}


def names_one(old: Terms, new: Terms) -> bool:
    """True when the only widening is that one more person is named: nobody else gains anything."""
    if len(new.people - old.people) != 1 or GROUPS[new.audience] - GROUPS[old.audience]:
        return False
    return widened(old, new) == {"people"} or (old.covers_nobody and len(new.people) == 1)


def meet(old: Terms, new: Terms) -> Terms:
    """The terms that permit only what both permit."""
    people = _people_of_both(old, new)
    both = replace(
        new,
        audience=_audience_of_both(old, new, people),
        people=people,
        purposes=old.purposes & new.purposes,
        topics_refused=old.topics_refused | new.topics_refused,
        refused_words=", ".join(sorted(_phrases(old) | _phrases(new))),
        commercial=old.commercial and new.commercial,
        voice=old.voice and new.voice,
        companions=min(old.companions, new.companions, key=lambda name: COMPANY.index(Companions(name))),
        show_me_first=old.show_me_first or new.show_me_first,
        minimum_age=max(old.minimum_age, new.minimum_age),
        use_from=max((day for day in (old.use_from, new.use_from) if day), default=None),
        use_until=_sooner(old.use_until, new.use_until),
        show_until=_sooner(old.show_until, new.show_until),
        count_limit=min((n for n in (old.count_limit, new.count_limit) if n is not None), default=None),
    )
    if both.use_from and both.use_until and both.use_from >= both.use_until:  # no moment is in both windows
        return replace(both, audience=Audience.ONLY_ME, people=frozenset(), use_from=None)
    return both


def _people_of_both(old: Terms, new: Terms) -> frozenset[int]:
    if old.audience == Audience.EVERYONE and new.audience != Audience.EVERYONE:
        return new.people
    if new.audience == Audience.EVERYONE and old.audience != Audience.EVERYONE:
        return old.people
    return old.people & new.people


def _audience_of_both(old: Terms, new: Terms, people: frozenset[int]) -> str:
    both = GROUPS[old.audience] & GROUPS[new.audience]
    for audience in (Audience.EVERYONE, Audience.CIRCLE, Audience.MUTUALS):
        if GROUPS[audience] == both:
            return audience
    return Audience.NAMED if people else Audience.ONLY_ME


def _phrases(terms: Terms) -> set[str]:
    return {phrase.lower() for phrase in topics.phrases_of(terms.refused_words)}


def _later(new: datetime | None, old: datetime | None) -> bool:
    return old is not None and (new is None or new > old)


def _sooner(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((moment for moment in (one, other) if moment), default=None)
