"""Series for programs: serializer in, access and one action or query, JSON out."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api_auth import AnyoneMayRead
from accounts.idempotency import idempotent
from accounts.models import User
from accounts.social import Viewer
from feed import access, series
from feed.models import Ballot, Episode, Series
from generation import composing


class SeriesIn(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=80)
    teaser = serializers.CharField(max_length=280, allow_blank=True, default="")
    bible = serializers.CharField(max_length=4000, allow_blank=True, default="")
    cast = serializers.ListField(
        child=serializers.UUIDField(), max_length=20, required=False, help_text="Likenesses, in their order."
    )


class EpisodeIn(serializers.Serializer[Any]):
    post = serializers.UUIDField()
    title = serializers.CharField(max_length=80)
    cliffhanger = serializers.CharField(max_length=200, allow_blank=True, default="")


class BallotIn(serializers.Serializer[Any]):
    question = serializers.CharField(max_length=200)
    options = serializers.ListField(child=serializers.CharField(max_length=200), min_length=2, max_length=5)
    closes_at = serializers.DateTimeField()


class VoteIn(serializers.Serializer[Any]):
    way = serializers.IntegerField(min_value=0, max_value=10, help_text="Place of the way, from 0.")


class EpisodeOut(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    title = serializers.CharField()
    cliffhanger = serializers.CharField()
    state = serializers.CharField(help_text='"open", "paid" (to be unlocked), or "gone" for the creator.')
    price = serializers.CharField(allow_blank=True)
    url = serializers.CharField(allow_blank=True)


class BallotOut(serializers.Serializer[Any]):
    question = serializers.CharField()
    state = serializers.CharField(help_text='"open", "decided", "tied" or "unvoted".')
    closes_at = serializers.DateTimeField()
    options = serializers.ListField(child=serializers.DictField())
    winner = serializers.IntegerField(allow_null=True)
    voted = serializers.IntegerField(allow_null=True)


class SeriesOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    url = serializers.CharField()
    title = serializers.CharField()
    teaser = serializers.CharField()
    creator = serializers.CharField()
    cast = serializers.ListField(child=serializers.CharField())
    episodes = EpisodeOut(many=True)
    ballot = BallotOut(allow_null=True)


class BriefOut(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    bible = serializers.CharField()
    open_end = serializers.CharField()
    beat = serializers.CharField()
    outcome = serializers.CharField()
    level = serializers.ListField(child=serializers.CharField())
    cast = serializers.ListField(child=serializers.UUIDField())
    ended = serializers.ListField(child=serializers.DictField())


def _me(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user


class AllSeries(APIView):
    """One's own series."""

    scopes = {"GET": "clips:read", "POST": "posts:write"}

    @extend_schema(responses=SeriesOut(many=True), operation_id="feed_series_mine")
    def get(self, request: Request) -> Response:
        now = timezone.now()
        return Response([told(request.user, one, now) for one in series.of(request.user, _me(request))])

    @extend_schema(request=SeriesIn, responses={201: SeriesOut}, operation_id="feed_series_begin")
    @idempotent("series")
    def post(self, request: Request) -> Response:
        now, fields = timezone.now(), _given(SeriesIn(data=request.data))
        fields["cast"] = _cast(fields.get("cast", []))
        made = series.begin(creator=_me(request), now=now, **fields)
        return Response(told(request.user, made, now), status=201)


class OneSeries(APIView):
    permission_classes = [AnyoneMayRead]
    scopes = {"GET": "clips:read", "PUT": "posts:write", "DELETE": "posts:write"}

    @extend_schema(responses=SeriesOut, operation_id="feed_series")
    def get(self, request: Request, public_id: UUID) -> Response:
        found = access.series_for(request.user, public_id)
        return Response(told(request.user, found, timezone.now()))

    @extend_schema(request=SeriesIn, responses=SeriesOut, operation_id="feed_series_change")
    def put(self, request: Request, public_id: UUID) -> Response:
        now, own = timezone.now(), access.own_series(request.user, public_id)
        fields = _given(SeriesIn(data=request.data))
        if "cast" in fields:
            fields["cast"] = _cast(fields["cast"])
        changed = series.change(series=own, by=_me(request), now=now, **fields)
        return Response(told(request.user, changed, now))

    @extend_schema(responses={204: None}, operation_id="feed_series_delete")
    def delete(self, request: Request, public_id: UUID) -> Response:
        own = access.own_series(request.user, public_id)
        series.delete(series=own, by=_me(request), now=timezone.now())
        return Response(status=204)


