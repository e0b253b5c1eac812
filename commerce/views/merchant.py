"""The merchant's pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import stepup, throttle
from accounts.access import operator_only, person_for
from accounts.edge import SignedInRequest
from commerce import access, actions, queries, tasks
from commerce.actions import promotions
from commerce.catalog import exports, formats
from commerce.catalog.imports import Plan
from commerce.forms import (
    CouponForm,
    DigitalForm,
    ImportForm,
    LinkForm,
    RateForm,
    RefundForm,
    SentForm,
    ShopForm,
    SourceForm,
    StockForm,
    TagForm,
    TermsForm,
)
from commerce.models import CatalogImport, Merchant, ProviderEvent, Reconciliation
from commerce.problems import change_sentence, sentence, source_sentence
from commerce.refusals import BadStock, FileRefused
from commerce.webhooks import run_again
from feed import cards
from feed.access import post_for

PAGE = 24


@login_required
@require_GET
def shop(request: SignedInRequest) -> HttpResponse:
    """The viewer's own shop, or the invitation to open one. Pages go on behind the last product shown: a
    shelf of a hundred thousand is as quick as one of ten."""
    merchant = Merchant.objects.filter(owner=request.user).first()
    if merchant is None:
        return render(request, "commerce/open.html", {"form": ShopForm()})
    named = request.GET.get("q", "").strip()[:80].replace("\0", "")
    shelf = queries.shelf(merchant, request.GET.get("after", ""), PAGE, named)
    context = {
        "named": named,
        "merchant": merchant,
        "shelf": shelf,
        "running": merchant.imports.filter(state__in=("reading", "writing")).order_by("-pk").first(),
        "writers": list(exports.WRITERS),
    }
    return render(request, "commerce/shop.html", context)


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
        run = actions.bring_file(
            merchant=merchant,
            stream=upload,
            size=upload.size,
            kind=form.cleaned_data["kind"],
            currency=form.cleaned_data["currency"],
            now=now,
        )
        if run.state == CatalogImport.State.READING:
            tasks.read_file.delay(run.pk)
        return redirect("commerce:import-plan", run.public_id)
    status = 400 if request.method == "POST" else 200
    context = {"form": form, "merchant": merchant, "earlier": merchant.imports.order_by("-pk")[:5]}
    return render(request, "commerce/import.html", context, status=status)


@login_required
@require_GET
def import_plan(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """The dry run: totals, differences and refused rows. Nothing was written."""
    run = access.import_for(request.user, public_id)
    return render(request, "commerce/import_plan.html", _plan_page(run, Plan.of_json(run.plan)))


@login_required
@require_POST
def import_apply(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    run = access.import_for(request.user, public_id)
    if actions.begin_applying(run=run):
        tasks.write_file.delay(run.pk)
        return redirect("commerce:import-plan", run.public_id)
    done = actions.apply_file(run=run, now=timezone.now()).written
    messages.success(
        request, ngettext("%(count)d product written.", "%(count)d products written.", done) % {"count": done}
    )
    return redirect("commerce:shop")


def _plan_page(run: CatalogImport, plan: Plan) -> dict[str, Any]:
    problems = [(problem, sentence(problem)) for problem in plan.problems]
    return {
        "run": run,
        "plan": plan,
        "kind": formats.NAMES.get(run.kind, run.kind),
        "counts": plan.counts.items(),
        "problems": problems,
        "differences": [
            (item, [change_sentence(change) for change in item.changes]) for item in plan.differences
        ],
        "error": FileRefused.SENTENCES.get(run.error, ""),
        "is_waiting": run.state in {CatalogImport.State.READING, CatalogImport.State.WRITING},
    }


@login_required
@require_http_methods(["GET", "POST"])
def sources(request: SignedInRequest) -> HttpResponse:
    """Addresses that products are fetched from again and again."""
    merchant = access.merchant_of(request.user)
    form = SourceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        throttle.catalog_import(request.user, now)
        actions.add_source(merchant=merchant, now=now, **form.cleaned_data)
        messages.success(
            request, _("Kept. The file is fetched within five minutes, and then as often as you said.")
        )
        return redirect("commerce:sources")
    status = 400 if request.method == "POST" else 200
    rows = [(row, source_sentence(row.error) if row.error else "") for row in merchant.sources.order_by("pk")]
    return render(request, "commerce/sources.html", {"form": form, "rows": rows}, status=status)


@login_required
@require_POST
def source_remove(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    actions.remove_source(source=access.source_for(request.user, public_id))
    messages.success(request, _("Removed. Products that came from there stay."))
    return redirect("commerce:sources")


@login_required
@require_POST
def stock(request: SignedInRequest, pk: int) -> HttpResponse:
    variant, form = access.own_variant(request.user, pk), StockForm(request.POST)
    if not form.is_valid():
        raise BadStock
    actions.set_stock(variant=variant, stock=form.cleaned_data["stock"])
    messages.success(request, _("The shelf was counted anew."))
    return redirect("commerce:product", variant.product.public_id)


@login_required
@require_POST
def digital(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """The file that buyers of a product download."""
    product, form = access.own_product(request.user, public_id), DigitalForm(request.POST, request.FILES)
    if not form.is_valid():
        raise FileRefused("empty")
    upload = form.cleaned_data["file"]
    actions.set_file(product=product, stream=upload, size=upload.size, name=upload.name)
    messages.success(request, _("Kept. Whoever has paid can download it, and nothing is sent."))
    return redirect("commerce:product", public_id)


@require_GET
def feed(request: HttpRequest, slug: str, name: str) -> HttpResponseBase:
    """A shop's products for sale as a file that other shops and agents read."""
    merchant = access.shop_for(AnonymousUser(), slug)
    if name not in exports.WRITERS:
        raise Http404
    content_type, write = exports.WRITERS[name]
    answer = StreamingHttpResponse(
        write(exports.live(merchant)), content_type=f"{content_type}; charset=utf-8"
    )
    answer["Content-Disposition"] = f'inline; filename="{merchant.slug}-{name}"'
    answer["Cache-Control"] = "public, max-age=300"
    return answer


