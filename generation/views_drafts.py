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
from accounts.models import User
from accounts.refusals import wants_json
from generation import access, drafts, templates
from generation.models import Clip, ComposeDraft

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


def first(request: SignedInRequest, kind: str, clip: Clip | None = None) -> dict[str, Any]:
    """What a form begins with where its address names a draft. Nothing where it is sent: it says all itself,
    and the draft may have done its work by then. 404 as `drafts.first`."""
    public_id = request.GET.get("draft", "") if request.method != "POST" else ""
    return drafts.first(request.user, kind, clip, public_id)


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
    """To the form that it belongs to; where its clip or template is gone, to the composer with its words."""
    draft = drafts.one(request.user, public_id)
    if said := _gone(request.user, draft):
        draft = drafts.words_alone(draft)
        messages.warning(request, said)
    return redirect(draft)


def _gone(maker: User, draft: ComposeDraft) -> str:
    """What to say where the clip or the template of a draft is not there any more; empty where it is."""
    clip = draft.clip.public_id if draft.clip else draft.wishes.get("remix")
    said = _("The clip that this draft goes on from is not there any more. Its words are here.")
    try:
        if draft.template:
            said = _("The template that this draft fills is not there any more. Its words are here.")
            templates.structure_for(maker, draft.template)
        elif clip:
            access.clip_for(maker, clip)
    except Http404:
        return said
    return ""


@require_POST
@login_required
def forget(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    draft = drafts.one(request.user, public_id)
    drafts.forget(maker=request.user, public_id=draft.public_id)
    messages.info(request, _("The draft is gone."))
    return redirect(draft.page if "here" in request.POST else "generation:create")
