"""The promise of docs/algorithms/consent.md, told a second time in plain Python: no database, nothing from
`cameos`.

It keeps what people did and answers three questions: which conditions fail, does the owner see it first, who
is served. In the 24 hours in which a wider version waits it knows only an upper bound (what both versions
allow).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

DAY = timedelta(hours=24)
WORDS = {"gambling": "poker", "religion": "church"}


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
class Ask:
    who: str
    purpose: str
    prompt: str
    beside: frozenset[str]
    commercial: bool
    voice: bool
    at: datetime


@dataclass
class Use:
    owner: str
    state: str  # live, provisional, ended
    waits: bool
    show_until: datetime | None
    self_cast: bool
    born: datetime


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
    now_says: dict[str, list[Says]] = field(default_factory=dict)
    waiting: dict[str, tuple[Says, datetime]] = field(default_factory=dict)
    films: dict[int, Film] = field(default_factory=dict)

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

    def fails(self, owner: str, ask: Ask, *, again: bool = False) -> set[str]:
        """Every condition that does not hold."""
        no = {"frozen"} if owner in self.frozen else set()
        if ask.who == owner:
            return no
        if (owner, ask.who) in self.blocks or (ask.who, owner) in self.blocks:
            no.add("blocked")
        said = self.says(owner, ask.at)
        if not said:
            return no | {"no_grant"}
        for says in said:
            no |= self._fails_by(owner, says, ask)
        return no - {"count_spent", "expired"} if again else no

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

    def _is_covered(self, owner: str, says: Says, who: str) -> bool:
        mutual = (owner, who) in self.follows and (who, owner) in self.follows
        groups = {"circle": (owner, who) in self.circle, "mutuals": mutual, "everyone": True}
        return who in says.people or groups.get(says.audience, False)

    def must_wait(self, owner: str, ask: Ask) -> bool:
        """Words that nobody can judge: with the vectors away, whatever a refusal's own words do not catch."""
        return ask.who != owner and any(says.refuses for says in self.says(owner, ask.at))

    def sees_first(self, owner: str, ask: Ask) -> bool:
        if ask.who == owner or (owner, ask.who) in self.circle:
            return False
        return any(says.first for says in self.says(owner, ask.at))

    def take(self, owner: str, ask: Ask) -> None:
        if ask.who != owner:
            for says in self.says(owner, ask.at):
                says.left = None if says.left is None else says.left - 1

    # --- clips

    def end(self, owner: str, films: set[int]) -> None:
        """These, and everything made from them."""
        grown = True
        while grown:
            below = {n for n, film in self.films.items() if film.parent in films} - films
            films, grown = films | below, bool(below)
        for number in films:
            if owner in self.films[number].uses:
                self.films[number].uses[owner].state = "ended"

    def of(self, owner: str, *, self_cast: bool) -> set[int]:
        return {
            number
            for number, film in self.films.items()
            if owner in film.uses
            and film.uses[owner].state != "ended"
            and (self_cast or not film.uses[owner].self_cast)
        }

    def is_public(self, number: int, at: datetime) -> bool:
        return all(self._stands(use, at) and use.state == "live" for use in self.films[number].uses.values())

    def is_served(self, number: int, who: str, at: datetime) -> bool:
        film = self.films[number]
        intact = all(self._stands(use, at) and use.state != "ended" for use in film.uses.values())
        return intact and (who == film.maker or who in film.uses)

    @staticmethod
    def _stands(use: Use, at: datetime) -> bool:
        return use.show_until is None or at < use.show_until
