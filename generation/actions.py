"""What a person can do about a generation, and the ends that it can come to.

Each end (`end_…`) is one transaction: the arrow, the credits, the permits, the news. An arrow that somebody
else took first changes nothing, so every function here may be called twice.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.http import Http404
from django.utils.translation import gettext as _

from accounts import cases, notifications, throttle
from accounts.models import User
from cameos import consent
from cameos.models import Cameo
from generation import (
    budgets,
    catalogue,
    credits,
    episodes,
    estimate,
    footage,
    glimpse,
    inform,
    products,
    screening,
    speakers,
    store,
    verbs,
)
from generation.engines import base as engines
from generation.models import Clip, Generation, GenerationCast, GenerationSource, HostStatement
from generation.refusals import AlreadyOver, CannotMake, ParentNotRemixable
from generation.screening import Outcome, Verdict
from generation.states import FROM_MATERIAL, WITH_MATERIAL, WORKING, State, Verb
from generation.workers import results

MAX_SEED = 2**31 - 1


def request_generation(
    *,
    maker: User,
    prompt: str,
    verb: str,
    cast: Sequence[Cameo],
    parent: Clip | None = None,
    more_sources: Sequence[Clip] = (),
    how: Mapping[str, Any] | None = None,
    seed: int | None = None,
    seconds: int = 5,
    aspect: str = "9:16",
    engine: str = "native",
    is_preview: bool = False,
    hide_prompt: bool = False,
    batch: UUID | None = None,
    now: datetime,
) -> Generation:
    """Ask for a clip. `parent` and `more_sources` are the clips that the verb goes on from (a reel has no
    parent: they are pieces that are cut into it), `how` is what it needs besides words (`verbs.RULES`).
    Raises a refusal when the request has no shape (empty or endless prompt, an engine that cannot, no
    credits, too often); everything judged about its content is told by the row that comes back: QUEUED, HELD,
    REFUSED with stage, rule, evidence and suggestion, or still SCREENING while the judges are away."""
    from generation import pieces

    sources = [clip for clip in (parent, *more_sources) if clip is not None]
    _check_retake(verb, sources, maker)
    pieces.check(verb, sources, maker)
    asked = verbs.settle(
        verb, prompt=prompt, sources=sources, how=how or {}, seconds=seconds, cast_count=len(cast)
    )
    prompt = screening.check_shape(asked.prompt)
    product = products.settle(verb, how or {}, sources, maker, now)
    if verb in WITH_MATERIAL:
        footage.check(verb, asked.how, maker)
    people = _everybody_in(list(cast), sources, maker)
    episode = episodes.settle(verb, how or {}, sources, maker, people)
    told = engines.check(
        engine,
        verb=verb,
        seconds=None if verbs.has_length_of_its_own(verb) else asked.seconds,
        aspect=aspect,
        prompt="" if prompt in verbs.WORDLESS else prompt if asked.drawn is None else asked.drawn,
        names=[cameo.name for cameo in people],
        has_layout=bool(asked.how.get("layout")),
        has_product=product is not None,
        has_material=all(clip.material_path for clip in sources),
    )
    first = sources[0] if sources and verb not in FROM_MATERIAL else None
    throttle.generation(maker, now)
    with transaction.atomic():
        budgets.check(maker=maker, seconds=asked.seconds, is_preview=is_preview, now=now)
        generation = Generation.objects.create(
            maker=maker,
            verb=verb,
            prompt=prompt,
            seed=random.SystemRandom().randint(1, MAX_SEED) if seed is None else seed,
            seconds=asked.seconds,
            aspect=aspect,
            engine=engine,
            parent=first,
            how=asked.how | ({"product": product} if product else {}) | episode,
            state=State.SCREENING,
            state_since=now,
            told=told,
            is_preview=is_preview,
            hide_prompt=hide_prompt,
            batch=batch,
            credits=0 if verb == Verb.PLAY else estimate.price(seconds=asked.seconds, is_preview=is_preview),
            created_at=now,
        )
        GenerationCast.objects.bulk_create(
            GenerationCast(generation=generation, cameo=cameo, position=position)
            for position, cameo in enumerate(people)
        )
        GenerationSource.objects.bulk_create(
            GenerationSource(generation=generation, clip=clip, position=position)
            for position, clip in enumerate(sources[1 if first else 0 :], 1)
        )
        credits.reserve(generation, now)
        footage.used(asked.how, maker, now)
    return admit(generation, now)


def _check_retake(verb: str, sources: Sequence[Clip], maker: User) -> None:
    """The shots of a storyboard are its maker's own words: nobody else takes one of them again."""
    if verb == Verb.RETAKE and (not sources or sources[0].maker_id != maker.pk):
        raise ParentNotRemixable()


