"""What people type, before anything is decided about it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts import guardians, hooks
from accounts.actions import Newcomer
from accounts.tokens import SCOPES


class NewcomerForm(forms.Form):
    handle = forms.CharField(
        label=_("Handle"),
        max_length=30,
        help_text=_("3 to 30 small letters, digits and underscores. People find you by it."),
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        required=False,
        help_text=_("As people should read it. It may stay empty."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    birth_date = forms.DateField(
        label=_("Birth date"),
        help_text=_("Nobody else sees it. It decides what the app may do with you."),
        widget=forms.DateInput(attrs={"type": "date", "autocomplete": "bday"}),
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    def newcomer(self, invite_code: str) -> Newcomer:
        data: dict[str, Any] = self.cleaned_data
        return Newcomer(
            handle=data["handle"].strip().lower(),
            name=data["name"],
            birth_date=data["birth_date"],
            language=data["language"],
            email=data.get("email", ""),
            invite_code=invite_code,
        )


class NewcomerByEmailForm(NewcomerForm):
    email = forms.EmailField(
        label=_("E-mail"),
        help_text=_("For the code that lets you in. With a passkey you need none."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class OperatorForm(NewcomerByEmailForm):
    """Whoever sets a host up says who they are."""

    field_order = ["handle", "name", "email", "birth_date", "language"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].help_text = _("Codes that let you in go there. A passkey comes next.")


class InviteCodeForm(forms.Form):
    code = forms.CharField(label=_("Invite code"), max_length=40)


class EmailForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "username webauthn"})
    )


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Six digits from the mail"),
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class ProfileForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=60, required=False)
    bio = forms.CharField(
        label=_("About you"), max_length=280, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)


class TokenForm(forms.Form):
    name = forms.CharField(label=_("What is it for?"), max_length=60)
    days = forms.TypedChoiceField(
        label=_("Good for"),
        coerce=int,
        choices=[(7, _("a week")), (30, _("a month")), (90, _("three months")), (365, _("a year"))],
        initial=30,
    )
    scopes = forms.MultipleChoiceField(
        label=_("It may"), choices=list(SCOPES.items()), widget=forms.CheckboxSelectMultiple
    )


class HookForm(forms.Form):
    address = forms.URLField(
        label=_("Address"),
        max_length=500,
        assume_scheme="https",
        help_text=_("https://… of a server of yours."),
    )
    kinds = forms.MultipleChoiceField(
        label=_("Which news? None means all."),
        required=False,
        choices=hooks.kinds,
        widget=forms.CheckboxSelectMultiple,
    )


class InviteForm(forms.Form):
    uses = forms.IntegerField(label=_("For how many people?"), min_value=1, max_value=50, initial=1)


class HandleForm(forms.Form):
    handle = forms.CharField(label=_("Handle"), max_length=40)


class WardForm(forms.Form):
    """What a guardian wants for a teen's account."""

    minutes_a_day = forms.IntegerField(
        label=_("Minutes of watching a day, at most"),
        min_value=guardians.LEAST_MINUTES,
        max_value=guardians.MOST_MINUTES,
        required=False,
        help_text=_(
            "Empty: as the app and they themselves have it. A day begins at midnight in your own time zone."
        ),
    )
    no_messages = forms.BooleanField(label=_("Messages with me alone"), required=False)
    no_casting = forms.BooleanField(
        label=_("Their likeness stays frozen: nobody can cast them"), required=False
    )

    def limits(self) -> guardians.Limits:
        return guardians.Limits(**self.cleaned_data)


class EraseForm(forms.Form):
    handle = forms.CharField(label=_("Type your handle"), max_length=40)


class DecisionForm(forms.Form):
    decision = forms.CharField(max_length=40)
    note = forms.CharField(
        label=_("Note"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )
