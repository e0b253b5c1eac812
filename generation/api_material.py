"""Films and photos that people bring, for programs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api_auth import SignedIn
from accounts.models import User
from generation import footage
from generation.models import Footage


class MaterialIn(serializers.Serializer[Any]):
    file = serializers.FileField(allow_empty_file=True)


class MaterialOut(serializers.ModelSerializer[Footage]):
    """`state`: ARRIVED (being opened), READY, REFUSED (`reason` and `why` say so)."""

    id = serializers.UUIDField(source="public_id")
    why = serializers.SerializerMethodField()

    class Meta:
        model = Footage
        fields = (
            "id", "kind", "title", "state", "reason", "why", "seconds", "width", "height", "has_sound",
            "created_at",
        )  # fmt: skip

    def get_why(self, row: Footage) -> str:
        return footage.sentence(row)


class Material(APIView):
    permission_classes = [SignedIn]
    scopes = {"GET": "clips:read", "POST": "clips:write"}
    parser_classes = [MultiPartParser]

    @extend_schema(responses=MaterialOut(many=True), operation_id="material_list")
    def get(self, request: Request) -> Response:
        return Response(MaterialOut(footage.of(_person(request)), many=True).data)

    @extend_schema(request=MaterialIn, responses={201: MaterialOut})
    def post(self, request: Request) -> Response:
        """The same file a second time is the same row."""
        sent = MaterialIn(data=request.data)
        sent.is_valid(raise_exception=True)
        made = footage.take(maker=_person(request), file=sent.validated_data["file"], now=timezone.now())
        return Response(MaterialOut(made).data, status=201)


class OneMaterial(APIView):
    permission_classes = [SignedIn]
    scopes = {"GET": "clips:read", "DELETE": "clips:write"}

    @extend_schema(responses=MaterialOut)
    def get(self, request: Request, public_id: UUID) -> Response:
        return Response(MaterialOut(footage.one(_person(request), public_id)).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, public_id: UUID) -> Response:
        footage.drop(maker=_person(request), public_id=public_id)
        return Response(status=204)


def _person(request: Request) -> User:
    """Who asks, behind `SignedIn`."""
    assert isinstance(request.user, User)
    return request.user