def _everybody_in(cast: list[Cameo], sources: Sequence[Clip], maker: User) -> list[Cameo]:
    """The people whom the sources show already, and those asked for, each once. Whoever is replaced (recast)
    stays among them: the movement is from a clip of theirs, and they keep their say."""
    if len({cameo.pk for cameo in cast}) != len(cast):
        raise CannotMake(_("Somebody is cast twice."), code="cast_twice")
    if not all(remixable(clip, maker) for clip in sources):
        raise ParentNotRemixable()
    there = Cameo.objects.filter(uses__clip__in=sources).exclude(pk__in=[c.pk for c in cast])
    inherited = list(dict.fromkeys(there.order_by("uses__pk")))
    return [*inherited, *cast]


def remixable(clip: Clip, maker: User) -> bool:
    """Whether this person may remix the clip: their own, a published one whose maker lets people remix, or
    one that they have a licence to use."""
    if not clip.may_be_changed():
        return False
    licensed = Q(post__broll_licences__holder=maker, post__broll_licences__ended_at=None)
    free = Q(post__state="LIVE") & (Q(post__allow_remix=True) | licensed)
    return Clip.objects.visible_to(maker).filter(Q(maker=maker) | free, pk=clip.pk).exists()


def admit(generation: Generation, now: datetime) -> Generation:
    """Judge a row in SCREENING and decide its permits; called again by the sweep while a judge is away."""
    if generation.state != State.SCREENING:
        return generation
    people = [member.cameo for member in generation.cast.select_related("cameo__owner")]
    try:
        verdict = _verdict(generation, people)
        if verdict.outcome is not Outcome.REFUSE:
            _ask_for_permits(generation, people, now)
    except (screening.Unjudged, consent.Unavailable):
        return generation
    except consent.ConsentDenied as denied:
        end_refused(generation, now, stage="consent", denied=denied)
        return generation
    if verdict.outcome is Outcome.REFUSE:
        end_refused(generation, now, verdict=verdict)
    elif verdict.outcome is Outcome.REVIEW:
        _hold(generation, verdict, now)
    else:
        enqueue(generation, now)
    return generation


def _verdict(generation: Generation, people: Sequence[Cameo]) -> Verdict:
    """The judges', unless the words are our own or a moderator let these of this maker through."""
    from generation import appeals

    if generation.prompt in verbs.WORDLESS or appeals.was_granted(generation):
        return Verdict(Outcome.ALLOW)
    return screening.judge_prompt(generation.prompt, _names(generation.maker, people))


def _names(maker: User, people: Sequence[Cameo]) -> list[str]:
    return [maker.name, *(cameo.name for cameo in people), *(cameo.owner.name for cameo in people)]


def _ask_for_permits(generation: Generation, people: Sequence[Cameo], now: datetime) -> None:
    """One permit a person, decided once a row: a second call resumes what was decided."""
    purpose = episodes.purpose_of(generation)
    for cameo in people:
        companions = tuple(other for other in people if other.pk != cameo.pk)
        brief = consent.Brief(
            prompt=generation.prompt,
            companions=companions,
            # Somebody beside goods advertises them.
            commercial="product" in generation.how or generation.verb == Verb.PROMO,
            voice=speakers.asks_voice(generation, cameo, purpose, now),
        )
        consent.permit(
            cameo=cameo,
            requester=generation.maker,
            purpose=purpose,
            brief=brief,
            generation=generation,
            now=now,
        )


def enqueue(generation: Generation, now: datetime) -> bool:
    """Into the queue; workers are woken on commit (and sweep the table anyway). What is played waits for its
    player first."""
    from generation import tasks

    if generation.verb == Verb.PLAY and not generation.how.get("run"):
        return Generation.objects.move(generation, State.PLAYING, now)
    promised = estimate.left(generation, now).uncorrected_s if generation.state == State.SCREENING else 0.0
    moved = Generation.objects.move(generation, State.QUEUED, now, queued_at=now, promised_s=promised)
    if moved:
        transaction.on_commit(tasks.wake)
        inform.tell(generation)
    return moved


