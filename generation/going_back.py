"""Where somebody changes what they asked for: the form that it came from, with as much of it as an address
holds."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse

from generation import verbs
from generation.models import Generation
from generation.states import FROM_FILMS, FROM_ONE_PICTURE, Verb

PAGES = {Verb.PROMO: "promo", Verb.EXPLAIN: "explain"}
FORMLESS = (Verb.RETAKE, Verb.PLAY)  # asked for on the page of their clip


def change_of(row: Generation) -> str:
    """The address of the form, filled in where it can be."""
    whole = f"?{urlencode({'from': row.public_id})}"
    words = "" if row.prompt in verbs.WORDLESS else f"?{urlencode({'prompt': row.prompt})}"
    if row.parent is not None and row.parent.is_gone:
        return reverse("generation:create") + words
    if row.verb == Verb.TEXT and row.how.get("layout"):
        return reverse("generation:from-words", args=["layout"]) + words
    if row.verb in (Verb.TEXT, Verb.REMIX):
        return reverse("generation:create") + whole
    if row.verb == Verb.STORYBOARD:
        return reverse("generation:storyboard") + whole
    if row.verb in PAGES:
        return reverse(f"generation:{PAGES[Verb(row.verb)]}")
    if row.verb in FROM_ONE_PICTURE:
        return reverse("generation:picture") + words
    if row.verb in FROM_FILMS:
        return reverse("generation:films")
    if row.parent is None:
        return reverse("generation:from-words", args=[row.verb]) + words
    if row.verb in FORMLESS:
        return reverse("generation:clip", args=[row.parent.public_id])
    return reverse("generation:go-on", args=[row.parent.public_id, row.verb]) + words
