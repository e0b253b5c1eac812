"""Taking it back: at once in one transaction, then everywhere, until nothing is left.

    1  one transaction: `revoked_at`, uses ended, ledger entry, `permit_ended` (work in hand is flagged)
    2  visible to nobody by that alone, because the likeness rule counts live uses
    3  `reach`: generation withdraws clips, purges files, tells makers (by `uses_ended`) until none is left
    4  `sweep` runs 3 again for every ending that is not finished, and finds what should have ended

Each act is also a line in the journal outside the database, so that an old backup un-revokes nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts import guardians, journal
from accounts.models import Block, User
from accounts.notifications import notify
from cameos import ledger, mails, recordings, signals, uses, vault
from cameos.models import Cameo, CameoCapture, Ending, LedgerEntry, LikenessGrant, LikenessUse, Reference
from cameos.refusals import LikenessGone, NotYours, UseOver

Reason = Ending.Reason


# --- What the owner does -----------------------------------------------------------------------------------


@transaction.atomic
def revoke(*, cameo: Cameo, owner: User, now: datetime) -> LedgerEntry:
    """End every grant and every use by others. Doing it twice ends nothing more."""
    held = _own(cameo, owner)
    _journal("likeness.revoked", held, now)
    return _revoke(held, now)


@transaction.atomic
def freeze(*, cameo: Cameo, owner: User, now: datetime) -> Cameo:
    """Stop all use at once, the owner's own included; grants stay. One tap, no step-up."""
    held = _own(cameo, owner)
    _journal("likeness.frozen", held, now)
    return _freeze(held, now)


@transaction.atomic
def unfreeze(*, cameo: Cameo, owner: User, now: datetime) -> Cameo:
    """New uses may begin again; what was ended stays ended. The edge asks for step-up; the owner gets a
    mail. Raises `GuardianHolds` while a teen's guardian wants it frozen."""
    held = _own(cameo, owner)
    if held.frozen_at is None:
        return held
    if held.kind == Cameo.Kind.PERSON and guardians.limits(owner, now).no_casting:
        raise guardians.GuardianHolds()
    _journal("likeness.unfrozen", held, now)
    held.frozen_at = None
    held.save(update_fields=["frozen_at"])
    ledger.append(cameo=held, kind="unfrozen", body={}, details={}, now=now)
    mails.unfrozen(held, now)
    return held


@transaction.atomic
def delete_use(*, use: LikenessUse, owner: User, now: datetime) -> Ending:
    """The owner takes down one clip with them, and everything made from it. Raises `UseOver` where it has
    ended."""
    held = LikenessUse.objects.select_related("cameo").filter(pk=use.pk, cameo__owner=owner).first()
    if held is None:
        raise NotYours()
    ending = end(
        cameo=held.cameo, rows=LikenessUse.objects.filter(pk=held.pk), reason=Reason.DELETED, now=now
    )
    if ending is None:
        raise UseOver()
    return ending


def erase(*, cameo: Cameo, owner: User, now: datetime) -> LedgerEntry:
    """Erase the likeness: its key first, then everything else. Returns the ledger entry that is the receipt.

    From the first line on nothing that was kept of the person can be read, here or in any backup; what
    follows can be repeated until it is done.
    """
    if cameo.owner_id != owner.pk:
        raise NotYours()
    _journal("likeness.erased", cameo, now)
    vault.destroy(cameo, now)
    return _erase(cameo, now)


def when_casting_stops(sender: Any, teen: User, now: datetime, **more: Any) -> None:
    """A guardian's word, from `accounts`: the teen's likeness is frozen."""
    for cameo in Cameo.objects.filter(owner=teen, kind=Cameo.Kind.PERSON).exclude(state=Cameo.State.ERASED):
        freeze(cameo=cameo, owner=teen, now=now)


def when_blocked(sender: Any, blocker: User, blocked: User, now: datetime, **more: Any) -> None:
    """The owner blocked a maker: what that maker made with them ends (in the transaction of the block)."""
    for cameo in Cameo.objects.filter(owner=blocker):
        rows = LikenessUse.objects.filter(cameo=cameo, clip__maker=blocked)
        end(cameo=cameo, rows=rows, reason=Reason.BLOCKED, now=now)


def end(*, cameo: Cameo, rows: QuerySet[LikenessUse], reason: str, now: datetime) -> Ending | None:
    """End some uses, and write their names into the journal first."""
    names = rows.exclude(state=LikenessUse.State.ENDED).values_list("public_id", flat=True)
    running = [str(name) for name in names]
    if not running:
        return None
    payload = {"cameo": str(cameo.public_id), "uses": running, "reason": str(reason), "at": now.isoformat()}
    journal.append("likeness.uses_ended", payload)
    return uses.end_uses(cameo=cameo, uses=rows, reason=reason, now=now)


# --- The transaction ---------------------------------------------------------------------------------------


