"""Templates for programs: serializer in, access and one action, JSON out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import idempotent
from accounts.models import User
from generation import access, composing, templates
from generation.models import ClipTemplate
from generation.templates import Filling, Structure


class TemplateIn(serializers.Serializer[Any]):
    clip = serializers.UUIDField()
    title = serializers.CharField(max_length=80)
    prompts = serializers.ListField(
        child=serializers.CharField(max_length=500),
        max_length=12,
        help_text="Words of each shot, with [blanks].",
    )
    product = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)
    is_shared = serializers.BooleanField(default=False)


class FillIn(serializers.Serializer[Any]):
    cast = serializers.ListField(
        child=serializers.UUIDField(allow_null=True),
        max_length=8,
        required=False,
        help_text="One for each slot.",
    )
    words = serializers.DictField(
        child=serializers.CharField(max_length=400, allow_blank=True), required=False
    )
    product = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)


class TemplateOut(serializers.Serializer[Any]):
    id = serializers.CharField()
    title = serializers.CharField()
    slots = serializers.IntegerField(help_text="How many people it is for.")
    blanks = serializers.ListField(child=serializers.CharField())
    seconds = serializers.IntegerField()
    product = serializers.CharField(allow_blank=True)
    by = serializers.CharField(allow_blank=True)


class FilledOut(serializers.Serializer[Any]):
    draft = serializers.UUIDField()
    url = serializers.CharField()
    shots = serializers.ListField(child=serializers.DictField())


def _me(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user


def told(one: Structure) -> dict[str, Any]:
    names = ("title", "slots", "blanks", "seconds", "product", "by")
    return {"id": one.key} | {name: getattr(one, name) for name in names}


class Templates(APIView):
    scopes = {"GET": "clips:read", "POST": "clips:write"}

    @extend_schema(responses=TemplateOut(many=True), operation_id="templates")
    def get(self, request: Request) -> Response:
        rows = ClipTemplate.objects.visible_to(_me(request)).select_related("source__maker").order_by("-pk")
        found = [*templates.built_in(), *(templates.structure_of(row) for row in rows[:200])]
        return Response([told(one) for one in found])

    @extend_schema(request=TemplateIn, responses={201: TemplateOut}, operation_id="template_keep")
    @idempotent("templates")
    def post(self, request: Request) -> Response:
        given = TemplateIn(data=request.data)
        given.is_valid(raise_exception=True)
        fields = dict(given.validated_data)
        clip = access.clip_for(request.user, fields.pop("clip"))
        made = templates.keep(clip=clip, maker=_me(request), now=timezone.now(), **fields)
        return Response(told(templates.structure_of(made)), status=201)


class OneTemplate(APIView):
    scopes = {"DELETE": "clips:write"}

    @extend_schema(responses={204: None}, operation_id="template_delete")
    def delete(self, request: Request, public_id: UUID) -> Response:
        row = access.template_for(request.user, public_id)
        if row.maker_id != request.user.pk:
            raise Http404
        templates.delete(template=row, by=_me(request), now=timezone.now())
        return Response(status=204)


class FillTemplate(APIView):
    """A draft of a storyboard; `key` is the id of a template, or the name of a built-in one."""

    scopes = {"POST": "clips:write"}

    @extend_schema(request=FillIn, responses={201: FilledOut}, operation_id="template_fill")
    @idempotent("template-fill")
    def post(self, request: Request, key: str) -> Response:
        structure = next((one for one in templates.built_in() if one.key == key), None)
        if structure is None:
            structure = templates.structure_of(access.template_for(request.user, key))
        given = FillIn(data=request.data)
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        keys = [str(public_id or "") for public_id in asked.get("cast", [])]
        people = {str(cameo.public_id): cameo for cameo in composing.chosen_cast(keys)}
        filling = Filling([people.get(one) for one in keys], asked.get("words", {}), asked["product"])
        draft = templates.fill(structure=structure, maker=_me(request), filling=filling, now=timezone.now())
        told = {
            "draft": str(draft.public_id),
            "url": draft.get_absolute_url(),
            "shots": draft.wishes["shots"],
        }
        return Response(told, status=201)