@transaction.atomic
def _hold(generation: Generation, verdict: Verdict, now: datetime) -> None:
    if Generation.objects.move(generation, State.HELD, now, **refusal_fields(verdict)):
        cases.file(
            kind="held_prompt",
            subject=f"generation.generation:{generation.public_id}",
            reason=f"{verdict.rule}: {verdict.evidence}",
            filed_by=None,
            now=now,
        )
        inform.tell(generation)


def refusal_fields(verdict: Verdict) -> dict[str, str]:
    return {
        "refusal_stage": verdict.stage,
        "refusal_rule": verdict.rule[:40],
        "refusal_evidence": verdict.evidence[:400],
        "refusal_suggestion": verdict.suggestion[:400],
    }


@transaction.atomic
def release_held(*, generation: Generation, now: datetime) -> bool:
    """A moderator read it and let it through."""
    clear = dict.fromkeys(("refusal_stage", "refusal_rule", "refusal_evidence", "refusal_suggestion"), "")
    Generation.objects.filter(pk=generation.pk).update(**clear)
    return enqueue(generation, now)


@transaction.atomic
def delete_clip(*, clip: Clip, by: User, now: datetime) -> None:
    """The maker takes their clip back, for good: shown to nobody from now on, files gone after the commit.
    Remixes of it stay (their makers made them), and name it as gone."""
    from generation.receivers import purge_after_commit, stop_what_goes_on_from
    from generation.signals import clip_withdrawn

    if clip.maker_id != by.pk:
        raise Http404
    if Clip.objects.filter(pk=clip.pk, deleted_at=None).update(deleted_at=now):
        clip_withdrawn.send(sender=Clip, clip_ids=[clip.pk], reason="deleted", now=now)
        stop_what_goes_on_from([clip.pk], reason="deleted", now=now)
        purge_after_commit([clip.pk])


@transaction.atomic
def cancel(*, generation: Generation, by: User, now: datetime) -> Generation:
    """The maker has changed their mind. A job in work stops within one step of its engine."""
    if generation.maker_id != by.pk:
        raise Http404
    return stop(generation, reason="maker", now=now)


def stop(generation: Generation, *, reason: str, now: datetime) -> Generation:
    """End a job from outside: at once while it waits, by a flag that the worker reads at each step while it
    works."""
    held = Generation.objects.select_for_update().get(pk=generation.pk)
    if held.is_over:
        raise AlreadyOver()
    if held.cancel_requested_at is None:
        held.cancel_requested_at, held.cancel_reason = now, reason[:30]
        held.save(update_fields=["cancel_requested_at", "cancel_reason"])
    if held.state not in WORKING:
        end_cancelled(held, now)
    return held


def try_again(*, generation: Generation, by: User, now: datetime, in_full: bool = False) -> Generation:
    """The same wishes once more, as a new request: judged, permitted and paid anew. What
    three workers went down with (QUARANTINED) is closed by it, and its button works once. `in_full`: what
    was a preview is made whole, with its seed. Raises what `request_generation` raises."""
    if generation.maker_id != by.pk or not generation.is_over:
        raise Http404
    was_set_aside = generation.state == State.QUARANTINED
    sources = generation.sources()
    from_how = (Verb.STORYBOARD, Verb.RETAKE, Verb.PROMO, Verb.EXPLAIN)  # their words are in their wishes
    wordless = generation.prompt in verbs.WORDLESS or generation.verb in from_how
    made = request_generation(
        maker=by,
        prompt="" if wordless else generation.prompt,
        verb=generation.verb,
        cast=[member.cameo for member in generation.cast.select_related("cameo__owner")],
        parent=sources[0] if sources else None,
        more_sources=sources[1:],
        how=_asked_of(generation),
        seed=generation.seed if in_full or generation.state != State.READY else None,
        seconds=generation.seconds,
        aspect=generation.aspect,
        engine=generation.engine,
        is_preview=generation.is_preview and not in_full,
        hide_prompt=generation.hide_prompt,
        now=now,
    )
    if was_set_aside and not drop_set_aside(generation, now):  # somebody pressed at the same moment
        if made.is_open:
            stop(made, reason="maker", now=now)
        raise AlreadyOver()
    return made


