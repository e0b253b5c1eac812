"""What others may do with a post: for its creator to decide, for everybody to use."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api_auth import AnyoneMayRead
from accounts.edge import SignedInRequest
from accounts.models import User
from feed import access, rights
from feed.forms import RightsForm
from feed.models import Post
from feed.refusals import DownloadClosed
from generation import showing


@require_http_methods(["GET", "POST"])
@login_required
def rights_page(request: SignedInRequest, post: UUID) -> HttpResponse:
    own = access.own_post_for(request.user, post)
    form = RightsForm(request.POST if request.method == "POST" else None, initial=RightsForm.of(own))
    if request.method == "POST" and form.is_valid():
        rights.change(post=own, by=request.user, now=timezone.now(), **form.cleaned_data)
        messages.success(request, _("Kept. It holds from now on; what was agreed before stays."))
        return redirect(own)
    context = {"post": own, "form": form, "owes": rights.named(dict(rights.owed(own.pk)))}
    return render(request, "feed/rights.html", context, status=422 if form.errors else 200)


@require_safe
def download(request: HttpRequest, post: UUID) -> HttpResponseBase:
    """The marked and signed file, to keep; 403 where its creator does not offer it."""
    shown = access.post_for(request.user, post, timezone.now())
    if not rights.may_download(shown, request.user.pk):
        raise DownloadClosed()
    return showing.download_answer(request, shown.clip, f"understudy-{shown.public_id}.mp4")


class RightsIn(serializers.Serializer[Any]):
    allow_remix = serializers.BooleanField(required=False)
    allow_comments = serializers.BooleanField(required=False)
    allow_download = serializers.BooleanField(required=False)
    allow_tags = serializers.BooleanField(required=False)
    remix_share_bp = serializers.IntegerField(required=False)


class RightsOut(serializers.Serializer[Any]):
    allow_remix = serializers.BooleanField()
    allow_comments = serializers.BooleanField()
    allow_download = serializers.BooleanField()
    allow_tags = serializers.BooleanField()
    remix_share_bp = serializers.IntegerField(help_text="What a remix that is published now agrees to.")
    owes = serializers.ListField(
        child=serializers.DictField(), help_text="Who gets which part of what this post earns its creator."
    )


class RightsOfPost(APIView):
    permission_classes = [AnyoneMayRead]
    scopes = {"GET": "clips:read", "PATCH": "posts:write"}

    @extend_schema(responses=RightsOut, operation_id="feed_rights")
    def get(self, request: Request, post: UUID) -> Response:
        return Response(_told(access.post_for(request.user, post, timezone.now())))

    @extend_schema(request=RightsIn, responses=RightsOut, operation_id="feed_change_rights")
    def patch(self, request: Request, post: UUID) -> Response:
        assert isinstance(request.user, User)
        own = access.own_post_for(request.user, post)
        given = RightsIn(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(
            _told(rights.change(post=own, by=request.user, now=timezone.now(), **given.validated_data))
        )


def _told(post: Post) -> dict[str, Any]:
    names = ("allow_remix", "allow_comments", "allow_download", "allow_tags", "remix_share_bp")
    owes = rights.named(dict(rights.owed(post.pk)))
    parts = [{"handle": person.username, "name": person.name, "share_bp": part} for person, part in owes]
    return {name: getattr(post, name) for name in names} | {"owes": parts}
