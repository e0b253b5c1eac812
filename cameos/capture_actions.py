"""From the release to a verified likeness. One function per intention, one transaction each.

    challenge: issued --60 s--> started --24 h--> used     (each arrow once; late ones need a new challenge)
    capture:   CHECKING -> VERIFIED | RETRY | REVIEW
               REVIEW -> ACCEPTED -> VERIFIED              (a moderator; the worker gathers the references)
               REVIEW -> REJECTED | RETRY                  (a moderator; RETRY also after 14 days)

A recording is erased with its verdict. One that a person has to look at is sealed under the likeness's
own key until they decide, and erased when nobody did within 14 days.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.cases import OwnCase
from accounts.models import Case, User
from accounts.notifications import notify
from accounts.refusals import Refused
from cameos import actions, capture_outcome, challenge, ledger, never_me, recordings, references, release
from cameos.capture_words import ASKED_FOR_HUMAN, HOST_WANTS_HUMAN
from cameos.intake import uploads
from cameos.intake.refusals import IntakeRefused
from cameos.likenesses import Material
from cameos.models import Cameo, CameoCapture, Challenge, NeverMe, Reference, ReleaseAgreement, Upload
from cameos.recorded import Recorded, challenges_of, owned, uploads_of
from cameos.verdicts import CaptureVerdict, Outcome

CHECK_WITHIN = timedelta(hours=1)
UNUSABLE, NOBODY_DECIDED, OUTRUN = "unusable", "nobody_decided", "outrun"


class ReleaseMissing(Refused):
    code = "release_missing"
    message = _("Before a recording comes the written release.")
    hint = _("Read it and agree to it at /likeness/release.")
    status = 409


class TooYoung(Refused):
    code = "too_young"
    message = _("On this host a likeness can only be recorded by grown-ups whose age we know.")
    hint = _("You can still make and watch clips with drawn characters.")
    status = 403


class AlreadyVerified(Refused):
    code = "already_verified"
    message = _("Your likeness is verified already.")
    hint = _("To record it anew, erase it first on the page of your likeness.")
    status = 409


class AlreadyListed(Refused):
    code = "already_listed"
    message = _("You are entered already.")
    hint = _("To take the entry off, use its code.")
    status = 409


class ChallengeOver(Refused):
    code = "challenge_over"
    message = _("This challenge is over: recording has to start within 60 seconds of it.")
    hint = _("Ask for a new one. You may do so as often as you need.")
    status = 409


class ChallengeUsed(Refused):
    code = "challenge_used"
    message = _("This challenge was answered already. Each one counts once.")
    hint = _("Ask for a new one and record again.")
    status = 409


class Outrun(Exception):
    """The likeness is not waiting for a recording any more."""


class UploadNotReady(Refused):
    code = "upload_not_ready"
    message = _("The recording has not arrived completely.")
    hint = _("The upload goes on where it stopped; keep this page open.")
    status = 409


@transaction.atomic
def agree(*, user: User, country: str = "", now: datetime) -> ReleaseAgreement:
    """Agree to the release of today. Raises `TooYoung`, `NotInThisCountry`."""
    if not release.is_old_enough(user, now):
        raise TooYoung()
    release.require_country(country)
    return release.in_force(user) or release.sign(user=user, country=country, now=now)


@transaction.atomic
def withdraw_release(*, user: User, now: datetime) -> None:
    """Take the agreement back. What was made on it goes too: the page of the likeness erases it first."""
    if Cameo.objects.filter(owner=user, kind=Cameo.Kind.PERSON, state=Cameo.State.VERIFIED).exists():
        raise AlreadyVerified(
            message=_("Your likeness still exists."), hint=_("Erase it first, then withdraw.")
        )
    ReleaseAgreement.objects.filter(user=user, withdrawn_at=None).update(withdrawn_at=now)


@transaction.atomic
def issue_challenge(*, who: Recorded, now: datetime) -> Challenge:
    """A fresh challenge; an unused older one of this person's is void from now on.

    Raises `ReleaseMissing`, `TooYoung`, `AlreadyVerified`.
    """
    _may_record(who, now)
    challenges_of(who).filter(used_at=None, capture=None).delete()
    asked = challenge.draw()
    return Challenge.objects.create(
        **owned(who, "user"),
        nonce=secrets.token_urlsafe(32),
        movements=[str(m) for m in asked.movements],
        numbers=list(asked.numbers),
        issued_at=now,
    )


def start(*, who: Recorded, nonce: str, now: datetime) -> Challenge:
    """The recording starts. Raises `ChallengeOver` (unknown, after 60 s), `ChallengeUsed` (second start)."""
    mine = challenges_of(who).filter(nonce=nonce)
    fresh = mine.filter(started_at=None, used_at=None, issued_at__gte=now - challenge.START_WITHIN)
    started = fresh.update(started_at=now)
    found = mine.first()
    if not started:
        raise ChallengeUsed() if found and found.started_at else ChallengeOver()
    assert found is not None
    return found


@transaction.atomic
def submit(*, who: Recorded, nonce: str, upload: Upload, human_note: str = "", now: datetime) -> CameoCapture:
    """Hand in the recording that answers a challenge; it is checked from here on.

    With `human_note`, a person decides, whatever the machine thinks. Raises `ChallengeOver`, `ChallengeUsed`,
    `UploadNotReady`, and what `issue_challenge` raises.
    """
    _may_record(who, now)
    held = challenges_of(who).select_for_update().filter(nonce=nonce).first()
    if held is None or held.started_at is None or held.started_at < now - challenge.UPLOAD_WITHIN:
        raise ChallengeOver()
    if held.used_at is not None or CameoCapture.objects.filter(upload=upload).exists():
        raise ChallengeUsed()
    if (
        not uploads_of(who).filter(pk=upload.pk).exists()
        or upload.purpose != "capture"
        or upload.finished_at is None
    ):
        raise UploadNotReady()
    held.used_at = now
    held.save(update_fields=["used_at"])
    made = CameoCapture.objects.create(
        **({"never_me": who} if isinstance(who, NeverMe) else {"cameo": _cameo_of(who, now)}),
        challenge=held,
        upload=upload,
        human_note=human_note.strip()[:500],
        created_at=now,
    )
    _wake(made)
    return made


def record_verdict(
    *, made: CameoCapture, verdict: CaptureVerdict, material: Material | None, now: datetime
) -> CameoCapture:
    """Write down what the check found, once; erase or seal the recording."""
    outcome = capture_outcome.of(made, verdict)
    reasons = [str(reason) for reason in verdict.reasons]
    if outcome is Outcome.REVIEW and made.human_note:
        reasons.append(ASKED_FOR_HUMAN)
    elif outcome is Outcome.REVIEW and verdict.outcome is Outcome.VERIFIED:
        reasons.append(HOST_WANTS_HUMAN)
    kept = verdict.fingerprint.as_json() if verdict.fingerprint else {}
    with transaction.atomic():
        held = _checking(made)
        if held is None:
            return made
        held.state, held.reasons, held.numbers = CameoCapture.State(outcome.value), reasons, verdict.numbers
        held.picture_hashes, held.checked_at = kept, now
        held.save(update_fields=["state", "reasons", "numbers", "picture_hashes", "checked_at"])
        if outcome is Outcome.VERIFIED:
            assert material is not None
            _keep(held, material, Cameo.Assurance.BASIC, now)
        if outcome is Outcome.REVIEW:
            recordings.seal(held)
            _file_case(held, now)
        _tell(held, now)
    recordings.erase_plain(held)
    return held


def record_refusal(*, made: CameoCapture, refusal: IntakeRefused, now: datetime) -> CameoCapture:
    """The file could not be opened: RETRY with the intake's reason; the file is erased."""
    with transaction.atomic():
        held = _checking(made)
        if held is None:
            return made
        held.state, held.reasons, held.checked_at = CameoCapture.State.RETRY, [str(refusal.reason)], now
        held.numbers = {str(refusal.reason): refusal.numbers}
        held.save(update_fields=["state", "reasons", "numbers", "checked_at"])
        _tell(held, now)
    recordings.erase_plain(held)
    return held


