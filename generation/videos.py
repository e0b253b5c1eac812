"""Our own `/v1/videos`, in the shape of OpenAI's videos API, under a person's token: the same door as every
other request (screening, permits, budgets, queue), for programs that speak that shape already.

A refusal has our own fields and, beside them, `error` in the shape of that API, which its clients read."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api_auth import SignedIn
from accounts.idempotency import idempotent
from accounts.models import User
from accounts.parsing import Json
from generation import access, actions, failures, footage, offering, showing
from generation.engines import base as engines
from generation.models import Generation
from generation.refusals import AlreadyOver, CannotMake
from generation.screening.verdict import rule_title
from generation.states import OVER, WORKING, State, Verb

PREFIX = "video_"


@extend_schema_field(OpenApiTypes.BINARY)
class PictureField(serializers.FileField):
    """A file of a multipart form (in JSON there is none)."""


class VideoIn(serializers.Serializer[Any]):
    prompt = serializers.CharField(allow_blank=True, max_length=100_000)
    model = serializers.CharField(
        required=False, max_length=40, help_text="An engine of this host; else the first that can."
    )
    seconds = serializers.IntegerField(default=5, min_value=1, max_value=600)
    size = serializers.RegexField(r"^[0-9]{2,4}x[0-9]{2,4}\Z", default="720x1280")
    seed = serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1)
    input_reference = PictureField(
        required=False,
        help_text="A picture that the clip begins from. Whoever is on it has to be cast.",
        error_messages={"invalid": _lazy("Send the picture as a file, in a multipart form.")},
    )
    cast = serializers.ListField(
        child=serializers.UUIDField(), max_length=8, required=False, help_text="Ours: likenesses, by id."
    )


class VideoError(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()


class VideoOut(serializers.Serializer[Any]):
    id = serializers.CharField()
    object = serializers.CharField()
    model = serializers.CharField()
    status = serializers.ChoiceField(choices=["queued", "in_progress", "completed", "failed"])
    progress = serializers.IntegerField()
    created_at = serializers.IntegerField()
    completed_at = serializers.IntegerField(allow_null=True)
    seconds = serializers.CharField()
    size = serializers.CharField()
    prompt = serializers.CharField()
    error = VideoError(allow_null=True)


def as_video(row: Generation) -> dict[str, Any]:
    """A generation as a video object. What the shape has no word for is `failed` with our own code."""
    completed = row.state == State.READY and row.clip is not None and not row.clip.is_gone
    status = "completed" if completed else "failed" if row.state in OVER else "queued"
    if row.state in WORKING:
        status = "in_progress"
    size = _size(row)
    return {
        "id": PREFIX + row.public_id.hex,
        "object": "video",
        "model": row.engine,
        "status": status,
        "progress": row.percent,
        "created_at": int(row.created_at.timestamp()),
        "completed_at": int(row.finished_at.timestamp()) if row.finished_at else None,
        "seconds": str(row.seconds),
        "size": f"{size[0]}x{size[1]}",
        "prompt": row.prompt,
        "error": _error(row) if status == "failed" else None,
    }


def _size(row: Generation) -> tuple[int, int]:
    """Pixels of the finished clip, else what its engine would draw; 0x0 where the engine is gone."""
    if row.clip is not None:
        return row.clip.width, row.clip.height
    entry = engines.entries().get(row.engine)
    size = entry.abilities.size_of(row.aspect) if entry else None
    return (0, 0) if size is None else engines.halved(size) if row.is_preview else size


def _error(row: Generation) -> dict[str, str]:
    if row.refusal_rule:
        said = [rule_title(row.refusal_rule), row.refusal_evidence, row.refusal_suggestion]
        sentences = " ".join(f"{part.rstrip(' .')}." for part in said if part)
        return {"code": row.refusal_rule, "message": sentences}
    if row.error:
        return {"code": row.error, "message": failures.sentence(row.error)}
    if row.state == State.READY:
        return {"code": "gone", "message": _("The clip is gone.")}
    return {"code": row.cancel_reason or "gone", "message": str(row.get_state_display())}


def aspect_of(engine: str, size: str) -> str:
    """The aspect whose size is nearest to what was asked; engines draw in sizes of their own."""
    width, height = (int(part) for part in size.split("x"))
    if not width or not height:
        raise CannotMake(
            _("A picture without width or height cannot be made."), "720x1280", code="size_unknown"
        )
    sizes = engines.entry(engine).abilities.sizes
    return min(sizes, key=lambda name: abs(sizes[name][0] / sizes[name][1] - width / height))


def verb_with_picture(engine: str) -> Verb:
    """How an engine begins from a picture. Raises `CannotMake`."""
    if engine in offering.engines_for(Verb.OWN):
        return Verb.OWN
    if Verb.PAN in engines.entry(engine).abilities.verbs:
        return Verb.PAN
    raise CannotMake(
        _("This engine makes nothing of a picture."),
        _("Send one of these as “model”: %(names)s.") % {"names": ", ".join(offering.from_a_picture())},
        code="input_reference_not_taken",
    )


def _engine_and_verb(model: str, with_picture: bool) -> tuple[str, Verb]:
    """The engine that was named, else the first that can. Raises `CannotMake`."""
    if not with_picture:
        return model or "native", Verb.TEXT
    engine = model or offering.from_a_picture()[0]
    return engine, verb_with_picture(engine)


class Mirror(APIView):
    """Errors in both shapes."""

    permission_classes = [SignedIn]

    def get_exception_handler(self) -> Callable[..., Response | None]:
        ours = super().get_exception_handler()

        def handle(error: Exception, context: dict[str, Any]) -> Response | None:
            answer: Response | None = ours(error, context)
            if answer is not None:
                answer.data |= {"error": upstream_error(answer.data, answer.status_code)}
            return answer

        return handle


def upstream_error(said: dict[str, Any], status: int) -> dict[str, Any]:
    """Our refusal as that API words one: message, type, param, code."""
    fields = said.get("fields") or {}
    param = next(iter(fields), None) if isinstance(fields, dict) else None
    if said["code"].startswith(("file_", "input_reference")):
        param = "input_reference"
    told = (
        [said["message"], said["hint"]]
        if not fields
        else [f"{name}: {_first(fields[name])}" for name in fields]
    )
    kind = (
        "server_error" if status >= 500 else "rate_limit_error" if status == 429 else "invalid_request_error"
    )
    return {"message": " ".join(filter(None, told)), "type": kind, "param": param, "code": said["code"]}


def _first(told: Any) -> str:
    return str(told[0]) if isinstance(told, list) and told else str(told)


def _row(viewer: Any, video: str) -> Generation:
    try:
        return access.generation_for(viewer, UUID(hex=video.removeprefix(PREFIX)))
    except ValueError:
        raise Http404 from None


class Videos(Mirror):
    parser_classes = [Json, FormParser, MultiPartParser]
    scopes = {"GET": "clips:read", "POST": "clips:write"}

    @extend_schema(responses=VideoOut(many=True), operation_id="v1_videos_list")
    def get(self, request: Request) -> Response:
        rows = access.generations(request.user)[:50]
        return Response({"object": "list", "data": [as_video(row) for row in rows]})

    @extend_schema(request=VideoIn, responses=VideoOut)
    @idempotent("videos")
    def post(self, request: Request) -> Response:
        asked = VideoIn(data=request.data)
        asked.is_valid(raise_exception=True)
        assert isinstance(request.user, User)
        wishes = dict(asked.validated_data)
        picture, now = wishes.pop("input_reference", None), timezone.now()
        engine, verb = _engine_and_verb(wishes.get("model", ""), picture is not None)
        asked_for: dict[str, Any] = {
            "engine": engine,
            "verb": verb,
            "aspect": aspect_of(engine, wishes["size"]),
        }
        if picture is not None:
            taken = footage.picture_for_one(maker=request.user, file=picture, now=now)
            asked_for["how"] = {"footage": [str(taken.public_id)]}
        arguments = showing.request_of(request.user, {**wishes, **asked_for})
        return Response(as_video(actions.request_generation(**arguments, now=now)))


class OneVideo(Mirror):
    scopes = {"GET": "clips:read", "DELETE": "clips:write"}

    @extend_schema(responses=VideoOut)
    def get(self, request: Request, video: str) -> Response:
        return Response(as_video(_row(request.user, video)))

    @extend_schema(responses=VideoOut)
    def delete(self, request: Request, video: str) -> Response:
        """Cancels what is not over; takes back what is finished."""
        row = _row(request.user, video)
        assert isinstance(request.user, User)
        if row.clip is not None:
            actions.delete_clip(clip=row.clip, by=request.user, now=timezone.now())
        else:
            with suppress(AlreadyOver):
                actions.cancel(generation=row, by=request.user, now=timezone.now())
        return Response({"id": video, "object": "video.deleted", "deleted": True})


class VideoContent(Mirror):
    scopes = {"GET": "clips:read"}

    @extend_schema(responses={(200, "video/mp4"): bytes})
    def get(self, request: Request, video: str) -> HttpResponseBase:
        row = _row(request.user, video)
        if row.clip is None:
            raise Http404
        file = access.clip_for(request.user, row.clip.public_id).renditions.get(kind="mp4_720")
        return showing.file_answer(request._request, file)