def _own(cameo: Cameo, owner: User) -> Cameo:
    held = Cameo.objects.select_for_update().filter(pk=cameo.pk, owner=owner).first()
    if held is None:
        raise NotYours()
    if held.state == Cameo.State.ERASED:
        raise LikenessGone()
    return held


def _revoke(cameo: Cameo, now: datetime) -> LedgerEntry:
    grants = _end_grants(cameo, now)
    entry = ledger.append(
        cameo=cameo, kind="revoked", body={"grants_count": len(grants)}, details={}, now=now
    )
    granted = LikenessUse.objects.filter(cameo=cameo, grant__isnull=False)
    uses.end_uses(cameo=cameo, uses=granted, reason=Reason.REVOKED, now=now)
    signals.permit_ended.send(sender=Cameo, cameo=cameo, grant_ids=grants, reason="revoked", now=now)
    return entry


def _end_grants(cameo: Cameo, now: datetime) -> list[int]:
    """Every version, the waiting one too. Returns all that permits may hang on."""
    LikenessGrant.objects.filter(cameo=cameo, revoked_at=None).update(revoked_at=now)
    return list(LikenessGrant.objects.filter(cameo=cameo).order_by("pk").values_list("pk", flat=True))


def _freeze(cameo: Cameo, now: datetime) -> Cameo:
    if cameo.frozen_at is not None:
        return cameo
    cameo.frozen_at = now
    cameo.save(update_fields=["frozen_at"])
    ledger.append(cameo=cameo, kind="frozen", body={}, details={}, now=now)
    everything = LikenessUse.objects.filter(cameo=cameo)
    uses.end_uses(cameo=cameo, uses=everything, reason=Reason.FROZEN, now=now)
    signals.permit_ended.send(sender=Cameo, cameo=cameo, grant_ids=None, reason="frozen", now=now)
    return cameo


@transaction.atomic
def _erase(cameo: Cameo, now: datetime) -> LedgerEntry:
    held = Cameo.objects.select_for_update().get(pk=cameo.pk)
    Reference.objects.filter(cameo=held).delete()
    _erase_recordings(held)
    _end_grants(held, now)
    LikenessGrant.objects.filter(cameo=held).update(refused_words="", wishes="")
    everything = LikenessUse.objects.filter(cameo=held)
    uses.end_uses(cameo=held, uses=everything, reason=Reason.ERASED, now=now)
    signals.permit_ended.send(sender=Cameo, cameo=held, grant_ids=None, reason="erased", now=now)
    held.state, held.name, held.erased_at = Cameo.State.ERASED, "", held.erased_at or now
    held.save(update_fields=["state", "name", "erased_at"])
    signals.likeness_erased.send(sender=Cameo, cameo=held, now=now)
    return ledger.append(cameo=held, kind="erased", body={"key": "destroyed"}, details={}, now=now)


def _erase_recordings(cameo: Cameo) -> None:
    """Files go after the commit; what was sealed among them is noise since the key went."""
    made = list(CameoCapture.objects.filter(cameo=cameo))
    CameoCapture.objects.filter(cameo=cameo).update(picture_hashes={}, numbers={}, human_note="")

    def erase_files() -> None:
        for capture in made:
            recordings.erase_plain(capture)
            recordings.erase_sealed(capture)

    transaction.on_commit(erase_files)


# --- What follows ------------------------------------------------------------------------------------------


def reach(ending_id: int, now: datetime) -> bool:
    """Carry one ending to everything it reaches. True once nothing is left to do; repeating does no harm."""
    ending = Ending.objects.select_related("cameo__owner").filter(pk=ending_id).first()
    if ending is None or ending.finished_at is not None:
        return True
    _purge(ending, now)
    return _finish(ending, now)


def _purge(ending: Ending, now: datetime) -> None:
    """Say it again for every clip whose files are still there: generation withdraws and purges them."""
    left = _unpurged(ending).values_list("clip_id", flat=True)
    if left.exists():
        with transaction.atomic():
            signals.uses_ended.send(sender=LikenessUse, clip_ids=left, reason=ending.reason, now=now)


def _unpurged(ending: Ending) -> QuerySet[LikenessUse]:
    return LikenessUse.objects.filter(ending=ending, clip__files_purged_at=None)


@transaction.atomic
def _finish(ending: Ending, now: datetime) -> bool:
    if _unpurged(ending).exists():
        return False
    done = Ending.objects.filter(pk=ending.pk, finished_at=None).update(finished_at=now)
    if done:
        ledger.append(
            cameo=ending.cameo,
            kind="ending_finished",
            body={"reason": ending.reason, "count": ending.use_count},
            details={"ending": str(ending.public_id)},
            now=now,
        )
        if ending.reason != Reason.ERASED:
            notify(
                recipient=ending.cameo.owner,
                kind="likeness_reached",
                data={"count": ending.use_count},
                url="/likeness#endings",
                now=now,
            )
    return True


