"""An MCP server (Model Context Protocol, 2025-06-18) for assistants that act under a person's own token.

One address, `POST /mcp`, JSON-RPC 2.0 over HTTP without a stream of its own. What a tool may do is what its
scope says, and never more than its person may; what needs step-up (money, grants, closing an account) is no
tool here. A tool that refuses answers with the refusal's own sentence, so that the assistant can tell it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import throttle
from accounts.api_auth import BearerToken, ScopeMissing
from accounts.models import PersonalAccessToken, User
from accounts.refusals import Refused
from feed import search
from generation import access as clips
from generation import actions, showing
from generation.api import GenerationIn, GenerationOut

VERSIONS = ("2025-06-18", "2025-03-26")
MOST_LISTED = 20
PARSE, INVALID, UNKNOWN, PARAMS = -32700, -32600, -32601, -32602


@dataclass(frozen=True)
class Tool:
    name: str
    says: str
    scope: str
    takes: Mapping[str, Any]  # JSON Schema of the arguments
    run: Callable[[User, dict[str, Any], datetime], Any]

    def listed(self) -> dict[str, Any]:
        schema = {"type": "object", "additionalProperties": False, **self.takes}
        return {"name": self.name, "description": self.says, "inputSchema": schema}


def _id_of(given: dict[str, Any]) -> UUID:
    """What is no id names nothing, as an id that nobody has."""
    try:
        return UUID(str(given.get("id", "")))
    except ValueError:
        raise Http404 from None


def _find(user: User, given: dict[str, Any], now: datetime) -> Any:
    throttle.search(str(user.pk), now)
    found = search.find(user, str(given.get("words", "")), now)
    return {
        "clips": [card.as_json() for card in found.clips[:MOST_LISTED]],
        "tags": [one.name for one in found.tags],
    }


def _make(user: User, given: dict[str, Any], now: datetime) -> Any:
    wishes = GenerationIn(data=given)
    wishes.is_valid(raise_exception=True)
    made = actions.request_generation(**showing.request_of(user, wishes.validated_data), now=now)
    return GenerationOut(made).data


def _look(user: User, given: dict[str, Any], now: datetime) -> Any:
    return GenerationOut(clips.generation_for(user, _id_of(given))).data


def _list(user: User, given: dict[str, Any], now: datetime) -> Any:
    return GenerationOut(clips.generations(user)[:MOST_LISTED], many=True).data


def _cancel(user: User, given: dict[str, Any], now: datetime) -> Any:
    row = clips.generation_for(user, _id_of(given))
    actions.cancel(generation=row, by=user, now=now)
    return GenerationOut(clips.generation_for(user, _id_of(given))).data


_ID = {"properties": {"id": {"type": "string", "format": "uuid"}}, "required": ["id"]}
TOOLS = {
    tool.name: tool
    for tool in (
        Tool(
            "find_clips",
            "Find published clips by words, as far as this person may see them.",
            "clips:read",
            {"properties": {"words": {"type": "string", "maxLength": 200}}, "required": ["words"]},
            _find,
        ),
        Tool(
            "make_clip",
            "Ask for a clip from words. It costs credits and stays a draft until it is published. People "
            "appear only with their own permission; a refusal says which rule and what to do.",
            "clips:write",
            {
                "properties": {
                    "prompt": {"type": "string", "maxLength": 2000},
                    "seconds": {"type": "integer", "minimum": 1, "maximum": 120},
                    "aspect": {"type": "string", "enum": ["9:16", "16:9", "1:1"]},
                    "preview": {"type": "boolean"},
                },
                "required": ["prompt"],
            },
            _make,
        ),
        Tool("clip_status", "How far a clip that was asked for is.", "clips:read", _ID, _look),
        Tool(
            "my_clips",
            "The newest clips that this person asked for.",
            "clips:read",
            {"properties": {}},
            _list,
        ),
        Tool(
            "cancel_clip",
            "Stop a clip that is not finished; credits come back.",
            "clips:write",
            _ID,
            _cancel,
        ),
    )
}


class WithToken(BasePermission):
    """A token, and the hour's budget; which scope is asked by each tool."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not isinstance(request.auth, PersonalAccessToken):
            return False
        throttle.api(_person(request), timezone.now())
        return True


class Server(APIView):
    """JSON-RPC: `initialize`, `ping`, `tools/list`, `tools/call`; notifications are answered with 202."""

    authentication_classes = [BearerToken]
    permission_classes = [WithToken]
    schema = None  # its own protocol says what it takes

    def post(self, request: Request) -> Response:
        asked = request.data
        if (
            not isinstance(asked, dict)
            or asked.get("jsonrpc") != "2.0"
            or not isinstance(asked.get("method"), str)
        ):
            return _failed(None, INVALID, "This is no JSON-RPC 2.0 request.")
        if "id" not in asked:
            return Response(status=202)
        params = asked.get("params")
        answer = _answer(asked["method"], params if isinstance(params, dict) else {}, request)
        if answer is None:
            return _failed(asked["id"], UNKNOWN, "There is no such method here.")
        return Response({"jsonrpc": "2.0", "id": asked["id"], "result": answer})


def _person(request: Request) -> User:
    """Whose token it is; `WithToken` let nobody else through."""
    assert isinstance(request.user, User)
    return request.user


def _scopes(request: Request) -> list[str]:
    """What the token may do; nothing without one."""
    return list(request.auth.scopes) if isinstance(request.auth, PersonalAccessToken) else []


def _answer(method: str, params: dict[str, Any], request: Request) -> dict[str, Any] | None:
    if method == "initialize":
        wanted = params.get("protocolVersion")
        return {
            "protocolVersion": wanted if wanted in VERSIONS else VERSIONS[0],
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "understudy", "version": "1"},
        }
    if method == "ping":
        return {}
    if method == "tools/list":
        return {"tools": [tool.listed() for tool in TOOLS.values() if tool.scope in _scopes(request)]}
    if method == "tools/call":
        return _called(params, request)
    return None


def _called(params: dict[str, Any], request: Request) -> dict[str, Any]:
    tool = TOOLS.get(str(params.get("name")))
    given = params.get("arguments") or {}
    if tool is None or not isinstance(given, dict):
        return _said(
            {"code": "unknown_tool", "message": "There is no such tool here.", "hint": ""}, is_error=True
        )
    try:
        if tool.scope not in _scopes(request):
            raise ScopeMissing(tool.scope)
        return _said(tool.run(_person(request), given, timezone.now()))
    except Refused as refusal:
        return _said(refusal.as_json(), is_error=True)
    except Http404:
        return _said(
            {"code": "not_found", "message": _("There is nothing here for you."), "hint": ""}, is_error=True
        )
    except serializers.ValidationError as error:
        return _said({"code": "invalid", "message": "", "hint": "", "fields": error.detail}, is_error=True)


def _said(value: Any, *, is_error: bool = False) -> dict[str, Any]:
    from rest_framework.renderers import JSONRenderer

    text = JSONRenderer().render(value).decode()
    told = {"content": [{"type": "text", "text": text}], "isError": is_error}
    return told if is_error or not isinstance(value, dict) else {**told, "structuredContent": value}


def _failed(number: Any, code: int, message: str) -> Response:
    return Response({"jsonrpc": "2.0", "id": number, "error": {"code": code, "message": message}}, status=400)
