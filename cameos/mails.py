"""Mail to an owner about what somebody with their session could have done in their name."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.notifications import notify
from cameos.models import Cameo, GrantedPerson, LikenessGrant, PriceCard


def widened(grant: LikenessGrant, fields: list[str], now: datetime) -> None:
    """A grant was widened: by mail and by news, each with the way to stop it."""
    cameo = grant.cameo
    people = ", ".join(row.person.name for row in _newly_named(grant))
    facts = {
        "cameo": cameo,
        "grant": grant,
        "people": people,
        "waits": grant.effective_at > now,
        "site": settings.SITE_URL,
    }
    _mail(cameo, _("Your likeness was opened to more"), "cameos/mail_widened.txt", facts)
    notify(
        recipient=cameo.owner,
        kind="likeness_widened",
        data={"waits": grant.effective_at > now},
        url="/likeness",
        now=now,
    )


def _newly_named(grant: LikenessGrant) -> QuerySet[GrantedPerson]:
    """Whom the version before it, of those that were not taken back, did not name."""
    earlier = LikenessGrant.objects.filter(cameo=grant.cameo, version__lt=grant.version, revoked_at=None)
    before = GrantedPerson.objects.filter(grant=earlier.order_by("-version").first())
    fresh = grant.people.exclude(person__in=before.values("person"))
    return fresh.select_related("person").order_by("person__username")


def unfrozen(cameo: Cameo, now: datetime) -> None:
    _mail(
        cameo,
        _("Your likeness can be used again"),
        "cameos/mail_unfrozen.txt",
        {"cameo": cameo, "site": settings.SITE_URL},
    )


def cheaper(card: PriceCard) -> None:
    """A lower price opens a likeness to more people."""
    facts = {"cameo": card.cameo, "card": card, "site": settings.SITE_URL}
    _mail(card.cameo, _("Your likeness will cost less"), "cameos/mail_cheaper.txt", facts)


def _mail(cameo: Cameo, subject: str, template: str, facts: dict[str, object]) -> None:
    """Sent once the transaction is committed; a mail server that is away undoes nothing."""
    with override(getattr(cameo.owner, "language", "") or settings.LANGUAGE_CODE):
        text, title, to = render_to_string(template, facts), str(_(subject)), cameo.owner.email
    transaction.on_commit(lambda: send_mail(title, text, None, [to]), robust=True)
