"""Long random lives of four people, compared step by step with an oracle written from the page.

ORACLE_EXAMPLES and ORACLE_STEPS in the environment make it longer (`make bench-likeness` does).
"""

from __future__ import annotations

import os
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run

from accounts.models import Block, CircleMember, Follow, User
from cameos import actions, consent, revocation, uses
from cameos.consent import Brief, ConsentDenied, Unavailable
from cameos.models import Cameo, LikenessUse
from cameos.refusals import TermsRefused, UseOver
from cameos.terms import Terms
from generation.models import Clip, Generation, Ingredient
from generation.states import State
from model import text as vectors
from tests.cameos.making import generation_by, likeness_of
from tests.cameos.oracle import Ask, Film, Oracle, Says, Use
from tests.conftest import NOW, person

OWNERS = ("alice", "carol")
EVERYBODY = ("alice", "bob", "carol", "dave")
AGES = {"alice": 36, "bob": 36, "carol": 36, "dave": 16}
PROMPTS = ("a walk on the beach", "a game of poker", "a wedding in a church")
SEEN: Counter[str] = Counter()

one_person = st.sampled_from(EVERYBODY)
one_owner = st.sampled_from(OWNERS)
seldom = st.sampled_from([False, False, False, True])
days = st.one_of(st.none(), st.none(), st.none(), st.integers(1, 4).map(lambda n: timedelta(hours=18 * n)))
wishes = st.fixed_dictionaries(
    {
        "audience": st.sampled_from(["only_me", "named", "circle", "mutuals", "everyone", "everyone"]),
        "people": st.frozensets(one_person, max_size=2),
        "purposes": st.sampled_from(
            [("generate",), ("generate", "remix"), ("generate", "remix"), ("remix",)]
        ),
        "refuses": st.sampled_from([(), (), (), ("gambling",), ("gambling", "religion")]),
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


class Lives(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.now = NOW
        self.people: dict[str, User] = {
            name: person(name, birth_date=date(NOW.year - AGES[name], 1, 1)) for name in EVERYBODY
        }
        self.cameos: dict[str, Cameo] = {name: likeness_of(self.people[name], NOW) for name in OWNERS}
        self.oracle = Oracle(ages=AGES)
        self.asked: list[tuple[Generation, Ask, tuple[str, ...], list[Any]]] = []
        for name in OWNERS:
            self._begin_open(name)

    def teardown(self) -> None:
        if hasattr(self, "undo"):
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    def _begin_open(self, owner: str) -> None:
        """Alice asks to see clips first, Carol does not; both are open to everyone since before the story
        begins."""
        open_to_all = Terms(
            audience="everyone", purposes=frozenset({"generate", "remix"}), show_me_first=owner == "alice"
        )
        before = self.now - timedelta(days=2)
        actions.save_grant(
            cameo=self.cameos[owner], owner=self.people[owner], terms=open_to_all, stepped_up=True, now=before
        )
        says = Says(audience="everyone", purposes=open_to_all.purposes, first=open_to_all.show_me_first)
        self.oracle.now_says[owner] = [says]

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

    @rule(owner=one_owner, other=one_person)
    def block_or_not(self, owner: str, other: str) -> None:
        if owner == other:
            return
        was_blocked = (owner, other) in self.oracle.blocks
        self._toggle(Block, self.oracle.blocks, owner, other, "blocker", "blocked")
        if not was_blocked:
            revocation.when_blocked(None, self.people[owner], self.people[other], self.now)
            made = {n for n in self.oracle.of(owner, self_cast=True) if self.oracle.films[n].maker == other}
            self.oracle.end(owner, made)

    # --- permission

    @rule(owner=one_owner, wish=wishes, wait=st.booleans())
    def change_the_grant(self, owner: str, wish: dict[str, Any], wait: bool) -> None:
        says = self._says(owner, wish)
        terms = Terms(
            audience=says.audience,
            people=frozenset(self.people[name].pk for name in says.people),
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
        before = {ask: self.oracle.fails(owner, ask) for ask in self._all_asks(owner)}
        try:
            saved = actions.save_grant(
                cameo=self.cameos[owner],
                owner=self.people[owner],
                terms=terms,
                stepped_up=True,
                also_existing=False,
                now=self.now,
            )
        except TermsRefused:
            SEEN["terms refused"] += 1
            return
        SEEN["grant waits" if saved.effective_at > self.now else "grant at once"] += 1
        self.oracle.save(owner, says, self.now, saved.effective_at)
        if self.oracle.is_exact(owner, self.now):
            gained = {ask.who for ask, no in before.items() if no and not self.oracle.fails(owner, ask)}
            assert len(gained) <= 1, "only one named person gains anything at once"
        if wait:
            self.let_time_pass(25)

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

    @rule(owner=one_owner, really=seldom)
    def freeze_or_not(self, owner: str, really: bool) -> None:
        if not really:
            self._unfreeze(owner)
            return
        revocation.freeze(cameo=self.cameos[owner], owner=self.people[owner], now=self.now)
        if owner not in self.oracle.frozen:
            self.oracle.frozen.add(owner)
            self.oracle.end(owner, self.oracle.of(owner, self_cast=True))
        SEEN["frozen"] += 1

    def _unfreeze(self, owner: str) -> None:
        revocation.unfreeze(cameo=self.cameos[owner], owner=self.people[owner], now=self.now)
        self.oracle.frozen.discard(owner)

    @rule(owner=one_owner, really=seldom)
    def revoke(self, owner: str, really: bool) -> None:
        if not really:
            return
        revocation.revoke(cameo=self.cameos[owner], owner=self.people[owner], now=self.now)
        self.oracle.end(owner, self.oracle.of(owner, self_cast=False))
        self.oracle.now_says.pop(owner, None)
        self.oracle.waiting.pop(owner, None)
        SEEN["revoked"] += 1

    @rule(hours=st.sampled_from([1, 13, 25, 24 * 15]))
    def let_time_pass(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    # --- making

    @rule(
        who=one_person,
        cast=st.sampled_from([("alice",), ("carol",), ("alice", "carol")]),
        purpose=st.sampled_from(["generate", "generate", "remix"]),
        prompt=st.sampled_from(PROMPTS),
        commercial=st.booleans(),
        voice=st.booleans(),
        seal=st.booleans(),
    )
    def ask(
        self,
        who: str,
        cast: tuple[str, ...],
        purpose: str,
        prompt: str,
        commercial: bool,
        voice: bool,
        seal: bool,
    ) -> None:
        ask = Ask(who, purpose, prompt, frozenset(cast), commercial, voice, self.now)
        cameos = [Cameo.objects.get(pk=self.cameos[owner].pk) for owner in cast]
        generation = generation_by(self.people[who], self.now, cast=cameos, prompt=prompt)
        permits = [self._permit(owner, ask, cameos, generation) for owner in cast]
        if all(permits):
            self.asked.append((generation, ask, cast, permits))
            if seal:
                self.seal(0, backwards=True)
        else:
            consent.release(generation, self.now)
            for owner, given in zip(cast, permits, strict=True):
                if given and who != owner:
                    for says in self.oracle.says(owner, self.now):
                        says.left = None if says.left is None else says.left + 1

    @rule(
        who=st.sampled_from(["bob", "bob", "carol"]),
        owner=one_owner,
        purpose=st.sampled_from(["generate", "remix"]),
    )
    def ask_plainly(self, who: str, owner: str, purpose: str) -> None:
        """The everyday case, so that a story has clips to lose."""
        self.ask(who, (owner,), purpose, PROMPTS[0], False, False, True)

    @rule(who=one_person, prompt=st.sampled_from(PROMPTS), seal=st.booleans())
    def ask_for_both(self, who: str, prompt: str, seal: bool) -> None:
        self.ask(who, OWNERS, "generate", prompt, False, False, seal)

    def _permit(self, owner: str, ask: Ask, cameos: list[Cameo], generation: Generation) -> Any:
        (cameo,) = [c for c in cameos if c.owner_id == self.people[owner].pk]
        others = tuple(c for c in cameos if c != cameo)
        no, exact = self.oracle.fails(owner, ask), self.oracle.is_exact(owner, self.now)
        try:
            given = consent.permit(
                cameo=cameo,
                requester=self.people[ask.who],
                purpose=ask.purpose,
                brief=Brief(ask.prompt, others, ask.commercial, ask.voice),
                generation=generation,
                now=self.now,
            )
        except ConsentDenied as denied:
            SEEN[f"denied {denied.reason}"] += 1
            assert not exact or denied.reason in no, (denied.reason, no)
            return None
        except Unavailable:
            SEEN["waits"] += 1
            assert not exact or not no
            assert self.oracle.must_wait(owner, ask)
            return None
        assert not no, no
        assert not self.oracle.must_wait(owner, ask)
        assert given.provisional or not (exact and self.oracle.sees_first(owner, ask))
        assert not (exact and given.provisional and not self.oracle.sees_first(owner, ask))
        self.oracle.take(owner, ask)
        SEEN["permit provisional" if given.provisional else "permit"] += 1
        return given

    @precondition(lambda self: self.asked)
    @rule(pick=st.integers(0, 50))
    def recheck(self, pick: int) -> None:
        generation, ask, cast, _ = self.asked[pick % len(self.asked)]
        now_ask = Ask(**(vars(ask) | {"at": self.now}))
        no = {owner: self.oracle.fails(owner, now_ask, again=True) for owner in cast}
        exact = all(self.oracle.is_exact(owner, self.now) for owner in cast)
        refusing = any(self.oracle.must_wait(owner, now_ask) for owner in cast)
        try:
            consent.recheck(generation=generation, now=self.now)
        except ConsentDenied as denied:
            SEEN[f"recheck {denied.reason}"] += 1
            allowed = set().union(*no.values()) | ({"topics_unchecked"} if refusing else set())
            assert not exact or denied.reason in allowed | self._too_old(generation), (denied.reason, no)
            return
        assert not any(no.values()), no

    def _too_old(self, generation: Generation) -> set[str]:
        return {"permit_over"} if self.now - generation.created_at >= consent.PERMIT_LIFE else set()

    @precondition(lambda self: self.asked)
    @rule(pick=st.integers(0, 50))
    def seal(self, pick: int, backwards: bool = False) -> None:
        generation, ask, cast, permits = self.asked.pop(-1 if backwards else pick % len(self.asked))
        parent = self._parent(cast, ask.who) if ask.purpose == "remix" else None
        now_ask = Ask(**(vars(ask) | {"at": self.now}))
        fails = set().union(*(self.oracle.fails(owner, now_ask, again=True) for owner in cast))
        clip = Clip.objects.create(
            maker=self.people[ask.who],
            prompt=ask.prompt,
            engine="native",
            cast_count=len(cast),
            duration_ms=1,
            width=1,
            height=1,
            sealed_at=self.now,
        )
        source = Clip.objects.get(pk=parent) if parent else None
        try:
            with transaction.atomic():
                if source:
                    Ingredient.objects.create(clip=clip, source=source, relationship="parent")
                written = uses.write_uses(clip=clip, permits=permits, inherited_from=source, now=self.now)
        except ConsentDenied as denied:
            SEEN[f"not sealed {denied.reason}"] += 1
            assert not LikenessUse.objects.filter(clip=clip).exists()
            return
        assert not fails, fails
        consent.settle(generation, self.now)
        Generation.objects.filter(pk=generation.pk).update(state=State.READY, clip=clip)
        self._remember(clip, ask, parent, written)

    def _parent(self, cast: tuple[str, ...], who: str) -> int | None:
        """A clip that this person sees and that shows nobody but the cast, to make a remix of."""
        for number, film in sorted(self.oracle.films.items(), reverse=True):
            if set(film.uses) <= set(cast) and self.oracle.is_public(number, self.now):
                return number
        return None

    def _remember(self, clip: Clip, ask: Ask, parent: int | None, written: list[LikenessUse]) -> None:
        names = {self.cameos[owner].pk: owner for owner in OWNERS}
        self.oracle.films[clip.pk] = Film(
            ask.who,
            {
                names[use.cameo_id]: Use(
                    names[use.cameo_id],
                    use.state,
                    use.is_waiting,
                    use.show_until,
                    names[use.cameo_id] == ask.who,
                    self.now,
                )
                for use in written
            },
            parent,
        )
        for use in written:
            owner = names[use.cameo_id]
            if self.oracle.is_exact(owner, self.now) and self.oracle.sees_first(
                owner, Ask(**(vars(ask) | {"at": self.now}))
            ):
                assert use.is_waiting
        SEEN["sealed"] += 1

    # --- the owner's word on one clip

    @precondition(lambda self: self.oracle.films)
    @rule(pick=st.integers(0, 50), owner=one_owner, act=st.sampled_from(["approve", "decline", "delete"]))
    def decide(self, pick: int, owner: str, act: str) -> None:
        numbers = [n for n, film in self.oracle.films.items() if owner in film.uses]
        if not numbers:
            return
        number = numbers[pick % len(numbers)]
        kept = self.oracle.films[number].uses[owner]
        row = LikenessUse.objects.get(clip=number, cameo=self.cameos[owner])
        can = kept.state != "ended" if act == "delete" else kept.state == "provisional"
        try:
            doing = {"approve": uses.approve, "decline": uses.decline, "delete": revocation.delete_use}[act]
            doing(use=row, owner=self.people[owner], now=self.now)
        except UseOver:
            assert not can
            return
        assert can
        SEEN[act] += 1
        if act == "approve":
            kept.state = "live"
        else:
            self.oracle.end(owner, {number})

    @rule()
    def sweep(self) -> None:
        revocation.sweep(self.now)
        for number, film in self.oracle.films.items():
            for owner, use in film.uses.items():
                overdue = use.state == "provisional" and self.now - use.born >= timedelta(days=14)
                if overdue or (use.show_until and use.show_until <= self.now and use.state != "ended"):
                    self.oracle.end(owner, {number})

    # --- what must be true after every step

    @invariant()
    def everybody_is_served_what_the_oracle_says(self) -> None:
        if not getattr(self, "oracle", None) or not self.oracle.films:
            return
        films = self.oracle.films
        public = set(
            Clip.objects.filter(uses.shown("", self.now), cast_count__gt=0).values_list("pk", flat=True)
        )
        assert public & set(films) == {n for n in films if self.oracle.is_public(n, self.now)}
        for name, somebody in self.people.items():
            served = Clip.objects.filter(uses.served_to(somebody, "", self.now), cast_count__gt=0)
            expected = {n for n in films if self.oracle.is_served(n, name, self.now)}
            assert set(served.values_list("pk", flat=True)) & set(films) == expected


@pytest.mark.django_db
def test_the_gate_and_the_likeness_rule_do_what_the_page_says(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.JOURNAL_PATH = tmp_path / "journal.jsonl"
    monkeypatch.setattr(vectors, "_address", "unix:/nonexistent/vectors.sock")
    SEEN.clear()
    run(Lives, settings=LONG)
    assert SEEN["permit"] and SEEN["permit provisional"] and SEEN["sealed"] and SEEN["revoked"], SEEN
    assert sum(name.startswith("denied ") for name in SEEN) >= 6, SEEN
    if os.environ.get("ORACLE_PRINT"):
        print(dict(SEEN))


LONG = settings(
    max_examples=int(os.environ.get("ORACLE_EXAMPLES", "16")),
    stateful_step_count=int(os.environ.get("ORACLE_STEPS", "30")),
    deadline=None,
    derandomize="ORACLE_EXAMPLES" not in os.environ,
    database=None,
    phases=[Phase.generate, Phase.shrink] if "ORACLE_SHRINK" in os.environ else [Phase.generate],
    suppress_health_check=list(HealthCheck),
)
