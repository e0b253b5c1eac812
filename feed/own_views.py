"""What is about oneself: wishes of the feed, one's own watching, numbers of one's own clips."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.edge import SignedInRequest
from accounts.models import User
from feed import access, analytics, digest, plots, preferences, wellbeing
from feed.models import Preferences, PushSubscription

# Kinds of news that can be left out of mails; what is about rights always comes.
KINDS = {
    "liked": gettext_lazy("Likes"),
    "commented": gettext_lazy("Comments"),
    "replied": gettext_lazy("Answers to my comments"),
    "reposted": gettext_lazy("Reposts"),
    "remixed": gettext_lazy("Remixes"),
    "followed": gettext_lazy("New followers"),
    "message": gettext_lazy("Messages"),
    "message_request": gettext_lazy("Requests for messages"),
}


class PreferencesForm(forms.Form):
    digest = forms.ChoiceField(
        label=gettext_lazy("News by mail"),
        choices=[
            ("never", gettext_lazy("Never")),
            ("daily", gettext_lazy("Once a day")),
            ("weekly", gettext_lazy("Once a week")),
        ],
    )
    wanted = forms.MultipleChoiceField(
        label=gettext_lazy("With these"),
        choices=list(KINDS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    quiet_from = forms.TimeField(
        label=gettext_lazy("Quiet from"), required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )
    quiet_until = forms.TimeField(
        label=gettext_lazy("Quiet until"), required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )
    time_zone = forms.CharField(label=gettext_lazy("Time zone"), max_length=60, initial="UTC")
    session_minutes = forms.IntegerField(
        label=gettext_lazy("Minutes of clips a day"),
        help_text=gettext_lazy("Then a curtain falls; you decide whether to go on. 0 is no limit."),
        min_value=0,
        max_value=600,
        required=False,
    )
    stop_every = forms.IntegerField(
        label=gettext_lazy("A stop after so many clips"),
        help_text=gettext_lazy("0 is no stop."),
        min_value=0,
        max_value=500,
        required=False,
    )

    def clean_time_zone(self) -> str:
        name = str(self.cleaned_data["time_zone"])
        if name not in available_timezones():
            raise forms.ValidationError(_("This is no time zone; one is Europe/Berlin or Asia/Shanghai."))
        return name


@require_http_methods(["GET", "POST"])
@login_required
def settings_page(request: SignedInRequest) -> HttpResponse:
    kept = Preferences.of(request.user)
    form = PreferencesForm(request.POST if request.method == "POST" else None, initial=_initial(kept))
    if request.method == "POST" and form.is_valid():
        fields = dict(form.cleaned_data)
        wanted = set(fields.pop("wanted"))
        preferences.change(
            person=request.user,
            now=timezone.now(),
            muted_kinds=[kind for kind in KINDS if kind not in wanted],
            **fields,
        )
        messages.success(request, _("Kept."))
        return redirect("feed:preferences")
    context = {
        "form": form,
        "limits": wellbeing.limits(request.user, timezone.now()),
        "zones": sorted(available_timezones()),
        "browsers": PushSubscription.objects.filter(person=request.user).count(),
    }
    return render(request, "feed/preferences.html", context, status=400 if form.errors else 200)


def _initial(kept: Preferences) -> dict[str, Any]:
    names = ("digest", "quiet_from", "quiet_until", "time_zone", "session_minutes", "stop_every")
    wanted = [kind for kind in KINDS if kind not in kept.muted_kinds]
    return {**{name: getattr(kept, name) for name in names}, "wanted": wanted}


@require_http_methods(["GET", "POST"])
def stop_digest(request: HttpRequest, token: str) -> HttpResponse:
    """From the link in a mail, without signing in."""
    person = digest.person_of(token)
    if person is None:
        raise Http404
    if request.method == "POST":
        preferences.change(person=person, digest=Preferences.Digest.NEVER, now=timezone.now())
    return render(request, "feed/digest_stop.html", {"is_done": request.method == "POST"})


@require_safe
@login_required
def exposure(request: SignedInRequest) -> HttpResponse:
    now = timezone.now()
    shown = wellbeing.exposure(request.user, now)
    context = {
        "shown": shown,
        "plot": plots.bars(shown.days, _("Minutes watched each day")),
        "limits": wellbeing.limits(request.user, now),
    }
    return render(request, "feed/exposure.html", context)


@require_safe
@login_required
def numbers(request: SignedInRequest) -> HttpResponse:
    shown = analytics.of_creator(request.user, timezone.now())
    context = {
        "shown": shown,
        "seen": plots.bars(shown.days, _("Impressions each day")),
        "followed": plots.bars(shown.follows, _("New followers each day")),
    }
    return render(request, "feed/numbers.html", context)


@require_safe
@login_required
def numbers_of_post(request: SignedInRequest, post: UUID) -> HttpResponse:
    shown = analytics.of_post(access.own_post_for(request.user, post), timezone.now())
    context = {
        "shown": shown,
        "seen": plots.bars(shown.by_day, _("Impressions each day")),
        "curve": plots.curve(shown.curve, _("Percent still watching through the clip"))
        if shown.curve
        else "",
    }
    return render(request, "feed/numbers_post.html", context)


# --- API ---------------------------------------------------------------------------------------------------


def _me(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user


class PreferencesIn(serializers.Serializer[Any]):
    """What is left out stays."""

    on_boards = serializers.BooleanField(required=False)
    digest = serializers.ChoiceField(choices=Preferences.Digest.choices, required=False)
    muted_kinds = serializers.ListField(
        child=serializers.ChoiceField(choices=list(KINDS)), max_length=20, required=False
    )
    quiet_from = serializers.TimeField(required=False, allow_null=True)
    quiet_until = serializers.TimeField(required=False, allow_null=True)
    time_zone = serializers.ChoiceField(choices=sorted(available_timezones()), required=False)
    session_minutes = serializers.IntegerField(min_value=0, max_value=600, required=False, allow_null=True)
    stop_every = serializers.IntegerField(min_value=0, max_value=500, required=False, allow_null=True)


class PreferencesApi(APIView):
    scopes = {"GET": "me:read", "PATCH": "me:write"}

    @extend_schema(responses=PreferencesIn, operation_id="feed_preferences")
    def get(self, request: Request) -> Response:
        return Response(PreferencesIn(Preferences.of(_me(request))).data)

    @extend_schema(request=PreferencesIn, responses=PreferencesIn, operation_id="feed_prefer")
    def patch(self, request: Request) -> Response:
        given = PreferencesIn(data=request.data)
        given.is_valid(raise_exception=True)
        kept = preferences.change(person=_me(request), now=timezone.now(), **given.validated_data)
        return Response(PreferencesIn(kept).data)


class ExposureApi(APIView):
    scopes = {"GET": "me:read"}

    @extend_schema(responses=serializers.DictField, operation_id="feed_exposure")
    def get(self, request: Request) -> Response:
        return Response(asdict(wellbeing.exposure(_me(request), timezone.now())))


class NumbersApi(APIView):
    scopes = {"GET": "clips:read"}

    @extend_schema(responses=serializers.DictField, operation_id="feed_numbers")
    def get(self, request: Request, post: UUID) -> Response:
        shown = analytics.of_post(access.own_post_for(request.user, post), timezone.now())
        told = {name: value for name, value in vars(shown).items() if name != "post"}
        return Response({"id": str(shown.post.public_id), **told})
