"""The API of a likeness: terms, uses, approval, revocation, ledger. Serializer in, one action, serializer
out.

Widening (`PUT grant`, `PUT people`, unfreeze) needs the fresh proof of a session, which a token never has;
those views name no scope, so that a token is refused at the door.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar, cast
from uuid import UUID

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access as people
from accounts import pagination, stepup
from accounts.models import User
from cameos import access, actions, consent, ledger, queries, revocation, uses
from cameos import terms as the_terms
from cameos.forms import as_chosen
from cameos.models import Audience, Cameo, Companions, LikenessGrant, LikenessUse, Purpose
from cameos.refusals import ConsentDenied
from cameos.terms import Terms
from cameos.topic_words import TOPICS

OF = OpenApiParameter(
    "of", OpenApiTypes.UUID, description="One of your drawn characters instead of yourself."
)


class CameoOut(serializers.ModelSerializer[Cameo]):
    owner = serializers.CharField(source="owner.username")

    class Meta:
        model = Cameo
        fields: ClassVar = ["public_id", "kind", "name", "owner"]


class TermsSerializer(serializers.Serializer[Any]):
    audience = serializers.ChoiceField(choices=Audience.choices)
    people = serializers.ListField(child=serializers.CharField(), default=list, help_text="Handles.")
    purposes = serializers.ListField(child=serializers.ChoiceField(choices=Purpose.choices), default=list)
    topics_refused = serializers.ListField(
        child=serializers.ChoiceField(choices=sorted(TOPICS)), default=list
    )
    refused_words = serializers.CharField(allow_blank=True, max_length=1000, default="")
    commercial = serializers.BooleanField(default=False)
    voice = serializers.BooleanField(default=False)
    companions = serializers.ChoiceField(choices=Companions.choices, default=Companions.ANYONE)
    show_me_first = serializers.BooleanField(default=True)
    minimum_age = serializers.IntegerField(min_value=0, max_value=120, default=0)
    use_from = serializers.DateTimeField(allow_null=True, default=None)
    use_until = serializers.DateTimeField(allow_null=True, default=None)
    show_until = serializers.DateTimeField(allow_null=True, default=None)
    count_limit = serializers.IntegerField(min_value=0, allow_null=True, default=None)
    wishes = serializers.CharField(allow_blank=True, max_length=280, default="")

    def terms(self) -> Terms:
        """The terms of valid data. Raises a validation error for a handle that nobody has."""
        data = dict(self.validated_data)
        handles = {handle.lstrip("@").lower() for handle in data.pop("people")}
        known = people.people_called(self.context["request"].user, handles)
        if missing := sorted(handles - set(known)):
            raise serializers.ValidationError({"people": [f"unknown: {', '.join(missing)}"]})
        data |= {name: frozenset(data[name]) for name in ("purposes", "topics_refused")}
        return as_chosen(Terms(people=frozenset(known.values()), **data))


class GrantIn(TermsSerializer):
    also_existing = serializers.BooleanField(default=True, help_text="End clips that are no longer covered.")

    def terms(self) -> Terms:
        self.validated_data.pop("also_existing", None)
        return super().terms()


class GrantOut(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    effective_at = serializers.DateTimeField()
    terms = TermsSerializer()


class LikenessOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    name = serializers.CharField()
    assurance = serializers.CharField()
    frozen_at = serializers.DateTimeField(allow_null=True)
    grant = GrantOut(allow_null=True)
    pending = GrantOut(allow_null=True)
    sentences = serializers.ListField(child=serializers.CharField())
    waiting_count = serializers.IntegerField()
    running_count = serializers.IntegerField()


class UseOut(serializers.ModelSerializer[LikenessUse]):
    id = serializers.UUIDField(source="public_id")
    clip = serializers.UUIDField(source="clip.public_id")
    maker = serializers.CharField(source="clip.maker.username")
    unsure_sentence = serializers.CharField(source="permit.unsure_sentence", default="")

    class Meta:
        model = LikenessUse
        fields: ClassVar = [
            "id",
            "clip",
            "maker",
            "state",
            "approval",
            "ended_reason",
            "ended_at",
            "show_until",
            "unsure_sentence",
            "entry_id",
            "created_at",
        ]


class EndingOut(serializers.Serializer[Any]):
    reason = serializers.CharField()
    use_count = serializers.IntegerField()


class MayCastOut(serializers.Serializer[Any]):
    cameo = CameoOut()
    reason = serializers.CharField(allow_null=True, help_text="The rule that says no; null where you may.")
    message = serializers.CharField(allow_blank=True)


class Castable(APIView):
    """Whose likeness you may cast now, your own first."""

    scopes: ClassVar = {"GET": "clips:read"}

    @extend_schema(responses=CameoOut(many=True))
    def get(self, request: Request) -> Response:
        return Response(CameoOut(queries.castable(_me(request), timezone.now()), many=True).data)


class MayCast(APIView):
    """Whether you may cast one likeness, and which rule says no."""

    scopes: ClassVar = {"GET": "clips:read"}

    @extend_schema(responses=MayCastOut)
    def get(self, request: Request, public_id: UUID) -> Response:
        cameo = access.castable_for(_me(request), public_id)
        reason = consent.may_cast(cameo=cameo, requester=_me(request), now=timezone.now())
        message = str(ConsentDenied(reason, name=cameo.name).message) if reason else ""
        return Response(MayCastOut({"cameo": cameo, "reason": reason, "message": message}).data)


class Likeness(APIView):
    """Your likeness: its terms in force, what waits, and in plain sentences."""

    scopes: ClassVar = {"GET": "likeness:read"}

    @extend_schema(responses=LikenessOut, parameters=[OF])
    def get(self, request: Request) -> Response:
        cameo, now = _cameo(request), timezone.now()
        seen = queries.overview(cameo, now)
        body = {
            "id": cameo.public_id,
            "kind": cameo.kind,
            "name": cameo.name,
            "assurance": cameo.assurance,
            "frozen_at": cameo.frozen_at,
            "grant": _grant(consent.in_force(cameo, now)),
            "pending": _grant(seen.pending),
            "sentences": seen.sentences,
            "waiting_count": len(seen.waiting),
            "running_count": seen.running_count,
        }
        return Response(LikenessOut(body).data)

    @extend_schema(responses={204: None}, parameters=[OF])
    def delete(self, request: Request) -> Response:
        """Erase it: the key first, then everything. Needs a fresh proof; a token cannot."""
        stepup.require(request)
        revocation.erase(cameo=_cameo(request), owner=_me(request), now=timezone.now())
        return Response(status=204)


class Grant(APIView):
    """Change the terms. Narrower counts at once; wider needs a fresh proof and waits 24 hours."""

    @extend_schema(request=GrantIn, responses=GrantOut, parameters=[OF])
    def put(self, request: Request) -> Response:
        wanted, now = GrantIn(data=request.data, context={"request": request}), timezone.now()
        wanted.is_valid(raise_exception=True)
        also_existing = wanted.validated_data["also_existing"]
        saved = actions.save_grant(
            cameo=_cameo(request),
            owner=_me(request),
            terms=wanted.terms(),
            stepped_up=stepup.is_fresh(request, now),
            also_existing=also_existing,
            now=now,
        )
        return Response(GrantOut(_grant(saved)).data)


class NamedPerson(APIView):
    """Name one person who may cast you (PUT), or take them off the list (DELETE)."""

    @extend_schema(request=None, responses=GrantOut, parameters=[OF])
    def put(self, request: Request, handle: str) -> Response:
        person, now = people.person_for(_me(request), handle), timezone.now()
        saved = actions.name_person(
            cameo=_cameo(request),
            owner=_me(request),
            person=person,
            stepped_up=stepup.is_fresh(request, now),
            now=now,
        )
        return Response(GrantOut(_grant(saved)).data)

    @extend_schema(responses=GrantOut, parameters=[OF])
    def delete(self, request: Request, handle: str) -> Response:
        person = people.person_to_avoid(_me(request), handle)
        saved = actions.drop_person(
            cameo=_cameo(request), owner=_me(request), person=person, now=timezone.now()
        )
        return Response(GrantOut(_grant(saved)).data)


class Uses(APIView):
    """Every clip with you, made by anyone, newest first."""

    scopes: ClassVar = {"GET": "likeness:read"}

    @extend_schema(responses=UseOut(many=True))
    def get(self, request: Request) -> Response:
        pages = pagination.ApiPages()
        rows = pages.paginate_queryset(access.uses_of(_me(request)), request, view=self)
        return pages.get_paginated_response(UseOut(rows, many=True).data)


class Use(APIView):
    """One clip with you (GET), or take it down with everything made from it (DELETE)."""

    scopes: ClassVar = {"GET": "likeness:read", "DELETE": "likeness:write"}

    @extend_schema(responses=UseOut)
    def get(self, request: Request, public_id: UUID) -> Response:
        return Response(UseOut(access.use_for(_me(request), public_id)).data)

    @extend_schema(responses=EndingOut)
    def delete(self, request: Request, public_id: UUID) -> Response:
        found = access.use_for(_me(request), public_id)
        ending = revocation.delete_use(use=found, owner=_me(request), now=timezone.now())
        return Response(EndingOut(ending).data)


class Approve(APIView):
    scopes: ClassVar = {"POST": "likeness:write"}

    @extend_schema(request=None, responses=UseOut)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Agree to this one clip."""
        found = access.use_for(_me(request), public_id)
        return Response(UseOut(uses.approve(use=found, owner=_me(request), now=timezone.now())).data)


