"""The feed for programs: serializer in, access and one action or query, JSON out."""

from __future__ import annotations

from functools import update_wrapper
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import throttle
from accounts.api_auth import AnyoneMayRead
from accounts.models import User
from feed import access, actions, cards, comments, scheduling, streams
from feed.models import ReportReason
from feed.schedule_views import ScheduledOut

CURSOR = OpenApiParameter("cursor", str, description="`next` of the page before; empty for the first.")


def _me(request: Request) -> User:
    """The person behind a request that `SignedIn` let through."""
    assert isinstance(request.user, User)
    return request.user


class PublishIn(serializers.Serializer[Any]):
    clip = serializers.UUIDField()
    caption = serializers.CharField(max_length=2000, allow_blank=True, default="")
    allow_remix = serializers.BooleanField(default=True)
    allow_comments = serializers.BooleanField(default=True)
    allow_tags = serializers.BooleanField(default=True)
    allow_download = serializers.BooleanField(default=True)
    remix_share_bp = serializers.IntegerField(
        default=0, help_text="Part of what remixes of it earn that is asked, in basis points, at most 3000."
    )
    owes_seen = serializers.IntegerField(
        required=False,
        allow_null=True,
        help_text="Sum of `owes` of the clip's rights as it was shown; another one by now is a 409.",
    )
    at = serializers.DateTimeField(required=False, help_text="Publish it then instead of now (202).")


class CommentIn(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=20_000, trim_whitespace=True)
    reply_to = serializers.UUIDField(required=False, allow_null=True)


class ReportIn(serializers.Serializer[Any]):
    reason = serializers.ChoiceField(choices=ReportReason.choices)
    text = serializers.CharField(max_length=2000, allow_blank=True, default="")


class CardOut(serializers.Serializer[Any]):
    """One post as `cards.Card` lays it out."""

    id = serializers.UUIDField()
    url = serializers.CharField()
    clip = serializers.UUIDField()
    caption = serializers.CharField()
    prompt = serializers.CharField()
    creator = serializers.DictField()
    cast = serializers.ListField(child=serializers.DictField())
    parent = serializers.DictField(allow_null=True)  # type: ignore[assignment]
    poster = serializers.CharField()
    video = serializers.CharField()
    video_small = serializers.CharField()
    duration_ms = serializers.IntegerField()
    like_count = serializers.IntegerField()
    comment_count = serializers.IntegerField()
    remix_count = serializers.IntegerField()
    liked = serializers.BooleanField()
    has_ways = serializers.BooleanField()
    series = serializers.DictField(allow_null=True)
    published_at = serializers.DateTimeField()
    why = serializers.DictField(allow_null=True)


class PageOut(serializers.Serializer[Any]):
    posts = CardOut(many=True)
    next = serializers.CharField(allow_null=True)


class LikesOut(serializers.Serializer[Any]):
    like_count = serializers.IntegerField()
    liked = serializers.BooleanField()


class Stream(APIView):
    permission_classes = [AnyoneMayRead]
    scopes = {"GET": "clips:read"}

    @extend_schema(responses=PageOut, parameters=[CURSOR], operation_id="feed_stream")
    def get(self, request: Request, stream: str) -> Response:
        if stream not in streams.STREAMS:
            raise Http404
        page = streams.turn(stream, request.user, request.query_params.get("cursor", ""), timezone.now())
        return Response({"posts": [card.as_json() for card in page.cards], "next": page.next})


_whole_stream = Stream.as_view()


def hot_stream(request: HttpRequest, stream: str) -> HttpResponseBase:
    """The same answer for a reader in a browser, without the framework's way through a request: half of what
    a page cost. Tokens, other methods and unknown streams go the long way."""
    if request.method != "GET" or stream not in streams.STREAMS or "Authorization" in request.headers:
        return _whole_stream(request, stream=stream)
    now = timezone.now()
    if isinstance(request.user, User):
        throttle.api(request.user, now)
    page = streams.turn(stream, request.user, request.GET.get("cursor", ""), now, form=cards.ready())
    return HttpResponse(page.as_text(), content_type="application/json")


update_wrapper(hot_stream, _whole_stream)  # the schema and the matrix of permissions know it by its class


class Posts(APIView):
    scopes = {"POST": "posts:write"}

    @extend_schema(
        request=PublishIn, responses={201: CardOut, 202: ScheduledOut}, operation_id="feed_publish"
    )
    def post(self, request: Request) -> Response:
        given = PublishIn(data=request.data)
        given.is_valid(raise_exception=True)
        now, fields = timezone.now(), dict(given.validated_data)
        clip = access.draft_for(request.user, fields.pop("clip"))
        if (at := fields.pop("at", None)) is not None:
            row = scheduling.schedule(clip=clip, creator=_me(request), at=at, now=now, **fields)
            return Response(ScheduledOut(row).data, status=202)
        made = actions.publish(clip=clip, creator=_me(request), now=now, **fields)
        scheduling.cancel(clip=clip, creator=_me(request))
        return Response(cards.one(request.user, made, now).as_json(), status=201)


