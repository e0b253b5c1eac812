"""What an advertisement has to be called."""

from django.conf import settings
from django.utils.translation import gettext as _

from feed.models import Post
from generation.models import Clip


def ad_word(post: Post) -> str:
    """How a clip with products is called an advertisement; a host for New York says of one that a model made
    that whoever performs in it may be nobody (docs/law.md)."""
    if settings.SYNTHETIC_PERFORMER_LABEL and post.clip.origin == Clip.Origin.GENERATED:
        return _("Advertisement with synthetic performers")
    return _("Advertisement")
