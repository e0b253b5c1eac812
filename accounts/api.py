"""The API of this room: me, people, tokens, news, cases. Serializer in, one action, serializer out."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access, actions, cases, invites, notifications, pagination, social, stepup, tokens
from accounts.models import Case, CircleMember, Invite, Notification, PersonalAccessToken, User

EDGE = OpenApiParameter("edge", str, OpenApiParameter.PATH, enum=["follow", "block", "mute", "circle"])


class PersonOut(serializers.ModelSerializer[User]):
    handle = serializers.CharField(source="username")
    name = serializers.CharField()

    class Meta:
        model = User
        fields: ClassVar = ["public_id", "handle", "name", "bio"]


class MeOut(PersonOut):
    class Meta:
        model = User
        fields: ClassVar = [*PersonOut.Meta.fields, "email", "birth_date", "language", "is_moderator"]


class MeIn(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=60, allow_blank=True, required=False)
    bio = serializers.CharField(max_length=280, allow_blank=True, required=False)
    language = serializers.ChoiceField(choices=User._meta.get_field("language").choices or [], required=False)


class RelationOut(serializers.Serializer[Any]):
    person = PersonOut()
    follows = serializers.BooleanField(help_text="You follow this person.")
    is_followed_by = serializers.BooleanField(help_text="This person follows you.")
    in_circle = serializers.BooleanField(help_text="You list this person as close.")


class NewsOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    text = serializers.CharField()
    url = serializers.CharField()
    created_at = serializers.DateTimeField()
    is_unread = serializers.BooleanField()


class InviteOut(serializers.ModelSerializer[Invite]):
    class Meta:
        model = Invite
        fields: ClassVar = ["code", "uses_left", "expires_at", "created_at"]


class InviteIn(serializers.Serializer[Any]):
    uses = serializers.IntegerField(min_value=1, max_value=50, default=1)


class TokenOut(serializers.ModelSerializer[PersonalAccessToken]):
    class Meta:
        model = PersonalAccessToken
        fields: ClassVar = ["id", "name", "scopes", "created_at", "expires_at", "last_used_at"]


class TokenMadeOut(TokenOut):
    secret = serializers.CharField(help_text="Shown this once.")

    class Meta:
        model = PersonalAccessToken
        fields: ClassVar = [*TokenOut.Meta.fields, "secret"]


class TokenIn(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=60)
    days = serializers.IntegerField(default=30)
    scopes = serializers.ListField(child=serializers.CharField())


class CaseOut(serializers.ModelSerializer[Case]):
    class Meta:
        model = Case
        fields: ClassVar = [
            "public_id",
            "kind",
            "subject",
            "reason",
            "state",
            "decision",
            "created_at",
            "decided_at",
        ]


class DecisionIn(serializers.Serializer[Any]):
    decision = serializers.CharField(max_length=40)
    note = serializers.CharField(max_length=4000, allow_blank=True, default="")


class Me(APIView):
    """The person whose session or token this is."""

    scopes: ClassVar = {"GET": "me:read", "PATCH": "me:write"}

    @extend_schema(responses=MeOut)
    def get(self, request: Request) -> Response:
        return Response(MeOut(_me(request)).data)

    @extend_schema(request=MeIn, responses=MeOut)
    def patch(self, request: Request) -> Response:
        user, wanted = _me(request), MeIn(data=request.data)
        wanted.is_valid(raise_exception=True)
        as_it_is = {"name": user.display_name, "bio": user.bio, "language": user.language}
        return Response(MeOut(actions.change_profile(user=user, **(as_it_is | wanted.validated_data))).data)


class Person(APIView):
    """Somebody you may meet, and how you two stand."""

    scopes: ClassVar = {"GET": "me:read"}

    @extend_schema(responses=RelationOut)
    def get(self, request: Request, handle: str) -> Response:
        user, person = _me(request), access.person_for(_me(request), handle)
        body = {
            "person": person,
            "follows": social.follows(user, person),
            "is_followed_by": social.follows(person, user),
            "in_circle": social.in_circle(user, person),
        }
        return Response(RelationOut(body).data)


class Edge(APIView):
    """Follow, block, mute, or list as close (PUT), and the end of that (DELETE). Doing it twice changes
    nothing.
    """

    scopes: ClassVar = {"PUT": "me:write", "DELETE": "me:write"}

    @extend_schema(request=None, responses={204: None}, parameters=[EDGE])
    def put(self, request: Request, handle: str, edge: str) -> Response:
        user, now = _me(request), timezone.now()
        person = _person(user, handle, edge)
        if edge == "follow":
            actions.follow(follower=user, followee=person, now=now)
        elif edge == "block":
            actions.block(blocker=user, blocked=person, now=now)
        elif edge == "mute":
            actions.mute(muter=user, muted=person, now=now)
        else:
            actions.add_to_circle(owner=user, member=person, now=now)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses={204: None}, parameters=[EDGE])
    def delete(self, request: Request, handle: str, edge: str) -> Response:
        user = _me(request)
        person = _person(user, handle, edge)
        if edge == "follow":
            actions.unfollow(follower=user, followee=person)
        elif edge == "block":
            actions.unblock(blocker=user, blocked=person)
        elif edge == "mute":
            actions.unmute(muter=user, muted=person)
        else:
            actions.remove_from_circle(owner=user, member=person)
        return Response(status=status.HTTP_204_NO_CONTENT)


class Circle(APIView):
    """The people you list as close."""

    scopes: ClassVar = {"GET": "me:read"}

    @extend_schema(responses=PersonOut(many=True))
    def get(self, request: Request) -> Response:
        rows = CircleMember.objects.filter(owner=_me(request)).select_related("member")
        return _pages(request, rows, lambda row: PersonOut(row.member).data)


class Notifications(APIView):
    """Your news (GET); mark all of it as read (POST)."""

    scopes: ClassVar = {"GET": "me:read", "POST": "me:write"}

    @extend_schema(responses=NewsOut(many=True))
    def get(self, request: Request) -> Response:
        rows = Notification.objects.filter(recipient=_me(request))
        return _pages(request, rows, lambda row: NewsOut(notifications.read(row)).data)

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        notifications.mark_read(recipient=_me(request), now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class Invites(APIView):
    """Your invites, and a new one."""

    scopes: ClassVar = {"GET": "me:read", "POST": "me:write"}

    @extend_schema(responses=InviteOut(many=True))
    def get(self, request: Request) -> Response:
        return _pages(request, Invite.objects.filter(inviter=_me(request)), lambda row: InviteOut(row).data)

    @extend_schema(request=InviteIn, responses={201: InviteOut})
    def post(self, request: Request) -> Response:
        wanted = InviteIn(data=request.data)
        wanted.is_valid(raise_exception=True)
        invite = invites.make(inviter=_me(request), uses=wanted.validated_data["uses"], now=timezone.now())
        return Response(InviteOut(invite).data, status=status.HTTP_201_CREATED)


class Tokens(APIView):
    """Your tokens, and a new one. A token can't list or make tokens; a person needs a fresh step-up to make
    one.
    """

    @extend_schema(responses=TokenOut(many=True))
    def get(self, request: Request) -> Response:
        rows = _me(request).tokens.filter(revoked_at=None)
        return _pages(request, rows, lambda row: TokenOut(row).data)

    @extend_schema(request=TokenIn, responses={201: TokenMadeOut})
    def post(self, request: Request) -> Response:
        stepup.require(request)
        wanted = TokenIn(data=request.data)
        wanted.is_valid(raise_exception=True)
        token, secret = tokens.make(user=_me(request), **wanted.validated_data, now=timezone.now())
        token.secret = secret  # type: ignore[attr-defined]
        return Response(TokenMadeOut(token).data, status=status.HTTP_201_CREATED)


class Token(APIView):
    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, token_id: int) -> Response:
        if not tokens.revoke(user=_me(request), token_id=token_id, now=timezone.now()):
            raise Http404
        return Response(status=status.HTTP_204_NO_CONTENT)


class Cases(APIView):
    """Open cases, for moderators in the browser: no token reaches them."""

    @extend_schema(responses=CaseOut(many=True))
    def get(self, request: Request) -> Response:
        rows = access.cases_for(_me(request)).filter(state=Case.State.OPEN)
        return _pages(request, rows, lambda row: CaseOut(row).data)


class Decision(APIView):
    @extend_schema(request=DecisionIn, responses=CaseOut)
    def post(self, request: Request, public_id: UUID) -> Response:
        case, wanted = access.case_for(_me(request), public_id), DecisionIn(data=request.data)
        wanted.is_valid(raise_exception=True)
        decided = cases.decide(case=case, moderator=_me(request), **wanted.validated_data, now=timezone.now())
        return Response(CaseOut(decided).data)


def _me(request: Request) -> User:
    assert isinstance(request.user, User)  # `SignedIn` let nobody else through
    return request.user


def _person(user: User, handle: str, edge: str) -> User:
    if edge not in {"follow", "block", "mute", "circle"}:
        raise Http404
    find = access.person_to_avoid if edge == "block" else access.person_for
    return find(user, handle)


def _pages(request: Request, rows: Any, show: Any) -> Response:
    pages = pagination.ApiPages()
    found: list[Any] = pages.paginate_queryset(rows, request) or []
    return pages.get_paginated_response([show(row) for row in found])
