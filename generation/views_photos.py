"""Pages of clips made of photos that people bring: a product's promo clip, a text's explainer.

Each page is one form, so that what was typed stays while photos are brought (`bring`), looked at (`look`),
thrown away (`drop`) or taken from a shop (`take`); `make` asks for the clip.
"""

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
from django.views.decorators.http import require_http_methods

from accounts.edge import SignedInRequest
from accounts.refusals import Refused
from generation import composing, filming, footage, going_back, products, showing, views_drafts
from generation.forms_photos import BringPhotosForm, ExplainForm, PictureForm, PromoForm
from generation.models import Footage
from generation.states import Verb

AnyForm = PromoForm | ExplainForm | PictureForm
ASIDE = ("bring", "look", "drop", "take")  # buttons that ask for no clip
LISTS = ("footage", "cast")
PICTURE = "picture"


@require_http_methods(["GET", "POST"])
@login_required
def promo(request: SignedInRequest) -> HttpResponse:
    """Photos of a product, and what is to be written over them."""
    kept = _kept(request, Verb.PROMO)
    asked = request.POST.get("product") or request.GET.get("product") or kept.get("product")
    now, asked = timezone.now(), str(asked or "")
    product = products.one(request.user, asked, now)
    first = {"name": product.title[:60], "product": product.key} if product else {}
    context = {
        "product": product,
        "product_photo": products.photo(request.user, asked, now) if product else None,
        "product_gone": bool(asked) and product is None,
    }
    return _page(request, Verb.PROMO, PromoForm, first | kept, context)


@require_http_methods(["GET", "POST"])
@login_required
def explain(request: SignedInRequest) -> HttpResponse:
    """A text, and pictures for it where there are some."""
    kept = _kept(request, Verb.EXPLAIN)
    return _page(request, Verb.EXPLAIN, ExplainForm, kept, {})


@require_http_methods(["GET", "POST"])
@login_required
def picture(request: SignedInRequest) -> HttpResponse:
    """One picture, and how it is to move."""
    kept = views_drafts.first(request, PICTURE)
    kept = {"prompt": request.GET.get("prompt", "")} | kept
    return _page(request, PICTURE, PictureForm, kept, {"may_preview": True})


def _kept(request: SignedInRequest, verb: Verb) -> dict[str, Any]:
    """What the form begins with: a draft, or a request that is to be changed."""
    before = going_back.asked_before(request.user, request.GET.get("from", ""), verb)
    return before | views_drafts.first(request, verb)


def _page(
    request: SignedInRequest,
    name: str,
    kind: type[PromoForm] | type[ExplainForm] | type[PictureForm],
    first: dict[str, Any],
    context: dict[str, Any],
) -> HttpResponse:
    aside = next((name for name in ASIDE if name in request.POST), "")
    is_made = request.method == "POST" and not aside
    bring = BringPhotosForm(request.POST, request.FILES) if aside == "bring" else BringPhotosForm()
    refusal: Refused | None = None
    try:
        if aside:
            _stand_aside(request, aside, bring, context)
    except Refused as said:
        refusal = said
    rows = footage.of(request.user, Footage.Kind.PHOTO)
    form = kind(request.POST if is_made else None, photos=rows, initial=first | _typed(request))
    if views_drafts.KEEP in request.POST:
        return views_drafts.kept(request, name, form)
    if is_made and form.is_valid():
        try:
            made = _made(request, form, rows)
            views_drafts.asked_for(request)
            return redirect("generation:generation", public_id=made.public_id)
        except Refused as said:
            refusal = said
    is_wrong = form.is_bound or (bring.is_bound and bool(bring.errors))
    chosen = form["footage"].value() or _the_only_one(form, rows)
    shown = {
        "bring": bring,
        "form": form,
        "refusal": refusal,
        "rows": [(row, footage.sentence(row), str(row.public_id) in chosen) for row in rows],
        "ready": any(row.state == Footage.State.READY for row in rows),
        "opening": any(row.state == Footage.State.ARRIVED for row in rows),
        "picker": composing.picker(
            request.user,
            list(form["cast"].value() or []),
            timezone.now(),
            only_people=kind is not PictureForm,  # drawn ones act in front of a picture
        ),
        "inherited": [],
    } | showing.cost(request.user, form.verb, form, timezone.now())
    shown |= views_drafts.shown(request, name)
    status = refusal.status if refusal else 422 if is_wrong else 200
    return render(request, f"generation/{name}.html", context | shown, status=status)


def _the_only_one(form: AnyForm, rows: list[Footage]) -> list[str]:
    """Where one is wanted and one is there, it is that."""
    ready = [str(row.public_id) for row in rows if row.state == Footage.State.READY]
    return ready if len(ready) == 1 and not form.many else []


def _typed(request: SignedInRequest) -> dict[str, Any]:
    """What stood in the form when a button that asks for no clip was pressed."""
    typed: dict[str, Any] = {name: request.POST[name] for name in request.POST}
    return typed | {name: request.POST.getlist(name) for name in LISTS if name in request.POST}


def _made(request: SignedInRequest, form: AnyForm, rows: list[Footage]) -> Any:
    said = form.cleaned_data
    by_name = {str(row.public_id): row for row in rows}
    return filming.request(
        maker=request.user,
        # Oldest first, as they were brought.
        films=sorted((by_name[name] for name in said["footage"]), key=lambda row: row.pk),
        verb=form.verb,
        engine=form.engine,
        is_preview="preview" in request.POST,
        prompt=said.get("prompt", ""),
        seconds=said["seconds"],
        aspect=said["aspect"],
        how=form.how(),
        cast=composing.asked_cast(said.get("cast") or []),
        now=timezone.now(),
    )


def _stand_aside(
    request: SignedInRequest, aside: str, bring: BringPhotosForm, context: dict[str, Any]
) -> None:
    """Do what a button asks for besides the clip. Raises what `footage` raises."""
    now = timezone.now()
    if aside == "drop":
        footage.drop(maker=request.user, public_id=_uuid(request.POST["drop"]))
        messages.success(request, _("It is gone from this host."))
    elif aside == "take" and context.get("product_photo"):
        title, chunks = context["product"].title, [context["product_photo"]]
        footage.keep(maker=request.user, title=title, kind=Footage.Kind.PHOTO, chunks=chunks, now=now)
        messages.success(request, _("The shop's picture is among your photos. It is being opened."))
    elif aside == "bring" and bring.is_valid():
        files = bring.cleaned_data["photos"]
        for file in files:
            footage.take(maker=request.user, file=file, kind=Footage.Kind.PHOTO, now=now)
        said = ngettext(
            "%(n)d photo is here. It is being opened; that takes a moment.",
            "%(n)d photos are here. They are being opened; that takes a moment.",
            len(files),
        )
        messages.success(request, said % {"n": len(files)})


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Http404 from error
