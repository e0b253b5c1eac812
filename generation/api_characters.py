"""Characters over the API. Permissions, ledger, freeze and erasing are those of a likeness
(`/api/v1/likeness?of=`)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api_auth import SignedIn
from generation import characters, looks
from generation.api import person_of


class LookSerializer(serializers.Serializer[Any]):
    """What the native engine draws it from."""

    kind = serializers.ChoiceField(choices=list(looks.WORDS["kind"]))
    hair_colour = serializers.ChoiceField(choices=list(looks.WORDS["hair_colour"]), required=False)
    hair = serializers.ChoiceField(choices=list(looks.WORDS["hair"]), required=False)
    skin = serializers.ChoiceField(choices=list(looks.WORDS["skin"]), required=False)
    outfit = serializers.ChoiceField(choices=list(looks.WORDS["outfit"]), required=False)
    top = serializers.ChoiceField(choices=list(looks.WORDS["top"]), required=False)
    bottom = serializers.ChoiceField(choices=list(looks.WORDS["bottom"]), required=False)
    accessory = serializers.ChoiceField(choices=list(looks.WORDS["accessory"]), required=False)


class CharacterIn(serializers.Serializer[Any]):
    name = serializers.CharField(
        allow_blank=True, trim_whitespace=False, max_length=20_000, help_text="1 to 60 characters are taken."
    )
    look = LookSerializer()


class CharacterOut(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()
    look = serializers.DictField(child=serializers.CharField(), source="character")


class Characters(APIView):
    """Your pets, toys and drawings."""

    permission_classes = [SignedIn]
    scopes: ClassVar = {"GET": "likeness:read", "POST": "likeness:write"}

    @extend_schema(responses=CharacterOut(many=True))
    def get(self, request: Request) -> Response:
        return Response(CharacterOut(characters.of(person_of(request)), many=True).data)

    @extend_schema(request=CharacterIn, responses={201: CharacterOut})
    def post(self, request: Request) -> Response:
        """A new one. Only you can cast it until you change its grant (`/api/v1/likeness/grant?of=`)."""
        asked = CharacterIn(data=request.data)
        asked.is_valid(raise_exception=True)
        made = characters.create(
            owner=person_of(request),
            name=asked.validated_data["name"],
            look=asked.validated_data["look"],
            now=timezone.now(),
        )
        return Response(CharacterOut(made).data, status=201)
