"""Making for programs: serializer in, access and one action or query, JSON out."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import throttle
from accounts.api_auth import AnyoneMayRead, SignedIn
from accounts.idempotency import idempotent
from accounts.models import User
from accounts.parsing import Json
from generation import (
    access,
    actions,
    batches,
    bringing,
    explaining,
    layout,
    products,
    scores,
    script,
    showing,
    speakers,
    storyboard,
)
from generation.models import Clip, Generation
from generation.states import OPEN, State, Verb


def person_of(request: Request) -> User:
    """Who asks, behind `SignedIn`."""
    assert isinstance(request.user, User)
    return request.user


KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, description="A repeated POST has its effect once."
)


class LineIn(serializers.Serializer[Any]):
    who = serializers.CharField(max_length=40, allow_blank=True, default="", help_text="A likeness's id.")
    name = serializers.CharField(max_length=40, allow_blank=True, default="")
    text = serializers.CharField(max_length=script.MOST_LETTERS)


class ShotIn(serializers.Serializer[Any]):
    prompt = serializers.CharField(max_length=100_000)
    seconds = serializers.IntegerField(
        default=5, min_value=storyboard.SHOT_S[0], max_value=storyboard.SHOT_S[1]
    )
    cast = serializers.ListField(child=serializers.UUIDField(), max_length=8, required=False)
    camera = serializers.ChoiceField(choices=storyboard.CAMERAS[1:], required=False)
    begin = serializers.ChoiceField(choices=storyboard.BEGINNINGS[1:], required=False)

    lines = LineIn(many=True, required=False)


class TakeIn(ShotIn):
    """What is other in a shot that is taken again."""

    prompt = serializers.CharField(max_length=100_000, required=False)
    seconds = serializers.IntegerField(
        min_value=storyboard.SHOT_S[0], max_value=storyboard.SHOT_S[1], required=False
    )


class ProductIn(serializers.Serializer[Any]):
    """A product that this person may show: of their own shop, or of one that has an agreement with them."""

    id = serializers.UUIDField()
    way = serializers.ChoiceField(choices=products.WAYS, default=products.WAYS[0])


class MarkIn(serializers.Serializer[Any]):
    """Somebody or something on a drawn layout."""

    what = serializers.ChoiceField(choices=[layout.PERSON, *layout.THINGS])
    x = serializers.IntegerField(min_value=-100, max_value=100, help_text="From the left edge to the right.")
    depth = serializers.IntegerField(min_value=0, max_value=100, default=0, help_text="0 is near.")
    facing = serializers.ChoiceField(choices=layout.WAYS[1:], required=False)


class HowIn(serializers.Serializer[Any]):
    """What a verb needs besides words; each verb reads its own."""

    at_ms = serializers.ListField(
        child=serializers.IntegerField(), max_length=8, required=False, help_text="A moment a clip."
    )
    second = serializers.ListField(
        child=serializers.FloatField(), max_length=8, required=False, help_text="When each is passed."
    )
    more_s = serializers.IntegerField(required=False, min_value=1, max_value=60)
    backwards = serializers.BooleanField(required=False)
    person = serializers.IntegerField(required=False, min_value=0, max_value=2)
    product = ProductIn(required=False, help_text="Text, still and storyboard: what the scene shows.")
    shots = serializers.ListField(child=ShotIn(), required=False, max_length=40)
    series = serializers.UUIDField(
        required=False, help_text="storyboard: one's own series, of which it is an episode."
    )
    shot = serializers.IntegerField(required=False, min_value=0, max_value=40, help_text="Which one again.")
    take = TakeIn(required=False)
    layout = MarkIn(many=True, required=False)
    footage = serializers.ListField(
        child=serializers.UUIDField(),
        max_length=12,
        required=False,
        help_text="Films or photos of one's own.",
    )
    music = serializers.ChoiceField(choices=bringing.MUSIC, required=False)
    move = serializers.ChoiceField(
        choices=bringing.MOVES, required=False, help_text="pan: where the camera goes over the picture."
    )
    fade = serializers.BooleanField(required=False)
    steady = serializers.BooleanField(required=False)
    name = serializers.CharField(
        max_length=60, required=False, help_text="promo: what the product is called."
    )
    lines = serializers.ListField(
        child=serializers.CharField(max_length=bringing.PROMO_LINE), max_length=6, required=False
    )
    call = serializers.CharField(max_length=40, required=False, help_text="promo: the last line.")
    text = serializers.CharField(
        max_length=4 * explaining.MOST_TEXT, required=False, help_text="explain: a text or transcript."
    )
    title = serializers.CharField(max_length=bringing.TITLE, required=False, allow_blank=True)
    voice = serializers.ChoiceField(
        choices=speakers.WISHES,
        required=False,
        help_text="none: captions alone; storyboard: stock: nobody's voice; else as near as each allows.",
    )
    draw = serializers.BooleanField(required=False, help_text="explain: draw where there are no photos.")


class GenerationIn(serializers.Serializer[Any]):
    prompt = serializers.CharField(allow_blank=True, trim_whitespace=False, max_length=100_000, default="")
    verb = serializers.ChoiceField(
        choices=[verb for verb in Verb if verb != Verb.PLAY],
        required=False,
        help_text="Without one: remix where a clip is given, else text.",
    )
    clips = serializers.ListField(
        child=serializers.UUIDField(), max_length=8, required=False, help_text="The clips to go on from."
    )
    how = HowIn(required=False)
    cast = serializers.ListField(child=serializers.UUIDField(), max_length=8, default=list)
    remix = serializers.UUIDField(required=False, allow_null=True, help_text="The clip to remix.")
    seconds = serializers.IntegerField(default=5, min_value=1, max_value=600)
    aspect = serializers.CharField(default="9:16", max_length=9)
    engine = serializers.CharField(default="native", max_length=40)
    seed = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=2**31 - 1)
    hide_prompt = serializers.BooleanField(default=False, help_text="Nobody reads the words on the clip.")
    preview = serializers.BooleanField(default=False, help_text="A quick one at half the size.")


class TakesIn(GenerationIn):
    takes = serializers.IntegerField(default=2, min_value=2, max_value=batches.MOST_TAKES)


class RefusalOut(serializers.Serializer[Any]):
    stage = serializers.CharField()
    rule = serializers.CharField()
    evidence = serializers.CharField()
    suggestion = serializers.CharField()


class GenerationOut(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="public_id")
    url = serializers.SerializerMethodField()
    state = serializers.CharField()
    step = serializers.IntegerField()
    steps = serializers.IntegerField()
    percent = serializers.IntegerField()
    prompt = serializers.CharField()
    verb = serializers.CharField()
    seconds = serializers.IntegerField()
    aspect = serializers.CharField()
    engine = serializers.CharField()
    seed = serializers.IntegerField()
    credits = serializers.IntegerField()
    told = serializers.ListField(child=serializers.CharField(), help_text="Words without a picture.")
    how = serializers.DictField()
    error = serializers.CharField()
    refusal = serializers.SerializerMethodField()
    clip = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()

    def get_url(self, row: Generation) -> str:
        return f"/generations/{row.public_id}"

    @extend_schema(responses=RefusalOut)
    def get_refusal(self, row: Generation) -> dict[str, str] | None:
        if not row.refusal_rule:
            return None
        return {
            "stage": row.refusal_stage,
            "rule": row.refusal_rule,
            "evidence": row.refusal_evidence,
            "suggestion": row.refusal_suggestion,
        }

    def get_clip(self, row: Generation) -> str | None:
        return str(row.clip.public_id) if row.clip and not row.clip.is_gone else None


class ClipOut(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="public_id")
    maker = serializers.CharField(source="maker.username")
    prompt = serializers.SerializerMethodField()
    engine = serializers.CharField()
    seed = serializers.IntegerField()
    duration_ms = serializers.IntegerField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    cast_count = serializers.IntegerField()
    sealed_at = serializers.DateTimeField()
    files = serializers.SerializerMethodField()
    scores = serializers.SerializerMethodField()

    def get_scores(self, clip: Clip) -> dict[str, float | None] | None:
        """What was measured of it; its maker alone is told, null for everybody else."""
        row = scores.of(clip) if clip.maker_id == self.context["viewer"].pk else None
        return {name: getattr(row, name) for name in scores.NAMES} if row else None

    def get_prompt(self, clip: Clip) -> str:
        return "" if clip.prompt_hidden else clip.prompt

    def get_files(self, clip: Clip) -> dict[str, str]:
        return {rendition.kind: rendition.url for rendition in clip.renditions.all()}


class VerifyIn(serializers.Serializer[Any]):
    file = serializers.FileField()


class Generations(APIView):
    permission_classes = [SignedIn]
    scopes = {"GET": "clips:read", "POST": "clips:write"}

    @extend_schema(
        responses=GenerationOut(many=True),
        parameters=[OpenApiParameter("open", bool, description="Only those that are not over.")],
        operation_id="generations_list",
    )
    def get(self, request: Request) -> Response:
        rows = access.generations(request.user)
        if request.query_params.get("open"):
            rows = rows.filter(state__in=OPEN - {State.PLAYING})  # a player knows that they play
        return Response(GenerationOut(rows[:100], many=True).data)

    @extend_schema(request=GenerationIn, responses={201: GenerationOut}, parameters=[KEY])
    @idempotent("generations")
    def post(self, request: Request) -> Response:
        wishes = GenerationIn(data=request.data)
        wishes.is_valid(raise_exception=True)
        asked = showing.request_of(person_of(request), wishes.validated_data)
        made = actions.request_generation(**asked, now=timezone.now())
        return Response(GenerationOut(made).data, status=201)


class OneGeneration(APIView):
    permission_classes = [SignedIn]
    scopes = {"GET": "clips:read"}

    @extend_schema(responses=GenerationOut)
    def get(self, request: Request, public_id: UUID) -> Response:
        return Response(GenerationOut(access.generation_for(request.user, public_id)).data)


class CancelGeneration(APIView):
    permission_classes = [SignedIn]
    scopes = {"POST": "clips:write"}

    @extend_schema(request=None, responses=GenerationOut)
    def post(self, request: Request, public_id: UUID) -> Response:
        row = access.generation_for(request.user, public_id)
        actions.cancel(generation=row, by=person_of(request), now=timezone.now())
        return Response(GenerationOut(access.generation_for(request.user, public_id)).data)


class Takes(APIView):
    """Several takes of the same wishes; the best by its scores stands first in the batch."""

    permission_classes = [SignedIn]
    scopes = {"POST": "clips:write"}

    @extend_schema(request=TakesIn, responses={201: GenerationOut(many=True)}, parameters=[KEY])
    @idempotent("takes")
    def post(self, request: Request) -> Response:
        wishes = TakesIn(data=request.data)
        wishes.is_valid(raise_exception=True)
        asked = showing.request_of(person_of(request), wishes.validated_data) | {"is_preview": False}
        made = batches.request(takes=wishes.validated_data["takes"], **asked, now=timezone.now())
        return Response(GenerationOut(made, many=True).data, status=201)


class OneBatch(APIView):
    permission_classes = [SignedIn]
    scopes = {"GET": "clips:read"}

    @extend_schema(responses=GenerationOut(many=True), operation_id="generations_batch")
    def get(self, request: Request, batch: UUID) -> Response:
        takes = batches.best_first(access.batch_for(request.user, batch))
        return Response(GenerationOut([take.generation for take in takes], many=True).data)


class OneClip(APIView):
    permission_classes = [AnyoneMayRead]
    scopes = {"GET": "clips:read", "DELETE": "clips:write"}

    @extend_schema(responses=ClipOut)
    def get(self, request: Request, public_id: UUID) -> Response:
        clip = access.clip_for(request.user, public_id)
        return Response(ClipOut(clip, context={"viewer": request.user}).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, public_id: UUID) -> Response:
        own = access.own_clip(request.user, public_id)
        actions.delete_clip(clip=own, by=person_of(request), now=timezone.now())
        return Response(status=204)


class Verify(APIView):
    """Where a file comes from. Open to everybody; the file is looked at and not kept."""

    permission_classes = [AllowAny]
    parser_classes = [MultiPartParser, Json]

    @extend_schema(request={"multipart/form-data": VerifyIn}, responses={200: dict})
    def post(self, request: Request) -> Response:
        from generation.provenance import verify  # Loads OpenCV and C2PA: only when somebody asks.

        throttle.verify(throttle.client_address(request._request), timezone.now())
        asked = VerifyIn(data=request.data)
        asked.is_valid(raise_exception=True)
        findings = verify.examine_upload(asked.validated_data["file"], viewer=request.user)
        return Response(asdict(findings))
