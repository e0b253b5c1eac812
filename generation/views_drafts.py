"""Drafts on the pages of making: one is kept (by a script, or its button), taken up, thrown away."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.edge import SignedInRequest
from accounts.refusals import wants_json
from generation import access, drafts
from generation.models import Clip

KEEP = "keep"  # the button, and what the script sends


def kept(
    request: SignedInRequest,
    kind: str,
    form: forms.Form | None,
    clip: Clip | None = None,
    wishes: dict[str, Any] | None = None,
) -> HttpResponse:
    """Keep what stands in the form (or `wishes`), and say so to whoever asked: a page, or a script."""
    known = drafts.find(request.user, request.POST.get("draft") or "")
    told = drafts.typed(form, request.POST) if wishes is None and form is not None else wishes or {}
    draft = drafts.keep(
        maker=request.user, wishes=told, kind=kind, clip=clip, now=timezone.now(), draft=known
    )
    if wants_json(request):
        return JsonResponse({"id": str(draft.public_id)})
    messages.success(request, _("Kept as a draft."))
    return redirect(draft)


def shown(request: SignedInRequest, kind: str, clip: Clip | None = None) -> dict[str, Any]:
    """What a page shows of drafts: the one that is open, and the others of this form."""
    open_ = str((request.POST or request.GET).get("draft") or "")
    rows = [row for row in drafts.of(request.user) if (row.form, row.clip_id) == (kind, clip and clip.pk)]
    return {"draft": open_, "drafts": [row for row in rows if str(row.public_id) != open_]}


def asked_for(request: SignedInRequest) -> None:
    """A clip was asked for with what the draft says: it has done its work. A preview leaves it."""
    if request.POST.get("draft") and "preview" not in request.POST:
        drafts.forget(maker=request.user, public_id=request.POST["draft"])


@require_safe
@login_required
def take_up(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """To the form that it belongs to; where the clip is gone, to the composer with its words."""
    draft = drafts.one(request.user, public_id)
    clip = draft.clip.public_id if draft.clip else draft.wishes.get("remix")
    try:
        if clip:
            access.clip_for(request.user, clip)
    except Http404:
        draft = drafts.without_its_clip(draft)
        messages.warning(
            request, _("The clip that this draft goes on from is not there any more. Its words are here.")
        )
    return redirect(draft)


@require_POST
@login_required
def forget(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    draft = drafts.one(request.user, public_id)
    drafts.forget(maker=request.user, public_id=draft.public_id)
    messages.info(request, _("The draft is gone."))
    return redirect(draft.page if "here" in request.POST else "generation:create")
