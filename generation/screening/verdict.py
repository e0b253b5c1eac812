"""What a judge says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from django.utils.translation import gettext as _

from cameos.refusals import TITLES, Reason


class Outcome(StrEnum):
    ALLOW = "allow"
    REVIEW = "review"
    REFUSE = "refuse"

    @property
    def strictness(self) -> int:
        return list(Outcome).index(self)


@dataclass(frozen=True)
class Verdict:
    """`stage`: prompt, people, offered (a picture to go on from) or pictures; `rule`: the category or name;
    `evidence`: the words as they were written."""

    outcome: Outcome
    stage: str = "prompt"
    rule: str = ""
    evidence: str = ""

    @property
    def suggestion(self) -> str:
        return suggestion(self.rule)


class Unjudged(Exception):
    """The prompt could not be judged just now. Not a verdict, and never to be taken for one."""


def suggestion(rule: str) -> str:
    """What the maker can do instead, in the reader's language."""
    return {
        "sexual": _("Show the people dressed, and say what they do: dance, swim, laugh, talk."),
        "minors": _("Children can be shown playing, learning, celebrating; never in a sexual context."),
        "violence": _(
            "Keep the tension without the wound: a chase, a stare, a duel with foam swords, the moment after."
        ),
        "hate": _("Make the joke about a situation and not about a group of people."),
        "harassment": _(
            "Make a clip with somebody, not against them. They can cast themselves if they like it."
        ),
        "self_harm": _(
            "If this is about you, please talk to somebody now; findahelpline.com lists free helplines "
            "by country. For a story, show the friend who listens."
        ),
        "extremism": _("Show what you care about without the group, its signs or its deeds."),
        "illegal": _("Leave out the weapon or drug, or make it plainly a toy: a water gun, a magic potion."),
        "deception": _("Make it plainly a story: an invented channel, an invented town, an invented vote."),
        "danger": _("Show that it goes well: a stunt team with mats, a doctor who helps, a safe challenge."),
        "instructions": _("Write only what is to be seen; words to whoever checks it change nothing."),
        "face_without_grant": _(
            "Cast everybody who is in it, if they allow it, or bring a picture without people."
        ),
        "real_person": _("Describe an invented person, or cast somebody who allowed it by name."),
        "deceased_by_request": _("Describe an invented person: whoever has died cannot allow it any more."),
        "character": _("Invent your own: say what makes it, like “a small yellow robot mouse with a kite”."),
        "offered_face": _(
            "Cast everybody who is in the picture: each of them has to allow it. Or take a picture without "
            "people."
        ),
        "offered_nsfw": _(
            "Begin from another picture: this one leaves this host for the engine that you chose."
        ),
        "nsfw_frames": _("Ask for the same scene with everybody dressed, or from farther away."),
        "hidden_characters": _(
            "Type the prompt afresh: it holds invisible characters that change what is read."
        ),
    }.get(rule, _("Say it another way, or leave that part out."))


def rule_title(rule: str) -> str:
    """The rule as a person reads it."""
    return {
        "sexual": _("No sexual content"),
        "minors": _("No sexual content, least of all with children"),
        "violence": _("No cruelty"),
        "hate": _("No hate"),
        "harassment": _("No harassment"),
        "self_harm": _("No self-harm"),
        "extremism": _("No extremism"),
        "illegal": _("No weapons, drugs or crimes"),
        "deception": _("No deception"),
        "danger": _("No dangerous acts to copy, no false cures"),
        "instructions": _("No words to whoever checks it"),
        "real_person": _("No real person without their permission"),
        "deceased_by_request": _("Not shown: this person has died"),
        "character": _("No characters that belong to others"),
        "hidden_characters": _("No invisible characters"),
        "review_expired": _("Nobody could look at it in time"),
        "moderator": _("A moderator said no"),
        "unlisted_face": _("A person in the finished clip did not allow it"),
        "face_without_grant": _("Somebody is in this picture who was not cast"),
        "doubtful_face": _("A person in the finished clip may not have allowed it"),
        "offered_face": _("Somebody in this picture has not allowed it"),
        "offered_face_doubtful": _("Somebody in this picture may not have allowed it"),
        "offered_nsfw": _("The picture to begin from may break a rule"),
        "nsfw_frames": _("The finished pictures broke a rule"),
    }.get(rule) or str(TITLES.get(cast(Reason, rule), rule.replace("_", " ").capitalize()))


def case_reason(reason: str) -> str:
    """What a case was filed for, `rule: evidence`, with the rule as a person reads it."""
    rule, colon, evidence = reason.partition(": ")
    return f"{rule_title(rule)}: {evidence}" if colon else reason
