"""What a handle and a name may look like, so that nobody can pass for somebody else by how they are
written.
"""

from __future__ import annotations

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.db.models import F, Func, Value
from django.db.models.functions import Lower, Replace
from django.utils.translation import gettext_lazy as _

HANDLE = re.compile(r"[a-z][a-z0-9_]{1,28}[a-z0-9]")

# Addresses of ours, and names that sound as if the host itself were speaking.
RESERVED = frozenset(
    {
        "about",
        "account",
        "accounts",
        "admin",
        "administrator",
        "anonymous",
        "api",
        "cases",
        "checkout",
        "circle",
        "clips",
        "create",
        "erased",
        "everyone",
        "following",
        "gone",
        "healthz",
        "help",
        "host",
        "imprint",
        "invites",
        "join",
        "latest",
        "legal",
        "likeness",
        "login",
        "logout",
        "mail",
        "me",
        "media",
        "moderator",
        "moderators",
        "notifications",
        "official",
        "operator",
        "orders",
        "owner",
        "post",
        "posts",
        "privacy",
        "readyz",
        "root",
        "security",
        "settings",
        "shop",
        "staff",
        "static",
        "support",
        "system",
        "team",
        "terms",
        "understudy",
        "verified",
        "verify",
        "webhooks",
    }
)

# Look alike in the usual typefaces: what differs only in these is one handle.
LOOKALIKES = (("0", "o"), ("1", "l"), ("rn", "m"), ("vv", "w"), ("_", ""))

# Letters of these scripts can pass for one another; a name is written in one of them.
CONFUSABLE_SCRIPTS = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC"})

# Controls (Cc), formats such as bidi marks and zero-width characters (Cf), lone surrogates, private and
# unassigned ones.
HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def skeleton(handle: str) -> str:
    """What a handle looks like from afar."""
    text = handle.lower()
    for one, other in LOOKALIKES:
        text = text.replace(one, other)
    return text


def skeleton_expression(column: str = "username") -> Func:
    """`skeleton` as the database computes it; the unique constraint on `User` stands on it."""
    expression: Func = Lower(F(column))
    for one, other in LOOKALIKES:
        expression = Replace(expression, Value(one), Value(other))
    return expression


def check_handle(handle: str) -> None:
    """Raise ValidationError with a sentence that says what to change."""
    if not HANDLE.fullmatch(handle):
        raise ValidationError(
            _("A handle has 3 to 30 characters: small letters a to z, digits, underscores; a letter first."),
            code="handle_form",
        )
    if handle in RESERVED or skeleton(handle) in {skeleton(word) for word in RESERVED}:
        raise ValidationError(
            _("This handle is kept for the host. Please choose another."), code="handle_reserved"
        )


MOST_MARKS = 3  # combining marks on one letter; Vietnamese and Thai need two, "zalgo" has dozens


def check_name(name: str) -> None:
    """A display name may use any one script, and nothing that hides, turns the writing around or runs over
    the lines beside it."""
    if any(unicodedata.category(char) in HIDDEN_CATEGORIES for char in name):
        raise ValidationError(
            _("The name holds invisible characters, or marks that turn writing around. Please type it anew."),
            code="name_hidden",
        )
    marks = "".join("m" if unicodedata.category(char) in {"Mn", "Me"} else " " for char in name)
    if "m" * (MOST_MARKS + 1) in marks:
        raise ValidationError(
            _("The name holds towers of marks on one letter. Please type it anew."), code="name_marks"
        )
    scripts = {unicodedata.name(char, "").split(" ")[0] for char in name if char.isalpha()}
    if len(scripts & CONFUSABLE_SCRIPTS) > 1:
        raise ValidationError(
            _("The name mixes alphabets whose letters look alike. Please write it in one."), code="name_mixed"
        )
