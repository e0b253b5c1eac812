"""Pages of films that people bring: take them in, choose, cut, throw away."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import throttle
from accounts.edge import SignedInRequest
from accounts.refusals import Refused
from generation import (
    bundles,
    composing,
    credits,
    filming,
    footage,
    going_back,
    pieces,
    views_drafts,
)
from generation.forms_films import BringForm, CutForm
from generation.models import Footage
from generation.states import FROM_FILMS, Verb

FILMS = "films"


@require_http_methods(["GET", "POST"])
@login_required
def films(request: SignedInRequest) -> HttpResponse:
    """Somebody's films, and what is to become of them."""
    rows, now = footage.of(request.user), timezone.now()
    pressed = set(request.POST) if request.method == "POST" else set()
    is_kept = views_drafts.KEEP in pressed
    is_search = not is_kept and ("find" in pressed or ("cut" in pressed and _asks_first(request)))
    is_cut = not is_search and bool(pressed & {"cut", views_drafts.KEEP})
    is_brought = request.method == "POST" and not is_cut and not is_search
    bring = BringForm(request.POST, request.FILES) if is_brought else BringForm()
    first = _typed(request) if is_search else _kept(request)
    cut = CutForm(request.POST if is_cut else None, films=rows, initial=first)
    if is_kept:
        return views_drafts.kept(request, FILMS, cut)
    refusal: Refused | None = None
    words = str(cut["words"].value() or "")[:200].strip()
    try:
        if is_search and words:
            throttle.search(throttle.client_address(request), now)
        if is_cut and cut.is_valid():
            made = _cut(request, cut, rows)
            views_drafts.asked_for(request)
            return redirect("generation:generation", public_id=made.public_id)
        if bring.is_bound and bring.is_valid():
            return _brought(request, bring)
    except Refused as said:
        refusal = said
    status = refusal.status if refusal else 422 if bring.is_bound or cut.is_bound else 200
    picker = composing.picker(request.user, list(cut["cast"].value() or []), now, only_people=True)
    context: dict[str, Any] = {
        "bring": bring,
        "cut": cut,
        "refusal": refusal,
        "rows": [
            (row, footage.sentence(row), str(row.public_id) in (cut["footage"].value() or [])) for row in rows
        ],
        "ready": any(row.state == Footage.State.READY for row in rows),
        "opening": any(row.state == Footage.State.ARRIVED for row in rows),
        "picker": picker,
        "inherited": [],
        "pieces": pieces.listed(request.user, words, list(cut["pieces"].value() or []), now),
        "looked_for": words,
        "form": cut,
        "balance": credits.balance(request.user),
        "estimate": composing.priced(
            maker=request.user,
            verb=Verb.REEL,
            seconds=cut.fields["seconds"].initial,
            engine=filming.ENGINE,
            now=now,
        ),
    }
    context |= views_drafts.shown(request, FILMS)
    return render(request, "generation/films.html", context, status=status)


def _kept(request: SignedInRequest) -> dict[str, Any]:
    """What the form begins with: a draft, or a request that is to be changed."""
    before = going_back.asked_before(request.user, request.GET.get("from", ""), *FROM_FILMS)
    if before.get("verb") == Verb.FILM:
        before = before | {"steady_film": before.get("steady", False)}
    return before | views_drafts.first(request, FILMS)


def _asks_first(request: SignedInRequest) -> bool:
    """Words for pieces that were not looked for yet: Enter in their field asks for no clip."""
    words = request.POST.get("words", "").strip()
    return bool(words) and words != request.POST.get("looked_for", "")


def _typed(request: SignedInRequest) -> dict[str, Any]:
    """What stood in the form when pieces were looked for."""
    typed: dict[str, Any] = {name: request.POST[name] for name in request.POST}
    typed |= {name: request.POST.getlist(name) for name in ("footage", "pieces", "cast")}
    return typed | {name: name in request.POST for name in ("fade", "steady", "steady_film")}


def _brought(request: SignedInRequest, form: BringForm) -> HttpResponse:
    taken: list[Footage] = []
    for file in form.cleaned_data["films"]:
        if not bundles.is_bundle(file):
            taken.append(footage.take(maker=request.user, file=file, now=timezone.now()))
            continue
        brought = bundles.take(maker=request.user, file=file, now=timezone.now())
        taken += brought.films
        for why, count in brought.left_out.items():
            messages.warning(request, _("Left out of the zip: %(n)d (%(why)s)") % {"n": count, "why": why})
    said = ngettext(
        "%(n)d film is here. It is being opened; that takes a moment.",
        "%(n)d films are here. They are being opened; that takes a moment.",
        len(taken),
    )
    messages.success(request, said % {"n": len(taken)})
    return redirect("generation:films")


def _cut(request: SignedInRequest, form: CutForm, rows: list[Footage]) -> Any:
    wanted = form.cleaned_data["footage"]
    by_name = {str(row.public_id): row for row in rows}
    # Oldest first, as they were brought: people film in the order in which things happen.
    chosen = sorted((by_name[name] for name in wanted), key=lambda row: row.pk)
    said = form.cleaned_data
    if said["verb"] == Verb.PHOTO:
        chosen = [row for row in chosen if row.is_picture][:1] or chosen[:1]
    if said["verb"] == Verb.FILM and len(chosen) > 1:
        chosen = chosen[:1]
        messages.info(request, _("One film is shown as it is: the first that you chose."))
    return filming.request(
        maker=request.user,
        films=chosen,
        verb=said["verb"],
        seconds=said["seconds"],
        aspect=said["aspect"],
        prompt=said["prompt"],
        how=form.how(),
        cast=composing.asked_cast(said.get("cast") or []),
        pieces=pieces.chosen(request.user, said["pieces"]) if said["verb"] == Verb.REEL else (),
        now=timezone.now(),
    )


@require_safe
@login_required
def film_glimpse(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    row = footage.one(request.user, public_id)
    if not row.glimpse:
        raise Http404
    answer = HttpResponse(bytes(row.glimpse), content_type="image/jpeg")
    answer["Cache-Control"] = "private, no-cache"
    return answer


@require_POST
@login_required
def drop_film(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    try:
        footage.drop(maker=request.user, public_id=public_id)
        messages.success(request, _("The film is gone from this host."))
    except Refused as said:
        messages.error(request, f"{said.message} {said.hint}")
    return redirect("generation:films")
