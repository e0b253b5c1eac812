"""What a grant would mean, told before it is saved, by asking the gate itself.

For each kind of person and each purpose one question is put to `consent.decide`, with these terms and without
a row; what comes out is sorted into three lists. So the sentences cannot promise what the gate does not do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from cameos import actions, consent, licences, wording
from cameos import terms as the_terms
from cameos.consent import Brief, Question
from cameos.models import Cameo, LikenessGrant, Purpose
from cameos.terms import Terms

Text = str | Promise


class Answer(StrEnum):
    MAY = "may"
    ASKS = "asks"  # may make it; the owner sees it first
    NEVER = "never"


@dataclass(frozen=True)
class Asker:
    """A kind of person, by what the gate wants to know of them."""

    label: Text
    is_named: bool = False
    is_close: bool = False
    is_mutual: bool = False


NAMED = Asker(gettext_lazy("People you name"), is_named=True)
CLOSE = Asker(gettext_lazy("Your circle"), is_close=True)
MUTUAL = Asker(gettext_lazy("Mutuals"), is_mutual=True)
STRANGER = Asker(gettext_lazy("Everybody else here"))

THINGS: dict[str, Text] = {
    Purpose.GENERATE: gettext_lazy("new clips"),
    Purpose.REMIX: gettext_lazy("remixes"),
    Purpose.ADVERTISE: gettext_lazy("advertisements"),
    Purpose.SERIES: gettext_lazy("series"),
    Purpose.GOODS: gettext_lazy("goods"),
}


@dataclass
class Preview:
    """Sentences under three heads, and those about when; each list may be empty."""

    may: list[str] = field(default_factory=list)
    asks: list[str] = field(default_factory=list)
    never: list[str] = field(default_factory=list)
    when: list[str] = field(default_factory=list)


def answer(
    cameo: Cameo,
    terms: Terms,
    asker: Asker,
    purpose: str,
    now: datetime,
    *,
    commercial: bool = False,
    voice: bool = False,
    age: int | None = 200,
) -> Answer:
    """What the gate says to this kind of person, of any age but for `age`, when the window is open."""
    grant = LikenessGrant(
        cameo=cameo,
        audience=terms.audience,
        purposes=sorted(terms.purposes),
        commercial=terms.commercial,
        voice=terms.voice,
        companions=terms.companions,
        show_me_first=terms.show_me_first,
        minimum_age=terms.minimum_age,
        count_limit=terms.count_limit,
        show_until=terms.show_until,
    )
    question = Question(cameo, User(), purpose, Brief("", commercial=commercial, voice=voice), now)
    old_enough = not terms.minimum_age or (age is not None and age >= terms.minimum_age)
    facts = {"is_owner": False, "is_blocked": False, "is_paid": True, "grant": grant}
    facts |= {"is_old_enough": old_enough, "is_named": asker.is_named}
    facts |= {"is_close": asker.is_close, "is_mutual": asker.is_mutual}
    question.__dict__.update(facts)
    if consent.decide(question) is not None:
        return Answer.NEVER
    return Answer.ASKS if question.is_provisional else Answer.MAY


def askers(terms: Terms) -> list[Asker]:
    """The kinds of people between whom these terms may tell a difference, the nearest first. Somebody named
    is told apart only where anybody is."""
    return [NAMED, CLOSE, MUTUAL, STRANGER] if terms.people else [CLOSE, MUTUAL, STRANGER]


def of(cameo: Cameo, terms: Terms, now: datetime) -> Preview:
    """The preview of these terms, beside what is in force at this moment."""
    told = Preview()
    named = User.objects.filter(pk__in=terms.people).order_by("username")
    names = [person.name for person in named]
    people = askers(terms)
    answers = {
        (asker, purpose): answer(cameo, terms, asker, purpose, now) for asker in people for purpose in THINGS
    }
    _group(told, people, answers, names)
    if told.may or told.asks:
        told.never += _never(cameo, terms, people, now)
        told.when += wording.limits(replace(terms, minimum_age=0))
        told.when += _price(cameo, now)
    told.when += _opens(cameo, terms, now)
    return told


def _opens(cameo: Cameo, terms: Terms, now: datetime) -> list[str]:
    """From when on counts what these terms open; nothing where they open nothing."""
    old = the_terms.of(consent.in_force(cameo, now))
    if not the_terms.widened(old, terms):
        return []
    if actions.names_at_once(cameo, old, terms, now):
        return [_("The person you add counts at once.")]
    return [
        _("What this opens counts in 24 hours. Naming one more person, and nothing else, counts at once.")
    ]


def _price(cameo: Cameo, now: datetime) -> list[str]:
    card = licences.card_of(cameo, now)
    if card is None or not card.fee:
        return []
    free = _("Each clip costs %(sum)s, and nothing for your circle.")
    return [(free if card.friends_free else _("Each clip costs %(sum)s.")) % {"sum": card.fee_told}]


def _group(
    told: Preview, people: list[Asker], answers: dict[tuple[Asker, str], Answer], names: Sequence[str]
) -> None:
    """People with the same answers stand in one sentence."""
    same: dict[tuple[Answer, tuple[str, ...]], list[Asker]] = defaultdict(list)
    for asker in people:
        for kind in Answer:
            things = tuple(purpose for purpose in THINGS if answers[asker, purpose] == kind)
            if things:
                same[kind, things].append(asker)
    for (kind, things), group in same.items():
        who, what = _people(group, people, names), _listed(things)
        if kind is Answer.MAY:
            told.may.append(_("%(who)s: %(what)s.") % {"who": who, "what": what})
        elif kind is Answer.ASKS:
            told.asks.append(_("%(who)s: %(what)s.") % {"who": who, "what": what})
        elif len(things) == len(THINGS):
            told.never.append(_("%(who)s: nothing at all.") % {"who": who})
        else:
            told.never.append(_("%(who)s: no %(what)s.") % {"who": who, "what": _listed(things, _("or"))})


def _people(group: list[Asker], everybody: list[Asker], names: Sequence[str]) -> str:
    if len(group) == len(everybody):
        return _("Anybody here")
    shown = [
        wording.listed(names, _("and")) if asker is NAMED and names else str(asker.label) for asker in group
    ]
    return wording.listed([shown[0], *(_lower(label) for label in shown[1:])], _("and"))


def _lower(label: str) -> str:
    return label if label.startswith("@") else label[:1].lower() + label[1:]


def _listed(things: Sequence[str], last: str = "") -> str:
    return wording.listed([str(THINGS[purpose]) for purpose in things], last or _("and"))


def _never(cameo: Cameo, terms: Terms, people: list[Asker], now: datetime) -> list[str]:
    """What nobody gets, whoever they are."""
    told = []
    if not _anybody(cameo, terms, people, now, voice=True):
        told.append(_("Your voice is not used.") if cameo.is_person else _("It is not heard."))
    if not _anybody(cameo, terms, people, now, commercial=True):
        told.append(_("No clip earns money."))
    if about := wording.not_about(terms):
        told.append(about)
    if company := wording.company(terms, not cameo.is_person):
        told.append(company)
    if terms.minimum_age and not _anybody(cameo, terms, people, now, age=terms.minimum_age - 1):
        told.append(_("Nobody under %(age)d, whoever they are.") % {"age": terms.minimum_age})
    return told


def _anybody(
    cameo: Cameo,
    terms: Terms,
    people: list[Asker],
    now: datetime,
    *,
    commercial: bool = False,
    voice: bool = False,
    age: int | None = 200,
) -> bool:
    return any(
        answer(cameo, terms, asker, purpose, now, commercial=commercial, voice=voice, age=age)
        is not Answer.NEVER
        for asker in people
        for purpose in THINGS
    )
