"""The promise of docs/algorithms/consent.md, told a second time in plain Python: no database, nothing from
`cameos`.

It keeps what people did and answers: which condition fails first, does the owner see it first, who is served.
In the 24 hours in which a wider version waits it knows only an upper bound (what both versions allow).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

DAY = timedelta(hours=24)
LIFE = timedelta(days=5)
WAITS_FOR_A_WORD = timedelta(days=14)
WORDS = {"gambling": "poker", "religion": "church"}
NOBODY_IS_SURE = "perhaps"
# The order in which the page asks: the first that does not hold gives its name.
ORDER = (
    "not_verified",
    "frozen",
    "blocked",
    "no_grant",
    "too_young",
    "audience",
    "purpose",
    "commercial",
    "voice",
    "companions",
    "not_yet",
    "expired",
    "shown_long_enough",
    "count_spent",
    "unpaid",
    "topic",
    "topics_unchecked",
)
SETTLED_AT_ISSUE = {"count_spent", "expired", "unpaid"}


def first(no: set[str]) -> str | None:
    return min(no, key=ORDER.index, default=None)


@dataclass
class Says:
    """One version of somebody's permission."""

    audience: str = "only_me"
    people: frozenset[str] = frozenset()
    purposes: frozenset[str] = frozenset()
    refuses: frozenset[str] = frozenset()
    commercial: bool = False
    voice: bool = False
    companions: str = "anyone"
    first: bool = True
    age: int = 0
    use_from: datetime | None = None
    use_until: datetime | None = None
    show_until: datetime | None = None
    left: int | None = None


@dataclass(frozen=True)
class Card:
    """One version of somebody's prices."""

    fee: int
    friends_free: bool
    counts_from: datetime


@dataclass
class Paid:
    """A paid licence: how many clips are left of it."""

    owner: str
    who: str
    left: int
    is_over: bool = False


@dataclass(frozen=True)
class Ask:
    who: str
    purpose: str
    prompt: str
    beside: frozenset[str]
    commercial: bool
    voice: bool
    at: datetime


@dataclass
class Given:
    """A permit: what was refused when it was issued, from which versions its count was taken and from which
    licence."""

    refused: frozenset[str]
    provisional: bool
    counted: list[Says]
    born: datetime
    state: str = "taken"  # spent, returned
    paid: Paid | None = None


@dataclass
class Use:
    owner: str
    state: str  # live, provisional, ended
    waits: bool
    show_until: datetime | None
    self_cast: bool
    born: datetime

    @property
    def name(self) -> str:
        """Provisional by its owner's own hand is another thing: it waits for nothing."""
        return "hidden" if self.state == "provisional" and not self.waits else self.state


@dataclass
class Film:
    maker: str
    uses: dict[str, Use]
    parent: int | None


