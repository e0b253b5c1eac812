"""Moving between hosts, for programs: the archive is written or taken in by a worker."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import FileResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import events, stepup
from accounts.api_auth import SignedIn
from accounts.models import User
from accounts.parsing import Json
from generation import moving
from generation.models import Move
from generation.views_moving import archive_of


class MoveIn(serializers.Serializer[Any]):
    """Without `archive` yours is written; with one it is taken in."""

    archive = serializers.FileField(required=False)


class MoveOut(serializers.ModelSerializer[Move]):
    """`state`: WAITING, WORKING, DONE (`told` says what came of it) or FAILED (`why`)."""

    id = serializers.UUIDField(source="public_id")
    can_be_fetched = serializers.SerializerMethodField()

    class Meta:
        model = Move
        fields = ("id", "way", "state", "size", "told", "why", "can_be_fetched", "asked_at", "ended_at")

    def get_can_be_fetched(self, row: Move) -> bool:
        return moving.is_kept(row)


class Moves(APIView):
    permission_classes = [SignedIn]
    scopes = {"GET": "me:move", "POST": "me:move"}
    parser_classes = [MultiPartParser, Json]

    @extend_schema(responses=MoveOut(many=True), operation_id="moves_list")
    def get(self, request: Request) -> Response:
        return Response(MoveOut(moving.of(_person(request)), many=True).data)

    @extend_schema(request=MoveIn, responses={202: MoveOut})
    def post(self, request: Request) -> Response:
        """One at a time; several times a day. A session gives a fresh proof first, as on the page."""
        _proved(request)
        sent = MoveIn(data=request.data)
        sent.is_valid(raise_exception=True)
        file, person, now = sent.validated_data.get("archive"), _person(request), timezone.now()
        if file:
            made = moving.bring_in(person=person, file=file, now=now)
        else:
            made = moving.ask_out(person=person, now=now)
            events.told("exported", user=person)
        return Response(MoveOut(made).data, status=202)


class OneMove(APIView):
    permission_classes = [SignedIn]
    scopes = {"GET": "me:move"}

    @extend_schema(responses=MoveOut)
    def get(self, request: Request, public_id: UUID) -> Response:
        return Response(MoveOut(moving.one(_person(request), public_id)).data)


class MoveFile(APIView):
    permission_classes = [SignedIn]
    scopes = {"GET": "me:move"}

    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY})
    def get(self, request: Request, public_id: UUID) -> FileResponse:
        """The archive, for two days."""
        row = moving.one(_person(request), public_id)
        _proved(request)
        return archive_of(row)


def _proved(request: Request) -> None:
    """Whoever made a token with this scope proved themselves then. Raises `StepUpRequired` for a session that
    did not lately: an open browser is not enough to take everything of somebody."""
    if request.auth is None:
        stepup.require(request)


def _person(request: Request) -> User:
    """Who asks, behind `SignedIn`."""
    assert isinstance(request.user, User)
    return request.user