class OnePost(APIView):
    permission_classes = [AnyoneMayRead]
    scopes = {"GET": "clips:read", "DELETE": "posts:write"}

    @extend_schema(responses=CardOut, operation_id="feed_post")
    def get(self, request: Request, post: UUID) -> Response:
        now = timezone.now()
        return Response(cards.one(request.user, access.post_for(request.user, post, now), now).as_json())

    @extend_schema(responses={204: None}, operation_id="feed_take_down")
    def delete(self, request: Request, post: UUID) -> Response:
        own = access.own_post_for(request.user, post)
        actions.take_down(post=own, by=_me(request), now=timezone.now())
        return Response(status=204)


class LikeOfPost(APIView):
    scopes = {"PUT": "posts:write", "DELETE": "posts:write"}

    @extend_schema(request=None, responses=LikesOut, operation_id="feed_like")
    def put(self, request: Request, post: UUID) -> Response:
        now = timezone.now()
        liked = access.post_for(request.user, post, now)
        throttle.like(_me(request), now)
        actions.like(post=liked, person=_me(request), now=now)
        return Response({"like_count": liked.like_count, "liked": True})

    @extend_schema(responses=LikesOut, operation_id="feed_unlike")
    def delete(self, request: Request, post: UUID) -> Response:
        now = timezone.now()
        liked = access.post_for(request.user, post, now)
        actions.unlike(post=liked, person=_me(request), now=now)
        return Response({"like_count": liked.like_count, "liked": False})


class CommentsOfPost(APIView):
    permission_classes = [AnyoneMayRead]
    scopes = {"GET": "clips:read", "POST": "posts:write"}

    @extend_schema(responses=serializers.DictField, parameters=[CURSOR], operation_id="feed_comments")
    def get(self, request: Request, post: UUID) -> Response:
        now = timezone.now()
        under = access.post_for(request.user, post, now)
        page = comments.comments_page(request.user, under, request.query_params.get("cursor", ""), now)
        return Response(page.as_json())

    @extend_schema(request=CommentIn, responses={201: serializers.DictField}, operation_id="feed_comment")
    def post(self, request: Request, post: UUID) -> Response:
        given = CommentIn(data=request.data)
        given.is_valid(raise_exception=True)
        now = timezone.now()
        under = access.post_for(request.user, post, now)
        throttle.comment(_me(request), now)
        fields = given.validated_data
        root = access.comment_for(request.user, fields["reply_to"], now) if fields.get("reply_to") else None
        made = actions.comment(post=under, author=_me(request), words=fields["text"], reply_to=root, now=now)
        return Response({"id": str(made.public_id), "text": made.text}, status=201)


class OneComment(APIView):
    scopes = {"PATCH": "posts:write", "DELETE": "posts:write"}

    @extend_schema(request=CommentIn, responses=serializers.DictField, operation_id="feed_edit_comment")
    def patch(self, request: Request, comment: UUID) -> Response:
        given = CommentIn(data=request.data)
        given.is_valid(raise_exception=True)
        now = timezone.now()
        row = access.comment_for(request.user, comment, now)
        made = actions.edit_comment(comment=row, by=_me(request), words=given.validated_data["text"], now=now)
        return Response({"id": str(made.public_id), "text": made.text})

    @extend_schema(responses={204: None}, operation_id="feed_delete_comment")
    def delete(self, request: Request, comment: UUID) -> Response:
        now = timezone.now()
        row = access.comment_for(request.user, comment, now)
        actions.delete_comment(comment=row, by=_me(request), now=now)
        return Response(status=204)


class ReportOfPost(APIView):
    scopes = {"POST": "posts:write"}

    @extend_schema(request=ReportIn, responses={201: serializers.DictField}, operation_id="feed_report")
    def post(self, request: Request, post: UUID) -> Response:
        given = ReportIn(data=request.data)
        given.is_valid(raise_exception=True)
        now, reason, words = timezone.now(), given.validated_data["reason"], given.validated_data["text"]
        reported = access.post_for(request.user, post, now)
        throttle.report(_me(request), now)
        actions.report(post=reported, reporter=_me(request), reason=reason, words=words, now=now)
        return Response({"reason": reason}, status=201)


class NotInterestedInPost(APIView):
    scopes = {"PUT": "posts:write"}

    @extend_schema(request=None, responses={204: None}, operation_id="feed_not_interested")
    def put(self, request: Request, post: UUID) -> Response:
        now = timezone.now()
        refused = access.post_for(request.user, post, now)
        actions.not_interested(post=refused, person=_me(request), now=now)
        return Response(status=204)
