"""Offers: the shop writes them down and moves them; buyers take part and decide."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import throttle
from accounts.edge import SignedInRequest
from commerce import access, pictures, queries, visitor
from commerce.forms import CallOffForm, DateForm, OfferForm, OrderForm, SampleForm
from commerce.offers import making, pledging
from commerce.refusals import BadSample, OfferNotThere
from commerce.views.buyer import buyer_of, variant_for


@login_required
@require_GET
def offers(request: SignedInRequest) -> HttpResponse:
    """The shop's offers, the running ones first."""
    merchant = access.merchant_of(request.user)
    return render(
        request, "commerce/offers.html", {"merchant": merchant, "rows": queries.offers_of(merchant)}
    )


@login_required
@require_http_methods(["GET", "POST"])
def write(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """A new draft for one of the shop's products."""
    product = access.own_product(request.user, public_id)
    form = OfferForm(request.POST or None, owner=request.user)
    if request.method == "POST" and form.is_valid():
        made = making.draft(merchant=product.merchant, product=product, now=timezone.now(), **form.words())
        return redirect("commerce:offer", made.public_id)
    context = {"form": form, "product": product}
    return render(request, "commerce/offer_write.html", context, status=400 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def offer(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """One offer for its shop: how it stands, who takes part, and what can be done now."""
    found = access.own_offer(request.user, public_id)
    form = OfferForm(request.POST or None, owner=request.user, initial=OfferForm.of(found))
    if request.method == "POST" and form.is_valid():
        making.change(offer=found, now=timezone.now(), **form.words())
        messages.success(request, _("Kept."))
        return redirect("commerce:offer", public_id)
    context = {
        "offer": found,
        "form": form,
        "standing": queries.offer_standing(found),
        "pledges": queries.pledges_of(found),
        "sample_form": SampleForm(),
        "date_form": DateForm(),
        "call_off_form": CallOffForm(),
    }
    return render(request, "commerce/offer.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def move(request: SignedInRequest, public_id: UUID, what: str) -> HttpResponse:
    """A button of the offer's page: what it does is in its address."""
    found, now = access.own_offer(request.user, public_id), timezone.now()
    if what == "submit":
        making.submit(offer=found, now=now)
    elif what == "delete":
        making.delete(offer=found)
        return redirect("commerce:offers")
    elif what == "sample":
        sample = SampleForm(request.POST, request.FILES)
        if not sample.is_valid():
            raise BadSample
        given = sample.cleaned_data
        making.show_sample(offer=found, picture=given["picture"], words=given["words"], now=now)
    elif what == "ready":
        making.ready(offer=found, now=now)
    elif what == "stop":
        making.stop(offer=found, now=now)
    elif what == "date":
        date = DateForm(request.POST)
        if not date.is_valid():
            raise OfferNotThere
        making.name_date(offer=found, ships_by=date.cleaned_data["ships_by"], now=now)
    elif what == "call-off":
        said = CallOffForm(request.POST)
        making.call_off(offer=found, words=said.cleaned_data["words"] if said.is_valid() else "", now=now)
    else:
        raise OfferNotThere
    messages.success(request, _("Done."))
    return redirect("commerce:offer", public_id)


@require_GET
def picture(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The picture of a concept, while everybody in it permits it; else a drawn card."""
    found = access.shown_offer(request.user, public_id)
    body, content_type = pictures.of_offer(found, timezone.now())
    answer = HttpResponse(body, content_type=content_type)
    answer["Cache-Control"] = "private, max-age=60"
    return answer


@require_GET
def sample(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The sample that stands beside it."""
    found = access.shown_sample(request.user, public_id)
    answer = HttpResponse(making.sample(found), content_type="image/webp")
    answer["Cache-Control"] = "private, max-age=3600"
    return answer


@require_POST
def pledge(request: HttpRequest) -> HttpResponse:
    """Take part in what the page shows, and go to where a card is left."""
    form = OrderForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest(_("This order cannot be read. Open the product again."))
    now, who = timezone.now(), visitor.of_or_new(request)
    throttle.checkout(throttle.client_address(request), now)
    made = pledging.pledge(
        buyer=buyer_of(request, who),
        variant=variant_for(form.cleaned_data["variant"]),
        quantity=form.cleaned_data["quantity"],
        seen=form.seen(),
        seen_total=form.cleaned_data["seen_total"],
        seen_promise=form.cleaned_data["seen_promise"],
        tag=access.tag_for(request.user, form.cleaned_data["tag"], now) if form.cleaned_data["tag"] else None,
        now=now,
    )
    return visitor.keep(redirect(_page(request, made)), who)


def _page(request: HttpRequest, made: pledging.Pledge) -> str:
    order = request.build_absolute_uri(reverse("commerce:order", args=[made.order.public_id]))
    return pledging.page(pledge=made, success_url=order, cancel_url=order, now=timezone.now())


@require_POST
def answer(request: HttpRequest, public_id: UUID, what: str) -> HttpResponse:
    """A button of the buyer's page: leave, wait for the later date, or go on to the provider's page."""
    made = access.own_pledge(request.user, visitor.of_order(request, public_id), public_id)
    now = timezone.now()
    if what == "card":
        return redirect(_page(request, made))
    if what == "wait":
        pledging.wait(pledge=made, now=now)
        messages.success(request, _("Thank you for waiting."))
    elif what == "leave":
        pledging.leave(pledge=made, now=now)
        messages.success(request, _("You no longer take part. What you paid goes back whole."))
    else:
        raise OfferNotThere
    return redirect("commerce:order", made.order.public_id)