def _asked_of(generation: Generation) -> dict[str, Any]:
    """What was said besides words; a product that came from the clip before comes from it again."""
    asked = dict(generation.how)
    if generation.verb not in products.WITH_PRODUCT:
        asked.pop("product", None)
    return asked


def drop_set_aside(generation: Generation, now: datetime) -> bool:
    """A QUARANTINED job is over for good; its credits are back already."""
    if generation.state != State.QUARANTINED:
        return False
    return Generation.objects.move(generation, State.CANCELLED, now)


def end_refused(
    generation: Generation,
    now: datetime,
    *,
    verdict: Verdict | None = None,
    stage: str = "",
    denied: consent.ConsentDenied | None = None,
) -> bool:
    """We will not. The row says at which stage, by which rule, on what evidence, and what can be done."""
    if verdict is not None:
        why = refusal_fields(verdict)
    else:
        assert denied is not None
        why = {
            "refusal_stage": stage,
            "refusal_rule": str(denied.reason)[:40],
            "refusal_evidence": str(denied.message)[:400],
            "refusal_suggestion": str(denied.hint)[:400],
        }
    return _end(generation, State.REFUSED, now, news="clip_refused", **why)


def end_failed(generation: Generation, now: datetime, *, error: str) -> bool:
    """We could not. `error` names why (`failures.SENTENCES`)."""
    return _end(generation, State.FAILED, now, news="clip_failed", error=error[:40])


def end_cancelled(generation: Generation, now: datetime) -> bool:
    news = "" if generation.cancel_reason == "maker" else "clip_stopped"
    return _end(generation, State.CANCELLED, now, news=news)


def end_quarantined(generation: Generation, now: datetime) -> bool:
    """Three workers in a row went down with it."""
    return _end(generation, State.QUARANTINED, now, news="clip_failed", error="quarantined")


@transaction.atomic
def _end(generation: Generation, state: State, now: datetime, *, news: str, **fields: object) -> bool:
    """An end without a clip: credits and permits go back, and the maker is told."""
    hold_people(generation)
    moved = Generation.objects.move(generation, state, now, finished_at=now, lease_until=None, **fields)
    if moved:
        glimpse.forget(generation)
        credits.give_back(generation, now)
        consent.release(generation, now)
        store.forget_run(generation.public_id)
        results.forget(generation)
        tell_maker(generation, news, now)
    return moved


@transaction.atomic
def end_ready(generation: Generation, clip: Clip, now: datetime, *, stage_seconds: dict[str, float]) -> bool:
    """The clip is sealed: credits are spent, and the maker is told."""
    moved = Generation.objects.move(
        generation,
        State.READY,
        now,
        clip=clip,
        finished_at=now,
        lease_until=None,
        step=max(generation.step, generation.steps),
        stage_seconds=stage_seconds,
    )
    if moved:
        glimpse.forget(generation)
        credits.spend(generation, now)
        consent.settle(generation, now)
        store.forget_run(generation.public_id)
        results.forget(generation)
        tell_maker(generation, "clip_ready", now)
    return moved


def hold_people(generation: Generation) -> None:
    """Lock the likenesses first and the generation after them, as whoever ends a permit does: two
    transactions that take the same locks in one order cannot wait for each other."""
    cast = generation.cast.values("cameo")
    list(Cameo.objects.select_for_update().filter(pk__in=cast).order_by("pk").values_list("pk"))


def tell_maker(generation: Generation, kind: str, now: datetime) -> None:
    if kind:
        notifications.notify(
            recipient=generation.maker,
            kind=kind,
            data={"prompt": generation.prompt[:60], "reason": generation.cancel_reason},
            url=f"/generations/{generation.public_id}",
            now=now,
        )
    transaction.on_commit(lambda: inform.tell(generation))


@transaction.atomic
def state_host(
    *,
    country: str,
    revenue_usd: int | None,
    monthly_users: int | None,
    agreed: Sequence[str],
    now: datetime,
) -> HostStatement:
    """The operator says where this host is and what it earns; licences of engines are asked by it from the
    next request on."""
    row, _made = HostStatement.objects.update_or_create(
        pk=1,
        defaults={
            "country": country,
            "revenue_usd": revenue_usd,
            "monthly_users": monthly_users,
            "agreed": sorted(set(agreed) & set(catalogue.rows())),
            "stated_at": now,
        },
    )
    return row
