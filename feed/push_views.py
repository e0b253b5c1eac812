"""Browsers that take news while no page is open: told here, and stopped here."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.edge import SignedInRequest
from feed import push


class PushKeys(serializers.Serializer[Any]):
    p256dh = serializers.CharField(max_length=200)
    auth = serializers.CharField(max_length=100)


class PushIn(serializers.Serializer[Any]):
    """A browser's PushSubscription as it tells itself."""

    endpoint = serializers.CharField(max_length=2000)
    keys = PushKeys()


class PushStop(serializers.Serializer[Any]):
    endpoint = serializers.CharField(max_length=2000, allow_blank=True, default="")


class PushOut(serializers.Serializer[Any]):
    key = serializers.CharField()


class PushApi(APIView):
    scopes: dict[str, str] = {}  # a browser's own affair: no token of a program

    @extend_schema(responses=PushOut, operation_id="feed_push_key")
    def get(self, request: Request) -> Response:
        return Response({"key": push.public_key()})

    @extend_schema(request=PushIn, responses={201: PushOut}, operation_id="feed_push")
    def post(self, request: Request) -> Response:
        given = PushIn(data=request.data)
        given.is_valid(raise_exception=True)
        told = given.validated_data
        push.subscribe(
            person=request.user,  # type: ignore[arg-type]
            endpoint=told["endpoint"],
            p256dh=told["keys"]["p256dh"],
            auth=told["keys"]["auth"],
            now=timezone.now(),
        )
        return Response({"key": push.public_key()}, status=201)

    @extend_schema(request=PushStop, responses={204: None}, operation_id="feed_push_stop")
    def delete(self, request: Request) -> Response:
        given = PushStop(data=request.data)
        given.is_valid(raise_exception=True)
        push.stop(person=request.user, endpoint=given.validated_data["endpoint"])  # type: ignore[arg-type]
        return Response(status=204)


@require_POST
@login_required
def stop_all(request: SignedInRequest) -> HttpResponse:
    push.stop(person=request.user)
    messages.success(request, _("No browser of yours is told any more."))
    return redirect("feed:preferences")
