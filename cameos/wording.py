"""A grant in plain sentences: what a fresh reader needs to say who may do what, until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import get_text_list
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from cameos.models import Audience, Companions, Purpose
from cameos.terms import Terms
from cameos.topic_words import TOPICS

Text = str | Promise

AUDIENCES: dict[str, tuple[Text, Text]] = {
    Audience.ONLY_ME: (gettext_lazy("Only me"), gettext_lazy("Nobody else can make a clip with you.")),
    Audience.NAMED: (
        gettext_lazy("People I name"),
        gettext_lazy("The people listed below, and nobody else."),
    ),
    Audience.CIRCLE: (
        gettext_lazy("My circle"),
        gettext_lazy("People you list as close, and the people named below."),
    ),
    Audience.MUTUALS: (
        gettext_lazy("Mutuals"),
        gettext_lazy("People who follow you and whom you follow, and the people named below."),
    ),
    Audience.EVERYONE: (gettext_lazy("Everyone"), gettext_lazy("Everybody with an account here.")),
}

PURPOSES: dict[str, tuple[Text, Text]] = {
    Purpose.GENERATE: (gettext_lazy("New clips"), gettext_lazy("A clip made from words.")),
    Purpose.REMIX: (gettext_lazy("Remixes"), gettext_lazy("A new clip made from one that shows you.")),
    Purpose.ADVERTISE: (
        gettext_lazy("Advertisements"),
        gettext_lazy("To sell something, or with a product pinned to the clip."),
    ),
    Purpose.SERIES: (gettext_lazy("Series"), gettext_lazy("Episodes that go on, with you in the cast.")),
    Purpose.GOODS: (gettext_lazy("Goods"), gettext_lazy("Your likeness on a thing that is sold.")),
}

COMPANY: dict[str, tuple[Text, Text]] = {
    Companions.ANYONE: (gettext_lazy("Anyone"), gettext_lazy("Each of them needs their own permission too.")),
    Companions.CIRCLE: (gettext_lazy("Only my circle"), gettext_lazy("Nobody else stands beside you.")),
    Companions.NOBODY: (gettext_lazy("Nobody"), gettext_lazy("You are alone in every clip.")),
}

# The same about a drawn character, where a person would be called "you".
AUDIENCES_DRAWN = AUDIENCES | {
    Audience.ONLY_ME: (gettext_lazy("Only me"), gettext_lazy("Nobody else can make a clip with it.")),
}
PURPOSES_DRAWN = PURPOSES | {
    Purpose.REMIX: (gettext_lazy("Remixes"), gettext_lazy("A new clip made from one that shows it.")),
    Purpose.SERIES: (gettext_lazy("Series"), gettext_lazy("Episodes that go on, with it in the cast.")),
    Purpose.GOODS: (gettext_lazy("Goods"), gettext_lazy("Its picture on a thing that is sold.")),
}
COMPANY_DRAWN = COMPANY | {
    Companions.CIRCLE: (gettext_lazy("Only my circle"), gettext_lazy("Nobody else stands beside it.")),
    Companions.NOBODY: (gettext_lazy("Nobody"), gettext_lazy("It is alone in every clip.")),
}
EVENTS: dict[str, Text] = {
    "likeness_verified": gettext_lazy("Your likeness was verified"),
    "capture_reviewed": gettext_lazy("A moderator decided about your recording"),
    "release_agreed": gettext_lazy("You agreed to the release"),
    "grant_saved": gettext_lazy("You changed who may cast you"),
    "grant_pending_dropped": gettext_lazy("A change that still waited was dropped"),
    "revoked": gettext_lazy("You took everything back"),
    "frozen": gettext_lazy("Your likeness was frozen"),
    "frozen_on_request": gettext_lazy("A moderator froze it because somebody asked"),
    "unfrozen": gettext_lazy("You lifted the freeze"),
    "permit_issued": gettext_lazy("Somebody was permitted to make a clip with you"),
    "use_sealed": gettext_lazy("A clip with you was finished"),
    "use_approved": gettext_lazy("You approved a clip"),
    "use_declined": gettext_lazy("Clips were declined"),
    "use_published": gettext_lazy("A clip with you was published"),
    "use_hidden": gettext_lazy("You hid a clip"),
    "use_shown": gettext_lazy("You showed a hidden clip again"),
    "price_set": gettext_lazy("You set your prices"),
    "licence_asked": gettext_lazy("Somebody asked for a licence"),
    "licence_accepted": gettext_lazy("You accepted a request for a licence"),
    "licence_declined": gettext_lazy("You declined a request for a licence"),
    "licence_paid": gettext_lazy("A licence was paid"),
    "licence_refunded": gettext_lazy("A licence was paid back"),
    "uses_ended": gettext_lazy("Clips with you were taken down"),
    "ending_finished": gettext_lazy("Their files are gone from this host"),
    "seen_by_moderator": gettext_lazy("A moderator looked at a clip with you"),
    "hold_asked": gettext_lazy("A moderator asked to keep a clip with you for the law, sealed"),
    "hold_agreed": gettext_lazy("A second moderator agreed to keep it"),
    "hold_over": gettext_lazy("The sealed copy was destroyed"),
    "erased": gettext_lazy("Your likeness was erased"),
}

EVENTS_DRAWN = EVENTS | {
    "likeness_verified": gettext_lazy("You made this character"),
    "grant_saved": gettext_lazy("You changed who may cast it"),
    "frozen": gettext_lazy("It was frozen"),
    "permit_issued": gettext_lazy("Somebody was permitted to make a clip with it"),
    "use_sealed": gettext_lazy("A clip with it was finished"),
    "use_published": gettext_lazy("A clip with it was published"),
    "uses_ended": gettext_lazy("Clips with it were taken down"),
    "seen_by_moderator": gettext_lazy("A moderator looked at a clip with it"),
    "erased": gettext_lazy("The character was erased"),
}


def listed(items: Sequence[str], word: str) -> str:
    """Several things as one, with `word` ("and") before the last; Chinese sets no blanks there."""
    if len(items) < 2 or not (get_language() or "").startswith("zh"):
        return str(get_text_list(list(items), word))
    return "、".join(items[:-1]) + word + items[-1]


def sentences(terms: Terms, names: Sequence[str], *, drawn: bool = False) -> list[str]:
    """The terms as sentences to their owner, the most important first; `drawn`: about a character."""
    if terms.covers_nobody:
        return [
            _("Only you can make clips with it.") if drawn else _("Only you can make clips with yourself.")
        ]
    told = [_who(terms, names, drawn), _what(terms), _seen_first(terms)]
    told += [_flags(terms, drawn), not_about(terms), company(terms, drawn), *limits(terms)]
    if terms.wishes:
        told.append(_("Added to every prompt: “%(wishes)s”.") % {"wishes": terms.wishes})
    return [sentence for sentence in told if sentence]


def _who(terms: Terms, names: Sequence[str], drawn: bool) -> str:
    named = listed(names, _("and"))
    groups = {
        Audience.CIRCLE: _("Your circle may cast it") if drawn else _("Your circle may cast you"),
        Audience.MUTUALS: _("Your mutuals may cast it") if drawn else _("Your mutuals may cast you"),
        Audience.EVERYONE: (
            _("Everybody with an account here may cast it")
            if drawn
            else _("Everybody with an account here may cast you")
        ),
    }
    group = groups.get(Audience(terms.audience), "")
    if not group:
        only = (
            _("%(people)s may cast it, and nobody else.")
            if drawn
            else _("%(people)s may cast you, and nobody else.")
        )
        return only % {"people": named}
    if not names or terms.audience == Audience.EVERYONE:
        return group + _(".")
    return _("%(group)s, and so may %(people)s.") % {"group": group, "people": named}


def _what(terms: Terms) -> str:
    chosen = [str(PURPOSES[code][0]).lower() for code in PURPOSES if code in terms.purposes]
    if not chosen:
        return _("Nothing may be made: no purpose is allowed.")
    return _("For: %(purposes)s.") % {"purposes": listed(chosen, _("and"))}


def _seen_first(terms: Terms) -> str:
    if terms.show_me_first:
        return _(
            "You see each clip first, unless it is by your circle; without your yes it is not published."
        )
    return _("Clips can be published without asking you; you can take down any of them.")


def _flags(terms: Terms, drawn: bool) -> str:
    voice = _("Your voice may be used") if terms.voice else _("Your voice may not be used")
    if drawn:
        voice = _("It may be heard") if terms.voice else _("It may not be heard")
    money = _("clips may be commercial") if terms.commercial else _("clips may not be commercial")
    return _("%(voice)s, and %(money)s.") % {"voice": voice, "money": money}


def not_about(terms: Terms) -> str:
    """What is refused, as one sentence; empty where nothing is."""
    refused = [str(topic.label).lower() for code, topic in TOPICS.items() if code in terms.topics_refused]
    refused += [
        f"“{words.strip()}”" for words in terms.refused_words.replace("\n", ",").split(",") if words.strip()
    ]
    return _("Never about: %(topics)s.") % {"topics": listed(refused, _("or"))} if refused else ""


def company(terms: Terms, drawn: bool = False) -> str:
    """Who may stand beside them; empty where anybody may."""
    if terms.companions == Companions.NOBODY:
        return _("It is always alone in the picture.") if drawn else _("You are always alone in the picture.")
    if drawn:
        return _("Beside it only people of your circle.") if terms.companions == Companions.CIRCLE else ""
    return _("Beside you only people of your circle.") if terms.companions == Companions.CIRCLE else ""


def limits(terms: Terms) -> list[str]:
    """Age, count and days, one sentence each."""
    told = []
    if terms.minimum_age:
        told.append(_("Only people of %(age)d years or older.") % {"age": terms.minimum_age})
    if terms.count_limit == 0:
        told.append(_("No more clips: the number you allowed is used up."))
    elif terms.count_limit is not None:
        told.append(
            ngettext("At most %(n)d more clip.", "At most %(n)d more clips.", terms.count_limit)
            % {"n": terms.count_limit}
        )
    if terms.use_from:
        told.append(_("New clips from %(day)s on.") % {"day": date_format(terms.use_from)})
    last = timedelta(seconds=1)  # the day chosen is included: the moment kept is the midnight after it
    if terms.use_until:
        told.append(_("New clips until %(day)s.") % {"day": date_format(terms.use_until - last)})
    if terms.show_until:
        told.append(
            _("All clips are taken down after %(day)s.") % {"day": date_format(terms.show_until - last)}
        )
    return told