def record_acceptance(*, made: CameoCapture, material: Material, now: datetime) -> CameoCapture:
    """A moderator said yes and the worker gathered the references: the likeness exists (reviewed)."""
    with transaction.atomic():
        held = CameoCapture.objects.select_for_update().get(pk=made.pk)
        if held.state != CameoCapture.State.ACCEPTED:
            return held
        held.state = CameoCapture.State.VERIFIED
        held.save(update_fields=["state"])
        _keep(held, material, Cameo.Assurance.REVIEWED, now)
        _tell(held, now)
    recordings.erase_sealed(held)
    return held


def apply_decision(*, case: Case, decision: str, moderator: User, note: str, now: datetime) -> None:
    """Carry out what a moderator decided about a recording; runs in the transaction of the case. Raises
    `OwnCase`: nobody vouches for themself."""
    held = CameoCapture.objects.select_for_update().get(public_id=case.subject)
    if held.state != CameoCapture.State.REVIEW:
        return
    if decision == "accept" and held.cameo is not None and held.cameo.owner_id == moderator.pk:
        raise OwnCase()
    states = CameoCapture.State
    held.state = {"accept": states.ACCEPTED, "again": states.RETRY, "reject": states.REJECTED}[decision]
    held.save(update_fields=["state"])
    if held.cameo is not None:
        body = {"decision": decision}
        ledger.append(cameo=held.cameo, kind="capture_reviewed", body=body, details={"note": note}, now=now)
    if decision == "accept":
        _wake(held)
        return
    _tell(held, now)
    transaction.on_commit(lambda: recordings.erase_sealed(held))


