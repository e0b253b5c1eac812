"""Pages of going on from a clip: a list of ways, and one plain form for each."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.edge import SignedInRequest
from accounts.refusals import Refused
from generation import access, batches, offering, showing, views_drafts
from generation.forms_verbs import FORMS, LAYOUT, VerbForm
from generation.models import Clip
from generation.states import FROM_WORDS, Verb

WAYS: dict[str, tuple[Any, Any]] = {  # what each way does, and the word on its button
    Verb.IMAGE: (_("Start from a picture of it"), _("A new clip that begins with one moment of this one.")),
    Verb.LAST: (_("End with a picture of it"), _("A new clip that leads up to one moment of this one.")),
    Verb.KEYFRAMES: (_("Lead through pictures"), _("A new clip that passes through moments of clips.")),
    Verb.EXTEND: (_("Make it longer"), _("It goes on after its end, or begins earlier.")),
    Verb.LOOP: (_("Loop it"), _("A way from its end back to its beginning, so that it runs for ever.")),
    Verb.CONNECT: (_("Connect it with another"), _("A movement that leads from this clip into another one.")),
    Verb.EDIT: (_("Edit it"), _("The same, but at night, in the rain, in a green coat.")),
    Verb.RECAST: (_("Recast it"), _("Somebody else in the same movement.")),
    Verb.POSE: (_("Move a photo like it"), _("Somebody on a photo does what is done in the clip.")),
    Verb.STORYBOARD: (_("Storyboard"), _("Several shots with the same people, one sentence a shot.")),
    Verb.STILL: (_("One picture"), _("A single picture instead of a clip.")),
    LAYOUT: (_("From a drawn layout"), _("Place people and things; the clip begins just so.")),
}
STARTS = (*FROM_WORDS, LAYOUT)  # need no clip


@require_safe
@login_required
def ways(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    clip = access.clip_for(request.user, public_id)
    listed = [
        (verb, *said)
        for verb, said in WAYS.items()
        if verb not in STARTS and offering.engines_for(verb, clip=clip)
    ]
    may_remix = bool(offering.engines_for(Verb.REMIX, clip=clip))
    context = {
        "clip": clip,
        "poster": showing.poster_of(clip),
        "ways": listed,
        "may_remix": may_remix,
        "speaks": bool(showing.said_in(clip)),
    }
    return render(request, "generation/ways.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def go_on(request: SignedInRequest, public_id: UUID, verb: str) -> HttpResponse:
    if verb not in FORMS or verb in STARTS:
        raise Http404
    return _form(request, verb, access.clip_for(request.user, public_id))


@require_http_methods(["GET", "POST"])
@login_required
def from_words(request: SignedInRequest, verb: str) -> HttpResponse:
    if verb not in FORMS or verb not in STARTS:
        raise Http404
    return _form(request, verb, None)


def _form(request: SignedInRequest, verb: str, clip: Clip | None) -> HttpResponse:
    now = timezone.now()
    first = views_drafts.first(request, verb, clip)
    form: VerbForm = FORMS[verb](
        request.POST or None,
        maker=request.user,
        verb=verb,
        clip=clip,
        initial={"cast": request.GET.getlist("cast")}
        | {name: request.GET.get(name, "") for name in ("prompt", "product")}
        | first,
    ).ordered()
    if views_drafts.KEEP in request.POST:
        return views_drafts.kept(request, verb, form, clip)
    refusal: Refused | None = None
    if request.method == "POST" and form.is_valid():
        try:
            answer = made_of(request, form.wishes(verb), now)
            views_drafts.asked_for(request)
            return answer
        except Refused as said:
            refusal = said
    status = refusal.status if refusal else 422 if form.is_bound else 200
    asked = Verb.TEXT if verb == LAYOUT else verb
    context = showing.verb_page(request.user, asked, form, clip, now)
    title, lead = WAYS[verb]
    more: dict[str, Any] = {"refusal": refusal, "verb": verb, "title": title, "lead": lead}
    more |= views_drafts.shown(request, verb, clip)
    more["may_preview"] = verb != Verb.STILL  # costs what a preview costs
    page = "generation/layout.html" if verb == LAYOUT else "generation/verb.html"
    return render(request, page, context | more, status=status)


def made_of(request: SignedInRequest, wishes: dict[str, Any], now: datetime) -> HttpResponse:
    """One clip, several takes, or a preview of one."""
    is_preview = "preview" in request.POST
    asked = showing.request_of(request.user, wishes | {"preview": is_preview})
    made = batches.request(takes=1 if is_preview else wishes.get("takes") or 1, **asked, now=now)
    if made[0].batch is not None:
        return redirect("generation:batch", batch=made[0].batch)
    return redirect("generation:generation", public_id=made[0].public_id)