class Episodes(APIView):
    scopes = {"POST": "posts:write"}

    @extend_schema(request=EpisodeIn, responses={201: EpisodeOut}, operation_id="feed_episode_add")
    def post(self, request: Request, public_id: UUID) -> Response:
        now, own = timezone.now(), access.own_series(request.user, public_id)
        fields = _given(EpisodeIn(data=request.data))
        fields["post"] = access.post_for(request.user, fields["post"], now)
        made = series.add_episode(series=own, by=_me(request), now=now, **fields)
        return Response(_episode(series.Shown(made, "open")), status=201)


class Ballots(APIView):
    scopes = {"POST": "posts:write"}

    @extend_schema(request=BallotIn, responses={201: BallotOut}, operation_id="feed_ballot_open")
    def post(self, request: Request, public_id: UUID) -> Response:
        now, own = timezone.now(), access.own_series(request.user, public_id)
        fields = _given(BallotIn(data=request.data))
        last = access.last_episode(own)
        made = series.open_ballot(episode=last, by=_me(request), now=now, **fields)
        return Response(_ballot(made, request.user), status=201)


class Vote(APIView):
    scopes = {"PUT": "posts:write"}

    @extend_schema(request=VoteIn, responses=BallotOut, operation_id="feed_vote")
    def put(self, request: Request, public_id: UUID) -> Response:
        now, found = timezone.now(), access.series_for(request.user, public_id)
        ballot = access.ballot_of(request.user, found, now)
        position = _given(VoteIn(data=request.data))["way"]
        series.vote(ballot=ballot, person=_me(request), position=position, now=now)
        return Response(_ballot(ballot, request.user))


class BriefOfSeries(APIView):
    """What the next episode begins from: for its creator."""

    scopes = {"GET": "clips:read"}

    @extend_schema(responses=BriefOut, operation_id="feed_series_brief")
    def get(self, request: Request, public_id: UUID) -> Response:
        brief = series.brief(access.own_series(request.user, public_id), timezone.now())
        names = ("number", "bible", "open_end", "beat", "outcome", "level")
        return Response(
            {name: getattr(brief, name) for name in names}
            | {
                "cast": [str(cameo.public_id) for cameo in brief.cast],
                "ended": [{"name": cameo.name, "why": why} for cameo, why in brief.ended],
            }
        )


def _given(asked: serializers.Serializer[Any]) -> dict[str, Any]:
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)


def _cast(ids: list[UUID]) -> list[Any]:
    return composing.asked_cast([str(public_id) for public_id in ids])


def told(viewer: Viewer, one: Series, now: datetime) -> dict[str, Any]:
    ballot = series.ballot_for(viewer, one, now)
    return {
        "id": str(one.public_id),
        "url": one.get_absolute_url(),
        "title": one.title,
        "teaser": one.teaser,
        "creator": one.creator.username,
        "cast": [cameo.name for cameo in series.standing(one, now)],
        "episodes": [_episode(shown) for shown in series.episodes(viewer, one, now)],
        "ballot": _ballot(ballot, viewer) if ballot else None,
    }


def _episode(shown: series.Shown) -> dict[str, Any]:
    row: Episode = shown.episode
    return {
        "number": row.number,
        "title": row.title,
        "cliffhanger": row.cliffhanger if shown.state == "open" else "",
        "state": shown.state,
        "price": shown.price,
        "url": f"/p/{row.post.public_id}" if shown.state == "open" else "",
    }


def _ballot(ballot: Ballot, viewer: Viewer) -> dict[str, Any]:
    return {
        "question": ballot.question,
        "state": ballot.state,
        "closes_at": ballot.closes_at.isoformat(),
        "options": [
            {"way": option.position, "words": option.words, "votes": option.vote_count}
            for option in ballot.options.all()
        ],
        "winner": ballot.winner.position if ballot.winner else None,
        "voted": series.voted(ballot, viewer),
    }
