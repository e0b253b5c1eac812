"""The written release: what a person agrees to before the first recording, and may take back.

A change of meaning makes a new `VERSION`, and everybody is asked again before the next recording. What was
agreed to is kept as version, language and hash of the very words shown. `TIMETABLE` is the public retention
timetable.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.age import age_of
from accounts.models import User
from accounts.refusals import Refused
from cameos.models import ReleaseAgreement

VERSION = "2026-11"
# How long a recording that a person has to look at is kept, sealed; every other one goes with its verdict.
REVIEW_KEPT = timedelta(days=14)
NUMBERS_KEPT = timedelta(days=365)


@dataclass(frozen=True)
class Section:
    title: Promise | str
    points: tuple[Promise | str, ...]


SECTIONS = (
    Section(
        _("What you record"),
        (
            _(
                "A short film of your face and voice that answers a challenge: turn your "
                "head, blink, say three numbers."
            ),
            _(
                "It proves that you, and not a picture of you, ask for this. A machine "
                "checks it; when it is unsure, or when you ask, a person does."
            ),
        ),
    ),
    Section(
        _("What is kept of it"),
        (
            _(
                "A few pictures of your face, a little of your voice, and numbers "
                "computed from both (biometric data)."
            ),
            _("All of it is encrypted under a key that belongs to your likeness alone."),
            _(
                "The recording itself is erased as soon as it is checked. If a person has"
                " to look at it, it is kept encrypted until then, for 14 days at most."
            ),
        ),
    ),
    Section(
        _("What it is used for: two things, and nothing else"),
        (
            _(
                "To draw you, and let you speak, in clips that you permitted. At first "
                "that is nobody but you."
            ),
            _("To find you in clips that nobody permitted, so that they are stopped."),
        ),
    ),
    Section(
        _("Who sees it"),
        (
            _(
                "Nobody sees your recording or your reference pictures, except a "
                "moderator when a person has to check the recording."
            ),
            _("You see every draft and every clip with you, whoever made it, and can take each one down."),
        ),
    ),
    Section(
        _("How you get out"),
        (
            _(
                "You can freeze your likeness, revoke every permission, or erase it, at "
                "any time, without giving a reason."
            ),
            _(
                "Erasing destroys the key first, so that every copy and backup becomes "
                "noise, and gives you a receipt."
            ),
            _(
                "What others have already downloaded cannot be called back; the verify "
                "page says that it is withdrawn."
            ),
        ),
    ),
)

# The same for somebody without an account who asks never to be shown (`never_me.py`).
NEVER_ME_SECTIONS = (
    Section(
        _("What you record"),
        (
            _("A short film of your face and voice: turn your head, blink, say three numbers."),
            _(
                "It proves that you, and not a picture of you, ask for this. Nobody can enter "
                "somebody else by a photograph they found."
            ),
        ),
    ),
    Section(
        _("What is kept of it"),
        (
            _(
                "128 numbers computed from your face (biometric data), encrypted under a key of "
                "their own. No picture, no voice, no name, no address."
            ),
            _(
                "The recording is erased as soon as it is checked. If a person has to look at it, "
                "it is kept encrypted until then, for 14 days at most."
            ),
        ),
    ),
    Section(
        _("What it is used for: one thing, and nothing else"),
        (
            _(
                "Every finished clip, every picture offered for a clip and every new likeness on this "
                "host is compared with those numbers, and refused where they match."
            ),
            _(
                "Machines make mistakes: a drawing, a mask or a bad picture of you may pass, and "
                "somebody who looks like you may be stopped."
            ),
        ),
    ),
    Section(
        _("How you get out"),
        (
            _(
                "You get a code, once. With it you take your entry off, at any time, without giving a "
                "reason; the key is destroyed first."
            ),
            _("Without the code nobody can find your entry, not even we: keep it well."),
        ),
    ),
)

# What, how long. Shown with the release and kept by the tasks that erase.
TIMETABLE: tuple[tuple[Promise | str, Promise | str], ...] = (
    (_("An unfinished or unused recording"), _("24 hours")),
    (_("A checked recording"), _("until the verdict, usually under a minute")),
    (_("A recording that a person has to look at"), _("until the decision, 14 days at most, encrypted")),
    (_("The numbers behind a verdict, and hashes that recognise a repeated recording"), _("1 year")),
    (_("Face, voice and what is computed from them"), _("until you erase your likeness")),
    (_("The numbers of a face that asked never to be shown"), _("until the code takes them off")),
    (
        _("Ledger entries (pseudonyms and hashes; readable details until you erase)"),
        _("as long as this host exists"),
    ),
)


class NotInThisCountry(Refused):
    code = "capture_off_here"
    message = _("The operator of this host has not turned recording on in your country.")
    status = 403


def text() -> str:
    """The release as one text in the reader's language: what is hashed."""
    return _as_text(SECTIONS)


def never_me_text() -> str:
    """The release of the never-me registry, likewise."""
    return _as_text(NEVER_ME_SECTIONS)


def _as_text(sections: tuple[Section, ...]) -> str:
    parts = [f"{section.title}\n" + "\n".join(map(str, section.points)) for section in sections]
    parts.append("\n".join(f"{what}: {how_long}" for what, how_long in TIMETABLE))
    return "\n\n".join(parts)


def in_force(user: User) -> ReleaseAgreement | None:
    """The person's agreement to the version of today, unless withdrawn."""
    mine = ReleaseAgreement.objects.filter(user=user, version=VERSION, withdrawn_at=None)
    return mine.order_by("-agreed_at").first()


def sign(*, user: User, country: str, now: datetime) -> ReleaseAgreement:
    """Keep that the person agreed to the words as they stand in their language."""
    return ReleaseAgreement.objects.create(
        user=user,
        version=VERSION,
        language=get_language() or "en",
        country=country,
        text_sha256=hashlib.sha256(text().encode()).hexdigest(),
        agreed_at=now,
    )


def countries() -> tuple[str, ...]:
    """The countries (ISO 3166 two-letter codes) in which the operator turned capture on; none means all."""
    return tuple(getattr(settings, "CAPTURE_COUNTRIES", ()))


def require_country(country: str) -> None:
    """Raises `NotInThisCountry` where the operator named countries and this is none of them."""
    if countries() and country not in countries():
        raise NotInThisCountry()


def is_old_enough(user: User, now: datetime) -> bool:
    """Unknown ages are too young."""
    age = age_of(user, now)
    return age is not None and age >= minimum_age()


def minimum_age() -> int:
    return int(getattr(settings, "CAPTURE_MIN_AGE", 18))