@login_required
@require_http_methods(["GET", "POST"])
def propose(request: SignedInRequest, post_id: UUID) -> HttpResponse:
    """Pin one of the merchant's products to a moment of a clip, for its creator to agree."""
    merchant, now = access.merchant_of(request.user), timezone.now()
    post = post_for(request.user, post_id, now)
    first = {"end": post.clip.duration_ms / 1000}
    named = request.GET.get("q", "").strip()[:80].replace("\0", "")
    form = TagForm(request.POST or None, initial=first, merchant=merchant, named=named)
    if request.method == "POST" and form.is_valid():
        actions.propose_tag(
            merchant=merchant,
            product=form.cleaned_data["product"],
            post=post,
            place=form.place(),
            creator_rate_bp=form.basis_points("creator_rate"),
            owner_rate_bp=form.basis_points("owner_rate"),
            until=form.ends_at(),
            now=now,
        )
        messages.success(request, _("Proposed. The product appears as soon as the clip's creator agrees."))
        return redirect("commerce:agreements")
    status = 400 if request.method == "POST" else 200
    context = {
        "form": form,
        "named": named,
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
    orders = merchant.orders.exclude(state="open").prefetch_related("lines__variant__product")
    orders = orders.order_by("-created_at", "-pk")
    page = Paginator(orders, PAGE).get_page(request.GET.get("page"))
    context = {
        "merchant": merchant,
        "page": page,
        "plot": queries.sales_by_day(merchant, timezone.now()),
        "clips": queries.sales_by_clip(merchant),
        "products": queries.sales_by_product(merchant),
    }
    return render(request, "commerce/sold.html", context)


@login_required
@require_POST
def sent(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    order, form = access.sold_order_for(request.user, public_id), SentForm(request.POST)
    given = form.cleaned_data if form.is_valid() else {"carrier": "", "tracking": ""}
    actions.send(order=order, now=timezone.now(), **given)
    messages.success(request, _("Sent. The buyer sees it on the order's page."))
    return redirect("commerce:order", public_id)


@login_required
@require_http_methods(["GET", "POST"])
def terms(request: SignedInRequest) -> HttpResponse:
    """How the shop ships, what tax its prices hold, and its codes. Each form says by `what` which it is."""
    merchant, now = access.merchant_of(request.user), timezone.now()
    what = request.POST.get("what", "")
    forms = {
        "tax": TermsForm(request.POST if what == "tax" else None, initial={"tax": merchant.tax_bp / 100}),
        "rate": RateForm(request.POST if what == "rate" else None),
        "coupon": CouponForm(request.POST if what == "coupon" else None),
        "link": LinkForm(
            request.POST if what == "link" else None,
            initial={"links_out": merchant.links_out, "site": merchant.site},
        ),
    }
    if what in forms and forms[what].is_valid():
        data = forms[what].cleaned_data
        if what == "tax":
            actions.set_tax(merchant=merchant, tax_bp=int(data["tax"] * 100))
        elif what == "rate":
            actions.add_rate(merchant=merchant, **data)
        elif what == "link":
            actions.set_link(merchant=merchant, **data)
        else:
            _add_coupon(request, merchant, data, now)
        messages.success(request, _("Kept."))
        return redirect("commerce:terms")
    if what in {"rate-remove", "coupon-remove"}:
        actions.remove_term(merchant=merchant, what=what, pk=request.POST.get("pk", ""))
        return redirect("commerce:terms")
    coupons = merchant.coupons.filter(person=None).select_related("creator").order_by("pk")
    context = {"merchant": merchant, "forms": forms, "coupons": coupons, "tax_mode": settings.TAX_MODE}
    return render(request, "commerce/terms.html", context, status=400 if request.method == "POST" else 200)


def _add_coupon(request: SignedInRequest, merchant: Merchant, data: dict[str, Any], now: datetime) -> None:
    """A code; with a name beside it, that creator's own."""
    handle, rate = data.pop("creator"), data.pop("creator_rate")
    creator = person_for(request.user, handle) if handle else None
    with transaction.atomic():
        coupon = actions.add_coupon(merchant=merchant, now=now, **data)
        if creator is not None:
            promotions.creator_code(coupon=coupon, creator=creator, rate_bp=int((rate or 0) * 100), now=now)


@login_required
@require_GET
def books(request: SignedInRequest) -> HttpResponse:
    """For the operator: the nights' comparisons with the provider, and news that could not be applied."""
    operator_only(request.user)
    runs = Reconciliation.objects.order_by("-pk")[:14]
    poison = ProviderEvent.objects.filter(handled_at=None).order_by("-pk")[:100]
    return render(request, "commerce/books.html", {"runs": runs, "poison": poison})


@login_required
@require_POST
def event_again(request: SignedInRequest, pk: int) -> HttpResponse:
    operator_only(request.user)
    kept = run_again(kept=get_object_or_404(ProviderEvent, pk=pk), now=timezone.now())
    messages.success(request, _("Applied.") if kept.handled_at else _("It still cannot be applied."))
    return redirect("commerce:books")


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
