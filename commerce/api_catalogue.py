"""A merchant's catalogue for programs: product files, addresses that are fetched, the shelf."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, cast
from uuid import UUID

from django.core.files.base import ContentFile
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import throttle
from accounts.models import User
from commerce import access, actions, tasks
from commerce.catalog import formats
from commerce.catalog.imports import Plan
from commerce.models import CatalogImport, CatalogSource
from commerce.money import CURRENCIES
from commerce.problems import sentence


class ImportIn(serializers.Serializer[Any]):
    content = serializers.CharField(trim_whitespace=False, allow_blank=True)
    kind = serializers.ChoiceField(choices=list(formats.READERS), required=False)
    currency = serializers.ChoiceField(choices=sorted(CURRENCIES))


class ImportOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    state = serializers.CharField()
    kind = serializers.CharField()
    counts = serializers.DictField(child=serializers.IntegerField())
    refused = serializers.IntegerField()
    problems = serializers.ListField(child=serializers.DictField())
    differences = serializers.ListField(child=serializers.DictField())


class SourceIn(serializers.Serializer[Any]):
    url = serializers.URLField(max_length=2000)
    currency = serializers.ChoiceField(choices=sorted(CURRENCIES))
    every_hours = serializers.IntegerField(min_value=1, max_value=720)


class SourceOut(SourceIn):
    id = serializers.UUIDField()
    error = serializers.CharField()
    written = serializers.IntegerField()
    refused = serializers.IntegerField()
    fetched_at = serializers.DateTimeField(allow_null=True)


class StockIn(serializers.Serializer[Any]):
    stock = serializers.IntegerField(min_value=0, max_value=10**9, allow_null=True)


class Imports(APIView):
    """Bring a product file as text; the answer is the dry run."""

    scopes = {"POST": "shop:write"}

    @extend_schema(request=ImportIn, responses={201: ImportOut}, operation_id="shop_import")
    def post(self, request: Request) -> Response:
        merchant = access.merchant_of(request.user)
        given = ImportIn(data=request.data)
        given.is_valid(raise_exception=True)
        now = timezone.now()
        throttle.catalog_import(cast(User, request.user), now)
        body = given.validated_data["content"].encode()
        run = actions.bring_file(
            merchant=merchant,
            stream=ContentFile(body),
            size=len(body),
            kind=given.validated_data.get("kind", ""),
            currency=given.validated_data["currency"],
            now=now,
        )
        if run.state == CatalogImport.State.READING:
            tasks.read_file.delay(run.pk)
        return Response(_import(run), status=201)


class ImportDetail(APIView):
    scopes = {"GET": "shop:read", "POST": "shop:write"}

    @extend_schema(responses=ImportOut, operation_id="shop_import_plan")
    def get(self, request: Request, public_id: UUID) -> Response:
        return Response(_import(access.import_for(request.user, public_id)))

    @extend_schema(request=None, responses=ImportOut, operation_id="shop_import_apply")
    def post(self, request: Request, public_id: UUID) -> Response:
        """Write what the dry run showed."""
        run = access.import_for(request.user, public_id)
        if actions.begin_applying(run=run):
            tasks.write_file.delay(run.pk)
        else:
            actions.apply_file(run=run, now=timezone.now())
        return Response(_import(run))


class Sources(APIView):
    scopes = {"GET": "shop:read", "POST": "shop:write"}

    @extend_schema(responses=SourceOut(many=True), operation_id="shop_sources")
    def get(self, request: Request) -> Response:
        merchant = access.merchant_of(request.user)
        return Response([_source(row) for row in merchant.sources.order_by("pk")])

    @extend_schema(request=SourceIn, responses={201: SourceOut}, operation_id="shop_source_add")
    def post(self, request: Request) -> Response:
        merchant = access.merchant_of(request.user)
        given = SourceIn(data=request.data)
        given.is_valid(raise_exception=True)
        row = actions.add_source(merchant=merchant, now=timezone.now(), **given.validated_data)
        return Response(_source(row), status=201)


class SourceDetail(APIView):
    scopes = {"DELETE": "shop:write"}

    @extend_schema(responses={204: None}, operation_id="shop_source_remove")
    def delete(self, request: Request, public_id: UUID) -> Response:
        actions.remove_source(source=access.source_for(request.user, public_id))
        return Response(status=204)


class Stock(APIView):
    """How many of a variant are on the shelf; null: nobody counts."""

    scopes = {"PUT": "shop:write"}

    @extend_schema(request=StockIn, responses=StockIn, operation_id="shop_stock")
    def put(self, request: Request, pk: int) -> Response:
        variant = access.own_variant(request.user, pk)
        given = StockIn(data=request.data)
        given.is_valid(raise_exception=True)
        actions.set_stock(variant=variant, stock=given.validated_data["stock"])
        return Response(given.validated_data)


def _import(run: CatalogImport) -> dict[str, Any]:
    plan = Plan.of_json(run.plan)
    return {
        "id": run.public_id,
        "state": run.state,
        "kind": run.kind,
        "counts": plan.counts,
        "refused": plan.problem_count,
        "problems": [
            {
                "row": row.row,
                "column": row.column,
                "code": row.code,
                "message": sentence(row),
                "value": row.value,
            }
            for row in plan.problems
        ],
        "differences": [
            {
                "change": row.change,
                "row": row.row,
                "handle": row.handle,
                "fields": row.fields,
                "changes": [asdict(change) for change in row.changes],
            }
            for row in plan.differences
        ],
    }


def _source(row: CatalogSource) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "url": row.url,
        "currency": row.currency,
        "every_hours": row.every_hours,
        "error": row.error,
        "written": row.written,
        "refused": row.refused,
        "fetched_at": row.fetched_at,
    }
