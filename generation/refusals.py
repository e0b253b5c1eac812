"""Every way in which making a clip is refused before it starts, with its sentence."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.refusals import Refused


class PromptEmpty(Refused):
    def __init__(self) -> None:
        super().__init__(
            code="prompt_empty",
            message=_("There are no words to make a clip from."),
            hint=_("Say who does what, and where: “a woman juggles at the beach at sunset”."),
            status=422,
        )


class PromptTooLong(Refused):
    def __init__(self, length: int, limit: int) -> None:
        super().__init__(
            code="prompt_too_long",
            message=_("The prompt has %(length)d characters; at most %(limit)d are read.")
            % {"length": length, "limit": limit},
            hint=_("Keep the one scene that matters. Longer stories are several clips."),
            status=422,
        )


class OutOfCredits(Refused):
    def __init__(self, needed: int, balance: int) -> None:
        super().__init__(
            code="out_of_credits",
            message=_("This clip costs %(needed)d credits and you have %(balance)d.")
            % {"needed": needed, "balance": balance},
            hint=_("Credits of clips that fail or are refused come back by themselves."),
            status=402,
        )


class OverBudget(Refused):
    """More than a person, or this host, may have waiting. `code` names the budget."""

    def __init__(self, budget: str, limit: int) -> None:
        message = {
            "open_at_once": _("You have %(limit)d requests open; that is as many as fit."),
            "one_preview": _("One preview at a time: yours is on its way."),
            "seconds_a_day": _("That would be more than %(limit)d seconds of clip in 24 hours."),
            "host_backlog": _("This host has more waiting than it can make in the next hours."),
        }[budget]
        hint = {
            "seconds_a_day": _("Tomorrow there is room again, or with a larger plan."),
            "host_backlog": _("Please come back later. Nothing was spent."),
        }.get(budget, _("Wait for one to end, or cancel one."))
        super().__init__(code=budget, message=message % {"limit": limit}, hint=hint, status=429)


class CannotMake(Refused):
    """The engine cannot do what was asked (verb, length, aspect, number of people)."""

    def __init__(self, message: str, hint: str = "", code: str = "engine_cannot") -> None:
        super().__init__(code=code, message=message, hint=hint, status=422)


class ParentNotRemixable(Refused):
    def __init__(self) -> None:
        super().__init__(
            code="not_remixable",
            message=_(
                "This clip cannot be remixed: its maker switched remixing off, or it is not published."
            ),
            hint=_("Start from words instead."),
            status=403,
        )


class AlreadyOver(Refused):
    def __init__(self) -> None:
        super().__init__(
            code="already_over",
            message=_("This generation is over; there is nothing left to cancel."),
            hint="",
            status=409,
        )


class FileNotTaken(Refused):
    """An uploaded file that the sandbox did not open, with its own name and sentence."""

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(code=f"file_{reason}", message=sentence, hint="", status=422)


class NoRoom(Refused):
    """The disk is full; nothing of the file is kept."""

    def __init__(self) -> None:
        super().__init__(
            code="no_space",
            message=_("This host has no space left for the file."),
            hint=_("Try again later, or with a smaller file."),
            status=507,
        )


class NotPlayable(Refused):
    """A clip that cannot be played, or a run that cannot be kept; `code` says why."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(code=code, message=message, hint=hint, status=409)


class BadTemplate(Refused):
    def __init__(self) -> None:
        super().__init__(
            code="bad_template",
            message=_("A template has a title, and words for each of its shots."),
            status=422,
        )


class SourceHidesItsWords(Refused):
    def __init__(self) -> None:
        super().__init__(
            code="source_hides_its_words",
            message=_("The maker of this clip keeps its words to themselves."),
            hint=_("Remix the clip instead, or take a structure of this host's own."),
            status=403,
        )


class ProductGone(Refused):
    def __init__(self) -> None:
        super().__init__(
            code="product_gone",
            message=_("This product is not on sale any more, or not yours to show."),
            hint=_("Choose another one, or write words in its place. Everything else you filled in stays."),
            status=409,
        )


class BlankEmpty(Refused):
    def __init__(self, names: list[str]) -> None:
        super().__init__(
            code="blank_empty",
            message=_("Still to be filled in: %(names)s.") % {"names": ", ".join(names)},
            status=422,
        )
