"""Every way in which a remote worker is told no. Its program reads the codes; its operator the sentences."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.refusals import Refused


class TokenInUse(Refused):
    code = "token_in_use"
    message = _("Another running worker speaks with this token.")
    hint = _("Register a token for each worker; a worker that stopped frees its token after a minute.")
    status = 409


class ClaimLost(Refused):
    code = "claim_lost"
    message = _("This job is not this worker’s any more: its lease ran out, or the job is over.")
    hint = _("Throw away what was made of it, and ask for the next one.")
    status = 409


class JobCancelled(Refused):
    code = "job_cancelled"
    message = _("The job was cancelled; what was made of it is not taken.")
    hint = _("Ask for the next one.")
    status = 409


class JobRefused(Refused):
    code = "job_refused"
    message = _("Somebody in it does not agree any more; what was made of it is not taken.")
    hint = _("Ask for the next one.")
    status = 409


class NoProgress(Refused):
    code = "no_progress"
    message = _("This job reported no step for too long, and was let go.")
    hint = _("Ask for the next one.")
    status = 409


class NameTaken(Refused):
    code = "name_taken"
    message = _("A worker of this name is registered.")
    hint = _("Choose another name, or revoke the old one.")
    status = 409


class BadResult(Refused):
    """What was brought is no film of this job. `code` says why."""

    status = 422
    message = _("What was brought is no film of this job.")
    hint = _("The worker runs another version, or its disk is full.")
    code = "bad_result"