def give_up(*, made: CameoCapture, reason: str, now: datetime) -> None:
    """End a capture that nothing will come of any more: the person may record again."""
    with transaction.atomic():
        held = _held(made)
        if held.state not in CameoCapture.UNDECIDED:
            return
        held.state, held.reasons, held.checked_at = CameoCapture.State.RETRY, [reason], now
        held.save(update_fields=["state", "reasons", "checked_at"])
        _tell(held, now)
    recordings.erase_plain(held)
    recordings.erase_sealed(held)


def when_erased(sender: Any, cameo: Cameo, now: datetime, **more: Any) -> None:
    """The likeness is erased: nothing of its recordings stays, not even what would recognise them."""
    for made in CameoCapture.objects.filter(cameo=cameo).select_related("upload"):
        made.numbers, made.picture_hashes, made.human_note = {}, {}, ""
        made.save(update_fields=["numbers", "picture_hashes", "human_note"])
        recordings.erase_plain(made)
        recordings.erase_sealed(made)


def sweep(now: datetime) -> None:
    """What time ends: reviews nobody decided, checks that never ended, recordings nobody waits for."""
    states = CameoCapture.State
    waiting = CameoCapture.objects.filter(state__in=(states.CHECKING, states.ACCEPTED))
    for made in waiting.filter(created_at__lte=now - CHECK_WITHIN, state=states.CHECKING):
        give_up(made=made, reason=UNUSABLE, now=now)
    for made in CameoCapture.objects.filter(state=states.REVIEW, created_at__lte=now - release.REVIEW_KEPT):
        give_up(made=made, reason=NOBODY_DECIDED, now=now)
    for made in waiting.filter(created_at__lte=now - challenge.START_WITHIN):
        _wake(made)  # Its wake-up was lost.
    old = CameoCapture.objects.filter(created_at__lte=now - release.NUMBERS_KEPT).exclude(numbers={})
    old.update(numbers={}, picture_hashes={})
    uploads.sweep(now)
    never_me.sweep(now)


