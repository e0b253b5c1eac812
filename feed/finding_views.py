"""Search, explore, tags and boards: pages and API."""

from __future__ import annotations

from dataclasses import asdict

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import throttle
from accounts.api_auth import AnyoneMayRead
from accounts.edge import SignedInRequest
from accounts.models import User
from feed import broll, preferences, search, streams, trends
from feed.models import Hashtag, Preferences


@require_safe
def search_page(request: HttpRequest) -> HttpResponse:
    now, asked = timezone.now(), request.GET.get("q", "")
    if search.tidy(asked):
        throttle.search(throttle.client_address(request), now)
    found = search.find(request.user, asked, now)
    context = {"found": found, "tags": [] if found.asked else trends.everyday_tags(now)}
    return render(request, "feed/search.html", context)


@require_safe
def broll_page(request: HttpRequest) -> HttpResponse:
    """Clips that are offered to be used in others, by what they mean."""
    now, asked = timezone.now(), search.tidy(request.GET.get("q", ""))
    if asked:
        throttle.search(throttle.client_address(request), now)
    found, by_meaning = broll.found(request.user, asked, now)
    held = broll.held_by(request.user, now) if isinstance(request.user, User) else []
    context = {"asked": asked, "found": found, "held": held, "by_meaning": by_meaning}
    return render(request, "feed/broll.html", context)


@require_safe
def explore(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    context = {
        "boards": trends.boards(request.user, now),
        "tags": trends.everyday_tags(now),
        "on_boards": Preferences.of(request.user).on_boards,
    }
    return render(request, "feed/explore.html", context)


@require_POST
@login_required
def on_boards(request: SignedInRequest) -> HttpResponse:
    """Whether one may stand on the boards."""
    now, wanted = timezone.now(), request.POST.get("on") == "1"
    preferences.change(person=request.user, on_boards=wanted, now=now)
    messages.success(request, _("You may stand on the boards.") if wanted else _("You are off the boards."))
    return redirect("feed:explore")


@require_safe
def tag(request: HttpRequest, name: str) -> HttpResponse:
    found = get_object_or_404(Hashtag, name=name.lower())
    page = streams.tagged(request.user, found, request.GET.get("cursor", ""), timezone.now())
    return render(request, "feed/tag.html", {"tag": found, "page": page})


class SearchApi(APIView):
    permission_classes = [AnyoneMayRead]
    scopes = {"GET": "clips:read"}

    @extend_schema(
        responses=serializers.DictField,
        parameters=[
            OpenApiParameter("q", str, description="Words; what is beyond 200 characters is not read.")
        ],
        operation_id="feed_search",
    )
    def get(self, request: Request) -> Response:
        now = timezone.now()
        throttle.search(throttle.client_address(request), now)
        found = search.find(request.user, request.query_params.get("q", ""), now)
        return Response(
            {
                "asked": found.asked,
                "clips": [card.as_json() for card in found.clips],
                "people": [{**asdict(one), "url": one.url} for one in found.people],
                "tags": [{**asdict(one), "url": one.url} for one in found.tags],
                "products": [asdict(one) for one in found.products],
                "by_meaning": found.by_meaning,
            }
        )


class BrollApi(APIView):
    permission_classes = [AnyoneMayRead]
    scopes = {"GET": "clips:read"}

    @extend_schema(
        responses=serializers.DictField,
        parameters=[OpenApiParameter("q", str, description="What should be seen; empty for the newest.")],
        operation_id="feed_broll",
    )
    def get(self, request: Request) -> Response:
        now = timezone.now()
        throttle.search(throttle.client_address(request), now)
        found, by_meaning = broll.found(request.user, request.query_params.get("q", ""), now)
        clips = [{**one.card.as_json(), "price": one.price} for one in found]
        return Response({"clips": clips, "by_meaning": by_meaning})


class ExploreApi(APIView):
    permission_classes = [AnyoneMayRead]
    scopes = {"GET": "clips:read"}

    @extend_schema(responses=serializers.DictField, operation_id="feed_explore")
    def get(self, request: Request) -> Response:
        boards = trends.boards(request.user, timezone.now())
        return Response(
            {
                "clips": [card.as_json() for card in boards.clips],
                **{
                    name: [asdict(place) for place in getattr(boards, name)]
                    for name in ("tags", "remixed", "cast")
                },
            }
        )
