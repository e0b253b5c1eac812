"""Publishing at a time, for people and programs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.edge import SignedInRequest
from accounts.models import User
from feed import access, scheduling
from feed.models import Scheduled


class ScheduledOut(serializers.Serializer[Any]):
    clip = serializers.UUIDField(source="clip.public_id")
    at = serializers.DateTimeField()
    caption = serializers.CharField()
    state = serializers.CharField()
    reason = serializers.CharField(help_text="The refusal's name, where the gate said no at that moment.")


@require_POST
@login_required
def unschedule(request: SignedInRequest, clip: UUID) -> HttpResponse:
    draft = access.draft_for(request.user, clip)
    if not scheduling.cancel(clip=draft, creator=request.user):
        raise Http404
    messages.info(request, _("It will not be published by itself."))
    return redirect("generation:clip", public_id=clip)


class ScheduledPosts(APIView):
    scopes = {"GET": "clips:read"}

    @extend_schema(responses=ScheduledOut(many=True), operation_id="feed_scheduled")
    def get(self, request: Request) -> Response:
        rows = Scheduled.objects.filter(creator=request.user.pk).select_related("clip").order_by("at")
        return Response(ScheduledOut(rows[:100], many=True).data)


class OneScheduled(APIView):
    scopes = {"DELETE": "posts:write"}

    @extend_schema(responses={204: None}, operation_id="feed_unschedule")
    def delete(self, request: Request, clip: UUID) -> Response:
        draft = access.draft_for(request.user, clip)
        assert isinstance(request.user, User)
        if not scheduling.cancel(clip=draft, creator=request.user):
            raise Http404
        return Response(status=204)