def sweep(now: datetime) -> int:
    """End what time or an interrupted act should have ended, and finish every ending. Returns how much it
    found."""
    found = uses.decline_overdue(now)
    for reason, rows in _overdue(now):
        for cameo in Cameo.objects.filter(uses__in=rows).distinct():
            found += bool(end(cameo=cameo, rows=rows.filter(cameo=cameo), reason=reason, now=now))
    for pk in Ending.objects.filter(finished_at=None).order_by("pk").values_list("pk", flat=True):
        found += 1
        reach(pk, now)
    return found


def _overdue(now: datetime) -> list[tuple[str, QuerySet[LikenessUse]]]:
    """Running uses that nothing covers any more. All but the first are found only after something went
    wrong."""
    running = LikenessUse.objects.running()
    blocks = Block.objects.filter(blocker=OuterRef("cameo__owner"), blocked=OuterRef("clip__maker"))
    return [
        (Reason.SHOW_UNTIL, running.filter(show_until__lte=now)),
        (Reason.REVOKED, running.filter(grant__revoked_at__lte=now)),
        (Reason.FROZEN, running.filter(cameo__frozen_at__isnull=False)),
        (Reason.ERASED, running.filter(cameo__state=Cameo.State.ERASED)),
        (Reason.BLOCKED, running.filter(Exists(blocks))),
    ]


# --- After a restore ---------------------------------------------------------------------------------------


def _journal(kind: str, cameo: Cameo, now: datetime) -> None:
    journal.append(kind, {"cameo": str(cameo.public_id), "at": now.isoformat()})


@transaction.atomic
def replay_revoked(payload: dict[str, Any]) -> None:
    """Grants and uses that the backup brought back, as far as they are older than the revocation."""
    cameo, at = _named(payload)
    if cameo is None:
        return
    before = LikenessGrant.objects.filter(cameo=cameo, created_at__lte=at, revoked_at=None)
    grants = list(before.values_list("pk", flat=True))
    before.update(revoked_at=at)
    revoked = Q(grant__in=grants) | Q(grant__isnull=False, created_at__lte=at)
    rows = LikenessUse.objects.filter(revoked, cameo=cameo)
    uses.end_uses(cameo=cameo, uses=rows, reason=Reason.REVOKED, now=at)
    if grants:
        signals.permit_ended.send(sender=Cameo, cameo=cameo, grant_ids=grants, reason="revoked", now=at)


def replay_narrowed(payload: dict[str, Any]) -> None:
    """What the narrower version said is lost with it: all older ones are revoked, the owner grants anew."""
    if not LikenessGrant.objects.filter(public_id=payload["grant"]).exists():
        replay_revoked(payload)


@transaction.atomic
def replay_hidden(payload: dict[str, Any]) -> None:
    """A clip that the backup shows again is hidden again, until its owner shows it."""
    rows = LikenessUse.objects.filter(public_id=payload["use"], state=LikenessUse.State.LIVE)
    rows.update(state=LikenessUse.State.PROVISIONAL, approval=LikenessUse.Approval.HIDDEN)


@transaction.atomic
def replay_shown(payload: dict[str, Any]) -> None:
    rows = LikenessUse.objects.filter(
        public_id=payload["use"],
        state=LikenessUse.State.PROVISIONAL,
        approval=LikenessUse.Approval.HIDDEN,
    )
    rows.update(state=LikenessUse.State.LIVE, approval=LikenessUse.Approval.APPROVED)


@transaction.atomic
def replay_frozen(payload: dict[str, Any]) -> None:
    cameo, at = _named(payload)
    if cameo is not None:
        _freeze(cameo, at)


@transaction.atomic
def replay_unfrozen(payload: dict[str, Any]) -> None:
    """Only undoes the freeze whose line stood before this one."""
    cameo, at = _named(payload)
    if cameo is not None and cameo.frozen_at is not None and cameo.frozen_at <= at:
        cameo.frozen_at = None
        cameo.save(update_fields=["frozen_at"])


@transaction.atomic
def replay_uses_ended(payload: dict[str, Any]) -> None:
    cameo, at = _named(payload)
    if cameo is not None:
        rows = LikenessUse.objects.filter(cameo=cameo, public_id__in=payload["uses"])
        uses.end_uses(cameo=cameo, uses=rows, reason=payload["reason"], now=at)


def replay_erased(payload: dict[str, Any]) -> None:
    """The key file is shredded even where the backup knows no such likeness."""
    vault.shred(payload["cameo"])
    cameo = Cameo.objects.filter(public_id=payload["cameo"]).first()
    if cameo is not None and cameo.state != Cameo.State.ERASED:
        at = datetime.fromisoformat(payload["at"])
        vault.destroy(cameo, at)
        _erase(cameo, at)


def _named(payload: dict[str, Any]) -> tuple[Cameo | None, datetime]:
    cameo = Cameo.objects.select_for_update().filter(public_id=payload["cameo"]).first()
    living = cameo if cameo is not None and cameo.state != Cameo.State.ERASED else None
    return living, datetime.fromisoformat(payload["at"])
