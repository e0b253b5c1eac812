"""The clip's side: what is pinned to it, who agreed, and the sheet."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.edge import SignedInRequest
from accounts.models import User
from commerce import access, actions, linking, pictures, queries, shown, visitor
from commerce.labels import ad_word
from commerce.models import Agreement, ProductTag
from commerce.problems import picture_sentence
from feed.outside import in_script

PAGE = 24


@login_required
@require_GET
def agreements(request: SignedInRequest) -> HttpResponse:
    """Proposals to the viewer as a creator, and by the viewer as a merchant."""
    rows = access.agreements_of(request.user)[:100]
    return render(request, "commerce/agreements.html", {"agreements": rows, "now": timezone.now()})


@login_required
@require_POST
def agree(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    agreement = access.agreement_for(request.user, public_id)
    actions.agree(agreement=agreement, creator=request.user, now=timezone.now())
    messages.success(request, _("Agreed. The product is on your clip now, under these terms."))
    return redirect("commerce:agreements")


@login_required
@require_POST
def decline(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    agreement = access.agreement_for(request.user, public_id)
    actions.decline(agreement=agreement, creator=request.user, now=timezone.now())
    messages.success(request, _("Declined. The merchant was told."))
    return redirect("commerce:agreements")


@login_required
@require_POST
def end(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Take the product off the clip, or a proposal back."""
    agreement = access.agreement_for(request.user, public_id)
    ended = actions.end_agreement(agreement=agreement, by=request.user, now=timezone.now())
    if ended.state == Agreement.State.AGREED:
        said = _("The product is off the clip. Orders that it earned stay as they were agreed.")
    else:
        said = _("The proposal is off the table.")
    messages.success(request, said)
    return redirect("commerce:agreements")


@require_GET
def sheet(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The product of a tag as a page of its own: the sheet, for whoever has no script."""
    now = timezone.now()
    tag = access.tag_for(request.user, public_id, now)
    who = visitor.of_or_new(request)
    actions.touch(tag=tag, visitor=who, buyer=account_of(request), now=now)
    context = {
        "tag": tag,
        "ad_word": ad_word(tag.post),
        "product": tag.product,
        "offers": queries.offers(tag.product),
        "out": _way_out(tag),
        **queries.offer_shown(tag.product),
    }
    return visitor.keep(render(request, "commerce/sheet.html", context), who)


def _way_out(tag: ProductTag) -> str:
    """The address that leads to the shop's own site and keeps the tap; empty where the shop sells here."""
    leads = linking.address_of(tag.product) is not None
    return reverse("commerce:out", args=[tag.public_id]) if leads else ""


@require_GET
def storefront(request: HttpRequest, slug: str) -> HttpResponse:
    """What a shop has for sale, for everybody."""
    merchant = access.shop_for(request.user, slug)
    named = request.GET.get("q", "").strip()[:80].replace("\0", "")
    shelf = queries.shelf(merchant, request.GET.get("after", ""), PAGE, named, is_public=True)
    return render(request, "commerce/storefront.html", {"seller": merchant, "shelf": shelf, "named": named})


@require_GET
def product(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = access.product_for(request.user, public_id)
    choices = queries.offers(found)
    context = {
        "product": found,
        "offers": choices,
        "schema": in_script(queries.as_schema(found, choices)) if found.is_live else "",
        "out": linking.address_of(found) or "",
        "is_own": found.merchant.owner_id == request.user.pk,
        **queries.offer_shown(found),
        "may_promote": request.user.is_authenticated
        and shown.showable(request.user, timezone.now()).filter(pk=found.pk).exists(),
        "picture_why": picture_sentence(found.picture_error) if found.picture_error else "",
    }
    return render(request, "commerce/product.html", context)


@require_GET
def picture(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The product's picture: our own copy, or a drawn card with its initial."""
    found = access.product_for(request.user, public_id)
    body, content_type = pictures.of(found)
    answer = HttpResponse(body, content_type=content_type)
    answer["Cache-Control"] = "private, max-age=3600"
    return answer


def account_of(request: HttpRequest) -> User | None:
    return request.user if request.user.is_authenticated else None