@dataclass
class Oracle:
    ages: dict[str, int]
    circle: set[tuple[str, str]] = field(default_factory=set)
    follows: set[tuple[str, str]] = field(default_factory=set)
    blocks: set[tuple[str, str]] = field(default_factory=set)
    frozen: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)
    judge_is_away: bool = False
    now_says: dict[str, list[Says]] = field(default_factory=dict)
    waiting: dict[str, tuple[Says, datetime]] = field(default_factory=dict)
    films: dict[int, Film] = field(default_factory=dict)
    cards: dict[str, list[Card]] = field(default_factory=dict)
    paid: list[Paid] = field(default_factory=list)
    unpaid_yes: set[tuple[str, str]] = field(default_factory=set)

    def says(self, owner: str, at: datetime) -> list[Says]:
        """All of these must agree: one version, or while one waits, the old one and the new one."""
        if owner in self.waiting and self.waiting[owner][1] <= at:
            self.now_says[owner] = [self.waiting.pop(owner)[0]]
        return self.now_says.get(owner, [])

    def is_exact(self, owner: str, at: datetime) -> bool:
        return len(self.says(owner, at)) <= 1

    def save(self, owner: str, says: Says, at: datetime, counts_from: datetime) -> None:
        before = self.says(owner, at)
        self.waiting.pop(owner, None)
        if counts_from <= at:
            self.now_says[owner] = [replace(says)]
        else:
            self.now_says[owner] = [*before, replace(says)] if before else []
            self.waiting[owner] = (replace(says), counts_from)

    # --- prices

    def card(self, owner: str, at: datetime) -> Card | None:
        """The newest whose time has come."""
        come = [card for card in self.cards.get(owner, []) if card.counts_from <= at]
        return come[-1] if come else None

    def set_card(self, owner: str, fee: int, friends_free: bool, at: datetime) -> None:
        """Dearer counts at once, cheaper after a day; what waited is dropped."""
        before = self.card(owner, at)
        cheaper = before is not None and (fee < before.fee or (friends_free and not before.friends_free))
        kept = [card for card in self.cards.get(owner, []) if card.counts_from <= at]
        self.cards[owner] = [*kept, Card(fee, friends_free, at + DAY if cheaper else at)]

    def costs(self, owner: str, who: str, at: datetime) -> bool:
        card = self.card(owner, at)
        if card is None or not card.fee or who == owner:
            return False
        return not (card.friends_free and (owner, who) in self.circle)

    def licence(self, owner: str, who: str) -> Paid | None:
        """The oldest of theirs that has a clip left."""
        mine = [paid for paid in self.paid if (paid.owner, paid.who) == (owner, who)]
        return next((paid for paid in mine if paid.left and not paid.is_over), None)

    def pay(self, owner: str, who: str, clips: int, at: datetime) -> bool:
        """The payment event: whoever paid is named. Where nothing is in force it counts for nothing."""
        if not self.says(owner, at):
            self.unpaid_yes.add((owner, who))
            return False
        self.paid.append(Paid(owner, who, clips))
        self.now_says[owner] = [_naming(says, who) for says in self.now_says[owner]]
        if owner in self.waiting:
            says, counts_from = self.waiting[owner]
            self.waiting[owner] = (_naming(says, who), counts_from)
        return True

    def end_licences(self, owner: str) -> None:
        self.unpaid_yes = {edge for edge in self.unpaid_yes if edge[0] != owner}
        for paid in self.paid:
            paid.is_over = paid.is_over or paid.owner == owner

    # --- the gate

    def fails(self, owner: str, ask: Ask, *, given: Given | None = None) -> set[str]:
        """Every condition that does not hold; `given`: those asked again of a permit that was issued."""
        no = {"frozen"} if owner in self.frozen else set()
        no |= {"not_verified"} if owner in self.erased else set()
        if ask.who == owner:
            return no
        if (owner, ask.who) in self.blocks or (ask.who, owner) in self.blocks:
            no.add("blocked")
        said = self.says(owner, ask.at)
        if not said:
            return no | {"no_grant"}
        for says in said:
            no |= self._fails_by(owner, says, ask)
        if self.costs(owner, ask.who, ask.at) and not self.licence(owner, ask.who):
            no.add("unpaid")
        return no if given is None else self._again(owner, ask, given, no)

    def _fails_by(self, owner: str, says: Says, ask: Ask) -> set[str]:
        others = ask.beside - {owner}
        holds = {
            "too_young": self.ages[ask.who] >= says.age,
            "audience": self._is_covered(owner, says, ask.who),
            "purpose": ask.purpose in says.purposes,
            "commercial": says.commercial or not ask.commercial,
            "voice": says.voice or not ask.voice,
            "companions": says.companions == "anyone"
            or (says.companions == "nobody" and not others)
            or (says.companions == "circle" and all((owner, other) in self.circle for other in others)),
            "not_yet": says.use_from is None or says.use_from <= ask.at,
            "expired": says.use_until is None or ask.at < says.use_until,
            "shown_long_enough": says.show_until is None or ask.at < says.show_until,
            "count_spent": says.left is None or says.left > 0,
            "topic": not any(WORDS[topic] in ask.prompt for topic in says.refuses),
        }
        return {name for name, ok in holds.items() if not ok}

    def _again(self, owner: str, ask: Ask, given: Given, no: set[str]) -> set[str]:
        """Count, end and price were settled, but for a licence that was paid back. What was judged stands,
        unless more is refused now than then."""
        no = no - SETTLED_AT_ISSUE | ({"unpaid"} if given.paid and given.paid.is_over else set())
        if self._refused(owner, ask.at) <= given.refused:
            return no - {"topic"}
        unsure = NOBODY_IS_SURE in ask.prompt and not given.provisional
        return no | ({"topics_unchecked"} if self.judge_is_away or unsure else set())

    def _refused(self, owner: str, at: datetime) -> frozenset[str]:
        return frozenset().union(*(says.refuses for says in self.says(owner, at)))

    def _is_covered(self, owner: str, says: Says, who: str) -> bool:
        mutual = (owner, who) in self.follows and (who, owner) in self.follows
        groups = {"circle": (owner, who) in self.circle, "mutuals": mutual, "everyone": True}
        return who in says.people or groups.get(says.audience, False)

    def must_wait(self, owner: str, ask: Ask) -> bool:
        """Words that nobody can judge now: neither yes nor no."""
        return ask.who != owner and self.judge_is_away and bool(self._refused(owner, ask.at))

    def sees_first(self, owner: str, ask: Ask) -> bool:
        """What was unsure is shown to the owner always; the rest as they chose, but for their circle."""
        if ask.who == owner:
            return False
        if NOBODY_IS_SURE in ask.prompt and self._refused(owner, ask.at):
            return True
        return self.asks_to_see(owner, ask)

    def asks_to_see(self, owner: str, ask: Ask) -> bool:
        """By the grant alone, the words left aside."""
        stranger = ask.who != owner and (owner, ask.who) not in self.circle
        return stranger and any(says.first for says in self.says(owner, ask.at))

    def take(self, owner: str, ask: Ask, provisional: bool) -> Given:
        counted = [] if ask.who == owner else self.says(owner, ask.at)
        for says in counted:
            says.left = None if says.left is None else says.left - 1
        paid = self.licence(owner, ask.who) if self.costs(owner, ask.who, ask.at) else None
        if paid:
            paid.left -= 1
        return Given(self._refused(owner, ask.at), provisional, list(counted), ask.at, paid=paid)

    def give_back(self, given: Given) -> None:
        if given.state == "taken":
            given.state = "returned"
            for says in given.counted:
                says.left = None if says.left is None else says.left + 1
            if given.paid:
                given.paid.left += 1

    # --- clips

    def reached(self, owner: str, films: set[int]) -> set[int]:
        """Clips among these and among everything made from them in which the owner's use still runs."""
        films, grown = set(films), True
        while grown:
            below = {n for n, film in self.films.items() if film.parent in films} - films
            films, grown = films | below, bool(below)
        return films & self.of(owner, self_cast=True)

    def of(self, owner: str, *, self_cast: bool) -> set[int]:
        return {
            number
            for number, film in self.films.items()
            if owner in film.uses
            and film.uses[owner].state != "ended"
            and (self_cast or not film.uses[owner].self_cast)
        }

    def is_over(self, number: int | None) -> bool:
        return number is not None and any(u.state == "ended" for u in self.films[number].uses.values())

    def is_public(self, number: int, at: datetime) -> bool:
        return all(self._stands(use, at) and use.state == "live" for use in self.films[number].uses.values())

    def is_served(self, number: int, who: str, at: datetime) -> bool:
        film = self.films[number]
        intact = all(self._stands(use, at) and use.state != "ended" for use in film.uses.values())
        return intact and (who == film.maker or who in film.uses)

    @staticmethod
    def _stands(use: Use, at: datetime) -> bool:
        return use.show_until is None or at < use.show_until


def _naming(says: Says, who: str) -> Says:
    if who in says.people:
        return says
    audience = "named" if says.audience == "only_me" else says.audience
    return replace(says, people=says.people | {who}, audience=audience)
