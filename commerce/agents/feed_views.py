"""The addresses of ACP's feed API under `/acp/feeds`: for a merchant's own programs, by a token of theirs."""

from __future__ import annotations

from typing import Any

from django.http import Http404, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from commerce import access
from commerce.agents import feeds
from commerce.agents.acp_views import AcpView
from commerce.agents.edge import id_of
from commerce.agents.sessions import Bad
from commerce.models import AgentFeed


class FeedView(AcpView):
    """The feed API names no header of its own: a version is checked where one is sent."""

    scopes = {"GET": "shop:read", "POST": "shop:write", "PATCH": "shop:write"}
    largest = 1024 * 1024

    def check_version(self, request: Request) -> None:
        if "API-Version" in request.headers:
            super().check_version(request)

    def check_body(self, request: Request) -> None:
        """A feed is judged product by product, in the words of its own errors."""

    def feed_for(self, request: Request, public_id: str) -> AgentFeed:
        """The merchant's own feed; another's is as absent as none. Raises Bad."""
        try:
            rows = AgentFeed.objects.filter(merchant__owner_id=request.user.pk, public_id=id_of(public_id))
        except Http404:
            rows = AgentFeed.objects.none()
        feed = rows.select_related("merchant").first()
        if feed is None:
            raise Bad("feed_not_found", _("There is no such feed."), "id", 404)
        return feed


@extend_schema(exclude=True)
class Feeds(FeedView):
    def post(self, request: Request) -> Response:
        merchant = access.merchant_of(request.user)
        made = feeds.create(merchant=merchant, body=request.data, now=timezone.now())
        return Response(feeds.metadata(made), status=201)


@extend_schema(exclude=True)
class Feed(FeedView):
    def get(self, request: Request, public_id: str) -> Response:
        return Response(feeds.metadata(self.feed_for(request, public_id)))


@extend_schema(exclude=True)
class FeedProducts(FeedView):
    def get(self, request: Request, public_id: str) -> Any:
        pieces = feeds.products(self.feed_for(request, public_id))
        return StreamingHttpResponse(pieces, content_type="application/json")

    def patch(self, request: Request, public_id: str) -> Response:
        feed, now = self.feed_for(request, public_id), timezone.now()
        feeds.upsert(feed=feed, body=request.data, now=now)
        return Response({"id": str(feed.public_id), "accepted": True})
