"""The merchant's pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import stepup, throttle
from accounts.edge import SignedInRequest
from commerce import access, actions, queries
from commerce.catalog.imports import Change, Plan
from commerce.forms import ImportForm, RefundForm, ShopForm, TagForm
from commerce.models import CatalogImport, Merchant
from commerce.problems import sentence
from feed import cards
from feed.access import post_for

PAGE = 24


@login_required
@require_GET
def shop(request: SignedInRequest) -> HttpResponse:
    """The viewer's own shop, or the invitation to open one."""
    merchant = Merchant.objects.filter(owner=request.user).first()
    if merchant is None:
        return render(request, "commerce/open.html", {"form": ShopForm()})
    products = merchant.products.prefetch_related("variants").order_by("title", "pk")
    page = Paginator(products, PAGE).get_page(request.GET.get("page"))
    return render(request, "commerce/shop.html", {"merchant": merchant, "page": page})


@login_required
@require_POST
def open_shop(request: SignedInRequest) -> HttpResponse:
    stepup.require(request)
    form = ShopForm(request.POST)
    if not form.is_valid():
        return render(request, "commerce/open.html", {"form": form}, status=400)
    actions.open_shop(owner=request.user, name=form.cleaned_data["name"], now=timezone.now())
    messages.success(request, _("Your shop is open. Bring your products next."))
    return redirect("commerce:import")


@login_required
@require_http_methods(["GET", "POST"])
def import_file(request: SignedInRequest) -> HttpResponse:
    """Choose a file; the next page shows what it would do."""
    merchant = access.merchant_of(request.user)
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        throttle.catalog_import(request.user, now)
        upload = form.cleaned_data["file"]
        run, _plan = actions.bring_file(
            merchant=merchant,
            stream=upload,
            size=upload.size,
            currency=form.cleaned_data["currency"],
            now=now,
        )
        return redirect("commerce:import-plan", run.public_id)
    status = 400 if request.method == "POST" else 200
    return render(request, "commerce/import.html", {"form": form, "merchant": merchant}, status=status)


@login_required
@require_GET
def import_plan(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """The dry run: totals, differences and refused rows. Nothing was written."""
    run = access.import_for(request.user, public_id)
    return render(request, "commerce/import_plan.html", _plan_page(run, actions.dry_run(run)))


@login_required
@require_POST
def import_apply(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    run = access.import_for(request.user, public_id)
    plan = actions.apply_file(run=run, now=timezone.now())
    done = plan.counts[Change.NEW] + plan.counts[Change.CHANGED]
    messages.success(
        request, ngettext("%(count)d product written.", "%(count)d products written.", done) % {"count": done}
    )
    return redirect("commerce:shop")


def _plan_page(run: CatalogImport, plan: Plan) -> dict[str, Any]:
    problems = [(problem, sentence(problem)) for problem in plan.problems]
    return {"run": run, "plan": plan, "counts": plan.counts.items(), "problems": problems}


@login_required
@require_http_methods(["GET", "POST"])
def propose(request: SignedInRequest, post_id: UUID) -> HttpResponse:
    """Pin one of the merchant's products to a moment of a clip, for its creator to agree."""
    merchant, now = access.merchant_of(request.user), timezone.now()
    post = post_for(request.user, post_id, now)
    first = {"end": post.clip.duration_ms / 1000}
    form = TagForm(request.POST or None, initial=first, merchant=merchant)
    if request.method == "POST" and form.is_valid():
        actions.propose_tag(
            merchant=merchant,
            product=form.cleaned_data["product"],
            post=post,
            place=form.place(),
            creator_rate_bp=form.basis_points("creator_rate"),
            owner_rate_bp=form.basis_points("owner_rate"),
            now=now,
        )
        messages.success(request, _("Proposed. The product appears as soon as the clip's creator agrees."))
        return redirect("commerce:agreements")
    status = 400 if request.method == "POST" else 200
    context = {
        "form": form,
        "post": post,
        "card": cards.one(request.user, post, now),
        "platform_rate": queries.platform_percent(),
    }
    return render(request, "commerce/propose.html", context, status=status)


@login_required
@require_GET
def sold(request: SignedInRequest) -> HttpResponse:
    """The merchant's orders, newest first, with what came in by day."""
    merchant = access.merchant_of(request.user)
    orders = merchant.orders.exclude(state="open").prefetch_related("lines").order_by("-created_at", "-pk")
    page = Paginator(orders, PAGE).get_page(request.GET.get("page"))
    plot = queries.sales_by_day(merchant, timezone.now())
    return render(request, "commerce/sold.html", {"merchant": merchant, "page": page, "plot": plot})


@login_required
@require_POST
def refund(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    order = access.sold_order_for(request.user, public_id)
    form = RefundForm(request.POST, currency=order.currency)
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors["amount"])))
        return redirect("commerce:order", public_id)
    actions.refund(order=order, money=form.cleaned_data["amount"], now=timezone.now())
    messages.success(request, _("Given back. Every share was reversed with it."))
    return redirect("commerce:order", public_id)
