"""Pages of making. Each is: parse, get the row through access.py, one action or query, answer."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import throttle
from accounts.edge import SignedInRequest
from accounts.refusals import Refused
from cameos.intake import media as ranges
from generation import access, actions, credits, estimate, failures, glimpse, showing
from generation.forms import ComposeForm, VerifyForm
from generation.states import State


@require_http_methods(["GET", "POST"])
@login_required
def create(request: SignedInRequest) -> HttpResponse:
    now = timezone.now()
    form = ComposeForm(request.POST or None, initial=showing.first_wishes(request.GET))
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.request_generation(**showing.request_of(request.user, form.cleaned_data), now=now)
            return redirect("generation:generation", public_id=made.public_id)
        except Refused as said:
            refusal = said
    context = showing.composer(request.user, form, request.POST or request.GET, now)
    status = refusal.status if refusal else 200
    return render(request, "generation/create.html", context | {"refusal": refusal}, status=status)


@require_safe
@login_required
def generations(request: SignedInRequest) -> HttpResponse:
    rows = access.generations(request.user).prefetch_related("clip__renditions")[:60]
    context = {"rows": showing.listed(rows), "balance": credits.balance(request.user)}
    return render(request, "generation/generations.html", context)


@require_safe
@login_required
def generation(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    row = access.generation_for(request.user, public_id)
    if row.clip is not None and not row.clip.is_gone:
        return redirect("generation:clip", public_id=row.clip.public_id)
    if row.state == State.PLAYING:
        return redirect("generation:play", public_id=row.public_id)
    guess = estimate.left(row, timezone.now()) if row.is_open else None
    context = {"row": row, "estimate": guess, "why": failures.sentence(row.error) if row.error else ""}
    return render(request, "generation/generation.html", context | showing.refusal_of(row))


@require_POST
@login_required
def cancel(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    row = access.generation_for(request.user, public_id)
    actions.cancel(generation=row, by=request.user, now=timezone.now())
    messages.info(request, _("Cancelled. What was set aside for it is back in your credits."))
    return redirect("generation:generation", public_id=public_id)


@require_POST
@login_required
def again(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    row = access.generation_for(request.user, public_id)
    made = actions.try_again(generation=row, by=request.user, now=timezone.now())
    return redirect("generation:generation", public_id=made.public_id)


@require_safe
@login_required
def glimpse_picture(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """The last step's picture of a job in work; 204 while there is none: a page that asks a moment too early
    or too late is no error."""
    picture = glimpse.latest(access.generation_for(request.user, public_id))
    if picture is None:
        return HttpResponse(status=204)
    answer = HttpResponse(bytes(picture.jpeg), content_type="image/jpeg")
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_safe
def clip(request: HttpRequest, public_id: UUID) -> HttpResponse:
    shown = access.clip_for(request.user, public_id)
    return render(request, "generation/clip.html", showing.clip_page(request.user, shown))


@require_POST
@login_required
def delete_clip(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    own = access.own_clip(request.user, public_id)
    actions.delete_clip(clip=own, by=request.user, now=timezone.now())
    messages.success(request, _("The clip is gone, and its files go with it."))
    return redirect("generation:generations")


@require_safe
def media(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """A file of a clip, decided anew at every request, byte range by byte range."""
    rendition = access.rendition_for(request.user, public_id)
    path = showing.local_path(rendition)
    if path is None:
        return redirect(default_storage.url(rendition.path))
    return ranges.serve(request, path, content_type=rendition.content_type, etag=rendition.sha256)


@require_http_methods(["GET", "POST"])
@csrf_protect
def verify_page(request: HttpRequest) -> HttpResponse:
    form = VerifyForm(request.POST or None, request.FILES or None)
    findings, refusal = None, None
    if request.method == "POST" and form.is_valid():
        from generation.provenance import verify  # Loads OpenCV and C2PA: only when somebody asks.

        throttle.verify(throttle.client_address(request), timezone.now())
        try:
            findings = verify.examine_upload(form.cleaned_data["file"], viewer=request.user)
        except Refused as said:
            refusal = said
    context = {"form": form, "findings": findings, "refusal": refusal}
    return render(request, "generation/verify.html", context, status=refusal.status if refusal else 200)
