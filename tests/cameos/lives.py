"""Four people, two of whom own a likeness: what they can do to each other and to their permission.

`lives_of_clips` adds what is made of it, `lives_of_change` what one change does. Each rule does a thing in
the product and in the oracle and compares the answers; `SEEN` counts what came up, so that a long run can
say what it has covered.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from accounts.models import Block, CircleMember, Follow, User
from accounts.refusals import Refused
from cameos import actions, licences, revocation, topics, vault
from cameos.models import Cameo, Licence, LikenessUse
from cameos.refusals import TermsRefused
from cameos.terms import Terms
from cameos.topics import TopicVerdict, Verdict
from generation.models import Generation
from tests.cameos.making import likeness_of
from tests.cameos.oracle import NOBODY_IS_SURE, SETTLED_AT_ISSUE, Ask, Given, Oracle, Paid, Says
from tests.conftest import NOW, person

OWNERS = ("alice", "carol")
EVERYBODY = ("alice", "bob", "carol", "dave")
AGES = {"alice": 36, "bob": 36, "carol": 36, "dave": 16}
PROMPTS = ("a walk on the beach", "a game of poker", "a wedding in a church", "perhaps a game of dice")
SEEN: Counter[str] = Counter()
LENGTHS: list[int] = []

one_person = st.sampled_from(EVERYBODY)
one_owner = st.sampled_from(OWNERS)
seldom = st.sampled_from([False, False, False, True])
hardly = st.sampled_from([False] * 11 + [True])
days = st.one_of(st.none(), st.none(), st.none(), st.integers(1, 4).map(lambda n: timedelta(hours=18 * n)))
wishes = st.fixed_dictionaries(
    {
        "audience": st.sampled_from(["only_me", "named", "circle", "mutuals", "everyone", "everyone"]),
        "people": st.frozensets(one_person, max_size=2),
        "purposes": st.sampled_from(
            [("generate",), ("generate", "remix"), ("generate", "remix"), ("remix",)]
        ),
        "refuses": st.sampled_from([(), (), ("gambling",), ("gambling", "religion")]),
        "commercial": st.booleans(),
        "voice": st.booleans(),
        "companions": st.sampled_from(["anyone", "anyone", "circle", "nobody"]),
        "first": st.booleans(),
        "age": st.sampled_from([0, 0, 0, 18]),
        "use_from": days,
        "use_until": days,
        "show_until": days,
        "left": st.sampled_from([None, None, 0, 1, 2]),
    }
)


@dataclass
class Job:
    """A generation that somebody asked for, and the permits that it got."""

    generation: Generation
    ask: Ask
    cast: tuple[str, ...]
    parent: int | None
    permits: list[Any] = field(default_factory=list)
    given: dict[str, Given] = field(default_factory=dict)
    is_rendering: bool = False


def open_to_all(owner: str) -> Says:
    """Alice asks to see clips first, Carol does not; both are open to everyone, and were before the story."""
    purposes = frozenset({"generate", "remix"})
    return Says("everyone", purposes=purposes, commercial=True, voice=True, first=owner == "alice")


def terms_of(says: Says, people: dict[str, User]) -> Terms:
    return Terms(
        audience=says.audience,
        people=frozenset(people[name].pk for name in says.people),
        purposes=says.purposes,
        topics_refused=says.refuses,
        commercial=says.commercial,
        voice=says.voice,
        companions=says.companions,
        show_me_first=says.first,
        minimum_age=says.age,
        use_from=says.use_from,
        use_until=says.use_until,
        show_until=says.show_until,
        count_limit=says.left,
    )


def world() -> tuple[dict[str, User], dict[str, Cameo]]:
    """The four and their likenesses; made by the first life of a database."""
    known = {row.username: row for row in User.objects.filter(username__in=EVERYBODY)}
    if known:
        rows = Cameo.objects.select_related("owner").filter(owner__username__in=OWNERS)
        return known, {row.owner.username: row for row in rows}
    people = {name: person(name, birth_date=date(NOW.year - AGES[name], 1, 1)) for name in EVERYBODY}
    cameos = {name: likeness_of(people[name], NOW) for name in OWNERS}
    for owner in OWNERS:
        actions.save_grant(
            cameo=cameos[owner],
            owner=people[owner],
            terms=terms_of(open_to_all(owner), people),
            stepped_up=True,
            now=NOW - timedelta(days=2),
        )
    return people, cameos


class People(RuleBasedStateMachine):
    """The judge of meaning is the one thing that stands in here: it hears "perhaps", or it is away."""

    @initialize()
    def begin(self) -> None:
        """Everybody as they were at the start: the rows of the world stand, and each life is undone again."""
        self.people, self.cameos = world()
        paths = [vault._shred_path(cameo) for cameo in self.cameos.values()]
        self.key_files = {path: path.read_bytes() for path in paths}
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.now = NOW
        self.oracle = Oracle(ages=AGES)
        self.oracle.now_says = {owner: [open_to_all(owner)] for owner in OWNERS}
        self.jobs: list[Job] = []
        self.made: dict[int, Job] = {}
        self.licences: list[tuple[int, Paid]] = []
        self.step_count = 0
        self._judge, topics._by_meaning = topics._by_meaning, self._hears

    def teardown(self) -> None:
        if hasattr(self, "undo"):
            topics._by_meaning = self._judge
            LENGTHS.append(self.step_count)
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)
            for path, key in self.key_files.items():  # files know no rollback
                path.write_bytes(key)

    def _hears(self, sentences: Any, codes: Any, phrases: Any) -> TopicVerdict:
        if self.oracle.judge_is_away:
            return topics.UNAVAILABLE
        unsure = [sentence for sentence in sentences if NOBODY_IS_SURE in sentence]
        return TopicVerdict(Verdict.UNSURE, codes[0], unsure[0]) if unsure else topics.ALLOWED

    # --- who knows whom

    @rule(owner=one_owner, other=one_person)
    def take_close_or_not(self, owner: str, other: str) -> None:
        self._toggle(CircleMember, self.oracle.circle, owner, other, "owner", "member")

    @rule(one=one_person, other=one_person)
    def follow_or_not(self, one: str, other: str) -> None:
        self._toggle(Follow, self.oracle.follows, one, other, "follower", "followee")

    @rule(owner=one_owner, other=one_person)
    def befriend(self, owner: str, other: str) -> None:
        for one, two in ((owner, other), (other, owner)):
            if one != two and (one, two) not in self.oracle.follows:
                self._toggle(Follow, self.oracle.follows, one, two, "follower", "followee")

    @rule(one=one_person, other=one_person)
    def block_or_not(self, one: str, other: str) -> None:
        if one == other:
            return
        was_blocked = (one, other) in self.oracle.blocks
        self._toggle(Block, self.oracle.blocks, one, other, "blocker", "blocked")
        if was_blocked:
            return
        revocation.when_blocked(None, self.people[one], self.people[other], self.now)
        made = {n for n in self.oracle.of(one, self_cast=True) if self.oracle.films[n].maker == other}
        self._end(one, made)

    def _toggle(self, table: Any, known: set[tuple[str, str]], one: str, other: str, a: str, b: str) -> None:
        if one == other:
            return
        row = {a: self.people[one], b: self.people[other]}
        if (one, other) in known:
            known.discard((one, other))
            table.objects.filter(**row).delete()
        else:
            known.add((one, other))
            table.objects.create(**row, created_at=self.now)

    # --- permission

    @rule(owner=one_owner, wish=wishes, wait=st.booleans(), also_existing=st.booleans())
    def change_the_grant(self, owner: str, wish: dict[str, Any], wait: bool, also_existing: bool) -> None:
        if owner not in self.oracle.erased:
            self._save(owner, self._says(owner, wish), also_existing=also_existing)
            self.now += timedelta(hours=25 if wait else 0)

    def _save(self, owner: str, says: Says, *, also_existing: bool) -> None:
        was_exact = self.oracle.is_exact(owner, self.now)
        asks = [*self._all_asks(owner), *self._asks_of_clips(owner).values()]
        before = {ask: self.oracle.fails(owner, ask) for ask in asks}
        try:
            saved = actions.save_grant(
                cameo=self.cameos[owner],
                owner=self.people[owner],
                terms=terms_of(says, self.people),
                stepped_up=True,
                also_existing=also_existing,
                now=self.now,
            )
        except TermsRefused as refused:
            SEEN[f"terms refused {refused.field}"] += 1
            return
        SEEN["grant waits" if saved.effective_at > self.now else "grant at once"] += 1
        self.oracle.save(owner, says, self.now, saved.effective_at)
        is_exact = self.oracle.is_exact(owner, self.now)
        after = {ask: self.oracle.fails(owner, ask) for ask in asks}
        if is_exact:
            gained = {ask.who for ask, no in before.items() if no and not after[ask]}
            assert len(gained) <= 1, "only one named person gains anything at once"
        lost = any(not no and after[ask] for ask, no in before.items())
        self._check_narrowing(owner, must=also_existing and lost and was_exact, exact=is_exact and was_exact)

    def _says(self, owner: str, wish: dict[str, Any]) -> Says:
        moments = {
            name: self.now + wish[name] if wish[name] else None
            for name in ("use_from", "use_until", "show_until")
        }
        return Says(
            audience=wish["audience"],
            people=wish["people"] - {owner},
            purposes=frozenset(wish["purposes"]),
            refuses=frozenset(wish["refuses"]),
            **{k: wish[k] for k in ("commercial", "voice", "companions", "first", "age", "left")},
            **moments,
        )

    def _all_asks(self, owner: str) -> list[Ask]:
        """Every question that somebody else could put now, with each flag and prompt."""
        return [
            Ask(who, purpose, prompt, frozenset(), flag, flag, self.now)
            for who in EVERYBODY
            if who != owner
            for purpose in ("generate", "remix")
            for prompt in PROMPTS
            for flag in (False, True)
        ]

    def _asks_of_clips(self, owner: str) -> dict[int, Ask]:
        """What would have to be allowed now for each running clip of others with this owner."""
        return {
            number: replace(
                self.made[number].ask,
                at=self.now,
                beside=frozenset(self.oracle.films[number].uses),
                **({} if owner in self.made[number].cast else _INHERITED),
            )
            for number in self.oracle.of(owner, self_cast=False)
        }

    def _check_narrowing(self, owner: str, *, must: bool, exact: bool) -> None:
        """What the terms now in force do not cover any more has ended, and nothing else has."""
        asked = self._asks_of_clips(owner)
        held = {number: self.oracle.fails(owner, ask) - SETTLED_AT_ISSUE for number, ask in asked.items()}
        due = self.oracle.reached(owner, {number for number, no in held.items() if no}) & set(asked)
        rows = {use.clip_id: use for use in LikenessUse.objects.filter(cameo=self.cameos[owner])}
        ended = {number for number in asked if rows[number].is_ended}
        assert not must or due <= ended, (due - ended, held)
        assert not exact or ended <= due, (ended - due, held)
        self._end(owner, ended)
        for number in set(asked) - ended:
            self._check_showing_time(owner, number, rows[number].show_until, must=must and exact)

    def _check_showing_time(self, owner: str, number: int, kept: datetime | None, *, must: bool) -> None:
        """A shorter one reaches clips that are out."""
        use = self.oracle.films[number].uses[owner]
        said = [says.show_until for says in self.oracle.says(owner, self.now) if says.show_until]
        assert kept == use.show_until or kept in said
        assert not (must and said) or (kept is not None and kept <= min(said))
        use.show_until = kept

    # --- prices

    @rule(owner=one_owner, fee=st.sampled_from([0, 0, 500, 900]), friends_free=st.booleans())
    def set_a_price(self, owner: str, fee: int, friends_free: bool) -> None:
        if owner not in self.oracle.erased:
            self._set_price(owner, fee, friends_free)

    def _set_price(self, owner: str, fee: int, friends_free: bool) -> None:
        licences.set_card(
            cameo=self.cameos[owner],
            owner=self.people[owner],
            fee=fee,
            currency="EUR",
            share_bp=0,
            friends_free=friends_free,
            stepped_up=True,
            now=self.now,
        )
        self.oracle.set_card(owner, fee, friends_free, self.now)

    @rule(who=one_person, owner=one_owner, clips=st.integers(1, 2))
    def buy_a_licence(self, who: str, owner: str, clips: int) -> None:
        """Asked for, agreed to and paid in one go."""
        blocked = {(owner, who), (who, owner)} & self.oracle.blocks
        expected: str | None = "not_found" if owner in self.oracle.erased or blocked else None
        expected = (
            expected
            or ("nothing_to_pay" if not self.oracle.costs(owner, who, self.now) else None)
            or ("already_asked" if (owner, who) in self.oracle.unpaid_yes else None)
        )
        try:
            asked = licences.ask(
                cameo=Cameo.objects.get(pk=self.cameos[owner].pk),
                requester=self.people[who],
                clip_count=clips,
                words="",
                now=self.now,
            )
        except Refused as refused:
            SEEN[f"licence {refused.code}"] += 1
            assert refused.code == expected, (refused.code, expected)
            return
        assert expected is None, expected
        said = licences.accept(licence=asked, owner=self.people[owner], stepped_up=True, now=self.now)
        paid = licences.paid(
            licence=said, amount=said.total, currency="EUR", reference=f"pay{said.pk}", now=self.now
        )
        counts = self.oracle.pay(owner, who, clips, self.now)
        assert (paid.state == Licence.State.ACTIVE) == counts
        if counts:
            self.licences.append((paid.pk, self.oracle.paid[-1]))
        SEEN["licence paid" if counts else "licence paid too late"] += 1

    @precondition(lambda self: self.licences)
    @rule(pick=st.integers(0, 50), really=seldom)
    def pay_back(self, pick: int, really: bool) -> None:
        if really:
            self._pay_back(pick)

    def _pay_back(self, pick: int) -> None:
        """All of it: the licence is over, and so are the clips made under it."""
        number, known = self.licences[pick % len(self.licences)]
        licence = Licence.objects.get(pk=number)
        was_over = known.is_over
        licences.refunded(licence=licence, total=licence.paid, now=self.now)
        known.is_over = True
        if not was_over:
            made = {n for n, job in self.made.items() if known.owner in job.given}
            self._end(known.owner, {n for n in made if self.made[n].given[known.owner].paid is known})

    @rule(owner=one_owner, really=seldom)
    def freeze_or_not(self, owner: str, really: bool) -> None:
        if owner in self.oracle.erased:
            return
        if not really:
            revocation.unfreeze(cameo=self.cameos[owner], owner=self.people[owner], now=self.now)
            self.oracle.frozen.discard(owner)
        else:
            self._freeze(owner)

    def _freeze(self, owner: str) -> None:
        revocation.freeze(cameo=self.cameos[owner], owner=self.people[owner], now=self.now)
        if owner not in self.oracle.frozen:
            self.oracle.frozen.add(owner)
            self._end(owner, self.oracle.of(owner, self_cast=True))
            self._stop(owner, self_cast=True)

    @rule(owner=one_owner, really=seldom)
    def revoke(self, owner: str, really: bool) -> None:
        if really and owner not in self.oracle.erased:
            self._revoke(owner)

    def _revoke(self, owner: str) -> None:
        revocation.revoke(cameo=self.cameos[owner], owner=self.people[owner], now=self.now)
        self._end(owner, self.oracle.of(owner, self_cast=False))
        self._stop(owner, self_cast=False)
        self._forget_what_was_said(owner)
        SEEN["revoked"] += 1

    @rule(owner=one_owner, really=hardly)
    def erase(self, owner: str, really: bool) -> None:
        if really and owner not in self.oracle.erased:
            self._erase(owner)

    def _erase(self, owner: str) -> None:
        revocation.erase(cameo=self.cameos[owner], owner=self.people[owner], now=self.now)
        self._end(owner, self.oracle.of(owner, self_cast=True))
        self._stop(owner, self_cast=True)
        self._forget_what_was_said(owner)
        self.oracle.erased.add(owner)

    def _forget_what_was_said(self, owner: str) -> None:
        self.oracle.end_licences(owner)
        self.oracle.now_says.pop(owner, None)
        self.oracle.waiting.pop(owner, None)

    def _end(self, owner: str, films: set[int]) -> None:
        """These end, and with them what was made from them."""
        for number in self.oracle.reached(owner, films):
            use = self.oracle.films[number].uses[owner]
            SEEN[f"use {use.name} -> ended"] += 1
            use.state = "ended"

    def _stop(self, owner: str, *, self_cast: bool) -> None:
        """Jobs that wait are cancelled at once; one in work is flagged, and its worker asks again."""
        for job in self.jobs:
            if owner in job.given and not job.is_rendering and (self_cast or job.ask.who != owner):
                for given in job.given.values():
                    self.oracle.give_back(given)

    # --- the world

    @rule(hours=st.sampled_from([1, 13, 25, 24 * 15]))
    def let_time_pass(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(away=st.booleans())
    def the_judge_comes_or_goes(self, away: bool) -> None:
        self.oracle.judge_is_away = away


_INHERITED = {"commercial": False, "voice": False, "purpose": "remix"}
