"""The shop for programs: serializer in, access and one action or query, JSON out."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import throttle
from accounts.api_auth import AnyoneMayRead
from accounts.idempotency import idempotent
from accounts.models import User
from commerce import access, actions, linking, queries, visitor
from commerce.labels import ad_word
from commerce.models import Merchant, Order, ProductTag
from commerce.money import CURRENCIES, Money
from commerce.offers import standing
from commerce.offers.states import BY_PLEDGE
from commerce.refusals import OrderClosed, PaymentUnavailable
from commerce.templatetags.shop import offer_kind_word, offer_word
from commerce.views.buyer import buyer_of, payment_address, variant_for
from feed.access import post_for
from feed.models import Post


class OpenToAll(AnyoneMayRead):
    """Guests buy too: people without an account may write here. A token still needs its scope."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return not request.user.is_authenticated or super().has_permission(request, view)


class TagOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    start_ms = serializers.IntegerField()
    end_ms = serializers.IntegerField()
    x = serializers.FloatField()
    y = serializers.FloatField()
    title = serializers.CharField()
    description = serializers.CharField()
    merchant = serializers.CharField()
    picture = serializers.CharField()
    sheet = serializers.CharField()
    offers = serializers.ListField(child=serializers.DictField())
    out = serializers.CharField(allow_blank=True)
    offer = serializers.DictField(allow_null=True)
    creator_percent = serializers.CharField()
    owner_percent = serializers.CharField()


class TagsOut(serializers.Serializer[Any]):
    tags = TagOut(many=True)
    propose = serializers.CharField(allow_null=True)
    words = serializers.DictField(child=serializers.CharField())


class DecisionIn(serializers.Serializer[Any]):
    agree = serializers.BooleanField()


class AgreementOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    state = serializers.CharField()
    terms_sha256 = serializers.CharField()


class CheckoutIn(serializers.Serializer[Any]):
    variant = serializers.IntegerField(min_value=1, max_value=2**62)
    quantity = serializers.IntegerField(default=1)
    seen_amount = serializers.IntegerField(min_value=0, max_value=2**62)
    seen_currency = serializers.ChoiceField(choices=sorted(CURRENCIES))
    seen_total = serializers.IntegerField(min_value=0, max_value=2**62, required=False, allow_null=True)
    seen_promise = serializers.CharField(max_length=16, required=False, allow_null=True, allow_blank=True)
    tag = serializers.UUIDField(required=False, allow_null=True)
    code = serializers.CharField(max_length=24, required=False, allow_blank=True)
    # Pay inside our own page: the answer holds what the provider's script needs.
    in_page = serializers.BooleanField(default=False)


class OrderOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    state = serializers.CharField()
    total = serializers.IntegerField()
    refunded = serializers.IntegerField()
    currency = serializers.CharField()
    page = serializers.CharField()
    payment = serializers.DictField(required=False, allow_null=True)
    lines = serializers.ListField(child=serializers.DictField())


class PaymentOut(serializers.Serializer[Any]):
    url = serializers.CharField()


class PostTags(APIView):
    """What is pinned to a post, with everything that the sheet paints."""

    permission_classes = [AnyoneMayRead]
    scopes = {"GET": "clips:read"}

    @extend_schema(responses=TagsOut, operation_id="shop_post_tags")
    def get(self, request: Request, post_id: UUID) -> Response:
        now = timezone.now()
        post = post_for(request.user, post_id, now)
        tags = access.shown_tags(request.user, now).filter(post=post)
        return Response(
            {"tags": [_tag(tag) for tag in tags], "propose": _propose(request, post_id), "words": words(post)}
        )


def words(post: Post) -> dict[str, str]:
    """What the sheet says beside the product, in the reader's language."""
    return {
        "bag": _("Products in this clip"),
        "ad": ad_word(post),
        "buy": _("Buy"),
        "close": _("Close"),
        "quantity": _("How many"),
        "shipping": _("plus {sum} shipping"),
        "tax": _("plus {sum} tax"),
        "code": _("Code"),
        "one": _("One size"),
        "sold_out": _("Sold out"),
        "left": _("{n} left"),
        "pin": _("Pin a product"),
        "part": _("Take part"),
        "out": _("To the shop's own site"),
        "was": _("Lowest price of the 30 days before: {sum}"),
        "email": _("E-mail for the receipt"),
        "pay": _("Pay {sum}"),
        "other": _("Pay on the provider's page"),
        "wait": _("One moment …"),
        "demo": _("Demo shop: payment is a stand-in, and no money moves.") if settings.STRIPE_STANDIN else "",
        "rule": _(
            "If you order here, the clip's creator earns {creator} % and the people in it {owner} %. "
            "Watching alone earns nothing."
        ),
    }


def _propose(request: Request, post_id: UUID) -> str | None:
    """Where the viewer may pin a product, if they have a shop."""
    sells = request.user.is_authenticated and Merchant.objects.filter(owner=request.user).exists()
    return reverse("commerce:propose", args=[post_id]) if sells else None


def _tag(tag: ProductTag) -> dict[str, Any]:
    agreement, product = tag.agreement, tag.product
    return {
        "id": tag.public_id,
        "start_ms": tag.start_ms,
        "end_ms": tag.end_ms,
        "x": tag.x,
        "y": tag.y,
        "title": product.title,
        "description": product.description,
        "merchant": product.merchant.name,
        "picture": reverse("commerce:picture", args=[product.public_id]),
        "sheet": reverse("commerce:sheet", args=[tag.public_id]),
        "offers": [offer.as_json() for offer in queries.offers(product)],
        "out": reverse("commerce:out", args=[tag.public_id]) if linking.address_of(product) else "",
        "offer": _offer_of(tag),
        "promise": standing.seal(product),
        "creator_percent": f"{agreement.creator_rate_bp / 100:g}",
        "owner_percent": f"{agreement.owner_rate_bp / 100:g}",
    }


