"""One thing changes while somebody has a clip in the making and another one ready: who is stopped, why?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from cameos import revocation, uses
from cameos.models import LikenessUse
from tests.cameos.lives import EVERYBODY, OWNERS, PROMPTS, one_owner, open_to_all
from tests.cameos.lives_of_clips import Clips

WALK, POKER, CHURCH, PERHAPS = PROMPTS
SOON, LATER = timedelta(hours=1), timedelta(hours=18)


@dataclass(frozen=True)
class Change:
    """What changes, who had asked for what before, and how much later they ask again."""

    act: Callable[[Any, str], None]
    who: str = "bob"
    purpose: str = "generate"
    prompt: str = WALK
    flag: bool = False
    both: bool = False
    hours: int = 0
    asks: tuple[str, ...] = ("release",)  # what the one who asked does then: ask again, and …


def narrower(**terms: Any) -> Callable[[Any, str], None]:
    """The owner saves what they said, but for this. Callables are given the moment."""

    def act(life: Lives, owner: str) -> None:
        said = life.oracle.says(owner, life.now)
        if len(said) == 1 and owner not in life.oracle.erased:
            now = {name: value(life.now) if callable(value) else value for name, value in terms.items()}
            life._save(owner, replace(said[0], **now), also_existing=False)

    return act


def refusing(*topics: str, away: bool = False) -> Callable[[Any, str], None]:
    def act(life: Lives, owner: str) -> None:
        life.oracle.judge_is_away = away
        narrower(refuses=frozenset(topics))(life, owner)

    return act


def unless_erased(name: str) -> Callable[[Any, str], None]:
    def act(life: Lives, owner: str) -> None:
        if owner not in life.oracle.erased:
            getattr(life, name)(owner)

    return act


def block(life: Lives, owner: str) -> None:
    """The one who asked blocks the owner: nothing ends by that, and nothing goes on."""
    if ("bob", owner) not in life.oracle.blocks:
        life.block_or_not("bob", owner)


def delete_source(life: Lives, owner: str) -> None:
    number = life.jobs[-1].parent if life.jobs else None
    if number is not None and owner in life.oracle.films[number].uses:
        kept = life.oracle.films[number].uses[owner]
        if kept.state != "ended":
            row = LikenessUse.objects.get(clip=number, cameo=life.cameos[owner])
            revocation.delete_use(use=row, owner=life.people[owner], now=life.now)
            life._end(owner, {number})


def take_close_then_seal(life: Lives, owner: str) -> None:
    """What was to be shown first when it was asked for still is."""
    life.take_close_or_not(owner, "bob")
    if life.jobs:
        life.seal(-1)
    life.take_close_or_not(owner, "bob")


def follow_one_way(life: Lives, owner: str) -> None:
    for edge in [("bob", owner), (owner, "bob")]:
        if (edge in life.oracle.follows) == (edge[0] == owner):
            life.follow_or_not(*edge)
    narrower(audience="mutuals")(life, owner)


def close_and_open(life: Lives, owner: str) -> None:
    """What was closed is closed, while what opens it again waits."""
    narrower(audience="only_me")(life, owner)
    if owner not in life.oracle.erased:
        life._save(owner, open_to_all(owner), also_existing=False)


def show_for_an_hour(life: Lives, owner: str) -> None:
    narrower(show_until=lambda now: now + SOON)(life, owner)
    life.ask("bob", (owner,), "generate", WALK, False, False, "seal")


def delete_what_was_remixed(life: Lives, owner: str) -> None:
    """A remix of a clip that is out, and then the clip goes: with everything made from it."""
    before = set(life.made)
    life.ask("bob", (owner,), "generate", WALK, False, False, "seal")
    for number in set(life.made) - before:
        life._approve_all(number)
        life.ask("bob", (owner,), "remix", WALK, False, False, "seal")
        row = LikenessUse.objects.get(clip=number, cameo=life.cameos[owner])
        revocation.delete_use(use=row, owner=life.people[owner], now=life.now)
        life._end(owner, {number})


def ask_money(life: Lives, owner: str) -> None:
    if owner not in life.oracle.erased:
        life._set_price(owner, 500, True)


def pay_for_one(life: Lives, owner: str) -> None:
    ask_money(life, owner)
    life.buy_a_licence("bob", owner, 1)


def pay_and_get_it_back(life: Lives, owner: str) -> None:
    """While a clip under it is in the making and another is out."""
    pay_for_one(life, owner)
    life.buy_a_licence("bob", owner, 2)
    life.ask("bob", (owner,), "generate", WALK, False, False, "seal")
    life.ask("bob", (owner,), "generate", WALK, False, False, "render")
    for pick in range(len(life.licences)):
        life._pay_back(pick)
    if life.jobs:
        life._check_recheck(life.jobs[-1])
        life.seal(-1)


def hide_and_show(life: Lives, owner: str) -> None:
    for number in sorted(life.made)[-1:]:
        for act in ("hide", "approve", "show", "hide"):
            if owner in life.oracle.films[number].uses:
                life.decide(
                    sorted(n for n, f in life.oracle.films.items() if owner in f.uses).index(number),
                    owner,
                    act,
                )
        life._check_publish(number)


def leave_a_draft(life: Lives, owner: str) -> None:
    life.ask("bob", (owner,), "generate", WALK, False, False, "seal")


def nothing(life: Lives, owner: str) -> None:
    """Only time passes."""


CHANGES: dict[str, Change] = {
    "age": Change(narrower(age=18), who="dave"),
    "audience": Change(narrower(audience="only_me", people=frozenset())),
    "circle": Change(narrower(audience="circle")),
    "purpose": Change(narrower(purposes=frozenset({"generate"})), purpose="remix"),
    "commercial": Change(narrower(commercial=False), flag=True),
    "voice": Change(narrower(voice=False), flag=True),
    "companions": Change(narrower(companions="nobody"), both=True),
    "close companions": Change(narrower(companions="circle"), both=True),
    "begins later": Change(narrower(use_from=lambda now: now + LATER)),
    "ends": Change(narrower(use_until=lambda now: now + SOON), hours=2),
    "shown": Change(narrower(show_until=lambda now: now + SOON), hours=2),
    "no more": Change(narrower(left=0)),
    "one more": Change(narrower(left=1), asks=("release", "wait", "wait")),
    "topic": Change(refusing("gambling"), prompt=POKER),
    "topic unheard": Change(refusing("gambling", away=True)),
    "topic unsure": Change(refusing("religion"), prompt=PERHAPS),
    "block": Change(block),
    "freeze": Change(unless_erased("_freeze")),
    "revoke": Change(unless_erased("_revoke")),
    "erase": Change(unless_erased("_erase")),
    "source": Change(delete_source, purpose="remix"),
    "late": Change(nothing, hours=24 * 6),
    "named": Change(narrower(audience="named", people=frozenset({"bob"}))),
    "mutuals": Change(follow_one_way),
    "close": Change(take_close_then_seal),
    "closed and opened": Change(close_and_open),
    "shown for an hour": Change(show_for_an_hour, hours=2),
    "price": Change(ask_money),
    "licence": Change(pay_for_one, asks=("seal", "release")),
    "paid back": Change(pay_and_get_it_back),
    "hidden": Change(hide_and_show, hours=24 * 15),
    "draft": Change(leave_a_draft),
    "tree": Change(delete_what_was_remixed),
}


class Lives(Clips):
    @rule(owner=one_owner, name=st.sampled_from(sorted(CHANGES)))
    def change_one_thing(self, owner: str, name: str) -> None:
        change = CHANGES[name]
        self._begin_afresh()
        made = set(self.made)
        self._ask_for(change, owner, "seal")
        self._ask_for(change, owner, "render")
        for number in set(self.made) - made:
            self._approve_all(number)
        change.act(self, owner)
        self.now += timedelta(hours=change.hours)
        if self.jobs:
            self._check_recheck(self.jobs[-1])
            self._check_resume(self.jobs[-1], owner)
        for number in set(self.made) - made:
            self._check_publish(number)
        for then in change.asks:
            self._ask_for(change, owner, then)

    def _begin_afresh(self) -> None:
        """Nothing stands in the way before the one thing changes."""
        self.oracle.judge_is_away = False
        for one, other in sorted(self.oracle.blocks):
            self.block_or_not(one, other)
        for owner in set(OWNERS) - self.oracle.erased:
            self.freeze_or_not(owner, False)
            if self.oracle.costs(owner, "bob", self.now):
                self._set_price(owner, 0, True)
                self.now += timedelta(hours=25)
            if self.oracle.says(owner, self.now) != [open_to_all(owner)]:
                self._save(owner, open_to_all(owner), also_existing=False)
                self.now += timedelta(hours=25)

    def _ask_for(self, change: Change, owner: str, then: str) -> None:
        cast = OWNERS if change.both else (owner,)
        self.ask(change.who, cast, change.purpose, change.prompt, change.flag, change.flag, then)

    def _approve_all(self, number: int) -> None:
        for owner, use in self.oracle.films[number].uses.items():
            if use.name == "provisional":
                row = LikenessUse.objects.get(clip=number, cameo=self.cameos[owner])
                uses.approve(use=row, owner=self.people[owner], now=self.now)
                use.state, use.waits = "live", False


def one_after_another(names: Sequence[str] = tuple(CHANGES)) -> None:
    """A life in which these changes happen, for each owner: no chance in it. Raises AssertionError where the
    product differs from the oracle."""
    life = Lives()
    life.begin()
    try:
        for owner in OWNERS:
            for name in sorted(names, key=lambda name: name == "erase"):
                life.change_one_thing(owner, name)
                for _ in EVERYBODY:
                    life.everybody_is_served_what_the_oracle_says()
    finally:
        life.teardown()
