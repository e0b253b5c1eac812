"""What four people make of two likenesses: asking, sealing, publishing, and the owners' word on each clip."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from itertools import cycle
from typing import Any

from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from accounts.models import User
from cameos import consent, revocation, uses
from cameos.consent import Brief, ConsentDenied, Unavailable
from cameos.models import Cameo, LikenessUse
from cameos.refusals import NotReadyToPublish, UseOver
from generation.models import Clip, Generation, Ingredient
from generation.states import State
from tests.cameos.lives import EVERYBODY, OWNERS, PROMPTS, SEEN, Job, People, one_owner, one_person
from tests.cameos.making import generation_by
from tests.cameos.oracle import LIFE, WAITS_FOR_A_WORD, Ask, Film, Given, Use, first

WORDS_ON_A_CLIP: dict[str, Callable[..., Any]] = {
    "approve": uses.approve,
    "decline": uses.decline,
    "delete": revocation.delete_use,
    "hide": uses.hide,
    "show": uses.show,
}
POSSIBLE = {
    "approve": {"provisional"},
    "decline": {"provisional"},
    "delete": {"provisional", "live", "hidden"},
    "hide": {"live"},
    "show": {"hidden"},
}
CASTS = [("alice",), ("carol",), ("alice", "carol")]


class Clips(People):
    turns = cycle(EVERYBODY)

    # --- asking

    @rule(
        who=one_person,
        cast=st.sampled_from(CASTS),
        purpose=st.sampled_from(["generate", "generate", "remix"]),
        prompt=st.sampled_from(PROMPTS),
        commercial=st.booleans(),
        voice=st.booleans(),
        then=st.sampled_from(["seal", "release", "wait", "render"]),
    )
    def ask(
        self,
        who: str,
        cast: tuple[str, ...],
        purpose: str,
        prompt: str,
        commercial: bool,
        voice: bool,
        then: str,
    ) -> None:
        ask = Ask(who, purpose, prompt, frozenset(cast), commercial, voice, self.now)
        cameos = [Cameo.objects.get(pk=self.cameos[owner].pk) for owner in cast]
        parent = self._a_clip_to_remix() if purpose == "remix" else None
        source = Clip.objects.get(pk=parent) if parent else None
        row = generation_by(self.people[who], self.now, cast=cameos, prompt=prompt, parent=source)
        job = Job(row, ask, cast, parent)
        given = {owner: self._permit(owner, job, cameos) for owner in cast}
        job.permits = [permit for permit in given.values() if permit is not None]
        if len(job.permits) < len(cast):
            self._check_recheck(job)
            self._release(job)
            return
        self.jobs.append(job)
        if then == "seal":
            self.seal(-1)
        elif then == "release":
            self.release(-1)
        elif then == "render":
            job.is_rendering = True
            Generation.objects.filter(pk=row.pk).update(state=State.RENDERING)

    @rule(
        who=st.sampled_from(["bob", "bob", "carol"]),
        owner=one_owner,
        purpose=st.sampled_from(["generate", "remix"]),
    )
    def ask_plainly(self, who: str, owner: str, purpose: str) -> None:
        """The everyday case, so that a story has clips to lose."""
        self.ask(who, (owner,), purpose, PROMPTS[0], False, False, "seal")

    @rule(who=one_person, prompt=st.sampled_from(PROMPTS), seal=st.booleans())
    def ask_for_both(self, who: str, prompt: str, seal: bool) -> None:
        self.ask(who, OWNERS, "generate", prompt, False, False, "seal" if seal else "wait")

    def _a_clip_to_remix(self) -> int | None:
        public = [n for n in self.oracle.films if self.oracle.is_public(n, self.now)]
        return max(public, default=None)

    def _permit(self, owner: str, job: Job, cameos: list[Cameo]) -> Any:
        (cameo,) = [c for c in cameos if c.owner_id == self.people[owner].pk]
        others = tuple(c for c in cameos if c != cameo)
        ask, no = job.ask, self.oracle.fails(owner, job.ask)
        exact, must_wait = self.oracle.is_exact(owner, self.now), self.oracle.must_wait(owner, job.ask)
        try:
            permit = consent.permit(
                cameo=cameo,
                requester=self.people[ask.who],
                purpose=ask.purpose,
                brief=Brief(ask.prompt, others, ask.commercial, ask.voice),
                generation=job.generation,
                now=self.now,
            )
        except ConsentDenied as denied:
            SEEN[f"{denied.reason} / none"] += 1
            assert not exact or denied.reason == first(no), (denied.reason, no)
            return None
        except Unavailable:
            SEEN["unavailable / none"] += 1
            assert must_wait and not (exact and no), no
            return None
        assert not no and not must_wait, no
        assert not exact or permit.provisional == self.oracle.sees_first(owner, ask)
        assert permit.provisional or not self.oracle.sees_first(owner, ask)
        job.given[owner] = self.oracle.take(owner, ask, permit.provisional)
        SEEN["permit provisional" if permit.provisional else "permit"] += 1
        return permit

    # --- asking again

    @precondition(lambda self: self.jobs)
    @rule(pick=st.integers(0, 50))
    def recheck(self, pick: int) -> None:
        self._check_recheck(self.jobs[pick % len(self.jobs)])

    @precondition(lambda self: self.made)
    @rule(pick=st.integers(0, 50))
    def publish(self, pick: int) -> None:
        self._check_publish(sorted(self.made)[pick % len(self.made)])

    def _check_publish(self, number: int) -> None:
        film, job = self.oracle.films[number], self.made[number]
        states = {use.state for use in film.uses.values()}
        waits = "waiting_for_approval" if "provisional" in states else None
        expected = "use_ended" if "ended" in states else waits or self._again(job)
        clip = Clip.objects.get(pk=number)
        self._compare(lambda: uses.ready_to_publish(clip, self.now), expected, job, "spent")

    @precondition(lambda self: self.jobs or self.made)
    @rule(pick=st.integers(0, 50), owner=one_owner)
    def resume(self, pick: int, owner: str) -> None:
        known = [*self.jobs, *self.made.values()]
        self._check_resume(known[pick % len(known)], owner)

    def _check_resume(self, job: Job, owner: str) -> None:
        given, cameo = job.given.get(owner), self.cameos[owner]
        over = given is not None and (given.state != "taken" or self.now - given.born >= LIFE)
        expected = "no_permit" if given is None else "permit_over" if over else self._again_of(owner, job)
        state = given.state if given else "none"
        self._compare(
            lambda: consent.resume(generation=job.generation, cameo=cameo, now=self.now), expected, job, state
        )

    def _check_recheck(self, job: Job) -> None:
        states = {given.state for given in job.given.values()}
        state = "returned" if "returned" in states else "taken" if len(job.given) == len(job.cast) else "none"
        self._compare(
            lambda: consent.recheck(generation=job.generation, now=self.now), self._again(job), job, state
        )

    def _compare(self, act: Callable[[], Any], expected: str | None, job: Job, state: str) -> None:
        everybody = {*job.cast, *job.given}
        exact = all(self.oracle.is_exact(owner, self.now) for owner in everybody)
        try:
            act()
        except ConsentDenied as denied:
            SEEN[f"{denied.reason} / {state}"] += 1
            assert not exact or denied.reason == expected, (denied.reason, expected)
        except NotReadyToPublish as not_ready:
            SEEN[f"{not_ready.code} / {state}"] += 1
            assert not_ready.code == expected, (not_ready.code, expected)
        else:
            SEEN[f"fine / {state}"] += 1
            assert expected is None, expected

    def _again(self, job: Job) -> str | None:
        """What `recheck` says: nobody undecided, then everybody in the order of their permits, then the
        source."""
        if set(job.cast) - set(job.given):
            return "no_permit"
        for owner, given in job.given.items():
            reason = "permit_over" if given.state == "returned" else self._again_of(owner, job)
            if reason:
                return reason
        return "source_ended" if self.oracle.is_over(job.parent) else None

    def _again_of(self, owner: str, job: Job) -> str | None:
        ask = replace(job.ask, at=self.now, beside=frozenset({*job.cast, owner}))
        if owner not in job.cast:
            ask = replace(ask, purpose="remix", commercial=False, voice=False)
        return first(self.oracle.fails(owner, ask, given=job.given[owner]))

    # --- sealing, or not

    @precondition(lambda self: self.jobs)
    @rule(pick=st.integers(0, 50))
    def release(self, pick: int) -> None:
        """There will be no clip; a worker that comes late finds the permit over."""
        job = self.jobs.pop(-1 if pick < 0 else pick % len(self.jobs))
        self._release(job)
        self._check_recheck(job)

    def _release(self, job: Job) -> None:
        consent.release(job.generation, self.now)
        for given in job.given.values():
            self.oracle.give_back(given)
        SEEN["permit taken -> returned"] += len(job.given)

    @precondition(lambda self: self.jobs)
    @rule(pick=st.integers(0, 50))
    def seal(self, pick: int) -> None:
        job = self.jobs.pop(-1 if pick < 0 else pick % len(self.jobs))
        inherited = self._inherited(job)
        expected = self._at_sealing(job, inherited)
        exact = all(self.oracle.is_exact(owner, self.now) for owner in (*job.cast, *inherited))
        clip = Clip.objects.create(
            maker=self.people[job.ask.who],
            prompt=job.ask.prompt,
            engine="native",
            cast_count=len(job.cast),
            duration_ms=1,
            width=1,
            height=1,
            sealed_at=self.now,
        )
        try:
            with transaction.atomic():
                written = self._write(clip, job)
        except ConsentDenied as denied:
            SEEN[f"{denied.reason} / taken"] += 1
            assert not exact or denied.reason == expected, (denied.reason, expected)
            assert not LikenessUse.objects.filter(clip=clip).exists()
            self._release(job)
            return
        assert expected is None, expected
        for owner in inherited:
            job.given[owner] = self.oracle.take(owner, self._inherited_ask(owner, job), provisional=True)
        self._remember(clip, job, written, exact)

    def _write(self, clip: Clip, job: Job) -> list[LikenessUse]:
        source = Clip.objects.get(pk=job.parent) if job.parent else None
        if source:
            Ingredient.objects.create(clip=clip, source=source, relationship="parent")
        return uses.write_uses(clip=clip, permits=job.permits, inherited_from=source, now=self.now)

    def _inherited(self, job: Job) -> list[str]:
        """People whom the source shows and nobody asked for."""
        shown = set(self.oracle.films[job.parent].uses) if job.parent else set()
        return [owner for owner in OWNERS if owner in shown - set(job.cast)]

    def _inherited_ask(self, owner: str, job: Job) -> Ask:
        return Ask(job.ask.who, "remix", job.ask.prompt, frozenset({owner}), False, False, self.now)

    def _at_sealing(self, job: Job, inherited: list[str]) -> str | None:
        if self.oracle.is_over(job.parent):
            return "source_ended"
        for owner in inherited:
            reason = first(self.oracle.fails(owner, self._inherited_ask(owner, job)))
            if reason:
                return reason
        for owner in OWNERS:
            if owner in job.given and job.given[owner].state == "returned":
                return "permit_over"
            if owner in job.given or owner in inherited:
                given = job.given.get(owner) or Given(
                    frozenset(self.oracle._refused(owner, self.now)), True, [], self.now
                )
                reason = self._again_of(owner, replace(job, given={**job.given, owner: given}))
                if reason:
                    return reason
        return None

    def _remember(self, clip: Clip, job: Job, written: list[LikenessUse], exact: bool) -> None:
        names = {self.cameos[owner].pk: owner for owner in OWNERS}
        consent.settle(job.generation, self.now)
        for given in job.given.values():
            given.state = "spent"
        Generation.objects.filter(pk=job.generation.pk).update(state=State.READY, clip=clip)
        film = Film(job.ask.who, {}, job.parent)
        for use in written:
            owner = names[use.cameo_id]
            self_cast = owner == job.ask.who
            film.uses[owner] = Use(owner, use.state, use.is_waiting, use.show_until, self_cast, self.now)
            first_now = self.oracle.asks_to_see(owner, replace(job.ask, at=self.now))
            must = not self_cast and (job.given[owner].provisional or first_now)
            assert use.is_waiting == must if exact else use.is_waiting or not must
            SEEN[f"use new -> {use.state}"] += 1
        assert set(film.uses) == set(job.given)
        self.oracle.films[clip.pk] = film
        self.made[clip.pk] = job
        SEEN["permit taken -> spent"] += len(job.given)

    # --- the owner's word on one clip

    @precondition(lambda self: self.oracle.films)
    @rule(pick=st.integers(0, 50), owner=one_owner, act=st.sampled_from(sorted(WORDS_ON_A_CLIP)))
    def decide(self, pick: int, owner: str, act: str) -> None:
        numbers = [n for n, film in self.oracle.films.items() if owner in film.uses]
        if not numbers:
            return
        number = numbers[pick % len(numbers)]
        kept = self.oracle.films[number].uses[owner]
        row = LikenessUse.objects.get(clip=number, cameo=self.cameos[owner])
        try:
            WORDS_ON_A_CLIP[act](use=row, owner=self.people[owner], now=self.now)
        except UseOver:
            SEEN[f"use_over / {kept.name}"] += 1
            assert kept.name not in POSSIBLE[act]
            return
        assert kept.name in POSSIBLE[act]
        if act in ("decline", "delete"):
            self._end(owner, {number})
            return
        was = kept.name
        kept.state, kept.waits = ("provisional" if act == "hide" else "live"), False
        SEEN[f"use {was} -> {kept.name}"] += 1

    @rule()
    def sweep(self) -> None:
        revocation.sweep(self.now)
        for number, film in list(self.oracle.films.items()):
            for owner, use in film.uses.items():
                overdue = use.name == "provisional" and self.now - use.born >= WAITS_FOR_A_WORD
                if overdue or (use.show_until and use.show_until <= self.now and use.state != "ended"):
                    self._end(owner, {number})

    # --- what must be true after every step

    @invariant()
    def everybody_is_served_what_the_oracle_says(self) -> None:
        """The public, and one of the four in turn: over a story everybody is looked at many times."""
        if not getattr(self, "oracle", None):
            return
        self.step_count += 1
        films = self.oracle.films
        if not films:
            return
        assert shown_to(None, self.now) & films.keys() == {
            n for n in films if self.oracle.is_public(n, self.now)
        }
        name = next(self.turns)
        served = shown_to(self.people[name], self.now) & films.keys()
        assert served == {n for n in films if self.oracle.is_served(n, name, self.now)}, name


def shown_to(viewer: User | None, now: datetime) -> set[int]:
    """Clips with people in them that the product shows to the public, or beyond that to this person."""
    sql, params = _query(viewer.pk if viewer else None)
    moment = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(sql, [moment if value == _SOME_DAY else value for value in params])
        return {row[0] for row in cursor.fetchall()}


@lru_cache(maxsize=16)
def _query(viewer: int | None) -> tuple[str, tuple[Any, ...]]:
    """The rule's SQL, asked for once: building it costs more than running it."""
    rule = uses.served_to(User(pk=viewer), "", SOME_DAY) if viewer else uses.shown("", SOME_DAY)
    rows = Clip.objects.filter(rule, cast_count__gt=0).values_list("pk").order_by()
    return rows.query.sql_with_params()


def forget_queries() -> None:
    """Where the rule is another one now."""
    _query.cache_clear()


SOME_DAY = datetime(1999, 9, 9, 9, 9, tzinfo=UTC)
_SOME_DAY = connection.ops.adapt_datetimefield_value(SOME_DAY)
