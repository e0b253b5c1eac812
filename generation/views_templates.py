"""Pages of templates: those there are, one to be filled, and one made of a clip."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.edge import SignedInRequest
from accounts.refusals import Refused
from generation import access, composing, drafts, products, showing, templates, views_drafts
from generation.models import ClipTemplate
from generation.templates import Filling, Structure

LISTED = 60


@require_safe
def templates_page(request: HttpRequest) -> HttpResponse:
    """What can be filled. `?product=` and `?topic=` go on to the page that fills it."""
    rows = ClipTemplate.objects.visible_to(request.user).select_related("source__maker").order_by("-pk")
    asked = {name: request.GET[name][:80] for name in ("product", "topic") if request.GET.get(name)}
    context = {
        "built_in": templates.built_in(),
        "rows": [(row, templates.structure_of(row)) for row in rows[:LISTED]],
        "query": request.GET.urlencode() if asked else "",
        "asked": asked,
    }
    return render(request, "generation/templates.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def template(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    row = access.template_for(request.user, public_id)
    return _page(request, templates.structure_of(row), row)


@require_http_methods(["GET", "POST"])
@login_required
def built_in(request: SignedInRequest, key: str) -> HttpResponse:
    found = templates.host_own(key)
    if found is None:
        raise Http404
    return _page(request, found, None)


def _page(request: SignedInRequest, structure: Structure, row: ClipTemplate | None) -> HttpResponse:
    now, refusal = timezone.now(), None
    kind = f"template/{structure.key}"
    product, keys, words = _typed(request, structure, kind)
    if views_drafts.KEEP in request.POST:
        typed = {"product": product, "slots": keys, "blanks": words}
        return views_drafts.kept(request, kind, None, wishes=typed)
    if request.method == "POST":
        people = {str(cameo.public_id): cameo for cameo in composing.chosen_cast(keys)}
        filling = Filling([people.get(key) for key in keys], words, product)
        try:
            draft = templates.fill(structure=structure, maker=request.user, filling=filling, now=now)
            views_drafts.asked_for(request)
            return redirect(draft)
        except Refused as said:
            refusal = said
    elif topic := request.GET.get("topic", ""):
        words |= {templates.TOPIC: topic[:80]} if templates.TOPIC in words else {}
    asks_product = templates.PRODUCT in words
    shelf = products.offered(request.user, now, product) if asks_product else []
    is_there = bool(shelf) and shelf[0].key == product
    context: dict[str, Any] = {
        "structure": structure,
        "shots": [
            (templates.with_labels(shot["prompt"], structure.labels), shot["seconds"])
            for shot in structure.shots
        ],
        "row": row,
        "is_mine": row is not None and row.maker_id == request.user.pk,
        "refusal": refusal,
        "slots": [(n, _("Person %(n)d") % {"n": n + 1}, key) for n, key in enumerate(keys)],
        "cast": [choice.cameo for choice in composing.picker(request.user, [], now) if choice.may],
        "blanks": [(name, templates.label_of(name, structure.labels), said) for name, said in words.items()],
        "asks_product": asks_product,
        "products": shelf,
        "product": product if is_there else "",
        "is_gone": bool(product and asks_product and not is_there),
    }
    context |= views_drafts.shown(request, kind)
    return render(request, "generation/template.html", context, status=refusal.status if refusal else 200)


def _typed(
    request: SignedInRequest, structure: Structure, kind: str
) -> tuple[str, list[str], dict[str, str]]:
    """Product, key of who fills each slot, words of each blank: as sent, as kept, or as the address says."""
    if request.method != "POST" and request.GET.get("draft"):
        kept = drafts.first(request.user, kind, None, request.GET["draft"])
        slots, blanks = kept.get("slots", []), kept.get("blanks", {})
        keys = [*slots, *[""] * structure.slots][: structure.slots]
        return kept.get("product", ""), keys, {name: blanks.get(name, "") for name in structure.blanks}
    sent = request.POST if request.method == "POST" else request.GET
    product = str(sent.get("product", "" if request.method == "POST" else structure.product))[:40]
    keys = [str(sent.get(f"slot-{slot}", ""))[:40] for slot in range(structure.slots)]
    return product, keys, {name: str(sent.get(f"words-{name}", ""))[:400] for name in structure.blanks}


@require_http_methods(["GET", "POST"])
@login_required
def make(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """A template of a clip that one may see: its shots, whose words can be changed and given blanks."""
    clip = access.clip_for(request.user, public_id)
    refusal: Refused | None = None
    shots = templates.shots_of(clip, request.user)
    if request.method == "POST":
        prompts = [str(request.POST.get(f"prompt-{n}", ""))[:2000] for n in range(len(shots))]
        try:
            made = templates.keep(
                clip=clip,
                maker=request.user,
                title=str(request.POST.get("title", ""))[:200],
                prompts=prompts,
                product=str(request.POST.get("product", ""))[:40],
                is_shared="shared" in request.POST,
                now=timezone.now(),
            )
            messages.success(request, _("The template is there. Fill it as often as you like."))
            return redirect(made)
        except Refused as said:
            refusal = said
            shots = [{**shot, "prompt": words} for shot, words in zip(shots, prompts, strict=True)]
    context = {
        "clip": clip,
        "poster": showing.poster_of(clip),
        "shots": list(enumerate(shots)),
        "says_nothing": not all(shot["prompt"].strip() for shot in shots) and refusal is None,
        "title": request.POST.get("title", ""),
        "is_maker": clip.maker_id == request.user.pk,
        "products": products.offered(request.user, timezone.now()),
        "refusal": refusal,
    }
    return render(
        request, "generation/template_make.html", context, status=refusal.status if refusal else 200
    )


@require_POST
@login_required
def delete(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    row = access.template_for(request.user, public_id)
    if row.maker_id != request.user.pk:
        raise Http404
    templates.delete(template=row, by=request.user, now=timezone.now())
    messages.success(request, _("The template is gone."))
    return redirect("generation:templates")
