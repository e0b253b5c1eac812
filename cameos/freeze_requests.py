"""Asking for a freeze of somebody who cannot do it: dead, incapacitated, or forced. A moderator decides.

A freeze is the most that can be asked for. Nobody but the owner lifts it, by a proof of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts import cases, throttle
from accounts.cases import Decision, Handler
from accounts.models import Case, User
from accounts.notifications import notify
from cameos import ledger, revocation
from cameos.models import Cameo

KIND = "likeness_freeze"

# Who may ask, and in which standing. A moderator asks for what shows it.
STANDINGS = {
    "kin": _("Next of kin of somebody who died"),
    "carer": _("Guardian or carer of somebody who cannot act"),
    "lawyer": _("Court, lawyer or authority"),
    "witness": _("Somebody who knows that they are being forced"),
}


def register() -> None:
    cases.register(
        KIND,
        Handler(
            title=_("Freeze a likeness for somebody"),
            template="cameos/_case_freeze.html",
            decisions=(
                Decision("freeze", _("Freeze it"), needs_note=True, is_severe=True),
                Decision("decline", _("Leave it"), needs_note=True),
            ),
            apply=_apply,
            evidence=_evidence,
        ),
    )


def ask(*, cameo: Cameo, asker: User, standing: str, words: str, now: datetime) -> Case:
    """File the request. The owner is told, so that a false one is no secret from them; but not where they may
    be forced, since whoever forces them may read along."""
    throttle.spend("report", f"freeze:{asker.pk}", now)
    if standing != "witness":
        notify(recipient=cameo.owner, kind="likeness_freeze_asked", data={}, url="/likeness", now=now)
    reason = f"{STANDINGS[standing]}: {words.strip()}"
    return cases.file(kind=KIND, subject=str(cameo.public_id), reason=reason, filed_by=asker, now=now)


def _apply(*, case: Case, decision: str, moderator: User, note: str, now: datetime) -> None:
    cameo = Cameo.objects.filter(public_id=case.subject).select_related("owner").first()
    if cameo is None or decision != "freeze" or cameo.state == Cameo.State.ERASED:
        return
    revocation.freeze(cameo=cameo, owner=cameo.owner, now=now)
    ledger.append(
        cameo=cameo, kind="frozen_on_request", body={}, details={"case": str(case.public_id)}, now=now
    )
    name = "" if cameo.is_person else cameo.name
    url = f"/likeness?of={cameo.public_id}"
    notify(recipient=cameo.owner, kind="likeness_frozen", data={"name": name}, url=url, now=now)


def _evidence(case: Case) -> Mapping[str, Any]:
    cameo = Cameo.objects.filter(public_id=case.subject).select_related("owner").first()
    return {"cameo": cameo}
