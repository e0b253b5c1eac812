"""Clips that are paid for, for programs: serializer in, access and one action, JSON out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import throttle
from accounts.idempotency import idempotent
from accounts.models import User
from commerce import access, actions
from commerce.actions.extras import TIP_CURRENCIES
from commerce.models import Order, PostPrice
from commerce.money import Money
from commerce.views.buyer import payment_address


class PriceIn(serializers.Serializer[Any]):
    amount = serializers.IntegerField(min_value=0, max_value=1_000_000, help_text="In minor units.")
    currency = serializers.ChoiceField(choices=TIP_CURRENCIES)

    def money(self) -> Money:
        self.is_valid(raise_exception=True)
        return Money(self.validated_data["amount"], self.validated_data["currency"])


class PricesIn(serializers.Serializer[Any]):
    see = PriceIn(required=False, allow_null=True, help_text="As a paid episode; null makes it free.")
    broll = PriceIn(required=False, allow_null=True, help_text="As B-roll; null takes the offer back.")


class PricesOut(serializers.Serializer[Any]):
    see = PriceIn(allow_null=True)
    broll = PriceIn(allow_null=True)


class BoughtOut(serializers.Serializer[Any]):
    id = serializers.CharField(allow_null=True, help_text="The order; null where it costs nothing.")
    state = serializers.CharField()
    page = serializers.CharField(allow_blank=True)
    payment = serializers.CharField(allow_blank=True, help_text="Where it is paid.")


def _me(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user


class Unlock(APIView):
    """Order a paid episode; the body is the price that was seen."""

    scopes = {"POST": "shop:write"}

    @extend_schema(request=PriceIn, responses={201: BoughtOut}, operation_id="shop_unlock")
    @idempotent("unlock", atomic=False)
    def post(self, request: Request, post_id: UUID) -> Response:
        now = timezone.now()
        post = access.offered_post(request.user, post_id, now)
        seen = PriceIn(data=request.data).money()
        throttle.checkout(throttle.client_address(request), now)
        return _bought(request, actions.unlock(buyer=_me(request), post=post, seen=seen, now=now))


class LicenseBroll(APIView):
    """Order a licence to use a clip; the body is the price that was seen."""

    scopes = {"POST": "shop:write"}

    @extend_schema(request=PriceIn, responses={201: BoughtOut}, operation_id="shop_license_broll")
    @idempotent("broll", atomic=False)
    def post(self, request: Request, post_id: UUID) -> Response:
        now = timezone.now()
        post = access.broll_post(request.user, post_id, now)
        seen = PriceIn(data=request.data).money()
        throttle.checkout(throttle.client_address(request), now)
        return _bought(request, actions.license_broll(buyer=_me(request), post=post, seen=seen, now=now))


class Prices(APIView):
    """What a clip of one's own costs."""

    scopes = {"PATCH": "shop:write"}

    @extend_schema(request=PricesIn, responses=PricesOut, operation_id="shop_post_prices")
    def patch(self, request: Request, post_id: UUID) -> Response:
        now = timezone.now()
        post = access.priced_post(request.user, post_id, now)
        given = PricesIn(data=request.data)
        given.is_valid(raise_exception=True)
        for use, price in (("see", actions.price_episode), ("broll", actions.price_broll)):
            if use in given.validated_data:
                asked = given.validated_data[use]
                price(post=post, by=_me(request), money=Money(**asked) if asked else None, now=now)
        return Response({use: _told(actions.price_of(post, use)) for use in PostPrice.Use.values})


def _told(money: Money | None) -> dict[str, Any] | None:
    return {"amount": money.amount, "currency": money.currency} if money else None


def _bought(request: Request, order: Order | None) -> Response:
    if order is None:
        return Response({"id": None, "state": "given", "page": "", "payment": ""}, status=201)
    page = request.build_absolute_uri(reverse("commerce:order", args=[order.public_id]))
    payment = payment_address(request, order)
    told = {"id": str(order.public_id), "state": order.state, "page": page, "payment": payment}
    return Response(told, status=201)
