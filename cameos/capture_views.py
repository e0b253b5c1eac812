"""The pages before a likeness exists: release, recorder, and the recording for who has to look at it."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from cameos import capture_actions, release
from cameos.capture_access import latest_for, recording_for
from cameos.capture_forms import ReleaseForm
from cameos.capture_words import sentences
from cameos.intake import media
from cameos.models import Cameo
from cameos.recordings import unseal


@login_required
@require_http_methods(["GET", "POST"])
def release_page(request: HttpRequest) -> HttpResponse:
    """What recording means, in writing; agreeing leads to the recorder."""
    user = cast(User, request.user)
    form = ReleaseForm(request.POST if request.method == "POST" else None, countries=release.countries())
    if request.method == "POST" and form.is_valid():
        capture_actions.agree(user=user, country=form.cleaned_data.get("country", ""), now=timezone.now())
        return redirect("cameos:capture")
    return render(request, "cameos/capture_release.html", _release(user, form))


@login_required
@require_POST
def withdraw_release(request: HttpRequest) -> HttpResponse:
    """Take the agreement back."""
    capture_actions.withdraw_release(user=cast(User, request.user), now=timezone.now())
    messages.success(request, _("You took your agreement back. Nothing was recorded, and nothing is kept."))
    return redirect("cameos:release")


@login_required
@require_GET
def capture_page(request: HttpRequest) -> HttpResponse:
    """The recorder, or how the last recording stands."""
    user = cast(User, request.user)
    if release.in_force(user) is None:
        return redirect("cameos:release")
    latest = latest_for(user)
    page = {
        "cameo": Cameo.objects.filter(owner=user, kind=Cameo.Kind.PERSON).exclude(state="erased").first(),
        "latest": latest,
        "reasons": sentences(latest.reasons, decided=latest.is_sent_back) if latest else [],
    }
    return render(request, "cameos/capture.html", page)


@login_required
@require_GET
def recording(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """The sealed recording under review, opened in memory for the one who has to look at it."""
    made = recording_for(cast(User, request.user), public_id)
    data = unseal(made)
    if data is None:
        raise Http404
    kind = "video/mp4" if data[4:8] == b"ftyp" else "video/webm"
    return media.serve_bytes(request, data, content_type=kind, etag=made.public_id.hex)


def _release(user: User, form: ReleaseForm) -> dict[str, Any]:
    return {
        "form": form,
        "sections": release.SECTIONS,
        "timetable": release.TIMETABLE,
        "version": release.VERSION,
        "agreement": release.in_force(user),
        "old_enough": release.is_old_enough(user, timezone.now()),
        "minimum_age": release.minimum_age(),
    }
