"""Why a likeness may not be used: one name a condition, and the sentence that says it to a person."""

from __future__ import annotations

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.refusals import Refused


class Reason(StrEnum):
    """What `cameos.consent` answers with when the answer is no."""

    NOT_VERIFIED = "not_verified"
    FROZEN = "frozen"
    BLOCKED = "blocked"
    NO_GRANT = "no_grant"
    TOO_YOUNG = "too_young"
    AUDIENCE = "audience"
    PURPOSE = "purpose"
    COMMERCIAL = "commercial"
    VOICE = "voice"
    COMPANIONS = "companions"
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    SHOWN_LONG_ENOUGH = "shown_long_enough"
    COUNT_SPENT = "count_spent"
    UNPAID = "unpaid"
    TOPIC = "topic"
    TOPICS_UNCHECKED = "topics_unchecked"
    NO_PERMIT = "no_permit"
    PERMIT_OVER = "permit_over"
    SOURCE_ENDED = "source_ended"


Text = str | Promise

SENTENCES: dict[Reason, tuple[Text, Text]] = {
    Reason.NOT_VERIFIED: (
        _("%(name)s has no verified likeness at this time."),
        _("Choose somebody else, or a drawn character."),
    ),
    Reason.FROZEN: (
        _("%(name)s has paused all use of their likeness."),
        _("Only they can lift the pause."),
    ),
    Reason.BLOCKED: (
        _("You cannot cast %(name)s."),
        _("One of you blocked the other."),
    ),
    Reason.NO_GRANT: (
        _("%(name)s has not allowed anybody to cast them."),
        _("Ask them: they can name you on their likeness page."),
    ),
    Reason.TOO_YOUNG: (
        _("%(name)s asks for an age that your account does not show."),
        _("The birth date in your settings is what counts."),
    ),
    Reason.AUDIENCE: (
        _("%(name)s has not allowed you to cast them: their audience does not include you."),
        _("Ask them: they can name you on their likeness page."),
    ),
    Reason.PURPOSE: (
        _("%(name)s does not allow this kind of use."),
        _("They allow some purposes only; a new clip, a remix and an advertisement are different ones."),
    ),
    Reason.COMMERCIAL: (
        _("%(name)s does not allow commercial use."),
        _("Leave out what sells something, or ask them."),
    ),
    Reason.VOICE: (
        _("%(name)s does not allow the use of their voice."),
        _("Make the clip without their voice."),
    ),
    Reason.COMPANIONS: (
        _("%(name)s does not want to be shown together with everybody in this cast."),
        _("Cast fewer people, or others."),
    ),
    Reason.NOT_YET: (
        _("%(name)s allows this from a later day on."),
        _("Try again then."),
    ),
    Reason.EXPIRED: (
        _("The time in which %(name)s allowed new clips is over."),
        _("Ask them to allow it again."),
    ),
    Reason.SHOWN_LONG_ENOUGH: (
        _("The time in which %(name)s allowed clips to be shown is over."),
        _("Ask them to allow it again."),
    ),
    Reason.COUNT_SPENT: (
        _("The number of clips that %(name)s allowed is used up."),
        _("Ask them to allow more."),
    ),
    Reason.UNPAID: (
        _("%(name)s asks for a licence: their price card says what a clip costs."),
        _("Ask for one on their page; once it is paid you can cast them."),
    ),
    Reason.TOPIC: (
        _("%(name)s refuses this topic: %(topic)s."),
        _("Leave this out: “%(sentence)s”."),
    ),
    Reason.TOPICS_UNCHECKED: (
        _("What %(name)s refuses could not be checked against the words."),
        _("Try again in a few minutes."),
    ),
    Reason.NO_PERMIT: (
        _("Nobody decided yet whether %(name)s may be in this clip."),
        _("Make the clip again."),
    ),
    Reason.PERMIT_OVER: (
        _("The permission to make this clip with %(name)s is over."),
        _("Make the clip again."),
    ),
    Reason.SOURCE_ENDED: (
        _("The clip that this one is made from was withdrawn."),
        _("Start from another clip or from words."),
    ),
}


TITLES: dict[Reason, Text] = {
    Reason.NOT_VERIFIED: _("A verified likeness"),
    Reason.FROZEN: _("Paused by its owner"),
    Reason.BLOCKED: _("Blocked"),
    Reason.NO_GRANT: _("No permission given yet"),
    Reason.TOO_YOUNG: _("The age they ask for"),
    Reason.AUDIENCE: _("Whom they allow"),
    Reason.PURPOSE: _("What they allow it for"),
    Reason.COMMERCIAL: _("No commercial use"),
    Reason.VOICE: _("Not their voice"),
    Reason.COMPANIONS: _("Who may stand beside them"),
    Reason.NOT_YET: _("From a later day on"),
    Reason.EXPIRED: _("Until when they allow it"),
    Reason.SHOWN_LONG_ENOUGH: _("How long it may be shown"),
    Reason.COUNT_SPENT: _("How many clips they allow"),
    Reason.UNPAID: _("A licence"),
    Reason.TOPIC: _("A topic they refuse"),
    Reason.TOPICS_UNCHECKED: _("Topics could not be checked"),
    Reason.NO_PERMIT: _("Not decided yet"),
    Reason.PERMIT_OVER: _("The permission is over"),
    Reason.SOURCE_ENDED: _("The source was withdrawn"),
}


class ConsentDenied(Refused):
    """The gate said no. `reason` is the condition that failed, `name` whose likeness it is about."""

    status = 403

    def __init__(self, reason: Reason, *, name: str = "", topic: str = "", sentence: str = "") -> None:
        message, hint = SENTENCES[reason]
        words = {"name": name, "topic": topic, "sentence": sentence}
        super().__init__(code=f"consent_{reason}", message=str(message) % words, hint=str(hint) % words)
        self.reason = reason
        self.name = name
        self.topic = topic
        self.sentence = sentence


class Unavailable(Refused):
    """The words could not be judged now: nothing is decided, and asking again later may be answered."""

    code = "consent_unavailable"
    message = _("The words cannot be checked at this moment.")
    hint = _("This is tried again by itself.")
    status = 503


class NotYours(Refused):
    code = "not_found"
    message = _("There is nothing here for you.")
    status = 404


class LikenessGone(Refused):
    code = "likeness_gone"
    message = _("This likeness is erased or not verified yet.")
    hint = _("A new recording makes a new likeness.")
    status = 409


class TermsRefused(Refused):
    """What was asked for in the grant cannot be. `field` names the part of the form."""

    code = "terms_refused"
    status = 422

    def __init__(self, field: str, message: Text, hint: Text = "") -> None:
        super().__init__(message=message, hint=hint)
        self.field = field


class UseOver(Refused):
    code = "use_over"
    message = _("This was decided already.")
    hint = _("Reload the page to see how it stands.")
    status = 409


class NotReadyToPublish(Refused):
    """`code` is `waiting_for_approval`, `use_ended` or `use_missing`."""

    status = 409
