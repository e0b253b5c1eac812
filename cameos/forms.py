"""The grant as a form. It only reads and writes `Terms`; what they may be is decided in `actions`."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import access as people
from accounts import social
from accounts.models import User
from cameos.freeze_requests import STANDINGS
from cameos.licences import CURRENCIES, MOST_CLIPS, MOST_FEE
from cameos.models import Audience, Companions, PriceCard
from cameos.refusals import TermsRefused
from cameos.terms import Terms
from cameos.topic_words import TOPICS
from cameos.wording import AUDIENCES, COMPANY, PURPOSES

ABOUT_DRAWN = {
    "people": _(
        "Their handles, separated by commas. They may cast it whatever you chose above, except “Only me”."
    ),
    "wishes": _(
        "Added to every prompt with it, for example “in a red hat”, unless somebody else in the clip"
        " refuses it."
    ),
    "show_until": _("After this day no clip with it is shown any more."),
}


class DayField(forms.DateField):
    widget = forms.DateInput(attrs={"type": "date"})


class GrantForm(forms.Form):
    audience = forms.ChoiceField(choices=[(code, words[0]) for code, words in AUDIENCES.items()])
    people = forms.CharField(
        label=_("People by name"),
        help_text=_(
            "Their handles, separated by commas. They may cast you whatever you chose above,"
            " except “Only me”."
        ),
        required=False,
        max_length=4000,
        widget=forms.TextInput(attrs={"placeholder": "@bob, @carol", "autocapitalize": "none"}),
    )
    purposes = forms.MultipleChoiceField(
        choices=[(code, words[0]) for code, words in PURPOSES.items()], required=False
    )
    show_me_first = forms.BooleanField(required=False)
    voice = forms.BooleanField(required=False)
    commercial = forms.BooleanField(required=False)
    companions = forms.ChoiceField(choices=[(code, words[0]) for code, words in COMPANY.items()])
    topics_refused = forms.MultipleChoiceField(
        choices=[(code, topic.label) for code, topic in TOPICS.items()], required=False
    )
    refused_words = forms.CharField(
        label=_("Also never about"),
        help_text=_(
            "Short phrases of your own, separated by commas: “clowns, my old job”. Meant, not only matched."
        ),
        required=False,
        max_length=1000,
    )
    wishes = forms.CharField(
        label=_("Always"),
        help_text=_(
            "Added to every prompt with you, for example “in a red hat”, unless somebody else in the clip"
            " refuses it."
        ),
        required=False,
        max_length=280,
    )
    minimum_age = forms.IntegerField(
        label=_("Only people from this age on"), required=False, min_value=0, max_value=120
    )
    count_limit = forms.IntegerField(
        label=_("At most this many more clips"),
        help_text=_("Counted from now on, over all people. Empty: no limit."),
        required=False,
        min_value=0,
        max_value=1_000_000,
    )
    use_from = DayField(label=_("New clips from"), required=False)
    use_until = DayField(
        label=_("New clips until"), help_text=_("This day included. Clips made before stay."), required=False
    )
    show_until = DayField(
        label=_("Take everything down after"),
        help_text=_("After this day no clip with you is shown any more."),
        required=False,
    )
    also_existing = forms.BooleanField(required=False)

    def __init__(self, *given: Any, owner: User, drawn: bool = False, **more: Any) -> None:
        """`drawn`: of a character, which its page does not call "you"."""
        super().__init__(*given, **more)
        self.owner = owner
        for field, words in ABOUT_DRAWN.items() if drawn else ():
            self.fields[field].help_text = words

    def clean_people(self) -> frozenset[int]:
        """Ids of the people whose handles stand there. An unknown handle is an error that names it, and so is
        that of somebody who blocked the owner: the two look the same."""
        handles = {
            part.lstrip("@").lower() for part in re.split(r"[\s,;]+", self.cleaned_data["people"]) if part
        }
        known = people.people_called(self.owner, handles)
        missing = sorted(handles - set(known))
        if missing:
            raise forms.ValidationError(_("Nobody here is called %(names)s.") % {"names": ", ".join(missing)})
        return frozenset(known.values())

    def terms(self) -> Terms:
        """What was filled in. Call it on a valid form. Raises `TermsRefused`."""
        data = self.cleaned_data
        terms = Terms(
            audience=data["audience"],
            people=data["people"],
            purposes=frozenset(data["purposes"]),
            topics_refused=frozenset(data["topics_refused"]),
            refused_words=data["refused_words"],
            commercial=data["commercial"],
            voice=data["voice"],
            companions=data["companions"],
            show_me_first=data["show_me_first"],
            minimum_age=data["minimum_age"] or 0,
            use_from=_midnight(data["use_from"]),
            use_until=_midnight_after(data["use_until"]),
            show_until=_midnight_after(data["show_until"]),
            count_limit=data["count_limit"],
            wishes=data["wishes"],
        )
        return as_chosen(terms)


class PriceForm(forms.Form):
    fee = forms.DecimalField(
        label=_("For each clip"),
        help_text=_("0: casting you costs nothing."),
        min_value=0,
        max_value=MOST_FEE / 100,
        decimal_places=2,
    )
    currency = forms.ChoiceField(label=_("Currency"), choices=[(code, code) for code in CURRENCIES])
    share = forms.DecimalField(
        label=_("Share of what a clip with you sells, in per cent"),
        min_value=0,
        max_value=100,
        decimal_places=2,
    )
    friends_free = forms.BooleanField(required=False)

    def prices(self) -> dict[str, Any]:
        """What was filled in, in minor units and basis points. Call it on a valid form."""
        data = self.cleaned_data
        return {
            "fee": int(data["fee"] * 100),
            "currency": data["currency"],
            "share_bp": int(data["share"] * 100),
            "friends_free": data["friends_free"],
        }

    @staticmethod
    def initial_of(card: PriceCard | None) -> dict[str, Any]:
        if card is None:
            return {"fee": 0, "currency": CURRENCIES[0], "share": 10, "friends_free": True}
        fee, share = Decimal(card.fee) / 100, Decimal(card.share_bp) / 100
        return {"fee": fee, "currency": card.currency, "share": share, "friends_free": card.friends_free}


class FreezeRequestForm(forms.Form):
    standing = forms.ChoiceField(choices=list(STANDINGS.items()))
    words = forms.CharField(
        label=_("What happened?"),
        help_text=_("Only moderators read this."),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class LicenceForm(forms.Form):
    clip_count = forms.IntegerField(label=_("How many clips?"), min_value=1, max_value=MOST_CLIPS)
    words = forms.CharField(
        label=_("What for?"),
        help_text=_("Their owner reads this before they answer."),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def as_chosen(terms: Terms) -> Terms:
    """The terms as somebody means them who chooses “only me” and leaves names standing: nobody else. Raises
    `TermsRefused` for days that let nothing be shown."""
    if terms.use_from and terms.show_until and terms.show_until <= terms.use_from:
        raise TermsRefused(
            "show_until",
            _("Everything would be taken down before new clips may begin."),
            _("Choose a later day, or let them begin earlier."),
        )
    return replace(terms, people=frozenset()) if terms.audience == Audience.ONLY_ME else terms


def initial_of(terms: Terms, owner: User) -> dict[str, Any]:
    """The form's first values for these terms. Of the people named, those whom the form would take."""
    named = User.objects.filter(pk__in=terms.people - social.blocked_ids(owner), erased_at=None)
    names = named.filter(is_active=True).order_by("username").values_list("username", flat=True)
    closed_but_for_them = terms.audience == Audience.ONLY_ME and bool(terms.people)
    return {
        "audience": Audience.NAMED if closed_but_for_them else Audience(terms.audience),
        "people": ", ".join(f"@{name}" for name in names),
        "purposes": sorted(terms.purposes),
        "show_me_first": terms.show_me_first,
        "voice": terms.voice,
        "commercial": terms.commercial,
        "companions": Companions(terms.companions),
        "topics_refused": sorted(terms.topics_refused),
        "refused_words": terms.refused_words,
        "wishes": terms.wishes,
        "minimum_age": terms.minimum_age or None,
        "count_limit": terms.count_limit,
        "use_from": terms.use_from.date() if terms.use_from else None,
        "use_until": _day_before(terms.use_until),
        "show_until": _day_before(terms.show_until),
        "also_existing": True,
    }


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None


def _midnight_after(day: date | None) -> datetime | None:
    return datetime.combine(day + timedelta(days=1), time(), UTC) if day else None


def _day_before(moment: datetime | None) -> date | None:
    return (moment - timedelta(seconds=1)).date() if moment else None
