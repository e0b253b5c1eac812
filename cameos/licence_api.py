"""The API of prices and licences.

Cheaper prices and a yes to a request need the fresh proof of a session, which a token never has; those
methods name no scope. Asking costs money later, so that it is closed to tokens too.
"""

from __future__ import annotations

from typing import Any, ClassVar, cast
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import stepup
from accounts.models import User
from cameos import access, licence_answers, licences, queries
from cameos.api import OF
from cameos.models import Licence, PriceCard


class PriceSerializer(serializers.ModelSerializer[PriceCard]):
    """Money is in minor units, the share in basis points."""

    fee = serializers.IntegerField(min_value=0, max_value=licences.MOST_FEE)
    currency = serializers.ChoiceField(choices=licences.CURRENCIES)
    share_bp = serializers.IntegerField(min_value=0, max_value=10_000)
    effective_at = serializers.DateTimeField(read_only=True)

    class Meta:
        model = PriceCard
        fields: ClassVar = ["fee", "currency", "share_bp", "friends_free", "effective_at"]


class LicenceOut(serializers.ModelSerializer[Licence]):
    id = serializers.UUIDField(source="public_id")
    cameo = serializers.UUIDField(source="cameo.public_id")
    requester = serializers.CharField(source="requester.username")
    total = serializers.IntegerField()
    clips_left = serializers.IntegerField()
    pay_at = serializers.SerializerMethodField(help_text="Where the requester pays; empty where nothing is.")

    class Meta:
        model = Licence
        fields: ClassVar = [
            "id",
            "cameo",
            "requester",
            "state",
            "words",
            "clip_count",
            "clips_left",
            "fee",
            "currency",
            "share_bp",
            "total",
            "paid",
            "back",
            "asked_at",
            "decided_at",
            "paid_at",
            "ended_at",
            "pay_at",
        ]

    def get_pay_at(self, licence: Licence) -> str:
        return licences.pay_at(licence, self.context["viewer"])


class LicencesOut(serializers.Serializer[Any]):
    asked = LicenceOut(many=True, help_text="Of you, waiting for your answer.")
    answered = LicenceOut(many=True)
    mine = LicenceOut(many=True, help_text="What you asked of others.")


class LicenceIn(serializers.Serializer[Any]):
    clip_count = serializers.IntegerField(min_value=1, max_value=licences.MOST_CLIPS)
    words = serializers.CharField(allow_blank=True, max_length=500, default="")


class Price(APIView):
    """What a clip with you costs. Dearer counts at once; cheaper needs a fresh proof and waits 24 hours."""

    scopes: ClassVar = {"GET": "likeness:read"}

    @extend_schema(responses=PriceSerializer(allow_null=True), parameters=[OF])
    def get(self, request: Request) -> Response:
        card = licences.card_of(_cameo(request), timezone.now())
        return Response(PriceSerializer(card).data if card else None)

    @extend_schema(request=PriceSerializer, responses=PriceSerializer, parameters=[OF])
    def put(self, request: Request) -> Response:
        wanted, now = PriceSerializer(data=request.data), timezone.now()
        wanted.is_valid(raise_exception=True)
        card = licences.set_card(
            cameo=_cameo(request),
            owner=_me(request),
            stepped_up=stepup.is_fresh(request, now),
            now=now,
            **({"friends_free": True} | wanted.validated_data),
        )
        return Response(PriceSerializer(card).data)


class Licences(APIView):
    """Requests for a licence: those you have to answer, those you answered, and your own."""

    scopes: ClassVar = {"GET": "likeness:read"}

    @extend_schema(responses=LicencesOut)
    def get(self, request: Request) -> Response:
        return Response(LicencesOut(queries.licences_of(_me(request)), context=_context(request)).data)


class Ask(APIView):
    """Ask the owner of a likeness for clips, at the price of today."""

    @extend_schema(request=LicenceIn, responses={201: LicenceOut})
    def post(self, request: Request, public_id: UUID) -> Response:
        cameo = access.castable_for(_me(request), public_id)
        wanted = LicenceIn(data=request.data)
        wanted.is_valid(raise_exception=True)
        asked = licences.ask(cameo=cameo, requester=_me(request), now=timezone.now(), **wanted.validated_data)
        return Response(LicenceOut(asked, context=_context(request)).data, status=201)


class Accept(APIView):
    @extend_schema(request=None, responses=LicenceOut)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Say yes. Nothing is permitted before it is paid. Needs a fresh proof."""
        asked, now = access.licence_of(_me(request), public_id), timezone.now()
        fresh = stepup.is_fresh(request, now)
        said = licence_answers.accept(licence=asked, owner=_me(request), stepped_up=fresh, now=now)
        return Response(LicenceOut(said, context=_context(request)).data)


class Decline(APIView):
    scopes: ClassVar = {"POST": "likeness:write"}

    @extend_schema(request=None, responses=LicenceOut)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Say no."""
        asked = access.licence_of(_me(request), public_id)
        said = licences.decline(licence=asked, owner=_me(request), now=timezone.now())
        return Response(LicenceOut(said, context=_context(request)).data)


def _me(request: Request) -> User:
    """Behind the default permission the asker is a person."""
    return cast(User, request.user)


def _cameo(request: Request) -> Any:
    return access.cameo_of(_me(request), request.query_params.get("of"))


def _context(request: Request) -> dict[str, Any]:
    return {"viewer": _me(request)}