def _may_record(who: Recorded, now: datetime) -> None:
    if isinstance(who, NeverMe):  # Agreed by beginning; what they entered is not entered again.
        if who.state != NeverMe.State.OPEN:
            raise AlreadyListed()
        return
    _may_record_a_likeness(who, now)


def _may_record_a_likeness(user: User, now: datetime) -> None:
    if not release.is_old_enough(user, now):
        raise TooYoung()
    if release.in_force(user) is None:
        raise ReleaseMissing()
    living = Cameo.objects.filter(owner=user, kind=Cameo.Kind.PERSON)
    if living.filter(state=Cameo.State.VERIFIED).exists():
        raise AlreadyVerified()


def _cameo_of(user: User, now: datetime) -> Cameo:
    persons = Cameo.objects.filter(owner=user, kind=Cameo.Kind.PERSON)
    living = persons.exclude(state=Cameo.State.ERASED).first()
    return living or Cameo.objects.create(owner=user, name=user.name[:60], created_at=now)


def _checking(made: CameoCapture) -> CameoCapture | None:
    """The row, held, if it still waits for its verdict."""
    held = _held(made)
    return held if held.state == CameoCapture.State.CHECKING else None


def is_over(made: CameoCapture, now: datetime) -> bool:
    """Whether nothing may come of a recording any more, which then ends: the likeness was erased meanwhile,
    or another recording proved it first (whose face must not be changed for this one's)."""
    if made.cameo is None or Cameo.objects.filter(pk=made.cameo.pk, state=Cameo.State.PENDING).exists():
        return False
    give_up(made=made, reason=OUTRUN, now=now)
    return True


def _held(made: CameoCapture) -> CameoCapture:
    held = CameoCapture.objects.select_for_update(of=("self",)).select_related(
        "cameo__owner", "never_me", "upload"
    )
    return held.get(pk=made.pk)


def _keep(made: CameoCapture, material: Material, assurance: str, now: datetime) -> None:
    """The likeness exists from here on; of somebody without an account only the face vector is kept. Raises
    `Outrun`."""
    if made.never_me is not None:
        never_me.enter(entry=made.never_me, vector=material.face_vector, now=now)
    elif made.cameo is not None:
        held = Cameo.objects.select_for_update().get(pk=made.cameo.pk)
        if held.state != Cameo.State.PENDING:
            raise Outrun
        _enrol(held, material, assurance, now)


def _enrol(cameo: Cameo, material: Material, assurance: str, now: datetime) -> None:
    kinds = Reference.Kind
    sealed = {
        kinds.FACE: material.face,
        kinds.FACE_VECTOR: material.face_vector,
        kinds.VOICE: material.voice,
        kinds.VOICE_VECTOR: material.voice_vector,
    }
    for kind, data in sealed.items():
        if data:
            references.store(cameo, kind, data, now)
    actions.verified(cameo=cameo, assurance=assurance, now=now)


def _file_case(made: CameoCapture, now: datetime) -> None:
    from accounts import cases

    note = made.human_note or "the machine is unsure"
    by = made.cameo.owner if made.cameo else None
    cases.file(kind="capture", subject=str(made.public_id), reason=note, filed_by=by, now=now)


def _tell(made: CameoCapture, now: datetime) -> None:
    """Somebody without an account has no inbox: their page says how it stands. A likeness that is there, or
    erased, is told by its own news."""
    if made.cameo is None or OUTRUN in made.reasons:
        return
    data: dict[str, Any] = {"state": str(made.state)}
    notify(recipient=made.cameo.owner, kind="likeness_checked", data=data, url="/likeness/capture", now=now)


def _wake(made: CameoCapture) -> None:
    from cameos.tasks import check_capture

    transaction.on_commit(lambda: check_capture.delay(made.pk))
