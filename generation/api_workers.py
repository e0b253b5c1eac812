"""The door for workers on other machines (docs/remote-workers.md), under a token of their own."""

from __future__ import annotations

import base64
import binascii
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.parsing import Json
from generation.models import RemoteWorker
from generation.queue import clock
from generation.workers import claims, promises, receiving, sealing, tokens
from generation.workers.refusals import TokenInUse

MOST_SKEW = 1e9


class WorkerToken(BaseAuthentication):
    """`Authorization: Bearer uw_…`; `request.auth` is then the worker's row."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, RemoteWorker] | None:
        scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
        worker = tokens.find(secret.strip()) if scheme.lower() == "bearer" else None
        if worker is None:
            raise exceptions.AuthenticationFailed(code="bad_token")
        return AnonymousUser(), worker

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class WorkerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "generation.api_workers.WorkerToken"
    name = "worker"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A token of a registered remote worker."}


class IsWorker(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.auth, RemoteWorker)


class Base64(serializers.Field[Any, Any, Any, Any]):
    def to_internal_value(self, data: Any) -> bytes:
        try:
            return base64.b64decode(str(data), validate=True)
        except (binascii.Error, ValueError):
            raise serializers.ValidationError("base64") from None

    def to_representation(self, value: bytes) -> str:
        return base64.b64encode(value).decode()


class ClaimIn(serializers.Serializer[Any]):
    instance = serializers.CharField(max_length=40)
    engines = serializers.ListField(child=serializers.CharField(max_length=40), max_length=20)
    key = Base64(help_text="An X25519 public key, made for this claim.")
    clock = serializers.FloatField(help_text="The worker's own idea of the time, in seconds since 1970.")

    def validate_key(self, key: bytes) -> bytes:
        if not sealing.is_key(key):
            raise serializers.ValidationError("X25519")
        return key


class BeatIn(serializers.Serializer[Any]):
    instance = serializers.CharField(max_length=40)
    fence = serializers.IntegerField(min_value=0)
    step = serializers.IntegerField(min_value=0, max_value=10_000_000)
    steps = serializers.IntegerField(min_value=0, max_value=10_000_000)
    picture = Base64(required=False, help_text="A small JPEG of the last step.")


class LetGoIn(serializers.Serializer[Any]):
    instance = serializers.CharField(max_length=40)
    fence = serializers.IntegerField(min_value=0)
    error = serializers.CharField(max_length=40, allow_blank=True, default="")


class ResultIn(serializers.Serializer[Any]):
    film = serializers.FileField()
    material = serializers.FileField(required=False)
    fps = serializers.FloatField()


class WorkerView(APIView):
    authentication_classes = [WorkerToken]
    permission_classes = [IsWorker]
    parser_classes = [Json]

    def asked(self, request: Request, shape: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        asked = shape(data=request.data)
        asked.is_valid(raise_exception=True)
        return dict(asked.validated_data)

    def same(self, request: Request, instance: str) -> RemoteWorker:
        """The worker, if it is the running process that took the token. Raises `TokenInUse`."""
        worker = request.auth
        assert isinstance(worker, RemoteWorker)
        if worker.instance != instance:
            raise TokenInUse()
        tokens.seen(worker, clock())
        return worker


class TakeJob(WorkerView):
    @extend_schema(request=ClaimIn, responses=dict)
    def post(self, request: Request) -> Response:
        asked, worker, now = self.asked(request, ClaimIn), request.auth, clock()
        assert isinstance(worker, RemoteWorker)
        off = min(MOST_SKEW, max(-MOST_SKEW, round(asked["clock"] - now.timestamp(), 1)))
        tokens.present(worker, instance=asked["instance"], engines=asked["engines"], clock_off_s=off, now=now)
        job = claims.take(worker, engines=asked["engines"], public_key=asked["key"], now=now)
        return Response({"job": job or None, "clock_off_s": off})


class Beat(WorkerView):
    @extend_schema(request=BeatIn, responses={204: None})
    def post(self, request: Request, public_id: UUID) -> Response:
        asked = self.asked(request, BeatIn)
        worker = self.same(request, asked.pop("instance"))
        claims.beat(worker, public_id, **({"picture": b""} | asked), now=clock())
        return Response(status=204)


class LetGo(WorkerView):
    @extend_schema(request=LetGoIn, responses={204: None})
    def post(self, request: Request, public_id: UUID) -> Response:
        asked = self.asked(request, LetGoIn)
        worker = self.same(request, asked.pop("instance"))
        claims.let_go(worker, public_id, **asked, now=clock())
        return Response(status=204)


class Promised(WorkerView):
    """A face or a clip's material, once: a POST, so that nothing between keeps or fetches it again."""

    @extend_schema(request=None, responses={(200, "application/octet-stream"): bytes})
    def post(self, request: Request, token: str) -> HttpResponse:
        worker = request.auth
        assert isinstance(worker, RemoteWorker)
        answer = HttpResponse(promises.give(worker, token, clock()), content_type="application/octet-stream")
        answer["Cache-Control"] = "no-store"
        return answer


class Result(WorkerView):
    parser_classes = [MultiPartParser]

    @extend_schema(request={"multipart/form-data": ResultIn}, responses={204: None})
    def post(self, request: Request, token: str) -> Response:
        asked, worker = self.asked(request, ResultIn), request.auth
        assert isinstance(worker, RemoteWorker)
        receiving.receive(
            worker, token, film=asked["film"], material=asked.get("material"), fps=asked["fps"], now=clock()
        )
        return Response(status=204)
