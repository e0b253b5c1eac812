"""Pages of making. Each is: parse, get the row through access.py, one action or query, answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import throttle
from accounts.edge import SignedInRequest
from accounts.refusals import Refused
from generation import (
    access,
    actions,
    batches,
    credits,
    drafts,
    estimate,
    failures,
    glimpse,
    going_back,
    news,
    showing,
)
from generation.forms import VerifyForm
from generation.models import Rendition
from generation.states import State


@require_http_methods(["GET", "POST"])
@login_required
def create(request: SignedInRequest) -> HttpResponse:
    """The composer. Its buttons: make, preview, keep as a draft, say more (and take that back)."""
    now, helped = timezone.now(), None
    form = showing.compose_form(request.user, request.POST, showing.first_wishes(request.user, request.GET))
    refusal: Refused | None = None
    if request.method == "POST":
        if "help" in request.POST or "undo" in request.POST:
            form, helped = showing.with_help(request.user, request.POST)
        elif "keep" in request.POST:
            return _keep(request, now)
        elif form.is_valid():
            try:
                return _make(request, form.cleaned_data, now)
            except Refused as said:
                refusal = said
    context = showing.composer(request.user, form, now) | {"refusal": refusal, "helped": helped}
    status = refusal.status if refusal else 422 if form.is_bound and not form.is_valid() else 200
    return render(request, "generation/create.html", context, status=status)


def _make(request: SignedInRequest, wishes: dict[str, Any], now: datetime) -> HttpResponse:
    is_preview = "preview" in request.POST
    asked = showing.request_of(request.user, wishes | {"preview": is_preview})
    made = batches.request(takes=1 if is_preview else wishes["takes"], **asked, now=now)
    if wishes.get("draft") and not is_preview:
        drafts.forget(maker=request.user, public_id=wishes["draft"])
    if made[0].batch is not None:
        return redirect("generation:batch", batch=made[0].batch)
    return redirect("generation:generation", public_id=made[0].public_id)


def _keep(request: SignedInRequest, now: datetime) -> HttpResponse:
    draft = drafts.find(request.user, request.POST.get("draft") or "")
    wishes = drafts.wishes_of(request.POST, request.POST.getlist("cast"))
    kept = drafts.keep(maker=request.user, wishes=wishes, now=now, draft=draft)
    messages.success(request, _("Kept as a draft."))
    return redirect(f"{reverse('generation:create')}?draft={kept.public_id}")


@require_safe
@login_required
def batch(request: SignedInRequest, batch: UUID) -> HttpResponse:
    """The takes of one press, the best first."""
    takes = batches.best_first(access.batch_for(request.user, batch))
    context = {"takes": [(take, showing.listed([take.generation])[0]) for take in takes]}
    waits = any(take.generation.is_open for take in takes)
    return render(request, "generation/batch.html", context | {"waits": waits, "first": takes[0].generation})


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
    context["change"] = going_back.change_of(row)
    context["stopped"] = news.why_stopped(row.cancel_reason) if row.cancel_reason else ""
    return render(request, "generation/generation.html", context | showing.refusal_of(row))


@require_POST
@login_required
def cancel(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    row = access.generation_for(request.user, public_id)
    stopped = actions.cancel(generation=row, by=request.user, now=timezone.now())
    if stopped.is_over:
        messages.info(request, _("Cancelled. What was set aside for it is back in your credits."))
    else:
        messages.info(request, _("It stops at its next step, and your credits come back then."))
    if "change" in request.POST:
        return redirect(going_back.change_of(row))
    return redirect("generation:generation", public_id=public_id)


@require_POST
@login_required
def again(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """The same once more; of a preview also in full."""
    row, in_full = access.generation_for(request.user, public_id), "in_full" in request.POST
    made = actions.try_again(generation=row, by=request.user, in_full=in_full, now=timezone.now())
    if in_full:
        drafts.made_in_full(row)
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
    if is_poster := rendition.kind == Rendition.Kind.POSTER:
        rendition = showing.poster_for(rendition, request.headers.get("Accept", ""))
    answer = showing.file_answer(request, rendition)
    if is_poster:
        patch_vary_headers(answer, ["Accept"])
    return answer


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
