"""What the operator writes about the house itself: terms, privacy, imprint, rules."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class HousePage(models.Model):
    """One version of one page. The newest stands; older ones stay to be read, and the database refuses to
    change any."""

    class Kind(models.TextChoices):
        RULES = "rules", _("House rules")
        TERMS = "terms", _("Terms")
        PRIVACY = "privacy", _("Privacy")
        IMPRINT = "imprint", _("Imprint")

    kind = models.CharField(_("Page"), max_length=8, choices=Kind.choices)
    text = models.TextField(
        _("In English"),
        max_length=100_000,
        help_text=_(
            "An empty line ends a paragraph; a line that begins with # is a heading, with - a point."
        ),
    )
    text_zh = models.TextField(_("In Chinese"), max_length=100_000, blank=True)
    made_at = models.DateTimeField()
    # PROTECT, for SET_NULL would be a change: accounts are emptied, not deleted.
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["kind", "-id"], name="house_page_newest")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.made_at:%Y-%m-%d %H:%M}"
