"""What is typed before anything is asked for, for programs: fuller words, drafts, the check of a prompt."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api_auth import SignedIn
from generation import access, batches, composing, drafts, prompt_help
from generation.api import HowIn, person_of
from generation.models import ComposeDraft
from generation.refusals import CannotMake
from generation.states import Verb


class RewriteIn(serializers.Serializer[Any]):
    prompt = serializers.CharField(allow_blank=True, trim_whitespace=False, max_length=100_000)
    cast = serializers.ListField(child=serializers.UUIDField(), max_length=8, default=list)
    engine = serializers.CharField(default="native", max_length=40)


class ChangeOut(serializers.Serializer[Any]):
    before = serializers.CharField()
    after = serializers.CharField()
    why = serializers.CharField()


class RewriteOut(serializers.Serializer[Any]):
    text = serializers.CharField()
    changes = ChangeOut(many=True)


class DraftIn(serializers.Serializer[Any]):
    """The composer's fields as they are typed; nothing is judged."""

    prompt = serializers.CharField(allow_blank=True, trim_whitespace=False, max_length=20_000, default="")
    seconds = serializers.CharField(allow_blank=True, max_length=10, default="")
    aspect = serializers.CharField(allow_blank=True, max_length=9, default="")
    engine = serializers.CharField(allow_blank=True, max_length=40, default="")
    seed = serializers.CharField(allow_blank=True, max_length=12, default="")
    takes = serializers.CharField(allow_blank=True, max_length=2, default="")
    hide_prompt = serializers.BooleanField(default=False)
    remix = serializers.CharField(allow_blank=True, max_length=40, default="")
    product = serializers.CharField(allow_blank=True, max_length=40, default="")
    way = serializers.CharField(allow_blank=True, max_length=10, default="")
    cast = serializers.ListField(child=serializers.UUIDField(), max_length=8, default=list)


class DraftOut(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="public_id")
    wishes = serializers.DictField()
    updated_at = serializers.DateTimeField()


class CheckIn(serializers.Serializer[Any]):
    prompt = serializers.CharField(allow_blank=True, trim_whitespace=False, max_length=100_000)
    cast = serializers.ListField(child=serializers.UUIDField(), max_length=8, default=list)
    seconds = serializers.IntegerField(default=5, min_value=1, max_value=600)
    engine = serializers.CharField(default="native", max_length=40)
    takes = serializers.IntegerField(default=1, min_value=1, max_value=batches.MOST_TAKES)
    verb = serializers.ChoiceField(choices=Verb.choices, default=Verb.TEXT)
    clips = serializers.ListField(
        child=serializers.UUIDField(), max_length=8, default=list, help_text="The clips to go on from."
    )
    how = HowIn(required=False)


class CheckOut(serializers.Serializer[Any]):
    """`verdict`: allow, review, refuse or unchecked."""

    verdict = serializers.CharField()
    title = serializers.CharField()
    evidence = serializers.CharField()
    suggestion = serializers.CharField()
    unknown_words = serializers.ListField(child=serializers.CharField())
    estimate = serializers.DictField()
    balance = serializers.IntegerField()


class Rewrite(APIView):
    """The words, said fuller on this host, and what changed. Nothing is stored."""

    permission_classes = [SignedIn]
    scopes = {"POST": "clips:read"}

    @extend_schema(request=RewriteIn, responses=RewriteOut)
    def post(self, request: Request) -> Response:
        asked = RewriteIn(data=request.data)
        asked.is_valid(raise_exception=True)
        names = [cameo.name for cameo in composing.chosen_cast(asked.validated_data["cast"])]
        made = prompt_help.rewrite(asked.validated_data["prompt"], names, asked.validated_data["engine"])
        return Response(made.as_dict())


class Drafts(APIView):
    permission_classes = [SignedIn]
    scopes = {"GET": "clips:read", "POST": "clips:write"}

    @extend_schema(responses=DraftOut(many=True))
    def get(self, request: Request) -> Response:
        return Response(DraftOut(drafts.of(person_of(request)), many=True).data)

    @extend_schema(request=DraftIn, responses={201: DraftOut})
    def post(self, request: Request) -> Response:
        return Response(DraftOut(_keep_draft(request, None)).data, status=201)


class OneDraft(APIView):
    permission_classes = [SignedIn]
    scopes = {"PUT": "clips:write", "DELETE": "clips:write"}

    @extend_schema(request=DraftIn, responses=DraftOut)
    def put(self, request: Request, public_id: UUID) -> Response:
        """The composer's drafts alone: those of other forms have other fields."""
        draft = drafts.one(person_of(request), public_id)
        if draft.form:
            raise CannotMake(
                _("This draft belongs to another form."),
                _("Take it up on its page, or keep a new one."),
                code="draft_of_another_form",
            )
        return Response(DraftOut(_keep_draft(request, draft)).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, public_id: UUID) -> Response:
        drafts.forget(maker=person_of(request), public_id=drafts.one(person_of(request), public_id).public_id)
        return Response(status=204)


def _keep_draft(request: Request, draft: ComposeDraft | None) -> ComposeDraft:
    sent = DraftIn(data=request.data)
    sent.is_valid(raise_exception=True)
    cast = [str(one) for one in sent.validated_data.pop("cast")]
    wishes = drafts.wishes_of(sent.validated_data, cast)
    return drafts.keep(maker=person_of(request), wishes=wishes, now=timezone.now(), draft=draft)


class CheckPrompt(APIView):
    """What would happen to a prompt, while it is typed. Nothing is stored."""

    permission_classes = [SignedIn]
    scopes = {"POST": "clips:read"}

    @extend_schema(request=CheckIn, responses=CheckOut)
    def post(self, request: Request) -> Response:
        asked = CheckIn(data=request.data)
        asked.is_valid(raise_exception=True)
        wishes = asked.validated_data
        wishes["cast"] = composing.chosen_cast(wishes["cast"])
        wishes["clips"] = [access.clip_for(request.user, public_id) for public_id in wishes["clips"]]
        found = composing.check(maker=person_of(request), now=timezone.now(), **wishes)
        return Response(found.as_dict())