def _offer_of(tag: ProductTag) -> dict[str, Any] | None:
    """What the sheet says where the product is sold before it is made; one takes part on its page."""
    offer = standing.shown(tag.product)
    if offer is None or offer.kind not in BY_PLEDGE:
        return None
    return {
        "kind": offer_kind_word(offer.kind),
        "state": offer_word(offer.state),
        "is_open": offer.state == offer.State.OPEN,
        "label": _("AI picture, not made yet") if offer.kind == offer.Kind.CONCEPT else "",
        "count": standing.counted(offer),
        "threshold": offer.threshold,
    }


class TagTouches(APIView):
    """The viewer tapped a tag: what a later order is attributed by."""

    permission_classes = [OpenToAll]
    scopes = {"POST": "shop:write"}

    @extend_schema(request=None, responses={204: None}, operation_id="shop_touch")
    def post(self, request: Request, public_id: UUID) -> Response:
        now, who = timezone.now(), visitor.of_or_new(request)
        throttle.checkout(throttle.client_address(request), now)
        account = request.user if request.user.is_authenticated else None
        actions.touch(tag=access.tag_for(request.user, public_id, now), visitor=who, buyer=account, now=now)
        answer = Response(status=204)
        visitor.keep(answer, who)
        return answer


class AgreementDecision(APIView):
    scopes = {"POST": "shop:write"}

    @extend_schema(request=DecisionIn, responses=AgreementOut, operation_id="shop_decide")
    def post(self, request: Request, public_id: UUID) -> Response:
        given = DecisionIn(data=request.data)
        given.is_valid(raise_exception=True)
        decide = actions.agree if given.validated_data["agree"] else actions.decline
        agreement = access.agreement_for(request.user, public_id)
        made = decide(agreement=agreement, creator=cast(User, request.user), now=timezone.now())
        return Response({"id": made.public_id, "state": made.state, "terms_sha256": made.terms_sha256})


class Checkouts(APIView):
    """An order with its stock held; ask `payment` of it for the provider's page."""

    permission_classes = [OpenToAll]
    scopes = {"POST": "shop:write"}

    @extend_schema(request=CheckoutIn, responses={201: OrderOut}, operation_id="shop_checkout")
    @idempotent("checkout")
    def post(self, request: Request) -> Response:
        given = CheckoutIn(data=request.data)
        given.is_valid(raise_exception=True)
        asked, now, who = given.validated_data, timezone.now(), visitor.of_or_new(request)
        throttle.checkout(throttle.client_address(request), now)
        order = actions.start_checkout(
            buyer=buyer_of(request, who),
            variant=variant_for(asked["variant"]),
            quantity=asked["quantity"],
            seen=Money(asked["seen_amount"], asked["seen_currency"]),
            tag=access.tag_for(request.user, asked["tag"], now) if asked.get("tag") else None,
            code=asked.get("code", ""),
            seen_total=asked.get("seen_total"),
            seen_promise=asked.get("seen_promise"),
            now=now,
        )
        body = _order(order)
        if asked["in_page"] and settings.STRIPE_PUBLISHABLE_KEY:
            body["payment"] = _element(request, order, now)
        answer = Response(body, status=201)
        visitor.keep(answer, who)
        return answer


def _element(request: Request, order: Order, now: datetime) -> dict[str, str] | None:
    """What the sheet mounts the provider's element with; None where it must lead to the provider's page."""
    page = request.build_absolute_uri(reverse("commerce:order", args=[order.public_id]))
    try:
        secret = actions.open_element(order=order, return_url=page, now=now)
    except (PaymentUnavailable, OrderClosed):
        return None
    return {
        "client_secret": secret,
        "publishable_key": settings.STRIPE_PUBLISHABLE_KEY,
        "script": settings.STRIPE_JS,
        "email": order.email,
        "total": str(Money(order.total, order.currency)),
    }


class OrderDetail(APIView):
    permission_classes = [OpenToAll]
    scopes = {"GET": "shop:read"}

    @extend_schema(responses=OrderOut, operation_id="shop_order")
    def get(self, request: Request, public_id: UUID) -> Response:
        return Response(_order(access.order_for(request.user, visitor.of(request), public_id)))


class OrderPayment(APIView):
    """The provider's page for an open order; asked again, the same page."""

    permission_classes = [OpenToAll]
    scopes = {"POST": "shop:write"}

    @extend_schema(request=None, responses=PaymentOut, operation_id="shop_payment")
    def post(self, request: Request, public_id: UUID) -> Response:
        order = access.own_order_for(request.user, visitor.of(request), public_id)
        return Response({"url": payment_address(request, order)})


def _order(order: Order) -> dict[str, Any]:
    return {
        "id": order.public_id,
        "state": order.state,
        "total": order.total,
        "refunded": order.refunded,
        "currency": order.currency,
        "page": reverse("commerce:order", args=[order.public_id]),
        "lines": [
            {
                "title": row.line.title,
                "quantity": row.line.quantity,
                "amount": row.price.amount,
                "attribution": row.line.attribution_rule,
                "earned": [
                    {"role": part.role, "name": part.name, "amount": part.money.amount} for part in row.earned
                ],
            }
            for row in queries.receipt(order)
        ],
    }
