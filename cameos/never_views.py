"""The never-me pages: what it is, the recording, the code, and taking an entry off. Open to everybody."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import throttle
from cameos import never_me, release
from cameos.capture_access import VISITOR, latest_for, visitor_of
from cameos.capture_forms import CodeForm, NeverMeForm
from cameos.capture_words import sentences


@require_http_methods(["GET", "HEAD", "POST"])
def about(request: HttpRequest) -> HttpResponse:
    """What the registry does and keeps; agreeing leads to the recorder."""
    form = NeverMeForm(
        request.POST if request.method == "POST" else None,
        countries=release.countries(),
        minimum_age=release.minimum_age(),
    )
    if request.method == "POST" and form.is_valid():
        throttle.visitor(throttle.client_address(request), timezone.now())
        entry = never_me.begin(country=form.cleaned_data.get("country", ""), now=timezone.now())
        request.session[VISITOR] = str(entry.public_id)
        return redirect("cameos:never-me-recording")
    page = {
        "form": form,
        "sections": release.NEVER_ME_SECTIONS,
        "timetable": release.TIMETABLE,
        "version": release.VERSION,
        "begun": visitor_of(request),
    }
    return render(request, "cameos/never_me.html", page)


@never_cache
@require_safe
def recording(request: HttpRequest) -> HttpResponse:
    """The recorder, or how the last recording stands."""
    entry = visitor_of(request)
    if entry is None:
        return redirect("cameos:never-me")
    latest = latest_for(entry)
    page = {
        "entry": entry,
        "latest": latest,
        "reasons": sentences(latest.reasons, decided=latest.is_sent_back) if latest else [],
    }
    return render(request, "cameos/never_me_recording.html", page)


@never_cache
@require_POST
def code(request: HttpRequest) -> HttpResponse:
    """A fresh code, shown once; the older one is void."""
    entry = visitor_of(request)
    if entry is None:
        raise Http404
    made = never_me.mint_code(entry=entry)
    return render(request, "cameos/never_me_code.html", {"code": made, "entry": entry})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest) -> HttpResponse:
    """Take an entry off with its code; answers with the receipt."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        throttle.never_me_code(throttle.client_address(request), timezone.now())
        entry = never_me.take_off(code=form.cleaned_data["code"], now=timezone.now())
        return render(request, "cameos/never_me_removed.html", {"entry": entry})
    return render(request, "cameos/never_me_remove.html", {"form": form})
