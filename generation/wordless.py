"""What is said of a clip that was asked for without words, in the reader's language: nobody typed the line
that stands in its row (`verbs.RULES`)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "it goes on from this picture": _("It goes on from a picture."),
    "it leads to this picture": _("It leads up to a picture."),
    "it leads through these pictures": _("It leads through pictures."),
    "it goes on": _("It goes on from a clip."),
    "a seamless loop": _("A loop without a seam."),
    "one leads to the other": _("One clip leads into another."),
    "somebody else does the same": _("Somebody else does the same."),
    "a photo moves like this clip": _("A photo moves like a clip."),
    "played by hand": _("Played by hand."),
    "filmed": _("As it was filmed."),
    "cut from films": _("Cut together from films."),
    "a picture": _("A picture."),
    "a camera over a picture": _("A camera goes over a picture."),
    "photos of a product": _("Photos of a product."),
}


def shown(prompt: str) -> str:
    """The words themselves, or the sentence that stands for none."""
    return str(SENTENCES.get(prompt, prompt))
