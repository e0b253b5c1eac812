"""One likeness in one clip: written at sealing, counted at every read, ended by whoever may end it.

    PROVISIONAL --approve--> LIVE --end--> ENDED         nothing leaves ENDED (a trigger holds that)
         +------decline, 14 days, end--------^

The likeness rule is `shown` (the public) and `served_to` (maker and depicted people); generation's
`Clip.objects.visible_to` uses both, and everything else joins that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import BooleanField, DateTimeField, F, Func, Q, QuerySet, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import journal
from accounts.models import User
from accounts.notifications import notify
from cameos import consent, ledger, notices, signals
from cameos.consent import Permit
from cameos.models import Cameo, Ending, LikenessUse
from cameos.refusals import ConsentDenied, NotReadyToPublish, NotYours, Reason, UseOver

APPROVAL_TIME = timedelta(days=14)
MOST_IN_A_LIST = 900
LIVE, PROVISIONAL, ENDED = LikenessUse.State.LIVE, LikenessUse.State.PROVISIONAL, LikenessUse.State.ENDED


# --- The rule at every read --------------------------------------------------------------------------------


def shown(lookup: str = "", now: datetime | None = None) -> Q:
    """Everybody in the clip agrees to its being public: as many live uses as the clip's `cast_count`.

    `lookup` leads from the model to the clip ("" on Clip, "clip__" on Post). A missing row hides the clip.
    """
    return _everybody(lookup, now, "= 'live'")


def intact(lookup: str = "", now: datetime | None = None) -> Q:
    """Nobody in the clip ended their use, and no row is missing."""
    return _everybody(lookup, now, "<> 'ended'")


def served_to(viewer: Any, lookup: str = "", now: datetime | None = None) -> Q:
    """The viewer made the clip or is in it, and nobody in it ended their use. Nobody, for an anonymous
    viewer."""
    if viewer is None or viewer.pk is None:
        return Q(pk__in=())
    depicted = Q(_Depicts(F(f"{lookup}cast_count"), Value(viewer.pk)))
    return intact(lookup, now) & (Q(**{f"{lookup}maker": viewer.pk}) | depicted)


class _OfClip(Func):
    """A condition about the uses of a clip, as text: the feed asks it at every read, and building it out of a
    query set cost as much as running it.

    The first expression is the clip's `cast_count`; from it the text takes the clip's place in the query.
    (The clip's own id would be read off the row that leads to it. Then PostgreSQL has a condition on two
    tables, whose price it does not see, and asks it of everything there is.)
    """

    output_field = BooleanField()

    def as_sql(
        self,
        compiler: Any,
        connection: Any,
        function: str | None = None,
        template: str | None = None,
        arg_joiner: str | None = None,
        **extra_context: Any,
    ) -> tuple[str, Any]:
        count, given = self.get_source_expressions()
        clip = compiler.quote_name_unless_alias(count.alias)
        value, params = compiler.compile(given)
        return self.template % {"clip": clip, "value": value, **self.extra}, params


class _Everybody(_OfClip):
    """As many uses in a state, whose showing time lasts, as there are people in the clip.

    A CASE and no OR: PostgreSQL takes a comparison with a count to be true of one clip in two hundred, and
    then counts for all there are to find a page of them; of a CASE it expects every second one.
    """

    template = (
        # Names of our own tables; values are bound by the compiler.
        "CASE WHEN %(clip)s.cast_count = 0 THEN TRUE ELSE %(clip)s.cast_count ="
        f" (SELECT COUNT(*) FROM {LikenessUse._meta.db_table} its WHERE its.clip_id = %(clip)s.id"  # nosec B608
        " AND its.state %(state)s AND (its.show_until IS NULL OR its.show_until > %(value)s)) END"
    )


class _Depicts(_OfClip):
    """Whether the clip shows a person."""

    template = (
        f"EXISTS(SELECT 1 FROM {LikenessUse._meta.db_table} its JOIN {Cameo._meta.db_table} whose"  # nosec B608
        " ON whose.id = its.cameo_id WHERE its.clip_id = %(clip)s.id AND whose.owner_id = %(value)s)"
    )


def _everybody(lookup: str, now: datetime | None, state: str) -> Q:
    moment = Value(now or timezone.now(), output_field=DateTimeField())
    return Q(_Everybody(F(f"{lookup}cast_count"), moment, state=state))


# --- Sealing -----------------------------------------------------------------------------------------------


@transaction.atomic
def write_uses(
    *, clip: Any, permits: Sequence[Permit], inherited_from: Any = None, now: datetime
) -> list[LikenessUse]:
    """One use for every person in a clip that is being sealed, in the sealing transaction.

    `permits` are those of its generation; `inherited_from` is the parent clip (or several). Somebody who is
    in a parent and has no permit gets one here or stops the sealing. Sets the clip's `cast_count`. Raises
    `ConsentDenied` where anybody does not cover the clip at this moment: then nothing is written.
    """
    sources = _listed(inherited_from)
    if LikenessUse.objects.filter(clip__in=sources, state=ENDED).exists():
        raise ConsentDenied(Reason.SOURCE_ENDED)
    everybody = {permit.cameo.pk: permit for permit in permits}
    for cameo in _inherited(sources, everybody):
        everybody[cameo.pk] = consent.inherit(generation=_generation_of(clip, permits), cameo=cameo, now=now)
    held = list(Cameo.objects.select_for_update().filter(pk__in=everybody).order_by("pk"))
    if clip.cast_count != len(held):
        clip.cast_count = len(held)
        clip.save(update_fields=["cast_count"])
    return [_write(clip, everybody[cameo.pk], now) for cameo in held]


def _write(clip: Any, permit: Permit, now: datetime) -> LikenessUse:
    grant, provisional = consent.at_sealing(permit, now)
    use = LikenessUse.objects.create(
        clip=clip,
        cameo=permit.cameo,
        grant=grant,
        permit_id=permit.record_id,
        entry_id=permit.entry_id,
        state=PROVISIONAL if provisional else LIVE,
        approval=LikenessUse.Approval.WAITING if provisional else LikenessUse.Approval.NOT_NEEDED,
        show_until=grant.show_until if grant else None,
        created_at=now,
    )
    ledger.append(
        cameo=permit.cameo,
        kind="use_sealed",
        body={"purpose": permit.purpose, "state": use.state, "grant_version": grant.version if grant else 0},
        details={"clip": str(clip.public_id), "maker": str(clip.maker.public_id), "use": str(use.public_id)},
        now=now,
        entry_id=use.entry_id,
    )
    notices.sealed(use, now)
    return use


def _listed(inherited_from: Any) -> list[Any]:
    if inherited_from is None:
        return []
    return list(inherited_from) if isinstance(inherited_from, Iterable) else [inherited_from]


def _inherited(sources: Sequence[Any], permitted: Iterable[int]) -> QuerySet[Cameo]:
    return (
        Cameo.objects.filter(uses__clip__in=sources).exclude(pk__in=list(permitted)).distinct().order_by("pk")
    )


def _generation_of(clip: Any, permits: Sequence[Permit]) -> Any:
    generation = apps.get_model("generation", "Generation")
    if permits:
        return generation.objects.get(pk=permits[0].generation_id)
    found = generation.objects.filter(clip=clip).first()
    if found is None:
        raise ConsentDenied(Reason.NO_PERMIT)
    return found


# --- The owner's word --------------------------------------------------------------------------------------


@transaction.atomic
def approve(*, use: LikenessUse, owner: User, now: datetime) -> LikenessUse:
    """The owner agrees to this one clip. Raises `UseOver` where it was decided or ended before."""
    held = _held(use, owner)
    if not held.is_waiting:
        raise UseOver()
    held.state, held.approval = LIVE, LikenessUse.Approval.APPROVED
    held.save(update_fields=["state", "approval"])
    ledger.append(
        cameo=held.cameo,
        kind="use_approved",
        body={"use_entry": str(held.entry_id)},
        details={"clip": str(held.clip.public_id)},
        now=now,
    )
    if held.clip.maker_id != owner.pk:
        _tell_maker(held, "likeness_approved", now)
    return held


@transaction.atomic
def decline(*, use: LikenessUse, owner: User, now: datetime) -> LikenessUse:
    """The owner does not agree: the clip is gone for everybody. Raises `UseOver`."""
    held = _held(use, owner)
    if not held.is_waiting:
        raise UseOver()
    _decline([held.pk], held.cameo, Ending.Reason.DECLINED, now)
    held.refresh_from_db()
    return held


@transaction.atomic
def hide(*, use: LikenessUse, owner: User, now: datetime) -> LikenessUse:
    """For now only its maker and the people in it see this clip; `show` puts it back. Raises `UseOver` where
    it is not live."""
    held = _held(use, owner)
    if held.state != LIVE:
        raise UseOver()
    return _turn(held, PROVISIONAL, LikenessUse.Approval.HIDDEN, "use_hidden", now)


@transaction.atomic
def show(*, use: LikenessUse, owner: User, now: datetime) -> LikenessUse:
    """Undo `hide`. Raises `UseOver` where the owner did not hide it, or it ended meanwhile."""
    held = _held(use, owner)
    if not held.is_hidden:
        raise UseOver()
    return _turn(held, LIVE, LikenessUse.Approval.APPROVED, "use_shown", now)


def _turn(held: LikenessUse, state: str, approval: str, kind: str, now: datetime) -> LikenessUse:
    journal.append(f"likeness.{kind}", {"use": str(held.public_id), "at": now.isoformat()})
    held.state, held.approval = LikenessUse.State(state), LikenessUse.Approval(approval)
    held.save(update_fields=["state", "approval"])
    ledger.append(
        cameo=held.cameo,
        kind=kind,
        body={"use_entry": str(held.entry_id)},
        details={"clip": str(held.clip.public_id)},
        now=now,
    )
    return held


def decline_overdue(now: datetime) -> int:
    """What waited 14 days is declined. Returns how many."""
    overdue = LikenessUse.objects.waiting().filter(created_at__lte=now - APPROVAL_TIME)
    count = 0
    for cameo in Cameo.objects.filter(uses__in=overdue).distinct():
        with transaction.atomic():
            waiting = list(overdue.filter(cameo=cameo).select_for_update().values_list("pk", flat=True))
            _decline(waiting, cameo, Ending.Reason.TIMED_OUT, now)
            count += len(waiting)
    return count


def _decline(uses: Sequence[int], cameo: Cameo, reason: str, now: datetime) -> None:
    rows = LikenessUse.objects.filter(pk__in=uses)
    names = [str(name) for name in rows.values_list("public_id", flat=True)]
    payload = {"cameo": str(cameo.public_id), "uses": names, "reason": str(reason), "at": now.isoformat()}
    journal.append("likeness.uses_ended", payload)
    rows.update(approval=LikenessUse.Approval.DECLINED)
    entries = [str(entry) for entry in rows.values_list("entry_id", flat=True)]
    ledger.append(cameo=cameo, kind="use_declined", body={"use_entries": entries}, details={}, now=now)
    end_uses(cameo=cameo, uses=rows, reason=reason, now=now)


def _held(use: LikenessUse, owner: User) -> LikenessUse:
    held = LikenessUse.objects.select_for_update(of=("self",)).select_related("cameo", "clip__maker")
    row = held.filter(pk=use.pk, cameo__owner=owner).first()
    if row is None:
        raise NotYours()
    return row


def _tell_maker(use: LikenessUse, kind: str, now: datetime) -> None:
    notify(
        recipient=use.clip.maker,
        kind=kind,
        data={"name": use.cameo.name},
        url=f"/clips/{use.clip.public_id}",
        now=now,
    )


# --- Ending ------------------------------------------------------------------------------------------------


def end_uses(*, cameo: Cameo, uses: QuerySet[LikenessUse], reason: str, now: datetime) -> Ending | None:
    """End these uses of one cameo and those in everything made from their clips, in the caller's transaction.

    From its commit on nobody is served any of these clips; a task follows with files and news. None where
    nothing was running.
    """
    running = LikenessUse.objects.filter(cameo=cameo).running()
    with transaction.atomic():
        ending = Ending.objects.create(cameo=cameo, reason=reason, started_at=now)
        end = {"state": ENDED, "ended_reason": reason, "ended_at": now, "ending": ending}
        count = running.filter(pk__in=uses.values("pk")).update(**end)
        if not count:
            ending.delete()
            return None
        if running.exists():
            count += running.filter(clip__in=_descendants(ending)).update(**end)
        Ending.objects.filter(pk=ending.pk).update(use_count=count)
        ending.use_count = count
        _note_ended(ending, now)
        reached = LikenessUse.objects.filter(ending=ending).values_list("clip_id", flat=True)
        signals.uses_ended.send(sender=LikenessUse, clip_ids=reached, reason=str(reason), now=now)
        transaction.on_commit(lambda: _wake(ending.pk))
        return ending


def _note_ended(ending: Ending, now: datetime) -> None:
    clips = ending.uses.order_by("pk").values_list("clip__public_id", flat=True)
    ledger.append(
        cameo=ending.cameo,
        kind="uses_ended",
        body={"reason": str(ending.reason), "count": ending.use_count},
        details={"clips": [str(public_id) for public_id in clips]},
        now=now,
    )


def _descendants(ending: Ending) -> set[int]:
    """The clips made from those that this act ended, through all levels."""
    level = set(ending.uses.values_list("clip_id", flat=True))
    seen = set(level)
    while level:
        level = _made_from(level) - seen
        seen |= level
    return seen


def _made_from(clips: set[int]) -> set[int]:
    """The clips that have one of these as an ingredient. In pieces: a database has a longest list."""
    ingredient = apps.get_model("generation", "Ingredient")  # stands to the right, so by its name
    listed, found = sorted(clips), set[int]()
    for start in range(0, len(listed), MOST_IN_A_LIST):
        piece = listed[start : start + MOST_IN_A_LIST]
        found.update(ingredient.objects.filter(source__in=piece).values_list("clip_id", flat=True))
    return found


def _wake(ending_id: int) -> None:
    from cameos.tasks import reach

    reach.delay(ending_id)


# --- Publishing --------------------------------------------------------------------------------------------


def ready_to_publish(clip: Any, now: datetime | None = None) -> None:
    """Raises `NotReadyToPublish` or `ConsentDenied` unless everybody in the clip agrees to its publication
    now."""
    uses = list(LikenessUse.objects.filter(clip=clip).select_related("cameo"))
    if any(use.is_ended for use in uses):
        raise NotReadyToPublish(
            "use_ended",
            _("Somebody in this clip withdrew their likeness."),
            _("Make another clip without them, or ask them."),
        )
    if len(uses) != clip.cast_count:
        raise NotReadyToPublish("use_missing", _("Not everybody in this clip is accounted for."))
    if waiting := _not_yet(uses):
        raise NotReadyToPublish(
            "waiting_for_approval",
            _("%(names)s wants to see this clip first.") % {"names": ", ".join(waiting)},
            _("You can publish once they approve. After 14 days without a word it is declined."),
        )
    generation = getattr(clip, "generation", None)
    if generation is not None:
        consent.recheck(generation=generation, now=now or timezone.now())


def waiting_for(clip: Any) -> list[str]:
    """Names of those in the clip who have not said yes to it yet."""
    return _not_yet(LikenessUse.objects.filter(clip=clip, ended_at=None).select_related("cameo"))


def _not_yet(uses: Iterable[LikenessUse]) -> list[str]:
    return [use.cameo.name for use in uses if use.state != LIVE]


def note_published(*, clip: Any, now: datetime) -> None:
    """Write into the ledger of everybody in the clip that it is public now; in the transaction of
    publishing."""
    for use in LikenessUse.objects.filter(clip=clip).select_related("cameo", "clip"):
        ledger.append(
            cameo=use.cameo,
            kind="use_published",
            body={"use_entry": str(use.entry_id)},
            details={"clip": str(use.clip.public_id)},
            now=now,
        )