class Decline(APIView):
    scopes: ClassVar = {"POST": "likeness:write"}

    @extend_schema(request=None, responses=UseOut)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Say no to this one clip: it is gone for everybody."""
        found = access.use_for(_me(request), public_id)
        return Response(UseOut(uses.decline(use=found, owner=_me(request), now=timezone.now())).data)


class Revoke(APIView):
    scopes: ClassVar = {"POST": "likeness:write"}

    @extend_schema(request=None, responses={204: None}, parameters=[OF])
    def post(self, request: Request) -> Response:
        """End every grant and every clip of others with you."""
        revocation.revoke(cameo=_cameo(request), owner=_me(request), now=timezone.now())
        return Response(status=204)


class Freeze(APIView):
    scopes: ClassVar = {"POST": "likeness:write"}

    @extend_schema(request=None, responses={204: None}, parameters=[OF])
    def post(self, request: Request) -> Response:
        """Stop all use of your likeness at once."""
        revocation.freeze(cameo=_cameo(request), owner=_me(request), now=timezone.now())
        return Response(status=204)


class Unfreeze(APIView):
    @extend_schema(request=None, responses={204: None}, parameters=[OF])
    def post(self, request: Request) -> Response:
        """Lift the freeze. Needs a fresh proof."""
        stepup.require(request)
        revocation.unfreeze(cameo=_cameo(request), owner=_me(request), now=timezone.now())
        return Response(status=204)


class Ledger(APIView):
    scopes: ClassVar = {"GET": "likeness:read"}

    @extend_schema(responses=OpenApiTypes.OBJECT, parameters=[OF])
    def get(self, request: Request) -> Response:
        """The whole ledger, as `static/verify_ledger.py` reads it."""
        return Response(json.loads(ledger.export(_cameo(request))))


def _me(request: Request) -> User:
    """Behind the default permission the asker is a person."""
    return cast(User, request.user)


def _cameo(request: Request) -> Cameo:
    return access.cameo_of(_me(request), request.query_params.get("of"))


def _grant(grant: LikenessGrant | None) -> dict[str, Any] | None:
    if grant is None:
        return None
    terms = the_terms.of(grant)
    names = User.objects.filter(pk__in=terms.people).order_by("username").values_list("username", flat=True)
    shown = {name: getattr(terms, name) for name in Terms.__dataclass_fields__}
    shown |= {
        "people": list(names),
        "purposes": sorted(terms.purposes),
        "topics_refused": sorted(terms.topics_refused),
    }
    return {"version": grant.version, "effective_at": grant.effective_at, "terms": shown}
