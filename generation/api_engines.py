"""`GET /api/v1/engines`: what this host can make, by whose licence, and how well."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api_auth import AnyoneMayRead
from generation import showing_engines


class EngineOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    title = serializers.CharField()
    verbs = serializers.ListField(child=serializers.CharField())
    seconds = serializers.ListField(child=serializers.IntegerField(), help_text="Lengths that forms offer.")
    aspects = serializers.ListField(child=serializers.CharField())
    max_cast = serializers.IntegerField()
    licence = serializers.DictField(allow_null=True, help_text="Null: the model is not in the catalogue.")
    refused = serializers.DictField(allow_null=True, help_text="Why it may not run here, with the clause.")
    measured = serializers.DictField(allow_null=True, help_text="The newest run of measure_engine.")


class Engines(APIView):
    permission_classes = [AnyoneMayRead]
    scopes = {"GET": "clips:read"}

    @extend_schema(responses=EngineOut(many=True), operation_id="engines_list")
    def get(self, request: Request) -> Response:
        rows = [showing_engines.as_data(row) for row in showing_engines.shown()]
        return Response(EngineOut(rows, many=True).data)
