"""Where somebody changes what they asked for: the form that it came from, with as much of it as an address
holds."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from accounts.models import User
from generation import access, explaining, verbs
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
        return reverse(f"generation:{PAGES[Verb(row.verb)]}") + whole
    if row.verb in FROM_ONE_PICTURE:
        return reverse("generation:picture") + words
    if row.verb in FROM_FILMS:
        return reverse("generation:films") + whole
    if row.parent is None:
        return reverse("generation:from-words", args=[row.verb]) + words
    if row.verb in FORMLESS:
        return reverse("generation:clip", args=[row.parent.public_id])
    return reverse("generation:go-on", args=[row.parent.public_id, row.verb]) + words


def asked_before(maker: User, public_id: str, *forms: str) -> dict[str, Any]:
    """What a form of films or photos begins with where a request of one's own is to be changed (`from`): its
    words, its material, and how it was to be. Nothing without one, or for one of another form."""
    row = access.generation_for(maker, public_id) if public_id else None
    if row is None or row.verb not in forms:
        return {}
    how = dict(row.how)
    if row.verb == Verb.EXPLAIN:
        said = explaining.sentences_of(how.pop("shots", []))
        how["text"] = "\n".join(f"{one.who}: {one.text}" if one.who else one.text for one in said)
        how |= {"voice": ""} if how.get("silent") else {}
    if row.verb == Verb.PROMO:
        how["lines"] = "\n".join(how.get("lines", []))
    if "product" in how:
        how["product"] = how["product"].get("id", "")
    how["steady"] = bool(how.get("steady"))
    cast = [str(member.cameo.public_id) for member in row.cast.select_related("cameo")]
    words = "" if row.prompt in verbs.WORDLESS else row.prompt
    told = {"aspect": row.aspect, "cast": cast, "verb": row.verb, "prompt": words}
    return told | ({} if row.verb == Verb.EXPLAIN else {"seconds": row.seconds}) | how
